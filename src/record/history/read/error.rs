//! Why the history does not tell what it was asked.

use std::path::PathBuf;

use crate::record::history::trouble::Trouble;

/// Why the history does not tell what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// The file cannot be read.
    #[error("the history {} cannot be read: {trouble}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        trouble: Trouble,
    },
    /// There is no file, and so no run to compare with.
    #[error("there is no run to compare with: nothing is recorded in {} yet", path.display())]
    Empty {
        /// Where it would be.
        path: PathBuf,
    },
    /// There is no run at all.
    #[error("nothing is recorded in {} yet", _0.display())]
    Nothing(PathBuf),
    /// There is no run with this id.
    #[error("there is no run {run} in {}", path.display())]
    NoRun {
        /// The id.
        run: i64,
        /// The file.
        path: PathBuf,
    },
    /// No run has finished that could be compared with.
    #[error(
        "there is no run to compare with: no run in {} has finished yet",
        path.display()
    )]
    NoneFinished {
        /// The file.
        path: PathBuf,
    },
    /// The run has no cases.
    #[error(
        "run {run} in {} is a climb, which has no cases to compare with",
        path.display()
    )]
    IsClimb {
        /// Its id.
        run: i64,
        /// The file.
        path: PathBuf,
    },
}
