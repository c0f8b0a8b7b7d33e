//! What the history tells: its runs, a scenario over time, and the counts that a
//! new run is held against.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use wildmatch::WildMatch;

use super::store::{Store, Trouble};
use crate::case::{Bytes, Fuel, Lane};
use crate::judge::drift::Counts;
use crate::record::CaseRecord;
use crate::record::against::{Base, Counted};

mod runs;

pub use runs::PastRun;

/// Which earlier run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunChoice {
    /// The newest that has finished.
    Last,
    /// The one with this id.
    Id(i64),
}

impl FromStr for RunChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<RunChoice, String> {
        match text.parse() {
            _ if text == "last" => Ok(RunChoice::Last),
            Ok(id) if id > 0 => Ok(RunChoice::Id(id)),
            _ => Err(format!(
                "`{text}` is no run; write last, or a number that `vera-stress history` shows"
            )),
        }
    }
}

/// A history, to be read.
pub struct Past {
    store: Option<Store>,
    path: PathBuf,
}

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
    pub seen: Seen,
}

/// What was seen of a scenario.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Seen {
    /// In a case.
    Case {
        /// The scale.
        n: u64,
        /// Instructions, where they were counted.
        work: Option<u64>,
        /// The extent of the heap in bytes, where it was.
        heap: Option<u64>,
    },
    /// In a climb.
    Climb {
        /// The largest n that passed.
        ceiling: Option<u64>,
        /// Whether the n above it was seen to fail.
        exact: bool,
        /// The p of work ~ n^p.
        work_exponent: Option<f64>,
        /// The p of heap ~ n^p.
        heap_exponent: Option<f64>,
    },
}

impl Past {
    /// Opens the history in a file. One that is not there tells nothing; the
    /// error is a sentence about one that cannot be read.
    pub fn of(path: &Path) -> Result<Past, String> {
        let store = Store::open_to_read(path).map_err(|trouble| told(path, &trouble))?;
        Ok(Past {
            store,
            path: path.to_owned(),
        })
    }

    /// What is recorded of the scenarios whose names match, by name, then cases
    /// before climbs, then lane, then oldest first.
    pub fn entries(&self, patterns: &[String]) -> Result<Vec<Entry>, String> {
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
        let patterns: Vec<WildMatch> = patterns.iter().map(|it| WildMatch::new(it)).collect();
        let mut entries = Vec::new();
        for name in names {
            if !patterns.iter().any(|pattern| pattern.matches(&name)) {
                continue;
            }
            let of_cases = "SELECT r.id, r.kind, r.started, t.vera, t.spec, c.scenario, c.lane,
                 o.verdict, o.message, c.n, o.work, o.heap
               FROM cases c JOIN outcomes o ON o.case_id = c.id JOIN runs r ON r.id = o.run
                 JOIN toolchains t ON t.id = r.toolchain
               WHERE c.scenario = ?1 ORDER BY r.id, c.n, c.lane";
            let case = |row: &Row<'_>| {
                Ok(Seen::Case {
                    n: count(row, 9)?.unwrap_or(0),
                    work: count(row, 10)?,
                    heap: count(row, 11)?,
                })
            };
            let of_climbs = "SELECT r.id, r.kind, r.started, t.vera, t.spec, c.scenario, c.lane,
                 c.verdict, c.message, c.ceiling, c.exact, c.work, c.heap
               FROM climbs c JOIN runs r ON r.id = c.run JOIN toolchains t ON t.id = r.toolchain
               WHERE c.scenario = ?1 ORDER BY r.id, c.lane";
            let climb = |row: &Row<'_>| {
                Ok(Seen::Climb {
                    ceiling: count(row, 9)?,
                    exact: row.get(10)?,
                    work_exponent: row.get(11)?,
                    heap_exponent: row.get(12)?,
                })
            };
            let every = |_: &Entry| true;
            let with = |seen: &dyn Fn(&Row<'_>) -> rusqlite::Result<Seen>, row: &Row<'_>| {
                entry(row, seen(row)?)
            };
            let name = params![name];
            entries.extend(self.rows(of_cases, name, |it| with(&case, it), every, usize::MAX)?);
            entries.extend(self.rows(of_climbs, name, |it| with(&climb, it), every, usize::MAX)?);
        }
        Ok(entries)
    }

    /// The counts of an earlier run. The error says which runs there are.
    pub fn base(&self, choice: RunChoice) -> Result<Base, String> {
        let path = self.path.display();
        let see = "next: `vera-stress history` lists the runs";
        let Some(store) = &self.store else {
            return Err(format!(
                "there is no run to compare with: nothing is recorded in {path} yet\n     next: run once without --against, or name another file: --history FILE"
            ));
        };
        let of = "SELECT r.id, r.started, t.vera, r.kind FROM runs r
             JOIN toolchains t ON t.id = r.toolchain";
        let found = match choice {
            RunChoice::Id(id) => store.connection.query_row(
                &format!("{of} WHERE r.id = ?1"),
                [id],
                base_without_counts,
            ),
            RunChoice::Last => store.connection.query_row(
                &format!(
                    "{of} WHERE r.kind = 'run' AND r.finished IS NOT NULL AND r.interrupted = 0
                     ORDER BY r.id DESC LIMIT 1"
                ),
                [],
                base_without_counts,
            ),
        };
        let found = found.optional().map_err(|error| self.told(error))?;
        let (mut base, kind) = match (found, choice) {
            (Some(found), _) => found,
            (None, RunChoice::Id(id)) => {
                return Err(format!("there is no run {id} in {path}\n     {see}"));
            }
            (None, RunChoice::Last) => {
                return Err(format!(
                    "there is no run to compare with: no run in {path} has finished yet\n     {see}"
                ));
            }
        };
        if kind == "climb" {
            return Err(format!(
                "run {} in {path} is a climb, which has no cases to compare with\n     {see}",
                base.run
            ));
        }
        let counted = self.rows(
            "SELECT c.scenario, c.lane, c.n, o.work, o.heap, o.seed
             FROM outcomes o JOIN cases c ON c.id = o.case_id
             WHERE o.run = ?1 AND o.returned AND o.work IS NOT NULL AND o.heap IS NOT NULL",
            [base.run],
            |row| {
                let lane: String = row.get(1)?;
                let seed: Option<String> = row.get(5)?;
                let counted = Counted {
                    counts: Counts {
                        work: Fuel(count(row, 3)?.unwrap_or(0)),
                        heap: Bytes(count(row, 4)?.unwrap_or(0)),
                    },
                    seed: seed.and_then(|seed| seed.parse().ok()),
                };
                let n = count(row, 2)?.unwrap_or(0);
                Ok(((row.get::<_, String>(0)?, lane), n, counted))
            },
            |_| true,
            usize::MAX,
        )?;
        base.counts = counted
            .into_iter()
            .filter_map(|((scenario, lane), n, counted)| {
                Some(((scenario, lane.parse().ok()?, n), counted))
            })
            .collect::<HashMap<_, _>>();
        Ok(base)
    }

    /// All that was recorded of the cases of a run. What a later vera-stress wrote
    /// in a way that this one cannot read is left out.
    pub fn cases(&self, run: i64) -> Result<Vec<CaseRecord>, String> {
        let records = self.rows(
            "SELECT o.record FROM outcomes o WHERE o.run = ?1",
            [run],
            |row| row.get::<_, String>(0),
            |_| true,
            usize::MAX,
        )?;
        let read = |text: String| serde_json::from_str(&text).ok();
        Ok(records.into_iter().filter_map(read).collect())
    }

    fn rows<T>(
        &self,
        query: &str,
        parameters: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
        wanted: impl Fn(&T) -> bool,
        limit: usize,
    ) -> Result<Vec<T>, String> {
        let Some(store) = &self.store else {
            return Ok(Vec::new());
        };
        let rows = || -> rusqlite::Result<Vec<T>> {
            let mut statement = store.connection.prepare(query)?;
            let wanted = |row: &rusqlite::Result<T>| row.as_ref().map_or(true, &wanted);
            let rows = statement.query_map(parameters, read)?;
            rows.filter(wanted).take(limit).collect()
        };
        rows().map_err(|error| self.told(error))
    }

    fn told(&self, error: rusqlite::Error) -> String {
        told(&self.path, &error.into())
    }
}

fn told(path: &Path, trouble: &Trouble) -> String {
    let next = match trouble {
        Trouble::Damaged(_) => "the next run moves it aside and begins a new one",
        Trouble::Newer { .. } => "update vera-stress, or name another file: --history FILE",
        Trouble::Foreign => "name another file: --history FILE",
        Trouble::Failed(_) => "see that the file can be read, or name another: --history FILE",
    };
    format!(
        "the history {} cannot be read: {trouble}\n     next: {next}",
        path.display()
    )
}

fn entry(row: &Row<'_>, seen: Seen) -> rusqlite::Result<Entry> {
    let lane: String = row.get(6)?;
    let lane = lane.parse().map_err(|why: String| {
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

fn base_without_counts(row: &Row<'_>) -> rusqlite::Result<(Base, String)> {
    let base = Base {
        run: row.get(0)?,
        started: row.get(1)?,
        vera: row.get(2)?,
        counts: HashMap::new(),
    };
    Ok((base, row.get(3)?))
}

fn count(row: &Row<'_>, place: usize) -> rusqlite::Result<Option<u64>> {
    let count: Option<i64> = row.get(place)?;
    Ok(count.and_then(|it| u64::try_from(it).ok()))
}
