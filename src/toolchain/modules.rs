//! The cache of compiled programs: one folder each, whole or not there.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::about::About;
use crate::case::Usage;

/// The file that is written last.
pub const ENTRY: &str = "entry.json";
/// The compiled program as Vera's own runtime takes it, with everything that
/// `vera run` would pass along.
pub const PROGRAM: &str = "result.pickle";
/// The WebAssembly module alone.
pub const MODULE: &str = "module.wasm";

/// What stands beside a cached module.
#[derive(Deserialize, Serialize)]
struct EntryFile {
    about: About,
    program: String,
    module: String,
    /// What compiling it took; absent in older entries.
    #[serde(default)]
    cost: Option<Usage>,
}

/// Copies what was compiled into the cache, beside its place first and then into
/// it. An error is a cache that is full or read-only, or another run that was
/// quicker: what was compiled is good all the same.
pub fn keep(
    out: &Path,
    modules: &Path,
    entry: &Path,
    about: &About,
    cost: Usage,
) -> io::Result<()> {
    fs::create_dir_all(entry.parent().expect("an entry has a folder above it"))?;
    let new = tempfile::Builder::new()
        .prefix(".new-")
        .tempdir_in(modules)?;
    for file in [PROGRAM, MODULE] {
        fs::copy(out.join(file), new.path().join(file))?;
    }
    let entry_file = EntryFile {
        about: about.clone(),
        program: hash_of(&out.join(PROGRAM))?,
        module: hash_of(&out.join(MODULE))?,
        cost: Some(cost),
    };
    let text = serde_json::to_vec(&entry_file).expect("an entry is plain data");
    fs::write(new.path().join(ENTRY), text)?;
    fs::rename(new.path(), entry)?;
    // The folder has moved: there is nothing left to remove.
    let _ = new.keep();
    Ok(())
}

/// What is known of a cache entry that is there and whole, and what compiling it
/// took. A broken one is removed, so that the next compile can take its place.
pub fn verified(entry: &Path) -> Option<(About, Option<Usage>)> {
    if !entry.exists() {
        return None;
    }
    let check = || {
        let text = fs::read(entry.join(ENTRY)).ok()?;
        let entry_file: EntryFile = serde_json::from_slice(&text).ok()?;
        let whole = |file: &str, hash: &str| hash_of(&entry.join(file)).is_ok_and(|it| it == hash);
        (whole(PROGRAM, &entry_file.program) && whole(MODULE, &entry_file.module))
            .then_some((entry_file.about, entry_file.cost))
    };
    let known = check();
    if known.is_none() {
        // A cache that cannot be written keeps its broken entry, which is then
        // passed over each time.
        let _ = fs::remove_dir_all(entry);
    }
    known
}

fn hash_of(file: &Path) -> io::Result<String> {
    Ok(blake3::hash(&fs::read(file)?).to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Bytes;
    use crate::toolchain::about::SourcePlace;

    fn about() -> About {
        let place = SourcePlace {
            file: "main.vera".to_owned(),
            line: 7,
        };
        About {
            exports: vec!["main".to_owned()],
            parameters: vec!["i64".to_owned()],
            returns_text: true,
            functions: [("main".to_owned(), place)].into(),
            builtin: ["option_map".to_owned()].into(),
            display: [("a$b".to_owned(), "b".to_owned())].into(),
        }
    }

    fn compiled_folder() -> tempfile::TempDir {
        let out = tempfile::tempdir().unwrap();
        fs::write(out.path().join(PROGRAM), "p").unwrap();
        fs::write(out.path().join(MODULE), "m").unwrap();
        out
    }

    #[test]
    fn an_entry_is_found_again_and_a_corrupted_one_is_dropped() {
        let cache = tempfile::tempdir().unwrap();
        let entry = cache.path().join("ab/cdef");
        assert!(verified(&entry).is_none());
        let out = compiled_folder();
        let cost = Usage {
            peak_memory: Bytes(7),
            ..Usage::default()
        };
        keep(out.path(), cache.path(), &entry, &about(), cost).unwrap();
        assert_eq!(verified(&entry), Some((about(), Some(cost))));

        fs::write(entry.join(PROGRAM), "q").unwrap();
        assert!(verified(&entry).is_none());
        assert!(!entry.exists(), "the corrupted entry must be gone");
        keep(out.path(), cache.path(), &entry, &about(), cost).unwrap();
        assert!(verified(&entry).is_some());
    }
}
