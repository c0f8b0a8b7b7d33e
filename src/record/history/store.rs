//! The file of the history: opening it, and what is done with one that is
//! damaged.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::files::{identity, lock, move_aside};
use super::notice::HistoryNotice;
use super::schema;
use super::trouble::Trouble;
use crate::record::home;

/// How long to wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Up to so many bytes, the whole file is looked through when it is opened.
/// Beyond that, looking would take longer than many a run; a damaged page is
/// then noticed when it is read.
const SMALL: u64 = 64 * 1024 * 1024;

/// What looks through all pages.
const QUICK: &str = "PRAGMA quick_check(1)";
/// What looks through all pages, and whether the indexes are those of the tables.
const THOROUGH: &str = "PRAGMA integrity_check(1)";

/// How much of a file is looked through before it is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scrutiny {
    /// All of its pages, where it is small.
    Quick,
    /// All of it, indexes too: it was seen to be damaged.
    Thorough,
}

/// An open history.
#[derive(Debug)]
pub struct Store {
    /// The connection; whoever writes has it alone.
    pub connection: Connection,
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl Store {
    /// Opens the history for writing, and begins one where there is none. One
    /// that is damaged is moved aside, which `tell` is told, and a new one is
    /// begun.
    pub fn open(
        path: &Path,
        scrutiny: Scrutiny,
        tell: fn(&HistoryNotice),
    ) -> Result<Store, Trouble> {
        crate::files::expect_file_or_none(path)?;
        if let Some(folder) = path.parent() {
            home::make(folder)?;
        }
        // Of two processes that see the damage at once, the second would move
        // away what the first has begun. So opening is done by one at a time, and
        // each looks again.
        let _alone = lock(path)?;
        match Store::open_whole(path, scrutiny) {
            Err(Trouble::Damaged(why)) => {
                let aside = move_aside(path)?;
                tell(&HistoryNotice::MovedAside {
                    path: path.to_owned(),
                    why,
                    aside,
                });
                Store::open_whole(path, scrutiny)
            }
            opened => opened,
        }
    }

    /// Opens the history to read it; `None` where there is none. Damage is an
    /// error here, and nothing is moved.
    pub fn open_to_read(path: &Path) -> Result<Option<Store>, Trouble> {
        if !path.exists() {
            return Ok(None);
        }
        crate::files::expect_file_or_none(path)?;
        // Reading needs the tables of today, and what a killed process left
        // unmerged. Where nothing may be written, neither can be needed much.
        let opened = match lock(path) {
            Ok(_alone) => Store::open_whole(path, Scrutiny::Quick),
            Err(_) => Store::open_unwritable(path),
        };
        opened.map(Some)
    }

    fn open_whole(path: &Path, scrutiny: Scrutiny) -> Result<Store, Trouble> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        // What turns out to be damaged is kept as it was found.
        let no_merge = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        connection.set_db_config(no_merge, true)?;
        schema::check(&connection)?;
        let size = fs::metadata(path).map_or(0, |it| it.len());
        let check = match scrutiny {
            Scrutiny::Thorough => Some(THOROUGH),
            Scrutiny::Quick if size <= SMALL => Some(QUICK),
            Scrutiny::Quick => None,
        };
        if let Some(check) = check {
            expect_ok(&connection, check)?;
        }
        connection.set_db_config(no_merge, false)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::migrate(&mut connection)?;
        Ok(Store {
            connection,
            path: path.to_owned(),
            identity: identity(path),
        })
    }

    fn open_unwritable(path: &Path) -> Result<Store, Trouble> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let version = schema::check(&connection)?;
        if version < schema::VERSION {
            return Err(Trouble::Failed(
                "an older vera-stress wrote it, and it cannot be written to bring it up to date"
                    .to_owned(),
            ));
        }
        Ok(Store {
            connection,
            path: path.to_owned(),
            identity: identity(path),
        })
    }

    /// Looks at the file as it is on disk, with eyes that have seen nothing of it
    /// yet: whoever has it open goes on with the pages that are in memory, even
    /// where the file was overwritten. `holds` says whether all is there that
    /// should be.
    ///
    /// What turns out to be damaged is left as it is when this store is dropped.
    pub fn look_again(
        &self,
        holds: impl FnOnce(&Connection) -> rusqlite::Result<bool>,
    ) -> Result<bool, Trouble> {
        let look = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let fresh = Connection::open_with_flags(&self.path, flags)?;
            fresh.busy_timeout(PATIENCE)?;
            schema::check(&fresh)?;
            if fs::metadata(&self.path)?.len() <= SMALL {
                expect_ok(&fresh, QUICK)?;
            }
            Ok(holds(&fresh)?)
        };
        let found = look();
        if let Err(Trouble::Damaged(_) | Trouble::Foreign) = found {
            let no_merge = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
            self.connection.set_db_config(no_merge, true)?;
        }
        found
    }

    /// Whether the file at the path is no longer the one that is open: what is
    /// written now would be seen by nobody.
    pub fn is_gone(&self) -> bool {
        identity(&self.path) != self.identity
    }
}

fn expect_ok(connection: &Connection, check: &str) -> Result<(), Trouble> {
    let found: String = connection.query_row(check, [], |row| row.get(0))?;
    match found.as_str() {
        "ok" => Ok(()),
        _ => Err(Trouble::Damaged(found.replace('\n', " "))),
    }
}
