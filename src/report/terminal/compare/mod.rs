//! What a person sees of a comparison: what got worse and what got better in
//! words, then a table, the case that changed most first.

mod spans;
mod table;
mod words;

use std::collections::BTreeMap;

use console::Style;

use super::unloaded;
use crate::case::{Bytes, Instructions, Lane};
use crate::judge::Verdict;
use crate::record::compare::{
    Change, ChangeKind, Column, CompareInfo, CompareReport, CompareSummary, Comparison, Quantity,
    Row,
};
use crate::record::count;
use crate::report::terminal::detail::{Detail, Showing};
use crate::report::terminal::not_run::{NotRunCase, not_run};
use crate::report::terminal::run::{in_order, sections};

pub use spans::{named, spans};
use table::table;
pub use words::together;
use words::{sentence, words};

/// Of the scenarios that share a fate, so many are named.
const NAMED: usize = 20;

/// The line above everything: what is compared on which versions.
pub fn head(info: &CompareInfo) -> String {
    let versions: Vec<String> = usable(&info.columns).map(named_with_reason).collect();
    format!(
        "vera-stress {}: comparing {} on {} of Vera ({}), {}, seed {}",
        info.vera_stress,
        count(info.cases, "case"),
        count(versions.len(), "version"),
        listed(&versions),
        count(info.jobs, "job"),
        info.seed
    )
}

/// A line for each version that could not be set up.
pub fn not_compared(info: &CompareInfo) -> impl Iterator<Item = String> {
    info.columns.iter().filter_map(|column| {
        let why = column.unusable.as_ref()?;
        let red = Style::new().red().bold();
        let label = red.apply_to("NOT COMPARED");
        Some(format!("{label} {}: {why}", column.name))
    })
}

/// The versions in a few words.
fn listed(names: &[String]) -> String {
    match names {
        [first, .., last] if names.len() > 4 => format!("{first} to {last}"),
        few => few.join(", "),
    }
}

fn named_with_reason(column: &Column) -> String {
    match column.chosen {
        Some(why) => why.beside(&column.name),
        None => column.name.clone(),
    }
}

fn usable(columns: &[Column]) -> impl Iterator<Item = &Column> {
    columns.iter().filter(|it| it.vera.is_some())
}

/// Everything that a comparison has to say, its table no wider than the terminal.
/// Where something was not run, what changed is told last.
pub fn text(report: &CompareReport, showing: Showing) -> String {
    let CompareReport {
        comparison,
        summary,
    } = report;
    let words: Vec<String> = block(&words(comparison, &summary.changes)).collect();
    let missing = not_run(&missing(comparison), "case", showing);
    let numbers = match showing.detail {
        Detail::Brief => Vec::new(),
        Detail::Numbers | Detail::Everything => numbers(comparison, showing),
    };
    let last = last_line(comparison, summary);
    let unloaded = unloaded::blocks(&comparison.info.unloaded);
    sections(in_order(words, numbers, missing, unloaded), &last, showing)
}

/// A text without empty lines around it, where there is one.
fn block(text: &str) -> impl Iterator<Item = String> + use<> {
    let text = text.trim_matches('\n');
    let text = (!text.is_empty()).then(|| format!("{text}\n"));
    text.into_iter()
}

/// The table of what changed, or of everything, and what came to the same.
fn numbers(comparison: &Comparison, showing: Showing) -> Vec<String> {
    let (mut changed, mut same) = comparison.by_change();
    if showing.detail == Detail::Everything {
        let compared = same.extract_if(.., |it| it.is_compared());
        changed.extend(compared);
    }
    let mut text = String::new();
    if !changed.is_empty() {
        text.push_str(&table(comparison, &changed, showing.width));
    }
    let (same, alone): (Vec<&Row>, Vec<&Row>) = same.into_iter().partition(|it| it.is_compared());
    let fate = |verb: &str| format!("{verb} the same on all versions");
    if !same.is_empty() {
        text.push_str(&format!(
            "\n{}\n",
            cases_line(&same, ["is", "are"].map(fate))
        ));
    }
    // What was not run is named below, with the reason.
    let alone: Vec<&Row> = alone.into_iter().filter(|it| !has_not_run(it)).collect();
    let fate = |verb: &str| {
        format!("{verb} not compared, since fewer than two versions say anything of it")
    };
    if !alone.is_empty() {
        text.push_str(&format!(
            "\n{}\n",
            cases_line(&alone, ["is", "are"].map(fate))
        ));
    }
    block(&text).collect()
}

/// One change in words, its lines not indented.
pub fn change_text(comparison: &Comparison, change: &Change) -> String {
    let text = sentence(comparison, &[change]);
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    lines.join("\n")
}

/// A number with three digits that count.
fn digits(number: f64) -> String {
    match number {
        it if it >= 100.0 => Instructions(it.round() as u64).to_string(),
        it if it >= 10.0 => format!("{it:.1}"),
        it => format!("{it:.2}"),
    }
}

/// A quantity in its unit.
fn shown(quantity: Quantity, value: f64) -> String {
    match quantity {
        Quantity::Ceiling if value < 1.0 => "none".to_owned(),
        Quantity::Ceiling | Quantity::Instructions => Instructions(value as u64).to_string(),
        Quantity::Heap => Bytes(value as u64).to_string(),
        Quantity::Time => format!("{value:.3}s"),
    }
}

/// Whether it was not run on some version.
fn has_not_run(row: &Row) -> bool {
    let mut cells = row.cells.iter().flatten();
    cells.any(|it| it.verdict == Verdict::NotRun)
}

/// Cases that share a fate, by scenario: what is said of one of them, and of more.
fn cases_line(rows: &[&Row], [one, more]: [String; 2]) -> String {
    let mut lanes: BTreeMap<&str, Vec<Lane>> = BTreeMap::new();
    for row in rows {
        let of = lanes.entry(&row.scenario).or_default();
        if !of.contains(&row.lane) {
            of.push(row.lane);
        }
    }
    let names: Vec<String> = lanes
        .iter()
        .map(|(name, lanes)| {
            let lanes: Vec<String> = lanes.iter().map(ToString::to_string).collect();
            format!("{name} [{}]", lanes.join(", "))
        })
        .collect();
    let fate = if rows.len() == 1 { one } else { more };
    let rest = match names.len() {
        more if more > NAMED => format!(" and {} more", count(more - NAMED, "scenario")),
        _ => String::new(),
    };
    format!(
        "{} {fate}: {}{rest}",
        count(rows.len(), "case"),
        names[..names.len().min(NAMED)].join(", ")
    )
}

/// What could not be examined, and on which versions where it was on others.
fn missing(comparison: &Comparison) -> Vec<NotRunCase<'_>> {
    let mut missing = Vec::new();
    for row in &comparison.rows {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (column, cell) in comparison.info.columns.iter().zip(&row.cells) {
            if let Some(cell) = cell.as_ref().filter(|it| it.verdict == Verdict::NotRun) {
                let on = reasons.entry(cell.message.as_str()).or_default();
                on.push(&column.name);
            }
        }
        let versions = usable(&comparison.info.columns).count();
        missing.extend(reasons.into_iter().map(|(reason, on)| NotRunCase {
            scenario: &row.scenario,
            lane: row.lane,
            heading: row.heading(),
            reason: match on.len() == versions {
                true => reason.to_owned(),
                false => format!("{reason} (on {})", listed(&on)),
            },
        }));
    }
    missing
}

/// How many changes of which kind there are.
pub fn last_line(comparison: &Comparison, summary: &CompareSummary) -> String {
    let changes = |kind: ChangeKind| summary.changes.iter().filter(|it| it.kind == kind).count();
    let mut parts = Vec::new();
    for (kind, what, look) in [
        (
            ChangeKind::Regression,
            "regression",
            Style::new().red().bold(),
        ),
        (ChangeKind::Fix, "fix", Style::new().green()),
        (ChangeKind::Improvement, "improvement", Style::new().green()),
    ] {
        let number = changes(kind);
        let plural = match (number, what) {
            (1, _) => "",
            (_, "fix") => "es",
            _ => "s",
        };
        let text = format!("{number} {what}{plural}");
        parts.push(match number {
            0 => text,
            _ => look.apply_to(text).to_string(),
        });
    }
    let otherwise = changes(ChangeKind::Otherwise);
    if otherwise > 0 {
        parts.push(format!("{otherwise} fail in another way"));
    }
    if summary.not_run > 0 {
        parts.push(format!("{} not run", summary.not_run));
    }
    let asked = comparison.info.cases;
    let smaller = match comparison.rows.len().saturating_sub(asked) {
        0 => String::new(),
        more => format!(" and {more} at a smaller n"),
    };
    let interrupted = if summary.interrupted {
        ", interrupted"
    } else {
        ""
    };
    format!(
        "{}{smaller} on {}: {} in {:.1}s{interrupted}",
        count(asked, "case"),
        count(usable(&comparison.info.columns).count(), "version"),
        parts.join(", "),
        summary.seconds
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::compare::Cell;
    use crate::record::compare::tests::{comparison, failed, passed, reported, timed};
    use crate::scenario::FailureKind;

    fn shown(comparison: Comparison) -> String {
        let report = reported(comparison);
        console::strip_ansi_codes(&text(&report, Showing::default())).into_owned()
    }

    #[test]
    fn what_changed_stands_above_the_table_under_its_version() {
        let cells = [10_000, 10_000, 1_730_000, 1_731_000];
        let worked = cells.map(|work| Some(passed(work, 2048))).to_vec();
        let mut broke = vec![Some(failed(FailureKind::Wrong)); 2];
        broke.extend([Some(passed(10, 10)), None]);
        let same = vec![Some(passed(7, 7)); 4];
        let text = shown(comparison(vec![
            ("list", "native", worked),
            ("text", "native", broke),
            ("life", "native", same),
        ]));
        assert_eq!(
            text,
            "
Regressions
  0.2  list [native] n=1000: instructions 173 times as many (10,000 -> 1,730,000)

Fixes
  0.2  text [native] n=1000: wrong -> pass

  version     verdict       instructions             heap
text [native] n=1000
  0.0 to 0.1  wrong                                        it is wrong
  0.2         pass            10   1.00x     10 B   1.00x
list [native] n=1000
  0.0 to 0.1  pass        10,000   1.00x  2.0 KiB   1.00x
  0.2 to 0.3  pass     1,730,000    173x  2.0 KiB   1.00x

1 case is the same on all versions: life [native]

3 cases on 4 versions: 1 regression, 1 fix, 0 improvements in 1.0s"
        );
    }

    #[test]
    fn a_time_that_instructions_do_not_explain_names_the_host() {
        let text = shown(comparison(vec![
            ("it", "reference", vec![Some(timed(20.0)), Some(timed(0.1))]),
            (
                "it",
                "native",
                vec![Some(passed(100, 1)), Some(passed(200, 1))],
            ),
        ]));
        let says = "time 200 times less (20.000s -> 0.100s)\n              in lane native the same program took 2.00 times as many instructions: the time was spent in Vera's host, which no instruction count shows";
        assert!(text.contains(says), "{text}");
    }

    #[test]
    fn a_heap_that_is_empty_has_a_ratio_too() {
        let heaps = [(100, 0), (200, 0), (200, 64)];
        let cells = heaps.map(|(work, heap)| Some(passed(work, heap)));
        let text = shown(comparison(vec![("it", "native", cells.to_vec())]));
        for line in [
            "  0.0      pass      100   1.00x   0 B   1.00x",
            "  0.1      pass      200   2.00x   0 B   1.00x",
            "  0.2      pass      200   2.00x  64 B   64.0x",
        ] {
            assert!(text.contains(line), "no `{line}` in {text}");
        }
    }

    #[test]
    fn a_cost_that_creeps_up_is_told_where_it_has_drifted() {
        let cells = [1000, 1080, 1160, 1161].map(|work| Some(passed(work, 1)));
        let text = shown(comparison(vec![("it", "native", cells.to_vec())]));
        let says = "  0.2  it [native] n=1000: instructions up 16% (1,000 -> 1,160) since 0.0\n";
        assert!(text.contains(says), "{text}");
    }

    #[test]
    fn of_many_costs_those_that_changed_most_are_told() {
        let rows: Vec<(String, Vec<Option<Cell>>)> = (1..=8)
            .map(|it| {
                let cells = vec![Some(passed(100, 1)), Some(passed(100 + 20 * it, 1))];
                (format!("s{it}"), cells)
            })
            .collect();
        let rows = rows
            .iter()
            .map(|(name, cells)| (name.as_str(), "native", cells.clone()))
            .collect();
        let text = shown(comparison(rows));
        let (words, table) = text.split_once("  version").unwrap();
        assert!(words.contains("s8 [native] n=1000: instructions 2.60 times as many"));
        assert!(!words.contains("s3 "), "{words}");
        assert!(words.contains("and the cost of 3 scenarios more; the table has all"));
        assert!(table.contains("s1 [native]"));
    }
}
