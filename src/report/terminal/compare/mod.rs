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
fn listed<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [first, .., last] if names.len() > 4 => {
            format!("{} to {}", first.as_ref(), last.as_ref())
        }
        few => {
            let few: Vec<&str> = few.iter().map(AsRef::as_ref).collect();
            few.join(", ")
        }
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
        Detail::Numbers | Detail::Everything => numbers(comparison, summary, showing),
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
fn numbers(comparison: &Comparison, summary: &CompareSummary, showing: Showing) -> Vec<String> {
    let (mut changed, mut same) = comparison.by_change();
    if showing.detail == Detail::Everything {
        let compared = same.extract_if(.., |it| it.is_compared());
        changed.extend(compared);
    }
    let mut text = String::new();
    if !changed.is_empty() {
        text.push_str(&table(
            comparison,
            &summary.changes,
            &changed,
            showing.width,
        ));
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

/// Changes that belong together in words, the lines not indented.
pub fn group_text(comparison: &Comparison, group: &[&Change]) -> String {
    let text = sentence(comparison, group);
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
        Quantity::Heap | Quantity::Memory | Quantity::CompileMemory => {
            Bytes(value as u64).to_string()
        }
        Quantity::Time | Quantity::Compile => format!("{value:.3}s"),
    }
}

/// Whether it was not run on some version.
fn has_not_run(row: &Row) -> bool {
    let mut cells = row.cells.iter().flatten();
    cells.any(|it| it.verdict == Verdict::NotRun)
}

/// Cases that share a fate, by scenario: what is said of one of them, and of more.
fn cases_line(rows: &[&Row], [one, more]: [String; 2]) -> String {
    let mut scenarios: BTreeMap<&str, BTreeMap<Lane, Vec<String>>> = BTreeMap::new();
    for row in rows {
        let lanes = scenarios.entry(&row.scenario).or_default();
        let n = row.n.map_or("climb".to_owned(), |n| format!("n={n}"));
        lanes.entry(row.lane).or_default().push(n);
    }
    let names = scenarios.iter().map(|(name, lanes)| {
        let mut parts: Vec<(Vec<String>, &Vec<String>)> = Vec::new();
        for (lane, scales) in lanes {
            match parts.iter_mut().find(|(_, it)| *it == scales) {
                Some((lanes, _)) => lanes.push(lane.family().to_string()),
                None => parts.push((vec![lane.family().to_string()], scales)),
            }
        }
        let part = |(lanes, scales): &(Vec<String>, &Vec<String>)| {
            format!("[{}] {}", lanes.join(", "), scales.join(" and "))
        };
        let parts: Vec<String> = parts.iter().map(part).collect();
        format!("{name} {}", parts.join(" "))
    });
    let names: Vec<String> = names.collect();
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
            lane: row.lane.family(),
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
    // What is told together is one.
    let changes = |kind: ChangeKind| {
        let of_kind = summary.changes.iter().filter(|it| it.kind == kind);
        let mut told: Vec<(usize, &str)> = of_kind
            .map(|it| (it.to, comparison.rows[it.row].scenario.as_str()))
            .collect();
        told.sort_unstable();
        told.dedup();
        told.len()
    };
    let mut parts = Vec::new();
    for (kind, what, look) in [
        (
            ChangeKind::Regression,
            "regression",
            Style::new().red().bold(),
        ),
        (
            ChangeKind::Result,
            "other result",
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
        if number == 0 && kind == ChangeKind::Result {
            continue;
        }
        let text = format!("{number} {what}{plural}");
        parts.push(match number {
            0 => text,
            _ => look.apply_to(text).to_string(),
        });
    }
    match changes(ChangeKind::Otherwise) {
        0 => {}
        1 => parts.push("1 fails in another way".to_owned()),
        more => parts.push(format!("{more} fail in another way")),
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
    use crate::case::Scale;
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

1 case is the same on all versions: life [native] n=1000

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
    fn what_one_scenario_does_in_several_lanes_is_told_once_the_sanitizer_first() {
        let broke = |kind| vec![Some(passed(10, 10)), Some(failed(kind))];
        let text = shown(comparison(vec![
            ("it", "native", broke(FailureKind::Wrong)),
            ("it", "native+sanitize", broke(FailureKind::Corrupt)),
            ("it", "reference+eager", broke(FailureKind::Wrong)),
            ("it", "native+checks", broke(FailureKind::Corrupt)),
        ]));
        let says = "
Regressions
  0.1  it [native+sanitize] n=1000 (and [native+checks] n=1000): pass -> corrupt
              it is corrupt
              also [native] n=1000 pass -> wrong, [reference+eager] n=1000 pass -> wrong
";
        assert!(text.starts_with(says), "{text}");
        let end = "\n4 cases on 2 versions: 1 regression, 0 fixes, 0 improvements in 1.0s";
        assert!(text.ends_with(end), "{text}");
    }

    #[test]
    fn cases_that_are_the_same_are_named_with_their_lanes_and_scales() {
        let same = |lane| ("it", lane, vec![Some(passed(10, 10)); 2]);
        let lanes = ["native", "reference", "native+sanitize", "native+sanitize"];
        let mut compared = comparison(lanes.map(same).to_vec());
        compared.rows[3].n = Scale::new(100);
        let says = "4 cases are the same on all versions: it [reference, native] n=1000 [native+sanitize] n=1000 and n=100\n";
        let text = shown(compared);
        assert!(text.contains(says), "{text}");
    }

    #[test]
    fn what_compiling_takes_is_a_column_where_it_changed() {
        let compiled = |seconds| Cell {
            compile: Some(seconds),
            ..passed(10, 10)
        };
        let of = |after| {
            let cells = vec![Some(compiled(0.2)), Some(compiled(after))];
            let worse = vec![Some(passed(10, 10)), Some(passed(20, 10))];
            shown(comparison(vec![
                ("it", "native", cells),
                ("other", "native", worse),
            ]))
        };
        let text = of(0.6);
        let says = "it [native] n=1000: compile time 3.00 times as much (0.200s -> 0.600s)\n";
        assert!(text.contains(says), "{text}");
        assert!(text.contains("  compile time\n"), "{text}");
        assert!(text.contains("  0.600s   3.00x\n"), "{text}");
        assert!(!of(0.3).contains("compile time"), "{text}");
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
