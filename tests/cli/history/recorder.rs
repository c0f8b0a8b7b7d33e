//! What happens to the file under a run that is being recorded.

use std::fs;
use std::sync::Mutex;

use vera_stress::case::Scale;
use vera_stress::record::history::{History, HistoryNotice, Recorder, RunKind};
use vera_stress::record::{CaseRecord, RunInfo, Summary};

use super::{FILE, is_whole, number, open, recorded};
use crate::common::Place;

static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn hear(notice: &HistoryNotice) {
    SAID.lock().unwrap().push(notice.to_string());
}

fn said(place: &Place) -> Vec<String> {
    let name = place.path("").display().to_string();
    let all = SAID.lock().unwrap();
    all.iter()
        .filter(|it| it.contains(&name))
        .cloned()
        .collect()
}

/// A real run, to be recorded once more elsewhere.
fn real() -> (Place, RunInfo, CaseRecord) {
    let place = Place::new();
    place.good();
    let ran = place
        .run(&["good", "--lane", "native", "--no-history"])
        .exits(0);
    let info = serde_json::from_value(ran.events[0].clone()).unwrap();
    let record = serde_json::from_value(ran.case("good").clone()).unwrap();
    (place, info, record)
}

fn at(record: &CaseRecord, n: u64) -> CaseRecord {
    CaseRecord {
        n: Scale::new(n).unwrap(),
        ..record.clone()
    }
}

#[test]
fn a_history_that_is_deleted_or_replaced_is_written_anew() {
    let (place, info, record) = real();
    let file = place.path(FILE);
    let history = History::at(&file, hear);
    let recorder = Recorder::begin(&history, RunKind::Run, &info);
    recorder.case(&at(&record, 1));
    fs::remove_dir_all(place.path(".vera-stress")).unwrap();
    recorder.case(&at(&record, 2));
    assert_eq!(recorded(&open(&file), recorder.id()).len(), 2);
    fs::rename(&file, place.path("elsewhere.db")).unwrap();
    recorder.case(&at(&record, 3));
    assert_eq!(recorded(&open(&file), recorder.id()).len(), 3);
    recorder.finish(&Summary::default());
    assert_eq!(number(&open(&file), "SELECT count(finished) FROM runs"), 1);
    let said = said(&place);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].contains("moved or deleted under this run"),
        "{said:?}"
    );
}

#[test]
fn damage_under_a_run_loses_nothing_that_it_reported() {
    let (place, info, record) = real();
    let file = place.path(FILE);
    let recorder = Recorder::begin(&History::at(&file, hear), RunKind::Run, &info);
    for n in 1..=50 {
        recorder.case(&at(&record, n));
    }
    // Another process writes, so that the run must read what it has in memory
    // again, and then the file is overwritten.
    let other = open(&file);
    other
        .execute_batch("UPDATE runs SET jobs = 3; PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[..4096].fill(0xa5);
    fs::write(&file, &bytes).unwrap();
    recorder.case(&at(&record, 51));
    recorder.finish(&Summary::default());
    let history = open(&file);
    is_whole(&history);
    assert_eq!(recorded(&history, recorder.id()).len(), 51);
    let said = said(&place);
    assert!(
        said[0].contains("was damaged (") && said.len() == 1,
        "{said:?}"
    );
}

#[test]
fn an_older_copy_written_over_the_file_gets_the_run_at_its_end() {
    let (place, info, record) = real();
    let file = place.path(FILE);
    let history = History::at(&file, hear);
    Recorder::begin(&history, RunKind::Run, &info).finish(&Summary::default());
    let copy = fs::read(&file).unwrap();
    let recorder = Recorder::begin(&history, RunKind::Run, &info);
    for n in 1..=20 {
        recorder.case(&at(&record, n));
    }
    // All of it is in the file, and then it is not.
    let other = open(&file);
    other
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    fs::write(&file, &copy).unwrap();
    recorder.finish(&Summary::default());
    drop(other);
    let history = open(&file);
    is_whole(&history);
    assert_eq!(recorded(&history, recorder.id()).len(), 20);
    let said = said(&place);
    assert_eq!(said.len(), 1, "{said:?}");
}

#[test]
fn what_could_not_be_written_is_written_at_the_end_if_it_can_be() {
    let (place, info, record) = real();
    let file = place.path(FILE);
    fs::write(place.path(".vera-stress"), "in the way").unwrap();
    let recorder = Recorder::begin(&History::at(&file, hear), RunKind::Compare, &info);
    recorder.case(&at(&record, 1));
    assert_eq!(recorder.id(), None);
    fs::remove_file(place.path(".vera-stress")).unwrap();
    recorder.case(&at(&record, 2));
    recorder.finish(&Summary::default());
    let history = open(&file);
    assert_eq!(recorded(&history, recorder.id()).len(), 2);
    assert_eq!(
        number(
            &history,
            "SELECT count(finished) FROM runs WHERE kind = 'compare'"
        ),
        1
    );
    assert_eq!(said(&place).len(), 2, "{:?}", said(&place));
}

#[test]
fn what_is_known_later_of_a_case_is_in_its_row() {
    let (place, info, mut record) = real();
    let file = place.path(FILE);
    let recorder = Recorder::begin(&History::at(&file, hear), RunKind::Run, &info);
    recorder.case(&record);
    record.folder = Some("a/folder".to_owned());
    recorder.case(&record);
    let of = "SELECT count(*) FROM outcomes WHERE folder = 'a/folder' AND record LIKE '%a/folder%'";
    assert_eq!(number(&open(&file), of), 1);
    assert_eq!(number(&open(&file), "SELECT count(*) FROM outcomes"), 1);
}

#[test]
fn recording_is_timed_for_whoever_reads_it() {
    let (place, info, record) = real();
    let since = std::time::Instant::now();
    let recorder = Recorder::begin(&History::at(&place.path(FILE), hear), RunKind::Run, &info);
    let begun = since.elapsed();
    let since = std::time::Instant::now();
    for n in 1..=660 {
        recorder.case(&at(&record, n));
    }
    eprintln!("beginning took {begun:?}, 660 cases {:?}", since.elapsed());
    assert_eq!(recorded(&open(&place.path(FILE)), recorder.id()).len(), 660);
}
