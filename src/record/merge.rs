//! The parts of a run, joined into what one run would have recorded.

use std::collections::{BTreeMap, HashMap};

use super::again::Again;
use super::against::AgainstSummary;
use super::read::{Recorded, RecordedCase};
use super::{CaseRecord, Event, Faults, Planned, RunInfo, Summary};
use crate::case::{Budget, Case, Engine};
use crate::judge::Verdict;
use crate::plan::Partition;

/// A recorded part and the file that holds it.
#[derive(Clone, Debug)]
pub struct Part {
    /// The file, for messages.
    pub file: String,
    /// What it holds.
    pub run: Recorded,
}

/// A run made of its parts.
#[derive(Clone, Debug)]
pub struct Merged {
    /// What it was about: the earliest start, the most jobs of any part.
    pub info: RunInfo,
    /// Its cases in the order of a plan.
    pub cases: Vec<RecordedCase>,
    /// Its numbers; the seconds are those of all parts together.
    pub summary: Summary,
    /// Which parts are missing or did not finish, each in a few words.
    pub lost: Vec<String>,
}

/// Why files are not the parts of one run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Nothing was given.
    #[error("there is no part to merge\n     next: name the files that the parts wrote")]
    Nothing,
    /// A whole run among others.
    #[error(
        "{0} is a whole run and no part of one, so it cannot be joined with others\n     next: leave it out, or merge it alone"
    )]
    Whole(String),
    /// A partition that no run has.
    #[error(
        "{0} says that it is part `{1}`, and there is no such part\n     next: give the file as the run wrote it"
    )]
    NoPart(String, String),
    /// Parts of different runs.
    #[error("{one} and {other} are parts of different runs: {what}\n     next: {next}")]
    Differ {
        /// One file.
        one: String,
        /// The other one.
        other: String,
        /// What differs.
        what: String,
        /// What to do.
        next: &'static str,
    },
    /// The same part twice.
    #[error("part {part} is in two files, {one} and {other}\n     next: leave one of them out")]
    Twice {
        /// Which part.
        part: String,
        /// One file.
        one: String,
        /// The other one.
        other: String,
    },
    /// The same case twice.
    #[error(
        "{case} is in two parts, {one} and {other}\n     next: give each part's file as its run wrote it"
    )]
    CaseTwice {
        /// Which case.
        case: String,
        /// One file.
        one: String,
        /// The other one.
        other: String,
    },
    /// Parts that are missing or did not finish.
    #[error("the run is not whole: {}\n     next: run what is missing with the same options, or add --incomplete to report what there is; the rest then counts as not run", .0.join("; "))]
    Lost(Vec<String>),
}

/// Joins the parts of a run, in whatever order they are given.
///
/// With `incomplete`, missing and unfinished parts are no error: their cases are
/// recorded as not run where a part tells which they are, and the run has failed
/// in any case.
pub fn merge(parts: Vec<Part>, incomplete: bool) -> Result<Merged, MergeError> {
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
    let runs: Vec<Recorded> = parts.into_values().map(|part| part.run).collect();
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
    info.cases = cases.len();
    Ok(Merged {
        summary: Summary {
            interrupted,
            incomplete,
            faults,
            seconds,
            against,
            ..Summary::of(cases.iter().map(|case| case.record.verdict))
        },
        info,
        cases,
        lost,
    })
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
            && let Some((what, next)) =
                difference(&first.run.info, &part.run.info).or_else(|| shares_differ(of?, share.of))
        {
            return Err(MergeError::Differ {
                one: first.file.clone(),
                other: part.file,
                what,
                next,
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

fn shares_differ(one: usize, other: usize) -> Option<(String, &'static str)> {
    let next = "give all parts of one run, and no others";
    (one != other).then(|| (format!("one of {one} parts, the other of {other}"), next))
}

/// What tells two runs apart, and what to do about it.
fn difference(one: &RunInfo, other: &RunInfo) -> Option<(String, &'static str)> {
    const VERA: &str = "run all parts on the same Vera, and name its release rather than `latest`";
    const SAME: &str = "run all parts with the same options and the same vera-stress.toml";
    const SEED: &str =
        "name a --seed in all parts: by default it is the date, which changes at midnight UTC";
    let both = |what: &str, a: &str, b: &str| (a != b).then(|| format!("{what} {a} and {b}"));
    let catalogues = |info: &RunInfo| match info.catalogues.is_empty() {
        true => "none".to_owned(),
        false => info.catalogues.join(", "),
    };
    let short = |info: &RunInfo| info.fingerprint.chars().take(8).collect::<String>();
    // The number of the earlier run is another in each history.
    let base = |info: &RunInfo| match &info.against {
        None => "none".to_owned(),
        Some(it) => format!(
            "of {} on Vera {} ({} allowed)",
            it.started, it.vera, it.allowed
        ),
    };
    let seeds = (one.seed.to_string(), other.seed.to_string());
    let stress = both("vera-stress", &one.vera_stress, &other.vera_stress);
    if let Some(what) = stress {
        return Some((what, "run all parts with the same vera-stress"));
    }
    let vera = both("Vera", &one.vera, &other.vera).or_else(|| {
        (one.fingerprint != other.fingerprint).then(|| {
            format!(
                "Vera {} with the fingerprints {} and {}, so its files or what is installed beside it differ",
                one.vera, short(one), short(other)
            )
        })
    });
    if let Some(what) = vera {
        return Some((what, VERA));
    }
    if let Some(what) = both("seeds", &seeds.0, &seeds.1) {
        return Some((what, SEED));
    }
    both("profiles", &one.profile, &other.profile)
        .or_else(|| both("catalogues", &catalogues(one), &catalogues(other)))
        .or_else(|| {
            (one.ignores_known != other.ignores_known)
                .then(|| "one with --ignore-known, the other without".to_owned())
        })
        .or_else(|| both("earlier runs", &base(one), &base(other)))
        .or_else(|| plans_differ(&one.planned, &other.planned))
        .map(|what| (what, SAME))
}

/// The first case that only one of two runs has, where both say what they have.
fn plans_differ(one: &[Planned], other: &[Planned]) -> Option<String> {
    if one.is_empty() || other.is_empty() || one == other {
        return None;
    }
    let lacks = |here: &[Planned], there: &[Planned]| {
        let odd = here.iter().find(|it| !there.contains(it))?;
        Some(format!("{} is a case of only one of them", odd.case()))
    };
    lacks(one, other).or_else(|| lacks(other, one))
}

/// The parts that did not finish, and those that are missing, in a few words.
fn lost(of: usize, parts: &BTreeMap<usize, Part>) -> Vec<String> {
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
        if whole.planned.is_empty() {
            whole.planned.clone_from(&info.planned);
        }
        if !whole.machine.split(", ").any(|it| it == info.machine) {
            whole.machine = format!("{}, {}", whole.machine, info.machine);
        }
    }
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
        seed: info.seed,
        ignores_known: info.ignores_known,
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
        smallest: None,
        guards: Vec::new(),
        folder: None,
        ending: None,
        budget: Budget::default(),
        run: None,
        compile: None,
        peak_heap: None,
        output: None,
        measures: None,
        heap_life: None,
        grown: None,
        drifts: Vec::new(),
        fails_as: None,
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
