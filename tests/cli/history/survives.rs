//! What the history survives: many processes at once, a kill at any moment,
//! damage, and what it must not write.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Stdio;

use super::{FILE, NATIVE, history, in_events, is_whole, many, number, open, recorded, shown};
use crate::common::{self, Place, names_in, wait_for};

#[test]
fn runs_at_the_same_time_are_all_recorded() {
    let place = Place::new();
    many(&place, 12);
    // The file, too, is begun by whoever comes first.
    let start = |_| {
        place
            .process()
            .args(["run", "--catalogue", "catalogue", "--axis", "axis"])
            .args(["--lane", "native,native+eager"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let running: Vec<_> = (0..4).map(start).collect();
    for process in running {
        let ended = process.wait_with_output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(!said.contains("history"), "{said}");
    }
    let history = open(&place.path(FILE));
    is_whole(&history);
    for run in 1..=4 {
        assert_eq!(recorded(&history, Some(run)).len(), 24, "run {run}");
    }
    assert_eq!(number(&history, "SELECT count(*) FROM outcomes"), 96);
    assert_eq!(number(&history, "SELECT count(*) FROM cases"), 24);
    assert_eq!(
        number(&history, "SELECT count(*) FROM runs WHERE passed = 24"),
        4
    );
}

#[test]
fn a_run_that_is_killed_leaves_all_that_it_reported() {
    let place = Place::new();
    many(&place, 30);
    let arguments = [
        "--axis",
        "axis",
        "--lane",
        "native,native+eager",
        "--jobs",
        "2",
        "-v",
    ];
    // Everything is compiled once, so that what follows is quick.
    let whole = shown(&place.run(&arguments).exits(0).stdout).len();
    let seed = 20_261_121_u64;
    eprintln!("seed {seed}");
    let mut state = seed;
    let mut unfinished = 0;
    for round in 0..20 {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        // How much it has reported when it is killed: lines and not a time, which
        // would be none of its course on a machine that is busy.
        let lines = (state >> 33) as usize % whole;
        let mut process = place
            .process()
            .args(place.run_args(&arguments))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut reader = BufReader::new(process.stdout.take().unwrap());
        let mut stdout = Vec::new();
        for _ in 0..lines {
            reader.read_until(b'\n', &mut stdout).unwrap();
        }
        process.kill().unwrap();
        process.wait().unwrap();
        reader.read_to_end(&mut stdout).unwrap();
        let stdout = String::from_utf8_lossy(&stdout);
        let reported: BTreeSet<String> = match stdout.ends_with('\n') {
            true => shown(&stdout),
            // The last line may be half written, too.
            false => shown(stdout.rsplit_once('\n').map_or("", |(whole, _)| whole)),
        };
        let history = open(&place.path(FILE));
        is_whole(&history);
        let run = number(&history, "SELECT max(id) FROM runs");
        let events = place.events();
        if events.is_empty() {
            continue;
        }
        let recorded = recorded(&history, Some(run));
        assert!(
            reported.is_subset(&recorded),
            "round {round}: {reported:?} {recorded:?}"
        );
        let events = in_events(&events);
        assert!(
            events.is_subset(&recorded),
            "round {round}: {events:?} {recorded:?}"
        );
        unfinished += number(
            &history,
            &format!("SELECT finished IS NULL FROM runs WHERE id = {run}"),
        );
        // The events of this round are not those of the next.
        fs::remove_file(place.path("events.jsonl")).unwrap();
    }
    assert!(unfinished > 0, "no run was killed in its course");
    let found = history(&place, &["--limit", "100"]).exits(0);
    assert!(
        found
            .stdout
            .contains("not finished (killed, or still running): "),
        "{found}"
    );
}

/// What is kept of damaged histories, and that the new one holds one run.
#[track_caller]
fn kept_aside(place: &Place, runs: usize) -> Vec<PathBuf> {
    let history = open(&place.path(FILE));
    is_whole(&history);
    assert_eq!(number(&history, "SELECT count(*) FROM runs"), runs as i64);
    drop(history);
    let names = names_in(&place.path(".vera-stress"));
    let aside = names
        .into_iter()
        .filter(|it| it.starts_with("history.db.damaged-") && it.ends_with('Z'));
    aside
        .map(|it| place.path(".vera-stress").join(it))
        .collect()
}

fn page(bytes: &mut [u8], number: usize) {
    bytes[number * 4096..][..4096].fill(0xa5);
}

#[test]
fn a_damaged_history_is_moved_aside_and_the_run_goes_on() {
    let place = Place::new();
    many(&place, 40);
    let arguments = ["--axis", "axis", "--lane", "native"];
    type Damage = dyn Fn(&mut Vec<u8>);
    let damages: [(&str, &Damage); 5] = [
        ("garbage", &|bytes| {
            *bytes = b"this is no database\n".repeat(500);
        }),
        ("a part of it", &|bytes| bytes.truncate(bytes.len() / 2)),
        ("a part of its first page", &|bytes| bytes.truncate(50)),
        ("an overwritten page", &|bytes| page(bytes, 8)),
        ("an overwritten first page", &|bytes| page(bytes, 0)),
    ];
    for (what, damage) in damages {
        let _ = fs::remove_dir_all(place.path(".vera-stress"));
        place.run(&arguments).exits(0);
        let mut bytes = fs::read(place.path(FILE)).unwrap();
        assert!(bytes.len() > 20 * 4096, "{}", bytes.len());
        damage(&mut bytes);
        fs::write(place.path(FILE), &bytes).unwrap();
        // Whoever only reads leaves it where it is.
        history(&place, &[])
            .exits(2)
            .says(&["cannot be read: it is damaged"]);
        assert_eq!(fs::read(place.path(FILE)).unwrap(), bytes, "{what}");
        place.run(&arguments).exits(0).says(&[
            "was damaged (",
            "it is kept as .vera-stress/history.db.damaged-",
        ]);
        let aside = kept_aside(&place, 1);
        assert_eq!(aside.len(), 1, "{what}: {aside:?}");
        assert_eq!(fs::read(&aside[0]).unwrap(), bytes, "{what}");
        // And that is all: the next run finds nothing wrong.
        let ran = place.run(&arguments).exits(0);
        assert!(!ran.stderr.contains("damaged"), "{ran}");
        assert_eq!(kept_aside(&place, 2).len(), 1, "{what}");
    }
}

/// Waits for a file `go`, where it is told where that will be.
fn waits() -> String {
    common::patient("wait(@String.0, @Nat.0)")
}

#[test]
fn a_file_that_is_overwritten_under_a_run_is_noticed_at_its_end() {
    let place = Place::new();
    many(&place, 20);
    place
        .scenario("waits")
        .n(1)
        .program(&waits())
        .expect("value = \"n\"")
        .tables(&format!(
            "[budget]\nwall = \"10m\"\n{}",
            common::PATIENT_FILES
        ))
        .write();
    let lanes = ["--axis", "axis", "--lane", "reference"];
    let only = ["case-*", "waits", "-v"];
    let arguments = place.run_args(&[&only[..], &lanes, &["--jobs", "2"]].concat());
    type Overwritten = fn(&[u8]) -> Vec<u8>;
    let ways: [Overwritten; 3] = [
        |_| b"no database ".repeat(400),
        |bytes| bytes[..bytes.len() / 2].to_vec(),
        |bytes| {
            // The first page is in the log, from which it would come back.
            let mut bytes = bytes.to_vec();
            for number in 1..bytes.len() / 4096 {
                page(&mut bytes, number);
            }
            bytes
        },
    ];
    for overwrite in ways {
        let _ = fs::remove_dir_all(place.path(".vera-stress"));
        let _ = fs::remove_dir_all(place.path("tmp"));
        fs::create_dir(place.path("tmp")).unwrap();
        // What an earlier run left is what a run has in memory, and not in its log.
        let earlier = ["case-*", "--axis", "axis", "--lane", "native"];
        place.run(&earlier).exits(0);
        let process = place
            .process()
            .args(&arguments)
            .env("TMPDIR", place.path("tmp"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_for("the cases that do not wait", || {
            let history = open(&place.path(FILE));
            (recorded(&history, Some(2)).len() >= 20).then_some(())
        });
        let bytes = fs::read(place.path(FILE)).unwrap();
        fs::write(place.path(FILE), overwrite(&bytes)).unwrap();
        let folder = wait_for("the case that waits", || {
            common::patient_folder(&place.path("tmp"))
        });
        fs::write(folder.join("go"), "").unwrap();
        let ran = place.ran(process.wait_with_output().unwrap());
        let ran = ran.says(&["was damaged (", "it is kept as "]);
        let history = open(&place.path(FILE));
        let all: BTreeSet<String> = shown(&ran.stdout);
        assert!(all.len() >= 21, "{ran}");
        assert_eq!(recorded(&history, Some(1)), all, "{ran}");
        let finished = "SELECT count(*) FROM runs WHERE finished IS NOT NULL";
        assert_eq!(number(&history, finished), 1);
        drop(history);
        assert_eq!(kept_aside(&place, 1).len(), 1);
    }
}

#[test]
fn of_many_that_see_the_damage_one_moves_it() {
    let place = Place::new();
    many(&place, 3);
    let garbage = "this is no database\n".repeat(500);
    place.write(FILE, &garbage);
    let start = |_| {
        place
            .process()
            .args([
                "run",
                "--catalogue",
                "catalogue",
                "--axis",
                "axis",
                "--lane",
                "native",
            ])
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let running: Vec<_> = (0..4).map(start).collect();
    for mut process in running {
        assert!(process.wait().unwrap().success());
    }
    let aside = kept_aside(&place, 4);
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert_eq!(fs::read_to_string(&aside[0]).unwrap(), garbage);
}

#[test]
fn what_is_not_ours_to_write_is_left_alone() {
    let place = Place::new();
    place.good();
    let run = ["good", NATIVE[0], NATIVE[1]];
    place.run(&run).exits(0);
    let newer = open(&place.path(FILE));
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let bytes = fs::read(place.path(FILE)).unwrap();
    let newer = "a newer vera-stress wrote it: its tables are of version 99";
    place
        .run(&run)
        .exits(0)
        .says(&[newer, "this run is not recorded"]);
    history(&place, &[]).exits(2).says(&[newer, "next: update"]);
    assert_eq!(fs::read(place.path(FILE)).unwrap(), bytes);
    // A database of somebody else.
    let other = open(&place.path("other.db"));
    other.execute_batch("CREATE TABLE mine (x)").unwrap();
    drop(other);
    let elsewhere = ["good", NATIVE[0], NATIVE[1], "--history", "other.db"];
    place
        .run(&elsewhere)
        .exits(0)
        .says(&["a database of another program"]);
    assert_eq!(
        number(
            &open(&place.path("other.db")),
            "SELECT count(*) FROM sqlite_schema"
        ),
        1
    );
    let aside = |it: &String| it.contains("damaged");
    assert!(!names_in(&place.path(".vera-stress")).iter().any(aside));
    assert!(!names_in(&place.path("")).iter().any(aside));
}

#[test]
fn a_history_that_cannot_be_written_stops_nothing() {
    let place = Place::new();
    place.good();
    place.write(".vera-stress", "a file where the folder should be");
    let ran = place
        .run(&["good", NATIVE[0], NATIVE[1]])
        .exits(0)
        .passes("good")
        .says(&[
            "history.db cannot be written: ",
            "the run goes on",
            "--no-history",
        ]);
    assert_eq!(ran.stderr.matches("cannot be written").count(), 1, "{ran}");
}
