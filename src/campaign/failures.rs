//! A failing case: its smallest n, its folder, and the command that shows it
//! again.

use std::path::Path;
use std::time::{Duration, Instant};

use super::Setting;
use crate::case::Case;
use crate::record::failure::Failure;
use crate::record::{CaseRecord, Evidence};
use crate::runner::{Examined, Examiner};
use crate::scale::shrink::{self, Smallest, shrink};
use crate::scenario::{Program, Scenario};
use crate::toolchain::Toolchain;

/// What is the same for all failing cases of a run.
#[derive(Clone, Copy)]
pub struct Failures<'a> {
    /// What every use works with.
    pub setting: &'a Setting<'a>,
    /// Which Vera.
    pub toolchain: &'a Toolchain,
    /// What the search for one smallest failing n may take; `None` for no search.
    pub shrink: Option<Duration>,
    /// The folder below which failures leave theirs.
    pub folder: &'a Path,
}

impl Failures<'_> {
    /// Searches below a failing case, where that is to be done, until `deadline`
    /// at the latest.
    pub fn search(
        &self,
        examiner: &Examiner<'_>,
        scenario: &Scenario,
        (case, examined): (&Case, &Examined),
        deadline: Instant,
    ) -> Option<Smallest> {
        let deadline = shrink::deadline(self.shrink?, deadline);
        let never_ran = examined.outcome.ending.never_ran();
        if never_ran && matches!(scenario.program, Program::Fixed(_)) {
            // It is the same program at every n.
            return None;
        }
        let sought = examined.signature(&scenario.growth)?;
        Some(shrink(examiner, scenario, case, &sought, deadline))
    }

    /// Adds to a failure's record its smallest n and its folder, which it writes.
    pub fn complete(
        &self,
        examiner: &Examiner<'_>,
        scenario: &Scenario,
        (case, examined): (&Case, &Examined),
        smallest: Option<&Smallest>,
        record: &mut CaseRecord,
    ) {
        let smallest_case = Case {
            scale: smallest.map_or(case.scale, |it| it.fails),
            ..case.clone()
        };
        let there = smallest.and_then(|it| it.examined.as_ref());
        let examined = there.unwrap_or(examined);
        if let Some(smallest) = smallest {
            let vera = &self.toolchain.spec;
            let command = |n, examined: &Examined| {
                let at = Case {
                    scale: n,
                    ..case.clone()
                };
                self.setting.command(vera, &at, Some(examined))
            };
            record.shrunk(smallest, command);
        }
        let vera = &self.toolchain.spec;
        record.reduce = (self.setting).reduce(vera, &smallest_case, examined.judgement.verdict);
        let compiled = examiner.compiled(scenario, &smallest_case);
        let failure = Failure {
            scenario,
            case: &smallest_case,
            examined,
            record,
            toolchain: self.toolchain,
            compiled: compiled.as_ref().map(|compiled| compiled.folder.as_path()),
        };
        match failure.write(self.folder) {
            Ok(folder) => record.folder = Some(folder.display().to_string()),
            Err(why) => self.setting.sinks.note(format!(
                "no folder for {case} could be written below {}: {why}",
                self.folder.display()
            )),
        }
        let sources = scenario.program.sources(smallest_case.scale).ok();
        let ending = &examined.outcome.ending;
        let evidence = Evidence::of(
            smallest_case.scale,
            sources.as_ref(),
            compiled.as_ref(),
            ending,
        );
        record.evidence = Some(evidence);
    }
}
