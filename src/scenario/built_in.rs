//! The scenarios that are embedded in the binary.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::folder::{Common, Folder};
use super::names::{COMMON, FILES_FOLDER};
use super::surroundings::Files;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// The axes.
pub fn axes() -> Vec<String> {
    let axes = BUILT_IN
        .dirs()
        .map(|axis| axis.path().display().to_string());
    axes.filter(|axis| axis != COMMON).collect()
}

/// The folders of all scenarios.
pub fn folders() -> Vec<Folder> {
    let mut common = Common {
        path: format!("scenarios/{COMMON}"),
        ..Common::default()
    };
    if let Some(directory) = BUILT_IN.get_dir(COMMON) {
        embedded_files(directory, directory.path(), &mut common.files);
    }
    let common = Arc::new(common);
    let folder = |axis: &Dir<'_>, directory: &Dir<'_>| {
        let name = |path: &Path| {
            path.file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        };
        let mut files = BTreeMap::new();
        embedded_files(directory, directory.path(), &mut files);
        let given = directory.get_dir(directory.path().join(FILES_FOLDER));
        files.retain(|name, _| !Path::new(name).starts_with(FILES_FOLDER));
        Folder {
            given: given.map(held),
            path: format!("scenarios/{}", directory.path().display()),
            axis: name(axis.path()),
            name: name(directory.path()),
            files,
            common: Arc::clone(&common),
        }
    };
    BUILT_IN
        .dirs()
        .filter(|axis| axis.path() != Path::new(COMMON))
        .flat_map(|axis| axis.dirs().map(|directory| folder(axis, directory)))
        .collect()
}

/// The files of an embedded folder, as a program is given them.
fn held(folder: &Dir<'_>) -> Files {
    fn add(folder: &Dir<'_>, root: &Path, held: &mut BTreeMap<String, Vec<u8>>) {
        for file in folder.files() {
            let name = file.path().strip_prefix(root).unwrap_or(file.path());
            let name = name.to_string_lossy().into_owned();
            held.insert(name, file.contents().to_vec());
        }
        for inner in folder.dirs() {
            add(inner, root, held);
        }
    }
    let mut held = BTreeMap::new();
    add(folder, folder.path(), &mut held);
    Files::Held(held)
}

fn embedded_files(directory: &Dir<'_>, root: &Path, files: &mut BTreeMap<String, String>) {
    for file in directory.files() {
        let name = file.path().strip_prefix(root).unwrap_or(file.path());
        let text = String::from_utf8_lossy(file.contents()).into_owned();
        files.insert(name.to_string_lossy().into_owned(), text);
    }
    for inner in directory.dirs() {
        embedded_files(inner, root, files);
    }
}
