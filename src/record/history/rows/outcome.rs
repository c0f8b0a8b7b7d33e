//! The row of a case.

use rusqlite::{Connection, params};

use super::values::{json, whole};
use crate::case::Ending;
use crate::record::CaseRecord;

/// What came of a case.
#[derive(Clone, Debug)]
pub struct OutcomeRow {
    scenario: String,
    axis: String,
    lane: String,
    n: i64,
    verdict: &'static str,
    message: String,
    returned: bool,
    seed: Option<String>,
    /// Instructions, heap, peak memory, collections, allocations.
    counts: Option<[i64; 5]>,
    peak_memory: Option<i64>,
    /// CPU and wall time of the run and of the compilation, in seconds.
    run: Option<(f64, f64)>,
    compile: Option<(f64, f64)>,
    smallest: Option<i64>,
    folder: Option<String>,
    /// As JSON, without the life of the heap: a history is kept, and that would
    /// be most of it. The scenario's own words are in the scenario.
    record: String,
}

impl From<&CaseRecord> for OutcomeRow {
    fn from(record: &CaseRecord) -> OutcomeRow {
        let measures = record.measures.as_ref();
        let peak = measures.map(|it| it.peak_memory);
        OutcomeRow {
            scenario: record.scenario.clone(),
            axis: record.axis.clone(),
            lane: record.lane.to_string(),
            n: whole(record.n.get()),
            verdict: record.verdict.name(),
            message: record.message.clone(),
            returned: matches!(record.ending, Some(Ending::Returned { .. })),
            seed: record.seed.map(|seed| seed.to_string()),
            counts: measures.map(|it| {
                [
                    it.instructions.0,
                    it.heap.0,
                    it.peak_memory.0,
                    it.collections,
                    it.allocations,
                ]
                .map(whole)
            }),
            peak_memory: peak
                .or(record.run.map(|it| it.peak_memory))
                .map(|it| whole(it.0)),
            run: record
                .run
                .map(|it| (it.cpu.as_secs_f64(), it.wall.as_secs_f64())),
            compile: record
                .compile
                .map(|it| (it.cpu.as_secs_f64(), it.wall.as_secs_f64())),
            smallest: record.smallest.as_ref().map(|it| whole(it.fails.get())),
            folder: record.folder.clone(),
            record: json(&CaseRecord {
                heap_life: None,
                evidence: None,
                title: String::new(),
                why: String::new(),
                ..record.clone()
            }),
        }
    }
}

impl OutcomeRow {
    /// What tells it from the other outcomes of its run: scenario, lane and n.
    pub fn key(&self) -> (String, String, i64) {
        (self.scenario.clone(), self.lane.clone(), self.n)
    }

    /// Writes it, over what the run has of the same.
    pub fn write(&self, connection: &Connection, run: i64) -> rusqlite::Result<()> {
        let case = params![self.scenario, self.axis, self.lane, self.n];
        connection.execute(
            "INSERT INTO cases (scenario, axis, lane, n) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
            case,
        )?;
        let case: i64 = connection.query_row(
            "SELECT id FROM cases WHERE scenario = ?1 AND axis = ?2 AND lane = ?3 AND n = ?4",
            case,
            |row| row.get(0),
        )?;
        let count = |place: usize| self.counts.map(|counts| counts[place]);
        connection.execute(
            "INSERT INTO outcomes (run, case_id, verdict, message, returned, seed, work, heap,
               peak_memory, collections, allocations, run_cpu, run_wall, compile_cpu,
               compile_wall, smallest, folder, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
             ON CONFLICT (run, case_id) DO UPDATE SET verdict = excluded.verdict,
               message = excluded.message, smallest = excluded.smallest,
               folder = excluded.folder, record = excluded.record",
            params![
                run,
                case,
                self.verdict,
                self.message,
                self.returned,
                self.seed,
                count(0),
                count(1),
                self.peak_memory,
                count(3),
                count(4),
                self.run.map(|it| it.0),
                self.run.map(|it| it.1),
                self.compile.map(|it| it.0),
                self.compile.map(|it| it.1),
                self.smallest,
                self.folder,
                self.record,
            ],
        )?;
        Ok(())
    }
}
