//! The built-in scenarios, and those of other directories.

use std::path::Path;

use super::built_in;
use super::definition::Scenario;
use super::disk::folders_below;
use super::error::ScenarioError;
use super::folder::Folder;
use super::load::load;

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
        catalogue.add(built_in::folders(), 0);
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
        built_in::axes()
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
                    Some((place, other)) => self.errors.push(ScenarioError::wrong(
                        scenario.folder,
                        if place < built_in {
                            format!("there is a built-in scenario `{}` already", other.name)
                        } else {
                            format!(
                                "there is a scenario `{}` already, in {}",
                                other.name, other.folder
                            )
                        },
                        "rename the folder: names are unique over all catalogues",
                    )),
                    None => self.scenarios.push(scenario),
                },
                Err(error) => self.errors.push(error),
            }
        }
    }
}
