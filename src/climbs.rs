//! The climbs of many scenarios, from what was asked for to the reports.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::case::{Case, Lane, Scale};
use crate::engine::{Engines, Modules};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::judge::Verdict;
use crate::record::again::Again;
use crate::record::climb::{ClimbEvent, ClimbRecord};
use crate::record::history::{History, Kind, Recorder};
use crate::record::{RunInfo, Summary};
use crate::report::climb::Terminal;
use crate::report::outputs::Outputs;
use crate::runner::{Examiner, NotRun, Scripts, in_parallel, side_by_side};
use crate::scale::climb::{Climb, End, Limits, climb};
use crate::scenario::catalogue::Catalogue;
use crate::scenario::{ClimbBudget, FailureKind, Scenario};
use crate::toolchain::Toolchain;
use crate::toolchain::cache::Cache;
use crate::toolchain::compile::Stop;

/// What the climbs of many scenarios work with.
pub struct Climbs<'a> {
    /// All scenarios, for what could not be loaded of them.
    pub catalogue: &'a Catalogue,
    /// The directories of scenarios beside the built-in ones.
    pub catalogues: &'a [PathBuf],
    /// Where toolchains are kept.
    pub cache: &'a Cache,
    /// Which Vera.
    pub toolchain: &'a Toolchain,
    /// The lane.
    pub lane: Lane,
    /// What each climb may take.
    pub limits: Limits,
    /// What was said on the command line, for the command that shows it again.
    pub options: Vec<String>,
    /// What each may take in time and in instructions, whatever its scenario says.
    pub budget: ClimbBudget,
    /// What chance repeats with.
    pub seed: u64,
    /// How many go side by side; `None` for one a core.
    pub jobs: Option<usize>,
    /// Whether known limits are taken for failures.
    pub ignores_known: bool,
    /// Where the climbs are recorded.
    pub history: History,
    /// The files that are written beside the terminal.
    pub outputs: Outputs,
}

impl Climbs<'_> {
    /// Climbs with each of `scenarios`.
    pub fn run(&self, scenarios: &[&Scenario], interrupt: &Interrupt) -> Result<Exit, Stop> {
        let engines =
            Engines::set_up(self.toolchain, self.cache, Modules::Anew)?.with_heap_lives(true);
        engines.workers().start()?;
        let jobs = side_by_side(self.jobs);
        let info = RunInfo {
            profile: "climb".to_owned(),
            seed: self.seed,
            jobs,
            cases: scenarios.len(),
            ..RunInfo::new(self.toolchain, self.catalogues)
        };
        let scripts = Scripts::default();
        let examiner = Examiner {
            scripts: &scripts,
            engines: &engines,
            seed: self.seed,
            interrupt,
            budget: self.limits.wall,
        };
        let recorder = Recorder::begin(&self.history, Kind::Climb, &info);
        let terminal = Terminal::new(scenarios.len());
        terminal.head(&info, &self.toolchain.describe(), &self.limits);
        self.outputs.write(&ClimbEvent::ClimbsStarted(&info));
        let one = |place: usize| {
            let scenario = scenarios[place];
            terminal.started(&scenario.name);
            let (record, fault) = self.climb(&examiner, scenario);
            recorder.climb(&record);
            terminal.finished(&record);
            self.outputs.write(&ClimbEvent::ClimbFinished(&record));
            (record, fault)
        };
        // Whoever may take the longest goes first, so that no core waits for it.
        let mut order: Vec<usize> = (0..scenarios.len()).collect();
        order.sort_by_key(|&place| std::cmp::Reverse(self.wall(scenarios[place])));
        let (alone, together): (Vec<usize>, Vec<usize>) =
            order.into_iter().partition(|&place| scenarios[place].alone);
        let mut done = in_parallel(jobs, &together, one);
        done.extend(in_parallel(1, &alone, one));
        done.sort_by_key(|(place, _)| *place);
        let (records, faults): (Vec<ClimbRecord>, Vec<Option<Exit>>) =
            done.into_iter().map(|(_, climbed)| climbed).unzip();
        let took = jiff::Timestamp::now().duration_since(info.started);
        let summary = Summary {
            interrupted: interrupt.is_set(),
            seconds: took.as_secs_f64(),
            ..Summary::of(records.iter().map(|it| it.verdict))
        };
        recorder.finish(&summary);
        terminal.finish(&records, &summary);
        self.outputs.write(&ClimbEvent::ClimbsFinished(&summary));
        self.outputs.climbs(&info, &records, &summary);
        let exit = if summary.interrupted {
            Exit::Interrupted
        } else if summary.failed + summary.fixed > 0 {
            Exit::Failed
        } else if faults.contains(&Some(Exit::Toolchain)) {
            Exit::Toolchain
        } else if faults.contains(&Some(Exit::Usage)) || !self.catalogue.errors.is_empty() {
            Exit::Usage
        } else if summary.not_run > 0 {
            Exit::Failed
        } else {
            Exit::Success
        };
        Ok(self.outputs.report(exit))
    }

    fn wall(&self, scenario: &Scenario) -> Duration {
        let said = self.budget.wall.or(scenario.climb.wall);
        said.unwrap_or(self.limits.wall)
    }

    /// Climbs with one, and says what else than Vera kept it from climbing.
    fn climb(&self, examiner: &Examiner<'_>, scenario: &Scenario) -> (ClimbRecord, Option<Exit>) {
        let started = Instant::now();
        let limits = Limits {
            wall: self.wall(scenario),
            work: self
                .budget
                .work
                .or(scenario.climb.work)
                .unwrap_or(self.limits.work),
            ..self.limits
        };
        let found = climb(examiner, scenario, self.lane, limits);
        // What the scenario declares to fail at any n that a climb may come to.
        let highest = Case {
            scenario: scenario.name.clone(),
            lane: found.lane,
            scale: Scale::LARGEST,
        };
        let known = scenario.known_limits(&highest, &self.toolchain.version);
        let judgement = found.judgement(&known);
        let again = self.again(scenario, &found, judgement.verdict);
        let fault = fault(&found);
        let seconds = started.elapsed().as_secs_f64();
        let record = ClimbRecord::new(scenario, found, judgement, again, seconds);
        (record, fault)
    }

    /// The command that shows what a climb found.
    fn again(&self, scenario: &Scenario, climb: &Climb, verdict: Verdict) -> String {
        let again = Again {
            vera: &self.toolchain.spec,
            catalogues: self.catalogues,
            seed: self.seed,
            ignores_known: self.ignores_known || verdict == Verdict::Known,
        };
        let grows = verdict == Verdict::Failed(FailureKind::Growth);
        match &climb.end {
            End::Failed { at, examined, .. } if !grows => {
                let case = Case {
                    scenario: scenario.name.clone(),
                    lane: climb.lane,
                    scale: *at,
                };
                let came = (examined.judgement.verdict, examined.outcome.chance);
                again.command(&case, *at, Some(came))
            }
            _ => again.climb(&scenario.name, climb.lane, &self.options),
        }
    }
}

/// How a run ends of which a climb could not be judged, where neither a budget
/// nor somebody's patience was the reason.
fn fault(climb: &Climb) -> Option<Exit> {
    match &climb.end {
        End::NotRun(NotRun::Toolchain(_)) => Some(Exit::Toolchain),
        End::NotRun(NotRun::Scenario(_)) => Some(Exit::Usage),
        End::Oracle { .. } if climb.passes.is_none() => Some(Exit::Usage),
        End::NotRun(NotRun::Budget(_) | NotRun::FailFast | NotRun::Interrupted)
        | End::Oracle { .. }
        | End::Failed { .. }
        | End::Budget { .. }
        | End::Largest => None,
    }
}
