//! The summary of a run, and of climbs, as a page of Markdown.

use super::markdown::{Document, cell, code, escape};
use crate::judge::Verdict;
use crate::record::climb::ClimbRecord;
use crate::record::{CaseRecord, Cause, ClimbReport, RunInfo, RunReport, Summary, Unloaded, count};
use crate::report::terminal::climb::ceiling;
use crate::report::terminal::run::summary_line;
use crate::scenario::{Cost, Guard};

/// Of the other cases of one cause, so many are named.
const NAMED: usize = 20;

/// Where Vera's issues are.
const ISSUES: &str = "https://github.com/aallan/vera/issues";

/// The summary of a run: the numbers, and what is not as expected.
pub fn of_cases(page: &mut Document, run: &RunReport) {
    let RunReport {
        info,
        records,
        summary,
    } = run;
    head(page, "run", info, summary);
    page.paragraph(&numbers(info, summary, "case"));
    not_loaded(page, &info.unloaded);
    let rows_of = |wanted: &dyn Fn(&CaseRecord) -> bool, row: &dyn Fn(&CaseRecord) -> _| {
        let wanted = records.iter().filter(|it| wanted(it));
        wanted.map(row).collect::<Vec<Vec<String>>>()
    };
    page.table(
        None,
        &[
            "scenario",
            "lane",
            "n",
            "verdict",
            "what",
            "smallest n",
            "guards",
            "again",
            "same cause",
        ],
        &causes(run),
    );
    let drifts: Vec<Vec<String>> = records.iter().flat_map(drifts).collect();
    page.table(None, &["scenario", "lane", "n", "drift", "again"], &drifts);
    let reason = &["scenario", "lane", "n", "why"];
    for (verdict, what) in [
        (Verdict::NotRun, "case not run"),
        (Verdict::Known, "known limit"),
        (Verdict::Unsupported, "case that the lane cannot run"),
        (Verdict::Refused, "program that `vera check` refuses"),
    ] {
        let rows = rows_of(&|it| it.verdict == verdict, &in_short);
        page.table(Some(&several(rows.len(), what)), reason, &rows);
    }
}

/// The summary of climbs: the numbers, what is not as it should be, and all
/// ceilings.
pub fn of_climbs(page: &mut Document, climbs: &ClimbReport) {
    let ClimbReport {
        info,
        records,
        summary,
    } = climbs;
    head(page, "climb", info, summary);
    page.paragraph(&numbers(info, summary, "climb"));
    not_loaded(page, &info.unloaded);
    let failed = records.iter().filter(|it| it.verdict.fails_run());
    let failed = failed.map(|record| {
        vec![
            code(&record.scenario),
            code(&record.lane.to_string()),
            record.verdict.name().to_owned(),
            cell(&record.message),
            cell(&ceiling(record)),
            guards(&record.guards),
            code(&record.again),
        ]
    });
    page.table(
        None,
        &[
            "scenario", "lane", "verdict", "what", "ceiling", "guards", "again",
        ],
        &failed.collect::<Vec<_>>(),
    );
    let exponent = |record: &ClimbRecord, cost: Cost| {
        let measured = record.growth.iter().find(|it| it.cost == cost);
        let fit = measured.and_then(|it| it.fit.as_ref());
        fit.map_or("-".to_owned(), |fit| format!("{:.2}", fit.exponent))
    };
    let all = records.iter().map(|record| {
        vec![
            code(&record.scenario),
            code(&record.lane.to_string()),
            record.verdict.name().to_owned(),
            cell(&ceiling(record)),
            exponent(record, Cost::Instructions),
            exponent(record, Cost::Heap),
        ]
    });
    page.table(
        Some(&several(records.len(), "climb")),
        &[
            "scenario",
            "lane",
            "verdict",
            "ceiling",
            "instructions n^",
            "heap n^",
        ],
        &all.collect::<Vec<_>>(),
    );
}

fn head(page: &mut Document, what: &str, info: &RunInfo, summary: &Summary) {
    let came = match summary.conclusion().is_as_expected() {
        true => "all as expected",
        false => "not as expected",
    };
    page.paragraph(&format!(
        "### vera-stress {what} on {}: {came}",
        escape(&info.describe())
    ));
}

/// The scenarios that could not be loaded.
pub fn not_loaded(page: &mut Document, unloaded: &[Unloaded]) {
    for it in unloaded {
        page.paragraph(&format!("**not loaded:** {}", cell(&it.to_string())));
    }
}

/// The line with the numbers, and what the run was about.
fn numbers(info: &RunInfo, summary: &Summary, what: &str) -> String {
    let line = summary_line(summary, what);
    let mut text = escape(&console::strip_ansi_codes(&line));
    text.push_str(&format!(
        "<br>vera-stress {}, {}",
        escape(&info.vera_stress),
        escape(&info.machine)
    ));
    if !info.profile.is_empty() {
        text.push_str(&format!(", profile {}", escape(&info.profile)));
    }
    if let Some(partition) = &info.partition {
        text.push_str(&format!(", partition {}", escape(partition)));
    }
    text.push_str(&format!(", seed {}", info.seed));
    text
}

/// A row for each cause of failures, and for each known limit that is gone.
fn causes(run: &RunReport) -> Vec<Vec<String>> {
    let one = |(_, records): (Cause, Vec<&CaseRecord>)| {
        let mut row = failure(records[0]);
        let others = &records[1..];
        let named = others.iter().take(NAMED).map(|it| code(&it.heading()));
        let mut named: Vec<String> = named.collect();
        if others.len() > NAMED {
            named.push(format!("and {} more", others.len() - NAMED));
        }
        row.push(match named.is_empty() {
            true => "-".to_owned(),
            false => named.join("<br>"),
        });
        row
    };
    let fixed = run.records.iter().filter(|it| it.verdict == Verdict::Fixed);
    let fixed = fixed.map(|it| [failure(it), vec!["-".to_owned()]].concat());
    run.causes().into_iter().map(one).chain(fixed).collect()
}

fn failure(record: &CaseRecord) -> Vec<String> {
    let smallest = record.smallest.as_ref();
    let there = smallest.and_then(|it| it.message.as_ref());
    let there = there.map(|it| format!("<br>there: {}", cell(it)));
    let also = smallest.and_then(|it| it.otherwise.as_ref());
    let also = also.map(|it| format!("<br>also {}", cell(&it.sentence())));
    vec![
        code(&record.scenario),
        code(&record.lane.to_string()),
        record.n.to_string(),
        record.verdict.name().to_owned(),
        cell(&record.message),
        format!(
            "{}{}{}",
            smallest.map_or("-".to_owned(), |it| cell(&it.text)),
            there.unwrap_or_default(),
            also.unwrap_or_default()
        ),
        guards(record.guards_told()),
        code(&record.again),
    ]
}

fn drifts(record: &CaseRecord) -> Vec<Vec<String>> {
    let row = |drift: &crate::judge::drift::Drift| {
        vec![
            code(&record.scenario),
            code(&record.lane.to_string()),
            record.n.to_string(),
            cell(&drift.message()),
            code(&drift.again),
        ]
    };
    record.drifts.iter().map(row).collect()
}

fn in_short(record: &CaseRecord) -> Vec<String> {
    vec![
        code(&record.scenario),
        code(&record.lane.to_string()),
        record.n.to_string(),
        cell(&record.message),
    ]
}

/// Guards, with links to the issues of those that have one.
fn guards(guards: &[Guard]) -> String {
    let one = |guard: &Guard| match guard.issue {
        Some(issue) => format!("[&#35;{issue}]({ISSUES}/{issue}) {}", cell(&guard.class)),
        None => cell(&guard.class),
    };
    guards.iter().map(one).collect::<Vec<_>>().join("<br>")
}

/// `1 case not run`, `2 cases not run`.
fn several(number: usize, what: &str) -> String {
    let (thing, rest) = what.split_once(' ').unwrap_or((what, ""));
    match thing {
        "known" => count(number, what),
        _ => format!("{} {rest}", count(number, thing))
            .trim_end()
            .to_owned(),
    }
}
