//! What a person sees of generated programs: the causes, each once with its smallest
//! program, and how often each showed.

use console::Style;

use super::reduce::program_size;
use crate::record::count;
use crate::record::fuzz::{FuzzCause, FuzzInfo, FuzzReport};

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
    let ended = if summary.interrupted { ", interrupted" } else { "" };
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
