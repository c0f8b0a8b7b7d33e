//! `--against`: the versions are compared with a recorded run.

use super::{LIST, assert_says, changes, columns, compare, compare_list, row, verdicts};
use crate::common::Place;
use crate::common::three_scenarios;

#[test]
fn a_recorded_run_is_the_first_version() {
    let place = Place::new();
    let run = place
        .process()
        .arg("run")
        .args(LIST)
        .args(["--vera", "0.1.8"])
        .output();
    place.ran(run.unwrap()).exits(0);
    let fail = ["--fail-on", "regression"];
    let ran = compare_list(
        &place,
        &["0.1.9"],
        &[&["--against", "last"], &fail[..]].concat(),
    );
    let ran = ran.exits(1);
    assert_eq!(columns(&ran), ["run 1 (0.1.8)", "0.1.9"]);
    assert_eq!(ran.events[0]["columns"][0]["vera"], "0.1.8");
    assert_eq!(changes(&ran), [("regression".into(), "0.1.9".into())]);
    assert_says(&ran, "\n  run 1 (0.1.8)  pass        171,202   1.00x ");
    assert_says(&ran, " on 2 versions of Vera (run 1 (0.1.8), 0.1.9), ");
    // What was recorded of the comparison is no run to be found by `last`.
    compare_list(
        &place,
        &["0.1.8"],
        &[&["--against", "last"], &fail[..]].concat(),
    )
    .exits(0);
    let ran = compare_list(
        &place,
        &["0.1.7..0.1.8"],
        &[&["--against", "1"], &fail[..]].concat(),
    );
    assert_eq!(columns(&ran.exits(0)), ["run 1 (0.1.8)", "0.1.7", "0.1.8"]);
}

#[test]
fn a_run_that_is_not_there_is_named() {
    let place = Place::new();
    compare_list(&place, &["0.1.9"], &["--against", "last"])
        .exits(2)
        .says(&["     next: "]);
    place.good();
    place.run(&["good", "--lane", "native"]).exits(0);
    compare_list(&place, &["0.1.9"], &["--against", "7"])
        .exits(2)
        .says(&[
            "there is no run 7 in .vera-stress/history.db",
            "next: `vera-stress history` lists the runs",
        ]);
    compare_list(&place, &["0.1.9"], &["--against", "newest"]).exits(2);
    let climb = ["climb", "good", "--catalogue", "catalogue", "--to", "8"];
    let climbed = place.process().args(climb).output();
    place.ran(climbed.unwrap()).exits(0);
    compare_list(&place, &["0.1.9"], &["--against", "2"])
        .exits(2)
        .says(&["is a climb, which has no cases to compare with"]);
}

#[test]
fn a_run_that_has_none_of_the_cases_is_no_base() {
    let place = Place::new();
    place.good();
    place.run(&["good", "--lane", "native"]).exits(0);
    let arguments = [
        "good",
        "--vera",
        "0.2.4",
        "--against",
        "last",
        "--fail-on",
        "regression",
    ];
    let at = |scale| [&arguments[..], &["--lane", "native", "--scale", scale]].concat();
    compare(&place, &at("100")).exits(0);
    let ran = compare(&place, &at("99")).exits(4).says(&[
        "nothing could be compared with run 1 (0.2.5): it has none of these cases",
        "     next: ",
    ]);
    assert!(!ran.stdout.contains("the same on all versions"), "{ran}");
    // Of two lanes it has one.
    let ran = compare(
        &place,
        &[&arguments[..], &["--lane", "native,reference"]].concat(),
    );
    let ran = ran.exits(0);
    assert_says(
        &ran,
        "\n1 case is the same on all versions: good [native] n=100\n",
    );
    assert_says(
        &ran,
        "\n1 case is not compared, since fewer than two versions say anything of it: good [reference] n=100\n",
    );
}

#[test]
fn a_limit_that_was_known_then_is_the_failure_that_it_is() {
    let place = three_scenarios();
    let limit = "[[known]]\nvera = \"*\"\nlanes = [\"*\"]\nfrom_n = 7\nverdict = \"wrong\"\nbecause = \"It is two.\"\n";
    let file = place.path("catalogue/left/bad/scenario.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n{limit}")).unwrap();
    place.run(&["bad", "--lane", "native"]).exits(0);
    let arguments = [
        "bad",
        "--lane",
        "native",
        "--vera",
        "0.2.4",
        "--against",
        "last",
        "--fail-on",
        "regression",
    ];
    let ran = compare(&place, &arguments).exits(0);
    assert_eq!(
        verdicts(row(&ran, "bad [native] n=1000")),
        ["wrong", "wrong"]
    );
    assert_eq!(changes(&ran), []);
    let because = &row(&ran, "bad [native] n=1000")["cells"][1]["because"];
    assert_eq!(because, "It is two.");
}

#[test]
fn other_random_numbers_are_other_work() {
    let place = Place::new();
    let random = ["random-bounds", "--lane", "native", "--scale", "100"];
    let run = place
        .process()
        .arg("run")
        .args(random)
        .args(["--seed", "1"])
        .output();
    place.ran(run.unwrap()).exits(0);
    let seeded = |seed| [&random[..], &["--against", "last", "--seed", seed]].concat();
    compare(&place, &seeded("2"))
        .exits(4)
        .says(&["and with the same seed"]);
    let ran = compare(&place, &seeded("1")).exits(0);
    assert_says(
        &ran,
        "\n1 case is the same on all versions: random-bounds [native] n=100\n",
    );
}
