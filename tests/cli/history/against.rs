//! `run --against`: counts that went up are a failure, and only these.

use std::fs;

use serde_json::Value;

use super::{FILE, history, open};
use crate::common::{Place, main_of};

/// A scenario whose work is as large as `rounds` says.
fn working(place: &Place, rounds: usize) {
    let body = format!("nat_to_int(@Nat.0) {}", "+ 1 - 1 ".repeat(rounds));
    place
        .scenario("good")
        .n(100)
        .program(&main_of("@Int", "pure", &body))
        .expect("value = \"n\"")
        .write();
}

const RUN: [&str; 3] = ["good", "--lane", "native"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&RUN, more].concat()
}

#[test]
fn the_same_program_has_not_drifted() {
    let place = Place::new();
    working(&place, 5);
    place.run(&RUN).exits(0);
    let ran = place
        .run(&with(&["--against", "last", "--drift", "0%"]))
        .exits(0);
    for line in [
        "against run 1 (Vera 0.2.5, ",
        "it has counts for 1 of 1 case; more than 0% up fails",
        "1 case compared: 0 drifted; 0 counts went down",
    ] {
        assert!(ran.stdout.contains(line), "no `{line}` in {ran}");
    }
    let last = ran.events.last().unwrap();
    assert_eq!(last["against"]["compared"], 1, "{ran}");
}

#[test]
fn more_instructions_fail_where_all_passes_and_less_does_not() {
    let place = Place::new();
    working(&place, 1);
    place.run(&RUN).exits(0);
    working(&place, 40);
    let ran = place
        .run(&with(&["--against", "1", "--junit", "junit.xml"]))
        .exits(1)
        .passes("good");
    let drift = &ran.case("good")["drifts"][0];
    assert_eq!(
        (&drift["what"], &drift["run"]),
        (&"instructions".into(), &1.into())
    );
    let line = ran
        .stdout
        .lines()
        .find(|it| it.starts_with("DRIFT "))
        .unwrap();
    assert!(
        line.starts_with("DRIFT good [native] n=100: instructions "),
        "{line}"
    );
    assert!(
        line.contains(" in run 1 (Vera 0.2.5): ") && line.ends_with("% up, 10% is allowed"),
        "{line}"
    );
    let again = "again: vera-stress run good --lane native --scale 100 --vera 0.2.5 --catalogue catalogue --against 1 --drift 10%";
    assert!(ran.stdout.contains(again), "{ran}");
    assert!(
        ran.stdout
            .contains("1 case: 1 passed, 0 failed, 1 drifted in "),
        "{ran}"
    );
    let junit = fs::read_to_string(place.path("junit.xml")).unwrap();
    assert!(junit.contains("type=\"drift\""), "{junit}");
    let recorded = open(&place.path(FILE));
    let row: (i64, i64) = recorded
        .query_row(
            "SELECT against, drifted FROM runs WHERE id = 2",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(row, (1, 1));
    // A run that drifted is the last one all the same, and less work is no failure.
    working(&place, 2);
    let ran = place.run(&with(&["--against", "last"])).exits(0);
    assert!(ran.stdout.contains("against run 2"), "{ran}");
    assert!(ran.stdout.contains("0 drifted; 1 count went down"), "{ran}");
}

#[test]
fn a_count_exactly_at_the_share_has_not_drifted() {
    let place = Place::new();
    working(&place, 40);
    let ran = place.run(&RUN).exits(0);
    let work = ran.case("good")["measures"]["instructions"]
        .as_u64()
        .unwrap();
    // Of 100 the work is a factor with two digits, and exactly that.
    let factor = format!("{}.{:02}", work / 100, work % 100);
    assert!(work > 100, "{work}");
    let recorded = open(&place.path(FILE));
    for (before, code) in [(101, 0), (100, 0), (99, 1)] {
        let change = "UPDATE outcomes SET work = ?1, heap = 0";
        recorded.execute(change, [before]).unwrap();
        let arguments = ["--against", "1", "--drift", &factor, "--no-history"];
        place.run(&with(&arguments)).exits(code);
    }
}

#[test]
fn a_release_that_works_more_is_found() {
    // From 0.1.9 on, each call of a function over a list measures all of it.
    let place = Place::new();
    // There is a catalogue of this place, too.
    working(&place, 1);
    let run = ["linked-list", "--lane", "native", "--scale", "1000"];
    place
        .run(&[&run[..], &["--vera", "0.1.8"]].concat())
        .exits(0);
    let ran = place
        .run(&[&run[..], &["--vera", "0.1.9", "--against", "last"]].concat())
        .exits(1);
    assert!(
        ran.stdout
            .contains("DRIFT linked-list [native] n=1000: instructions "),
        "{ran}"
    );
    assert!(ran.stdout.contains("in run 1 (Vera 0.1.8)"), "{ran}");
}

#[test]
fn a_comparison_of_nothing_does_not_pass() {
    let place = Place::new();
    working(&place, 5);
    place
        .run(&["good", "--lane", "native,native+random", "--seed", "1"])
        .exits(0);
    let nothing = ["no count could be compared", "next: name another run"];
    for other in [
        &["good", "--lane", "reference"][..],
        &["good", "--lane", "native", "--scale", "7"],
        &["good", "--lane", "native+random", "--seed", "2"],
    ] {
        let ran = place.run(&[other, &["--against", "1"]].concat()).exits(4);
        let ran = ran.says(&nothing);
        assert!(
            ran.stdout.contains("it has counts for 0 of 1 case"),
            "{ran}"
        );
    }
    let same = [
        "good",
        "--lane",
        "native+random",
        "--seed",
        "1",
        "--against",
        "1",
    ];
    place.run(&same).exits(0);
}

#[test]
fn an_earlier_run_that_cannot_be_had_is_said_before_anything_is_run() {
    let place = Place::new();
    working(&place, 5);
    let refused = |more: &[&str], says: &str| {
        let ran = place.run(&with(more)).exits(2).says(&[says]);
        assert_eq!(ran.stdout, "", "{ran}");
    };
    refused(
        &["--against", "last"],
        "nothing is recorded in .vera-stress/history.db yet",
    );
    place.run(&RUN).exits(0);
    refused(
        &["--against", "7"],
        "there is no run 7 in .vera-stress/history.db",
    );
    refused(
        &["--against", "first"],
        "`first` is no run; write last, or a number",
    );
    refused(
        &["--against", "1", "--drift", "some"],
        "`some` is no share that a count may go up by",
    );
    refused(&["--drift", "5%"], "--against");
    // A run that was killed is not the last one, and can be named.
    let recorded = open(&place.path(FILE));
    recorded
        .execute("UPDATE runs SET finished = NULL", [])
        .unwrap();
    refused(
        &["--against", "last"],
        "no run in .vera-stress/history.db has finished yet",
    );
    place.run(&with(&["--against", "1"])).exits(0);
    recorded
        .execute("UPDATE runs SET kind = 'climb'", [])
        .unwrap();
    refused(
        &["--against", "1"],
        "run 1 in .vera-stress/history.db is a climb",
    );
    place.write("broken.db", &"no database ".repeat(100));
    refused(
        &["--against", "1", "--history", "broken.db"],
        "broken.db cannot be read: it is damaged",
    );
}

#[test]
fn the_history_tells_what_was_compared() {
    let place = Place::new();
    working(&place, 40);
    place.run(&RUN).exits(0);
    working(&place, 2);
    place.run(&with(&["--against", "1"])).exits(0);
    let other = ["good", "--lane", "reference", "--against", "2"];
    place.run(&other).exits(4);
    place.run(&with(&["--partition", "1/1"])).exits(0);
    let list = || -> Value {
        let found = history(&place, &["--json"]).exits(0);
        serde_json::from_str(&found.stdout).unwrap()
    };
    let runs = list();
    let against = |run: usize| runs[run - 1]["summary"]["against"].to_string();
    assert_eq!(against(1), "null");
    assert_eq!(against(2), r#"{"compared":1,"down":1,"drifted":0}"#);
    assert_eq!(against(3), r#"{"compared":0,"down":0,"drifted":0}"#);
    assert_eq!(runs[3]["partition"], "1/1");
    assert_eq!(runs[0]["partition"], Value::Null);
    let found = history(&place, &[]).exits(0);
    let lines: Vec<&str> = found.stdout.lines().collect();
    assert!(lines[2].ends_with("s, against run 1"), "{found}");
    assert!(
        lines[3].contains("  against run 2: nothing could be compared; 1 case: 1 passed"),
        "{found}"
    );
    assert!(lines[4].contains("  part 1/1, 1 case: 1 passed"), "{found}");
    // Tables of version 2 have less, and what they lack is not told.
    let old = open(&place.path(FILE));
    old.execute_batch(
        "ALTER TABLE runs DROP COLUMN compared; ALTER TABLE runs DROP COLUMN down;
         ALTER TABLE runs DROP COLUMN chosen; ALTER TABLE runs DROP COLUMN refused;
         ALTER TABLE runs DROP COLUMN undecided;
         PRAGMA user_version = 2",
    )
    .unwrap();
    drop(old);
    let runs = list();
    assert_eq!(
        runs[2]["summary"]["against"].to_string(),
        r#"{"drifted":0}"#
    );
    let found = history(&place, &[]).exits(0);
    assert!(!found.stdout.contains("nothing could be"), "{found}");
    place.run(&with(&["--against", "2"])).exits(0);
    assert_eq!(list()[4]["summary"]["against"]["compared"], 1);
}
