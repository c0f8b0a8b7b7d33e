//! The row of a run, its beginning and its end.

use rusqlite::{Connection, params};

use super::values::{json, whole};
use crate::record::history::kind::RunKind;
use crate::record::{RunInfo, Summary};
use crate::toolchain::Chosen;

/// What the machine of a run has.
#[derive(Clone, Debug)]
pub struct Hardware {
    cores: i64,
    /// Bytes; 0 where the system does not say.
    memory: i64,
}

impl Hardware {
    /// This one.
    pub fn here() -> Hardware {
        let memory = sysinfo::System::new().map(|mut system| {
            system.refresh_memory();
            system.total_memory()
        });
        Hardware {
            cores: std::thread::available_parallelism().map_or(1, |it| it.get() as i64),
            memory: whole(memory.unwrap_or(0)),
        }
    }
}

/// Writes the row of a run that begins, and gives its id.
pub fn begin(
    connection: &Connection,
    kind: RunKind,
    info: &RunInfo,
    machine: &Hardware,
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
           partition, catalogues, jobs, planned, against, chosen)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
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
            info.chosen.map(Chosen::name),
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
           compared = ?12, down = ?13, refused = ?14, undecided = ?15
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
            whole(summary.refused as u64),
            whole(summary.undecided as u64),
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
