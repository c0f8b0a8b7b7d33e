//! What a run is about: its Vera, its seed, its cases.

use std::path::PathBuf;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::against::AgainstInfo;
use super::format::Format;
use super::unloaded::Unloaded;
use crate::case::{Case, Lane, Scale};
use crate::scenario::Scenario;
use crate::toolchain::{Chosen, Toolchain};

/// What a run was about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RunInfo {
    /// The format of the record.
    #[serde(default)]
    pub format: Format,
    /// When it began.
    pub started: Timestamp,
    /// The version of vera-stress.
    pub vera_stress: String,
    /// The version of Vera.
    pub vera: String,
    /// What stood after `--vera`.
    pub toolchain: String,
    /// Why it is this Vera; absent in older recordings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Chosen>,
    /// The hash of the toolchain.
    pub fingerprint: String,
    /// What is installed beside Vera.
    pub dependencies: Vec<String>,
    /// The profile.
    pub profile: String,
    /// What chance repeats with in native lanes.
    pub seed: u64,
    /// The share of the cases, `k/n`, where the run is one of several.
    pub partition: Option<String>,
    /// Folders of scenarios beside the built-in ones.
    pub catalogues: Vec<String>,
    /// Whether the built-in scenarios were left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_built_in: bool,
    /// The scenarios that could not be loaded: none of them was examined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unloaded: Vec<Unloaded>,
    /// How many cases run side by side.
    pub jobs: usize,
    /// How many cases there are.
    pub cases: usize,
    /// The operating system and the processor's architecture.
    pub machine: String,
    /// The earlier run that its counts are held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<AgainstInfo>,
    /// Whether known limits are taken for failures.
    #[serde(default)]
    pub ignores_known: bool,
    /// All cases of the run, by scenario and lane: also those that other shares
    /// hold. Parts of one run plan the same, and what a lost part should have run
    /// is known. Empty for what is no run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub planned: Vec<Planned>,
}

/// Paths as they are recorded.
pub fn shown(paths: &[PathBuf]) -> Vec<String> {
    let text = |path: &PathBuf| path.display().to_string();
    paths.iter().map(text).collect()
}

/// A case that a run is to examine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Planned {
    /// The scenario's name.
    pub scenario: String,
    /// Its axis.
    pub axis: String,
    /// The lane.
    pub lane: Lane,
    /// The scale.
    pub n: Scale,
}

impl Planned {
    /// A case of this scenario.
    pub fn of(scenario: &Scenario, case: &Case) -> Planned {
        Planned {
            scenario: case.scenario.clone(),
            axis: scenario.axis.clone(),
            lane: case.lane,
            n: case.scale,
        }
    }

    /// The same without the axis.
    pub fn case(&self) -> Case {
        Case {
            scenario: self.scenario.clone(),
            lane: self.lane,
            scale: self.n,
        }
    }
}

impl RunInfo {
    /// The facts about a toolchain, the folders of scenarios beside the built-in
    /// ones, and this machine; the rest is the caller's.
    pub fn new(toolchain: &Toolchain, catalogues: &[PathBuf]) -> RunInfo {
        RunInfo {
            format: Format::CURRENT,
            started: Timestamp::now(),
            vera_stress: env!("CARGO_PKG_VERSION").to_owned(),
            vera: toolchain.version.to_string(),
            toolchain: toolchain.spec.clone(),
            chosen: Some(toolchain.chosen),
            fingerprint: toolchain.fingerprint.to_string(),
            dependencies: toolchain.dependencies.clone(),
            profile: String::new(),
            seed: 0,
            partition: None,
            catalogues: shown(catalogues),
            without_built_in: false,
            unloaded: Vec::new(),
            jobs: 1,
            cases: 0,
            machine: RunInfo::this_machine(),
            against: None,
            ignores_known: false,
            planned: Vec::new(),
        }
    }

    /// The toolchain in a few words, for the head of a run, with why it is that one.
    pub fn describe(&self) -> String {
        let spec = Some(self.toolchain.as_str()).filter(|it| *it != self.vera);
        let why = self.chosen.map(Chosen::words);
        let about: Vec<&str> = spec.into_iter().chain(why).collect();
        match about[..] {
            [] => format!("Vera {}", self.vera),
            _ => format!("Vera {} ({})", self.vera, about.join(", ")),
        }
    }

    /// How long it has been going on, in seconds.
    pub fn seconds(&self) -> f64 {
        Timestamp::now().duration_since(self.started).as_secs_f64()
    }

    /// The operating system and the processor's architecture.
    pub fn this_machine() -> String {
        format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)
    }
}
