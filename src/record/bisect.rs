//! What a bisection leaves behind.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CaseRecord, Format};
use crate::case::{Lane, Scale};

/// What a bisection is about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BisectInfo {
    /// The format of the record.
    #[serde(default)]
    pub format: Format,
    /// When it began.
    pub started: Timestamp,
    /// The version of vera-stress.
    pub vera_stress: String,
    /// The scenario.
    pub scenario: String,
    /// The lane that was asked for.
    pub lane: Lane,
    /// The scale that was asked for.
    pub n: Scale,
    /// What is searched, where that was said: a verdict, `instructions` or `heap`.
    pub sought: Option<String>,
    /// What a version is: `release` or `commit`.
    pub unit: String,
    /// The good end.
    pub good: String,
    /// The bad end.
    pub bad: String,
    /// How many versions there are, both ends included.
    pub versions: usize,
    /// The checkout that they are commits of.
    pub repo: Option<String>,
    /// Folders of scenarios beside the built-in ones.
    pub catalogues: Vec<String>,
    /// What chance repeats with in native lanes.
    pub seed: u64,
    /// The operating system and the processor's architecture.
    pub machine: String,
}

/// What a look at a version came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeVerdict {
    /// What is searched is there.
    Bad,
    /// It is not.
    Good,
    /// The version cannot tell.
    Skip,
}

/// One version that was looked at.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProbeRecord {
    /// The release, or the short hash of the commit.
    pub version: String,
    /// The whole hash of the commit.
    pub commit: Option<String>,
    /// The subject of the commit.
    pub subject: Option<String>,
    /// What it came to.
    pub came: ProbeVerdict,
    /// Why, in one line.
    pub why: String,
    /// What else is to be said of the way there, a sentence each.
    pub notes: Vec<String>,
    /// The case as it was judged; absent where it could not be run at all.
    pub case: Option<CaseRecord>,
    /// The commands that show it, one after the other.
    pub again: Vec<String>,
    /// How long the look took, in seconds.
    pub seconds: f64,
}

/// What kind of answer a bisection has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerKind {
    /// The first bad version.
    Found,
    /// It is one of several, and the others cannot tell.
    OneOf,
    /// Nothing was seen to be good.
    NoGood,
    /// The bad end is not bad.
    BadIsGood,
    /// The bad end cannot tell.
    BadCannotTell,
    /// The good end is bad.
    GoodIsBad,
    /// The ends do not differ in the count that is searched.
    EndsAlike,
    /// It was interrupted.
    Interrupted,
    /// git failed on the way.
    Failed,
}

/// What a bisection found.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BisectRecord {
    /// The scenario.
    pub scenario: String,
    /// The lane that it was examined in.
    pub lane: Lane,
    /// The scale that it was examined at.
    pub n: Scale,
    /// What was searched, as far as it came to be known.
    pub sought: Option<String>,
    /// What kind of answer it is.
    pub answer: AnswerKind,
    /// The first version that was seen to be bad.
    pub first_bad: Option<String>,
    /// The version nearest before it that was seen to be good.
    pub last_good: Option<String>,
    /// Whatever can be the first bad version, where that is more than one.
    pub suspects: Vec<String>,
    /// What was looked at and cannot tell.
    pub skipped: Vec<String>,
    /// How many versions were looked at.
    pub probes: usize,
    /// How many there are.
    pub versions: usize,
    /// The answer in words.
    pub text: String,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// A bisection, and what it found.
#[derive(Clone, Debug)]
pub struct BisectReport {
    /// What it was about.
    pub info: BisectInfo,
    /// The versions that were looked at.
    pub probes: Vec<ProbeRecord>,
    /// The answer.
    pub record: BisectRecord,
}

impl BisectReport {
    /// What was seen on the versions on both sides of the answer, where they are
    /// known: the last good one and the first bad one.
    pub fn sides(&self) -> [Option<&ProbeRecord>; 2] {
        let names = match self.record.answer {
            // Neither is on the other side of anything.
            AnswerKind::GoodIsBad => [Some(&self.info.good), Some(&self.info.bad)],
            _ => [
                self.record.last_good.as_ref(),
                self.record.first_bad.as_ref(),
            ],
        };
        names.map(|name| self.probes.iter().find(|it| Some(&it.version) == name))
    }
}
