//! The gate that the guide for CI describes, on faults that somebody made in Vera's
//! code generator; and what compiling takes.

use std::fs;

use serde_json::Value;

use super::{assert_says, compare, row, rows, summary};
use crate::common::planted::{Fault, copy_of_vera};
use crate::common::{Place, RELEASE, Ran, main_of};

/// The command of the guide, without its `--json`, with these versions.
fn gate(base: &str, other: &str) -> Vec<String> {
    let guide = fs::read_to_string("docs/ci.md").unwrap();
    let command = guide
        .lines()
        .find_map(|line| line.strip_prefix("$ vera-stress compare "))
        .expect("the guide has a gate");
    let words = command.split_whitespace().map(|word| match word {
        "latest" => base,
        "." => other,
        word => word,
    });
    let mut words: Vec<String> = words.map(str::to_owned).collect();
    let json = words.iter().position(|it| it == "--json").unwrap();
    words.drain(json..json + 2);
    words
}

/// Runs the gate for a fault, on these scenarios or on all.
fn judged(place: &Place, fault: Fault, scenarios: &[&str]) -> Ran {
    let faulty = fault.plant(place);
    let gate = gate(RELEASE, faulty.to_str().unwrap());
    let mut arguments: Vec<&str> = gate.iter().map(String::as_str).collect();
    arguments.extend(scenarios);
    compare(place, &arguments)
}

/// What the first of the regressions says.
fn first_regression(ran: &Ran) -> &str {
    let mut lines = ran.stdout.lines().skip_while(|it| *it != "Regressions");
    lines.nth(1).unwrap_or_default()
}

/// Whether the gate closes, and what stands first.
#[track_caller]
fn closes(fault: Fault, scenarios: &[&str], words: &[&str]) {
    let place = Place::new();
    let ran = judged(&place, fault, scenarios).exits(1);
    for word in words {
        assert!(
            first_regression(&ran).contains(word),
            "no `{word}` in {ran}"
        );
    }
}

#[test]
fn the_gate_closes_on_an_unrooted_temporary_that_only_some_lanes_show() {
    let place = Place::new();
    let ran = judged(&place, Fault::Root, &["match-arms", "life"]).exits(1);
    let first = first_regression(&ran);
    assert!(first.contains("match-arms [native+sanitize"), "{ran}");
    assert!(first.ends_with("] n=48: pass -> corrupt"), "{ran}");
    assert_says(
        &ran,
        "\n              corrupt: store of 4 bytes at byte 0 of the freed block",
    );
    assert_says(
        &ran,
        "\n              also [reference+eager] n=48 pass -> wrong\n",
    );
    // A clock may say something of the others, and the counts are the same.
    let regressions = summary(&ran)["regressions"].as_array().unwrap();
    let fails = |it: &&Value| it["verdicts"][0] != it["verdicts"][1];
    let failing = regressions.iter().filter(fails);
    let failing = failing.map(|it| &rows(&ran)[it["row"].as_u64().unwrap() as usize]["scenario"]);
    assert!(failing.into_iter().all(|it| it == "match-arms"), "{ran}");
    let cells = &row(&ran, "life [native] n=100")["cells"];
    assert_eq!(cells[0]["instructions"], cells[1]["instructions"], "{ran}");
}

#[test]
fn the_gate_closes_on_a_loop_that_has_become_quadratic() {
    let words = ["split-join-short [native", "instructions "];
    let place = Place::new();
    let texts = "array_map(array_range(0, nat_to_int(@Nat.0)), fn(@Int -> @String) effects(pure) { \"ab\" })";
    place
        .scenario("split-join-short")
        .n(400)
        .program(&main_of(
            "@Nat",
            "pure",
            &format!("string_length(string_join({texts}, \",\"))"),
        ))
        .expect("value = \"3 * n - 1\"")
        .write();
    let ran = judged(&place, Fault::Quadratic, &["split-join-short"]).exits(1);
    for word in words {
        assert!(first_regression(&ran).contains(word), "{ran}");
    }
}

#[test]
fn the_gate_closes_on_what_is_wrong_in_every_lane() {
    closes(
        Fault::Operator,
        &["life"],
        &["life [", "n=100", ": pass -> wrong"],
    );
}

#[test]
#[ignore = "nightly: the whole catalogue, twice for each of five faults"]
fn nightly_the_gate_of_the_guide_closes_on_each_planted_fault() {
    closes(Fault::Root, &[], &["pass -> corrupt"]);
    closes(Fault::Quadratic, &[], &["instructions "]);
    closes(Fault::Dropped, &[], &["-> wrong"]);
    closes(Fault::Leak, &[], &["pass -> corrupt"]);
    closes(Fault::Operator, &[], &["life [", "pass -> wrong"]);
}

#[test]
#[ignore = "nightly: the whole catalogue, twice"]
fn nightly_the_gate_of_the_guide_is_open_where_nothing_changed() {
    let place = Place::new();
    let copy = copy_of_vera(&place, "healthy");
    let gate = gate(RELEASE, copy.to_str().unwrap());
    let arguments: Vec<&str> = gate.iter().map(String::as_str).collect();
    let ran = compare(&place, &arguments).exits(0);
    assert_eq!(summary(&ran)["changes"], Value::Array(vec![]), "{ran}");
}

/// A compiler that takes more time and memory for whatever it compiles.
const SLOWER: &str = "
_compile = compile


def compile(*args, **options):
    block = b'x' * (96 << 20)
    for _ in range(40_000_000):
        pass
    del block
    return _compile(*args, **options)
";

#[test]
fn what_compiling_takes_is_compared_once_for_a_program() {
    let place = Place::new();
    place.good();
    let slower = copy_of_vera(&place, "slower");
    let api = slower.join("vera/codegen/api.py");
    let text = fs::read_to_string(&api).unwrap();
    fs::write(&api, format!("{text}{SLOWER}")).unwrap();
    let versions = ["--vera", RELEASE, "--vera", slower.to_str().unwrap()];
    let arguments = [&["good", "--fail-on", "regression"], &versions[..]].concat();
    let ran = compare(&place, &arguments).exits(1);
    let regressions = summary(&ran)["regressions"].as_array().unwrap();
    assert_eq!(regressions.len(), 1, "{ran}");
    let steps = regressions[0]["steps"].as_array().unwrap();
    // What the worker keeps of compiling may be seen in the process that runs, too.
    for quantity in ["compile", "compile-memory"] {
        assert!(steps.iter().any(|it| it["quantity"] == quantity), "{ran}");
    }
    let cells = &row(&ran, "good [reference] n=100")["cells"];
    assert!(
        cells[0]["compile"].is_f64() && cells[1]["compile"].is_f64(),
        "{ran}"
    );
    // It is told of one lane, whichever compile it was.
    let said = |row: &&Value| !row["cells"][1]["compile"].is_null();
    assert_eq!(rows(&ran).into_iter().filter(said).count(), 1, "{ran}");
    // The same Vera takes the same.
    let same = [
        &["good", "--fail-on", "regression"],
        &["--vera", RELEASE, "--vera", RELEASE][..],
    ]
    .concat();
    compare(&place, &same).exits(0);
}
