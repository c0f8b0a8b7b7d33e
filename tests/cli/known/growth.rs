//! Limits of growth, which a climb looks at, or a run with its three points.

use super::{assert_says, check, limit, looks, numbers};
use crate::common::{Place, main_of};

/// Counts to n, n times, where `main` begins with what is counted to.
const ROUNDS: &str = "
private fn count(@Nat, @Int -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else { count(@Nat.0 - 1, @Int.0 + 1) }
}

private fn rounds(@Nat, @Nat, @Int -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else { rounds(@Nat.1, @Nat.0 - 1, count(@Nat.1, @Int.0)) }
}

";

const LINEAR: &str = "growth = { instructions = 1.0, heap = 0.0 }";

/// A limit of growth from n = 16 on, with this bound.
fn growth(vera: &str, bound: &str) -> String {
    let limit = limit(vera, "\"native\"", 16, "growth");
    limit.replace("because", &format!("bound = {{ {bound} }}\nbecause"))
}

/// A scenario whose work is the square of n, or n.
fn counts(place: &Place, name: &str, squared: bool, tables: &str) {
    let main = match squared {
        true => main_of("@Int", "pure", "rounds(@Nat.0, @Nat.0, 0)"),
        false => main_of("@Int", "pure", "count(@Nat.0, 0)"),
    };
    let value = if squared { "n * n" } else { "n" };
    place
        .scenario(name)
        .n(200)
        .program(&format!("{ROUNDS}{main}"))
        .expect(&format!("value = \"{value}\"\n{LINEAR}"))
        .tables(&format!(
            "{tables}\n[climb]\nbudget = \"20s\"\nwork = 20_000_000\n"
        ))
        .write();
}

#[test]
fn growth_that_a_climb_sees_holds() {
    let place = Place::new();
    for (name, bound) in [
        ("measured", "instructions = 2.0"),
        ("above", "instructions = 3"),
    ] {
        counts(&place, name, true, &growth("*", bound));
        let ran = check(&place, &[name]).exits(0);
        assert_eq!(looks(&ran), ["[native] 0.2.5: fails"], "{name}");
        assert_eq!(numbers(&ran), "1 limits, 1 hold");
        let look = &ran.events[1];
        let message = look["message"].as_str().unwrap();
        assert!(message.starts_with("instructions grow as n^"), "{message}");
        let again = look["again"].as_str().unwrap();
        assert!(
            again.starts_with(&format!("vera-stress climb {name} ")),
            "{again}"
        );
    }
}

#[test]
fn growth_that_is_none_is_stale() {
    let place = Place::new();
    counts(&place, "linear", false, &growth("*", "instructions = 2.0"));
    let ran = check(&place, &["linear"]).exits(1);
    assert_eq!(looks(&ran), ["[native] 0.2.5: passes"]);
    assert_says(
        &ran,
        "\nSTALE linear: growth of instructions to n^2 from n=16 on Vera * in native\n     [native] on Vera 0.2.5: up to n=",
    );
    assert_says(
        &ran,
        ", instructions grow as declared, and so they do in a run\n",
    );
    // On another version it was never said to.
    counts(
        &place,
        "elsewhere",
        false,
        &growth("<0.2.0", "instructions = 2.0"),
    );
    let ran = check(&place, &["elsewhere"]).exits(0);
    assert_eq!(numbers(&ran), "1 limits, 1 elsewhere");
}

#[test]
fn growth_that_is_worse_than_its_bound_is_stale() {
    let place = Place::new();
    counts(&place, "worse", true, &growth("*", "instructions = 1.5"));
    let ran = check(&place, &["worse"]).exits(1);
    assert_eq!(looks(&ran), ["[native] 0.2.5: fails-otherwise"]);
    assert_says(&ran, "and n is declared (known is no more than n^1.5)\n");
}

#[test]
fn of_several_costs_each_must_grow() {
    let place = Place::new();
    counts(
        &place,
        "both",
        true,
        &growth("*", "instructions = 2.0, heap = 1.0"),
    );
    let ran = check(&place, &["both"]).exits(1);
    assert_eq!(looks(&ran), ["[native] 0.2.5: passes"]);
    assert_says(&ran, ", heap grows as declared, and so it does in a run\n");
    // Each of two limits is held to its own cost.
    let two = [growth("*", "instructions = 2.0"), growth("*", "heap = 1.0")].join("\n");
    counts(&place, "two", true, &two);
    let ran = check(&place, &["two"]).exits(1);
    assert_eq!(
        looks(&ran),
        ["[native] 0.2.5: fails", "[native] 0.2.5: passes"]
    );
    assert_says(&ran, "\nSTALE two: growth of heap to n from n=16 ");
    assert_eq!(numbers(&ran), "2 limits, 1 hold, 1 stale");
}

#[test]
fn growth_that_only_the_three_points_of_a_run_see_holds() {
    let place = Place::new();
    // Up to n = 200 it does n more rounds for each n, and from there on no more:
    // a run at 200 sees the square, and a climb beyond sees what it becomes.
    let main = main_of(
        "@Int",
        "pure",
        "rounds(if @Nat.0 < 200 then { @Nat.0 } else { 200 }, @Nat.0, 0)",
    );
    place
        .scenario("levels")
        .n(200)
        .program(&format!("{ROUNDS}{main}"))
        .expect(&format!("value = \"n * min(n, 200)\"\n{LINEAR}"))
        .tables(&format!(
            "{}\n[climb]\nbudget = \"20s\"\n",
            growth("*", "instructions = 2.0")
        ))
        .write();
    // A climb alone finds nothing.
    let climb = [
        "climb",
        "levels",
        "--catalogue",
        "catalogue",
        "--ignore-known",
        "--to",
        "20000",
    ];
    let climbed = place.process().args(climb).output().unwrap();
    place.ran(climbed).exits(0);
    let ran = check(&place, &["levels"]).exits(0);
    assert_eq!(looks(&ran), ["[native] 0.2.5: fails"], "{ran}");
    assert_eq!(numbers(&ran), "1 limits, 1 hold");
}

#[test]
fn growth_of_which_too_little_is_known_is_not_judged() {
    let place = Place::new();
    // It traps before there are points enough.
    let body = "10 / (if @Nat.0 > 3 then { 0 } else { 1 })";
    place
        .scenario("short")
        .n(2)
        .program(&main_of("@Int", "pure", body))
        .expect("value = \"10\"\ngrowth = { instructions = 1.0 }")
        .tables(&growth("*", "instructions = 2.0"))
        .write();
    let ran = check(&place, &["short"]).exits(0);
    assert_eq!(looks(&ran), ["[native] 0.2.5: unknown"]);
    assert_says(&ran, "too few points to say how instructions grow");
    assert_eq!(numbers(&ran), "1 limits, 1 unknown");
}

#[test]
fn growth_of_a_release_that_is_not_covered_is_beyond() {
    let place = Place::new();
    counts(
        &place,
        "quadratic",
        true,
        &growth("<0.2.5", "instructions = 2.0"),
    );
    let ran = check(&place, &["quadratic", "--vera", "0.2.4..0.2.5"]).exits(0);
    assert_eq!(
        looks(&ran),
        ["[native] 0.2.4: fails", "[native] 0.2.5 beyond: fails"]
    );
    assert_says(
        &ran,
        "\nbeyond quadratic: growth of instructions to n^2 from n=16 on Vera <0.2.5 in native\n     [native] on Vera 0.2.5: instructions grow as n^",
    );
    // In the catalogue: from 0.1.9 on, summing a list costs its square.
    let ran = check(&Place::new(), &["linked-list", "--vera", "0.1.9"]).exits(0);
    assert_eq!(numbers(&ran), "2 limits, 2 hold");
}
