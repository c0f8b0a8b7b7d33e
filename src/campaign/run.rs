//! A run: every case is judged, and failures are searched for their smallest n and
//! leave a folder.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::failures::Failures;
use super::reduce::Reduce;
use super::{Finished, Setting};
use crate::case::Case;
use crate::config::Profile;
use crate::engine::{Engines, Modules};
use crate::judge::Verdict;
use crate::plan::Partition;
use crate::record::again::listed;
use crate::record::against::Against;
use crate::record::{
    CaseRecord, Event, Faults, Planned, RunInfo, RunReport, Summary, causes, count, told_by,
};
use crate::runner::{
    self, BatchLimits, Examined, Examiner, NotRun, Observer, Scripts, longest_first, run_all,
};
use crate::scenario::Scenario;
use crate::toolchain::Toolchain;
use crate::toolchain::compile::Stop;

/// What a run works with.
pub struct Run<'a> {
    /// What every use works with.
    pub setting: Setting<'a>,
    /// Which Vera.
    pub toolchain: &'a Toolchain,
    /// The profile, by name and with what was asked for on top.
    pub profile: (&'a str, &'a Profile),
    /// All cases, of which this run may have a share only.
    pub whole: &'a [Case],
    /// The share of the cases that this run has.
    pub partition: Option<Partition>,
    /// The folder below which failures leave theirs.
    pub failures: &'a Path,
    /// The earlier run that its counts are held against.
    pub against: Option<Against>,
    /// What making the program of each cause small may take; `None` where none is.
    pub reduce: Option<Reduce<'a>>,
    /// Whether cases of lane `native` are recorded with the life of their heap.
    pub heap_lives: bool,
}

impl Run<'_> {
    /// Runs `cases`, which belong to scenarios of the catalogue.
    pub fn run(&self, cases: Vec<Case>) -> Result<Finished<RunReport>, Stop> {
        let setting = &self.setting;
        let engines = Engines::set_up(self.toolchain, setting.cache, Modules::Kept)?
            .with_heap_lives(self.heap_lives);
        let info = self.info(&cases);
        let cases: Vec<(&Scenario, Case)> = cases
            .into_iter()
            .map(|case| (setting.scenario(&case), case))
            .collect();
        let scripts = Scripts::of(cases.iter().map(|(_, case)| case));
        let needs_vera =
            |(scenario, case): &(&Scenario, Case)| engines.need_vera(&scenario.program, case);
        let judged = AtomicBool::new(false);
        let ask_ahead = || {
            for (scenario, case) in longest_first(&cases).into_iter().map(|at| &cases[at]) {
                if setting.interrupt.is_set() || judged.load(Ordering::Relaxed) {
                    break;
                }
                let _ = scripts.at(scenario, case.scale);
            }
        };
        let session = || {
            if cases.iter().any(needs_vera) {
                engines.workers().start(setting.interrupt)?;
            }
            let (_, profile) = self.profile;
            let session = Session {
                run: self,
                examiner: Examiner {
                    scripts: &scripts,
                    engines: &engines,
                    seed: setting.seed,
                    interrupt: setting.interrupt,
                    budget: profile.budget,
                },
                failures: Failures {
                    setting,
                    toolchain: self.toolchain,
                    shrink: profile.shrink,
                    folder: self.failures,
                },
                records: Mutex::default(),
            };
            Ok(session.run(info, &cases))
        };
        std::thread::scope(|scope| {
            if cases.iter().any(needs_vera) {
                // The scripts need no Vera: they are asked while it is imported.
                scope.spawn(ask_ahead);
            }
            let finished = session();
            judged.store(true, Ordering::Relaxed);
            finished
        })
    }

    fn info(&self, cases: &[Case]) -> RunInfo {
        let (name, _) = self.profile;
        let plan = |case: &Case| Planned::of(self.setting.scenario(case), case);
        RunInfo {
            partition: self.partition.map(|partition| partition.to_string()),
            against: self.against.as_ref().map(|it| it.info(cases.iter())),
            planned: self.whole.iter().map(plan).collect(),
            ..self.setting.run_info(name, self.toolchain, cases.len())
        }
    }
}

/// A run under way: what it works with, and what it has found.
struct Session<'a> {
    run: &'a Run<'a>,
    examiner: Examiner<'a>,
    failures: Failures<'a>,
    records: Mutex<HashMap<Case, CaseRecord>>,
}

impl Observer for Session<'_> {
    fn started(&self, case: &Case) {
        self.run.setting.send(Event::Begun(under_way(case)));
    }

    fn finished(&self, case: &Case, result: &runner::Result) {
        let setting = &self.run.setting;
        let vera = &self.run.toolchain.spec;
        let again = setting.command(vera, case, result.as_ref().ok());
        let mut record = CaseRecord::new(setting.scenario(case), case, result, setting.seed, again);
        if let Some(against) = &self.run.against {
            record.drifts = against.drifts(&record);
        }
        setting.send(Event::Ended(under_way(case)));
        setting.send(Event::CaseFinished(record.clone()));
        self.keep(record);
    }
}

/// A case while it is under way.
fn under_way(case: &Case) -> String {
    format!("{} [{}]", case.scenario, case.lane)
}

impl Session<'_> {
    /// Runs all cases, then searches below those that failed.
    fn run(&self, info: RunInfo, cases: &[(&Scenario, Case)]) -> Finished<RunReport> {
        let setting = &self.run.setting;
        setting.send(Event::Ahead(cases.len()));
        setting.send(Event::RunStarted(info.clone()));
        let (_, profile) = self.run.profile;
        let limits = BatchLimits {
            jobs: info.jobs,
            fail_fast: profile.fail_fast,
        };
        let deadline = Instant::now() + profile.budget;
        let results = run_all(&self.examiner, cases, limits, deadline, self);
        let failed: Vec<(&Case, &Examined)> = cases
            .iter()
            .zip(&results)
            .filter_map(|((_, case), result)| Some((case, result.as_ref().ok()?)))
            .filter(|(_, examined)| matches!(examined.judgement.verdict, Verdict::Failed(_)))
            .collect();
        self.find_causes(cases);
        if profile.shrink.is_some() && !failed.is_empty() {
            let cases = count(failed.len(), "case");
            let doing = format!("searching the smallest failing n of {cases}");
            setting.send(Event::Doing(doing));
        }
        setting.each(
            &failed,
            |(case, _)| setting.scenario(case).alone,
            |failed| self.search(failed, deadline),
        );
        self.reduce(cases);
        let records: Vec<CaseRecord> = {
            let mut records = lock(&self.records);
            let of = |(_, case): &(&Scenario, Case)| records.remove(case);
            cases.iter().filter_map(of).collect()
        };
        self.finish(info, records, faults(&results, setting.is_broken()))
    }

    /// Adds to each failure which other one tells its cause, before any is searched:
    /// its folder says so.
    fn find_causes(&self, cases: &[(&Scenario, Case)]) {
        let mut records = lock(&self.records);
        let in_order = cases.iter().filter_map(|(_, case)| records.get(case));
        for (case, other) in told_by(&causes(in_order)) {
            if let Some(record) = records.get_mut(&case) {
                record.same_cause_as = Some(other);
            }
        }
    }

    /// Searches below a failure, and adds what is known of it then to its record.
    fn search(&self, failed: (&Case, &Examined), deadline: Instant) {
        let (case, _) = failed;
        let setting = &self.run.setting;
        let (examiner, scenario) = (&self.examiner, setting.scenario(case));
        let smallest = (self.failures).search(examiner, scenario, failed, deadline);
        let mut record = lock(&self.records)[case].clone();
        let smallest = smallest.as_ref();
        (self.failures).complete(examiner, scenario, failed, smallest, &mut record);
        setting.send(Event::CaseShrunk(record.clone()));
        self.keep(record);
    }

    /// Makes the program of each cause small, one after the other: each tries as many
    /// programs at once as there are jobs.
    fn reduce(&self, cases: &[(&Scenario, Case)]) {
        let Some(reduce) = &self.run.reduce else {
            return;
        };
        for (_, case) in cases {
            let record = lock(&self.records).get(case).cloned();
            let Some(mut record) = record.filter(|it| it.same_cause_as.is_none()) else {
                continue;
            };
            if reduce.complete(&self.run.setting, self.run.toolchain, &mut record) {
                (self.run.setting).send(Event::CaseShrunk(record.clone()));
                self.keep(record);
            }
        }
    }

    fn keep(&self, record: CaseRecord) {
        lock(&self.records).insert(record.case(), record);
    }

    /// Adds the numbers up.
    fn finish(
        &self,
        info: RunInfo,
        records: Vec<CaseRecord>,
        faults: Faults,
    ) -> Finished<RunReport> {
        let setting = &self.run.setting;
        let against = self.run.against.as_ref();
        let mut summary = Summary {
            interrupted: setting.interrupt.is_set(),
            faults,
            seconds: info.seconds(),
            against: against.map(|it| it.summary(&records)),
            ..Summary::of_cases(&records)
        };
        summary.listed = setting.sinks.recorded().map(|it| listed(&it, &summary));
        setting.send(Event::RunFinished(summary.clone()));
        Finished {
            conclusion: summary.conclusion(),
            report: RunReport {
                info,
                records,
                summary,
            },
        }
    }
}

/// What else than Vera kept cases from being judged.
fn faults(results: &[runner::Result], broken: bool) -> Faults {
    let mut faults = Faults {
        scenario: broken,
        toolchain: false,
    };
    for result in results {
        match result {
            Err(NotRun::Scenario(_)) => faults.scenario = true,
            Err(NotRun::Toolchain(_)) => faults.toolchain = true,
            Err(NotRun::Budget(_) | NotRun::FailFast | NotRun::Interrupted) | Ok(_) => {}
        }
    }
    faults
}

/// A lock whose holder panicked still guards data that is whole: each critical
/// section here is one assignment or one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
