//! `report` shows a recording as its run was shown.

use std::fs;

use super::{OWN, many_ends, vera_stress};
use crate::common::Place;

/// What a run printed; it also wrote `run.jsonl` and `run.xml`.
fn run(place: &Place) -> String {
    let run = ["run", "--catalogue", "catalogue", "--lane", "native"];
    let out = ["--json", "run.jsonl", "--junit", "run.xml"];
    let (code, printed, _) = vera_stress(place, &[&run[..], &OWN, &out].concat());
    assert_eq!(code, Some(1));
    printed
}

#[test]
fn text_is_what_the_terminal_showed() {
    let place = many_ends();
    let shown = run(&place);
    let (code, printed, error) = vera_stress(&place, &["report", "run.jsonl", "--text"]);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert_eq!(printed, shown);
    assert!(!place.path("run.html").exists(), "nobody asked for a page");
}

#[test]
fn junit_is_what_the_run_wrote() {
    let place = many_ends();
    run(&place);
    let junit = ["report", "run.jsonl", "--junit", "again.xml"];
    let (code, printed, error) = vera_stress(&place, &junit);
    assert_eq!((code, printed.as_str(), error.as_str()), (Some(0), "", ""));
    let [run, again] = ["run.xml", "again.xml"].map(|it| fs::read_to_string(place.path(it)));
    assert_eq!(again.unwrap(), run.unwrap());
    // Beside a page, where one is asked for.
    let both = [&junit[..], &["--html", "run.html"]].concat();
    fs::remove_file(place.path("again.xml")).unwrap();
    assert_eq!(vera_stress(&place, &both).0, Some(0));
    assert!(place.path("run.html").exists() && place.path("again.xml").exists());
}

#[test]
fn github_is_told_of_each_failure() {
    let place = many_ends();
    run(&place);
    let mut command = place.process();
    command
        .env("GITHUB_WORKSPACE", place.path(""))
        .env("GITHUB_STEP_SUMMARY", place.path("summary.md"))
        .args(["report", "run.jsonl", "--github"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let printed = String::from_utf8(output.stdout).unwrap();
    let failed = printed.lines().filter(|it| it.starts_with("::error "));
    assert_eq!(failed.count(), 3, "{printed}");
    let summary = fs::read_to_string(place.path("summary.md")).unwrap();
    assert!(summary.contains("3 failed"), "{summary}");
}

#[test]
fn these_views_are_of_one_recording() {
    let place = many_ends();
    run(&place);
    fs::copy(place.path("run.jsonl"), place.path("other.jsonl")).unwrap();
    for view in [&["--text"][..], &["--junit", "both.xml"], &["--github"]] {
        let files = ["report", "run.jsonl", "other.jsonl"];
        let (code, printed, error) = vera_stress(&place, &[&files, view].concat());
        // GitHub is told as well, on standard output.
        let told = printed.starts_with("::error title=nothing was run::");
        assert_eq!((code, told), (Some(2), view == ["--github"]), "{printed}");
        let said = "--text, --junit and --github show one recording, and several files are named";
        assert!(error.contains(said) && error.contains("next: "), "{error}");
    }
    assert!(!place.path("both.xml").exists());
}

#[test]
fn nothing_recorded_is_overwritten_by_results() {
    let place = many_ends();
    run(&place);
    let before = fs::read(place.path("run.jsonl")).unwrap();
    let (code, _, error) = vera_stress(&place, &["report", "run.jsonl", "--junit", "run.jsonl"]);
    assert_eq!(code, Some(2));
    assert!(
        error.contains("run.jsonl is what the page is made of"),
        "{error}"
    );
    assert!(fs::read(place.path("run.jsonl")).unwrap() == before);
}
