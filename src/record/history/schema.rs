//! The tables of the history, and how a database of an older version gets them.

use rusqlite::{Connection, TransactionBehavior};

use super::trouble::Trouble;

/// What marks a database as a history, in `PRAGMA application_id`: `VStr`.
const APPLICATION: i64 = 0x5653_7472;

/// What makes version k + 1 out of version k, at place k. A migration that was
/// released is never edited: whoever has it will not run it again.
pub const MIGRATIONS: [&str; 5] = [
    // 1: runs, what they ran on, and what came of their cases.
    "CREATE TABLE toolchains (
       id           INTEGER PRIMARY KEY,
       vera         TEXT NOT NULL,
       spec         TEXT NOT NULL,
       fingerprint  TEXT NOT NULL,
       dependencies TEXT NOT NULL,
       UNIQUE (vera, spec, fingerprint, dependencies)
     ) STRICT;
     CREATE TABLE machines (
       id           INTEGER PRIMARY KEY,
       os           TEXT NOT NULL,
       architecture TEXT NOT NULL,
       cores        INTEGER NOT NULL,
       memory       INTEGER NOT NULL,
       UNIQUE (os, architecture, cores, memory)
     ) STRICT;
     CREATE TABLE runs (
       id          INTEGER PRIMARY KEY AUTOINCREMENT,
       started     TEXT NOT NULL,
       vera_stress TEXT NOT NULL,
       toolchain   INTEGER NOT NULL REFERENCES toolchains (id),
       machine     INTEGER NOT NULL REFERENCES machines (id),
       profile     TEXT NOT NULL,
       seed        TEXT NOT NULL,
       partition   TEXT,
       catalogues  TEXT NOT NULL,
       jobs        INTEGER NOT NULL,
       planned     INTEGER NOT NULL,
       finished    TEXT,
       seconds     REAL,
       interrupted INTEGER,
       passed      INTEGER,
       known       INTEGER,
       failed      INTEGER,
       fixed       INTEGER,
       unsupported INTEGER,
       not_run     INTEGER
     ) STRICT;
     CREATE TABLE cases (
       id       INTEGER PRIMARY KEY,
       scenario TEXT NOT NULL,
       axis     TEXT NOT NULL,
       lane     TEXT NOT NULL,
       n        INTEGER NOT NULL,
       UNIQUE (scenario, axis, lane, n)
     ) STRICT;
     CREATE TABLE outcomes (
       id           INTEGER PRIMARY KEY,
       run          INTEGER NOT NULL REFERENCES runs (id),
       case_id      INTEGER NOT NULL REFERENCES cases (id),
       verdict      TEXT NOT NULL,
       message      TEXT NOT NULL,
       returned     INTEGER NOT NULL,
       seed         TEXT,
       work         INTEGER,
       heap         INTEGER,
       peak_memory  INTEGER,
       collections  INTEGER,
       allocations  INTEGER,
       run_cpu      REAL,
       run_wall     REAL,
       compile_cpu  REAL,
       compile_wall REAL,
       smallest     INTEGER,
       folder       TEXT,
       record       TEXT NOT NULL,
       UNIQUE (run, case_id)
     ) STRICT;
     CREATE INDEX outcomes_of_a_case ON outcomes (case_id, run);",
    // 2: climbs, what kind of run it was, and what it was compared with.
    "ALTER TABLE runs ADD COLUMN kind TEXT NOT NULL DEFAULT 'run';
     ALTER TABLE runs ADD COLUMN against INTEGER;
     ALTER TABLE runs ADD COLUMN drifted INTEGER;
     CREATE TABLE climbs (
       id       INTEGER PRIMARY KEY,
       run      INTEGER NOT NULL REFERENCES runs (id),
       scenario TEXT NOT NULL,
       axis     TEXT NOT NULL,
       lane     TEXT NOT NULL,
       verdict  TEXT NOT NULL,
       message  TEXT NOT NULL,
       ceiling  INTEGER,
       exact    INTEGER NOT NULL,
       work     REAL,
       heap     REAL,
       record   TEXT NOT NULL,
       UNIQUE (run, scenario, axis, lane)
     ) STRICT;
     CREATE INDEX climbs_of_a_scenario ON climbs (scenario, run);",
    // 3: what else came of holding a run against an earlier one.
    "ALTER TABLE runs ADD COLUMN compared INTEGER;
     ALTER TABLE runs ADD COLUMN down INTEGER;",
    // 4: why it was this Vera.
    "ALTER TABLE runs ADD COLUMN chosen TEXT;",
    // 5: what was refused or left undecided, no longer among what was unsupported or
    // not run.
    "ALTER TABLE runs ADD COLUMN refused INTEGER;
     ALTER TABLE runs ADD COLUMN undecided INTEGER;",
];

/// The version of the tables that this program writes.
pub const VERSION: i64 = MIGRATIONS.len() as i64;

/// Sees that a database is a history of a version that is known here; gives the
/// version, which is 0 for one without any tables. Writes nothing.
pub fn check(connection: &Connection) -> Result<i64, Trouble> {
    let number = |pragma: &str| connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let version = number("PRAGMA user_version")?;
    let application = number("PRAGMA application_id")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    match (application, tables) {
        (APPLICATION, _) | (0, 0) if version > VERSION => Err(Trouble::Newer {
            found: version,
            known: VERSION,
        }),
        (APPLICATION, _) | (0, 0) => Ok(version),
        _ => Err(Trouble::Foreign),
    }
}

/// Brings a database up to [`VERSION`]. Each step is one transaction that looks
/// at the version inside: of two processes that come at once, one waits and then
/// finds nothing left to do.
pub fn migrate(connection: &mut Connection) -> Result<(), Trouble> {
    while check(connection)? < VERSION {
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = check(&step)?;
        if let Some(migration) = MIGRATIONS.get(version as usize) {
            step.execute_batch(migration)?;
            step.pragma_update(None, "application_id", APPLICATION)?;
            step.pragma_update(None, "user_version", version + 1)?;
        }
        step.commit()?;
    }
    Ok(())
}
