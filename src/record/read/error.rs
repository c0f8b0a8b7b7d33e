//! Why a recorded run cannot be read.

use std::io;

use crate::record::UnknownFormat;

/// Why a file cannot be read as a recorded run.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read at all.
    #[error("{file} cannot be read: {why}")]
    Unreadable {
        /// Which file.
        file: String,
        /// What the operating system says.
        why: io::Error,
    },
    /// Not even the first event is there.
    #[error(
        "{0} holds no event: its run ended before it began, as it does where Vera cannot be set up"
    )]
    Empty(String),
    /// The file ends within its first event.
    #[error("{0} is cut off in its first line, so nothing is known of its run")]
    CutOff(String),
    /// A line is no JSON object.
    #[error("{file}:{line}: this is not JSON ({why})")]
    NotJson {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// What the parser says.
        why: String,
    },
    /// The whole file is of a later version.
    #[error("{file}:{line}: {why}")]
    OtherFormat {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// What it says of itself.
        why: UnknownFormat,
    },
    /// An event that some other version writes.
    #[error("{file}:{line}: this event is not as this vera-stress writes it ({why})")]
    OtherVersion {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// What the parser says.
        why: String,
    },
    /// The file holds something else than one run.
    #[error("{file}:{line}: {what}")]
    NotOneRun {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// What it holds.
        what: String,
    },
}
