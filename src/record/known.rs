//! What a check of known limits leaves behind.

use serde::Serialize;

use crate::case::{Lane, Scale};

/// Something that happened in a check of known limits.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum KnownEvent<'a> {
    /// A limit has been looked at on a version.
    LimitLookedAt(&'a Look),
    /// All have.
    KnownFinished(&'a KnownSummary),
}

/// What became of one known limit on one version.
#[derive(Clone, Debug, Serialize)]
pub struct Look {
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
    pub found: Found,
    /// The same in words.
    pub message: String,
    /// Of a limit of growth that is stale: which of its costs grow as declared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// The command that shows it.
    pub again: String,
}

/// What a look at a known limit found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// It fails as the limit says.
    Fails,
    /// It does not fail.
    Passes,
    /// It fails in another way.
    FailsOtherwise,
    /// It cannot be told.
    Unknown,
}

impl Look {
    /// Whether the limit says of this version what is not so.
    pub fn is_stale(&self) -> bool {
        self.covered && matches!(self.found, Found::Passes | Found::FailsOtherwise)
    }

    /// Whether the version fails as the limit says, which is written for others.
    pub fn is_beyond(&self) -> bool {
        !self.covered && self.found == Found::Fails
    }
}

/// How a check came out.
#[derive(Clone, Debug, Default, Serialize)]
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
