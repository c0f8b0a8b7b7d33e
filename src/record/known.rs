//! What a check of known limits leaves behind.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Format, Unloaded};
use crate::case::{Lane, Scale};
use crate::toolchain::Chosen;

/// What a check of known limits is about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct KnownInfo {
    /// The format of the record.
    #[serde(default)]
    pub format: Format,
    /// When it began.
    pub started: Timestamp,
    /// The version of vera-stress.
    pub vera_stress: String,
    /// How many limits there are.
    pub limits: usize,
    /// The versions that they are looked at on, as they were asked for.
    pub versions: Vec<String>,
    /// Why each of them; empty in older recordings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<Chosen>,
    /// What chance repeats with.
    pub seed: u64,
    /// The scenarios that could not be loaded: none of them was examined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unloaded: Vec<Unloaded>,
}

/// What became of one known limit on one version.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LimitCheck {
    /// The scenario's name.
    pub scenario: String,
    /// The limit in a few words.
    pub limit: String,
    /// Where it is written.
    pub file: String,
    /// The version, as it was asked for.
    pub vera: String,
    /// The lane.
    pub lane: Lane,
    /// The scale: where the limit begins. Absent where a climb looked at it.
    pub n: Option<Scale>,
    /// Whether the version is one that the limit is written for.
    pub covered: bool,
    /// What was found.
    pub found: LimitState,
    /// The same in words.
    pub message: String,
    /// Of a limit of growth that is stale: which of its costs grow as declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// The command that shows it.
    pub again: String,
}

/// What a look at a known limit found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LimitState {
    /// It fails as the limit says.
    Fails,
    /// It does not fail.
    Passes,
    /// It fails in another way.
    FailsOtherwise,
    /// It cannot be told.
    Unknown,
}

impl LimitCheck {
    /// Whether the limit says of this version what is not so.
    pub fn is_stale(&self) -> bool {
        self.covered && matches!(self.found, LimitState::Passes | LimitState::FailsOtherwise)
    }

    /// Whether the version fails as the limit says, which is written for others.
    pub fn is_beyond(&self) -> bool {
        !self.covered && self.found == LimitState::Fails
    }
}

/// How a check came out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct KnownSummary {
    /// The limits that were looked at.
    pub limits: usize,
    /// Those that hold on all versions they are written for.
    pub hold: usize,
    /// Those that do not on some.
    pub stale: usize,
    /// Those that could not be told.
    pub unknown: usize,
    /// Those that are written for none of the versions.
    pub elsewhere: usize,
    /// Those that hold on other versions as well.
    pub beyond: usize,
    /// The versions that could not be set up.
    pub not_set_up: usize,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// A check of known limits, and what it found.
#[derive(Clone, Debug)]
pub struct KnownReport {
    /// What it was about.
    pub info: KnownInfo,
    /// What became of each limit on each version, in the order in which that came
    /// to be known.
    pub looks: Vec<LimitCheck>,
    /// How it came out.
    pub summary: KnownSummary,
}
