//! Temporary folders of this process. What a process leaves that was killed, the next
//! one removes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// What the names of all of them begin with.
const PREFIX: &str = "vera-stress-";
/// The file that is locked as long as its process lives; a lock ends with the process
/// that holds it, however that ends.
const ALIVE: &str = "alive";
/// The file that names what is to go with the folder.
const ALSO: &str = "also";

/// A temporary folder, gone when it is dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    _alive: File,
}

impl Scratch {
    /// A new one, after those of dead processes are gone.
    pub fn new() -> io::Result<Scratch> {
        let place = std::env::temp_dir();
        sweep(&place);
        Scratch::in_place(&place)
    }

    fn in_place(place: &Path) -> io::Result<Scratch> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(place)?;
        // It gets its name once it is locked: a folder whose lock can be had is that
        // of a dead process.
        let new = folder.path().join("new");
        let alive = File::create(&new)?;
        alive.lock()?;
        fs::rename(new, folder.path().join(ALIVE))?;
        Ok(Scratch {
            folder,
            _alive: alive,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Has whoever removes the folder of this process, once it is dead, remove this
    /// folder elsewhere as well. It has the name of the scratch folder.
    pub fn goes_with(&self, folder: &Path) -> io::Result<()> {
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(self.path().join(ALSO))?;
        writeln!(file, "{}", folder.display())
    }
}

/// Removes what dead processes of this user have left. What cannot be removed stays.
fn sweep(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let folder = entry.path();
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && fs::symlink_metadata(&folder).is_ok_and(|it| it.is_dir() && it.uid() == user());
        if is_ours && let Some(_lock) = lock_of_a_dead_process(&folder) {
            for more in goes_with(&folder) {
                let _ = fs::remove_dir_all(more);
            }
            let _ = fs::remove_dir_all(folder);
        }
    }
}

fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The lock of a folder, where nobody else holds it.
fn lock_of_a_dead_process(folder: &Path) -> Option<File> {
    let alive = File::open(folder.join(ALIVE)).ok()?;
    alive.try_lock().ok()?;
    Some(alive)
}

/// What is to be removed with a folder.
fn goes_with(folder: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(folder.join(ALSO)).unwrap_or_default();
    text.lines()
        .map(PathBuf::from)
        .filter(|it| it.is_absolute() && it.file_name() == folder.file_name())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of a process that was killed.
    fn dead(place: &Path) -> PathBuf {
        let Scratch { folder, _alive } = Scratch::in_place(place).unwrap();
        folder.keep()
    }

    #[test]
    fn what_the_dead_leave_is_removed_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let alive = Scratch::in_place(place.path()).unwrap();
        let left = dead(place.path());
        fs::write(left.join("file"), "").unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let with_it = elsewhere.path().join(left.file_name().unwrap());
        let other = elsewhere.path().join("other");
        for folder in [&with_it, &other] {
            fs::create_dir(folder).unwrap();
        }
        let also = format!("{}\n{}\n", with_it.display(), other.display());
        fs::write(left.join(ALSO), also).unwrap();
        // One that is being made, one of an older version, and none of ours.
        for name in ["vera-stress-new", "else"] {
            fs::create_dir(place.path().join(name)).unwrap();
        }
        fs::write(place.path().join("else").join(ALIVE), "").unwrap();
        let link = place.path().join("vera-stress-link");
        std::os::unix::fs::symlink(place.path().join("else"), &link).unwrap();

        sweep(place.path());
        assert!(!left.exists() && !with_it.exists());
        assert!(alive.path().is_dir() && other.is_dir() && link.is_dir());
        for name in ["vera-stress-new", "else"] {
            assert!(place.path().join(name).is_dir(), "{name}");
        }
        // It is its own as long as it lives.
        let path = alive.path().to_owned();
        drop(alive);
        assert!(!path.exists());
    }
}
