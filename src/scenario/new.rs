//! A new scenario: a folder that passes as it stands, and says what to write.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::catalogue::Catalogue;
use super::definition::Scenario;
use super::guard::Guard;
use super::names::{COMMON, EXPECT_FILE, SCENARIO_FILE, is_name};
use super::program::Program;
use crate::case::{Problem, Sources};

/// What the texts begin with that an author is to replace.
const TO_WRITE: &str = "WRITE:";

const PROGRAM: &str = include_str!("template/main.vera");

/// The files of a new scenario: name, text, and what it is for.
pub const FILES: [(&str, &str, &str); 3] = [
    (Sources::MAIN, PROGRAM, "the program"),
    (
        EXPECT_FILE,
        include_str!("template/expect.rhai"),
        "what it must return, from n alone",
    ),
    (
        SCENARIO_FILE,
        include_str!("template/scenario.toml"),
        "title, why, n, guards, budgets and growth",
    ),
];

/// Why a scenario could not be made.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// A name that no folder of a catalogue may have.
    #[error("`{name}` cannot be the name of {what}")]
    Name {
        /// `a scenario` or `an axis`.
        what: &'static str,
        /// What was given.
        name: String,
        /// An example of one that it may have.
        such: &'static str,
    },
    /// The folder of what scenarios share.
    #[error(
        "`{COMMON}` holds what the scenarios of a catalogue share, and is no axis and no scenario"
    )]
    Common,
    /// The name is taken.
    #[error("there is a scenario `{name}` already, in {folder}")]
    Taken {
        /// The name.
        name: String,
        /// Where it is.
        folder: String,
    },
    /// The catalogue is a scenario itself.
    #[error("{} holds a {SCENARIO_FILE}, so it is a scenario and no catalogue", .0.display())]
    Inside(PathBuf),
    /// There is something at its place, which is not overwritten.
    #[error("{} exists already, and is left as it is", .0.display())]
    Exists(PathBuf),
    /// The file system refused.
    #[error("{} cannot be written: {why}", path.display())]
    Unwritable {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
}

/// Writes the folder `axis/name` below `root`, and gives its path. Nothing that is
/// there is overwritten, and nothing half made is left.
pub fn make(
    root: &Path,
    axis: &str,
    name: &str,
    catalogue: &Catalogue,
) -> Result<PathBuf, NewError> {
    for (what, name, such) in [
        ("a scenario", name, "map-of-maps"),
        ("an axis", axis, "maps"),
    ] {
        let starts = name.starts_with(|it: char| it.is_ascii_lowercase());
        if !is_name(name) || !starts || name.contains("--") || name.ends_with('-') {
            return Err(NewError::Name {
                what,
                name: name.to_owned(),
                such,
            });
        }
    }
    if axis == COMMON || name == COMMON {
        return Err(NewError::Common);
    }
    let folder = root.join(axis).join(name);
    if folder.symlink_metadata().is_ok() {
        return Err(NewError::Exists(folder));
    }
    if let Some(other) = catalogue.get(name) {
        return Err(NewError::Taken {
            name: name.to_owned(),
            folder: other.folder.clone(),
        });
    }
    for above in [root.to_owned(), root.join(axis)] {
        if above.join(SCENARIO_FILE).is_file() {
            return Err(NewError::Inside(above));
        }
    }
    let unwritable = |path: &Path, why| NewError::Unwritable {
        path: path.to_owned(),
        why,
    };
    let above = root.join(axis);
    fs::create_dir_all(&above).map_err(|why| unwritable(&above, why))?;
    fs::create_dir(&folder).map_err(|why| match why.kind() {
        ErrorKind::AlreadyExists => NewError::Exists(folder.clone()),
        _ => unwritable(&folder, why),
    })?;
    for (file, text, _) in FILES {
        let path = folder.join(file);
        if let Err(why) = File::create_new(&path).and_then(|mut it| it.write_all(text.as_bytes())) {
            // This folder was made here, a moment ago.
            let _ = fs::remove_dir_all(&folder);
            return Err(unwritable(&path, why));
        }
    }
    Ok(folder)
}

/// What to say of a scenario that nobody has finished writing.
pub fn unwritten(scenario: &Scenario) -> Option<Problem> {
    let left = left_to_write(scenario);
    (!left.is_empty()).then(|| {
        Problem::new(format!(
            "{} is not written yet: `vera-stress new` made its {}",
            scenario.name,
            left.join(", ")
        ))
        .next(format!("edit the files in {}", scenario.folder))
    })
}

/// What of a scenario is still the template's; empty for one that somebody wrote.
pub fn left_to_write(scenario: &Scenario) -> Vec<&'static str> {
    let open = |text: &str| text.trim_start().starts_with(TO_WRITE);
    let guard = |of: fn(&Guard) -> &str| scenario.guards.iter().any(|it| open(of(it)));
    let template = match &scenario.program {
        Program::Fixed(sources) => sources.main_text() == Some(PROGRAM),
        Program::Generated(_) => false,
    };
    [
        (open(&scenario.title), "title"),
        (open(&scenario.why), "why"),
        (guard(|it| &it.class), "class of a guard"),
        (guard(|it| &it.history), "history of a guard"),
        (template, "main.vera"),
    ]
    .into_iter()
    .filter_map(|(is_open, what)| is_open.then_some(what))
    .collect()
}
