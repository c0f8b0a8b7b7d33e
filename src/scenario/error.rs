//! Why a scenario cannot be used.

use std::fmt;

use super::script::ScriptError;
use crate::case::Problem;

/// A scenario file that cannot be used: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// The file or folder.
    pub file: String,
    /// The line, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong, and what to write instead.
    pub problem: Problem,
    /// Whether it is a whole catalogue that cannot be opened, so that the name may
    /// be wrong by which the user gave it.
    pub is_unopened: bool,
}

impl ScenarioError {
    /// Something is wrong with a file or folder.
    pub fn new(file: impl Into<String>, problem: Problem) -> ScenarioError {
        ScenarioError {
            file: file.into(),
            line: None,
            problem,
            is_unopened: false,
        }
    }

    /// The same with what to write instead.
    pub fn wrong(
        file: impl Into<String>,
        what: impl Into<String>,
        next: impl Into<String>,
    ) -> ScenarioError {
        ScenarioError::new(file, Problem::new(what).next(next))
    }
}

impl std::error::Error for ScenarioError {}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl From<ScriptError> for ScenarioError {
    fn from(error: ScriptError) -> ScenarioError {
        ScenarioError {
            line: error.line,
            ..ScenarioError::new(error.file, Problem::new(error.message))
        }
    }
}
