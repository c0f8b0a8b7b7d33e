//! A run from its cases to its reports: every case is judged, failures are
//! searched for their smallest n and leave a folder, and the reports are
//! written as things happen.

pub mod failures;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::case::{Case, Engine};
use crate::config::Profile;
use crate::engine::{Engines, Modules};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::judge::Verdict;
use crate::plan::Partition;
use crate::record::against::Against;
use crate::record::history::{History, Kind, Recorder};
use crate::record::{CaseRecord, Event, Faults, Planned, RunInfo, Summary};
use crate::report::outputs::Outputs;
use crate::report::terminal::{Terminal, note};
use crate::runner::{
    self, Examined, Examiner, Limits, NotRun, Observer, Scripts, in_parallel, longest_first,
    run_all, side_by_side,
};
use crate::scenario::Scenario;
use crate::scenario::catalogue::Catalogue;
use crate::toolchain::Toolchain;
use crate::toolchain::cache::Cache;
use crate::toolchain::compile::Stop;
use failures::Failures;

/// What a run works with.
pub struct Suite<'a> {
    /// The scenarios that its cases belong to.
    pub catalogue: &'a Catalogue,
    /// The directories of scenarios beside the built-in ones.
    pub catalogues: &'a [PathBuf],
    /// Where compiled programs are kept.
    pub cache: &'a Cache,
    /// Which Vera.
    pub toolchain: &'a Toolchain,
    /// The profile, by name and with what the command line says on top.
    pub profile: (&'a str, &'a Profile),
    /// What chance repeats with.
    pub seed: u64,
    /// All cases, of which this run may have a share only.
    pub whole: &'a [Case],
    /// The share of the cases that this run has.
    pub partition: Option<Partition>,
    /// Whether known limits are taken for failures.
    pub ignores_known: bool,
    /// The folder below which failures leave theirs.
    pub failures: &'a Path,
    /// Where the run is recorded.
    pub history: History,
    /// The earlier run that its counts are held against.
    pub against: Option<Against>,
    /// Whether cases of lane `native` are recorded with the life of their heap.
    pub heap_lives: bool,
    /// What is written beside the terminal.
    pub outputs: Outputs,
}

impl Suite<'_> {
    /// Runs `cases`, which belong to scenarios of the catalogue.
    pub fn run(&self, cases: Vec<Case>, interrupt: &Interrupt) -> Result<Exit, Stop> {
        let engines = Engines::set_up(self.toolchain, self.cache, Modules::Kept)?
            .with_heap_lives(self.heap_lives);
        let (name, profile) = self.profile;
        let jobs = side_by_side(profile.jobs);
        let plan = |case: &Case| Planned::of(self.scenario(case), case);
        let planned = self.whole.iter().map(plan).collect();
        let info = RunInfo {
            profile: name.to_owned(),
            seed: self.seed,
            partition: self.partition.map(|partition| partition.to_string()),
            jobs,
            cases: cases.len(),
            against: self.against.as_ref().map(|it| it.info(cases.iter())),
            ignores_known: self.ignores_known,
            planned,
            ..RunInfo::new(self.toolchain, self.catalogues)
        };
        let cases = self.with_scenarios(cases);
        let scripts = Scripts::of(cases.iter().map(|(_, case)| case));
        let needs_vera =
            |(scenario, case): &(&Scenario, Case)| engines.need_vera(&scenario.program, case);
        let judged = AtomicBool::new(false);
        let ask_ahead = || {
            for (scenario, case) in longest_first(&cases).into_iter().map(|at| &cases[at]) {
                if interrupt.is_set() || judged.load(Ordering::Relaxed) {
                    break;
                }
                let _ = scripts.at(scenario, case.scale);
            }
        };
        let session = || {
            if cases.iter().any(needs_vera) {
                engines.workers().start()?;
            }
            let session = Session {
                suite: self,
                terminal: Terminal::new(cases.len()),
                examiner: Examiner {
                    scripts: &scripts,
                    engines: &engines,
                    seed: self.seed,
                    interrupt,
                    budget: profile.budget,
                },
                failures: Failures {
                    catalogues: self.catalogues,
                    toolchain: self.toolchain,
                    seed: self.seed,
                    ignores_known: self.ignores_known,
                    shrink: profile.shrink,
                    folder: self.failures,
                },
                recorder: Recorder::begin(&self.history, Kind::Run, &info),
                records: Mutex::default(),
            };
            let (records, faults) = session.run(&info, &cases);
            let exit = session.close(&info, &records, faults, interrupt);
            Ok(self.outputs.report(exit))
        };
        std::thread::scope(|scope| {
            if cases.iter().any(needs_vera) {
                // The scripts need no Vera: they are asked while it is imported.
                scope.spawn(ask_ahead);
            }
            let exit = session();
            judged.store(true, Ordering::Relaxed);
            exit
        })
    }

    fn with_scenarios(&self, cases: Vec<Case>) -> Vec<(&Scenario, Case)> {
        cases
            .into_iter()
            .map(|case| (self.scenario(&case), case))
            .collect()
    }

    fn scenario(&self, case: &Case) -> &Scenario {
        self.catalogue
            .get(&case.scenario)
            .expect("the cases of a suite belong to its catalogue")
    }
}

/// A run under way: what it works with, and what it has found.
struct Session<'a> {
    suite: &'a Suite<'a>,
    terminal: Terminal,
    examiner: Examiner<'a>,
    failures: Failures<'a>,
    recorder: Recorder,
    records: Mutex<HashMap<Case, CaseRecord>>,
}

impl Observer for Session<'_> {
    fn started(&self, case: &Case) {
        self.terminal.started(case);
    }

    fn finished(&self, case: &Case, result: &runner::Result) {
        let again = (self.failures).again(case, case.scale, result.as_ref().ok());
        let scenario = self.suite.scenario(case);
        let mut record = CaseRecord::new(scenario, case, result, self.suite.seed, again);
        if let Some(against) = &self.suite.against {
            record.drifts = against.drifts(&record);
        }
        // What is shown is in the history: it comes first.
        self.recorder.case(&record);
        self.terminal.finished(case, &record);
        self.suite.outputs.write(&Event::CaseFinished(&record));
        lock(&self.records).insert(case.clone(), record);
    }
}

impl Session<'_> {
    /// Runs all cases, then searches below those that failed.
    fn run(&self, info: &RunInfo, cases: &[(&Scenario, Case)]) -> (Vec<CaseRecord>, Faults) {
        let native = |(_, case): &(&Scenario, Case)| case.lane.engine == Engine::Native;
        let vera = self.suite.toolchain.describe();
        self.terminal.head(info, &vera, cases.iter().any(native));
        self.suite.outputs.write(&Event::RunStarted(info));
        let (_, profile) = self.suite.profile;
        let limits = Limits {
            jobs: info.jobs,
            fail_fast: profile.fail_fast,
        };
        let deadline = Instant::now() + profile.budget;
        let results = run_all(&self.examiner, cases, limits, deadline, self);
        let mut faults = Faults {
            scenario: !self.suite.catalogue.errors.is_empty(),
            toolchain: false,
        };
        for result in &results {
            match result {
                Err(NotRun::Scenario(_)) => faults.scenario = true,
                Err(NotRun::Toolchain(_)) => faults.toolchain = true,
                Err(NotRun::Budget(_) | NotRun::FailFast | NotRun::Interrupted) | Ok(_) => {}
            }
        }
        let failed: Vec<(&Case, &Examined)> = cases
            .iter()
            .zip(&results)
            .filter_map(|((_, case), result)| Some((case, result.as_ref().ok()?)))
            .filter(|(_, examined)| matches!(examined.judgement.verdict, Verdict::Failed(_)))
            .collect();
        if profile.shrink.is_some() && !failed.is_empty() {
            self.terminal.shrinking(failed.len());
        }
        let search = |failed: (&Case, &Examined)| self.search(failed, deadline);
        let (alone, together): (Vec<_>, Vec<_>) = failed
            .into_iter()
            .partition(|(case, _)| self.suite.scenario(case).alone);
        in_parallel(info.jobs, &together, search);
        in_parallel(1, &alone, search);
        let mut records = lock(&self.records);
        let records = cases
            .iter()
            .filter_map(|(_, case)| records.remove(case))
            .collect();
        (records, faults)
    }

    /// Searches below a failure, and adds what is known of it then to its record.
    fn search(&self, failed: (&Case, &Examined), deadline: Instant) {
        let (case, _) = failed;
        let (examiner, scenario) = (&self.examiner, self.suite.scenario(case));
        let smallest = (self.failures).search(examiner, scenario, failed, deadline);
        let mut record = lock(&self.records)[case].clone();
        let smallest = smallest.as_ref();
        (self.failures).complete(examiner, scenario, failed, smallest, &mut record);
        self.recorder.case(&record);
        self.suite.outputs.write(&Event::CaseShrunk(&record));
        lock(&self.records).insert(case.clone(), record);
    }

    /// Writes the reports; gives the exit code.
    fn close(
        &self,
        info: &RunInfo,
        records: &[CaseRecord],
        faults: Faults,
        interrupt: &Interrupt,
    ) -> Exit {
        let took = jiff::Timestamp::now().duration_since(info.started);
        let summary = Summary {
            interrupted: interrupt.is_set(),
            faults,
            seconds: took.as_secs_f64(),
            against: self.suite.against.as_ref().map(|it| it.summary(records)),
            ..Summary::of(records.iter().map(|it| it.verdict))
        };
        self.recorder.finish(&summary);
        self.terminal.finish(records, &summary);
        let outputs = &self.suite.outputs;
        outputs.write(&Event::RunFinished(&summary));
        outputs.cases(info, records, &summary);
        if summary.compared_nothing() {
            note(
                "no count could be compared: the earlier run has none of these scenarios in the same native lane, at the same n and with the same seed\n     next: name another run (`vera-stress history`), or give both runs the same --lane, --scale and --seed",
            );
        }
        summary.exit()
    }
}

/// A lock whose holder panicked still guards data that is whole: each critical
/// section here is one assignment or one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
