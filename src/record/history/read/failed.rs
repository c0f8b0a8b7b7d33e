//! What failed when it was last run.

use std::collections::HashMap;

use rusqlite::Row;
use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};

use super::error::HistoryError;
use super::past::{Past, count};
use crate::case::{Case, Lane, Scale};
use crate::judge::Verdict;
use crate::record::history::kind::RunKind;

/// What a run recorded of a case, or of a climb.
struct Recorded {
    run: i64,
    case: Case,
    verdict: Verdict,
}

impl Past {
    /// The cases of runs that were not as expected when their scenario was last run
    /// in their lane; or, of climbs, a case of each.
    ///
    /// One that was not run then says nothing, so what an earlier run found of it
    /// still holds. Which Vera it was does not matter.
    pub fn last_failed(&self, kind: RunKind) -> Result<Vec<Case>, HistoryError> {
        let query = match kind {
            RunKind::Climb => {
                "SELECT run, scenario, lane, 1, verdict FROM climbs ORDER BY run DESC"
            }
            RunKind::Run | RunKind::Compare | RunKind::Bisect => {
                "SELECT o.run, c.scenario, c.lane, c.n, o.verdict
                 FROM outcomes o JOIN cases c ON c.id = o.case_id JOIN runs r ON r.id = o.run
                 WHERE r.kind = 'run' ORDER BY o.run DESC"
            }
        };
        let says =
            |it: &Option<Recorded>| it.as_ref().is_some_and(|it| it.verdict != Verdict::NotRun);
        let rows = self.rows(query, [], recorded, says, usize::MAX)?;
        let mut newest: HashMap<(String, Lane), i64> = HashMap::new();
        let mut failed = Vec::new();
        for Recorded { run, case, verdict } in rows.into_iter().flatten() {
            let key = (case.scenario.clone(), case.lane.family());
            if *newest.entry(key).or_insert(run) == run && verdict.fails_run() {
                failed.push(case);
            }
        }
        failed.sort();
        Ok(failed)
    }
}

/// What a row says; nothing where a later vera-stress wrote words that this one
/// does not know.
fn recorded(row: &Row<'_>) -> rusqlite::Result<Option<Recorded>> {
    let lane: String = row.get(2)?;
    let n = count(row, 3)?.and_then(Scale::new);
    let verdict: String = row.get(4)?;
    let verdict = Verdict::deserialize(StrDeserializer::<Error>::new(&verdict));
    let (Ok(lane), Some(n), Ok(verdict)) = (lane.parse(), n, verdict) else {
        return Ok(None);
    };
    Ok(Some(Recorded {
        run: row.get(0)?,
        case: Case {
            scenario: row.get(1)?,
            lane,
            scale: n,
        },
        verdict,
    }))
}
