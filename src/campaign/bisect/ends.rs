//! What can be wrong with the two ends of a bisection.

use std::path::PathBuf;

use crate::case::Problem;

/// One of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchEnd {
    /// The one that is good.
    Good,
    /// The one that is bad.
    Bad,
}

/// Why nothing can be searched between two ends. What is called good and bad is
/// called so here as it was typed.
#[derive(Clone, Debug, PartialEq)]
pub enum WrongEnds {
    /// Both are the same release.
    SameRelease(String),
    /// One is no release.
    NoRelease {
        /// Which of them.
        end: SearchEnd,
        /// What it is called.
        name: String,
    },
    /// They make no range of releases.
    NoRange(Problem),
    /// The good release is newer than the bad one.
    GoodIsNewer {
        /// The good one.
        good: String,
        /// The bad one.
        bad: String,
    },
    /// There is no release after the good one.
    NothingAfter(String),
    /// What is to hold the commits is no directory.
    NoDirectory(PathBuf),
    /// It is in no checkout.
    NoCheckout {
        /// The directory.
        directory: PathBuf,
        /// What git said.
        detail: String,
    },
    /// One names no commit.
    NoCommit {
        /// Which of them.
        end: SearchEnd,
        /// What it is called.
        revision: String,
        /// The directory.
        directory: PathBuf,
        /// Why it may name none.
        missing: Missing,
    },
    /// Both are the same commit.
    SameCommit {
        /// The good one.
        good: String,
        /// The bad one.
        bad: String,
    },
    /// The bad commit does not come from the good one.
    NoAncestor {
        /// The good one.
        good: String,
        /// The bad one.
        bad: String,
        /// The directory.
        directory: PathBuf,
        /// Whether the clone lacks older commits.
        shallow: bool,
    },
    /// There is no Vera in the directory.
    NoVera {
        /// The directory.
        directory: PathBuf,
        /// The commit that was looked at.
        bad: String,
    },
}

/// Why a revision may name no commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// There is a tag with another name for it.
    IsTagged(String),
    /// The clone lacks older commits.
    Shallow,
    /// Nothing is known of it.
    Unknown,
}
