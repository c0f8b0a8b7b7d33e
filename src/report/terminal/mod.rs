//! What a person sees: lines as things happen, then everything that is not as it
//! should be, and the numbers.

pub mod bisect;
pub mod climb;
pub mod compare;
pub mod guards;
pub mod history;
pub mod known;
pub mod out;
mod progress;
pub mod run;
pub mod unloaded;
pub mod width;

use std::io::{Write, stderr};
use std::sync::OnceLock;

use console::style;

use crate::judge::Verdict;
use crate::record::{Event, Gathering, Occurrence, Report, Sink};
use progress::Progress;

/// Shows a use on the terminal; plain lines where there is none.
#[derive(Default)]
pub struct Terminal {
    progress: Progress,
    gathering: Gathering,
    /// How many climbs there are.
    climbs: OnceLock<usize>,
}

impl Sink for Terminal {
    fn take(&self, it: &Occurrence<'_>) {
        match it.event {
            Event::Ahead(things) => self.progress.more(*things),
            Event::Begun(what) => self.progress.started(what),
            Event::Ended(what) => self.progress.ended(what),
            Event::Doing(what) => self.progress.doing(what.clone()),
            Event::Note(text) => note(text),
            Event::RunStarted(info) => self.progress.line(&run::head(info)),
            Event::CaseFinished(record) => {
                // What was not run is listed once, at the end, by reason.
                if record.verdict != Verdict::NotRun {
                    self.progress.line(&run::case_line(record));
                }
            }
            Event::ClimbsStarted { info, limits } => {
                let _ = self.climbs.set(info.cases);
                self.progress.line(&climb::head(info, limits.as_ref()));
            }
            Event::ClimbFinished(record) => {
                let climbs = self.climbs.get().copied().unwrap_or_default();
                self.progress.line(&climb::one(record, climbs));
            }
            Event::CompareStarted(info) => {
                for line in compare::head(info) {
                    self.progress.line(&line);
                }
            }
            Event::BisectStarted(info) => self.progress.line(&bisect::head(info)),
            Event::Probe(probe) => self.progress.line(&bisect::probe_line(probe)),
            Event::KnownStarted(info) => self.progress.line(&known::head(info)),
            Event::GuardsStarted(info) => self.progress.line(&guards::head(info)),
            Event::CaseShrunk(_)
            | Event::RunFinished(_)
            | Event::ClimbsFinished(_)
            | Event::RowFinished(_)
            | Event::CompareFinished(_)
            | Event::BisectFinished(_)
            | Event::LimitLookedAt(_)
            | Event::KnownFinished(_)
            | Event::GuardLookedAt(_)
            | Event::GuardsFinished(_)
            | Event::Version { .. } => {}
        }
        if let Some(report) = self.gathering.take(it.event) {
            self.progress.finish();
            self.progress.line(&text(&report));
        }
    }
}

/// The end of a use: what is not as it should be, then the numbers.
fn text(report: &Report) -> String {
    match report {
        Report::Run(report) => run::text(report),
        Report::Climbs(report) => climb::text(report),
        Report::Compare(report) => compare::text(report, width::of_stdout()),
        Report::Bisect(report) => bisect::text(report, width::of_stdout()),
        Report::Known(report) => known::text(report),
        Report::Guards(report) => guards::text(report),
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
