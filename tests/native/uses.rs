//! Each use driven as a library drives it, with a sink that keeps what happens:
//! the order of it, and what is returned.

#[path = "uses/house.rs"]
mod house;

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::tempdir;
use vera_stress::campaign::bisect::Bisection;
use vera_stress::campaign::bisect::candidates::Releases;
use vera_stress::campaign::bisect::sought::Sought;
use vera_stress::campaign::climb::Climbs;
use vera_stress::campaign::compare::Compare;
use vera_stress::campaign::known::KnownCheck;
use vera_stress::campaign::serve::Server;
use vera_stress::case::{Lane, Scale};
use vera_stress::judge::Verdict;
use vera_stress::judge::drift::Share;
use vera_stress::plan::ScaleChoice;
use vera_stress::record::bisect::AnswerKind;
use vera_stress::record::history::History;
use vera_stress::record::{Conclusion, Event, Occurrence, Recording, Sink, Sinks};
use vera_stress::scenario::{ClimbBudget, FailureKind};
use vera_stress::toolchain::{Choice, Spec};

use house::{BAD, GOOD, House, assert_alike, limits, profile};

const AS_EXPECTED: Conclusion = Conclusion {
    interrupted: false,
    failed: false,
    toolchain: false,
    scenario: false,
    incomplete: false,
    nothing: false,
};

const LONG: Duration = Duration::from_mins(10);

/// What each case of a run has.
const CASE: [&str; 3] = ["begun", "ended", "case-finished"];

// --- Run ---------------------------------------------------------------------

#[test]
fn a_run_tells_each_case_and_then_what_was_found_below_a_failure() {
    let house = House::of(&[GOOD, BAD]);
    let finished = house.run();
    let kinds = [
        &["2 ahead", "run-started"],
        &CASE[..],
        &CASE,
        &["doing", "case-shrunk", "run-finished"],
    ];
    assert_eq!(house.kept.kinds(), kinds.concat());
    house.kept.make("Run", &finished.report);
    let failed = Conclusion {
        failed: true,
        ..AS_EXPECTED
    };
    assert_eq!(finished.conclusion, failed);
    let bad = &finished.report.records[0];
    assert_eq!(bad.verdict, Verdict::Failed(FailureKind::Wrong));
    let smallest = bad.smallest.as_ref().unwrap();
    assert_eq!(smallest.fails, Scale::ONE);
    let folder = PathBuf::from(bad.folder.as_ref().unwrap());
    assert!(folder.starts_with(house.failures()) && folder.is_dir());
}

#[test]
fn a_run_that_finds_nothing_has_nothing_to_say() {
    let house = House::of(&[GOOD]);
    let finished = house.run();
    let kinds = [&["1 ahead", "run-started"], &CASE[..], &["run-finished"]];
    assert_eq!(house.kept.kinds(), kinds.concat());
    house.kept.make("Run", &finished.report);
    assert_eq!(finished.conclusion, AS_EXPECTED);
}

#[test]
fn a_run_that_is_interrupted_tells_every_case_as_not_run() {
    let house = House::of(&[GOOD, BAD]);
    house.interrupt.set();
    let finished = house.run();
    let kinds = [
        &["2 ahead", "run-started"],
        &CASE[..],
        &CASE,
        &["run-finished"],
    ];
    assert_eq!(house.kept.kinds(), kinds.concat());
    house.kept.make("Run", &finished.report);
    let verdicts = finished.report.records.iter().map(|it| it.verdict);
    assert_eq!(verdicts.collect::<Vec<_>>(), [Verdict::NotRun; 2]);
    let interrupted = Conclusion {
        interrupted: true,
        incomplete: true,
        ..AS_EXPECTED
    };
    assert_eq!(finished.conclusion, interrupted);
}

// --- The history ---------------------------------------------------------------

/// A view that looks into the history as soon as it hears of a case.
struct Looks {
    file: PathBuf,
    seen: Arc<Mutex<Vec<i64>>>,
}

impl Sink for Looks {
    fn take(&self, it: &Occurrence<'_>) {
        let Event::CaseFinished(record) = it.event else {
            return;
        };
        let history = Connection::open(&self.file).unwrap();
        let ask = "SELECT count(*) FROM outcomes JOIN cases ON cases.id = case_id WHERE scenario = ?1 AND verdict = ?2";
        let held = history.query_row(ask, (&record.scenario, record.verdict.name()), |row| {
            row.get(0)
        });
        self.seen.lock().unwrap().push(held.unwrap());
    }
}

#[test]
fn what_is_shown_is_in_the_history_already() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("history.db");
    let seen = Arc::default();
    let mut house = House::of(&[GOOD, BAD]);
    let history = History::at(&file, |notice| panic!("{notice}"));
    let looks = Looks {
        file,
        seen: Arc::clone(&seen),
    };
    house.sinks = Sinks::new(
        Some(Box::new(Recording::new(history))),
        vec![Box::new(looks)],
    );
    house.run();
    assert_eq!(*seen.lock().unwrap(), [1, 1]);
    assert_eq!(house.sinks.recorded().map(|it| it.run), Some(1));
}

// --- Climbs ------------------------------------------------------------------

#[test]
fn climbs_tell_what_they_came_to() {
    let house = House::of(&[GOOD, BAD]);
    let toolchain = house.toolchain("0.2.5");
    let climbs = Climbs {
        setting: house.setting(),
        toolchain: &toolchain,
        lane: Lane::NATIVE,
        limits: limits(),
        options: Vec::new(),
        budget: ClimbBudget::default(),
    };
    let finished = climbs.run(&house.scenarios()).unwrap();
    let climb = ["begun", "ended", "climb-finished"];
    let kinds = [
        &["2 ahead", "climbs-started"],
        &climb[..],
        &climb,
        &["climbs-finished"],
    ];
    assert_eq!(house.kept.kinds(), kinds.concat());
    house.kept.make("Climbs", &finished.report);
    let verdicts = finished.report.records.iter().map(|it| it.verdict);
    assert_eq!(
        verdicts.collect::<Vec<_>>(),
        [Verdict::Failed(FailureKind::Wrong), Verdict::Pass]
    );
    let failed = Conclusion {
        failed: true,
        ..AS_EXPECTED
    };
    assert_eq!(finished.conclusion, failed);
}

// --- Comparison ----------------------------------------------------------------

#[test]
fn a_comparison_tells_its_cases_by_version_and_then_by_row() {
    let house = House::of(&[GOOD]);
    let specs = ["0.2.4", "0.2.5"].map(|it| Choice::from(Spec::Release(it.to_owned())));
    let compare = Compare {
        setting: house.setting(),
        causes: &house.catalogue,
        specs: &specs,
        budget: LONG,
        climb: None,
        allowed: Share::default(),
        base: None,
        fails_on_regression: true,
    };
    let finished = compare.run(house.cases(), &house.scenarios()).unwrap();
    let case = ["begun", "ended", "version: case"];
    let kinds = [
        &["2 ahead", "compare-started"],
        &["version: started"; 2][..],
        &case,
        &case,
        &["row-finished"],
        &["version: finished"; 2],
        &["compare-finished"],
    ];
    let mut told = house.kept.kinds();
    // A machine that is busy may make compiling look dearer: then it is measured again.
    let at = |what: &str| told.iter().position(|it| *it == what);
    if let (Some(from), Some(row)) = (at("doing"), at("row-finished")) {
        told.drain(from..row);
    }
    assert_eq!(told, kinds.concat());
    house.kept.make("Compare", &finished.report);
    assert_eq!(finished.conclusion, AS_EXPECTED);
}

// --- Bisection -----------------------------------------------------------------

#[test]
fn a_bisection_tells_each_version_that_it_looks_at() {
    let mut house = House::of(&[]);
    house.catalogue.forget_known_limits();
    let versions = Releases::between("0.1.8", "0.1.9", &house.cache, &|_| {}).unwrap();
    let bisection = Bisection {
        setting: house.setting(),
        scenario: house.catalogue.get("linked-list").unwrap(),
        lane: Lane::NATIVE,
        scale: ScaleChoice::Fixed(Scale::new(1000).unwrap()),
        sought: Some(Sought::Failure(FailureKind::Growth)),
        advice: |_, _| None,
    };
    let finished = bisection.run(&versions);
    let look = [
        "doing",
        "ended",
        "version: started",
        "version: case",
        "version: finished",
        "probe",
    ];
    let kinds = [
        &["2 ahead", "bisect-started"],
        &look[..],
        &look,
        &["bisect-finished"],
    ];
    assert_eq!(house.kept.kinds(), kinds.concat());
    house.kept.make("Bisect", &finished.report);
    let record = &finished.report.record;
    assert_eq!(record.answer, AnswerKind::Found, "{}", record.text);
    assert_eq!(record.first_bad.as_deref(), Some("0.1.9"));
    assert_eq!(finished.conclusion, AS_EXPECTED);
}

#[test]
fn what_to_do_after_a_bisection_is_said_by_whoever_asked_for_it() {
    let house = House::of(&[BAD]);
    let versions = Releases::between("0.2.4", "0.2.5", &house.cache, &|_| {}).unwrap();
    let bisection = Bisection {
        setting: house.setting(),
        scenario: &house.catalogue.scenarios[0],
        lane: Lane::NATIVE,
        scale: ScaleChoice::Times(1.0),
        sought: None,
        advice: |kind, noun| Some(format!("{kind:?} of a {noun}")),
    };
    let finished = bisection.run(&versions);
    house.kept.make("Bisect", &finished.report);
    let text = &finished.report.record.text;
    assert!(
        text.ends_with("\n     next: GoodIsBad of a release"),
        "{text}"
    );
    let wrong_ends = Conclusion {
        scenario: true,
        ..AS_EXPECTED
    };
    assert_eq!(finished.conclusion, wrong_ends);
}

// --- Known limits ----------------------------------------------------------------

#[test]
fn a_check_of_known_limits_tells_each_look() {
    let limit = "[[known]]\nvera = \"*\"\nlanes = [\"native\"]\nfrom_n = 1\nverdict = \"wrong\"\nbecause = \"It is what it is.\"";
    for (expected, failed) in [("n", false), ("n + 1", true)] {
        let house = House::of(&[("limited", expected, limit)]);
        let specs = [Choice::from(Spec::Release("0.2.5".to_owned()))];
        let check = KnownCheck {
            setting: house.setting(),
            specs: &specs,
            budget: LONG,
            climb: limits(),
        };
        let finished = check.run(&house.scenarios()).unwrap();
        let kinds = [
            "1 ahead",
            "known-started",
            "begun",
            "ended",
            "limit-looked-at",
            "known-finished",
        ];
        assert_eq!(house.kept.kinds(), kinds);
        house.kept.make("Known", &finished.report);
        let summary = &finished.report.summary;
        assert_eq!(
            (summary.hold, summary.stale),
            (usize::from(!failed), usize::from(failed))
        );
        let conclusion = Conclusion {
            failed,
            ..AS_EXPECTED
        };
        assert_eq!(finished.conclusion, conclusion);
    }
}

// --- Server ------------------------------------------------------------------

/// What a server replies.
#[derive(Clone, Default)]
struct Replies(Arc<Mutex<Vec<u8>>>);

impl Replies {
    fn count(&self) -> usize {
        let replies = self.0.lock().unwrap();
        replies.iter().filter(|byte| **byte == b'\n').count()
    }

    fn values(&self) -> Vec<Value> {
        let replies = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = replies.lines();
        lines.map(|it| serde_json::from_str(it).unwrap()).collect()
    }
}

impl Write for Replies {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Requests of one who waits for each reply.
struct Requests {
    left: VecDeque<Value>,
    asked: usize,
    replies: Replies,
}

impl Read for Requests {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.replies.count() < self.asked {
            std::thread::sleep(Duration::from_millis(5));
        }
        let Some(next) = self.left.pop_front() else {
            return Ok(0);
        };
        self.asked += 1;
        let line = format!("{next}\n");
        buffer[..line.len()].copy_from_slice(line.as_bytes());
        Ok(line.len())
    }
}

#[test]
fn a_server_tells_the_cases_that_were_asked_for() {
    let house = House::of(&[GOOD, BAD]);
    let profile = profile();
    let failures = house.failures();
    let server = Server {
        vera: &Choice::from(Spec::Release("0.2.5".to_owned())),
        setting: house.setting(),
        profile: ("default", &profile),
        failures: &failures,
        text: |record| format!("{} is told", record.scenario),
    };
    let replies = Replies::default();
    let requests = Requests {
        left: [
            json!({"id": 1, "do": "collect"}),
            json!({"id": 2, "do": "set-up"}),
            json!({"id": 3, "do": "ahead", "cases": ["good[native]", "bad[native]"]}),
            json!({"id": 4, "do": "run", "case": "good[native]"}),
            json!({"id": 5, "do": "run", "case": "bad[native]"}),
            json!({"id": 6, "do": "finish"}),
        ]
        .into(),
        asked: 0,
        replies: replies.clone(),
    };
    let set_up = || Ok(house.toolchain("0.2.5"));
    let conclusion = server.serve(requests, replies.clone(), set_up);
    let kinds = [
        "run-started",
        "case-finished",
        "case-finished",
        "case-shrunk",
        "run-finished",
    ];
    assert_eq!(house.kept.kinds(), kinds);
    assert_eq!(conclusion, AS_EXPECTED, "what failed was told in replies");
    let replies = replies.values();
    let ids: Vec<&Value> = replies.iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
    assert_eq!(replies[1]["vera"], "0.2.5");
    let came = |place: usize| (&replies[place]["outcome"], &replies[place]["text"]);
    assert_eq!(came(3), (&"passed".into(), &"good is told".into()));
    assert_eq!(came(4), (&"failed".into(), &"bad is told".into()));
    let events = house.kept.events();
    let Some(Event::RunFinished(summary)) = events.last() else {
        panic!("it is over: {events:?}");
    };
    let summary = serde_json::to_value(summary).unwrap();
    assert_alike(&replies[5]["summary"], &summary, "summary");
}
