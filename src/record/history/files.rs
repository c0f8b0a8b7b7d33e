//! The files of a history: its lock, and where a damaged one goes.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// What tells the file at a path from one that takes its place.
pub fn identity(path: &Path) -> Option<(u64, u64)> {
    let about = fs::metadata(path).ok()?;
    Some((about.dev(), about.ino()))
}

/// A file beside the history, with an ending of its own.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Waits until nobody else opens the history.
pub fn lock(path: &Path) -> io::Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(beside(path, ".lock"))?;
    file.lock()?;
    Ok(file)
}

/// Renames a damaged history with what belongs to it, and gives its new name.
pub fn move_aside(path: &Path) -> io::Result<PathBuf> {
    const PARTS: [&str; 3] = ["", "-wal", "-shm"];
    let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let names = (1..).map(|k| match k {
        1 => beside(path, &format!(".damaged-{now}")),
        k => beside(path, &format!(".damaged-{now}-{k}")),
    });
    let is_free = |aside: &PathBuf| {
        let exists = |part: &&str| beside(aside, part).symlink_metadata().is_ok();
        !PARTS.iter().any(exists)
    };
    let mut free = names.filter(is_free);
    let aside = free.next().expect("there are names without end");
    for part in PARTS {
        match fs::rename(beside(path, part), beside(&aside, part)) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
            _ => {}
        }
    }
    Ok(aside)
}
