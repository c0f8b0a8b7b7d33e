//! From a folder of files to a checked [`Scenario`].
//!
//! Loading is strict: whatever the format does not know is an error with its
//! file, its line, and what to write instead.

mod oracle;
mod parse;
mod program;
mod uses;

use std::time::Duration;

use super::call::Call;
use super::definition::{ClimbBudget, Scenario};
pub use super::error::ScenarioError;
pub use super::folder::{Common, Folder};
pub use super::names::SCENARIO_FILE;
use super::program::Program;
use super::surroundings::Surroundings;
use oracle::{input, oracle};
use parse::parse;
use program::program;
use uses::used;

/// Checks a folder and gives the scenario that it holds.
pub fn load(folder: Folder) -> Result<Scenario, ScenarioError> {
    folder.check()?;
    let place = folder.place(SCENARIO_FILE);
    let mut keys = parse(&folder, &place)?;
    let uses = std::mem::take(&mut keys.uses);
    let used = used(&folder, &uses, &place)?;
    let oracle = oracle(&folder, &used, &mut keys, &place)?;
    let input = input(&folder, &used, &mut keys)?;
    let program = program(&folder, &used)?;
    let (budget, lanes) = (keys.budget(), keys.lanes());
    // What must come out may take as long as the longest of its cases.
    let own = lanes.values().filter_map(|it| it.budget);
    let limit = own.map(|it| it.time).fold(budget.time, Duration::max);
    Ok(Scenario {
        budget,
        lanes,
        title: keys.title,
        why: keys.why,
        n: keys.n,
        tags: keys.tags,
        guards: keys.guards,
        alone: keys.alone,
        growth: keys.expect.growth,
        climb: ClimbBudget {
            time: keys.climb.budget,
            instructions: keys.climb.instructions,
        },
        known: keys.known,
        oracle: oracle.within(limit),
        input: input.within(limit),
        surroundings: Surroundings::default(),
        call: match &program {
            Program::Fixed(_) => Call::Scale,
            Program::Generated(_) => Call::Nothing,
        },
        stand_in: None,
        program: program.within(limit),
        name: folder.name,
        axis: folder.axis,
        folder: folder.path,
    })
}

#[cfg(test)]
mod tests;
