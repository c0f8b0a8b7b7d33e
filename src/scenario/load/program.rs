//! The program of a scenario: the same at every n, or written for each.

use std::collections::BTreeMap;

use super::uses::{CommonFiles, script};
use crate::case::Sources;
use crate::scenario::error::ScenarioError;
use crate::scenario::folder::Folder;
use crate::scenario::names::PROGRAM_FILE;
use crate::scenario::program::Program;

/// The program of a folder.
pub fn program(folder: &Folder, used: &CommonFiles<'_>) -> Result<Program, ScenarioError> {
    let mut sources: BTreeMap<String, String> = folder
        .files
        .iter()
        .filter(|(name, _)| name.ends_with(".vera"))
        .map(|(name, text)| (name.clone(), text.clone()))
        .collect();
    let main = sources.contains_key(Sources::MAIN);
    let script = script(folder, used, PROGRAM_FILE)?;
    match script {
        Some(_) if !used.modules.is_empty() => Err(folder.error(
            format!("`uses` names a module, and there is a {PROGRAM_FILE}"),
            format!("have {PROGRAM_FILE} give all modules of the program"),
        )),
        Some(_) if !sources.is_empty() => Err(folder.error(
            format!("there are .vera files and a {PROGRAM_FILE}"),
            format!("keep {} for a program that is the same at every n, or {PROGRAM_FILE} for one that grows with n", Sources::MAIN),
        )),
        Some(script) => {
            if script.functions().get("program") != Some(&1) {
                return Err(ScenarioError::wrong(
                    folder.place(PROGRAM_FILE),
                    "there is no `fn program(n)`",
                    "write `fn program(n) { ... }` that gives the source, or a map of file name to source",
                ));
            }
            Ok(Program::Generated(script))
        }
        None if main => {
            let modules = used.modules.iter();
            sources.extend(modules.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
            Ok(Program::Fixed(Sources::of(sources)))
        }
        None => Err(folder.error(
            "there is no program",
            format!("write {} with `public fn main(@Nat -> @Int)`, or {PROGRAM_FILE} with `fn program(n)`", Sources::MAIN),
        )),
    }
}
