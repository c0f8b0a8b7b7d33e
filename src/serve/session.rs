//! The run of a server: from the first case that is wanted to the end.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::desk::Desk;
use super::protocol::{Answer, Ask, Came, Ran, Replies, Request};
use super::{End, Inbox, Named, Server, unknown};
use crate::case::{Case, Lane};
use crate::engine::{Engines, Modules};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::judge::Verdict;
use crate::record::history::{Kind, Recorder};
use crate::record::{CaseRecord, Faults, Planned, RunInfo, Summary};
use crate::report::terminal::{case_text, failure_text};
use crate::runner::{self, Examiner, NotRun, Scripts, side_by_side};
use crate::suite::failures::Failures;
use crate::toolchain::Toolchain;

/// A run under way.
struct Session<'a> {
    server: &'a Server<'a>,
    cases: &'a [Named<'a>],
    /// The same, to look a partner up.
    collected: HashSet<&'a Case>,
    examiner: Examiner<'a>,
    failures: Failures<'a>,
    deadline: Instant,
    recorder: Recorder,
    desk: Desk<Ran>,
    ended: Mutex<Ended>,
    replies: &'a Replies,
}

/// What has ended so far.
#[derive(Default)]
struct Ended {
    verdicts: HashMap<Case, Verdict>,
    faults: Faults,
    /// How many cases the end of the session ended.
    cut: usize,
}

impl Server<'_> {
    /// Runs cases until the end. The error says why that cannot begin.
    pub(super) fn run(
        &self,
        cases: &[Named<'_>],
        (toolchain, interrupt): (&Toolchain, &Interrupt),
        first: &Request,
        (inbox, replies): (&Inbox, &Replies),
    ) -> Result<Exit, String> {
        let engines = Engines::set_up(toolchain, self.cache, Modules::Kept)
            .map_err(|stop| stop.to_string())?;
        let (name, profile) = self.profile;
        let places = Named::places(cases);
        let planned: Vec<Planned> = match &first.ask {
            Ask::Ahead { cases: ahead } => ahead
                .iter()
                .map(|name| &cases[places[name.as_str()]])
                .map(|it| Planned::of(it.scenario, &it.case))
                .collect(),
            Ask::Run { .. } | Ask::Collect { .. } | Ask::SetUp {} | Ask::Finish { .. } => {
                Vec::new()
            }
        };
        let info = RunInfo {
            profile: name.to_owned(),
            seed: self.seed,
            jobs: side_by_side(profile.jobs),
            cases: planned.len(),
            planned,
            ..RunInfo::new(toolchain, self.catalogues)
        };
        let scripts = Scripts::of(cases.iter().map(|it| &it.case));
        let session = Session {
            server: self,
            cases,
            collected: cases.iter().map(|it| &it.case).collect(),
            examiner: Examiner {
                scripts: &scripts,
                engines: &engines,
                seed: self.seed,
                interrupt,
                budget: profile.budget,
            },
            failures: Failures {
                catalogues: self.catalogues,
                toolchain,
                seed: self.seed,
                ignores_known: false,
                shrink: profile.shrink,
                folder: self.failures,
            },
            deadline: Instant::now() + profile.budget,
            recorder: Recorder::begin(&self.history, Kind::Run, &info),
            desk: Desk::new(cases.iter().map(|it| it.scenario.alone).collect()),
            ended: Mutex::default(),
            replies,
        };
        let end = std::thread::scope(|scope| {
            let work = || {
                while let Some(place) = session.desk.take() {
                    session.examine(place);
                }
            };
            let workers: Vec<_> = (0..info.jobs).map(|_| scope.spawn(work)).collect();
            // While Vera is imported, what must come out is computed.
            scope.spawn(|| session.ask_ahead(&info.planned));
            let end = session.attend(first, &places, inbox, &workers);
            let interrupted = interrupt.is_set();
            interrupt.set();
            let (waiting, left) = session.desk.close();
            for id in waiting {
                replies.refuse(&id, "the session ended before this case was run");
            }
            (end, interrupted, left)
        });
        let (end, interrupted, left) = end;
        let broken_off = matches!(end, Some((_, true)));
        let summary = session.summary(&info, interrupted || broken_off, left);
        session.recorder.finish(&summary);
        if let Some((id, _)) = end {
            let run = session.recorder.id();
            replies.answer(
                &id,
                &Answer::Finished {
                    summary: Some(&summary),
                    run,
                },
            );
        }
        Ok(if interrupted {
            Exit::Interrupted
        } else {
            Exit::Success
        })
    }
}

impl Session<'_> {
    /// Answers requests until there are no more. Gives the id of the one that asked
    /// for the end.
    fn attend(
        &self,
        first: &Request,
        places: &HashMap<&str, usize>,
        inbox: &Inbox,
        workers: &[ScopedJoinHandle<'_, ()>],
    ) -> End {
        // A worker ends early by a panic only, which the end passes on: nobody must
        // wait for a case that it had.
        let is_over = || {
            let panicked = workers.iter().any(ScopedJoinHandle::is_finished);
            panicked || self.examiner.interrupt.is_set()
        };
        self.answer(&first.id, &first.ask, places);
        while let Some(line) = inbox.next(is_over) {
            match Request::parse(&line) {
                Ok(Request {
                    id,
                    ask: Ask::Finish { interrupted },
                }) => return Some((id, interrupted)),
                Ok(Request { id, ask }) => self.answer(&id, &ask, places),
                Err((id, why)) => self.replies.refuse(&id, why),
            }
        }
        None
    }

    fn answer(&self, id: &Value, ask: &Ask, places: &HashMap<&str, usize>) {
        if let Some(why) = unknown(ask, self.cases) {
            self.replies.refuse(id, why);
            return;
        }
        match ask {
            Ask::Collect { .. } => self.replies.refuse(
                id,
                "the run has begun, and its cases are collected\n     next: ask to `collect` before the first case, or start another server",
            ),
            Ask::SetUp {} => {
                let vera = self.failures.toolchain.version.to_string();
                self.replies.answer(id, &Answer::SetUp { vera });
            }
            Ask::Ahead { cases } => {
                let wanted: Vec<usize> = cases.iter().map(|name| places[name.as_str()]).collect();
                let ahead = self.desk.ahead(&wanted);
                self.replies.answer(id, &Answer::Ahead { ahead });
            }
            Ask::Run { case } => {
                if let Some(ran) = self.desk.ask(places[case.as_str()], id) {
                    self.replies.answer(id, &Answer::Ran(&ran));
                }
            }
            Ask::Finish { .. } => {}
        }
    }

    /// Runs and judges one case, and searches below it where it failed.
    fn examine(&self, place: usize) {
        let Named { scenario, case, .. } = &self.cases[place];
        let partner = |lane: Lane| Case {
            lane,
            ..case.clone()
        };
        let compares =
            (case.lane.partner()).is_some_and(|it| self.collected.contains(&partner(it)));
        let result = (self.examiner).examine_until(scenario, case, compares, self.deadline);
        let again = (self.failures).again(case, case.scale, result.as_ref().ok());
        let mut record = CaseRecord::new(scenario, case, &result, self.server.seed, again);
        self.count(case, &result, &record);
        if let Ok(examined) = &result
            && let Verdict::Failed(_) = record.verdict
        {
            let failed = (case, examined);
            let (failures, examiner) = (&self.failures, &self.examiner);
            let smallest = failures.search(examiner, scenario, failed, self.deadline);
            failures.complete(examiner, scenario, failed, smallest.as_ref(), &mut record);
            self.recorder.case(&record);
        }
        let ran = Ran {
            outcome: Came::from(record.verdict),
            text: match record.verdict {
                Verdict::Pass | Verdict::Known | Verdict::Unsupported => case_text(&record),
                Verdict::Failed(_) | Verdict::Fixed | Verdict::NotRun => failure_text(&record),
            },
            record,
        };
        if let Some((waiting, ran)) = self.desk.done(place, ran) {
            for id in waiting {
                self.replies.answer(&id, &Answer::Ran(&ran));
            }
        }
    }

    /// Records a result. What the end of the session ended has none.
    fn count(&self, case: &Case, result: &runner::Result, record: &CaseRecord) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Err(NotRun::Interrupted) => {
                ended.cut += 1;
                return;
            }
            Err(NotRun::Scenario(_)) => ended.faults.scenario = true,
            Err(NotRun::Toolchain(_)) => ended.faults.toolchain = true,
            Err(NotRun::Budget(_) | NotRun::FailFast) | Ok(_) => {}
        }
        ended.verdicts.insert(case.clone(), record.verdict);
        drop(ended);
        self.recorder.case(record);
    }

    /// Asks the scripts of cases that will be wanted for what they must produce.
    fn ask_ahead(&self, planned: &[Planned]) {
        let places: HashMap<&Case, usize> = self
            .cases
            .iter()
            .enumerate()
            .map(|(place, it)| (&it.case, place))
            .collect();
        for case in planned.iter().map(Planned::case) {
            if self.examiner.interrupt.is_set() {
                return;
            }
            let scenario = self.cases[places[&case]].scenario;
            let _ = self.examiner.scripts.at(scenario, case.scale);
        }
    }

    fn summary(&self, info: &RunInfo, interrupted: bool, left: usize) -> Summary {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let took: Duration = jiff::Timestamp::now()
            .duration_since(info.started)
            .unsigned_abs();
        Summary {
            interrupted,
            incomplete: left + ended.cut > 0,
            faults: Faults {
                scenario: ended.faults.scenario || !self.server.catalogue.errors.is_empty(),
                ..ended.faults
            },
            seconds: took.as_secs_f64(),
            ..Summary::of(ended.verdicts.values().copied())
        }
    }
}
