//! What is said of a fault that somebody made in Vera's code generator: that it is
//! there, what kind it is, and that a healthy Vera has none.

use crate::common::planted::Fault;
use crate::common::{Place, RELEASE, Ran, main_of};

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
            "wide-children",
            "native+sanitize",
            "corrupt",
            "store of 4 bytes at byte 0 of the freed block of 8 bytes",
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
