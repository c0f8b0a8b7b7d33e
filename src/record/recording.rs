//! The history as a sink: each run that begins is recorded as it goes on.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::event::{Event, VersionEvent};
use super::history::{History, Recorder, RunKind};
use super::sink::{Occurrence, Recorded, Sink};
use super::{RunInfo, Summary};

/// Records what happens in the history.
pub struct Recording {
    history: History,
    state: Mutex<RecordingState>,
}

/// What is being recorded.
struct RecordingState {
    /// What kind of run the versions of this use are.
    kind: RunKind,
    /// A recorder for each version; a use that has one Vera has it at 0.
    recorders: HashMap<usize, Recorder>,
}

impl Recording {
    /// Records in this history.
    pub fn new(history: History) -> Recording {
        Recording {
            history,
            state: Mutex::new(RecordingState {
                kind: RunKind::Run,
                recorders: HashMap::new(),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, RecordingState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, column: usize, info: &RunInfo) {
        let mut state = self.state();
        let recorder = Recorder::begin(&self.history, state.kind, info);
        state.recorders.insert(column, recorder);
    }

    fn with(&self, column: usize, work: impl FnOnce(&Recorder)) {
        if let Some(recorder) = self.state().recorders.get(&column) {
            work(recorder);
        }
    }

    fn finish(&self, column: usize, summary: &Summary) {
        self.with(column, |it| it.finish(summary));
    }
}

impl Sink for Recording {
    fn take(&self, it: &Occurrence<'_>) {
        match it.event {
            Event::RunStarted(info) => {
                self.state().kind = RunKind::Run;
                self.begin(0, info);
            }
            Event::ClimbsStarted { info, .. } => {
                self.state().kind = RunKind::Climb;
                self.begin(0, info);
            }
            Event::CompareStarted(_) => self.state().kind = RunKind::Compare,
            Event::BisectStarted(_) => self.state().kind = RunKind::Bisect,
            Event::CaseFinished(record) | Event::CaseShrunk(record) => {
                self.with(0, |it| it.case(record));
            }
            Event::ClimbFinished(record) => self.with(0, |it| it.climb(record)),
            Event::RunFinished(summary) | Event::ClimbsFinished(summary) => self.finish(0, summary),
            Event::Version { column, what } => match what {
                VersionEvent::Started(info) => self.begin(*column, info),
                VersionEvent::Case(record) => self.with(*column, |it| it.case(record)),
                VersionEvent::Climb(record) => self.with(*column, |it| it.climb(record)),
                VersionEvent::Finished(summary) => self.finish(*column, summary),
            },
            Event::RowFinished(_)
            | Event::CompareFinished(_)
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
            | Event::HeapDriven(_)
            | Event::Ahead(_)
            | Event::Begun(_)
            | Event::Ended(_)
            | Event::Doing(_)
            | Event::Note(_) => {}
        }
    }

    fn recorded(&self) -> Option<Recorded> {
        Some(Recorded {
            run: self.state().recorders.get(&0).and_then(Recorder::id)?,
            history: self.history.path()?.to_owned(),
        })
    }
}
