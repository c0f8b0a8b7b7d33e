//! What a person sees: a bar while things happen, then everything that is not as it
//! should be, and the numbers.

pub mod bisect;
mod cause;
pub mod climb;
pub mod compare;
mod coverage;
mod detail;
pub mod fuzz;
mod guards;
pub mod history;
pub mod known;
mod named;
mod not_run;
mod numbers;
pub mod out;
mod progress;
pub mod reduce;
pub mod run;
pub mod unloaded;
pub mod width;

use std::io::{Write, stderr};
use std::sync::OnceLock;

use console::style;

use crate::judge::Verdict;
use crate::record::climb::ClimbRecord;
use crate::record::{CaseRecord, Event, Gathering, Occurrence, Report, RunInfo, Sink};
pub use detail::Detail;
use detail::Showing;
use progress::Progress;

/// Shows a use on the terminal; plain lines where there is none.
pub struct Terminal {
    progress: Progress,
    gathering: Gathering,
    detail: Detail,
    everything: &'static str,
    /// What the run, or the climbs, are about.
    info: OnceLock<RunInfo>,
}

impl Terminal {
    /// Shows so much; `everything` is what the person types to be shown all of it.
    pub fn new(detail: Detail, everything: &'static str) -> Terminal {
        Terminal {
            progress: Progress::new(detail),
            gathering: Gathering::default(),
            detail,
            everything,
            info: OnceLock::new(),
        }
    }

    fn showing(&self) -> Showing {
        Showing {
            detail: self.detail,
            everything: self.everything,
            width: width::of_stdout(),
        }
    }

    /// The line above everything.
    fn head(&self, text: &str) {
        if self.detail != Detail::Brief {
            self.progress.line(text);
        }
    }

    fn case(&self, record: &CaseRecord) {
        if record.verdict.fails_run() && record.verdict != Verdict::NotRun {
            self.progress.failed(&record.heading());
        }
        if let Some(run) = self.info.get()
            && run::is_shown(record, run, self.showing())
        {
            self.progress.line(&run::case_line(record));
        }
    }

    fn climb(&self, record: &ClimbRecord) {
        if record.verdict.fails_run() && record.verdict != Verdict::NotRun {
            self.progress.failed(&record.heading());
        }
        let climbs = self.info.get();
        if let Some(line) = climbs.and_then(|it| climb::one(record, it, self.showing())) {
            self.progress.line(&line);
        }
    }

    /// The end of a use: what is not as it should be, then the numbers.
    fn text(&self, report: &Report) -> String {
        let showing = self.showing();
        match report {
            Report::Run(report) => run::text(report, showing),
            Report::Climbs(report) => climb::text(report, showing),
            Report::Compare(report) => compare::text(report, showing),
            Report::Bisect(report) => bisect::text(report, showing),
            Report::Known(report) => known::text(report, showing),
            Report::Guards(report) => guards::text(report),
            Report::Coverage(report) => coverage::text(report, showing),
            Report::Reduce(report) => reduce::text(report),
            Report::Fuzz(report) => fuzz::text(report),
            Report::Heap(record) => fuzz::heap(record),
        }
    }
}

impl Sink for Terminal {
    fn take(&self, it: &Occurrence<'_>) {
        match it.event {
            Event::Ahead(things) => self.progress.more(*things),
            Event::Begun(what) => self.progress.started(what),
            Event::Ended(what) => self.progress.ended(what),
            Event::Doing(what) => self.progress.doing(what.clone()),
            Event::Note(text) => self.progress.aside(|| note(text)),
            Event::RunStarted(info) => {
                let _ = self.info.set(info.clone());
                self.head(&run::head(info));
            }
            Event::CaseFinished(record) => self.case(record),
            Event::ClimbsStarted { info, limits } => {
                let _ = self.info.set(info.clone());
                self.head(&climb::head(info, limits.as_ref()));
            }
            Event::ClimbFinished(record) => self.climb(record),
            Event::CompareStarted(info) => {
                self.head(&compare::head(info));
                for line in compare::not_compared(info) {
                    self.progress.line(&line);
                }
            }
            Event::BisectStarted(info) => self.head(&bisect::head(info)),
            Event::Probe(probe) => self.head(&bisect::probe_line(probe)),
            Event::KnownStarted(info) => self.head(&known::head(info)),
            Event::GuardsStarted(info) => self.head(&guards::head(info)),
            Event::CoverageStarted(info) => self.head(&coverage::head(info)),
            Event::ReduceStarted(info) => self.head(&reduce::head(info)),
            Event::FuzzStarted(info) => self.head(&fuzz::head(info)),
            Event::FuzzFound(cause) => self.progress.line(&fuzz::cause(cause)),
            Event::Reduced(step) => {
                if self.detail == Detail::Everything {
                    self.progress.line(&reduce::step_line(step));
                }
            }
            Event::LimitLookedAt(look) => {
                if self.detail == Detail::Everything {
                    self.progress.line(&known::look_line(look));
                }
            }
            Event::CaseShrunk(_)
            | Event::RunFinished(_)
            | Event::ClimbsFinished(_)
            | Event::RowFinished(_)
            | Event::CompareFinished(_)
            | Event::BisectFinished(_)
            | Event::KnownFinished(_)
            | Event::GuardLookedAt(_)
            | Event::GuardsFinished(_)
            | Event::CoverageMeasured(_)
            | Event::CoverageFinished(_)
            | Event::ReduceFinished(_)
            | Event::FuzzFinished(_)
            | Event::HeapDriven(_)
            | Event::Version { .. } => {}
        }
        if let Some(report) = self.gathering.take(it.event) {
            self.progress.finish();
            self.progress.line(&self.text(&report));
        }
    }
}

/// Shows only what a person must know beside the results: for uses whose standard
/// output is not for people.
pub struct Notes;

impl Sink for Notes {
    fn take(&self, it: &Occurrence<'_>) {
        if let Event::Note(text) = it.event {
            note(text);
        }
    }
}

/// A sentence on standard error about something that takes a while, or that
/// went wrong beside the point.
pub fn note(text: &str) {
    let _ = writeln!(
        stderr().lock(),
        "{} {text}",
        style("vera-stress:").dim().for_stderr()
    );
}
