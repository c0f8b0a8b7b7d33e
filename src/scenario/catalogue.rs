//! The built-in scenarios, and those of other directories.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::built_in;
use super::definition::{Scenario, Twins};
use super::disk::folders_below;
use super::error::ScenarioError;
use super::folder::Folder;
use super::load::load;
use super::stand_in::{Given, programs_below, stand_in};

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
    /// The directories of scenarios beside the built-in ones.
    pub directories: Vec<PathBuf>,
    /// Those of them of which nothing could be loaded.
    pub unusable: Vec<PathBuf>,
    /// Whether the built-in scenarios are left out.
    pub without_built_in: bool,
}

/// The folder of a catalogue whose Vera files are programs, which need no more.
pub const PROGRAMS: &str = "programs";

/// The programs of a catalogue. What has no `main` is there to be imported.
fn own_programs(directory: &Path) -> Vec<Scenario> {
    let folder = directory.join(PROGRAMS);
    let found = match folder.is_dir() {
        true => programs_below(&folder).unwrap_or_default().programs,
        false => Vec::new(),
    };
    let program = |it: &PathBuf| stand_in(it, it.to_str()?, &Given::default()).ok();
    found.iter().filter_map(program).collect()
}

impl Catalogue {
    /// The built-in scenarios and those below each of `directories`.
    pub fn load(directories: &[impl AsRef<Path>]) -> Catalogue {
        Catalogue::default().with(built_in::folders(), directories)
    }

    /// Those below each of `directories` alone.
    pub fn without_built_in(directories: &[impl AsRef<Path>]) -> Catalogue {
        let empty = Catalogue {
            without_built_in: true,
            ..Catalogue::default()
        };
        empty.with(Vec::new(), directories)
    }

    fn with(mut self, built_in: Vec<Folder>, directories: &[impl AsRef<Path>]) -> Catalogue {
        for folder in built_in {
            self.add(folder, 0);
        }
        let built_in = self.scenarios.len();
        for directory in directories {
            let directory = directory.as_ref();
            let programs = own_programs(directory);
            let beside = !programs.is_empty();
            self.add_programs(programs);
            let held = match folders_below(directory) {
                Ok(folders) => {
                    folders
                        .into_iter()
                        .map(|folder| match folder {
                            Ok(folder) => self.add(folder, built_in),
                            Err(error) => {
                                self.errors.push(error);
                                false
                            }
                        })
                        .filter(|&held| held)
                        .count()
                        > 0
                }
                // A directory of programs alone is one, too.
                Err(error) if !beside || error.is_unopened => {
                    self.errors.push(error);
                    false
                }
                Err(_) => true,
            };
            if !held {
                self.unusable.push(directory.to_owned());
            }
            self.directories.push(directory.to_owned());
        }
        self.scenarios
            .sort_by(|a, b| (&a.axis, &a.name).cmp(&(&b.axis, &b.name)));
        self
    }

    /// The scenarios in the folder at `path`, or in folders below it, or of which it
    /// is a file.
    pub fn at<'c>(&'c self, path: &Path) -> impl Iterator<Item = &'c Scenario> {
        let path = path.canonicalize();
        self.scenarios.iter().filter(move |scenario| {
            let folder = Path::new(&scenario.folder).canonicalize();
            match (&folder, &path) {
                (Ok(folder), Ok(path)) => folder.starts_with(path) || path.starts_with(folder),
                _ => false,
            }
        })
    }

    /// The axes of the built-in scenarios.
    pub fn built_in_axes() -> Vec<String> {
        built_in::axes()
    }

    /// The scenario called `name`.
    pub fn get(&self, name: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.name == name)
    }

    fn place_of(&self, name: &str) -> Option<(usize, &Scenario)> {
        (self.scenarios.iter().enumerate()).find(|(_, scenario)| scenario.name == name)
    }

    /// Adds programs that stand for scenarios, and gives their names. A file that is
    /// there already is left as it is, however it is called now.
    pub fn add_programs(&mut self, programs: impl IntoIterator<Item = Scenario>) -> Vec<String> {
        let file = |name: &str| {
            Path::new(name)
                .canonicalize()
                .unwrap_or_else(|_| name.into())
        };
        let there = (self.scenarios.iter()).filter(|it| it.stand_in.is_some());
        let mut names: HashMap<PathBuf, String> =
            there.map(|it| (file(&it.name), it.name.clone())).collect();
        let mut added = Vec::new();
        for program in programs {
            let name = names.entry(file(&program.name)).or_insert_with(|| {
                let name = program.name.clone();
                self.scenarios.push(program);
                name
            });
            added.push(name.clone());
        }
        self.scenarios
            .sort_by(|a, b| (&a.axis, &a.name).cmp(&(&b.axis, &b.name)));
        added
    }

    /// Takes what is written as known limits out of every scenario.
    pub fn forget_known_limits(&mut self) {
        for scenario in &mut self.scenarios {
            scenario.known.clear();
        }
    }

    /// Has each program held against its twins.
    pub fn hold_against_twins(&mut self) {
        for scenario in &mut self.scenarios {
            scenario.twins = Twins::Always;
        }
    }

    /// Adds what is in a folder to scenarios of which the first are `built_in`;
    /// whether it is there then.
    fn add(&mut self, folder: Folder, built_in: usize) -> bool {
        let scenario = match load(folder) {
            Ok(scenario) => scenario,
            Err(error) => {
                self.errors.push(error);
                return false;
            }
        };
        let Some((place, other)) = self.place_of(&scenario.name) else {
            self.scenarios.push(scenario);
            return true;
        };
        let real = |it: &Scenario| Path::new(&it.folder).canonicalize().ok();
        if place >= built_in && real(other) == real(&scenario) {
            // One directory may hold another.
            return true;
        }
        let (what, next) = match place < built_in {
            true => (
                format!("there is a built-in scenario `{}` already", other.name),
                "rename the folder, or leave the built-in ones out",
            ),
            false => (
                format!(
                    "there is a scenario `{}` already, in {}",
                    other.name, other.folder
                ),
                "rename the folder: names are unique over all catalogues",
            ),
        };
        self.errors
            .push(ScenarioError::wrong(scenario.folder, what, next));
        false
    }
}
