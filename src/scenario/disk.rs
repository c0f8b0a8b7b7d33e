//! The scenario folders of a directory.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::error::ScenarioError;
use super::folder::{Common, Folder};
use super::names::{COMMON, FILES_FOLDER, PROGRAM_FILE, SCENARIO_FILE};
use super::surroundings::Files;
use crate::case::Sources;
use crate::files;

/// The scenario folders below `directory`: `axis/name/`, or `name/` where the
/// directory itself is one axis, or the directory where it is one scenario.
pub fn folders_below(
    directory: &Path,
) -> Result<Vec<Result<Folder, ScenarioError>>, ScenarioError> {
    let shown = directory.display().to_string();
    let root = directory.canonicalize().map_err(|why| ScenarioError {
        is_unopened: true,
        ..ScenarioError::wrong(
            &shown,
            format!("this catalogue cannot be opened: {why}"),
            "name an existing directory",
        )
    })?;
    let common = Arc::new(read_common(&root, directory)?);
    let mut folders = Vec::new();
    let mut read = |folder: &Path, shown: &Path| {
        folders.push(read_folder(folder, shown, &common));
    };
    if is_described(&root) {
        read(&root, directory);
    } else {
        for outer in directories_in(&root, directory)? {
            let shown = directory.join(outer.file_name().unwrap_or_default());
            if is_described(&outer) {
                read(&outer, &shown);
                continue;
            }
            if outer.ends_with(COMMON) {
                continue;
            }
            if holds_program(&outer) {
                read(&outer, &shown);
                continue;
            }
            for inner in directories_in(&outer, &shown)? {
                let shown = shown.join(inner.file_name().unwrap_or_default());
                // Tests and their data may stand beside scenarios.
                if is_described(&inner) || holds_program(&inner) {
                    read(&inner, &shown);
                }
            }
        }
    }
    if folders.is_empty() {
        return Err(ScenarioError::wrong(
            shown,
            "this catalogue holds no scenario folder",
            "a catalogue holds folders axis/name/ with a scenario.toml and a main.vera each",
        ));
    }
    Ok(folders)
}

/// The common files of the catalogue that `root` is, or is a part of.
fn read_common(root: &Path, shown: &Path) -> Result<Common, ScenarioError> {
    let levels =
        ["", "..", "../.."].map(|up| (root.join(up).join(COMMON), shown.join(up).join(COMMON)));
    let there = levels
        .iter()
        .find(|(folder, _)| folder.is_dir() && !is_described(folder));
    let Some((folder, shown)) = there else {
        return Ok(Common {
            path: shown.join(COMMON).display().to_string(),
            ..Common::default()
        });
    };
    let mut files = BTreeMap::new();
    read_files(folder, shown, "", &mut files)?;
    Ok(Common {
        path: shown.display().to_string(),
        files,
    })
}

/// Whether a folder is a scenario, or an axis, or holds axes.
pub fn holds_scenarios(folder: &Path) -> bool {
    let is_one = |it: &Path| is_described(it) || holds_program(it);
    let inner = |it: &Path| directories_in(it, it).unwrap_or_default();
    is_one(folder)
        || inner(folder)
            .iter()
            .any(|outer| is_one(outer) || inner(outer).iter().any(|it| is_one(it)))
}

/// Whether a folder is a scenario, or an axis, or holds axes, by what is written in
/// them: folders with nothing but programs are none.
pub fn holds_described(folder: &Path) -> bool {
    let inner = |it: &Path| directories_in(it, it).unwrap_or_default();
    is_described(folder)
        || inner(folder)
            .iter()
            .any(|outer| is_described(outer) || inner(outer).iter().any(|it| is_described(it)))
}

/// Whether a folder has the file that makes it a scenario.
fn is_described(folder: &Path) -> bool {
    stands(&folder.join(SCENARIO_FILE))
}

/// Whether something to be read stands there. Whether it is a file is seen when it
/// is: a pipe would otherwise be passed over in silence.
fn stands(path: &Path) -> bool {
    path.exists() && !path.is_dir()
}

/// A folder with a program but without `scenario.toml` is a scenario that
/// somebody has not finished, not an axis.
fn holds_program(folder: &Path) -> bool {
    [Sources::MAIN, PROGRAM_FILE]
        .iter()
        .any(|name| stands(&folder.join(name)))
}

fn directories_in(folder: &Path, shown: &Path) -> Result<Vec<std::path::PathBuf>, ScenarioError> {
    let entries = fs::read_dir(folder).map_err(|why| unreadable(shown, &why))?;
    let mut found: Vec<_> = entries
        .flatten()
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    Ok(found)
}

fn read_folder(folder: &Path, shown: &Path, common: &Arc<Common>) -> Result<Folder, ScenarioError> {
    let name = |path: Option<&Path>| {
        path.and_then(Path::file_name)
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let mut files = BTreeMap::new();
    read_files(folder, shown, "", &mut files)?;
    let given = folder.join(FILES_FOLDER);
    Ok(Folder {
        given: given.is_dir().then_some(Files::Folder(given)),
        path: shown.display().to_string(),
        axis: axis_name(&name(folder.parent())),
        name: name(Some(folder)),
        files,
        common: Arc::clone(common),
    })
}

/// The name of somebody's own directory as the name of an axis.
fn axis_name(directory: &str) -> String {
    directory
        .to_lowercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

fn read_files(
    folder: &Path,
    shown: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, String>,
) -> Result<(), ScenarioError> {
    for entry in fs::read_dir(folder).map_err(|why| unreadable(shown, &why))? {
        let entry = entry.map_err(|why| unreadable(shown, &why))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let shown = shown.join(&name);
        if entry.path().is_dir() {
            // The program's, which may be no text; nobody reads them before it.
            if prefix.is_empty() && name == FILES_FOLDER {
                continue;
            }
            read_files(&entry.path(), &shown, &format!("{prefix}{name}/"), files)?;
        } else {
            let text =
                files::read_to_string(&entry.path()).map_err(|why| unreadable(&shown, &why))?;
            files.insert(format!("{prefix}{name}"), text);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, why: &std::io::Error) -> ScenarioError {
    ScenarioError::wrong(
        path.display().to_string(),
        format!("this cannot be read: {why}"),
        "make it a readable text file in UTF-8, or take it out of the catalogue",
    )
}
