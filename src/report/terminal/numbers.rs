//! What is as expected, in numbers: how many cases of each axis came to which
//! verdict, and how to list those that say something all the same.

use std::collections::BTreeMap;

use console::{Alignment, Style, pad_str, style};

use super::detail::Showing;
use super::width;
use crate::judge::Verdict;
use crate::record::{Summary, count};

/// What stands in a column: a verdict, or all ways to fail together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Passed,
    Failed(&'static str),
    Fixed,
    Undecided,
    NotRun,
    Known,
    Unsupported,
    Refused,
}

impl Column {
    /// The column of a verdict; `apart` where each way to fail has its own.
    fn of(verdict: Verdict, apart: bool) -> Column {
        match verdict {
            Verdict::Pass => Column::Passed,
            Verdict::Failed(kind) if apart => Column::Failed(kind.name()),
            Verdict::Failed(_) => Column::Failed("failed"),
            Verdict::Fixed => Column::Fixed,
            Verdict::Undecided => Column::Undecided,
            Verdict::NotRun => Column::NotRun,
            Verdict::Known => Column::Known,
            Verdict::Unsupported => Column::Unsupported,
            Verdict::Refused => Column::Refused,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Column::Passed => Verdict::Pass.name(),
            Column::Failed(name) => name,
            Column::Fixed => Verdict::Fixed.name(),
            Column::Undecided => Verdict::Undecided.name(),
            Column::NotRun => Verdict::NotRun.name(),
            Column::Known => Verdict::Known.name(),
            Column::Unsupported => Verdict::Unsupported.name(),
            Column::Refused => Verdict::Refused.name(),
        }
    }

    fn look(self) -> Style {
        match self {
            Column::Passed => Style::new(),
            Column::Failed(_) | Column::Fixed | Column::Undecided | Column::NotRun => {
                Style::new().red().bold()
            }
            Column::Known | Column::Unsupported | Column::Refused => Style::new().yellow(),
        }
    }
}

/// A row for each axis, a column for each verdict that something came to. Where the
/// terminal has no room for every way to fail, they share a column.
pub fn table<'a>(
    came: impl IntoIterator<Item = (&'a str, Verdict)>,
    terminal: Option<usize>,
) -> String {
    let came: Vec<(&str, Verdict)> = came.into_iter().collect();
    let whole = drawn(&came, true);
    let fits = |text: &str| {
        let longest = text.lines().map(console::measure_text_width).max();
        terminal.is_none_or(|width| longest.unwrap_or(0) <= width)
    };
    let text = match fits(&whole) {
        true => whole,
        false => drawn(&came, false),
    };
    let line = |line| format!("{}\n", width::cut(line, terminal));
    text.lines().map(line).collect()
}

fn drawn(came: &[(&str, Verdict)], apart: bool) -> String {
    let mut axes: BTreeMap<&str, BTreeMap<Column, usize>> = BTreeMap::new();
    for (axis, verdict) in came {
        let row = axes.entry(axis).or_default();
        *row.entry(Column::of(*verdict, apart)).or_default() += 1;
    }
    let mut columns: Vec<Column> = axes.values().flat_map(|row| row.keys().copied()).collect();
    columns.sort_unstable();
    columns.dedup();
    let first = axes.keys().map(|it| it.len()).max().unwrap_or(0);
    let first = first.max(AXIS.len());
    // What numbers there are is narrower than the name of any column, almost always.
    let widths: Vec<usize> = columns
        .iter()
        .map(|column| {
            let longest = axes.values().filter_map(|row| row.get(column)).max();
            let longest = longest.map_or(0, |it| it.to_string().len());
            longest.max(column.name().len())
        })
        .collect();
    let mut head = format!("{AXIS:first$}");
    for (column, width) in columns.iter().zip(&widths) {
        head.push_str(&format!("  {:>width$}", column.name()));
    }
    let mut text = format!("{}\n", style(head).dim());
    for (axis, row) in &axes {
        text.push_str(&format!("{axis:first$}"));
        for (column, width) in columns.iter().zip(&widths) {
            let cell = match row.get(column) {
                Some(number) => column.look().apply_to(number).to_string(),
                None => style("-").dim().to_string(),
            };
            let cell = pad_str(&cell, *width, Alignment::Right, None);
            text.push_str(&format!("  {cell}"));
        }
        text.push('\n');
    }
    text
}

/// What the first column is called.
const AXIS: &str = "axis";

/// What of a use is only in its numbers, and how to list it; nothing where all of
/// it was shown. `folded` says that not every failure is named, and `more` is what
/// there is to list beside that.
pub fn listing(
    summary: &Summary,
    folded: bool,
    more: Option<String>,
    showing: Showing,
) -> Option<String> {
    let some = |number: usize, text: String| (number > 0).then_some(text);
    let failed = folded.then(|| format!("all {} failed", summary.failed));
    let known = some(summary.known, count(summary.known, "known limit"));
    let unsupported = format!("{} unsupported", summary.unsupported);
    let unsupported = some(summary.unsupported, unsupported);
    let refused = some(summary.refused, format!("{} refused", summary.refused));
    let not_run = some(summary.not_run, format!("{} not run", summary.not_run));
    let rest = [known, unsupported, refused, not_run, more];
    let rest: Vec<String> = rest.into_iter().flatten().collect();
    let listed = summary.listed.as_ref();
    let (red, yellow) = (Style::new().red().bold(), Style::new().yellow());
    let lines = [
        (failed, red, listed.and_then(|it| it.failed.as_ref())),
        (
            (!rest.is_empty()).then(|| rest.join(", ")),
            yellow,
            listed.and_then(|it| it.rest.as_ref()),
        ),
    ];
    let line = |(what, look, command): (Option<String>, Style, Option<&String>)| {
        let how = match command {
            Some(command) => format!("list with `{command}`"),
            None => format!("`{}` lists them", showing.everything),
        };
        Some(format!("{}: {how}\n", look.apply_to(what?)))
    };
    let text: String = lines.into_iter().filter_map(line).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Listed;
    use crate::scenario::FailureKind;

    const TRAP: Verdict = Verdict::Failed(FailureKind::Trap);
    const WRONG: Verdict = Verdict::Failed(FailureKind::Wrong);

    fn plain(text: &str) -> String {
        console::strip_ansi_codes(text).into_owned()
    }

    #[test]
    fn each_axis_is_a_row_and_each_verdict_that_came_a_column() {
        let mut came = vec![("maps", Verdict::Pass); 120];
        came.extend([
            ("maps", Verdict::Known),
            ("live-heap", TRAP),
            ("live-heap", TRAP),
            ("live-heap", WRONG),
            ("maps", Verdict::NotRun),
        ]);
        let wide = "\
axis       pass  trap  wrong  not-run  known
live-heap     -     2      1        -      -
maps        120     -      -        1      1
";
        assert_eq!(plain(&table(came.clone(), None)), wide);
        assert_eq!(plain(&table(came.clone(), Some(44))), wide);
        // One column less, and the ways to fail share theirs.
        assert_eq!(
            plain(&table(came.clone(), Some(43))),
            "\
axis       pass  failed  not-run  known
live-heap     -       3        -      -
maps        120       -        1      1
"
        );
        // What is narrower still loses what matters least.
        let narrow = plain(&table(came, Some(24)));
        assert_eq!(narrow.lines().next(), Some("axis       pass  fail..."));
    }

    #[test]
    fn what_is_in_the_numbers_only_can_be_listed() {
        let showing = Showing {
            everything: "-v",
            ..Showing::default()
        };
        let came = [Verdict::Pass, Verdict::Known, Verdict::Unsupported];
        let mut summary = Summary::of(came);
        let said = |summary: &Summary, more: Option<&str>| {
            listing(summary, false, more.map(str::to_owned), showing).map(|it| plain(&it))
        };
        assert_eq!(
            said(&summary, None).unwrap(),
            "1 known limit, 1 unsupported: `-v` lists them\n"
        );
        summary.listed = Some(Listed {
            failed: Some("failures of run 3".to_owned()),
            rest: Some("rest of run 3".to_owned()),
        });
        assert_eq!(
            said(&summary, Some("3 ceilings")).unwrap(),
            "1 known limit, 1 unsupported, 3 ceilings: list with `rest of run 3`\n"
        );
        assert_eq!(said(&Summary::of([Verdict::Pass]), None), None);
        let not_run = Summary::of([Verdict::NotRun; 2]);
        assert_eq!(
            said(&not_run, None).unwrap(),
            "2 not run: `-v` lists them\n"
        );
        let mut failed = Summary::of([WRONG, WRONG]);
        assert_eq!(said(&failed, None), None, "all of them were named");
        let folded = |summary: &Summary| plain(&listing(summary, true, None, showing).unwrap());
        assert_eq!(folded(&failed), "all 2 failed: `-v` lists them\n");
        failed.listed = summary.listed;
        assert_eq!(
            folded(&failed),
            "all 2 failed: list with `failures of run 3`\n"
        );
    }
}
