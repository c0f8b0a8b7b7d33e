//! What is written: a run, the outcome of a case, a climb.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::Kind;
use crate::case::Ending;
use crate::record::climb::ClimbRecord;
use crate::record::{CaseRecord, RunInfo, Summary};
use crate::scenario::Cost;

/// What the machine of a run has.
#[derive(Clone, Debug)]
pub struct Machine {
    cores: i64,
    /// Bytes; 0 where the system does not say.
    memory: i64,
}

impl Machine {
    /// This one.
    pub fn here() -> Machine {
        let memory = sysinfo::System::new().map(|mut system| {
            system.refresh_memory();
            system.total_memory()
        });
        Machine {
            cores: std::thread::available_parallelism().map_or(1, |it| it.get() as i64),
            memory: whole(memory.unwrap_or(0)),
        }
    }
}

/// A row that belongs to a run.
#[derive(Clone, Debug)]
pub enum Row {
    /// What came of a case.
    Outcome(Box<Outcome>),
    /// What came of a climb.
    Climb(Box<Climbed>),
}

impl Row {
    /// Two rows of a run with the same key are one that was written anew.
    pub fn key(&self) -> (bool, String, String, i64) {
        match self {
            Row::Outcome(it) => (false, it.scenario.clone(), it.lane.clone(), it.n),
            Row::Climb(it) => (true, it.scenario.clone(), it.lane.clone(), 0),
        }
    }

    /// Writes it, over what the run has of the same.
    pub fn write(&self, connection: &Connection, run: i64) -> rusqlite::Result<()> {
        match self {
            Row::Outcome(outcome) => outcome.write(connection, run),
            Row::Climb(climb) => climb.write(connection, run),
        }
    }
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    scenario: String,
    axis: String,
    lane: String,
    n: i64,
    verdict: &'static str,
    message: String,
    returned: bool,
    seed: Option<String>,
    /// Work, heap, peak memory, collections, allocations.
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

impl From<&CaseRecord> for Row {
    fn from(record: &CaseRecord) -> Row {
        let measures = record.measures.as_ref();
        let peak = measures.map(|it| it.peak_memory);
        Row::Outcome(Box::new(Outcome {
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
                    it.fuel.0,
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
                title: String::new(),
                why: String::new(),
                ..record.clone()
            }),
        }))
    }
}

impl Outcome {
    fn write(&self, connection: &Connection, run: i64) -> rusqlite::Result<()> {
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

/// What came of a climb.
#[derive(Clone, Debug)]
pub struct Climbed {
    scenario: String,
    axis: String,
    lane: String,
    verdict: &'static str,
    message: String,
    ceiling: Option<i64>,
    exact: bool,
    /// The exponents of work and heap.
    work: Option<f64>,
    heap: Option<f64>,
    /// As JSON, without the life of the heap.
    record: String,
}

impl From<&ClimbRecord> for Row {
    fn from(record: &ClimbRecord) -> Row {
        let exponent = |cost| {
            let measured = record.growth.iter().find(|it| it.cost == cost)?;
            Some(measured.fit.as_ref()?.exponent)
        };
        Row::Climb(Box::new(Climbed {
            scenario: record.scenario.clone(),
            axis: record.axis.clone(),
            lane: record.lane.to_string(),
            verdict: record.verdict.name(),
            message: record.message.clone(),
            ceiling: record.ceiling.map(|it| whole(it.get())),
            exact: record.end.exact,
            work: exponent(Cost::Work),
            heap: exponent(Cost::Heap),
            record: json(&ClimbRecord {
                heap_life: None,
                title: String::new(),
                why: String::new(),
                ..record.clone()
            }),
        }))
    }
}

impl Climbed {
    fn write(&self, connection: &Connection, run: i64) -> rusqlite::Result<()> {
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
                self.work,
                self.heap,
                self.record,
            ],
        )?;
        Ok(())
    }
}

/// Writes the row of a run that begins, and gives its id.
pub fn begin(
    connection: &Connection,
    kind: Kind,
    info: &RunInfo,
    machine: &Machine,
) -> rusqlite::Result<i64> {
    let dependencies = json(&info.dependencies);
    let toolchain = params![info.vera, info.toolchain, info.fingerprint, dependencies];
    connection.execute(
        "INSERT INTO toolchains (vera, spec, fingerprint, dependencies)
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        toolchain,
    )?;
    let toolchain: i64 = connection.query_row(
        "SELECT id FROM toolchains
         WHERE vera = ?1 AND spec = ?2 AND fingerprint = ?3 AND dependencies = ?4",
        toolchain,
        |row| row.get(0),
    )?;
    let (os, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
    let here = params![os, architecture, machine.cores, machine.memory];
    connection.execute(
        "INSERT INTO machines (os, architecture, cores, memory)
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        here,
    )?;
    let here: i64 = connection.query_row(
        "SELECT id FROM machines
         WHERE os = ?1 AND architecture = ?2 AND cores = ?3 AND memory = ?4",
        here,
        |row| row.get(0),
    )?;
    connection.execute(
        "INSERT INTO runs (kind, started, vera_stress, toolchain, machine, profile, seed,
           partition, catalogues, jobs, planned, against)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            kind.name(),
            info.started.to_string(),
            info.vera_stress,
            toolchain,
            here,
            info.profile,
            info.seed.to_string(),
            info.partition,
            json(&info.catalogues),
            whole(info.jobs as u64),
            whole(info.cases as u64),
            info.against.as_ref().map(|it| it.run),
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

/// Writes the end of a run.
pub fn finish(
    connection: &Connection,
    run: i64,
    finished: &str,
    summary: &Summary,
) -> rusqlite::Result<()> {
    let against = summary.against.as_ref();
    connection.execute(
        "UPDATE runs SET finished = ?2, seconds = ?3, interrupted = ?4, passed = ?5, known = ?6,
           failed = ?7, fixed = ?8, unsupported = ?9, not_run = ?10, drifted = ?11,
           compared = ?12, down = ?13
         WHERE id = ?1",
        params![
            run,
            finished,
            summary.seconds,
            summary.interrupted,
            whole(summary.passed as u64),
            whole(summary.known as u64),
            whole(summary.failed as u64),
            whole(summary.fixed as u64),
            whole(summary.unsupported as u64),
            whole(summary.not_run as u64),
            against.map(|it| whole(it.drifted as u64)),
            against
                .and_then(|it| it.compared)
                .map(|it| whole(it as u64)),
            against.and_then(|it| it.down).map(|it| whole(it as u64)),
        ],
    )?;
    Ok(())
}

/// Whether a run that has ended is there, with so many rows.
pub fn holds(connection: &Connection, run: i64, rows: usize) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT (SELECT count(*) FROM runs WHERE id = ?1 AND finished IS NOT NULL) = 1
           AND (SELECT count(*) FROM outcomes WHERE run = ?1)
             + (SELECT count(*) FROM climbs WHERE run = ?1) = ?2",
        params![run, whole(rows as u64)],
        |row| row.get(0),
    )
}

/// A count as SQLite has it; none comes near the end of the range.
pub fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("records have string keys only")
}
