//! Which versions are compared, and what is said of those that cannot be.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use rustix::process::Signal;

use super::{
    ALIKE, assert_says, changes, columns, compare, compare_list, process, row, summary, verdicts,
};
use crate::common::{
    Place, Ran, identity, main_of, only_script, patient_folder, release_python, signal, user_cache,
    wait_for,
};

const NATIVE: [&str; 3] = ["good", "--lane", "native"];

/// A place whose cache has two releases, and which no package index answers.
fn offline() -> Place {
    let place = Place::new();
    place.good();
    fs::create_dir_all(place.path("cache/toolchains")).unwrap();
    for release in ["0.2.4", "0.2.5"] {
        release_python(release);
        let installed = user_cache().join("toolchains").join(release);
        symlink(installed, place.path("cache/toolchains").join(release)).unwrap();
    }
    place
}

fn compare_offline(place: &Place, arguments: &[&str]) -> Ran {
    let output = process(place, &[&NATIVE[..], arguments].concat())
        .args(["--cache-dir", "cache"])
        .env("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        .env("PIP_RETRIES", "0")
        .output();
    place.ran(output.unwrap())
}

#[test]
fn what_cannot_be_set_up_is_a_column_that_says_why() {
    let place = offline();
    fs::create_dir(place.path("empty")).unwrap();
    let broken = only_script(&place, "python", "exit 3");
    let broken = broken.join("python").display().to_string();
    let named = ["0.2.4", "empty", &broken, "0.0.1", "0.2.5"];
    let arguments: Vec<&str> = named.iter().flat_map(|it| ["--vera", *it]).collect();
    let ran = compare_offline(&place, &arguments).exits(0);
    assert_eq!(
        columns(&ran),
        ["0.2.4", "empty", broken.as_str(), "0.0.1", "0.2.5"]
    );
    for (name, why) in [
        ("empty", "holds no Vera: there is no `vera` package"),
        (&broken, "cannot import Vera"),
        (
            "0.0.1",
            "Vera 0.0.1 could not be installed: the package index cannot be reached",
        ),
    ] {
        let line = ran
            .stdout
            .lines()
            .find(|it| it.starts_with(&format!("NOT COMPARED {name}: ")));
        let line = line.unwrap_or_else(|| panic!("nothing of {name} in {ran}"));
        assert!(line.contains(why), "{line}");
    }
    assert_says(&ran, "on 2 versions of Vera (0.2.4, 0.2.5)");
    assert_says(
        &ran,
        "\n1 case is the same on all versions: good [native] n=100\n",
    );
    assert_eq!(
        verdicts(row(&ran, "good [native] n=100")),
        ["pass", "none", "none", "none", "pass"]
    );
    for column in 1..=3 {
        let column = &ran.events[0]["columns"][column];
        assert!(
            column["vera"].is_null() && column["unusable"].is_string(),
            "{column}"
        );
    }
    let unusable = ["--vera", "empty", "--fail-on", "regression"];
    compare_offline(&place, &[&ALIKE[..], &unusable].concat()).exits(3);
}

#[test]
fn a_release_that_there_is_not_is_a_column_of_its_own() {
    let place = Place::new();
    let ran = compare_list(
        &place,
        &["0.0.1", "0.1.8", "0.1.9"],
        &["--fail-on", "regression"],
    );
    // What is worse is worse, whatever else cannot be compared.
    let ran = ran.exits(1);
    assert_says(&ran, "\nNOT COMPARED 0.0.1: ");
    assert_eq!(changes(&ran), [("regression".into(), "0.1.9".into())]);
    assert_says(&ran, "pass        171,202   1.00x");
}

#[test]
fn fewer_than_two_versions_are_nothing_to_compare() {
    let place = offline();
    fs::create_dir(place.path("empty")).unwrap();
    for arguments in [
        &["--vera", "0.2.5", "--vera", "empty"][..],
        &["--vera", "empty", "--vera", "./empty"],
    ] {
        let ran = compare_offline(&place, arguments).exits(3).says(&[
            "empty holds no Vera",
            "there are not two versions that could be set up, so there is nothing to compare",
        ]);
        assert_eq!(ran.stdout, "", "{ran}");
    }
    assert!(
        !place.path(".vera-stress").exists(),
        "nothing ran, so nothing is recorded"
    );
}

#[test]
fn a_version_alone_is_compared_with_the_release_before_it() {
    let place = Place::new();
    let ran = compare_list(&place, &["0.1.9"], &[]).exits(0);
    assert_eq!(columns(&ran), ["0.1.8", "0.1.9"]);
    let place = offline();
    // Without a word it is the default.
    let ran = compare_offline(&place, &[]).exits(0);
    assert_eq!(columns(&ran), ["0.2.4", "0.2.5"]);
    ran.says(&[
        "the package index cannot be asked, so these releases are all that is known: 0.2.4, 0.2.5",
    ]);
    let ran = compare_offline(&place, &["--vera", "0.2.4"]).exits(2);
    ran.says(&[
        "there is no release before 0.2.4 to compare it with",
        "next: name another version",
    ]);
}

#[test]
fn ranges_are_of_what_is_known_where_no_index_answers() {
    let place = offline();
    let ran = compare_offline(&place, &["--vera", "0.2.4.."]).exits(0);
    assert_eq!(columns(&ran), ["0.2.4", "0.2.5"]);
    let ran = compare_offline(&place, &["--vera", "0.3.0..0.4.0"]).exits(3);
    ran.says(&[
        "there is no Vera release 0.3.0..0.4.0",
        "next: choose one of: 0.2.4, 0.2.5",
    ]);
}

#[test]
fn what_makes_no_sense_is_refused_with_what_to_write() {
    let place = Place::new();
    let refused = |arguments: &[&str], code: i32, words: &str| {
        let output = place.process().args(arguments).output().unwrap();
        let ran = place.ran(output).exits(code).says(&[words]);
        assert_eq!(ran.stdout, "", "{ran}");
    };
    refused(
        &["compare", "life", "--vera", "0.2.5..0.1.5"],
        2,
        "`0.2.5..0.1.5` is a range from newer to older",
    );
    refused(
        &["compare", "life", "--vera", "0.2.4..now"],
        2,
        "`0.2.4..now` is no range of releases",
    );
    refused(
        &["compare", "life", "--vera", "0.2.4,0.2.5"],
        2,
        "`0.2.4,0.2.5` names several versions in one value",
    );
    let two = [&["run", "life"], &ALIKE[..]].concat();
    refused(
        &two,
        2,
        "--vera is given 2 times, and this command takes one\n     next: ",
    );
    for command in ["run", "climb"] {
        refused(
            &[command, "life", "--vera", "0.2.4..0.2.5"],
            2,
            "`0.2.4..0.2.5` is a range of releases, and this command takes one\n     next: ",
        );
    }
    refused(
        &[&["compare"], &ALIKE[..], &["--lane", "natve"]].concat(),
        2,
        "there is no lane `natve`",
    );
    refused(
        &[&["compare", "lyfe"], &ALIKE[..]].concat(),
        4,
        "did you mean `life`?",
    );
    let nowhere = ["compare", "life", "--json", "nowhere/events.jsonl"];
    refused(
        &[&nowhere[..], &ALIKE].concat(),
        2,
        "nowhere/events.jsonl cannot be written: ",
    );
    refused(
        &[&["compare", "life", "--climb-budget", "1s"], &ALIKE[..]].concat(),
        2,
        "--climb",
    );
    refused(
        &[&["compare", "life", "--fail-on", "all"], &ALIKE[..]].concat(),
        2,
        "regression",
    );
    refused(
        &[&["compare", "life", "--drift", "0.5"], &ALIKE[..]].concat(),
        2,
        "--drift",
    );
}

#[test]
fn cases_that_no_two_versions_say_anything_of_are_no_success() {
    let place = Place::new();
    let body = r#"match json_parse("nothing") { Ok(@Json) -> 1, Err(@String) -> 2 }"#;
    place
        .scenario("reads")
        .program(&main_of("@Int", "<IO>", body))
        .expect("value = \"2\"")
        .write();
    let native = [&["reads", "--lane", "native"], &ALIKE[..]].concat();
    let ran = compare(&place, &native).exits(4).says(&[
        "nothing could be compared: there are no two versions that say anything of a case",
        "     next: ",
    ]);
    assert_says(&ran, "\n1 case is not compared, ");
    assert_eq!(
        verdicts(row(&ran, "reads [native] n=10")),
        ["unsupported"; 2]
    );
    let ran = compare(&place, &[&["reads"], &ALIKE[..]].concat()).exits(0);
    // Its times are a machine's, so that whether it is the same is not asked here.
    for lane in ["reference", "reference+eager"] {
        let case = format!("reads [{lane}] n=10");
        assert_eq!(verdicts(row(&ran, &case)), ["pass"; 2]);
    }
    assert_says(
        &ran,
        "say anything of it: reads [native, native+sanitize] n=10\n",
    );
}

#[test]
fn cases_that_were_not_run_fail_it_and_are_named_with_the_reason() {
    let place = Place::new();
    place.good();
    let good = [&NATIVE[..], &ALIKE].concat();
    let ran = compare(&place, &[&good[..], &["--budget", "1ms"]].concat()).exits(1);
    assert_says(
        &ran,
        "\nNOT RUN good [native]: the suite's budget of 1ms was spent",
    );
    assert!(!ran.stdout.contains("the same on all versions"), "{ran}");
    assert_eq!(summary(&ran)["not_run"], 2);
    // What the scenario itself lacks is bad usage.
    place
        .scenario("unjudged")
        .program(&identity())
        .expect("value = \"nonsense(n)\"")
        .write();
    let ran = compare(&place, &[&["unjudged", "good"], &ALIKE[..]].concat()).exits(2);
    assert_says(
        &ran,
        "\nNOT RUN unjudged [reference, reference+eager, native, native+sanitize]: the scenario cannot be judged: ",
    );
    assert_says(
        &ran,
        "the same on all versions: good [reference, reference+eager, native, native+sanitize] n=100\n",
    );
}

/// Says that it began, and never ends.
const WAITS: &str = r#"private fn wait(@Nat -> @Nat)
  requires(true) ensures(true) effects(<IO, Diverge>)
{
  IO.sleep(20);
  wait(@Nat.0)
}

public fn main(@Nat -> @Nat)
  requires(true) ensures(true) effects(<IO, Diverge>)
{
  let @Result<Unit, String> = IO.write_file("./started", "");
  wait(@Nat.0)
}
"#;

#[test]
fn an_interruption_ends_it_with_what_is_known_so_far() {
    let place = Place::new();
    place.good();
    place
        .scenario("waits")
        .program(WAITS)
        .tables("[budget]\nwall = \"10m\"")
        .write();
    let temporary = place.path("tmp");
    fs::create_dir(&temporary).unwrap();
    let running = process(
        &place,
        &["--lane", "reference", "good", "waits", "--jobs", "1"],
    )
    .args(ALIKE)
    .env("TMPDIR", &temporary)
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    wait_for("the second case", || patient_folder(&temporary));
    signal(running.id() as i32, Signal::INT);
    let ran = place.ran(running.wait_with_output().unwrap()).exits(130);
    assert_says(
        &ran,
        "\n1 case is the same on all versions: good [reference] n=100\n",
    );
    assert_says(
        &ran,
        "\nNOT RUN waits [reference]: the run was interrupted\n",
    );
    assert_says(&ran, ", interrupted");
    assert_eq!(summary(&ran)["interrupted"], true);
    assert_eq!(
        verdicts(row(&ran, "waits [reference] n=10")),
        ["not-run", "not-run"]
    );
    let shown = place.process().arg("history").output().unwrap();
    assert_says(&place.ran(shown).exits(0), "interrupted");
}
