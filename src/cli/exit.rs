//! The exit codes, all of them.

use std::process::ExitCode;

use crate::record::Conclusion;

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

/// The one ladder: the first of these that is true decides.
impl From<Conclusion> for Exit {
    fn from(it: Conclusion) -> Exit {
        if it.interrupted {
            Exit::Interrupted
        } else if it.failed {
            Exit::Failed
        } else if it.toolchain {
            Exit::Toolchain
        } else if it.scenario {
            Exit::Usage
        } else if it.incomplete {
            Exit::Failed
        } else if it.nothing {
            Exit::NoCase
        } else {
            Exit::Success
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Summary;

    #[test]
    fn the_first_that_is_true_decides() {
        let all = Conclusion {
            interrupted: true,
            failed: true,
            toolchain: true,
            scenario: true,
            incomplete: true,
            nothing: true,
        };
        let mut left = all;
        let mut codes = vec![Exit::from(left).code()];
        for taken in [
            |it: &mut Conclusion| it.interrupted = false,
            |it: &mut Conclusion| it.failed = false,
            |it: &mut Conclusion| it.toolchain = false,
            |it: &mut Conclusion| it.scenario = false,
            |it: &mut Conclusion| it.incomplete = false,
            |it: &mut Conclusion| it.nothing = false,
        ] {
            taken(&mut left);
            codes.push(Exit::from(left).code());
        }
        assert_eq!(codes, [130, 1, 3, 2, 1, 4, 0]);
    }

    #[test]
    fn the_code_of_a_run_is_that_of_the_worst() {
        let code = |change: fn(&mut Summary)| {
            let mut summary = Summary::default();
            change(&mut summary);
            Exit::from(summary.conclusion()).code()
        };
        assert_eq!(code(|_| {}), 0);
        assert_eq!(code(|it| it.not_run = 1), 1);
        assert_eq!(code(|it| it.incomplete = true), 1);
        let broken: fn(&mut Summary) = |it| {
            it.faults.scenario = true;
            it.not_run = 1;
        };
        assert_eq!(code(broken), 2);
        let unset: fn(&mut Summary) = |it| {
            it.faults.toolchain = true;
            it.faults.scenario = true;
            it.not_run = 1;
        };
        assert_eq!(code(unset), 3);
        let fixed: fn(&mut Summary) = |it| {
            it.faults.toolchain = true;
            it.fixed = 1;
        };
        assert_eq!(code(fixed), 1);
        let interrupted: fn(&mut Summary) = |it| {
            it.failed = 1;
            it.interrupted = true;
        };
        assert_eq!(code(interrupted), 130);
    }
}
