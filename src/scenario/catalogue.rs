//! The built-in scenarios, and those that `--catalogue DIR` adds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::Scenario;
use super::load::{Common, Folder, PROGRAM_FILE, SCENARIO_FILE, ScenarioError, load};
use crate::case::Sources;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// The folder of a catalogue that is no axis: it holds what scenarios share.
pub const COMMON: &str = "common";

/// Scenarios by name, and the folders that could not be loaded.
///
/// One broken folder takes no other with it: the caller says what is broken,
/// judges the rest, and ends with the exit code for bad scenario files.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// What loaded, sorted by axis and name.
    pub scenarios: Vec<Scenario>,
    /// What did not.
    pub errors: Vec<ScenarioError>,
}

impl Catalogue {
    /// The built-in scenarios and those below each of `directories`.
    pub fn load(directories: &[impl AsRef<Path>]) -> Catalogue {
        let mut catalogue = Catalogue::default();
        catalogue.add(built_in_folders(), 0);
        let built_in = catalogue.scenarios.len();
        for directory in directories {
            match folders_below(directory.as_ref()) {
                Ok(folders) => {
                    for folder in folders {
                        match folder {
                            Ok(folder) => catalogue.add(vec![folder], built_in),
                            Err(error) => catalogue.errors.push(error),
                        }
                    }
                }
                Err(error) => catalogue.errors.push(error),
            }
        }
        catalogue
            .scenarios
            .sort_by(|a, b| (&a.axis, &a.name).cmp(&(&b.axis, &b.name)));
        catalogue
    }

    /// The axes of the built-in scenarios.
    pub fn built_in_axes() -> Vec<String> {
        let axes = BUILT_IN
            .dirs()
            .map(|axis| axis.path().display().to_string());
        axes.filter(|axis| axis != COMMON).collect()
    }

    /// The scenario called `name`.
    pub fn get(&self, name: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.name == name)
    }

    fn place_of(&self, name: &str) -> Option<(usize, &Scenario)> {
        (self.scenarios.iter().enumerate()).find(|(_, scenario)| scenario.name == name)
    }

    /// Takes what is written as known limits out of every scenario.
    pub fn forget_known_limits(&mut self) {
        for scenario in &mut self.scenarios {
            scenario.known.clear();
        }
    }

    /// Adds what is in these folders to scenarios of which the first are `built_in`.
    fn add(&mut self, folders: Vec<Folder>, built_in: usize) {
        for folder in folders {
            match load(folder) {
                Ok(scenario) => match self.place_of(&scenario.name) {
                    Some((place, other)) => self.errors.push(ScenarioError {
                        file: scenario.folder,
                        line: None,
                        what: if place < built_in {
                            format!("there is a built-in scenario `{}` already", other.name)
                        } else {
                            format!(
                                "there is a scenario `{}` already, in {}",
                                other.name, other.folder
                            )
                        },
                        instead: "rename the folder: names are unique over all catalogues"
                            .to_owned(),
                    }),
                    None => self.scenarios.push(scenario),
                },
                Err(error) => self.errors.push(error),
            }
        }
    }
}

fn built_in_folders() -> Vec<Folder> {
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
        Folder {
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

/// The scenario folders below `directory`: `axis/name/`, or `name/` where the
/// directory itself is one axis, or the directory where it is one scenario.
fn folders_below(directory: &Path) -> Result<Vec<Result<Folder, ScenarioError>>, ScenarioError> {
    let error = |what: String, instead: &str| ScenarioError {
        file: directory.display().to_string(),
        line: None,
        what,
        instead: instead.to_owned(),
    };
    let root = directory.canonicalize().map_err(|why| {
        error(
            format!("this catalogue cannot be opened: {why}"),
            "name an existing directory with --catalogue DIR",
        )
    })?;
    let common = Arc::new(read_common(&root, directory)?);
    let mut folders = Vec::new();
    let mut read = |folder: &Path, shown: &Path| {
        folders.push(read_folder(folder, shown, &common));
    };
    if root.join(SCENARIO_FILE).is_file() {
        read(&root, directory);
    } else {
        for outer in directories_in(&root, directory)? {
            let shown = directory.join(outer.file_name().unwrap_or_default());
            if outer.join(SCENARIO_FILE).is_file() {
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
                if inner.join(SCENARIO_FILE).is_file() || holds_program(&inner) {
                    read(&inner, &shown);
                }
            }
        }
    }
    if folders.is_empty() {
        return Err(error(
            "this catalogue holds no scenario folder".to_owned(),
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
        .find(|(folder, _)| folder.is_dir() && !folder.join(SCENARIO_FILE).is_file());
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

/// A folder with a program but without `scenario.toml` is a scenario that
/// somebody has not finished, not an axis.
fn holds_program(folder: &Path) -> bool {
    [Sources::MAIN, PROGRAM_FILE]
        .iter()
        .any(|name| folder.join(name).is_file())
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
    Ok(Folder {
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
            read_files(&entry.path(), &shown, &format!("{prefix}{name}/"), files)?;
        } else {
            let text = fs::read_to_string(entry.path()).map_err(|why| unreadable(&shown, &why))?;
            files.insert(format!("{prefix}{name}"), text);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, why: &std::io::Error) -> ScenarioError {
    ScenarioError {
        file: path.display().to_string(),
        line: None,
        what: format!("this cannot be read: {why}"),
        instead: "make it a readable text file in UTF-8, or take it out of the catalogue"
            .to_owned(),
    }
}
