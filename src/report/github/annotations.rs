//! Annotations: an error for each cause that cases are not as expected.
//!
//! GitHub shows few of them, so what one fault does in several lanes and scenarios
//! is one, and so are all cases that were not run for the same reason.

use std::collections::BTreeMap;

use super::command::{Annotation, Level, shown};
use super::place::Places;
use crate::judge::Verdict;
use crate::record::{CaseRecord, ClimbReport, RunInfo, RunReport, Summary, Unloaded, count};
use crate::report::terminal::climb::climb_text;
use crate::report::terminal::run::{drift_text, failure_text};

/// Of the cases that were not run, or that failed of one cause, so many are named.
const NAMED: usize = 20;

/// What is to be said of the cases of a run.
pub fn of_cases(run: &RunReport, places: &Places<'_>) -> Vec<Annotation> {
    let RunReport {
        info,
        records,
        summary,
    } = run;
    let is_fixed = |it: &&CaseRecord| it.verdict == Verdict::Fixed;
    let mut errors = Vec::new();
    for (_, group) in run.causes() {
        let place = places.program(&group[0].axis, &group[0].scenario);
        errors.push(failures(info, &group).at(place));
    }
    for group in by_scenario(records.iter().filter(is_fixed)) {
        let place = places.known_limit(&group[0].axis, &group[0].scenario);
        errors.push(failures(info, &group).at(place));
    }
    for group in by_scenario(records.iter().filter(|it| !it.drifts.is_empty())) {
        let place = places.program(&group[0].axis, &group[0].scenario);
        let title = format!("{}: drift on Vera {}", group[0].scenario, info.vera);
        let text: String = group.iter().map(|it| drift_text(it)).collect();
        errors.push(Annotation::new(Level::Error, title, unindented(&text)).at(place));
    }
    errors.extend(not_run(records));
    errors.extend(not_loaded(&info.unloaded, places));
    let mut all = shown(errors);
    all.extend(troubles(summary, &info.unloaded));
    all
}

/// What is to be said of climbs.
pub fn of_climbs(climbs: &ClimbReport, places: &Places<'_>) -> Vec<Annotation> {
    let ClimbReport {
        info,
        records,
        summary,
    } = climbs;
    let failed = records.iter().filter(|it| it.verdict.fails_run());
    let errors = failed.map(|record| {
        let place = match record.verdict {
            Verdict::Fixed => places.known_limit(&record.axis, &record.scenario),
            Verdict::Pass
            | Verdict::Failed(_)
            | Verdict::Known
            | Verdict::Unsupported
            | Verdict::Refused
            | Verdict::Undecided
            | Verdict::NotRun => places.program(&record.axis, &record.scenario),
        };
        let title = format!(
            "climb of {}: {} on Vera {}",
            record.scenario, record.verdict, info.vera
        );
        Annotation::new(Level::Error, title, unindented(&climb_text(record))).at(place)
    });
    let broken = not_loaded(&info.unloaded, places);
    let mut all = shown(errors.chain(broken).collect());
    all.extend(troubles(summary, &info.unloaded));
    all
}

/// The records of each scenario, in the order in which the scenarios come.
fn by_scenario<'a>(records: impl Iterator<Item = &'a CaseRecord>) -> Vec<Vec<&'a CaseRecord>> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&CaseRecord>> = Vec::new();
    for record in records {
        let place = *places.entry(&record.scenario).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(record);
    }
    groups
}

/// What fails of one cause: in full where it is told best, in a line elsewhere.
fn failures(info: &RunInfo, group: &[&CaseRecord]) -> Annotation {
    let verdicts = once(group.iter().map(|it| it.verdict.name()));
    let scenarios = once(group.iter().map(|it| it.scenario.as_str()));
    let more = match scenarios.len() {
        1 => String::new(),
        many => format!(" and {} more", many - 1),
    };
    let title = format!(
        "{}{more}: {} on Vera {}",
        scenarios[0],
        verdicts.join(", "),
        info.vera
    );
    let mut message = unindented(&failure_text(group[0]));
    let named = &group[1..group.len().min(NAMED)];
    for record in named {
        message.push_str(&format!("\nalso {}: {}", record.heading(), record.message));
    }
    match group.len().saturating_sub(NAMED) {
        0 => {}
        more => message.push_str(&format!("\nand {more} more")),
    }
    Annotation::new(Level::Error, title, message)
}

/// Each word once, where it came first.
fn once<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    seen
}

/// The cases that were not run, under the reason that they share.
fn not_run(records: &[CaseRecord]) -> Vec<Annotation> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for record in records.iter().filter(|it| it.verdict == Verdict::NotRun) {
        reasons
            .entry(&record.message)
            .or_default()
            .push(record.heading());
    }
    let annotation = |(reason, cases): (&str, Vec<String>)| {
        let title = format!("{} not run", count(cases.len(), "case"));
        let more = match cases.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("\nand {more} more"),
        };
        let named = &cases[..cases.len().min(NAMED)];
        let message = format!("{reason}\n{}{more}", named.join("\n"));
        Annotation::new(Level::Error, title, message)
    };
    reasons.into_iter().map(annotation).collect()
}

/// An error for each scenario that could not be loaded, at its file and line.
pub fn not_loaded(unloaded: &[Unloaded], places: &Places<'_>) -> Vec<Annotation> {
    let annotation = |it: &Unloaded| {
        let title = format!("{} cannot be used", it.place());
        let place = places.of_file(&it.file, it.line.unwrap_or(1));
        Annotation::new(Level::Error, title, unindented(&it.to_string())).at(place)
    };
    unloaded.iter().map(annotation).collect()
}

/// What beside the cases is not as expected. The log has the details.
fn troubles(summary: &Summary, unloaded: &[Unloaded]) -> Vec<Annotation> {
    let said = [
        (
            summary.faults.scenario && unloaded.is_empty(),
            "a scenario file cannot be used",
            "Other scenarios were judged all the same. The log says which file, and what to write instead.",
        ),
        (
            summary.faults.toolchain,
            "the toolchain failed",
            "The log says what could not be done.",
        ),
        (
            summary.interrupted,
            "interrupted",
            "What had finished is reported.",
        ),
        (
            summary.incomplete,
            "a part of the run is missing",
            "The log says which part, and what it should have run.",
        ),
        (
            summary.compared_nothing(),
            "nothing could be compared",
            "The earlier run has none of these scenarios in the same native lane, at the same n and with the same seed.",
        ),
    ];
    let said = said.into_iter().filter(|(holds, ..)| *holds);
    said.map(|(_, title, text)| Annotation::new(Level::Warning, title, text))
        .collect()
}

/// The text of the terminal, whose blocks are indented.
fn unindented(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_stands_in_a_title_once() {
        let verdicts = ["wrong", "growth", "wrong", "corrupt", "growth"];
        assert_eq!(once(verdicts.into_iter()), ["wrong", "growth", "corrupt"]);
    }
}
