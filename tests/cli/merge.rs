//! `merge`: the parts of a run give what the run would have.

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

use crate::common::{Place, Ran, main_of, three_scenarios};
use regex::Regex;
use serde_json::Value;

/// A place whose scenarios come to a verdict of each kind: two pass, one fails
/// from n = 7 on, one fails as it says, one no longer does, and one cannot be
/// judged.
fn place() -> Place {
    let place = three_scenarios();
    let body = "if @Nat.0 < 7 then { 1 } else { 2 }";
    for (name, n) in [("known", 1000), ("fixed", 5)] {
        let limit = "[[known]]\nvera = \">=0.1.5\"\nlanes = [\"*\"]\nfrom_n = 3\nverdict = \"wrong\"\nbecause = \"Seven is too many.\"\n";
        place
            .scenario(name)
            .axis("right")
            .n(n)
            .program(&main_of("@Int", "pure", body))
            .expect("value = \"1\"")
            .tables(limit)
            .write();
    }
    unjudged(&place);
    place
}

/// A scenario whose oracle fails.
fn unjudged(place: &Place) {
    place
        .scenario("unjudged")
        .program(&main_of("@Int", "pure", "1"))
        .expect("value = \"1 / (n - n)\"")
        .write();
}

const OURS: [&str; 6] = ["one", "two", "bad", "known", "fixed", "unjudged"];

/// Runs the binary; what it wrote into a file becomes the events.
fn vera_stress(place: &Place, arguments: &[&str], json: &str) -> Ran {
    let mut command = place.process();
    command.args(arguments).args(["--json", json]);
    let output = command.output().unwrap();
    let text = fs::read_to_string(place.path(json)).unwrap_or_default();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        events: text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    }
}

/// Runs these scenarios with these options as a whole, or as a part.
fn run(place: &Place, which: &[&str], file: &str) -> Ran {
    let common = ["run", "--catalogue", "catalogue", "--seed", "7"];
    vera_stress(
        place,
        &[&common[..], which].concat(),
        &format!("{file}.jsonl"),
    )
}

/// Runs all parts of `of`; gives the names of their files, the last one first.
fn parts(place: &Place, which: &[&str], of: usize) -> Vec<String> {
    for part in 1..=of {
        let share = format!("{part}/{of}");
        run(
            place,
            &[which, &["--partition", &share]].concat(),
            &format!("part-{part}"),
        );
    }
    (1..=of)
        .rev()
        .map(|part| format!("part-{part}.jsonl"))
        .collect()
}

fn merge(place: &Place, files: &[String], more: &[&str]) -> Ran {
    let mut arguments = vec!["merge"];
    arguments.extend(files.iter().map(String::as_str));
    arguments.extend(more);
    vera_stress(place, &arguments, "merged.jsonl")
}

/// The last record of each case without what is another in each run, in the
/// order in which the cases first ended.
fn records(ran: &Ran) -> Vec<Value> {
    let mut cases: Vec<Value> = Vec::new();
    for event in &ran.events {
        if !event["event"].as_str().unwrap().starts_with("case-") {
            continue;
        }
        let mut record = event.clone();
        for changes in ["event", "run", "compile", "measures", "host", "grown"] {
            record.as_object_mut().unwrap().remove(changes);
        }
        let key = |it: &Value| (it["scenario"].clone(), it["lane"].clone());
        match cases.iter_mut().find(|it| key(it) == key(&record)) {
            Some(place) => *place = record,
            None => cases.push(record),
        }
    }
    cases
}

/// The same in the order of the plan, which is that of the reports.
fn planned_records(ran: &Ran) -> Vec<Value> {
    let records = records(ran);
    let planned = ran.events[0]["planned"].as_array().unwrap();
    let same = |a: &Value, b: &Value| a["scenario"] == b["scenario"] && a["lane"] == b["lane"];
    let found = |case: &Value| records.iter().find(|it| same(case, it)).unwrap().clone();
    planned.iter().map(found).collect()
}

/// A text without what stands between `start` and `end`, wherever it does.
fn without(text: &str, start: &str, end: &str) -> String {
    let mut pieces = text.split(start);
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        kept.push_str(piece.split_once(end).map_or(piece, |(_, rest)| rest));
    }
    kept
}

fn junit(place: &Place, file: &str) -> String {
    let text = fs::read_to_string(place.path(file)).unwrap();
    let text = without(&text, " time=\"", "\"");
    without(&without(&text, " timestamp=\"", "\""), " uuid=\"", "\"")
}

/// How the cases that are as expected are listed: a run is in the history for that.
static LISTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("list with `[^`]*`|`-v` lists them").expect("it is an expression"));

/// What is printed, without costs: the head, the lines of the cases in any order,
/// and all that follows the first empty line.
fn printed(ran: &Ran) -> (String, BTreeSet<String>, String) {
    let (lines, end) = ran.stdout.split_once("\n\n").unwrap();
    let mut lines = lines.lines().map(|line| match line.strip_prefix("pass") {
        Some(_) => without(line, " (", ")"),
        None => line.to_owned(),
    });
    (
        lines.next().unwrap(),
        lines.collect(),
        LISTED
            .replace(&without(end, " in ", "s"), "[listed]")
            .into_owned(),
    )
}

#[track_caller]
fn are_the_same(merged: &Ran, whole: &Ran) {
    assert_eq!(merged.code, whole.code, "{merged}\n{whole}");
    assert_eq!(records(merged), planned_records(whole));
    assert_eq!(printed(merged), printed(whole));
    let summary = |ran: &Ran| {
        let mut summary = ran.events.last().unwrap().clone();
        // A run of which parts are joined is in no history that could list its cases.
        for key in ["seconds", "listed"] {
            summary.as_object_mut().unwrap().remove(key);
        }
        summary
    };
    assert_eq!(summary(merged), summary(whole));
    let info = |ran: &Ran| {
        let mut info = ran.events[0].clone();
        info.as_object_mut().unwrap().remove("started");
        info
    };
    assert_eq!(info(merged), info(whole));
}

#[test]
fn the_merged_parts_are_the_run() {
    let place = place();
    let whole = run(
        &place,
        &[&OURS[..], &["--junit", "whole.xml"]].concat(),
        "whole",
    )
    .exits(1);
    let verdicts: BTreeSet<&str> = records_verdicts(&whole);
    assert_eq!(
        verdicts,
        BTreeSet::from(["pass", "wrong", "known", "fixed", "not-run"])
    );
    assert!(
        whole
            .events
            .iter()
            .any(|event| event["event"] == "case-shrunk")
    );
    let mut files = parts(&place, &OURS, 3);
    let merged = merge(&place, &files, &["--junit", "merged.xml"]);
    are_the_same(&merged, &whole);
    assert_eq!(junit(&place, "merged.xml"), junit(&place, "whole.xml"));
    // What was merged is a run, too.
    fs::rename(place.path("merged.jsonl"), place.path("one.jsonl")).unwrap();
    files = vec!["one.jsonl".to_owned()];
    are_the_same(&merge(&place, &files, &[]), &whole);
    files = vec!["whole.jsonl".to_owned()];
    are_the_same(&merge(&place, &files, &[]), &whole);
}

fn records_verdicts(ran: &Ran) -> BTreeSet<&str> {
    let cases = ran
        .events
        .iter()
        .filter(|event| event["event"] == "case-finished");
    cases
        .map(|case| case["verdict"].as_str().unwrap())
        .collect()
}

#[test]
fn more_parts_than_cases_are_the_run() {
    let place = three_scenarios();
    let which = ["one", "two", "--lane", "reference,native"];
    let whole = run(&place, &which, "whole").exits(0);
    let files = parts(&place, &which, 4);
    are_the_same(&merge(&place, &files, &[]), &whole);
}

#[test]
fn an_exit_code_outlives_its_part() {
    let place = three_scenarios();
    unjudged(&place);
    // Only one of the parts has what cannot be judged.
    let which = ["one", "unjudged", "--lane", "native"];
    let whole = run(&place, &which, "whole").exits(2);
    let files = parts(&place, &which, 2);
    are_the_same(&merge(&place, &files, &[]), &whole);
    // A folder that cannot be read is no case at all.
    fs::remove_dir_all(place.path("catalogue/axis/unjudged")).unwrap();
    place.write("catalogue/axis/torn/scenario.toml", "title = ");
    let which = ["one", "--lane", "native"];
    let whole = run(&place, &which, "whole").exits(2);
    let files = parts(&place, &which, 2);
    are_the_same(&merge(&place, &files, &[]), &whole);
}

#[test]
fn a_killed_part_is_named_and_what_it_finished_is_kept() {
    let place = three_scenarios();
    let which = ["one", "two", "bad", "--lane", "native", "--no-shrink"];
    let files = parts(&place, &which, 2);
    let part = fs::read_to_string(place.path("part-1.jsonl")).unwrap();
    // As if it had been killed while it wrote its second case.
    let second = part.match_indices('\n').nth(1).unwrap().0 + 40;
    place.write("part-1.jsonl", &part[..second]);
    merge(&place, &files, &[]).exits(2).says(&[
        "the run is not whole: part 1/2 (part-1.jsonl) did not finish, with 1 of its 2 cases recorded\n     next: ",
    ]);
    assert!(!place.path("merged.jsonl").exists());
    let merged = merge(&place, &files, &["--incomplete"]).exits(1);
    assert_eq!(merged.events.last().unwrap()["not_run"], 1);
    assert_eq!(merged.events.last().unwrap()["cases"], 3);
    assert!(
        merged
            .stdout
            .contains("[native]: part 1/2 (part-1.jsonl) did not finish"),
        "{merged}"
    );
    assert!(
        merged.stdout.trim_end().ends_with("s, incomplete"),
        "{merged}"
    );
    // Neither is there when a part is missing, or left an empty file.
    place.write("part-1.jsonl", "");
    let said = "part-1.jsonl holds no event";
    merge(&place, &files, &[]).exits(2).says(&[said]);
    let merged = merge(&place, &files, &["--incomplete"])
        .exits(1)
        .says(&[said]);
    assert_eq!(merged.events.last().unwrap()["not_run"], 2);
    // Nor where it is cut off before anything is known of its run.
    place.write(
        "part-1.jsonl",
        "{\"event\":\"run-started\",\"started\":\"2026-1",
    );
    let said =
        "part-1.jsonl is cut off in its first line, so nothing is known of its run\n     next: ";
    merge(&place, &files, &[]).exits(2).says(&[said]);
    merge(&place, &files, &["--incomplete"])
        .exits(1)
        .says(&[said]);
    let files = &files[..1];
    merge(&place, files, &[])
        .exits(2)
        .says(&["the run is not whole: part 1/2 is missing\n"]);
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let place = three_scenarios();
    let which = ["one", "two", "--lane", "native"];
    let mut files = parts(&place, &which, 2);
    files.push("copy.jsonl".to_owned());
    fs::copy(place.path("part-1.jsonl"), place.path("copy.jsonl")).unwrap();
    merge(&place, &files, &[])
        .exits(2)
        .says(&["part 1/2 is in two files, part-1.jsonl and copy.jsonl\n     next: "]);
    for (more, words) in [
        (
            &["--scale", "x2"][..],
            "0 is a case of only one of them\n     next: run all parts with the same options",
        ),
        (
            &["--ignore-known"],
            "one with --ignore-known, the other without",
        ),
        (&["--profile", "quick"], "profiles default and quick"),
        (
            &["--seed", "8"],
            "seeds 7 and 8\n     next: name a --seed in all parts",
        ),
    ] {
        let common = ["run", "--catalogue", "catalogue", "--partition", "2/2"];
        let seed: &[&str] = if more[0] == "--seed" {
            &[]
        } else {
            &["--seed", "7"]
        };
        let arguments = [&common[..], &which, seed, more].concat();
        vera_stress(&place, &arguments, "other.jsonl").exits(0);
        let files = ["part-1.jsonl".to_owned(), "other.jsonl".to_owned()];
        merge(&place, &files, &["--incomplete"]).exits(2).says(&[
            "part-1.jsonl and other.jsonl are parts of different runs: ",
            words,
        ]);
    }
    place.write("climb.jsonl", "{\"event\":\"climbs-started\"}\n");
    place.write("text.jsonl", "hello\n");
    let files = ["climb.jsonl", "text.jsonl", "nowhere.jsonl"].map(str::to_owned);
    merge(&place, &files, &["--incomplete"]).exits(2).says(&[
        "climb.jsonl:1: this is the record of a climb",
        "text.jsonl:1: this is not JSON",
        "nowhere.jsonl cannot be read: No such file",
    ]);
}

#[test]
fn no_part_is_overwritten() {
    let place = three_scenarios();
    let files = parts(&place, &["one", "--lane", "native"], 1);
    let before = fs::read(place.path("part-1.jsonl")).unwrap();
    for output in ["--json", "--junit"] {
        let mut command = place.process();
        let output = command.args(["merge", "part-1.jsonl", output, "./part-1.jsonl"]);
        let output = output.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("part-1.jsonl is one of the parts"), "{said}");
    }
    assert_eq!(fs::read(place.path("part-1.jsonl")).unwrap(), before);
    // A file that cannot be written is named.
    let mut command = place.process();
    let output = command.args(["merge", &files[0], "--junit", "no/such/folder.xml"]);
    let output = output.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("no/such/folder.xml cannot be written"),
        "{said}"
    );
}
