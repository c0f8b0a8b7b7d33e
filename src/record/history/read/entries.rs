//! A scenario over time.

use std::collections::BTreeSet;

use rusqlite::{Row, params};
use serde::Serialize;

use super::error::HistoryError;
use super::past::{Past, count};
use crate::case::{Lane, Scale};
use crate::plan::Name;

/// What a run recorded of a scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// The id of the run.
    pub run: i64,
    /// What kind of run it was.
    pub kind: String,
    /// When that began, in UTC.
    pub started: String,
    /// The version of Vera.
    pub vera: String,
    /// What stood after `--vera`.
    pub toolchain: String,
    /// The scenario.
    pub scenario: String,
    /// The lane, with its seed.
    pub lane: Lane,
    /// The verdict.
    pub verdict: String,
    /// What differed; empty for a pass.
    pub message: String,
    /// What was seen.
    #[serde(flatten)]
    pub seen: Sighting,
}

/// What was seen of a scenario.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Sighting {
    /// In a case.
    Case {
        /// The scale.
        n: u64,
        /// Instructions, where they were counted.
        instructions: Option<u64>,
        /// The extent of the heap in bytes, where it was.
        heap: Option<u64>,
        /// How often the collector ran, where that was counted.
        collections: Option<u64>,
    },
    /// In a climb.
    Climb {
        /// The largest n that passed.
        ceiling: Option<u64>,
        /// Whether the n above it was seen to fail.
        exact: bool,
        /// The p of instructions ~ n^p.
        instructions_exponent: Option<f64>,
        /// The p of heap ~ n^p.
        heap_exponent: Option<f64>,
    },
}

impl Entry {
    /// Whether a name means it. A climb is at no n.
    fn is_meant_by(&self, name: &Name) -> bool {
        let n = match self.seen {
            Sighting::Case { n, .. } => Scale::new(n),
            Sighting::Climb { .. } => name.n,
        };
        name.holds(&self.scenario, self.lane, n.unwrap_or(Scale::ONE))
    }
}

impl Past {
    /// What is recorded of what these names mean, by scenario, then cases before
    /// climbs, then lane, then oldest first.
    pub fn entries(&self, wanted: &[Name]) -> Result<Vec<Entry>, HistoryError> {
        let all = |_: &String| true;
        let names: BTreeSet<String> = self
            .rows(
                "SELECT DISTINCT scenario FROM cases UNION SELECT DISTINCT scenario FROM climbs",
                [],
                |row| row.get(0),
                all,
                usize::MAX,
            )?
            .into_iter()
            .collect();
        let mut entries = Vec::new();
        for name in names {
            if !wanted.iter().any(|it| it.is_of(&name)) {
                continue;
            }
            let of_cases = "SELECT r.id, r.kind, r.started, t.vera, t.spec, c.scenario, c.lane,
                 o.verdict, o.message, c.n, o.work, o.heap, o.collections
               FROM cases c JOIN outcomes o ON o.case_id = c.id JOIN runs r ON r.id = o.run
                 JOIN toolchains t ON t.id = r.toolchain
               WHERE c.scenario = ?1 ORDER BY r.id, c.n, c.lane";
            let case = |row: &Row<'_>| {
                Ok(Sighting::Case {
                    n: count(row, 9)?.unwrap_or(0),
                    instructions: count(row, 10)?,
                    heap: count(row, 11)?,
                    collections: count(row, 12)?,
                })
            };
            let of_climbs = "SELECT r.id, r.kind, r.started, t.vera, t.spec, c.scenario, c.lane,
                 c.verdict, c.message, c.ceiling, c.exact, c.work, c.heap
               FROM climbs c JOIN runs r ON r.id = c.run JOIN toolchains t ON t.id = r.toolchain
               WHERE c.scenario = ?1 ORDER BY r.id, c.lane";
            let climb = |row: &Row<'_>| {
                Ok(Sighting::Climb {
                    ceiling: count(row, 9)?,
                    exact: row.get(10)?,
                    instructions_exponent: row.get(11)?,
                    heap_exponent: row.get(12)?,
                })
            };
            let meant = |it: &Entry| wanted.iter().any(|name| it.is_meant_by(name));
            let with = |seen: &dyn Fn(&Row<'_>) -> rusqlite::Result<Sighting>, row: &Row<'_>| {
                entry(row, seen(row)?)
            };
            let name = params![name];
            entries.extend(self.rows(of_cases, name, |it| with(&case, it), meant, usize::MAX)?);
            entries.extend(self.rows(of_climbs, name, |it| with(&climb, it), meant, usize::MAX)?);
        }
        Ok(entries)
    }
}

fn entry(row: &Row<'_>, seen: Sighting) -> rusqlite::Result<Entry> {
    let lane: String = row.get(6)?;
    let lane = lane.parse().map_err(|why: crate::case::Problem| {
        rusqlite::Error::FromSqlConversionFailure(6, rusqlite::types::Type::Text, why.into())
    })?;
    Ok(Entry {
        run: row.get(0)?,
        kind: row.get(1)?,
        started: row.get(2)?,
        vera: row.get(3)?,
        toolchain: row.get(4)?,
        scenario: row.get(5)?,
        lane,
        verdict: row.get(7)?,
        message: row.get(8)?,
        seen,
    })
}
