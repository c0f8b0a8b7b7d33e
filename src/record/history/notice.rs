//! What the user must know of a history.

use std::fmt;
use std::path::PathBuf;

use super::trouble::Trouble;

/// What the user must know of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoryNotice {
    /// It was damaged, and is moved aside.
    MovedAside {
        /// The file.
        path: PathBuf,
        /// What the damage is.
        why: String,
        /// Where it is kept.
        aside: PathBuf,
    },
    /// It is no longer where it was while a run is recorded there.
    Gone(PathBuf),
    /// Somebody wrote over it while a run is recorded there.
    Overwritten(PathBuf),
    /// It cannot be written.
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why not.
        trouble: Trouble,
    },
    /// What could not be written before is in it now.
    CaughtUp(PathBuf),
}

impl fmt::Display for HistoryNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HistoryNotice::MovedAside { path, why, aside } => write!(
                f,
                "the history {} was damaged ({why}); it is kept as {}, and a new one is begun",
                path.display(),
                aside.display()
            ),
            HistoryNotice::Gone(path) => write!(
                f,
                "the history {} was moved or deleted under this run; all of the run is recorded anew",
                path.display()
            ),
            HistoryNotice::Overwritten(path) => write!(
                f,
                "the history {} was overwritten under this run; all of the run is recorded anew",
                path.display()
            ),
            HistoryNotice::Unwritable { path, trouble } => write!(
                f,
                "the history {} cannot be written: {trouble}; {}",
                path.display(),
                match trouble {
                    Trouble::Newer { .. } => "this run is not recorded",
                    Trouble::Foreign => "this run is not recorded, and the file is left as it is",
                    Trouble::Damaged(_) | Trouble::Failed(_) =>
                        "the run goes on, and its results count",
                }
            ),
            HistoryNotice::CaughtUp(path) => write!(
                f,
                "the history {} could be written after all; nothing of this run is missing in it",
                path.display()
            ),
        }
    }
}
