//! What changed, in words: under what it means, and under the version that brought
//! it.

use std::collections::BTreeMap;

use console::Style;

use super::table::CLOSE;
use super::{digits, shown};
use crate::judge::Verdict;
use crate::record::compare::{Change, ChangeKind, Comparison, Quantity, QuantityChange, Row};
use crate::record::count;
use crate::scenario::FailureKind;

/// Of the changes of cost alone, so many are told in words for each version.
const TOLD: usize = 5;

/// What changed, in words, under what it means.
pub fn words(comparison: &Comparison, changes: &[Change]) -> String {
    let mut text = String::new();
    for (kind, title, look) in [
        (
            ChangeKind::Regression,
            "Regressions",
            Style::new().red().bold(),
        ),
        (
            ChangeKind::Result,
            "Other results, of which nobody says what is right",
            Style::new().red().bold(),
        ),
        (ChangeKind::Fix, "Fixes", Style::new().green().bold()),
        (
            ChangeKind::Otherwise,
            "Fails in another way",
            Style::new().yellow().bold(),
        ),
        (
            ChangeKind::Improvement,
            "Improvements",
            Style::new().green().bold(),
        ),
    ] {
        let of_kind: Vec<&Change> = changes.iter().filter(|it| it.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{}\n", look.apply_to(title)));
        let mut versions: Vec<usize> = of_kind.iter().map(|it| it.to).collect();
        versions.sort_unstable();
        versions.dedup();
        for version in versions {
            let here: Vec<&Change> = of_kind
                .iter()
                .copied()
                .filter(|it| it.to == version)
                .collect();
            text.push_str(&of_version(comparison, version, &here));
        }
    }
    text
}

/// The changes of one kind that came with one version: each verdict, and of the
/// costs those that changed most.
fn of_version(comparison: &Comparison, version: usize, changes: &[&Change]) -> String {
    let name = &comparison.info.columns[version].name;
    let groups = together(comparison, changes).into_iter();
    let (mut verdicts, costs): (Vec<_>, Vec<_>) = groups.partition(|it| it[0].is_of_verdict());
    verdicts.sort_by_key(|group| !names_the_place(group[0]));
    let mut lines: Vec<String> = verdicts
        .iter()
        .map(|group| sentence(comparison, group))
        .collect();
    let told = costs.iter().take(TOLD);
    lines.extend(told.map(|group| sentence(comparison, group)));
    if costs.len() > TOLD {
        let rest = costs.len() - TOLD;
        lines.push(format!(
            "and the cost of {} more; the table has all",
            count(rest, "scenario")
        ));
    }
    let width = comparison
        .info
        .columns
        .iter()
        .map(|it| it.name.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (place, line) in lines.iter().enumerate() {
        let name = if place == 0 { name.as_str() } else { "" };
        text.push_str(&format!("  {name:width$}  {line}\n"));
    }
    text
}

/// What changed in one scenario is told together, whatever its lanes make of it, in
/// the order in which the first of each came. The sanitizer leads, since it names
/// the place, and verdicts come before costs.
pub fn together<'a>(comparison: &Comparison, changes: &[&'a Change]) -> Vec<Vec<&'a Change>> {
    let mut places: BTreeMap<(&str, ChangeKind), usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        let scenario = comparison.rows[change.row].scenario.as_str();
        let place = *places.entry((scenario, change.kind)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(change);
    }
    for group in &mut groups {
        group.sort_by_key(|it| (!it.is_of_verdict(), !names_the_place(it)));
    }
    groups
}

/// Whether the sanitizer tells where it happened.
fn names_the_place(change: &Change) -> bool {
    change.verdicts.1 == Verdict::Failed(FailureKind::Corrupt)
}

/// Changes that belong together: the first with what is to be said of it, those
/// that are the same by lane and n, and the others in a line below.
pub fn sentence(comparison: &Comparison, group: &[&Change]) -> String {
    let first = group[0];
    let row = &comparison.rows[first.row];
    let mut text = row.heading();
    let alike = |it: &&Change| {
        first.is_of_verdict() && it.verdicts == first.verdicts && it.results == first.results
    };
    let (same, other): (Vec<&Change>, Vec<&Change>) = group[1..].iter().copied().partition(alike);
    let same: Vec<String> = same
        .iter()
        .map(|it| place(&comparison.rows[it.row]))
        .collect();
    if !same.is_empty() {
        text.push_str(&format!(" (and {})", same.join(", ")));
    }
    let mut parts = Vec::new();
    if let (before, after) = first.verdicts
        && before != after
    {
        parts.push(format!("{before} -> {after}"));
    }
    if let Some((before, after)) = &first.results {
        parts.push(format!("{before} -> {after}"));
    }
    parts.extend(first.steps.iter().map(step));
    text.push_str(&format!(": {}", parts.join("; ")));
    if crept(row, first) {
        let from = &comparison.info.columns[first.from].name;
        text.push_str(&format!(" since {from}"));
    }
    let grows = first.verdicts.1 == Verdict::Failed(FailureKind::Growth);
    let of_cost = first.kind == ChangeKind::Regression && grows;
    if (first.is_of_verdict() || of_cost) && !first.message.is_empty() {
        text.push_str(&format!("\n{:14}{}", "", first.message));
    }
    let other: Vec<String> = other.iter().map(|it| shortly(comparison, it)).collect();
    if !other.is_empty() {
        text.push_str(&format!("\n{:14}also {}", "", other.join(", ")));
    }
    if let Some(because) = &first.because {
        let line = because.split_whitespace().collect::<Vec<_>>().join(" ");
        text.push_str(&format!("\n{:14}cause: {line}", ""));
    }
    if let Some(time) = group.iter().find(|it| it.instructions.is_some()) {
        let ratio = time.instructions.unwrap_or(1.0);
        text.push_str(&format!(
            "\n{:14}in lane native the same program took {} instructions: the time was spent in Vera's host, which no instruction count shows",
            "",
            as_many(ratio)
        ));
    }
    text
}

/// Whether a cost came to what it is in several steps.
fn crept(row: &Row, change: &Change) -> bool {
    let Some(step) = change.steps.first().filter(|_| !change.is_of_verdict()) else {
        return false;
    };
    let between = row.cells[change.from + 1..change.to].iter().flatten();
    let last = between.rev().find_map(|cell| step.quantity.of(cell));
    last.is_some_and(|it| !(1.0 / CLOSE..=CLOSE).contains(&(it.max(1.0) / step.before.max(1.0))))
}

/// A change in few words: where, and what most of all.
fn shortly(comparison: &Comparison, change: &Change) -> String {
    let place = place(&comparison.rows[change.row]);
    let (before, after) = change.verdicts;
    let what = match change.steps.first() {
        Some(first) if !change.is_of_verdict() => step(first),
        Some(_) | None => format!("{before} -> {after}"),
    };
    format!("{place} {what}")
}

/// The lane and the n of a row.
fn place(row: &Row) -> String {
    match row.n {
        Some(n) => format!("[{}] n={n}", row.lane),
        None => format!("[{}] climb", row.lane),
    }
}

/// A change of one quantity: `instructions 812 times as many (1,202 -> 976,024)`.
fn step(step: &QuantityChange) -> String {
    let shown = |value: f64| shown(step.quantity, value);
    let least = if step.at_least { "at least " } else { "" };
    let (before, after) = (shown(step.before), shown(step.after));
    format!(
        "{} {least}{} ({before} -> {after})",
        step.quantity.name(),
        match step.quantity {
            Quantity::Instructions => many(step.ratio),
            _ => much(step.ratio),
        }
    )
}

/// A factor in words: percent while it is small, times where it is large.
fn much(ratio: f64) -> String {
    times(ratio, ["as much", "less"])
}

/// The same of what is counted.
fn many(ratio: f64) -> String {
    times(ratio, ["as many", "fewer"])
}

fn times(ratio: f64, [more, less]: [&str; 2]) -> String {
    if ratio >= 2.0 {
        format!("{} times {more}", digits(ratio))
    } else if ratio >= 1.0 {
        format!("up {:.0}%", (ratio - 1.0) * 100.0)
    } else if ratio > 0.5 {
        format!("down {:.0}%", (1.0 - ratio) * 100.0)
    } else {
        format!("{} times {less}", digits(1.0 / ratio))
    }
}

/// How many times as many instructions, in words.
fn as_many(ratio: f64) -> String {
    if (0.99..=1.01).contains(&ratio) {
        "as many".to_owned()
    } else if ratio > 1.0 {
        format!("{} times as many", digits(ratio))
    } else {
        format!("{} times fewer", digits(1.0 / ratio))
    }
}
