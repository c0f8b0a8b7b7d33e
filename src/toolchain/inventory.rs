//! What a release of Vera has, as it says itself, and which of its own code runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::compile::{Stop, ending, read_reply};
use super::job::Job;
use super::watch::ChildEnd;
use super::worker::Workers;
use crate::case::{Budget, Doing, Ending};
use crate::interrupt::Interrupt;

/// What programs are written with.
#[derive(Clone, Debug, Deserialize)]
pub struct Language {
    /// The builtins.
    pub builtins: Vec<String>,
    /// The operations of effects and abilities.
    pub operations: Vec<Operation>,
    /// The effects.
    pub effects: Vec<String>,
    /// The kinds of nodes of the syntax tree, with what may be absent from each.
    pub nodes: Vec<String>,
    /// The kinds of patterns.
    pub patterns: Vec<String>,
    /// The operators.
    pub operators: Vec<String>,
    /// The types that no program need declare.
    pub types: Vec<String>,
}

/// An operation of an effect, or of an ability.
#[derive(Clone, Debug, Deserialize)]
pub struct Operation {
    /// Of which.
    pub effect: String,
    /// What it is called.
    pub name: String,
    /// Whether that is an ability, which no function has to name.
    pub ability: bool,
}

/// The code that makes modules and runs them.
#[derive(Clone, Debug, Deserialize)]
pub struct Emission {
    /// Its files.
    pub files: Vec<CodeFile>,
    /// The functions in them.
    pub functions: Vec<CodeFunction>,
    /// Where something is emitted that matters at scale.
    pub sites: Vec<EmissionSite>,
}

/// A file of Vera's own code.
#[derive(Clone, Debug, Deserialize)]
pub struct CodeFile {
    /// Its path in the package.
    pub file: String,
    /// The lines that run when a function of it does.
    pub lines: Vec<u32>,
}

/// A function of Vera's own code.
#[derive(Clone, Debug, Deserialize)]
pub struct CodeFunction {
    /// The file.
    pub file: String,
    /// What it is called, with what it lies in.
    pub name: String,
    /// Where it begins.
    pub line: u32,
    /// The lines of its body.
    pub lines: Vec<u32>,
}

/// A place in the code generator that emits something.
#[derive(Clone, Debug, Deserialize)]
pub struct EmissionSite {
    /// What: `root`, `allocation`, `loop`, `host call`.
    pub kind: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The line that runs when it does.
    pub at: u32,
    /// The function.
    pub function: String,
    /// What stands there.
    pub text: String,
}

/// Lines that ran, by file.
pub type Lines = BTreeMap<String, BTreeSet<u32>>;

/// What programs are written with on this release.
pub fn language(
    workers: &Workers,
    interrupt: &Interrupt,
) -> Result<Result<Language, Ending>, Stop> {
    inventory(workers, "language", interrupt)
}

/// The code of this release that makes modules and runs them.
pub fn emission(
    workers: &Workers,
    interrupt: &Interrupt,
) -> Result<Result<Emission, Ending>, Stop> {
    inventory(workers, "emission", interrupt)
}

fn inventory<T: DeserializeOwned>(
    workers: &Workers,
    of: &'static str,
    interrupt: &Interrupt,
) -> Result<Result<T, Ending>, Stop> {
    let out = tempfile::tempdir_in(workers.scratch())
        .map_err(Stop::files("making a folder for an inventory"))?;
    let budget = Budget::default();
    let job = Job::Inventory { of };
    let (end, _) = workers.run(&job, budget, out.path(), interrupt)?;
    written(end, budget, out.path(), "inventory.json")
}

/// What a child wrote beside its reply; or how it ended instead.
pub fn written<T: DeserializeOwned>(
    end: ChildEnd,
    budget: Budget,
    out: &Path,
    file: &str,
) -> Result<Result<T, Ending>, Stop> {
    let text = fs::read(out.join(file)).unwrap_or_default();
    match (serde_json::from_slice(&text), read_reply::<Failed>(out)) {
        (Ok(it), _) => Ok(Ok(it)),
        (Err(_), Some(Failed { ending })) => Ok(Err(ending)),
        (Err(why), None) if end == ChildEnd::Replied => {
            let why = format!("{file} of the worker cannot be read: {why}");
            Ok(Err(Ending::crashed(why, Doing::Compiling)))
        }
        _ => ending(end, budget, Doing::Compiling).map(Err),
    }
}

/// What a child replies that came to nothing.
#[derive(Deserialize)]
struct Failed {
    ending: Ending,
}

impl Operation {
    /// As a program names it with its effect: `IO.print`.
    pub fn named(&self) -> String {
        format!("{}.{}", self.effect, self.name)
    }
}
