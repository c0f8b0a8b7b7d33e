//! Why there is no outcome.

use std::error::Error;
use std::fmt;
use std::io;

use super::error::ToolchainError;
use crate::case::Problem;

/// Why a case came to no outcome; nothing that the program did.
#[derive(Debug)]
pub enum Stop {
    /// The user, or the system, asked the run to end.
    Interrupted,
    /// There is no toolchain any more.
    Toolchain(ToolchainError),
    /// The module is Vera's, and an engine does not know its runtime: a run of it
    /// would look as if it counted and collected, and would do neither.
    UnknownRuntime(String),
    /// What the program is to be given cannot be.
    Surroundings(Problem),
    /// A file of the run's own could not be written or read.
    Files {
        /// What was being done.
        what: String,
        /// What the operating system said.
        why: io::Error,
    },
}

impl Stop {
    /// An operating-system error while doing `what`.
    pub fn files(what: impl Into<String>) -> impl FnOnce(io::Error) -> Stop {
        let what = what.into();
        move |why| Stop::Files { what, why }
    }

    /// What went wrong, and what to do about it.
    pub fn problem(&self) -> Problem {
        match self {
            Stop::Interrupted => Problem::new("the run was interrupted"),
            Stop::Toolchain(why) => why.problem(),
            Stop::UnknownRuntime(why) => Problem::new(why),
            Stop::Surroundings(problem) => problem.clone(),
            Stop::Files { what, why } => Problem::new(format!("{what}: {why}"))
                .next("free some space in the temporary directory, or name another one in TMPDIR"),
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem().fmt(f)
    }
}

impl Error for Stop {}

impl From<ToolchainError> for Stop {
    fn from(why: ToolchainError) -> Stop {
        Stop::Toolchain(why)
    }
}
