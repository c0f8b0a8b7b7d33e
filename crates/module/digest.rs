//! A digest of sources, for the build script and for the test of what it makes.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The digest of every file in a folder and in the folders in it.
pub fn of_folder(folder: &Path) -> String {
    let mut sources = BTreeMap::new();
    collect(folder, folder, &mut sources);
    of(&sources)
}

/// The digest of files with these contents.
pub fn of(sources: &BTreeMap<PathBuf, Vec<u8>>) -> String {
    let mut hasher = DefaultHasher::new();
    sources.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn collect(root: &Path, folder: &Path, sources: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let entries = fs::read_dir(folder).expect("the sources stand beside this file");
    for entry in entries {
        let path = entry.expect("a source can be listed").path();
        if path.is_dir() {
            collect(root, &path, sources);
        } else {
            let text = fs::read(&path).expect("a source can be read");
            let name = path.strip_prefix(root).expect("it is in the folder");
            sources.insert(name.to_owned(), text);
        }
    }
}
