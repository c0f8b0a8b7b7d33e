//! How a run came out, in numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::against::AgainstSummary;
use super::case::CaseRecord;
use super::cause::{Cause, causes};
use super::conclusion::Conclusion;
use crate::judge::Verdict;

/// How many cases, or climbs, came to which verdict.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// All cases.
    pub cases: usize,
    /// As the oracle says.
    pub passed: usize,
    /// Failed as declared.
    pub known: usize,
    /// Failed.
    pub failed: usize,
    /// Known limits that no longer fail.
    pub fixed: usize,
    /// Beyond what the lane's engine can run.
    pub unsupported: usize,
    /// Refused by `vera check`, where nothing else was expected.
    #[serde(default, skip_serializing_if = "is_none")]
    pub refused: usize,
    /// Ended before they could be judged.
    #[serde(default, skip_serializing_if = "is_none")]
    pub undecided: usize,
    /// Not run.
    pub not_run: usize,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// Whether a part of the run is missing or did not come to its end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// What has an exit code of its own.
    #[serde(default, skip_serializing_if = "Faults::is_empty")]
    pub faults: Faults,
    /// How long it took, in seconds; of a merged run, all parts together.
    pub seconds: f64,
    /// What came of holding its counts against an earlier run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<AgainstSummary>,
    /// Why cases failed, what names the place first; of a run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// The commands that list its cases; absent where the history has none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Listed>,
}

/// The commands that list the cases, or climbs, of a run that is in the history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listed {
    /// What failed; absent where nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// What is as expected and no pass, and what was not run; of climbs, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_none(number: &usize) -> bool {
    *number == 0
}

/// What beside the cases decides how a run ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Faults {
    /// A scenario could not be loaded, or not be judged.
    pub scenario: bool,
    /// The toolchain, or a file of the run's own, failed.
    pub toolchain: bool,
}

impl Faults {
    /// Those of two parts together.
    #[must_use]
    pub fn and(self, other: Faults) -> Faults {
        Faults {
            scenario: self.scenario || other.scenario,
            toolchain: self.toolchain || other.toolchain,
        }
    }

    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        *self == Faults::default()
    }
}

impl Summary {
    /// Counts verdicts.
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Summary {
        let mut summary = Summary::default();
        for verdict in verdicts {
            summary.cases += 1;
            *match verdict {
                Verdict::Pass => &mut summary.passed,
                Verdict::Known => &mut summary.known,
                Verdict::Failed(_) => &mut summary.failed,
                Verdict::Fixed => &mut summary.fixed,
                Verdict::Unsupported => &mut summary.unsupported,
                Verdict::Refused => &mut summary.refused,
                Verdict::Undecided => &mut summary.undecided,
                Verdict::NotRun => &mut summary.not_run,
            } += 1;
        }
        summary
    }

    /// Counts the verdicts of cases, and says why some failed.
    pub fn of_cases<'a>(records: impl IntoIterator<Item = &'a CaseRecord> + Clone) -> Summary {
        let verdicts = records.clone().into_iter().map(|it| it.verdict);
        Summary {
            causes: causes(records),
            ..Summary::of(verdicts)
        }
    }

    /// What decides how a run with these numbers ends.
    pub fn conclusion(&self) -> Conclusion {
        Conclusion {
            interrupted: self.interrupted,
            failed: self.failed + self.fixed + self.drifted() > 0,
            toolchain: self.faults.toolchain,
            scenario: self.faults.scenario,
            incomplete: self.not_run + self.undecided > 0 || self.incomplete,
            nothing: self.compared_nothing(),
        }
    }

    fn drifted(&self) -> usize {
        self.against.as_ref().map_or(0, |it| it.drifted)
    }

    /// Whether it was to be held against an earlier run, and nothing of it could
    /// be: that must not pass for a comparison.
    pub fn compared_nothing(&self) -> bool {
        let compared = self.against.as_ref().and_then(|it| it.compared);
        compared == Some(0) && self.cases > 0
    }
}
