//! The counts that a new run is held against.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Row};

use super::choice::RunChoice;
use super::error::HistoryError;
use super::past::{Past, count};
use crate::case::{Bytes, Instructions};
use crate::judge::drift::Counts;
use crate::record::against::{Base, Counted};

impl Past {
    /// The counts of an earlier run.
    pub fn base(&self, choice: RunChoice) -> Result<Base, HistoryError> {
        let path = || self.path.clone();
        let Some(store) = &self.store else {
            return Err(HistoryError::Empty { path: path() });
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
        let found = found.optional().map_err(|error| self.unreadable(error))?;
        let (mut base, kind) = match (found, choice) {
            (Some(found), _) => found,
            (None, RunChoice::Id(id)) => {
                return Err(HistoryError::NoRun {
                    run: id,
                    path: path(),
                });
            }
            (None, RunChoice::Last) => {
                return Err(HistoryError::NoneFinished { path: path() });
            }
        };
        if kind == "climb" {
            return Err(HistoryError::IsClimb {
                run: base.run,
                path: path(),
            });
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
                        instructions: Instructions(count(row, 3)?.unwrap_or(0)),
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
