//! Recordings of the format before, as the last version that wrote it left them,
//! and what is told of a format that is still to come.

use std::fs;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::{lines, root, vera_stress};
use crate::common::Place;

/// The recordings of format 1: what each is of, and what the terminal says of it
/// at the end.
const RECORDINGS: [(&str, &str); 8] = [
    (
        "run",
        "15 cases: 2 passed, 8 failed, 3 known limits, 2 unsupported",
    ),
    ("part-1", "2 cases: 2 passed, 0 failed"),
    ("part-2", "2 cases: 1 passed, 0 failed, 1 known limit"),
    ("against", "2 cases: 2 passed, 0 failed, 1 drifted"),
    ("climb", "2 climbs"),
    ("compare", "exceptions-caught"),
    ("bisect", "0.1.9"),
    // It had no first event, of which the terminal makes what it says: only the
    // page shows it.
    ("known", ""),
];

/// A place with these recordings in it.
fn place() -> Place {
    let place = Place::new();
    let folder = root().join("tests/recordings/format-1");
    for (name, _) in RECORDINGS {
        let file = format!("{name}.jsonl");
        let text = fs::read_to_string(folder.join(&file)).unwrap();
        assert!(!text.contains("\"format\":"), "{file} is of format 1");
        place.write(&file, &text);
    }
    place
}

#[test]
fn the_page_and_the_terminal_show_them() {
    let place = place();
    for (name, said) in RECORDINGS {
        let file = format!("{name}.jsonl");
        let (code, printed, error) = vera_stress(&place, &["report", &file]);
        assert_eq!((code, error.as_str()), (Some(0), ""), "{file}");
        assert!(printed.contains(&format!("{name}.html: open it")));
        let (code, printed, error) = vera_stress(&place, &["report", &file, "--text"]);
        assert_eq!((code, error.as_str()), (Some(0), ""), "{file}");
        assert!(printed.contains(said), "no `{said}` in {printed}");
    }
    let out = ["report", "run.jsonl", "--junit", "run.xml"];
    assert_eq!(vera_stress(&place, &out).0, Some(0));
    let junit = fs::read_to_string(place.path("run.xml")).unwrap();
    assert!(
        junit.contains("tests=\"15\"") && junit.contains("failures=\"8\""),
        "{junit}"
    );
}

#[test]
fn parts_are_merged() {
    let place = place();
    let parts = ["part-2.jsonl", "part-1.jsonl"];
    let out = ["--json", "whole.jsonl", "--junit", "whole.xml"];
    let (code, printed, error) = vera_stress(&place, &[&["merge"], &parts[..], &out].concat());
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(
        printed.contains("4 cases: 3 passed, 0 failed, 1 known limit"),
        "{printed}"
    );
    let whole = lines(&place.path("whole.jsonl"));
    assert_eq!(whole[0]["format"], 1, "its lines are of that format still");
    assert_eq!(whole.len(), 6);
    // A part of another format is a part of another run.
    let mut part = lines(&place.path("part-1.jsonl"));
    part[0]["format"] = json!(2);
    write(&place, "part-1.jsonl", &part);
    let (code, _, error) = vera_stress(&place, &["merge", parts[0], parts[1]]);
    assert_eq!(code, Some(2));
    assert!(
        error.contains("parts of different runs: formats 1 and 2"),
        "{error}"
    );
}

#[test]
fn versions_are_compared_with_a_run_of_their_history() {
    let place = Place::new();
    let history = root().join("tests/recordings/format-1/history.sql");
    fs::create_dir(place.path(".vera-stress")).unwrap();
    Connection::open(place.path(".vera-stress/history.db"))
        .unwrap()
        .execute_batch(&fs::read_to_string(history).unwrap())
        .unwrap();
    let (code, printed, _) = vera_stress(&place, &["history"]);
    assert_eq!(code, Some(0));
    assert_eq!(
        printed.matches("0.2.0").count(),
        2,
        "a run and a climb: {printed}"
    );
    let base = ["compare", "life", "--lane", "native", "--against", "1"];
    let (code, _, error) = vera_stress(&place, &[&base[..], &["--json", "it.jsonl"]].concat());
    assert_eq!(code, Some(0), "{error}");
    let compared = lines(&place.path("it.jsonl"));
    assert_eq!(compared[0]["columns"][0]["vera"], "0.2.0");
    assert_eq!(compared[1]["cells"][0]["instructions"], 47_080_347);
    assert!(compared[1]["cells"][1]["instructions"].is_u64());
}

fn write(place: &Place, file: &str, lines: &[Value]) {
    let text: String = lines.iter().map(|it| format!("{it}\n")).collect();
    place.write(file, &text);
}

#[test]
fn a_later_format_is_refused_with_a_sentence() {
    let place = place();
    for (name, _) in RECORDINGS {
        let file = format!("{name}.jsonl");
        let mut events = lines(&place.path(&file));
        events[0]["format"] = json!(3);
        write(&place, &file, &events);
        let page: &[&str] = &["report", &file];
        let text: &[&str] = &["report", &file, "--text"];
        let merge: &[&str] = &["merge", &file];
        let ways = [page, text, merge];
        let is_run = events[0]["event"] == "run-started";
        for way in &ways[..if is_run { 3 } else { 2 }] {
            let (code, printed, error) = vera_stress(&place, way);
            assert_eq!((code, printed.as_str()), (Some(2), ""), "{way:?}");
            let said = format!(
                "{file}:1: this is format 3 of recordings, and this vera-stress reads them up to 2\n"
            );
            assert!(error.contains(&said), "{way:?}: {error}");
            let next = "next: read it with the version of vera-stress that wrote it";
            assert!(error.contains(next), "{way:?}: {error}");
        }
    }
}

#[test]
fn events_and_keys_that_are_not_known_are_passed_over() {
    let place = place();
    for (name, said) in RECORDINGS {
        let file = format!("{name}.jsonl");
        let mut events = lines(&place.path(&file));
        for event in &mut events {
            event["of-a-later-version"] = json!({ "format": "csv" });
        }
        events.insert(1, json!({ "event": "later", "format": "csv", "n": -1 }));
        write(&place, &file, &events);
        assert_eq!(vera_stress(&place, &["report", &file]).0, Some(0));
        let (code, printed, error) = vera_stress(&place, &["report", &file, "--text"]);
        assert_eq!(code, Some(0), "{error}");
        assert!(printed.contains(said), "no `{said}` in {printed}");
    }
    let merge = ["merge", "part-1.jsonl", "part-2.jsonl"];
    assert_eq!(vera_stress(&place, &merge).0, Some(0));
}
