//! A bisection of one case: versions are set up and looked at one after the
//! other, until the first bad one is found.

mod answer;
pub mod candidates;
pub mod commits;
pub mod ends;
pub mod git;
mod hunt;
mod search;
pub mod sought;

use std::time::Instant;

use super::{Finished, Setting};
use crate::case::Lane;
use crate::plan::ScaleChoice;
use crate::record::bisect::{AnswerKind, BisectInfo, BisectReport};
use crate::record::{Conclusion, Event, Format, RunInfo, shown};
use crate::scenario::Scenario;
use candidates::Versions;
use hunt::Hunt;
use search::Search;
use sought::Sought;

/// What a bisection works with.
pub struct Bisection<'a> {
    /// What every use works with; known limits are ignored.
    pub setting: Setting<'a>,
    /// The scenario, without its known limits.
    pub scenario: &'a Scenario,
    /// The lane.
    pub lane: Lane,
    /// The scale.
    pub scale: ScaleChoice,
    /// What is searched; the bad end's failure where nothing was said.
    pub sought: Option<Sought>,
    /// What to do where such an answer is none, about versions that are called so
    /// each.
    pub advice: fn(AnswerKind, &str) -> Option<String>,
}

impl Bisection<'_> {
    /// Searches among `versions`.
    pub fn run(&self, versions: &dyn Versions) -> Finished<BisectReport> {
        let setting = &self.setting;
        let info = self.info(versions);
        // So many looks a search takes at most where no version is skipped.
        let most = info.versions.next_power_of_two().trailing_zeros() as usize + 1;
        setting.send(Event::Ahead(most));
        setting.send(Event::BisectStarted(info.clone()));
        let started = Instant::now();
        let mut hunt = Hunt::new(self, versions, info.n);
        let mut search = Search::new(versions, versions.ends());
        let (kind, failed) = hunt.run(&mut search);
        let seconds = started.elapsed().as_secs_f64();
        let record = hunt.record(&search, kind, failed, seconds);
        setting.send(Event::BisectFinished(record.clone()));
        Finished {
            conclusion: match kind {
                AnswerKind::BadCannotTell => hunt.fault,
                other => conclusion(other),
            },
            report: BisectReport {
                info,
                probes: hunt.probes,
                record,
            },
        }
    }

    fn info(&self, versions: &dyn Versions) -> BisectInfo {
        let (good, bad) = versions.ends();
        BisectInfo {
            format: Format::CURRENT,
            started: jiff::Timestamp::now(),
            vera_stress: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: self.scenario.name.clone(),
            lane: self.lane,
            n: self.scale.of(self.scenario, self.lane),
            sought: self.sought.map(|it| it.to_string()),
            unit: versions.noun().to_owned(),
            good: versions.name(good),
            bad: versions.name(bad),
            versions: versions.count(),
            repo: versions.repo(),
            catalogues: shown(&self.setting.catalogue.directories),
            seed: self.setting.seed,
            machine: RunInfo::this_machine(),
        }
    }
}

/// What an answer means for how the command ends.
fn conclusion(kind: AnswerKind) -> Conclusion {
    let mut conclusion = Conclusion::default();
    match kind {
        AnswerKind::Found => {}
        AnswerKind::OneOf | AnswerKind::NoGood | AnswerKind::BadCannotTell => {
            conclusion.failed = true;
        }
        AnswerKind::BadIsGood | AnswerKind::GoodIsBad | AnswerKind::EndsAlike => {
            conclusion.scenario = true;
        }
        AnswerKind::Interrupted => conclusion.interrupted = true,
        AnswerKind::Failed => conclusion.toolchain = true,
    }
    conclusion
}
