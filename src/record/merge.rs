//! The parts of a run, joined into what one run would have recorded.

mod difference;
mod error;
mod part;

use std::collections::{BTreeMap, HashMap};

use super::again::Again;
use super::against::AgainstSummary;
use super::read::{RecordedCase, RecordedRun};
use super::{CaseRecord, Event, Faults, Planned, RunInfo, Summary, causes, told_by};
use crate::case::{Budget, Case, Engine};
use crate::judge::Verdict;
use crate::plan::Partition;
pub use difference::Difference;
pub use error::MergeError;
pub use part::Part;
use part::lost;

/// A run made of its parts.
#[derive(Clone, Debug)]
pub struct MergedRun {
    /// What it was about: the earliest start, the most jobs of any part.
    pub info: RunInfo,
    /// Its cases in the order of a plan.
    pub cases: Vec<RecordedCase>,
    /// Its numbers; the seconds are those of all parts together.
    pub summary: Summary,
    /// Which parts are missing or did not finish, each in a few words.
    pub lost: Vec<String>,
}

/// Joins the parts of a run, in whatever order they are given.
///
/// With `incomplete`, missing and unfinished parts are no error: their cases are
/// recorded as not run where a part tells which they are, and the run has failed
/// in any case.
pub fn merge(parts: Vec<Part>, incomplete: bool) -> Result<MergedRun, MergeError> {
    let (of, parts) = in_order(parts)?;
    let mut held: HashMap<Case, &str> = HashMap::new();
    for Part { file, run } in parts.values() {
        for case in &run.cases {
            if let Some(one) = held.insert(case.record.case(), file) {
                return Err(MergeError::CaseTwice {
                    case: case.record.heading(),
                    one: one.to_owned(),
                    other: file.clone(),
                });
            }
        }
    }
    let lost = lost(of, &parts);
    if !lost.is_empty() && !incomplete {
        return Err(MergeError::Lost(lost));
    }
    let mut info = joined(parts.values().map(|part| &part.run.info));
    let unrun: Vec<RecordedCase> = info
        .planned
        .iter()
        .filter(|planned| !lost.is_empty() && !held.contains_key(&planned.case()))
        .map(|planned| not_run(planned, &info, &lost))
        .collect();
    let runs: Vec<RecordedRun> = parts.into_values().map(|part| part.run).collect();
    let ended = || runs.iter().filter_map(|run| run.summary.as_ref());
    let faults = Faults {
        scenario: ended().any(|it| it.faults.scenario),
        toolchain: ended().any(|it| it.faults.toolchain),
    };
    let interrupted = ended().any(|it| it.interrupted);
    let incomplete = !lost.is_empty() || ended().any(|it| it.incomplete);
    let seconds = ended().map(|it| it.seconds).sum();
    let against = ended()
        .filter_map(|it| it.against.clone())
        .reduce(AgainstSummary::and);
    let mut cases: Vec<RecordedCase> = runs.into_iter().flat_map(|run| run.cases).collect();
    cases.extend(unrun);
    cases.sort_by_cached_key(|case| case.record.case());
    find_causes(&mut cases);
    info.cases = cases.len();
    Ok(MergedRun {
        summary: Summary {
            interrupted,
            incomplete,
            faults,
            seconds,
            against,
            ..Summary::of_cases(cases.iter().map(|case| &case.record))
        },
        info,
        cases,
        lost,
    })
}

/// Adds to each failure which other one tells its cause: a part knows its own
/// failures only.
fn find_causes(cases: &mut [RecordedCase]) {
    let told = told_by(&causes(cases.iter().map(|it| &it.record)));
    for case in cases {
        let other = told.get(&case.record.case());
        if case.record.same_cause_as.as_ref() == other {
            continue;
        }
        case.record.same_cause_as = other.cloned();
        let Some(last) = case.lines.last_mut() else {
            continue;
        };
        // What a later version recorded beside it stays.
        if let Ok(mut event) = serde_json::from_str::<serde_json::Value>(last) {
            event["same_cause_as"] = serde_json::json!(other);
            *last = event.to_string();
        }
    }
}

/// The parts by their numbers, after a look at whether they are of one run, and
/// how many there should be.
fn in_order(parts: Vec<Part>) -> Result<(usize, BTreeMap<usize, Part>), MergeError> {
    let alone = parts.len() == 1;
    let mut of = None;
    let mut placed: BTreeMap<usize, Part> = BTreeMap::new();
    for part in parts {
        let share = match &part.run.info.partition {
            None if alone => Partition { part: 1, of: 1 },
            None => return Err(MergeError::Whole(part.file)),
            Some(text) => match text.parse::<Partition>() {
                Ok(share) => share,
                Err(_) => return Err(MergeError::NoPart(part.file, text.clone())),
            },
        };
        if let Some(first) = placed.values().next()
            && let Some(what) = Difference::of(&first.run.info, &part.run.info)
                .or_else(|| Difference::of_shares(of?, share.of))
        {
            return Err(MergeError::Differ {
                one: first.file.clone(),
                other: part.file,
                what,
            });
        }
        of = Some(share.of);
        let other = part.file.clone();
        if let Some(one) = placed.insert(share.part, part) {
            return Err(MergeError::Twice {
                part: share.to_string(),
                one: one.file,
                other,
            });
        }
    }
    Ok((of.ok_or(MergeError::Nothing)?, placed))
}

/// What the whole run was about.
fn joined<'a>(mut infos: impl Iterator<Item = &'a RunInfo>) -> RunInfo {
    let first = infos.next().expect("there is at least one part").clone();
    let mut whole = RunInfo {
        partition: None,
        ..first
    };
    for info in infos {
        whole.started = whole.started.min(info.started);
        whole.jobs = whole.jobs.max(info.jobs);
        if let (Some(whole), Some(part)) = (&mut whole.against, &info.against) {
            whole.comparable += part.comparable;
        }
        whole.unloaded.extend(info.unloaded.iter().cloned());
        if whole.planned.is_empty() {
            whole.planned.clone_from(&info.planned);
        }
        if !whole.machine.split(", ").any(|it| it == info.machine) {
            whole.machine = format!("{}, {}", whole.machine, info.machine);
        }
    }
    // Each part says it.
    whole.unloaded.sort();
    whole.unloaded.dedup();
    whole
}

/// The record of a case that a lost part took with it. What its scenario guards
/// and allows is not in a plan.
fn not_run(planned: &Planned, info: &RunInfo, lost: &[String]) -> RecordedCase {
    let case = planned.case();
    let catalogues: Vec<_> = info.catalogues.iter().map(Into::into).collect();
    let again = Again {
        vera: &info.toolchain,
        catalogues: &catalogues,
        without_built_in: info.without_built_in,
        seed: info.seed,
        ignores_known: info.ignores_known,
        scenarios: &[],
    };
    let record = CaseRecord {
        again: again.command(&case, case.scale, None),
        scenario: case.scenario,
        axis: planned.axis.clone(),
        title: String::new(),
        why: String::new(),
        lane: case.lane,
        n: case.scale,
        seed: (case.lane.engine == Engine::Native).then_some(info.seed),
        verdict: Verdict::NotRun,
        message: lost.join("; "),
        twin: None,
        reduce: None,
        reduced: None,
        smallest: None,
        same_cause_as: None,
        guards: Vec::new(),
        caught_by: Vec::new(),
        folder: None,
        evidence: None,
        ending: None,
        result: None,
        budget: Budget::default(),
        run: None,
        compile: None,
        peak_heap: None,
        output: None,
        measures: None,
        host: None,
        heap_life: None,
        grown: None,
        beyond: Vec::new(),
        drifts: Vec::new(),
        fails_as: None,
        signature: None,
    };
    let line = serde_json::to_string(&Event::CaseFinished(record.clone()))
        .expect("JSON of plain data can be written");
    RecordedCase {
        record,
        lines: vec![line],
    }
}

#[cfg(test)]
mod tests;
