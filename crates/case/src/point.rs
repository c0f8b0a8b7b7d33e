//! What a case cost at one n.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Scale;
use super::outcome::{HostUse, Measures, Outcome, Probed, Usage};

/// What a case cost at one n.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// The scale.
    pub n: Scale,
    /// What the native engine counted; absent where another engine ran it.
    pub measures: Option<Measures>,
    /// What it left to Vera's host, where that one ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostUse>,
    /// What it saw of the stack and the heap, where it looked.
    pub probed: Option<Probed>,
    /// What compiling the program used; absent where it was compiled before.
    pub compile: Option<Usage>,
    /// What running it used.
    pub run: Usage,
}

impl Point {
    /// Takes what the machine measured of another run of the same, where that is less.
    pub fn lower_to(&mut self, other: &Point) {
        self.run.cpu = self.run.cpu.min(other.run.cpu);
        if let (Some(here), Some(there)) = (&mut self.host, other.host) {
            here.memory = here.memory.min(there.memory);
        }
    }

    /// What `outcome` cost at scale `n`.
    pub fn of(n: Scale, outcome: &Outcome, probed: Option<Probed>) -> Point {
        Point {
            n,
            measures: outcome.measures.clone(),
            host: outcome.host,
            probed,
            compile: outcome.compile,
            run: outcome.run,
        }
    }
}
