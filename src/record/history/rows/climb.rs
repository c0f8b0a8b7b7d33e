//! The row of a climb.

use rusqlite::{Connection, params};

use super::values::{json, whole};
use crate::record::climb::ClimbRecord;
use crate::scenario::Cost;

/// What came of a climb.
#[derive(Clone, Debug)]
pub struct ClimbRow {
    scenario: String,
    axis: String,
    lane: String,
    verdict: &'static str,
    message: String,
    ceiling: Option<i64>,
    exact: bool,
    /// The exponents of instructions and heap.
    instructions: Option<f64>,
    heap: Option<f64>,
    /// As JSON, without the life of the heap.
    record: String,
}

impl From<&ClimbRecord> for ClimbRow {
    fn from(record: &ClimbRecord) -> ClimbRow {
        let exponent = |cost| {
            let measured = record.growth.iter().find(|it| it.cost == cost)?;
            Some(measured.fit.as_ref()?.exponent)
        };
        ClimbRow {
            scenario: record.scenario.clone(),
            axis: record.axis.clone(),
            lane: record.lane.to_string(),
            verdict: record.verdict.name(),
            message: record.message.clone(),
            ceiling: record.ceiling.map(|it| whole(it.get())),
            exact: record.end.exact,
            instructions: exponent(Cost::Instructions),
            heap: exponent(Cost::Heap),
            record: json(&ClimbRecord {
                heap_life: None,
                title: String::new(),
                why: String::new(),
                ..record.clone()
            }),
        }
    }
}

impl ClimbRow {
    /// What tells it from the other climbs of its run: scenario and lane.
    pub fn key(&self) -> (String, String) {
        (self.scenario.clone(), self.lane.clone())
    }

    /// Writes it, over what the run has of the same.
    pub fn write(&self, connection: &Connection, run: i64) -> rusqlite::Result<()> {
        connection.execute(
            "INSERT INTO climbs (run, scenario, axis, lane, verdict, message, ceiling, exact,
               work, heap, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (run, scenario, axis, lane) DO UPDATE SET verdict = excluded.verdict,
               message = excluded.message, ceiling = excluded.ceiling, exact = excluded.exact,
               work = excluded.work, heap = excluded.heap, record = excluded.record",
            params![
                run,
                self.scenario,
                self.axis,
                self.lane,
                self.verdict,
                self.message,
                self.ceiling,
                self.exact,
                self.instructions,
                self.heap,
                self.record,
            ],
        )?;
        Ok(())
    }
}
