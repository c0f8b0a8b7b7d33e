//! Which branches of Vera's runtime, as it is in the modules of the scenarios, running
//! these takes.

use std::collections::BTreeMap;

use super::tally::Tally;
use super::{Coverage, Measured, Untold};
use crate::branches::Branch;
use crate::campaign::bench::Bench;
use crate::case::{Case, Lane};
use crate::engine::Subject;
use crate::record::coverage::{Aspect, CoveragePart, Thing};
use crate::scenario::Scenario;

/// What they are called together.
const NAME: &str = "branches";

/// Why no scenario is to take a branch that only traps.
const TRAPS: &str = "a test of the runtime's own, behind which there is only a trap";

/// The branches in a program, and whether each was taken.
type Taken = Vec<(Branch, bool)>;

impl Coverage<'_> {
    /// What of this Vera's runtime in modules running `scenarios` takes, as they are
    /// shipped, at the n of each.
    pub(super) fn module(&self, bench: &Bench, scenarios: &[&Scenario]) -> Measured {
        let looked_at = self.each(scenarios, |scenario| {
            (scenario.name.clone(), self.taken(bench, scenario))
        });
        let mut told = Vec::new();
        let mut untold = Vec::new();
        for (scenario, taken) in looked_at {
            match taken {
                Ok(taken) => told.push((scenario, taken)),
                Err(why) => untold.push(why),
            }
        }
        (vec![aspect(&told)], untold)
    }

    fn taken(&self, bench: &Bench, scenario: &Scenario) -> Result<Taken, Untold> {
        let case = Case {
            scenario: scenario.name.clone(),
            lane: Lane::NATIVE,
            scale: scenario.scale_in(Lane::NATIVE),
        };
        let script = |why: crate::scenario::script::ScriptError| Untold::of(scenario, why);
        let sources = scenario.program.sources(case.scale).map_err(script)?;
        let arguments = scenario.call.at(case.scale).map_err(script)?;
        let input = scenario.input.at(case.scale).map_err(script)?;
        let subject = Subject {
            sources: &sources,
            arguments: &arguments,
            input: &input,
            surroundings: &scenario.surroundings,
        };
        let budget = scenario.budget_in(case.lane);
        let (seed, interrupt) = (self.setting.seed, self.setting.interrupt);
        match (bench.engines).branches(subject, &case, (budget, seed), interrupt) {
            Ok(Ok(taken)) => Ok(taken),
            Ok(Err(ending)) => Err(Untold::ended(scenario, &ending)),
            Err(stop) => Err(Untold::of(scenario, stop)),
        }
    }
}

/// All branches that there are in the programs, and by which of these each is taken.
fn aspect(told: &[(String, Taken)]) -> Aspect {
    let mut tally = Tally::default();
    // By the name; one that traps wherever it stands is no more than a test.
    let mut all: BTreeMap<&str, (bool, &str)> = BTreeMap::new();
    for (scenario, taken) in told {
        for (branch, is_taken) in taken {
            let entry = all.entry(&branch.name).or_insert((true, &branch.text));
            entry.0 &= branch.traps;
            if *is_taken {
                tally.add(&branch.name, scenario);
            }
        }
    }
    let thing = |(name, (traps, text)): (&str, (bool, &str))| {
        let thing = tally.thing(NAME, name.to_owned());
        let untaken_trap = traps && !thing.is_reached();
        Thing {
            text: Some(text.to_owned()).filter(|it| !it.is_empty()),
            left_out: thing
                .left_out
                .clone()
                .or_else(|| untaken_trap.then(|| TRAPS.to_owned())),
            ..thing
        }
    };
    Aspect {
        name: NAME.to_owned(),
        part: CoveragePart::Module,
        things: all.into_iter().map(thing).collect(),
    }
}
