//! The exit codes, all of them.

use std::process::ExitCode;

/// How a command ended, for the shell and for CI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything was as expected.
    Success,
    /// At least one case failed, was not run, its known limit is fixed, or a count
    /// of it drifted; something regressed where that was to fail; a known limit is
    /// stale; or a bisection has no single answer.
    Failed,
    /// Bad usage, or a scenario file that cannot be used. Other scenarios were
    /// judged all the same, and none of them failed. Also where the ends of a
    /// bisection are not what they are said to be.
    Usage,
    /// The toolchain could not be set up, or its runtime is not known.
    Toolchain,
    /// No case matched what was asked for, or none could be compared with the
    /// earlier run.
    NoCase,
    /// Interrupted; the finished cases were reported.
    Interrupted,
}

impl Exit {
    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Toolchain => 3,
            Exit::NoCase => 4,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
