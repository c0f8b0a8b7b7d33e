//! What was recorded, for people: runs in a table, a scenario over time.

use std::collections::HashMap;

use console::{Alignment, pad_str, style};
use serde::Serialize;

use super::climb::told as climb_told;
use super::run::{minute, summary_line, told as case_told};
use super::width;
use crate::case::{Bytes, Instructions, Lane};
use crate::record::count;
use crate::record::history::read::{Entry, Listing, PastRun, Sighting};

/// What was recorded of one scenario in one lane, oldest first.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// The scenario.
    pub scenario: String,
    /// The lane, without its seed.
    pub lane: Lane,
    /// Whether these are climbs.
    pub climbs: bool,
    /// What the runs recorded.
    pub entries: Vec<Changed>,
}

/// What a run recorded, and how much that changed.
#[derive(Clone, Debug, Serialize)]
pub struct Changed {
    /// What it recorded.
    #[serde(flatten)]
    pub entry: Entry,
    /// The change of instructions, in percent, since the line before of the same n and
    /// seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions_change: Option<f64>,
    /// The same of the heap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heap_change: Option<f64>,
}

/// Puts what belongs together side by side: the newest `limit` of each scenario
/// and lane, whatever the lane's seed.
pub fn series_of(entries: Vec<Entry>, limit: usize) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    // The counts of the line before, by lane with its seed and n.
    let mut before: HashMap<(String, Lane, u64), (u64, u64)> = HashMap::new();
    for entry in entries {
        let lane = entry.lane.family();
        let climbs = matches!(entry.seen, Sighting::Climb { .. });
        let (mut instructions_change, mut heap_change) = (None, None);
        if let Sighting::Case {
            n,
            instructions: Some(instructions),
            heap: Some(heap),
            ..
        } = entry.seen
        {
            let key = (entry.scenario.clone(), entry.lane, n);
            if let Some((old_instructions, old_heap)) = before.insert(key, (instructions, heap)) {
                instructions_change = change(old_instructions, instructions);
                heap_change = change(old_heap, heap);
            }
        }
        let changed = Changed {
            entry,
            instructions_change,
            heap_change,
        };
        let same = |it: &Series| {
            it.scenario == changed.entry.scenario && it.lane == lane && it.climbs == climbs
        };
        match all.iter().position(same) {
            Some(place) => all[place].entries.push(changed),
            None => all.push(Series {
                scenario: changed.entry.scenario.clone(),
                lane,
                climbs,
                entries: vec![changed],
            }),
        }
    }
    for series in &mut all {
        let surplus = series.entries.len().saturating_sub(limit);
        series.entries.drain(..surplus);
    }
    all
}

fn change(before: u64, now: u64) -> Option<f64> {
    (before > 0).then(|| (now as f64 / before as f64 - 1.0) * 100.0)
}

/// What came of the cases and climbs of one run: all of it of those that are not as
/// expected, a line of the others.
pub fn listing_text(listing: &Listing) -> String {
    let cases = listing.cases.iter().map(case_told);
    let climbs = listing.climbs.iter().map(climb_told);
    let mut text: String = cases.chain(climbs).collect();
    let counts = [
        (listing.cases.len(), "case"),
        (listing.climbs.len(), "climb"),
    ];
    let counts = counts.into_iter().filter(|(number, _)| *number > 0);
    let counts: Vec<String> = counts.map(|(number, what)| count(number, what)).collect();
    text.push_str(&format!("{} of run {}", counts.join(", "), listing.run));
    text
}

/// The runs, newest last, in lines no longer than `width` columns.
pub fn runs_table(runs: &[PastRun], width: Option<usize>) -> String {
    let head = [
        "run",
        "when (UTC)",
        "kind",
        "Vera",
        "profile",
        "what came of it",
    ];
    let mut rows = vec![head.map(|it| style(it).dim().to_string()).to_vec()];
    for run in runs {
        rows.push(vec![
            run.run.to_string(),
            minute(&run.started),
            run.kind.clone(),
            vera(&run.vera, &run.toolchain),
            // Nothing else has one of its own.
            match run.kind.as_str() {
                "run" => run.profile.clone(),
                _ => "-".to_owned(),
            },
            came(run),
        ]);
    }
    table(&rows, width)
}

/// A version, with what stood after `--vera` where that tells more: several
/// commits are of one version.
fn vera(version: &str, spec: &str) -> String {
    const WIDTH: usize = 24;
    let length = spec.chars().count();
    let shown = match spec.char_indices().nth(length.saturating_sub(WIDTH - 3)) {
        // Of a path, the end tells most.
        Some((start, _)) if length > WIDTH => format!("...{}", &spec[start..]),
        _ => spec.to_owned(),
    };
    match spec {
        _ if spec == version => version.to_owned(),
        _ => format!("{version} ({shown})"),
    }
}

fn came(run: &PastRun) -> String {
    let what = if run.kind == "climb" { "climb" } else { "case" };
    let part = match &run.partition {
        Some(part) => format!("part {part}, "),
        None => String::new(),
    };
    match &run.summary {
        Some(summary) => {
            let line = summary_line(summary, what);
            match run.against {
                // First, since the end of a line may be cut.
                Some(base) if summary.compared_nothing() => {
                    let nothing = format!("against run {base}: nothing could be compared");
                    format!("{part}{}; {line}", style(nothing).red().bold())
                }
                Some(base) => format!("{part}{line}, against run {base}"),
                None => format!("{part}{line}"),
            }
        }
        None => style(format!(
            "{part}not finished (killed, or still running): {} of {} {what}s recorded",
            run.recorded, run.planned
        ))
        .yellow()
        .to_string(),
    }
}

/// Scenarios over time, a table for each of their lanes, in lines no longer than
/// `width` columns.
pub fn series_text(all: &[Series], width: Option<usize>) -> String {
    let blocks: Vec<String> = all.iter().map(|it| block(it, width)).collect();
    blocks.join("\n\n")
}

fn block(series: &Series, width: Option<usize>) -> String {
    let climbed = if series.climbs { ", climbed" } else { "" };
    let title = format!("{} [{}]{climbed}", series.scenario, series.lane);
    let seeded = series.entries.iter().any(|it| it.entry.lane != series.lane);
    let mut head = vec!["run", "when (UTC)", "Vera"];
    if seeded {
        head.push("seed");
    }
    head.extend(if series.climbs {
        ["ceiling", "verdict", "instructions", "heap"]
    } else {
        ["n", "verdict", "instructions", "heap"]
    });
    let mut rows = vec![head.iter().map(|it| style(it).dim().to_string()).collect()];
    for changed in &series.entries {
        rows.push(line(changed, seeded));
    }
    let title = style(title).bold().to_string();
    format!("{}\n{}", width::cut(&title, width), table(&rows, width))
}

fn line(changed: &Changed, seeded: bool) -> Vec<String> {
    let entry = &changed.entry;
    let mut cells = vec![
        entry.run.to_string(),
        minute(&entry.started),
        vera(&entry.vera, &entry.toolchain),
    ];
    if seeded {
        let lane = entry.lane.to_string();
        let seed = lane.rsplit_once('=').map_or("", |(_, seed)| seed);
        cells.push(seed.to_owned());
    }
    let none = || "-".to_owned();
    let percent = |change: Option<f64>| match change {
        None => String::new(),
        // Counts are exact, and so is that nothing changed.
        Some(0.0) => " (=)".to_owned(),
        Some(change) => format!(" ({change:+.1}%)"),
    };
    let exponent = |p: Option<f64>| p.map_or_else(none, |p| format!("n^{p:.2}"));
    match &entry.seen {
        Sighting::Case {
            n,
            instructions,
            heap,
            ..
        } => {
            cells.extend([n.to_string(), entry.verdict.clone()]);
            cells.push(instructions.map_or_else(none, |it| {
                format!(
                    "{}{}",
                    Instructions(it),
                    percent(changed.instructions_change)
                )
            }));
            cells.push(heap.map_or_else(none, |it| {
                format!("{}{}", Bytes(it), percent(changed.heap_change))
            }));
        }
        Sighting::Climb {
            ceiling,
            exact,
            instructions_exponent,
            heap_exponent,
        } => {
            cells.push(match ceiling {
                Some(n) if *exact => n.to_string(),
                Some(n) => format!("at least {n}"),
                None => none(),
            });
            cells.extend([
                entry.verdict.clone(),
                exponent(*instructions_exponent),
                exponent(*heap_exponent),
            ]);
        }
    }
    cells.push(cut(&entry.message));
    cells
}

/// As much of a message as a line bears.
fn cut(message: &str) -> String {
    const WIDTH: usize = 60;
    match message.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}...", &message[..end]),
        None => message.to_owned(),
    }
}

/// Columns of equal width, the first of them to the right; what is longer than
/// `most` is cut.
fn table(rows: &[Vec<String>], most: Option<usize>) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| console::measure_text_width(cell))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cell = |(column, text): (usize, &String)| {
            let side = if column == 0 {
                Alignment::Right
            } else {
                Alignment::Left
            };
            pad_str(text, widths[column], side, None).into_owned()
        };
        let cells: Vec<String> = row.iter().enumerate().map(cell).collect();
        let line = format!("  {}", cells.join("  "));
        width::cut(line.trim_end(), most).into_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Summary;

    fn past(toolchain: &str) -> PastRun {
        PastRun {
            run: 1,
            kind: "run".to_owned(),
            started: "2026-11-21T18:10:00Z".to_owned(),
            vera: "0.1.11".to_owned(),
            toolchain: toolchain.to_owned(),
            profile: "default".to_owned(),
            partition: None,
            seed: "7".to_owned(),
            vera_stress: "0.1.0".to_owned(),
            planned: 1,
            recorded: 1,
            against: None,
            summary: Some(Summary::default()),
        }
    }

    #[test]
    fn a_table_is_as_wide_as_the_terminal_at_most() {
        let runs = [past("0.1.11"), past("411b4ad")];
        let whole = runs_table(&runs, None);
        assert!(whole.contains("default  0 cases: "), "{whole}");
        let cut = runs_table(&runs, Some(60));
        for (line, cut) in whole.lines().zip(cut.lines()) {
            let (width, most) = (
                console::measure_text_width(line),
                console::measure_text_width(cut),
            );
            assert_eq!(most, width.min(60), "{cut}");
            assert_eq!(cut.ends_with("..."), width > 60, "{cut}");
        }
    }

    #[test]
    fn a_version_is_shown_with_what_was_asked_for() {
        assert_eq!(vera("0.1.11", "0.1.11"), "0.1.11");
        assert_eq!(vera("0.1.11", "411b4ad"), "0.1.11 (411b4ad)");
        assert_eq!(vera("0.2.5", "latest"), "0.2.5 (latest)");
        let long = "/home/somebody/checkouts/vera-main";
        assert_eq!(vera("0.2.5", long), "0.2.5 (...y/checkouts/vera-main)");
    }
}
