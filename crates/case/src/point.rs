//! What a case cost at one n.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Scale;
use super::outcome::{Measures, Outcome, Probed, Usage};

/// What a case cost at one n.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// The scale.
    pub n: Scale,
    /// What the native engine counted; absent where another engine ran it.
    pub measures: Option<Measures>,
    /// What it saw of the stack and the heap, where it looked.
    pub probed: Option<Probed>,
    /// What compiling the program used; absent where it was compiled before.
    pub compile: Option<Usage>,
    /// What running it used.
    pub run: Usage,
}

impl Point {
    /// What `outcome` cost at scale `n`.
    pub fn of(n: Scale, outcome: &Outcome, probed: Option<Probed>) -> Point {
        Point {
            n,
            measures: outcome.measures.clone(),
            probed,
            compile: outcome.compile,
            run: outcome.run,
        }
    }
}
