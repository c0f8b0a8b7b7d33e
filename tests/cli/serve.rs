//! `serve`: cases one by one, in lines of JSON.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use crate::common::{self, Place, main_of, patient, three_scenarios as place};
use serde_json::{Value, json};

/// A server that runs in a place.
struct Served {
    process: Child,
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl Served {
    fn start(place: &Place, arguments: &[&str]) -> Served {
        let mut command = place.process();
        command.args(["serve", "--catalogue", "catalogue"]);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        Served {
            requests: process.stdin.take(),
            replies: BufReader::new(process.stdout.take().unwrap()),
            process,
        }
    }

    fn send(&mut self, line: &str) {
        let requests = self.requests.as_mut().unwrap();
        writeln!(requests, "{line}").unwrap();
    }

    fn reply(&mut self) -> Value {
        let mut line = String::new();
        self.replies.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why}: `{line}`"))
    }

    fn ask(&mut self, request: Value) -> Value {
        self.send(&request.to_string());
        let reply = self.reply();
        assert_eq!(reply["id"], request["id"], "{reply}");
        reply
    }

    fn run(&mut self, case: &str) -> Value {
        self.ask(json!({ "id": case, "do": "run", "case": case }))
    }

    /// The names of what is collected under a filter.
    fn names(&mut self, filter: Value) -> Vec<String> {
        let mut request = json!({ "id": 1, "do": "collect" });
        for (key, value) in filter.as_object().unwrap() {
            request[key] = value.clone();
        }
        let reply = self.ask(request);
        let cases = reply["cases"]
            .as_array()
            .unwrap_or_else(|| panic!("{reply}"));
        let name = |case: &Value| case["name"].as_str().unwrap().to_owned();
        cases.iter().map(name).collect()
    }

    /// Ends the requests; gives the exit code, and that nothing more was replied.
    fn end(mut self) -> Option<i32> {
        self.requests = None;
        let mut rest = String::new();
        self.replies.read_line(&mut rest).unwrap();
        assert_eq!(rest, "");
        self.process.wait().unwrap().code()
    }
}

/// The recorded runs, the newest last.
fn history(place: &Place) -> Vec<Value> {
    let listed = place
        .process()
        .args(["history", "--json"])
        .output()
        .unwrap();
    serde_json::from_slice(&listed.stdout).unwrap()
}

fn error(reply: &Value) -> &str {
    reply["error"].as_str().unwrap_or_else(|| panic!("{reply}"))
}

#[test]
fn cases_are_collected_without_a_vera() {
    let place = place();
    let lanes = [
        "--lane",
        "native,native+random",
        "--seed",
        "9",
        "--scale",
        "x2",
    ];
    let mut served = Served::start(&place, &[&lanes[..], &["--cache-dir", "none"]].concat());
    let reply = served.ask(json!({ "id": "a", "do": "collect", "names": ["one"] }));
    let folder = place.path("").canonicalize().unwrap();
    let file = folder.join("catalogue/left/one/scenario.toml");
    let case = |name: &str, lane: &str| {
        json!({
            "name": name, "scenario": "one", "lane": lane, "n": 20, "axis": "left",
            "title": "The scenario one", "tags": [], "file": file,
        })
    };
    let cases = [
        case("one[native]", "native"),
        case("one[native+random]", "native+random=9"),
    ];
    assert_eq!(
        reply,
        json!({
            "id": "a", "cases": cases, "errors": [], "seed": 9,
            "vera": {
                "spec": vera_stress::toolchain::DEFAULT_RELEASE, "chosen": "pinned",
                "why": "the default, as no other is here",
            },
        })
    );
    assert_eq!(
        served.names(json!({ "axes": ["right"] })),
        ["two[native]", "two[native+random]"]
    );
    assert_eq!(served.names(json!({ "guards": ["harness"] })).len(), 6);
    assert_eq!(served.names(json!({ "tags": ["seed"] })).len(), 26);
    let nothing = served.ask(json!({ "id": 2, "do": "collect", "names": ["thre"] }));
    assert!(error(&nothing).contains("no scenario is called `thre`"));
    assert_eq!(served.end(), Some(0));
    assert!(!place.path("none").exists() && !place.path(".vera-stress").exists());
}

#[test]
fn a_seed_is_in_a_name_where_it_tells_two_cases_apart() {
    let place = place();
    let lanes = ["--lane", "native+random,native+random=5", "--seed", "9"];
    let mut served = Served::start(&place, &lanes);
    let names = served.names(json!({ "names": ["one"] }));
    assert_eq!(names, ["one[native+random=5]", "one[native+random=9]"]);
}

#[test]
fn a_case_is_told_as_run_tells_it() {
    let place = place();
    let ran = place.run(&["--lane", "reference", "one", "bad"]).exits(1);
    let mut served = Served::start(&place, &["--lane", "reference"]);
    served.names(json!({}));
    let one = served.run("one[reference]");
    assert_eq!(
        (&one["outcome"], &one["record"]["verdict"]),
        (&json!("passed"), &json!("pass"))
    );
    assert!(
        one["text"]
            .as_str()
            .unwrap()
            .starts_with("pass  one [reference] n=10 (")
    );
    let bad = served.run("bad[reference]");
    assert_eq!(
        (&bad["outcome"], &bad["record"]["verdict"]),
        (&json!("failed"), &json!("wrong"))
    );
    let text = bad["text"].as_str().unwrap();
    assert_eq!(text.lines().count(), 5, "{text}");
    assert!(ran.stdout.contains(text), "{text}{ran}");
    let folder = bad["record"]["folder"].as_str().unwrap();
    assert!(place.path(folder).join("repro.sh").is_file());
    let end = served.ask(json!({ "id": 0, "do": "finish" }));
    assert_eq!(
        (&end["summary"]["passed"], &end["summary"]["failed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(end["run"], 2);
    assert_eq!(served.end(), Some(0));
    // The one before is that of `run`.
    let [_, run] = &history(&place)[..] else {
        panic!("two runs")
    };
    assert_eq!((&run["kind"], &run["recorded"]), (&json!("run"), &json!(2)));
    assert_eq!(run["summary"]["failed"], 1);
}

#[test]
fn cases_that_were_announced_run_before_they_are_asked_for() {
    let place = place();
    let mut served = Served::start(&place, &["--lane", "native", "--jobs", "2"]);
    served.names(json!({}));
    let cases = ["two[native]", "one[native]", "bad[native]"];
    let reply = served.ask(json!({ "id": 1, "do": "ahead", "cases": cases }));
    assert_eq!(reply, json!({ "id": 1, "ahead": 3 }));
    // All three are in the history though nobody asked for one.
    common::wait_for("three cases in the history", || {
        let runs = history(&place);
        (runs.first()?["recorded"] == 3).then_some(())
    });
    assert_eq!(history(&place)[0]["planned"], 3);
    assert_eq!(served.run("one[native]")["outcome"], "passed");
    assert_eq!(served.run("bad[native]")["outcome"], "failed");
    // Whoever asks again has it run again.
    assert_eq!(served.run("one[native]")["outcome"], "passed");
    served.requests = None;
    assert_eq!(served.end(), Some(0));
    assert_eq!(history(&place)[0]["summary"]["cases"], 3);
}

#[test]
fn known_limits_and_oracles_have_outcomes_of_their_own() {
    let place = Place::new();
    let limit = "[[known]]\nvera = \">=0.1.5\"\nlanes = [\"native\"]\nfrom_n = 7\nverdict = \"wrong\"\nbecause = \"Seven.\"\n";
    for (name, body) in [("known", "2"), ("fixed", "1")] {
        let program = main_of("@Int", "pure", body);
        let scenario = place.scenario(name).program(&program).tables(limit);
        scenario.expect("value = \"1\"").write();
    }
    let program = main_of("@Int", "pure", "1");
    place
        .scenario("oracle")
        .program(&program)
        .expect("value = \"1 / (n - n)\"")
        .write();
    let read = "match json_parse(\"x\") { Ok(@Json) -> 1, Err(@String) -> 1 }";
    place
        .scenario("reads")
        .program(&main_of("@Int", "<IO>", read))
        .expect("value = \"1\"")
        .write();
    let mut served = Served::start(&place, &["--lane", "native"]);
    served.names(json!({}));
    for (name, outcome, words) in [
        (
            "known",
            "known",
            "known known [native] n=10: expected 1, got 2 (known: Seven.)\n",
        ),
        ("fixed", "fixed", "FIXED fixed [native] n=10: passes"),
        (
            "oracle",
            "not-run",
            "NOT RUN oracle [native] n=10: the scenario cannot be judged",
        ),
        ("reads", "unsupported", "unsupported reads [native] n=10: "),
    ] {
        let ran = served.run(&format!("{name}[native]"));
        assert_eq!(ran["outcome"], outcome, "{ran}");
        assert!(ran["text"].as_str().unwrap().starts_with(words), "{ran}");
    }
    let end = served.ask(json!({ "id": 0, "do": "finish" }));
    assert_eq!(end["summary"]["faults"]["scenario"], true);
}

#[test]
fn a_case_that_fails_is_compared_with_its_partner() {
    // The first element of a Set of 2 and 1: 1 in Vera's host, 2 in the native one.
    let body = "let @Set<Int> = set_add(set_add(set_new(), 2), 1);
  let @Array<Int> = set_to_array(@Set<Int>.0);
  @Array<Int>.0[0]";
    let place = Place::new();
    let program = main_of("@Int", "pure", body);
    let scenario = place.scenario("order").program(&program);
    scenario.expect("value = \"-1\"").write();
    // Where the other lane is not collected, nothing is compared.
    for (lanes, verdict) in [("reference,native", "engines-differ"), ("native", "wrong")] {
        let arguments = ["--lane", lanes, "--vera", "0.2.0"];
        let mut served = Served::start(&place, &arguments);
        served.names(json!({}));
        let ran = served.run("order[native]");
        assert_eq!(ran["record"]["verdict"], verdict, "{ran}");
    }
}

#[test]
fn bad_requests_are_answered_and_end_nothing() {
    let place = place();
    let mut served = Served::start(&place, &["--lane", "native"]);
    let early = served.run("one[native]");
    assert!(error(&early).contains("ask to `collect` first"), "{early}");
    served.names(json!({}));
    for (line, id, words) in [
        ("{", Value::Null, "it is no JSON"),
        ("[1]", Value::Null, "it is no JSON object"),
        ("\u{fffd}", Value::Null, "it is no JSON"),
        (r#"{"id": 3}"#, json!(3), "missing field `do`"),
        (
            r#"{"id": 4, "do": "jump"}"#,
            json!(4),
            "unknown variant `jump`",
        ),
        (
            r#"{"id": 5, "do": "run"}"#,
            json!(5),
            "missing field `case`",
        ),
        (
            r#"{"id": 6, "do": "run", "case": 7}"#,
            json!(6),
            "expected a string",
        ),
        (
            r#"{"id": 7, "do": "finish", "now": 1}"#,
            json!(7),
            "unknown field `now`",
        ),
        (
            r#"{"do": "run", "case": "linkedlist[native]"}"#,
            Value::Null,
            "did you mean `linked-list[native]`?",
        ),
        (
            r#"{"do": "run", "case": "life"}"#,
            Value::Null,
            "did you mean `life[native]`?",
        ),
        (
            r#"{"id": [8], "do": "ahead", "cases": ["x"]}"#,
            json!([8]),
            "next: the reply to `collect` has all names",
        ),
    ] {
        served.send(line);
        let reply = served.reply();
        assert_eq!(reply["id"], id, "{reply}");
        assert!(error(&reply).contains(words), "{reply}");
        assert!(error(&reply).contains("next: "), "{reply}");
    }
    served.send("");
    assert_eq!(served.run("one[native]")["outcome"], "passed");
    // Also once a run has begun.
    for (line, words) in [
        ("no", "it is no JSON"),
        (r#"{"do": "collect"}"#, "the run has begun"),
        (r#"{"do": "run", "case": "x"}"#, "no case is called `x`"),
    ] {
        served.send(line);
        let reply = served.reply();
        assert!(error(&reply).contains(words), "{reply}");
    }
    assert_eq!(served.run("two[native]")["outcome"], "passed");
    assert_eq!(served.end(), Some(0));
}

#[test]
fn a_scenario_that_cannot_be_loaded_is_in_the_reply() {
    let place = place();
    place.write("catalogue/left/wrong/scenario.toml", "colour = 1\n");
    let mut served = Served::start(&place, &["--lane", "native"]);
    let reply = served.ask(json!({ "id": 1, "do": "collect", "names": ["one"] }));
    let broken = &reply["errors"][0];
    assert_eq!(
        broken["file"], "catalogue/left/wrong/scenario.toml",
        "{reply}"
    );
    assert_eq!(broken["line"], 1);
    let text = broken["text"].as_str().unwrap();
    assert!(
        text.starts_with("catalogue/left/wrong/scenario.toml:1: "),
        "{text}"
    );
    assert_eq!(served.run("one[native]")["outcome"], "passed");
}

#[test]
fn a_vera_that_cannot_be_set_up_is_the_reply_to_each_case() {
    let place = place();
    let python = common::only_script(&place, "python", "exit 1").join("python");
    let python = python.to_str().unwrap();
    let mut served = Served::start(&place, &["--vera", python, "--lane", "native"]);
    served.names(json!({}));
    let first = served.ask(json!({ "id": "one[native]", "do": "set-up" }));
    assert!(error(&first).contains("next: "), "{first}");
    assert_eq!(error(&served.run("one[native]")), error(&first));
    assert_eq!(error(&served.run("two[native]")), error(&first));
    assert_eq!(served.end(), Some(3));
}

#[test]
fn bad_options_end_it_at_once() {
    let place = place();
    for arguments in [
        ["--profile", "fast"],
        ["--vera", "nowhere"],
        ["--scale", "0"],
        ["--jobs", "0"],
    ] {
        assert_eq!(
            Served::start(&place, &arguments).end(),
            Some(2),
            "{arguments:?}"
        );
    }
}

/// A case that waits for the file `go`, and one that does not.
fn waits() -> Place {
    let place = Place::new();
    let text = patient("wait(@String.0, @Nat.0)");
    place
        .scenario("waits")
        .program(&text)
        .tables("[budget]\nwall = \"5m\"\n")
        .write();
    place.good();
    place
}

#[test]
fn what_is_asked_for_is_next_and_the_end_ends_what_is_under_way() {
    let place = waits();
    let mut served = Served::start(&place, &["--lane", "reference", "--jobs", "2"]);
    served.names(json!({}));
    let cases = ["waits[reference]", "good[reference]"];
    served.ask(json!({ "id": 1, "do": "ahead", "cases": cases }));
    // One that is under way holds up nobody.
    assert_eq!(served.run("good[reference]")["outcome"], "passed");
    served.send(r#"{"id": 2, "do": "run", "case": "waits[reference]"}"#);
    served.send(r#"{"id": 3, "do": "finish"}"#);
    let waiting = served.reply();
    assert_eq!(
        (&waiting["id"], &waiting["outcome"]),
        (&json!(2), &json!("not-run"))
    );
    let end = served.reply();
    assert_eq!(
        (&end["id"], &end["summary"]["cases"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(end["summary"]["incomplete"], true);
    assert_eq!(end["summary"]["interrupted"], false);
    assert_eq!(served.end(), Some(0));
}

#[test]
fn a_case_that_the_end_leaves_waiting_is_told_so() {
    let place = waits();
    let mut served = Served::start(&place, &["--lane", "reference", "--jobs", "1"]);
    served.names(json!({}));
    served.ask(json!({ "id": 1, "do": "ahead", "cases": ["waits[reference]"] }));
    served.send(r#"{"id": 2, "do": "run", "case": "good[reference]"}"#);
    served.send(r#"{"id": 3, "do": "finish"}"#);
    let left = served.reply();
    assert_eq!(left["id"], 2, "{left}");
    assert!(error(&left).contains("the session ended before this case was run"));
    assert_eq!(served.reply()["summary"]["cases"], 0);
}

#[test]
fn an_interrupt_ends_it_and_what_finished_is_recorded() {
    let place = waits();
    let mut served = Served::start(&place, &["--lane", "reference", "--jobs", "2"]);
    served.names(json!({}));
    served.ask(json!({ "id": 1, "do": "ahead", "cases": ["waits[reference]"] }));
    assert_eq!(served.run("good[reference]")["outcome"], "passed");
    common::signal(served.process.id() as i32, rustix::process::Signal::INT);
    assert_eq!(served.process.wait().unwrap().code(), Some(130));
    let [run] = &history(&place)[..] else {
        panic!("one run")
    };
    assert_eq!(run["summary"]["interrupted"], true);
    assert_eq!(run["summary"]["passed"], 1);
}

#[test]
fn a_session_that_was_broken_off_is_recorded_as_such() {
    let place = waits();
    let mut served = Served::start(&place, &["--lane", "reference", "--jobs", "2"]);
    served.names(json!({}));
    assert_eq!(served.run("good[reference]")["outcome"], "passed");
    let end = served.ask(json!({ "id": 0, "do": "finish", "interrupted": true }));
    assert_eq!(end["summary"]["interrupted"], true, "{end}");
    assert_eq!(served.end(), Some(0));
    assert_eq!(history(&place)[0]["summary"]["interrupted"], true);
}

#[test]
fn a_vera_is_set_up_before_the_run_and_only_once() {
    let place = place();
    let mut served = Served::start(&place, &["--lane", "native"]);
    let ready = served.ask(json!({ "id": 1, "do": "set-up" }));
    served.names(json!({}));
    assert_eq!(served.ask(json!({ "id": 2, "do": "set-up" })), {
        let mut same = ready.clone();
        same["id"] = json!(2);
        same
    });
    let came = served.run("one[native]");
    assert_eq!(came["outcome"], "passed", "{came}");
    assert_eq!(ready["vera"], vera_stress::toolchain::DEFAULT_RELEASE);
    let during = served.ask(json!({ "id": 3, "do": "set-up" }));
    assert_eq!(during["vera"], ready["vera"]);
    assert_eq!(served.end(), Some(0));
}

#[test]
fn an_interrupt_between_setting_up_and_the_first_case_ends_it() {
    let place = place();
    let mut served = Served::start(&place, &["--lane", "native"]);
    served.ask(json!({ "id": 1, "do": "set-up" }));
    common::signal(served.process.id() as i32, rustix::process::Signal::INT);
    assert_eq!(served.process.wait().unwrap().code(), Some(130));
}

#[test]
fn a_scenario_that_nobody_has_written_says_so() {
    let place = place();
    let made = (place.process())
        .args(["new", "fresh", "--axis", "left", "--dir", "catalogue"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let mut served = Served::start(&place, &["--lane", "native"]);
    let reply = served.ask(json!({ "id": 1, "do": "collect", "names": ["fresh", "one"] }));
    let note = reply["cases"][0]["note"].as_str().unwrap();
    assert!(note.contains("fresh is not written yet: "), "{note}");
    assert!(
        note.contains("next: edit the files in catalogue/left/fresh"),
        "{note}"
    );
    assert_eq!(reply["cases"][1].get("note"), None, "{reply}");
}

#[test]
fn without_a_history_nothing_is_recorded() {
    let place = place();
    let mut served = Served::start(&place, &["--lane", "native", "--no-history"]);
    served.names(json!({}));
    served.run("one[native]");
    let end = served.ask(json!({ "id": 0, "do": "finish" }));
    assert_eq!(end["run"], Value::Null);
    assert!(!place.path(".vera-stress/history.db").exists());
}

#[test]
fn the_budget_is_that_of_all_cases() {
    let place = waits();
    let arguments = ["--lane", "reference", "--budget", "1s", "--jobs", "1"];
    let mut served = Served::start(&place, &arguments);
    served.names(json!({}));
    for case in ["waits[reference]", "good[reference]"] {
        let ran = served.run(case);
        assert_eq!(ran["outcome"], "not-run", "{ran}");
        let text = ran["text"].as_str().unwrap();
        assert!(
            text.contains("the suite's budget of 1s was spent"),
            "{text}"
        );
    }
    assert!(fs::exists(place.path(".vera-stress/history.db")).unwrap());
}
