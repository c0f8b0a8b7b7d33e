//! What the page says where its script does not run: what failed, in the words
//! of the terminal.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{PageSource, escaped};
use crate::judge::Verdict;
use crate::record::{CaseRecord, Unloaded};
use crate::report::terminal::run::{failure_text, minute};
use crate::report::terminal::unloaded;

/// A recording in plain text: what is not as it should be, and how it ended.
pub fn text(source: &PageSource) -> String {
    let mut lines: Vec<String> = Vec::new();
    // A case that was searched for its smallest n is told once, by its last event.
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut head = None;
    let mut end = "This recording does not come to its end.".to_owned();
    for event in source.events() {
        let kind = event.get("event").and_then(Value::as_str);
        let Some(kind) = kind.map(str::to_owned) else {
            continue;
        };
        if head.is_none() {
            head = Some(begun(&kind, &event));
            lines.extend(not_loaded(&event));
        }
        if kind.ends_with("-finished") && event.contains_key("seconds") && is_summary(&kind) {
            end = finish(&event);
        }
        let Some((title, told)) = told(event) else {
            continue;
        };
        match places.get(&title) {
            Some(place) => lines[*place] = told,
            None => {
                places.insert(title, lines.len());
                lines.push(told);
            }
        }
    }
    let nothing = "Nothing of it failed.\n".to_owned();
    let failures = match lines.is_empty() {
        true => nothing,
        false => lines.join("\n"),
    };
    format!(
        "<h2>{}</h2>\n<p>{}</p>\n<pre>{}</pre>\n<p>{}</p>\n",
        escaped(source.name()),
        escaped(&head.unwrap_or_default()),
        escaped(&failures),
        escaped(&end)
    )
}

/// What was done on which Vera, from the first event.
fn begun(kind: &str, event: &Map<String, Value>) -> String {
    let text = |key: &str| event.get(key).and_then(Value::as_str);
    let what = match kind {
        "run-started" => "A run",
        "climbs-started" => "Climbs",
        "compare-started" => "A comparison",
        "bisect-started" => "A bisection",
        _ => "A check of known limits",
    };
    let columns = event.get("columns").and_then(Value::as_array);
    let names = columns.map(|all| {
        let names = all.iter().filter_map(|it| it.get("name")?.as_str());
        names.collect::<Vec<_>>().join(", ")
    });
    let mut head = what.to_owned();
    if let Some(vera) = names.as_deref().or(text("vera")) {
        head.push_str(&format!(" on Vera {vera}"));
    }
    if let Some(ours) = text("vera_stress") {
        head.push_str(&format!(" by vera-stress {ours}"));
    }
    if let Some(started) = text("started") {
        head.push_str(&format!(", begun at {} UTC", minute(started)));
    }
    head + "."
}

/// The scenarios that the first event says could not be loaded.
fn not_loaded(first: &Map<String, Value>) -> Vec<String> {
    let named = first.get("unloaded").and_then(Value::as_array);
    let read = |it: &Value| Unloaded::deserialize(it).ok();
    let blocks = named.into_iter().flatten().filter_map(read);
    blocks
        .map(|it| unloaded::text(&[it]).trim_start().to_owned())
        .collect()
}

fn is_summary(event: &str) -> bool {
    [
        "run-finished",
        "climbs-finished",
        "compare-finished",
        "known-finished",
        "bisect-finished",
    ]
    .contains(&event)
}

/// The title and the text of an event about what failed.
fn told(event: Map<String, Value>) -> Option<(String, String)> {
    let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let verdict = Verdict::deserialize(event.get("verdict")?).ok()?;
    let fails = match verdict {
        Verdict::Failed(_) | Verdict::Fixed | Verdict::Undecided | Verdict::NotRun => true,
        Verdict::Pass | Verdict::Known | Verdict::Unsupported | Verdict::Refused => false,
    };
    if !fails {
        return None;
    }
    match text("event") {
        "case-finished" | "case-shrunk" => {
            let record = CaseRecord::deserialize(Value::Object(event)).ok()?;
            Some((record.heading(), failure_text(&record)))
        }
        "climb-finished" => {
            let title = format!("{} [{}]", text("scenario"), text("lane"));
            let told = format!(
                "{} {title}: {}\n     again: {}\n",
                verdict.label_word(),
                text("message"),
                text("again")
            );
            Some((title, told))
        }
        _ => None,
    }
}

/// The numbers of the last event.
fn finish(event: &Map<String, Value>) -> String {
    let count = |(name, value): (&String, &Value)| match value {
        Value::Number(seconds) if name == "seconds" => {
            Some(format!("in {:.1} seconds", seconds.as_f64()?))
        }
        Value::Number(number) => Some(format!("{} {number}", name.replace('_', " "))),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    };
    let counts: Vec<String> = event.iter().filter_map(count).collect();
    format!("{}.", counts.join(", "))
}
