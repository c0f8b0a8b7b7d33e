//! The history: what is recorded, what survives, and what is done with a file
//! that cannot be used.

mod against;
mod recorder;
mod survives;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;

use crate::common::{Place, Ran, main_of, names_in, three_scenarios};

const FILE: &str = ".vera-stress/history.db";

/// A run in lane `native`, where nothing needs Vera once a program is compiled.
const NATIVE: [&str; 2] = ["--lane", "native"];

fn open(file: &Path) -> Connection {
    let connection = Connection::open(file).unwrap();
    connection.busy_timeout(Duration::from_secs(30)).unwrap();
    connection
}

fn number(connection: &Connection, query: &str) -> i64 {
    let number = connection.query_row(query, [], |row| row.get(0));
    number.unwrap_or_else(|why| panic!("{query}: {why}"))
}

#[track_caller]
fn is_whole(connection: &Connection) {
    let found: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(found, "ok");
}

/// The cases of a history, or of one run, as the terminal names them.
fn recorded(connection: &Connection, run: Option<i64>) -> BTreeSet<String> {
    let mut statement = connection
        .prepare(
            "SELECT c.scenario || ' [' || c.lane || '] n=' || c.n
             FROM outcomes o JOIN cases c ON c.id = o.case_id WHERE ?1 IS NULL OR o.run = ?1",
        )
        .unwrap();
    let titles = statement.query_map([run], |row| row.get(0)).unwrap();
    titles.map(Result::unwrap).collect()
}

/// The cases that lines on the terminal name.
fn shown(stdout: &str) -> BTreeSet<String> {
    let line = |line: &str| {
        let rest = ["pass  ", "FAIL  ", "known "]
            .iter()
            .find_map(|label| line.strip_prefix(label))?;
        let (scenario, rest) = rest.split_once(" [")?;
        let (lane, rest) = rest.split_once("] n=")?;
        let n: String = rest.chars().take_while(char::is_ascii_digit).collect();
        Some(format!("{scenario} [{lane}] n={n}"))
    };
    stdout.lines().filter_map(line).collect()
}

/// The cases that events name.
fn in_events(events: &[Value]) -> BTreeSet<String> {
    let cases = events.iter().filter(|it| it["scenario"].is_string());
    let word = |it: &Value| it.as_str().unwrap().to_owned();
    cases
        .map(|it| {
            format!(
                "{} [{}] n={}",
                word(&it["scenario"]),
                word(&it["lane"]),
                it["n"]
            )
        })
        .collect()
}

fn history(place: &Place, arguments: &[&str]) -> Ran {
    let output = place.process().arg("history").args(arguments).output();
    place.ran(output.unwrap())
}

/// Scenarios that pass, `count` of them.
fn many(place: &Place, count: usize) {
    let program = main_of("@Int", "pure", "nat_to_int(@Nat.0) + 1");
    for k in 0..count {
        place
            .scenario(&format!("case-{k:02}"))
            .n(100)
            .program(&program)
            .expect("value = \"n + 1\"")
            .write();
    }
}

#[test]
fn what_a_run_reports_is_recorded() {
    let place = three_scenarios();
    let ran = place
        .run(&[
            "one",
            "two",
            "bad",
            "--lane",
            "reference,native",
            "--seed",
            "7",
            "-v",
        ])
        .exits(1);
    let history = open(&place.path(FILE));
    is_whole(&history);
    assert_eq!(recorded(&history, Some(1)), shown(&ran.stdout));
    assert_eq!(recorded(&history, Some(1)).len(), 6);
    let row = |query: &str| {
        let row = history.query_row(query, [], |row| {
            (0..row.as_ref().column_count())
                .map(|place| row.get::<_, rusqlite::types::Value>(place))
                .collect::<Result<Vec<_>, _>>()
        });
        format!("{:?}", row.unwrap())
    };
    let run = row(
        "SELECT kind, seed, planned, passed, failed, interrupted, jobs > 0, finished > started FROM runs",
    );
    assert_eq!(
        run,
        "[Text(\"run\"), Text(\"7\"), Integer(6), Integer(4), Integer(2), Integer(0), Integer(1), Integer(1)]"
    );
    let vera = row(
        "SELECT vera, spec, length(fingerprint) > 20, dependencies LIKE '[\"%wasmtime==%' FROM toolchains",
    );
    assert_eq!(
        vera,
        "[Text(\"0.2.5\"), Text(\"0.2.5\"), Integer(1), Integer(1)]"
    );
    assert_eq!(
        row("SELECT count(*), cores > 0, memory > 0 FROM machines"),
        "[Integer(1), Integer(1), Integer(1)]"
    );
    // Exact counts, the smallest failing n and the folder are in the row, and all
    // of the record beside them.
    let of = |lane: &str| {
        format!(
            "FROM outcomes o JOIN cases c ON c.id = o.case_id WHERE scenario = 'bad' AND lane = '{lane}'"
        )
    };
    let work = number(&history, &format!("SELECT work {}", of("native")));
    assert_eq!(
        ran.case_in("bad", "native")["measures"]["instructions"],
        work
    );
    assert_eq!(
        number(&history, &format!("SELECT smallest {}", of("native"))),
        7
    );
    assert_eq!(
        number(
            &history,
            &format!("SELECT work IS NULL AND run_wall > 0 {}", of("reference"))
        ),
        1
    );
    let record: String = history
        .query_row(&format!("SELECT record {}", of("native")), [], |row| {
            row.get(0)
        })
        .unwrap();
    let mut event = ran.case_in("bad", "native").clone();
    // What the scenario says of itself is in the scenario, and the program in the folder.
    for key in ["event", "title", "why", "evidence"] {
        assert!(event.as_object_mut().unwrap().remove(key).is_some());
    }
    assert_eq!(serde_json::from_str::<Value>(&record).unwrap(), event);
}

#[test]
fn nothing_is_recorded_where_it_is_told_so() {
    let place = Place::new();
    place.good();
    place
        .run(&["good", "--lane", "native", "--no-history"])
        .exits(0);
    assert!(!place.path(".vera-stress").exists());
    place.write("vera-stress.toml", "history = false\n");
    place.run(&["good", "--lane", "native"]).exits(0);
    assert!(!place.path(".vera-stress").exists());
    history(&place, &[]).exits(2).says(&["history = false"]);
    place
        .run(&["good", "--lane", "native", "--history", "mine/h.db"])
        .exits(0);
    assert_eq!(recorded(&open(&place.path("mine/h.db")), Some(1)).len(), 1);
    place.write("vera-stress.toml", "history = \"kept.db\"\n");
    place.run(&["good", "--lane", "native"]).exits(0);
    assert_eq!(recorded(&open(&place.path("kept.db")), Some(1)).len(), 1);
}

#[test]
fn climbs_are_recorded_and_shown() {
    let place = Place::new();
    place.good();
    let arguments = ["climb", "good", "--catalogue", "catalogue", "--to", "64"];
    let climbed = place.process().args(arguments).output().unwrap();
    assert!(climbed.status.success(), "{climbed:?}");
    let found = history(&place, &["good", "--json"]).exits(0);
    let series: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(series[0]["climbs"], true, "{found}");
    assert_eq!(series[0]["entries"][0]["ceiling"], 64, "{found}");
    let found = history(&place, &["good"]).exits(0);
    assert!(found.stdout.contains("good [native], climbed"), "{found}");
    assert!(found.stdout.contains("at least 64"), "{found}");
    let found = history(&place, &[]).exits(0);
    assert!(
        found.stdout.contains("1 climb: 1 passed, 0 failed"),
        "{found}"
    );
}

#[test]
fn a_history_of_version_1_is_brought_up_to_date() {
    let place = Place::new();
    place.good();
    fs::create_dir(place.path(".vera-stress")).unwrap();
    let old = open(&place.path(FILE));
    old.execute_batch(include_str!("history/version-1.sql"))
        .unwrap();
    drop(old);
    let found = history(&place, &["good"]).exits(0);
    assert!(
        found.stdout.contains("0.2.4  100  pass     1,000"),
        "{found}"
    );
    let found = history(&place, &[]).exits(0);
    assert!(
        found
            .stdout
            .contains("run   0.2.4  default  1 case: 1 passed, 0 failed in 1.5s"),
        "{found}"
    );
    // Its counts are compared with, too.
    let ran = place.run(&[
        "good",
        NATIVE[0],
        NATIVE[1],
        "--against",
        "last",
        "--drift",
        "0%",
    ]);
    assert!(ran.stdout.contains("1 case compared"), "{ran}");
    let now = open(&place.path(FILE));
    is_whole(&now);
    assert!(number(&now, "PRAGMA user_version") >= 3);
    assert_eq!(
        number(&now, "SELECT count(*) FROM runs WHERE kind = 'run'"),
        2
    );
}

#[test]
fn a_scenario_over_time_is_shown_by_lane() {
    let place = Place::new();
    let write = |rounds: u32| {
        let body = format!("nat_to_int(@Nat.0) {}", "+ 1 - 1 ".repeat(rounds as usize));
        place
            .scenario("good")
            .n(100)
            .program(&main_of("@Int", "pure", &body))
            .expect("value = \"n\"")
            .write();
    };
    write(1);
    let lanes = ["good", "--lane", "native,native+random"];
    place.run(&[&lanes[..], &["--seed", "1"]].concat()).exits(0);
    write(20);
    place.run(&[&lanes[..], &["--seed", "2"]].concat()).exits(0);
    let found = history(&place, &["go*", "--json"]).exits(0);
    let series: Value = serde_json::from_str(&found.stdout).unwrap();
    let of = |lane: &str| {
        let all = series.as_array().unwrap().iter();
        let mut of = all.filter(|it| it["lane"] == lane);
        of.next().unwrap_or_else(|| panic!("no {lane} in {found}"))
    };
    let entries = &of("native")["entries"];
    let work = |place: usize| entries[place]["instructions"].as_f64().unwrap();
    let change = entries[1]["instructions_change"].as_f64().unwrap();
    assert!(
        (change - (work(1) / work(0) - 1.0) * 100.0).abs() < 1e-9,
        "{found}"
    );
    assert!(change > 10.0, "{found}");
    // Another seed collects elsewhere; its counts say nothing of a change.
    let seeded = &of("native+random")["entries"];
    assert_eq!(seeded.as_array().unwrap().len(), 2, "{found}");
    assert!(seeded[1].get("instructions_change").is_none(), "{found}");
    let text = history(&place, &["good", "--lane", "native", "--limit", "1"]).exits(0);
    assert!(text.stdout.contains(&format!("(+{change:.1}%)")), "{text}");
    assert!(!text.stdout.contains("native+random"), "{text}");
    history(&place, &["other"])
        .exits(4)
        .says(&["nothing that matches is recorded"]);
    history(&place, &["good", "--vera", "0.1.5..0.2.4"]).exits(4);
    history(&place, &["good", "--vera", "0.2.0.."]).exits(0);
}

#[test]
fn nothing_recorded_is_said() {
    let place = Place::new();
    history(&place, &[])
        .exits(0)
        .says(&["nothing is recorded in .vera-stress/history.db yet"]);
    assert_eq!(history(&place, &["--json"]).exits(0).stdout, "[]\n");
    assert!(
        names_in(&place.path("")).is_empty(),
        "reading writes nothing"
    );
}
