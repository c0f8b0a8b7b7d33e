//! Why the history cannot be used.

use std::io;

use rusqlite::ErrorCode;

/// Why the history cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It is no database, or a broken one.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// A later vera-stress wrote it.
    #[error(
        "a newer vera-stress wrote it: its tables are of version {found}, and {known} is known here"
    )]
    Newer {
        /// The version of its tables.
        found: i64,
        /// The version that is known.
        known: i64,
    },
    /// It is a database of some other program.
    #[error("it is a database of another program")]
    Foreign,
    /// It cannot be read or written.
    #[error("{0}")]
    Failed(String),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Trouble {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Trouble::Damaged(error.to_string())
            }
            _ => Trouble::Failed(error.to_string()),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Failed(error.to_string())
    }
}
