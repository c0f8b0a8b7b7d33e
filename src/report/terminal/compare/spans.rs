//! Versions side by side that came to the same, told once.

use super::table::alike;
use super::words::{sentence, together};
use crate::record::compare::{Change, Comparison};

/// Changes of one scenario from the same version to later ones, each under the
/// versions that it holds for: neighbours that came to the same are told once.
pub fn spans(comparison: &Comparison, changes: &[Change]) -> Vec<(String, String)> {
    let mut spans: Vec<(usize, usize, &Change)> = Vec::new();
    for change in changes {
        let cells = &comparison.rows[change.row].cells;
        let same = |last: usize| match (&cells[last], &cells[change.to]) {
            (Some(one), Some(other)) => alike(one, other),
            (None, _) | (_, None) => false,
        };
        match spans.last_mut() {
            Some((_, last, first))
                if first.row == change.row && *last + 1 == change.to && same(*last) =>
            {
                *last = change.to;
            }
            Some(_) | None => spans.push((change.to, change.to, change)),
        }
    }
    // In several lanes the same versions are one.
    let mut places: Vec<(usize, usize)> = spans.iter().map(|it| (it.0, it.1)).collect();
    places.sort_unstable();
    places.dedup();
    let told = |(first, last): (usize, usize)| {
        let here = spans.iter().filter(|it| (it.0, it.1) == (first, last));
        let here: Vec<&Change> = here.map(|it| it.2).collect();
        let groups = together(comparison, &here);
        let texts = groups.iter().map(|group| sentence(comparison, group));
        let text = texts.collect::<Vec<_>>().join("\n");
        let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
        (named(comparison, first, last), lines.join("\n"))
    };
    places.into_iter().map(told).collect()
}

/// Versions side by side in a few words.
pub fn named(comparison: &Comparison, first: usize, last: usize) -> String {
    let name = |column: usize| comparison.info.columns[column].name.as_str();
    match first == last {
        true => name(first).to_owned(),
        false => format!("{} to {}", name(first), name(last)),
    }
}
