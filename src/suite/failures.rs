//! A failing case: its smallest n, its folder, and the command that shows it
//! again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::case::{Case, Scale};
use crate::judge::Verdict;
use crate::record::CaseRecord;
use crate::record::again::Again;
use crate::record::failure::Failure;
use crate::report::terminal::note;
use crate::runner::{Examined, Examiner};
use crate::scale::shrink::{self, Smallest, shrink};
use crate::scenario::{FailureKind, Scenario};
use crate::toolchain::Toolchain;

/// What is the same for all failing cases of a run.
#[derive(Clone, Copy)]
pub struct Failures<'a> {
    /// The directories of scenarios beside the built-in ones.
    pub catalogues: &'a [PathBuf],
    /// Which Vera.
    pub toolchain: &'a Toolchain,
    /// What chance repeats with.
    pub seed: u64,
    /// Whether known limits are taken for failures.
    pub ignores_known: bool,
    /// What the search for one smallest failing n may take; `None` for no search.
    pub shrink: Option<Duration>,
    /// The folder below which failures leave theirs.
    pub folder: &'a Path,
}

impl Failures<'_> {
    /// The command that runs a case again at scale `n`, where this is what came
    /// of it.
    pub fn again(&self, case: &Case, n: Scale, examined: Option<&Examined>) -> String {
        let again = Again {
            vera: &self.toolchain.spec,
            catalogues: self.catalogues,
            seed: self.seed,
            ignores_known: self.ignores_known,
        };
        let came = examined.map(|it| (it.judgement.verdict, it.outcome.chance));
        again.command(case, n, came)
    }

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
        let differ = Verdict::Failed(FailureKind::EnginesDiffer);
        let compares = examined.judgement.verdict == differ;
        Some(shrink(examiner, scenario, case, compares, deadline))
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
            record.shrunk(smallest, self.again(case, smallest.fails, Some(examined)));
        }
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
            Err(why) => note(&format!(
                "no folder for {case} could be written below {}: {why}",
                self.folder.display()
            )),
        }
    }
}
