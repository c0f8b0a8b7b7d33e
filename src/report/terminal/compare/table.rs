//! The table of a comparison: the versions that came to the same on one line.

use console::{Alignment, Style, pad_str, style};

use super::{digits, shown};
use crate::judge::Verdict;
use crate::record::compare::{Cell, Change, Comparison, MEMORY_BYTES, Quantity, Row, TIME_SECONDS};
use crate::report::terminal::width;

/// Counts this close to each other stand on one line of the table.
pub const CLOSE: f64 = 1.01;
/// So do times, which a clock measured.
const CLOSE_TIMES: f64 = 1.5;
/// And the memory of processes.
const CLOSE_PROCESSES: f64 = 1.25;

/// A message is cut at so many characters in the table.
const MESSAGE: usize = 72;

/// A row of the table: versions side by side that came to the same.
struct Line<'a> {
    versions: String,
    cell: &'a Cell,
    /// The ratio to the first version that has the quantity, in the order of
    /// [`Quantity::ALL`].
    ratios: [Option<f64>; Quantity::ALL.len()],
}

/// The table of the rows that changed, no wider than the terminal where there is
/// one.
pub fn table(
    comparison: &Comparison,
    changes: &[Change],
    rows: &[&Row],
    terminal: Option<usize>,
) -> String {
    let lines: Vec<(&Row, Vec<Line<'_>>)> = rows
        .iter()
        .map(|row| (*row, lines(comparison, row)))
        .collect();
    let all = || lines.iter().flat_map(|(_, lines)| lines);
    let texts = |line: &Line<'_>, at: usize| quantity(line, at);
    // What a process takes is shown where it changed: it says little otherwise.
    let is_told = |at: usize| match Quantity::ALL[at] {
        Quantity::Ceiling | Quantity::Instructions | Quantity::Heap | Quantity::Time => true,
        quantity @ (Quantity::Memory | Quantity::Compile | Quantity::CompileMemory) => {
            let mut steps = changes.iter().flat_map(|it| &it.steps);
            steps.any(|it| it.quantity == quantity)
        }
    };
    let shown: Vec<usize> = (0..Quantity::ALL.len())
        .filter(|&at| is_told(at) && all().any(|line| !texts(line, at).is_empty()))
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
        text.push_str(&format!("{}\n", style(row.heading()).bold()));
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
            let line = shape.trim_end();
            text.push_str(&width::cut(line, terminal));
            text.push('\n');
        }
    }
    text
}

/// A verdict in its colour.
fn verdict(verdict: Verdict) -> String {
    let look = match verdict {
        Verdict::Pass | Verdict::Fixed => Style::new().green(),
        Verdict::Known | Verdict::Unsupported | Verdict::Refused => Style::new().yellow(),
        Verdict::Failed(_) | Verdict::Undecided | Verdict::NotRun => Style::new().red(),
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
        let ratio = |at: usize| {
            let quantity = Quantity::ALL[at];
            Some(quantity.ratio(bases[at]?, quantity.of(cell)?))
        };
        let line = Line {
            versions: String::new(),
            cell,
            ratios: std::array::from_fn(ratio),
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
pub fn alike(one: &Cell, other: &Cell) -> bool {
    let close = |quantity: Quantity| match (quantity.of(one), quantity.of(other)) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            // What too little differs to be told splits no line.
            let (limit, least) = match quantity {
                Quantity::Time => (CLOSE_TIMES, 0.0),
                Quantity::Compile => (CLOSE_TIMES, TIME_SECONDS),
                Quantity::Memory | Quantity::CompileMemory => (CLOSE_PROCESSES, MEMORY_BYTES),
                Quantity::Ceiling | Quantity::Instructions | Quantity::Heap => (CLOSE, 0.0),
            };
            let ratio = one.max(1e-9) / other.max(1e-9);
            (1.0 / limit..=limit).contains(&ratio) || (one - other).abs() < least
        }
        _ => false,
    };
    let stopped = |cell: &Cell| cell.ceiling.as_ref().map(|it| it.by.clone());
    one.verdict == other.verdict
        && one.result == other.result
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
        Quantity::Instructions
        | Quantity::Heap
        | Quantity::Memory
        | Quantity::Compile
        | Quantity::CompileMemory => false,
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
