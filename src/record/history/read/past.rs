//! A history that is open to be read.

use std::path::{Path, PathBuf};

use rusqlite::Row;

use super::error::HistoryError;
use crate::record::CaseRecord;
use crate::record::history::store::Store;

/// A history, to be read.
pub struct Past {
    pub(super) store: Option<Store>,
    pub(super) path: PathBuf,
}

impl Past {
    /// Opens the history in a file. One that is not there tells nothing.
    pub fn of(path: &Path) -> Result<Past, HistoryError> {
        let store = Store::open_to_read(path).map_err(|trouble| HistoryError::Unreadable {
            path: path.to_owned(),
            trouble,
        })?;
        Ok(Past {
            store,
            path: path.to_owned(),
        })
    }

    /// All that was recorded of the cases of a run. What a later vera-stress wrote
    /// in a way that this one cannot read is left out.
    pub fn cases(&self, run: i64) -> Result<Vec<CaseRecord>, HistoryError> {
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

    /// The rows of a query that are wanted, up to a number of them.
    pub(super) fn rows<T>(
        &self,
        query: &str,
        parameters: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
        wanted: impl Fn(&T) -> bool,
        limit: usize,
    ) -> Result<Vec<T>, HistoryError> {
        let Some(store) = &self.store else {
            return Ok(Vec::new());
        };
        let rows = || -> rusqlite::Result<Vec<T>> {
            let mut statement = store.connection.prepare(query)?;
            let wanted = |row: &rusqlite::Result<T>| row.as_ref().map_or(true, &wanted);
            let rows = statement.query_map(parameters, read)?;
            rows.filter(wanted).take(limit).collect()
        };
        rows().map_err(|error| self.unreadable(error))
    }

    pub(super) fn unreadable(&self, error: rusqlite::Error) -> HistoryError {
        HistoryError::Unreadable {
            path: self.path.clone(),
            trouble: error.into(),
        }
    }
}

/// A count in a column, where there is one.
pub fn count(row: &Row<'_>, place: usize) -> rusqlite::Result<Option<u64>> {
    let count: Option<i64> = row.get(place)?;
    Ok(count.and_then(|it| u64::try_from(it).ok()))
}
