//! Values and texts in messages: whether they are the same, where they part, and
//! how they are shown on one line.

use crate::case::Value;

/// Equality as an observer sees it: a float is compared by its bits, except
/// that every NaN is the same.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => {
            a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
        }
        _ => a == b,
    }
}

/// A value on one line, cut where it is long.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) if text.chars().count() > 60 => {
            let start: String = text.chars().take(60).collect();
            format!("{start:?}... ({} bytes)", text.len())
        }
        _ => value.to_string(),
    }
}

/// A file by its path, quoted where that is no single plain word.
pub fn file_shown(path: &str) -> String {
    let plain = |it: char| !it.is_whitespace() && !it.is_control() && it != '"';
    match path.chars().all(plain) {
        true => format!("file {path}"),
        false => format!("file {path:?}"),
    }
}

/// Where two texts part.
pub struct Parting {
    /// The line, from 1.
    pub line: usize,
    /// What the first says there.
    pub one: String,
    /// What the second says there.
    pub other: String,
}

/// Where two texts part, in the words of a person who looks at lines; `None`
/// where they are the same.
pub fn parting(one: &[u8], other: &[u8]) -> Option<Parting> {
    if one == other {
        return None;
    }
    let at = one
        .iter()
        .zip(other)
        .position(|(a, b)| a != b)
        .unwrap_or(one.len().min(other.len()));
    Some(Parting {
        line: 1 + one[..at].iter().filter(|byte| **byte == b'\n').count(),
        one: line_around(one, at),
        other: line_around(other, at),
    })
}

/// The line that holds the byte `at`, quoted and cut to what fits on a screen.
fn line_around(text: &[u8], at: usize) -> String {
    const BEFORE: usize = 40;
    const LONGEST: usize = 60;
    if at >= text.len() && text.last().is_none_or(|last| *last == b'\n') {
        return "nothing more".to_owned();
    }
    let start = text[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |before| before + 1);
    let end = text[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(text.len(), |after| at + after);
    let from = start.max(at.saturating_sub(BEFORE));
    let to = end.min(from + LONGEST);
    let line = String::from_utf8_lossy(&text[from..to]);
    let (before, after) = (
        if from > start { "..." } else { "" },
        if to < end { "..." } else { "" },
    );
    format!("{before}{line:?}{after}")
}
