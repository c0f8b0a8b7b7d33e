//! The harness fails where it must: programs that are known to be wrong on old
//! releases of Vera. A harness that passes these is worse than none.

use std::path::Path;
use std::process::Command;

use crate::common::{self, Place, Ran};

/// Runs built-in scenarios on a release.
fn run(place: &Place, vera: &str, arguments: &[&str]) -> Ran {
    let mut command = place.process();
    command.args(["run", "--vera", vera, "--json", "events.jsonl"]);
    let output = command.args(arguments).output().unwrap();
    place.ran(output)
}

/// The smallest failing n of a scenario and the n that passes below it.
fn smallest(ran: &Ran, scenario: &str) -> (u64, u64) {
    let found = &ran.case(scenario)["smallest"];
    assert_eq!(found["exact"], true, "{ran}");
    (
        found["fails"].as_u64().unwrap(),
        found["passes"].as_u64().unwrap(),
    )
}

#[test]
fn on_0_1_5_each_positive_control_fails_with_its_smallest_n() {
    let place = Place::new();
    let names = [
        "cross-module-strings",
        "linked-list",
        "string-interpolation",
    ];
    let mut arguments = vec!["--lane", "reference", "--budget", "30m"];
    arguments.extend(names);
    let ran = run(&place, "0.1.5", &arguments).exits(1);
    assert_eq!(ran.case("linked-list")["n"], 100_000);
    assert_eq!(ran.case("string-interpolation")["n"], 100_000);
    let ran = ran
        .fails("cross-module-strings", "trap", "n=10000: trap unreachable")
        .fails(
            "linked-list",
            "wrong",
            "n=100000: expected 5000050000, got 2427361604944",
        )
        .fails("string-interpolation", "wrong", "n=100000: expected ");

    // What VERA.md measured: right at 80,000 and wrong at 82,000; right at
    // 80,000 or so and wrong below 95,000.
    let (fails, passes) = smallest(&ran, "linked-list");
    assert_eq!(fails, passes + 1);
    assert!((80_001..=82_000).contains(&fails), "{fails}");
    let (fails, passes) = smallest(&ran, "string-interpolation");
    assert_eq!(fails, passes + 1);
    assert!((80_001..=95_000).contains(&fails), "{fails}");
    let (fails, passes) = smallest(&ran, "cross-module-strings");
    assert_eq!(fails, passes + 1);
    assert!((1_000..10_000).contains(&fails), "{fails}");

    for name in names {
        assert!(
            ran.stdout
                .contains(&format!("again: vera-stress run {name} ")),
            "{ran}"
        );
    }
}

#[test]
fn the_folder_of_a_failure_shows_it_again_with_python_alone() {
    let place = Place::new();
    let arguments = [
        "cross-module-strings",
        "--lane",
        "reference",
        "--scale",
        "5000",
        "--no-shrink",
    ];
    let ran = run(&place, "0.1.5", &arguments).exits(1);
    let folder = place.path(ran.case("cross-module-strings")["folder"].as_str().unwrap());
    for file in [
        "repro.sh",
        "report.md",
        "module.wasm",
        "program/main.vera",
        "program/text.vera",
    ] {
        assert!(folder.join(file).is_file(), "no {file}");
    }
    // Moved to another place, as if to another machine.
    let elsewhere = place.path("elsewhere");
    std::fs::rename(&folder, &elsewhere).unwrap();
    let again = |folder: &Path| Command::new(folder.join("repro.sh")).output().unwrap();
    let output = again(&elsewhere);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text.contains("now:      unreachable"), "{text}");

    // The same program on a Vera that is right: the script must say so.
    std::fs::write(elsewhere.join("requirements.txt"), "veralang==0.2.5\n").unwrap();
    std::fs::remove_dir_all(elsewhere.join(".venv")).unwrap();
    let output = again(&elsewhere);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

/// VERA.md: the list with 81,923 added to every Int, so that they look like heap
/// addresses from the start. It is the canary of lane reference+eager: right at
/// this n without it, wrong with it.
#[test]
fn only_the_eager_lane_finds_a_fault_that_waits_for_a_collection() {
    let place = Place::new();
    let program = "private data List { Nil, Cons(Int, List) }

private fn build(@Nat, @List -> @List)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @List.0 } else { build(@Nat.0 - 1, Cons(nat_to_int(@Nat.0) + 81923, @List.0)) }
}

private fn total(@List, @Int -> @Int)
  requires(true) ensures(true) decreases(@List.0) effects(pure)
{
  match @List.0 {
    Nil -> @Int.0,
    Cons(@Int, @List) -> total(@List.0, @Int.0 + @Int.1)
  }
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  total(build(@Nat.0, Nil), 0)
}
";
    place
        .scenario("addresses")
        .n(50)
        .program(program)
        .expect("value = \"n * (n + 1) / 2 + 81923 * n\"")
        .write();
    let ran = place
        .run(&["addresses", "--vera", "0.1.5", "--no-shrink"])
        .exits(1);
    assert_eq!(
        ran.case_in("addresses", "reference")["verdict"],
        "pass",
        "{ran}"
    );
    assert_eq!(
        ran.case_in("addresses", "reference+eager")["verdict"],
        "wrong",
        "{ran}"
    );
    // A Vera that is right passes in both.
    place.run(&["addresses", "--vera", "0.2.5"]).exits(0);
}

#[test]
fn a_script_that_cannot_tell_does_not_say_that_the_failure_shows() {
    let place = Place::new();
    // A program that grows with n, and whose main takes n all the same.
    place
        .scenario("grown")
        .file(
            "program.rhai",
            "fn program(n) { `public fn main(@Nat -> @Nat) requires(true) ensures(true) effects(pure) { @Nat.0 + ${n} }` }",
        )
        .expect("value = \"n\"")
        .write();
    let ran = place
        .run(&["grown", "--lane", "reference", "--no-shrink"])
        .exits(1);
    let folder = place.path(ran.case("grown")["folder"].as_str().unwrap());
    let report = std::fs::read_to_string(folder.join("report.md")).unwrap();
    assert!(
        report.contains("vera run program/main.vera -- 10"),
        "{report}"
    );
    let again = |python: &Path| {
        let mut command = Command::new(python);
        let output = command.arg(folder.join("repro.py")).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), text)
    };
    let vera = common::release_python("0.2.5");
    let (code, text) = again(&vera);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("now:      expected 10, got 20"), "{text}");

    // Reported as something else: a failure, but not this one.
    let case = std::fs::read_to_string(folder.join("case.json")).unwrap();
    std::fs::write(
        folder.join("case.json"),
        case.replace("\"wrong\"", "\"over-time\""),
    )
    .unwrap();
    let (code, text) = again(&vera);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("another failure than the one reported"),
        "{text}"
    );

    // A Python without Vera shows nothing at all.
    let (code, text) = again(Path::new("python3"));
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("cannot import Vera"), "{text}");
}
