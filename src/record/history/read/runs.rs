//! The runs of a history, each with how it ended.

use rusqlite::Row;
use serde::Serialize;

use super::error::HistoryError;
use super::past::{Past, count};
use crate::record::Summary;
use crate::record::against::AgainstSummary;

/// A run as it is recorded.
#[derive(Clone, Debug, Serialize)]
pub struct PastRun {
    /// Its id.
    pub run: i64,
    /// `run`, `climb`, `compare` or `bisect`.
    pub kind: String,
    /// When it began, in UTC.
    pub started: String,
    /// The version of Vera.
    pub vera: String,
    /// What stood after `--vera`.
    pub toolchain: String,
    /// The profile.
    pub profile: String,
    /// Which part of a whole run it was, `1/4`; `None` for a whole one.
    pub partition: Option<String>,
    /// What chance repeated with.
    pub seed: String,
    /// The version of vera-stress.
    pub vera_stress: String,
    /// How many cases, or climbs, it was to have.
    pub planned: usize,
    /// How many of them are recorded.
    pub recorded: usize,
    /// The run that its counts were held against.
    pub against: Option<i64>,
    /// How it ended; `None` for one that was killed or is still running.
    pub summary: Option<Summary>,
}

impl Past {
    /// The newest `limit` runs that `wanted` wants, oldest first.
    pub fn runs(
        &self,
        limit: usize,
        wanted: impl Fn(&PastRun) -> bool,
    ) -> Result<Vec<PastRun>, HistoryError> {
        let mut runs = self.rows(
            "SELECT r.id, r.kind, r.started, t.vera, t.spec, r.profile, r.seed, r.vera_stress,
               r.planned, r.against, r.finished, r.seconds, r.interrupted, r.passed, r.known,
               r.failed, r.fixed, r.unsupported, r.not_run, r.drifted,
               r.partition, r.compared, r.down, r.refused, r.undecided,
               (SELECT count(*) FROM outcomes WHERE run = r.id)
                 + (SELECT count(*) FROM climbs WHERE run = r.id)
             FROM runs r JOIN toolchains t ON t.id = r.toolchain ORDER BY r.id DESC",
            [],
            past_run,
            |run| wanted(run),
            limit,
        )?;
        runs.reverse();
        Ok(runs)
    }
}

fn past_run(row: &Row<'_>) -> rusqlite::Result<PastRun> {
    let finished: Option<String> = row.get(10)?;
    let size = |place: usize| Ok::<_, rusqlite::Error>(count(row, place)?.unwrap_or(0) as usize);
    let some =
        |place: usize| Ok::<_, rusqlite::Error>(count(row, place)?.map(|count| count as usize));
    let recorded = size(25)?;
    let summary = match finished {
        None => None,
        Some(_) => Some(Summary {
            cases: recorded,
            passed: size(13)?,
            known: size(14)?,
            failed: size(15)?,
            fixed: size(16)?,
            unsupported: size(17)?,
            not_run: size(18)?,
            refused: size(23)?,
            undecided: size(24)?,
            interrupted: row.get::<_, Option<bool>>(12)?.unwrap_or(false),
            seconds: row.get::<_, Option<f64>>(11)?.unwrap_or(0.0),
            against: match some(19)? {
                None => None,
                Some(drifted) => Some(AgainstSummary {
                    drifted,
                    compared: some(21)?,
                    down: some(22)?,
                }),
            },
            ..Summary::default()
        }),
    };
    Ok(PastRun {
        run: row.get(0)?,
        kind: row.get(1)?,
        started: row.get(2)?,
        vera: row.get(3)?,
        toolchain: row.get(4)?,
        profile: row.get(5)?,
        partition: row.get(20)?,
        seed: row.get(6)?,
        vera_stress: row.get(7)?,
        planned: size(8)?,
        recorded,
        against: row.get(9)?,
        summary,
    })
}
