//! What to do about a problem at the command line.
//!
//! The library knows what went wrong; which option or file to name instead is
//! known here only.

pub mod bisect;

use crate::case::Problem;
use crate::record::history::read::HistoryError;
use crate::record::history::{HistoryNotice, Trouble};
use crate::record::merge::{Difference, MergeError};
use crate::record::read::ReadError;
use crate::report::html::SourceError;
use crate::report::output::OutputError;
use crate::scenario::catalogue::Catalogue;
use crate::scenario::new::NewError;
use crate::toolchain::ToolchainError;
use crate::toolchain::compile::Stop;

/// An error that a command can end with.
pub trait Advise {
    /// What went wrong, and what to do about it at the command line.
    fn advised(&self) -> Problem;
}

/// A catalogue whose errors say what to type.
pub fn advised(mut catalogue: Catalogue) -> Catalogue {
    for error in catalogue.errors.iter_mut().filter(|it| it.is_unopened) {
        let next = "name an existing directory with --catalogue DIR";
        error.problem = error.problem.clone().next(next);
    }
    catalogue
}

impl Advise for ToolchainError {
    fn advised(&self) -> Problem {
        match self {
            ToolchainError::NoNetwork {
                installer,
                detail,
                installed,
                ..
            } => self.problem().next(format!(
                "check the network, or name a Vera that is on this machine: --vera DIRECTORY or --vera PYTHON{installed}\n     {installer} said: {detail}"
            )),
            ToolchainError::Cache { .. } => self.problem().next(
                "free some space or fix its permissions, or name another one with --cache-dir DIR",
            ),
            ToolchainError::Unusable(_) => self.problem().next(
                "see what `vera-stress doctor` says of it, or name another Vera: --vera SPEC",
            ),
            ToolchainError::NoSuchRelease { .. } | ToolchainError::Other(_) => self.problem(),
        }
    }
}

impl Advise for Stop {
    fn advised(&self) -> Problem {
        match self {
            Stop::Toolchain(why) => why.advised(),
            Stop::Interrupted
            | Stop::UnknownRuntime(_)
            | Stop::Surroundings(_)
            | Stop::Files { .. } => self.problem(),
        }
    }
}

impl Advise for NewError {
    fn advised(&self) -> Problem {
        let next = match self {
            NewError::Name { such, .. } => format!(
                "write words of lower-case letters and digits with a hyphen between two, the first of which begins with a letter, such as {such}"
            ),
            NewError::Common => "name the axis for what grows with n, such as maps, and the scenario for what it does, such as map-of-maps".to_owned(),
            NewError::Taken { .. } => {
                "choose another name: names are unique over all catalogues".to_owned()
            }
            NewError::Inside(_) => "name the folder above its axis: --dir DIR".to_owned(),
            NewError::Exists(_) => "choose another name, or remove it".to_owned(),
            NewError::Unwritable { .. } => {
                "name a directory that you may write to: --dir DIR".to_owned()
            }
        };
        Problem::new(self.to_string()).next(next)
    }
}

impl Advise for ReadError {
    fn advised(&self) -> Problem {
        Problem::new(self.to_string()).next(match self {
            ReadError::Unreadable { .. } => "name a file that `vera-stress run --json FILE` wrote",
            ReadError::Empty(_) => "see what that run printed, and run it again",
            ReadError::CutOff(_) => "give the file as the run wrote it, or run that part again",
            ReadError::NotJson { .. } => {
                "name a file that `vera-stress run --json FILE` wrote, unchanged"
            }
            ReadError::OtherFormat { .. } | ReadError::OtherVersion { .. } => {
                "read it with the version of vera-stress that wrote it"
            }
            ReadError::NotOneRun { .. } => {
                "name files that `vera-stress run --json FILE` wrote, each by itself"
            }
        })
    }
}

impl Advise for MergeError {
    fn advised(&self) -> Problem {
        let what = match self {
            MergeError::Differ {
                one,
                other,
                what: Difference::IgnoresKnown,
            } => format!(
                "{one} and {other} are parts of different runs: one with --ignore-known, the other without"
            ),
            _ => self.to_string(),
        };
        Problem::new(what).next(match self {
            MergeError::Nothing => "name the files that the parts wrote",
            MergeError::Whole(_) => "leave it out, or merge it alone",
            MergeError::NoPart(..) => "give the file as the run wrote it",
            MergeError::Differ { what, .. } => shared(what),
            MergeError::Twice { .. } => "leave one of them out",
            MergeError::CaseTwice { .. } => "give each part's file as its run wrote it",
            MergeError::Lost(_) => "run what is missing with the same options, or add --incomplete to report what there is; the rest then counts as not run",
        })
    }
}

/// How parts come to have in common what they have not.
fn shared(difference: &Difference) -> &'static str {
    match difference {
        Difference::Program(_) => "run all parts with the same vera-stress",
        Difference::Vera(_) => {
            "run all parts on the same Vera, and name its release rather than `latest`"
        }
        Difference::Seeds(..) => {
            "name a --seed in all parts: by default it is the date, which changes at midnight UTC"
        }
        Difference::Parts(..) => "give all parts of one run, and no others",
        Difference::IgnoresKnown | Difference::Options(_) => {
            "run all parts with the same options and the same vera-stress.toml"
        }
    }
}

impl Advise for HistoryError {
    fn advised(&self) -> Problem {
        Problem::new(self.to_string()).next(match self {
            HistoryError::Unreadable { trouble, .. } => match trouble {
                Trouble::Damaged(_) => "the next run moves it aside and begins a new one",
                Trouble::Newer { .. } => "update vera-stress, or name another file: --history FILE",
                Trouble::Foreign => "name another file: --history FILE",
                Trouble::Failed(_) => {
                    "see that the file can be read, or name another: --history FILE"
                }
            },
            HistoryError::Empty { .. } => {
                "run once without --against, or name another file: --history FILE"
            }
            HistoryError::Nothing(_) => "`vera-stress run` and `climb` record what they find there",
            HistoryError::NoRun { .. }
            | HistoryError::NoneFinished { .. }
            | HistoryError::IsClimb { .. } => "`vera-stress history` lists the runs",
        })
    }
}

impl Advise for OutputError {
    fn advised(&self) -> Problem {
        Problem::new(self.to_string()).next(match self {
            OutputError::Unwritable { .. } => {
                "name a file in an existing directory that you may write to, where there is room"
            }
            OutputError::Foreign(_) => "name another file, or overwrite what is there with --force",
            OutputError::InUse(_) => "wait for it to end, or name another file",
        })
    }
}

impl Advise for SourceError {
    fn advised(&self) -> Problem {
        Problem::new(self.to_string()).next(match self {
            SourceError::Empty(_) => "see what that command printed, and run it again",
            SourceError::CutOff(_) => "give the file as `--json` wrote it, or record it again",
            SourceError::OtherFormat { .. } => {
                "read it with the version of vera-stress that wrote it"
            }
            // The help says it alike.
            SourceError::Unreadable { .. }
            | SourceError::NotJson { .. }
            | SourceError::NotOurs { .. } => {
                "name files that `--json FILE` of `run`, `climb`, `compare`, `merge`, `known` or `bisect` wrote, each by itself and unchanged"
            }
        })
    }
}

impl Advise for HistoryNotice {
    fn advised(&self) -> Problem {
        let problem = Problem::new(self.to_string());
        let HistoryNotice::Unwritable { trouble, .. } = self else {
            return problem;
        };
        problem.next(match trouble {
            Trouble::Newer { .. } => "update vera-stress, or name another file: --history FILE",
            Trouble::Foreign => "name another file: --history FILE",
            Trouble::Damaged(_) | Trouble::Failed(_) => {
                "see that the folder is there, can be written, and has room; or write --no-history"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_wrong_is_followed_by_what_to_type() {
        let differ = |what| MergeError::Differ {
            one: "a".to_owned(),
            other: "b".to_owned(),
            what,
        };
        let (ignores, seeds) = (Difference::IgnoresKnown, Difference::Seeds(7, 8));
        let lost = MergeError::Lost(vec!["part 2/2 is missing".to_owned()]);
        for (said, words) in [
            (
                differ(ignores).advised(),
                "one with --ignore-known, the other without\n     next: ",
            ),
            (
                differ(seeds).advised(),
                "seeds 7 and 8\n     next: name a --seed in all parts",
            ),
            (
                lost.advised(),
                "part 2/2 is missing\n     next: run what is missing",
            ),
            (
                ReadError::Empty("a".to_owned()).advised(),
                "cannot be set up\n     next: see what that run printed",
            ),
        ] {
            let said = said.to_string();
            assert!(said.contains(words), "no `{words}` in {said}");
        }
    }
}
