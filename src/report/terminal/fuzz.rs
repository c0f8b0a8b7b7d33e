//! What a person sees of generated programs: the causes, each once with its smallest
//! program, and how often each showed.

use console::Style;

use super::reduce::program_size;
use crate::record::count;
use crate::record::fuzz::{FuzzCause, FuzzInfo, FuzzReport, HeapRecord};

/// The lines above everything.
pub fn head(info: &FuzzInfo) -> String {
    let looks: Vec<String> = (info.looks.iter())
        .map(|(lane, n)| format!("{lane} n={n}"))
        .collect();
    let focus = match &info.focus {
        Some(focus) => format!(", each with {focus}"),
        None => String::new(),
    };
    format!(
        "vera-stress {}: programs from seed {}{focus} on {}, for {:.0}s\n     each in {}",
        info.vera_stress,
        info.seed,
        info.vera,
        info.seconds,
        looks.join(", ")
    )
}

/// A cause, with its smallest program.
pub fn cause(cause: &FuzzCause) -> String {
    let style = match &cause.known {
        Some(_) => Style::new().dim(),
        None => Style::new().red().bold(),
    };
    let known = match &cause.known {
        Some(known) => format!(" (known: {known})"),
        None => String::new(),
    };
    let mut text = format!(
        "\n{} {} [{}] n={}{known}: {}",
        style.apply_to("CAUSE"),
        cause.name,
        cause.lane,
        cause.n,
        cause.message.lines().next().unwrap_or_default()
    );
    if cause.known.is_some() {
        return text;
    }
    if let Some(expected) = &cause.expected {
        text.push_str(&format!("\n     must come: {expected}"));
    }
    for line in cause.program.lines() {
        text.push_str(&format!("\n     | {line}"));
    }
    text.push_str(&format!(
        "\n     from {} to {}\n     again: {}",
        program_size(cause.from),
        program_size(cause.size),
        cause.again
    ));
    text
}

/// The end.
pub fn text(report: &FuzzReport) -> String {
    let FuzzReport {
        summary, causes, ..
    } = report;
    let mut text = String::new();
    for counted in &summary.causes {
        let known = if counted.known { ", known" } else { "" };
        text.push_str(&format!(
            "\n     {}: {}{known}",
            counted.name,
            count(counted.programs, "program")
        ));
    }
    let new = causes.iter().filter(|it| it.known.is_none()).count();
    let bold = Style::new().bold();
    let seconds = summary.seconds.max(0.1);
    let ended = if summary.interrupted {
        ", interrupted"
    } else {
        ""
    };
    text.push_str(&format!(
        "\n{} {}, of which Vera checks {}, in {} with {} known; {} new, {} alike and not looked at; {:.1} programs a second, {:.0}s{ended}",
        bold.apply_to("fuzzed"),
        count(summary.programs, "program"),
        summary.checked,
        count(summary.runs, "run"),
        count(summary.judged, "result"),
        count(new, "cause"),
        count(summary.alike, "failure"),
        summary.programs as f64 / seconds,
        summary.seconds,
    ));
    text
}

/// What random events on a heap came to.
pub fn heap(record: &HeapRecord) -> String {
    let seconds = record.seconds.max(0.001);
    let counted = format!(
        "{} in {} on the heap of {} from seed {}, {:.0} a second",
        count(
            usize::try_from(record.events).unwrap_or(usize::MAX),
            "event"
        ),
        count(
            usize::try_from(record.sequences).unwrap_or(usize::MAX),
            "sequence"
        ),
        record.vera,
        record.seed,
        record.events as f64 / seconds
    );
    let Some(found) = &record.found else {
        let bold = Style::new().bold();
        return format!("{}: {counted}", bold.apply_to("nothing is wrong"));
    };
    let mut text = format!(
        "{} {}: {}",
        Style::new().red().bold().apply_to("HEAP"),
        found.kind,
        found.message
    );
    for event in &found.events {
        text.push_str(&format!("\n     | {event}"));
    }
    text.push_str(&format!(
        "\n     {} of sequence {}, from {}; {counted}\n     again: {}",
        count(found.events.len(), "event"),
        found.sequence,
        found.from,
        record.again
    ));
    text
}
