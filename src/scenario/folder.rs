//! The files of a scenario, wherever they came from.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::ScenarioError;
use super::names::{EXPECT_FILE, FILES_FOLDER, INPUT_FILE, PROGRAM_FILE, SCENARIO_FILE, is_name};
use super::surroundings::Files;
use crate::case::Sources;

/// The files of one scenario folder, wherever they came from.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The folder's path, for messages.
    pub path: String,
    /// The name of the folder above.
    pub axis: String,
    /// The folder's own name.
    pub name: String,
    /// Text by file name, `/` between folders.
    pub files: BTreeMap<String, String>,
    /// The files of its folder `files`, where there is one: what the program is given.
    pub given: Option<Files>,
    /// The catalogue's common files, of which a scenario `uses` some.
    pub common: Arc<Common>,
}

/// The files that scenarios of a catalogue share.
#[derive(Debug, Default)]
pub struct Common {
    /// The path of their folder, for messages.
    pub path: String,
    /// Text by file name.
    pub files: BTreeMap<String, String>,
}

impl Folder {
    /// The path of a file in it, for messages.
    pub fn place(&self, file: &str) -> String {
        format!("{}/{file}", self.path)
    }

    /// Something is wrong with the folder as a whole.
    pub fn error(&self, what: impl Into<String>, next: impl Into<String>) -> ScenarioError {
        ScenarioError::wrong(&self.path, what, next)
    }

    /// Whether the folder, and each file in it, has a name that it may have.
    pub fn check(&self) -> Result<(), ScenarioError> {
        self.check_name()?;
        self.check_files()
    }

    fn check_name(&self) -> Result<(), ScenarioError> {
        for (what, name) in [("scenario", &self.name), ("axis", &self.axis)] {
            if !is_name(name) {
                return Err(self.error(
                format!("`{name}` cannot be the name of a{} {what}", if what == "axis" { "n" } else { "" }),
                "rename the folder to lower-case letters, digits and hyphens, such as array-map-int",
            ));
            }
        }
        Ok(())
    }

    fn check_files(&self) -> Result<(), ScenarioError> {
        for name in self.files.keys() {
            let known = [SCENARIO_FILE, EXPECT_FILE, INPUT_FILE, PROGRAM_FILE]
                .contains(&name.as_str())
                || name.ends_with(".vera")
                || name.ends_with(".md");
            if !known {
                return Err(self.error(
                format!("a scenario has no file `{name}`"),
                format!(
                    "it may hold {SCENARIO_FILE}, {}, {PROGRAM_FILE}, {EXPECT_FILE}, {INPUT_FILE}, a folder {FILES_FOLDER} with what the program reads, more .vera modules and .md notes",
                    Sources::MAIN
                ),
            ));
            }
        }
        Ok(())
    }
}
