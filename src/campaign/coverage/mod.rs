//! What of a Vera the scenarios reach, and what none of them does: measured against
//! the lists that the release gives of itself and against its own source, not against
//! what somebody thought of.

mod compiler;
mod language;
mod left_out;
mod module;
mod tally;

use std::collections::BTreeSet;
use std::time::Instant;

use super::bench::Bench;
use super::{Finished, Setting};
use crate::case::{Ending, Problem, Scale};
use crate::engine::Modules;
use crate::record::coverage::{
    Aspect, CoverageInfo, CoveragePart, CoverageRecord, CoverageReport, CoverageSummary,
};
use crate::record::{Conclusion, Event, Format};
use crate::scenario::Scenario;
use crate::toolchain::Choice;
use crate::toolchain::compile::Stop;

/// A measure of what scenarios reach.
pub struct Coverage<'a> {
    /// What every use works with.
    pub setting: Setting<'a>,
    /// The versions of Vera; what later ones have and the first does not is told.
    pub specs: &'a [Choice],
    /// What is measured.
    pub parts: &'a [CoveragePart],
}

/// The scale at which programs are read and run: a program that grows with n has all
/// its forms by then, and which code runs depends on the forms.
const SCALE: u64 = 16;

/// The scale at which a scenario is looked at.
fn scale_of(scenario: &Scenario) -> Scale {
    let most = Scale::new(SCALE).unwrap_or(scenario.n);
    scenario.n.min(most)
}

/// A scenario that could not be looked at, and why.
struct Untold {
    scenario: String,
    why: String,
}

impl Untold {
    fn of(scenario: &Scenario, why: impl ToString) -> Untold {
        Untold {
            scenario: scenario.name.clone(),
            why: why.to_string(),
        }
    }

    fn ended(scenario: &Scenario, ending: &Ending) -> Untold {
        Untold::of(scenario, ended(ending))
    }
}

/// How looking at a program ended, in a few words.
fn ended(ending: &Ending) -> &str {
    match ending {
        Ending::Rejected { message, .. }
        | Ending::InvalidModule { message, .. }
        | Ending::Unsupported { message }
        | Ending::Crashed { message, .. } => message,
        _ => "it takes more than its budget",
    }
}

/// What is known of one version.
type Measured = (Vec<Aspect>, Vec<Untold>);

impl Coverage<'_> {
    /// Measures what `scenarios` reach.
    pub fn run(&self, scenarios: &[&Scenario]) -> Finished<CoverageReport> {
        let started = Instant::now();
        let setting = &self.setting;
        let info = CoverageInfo {
            format: Format::CURRENT,
            started: jiff::Timestamp::now(),
            vera_stress: env!("CARGO_PKG_VERSION").to_owned(),
            scenarios: scenarios.len(),
            versions: self.specs.iter().map(ToString::to_string).collect(),
            chosen: self.specs.iter().map(|it| it.why).collect(),
            parts: self.parts.to_vec(),
            unloaded: setting.unloaded(),
        };
        setting.send(Event::Ahead(
            scenarios.len() * self.specs.len() * self.parts.len(),
        ));
        setting.send(Event::CoverageStarted(info.clone()));
        let benches = Bench::set_up_all(self.specs, setting, Modules::Kept);
        let mut records: Vec<CoverageRecord> = Vec::new();
        let mut not_set_up = 0;
        for bench in &benches {
            let record = match bench {
                Ok(bench) => self.measure(bench, scenarios),
                Err(why) => Err(why.clone()),
            };
            match record {
                Ok(mut record) => {
                    if let Some(first) = records.first() {
                        mark_added(&mut record, first);
                    }
                    setting.send(Event::CoverageMeasured(record.clone()));
                    records.push(record);
                }
                Err(why) => {
                    not_set_up += 1;
                    setting.sinks.note(&why);
                }
            }
            if setting.interrupt.is_set() {
                break;
            }
        }
        let summary = CoverageSummary {
            not_set_up,
            interrupted: setting.interrupt.is_set(),
            seconds: started.elapsed().as_secs_f64(),
        };
        setting.send(Event::CoverageFinished(summary.clone()));
        Finished {
            conclusion: Conclusion {
                interrupted: summary.interrupted,
                toolchain: not_set_up > 0,
                scenario: setting.is_broken(),
                ..Conclusion::default()
            },
            report: CoverageReport {
                info,
                records,
                summary,
            },
        }
    }

    /// What is reached of one version; the error says why that cannot be told.
    fn measure(&self, bench: &Bench, scenarios: &[&Scenario]) -> Result<CoverageRecord, Problem> {
        let mut record = CoverageRecord {
            vera: bench.toolchain.spec.clone(),
            aspects: Vec::new(),
            untold: Vec::new(),
        };
        for part in self.parts {
            let (aspects, untold) = match part {
                CoveragePart::Language => self.language(bench, scenarios)?,
                CoveragePart::Compiler => self.compiler(bench, scenarios)?,
                CoveragePart::Module => self.module(bench, scenarios),
            };
            record.aspects.extend(aspects);
            let untold = untold.into_iter().map(|it| (it.scenario, it.why));
            record.untold.extend(untold);
        }
        let mut seen = BTreeSet::new();
        record.untold.retain(|it| seen.insert(it.clone()));
        Ok(record)
    }

    /// Looks at each scenario, side by side.
    fn each<T: Send>(
        &self,
        scenarios: &[&Scenario],
        look: impl Fn(&Scenario) -> T + Sync,
    ) -> Vec<T> {
        let one = |scenario: &Scenario| {
            self.setting
                .under_way(scenario.name.clone(), || look(scenario))
        };
        self.setting.each(scenarios, |_| false, one)
    }

    /// What a release says of itself; the error says why it does not.
    fn told<T>(&self, said: Result<Result<T, Ending>, Stop>) -> Result<T, Problem> {
        match said {
            Ok(Ok(it)) => Ok(it),
            Ok(Err(ending)) => Err(Problem::new(format!(
                "this Vera does not say what it has: {}",
                ended(&ending)
            ))),
            Err(stop) => Err((self.setting.advise)(&stop)),
        }
    }
}

/// Marks what the first of the versions does not have.
fn mark_added(record: &mut CoverageRecord, first: &CoverageRecord) {
    for aspect in &mut record.aspects {
        let before = first.aspects.iter().find(|it| it.name == aspect.name);
        let before: BTreeSet<&str> = before
            .into_iter()
            .flat_map(|it| it.things.iter().map(|thing| thing.name.as_str()))
            .collect();
        for thing in &mut aspect.things {
            thing.added = !before.contains(thing.name.as_str());
        }
    }
}
