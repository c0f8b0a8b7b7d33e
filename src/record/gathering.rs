//! The events of a use, gathered into its report: what is made of all of them is
//! the same whether they happen now or are read from a file.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::bisect::{BisectInfo, BisectReport, ProbeRecord};
use super::cause::{Cause, causes};
use super::climb::ClimbRecord;
use super::compare::{CompareInfo, CompareReport, Comparison, Row};
use super::coverage::{CoverageInfo, CoverageRecord, CoverageReport};
use super::event::Event;
use super::fuzz::{FuzzCause, FuzzInfo, FuzzReport, HeapRecord};
use super::guards::{GuardCheck, GuardsInfo, GuardsReport};
use super::known::{KnownInfo, KnownReport, LimitCheck};
use super::reduce::{ReduceInfo, ReduceReport};
use super::{CaseRecord, RunInfo, Summary};
use crate::case::Case;

/// A run, and what it found.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// What it was about.
    pub info: RunInfo,
    /// What came of each case, in the order in which they were planned.
    pub records: Vec<CaseRecord>,
    /// How it came out.
    pub summary: Summary,
}

impl RunReport {
    /// Why cases failed: each cause with the records of its cases, the one that
    /// tells it best first.
    pub fn causes(&self) -> Vec<(Cause, Vec<&CaseRecord>)> {
        let places: HashMap<Case, &CaseRecord> =
            self.records.iter().map(|it| (it.case(), it)).collect();
        let with_records = |cause: Cause| {
            let records = cause.cases.iter().map(|case| places[case]).collect();
            (cause, records)
        };
        causes(&self.records)
            .into_iter()
            .map(with_records)
            .collect()
    }
}

/// Climbs, and what they found.
#[derive(Clone, Debug)]
pub struct ClimbReport {
    /// What they were about.
    pub info: RunInfo,
    /// What came of each, by axis and name.
    pub records: Vec<ClimbRecord>,
    /// How they came out.
    pub summary: Summary,
}

/// What a use came to.
#[derive(Clone, Debug)]
pub enum Report {
    /// A run.
    Run(RunReport),
    /// Climbs.
    Climbs(ClimbReport),
    /// A comparison.
    Compare(CompareReport),
    /// A bisection.
    Bisect(BisectReport),
    /// A check of known limits.
    Known(KnownReport),
    /// A check of guards.
    Guards(GuardsReport),
    /// A measure of coverage.
    Coverage(CoverageReport),
    /// A reduction.
    Reduce(ReduceReport),
    /// A fuzzing.
    Fuzz(FuzzReport),
    /// A heap that was driven.
    Heap(HeapRecord),
}

/// Gathers the events of one use.
#[derive(Debug, Default)]
pub struct Gathering(Mutex<Gathered>);

#[derive(Debug, Default)]
struct Gathered {
    run: Option<RunInfo>,
    cases: Vec<CaseRecord>,
    places: HashMap<Case, usize>,
    climbs: Vec<ClimbRecord>,
    compare: Option<CompareInfo>,
    rows: Vec<Row>,
    bisect: Option<BisectInfo>,
    probes: Vec<ProbeRecord>,
    known: Option<KnownInfo>,
    looks: Vec<LimitCheck>,
    guards: Option<GuardsInfo>,
    guarded: Vec<GuardCheck>,
    coverage: Option<CoverageInfo>,
    covered: Vec<CoverageRecord>,
    reduce: Option<ReduceInfo>,
    fuzz: Option<FuzzInfo>,
    causes: Vec<FuzzCause>,
}

impl Gathering {
    /// Takes an event; gives the report with the one that ends the use.
    pub fn take(&self, event: &Event) -> Option<Report> {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.take(event)
    }
}

impl Gathered {
    fn take(&mut self, event: &Event) -> Option<Report> {
        match event {
            Event::RunStarted(info) | Event::ClimbsStarted { info, .. } => {
                self.run = Some(info.clone());
            }
            Event::CaseFinished(record) | Event::CaseShrunk(record) => self.case(record),
            Event::ClimbFinished(record) => self.climbs.push(record.clone()),
            Event::CompareStarted(info) => self.compare = Some(info.clone()),
            Event::RowFinished(row) => self.rows.push(row.clone()),
            Event::BisectStarted(info) => self.bisect = Some(info.clone()),
            Event::Probe(record) => self.probes.push(record.clone()),
            Event::KnownStarted(info) => self.known = Some(info.clone()),
            Event::LimitLookedAt(look) => self.looks.push(look.clone()),
            Event::GuardsStarted(info) => self.guards = Some(info.clone()),
            Event::GuardLookedAt(look) => self.guarded.push(look.clone()),
            Event::CoverageStarted(info) => self.coverage = Some(info.clone()),
            Event::CoverageMeasured(record) => self.covered.push(record.clone()),
            Event::RunFinished(summary) => return self.end_of_run(summary),
            Event::ClimbsFinished(summary) => return self.end_of_climbs(summary),
            Event::CompareFinished(summary) => {
                return Some(Report::Compare(CompareReport {
                    comparison: Comparison {
                        info: self.compare.take()?,
                        rows: std::mem::take(&mut self.rows),
                    },
                    summary: summary.clone(),
                }));
            }
            Event::BisectFinished(record) => {
                return Some(Report::Bisect(BisectReport {
                    info: self.bisect.take()?,
                    probes: std::mem::take(&mut self.probes),
                    record: record.clone(),
                }));
            }
            Event::KnownFinished(summary) => {
                return Some(Report::Known(KnownReport {
                    info: self.known.take()?,
                    looks: std::mem::take(&mut self.looks),
                    summary: summary.clone(),
                }));
            }
            Event::GuardsFinished(summary) => {
                return Some(Report::Guards(GuardsReport {
                    info: self.guards.take()?,
                    looks: std::mem::take(&mut self.guarded),
                    summary: summary.clone(),
                }));
            }
            Event::CoverageFinished(summary) => {
                return Some(Report::Coverage(CoverageReport {
                    info: self.coverage.take()?,
                    records: std::mem::take(&mut self.covered),
                    summary: summary.clone(),
                }));
            }
            Event::ReduceStarted(info) => self.reduce = Some(info.clone()),
            Event::ReduceFinished(record) => {
                return Some(Report::Reduce(ReduceReport {
                    info: self.reduce.take()?,
                    record: record.clone(),
                }));
            }
            Event::FuzzStarted(info) => self.fuzz = Some(info.clone()),
            Event::FuzzFound(cause) => self.causes.push(cause.clone()),
            Event::FuzzFinished(summary) => {
                return Some(Report::Fuzz(FuzzReport {
                    info: self.fuzz.take()?,
                    causes: std::mem::take(&mut self.causes),
                    summary: summary.clone(),
                }));
            }
            Event::HeapDriven(record) => return Some(Report::Heap(record.clone())),
            Event::Reduced(_)
            | Event::Version { .. }
            | Event::Ahead(_)
            | Event::Begun(_)
            | Event::Ended(_)
            | Event::Doing(_)
            | Event::Note(_) => {}
        }
        None
    }

    /// What is known of a case by now; a search may know more of it later.
    fn case(&mut self, record: &CaseRecord) {
        match self.places.get(&record.case()) {
            Some(&place) => self.cases[place] = record.clone(),
            None => {
                self.places.insert(record.case(), self.cases.len());
                self.cases.push(record.clone());
            }
        }
    }

    fn end_of_run(&mut self, summary: &Summary) -> Option<Report> {
        let info = self.run.take()?;
        let planned = info.planned.iter().enumerate();
        let order: HashMap<Case, usize> = planned.map(|(at, it)| (it.case(), at)).collect();
        let mut records = std::mem::take(&mut self.cases);
        records.sort_by_key(|it| order.get(&it.case()).copied());
        Some(Report::Run(RunReport {
            info,
            records,
            summary: summary.clone(),
        }))
    }

    fn end_of_climbs(&mut self, summary: &Summary) -> Option<Report> {
        let mut records = std::mem::take(&mut self.climbs);
        records
            .sort_by(|one, other| (&one.axis, &one.scenario).cmp(&(&other.axis, &other.scenario)));
        Some(Report::Climbs(ClimbReport {
            info: self.run.take()?,
            records,
            summary: summary.clone(),
        }))
    }
}
