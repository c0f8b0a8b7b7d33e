//! A file that a report is written to.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::case::Problem;

/// So much of a file is looked at to see who wrote it.
const START: u64 = 1024;

/// A file that a report is written to: nobody else's, and nobody else's turn.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    file: Mutex<File>,
    /// Devices and pipes take what they are given, from nowhere to nowhere.
    is_regular: bool,
}

/// Why a file cannot be written to.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The operating system refuses.
    #[error("{} cannot be written: {why}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What it says.
        why: io::Error,
    },
    /// It holds something of somebody else.
    #[error("{} is there already, and vera-stress did not write it", .0.display())]
    Foreign(PathBuf),
    /// Another process writes to it.
    #[error("another vera-stress is writing to {}", .0.display())]
    InUse(PathBuf),
}

impl OutputFile {
    /// Opens a file to be written, or makes it; nothing is changed in it yet. What
    /// `is_ours` does not recognise by how it begins is refused, unless it is empty
    /// or to be overwritten by `force`.
    pub fn open(
        path: &Path,
        is_ours: fn(&[u8]) -> bool,
        force: bool,
    ) -> Result<OutputFile, OutputError> {
        let unwritable = |why| OutputError::Unwritable {
            path: path.to_owned(),
            why,
        };
        let is_regular = path.metadata().map_or(true, |it| it.is_file());
        let mut file = File::options()
            .read(is_regular)
            .write(true)
            .create(is_regular)
            .truncate(false)
            .open(path)
            .map_err(unwritable)?;
        if is_regular {
            // Where a file system knows no locks, there is none to be had.
            if let Err(TryLockError::WouldBlock) = file.try_lock() {
                return Err(OutputError::InUse(path.to_owned()));
            }
            let mut start = Vec::new();
            let read = (&mut file).take(START).read_to_end(&mut start);
            read.map_err(unwritable)?;
            if !force && !start.is_empty() && !is_ours(&start) {
                return Err(OutputError::Foreign(path.to_owned()));
            }
        }
        Ok(OutputFile {
            path: path.to_owned(),
            file: Mutex::new(file),
            is_regular,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Empties it: what is there would pass for what is to come.
    pub fn begin(&self) -> Result<(), OutputError> {
        self.replace(b"").map_err(|why| OutputError::Unwritable {
            path: self.path.clone(),
            why,
        })
    }

    /// Writes all that it is to hold.
    pub fn replace(&self, content: &[u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_regular {
            file.set_len(0)?;
            file.rewind()?;
        }
        file.write_all(content)
    }

    /// Writes at the end.
    pub fn append(&self, content: &[u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(content)
    }

    /// Says which file could not be written.
    pub fn told(&self, done: io::Result<()>) -> Result<(), Problem> {
        done.map_err(|why| {
            Problem::new(format!("{} cannot be written: {why}", self.path.display()))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn is_ours(start: &[u8]) -> bool {
        start.starts_with(b"ours")
    }

    #[test]
    fn what_somebody_else_wrote_is_not_overwritten_unless_by_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let open = |force| OutputFile::open(&path, is_ours, force);
        let text = || fs::read_to_string(&path).unwrap();
        for (before, taken) in [("", true), ("ours, and old", true), ("theirs", false)] {
            fs::write(&path, before).unwrap();
            match open(false) {
                Ok(file) => {
                    assert!(taken, "{before}");
                    assert_eq!(text(), before, "opening changes nothing");
                    file.begin().unwrap();
                    assert_eq!(text(), "");
                    file.append(b"ours").unwrap();
                    file.append(b", anew").unwrap();
                    assert_eq!(text(), "ours, anew");
                    file.replace(b"ours").unwrap();
                    assert_eq!(text(), "ours");
                }
                Err(why) => {
                    assert!(!taken, "{before}: {why}");
                    assert!(matches!(why, OutputError::Foreign(_)), "{why}");
                    assert_eq!(text(), before);
                }
            }
        }
        open(true).unwrap().replace(b"ours now").unwrap();
        assert_eq!(text(), "ours now");
    }

    #[test]
    fn two_do_not_write_to_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let open = || OutputFile::open(&path, is_ours, false);
        let first = open().unwrap();
        assert!(matches!(open(), Err(OutputError::InUse(_))));
        drop(first);
        assert!(open().is_ok());
        let null = || OutputFile::open(Path::new("/dev/null"), is_ours, false);
        let _first = null().unwrap();
        assert!(null().unwrap().replace(b"nothing").is_ok());
    }
}
