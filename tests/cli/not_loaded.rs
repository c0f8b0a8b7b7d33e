//! What cannot be loaded names itself wherever somebody looks: in the last lines, in
//! every file that a run writes, and to GitHub with its line. And what was asked for
//! by name does not become everything there is.

use std::fs;

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

use crate::common::{Place, Ran, identity};

const BROKEN: &str = "catalogue/axis/broken/scenario.toml";

/// A scenario that passes, and one whose file says what there is not.
fn broken() -> Place {
    let place = Place::new();
    place.good();
    place
        .scenario("broken")
        .keys("bugdet = 1")
        .program(&identity())
        .write();
    place
}

/// How many cases a run planned.
fn planned(ran: &Ran) -> &Value {
    &ran.events[0]["cases"]
}

#[test]
fn it_is_in_the_last_lines_and_in_every_file() {
    let place = broken();
    let ran = place
        .run(&[
            "good",
            "--lane",
            "reference",
            "--junit",
            "out.xml",
            "--html",
            "out.html",
        ])
        .exits(2)
        .passes("good");
    let lines: Vec<&str> = ran.stdout.trim_end().lines().collect();
    let named = format!("NOT LOADED {BROKEN}:4: unknown field `bugdet`");
    let place_of = |words: &str| lines.iter().position(|it| it.starts_with(words));
    assert!(
        place_of(&named).is_some_and(|at| at + 4 >= lines.len()),
        "{ran}"
    );
    assert_eq!(
        place_of("1 case: 1 passed, 0 failed in "),
        Some(lines.len() - 1),
        "{ran}"
    );
    let recorded = &ran.events[0]["unloaded"][0];
    assert_eq!(recorded["file"], BROKEN);
    assert_eq!(recorded["line"], 4);
    let junit = fs::read_to_string(place.path("out.xml")).unwrap();
    let junit = junit.replace("&apos;", "'").replace("&#x60;", "`");
    for words in [
        "errors=\"1\"",
        "<testsuite name=\"not loaded\"",
        &format!("<testcase name=\"{BROKEN}\" classname=\"vera-stress.not-loaded\""),
        &format!("message=\"{BROKEN}:4: unknown field `bugdet`"),
        "type=\"not-loaded\"",
    ] {
        assert!(junit.contains(words), "no {words} in {junit}");
    }
    let page = fs::read_to_string(place.path("out.html")).unwrap();
    let plain = format!("NOT LOADED {BROKEN}:4: unknown field `bugdet`");
    assert!(page.contains(&plain), "it stands there without a script");
    // The canary: a catalogue without it says nothing of the kind.
    fs::remove_dir_all(place.path("catalogue/axis/broken")).unwrap();
    let ran = place.judge(&["good"]).exits(0);
    assert!(!ran.stdout.contains("NOT LOADED"), "{ran}");
    assert!(ran.events[0].get("unloaded").is_none());
}

#[test]
fn github_is_told_file_and_line() {
    let place = broken();
    for arguments in [
        &["run", "good"][..],
        &["run", "broken"],
        &["climb", "broken"],
    ] {
        place
            .command()
            .env("GITHUB_WORKSPACE", place.path(""))
            .env("GITHUB_STEP_SUMMARY", place.path("summary.md"))
            .args(arguments)
            .args(["--catalogue", "catalogue", "--github"])
            .assert()
            .code(2)
            .stdout(contains(format!(
                "::error file={BROKEN},line=4,title={BROKEN}%3A4 cannot be used::"
            )));
        let summary = fs::read_to_string(place.path("summary.md")).unwrap();
        assert!(
            summary.contains("**not loaded:** catalogue/axis/broken"),
            "{summary}"
        );
        fs::remove_file(place.path("summary.md")).unwrap();
    }
}

#[test]
fn what_was_asked_for_by_name_does_not_become_everything() {
    let place = broken();
    let ran = place.judge(&["broken"]).exits(2);
    assert_eq!(planned(&ran), 0, "{ran}");
    assert!(
        ran.stdout.contains(&format!("NOT LOADED {BROKEN}:4: ")),
        "{ran}"
    );
    let ran = place.judge(&["broken", "good"]).exits(2).passes("good");
    assert_eq!(planned(&ran), 1, "{ran}");
    let ran = place.judge(&["catalogue/axis/broken"]).exits(2);
    assert_eq!(planned(&ran), 0, "{ran}");
    // A catalogue of which nothing can be loaded.
    for gone in ["nowhere", "catalogue/axis/broken"] {
        let ran = place
            .run(&["--lane", "reference", "--catalogue", gone])
            .exits(2);
        assert_eq!(planned(&ran), 0, "{ran}");
        assert!(ran.stdout.contains(&format!("NOT LOADED {gone}")), "{ran}");
    }
    // A name that is misspelt is still told from one that is broken.
    place
        .judge(&["goood"])
        .exits(2)
        .says(&["no scenario is called `goood`", "did you mean `good`?"]);
}

#[test]
fn other_commands_name_it_last() {
    let place = broken();
    for command in [
        &["show", "broken"][..],
        &["list", "broken"],
        &["bisect", "broken", "--good", "0.1.5", "--bad", "0.2.5"],
    ] {
        place
            .command()
            .args(command)
            .args(["--catalogue", "catalogue"])
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(BROKEN).count(1))
            .stderr(predicate::function(|said: &str| {
                let last = said.trim_end().lines().rev().take(4).collect::<String>();
                last.contains(BROKEN)
            }));
    }
}

#[test]
fn parts_of_a_run_name_it_once() {
    let place = broken();
    for part in ["1/2", "2/2"] {
        let file = format!("{}.jsonl", &part[..1]);
        place
            .command()
            .args([
                "run",
                "good",
                "--lane",
                "reference,native",
                "--catalogue",
                "catalogue",
            ])
            .args(["--partition", part, "--json", &file])
            .assert()
            .code(2);
    }
    place
        .command()
        .args(["merge", "1.jsonl", "2.jsonl"])
        .assert()
        .code(2)
        .stdout(contains(format!("NOT LOADED {BROKEN}:4: ")).count(1));
}
