//! Why no toolchain could be set up.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::case::Problem;

/// Why no toolchain could be set up.
#[derive(Debug)]
pub enum ToolchainError {
    /// The package index could not be reached.
    NoNetwork {
        /// The release that was to be installed.
        release: String,
        /// pip or uv.
        installer: &'static str,
        /// The last line that it printed.
        detail: String,
        /// A sentence about releases that are installed already, or nothing.
        installed: String,
    },
    /// There is no such release.
    NoSuchRelease {
        /// What was asked for.
        release: String,
        /// What there is.
        available: String,
    },
    /// The cache cannot be used.
    Cache {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        why: io::Error,
    },
    /// It is there, and does nothing: it is not imported, or not even a program of
    /// ten lines is compiled and run. What it does instead.
    Unusable(String),
    /// Anything else, about which nobody but a person can do something.
    Other(Problem),
}

impl ToolchainError {
    /// What went wrong, and what to do about it.
    pub fn problem(&self) -> Problem {
        match self {
            ToolchainError::NoNetwork {
                release,
                installer,
                detail,
                installed,
            } => Problem::new(format!(
                "Vera {release} could not be installed: the package index cannot be reached"
            ))
            .next(format!(
                "check the network, or name a Vera that is on this machine{installed}\n     {installer} said: {detail}"
            )),
            ToolchainError::NoSuchRelease { release, available } => Problem::new(format!(
                "there is no Vera release {release} for this Python"
            ))
            .next(format!("choose one of: {available}")),
            ToolchainError::Cache { path, why } => Problem::new(format!(
                "the cache directory {} cannot be used: {why}",
                path.display()
            ))
            .next("free some space or fix its permissions, or name another one"),
            ToolchainError::Unusable(what) => Problem::new(what).next("see that what it needs is installed beside it, in versions that it works with, or name another Vera"),
            ToolchainError::Other(problem) => problem.clone(),
        }
    }
}

impl fmt::Display for ToolchainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem().fmt(f)
    }
}

impl std::error::Error for ToolchainError {}

impl From<Problem> for ToolchainError {
    fn from(problem: Problem) -> ToolchainError {
        ToolchainError::Other(problem)
    }
}
