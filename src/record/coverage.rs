//! What a measure of coverage leaves behind.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Format, Unloaded};
use crate::toolchain::Chosen;

/// What a measure of coverage is about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CoverageInfo {
    /// The format of the record.
    pub format: Format,
    /// When it began.
    pub started: Timestamp,
    /// The version of vera-stress.
    pub vera_stress: String,
    /// How many scenarios and programs are looked at.
    pub scenarios: usize,
    /// The versions of Vera that they are looked at on, as they were asked for.
    pub versions: Vec<String>,
    /// Why each of them.
    pub chosen: Vec<Chosen>,
    /// The parts that are measured.
    pub parts: Vec<CoveragePart>,
    /// The scenarios that could not be loaded: none of them was looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unloaded: Vec<Unloaded>,
}

/// A part of a Vera that is covered or not.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CoveragePart {
    /// What programs are written in.
    Language,
    /// What makes modules of them and runs those.
    Compiler,
    /// What of Vera's runtime is in the modules.
    Module,
}

impl CoveragePart {
    /// All of them.
    pub const ALL: [CoveragePart; 3] = [
        CoveragePart::Language,
        CoveragePart::Compiler,
        CoveragePart::Module,
    ];
}

/// What is covered of one version of Vera.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CoverageRecord {
    /// The version, as it was asked for.
    pub vera: String,
    /// What is covered, by kinds of things.
    pub aspects: Vec<Aspect>,
    /// What could not be looked at: a scenario, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<(String, String)>,
}

/// Things of one kind that a Vera has.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Aspect {
    /// The kind: `builtins`, `patterns`.
    pub name: String,
    /// The part of a Vera that they belong to.
    pub part: CoveragePart,
    /// All of them.
    pub things: Vec<Thing>,
}

/// A thing that a Vera has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Thing {
    /// What it is called.
    pub name: String,
    /// How many scenarios reach it.
    pub scenarios: usize,
    /// The first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<String>,
    /// Of a line of the compiler: what stands there, and of a file, how many of its
    /// lines are reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Why no scenario is to reach it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
    /// Whether the first of the versions does not have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub added: bool,
}

impl Thing {
    /// Whether a scenario reaches it.
    pub fn is_reached(&self) -> bool {
        self.scenarios > 0
    }

    /// Whether one should, and none does.
    pub fn is_missing(&self) -> bool {
        !self.is_reached() && self.left_out.is_none()
    }
}

impl Aspect {
    /// How many of them are reached.
    pub fn reached(&self) -> usize {
        self.things.iter().filter(|it| it.is_reached()).count()
    }

    /// Those that should be, and are not.
    pub fn missing(&self) -> impl Iterator<Item = &Thing> {
        self.things.iter().filter(|it| it.is_missing())
    }

    /// Those that none is to reach, and none does.
    pub fn left_out(&self) -> impl Iterator<Item = &Thing> {
        let is_left_out = |it: &&Thing| !it.is_reached() && !it.is_missing();
        self.things.iter().filter(is_left_out)
    }
}

/// How a measure of coverage ended.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct CoverageSummary {
    /// The versions that could not be set up.
    pub not_set_up: usize,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// A measure of coverage, and what it found.
#[derive(Clone, Debug)]
pub struct CoverageReport {
    /// What it was about.
    pub info: CoverageInfo,
    /// What is covered of each version.
    pub records: Vec<CoverageRecord>,
    /// How it ended.
    pub summary: CoverageSummary,
}
