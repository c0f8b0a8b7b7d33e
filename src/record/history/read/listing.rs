//! All that one run recorded.

use serde::Serialize;

use super::choice::RunChoice;
use super::error::HistoryError;
use super::past::Past;
use crate::record::CaseRecord;
use crate::record::climb::ClimbRecord;

/// What a run recorded.
#[derive(Clone, Debug, Serialize)]
pub struct Listing {
    /// Its number.
    pub run: i64,
    /// Its cases, by axis and scenario.
    pub cases: Vec<CaseRecord>,
    /// Its climbs, alike.
    pub climbs: Vec<ClimbRecord>,
}

impl Past {
    /// All that a run recorded; of the newest where that is chosen, whatever kind of
    /// run it was and whether or not it has finished. What a later vera-stress wrote
    /// in a way that this one cannot read is left out.
    pub fn listing(&self, choice: RunChoice) -> Result<Listing, HistoryError> {
        let newest = "SELECT id FROM runs WHERE ?1 IN (id, 0) ORDER BY id DESC";
        let wanted = match choice {
            RunChoice::Last => 0,
            RunChoice::Id(run) => run,
        };
        let found = self.rows(newest, [wanted], |row| row.get(0), |_| true, 1)?;
        let run = match (found.first(), choice) {
            (Some(&run), _) => run,
            (None, RunChoice::Id(run)) => {
                let path = self.path.clone();
                return Err(HistoryError::NoRun { run, path });
            }
            (None, RunChoice::Last) => return Err(HistoryError::Nothing(self.path.clone())),
        };
        let mut cases = self.cases(run)?;
        cases.sort_by(|one, other| (&one.axis, &one.scenario).cmp(&(&other.axis, &other.scenario)));
        let climbs = self.rows(
            "SELECT record FROM climbs WHERE run = ?1 ORDER BY axis, scenario, lane",
            [run],
            |row| row.get::<_, String>(0),
            |_| true,
            usize::MAX,
        )?;
        let read = |text: String| serde_json::from_str(&text).ok();
        Ok(Listing {
            run,
            cases,
            climbs: climbs.into_iter().filter_map(read).collect(),
        })
    }
}
