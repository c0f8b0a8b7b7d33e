//! A digest of every source of this crate: what another version of it made of a
//! module is not what this one would make.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=src");
    let root = PathBuf::from("src");
    let mut sources = BTreeMap::new();
    collect(&root, &mut sources);
    let mut hasher = DefaultHasher::new();
    sources.hash(&mut hasher);
    println!("cargo::rustc-env=SOURCE_DIGEST={:016x}", hasher.finish());
}

fn collect(folder: &Path, sources: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let entries = fs::read_dir(folder).expect("the sources stand beside this file");
    for entry in entries {
        let path = entry.expect("a source can be listed").path();
        if path.is_dir() {
            collect(&path, sources);
        } else {
            let text = fs::read(&path).expect("a source can be read");
            sources.insert(path, text);
        }
    }
}
