//! Which limits are looked at where, and what is told of each: other versions,
//! special lanes, several limits of a case, and what cannot be told.

use super::{assert_says, check, limit, looks, numbers, wrong_from_7};
use crate::common::{Place, main_of};

#[test]
fn versions_that_a_limit_is_not_written_for_are_told_apart() {
    let place = Place::new();
    // It fails on 0.2.5 just the same.
    wrong_from_7(&place, "bad", &[limit("<0.2.5", "\"native\"", 7, "wrong")]);
    let ran = check(&place, &["bad", "--vera", "0.2.4..0.2.5"]).exits(0);
    assert_eq!(
        looks(&ran),
        [
            "[native] n=7 0.2.4: fails",
            "[native] n=7 0.2.5 beyond: fails"
        ]
    );
    assert_says(
        &ran,
        "\nbeyond bad: wrong from n=7 on Vera <0.2.5 in native\n     [native] at n=7 on Vera 0.2.5: ",
    );
    assert_says(
        &ran,
        "\n     next: widen `vera` in catalogue/axis/bad/scenario.toml, if the cause is the same\n",
    );
    assert_says(
        &ran,
        "\n1 known limit: 1 holds, 0 stale, 1 holds beyond its versions in ",
    );
    // It passes on the other versions: nothing is to be said of them.
    wrong_from_7(&place, "fine", &[limit("<0.2.0", "\"native\"", 6, "wrong")]);
    let ran = check(&place, &["fine"]).exits(0);
    assert_eq!(looks(&ran), ["[native] n=6 0.2.5 beyond: passes"]);
    assert!(
        !ran.stdout.contains("STALE") && !ran.stdout.contains("beyond"),
        "{ran}"
    );
    assert_says(
        &ran,
        "\n1 known limit: 0 hold, 0 stale, 1 of other versions in ",
    );
    // Where another limit says the same of that version, it needs no widening.
    let both = [
        limit("<0.2.5", "\"native\"", 7, "wrong"),
        limit(">=0.2.5", "\"native\"", 7, "wrong"),
    ];
    wrong_from_7(&place, "both", &both);
    let ran = check(&place, &["both", "--vera", "0.2.4..0.2.5"]).exits(0);
    assert_eq!(
        looks(&ran),
        ["[native] n=7 0.2.4: fails", "[native] n=7 0.2.5: fails"]
    );
    assert_eq!(numbers(&ran), "2 limits, 2 hold");
}

#[test]
fn a_limit_of_special_lanes_is_looked_at_in_one_of_them() {
    let place = Place::new();
    for (name, lanes, lane) in [
        ("sanitized", "\"native+sanitize*\"", "native+sanitize=3"),
        ("eager", "\"reference+eager\"", "reference+eager"),
        ("checked", "\"native+checks\"", "native+checks"),
        ("random", "\"native+random\"", "native+random=3"),
        (
            "several",
            "\"reference+eager\", \"native+eager\"",
            "native+eager",
        ),
    ] {
        wrong_from_7(&place, name, &[limit("*", lanes, 7, "wrong")]);
        let ran = check(&place, &[name, "--seed", "3"]).exits(0);
        let looked = looks(&ran);
        assert!(
            looked.contains(&format!("[{lane}] n=7 0.2.5: fails")),
            "{looked:?} {name}"
        );
        assert_eq!(
            looked.len(),
            if name == "several" { 2 } else { 1 },
            "{looked:?}"
        );
    }
}

#[test]
fn of_two_limits_of_a_case_either_may_be_met() {
    let place = Place::new();
    let limits = [
        limit("*", "\"native\"", 7, "wrong"),
        limit("*", "\"native\"", 7, "trap"),
    ];
    wrong_from_7(&place, "bad", &limits);
    let ran = check(&place, &["bad"]).exits(0);
    assert_eq!(numbers(&ran), "2 limits, 2 hold");
    // Neither is.
    let limits = [
        limit("*", "\"native\"", 7, "over-memory"),
        limit("*", "\"native\"", 7, "trap"),
    ];
    wrong_from_7(&place, "worse", &limits);
    let ran = check(&place, &["worse"]).exits(1);
    assert_eq!(numbers(&ran), "2 limits, 2 stale");
}

#[test]
fn of_another_version_no_other_limit_makes_a_limit_hold() {
    let place = Place::new();
    let limits = [
        limit("<0.2.0", "\"native\"", 7, "trap"),
        limit(">=0.2.0", "\"native\"", 7, "wrong"),
    ];
    wrong_from_7(&place, "bad", &limits);
    let ran = check(&place, &["bad"]).exits(0);
    assert_eq!(
        looks(&ran),
        [
            "[native] n=7 0.2.5 beyond: fails-otherwise",
            "[native] n=7 0.2.5: fails"
        ]
    );
    assert!(!ran.stdout.contains("beyond"), "{ran}");
    assert_eq!(numbers(&ran), "2 limits, 1 hold, 1 elsewhere");
}

#[test]
fn a_clock_that_ends_it_before_another_budget_tells_nothing() {
    let place = Place::new();
    let spin = "private fn spin(@Nat -> @Nat)
  requires(true) ensures(true) effects(<Diverge>)
{
  spin(@Nat.0)
}
";
    let main = main_of("@Nat", "<Diverge>", "spin(@Nat.0)");
    // In lane `native`, time ends what takes ten times as much of it.
    let budget = "[budget]\ntime = \"500ms\"\nwork = 1_000_000_000_000_000\n";
    for (name, verdict, numbers_are) in [
        ("works", "over-instructions", "1 limits, 1 unknown"),
        ("takes", "over-time", "1 limits, 1 hold"),
        // Of what no budget has a part in, it is another failure.
        ("traps", "trap", "1 limits, 1 stale"),
    ] {
        let limit = limit("*", "\"native\"", 7, verdict);
        place
            .scenario(name)
            .program(&format!("{spin}{main}"))
            .tables(&format!("{budget}\n{limit}"))
            .write();
        let ran = check(&place, &[name]);
        assert_eq!(numbers(&ran), numbers_are, "{name}: {ran}");
    }
}

#[test]
fn what_cannot_be_told_is_neither_held_nor_stale() {
    let place = Place::new();
    let body = r#"match json_parse("[1, 2]") { Ok(@Json) -> 2, Err(@String) -> 1 }"#;
    place
        .scenario("parses")
        .program(&main_of("@Int", "pure", body))
        .expect("value = \"1\"")
        .tables(&limit("*", "\"native\"", 1, "wrong"))
        .write();
    let ran = check(&place, &["parses"]).exits(0);
    assert_eq!(looks(&ran), ["[native] n=1 0.2.5: unknown"]);
    assert_says(
        &ran,
        "\nunknown parses: wrong from n=1 on Vera * in native\n     [native] at n=1 on Vera 0.2.5: ",
    );
    assert_says(&ran, "\n1 known limit: 0 hold, 0 stale, 1 not known in ");
    // A limit that says nothing of the engine that cannot run it is looked at on
    // the other.
    place
        .scenario("parses")
        .program(&main_of("@Int", "pure", body))
        .expect("value = \"1\"")
        .tables(&limit("*", "\"*\"", 1, "wrong"))
        .write();
    let ran = check(&place, &["parses"]).exits(0);
    assert_eq!(numbers(&ran), "1 limits, 1 hold");
}
