//! Why files are not the parts of one run.

use super::difference::Difference;

/// Why files are not the parts of one run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Nothing was given.
    #[error("there is no part to merge")]
    Nothing,
    /// A whole run among others.
    #[error("{0} is a whole run and no part of one, so it cannot be joined with others")]
    Whole(String),
    /// A partition that no run has.
    #[error("{0} says that it is part `{1}`, and there is no such part")]
    NoPart(String, String),
    /// Parts of different runs.
    #[error("{one} and {other} are parts of different runs: {what}")]
    Differ {
        /// One file.
        one: String,
        /// The other one.
        other: String,
        /// What differs.
        what: Difference,
    },
    /// The same part twice.
    #[error("part {part} is in two files, {one} and {other}")]
    Twice {
        /// Which part.
        part: String,
        /// One file.
        one: String,
        /// The other one.
        other: String,
    },
    /// The same case twice.
    #[error("{case} is in two parts, {one} and {other}")]
    CaseTwice {
        /// Which case.
        case: String,
        /// One file.
        one: String,
        /// The other one.
        other: String,
    },
    /// Parts that are missing or did not finish.
    #[error("the run is not whole: {}", .0.join("; "))]
    Lost(Vec<String>),
}
