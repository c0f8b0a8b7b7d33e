//! The folder that a program runs in: a copy of its own of the files that it is given.

pub mod path;
mod taking;

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, FileTimes};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::case::{Bytes, Left, Problem};
use crate::scenario::Files;
use taking::{Most, take};

/// All that a program is given beside its arguments.
#[derive(Clone, Debug)]
pub struct Around<'a> {
    /// What it reads from standard input.
    pub input: &'a str,
    /// Whether it may ask for files.
    pub asks_for_files: bool,
    /// Those in the folder that it runs in; none where it does not ask.
    pub files: Arc<Given>,
    /// The environment that it sees.
    pub env: &'a BTreeMap<String, String>,
}

/// Whether a host function with this name may ask for files.
pub fn asks_for_files(import: &str) -> bool {
    matches!(
        import,
        "read_file" | "write_file" | "read_bytes" | "write_bytes" | "db_query" | "db_execute"
    )
}

/// How long ago, since 1970, each file was written that a program is given: whatever
/// it writes is newer.
const LONG_AGO: Duration = Duration::from_secs(946_684_800);

/// The files of all programs of a run. Each folder is read once, so that all cases
/// are given the same, whatever becomes of it meanwhile.
pub struct Folders {
    scratch: PathBuf,
    taken: Mutex<HashMap<Key, Arc<OnceLock<Taken>>>>,
}

type Taken = Result<Arc<Given>, Problem>;

#[derive(PartialEq, Eq, Hash)]
enum Key {
    Folder(PathBuf),
    Held(blake3::Hash),
}

impl Folders {
    /// None yet; they are kept in `scratch`.
    pub fn new(scratch: &Path) -> Folders {
        Folders {
            scratch: scratch.to_owned(),
            taken: Mutex::default(),
        }
    }

    /// These files, read now where they have not been read before.
    pub fn take(&self, files: Option<&Files>) -> Taken {
        let Some(files) = files else {
            return Ok(Arc::new(Given::nothing(&self.scratch)));
        };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let one = Arc::clone(taken.entry(Key::of(files)).or_default());
        drop(taken);
        one.get_or_init(|| Given::of(files, &self.scratch).map(Arc::new))
            .clone()
    }
}

impl Key {
    fn of(files: &Files) -> Key {
        match files {
            Files::Folder(folder) => Key::Folder(folder.clone()),
            Files::Held(held) => {
                let mut hasher = blake3::Hasher::new();
                for part in held.iter().flat_map(|(name, text)| [name.as_bytes(), text]) {
                    hasher.update(&(part.len() as u64).to_le_bytes());
                    hasher.update(part);
                }
                Key::Held(hasher.finalize())
            }
        }
    }
}

/// The files that a program is given, as they were when they were taken.
#[derive(Debug)]
pub struct Given {
    /// Where folders of programs are made.
    scratch: PathBuf,
    /// A folder of ours that has them; absent where there are none.
    folder: Option<TempDir>,
    /// All that is in it, a folder before what it holds.
    entries: Vec<(PathBuf, Entry)>,
}

/// Something in a folder.
#[derive(Debug, PartialEq, Eq)]
enum Entry {
    Folder,
    /// A file of so many bytes.
    File(u64),
    /// A link, and what is written in it.
    Link(PathBuf),
}

impl Given {
    /// No files; folders are made in `scratch`.
    pub fn nothing(scratch: &Path) -> Given {
        Given {
            scratch: scratch.to_owned(),
            folder: None,
            entries: Vec::new(),
        }
    }

    fn of(files: &Files, scratch: &Path) -> Result<Given, Problem> {
        let folder = tempfile::tempdir_in(scratch).map_err(no_room)?;
        let entries = read(files, folder.path())?;
        Ok(Given {
            scratch: scratch.to_owned(),
            folder: Some(folder),
            entries,
        })
    }

    /// A folder with them for one run of a program.
    pub fn fresh(self: &Arc<Self>) -> io::Result<Fresh> {
        let made = tempfile::tempdir_in(&self.scratch)?;
        let fresh = Fresh {
            path: made.path().to_owned(),
            given: Arc::clone(self),
            _made: made,
        };
        if let Some(folder) = &self.folder {
            let times = FileTimes::new().set_modified(long_ago());
            for (name, entry) in &self.entries {
                let (from, to) = (folder.path().join(name), fresh.path.join(name));
                match entry {
                    Entry::Folder => fs::create_dir(to)?,
                    Entry::Link(target) => symlink(target, to)?,
                    Entry::File(_) => {
                        fs::copy(from, &to)?;
                        File::open(to)?.set_times(times)?;
                    }
                }
            }
        }
        Ok(fresh)
    }
}

/// Copies files into an empty folder, as they are now.
pub fn copy(files: &Files, to: &Path) -> Result<(), Problem> {
    read(files, to).map(|_| ())
}

fn read(files: &Files, to: &Path) -> Result<Vec<(PathBuf, Entry)>, Problem> {
    match files {
        Files::Folder(source) => take(source, to, Most::DEFAULT),
        Files::Held(held) => hold(held, to).map_err(no_room),
    }
}

fn no_room(why: io::Error) -> Problem {
    Problem::new(format!("keeping what a program is given: {why}"))
        .next("free some space in the temporary directory, or name another one in TMPDIR")
}

fn long_ago() -> SystemTime {
    SystemTime::UNIX_EPOCH + LONG_AGO
}

/// Writes files that are held into a folder.
fn hold(held: &BTreeMap<String, Vec<u8>>, folder: &Path) -> io::Result<Vec<(PathBuf, Entry)>> {
    let mut entries = BTreeMap::new();
    for (name, text) in held {
        let path = PathBuf::from(name);
        let above = path.ancestors().skip(1);
        for outer in above.filter(|it| !it.as_os_str().is_empty()) {
            entries.insert(outer.to_owned(), Entry::Folder);
        }
        let file = folder.join(&path);
        fs::create_dir_all(file.parent().expect("a file has a folder above it"))?;
        fs::write(file, text)?;
        entries.insert(path, Entry::File(text.len() as u64));
    }
    // A folder sorts before what it holds.
    Ok(entries.into_iter().collect())
}

/// A folder that one run of a program has for itself; gone when it is dropped.
#[derive(Debug)]
pub struct Fresh {
    path: PathBuf,
    given: Arc<Given>,
    _made: TempDir,
}

impl Fresh {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What a program left in it that it was not given, or not like this; `None`
    /// where that is more than `most` altogether.
    pub fn left(&self, most: Bytes) -> io::Result<Option<BTreeMap<String, Left>>> {
        let mut given: HashMap<&Path, &Entry> = self
            .given
            .entries
            .iter()
            .map(|(name, entry)| (name.as_path(), entry))
            .collect();
        let mut left = BTreeMap::new();
        let mut size = 0;
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(self.path.join(&folder))? {
                let entry = entry?;
                let name = folder.join(entry.file_name());
                let was = given.remove(name.as_path());
                let about = entry.metadata()?;
                if about.is_dir() {
                    folders.push(name);
                } else if about.is_file() {
                    let is_old = about.modified()? == long_ago();
                    if is_old && was == Some(&Entry::File(about.len())) {
                        continue;
                    }
                    size += about.len();
                    if size > most.0 {
                        return Ok(None);
                    }
                    left.insert(shown(&name), Left::Written(fs::read(entry.path())?));
                }
            }
        }
        let gone = given.into_keys().map(|name| (shown(name), Left::Gone));
        left.extend(gone);
        Ok(Some(left))
    }
}

fn shown(name: &Path) -> String {
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
