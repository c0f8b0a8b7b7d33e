//! The history: every run, climb, comparison and bisection in one SQLite file.
//!
//! What is reported is in it: each outcome is committed before it is shown. A
//! history that cannot be written costs one sentence, and never a run.

mod files;
mod kind;
mod notice;
pub mod read;
mod rows;
mod schema;
mod store;
mod trouble;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::TransactionBehavior;

use super::climb::ClimbRecord;
use super::{CaseRecord, RunInfo, Summary};
pub use kind::RunKind;
pub use notice::HistoryNotice;
use rows::{Hardware, RunRow};
use store::{Scrutiny, Store};
pub use trouble::Trouble;

/// Where the history is, below the working directory.
pub const FILE: &str = ".vera-stress/history.db";

/// Where runs are recorded, if anywhere.
#[derive(Clone, Debug)]
pub struct History {
    path: Option<PathBuf>,
    tell: fn(&HistoryNotice),
}

impl History {
    /// The history in a file, which need not be there yet. `tell` is told what
    /// the user must know of it.
    pub fn at(path: &Path, tell: fn(&HistoryNotice)) -> History {
        History {
            path: Some(path.to_owned()),
            tell,
        }
    }

    /// None: nothing is recorded.
    pub fn off() -> History {
        History {
            path: None,
            tell: |_| {},
        }
    }

    /// The file; `None` where nothing is recorded.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

/// Records one run. All methods can be called from several threads, and none
/// fails: what cannot be recorded is said once.
#[derive(Debug)]
pub struct Recorder(Option<Mutex<Run>>);

/// How the recording goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WriteState {
    /// All that was reported is in the history.
    Current,
    /// Writing failed. It is tried once more, at the end.
    Behind,
    /// The history is not ours to write.
    Refused,
}

#[derive(Debug)]
struct Run {
    path: PathBuf,
    tell: fn(&HistoryNotice),
    kind: RunKind,
    info: RunInfo,
    machine: Hardware,
    state: WriteState,
    /// The open history, and the id of this run in it.
    open: Option<(Store, i64)>,
    /// All that was reported so far, for a history that has to be begun anew.
    rows: Vec<RunRow>,
    places: HashMap<(bool, String, String, i64), usize>,
    end: Option<(String, Summary)>,
}

impl Recorder {
    /// Begins to record a run.
    pub fn begin(history: &History, kind: RunKind, info: &RunInfo) -> Recorder {
        let Some(path) = &history.path else {
            return Recorder(None);
        };
        let mut run = Run {
            path: path.clone(),
            tell: history.tell,
            kind,
            info: info.clone(),
            machine: Hardware::here(),
            state: WriteState::Current,
            open: None,
            rows: Vec::new(),
            places: HashMap::new(),
            end: None,
        };
        run.update(|_, _| Ok(()));
        Recorder(Some(Mutex::new(run)))
    }

    /// Records what came of a case, or what more is known of it by now. When
    /// this returns, it is in the history.
    pub fn case(&self, record: &CaseRecord) {
        self.row(record.into());
    }

    /// Records what came of a climb. When this returns, it is in the history.
    pub fn climb(&self, record: &ClimbRecord) {
        self.row(record.into());
    }

    /// Records the end of the run.
    pub fn finish(&self, summary: &Summary) {
        self.with(|run| {
            let now = Timestamp::now().to_string();
            run.end = Some((now.clone(), summary.clone()));
            if run.state == WriteState::Behind {
                run.catch_up();
            } else {
                run.update(|store, id| rows::finish(store, id, &now, summary));
            }
            run.look_again();
        });
    }

    /// The id of the run in the history; `None` where it is not recorded.
    pub fn id(&self) -> Option<i64> {
        self.with(|run| run.open.as_ref().map(|(_, id)| *id))
            .flatten()
    }

    fn row(&self, row: RunRow) {
        self.with(|run| {
            run.keep(row.clone());
            run.update(|store, id| row.write(store, id));
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Run) -> T) -> Option<T> {
        let run = self.0.as_ref()?;
        // Whoever panicked here left a transaction that is rolled back, and rows
        // that are whole.
        Some(work(
            &mut run.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}

impl Run {
    fn keep(&mut self, row: RunRow) {
        if self.state == WriteState::Refused {
            return;
        }
        let end = self.rows.len();
        match *self.places.entry(row.key()).or_insert(end) {
            place if place == end => self.rows.push(row),
            place => self.rows[place] = row,
        }
    }

    /// Writes one thing; or, where the history is not open or no longer the one
    /// that was opened, all that was reported so far.
    fn update(&mut self, write: impl Fn(&rusqlite::Connection, i64) -> rusqlite::Result<()>) {
        if self.state != WriteState::Current {
            return;
        }
        let written = match &mut self.open {
            Some((store, id)) if !store.is_gone() => in_one(store, |it| write(it, *id)),
            Some(_) => {
                (self.tell)(&HistoryNotice::Gone(self.path.clone()));
                self.record_anew(Scrutiny::Quick)
            }
            None => self.record_anew(Scrutiny::Quick),
        };
        let written = match written {
            // It broke since it was opened.
            Err(Trouble::Damaged(_)) => self.record_anew(Scrutiny::Thorough),
            written => written,
        };
        if let Err(trouble) = written {
            self.give_up(trouble);
        }
    }

    /// Opens the history, and records there all that was reported so far.
    fn record_anew(&mut self, look: Scrutiny) -> Result<(), Trouble> {
        self.open = None;
        let mut store = Store::open(&self.path, look, self.tell)?;
        let id = in_one(&mut store, |it| {
            let id = rows::begin(it, self.kind, &self.info, &self.machine)?;
            self.write_all(it, id)?;
            Ok(id)
        })?;
        self.open = Some((store, id));
        Ok(())
    }

    fn write_all(&self, connection: &rusqlite::Connection, id: i64) -> rusqlite::Result<()> {
        for row in &self.rows {
            row.write(connection, id)?;
        }
        match &self.end {
            Some((now, summary)) => rows::finish(connection, id, now, summary),
            None => Ok(()),
        }
    }

    /// Tries once more to write what could not be written.
    fn catch_up(&mut self) {
        let open = self.open.take().filter(|(store, _)| !store.is_gone());
        let written = match open {
            Some((mut store, id)) => {
                let written = in_one(&mut store, |it| self.write_all(it, id));
                self.open = Some((store, id));
                written
            }
            None => self.record_anew(Scrutiny::Quick),
        };
        if written.is_ok() {
            self.state = WriteState::Current;
            (self.tell)(&HistoryNotice::CaughtUp(self.path.clone()));
        }
    }

    /// Sees that all of the run is in the file as it is on disk, and records it
    /// anew where it is not.
    fn look_again(&mut self) {
        let (WriteState::Current, Some((store, id))) = (self.state, &self.open) else {
            return;
        };
        let look = store.look_again(|it| rows::holds(it, *id, self.rows.len()));
        let anew = match look {
            Ok(true) => return,
            Ok(false) => {
                (self.tell)(&HistoryNotice::Overwritten(self.path.clone()));
                self.record_anew(Scrutiny::Thorough)
            }
            Err(Trouble::Damaged(_)) => self.record_anew(Scrutiny::Thorough),
            Err(trouble) => Err(trouble),
        };
        if let Err(trouble) = anew {
            self.give_up(trouble);
        }
    }

    fn give_up(&mut self, trouble: Trouble) {
        self.state = match trouble {
            Trouble::Newer { .. } | Trouble::Foreign => WriteState::Refused,
            Trouble::Damaged(_) | Trouble::Failed(_) => WriteState::Behind,
        };
        (self.tell)(&HistoryNotice::Unwritable {
            path: self.path.clone(),
            trouble,
        });
    }
}

/// Does `work` in one transaction: all of it is in the history, or nothing.
fn in_one<T>(
    store: &mut Store,
    work: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>,
) -> Result<T, Trouble> {
    let transaction = store
        .connection
        .transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}
