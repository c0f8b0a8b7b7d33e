//! What could not be loaded, as it is recorded.

use std::fmt;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::Problem;
use crate::plan::Name;
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
    /// Whether it may be the scenario that is called so: it has the name of the
    /// folder.
    pub fn is_called(&self, name: &Name) -> bool {
        let file = Path::new(&self.file);
        let folders = [Some(file), file.parent()];
        let mut called = folders.into_iter().flatten().filter_map(Path::file_name);
        called.any(|it| name.is_of(&it.to_string_lossy()))
    }

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
