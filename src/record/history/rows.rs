//! What is written: a run, the outcome of a case, a climb.

mod climb;
mod outcome;
mod run;
mod values;

use rusqlite::Connection;

use crate::record::CaseRecord;
use crate::record::climb::ClimbRecord;
use climb::ClimbRow;
use outcome::OutcomeRow;
pub use run::{Hardware, begin, finish, holds};

/// A row that belongs to a run.
#[derive(Clone, Debug)]
pub enum RunRow {
    /// What came of a case.
    Outcome(Box<OutcomeRow>),
    /// What came of a climb.
    Climb(Box<ClimbRow>),
}

impl RunRow {
    /// Two rows of a run with the same key are one that was written anew.
    pub fn key(&self) -> (bool, String, String, i64) {
        match self {
            RunRow::Outcome(it) => {
                let (scenario, lane, n) = it.key();
                (false, scenario, lane, n)
            }
            RunRow::Climb(it) => {
                let (scenario, lane) = it.key();
                (true, scenario, lane, 0)
            }
        }
    }

    /// Writes it, over what the run has of the same.
    pub fn write(&self, connection: &Connection, run: i64) -> rusqlite::Result<()> {
        match self {
            RunRow::Outcome(outcome) => outcome.write(connection, run),
            RunRow::Climb(climb) => climb.write(connection, run),
        }
    }
}

impl From<&CaseRecord> for RunRow {
    fn from(record: &CaseRecord) -> RunRow {
        RunRow::Outcome(Box::new(record.into()))
    }
}

impl From<&ClimbRecord> for RunRow {
    fn from(record: &ClimbRecord) -> RunRow {
        RunRow::Climb(Box::new(record.into()))
    }
}
