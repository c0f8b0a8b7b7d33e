//! The files of a failing program, in the folder of its failure.

use std::fs;
use std::io;
use std::path::Path;

use crate::case::Left;
use crate::engine::{folder, may_ask_for_files};
use crate::runner::Examined;
use crate::scenario::Scenario;

/// What it was given.
pub const GIVEN: &str = "files";
/// What it wrote.
pub const WRITTEN: &str = "written";
/// What it should have written.
pub const EXPECTED: &str = "expected-files";

/// Whether a program was given files: where it may ask for any, and there are some.
pub fn are_given(scenario: &Scenario, compiled: Option<&Path>) -> io::Result<bool> {
    match compiled {
        Some(compiled) if scenario.surroundings.files.is_some() => may_ask_for_files(compiled),
        _ => Ok(false),
    }
}

/// Writes all of them into `folder`, in which nothing of that is yet.
pub fn write(
    folder: &Path,
    scenario: &Scenario,
    examined: &Examined,
    compiled: Option<&Path>,
) -> io::Result<()> {
    if let Some(files) = &scenario.surroundings.files
        && are_given(scenario, compiled)?
    {
        let given = folder.join(GIVEN);
        fs::create_dir(&given)?;
        folder::copy(files, &given).map_err(|why| io::Error::other(why.to_string()))?;
    }
    let written = examined.outcome.files.iter();
    let written = written.filter_map(|(name, left)| match left {
        Left::Written(text) => Some((WRITTEN, name, text.as_slice())),
        Left::Gone => None,
    });
    let expected = examined.expected.files.iter().flatten();
    let expected = expected.map(|(name, text)| (EXPECTED, name, text.as_bytes()));
    for (place, name, text) in written.chain(expected) {
        let file = folder.join(place).join(name);
        fs::create_dir_all(file.parent().expect("a file has a folder above it"))?;
        fs::write(file, text)?;
    }
    Ok(())
}
