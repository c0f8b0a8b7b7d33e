//! What a person sees of climbs: all points of a few in a chart; of many what is not
//! as it should be, and the rest in numbers or a line a scenario.

use console::style;

use super::detail::{Detail, Showing};
use super::not_run::{NotRunCase, not_run};
use super::numbers::{listing, table};
use super::run::{FEW, in_order, label, sections, summary_line};
use super::unloaded;
use crate::case::{Bytes, Instructions, Point};
use crate::judge::Verdict;
use crate::judge::growth::Measured;
use crate::record::climb::ClimbRecord;
use crate::record::{ClimbReport, RunInfo, count};
use crate::scale::climb::ClimbLimits;
use crate::scenario::Cost;

/// Up to so many climbs are shown with all that was measured.
const CHARTS: usize = 3;

/// The line above everything: what climbs on what, and how far.
pub fn head(run: &RunInfo, limits: Option<&ClimbLimits>) -> String {
    let limits = limits.map(|limits| {
        format!(
            ", each for about {}, to {} and {} instructions at most",
            humantime::format_duration(limits.time),
            limits.memory,
            limits.instructions,
        )
    });
    format!(
        "vera-stress {}: climbing with {} on {}, {}{}",
        run.vera_stress,
        count(run.cases, "scenario"),
        run.describe(),
        count(run.jobs, "job"),
        limits.unwrap_or_default()
    )
}

/// A climb that has just ended, where it is shown: all that was measured of very few;
/// a line where everything is shown, or where it is one of few and as it should be.
pub fn one(record: &ClimbRecord, info: &RunInfo, showing: Showing) -> Option<String> {
    let listed = showing.lists(info.cases, FEW) && record.verdict != Verdict::NotRun;
    let everything = showing.detail == Detail::Everything;
    if !listed {
        return None;
    }
    if info.cases <= CHARTS {
        return Some(coloured(record, climb_text(record)));
    }
    (everything || !record.verdict.fails_run()).then(|| climb_line(record))
}

/// A line of a climb that is as it should be; of another what is not.
pub fn told(record: &ClimbRecord) -> String {
    match record.verdict.fails_run() {
        true => coloured(record, outline(record)),
        false => climb_line(record) + "\n",
    }
}

/// The end: every climb that is not as it should be, then the numbers. Where some
/// did not climb, what failed comes last.
pub fn text(report: &ClimbReport, showing: Showing) -> String {
    let ClimbReport {
        info,
        records,
        summary,
    } = report;
    let listed = showing.lists(info.cases, FEW);
    let fails = |it: &&ClimbRecord| it.verdict.fails_run() && it.verdict != Verdict::NotRun;
    let in_full = |record: &ClimbRecord| match listed {
        true => coloured(record, climb_text(record)),
        false => coloured(record, outline(record)),
    };
    let wrong: Vec<String> = match listed && info.cases <= CHARTS {
        // They have been shown.
        true => Vec::new(),
        false => records.iter().filter(fails).map(in_full).collect(),
    };
    let missing: Vec<NotRunCase<'_>> = records
        .iter()
        .filter(|it| it.verdict == Verdict::NotRun)
        .map(|it| NotRunCase {
            scenario: &it.scenario,
            lane: it.lane,
            heading: it.heading(),
            reason: it.message.clone(),
        })
        .collect();
    let missing = not_run(&missing, "climb", showing);
    let mut numbers = Vec::new();
    if showing.detail == Detail::Numbers && !listed {
        let came = records.iter().map(|it| (it.axis.as_str(), it.verdict));
        numbers.push(table(came, showing.width));
        let ceilings = count(records.len(), "ceiling");
        numbers.extend(listing(summary, false, Some(ceilings), showing));
    }
    let last = summary_line(summary, "climb");
    let unloaded = unloaded::blocks(&info.unloaded);
    sections(in_order(wrong, numbers, missing, unloaded), &last, showing)
}

/// The ceiling and what stopped the climb, in a few words.
pub fn ceiling(record: &ClimbRecord) -> String {
    let end = &record.end;
    let Some(n) = record.ceiling else {
        return match end.by.as_str() {
            "not-run" | "oracle" | "budget" => "not climbed".to_owned(),
            by => format!("{by} at n=1"),
        };
    };
    match (end.at, end.by.as_str()) {
        (None, _) => format!("ceiling at least {n}, {}", end.text),
        (Some(_), "budget") => format!("ceiling at least {n}, {}", end.text),
        (Some(at), "oracle") => format!("ceiling at least {n}, n={at} has no oracle"),
        (Some(at), by) if end.exact => format!("ceiling {n}, {by} at n={at}"),
        (Some(at), by) => format!("ceiling {n} or more, {by} at n={at}"),
    }
}

fn climb_line(record: &ClimbRecord) -> String {
    let label =
        console::pad_str(&label(record.verdict), 5, console::Alignment::Left, None).into_owned();
    let growth = |cost| {
        let fit = measured(record, cost)?.fit.as_ref()?;
        Some(format!("{cost} n^{:.2}", fit.exponent))
    };
    let mut parts: Vec<String> = [Cost::Instructions, Cost::Heap, Cost::Time]
        .into_iter()
        .filter_map(growth)
        .collect();
    let chart = spark(&record.points, Cost::Instructions);
    if !chart.is_empty() {
        parts.push(format!("instructions/n {chart}"));
    }
    let mut line = format!("{label} {}: {}", record.heading(), ceiling(record));
    if !parts.is_empty() {
        line.push_str(&style(format!("; {}", parts.join(", "))).dim().to_string());
    }
    match record.verdict {
        Verdict::Pass => {}
        Verdict::Known => line.push_str(&format!("\n      {}", cut(&record.message))),
        // All of it comes at the end.
        _ => line.push_str(&format!("\n      {}", what(record))),
    }
    line
}

/// What is wrong, after the word for it.
fn what(record: &ClimbRecord) -> String {
    match record.verdict {
        Verdict::Failed(kind) if !record.message.starts_with(kind.name()) => {
            format!("{}: {}", kind.name(), record.message)
        }
        _ => record.message.clone(),
    }
}

/// A message for a line of a list; the scenario has all of it.
fn cut(message: &str) -> String {
    const LONGEST: usize = 200;
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &message[..end]),
        None => message.to_owned(),
    }
}

fn measured(record: &ClimbRecord, cost: Cost) -> Option<&Measured> {
    record.growth.iter().find(|it| it.cost == cost)
}

/// A text about a climb, with the word that it begins with in its colour.
fn coloured(record: &ClimbRecord, text: String) -> String {
    text.replacen(record.verdict.label_word(), &label(record.verdict), 1)
}

/// All that a climb found, without colours: understood from its first line.
pub fn climb_text(record: &ClimbRecord) -> String {
    let measured = record.growth.iter().filter_map(growth_line);
    let mut points: String = measured.map(|line| format!("     {line}\n")).collect();
    points.push_str(&chart(record));
    block(record, &points)
}

/// The same without what was measured.
fn outline(record: &ClimbRecord) -> String {
    block(record, "")
}

/// What a climb came to, with `points` in the middle.
fn block(record: &ClimbRecord, points: &str) -> String {
    let title = format!("{} {}", record.verdict.label_word(), record.heading());
    let mut text = match record.message.is_empty() {
        true => format!("{title}: {}\n", ceiling(record)),
        false => format!("{title}: {}\n     {}\n", what(record), ceiling(record)),
    };
    let ended = record.end.at.is_some() && record.end.by != "budget";
    if ended && !record.message.starts_with(&record.end.text) {
        text.push_str(&format!("     {}: {}\n", record.end.by, record.end.text));
    }
    if let Some(why) = &record.instead {
        text.push_str(&format!("     in lane {}, because {why}\n", record.lane));
    }
    for excess in &record.excesses {
        if !record.message.starts_with(&excess.message) {
            text.push_str(&format!("     growth: {}\n", excess.message));
        }
    }
    text.push_str(points);
    if record.verdict != Verdict::Pass {
        let guards = record.guards_line();
        if !guards.is_empty() {
            text.push_str(&format!("     guards {guards}\n"));
        }
        text.push_str(&format!("     again: {}\n", record.again));
    }
    text
}

/// How a cost grows, where there is something to say.
fn growth_line(measured: &Measured) -> Option<String> {
    let Measured {
        cost,
        fit,
        declared,
        overflow,
        unnamed,
        ..
    } = measured;
    let shown = match cost {
        Cost::Instructions | Cost::Heap | Cost::Time => true,
        // The points and the JSON have the others.
        _ => overflow.is_some() || *cost == Cost::CompileTime && declared.is_some(),
    };
    let declared = declared.map_or(String::new(), |shape| format!(", declared {shape}"));
    let said = match (fit, overflow) {
        (_, Some(end)) => format!(
            "overflows at about n={:.0}, seen from n={} on{declared}",
            end.at, end.since
        ),
        (Some(fit), None) => format!("{fit}{declared}"),
        (None, None) => format!("{unnamed}{declared}"),
    };
    shown.then(|| format!("{:12} {said}", cost.name()))
}

/// Each n with what it cost, and bars of the instructions for each n: level where
/// they are linear.
fn chart(record: &ClimbRecord) -> String {
    const LONGEST: usize = 30;
    let points = &record.points;
    let counted = points.iter().any(|it| it.measures.is_some());
    let cost = if counted {
        Cost::Instructions
    } else {
        Cost::Time
    };
    let each = |point: &Point| -> Option<f64> {
        let each = cost.at(point)? / point.n.get() as f64;
        Some(each.ln()).filter(|it| it.is_finite())
    };
    let low = points.iter().filter_map(each).fold(f64::MAX, f64::min);
    let mut text = format!(
        "     {:>12} {:>15} {:>10} {:>10} {:>12}  {}\n",
        "n",
        cost.name(),
        "heap",
        "live",
        "collections",
        format_args!("{cost}/n, one # more for each 1.4 times")
    );
    for point in points {
        let measures = point.measures.as_ref();
        let cell = |it: Option<String>| it.unwrap_or("-".to_owned());
        let seconds = || Some(format!("{:.2}s", cost.at(point)?));
        let done = cell(
            measures
                .map(|it| it.instructions.to_string())
                .or_else(seconds),
        );
        let heap = cell(measures.map(|it| it.heap.to_string()));
        let live = cell(
            point
                .probed
                .and_then(|it| it.live)
                .map(|it: Bytes| it.to_string()),
        );
        let collections = cell(measures.map(|it| Instructions(it.collections).to_string()));
        let steps = each(point).map_or(0.0, |it| (it - low) / STEP);
        let bar = "#".repeat((1 + steps.round() as usize).min(LONGEST));
        let line = format!(
            "     {:>12} {done:>15} {heap:>10} {live:>10} {collections:>12}  {bar}",
            point.n
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The factor of one step of a chart, as its logarithm: the root of two.
const STEP: f64 = std::f64::consts::LN_2 / 2.0;

/// A cost for each n, from the lowest to the highest block: level where the cost
/// is linear.
fn spark(points: &[Point], cost: Cost) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let each: Vec<f64> = points
        .iter()
        .filter_map(|point| Some((cost.at(point)? / point.n.get() as f64).ln()))
        .filter(|it| it.is_finite())
        .collect();
    // What every program has beside n makes the first ones high.
    let upper = &each[each.len() / 2..];
    let low = upper.iter().copied().fold(f64::MAX, f64::min);
    upper
        .iter()
        .map(|it| BLOCKS[(((it - low) / STEP).round() as usize).min(BLOCKS.len() - 1)])
        .collect()
}
