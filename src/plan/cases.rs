//! From what was asked for to cases.

use std::collections::{BTreeSet, HashSet};

use wildmatch::WildMatch;

use super::names::nearest;
use super::partition::Partition;
use super::selection::Selection;
use crate::case::{Case, Problem};
use crate::scenario::Scenario;

/// The cases that a selection means, by scenario and lane. Empty only where a
/// partition has more shares than there are cases.
pub fn plan(scenarios: &[Scenario], selection: &Selection) -> Result<Vec<Case>, Problem> {
    for name in &selection.names {
        let pattern = WildMatch::new(name);
        if !scenarios
            .iter()
            .any(|scenario| pattern.matches(&scenario.name))
        {
            let what = format!("no scenario is called `{name}`");
            return Err(Problem::new(what).next(nearest(name, scenarios)));
        }
    }
    let mut cases: Vec<Case> = scenarios
        .iter()
        .filter(|scenario| selection.holds(scenario))
        .flat_map(|scenario| {
            let lanes = selection.lanes.iter();
            lanes
                .map(|lane| lane.seeded(selection.seed))
                .map(|lane| Case {
                    scenario: scenario.name.clone(),
                    lane,
                    scale: selection.scale.of(scenario, lane),
                })
        })
        .collect();
    if cases.is_empty() {
        return Err(Problem::new("no case matches these filters together")
            .next("leave one out; `vera-stress list` shows names, axes, guards and tags"));
    }
    cases.sort();
    cases.dedup();
    if let Some(Partition { part, of }) = selection.partition {
        // What must come to the same result on both engines stays together.
        let pair = |case: &Case| {
            let lane = case
                .lane
                .partner()
                .map_or(case.lane, |it| it.min(case.lane));
            (case.scenario.clone(), lane, case.scale)
        };
        let pairs: BTreeSet<_> = cases.iter().map(pair).collect();
        let held: HashSet<_> = pairs.into_iter().skip(part - 1).step_by(of).collect();
        cases.retain(|case| held.contains(&pair(case)));
    }
    Ok(cases)
}

#[cfg(test)]
mod tests;
