//! What a check of guards leaves behind.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Format, Unloaded};
use crate::case::{Lane, Scale};

/// What a check of guards is about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct GuardsInfo {
    /// The format of the record.
    pub format: Format,
    /// When it began.
    pub started: Timestamp,
    /// The version of vera-stress.
    pub vera_stress: String,
    /// How many guards there are.
    pub guards: usize,
    /// The clone of Vera's repository that has the tags, where there is one.
    pub repo: Option<String>,
    /// What chance repeats with.
    pub seed: u64,
    /// The scenarios that could not be loaded: none of their guards was looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unloaded: Vec<Unloaded>,
}

/// What became of one guard.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct GuardCheck {
    /// The scenario's name.
    pub scenario: String,
    /// The guard in a few words.
    pub guard: String,
    /// Where it is written.
    pub file: String,
    /// The version that it says has the bug; absent where it names none.
    pub fails_on: Option<String>,
    /// The version that it says has it no longer.
    pub fixed_in: Option<String>,
    /// The lane that shows it, or would have.
    pub lane: Option<Lane>,
    /// At which scale.
    pub n: Option<Scale>,
    /// What was found.
    pub found: GuardState,
    /// The same in words.
    pub message: String,
    /// The commands that show it, in this order; none where nothing was run.
    pub again: Vec<String>,
}

/// What a look at a guard found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GuardState {
    /// The scenario fails where it says so, as a bug of this class may, and passes
    /// where the bug was mended.
    Proven,
    /// It passes on the version that is to have the bug.
    Passes,
    /// It fails there, in a way that is not of its class.
    FailsOtherwise,
    /// It does not pass on the version that is to have the bug no longer.
    StillFails,
    /// The scenario says that nothing proves it, or says nothing.
    Unproven,
    /// It could not be told.
    Unchecked,
}

impl GuardState {
    /// Whether what the guard says is not so.
    pub fn is_false(self) -> bool {
        match self {
            GuardState::Passes | GuardState::FailsOtherwise | GuardState::StillFails => true,
            GuardState::Proven | GuardState::Unproven | GuardState::Unchecked => false,
        }
    }
}

/// How a check came out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct GuardsSummary {
    /// The guards that were looked at.
    pub guards: usize,
    /// Those that are proven.
    pub proven: usize,
    /// Those that say what is not so.
    pub r#false: usize,
    /// Those that nothing proves.
    pub unproven: usize,
    /// Those that could not be told.
    pub unchecked: usize,
    /// The versions that could not be set up.
    pub not_set_up: usize,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// A check of guards, and what it found.
#[derive(Clone, Debug)]
pub struct GuardsReport {
    /// What it was about.
    pub info: GuardsInfo,
    /// What became of each guard, in the order in which that came to be known.
    pub looks: Vec<GuardCheck>,
    /// How it came out.
    pub summary: GuardsSummary,
}
