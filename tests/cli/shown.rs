//! What people read, whole: the terminal, GitHub's annotations and summary, `JUnit`.
//!
//! Each view is a file in `snapshots/`. Where one is to change,
//! `INSTA_UPDATE=always cargo test --test cli shown` writes them anew, and the
//! difference is to be read.

use std::fs;
use std::process::Output;

use regex::Regex;

use crate::common::{Place, main_of};

/// What differs from run to run and from machine to machine, and what stands for
/// it.
const VARIES: [(&str, &str); 10] = [
    (
        r"vera-stress [0-9]+\.[0-9]+\.[0-9]+",
        "vera-stress [version]",
    ),
    (r"(?-u:\b)[0-9]+(\.[0-9]+)?(ms|s)(?-u:\b)", "[time]"),
    (r#" time="[0-9.]+""#, r#" time="[time]""#),
    (r"(?m)^( +time +).*$", "$1[times]"),
    (r", [0-9.]+ MiB\)", ", [size])"),
    (r"[0-9.]+ GiB", "[size]"),
    (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}",
        "[date and hour]",
    ),
    (r"[0-9a-f]{64}", "[fingerprint]"),
    (r"(linux|macos) [^,]+,", "[system],"),
    (r"(?m) +$", ""),
];

/// A text without what varies.
fn settled(text: &str) -> String {
    let replace = |text: String, (pattern, with): &(&str, &str)| {
        let pattern = Regex::new(pattern).unwrap();
        pattern.replace_all(&text, *with).into_owned()
    };
    VARIES.iter().fold(text.to_owned(), replace)
}

/// A catalogue with each way in which a case can end: it passes, fails, fails as
/// it is known to, no longer does, does not compile, and cannot be judged.
fn every_end() -> Place {
    let place = Place::new();
    let from_7 = main_of("@Int", "pure", "if @Nat.0 < 7 then { 1 } else { 2 }");
    let limit = |from_n: u64| {
        format!(
            "[[known]]\nvera = \"*\"\nlanes = [\"*\"]\nfrom_n = {from_n}\nverdict = \"wrong\"\nbecause = \"It is two.\"\n"
        )
    };
    place.good();
    let one = |name: &str, program: &str| {
        let scenario = place.scenario(name).program(program);
        scenario.expect("value = \"1\"")
    };
    one("bad", &from_7).write();
    one("limited", &from_7).tables(&limit(7)).write();
    let always = main_of("@Int", "pure", "1");
    one("fixed", &always).tables(&limit(1)).write();
    one("rejected", &main_of("@Int", "pure", "\"no number\"")).write();
    place
        .scenario("unasked")
        .program(&always)
        .expect("")
        .file("expect.rhai", "fn value(n) { throw \"that is enough\" }\n")
        .write();
    place
}

/// Runs a command in a step of a workflow.
fn shown(place: &Place, arguments: &[&str]) -> Output {
    let mut command = place.process();
    command
        .env("GITHUB_WORKSPACE", place.path(""))
        .env("GITHUB_STEP_SUMMARY", place.path("summary.md"))
        .args(arguments);
    if ["run", "climb", "compare", "known", "bisect"].contains(&arguments[0]) {
        command.args(["--catalogue", "catalogue"]);
    }
    command.output().unwrap()
}

#[track_caller]
fn is_as_kept(name: &str, text: String) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn terminal(output: Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    settled(&String::from_utf8(output.stdout).unwrap())
}

fn file(place: &Place, name: &str) -> String {
    settled(&fs::read_to_string(place.path(name)).unwrap())
}

#[test]
fn a_run() {
    let place = every_end();
    let arguments = [
        "run", "good", "bad", "limited", "fixed", "rejected", "unasked",
    ];
    let lanes = ["--lane", "reference,native", "--seed", "7", "--jobs", "1"];
    let outputs = ["--github", "--junit", "junit.xml"];
    let output = shown(&place, &[&arguments[..], &lanes, &outputs].concat());
    is_as_kept("run", terminal(output, 1));
    is_as_kept("run-summary", file(&place, "summary.md"));
    is_as_kept("run-junit", file(&place, "junit.xml"));
    is_as_kept("history", terminal(shown(&place, &["history"]), 0));
    let of_bad = shown(&place, &["history", "bad"]);
    is_as_kept("history-of-a-scenario", terminal(of_bad, 0));
}

#[test]
fn a_climb() {
    let place = every_end();
    let arguments = ["climb", "good", "bad", "limited", "rejected", "--to", "64"];
    let more = ["--seed", "7", "--jobs", "1", "--github"];
    let output = shown(&place, &[&arguments[..], &more].concat());
    is_as_kept("climb", terminal(output, 1));
    is_as_kept("climb-summary", file(&place, "summary.md"));
}

#[test]
fn a_comparison() {
    let place = every_end();
    let arguments = ["compare", "linked-list", "good", "--lane", "native"];
    let more = ["--scale", "1000", "--seed", "7", "--jobs", "1", "--github"];
    let versions = ["--vera", "0.1.8", "--vera", "0.1.9", "--vera", "0.2.5"];
    let output = shown(&place, &[&arguments[..], &more, &versions].concat());
    is_as_kept("compare", terminal(output, 0));
    is_as_kept("compare-summary", file(&place, "summary.md"));
}

#[test]
fn a_bisection() {
    let place = every_end();
    let arguments = [
        "bisect",
        "linked-list",
        "--scale",
        "1000",
        "--for",
        "instructions",
    ];
    let ends = ["--good", "0.1.8", "--bad", "0.1.9"];
    let output = shown(&place, &[&arguments[..], &ends].concat());
    is_as_kept("bisect", terminal(output, 0));
}

#[test]
fn known_limits() {
    let place = every_end();
    let arguments = ["known", "limited", "fixed"];
    let output = shown(&place, &arguments);
    is_as_kept("known", terminal(output, 0));
    let check = ["--check", "--seed", "7", "--jobs", "1"];
    let output = shown(&place, &[&arguments[..], &check].concat());
    is_as_kept("known-check", terminal(output, 1));
}

#[test]
fn what_varies_is_taken_out_and_nothing_else() {
    assert_eq!(
        settled("pass  good [reference] n=100 (0.19s, 48.7 MiB)"),
        "pass  good [reference] n=100 ([time], [size])"
    );
    let exact = "pass  good [native] n=100 (19 instructions, 31.3 KiB, 0 collections)";
    assert_eq!(settled(exact), exact);
}
