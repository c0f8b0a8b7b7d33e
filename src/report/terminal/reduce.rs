//! What a person sees of a reduction: what is kept, and what came of it.

use console::Style;

use crate::record::count;
use crate::record::reduce::{ProgramSize, ReduceInfo, ReduceReport, ReduceStep};

/// The lines above everything.
pub fn head(info: &ReduceInfo) -> String {
    let mut text = format!(
        "vera-stress {}: reducing {} [{}] n={} on {}\n     {}",
        info.vera_stress,
        info.scenario,
        info.lane,
        info.n,
        info.vera,
        info.message.lines().next().unwrap_or_default()
    );
    for kept in &info.kept {
        text.push_str(&format!("\n     kept: {kept}"));
    }
    for unread in &info.unread {
        text.push_str(&format!("\n     {unread}"));
    }
    text
}

/// One step.
pub fn step_line(step: &ReduceStep) -> String {
    format!(
        "     {} after {}",
        program_size(step.size),
        tries(step.tries)
    )
}

/// The end: the smallest program, and how to see it fail.
pub fn text(report: &ReduceReport) -> String {
    let ReduceReport { info, record } = report;
    let mut text = String::new();
    if let Some(program) = record.files.get(&record.main) {
        text.push_str(&format!("\n{program}\n"));
    }
    let ended = match (record.interrupted, record.out_of_time) {
        (true, _) => ", interrupted",
        (_, true) => ", out of time",
        _ => "",
    };
    let n = match record.n == info.n {
        true => String::new(),
        false => format!(", n from {} to {}", info.n, record.n),
    };
    let bold = Style::new().bold();
    text.push_str(&format!(
        "{} from {} to {}{n}, in {} and {:.1}s{ended}",
        bold.apply_to("reduced"),
        program_size(info.size),
        program_size(record.size),
        tries(record.tries),
        record.seconds
    ));
    if let Some(file) = &record.file {
        text.push_str(&format!("\n     program: {file}"));
    }
    if let Some(again) = &record.again {
        text.push_str(&format!("\n     again: {again}"));
    }
    text
}

/// How large a program is, in words.
pub fn program_size(size: ProgramSize) -> String {
    format!(
        "{} ({})",
        count(size.lines, "line"),
        count(size.nodes, "node")
    )
}

fn tries(number: usize) -> String {
    match number {
        1 => "1 try".to_owned(),
        more => format!("{more} tries"),
    }
}
