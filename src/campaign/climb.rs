//! The climbs of many scenarios, from what was asked for to what they found.

use std::time::{Duration, Instant};

use super::{Finished, Setting};
use crate::case::{Case, Lane, Scale};
use crate::engine::{Engines, Modules};
use crate::judge::Verdict;
use crate::record::again::listing;
use crate::record::climb::ClimbRecord;
use crate::record::{ClimbReport, Event, Faults, Listed, Summary};
use crate::runner::{Examiner, NotRun, Scripts};
use crate::scale::climb::{Climb, ClimbEnd, ClimbLimits, climb};
use crate::scenario::{ClimbBudget, FailureKind, Scenario};
use crate::toolchain::Toolchain;
use crate::toolchain::compile::Stop;

/// What the climbs of many scenarios work with.
pub struct Climbs<'a> {
    /// What every use works with.
    pub setting: Setting<'a>,
    /// Which Vera.
    pub toolchain: &'a Toolchain,
    /// The lane.
    pub lane: Lane,
    /// What each climb may take.
    pub limits: ClimbLimits,
    /// What was asked for, for the command that shows it again.
    pub options: Vec<String>,
    /// What each may take in time and in instructions, whatever its scenario says.
    pub budget: ClimbBudget,
}

impl Climbs<'_> {
    /// Climbs with each of `scenarios`.
    pub fn run(&self, scenarios: &[&Scenario]) -> Result<Finished<ClimbReport>, Stop> {
        let setting = &self.setting;
        let engines =
            Engines::set_up(self.toolchain, setting.cache, Modules::Anew)?.with_heap_lives(true);
        engines.workers().start(setting.interrupt)?;
        let mut info = setting.run_info("", self.toolchain, scenarios.len());
        // Of a climb it is not recorded: its commands say it.
        info.ignores_known = false;
        let scripts = Scripts::default();
        let examiner = Examiner {
            scripts: &scripts,
            engines: &engines,
            seed: setting.seed,
            interrupt: setting.interrupt,
            budget: self.limits.time,
        };
        setting.send(Event::Ahead(scenarios.len()));
        setting.send(Event::ClimbsStarted {
            info: info.clone(),
            limits: Some(self.limits),
        });
        let one = |place: usize| {
            let scenario = scenarios[place];
            let climb = || self.climb(&examiner, scenario);
            let (record, faults) = setting.under_way(scenario.name.clone(), climb);
            setting.send(Event::ClimbFinished(record.clone()));
            (place, record, faults)
        };
        // Whoever may take the longest goes first, so that no core waits for it.
        let mut order: Vec<usize> = (0..scenarios.len()).collect();
        order.sort_by_key(|&place| std::cmp::Reverse(self.time(scenarios[place])));
        let mut done = setting.each(&order, |place| scenarios[place].alone, one);
        done.sort_by_key(|(place, ..)| *place);
        let mut faults = Faults {
            scenario: setting.is_broken(),
            toolchain: false,
        };
        let mut records = Vec::new();
        for (_, record, fault) in done {
            faults = faults.and(fault);
            records.push(record);
        }
        let summary = Summary {
            interrupted: setting.interrupt.is_set(),
            seconds: info.seconds(),
            listed: setting.sinks.recorded().map(|it| Listed {
                failed: None,
                rest: Some(listing(&it, &[])),
            }),
            ..Summary::of(records.iter().map(|it: &ClimbRecord| it.verdict))
        };
        setting.send(Event::ClimbsFinished(summary.clone()));
        Ok(Finished {
            conclusion: Summary {
                faults,
                ..summary.clone()
            }
            .conclusion(),
            report: ClimbReport {
                info,
                records,
                summary,
            },
        })
    }

    fn time(&self, scenario: &Scenario) -> Duration {
        let said = self.budget.time.or(scenario.climb.time);
        said.unwrap_or(self.limits.time)
    }

    /// Climbs with one, and says what else than Vera kept it from climbing.
    fn climb(&self, examiner: &Examiner<'_>, scenario: &Scenario) -> (ClimbRecord, Faults) {
        let started = Instant::now();
        let limits = ClimbLimits {
            time: self.time(scenario),
            instructions: self
                .budget
                .instructions
                .or(scenario.climb.instructions)
                .unwrap_or(self.limits.instructions),
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
        let faults = faults(&found);
        let seconds = started.elapsed().as_secs_f64();
        let record = ClimbRecord::new(scenario, found, judgement, again, seconds);
        (record, faults)
    }

    /// The command that shows what a climb found.
    fn again(&self, scenario: &Scenario, climb: &Climb, verdict: Verdict) -> String {
        let setting = Setting {
            ignores_known: self.setting.ignores_known || verdict == Verdict::Known,
            ..self.setting
        };
        let vera = &self.toolchain.spec;
        let grows = verdict == Verdict::Failed(FailureKind::Growth);
        match &climb.end {
            ClimbEnd::Failed { at, examined, .. } if !grows => {
                let case = Case {
                    scenario: scenario.name.clone(),
                    lane: climb.lane,
                    scale: *at,
                };
                setting.command(vera, &case, Some(examined))
            }
            _ => setting
                .again(vera)
                .climb(&scenario.name, climb.lane, &self.options),
        }
    }
}

/// Why a climb could not be judged, where neither a budget nor somebody's patience
/// was the reason.
fn faults(climb: &Climb) -> Faults {
    let toolchain = matches!(&climb.end, ClimbEnd::NotRun(NotRun::Toolchain(_)));
    let scenario = match &climb.end {
        ClimbEnd::NotRun(NotRun::Scenario(_)) => true,
        ClimbEnd::Oracle { .. } => climb.passes.is_none(),
        ClimbEnd::NotRun(_)
        | ClimbEnd::Failed { .. }
        | ClimbEnd::Budget { .. }
        | ClimbEnd::Largest => false,
    };
    Faults {
        scenario,
        toolchain,
    }
}
