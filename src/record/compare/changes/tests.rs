use std::time::Duration;

use super::super::{Ceiling, Column, CompareInfo, CompareReport, CompareSummary};
use super::*;
use crate::case::{Bytes, Instructions, Lane, Scale, Usage};
use crate::judge::drift::Share;

/// A cell of a case that came to its end, with so many instructions and so much heap.
pub fn passed(work: u64, heap: u64) -> Cell {
    Cell {
        verdict: Verdict::Pass,
        message: String::new(),
        because: None,
        costs_count: true,
        result: None,
        instructions: Some(Instructions(work)),
        heap: Some(Bytes(heap)),
        collections: Some(1),
        time: None,
        time_at_least: false,
        memory: None,
        compile: None,
        compile_memory: None,
        ceiling: None,
        again: String::new(),
    }
}

/// A comparison that has come to its end.
pub fn reported(comparison: Comparison) -> CompareReport {
    let summary = CompareSummary {
        changes: comparison.changes(),
        regressions: comparison.regressions(),
        not_run: 0,
        interrupted: false,
        seconds: 1.0,
    };
    CompareReport {
        comparison,
        summary,
    }
}

/// A cell of a case that failed.
pub fn failed(kind: FailureKind) -> Cell {
    Cell {
        verdict: Verdict::Failed(kind),
        message: format!("it is {}", kind.name()),
        costs_count: false,
        result: None,
        instructions: None,
        heap: None,
        collections: None,
        ..passed(0, 0)
    }
}

/// A cell of a case whose time alone is known.
pub fn timed(seconds: f64) -> Cell {
    Cell {
        instructions: None,
        heap: None,
        collections: None,
        time: Some(seconds),
        ..passed(0, 0)
    }
}

/// A cell of a climb.
fn climbed(n: u64, exact: bool) -> Cell {
    Cell {
        ceiling: Some(Ceiling {
            n: Scale::new(n),
            by: if exact { "trap" } else { "budget" }.to_owned(),
            exact,
            repeats: exact,
            instructions_exponent: None,
            heap_exponent: None,
        }),
        ..failed(FailureKind::Trap)
    }
}

/// A comparison of rows of one scenario each: lane and cells.
pub fn comparison(rows: Vec<(&str, &str, Vec<Option<Cell>>)>) -> Comparison {
    let columns = rows[0].2.len();
    let column = |at: usize| Column {
        chosen: None,
        name: format!("0.{at}"),
        vera: Some(format!("0.{at}")),
        fingerprint: None,
        unusable: None,
    };
    Comparison {
        info: CompareInfo {
            format: crate::record::Format::CURRENT,
            started: jiff::Timestamp::UNIX_EPOCH,
            vera_stress: "0".to_owned(),
            seed: 0,
            jobs: 1,
            machine: String::new(),
            cases: rows.len(),
            allowed: Share::default(),
            unloaded: Vec::new(),
            columns: (0..columns).map(column).collect(),
        },
        rows: rows
            .into_iter()
            .map(|(scenario, lane, cells)| Row {
                scenario: scenario.to_owned(),
                axis: "axis".to_owned(),
                lane: lane.parse::<Lane>().unwrap(),
                n: Scale::new(1000),
                cells,
            })
            .collect(),
    }
}

fn kinds(cells: Vec<Option<Cell>>) -> Vec<(usize, usize, ChangeKind)> {
    let changes = comparison(vec![("it", "native", cells)]).changes();
    changes.iter().map(|it| (it.from, it.to, it.kind)).collect()
}

#[test]
fn a_verdict_is_compared_with_the_one_before_it() {
    let (pass, wrong) = (Some(passed(100, 100)), Some(failed(FailureKind::Wrong)));
    let trap = Some(failed(FailureKind::Trap));
    let changes = kinds(vec![pass.clone(), wrong.clone(), trap, pass.clone()]);
    assert_eq!(
        changes,
        [
            (0, 1, ChangeKind::Regression),
            (2, 3, ChangeKind::Fix),
            (1, 2, ChangeKind::Otherwise)
        ]
    );
    // A version on which nothing is known of it is stepped over.
    let mut unknown = passed(100, 100);
    unknown.verdict = Verdict::NotRun;
    let changes = kinds(vec![pass.clone(), None, Some(unknown), wrong]);
    assert_eq!(changes, [(0, 3, ChangeKind::Regression)]);
    assert_eq!(kinds(vec![pass.clone(), pass]), []);
}

#[test]
fn what_was_right_if_too_dear_is_worse_where_it_is_wrong() {
    let dear = || {
        Some(Cell {
            verdict: Verdict::Failed(FailureKind::Growth),
            ..passed(9, 9)
        })
    };
    let (pass, wrong) = (Some(passed(9, 9)), Some(failed(FailureKind::Wrong)));
    let regression = [(0, 1, ChangeKind::Regression)];
    assert_eq!(kinds(vec![dear(), wrong.clone()]), regression);
    assert_eq!(kinds(vec![pass.clone(), dear()]), regression);
    let fix = [(0, 1, ChangeKind::Fix)];
    assert_eq!(kinds(vec![wrong, dear()]), fix);
    assert_eq!(kinds(vec![dear(), pass]), fix);
}

#[test]
fn what_fails_at_a_smaller_n_as_well_is_no_second_change() {
    let broke = || vec![Some(passed(1, 1)), Some(failed(FailureKind::Trap))];
    let rows = ["native", "native", "native+sanitize"].map(|lane| ("it", lane, broke()));
    let mut compared = comparison(rows.to_vec());
    compared.rows[0].n = Scale::new(100);
    let rows = |compared: &Comparison| -> Vec<usize> {
        compared.changes().iter().map(|it| it.row).collect()
    };
    assert_eq!(rows(&compared), [1, 2]);
    assert_eq!(compared.regressions().len(), 2);
    let (changed, same) = compared.by_change();
    assert_eq!((changed.len(), same.len()), (2, 0));
    // What it costs there is another matter, and so is another kind of change.
    compared.rows[0].cells = vec![Some(passed(10, 1)), Some(passed(30, 1))];
    assert_eq!(rows(&compared), [1, 2, 0]);
    compared.rows[0].cells = broke().into_iter().rev().collect();
    assert_eq!(rows(&compared), [1, 2, 0]);
}

#[test]
fn what_processes_take_must_be_far_off_as_well() {
    let kinds = |before: Cell, after: Cell| {
        let changes = comparison(vec![("it", "reference", vec![Some(before), Some(after)])]);
        let steps = changes.changes().into_iter().flat_map(|it| it.steps);
        steps.map(|it| it.quantity).collect::<Vec<_>>()
    };
    let memory = |mebi| Cell {
        memory: Some(Bytes::mebi(mebi)),
        ..timed(1.0)
    };
    assert_eq!(kinds(memory(64), memory(111)), []);
    assert_eq!(kinds(memory(240), memory(290)), [], "less than a quarter");
    assert_eq!(kinds(memory(64), memory(113)), [Quantity::Memory]);
    let compiled = |seconds, mebi| {
        let usage = Usage {
            cpu: Duration::from_secs_f64(seconds),
            peak_memory: Bytes::mebi(mebi),
            ..Usage::default()
        };
        passed(1, 1).compiled_at(Some(usage))
    };
    assert_eq!(kinds(compiled(1.0, 60), compiled(1.9, 60)), []);
    assert_eq!(kinds(compiled(0.04, 60), compiled(0.13, 60)), []);
    let both = [Quantity::Compile, Quantity::CompileMemory];
    assert_eq!(kinds(compiled(0.1, 60), compiled(0.3, 120)), both);
    assert_eq!(
        kinds(compiled(0.1, 60), passed(1, 1)),
        [],
        "nothing is known"
    );
}

#[test]
fn counts_that_differ_by_more_than_is_allowed_are_a_change() {
    let kinds =
        |work: u64, heap: u64| kinds(vec![Some(passed(1000, 1000)), Some(passed(work, heap))]);
    assert_eq!(kinds(1100, 1000), [], "just what is allowed");
    assert_eq!(kinds(1101, 1000), [(0, 1, ChangeKind::Regression)]);
    assert_eq!(kinds(1000, 1101), [(0, 1, ChangeKind::Regression)]);
    assert_eq!(kinds(900, 500), [(0, 1, ChangeKind::Improvement)]);
    assert_eq!(
        kinds(500, 1101),
        [(0, 1, ChangeKind::Regression)],
        "one is worse"
    );
    assert_eq!(kinds(0, 1000), [(0, 1, ChangeKind::Improvement)]);
}

#[test]
fn a_clock_must_be_far_off_to_say_anything() {
    let kinds = |before: f64, after: f64| {
        let cells = vec![Some(timed(before)), Some(timed(after))];
        let changes = comparison(vec![("it", "reference", cells)]).changes();
        changes.iter().map(|it| it.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(1.0, 1.9), []);
    assert_eq!(kinds(0.01, 0.09), [], "a tenth of a second is noise");
    assert_eq!(kinds(1.0, 2.1), [ChangeKind::Regression]);
    assert_eq!(kinds(2.1, 1.0), [ChangeKind::Improvement]);
}

#[test]
fn a_time_that_a_budget_ended_is_the_least_that_it_takes() {
    let ended = Cell {
        time: Some(10.0),
        time_at_least: true,
        ..failed(FailureKind::OverTime)
    };
    let cells = vec![Some(ended.clone()), Some(ended), Some(timed(0.1))];
    let changes = comparison(vec![("it", "reference", cells)]).changes();
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].kind, changes[0].to), (ChangeKind::Fix, 2));
    assert!(changes[0].steps[0].at_least);
    assert_eq!(changes[0].steps[0].ratio, 0.01);
}

#[test]
fn time_that_instructions_do_not_explain_was_spent_in_the_host() {
    let instructions = |time: (f64, f64), work: (u64, u64)| {
        let times = vec![Some(timed(time.0)), Some(timed(time.1))];
        let counts = vec![Some(passed(work.0, 1)), Some(passed(work.1, 1))];
        let rows = vec![("it", "reference", times), ("it", "native", counts)];
        let changes = comparison(rows).changes();
        let timed = changes.into_iter().find(|it| it.row == 0).unwrap();
        timed.instructions
    };
    assert_eq!(instructions((20.0, 0.1), (1000, 500)), Some(0.5));
    assert_eq!(instructions((20.0, 0.1), (1000, 2000)), Some(2.0));
    assert_eq!(instructions((0.1, 20.0), (1000, 1000)), Some(1.0));
    // The instructions explain it: all of it, or more than all of it.
    assert_eq!(instructions((20.0, 0.1), (1000, 5)), None);
    assert_eq!(instructions((0.1, 4.0), (1000, 173_000)), None);
}

#[test]
fn a_ceiling_is_compared_where_a_failure_ended_the_lower_climb() {
    let kinds = |before: Cell, after: Cell| kinds(vec![Some(before), Some(after)]);
    assert_eq!(
        kinds(climbed(4096, true), climbed(1000, true)),
        [(0, 1, ChangeKind::Regression)]
    );
    assert_eq!(
        kinds(climbed(1000, true), climbed(4096, true)),
        [(0, 1, ChangeKind::Improvement)]
    );
    // A budget that was spent earlier says nothing of the ceiling.
    assert_eq!(kinds(climbed(4096, true), climbed(1000, false)), []);
    assert_eq!(kinds(climbed(1000, false), climbed(4096, false)), []);
}

#[test]
fn whatever_is_worse_than_on_the_first_is_a_regression() {
    let row = |works: [u64; 3]| works.map(|it| Some(passed(it, 1))).to_vec();
    let told = |works: [u64; 3]| -> Vec<(usize, usize)> {
        let comparison = comparison(vec![("it", "native", row(works))]);
        let changes = comparison.changes();
        changes.iter().map(|it| (it.from, it.to)).collect()
    };
    assert_eq!(told([1000, 1090, 1180]), [(0, 2)]);
    assert_eq!(told([1000, 2000, 2100]), [(0, 1)]);
    let regressions = |works: [u64; 3]| -> Vec<usize> {
        let comparison = comparison(vec![("it", "native", row(works))]);
        let regressions = comparison.regressions();
        regressions.iter().map(|it| it.to).collect()
    };
    // In two steps that are allowed, one by one.
    assert_eq!(regressions([1000, 1090, 1180]), [2]);
    assert_eq!(regressions([1000, 2000, 1000]), [1]);
    assert!(regressions([1000, 1000, 1000]).is_empty());
    assert!(regressions([2000, 1000, 1500]).is_empty());
}

#[test]
fn rows_stand_by_what_changed_most() {
    let row = |works: [u64; 2]| works.map(|it| Some(passed(it, 1))).to_vec();
    let broke = vec![Some(passed(1, 1)), Some(failed(FailureKind::Trap))];
    let comparison = comparison(vec![
        ("same", "native", row([1000, 1000])),
        ("little", "native", row([1000, 1200])),
        ("much", "native", row([9000, 1000])),
        ("broke", "native", broke),
    ]);
    let names = |rows: Vec<&Row>| -> Vec<String> {
        rows.into_iter().map(|it| it.scenario.clone()).collect()
    };
    let (changed, same) = comparison.by_change();
    assert_eq!(names(changed), ["broke", "much", "little"]);
    assert_eq!(names(same), ["same"]);
}
