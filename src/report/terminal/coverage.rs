//! What a person sees of a measure of coverage: how much is reached, and by name what
//! is not.

use console::Style;

use super::detail::{Detail, Showing};
use super::run::sections;
use super::unloaded;
use crate::record::count;
use crate::record::coverage::{Aspect, CoverageInfo, CoverageRecord, CoverageReport, Thing};

/// Of what is not reached, so many are named where not everything is shown.
const NAMED: usize = 40;
/// The same of what takes a line each.
const LINES: usize = 12;
/// Where there is no terminal, lines are so long.
const WIDTH: usize = 80;

/// The line above everything.
pub fn head(info: &CoverageInfo) -> String {
    let mut why = info.chosen.iter();
    let named = info.versions.iter().map(|name| match why.next() {
        Some(why) => why.beside(name),
        None => name.clone(),
    });
    format!(
        "vera-stress {}: what {} reach of Vera {}",
        info.vera_stress,
        count(info.scenarios, "scenario"),
        named.collect::<Vec<_>>().join(", ")
    )
}

/// The end: of each version what is not reached, then the numbers.
pub fn text(report: &CoverageReport, showing: Showing) -> String {
    let mut blocks: Vec<String> = Vec::new();
    for record in &report.records {
        if report.records.len() > 1 {
            let bold = Style::new().bold();
            blocks.push(format!(
                "{}\n",
                bold.apply_to(format!("Vera {}", record.vera))
            ));
        }
        if showing.detail != Detail::Brief {
            let missing = record.aspects.iter().filter_map(|it| missing(it, showing));
            blocks.extend(missing);
        }
        blocks.extend(untold(record, showing));
        blocks.extend(added(record, report, showing));
        blocks.push(numbers(record));
    }
    blocks.extend(unloaded::blocks(&report.info.unloaded));
    let summary = &report.summary;
    let mut last = format!("{} in {:.1}s", versions(report), summary.seconds);
    if summary.not_set_up > 0 {
        let versions = count(summary.not_set_up, "version");
        last.push_str(&format!(", {versions} not set up"));
    }
    if summary.interrupted {
        last.push_str(", interrupted");
    }
    sections(blocks, &last, showing)
}

fn versions(report: &CoverageReport) -> String {
    format!(
        "{} measured on {}",
        count(report.info.scenarios, "scenario"),
        count(report.records.len(), "version")
    )
}

/// What of a kind is not reached.
fn missing(aspect: &Aspect, showing: Showing) -> Option<String> {
    let missing: Vec<&Thing> = aspect.missing().collect();
    let shown = listed(&missing, showing)?;
    let label = Style::new().yellow().apply_to("not reached");
    Some(format!(
        "{label} {}: {}\n{shown}",
        aspect.name,
        missing.len()
    ))
}

/// Their names, or a line each where a line of code belongs to them.
fn listed(things: &[&Thing], showing: Showing) -> Option<String> {
    let has_lines = things.first()?.text.is_some();
    let most = match (showing.detail, has_lines) {
        (Detail::Everything, _) => things.len(),
        (_, true) => LINES.min(things.len()),
        (_, false) => NAMED.min(things.len()),
    };
    let more = match things.len() - most {
        0 => String::new(),
        more => format!("... and {more} more; `{}` names them", showing.everything),
    };
    let width = showing.width.unwrap_or(WIDTH);
    let mut text = String::new();
    if has_lines {
        for thing in &things[..most] {
            text.push_str(&format!("     {}\n", thing.name));
            if let Some(code) = &thing.text {
                text.push_str(&format!("         {code}\n"));
            }
        }
    } else {
        let names: Vec<&str> = things[..most].iter().map(|it| it.name.as_str()).collect();
        text.push_str(&wrapped(&names, width));
    }
    if !more.is_empty() {
        text.push_str(&format!("     {more}\n"));
    }
    Some(text)
}

/// Names one after the other, in lines of this width.
fn wrapped(names: &[&str], width: usize) -> String {
    let mut text = String::new();
    let mut line = String::new();
    for (place, name) in names.iter().enumerate() {
        let end = if place + 1 < names.len() { "," } else { "" };
        if !line.is_empty() && 6 + line.len() + name.len() + end.len() > width {
            text.push_str(&format!("     {line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&format!("{name}{end}"));
    }
    if !line.is_empty() {
        text.push_str(&format!("     {line}\n"));
    }
    text
}

/// The scenarios that could not be looked at.
fn untold(record: &CoverageRecord, showing: Showing) -> Option<String> {
    let (_, why) = record.untold.first()?;
    let names: Vec<&str> = record
        .untold
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let label = Style::new().yellow().apply_to("not looked at");
    let width = showing.width.unwrap_or(WIDTH);
    Some(format!(
        "{label}: {}, the first since {why}\n{}",
        count(names.len(), "scenario"),
        wrapped(&names, width)
    ))
}

/// What this version has and the first of several has not, and nothing reaches.
fn added(record: &CoverageRecord, report: &CoverageReport, showing: Showing) -> Option<String> {
    let first = report.records.first()?;
    if std::ptr::eq(first, record) {
        return None;
    }
    let news = |it: &Aspect| it.missing().filter(|it| it.added).count();
    let mut text = String::new();
    for aspect in record.aspects.iter().filter(|it| news(it) > 0) {
        let things: Vec<&Thing> = aspect.missing().filter(|it| it.added).collect();
        text.push_str(&format!(
            "  {}: {}\n{}",
            aspect.name,
            things.len(),
            listed(&things, showing).unwrap_or_default()
        ));
    }
    let red = Style::new().red().bold();
    let label = red.apply_to("added since");
    Some(match text.is_empty() {
        true => format!(
            "all that Vera {} has beyond {} is reached\n",
            record.vera, first.vera
        ),
        false => format!("{label} {}, and reached by nothing\n{text}", first.vera),
    })
}

/// How many are reached, of each kind.
fn numbers(record: &CoverageRecord) -> String {
    let wide = |of: fn(&Aspect) -> String| {
        let all = record.aspects.iter().map(|it| of(it).len());
        all.max().unwrap_or(0)
    };
    let name = wide(|it| it.name.clone());
    let reached = wide(|it| it.reached().to_string());
    let all = wide(|it| it.things.len().to_string());
    let line = |it: &Aspect| {
        let left_out = match it.left_out().count() {
            0 => String::new(),
            many => format!(", {many} left out"),
        };
        format!(
            "{:name$}  {:>reached$} of {:>all$} reached{left_out}\n",
            it.name,
            it.reached(),
            it.things.len(),
        )
    };
    record.aspects.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fill_lines_and_none_is_too_long() {
        let names = ["alpha", "beta", "gamma"];
        assert_eq!(wrapped(&names, 80), "     alpha, beta, gamma\n");
        assert_eq!(wrapped(&names, 18), "     alpha, beta,\n     gamma\n");
        assert_eq!(wrapped(&names, 3), "     alpha,\n     beta,\n     gamma\n");
        assert_eq!(wrapped(&[], 80), "");
    }
}
