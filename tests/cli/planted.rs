//! What is said of a fault that somebody made in Vera's code generator: that it is
//! there, what kind it is, how to see it again, and that a healthy Vera has none.

use crate::common::planted::Fault;
use crate::common::{Place, RELEASE, Ran, last_event, main_of};

/// A place with one scenario: n texts made and joined. Its cost is declared.
fn joined() -> Place {
    let place = Place::new();
    let texts = "array_map(array_range(0, nat_to_int(@Nat.0)), fn(@Int -> @String) effects(pure) { \"ab\" })";
    place
        .scenario("joined")
        .n(2000)
        .program(&main_of(
            "@Nat",
            "pure",
            &format!("string_length(string_join({texts}, \",\"))"),
        ))
        .expect("value = \"3 * n - 1\"\ngrowth = { instructions = 1.0, heap = 1.0 }")
        .write();
    place
}

/// A scenario that shows a fault, the lane, the verdict, and words of the line.
fn shown_by(fault: Fault) -> [&'static str; 4] {
    match fault {
        Fault::Root => [
            "match-arms",
            "native+sanitize",
            "corrupt",
            "store of 4 bytes at byte 0 of the freed block",
        ],
        Fault::Quadratic => ["joined", "native", "growth", "instructions grow as n^"],
        Fault::Dropped => ["array-map-int", "reference", "wrong", "expected "],
        Fault::Leak => [
            "array-map-int",
            "native+sanitize",
            "corrupt",
            "a function that returns leaves 1 root behind",
        ],
        Fault::Operator => ["life", "reference", "wrong", "expected "],
    }
}

fn run(place: &Place, fault: Fault, vera: &str) -> Ran {
    let [scenario, lane, ..] = shown_by(fault);
    place.run(&[scenario, "--lane", lane, "--vera", vera, "--no-shrink"])
}

#[test]
fn each_planted_fault_is_seen_and_a_healthy_vera_has_none() {
    for fault in Fault::ALL {
        let place = joined();
        let [scenario, _, verdict, words] = shown_by(fault);
        run(&place, fault, RELEASE).exits(0).passes(scenario);
        let faulty = fault.plant(&place);
        run(&place, fault, faulty.to_str().unwrap())
            .exits(1)
            .fails(scenario, verdict, words);
    }
}

/// Runs what a case says of itself, on another Vera if need be, to this exit code.
fn again(place: &Place, command: &str, code: i32) -> Ran {
    let words = command.strip_prefix("vera-stress ").unwrap();
    let mut again = place.process();
    let output = again.args(words.split_whitespace()).output().unwrap();
    place.ran(output).exits(code)
}

/// What a run of scenarios, or of all, says first of a fault is that fault: the kind
/// that it is, and a command that shows it, which passes on a healthy Vera.
fn is_told_first(fault: Fault, scenarios: &[&str]) {
    let place = joined();
    let [_, _, verdict, words] = shown_by(fault);
    let faulty = fault.plant(&place);
    let faulty = faulty.to_str().unwrap();
    let ran = place
        .run(&[&["--vera", faulty][..], scenarios].concat())
        .exits(1);
    let cause = &last_event(&ran, "run-finished")["causes"][0];
    assert_eq!(cause["signature"]["verdict"], verdict, "{ran}");
    let told = &cause["cases"][0];
    let lane = told["lane"].as_str().unwrap();
    let record = ran.case_in(told["scenario"].as_str().unwrap(), lane);
    let message = record["message"].as_str().unwrap();
    assert!(message.contains(words), "{fault:?}: {message}");
    let command = record["again"].as_str().unwrap();
    let shown = again(&place, command, 1);
    let title = format!("FAIL {} [{lane}]", told["scenario"].as_str().unwrap());
    assert!(shown.stdout.contains(&title), "{shown}");
    again(&place, &command.replace(faulty, RELEASE), 0);
}

#[test]
fn the_first_cause_is_the_planted_fault() {
    for fault in Fault::ALL {
        let [scenario, ..] = shown_by(fault);
        is_told_first(fault, &[scenario]);
    }
}

#[test]
#[ignore = "nightly: the whole catalogue for each of five faults"]
fn nightly_the_first_cause_of_a_whole_run_is_the_planted_fault() {
    for fault in Fault::ALL {
        is_told_first(fault, &[]);
    }
}
