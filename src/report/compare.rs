//! What a person sees of a comparison: what got worse and what got better in
//! words, then a table, the case that changed most first.

use std::collections::BTreeMap;

use console::{Alignment, Style, pad_str, style};

use super::progress::Progress;
use super::terminal::count;
use crate::case::{Bytes, Fuel, Lane};
use crate::judge::Verdict;
use crate::record::compare::{
    Cell, Change, Column, CompareInfo, CompareSummary, Comparison, Kind, Quantity, Row, Step,
};
use crate::scenario::FailureKind;

/// Of the changes of cost alone, so many are told in words for each version.
const TOLD: usize = 5;

/// Counts this close to each other stand on one line of the table.
const CLOSE: f64 = 1.01;
/// So do times, which a clock measured.
const CLOSE_TIMES: f64 = 1.5;

/// A message is cut at so many characters in the table.
const MESSAGE: usize = 72;

/// Shows a comparison on the terminal; plain lines where there is none.
pub struct Terminal(Progress);

impl Terminal {
    /// For so many things to be done.
    pub fn new(things: usize) -> Terminal {
        Terminal(Progress::new(things))
    }

    /// The line above everything: what is compared on which versions.
    pub fn head(&self, info: &CompareInfo, cases: usize) {
        let usable: Vec<&str> = usable(&info.columns).map(|it| it.name.as_str()).collect();
        self.0.line(&format!(
            "vera-stress {}: comparing {} on {} of Vera ({}), {}, seed {}",
            info.vera_stress,
            count(cases, "case"),
            count(usable.len(), "version"),
            listed(&usable),
            count(info.jobs, "job"),
            info.seed
        ));
        for column in &info.columns {
            if let Some(why) = &column.unusable {
                let red = Style::new().red().bold();
                let label = red.apply_to("NOT COMPARED");
                self.0.line(&format!("{label} {}: {why}", column.name));
            }
        }
    }

    /// Something of a case starts on one version.
    pub fn started(&self, what: &str) {
        self.0.started(what);
    }

    /// It has ended.
    pub fn ended(&self, what: &str) {
        self.0.ended(what);
    }

    /// What goes on beside that.
    pub fn doing(&self, what: String) {
        self.0.doing(what);
    }

    /// The end: words, table, and the last line.
    pub fn finish(&self, comparison: &Comparison, summary: &CompareSummary) {
        self.0.finish();
        self.0.line(&text(comparison, summary));
    }
}

/// The versions in a few words.
fn listed(names: &[&str]) -> String {
    match names {
        [first, .., last] if names.len() > 4 => format!("{first} to {last}"),
        few => few.join(", "),
    }
}

fn usable(columns: &[Column]) -> impl Iterator<Item = &Column> {
    columns.iter().filter(|it| it.vera.is_some())
}

/// Everything that a comparison has to say.
pub fn text(comparison: &Comparison, summary: &CompareSummary) -> String {
    let mut text = words(comparison, &summary.changes);
    let (changed, same) = comparison.by_change();
    if !changed.is_empty() {
        text.push_str(&table(comparison, &changed));
    }
    if !same.is_empty() {
        text.push_str(&format!("\n{}\n", same_line(&same)));
    }
    text.push_str(&not_run(comparison));
    text.push('\n');
    text.push_str(&last_line(comparison, summary));
    text
}

/// What changed, in words, under what it means.
fn words(comparison: &Comparison, changes: &[Change]) -> String {
    let mut text = String::new();
    for (kind, title, look) in [
        (Kind::Regression, "Regressions", Style::new().red().bold()),
        (Kind::Fix, "Fixes", Style::new().green().bold()),
        (
            Kind::Otherwise,
            "Fails in another way",
            Style::new().yellow().bold(),
        ),
        (
            Kind::Improvement,
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
    let (verdicts, costs): (Vec<&Change>, Vec<&Change>) =
        changes.iter().copied().partition(|it| it.is_of_verdict());
    let mut lines: Vec<String> = together(comparison, &verdicts)
        .into_iter()
        .map(|group| sentence(comparison, &group))
        .collect();
    let costs = together(comparison, &costs);
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

/// Changes of one scenario from the same verdict to the same verdict are told
/// together, in the order in which the first of each came.
fn together<'a>(comparison: &Comparison, changes: &[&'a Change]) -> Vec<Vec<&'a Change>> {
    let mut places: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        let scenario = comparison.rows[change.row].scenario.as_str();
        let (before, after) = change.verdicts;
        let key = (scenario, before.name(), after.name());
        let place = *places.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(change);
    }
    groups
}

/// Changes that belong together, in one line: the first with what is to be said
/// of it, the others by lane and n.
fn sentence(comparison: &Comparison, group: &[&Change]) -> String {
    let first = group[0];
    let row = &comparison.rows[first.row];
    let mut text = row.title();
    let others: Vec<String> = group[1..]
        .iter()
        .map(|it| place(&comparison.rows[it.row]))
        .collect();
    if !others.is_empty() {
        text.push_str(&format!(" (and {})", others.join(", ")));
    }
    let mut parts = Vec::new();
    if first.is_of_verdict() {
        let (before, after) = first.verdicts;
        parts.push(format!("{before} -> {after}"));
    }
    parts.extend(first.steps.iter().map(step));
    text.push_str(&format!(": {}", parts.join("; ")));
    let grows = first.verdicts.1 == Verdict::Failed(FailureKind::Growth);
    let of_cost = first.kind == Kind::Regression && grows;
    if (first.is_of_verdict() || of_cost) && !first.message.is_empty() {
        text.push_str(&format!("\n{:14}{}", "", first.message));
    }
    if let Some(because) = &first.because {
        let line = because.split_whitespace().collect::<Vec<_>>().join(" ");
        text.push_str(&format!("\n{:14}cause: {line}", ""));
    }
    if let Some(time) = group.iter().find(|it| it.instructions.is_some()) {
        let ratio = time.instructions.unwrap_or(1.0);
        if first.instructions.is_none() {
            let steps: Vec<String> = time.steps.iter().map(step).collect();
            text.push_str(&format!(
                "; [{}] {}",
                comparison.rows[time.row].lane,
                steps.join("; ")
            ));
        }
        text.push_str(&format!(
            "\n{:14}in lane native the same program took {} instructions: the time was spent in Vera's host, which no instruction count shows",
            "",
            as_many(ratio)
        ));
    }
    text
}

/// The lane and the n of a row.
fn place(row: &Row) -> String {
    match row.n {
        Some(n) => format!("[{}] n={n}", row.lane),
        None => format!("[{}] climb", row.lane),
    }
}

/// A change of one quantity: `work 812 times as much (1,202 -> 976,024)`.
fn step(step: &Step) -> String {
    let shown = |value: f64| shown(step.quantity, value);
    let least = if step.at_least { "at least " } else { "" };
    let (before, after) = (shown(step.before), shown(step.after));
    format!(
        "{} {least}{} ({before} -> {after})",
        step.quantity.name(),
        times(step.ratio)
    )
}

/// A factor in words: percent while it is small, times where it is large.
fn times(ratio: f64) -> String {
    if ratio >= 2.0 {
        format!("{} times as much", digits(ratio))
    } else if ratio >= 1.0 {
        format!("up {:.0}%", (ratio - 1.0) * 100.0)
    } else if ratio > 0.5 {
        format!("down {:.0}%", (1.0 - ratio) * 100.0)
    } else {
        format!("{} times less", digits(1.0 / ratio))
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

/// A number with three digits that count.
fn digits(number: f64) -> String {
    match number {
        it if it >= 100.0 => Fuel(it.round() as u64).to_string(),
        it if it >= 10.0 => format!("{it:.1}"),
        it => format!("{it:.2}"),
    }
}

/// A quantity in its unit.
fn shown(quantity: Quantity, value: f64) -> String {
    match quantity {
        Quantity::Ceiling if value < 1.0 => "none".to_owned(),
        Quantity::Ceiling | Quantity::Work => Fuel(value as u64).to_string(),
        Quantity::Heap => Bytes(value as u64).to_string(),
        Quantity::Time => format!("{value:.3}s"),
    }
}

/// A row of the table: versions side by side that came to the same.
struct Line<'a> {
    versions: String,
    cell: &'a Cell,
    /// The ratio to the first version that has the quantity, in the order of
    /// [`Quantity::ALL`].
    ratios: [Option<f64>; 4],
}

/// The table of the rows that changed.
fn table(comparison: &Comparison, rows: &[&Row]) -> String {
    let lines: Vec<(&Row, Vec<Line<'_>>)> = rows
        .iter()
        .map(|row| (*row, lines(comparison, row)))
        .collect();
    let all = || lines.iter().flat_map(|(_, lines)| lines);
    let texts = |line: &Line<'_>, at: usize| quantity(line, at);
    let shown: Vec<usize> = (0..Quantity::ALL.len())
        .filter(|&at| all().any(|line| !texts(line, at).is_empty()))
        .collect();
    let width = |of: &dyn Fn(&Line<'_>) -> usize| all().map(of).max().unwrap_or(0);
    let versions = width(&|line| line.versions.len()).max("version".len());
    let verdicts = width(&|line| line.cell.verdict.name().len()).max("verdict".len());
    let widths: Vec<usize> = shown
        .iter()
        .map(|&at| width(&|line| texts(line, at).len()).max(Quantity::ALL[at].name().len()))
        .collect();
    let mut head = format!("  {:versions$}  {:verdicts$}", "version", "verdict");
    for (&at, width) in shown.iter().zip(&widths) {
        head.push_str(&format!("  {:>width$}", Quantity::ALL[at].name()));
    }
    let mut text = format!("\n{}\n", style(head).dim());
    for (row, lines) in lines {
        text.push_str(&format!("{}\n", style(row.title()).bold()));
        for line in &lines {
            let verdict =
                pad_str(&verdict(line.cell.verdict), verdicts, Alignment::Left, None).into_owned();
            let mut shape = format!("  {:versions$}  {verdict}", line.versions);
            for (&at, width) in shown.iter().zip(&widths) {
                shape.push_str(&format!("  {:>width$}", texts(line, at)));
            }
            if !line.cell.message.is_empty() {
                let message = style(cut(&line.cell.message)).dim();
                shape.push_str(&format!("  {message}"));
            }
            text.push_str(shape.trim_end());
            text.push('\n');
        }
    }
    text
}

/// A verdict in its colour.
fn verdict(verdict: Verdict) -> String {
    let look = match verdict {
        Verdict::Pass | Verdict::Fixed => Style::new().green(),
        Verdict::Known | Verdict::Unsupported => Style::new().yellow(),
        Verdict::Failed(_) | Verdict::NotRun => Style::new().red(),
    };
    look.apply_to(verdict.name()).to_string()
}

fn cut(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    match line.char_indices().nth(MESSAGE) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

/// The lines of one row: neighbouring versions that came to the same are one.
fn lines<'a>(comparison: &'a Comparison, row: &'a Row) -> Vec<Line<'a>> {
    let bases = Quantity::ALL.map(|quantity| {
        let mut cells = row.cells.iter().flatten();
        cells.find_map(|cell| quantity.of(cell).filter(|_| !cell.time_at_least))
    });
    let mut lines: Vec<(usize, usize, Line<'a>)> = Vec::new();
    for (column, cell) in row.cells.iter().enumerate() {
        let Some(cell) = cell else {
            continue;
        };
        if let Some((_, last, line)) = lines.last_mut()
            && alike(line.cell, cell)
        {
            *last = column;
            continue;
        }
        let ratio = |at: usize| Some(Quantity::ALL[at].of(cell)? / bases[at]?.max(1e-9));
        let line = Line {
            versions: String::new(),
            cell,
            ratios: [ratio(0), ratio(1), ratio(2), ratio(3)],
        };
        lines.push((column, column, line));
    }
    let name = |column: usize| comparison.info.columns[column].name.as_str();
    lines
        .into_iter()
        .map(|(first, last, line)| Line {
            versions: match first == last {
                true => name(first).to_owned(),
                false => format!("{} to {}", name(first), name(last)),
            },
            ..line
        })
        .collect()
}

/// Whether two versions stand on one line.
fn alike(one: &Cell, other: &Cell) -> bool {
    let close = |quantity: Quantity| match (quantity.of(one), quantity.of(other)) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            let limit = match quantity {
                Quantity::Time => CLOSE_TIMES,
                Quantity::Ceiling | Quantity::Work | Quantity::Heap => CLOSE,
            };
            let ratio = one.max(1e-9) / other.max(1e-9);
            (1.0 / limit..=limit).contains(&ratio)
        }
        _ => false,
    };
    let stopped = |cell: &Cell| cell.ceiling.as_ref().map(|it| it.by.clone());
    one.verdict == other.verdict
        && stopped(one) == stopped(other)
        && Quantity::ALL.into_iter().all(close)
}

/// A quantity of a line with its ratio to the first: `976,024 812x`.
fn quantity(line: &Line<'_>, at: usize) -> String {
    let quantity = Quantity::ALL[at];
    let Some(value) = quantity.of(line.cell) else {
        return String::new();
    };
    let mut text = shown(quantity, value);
    let open = match quantity {
        Quantity::Time => line.cell.time_at_least,
        Quantity::Ceiling => line.cell.ceiling.as_ref().is_some_and(|it| !it.exact),
        Quantity::Work | Quantity::Heap => false,
    };
    if open {
        text = format!(">={text}");
    }
    let ratio = line.ratios[at].map_or(String::new(), |ratio| format!("{}x", digits_of(ratio)));
    format!("{text} {ratio:>7}")
}

/// A ratio in few characters.
fn digits_of(ratio: f64) -> String {
    match ratio {
        it if it >= 0.1 => digits(it),
        it if it >= 0.001 => format!("{it:.3}"),
        it => format!("{it:.0e}"),
    }
}

/// The cases that are the same on all versions, by scenario.
fn same_line(rows: &[&Row]) -> String {
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
    let verb = if rows.len() == 1 { "is" } else { "are" };
    format!(
        "{} {verb} the same on all versions: {}",
        count(rows.len(), "case"),
        names.join(", ")
    )
}

/// What could not be examined, under the reason that it shares.
fn not_run(comparison: &Comparison) -> String {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in &comparison.rows {
        for (column, cell) in comparison.info.columns.iter().zip(&row.cells) {
            if let Some(cell) = cell.as_ref().filter(|it| it.verdict == Verdict::NotRun) {
                let of = reasons.entry(cell.message.as_str()).or_default();
                of.push(format!("{} on {}", row.title(), column.name));
            }
        }
    }
    let mut text = String::new();
    for (reason, cases) in reasons {
        let label = Style::new().red().bold().apply_to("NOT RUN").to_string();
        text.push_str(&format!("\n{label}: {reason}\n"));
        for case in cases {
            text.push_str(&format!("     {case}\n"));
        }
    }
    text
}

/// How many changes of which kind there are.
fn last_line(comparison: &Comparison, summary: &CompareSummary) -> String {
    let changes = |kind: Kind| summary.changes.iter().filter(|it| it.kind == kind).count();
    let mut parts = Vec::new();
    for (kind, what, look) in [
        (Kind::Regression, "regression", Style::new().red().bold()),
        (Kind::Fix, "fix", Style::new().green()),
        (Kind::Improvement, "improvement", Style::new().green()),
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
    if summary.not_run > 0 {
        parts.push(format!("{} not run", summary.not_run));
    }
    let interrupted = if summary.interrupted {
        ", interrupted"
    } else {
        ""
    };
    format!(
        "{} on {}: {} in {:.1}s{interrupted}",
        count(comparison.rows.len(), "case"),
        count(usable(&comparison.info.columns).count(), "version"),
        parts.join(", "),
        summary.seconds
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::compare::tests::{comparison, failed, passed, timed};

    fn shown(comparison: &Comparison) -> String {
        let summary = CompareSummary {
            changes: comparison.changes(),
            regressions: comparison.regressions(),
            not_run: 0,
            interrupted: false,
            seconds: 1.0,
        };
        console::strip_ansi_codes(&text(comparison, &summary)).into_owned()
    }

    #[test]
    fn what_changed_stands_above_the_table_under_its_version() {
        let cells = [10_000, 10_000, 1_730_000, 1_731_000];
        let worked = cells.map(|work| Some(passed(work, 2048))).to_vec();
        let mut broke = vec![Some(failed(FailureKind::Wrong)); 2];
        broke.extend([Some(passed(10, 10)), None]);
        let same = vec![Some(passed(7, 7)); 4];
        let text = shown(&comparison(vec![
            ("list", "native", worked),
            ("text", "native", broke),
            ("life", "native", same),
        ]));
        assert_eq!(
            text,
            "
Regressions
  0.2  list [native] n=1000: work 173 times as much (10,000 -> 1,730,000)

Fixes
  0.2  text [native] n=1000: wrong -> pass

  version     verdict               work             heap
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
        let text = shown(&comparison(vec![
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
        let text = shown(&comparison(rows));
        let (words, table) = text.split_once("  version").unwrap();
        assert!(words.contains("s8 [native] n=1000: work 2.60 times as much"));
        assert!(!words.contains("s3 "), "{words}");
        assert!(words.contains("and the cost of 3 scenarios more; the table has all"));
        assert!(table.contains("s1 [native]"));
    }
}
