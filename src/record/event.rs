//! All that happens in a use: one stream of events, of which everything that is
//! shown or kept is a view.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bisect::{BisectInfo, BisectRecord, ProbeRecord};
use super::climb::ClimbRecord;
use super::compare::{CompareInfo, CompareSummary, Row};
use super::coverage::{CoverageInfo, CoverageRecord, CoverageSummary};
use super::fuzz::{FuzzCause, FuzzInfo, FuzzSummary, HeapRecord};
use super::guards::{GuardCheck, GuardsInfo, GuardsSummary};
use super::known::{KnownInfo, KnownSummary, LimitCheck};
use super::reduce::{ReduceInfo, ReduceRecord, ReduceStep};
use super::{CaseRecord, RunInfo, Summary};
use crate::scale::climb::ClimbLimits;

/// Something that happened in a use, in the order in which it did.
///
/// Those that are recorded are the lines that `--json` writes. The others are for
/// whoever watches.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A run begins.
    RunStarted(RunInfo),
    /// A case has ended.
    CaseFinished(CaseRecord),
    /// A search for the smallest failing n has ended.
    CaseShrunk(CaseRecord),
    /// A run is over.
    RunFinished(Summary),

    /// Climbs begin.
    ClimbsStarted {
        /// What they are about.
        #[serde(flatten)]
        info: RunInfo,
        /// What each may take where its scenario says nothing; not recorded.
        #[serde(skip)]
        limits: Option<ClimbLimits>,
    },
    /// A climb has ended.
    ClimbFinished(ClimbRecord),
    /// All climbs have ended.
    ClimbsFinished(Summary),

    /// A comparison begins.
    CompareStarted(CompareInfo),
    /// A case has been examined on all versions.
    RowFinished(Row),
    /// All cases have been examined.
    CompareFinished(CompareSummary),

    /// A bisection begins.
    BisectStarted(BisectInfo),
    /// A version was looked at.
    Probe(ProbeRecord),
    /// The bisection is over.
    BisectFinished(BisectRecord),

    /// A check of known limits begins.
    KnownStarted(KnownInfo),
    /// A limit has been looked at on a version.
    LimitLookedAt(LimitCheck),
    /// All limits have been looked at.
    KnownFinished(KnownSummary),

    /// A check of guards begins.
    GuardsStarted(GuardsInfo),
    /// A guard was looked at.
    GuardLookedAt(GuardCheck),
    /// All guards have been looked at.
    GuardsFinished(GuardsSummary),

    /// A measure of coverage begins.
    CoverageStarted(CoverageInfo),
    /// What is covered of a version is known.
    CoverageMeasured(CoverageRecord),
    /// What is covered of all versions is known.
    CoverageFinished(CoverageSummary),

    /// A reduction begins.
    ReduceStarted(ReduceInfo),
    /// A smaller program still fails so.
    Reduced(ReduceStep),
    /// The reduction is over.
    ReduceFinished(ReduceRecord),

    /// A fuzzing begins.
    FuzzStarted(FuzzInfo),
    /// A cause of failures was found.
    FuzzFound(FuzzCause),
    /// The fuzzing is over.
    FuzzFinished(FuzzSummary),
    /// The heap of a Vera was driven.
    HeapDriven(HeapRecord),

    /// Something of one of several versions.
    #[serde(skip)]
    Version {
        /// The place of the version.
        column: usize,
        /// What happened.
        what: VersionEvent,
    },
    /// So many things more are to be done.
    #[serde(skip)]
    Ahead(usize),
    /// One of them has begun, called so.
    #[serde(skip)]
    Begun(String),
    /// It has ended.
    #[serde(skip)]
    Ended(String),
    /// What goes on beside them.
    #[serde(skip)]
    Doing(String),
    /// What a person must know of beside the results.
    #[serde(skip)]
    Note(String),
}

/// What happens on one of several versions: each is a run of its own for the
/// history.
#[derive(Clone, Debug)]
pub enum VersionEvent {
    /// Cases are about to be examined on it.
    Started(Box<RunInfo>),
    /// A case has ended on it, or is known better.
    Case(Box<CaseRecord>),
    /// A climb has ended on it.
    Climb(Box<ClimbRecord>),
    /// All have.
    Finished(Summary),
}

impl Event {
    /// The events that are recorded, as recordings call them.
    pub const NAMES: [&str; 29] = [
        "run-started",
        "case-finished",
        "case-shrunk",
        "run-finished",
        "climbs-started",
        "climb-finished",
        "climbs-finished",
        "compare-started",
        "row-finished",
        "compare-finished",
        "bisect-started",
        "probe",
        "bisect-finished",
        "known-started",
        "limit-looked-at",
        "known-finished",
        "guards-started",
        "guard-looked-at",
        "guards-finished",
        "coverage-started",
        "coverage-measured",
        "coverage-finished",
        "reduce-started",
        "reduced",
        "reduce-finished",
        "fuzz-started",
        "fuzz-found",
        "fuzz-finished",
        "heap-driven",
    ];

    /// Whether it is a line of the record.
    pub fn is_recorded(&self) -> bool {
        match self {
            Event::RunStarted(_)
            | Event::CaseFinished(_)
            | Event::CaseShrunk(_)
            | Event::RunFinished(_)
            | Event::ClimbsStarted { .. }
            | Event::ClimbFinished(_)
            | Event::ClimbsFinished(_)
            | Event::CompareStarted(_)
            | Event::RowFinished(_)
            | Event::CompareFinished(_)
            | Event::BisectStarted(_)
            | Event::Probe(_)
            | Event::BisectFinished(_)
            | Event::KnownStarted(_)
            | Event::LimitLookedAt(_)
            | Event::KnownFinished(_)
            | Event::GuardsStarted(_)
            | Event::GuardLookedAt(_)
            | Event::GuardsFinished(_)
            | Event::CoverageStarted(_)
            | Event::CoverageMeasured(_)
            | Event::CoverageFinished(_)
            | Event::ReduceStarted(_)
            | Event::Reduced(_)
            | Event::ReduceFinished(_)
            | Event::FuzzStarted(_)
            | Event::FuzzFound(_)
            | Event::FuzzFinished(_)
            | Event::HeapDriven(_) => true,
            Event::Version { .. }
            | Event::Ahead(_)
            | Event::Begun(_)
            | Event::Ended(_)
            | Event::Doing(_)
            | Event::Note(_) => false,
        }
    }
}
