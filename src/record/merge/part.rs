//! The parts of a run, and which of them are lost.

use std::collections::BTreeMap;

use crate::record::read::RecordedRun;

/// A recorded part and the file that holds it.
#[derive(Clone, Debug)]
pub struct Part {
    /// The file, for messages.
    pub file: String,
    /// What it holds.
    pub run: RecordedRun,
}

/// The parts that did not finish, and those that are missing, in a few words.
pub fn lost(of: usize, parts: &BTreeMap<usize, Part>) -> Vec<String> {
    let unfinished = parts.values().filter_map(|Part { file, run }| {
        let (ended, announced) = (run.cases.len(), run.info.cases);
        let name = match &run.info.partition {
            Some(share) => format!("part {share} ({file})"),
            None => file.clone(),
        };
        (run.summary.is_none() || ended < announced).then(|| {
            format!("{name} did not finish, with {ended} of its {announced} cases recorded")
        })
    });
    unfinished.chain(missing(of, parts)).collect()
}

/// The parts that are missing, of which the first few are named: a cluster may
/// have lost hundreds.
fn missing(of: usize, parts: &BTreeMap<usize, Part>) -> Option<String> {
    const NAMED: usize = 8;
    let absent = (1..=of).filter(|number| !parts.contains_key(number));
    let named: Vec<String> = absent
        .take(NAMED)
        .map(|number| format!("{number}/{of}"))
        .collect();
    let more = of - parts.len() - named.len();
    match &named[..] {
        [] => None,
        [one] => Some(format!("part {one} is missing")),
        several if more == 0 => Some(format!("parts {} are missing", several.join(", "))),
        several => Some(format!(
            "parts {} and {more} more are missing",
            several.join(", ")
        )),
    }
}
