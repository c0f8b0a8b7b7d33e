//! What could not be loaded, as it is recorded.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::Problem;
use crate::scenario::load::ScenarioError;

/// A scenario, or a file of a catalogue, that could not be loaded, so that nothing
/// of it was examined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Unloaded {
    /// The file or folder.
    pub file: String,
    /// The line, from 1, where one is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What is wrong with it.
    pub what: String,
    /// What to write instead, where somebody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Unloaded {
    /// Where it stands: `file:line`, or the file alone.
    pub fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.file),
            None => self.file.clone(),
        }
    }
}

impl From<&ScenarioError> for Unloaded {
    fn from(error: &ScenarioError) -> Unloaded {
        Unloaded {
            file: error.file.clone(),
            line: error.line,
            what: error.problem.what().to_owned(),
            next: error.problem.advice().map(str::to_owned),
        }
    }
}

impl fmt::Display for Unloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = Problem::new(format!("{}: {}", self.place(), self.what));
        match &self.next {
            Some(next) => problem.next(next).fmt(f),
            None => problem.fmt(f),
        }
    }
}
