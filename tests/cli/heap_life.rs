//! The life of a program's heap is written where it belongs: into the events, and
//! not into the history.

use std::fs;

use rusqlite::Connection;
use serde_json::Value;
use vera_stress::case::{Bytes, HeapLife};

use crate::common::Place;

/// The most that was in use, by a life.
fn most(life: &HeapLife) -> Bytes {
    let found = life.kept.iter().map(|it| it.before);
    found.max().unwrap_or_default().max(life.end.used)
}

/// All that a history has of each case or climb.
fn recorded(place: &Place, table: &str) -> Vec<Value> {
    let history = Connection::open(place.path(".vera-stress/history.db")).unwrap();
    let mut query = history
        .prepare(&format!("SELECT record FROM {table}"))
        .unwrap();
    let rows = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(|row| serde_json::from_str(&row.unwrap()).unwrap())
        .collect()
}

#[test]
fn a_run_writes_the_lives_of_lane_native_and_keeps_them_out_of_its_history() {
    let place = Place::new();
    place.good();
    let lanes = ["reference", "native", "native+every=50"];
    let ran = place
        .run(&["life", "--scale", "12", "--lane", &lanes.join(",")])
        .exits(0);
    for lane in lanes {
        let case = ran.case_in("life", lane);
        let told: Option<HeapLife> =
            serde_json::from_value(case["heap_life"].clone()).unwrap_or_default();
        assert_eq!(told.is_some(), lane == "native", "{ran}");
        if let Some(life) = told {
            assert_eq!(case["measures"]["collections"], life.collections);
            assert_eq!(case["measures"]["instructions"], life.end.at.0);
        }
    }
    let kept = recorded(&place, "outcomes");
    assert_eq!(kept.len(), lanes.len());
    for record in kept {
        assert!(record.get("heap_life").is_none(), "{record}");
        assert!(record.get("measures").is_some(), "{record}");
    }
    // What comes of joining parts has it as well.
    place
        .command()
        .args(["merge", "events.jsonl", "--json", "merged.jsonl"])
        .assert()
        .code(0);
    let lines = |file: &str| -> Vec<String> {
        let text = fs::read_to_string(place.path(file)).unwrap();
        let mut lines: Vec<String> = text
            .lines()
            .filter(|line| line.contains("\"heap_life\""))
            .map(str::to_owned)
            .collect();
        lines.sort();
        lines
    };
    assert_eq!(lines("merged.jsonl").len(), 1);
    assert_eq!(lines("merged.jsonl"), lines("events.jsonl"));
}

#[test]
fn a_climb_writes_the_life_of_its_last_point() {
    let place = Place::new();
    place
        .command()
        .args(["climb", "life", "--to", "16", "--json", "climb.jsonl"])
        .assert()
        .code(0);
    let text = fs::read_to_string(place.path("climb.jsonl")).unwrap();
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let climb = &events[1];
    assert_eq!(climb["event"], "climb-finished");
    let life: HeapLife = serde_json::from_value(climb["heap_life"].clone()).unwrap();
    let last = climb["points"].as_array().unwrap().last().unwrap();
    assert_eq!(last["n"], 16);
    assert_eq!(last["measures"]["instructions"], life.end.at.0);
    assert_eq!(last["probed"]["used"], most(&life).0);
    for record in recorded(&place, "climbs") {
        assert!(record.get("heap_life").is_none(), "{record}");
    }
}
