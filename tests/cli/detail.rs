//! How much a use shows: the numbers of many cases, everything with `-v`, and only
//! what is not as expected with `-q`.

use std::process::Stdio;

use rustix::process::Signal;
use serde_json::Value;

use crate::common::{Place, Ran, base_python, main_of, patient, signal, wait_for};

/// A place with 14 scenarios, which are more than are shown one by one: 12 that pass,
/// on two axes, one that fails from n = 7 on, and one whose limit is known.
fn many() -> Place {
    let place = Place::new();
    let identity = main_of("@Nat", "pure", "@Nat.0");
    for number in 1..=12 {
        let axis = if number > 4 { "wide" } else { "deep" };
        let name = format!("good-{number}");
        place.scenario(&name).axis(axis).program(&identity).write();
    }
    let from_7 = main_of("@Int", "pure", "if @Nat.0 < 7 then { 1 } else { 2 }");
    let limit = "[[known]]\nvera = \"*\"\nlanes = [\"*\"]\nfrom_n = 7\nverdict = \"wrong\"\nbecause = \"It is two.\"\n";
    let one = |name: &str| {
        let scenario = place.scenario(name).axis("deep").program(&from_7);
        scenario.expect("value = \"1\"")
    };
    one("limited").tables(limit).write();
    one("bad").tables("[budget]\nwall = \"5m\"\n").write();
    place
}

/// What a run shows, without what differs from run to run.
fn shown(ran: &Ran) -> Vec<&str> {
    let text = ran.stdout.split(" in ").next().unwrap();
    text.lines().skip(1).collect()
}

const NATIVE: [&str; 5] = ["--axis", "deep", "--axis", "wide", "--lane=native"];

fn run(place: &Place, more: &[&str]) -> Ran {
    place.run(&[&NATIVE[..], more].concat())
}

const FAILURE: [&str; 5] = [
    "FAIL bad [native] n=10: expected 1, got 2",
    "     smallest failing n: 7 (6 passes)   guards tests of the harness",
    "     again: vera-stress run bad --lane native --scale 7 --vera 0.2.5 --catalogue catalogue",
    "     reduce: vera-stress reduce bad --lane native --scale 7 --vera 0.2.5 --catalogue catalogue",
    "     folder: .vera-stress/failures/bad/native-n7-vera-0.2.5",
];

#[test]
fn many_cases_are_shown_by_what_is_not_as_expected_and_in_numbers() {
    let place = many();
    let ran = run(&place, &[]).exits(1);
    let numbers = [
        "",
        "axis  pass  wrong  known",
        "deep     4      1      1",
        "wide     8      -      -",
        "",
        "1 known limit: list with `vera-stress history --run 1 --only known`",
        "",
        "14 cases: 12 passed, 1 failed, 1 known limit",
    ];
    assert_eq!(
        shown(&ran),
        [&[""], &FAILURE[..], &numbers].concat(),
        "{ran}"
    );
    // The command lists it.
    let list = ["history", "--run", "1", "--only", "known"];
    let listed = place.command().args(list).assert().success();
    let listed = String::from_utf8(listed.get_output().stdout.clone()).unwrap();
    assert_eq!(
        listed,
        "known limited [native] n=10: expected 1, got 2 (known: It is two.)\n1 case of run 1\n"
    );
    // Where it is not in the history, there is another way.
    let ran = run(&place, &["--no-history"]).exits(1);
    assert!(
        ran.stdout.contains("\n1 known limit: `-v` lists them\n"),
        "{ran}"
    );
}

#[test]
fn everything_is_a_line_a_case_and_what_is_not_as_expected_again() {
    let place = many();
    for option in ["-v", "--verbose"] {
        let ran = run(&place, &[option, "--jobs", "1"]).exits(1);
        let lines = shown(&ran);
        let (cases, end) = lines.split_at(14);
        let first = "FAIL  bad [native] n=10: expected 1, got 2";
        assert_eq!(cases[0], first, "the longest budget goes first");
        let passed = cases.iter().filter(|it| it.starts_with("pass  good-"));
        assert_eq!(passed.count(), 12, "{ran}");
        let known = "known limited [native] n=10: expected 1, got 2 (known: It is two.)";
        assert!(cases.contains(&known), "{ran}");
        let last = ["", "14 cases: 12 passed, 1 failed, 1 known limit"];
        assert_eq!(end, [&[""], &FAILURE[..], &last].concat(), "{ran}");
    }
}

#[test]
fn quiet_is_what_is_not_as_expected_and_the_last_line() {
    let place = many();
    for option in ["-q", "--quiet"] {
        let ran = run(&place, &[option]).exits(1);
        let lines: Vec<&str> = ran.stdout.split(" in ").next().unwrap().lines().collect();
        let last = ["", "14 cases: 12 passed, 1 failed, 1 known limit"];
        assert_eq!(lines, [&FAILURE[..], &last].concat(), "{ran}");
    }
    let ran = run(&place, &["-q", "--scale", "5"]).exits(0);
    assert!(
        ran.stdout.starts_with("14 cases: 14 passed, 0 failed"),
        "{ran}"
    );
    run(&place, &["-q", "-v"])
        .exits(2)
        .says(&["cannot be used with"]);
}

#[test]
fn few_cases_are_shown_one_by_one_and_what_failed_once() {
    let place = many();
    let few = ["good-1", "bad", "limited", "--lane=native", "--no-history"];
    let ran = place.run(&few).exits(1);
    let lines = shown(&ran);
    assert!(
        lines
            .iter()
            .any(|it| it.starts_with("pass  good-1 [native] n=10 (")),
        "{ran}"
    );
    assert!(
        lines
            .iter()
            .any(|it| it.starts_with("known limited [native] n=10: ")),
        "{ran}"
    );
    assert_eq!(
        ran.stdout.matches("bad [native] n=10: expected").count(),
        1,
        "{ran}"
    );
    assert!(!ran.stdout.contains("axis"), "{ran}");
    assert!(!ran.stdout.contains("lists them"), "all are shown: {ran}");
}

#[test]
fn what_the_first_failure_kept_from_running_is_one_line_before_it() {
    let place = many();
    let ran = run(&place, &["--fail-fast", "--jobs", "1"]).exits(1);
    let numbers = [
        "",
        "axis  wrong  not-run",
        "deep      1        5",
        "wide      -        8",
        "",
        "13 not run: list with `vera-stress history --run 1 --only not-run`",
        "",
        "NOT RUN 13 cases (good-1, good-10, good-11 and 10 more scenarios): another case failed first (--fail-fast)",
        "",
    ];
    let last = ["", "14 cases: 0 passed, 1 failed, 13 not run"];
    assert_eq!(
        shown(&ran),
        [&numbers, &FAILURE[..], &last].concat(),
        "{ran}"
    );
    // With everything, each has a line.
    let ran = run(&place, &["--fail-fast", "--jobs", "1", "-v"]).exits(1);
    assert!(
        ran.stdout.contains(
            "\nNOT RUN: another case failed first (--fail-fast)\n     good-1 [native] n=10\n"
        ),
        "{ran}"
    );
}

#[test]
fn an_interrupted_run_names_what_was_not_run_before_what_failed() {
    let place = many();
    place
        .scenario("waits")
        .axis("deep")
        .program(&patient("wait(@String.0, @Nat.0)"))
        .tables("[budget]\nwall = \"4m\"\n")
        .write();
    let arguments = [
        &NATIVE[..4],
        &["--lane=reference", "--jobs", "1", "--no-shrink"],
    ]
    .concat();
    let process = place
        .process()
        .args(place.run_args(&arguments))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for("the failure", || place.events().get(1).cloned());
    signal(process.id() as i32, Signal::INT);
    let ran = place.ran(process.wait_with_output().unwrap()).exits(130);
    let end: Vec<&str> = shown(&ran);
    let end = &end[end.len() - 9..];
    assert!(
        end[0].starts_with("NOT RUN 14 cases (good-1, ")
            && end[0].ends_with("): the run was interrupted"),
        "{ran}"
    );
    assert_eq!(
        end[1..3],
        ["", "FAIL bad [reference] n=10: expected 1, got 2"],
        "{ran}"
    );
    assert_eq!(
        end[7..],
        ["", "15 cases: 0 passed, 1 failed, 14 not run"],
        "{ran}"
    );
    assert!(ran.stdout.trim_end().ends_with(", interrupted"), "{ran}");
}

#[test]
fn a_recording_is_shown_as_much_as_is_asked_for() {
    let place = many();
    for option in [&[][..], &["-v"], &["-q"]] {
        let ran = run(&place, &[option, &["--jobs", "1"]].concat()).exits(1);
        let again = [&["report", "events.jsonl", "--text"], option].concat();
        let again = place.process().args(again).output().unwrap();
        assert_eq!(String::from_utf8(again.stdout).unwrap(), ran.stdout);
        // A part that is the whole is joined into the same, and is in no history.
        let merged = [&["merge", "events.jsonl"], option].concat();
        let merged = place.process().args(merged).output().unwrap();
        assert_eq!(merged.status.code(), Some(1));
        let text = String::from_utf8(merged.stdout).unwrap();
        assert_eq!(text.lines().count(), ran.stdout.lines().count(), "{text}");
    }
    let without = place
        .command()
        .args(["report", "events.jsonl", "-q"])
        .assert()
        .code(2);
    let said = String::from_utf8(without.get_output().stderr.clone()).unwrap();
    assert!(said.contains("add --text, or leave them out"), "{said}");
}

#[test]
fn a_run_can_be_listed_after_the_fact() {
    let place = many();
    run(&place, &["--no-shrink"]).exits(1);
    let listed = |more: &[&str], code: i32| {
        let arguments = [&["history", "--run"], more].concat();
        let output = place.process().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let [text, said] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
        format!("{text}{said}")
    };
    let all = listed(&["last"], 0);
    assert_eq!(all.matches("pass  good-").count(), 12, "{all}");
    assert!(
        all.contains("FAIL bad [native] n=10: expected 1, got 2\n     guards "),
        "{all}"
    );
    assert!(all.ends_with("\n14 cases of run 1\n"), "{all}");
    let some = listed(&["1", "good-1*", "--only", "pass,failed"], 0);
    assert!(some.ends_with("\n4 cases of run 1\n"), "{some}");
    let failed = listed(&["1", "--only", "failed", "--json"], 0);
    let failed: Value = serde_json::from_str(&failed).unwrap();
    assert_eq!(failed["cases"].as_array().unwrap().len(), 1);
    assert_eq!(failed["cases"][0]["scenario"], "bad");
    assert_eq!(
        listed(&["1", "--only", "wrong,trap"], 0),
        listed(&["1", "--only", "failed"], 0)
    );
    let none = listed(&["1", "--lane", "reference"], 4);
    assert!(none.contains("run 1 has nothing that matches"), "{none}");
    let none = listed(&["7"], 2);
    assert!(
        none.contains("there is no run 7 in .vera-stress/history.db"),
        "{none}"
    );
    let none = listed(&["1", "--only", "nope"], 2);
    assert!(none.contains("no case comes to `nope`"), "{none}");
}

#[test]
fn climbs_are_shown_like_runs() {
    let place = many();
    let climb = |more: &[&str], code: i32| {
        let arguments = [
            "climb",
            "--catalogue",
            "catalogue",
            "--to",
            "16",
            "--budget",
            "10m",
            "--jobs",
            "1",
        ];
        let output = place
            .process()
            .args(arguments)
            .args(&NATIVE[..4])
            .args(more)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = climb(&[], 1);
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(
        lines[..lines.len() - 1],
        [
            "",
            "FAIL bad [native]: wrong: expected 1, got 2",
            "     ceiling 6, wrong at n=7",
            "     guards tests of the harness",
            "     again: vera-stress run bad --lane native --scale 7 --vera 0.2.5 --catalogue catalogue",
            "",
            "axis  pass  wrong  known",
            "deep     4      1      1",
            "wide     8      -      -",
            "",
            "1 known limit, 14 ceilings: list with `vera-stress history --run 1`",
            "",
        ],
        "{text}"
    );
    let listed = place
        .command()
        .args(["history", "--run", "1", "good-1"])
        .assert()
        .success();
    let listed = String::from_utf8(listed.get_output().stdout.clone()).unwrap();
    assert!(
        listed.starts_with("pass  good-1 [native]: ceiling at least 16, "),
        "{listed}"
    );
    let quiet = climb(&["-q"], 1);
    assert_eq!(quiet.lines().count(), 6, "{quiet}");
    assert!(quiet.starts_with("FAIL bad [native]: "), "{quiet}");
    let all = climb(&["-v"], 1);
    assert_eq!(all.matches("pass  good-").count(), 12, "{all}");
}

/// Runs a command in a terminal of so many columns: what stands on its screen at the
/// end, and everything that was written to it.
fn on_a_terminal(place: &Place, kind: &str, columns: u16, arguments: &[&str]) -> [String; 2] {
    let output = std::process::Command::new(base_python())
        .arg("-c")
        .arg(include_str!("on_a_terminal.py"))
        .arg(columns.to_string())
        .arg(env!("CARGO_BIN_EXE_vera-stress"))
        .args(arguments)
        .current_dir(place.path(""))
        .env("TERM", kind)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap())
}

#[test]
fn a_terminal_shows_a_bar_and_in_the_end_what_a_pipe_gets() {
    let place = many();
    let arguments = place.run_args(&[&NATIVE[..], &["--no-shrink"]].concat());
    for (kind, columns) in [("xterm", 200), ("xterm", 50), ("dumb", 200)] {
        let [screen, written] = on_a_terminal(&place, kind, columns, &arguments);
        let report = ["report", "events.jsonl", "--text"];
        let piped = place.process().args(report).output().unwrap();
        let piped = String::from_utf8(piped.stdout).unwrap();
        // Long lines go on in the next one of the screen.
        let words = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(words(&screen), words(&piped), "{kind} {columns}");
        // What has no room for all of it says how far it is, and what cannot take
        // back what was written says nothing.
        let bar = written.contains("/14 ");
        let failed = written.contains("1 failed, last bad [native] n=10; ");
        let wide = columns == 200;
        assert_eq!(
            (bar, failed),
            (kind == "xterm", kind == "xterm" && wide),
            "{written:?}"
        );
    }
    // Quiet has none.
    let quiet = [&arguments[..], &["-q"]].concat();
    let [screen, written] = on_a_terminal(&place, "xterm", 200, &quiet);
    assert!(screen.starts_with("FAIL bad [native] n=10"), "{screen}");
    assert!(!written.contains("/14 "), "{written:?}");
}
