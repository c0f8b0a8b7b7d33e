//! `known`: the known limits, and `known --check`, which holds each of them
//! against what happens on the versions it is written for, and on others.

mod growth;
mod told;

use std::process::Stdio;

use rustix::process::Signal;
use serde_json::Value;

use crate::common::{
    Place, Ran, assert_says, last_event, main_of, patient_folder, signal, wait_for,
};

/// Runs `known`; a check writes its events.
fn known(place: &Place, arguments: &[&str]) -> Ran {
    let output = process(place, arguments).output().unwrap();
    place.ran(output)
}

fn process(place: &Place, arguments: &[&str]) -> std::process::Command {
    let mut command = place.process();
    command.arg("known");
    if place.path("catalogue").is_dir() {
        command.args(["--catalogue", "catalogue"]);
    }
    command.args(arguments);
    command
}

/// Checks the limits of some scenarios on the default Vera, or on those named.
fn check(place: &Place, arguments: &[&str]) -> Ran {
    let check = ["--check", "--json", "events.jsonl"];
    known(place, &[&check[..], arguments].concat())
}

/// An entry in `[[known]]`.
fn limit(vera: &str, lanes: &str, from_n: u64, verdict: &str) -> String {
    format!(
        "[[known]]\nvera = \"{vera}\"\nlanes = [{lanes}]\nfrom_n = {from_n}\nverdict = \"{verdict}\"\nbecause = \"It is what it is.\"\n"
    )
}

/// A scenario that returns 1 below n = 7 and 2 from there on, where 1 is wanted.
fn wrong_from_7(place: &Place, name: &str, limits: &[String]) {
    place
        .scenario(name)
        .n(1000)
        .program(&main_of(
            "@Int",
            "pure",
            "if @Nat.0 < 7 then { 1 } else { 2 }",
        ))
        .expect("value = \"1\"")
        .tables(&limits.join("\n"))
        .write();
}

/// The last event: the numbers.
#[track_caller]
fn summary(ran: &Ran) -> &Value {
    last_event(ran, "known-finished")
}

/// The numbers that are not 0, in words.
fn numbers(ran: &Ran) -> String {
    let words = ["limits", "hold", "stale", "unknown", "elsewhere", "beyond"];
    let numbers = words.map(|word| (summary(ran)[word].as_u64().unwrap(), word));
    let some = numbers.iter().filter(|(number, _)| *number > 0);
    let some: Vec<String> = some
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    some.join(", ")
}

/// What was looked at: the lane, n, the version, whether it is covered, and what
/// was found.
fn looks(ran: &Ran) -> Vec<String> {
    assert_eq!(ran.events[0]["event"], "known-started", "{ran}");
    let all = ran.events[1..ran.events.len() - 1].iter();
    let mut looks: Vec<String> = all
        .map(|it| {
            assert_eq!(it["event"], "limit-looked-at", "{ran}");
            let word = |key: &str| it[key].as_str().unwrap();
            let n = it["n"]
                .as_u64()
                .map_or(String::new(), |n| format!(" n={n}"));
            let covered = if it["covered"] == true { "" } else { " beyond" };
            format!(
                "[{}]{n} {}{covered}: {}",
                word("lane"),
                word("vera"),
                word("found")
            )
        })
        .collect();
    looks.sort();
    looks
}

#[test]
fn limits_are_listed_with_their_causes() {
    let place = Place::new();
    let limits = [
        limit("*", "\"*\"", 7, "wrong"),
        limit("<0.2.0", "\"native*\"", 9, "trap"),
    ];
    wrong_from_7(&place, "bad", &limits);
    place.good();
    let ran = known(&place, &["bad", "good"]).exits(0);
    assert_eq!(
        ran.stdout,
        "bad\n  wrong from n=7 on Vera * in *: It is what it is.\n  trap from n=9 on Vera <0.2.0 in native*: It is what it is.\n2 known limits of 1 scenario\n"
    );
    // The catalogue has some of its own.
    let ran = known(&Place::new(), &[]).exits(0);
    assert_says(&ran, "\nlinked-list\n  trap from n=");
    assert!(
        ran.stdout
            .lines()
            .last()
            .unwrap()
            .contains(" known limits of "),
        "{ran}"
    );
}

#[test]
fn what_has_no_limits_or_makes_no_sense_is_refused() {
    let place = Place::new();
    place.good();
    for arguments in [&["good"][..], &["good", "--check"]] {
        known(&place, arguments)
            .exits(4)
            .says(&["no scenario that matches has a known limit"]);
    }
    known(&place, &["god"])
        .exits(4)
        .says(&["did you mean `good`?"]);
    // What is there for a check alone needs one.
    known(&place, &["--jobs", "1"]).exits(2).says(&["--check"]);
    wrong_from_7(&place, "bad", &[limit("*", "\"*\"", 7, "wrong")]);
    known(&place, &["bad", "--check", "--json", "nowhere/known.jsonl"])
        .exits(2)
        .says(&["nowhere/known.jsonl cannot be written: "]);
    known(&place, &["bad", "--check", "--vera", "0.2.5..0.2.4"])
        .exits(2)
        .says(&["is a range from newer to older", "next: write 0.2.4..0.2.5"]);
    std::fs::create_dir(place.path("empty")).unwrap();
    check(&place, &["bad", "--vera", "empty"])
        .exits(3)
        .says(&["empty holds no Vera"]);
    // Beside a version that holds it, one that cannot be set up is no success.
    let ran = check(&place, &["bad", "--vera", "empty", "--vera", "0.2.5"]).exits(3);
    assert_eq!(numbers(&ran), "1 limits, 1 hold");
}

#[test]
fn a_limit_that_holds_is_looked_at_where_it_begins_on_each_engine() {
    let place = Place::new();
    wrong_from_7(&place, "bad", &[limit("*", "\"*\"", 7, "wrong")]);
    let ran = check(&place, &["bad", "--vera", "0.2.4..0.2.5"]).exits(0);
    assert_eq!(
        looks(&ran),
        [
            "[native] n=7 0.2.4: fails",
            "[native] n=7 0.2.5: fails",
            "[reference] n=7 0.2.4: fails",
            "[reference] n=7 0.2.5: fails",
        ]
    );
    let first = ran.stdout.lines().next().unwrap();
    assert!(
        first.ends_with(": checking 1 known limit on Vera 0.2.4, 0.2.5"),
        "{ran}"
    );
    assert_says(&ran, "\n1 known limit: 1 holds, 0 stale in ");
    let look = &ran.events[1];
    assert_eq!(look["scenario"], "bad");
    assert_eq!(look["limit"], "wrong from n=7 on Vera * in *");
    assert_eq!(look["file"], "catalogue/axis/bad/scenario.toml");
    let again = look["again"].as_str().unwrap();
    assert!(
        again.contains(" --scale 7 ") && again.contains(" --ignore-known "),
        "{again}"
    );
}

#[test]
fn a_limit_that_passes_is_stale() {
    let place = Place::new();
    // At 6 it still passes.
    wrong_from_7(&place, "bad", &[limit("*", "\"*\"", 6, "wrong")]);
    let ran = check(&place, &["bad"]).exits(1);
    assert_eq!(
        looks(&ran),
        [
            "[native] n=6 0.2.5: passes",
            "[reference] n=6 0.2.5: passes"
        ]
    );
    assert_says(
        &ran,
        "\nSTALE bad: wrong from n=6 on Vera * in *\n     [native] at n=6 on Vera 0.2.5: it passes\n",
    );
    assert_says(
        &ran,
        "\n     again: vera-stress run bad --lane native --scale 6 --ignore-known --vera 0.2.5 --catalogue catalogue\n     next: narrow `vera`, correct `from_n`, or take that [[known]] entry out of catalogue/axis/bad/scenario.toml\n",
    );
    assert_says(&ran, "\n1 known limit: 0 hold, 1 stale in ");
}

#[test]
fn a_limit_that_fails_otherwise_is_stale() {
    let place = Place::new();
    wrong_from_7(&place, "bad", &[limit("*", "\"native\"", 7, "trap")]);
    let ran = check(&place, &["bad"]).exits(1);
    assert_eq!(looks(&ran), ["[native] n=7 0.2.5: fails-otherwise"]);
    assert_says(
        &ran,
        "\nSTALE bad: trap from n=7 on Vera * in native\n     [native] at n=7 on Vera 0.2.5: ",
    );
    assert_says(&ran, "expected 1, got 2");
}

#[test]
fn a_limit_that_is_stale_on_some_versions_names_them_together() {
    let place = Place::new();
    let stale = limit(">=0.2.3", "\"native\"", 6, "wrong");
    let holds = limit("*", "\"native\"", 7, "wrong");
    wrong_from_7(&place, "bad", &[stale, holds]);
    let ran = check(&place, &["bad", "--vera", "0.2.3..0.2.5"]).exits(1);
    assert_says(&ran, "\n     [native] at n=6 on Vera 0.2.3, 0.2.4, 0.2.5: ");
    assert_eq!(ran.stdout.matches("STALE").count(), 1, "{ran}");
    assert_says(&ran, "\n2 known limits: 1 holds, 1 stale in ");
}

#[test]
fn a_broken_scenario_stops_no_other_and_is_no_success() {
    let place = Place::new();
    wrong_from_7(&place, "bad", &[limit("*", "\"native\"", 7, "wrong")]);
    place.write("catalogue/axis/broken/scenario.toml", "title = 1\n");
    for arguments in [&["bad"][..], &["bad", "--check"]] {
        let ran = known(&place, arguments).exits(2);
        assert!(
            ran.stderr.contains("catalogue/axis/broken/scenario.toml"),
            "{ran}"
        );
        assert_says(&ran, "1 known limit");
    }
}

#[test]
fn an_interruption_says_what_was_found_so_far() {
    let place = Place::new();
    let body = r#"let @Result<Unit, String> = IO.write_file("./started", "");
  IO.sleep(600000);
  0"#;
    place
        .scenario("waits")
        .program(&main_of("@Nat", "<IO>", body))
        .tables(&format!(
            "[budget]\nwall = \"10m\"\n{}",
            limit("*", "\"reference\"", 7, "wrong")
        ))
        .write();
    wrong_from_7(&place, "bad", &[limit("*", "\"native\"", 6, "wrong")]);
    let temporary = place.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let running = process(&place, &["bad", "waits", "--check", "--jobs", "1"])
        .args(["--json", "events.jsonl"])
        .env("TMPDIR", &temporary)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for("the second limit", || patient_folder(&temporary));
    signal(running.id() as i32, Signal::INT);
    let ran = place.ran(running.wait_with_output().unwrap()).exits(130);
    assert_says(&ran, "\nSTALE bad: ");
    assert_says(&ran, "2 known limits: 0 hold, 1 stale, 1 not known in ");
    assert!(ran.stdout.trim_end().ends_with(", interrupted"), "{ran}");
    assert_eq!(summary(&ran)["interrupted"], true);
}
