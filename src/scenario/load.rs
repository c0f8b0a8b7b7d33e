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
use super::definition::{ClimbBudget, Scenario, Twins};
pub use super::error::ScenarioError;
pub use super::folder::{Common, Folder};
use super::growth::Growth;
pub use super::names::{FILES_FOLDER, SCENARIO_FILE};
use super::program::Program;
use super::stand_in::shows_value;
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
    let program = program(&folder, &used)?;
    let returns_value = match &program {
        Program::Fixed(sources) => shows_value(sources),
        Program::Generated(_) => true,
    };
    let oracle = oracle(&folder, &used, &mut keys, &place, returns_value)?;
    let input = input(&folder, &used, &mut keys)?;
    let call = match (&program, keys.args.take()) {
        (_, Some(all)) => {
            let all = all.into_iter().map(|it| it.in_file(&place));
            Call::Computed(all.collect())
        }
        (Program::Fixed(_), None) => Call::Scale,
        (Program::Generated(_), None) => Call::Nothing,
    };
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
        growth: Growth {
            is_free: keys.expect.agree,
            ..keys.expect.growth
        },
        climb: ClimbBudget {
            time: keys.climb.budget,
            instructions: keys.climb.instructions,
        },
        known: keys.known,
        oracle: oracle.within(limit),
        input: input.within(limit),
        surroundings: Surroundings {
            files: folder.given,
            env: keys.env,
        },
        call,
        stand_in: None,
        twins: Twins::Never,
        program: program.within(limit),
        name: folder.name,
        axis: folder.axis,
        folder: folder.path,
    })
}

#[cfg(test)]
mod tests;
