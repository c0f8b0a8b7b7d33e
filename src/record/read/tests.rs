use std::time::Duration;

use serde_json::json;

use super::*;
use crate::case::{Ending, Value};

const START: &str = r#"{"event":"run-started","started":"2026-11-21T12:00:00Z","vera_stress":"0.1.0","vera":"0.2.5","toolchain":"0.2.5","fingerprint":"00ff","dependencies":[],"profile":"default","seed":7,"partition":null,"catalogues":[],"jobs":2,"cases":1,"machine":"linux","of a later version":1}"#;
const CASE: &str = r#"{"event":"case-finished","scenario":"life","axis":"churn","lane":"native","n":10,"seed":7,"verdict":"pass","message":"","smallest":null,"guards":[],"again":"","folder":null,"ending":null,"budget":{"wall":10.0,"memory":1,"output":1,"work":1},"run":null,"compile":null,"peak_heap":null,"output":null,"measures":null}"#;
const END: &str = r#"{"event":"run-finished","cases":1,"passed":1,"known":0,"failed":0,"fixed":0,"unsupported":0,"not_run":0,"interrupted":false,"seconds":1.5}"#;

fn error(text: &str) -> String {
    let said = parse("a.jsonl", text.as_bytes()).unwrap_err();
    said.to_string()
}

#[test]
fn a_run_is_read_with_what_a_later_version_may_add() {
    let text = format!("{START}\n{{\"event\":\"later\",\"x\":1}}\n\n{CASE}\n{END}");
    let run = parse("a.jsonl", text.as_bytes()).unwrap();
    assert_eq!((run.info.seed, run.cases.len()), (7, 1));
    assert_eq!(run.cases[0].lines, [CASE]);
    assert_eq!(run.summary.unwrap().passed, 1);
}

#[test]
fn a_run_cut_off_anywhere_has_what_was_whole() {
    let text = format!("{START}\n{CASE}\n{END}\n");
    for end in 0..text.len() {
        let read = parse("a.jsonl", &text.as_bytes()[..end]);
        let cases = usize::from(end >= START.len() + 1 + CASE.len());
        match read {
            Ok(run) => {
                assert_eq!(run.cases.len(), cases, "at {end}");
                assert_eq!(run.summary.is_some(), end + 1 == text.len(), "at {end}");
            }
            Err(why) => {
                let said = match end {
                    0 => matches!(why, ReadError::Empty(_)),
                    _ => matches!(why, ReadError::CutOff(_)),
                };
                assert!(said && end < START.len(), "{why} at {end}");
            }
        }
    }
    // What a file system may leave behind a crash.
    let text = format!("{START}\n{CASE}\n\0\0\0");
    assert_eq!(parse("a.jsonl", text.as_bytes()).unwrap().cases.len(), 1);
}

#[test]
fn what_is_no_run_is_named_with_its_line() {
    for (text, said) in [
        (String::new(), "a.jsonl holds no event"),
        (
            "hello".to_owned(),
            "a.jsonl:1: this is not JSON (expected value at column 1)",
        ),
        (
            format!("{START}\n{CASE}\nhello\n{END}\n"),
            "a.jsonl:3: this is not JSON",
        ),
        (format!("{START}\n[1]\n"), "a.jsonl:2: this is no event"),
        (
            "{\"event\":\"climbs-started\"}\n".to_owned(),
            "a.jsonl:1: this is the record of a climb",
        ),
        (
            "{\"a\":1}\n".to_owned(),
            "a.jsonl:1: this is not how the record of a run begins",
        ),
        (
            format!("{CASE}\n"),
            "a.jsonl:1: this is not how the record of a run begins",
        ),
        (
            format!("{START}\n{END}\n{START}\n"),
            "a.jsonl:3: another run begins here",
        ),
        (
            format!("{START}\n{CASE}\n{CASE}\n"),
            "a.jsonl:3: life [native] n=10 ends here once more",
        ),
        (
            format!("{START}\n{{\"event\":\"case-finished\"}}\n"),
            "a.jsonl:2: this event is not as this vera-stress writes it (missing field `scenario` at column",
        ),
    ] {
        let error = error(&text);
        assert!(error.starts_with(said), "no `{said}` in {error}");
    }
    let said = read(Path::new("/no/such/file")).unwrap_err().to_string();
    assert!(
        said.starts_with("/no/such/file cannot be read: No such file"),
        "{said}"
    );
}

#[test]
fn every_float_comes_back() {
    for x in [0.1, -0.0, 1e300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        let ending = Ending::Returned {
            value: Value::Float(x),
            exit_code: None,
        };
        let text = json!(ending).to_string();
        let Ending::Returned {
            value: Value::Float(back),
            ..
        } = serde_json::from_str(&text).unwrap()
        else {
            panic!("{text}");
        };
        assert!(back == x || (back.is_nan() && x.is_nan()), "{text}");
    }
    let over = Ending::OverTime {
        limit: Duration::from_millis(1500),
        clock: crate::case::Clock::Wall,
        doing: crate::case::Doing::Running,
    };
    assert_eq!(
        serde_json::from_str::<Ending>(&json!(over).to_string()).unwrap(),
        over
    );
}
