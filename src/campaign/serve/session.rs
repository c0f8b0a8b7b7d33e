//! The run of a server: from the first case that is wanted to the end.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::thread::ScopedJoinHandle;
use std::time::Instant;

use serde_json::Value;

use super::desk::Desk;
use super::protocol::{Ask, Replies, Response, ServeRequest, TestOutcome, TestResult};
use super::{Inbox, Named, Server, SessionEnd, unknown};
use crate::campaign::failures::Failures;
use crate::case::{Case, Lane, Problem};
use crate::engine::{Engines, Modules};
use crate::judge::Verdict;
use crate::record::{CaseRecord, Conclusion, Event, Faults, Planned, RunInfo, Summary, causes};
use crate::runner::{self, Examiner, NotRun, Scripts};
use crate::toolchain::Toolchain;

/// A run under way.
struct ServeSession<'a> {
    server: &'a Server<'a>,
    cases: &'a [Named<'a>],
    /// The same, to look a partner up.
    collected: HashSet<&'a Case>,
    examiner: Examiner<'a>,
    failures: Failures<'a>,
    deadline: Instant,
    desk: Desk<TestResult>,
    ended: Mutex<Ended>,
    replies: &'a Replies,
}

/// What has ended so far.
#[derive(Default)]
struct Ended {
    verdicts: HashMap<Case, Verdict>,
    failed: BTreeMap<Case, CaseRecord>,
    faults: Faults,
    /// How many cases the end of the session ended.
    cut: usize,
}

impl Server<'_> {
    /// Runs cases until the end. The error says why that cannot begin.
    pub(super) fn run(
        &self,
        cases: &[Named<'_>],
        toolchain: &Toolchain,
        first: &ServeRequest,
        (inbox, replies): (&Inbox, &Replies),
    ) -> Result<Conclusion, Problem> {
        let setting = &self.setting;
        let engines = Engines::set_up(toolchain, setting.cache, Modules::Kept)
            .map_err(|stop| stop.problem())?;
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
            planned: planned.clone(),
            ..setting.run_info(name, toolchain, planned.len())
        };
        let scripts = Scripts::of(cases.iter().map(|it| &it.case));
        let session = ServeSession {
            server: self,
            cases,
            collected: cases.iter().map(|it| &it.case).collect(),
            examiner: Examiner {
                scripts: &scripts,
                engines: &engines,
                seed: setting.seed,
                interrupt: setting.interrupt,
                budget: profile.budget,
            },
            failures: Failures {
                setting,
                toolchain,
                shrink: profile.shrink,
                folder: self.failures,
            },
            deadline: Instant::now() + profile.budget,
            desk: Desk::new(cases.iter().map(|it| it.scenario.alone).collect()),
            ended: Mutex::default(),
            replies,
        };
        setting.send(Event::RunStarted(info.clone()));
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
            let interrupted = setting.interrupt.is_set();
            setting.interrupt.set();
            let (waiting, left) = session.desk.close();
            for id in waiting {
                let why = Problem::new("the session ended before this case was run");
                replies.refuse(&id, &why);
            }
            (end, interrupted, left)
        });
        let (end, interrupted, left) = end;
        let broken_off = matches!(end, Some((_, true)));
        let summary = session.summary(&info, interrupted || broken_off, left);
        setting.send(Event::RunFinished(summary.clone()));
        if let Some((id, _)) = end {
            let run = setting.sinks.recorded().map(|it| it.run);
            replies.answer(
                &id,
                &Response::Finished {
                    summary: Some(&summary),
                    run,
                },
            );
        }
        Ok(Conclusion {
            interrupted,
            ..Conclusion::default()
        })
    }
}

impl ServeSession<'_> {
    /// Answers requests until there are no more. Gives the id of the one that asked
    /// for the end.
    fn attend(
        &self,
        first: &ServeRequest,
        places: &HashMap<&str, usize>,
        inbox: &Inbox,
        workers: &[ScopedJoinHandle<'_, ()>],
    ) -> SessionEnd {
        // A worker ends early by a panic only, which the end passes on: nobody must
        // wait for a case that it had.
        let is_over = || {
            let panicked = workers.iter().any(ScopedJoinHandle::is_finished);
            panicked || self.examiner.interrupt.is_set()
        };
        self.answer(&first.id, &first.ask, places);
        while let Some(line) = inbox.next(is_over) {
            match ServeRequest::parse(&line) {
                Ok(ServeRequest {
                    id,
                    ask: Ask::Finish { interrupted },
                }) => return Some((id, interrupted)),
                Ok(ServeRequest { id, ask }) => self.answer(&id, &ask, places),
                Err((id, why)) => self.replies.refuse(&id, &why),
            }
        }
        None
    }

    fn answer(&self, id: &Value, ask: &Ask, places: &HashMap<&str, usize>) {
        if let Some(why) = unknown(ask, self.cases) {
            self.replies.refuse(id, &why);
            return;
        }
        match ask {
            Ask::Collect { .. } => {
                let why = Problem::new("the run has begun, and its cases are collected")
                    .next("ask to `collect` before the first case, or start another server");
                self.replies.refuse(id, &why);
            }
            Ask::SetUp {} => {
                let vera = self.failures.toolchain.version.to_string();
                self.replies.answer(id, &Response::SetUp { vera });
            }
            Ask::Ahead { cases } => {
                let wanted: Vec<usize> = cases.iter().map(|name| places[name.as_str()]).collect();
                let ahead = self.desk.ahead(&wanted);
                self.replies.answer(id, &Response::Ahead { ahead });
            }
            Ask::Run { case } => {
                if let Some(ran) = self.desk.ask(places[case.as_str()], id) {
                    self.replies.answer(id, &Response::Ran(&ran));
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
        let setting = &self.server.setting;
        let vera = &self.failures.toolchain.spec;
        let again = setting.command(vera, case, result.as_ref().ok());
        let mut record = CaseRecord::new(scenario, case, &result, setting.seed, again);
        self.count(case, &result, &record);
        if let Ok(examined) = &result
            && let Verdict::Failed(_) = record.verdict
        {
            let failed = (case, examined);
            let (failures, examiner) = (&self.failures, &self.examiner);
            let smallest = failures.search(examiner, scenario, failed, self.deadline);
            failures.complete(examiner, scenario, failed, smallest.as_ref(), &mut record);
            setting.send(Event::CaseShrunk(record.clone()));
        }
        let ran = TestResult {
            outcome: TestOutcome::from(record.verdict),
            text: (self.server.text)(&record),
            record,
        };
        if let Some((waiting, ran)) = self.desk.done(place, ran) {
            for id in waiting {
                self.replies.answer(&id, &Response::Ran(&ran));
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
        if let Verdict::Failed(_) = record.verdict {
            ended.failed.insert(case.clone(), record.clone());
        }
        drop(ended);
        (self.server.setting).send(Event::CaseFinished(record.clone()));
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
        Summary {
            interrupted,
            incomplete: left + ended.cut > 0,
            faults: Faults {
                scenario: ended.faults.scenario || self.server.setting.is_broken(),
                ..ended.faults
            },
            seconds: info.seconds(),
            causes: causes(ended.failed.values()),
            ..Summary::of(ended.verdicts.values().copied())
        }
    }
}
