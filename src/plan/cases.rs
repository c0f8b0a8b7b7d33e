//! From what was asked for to cases.

use std::collections::{BTreeSet, HashSet};

use super::names::no_scenario;
use super::partition::Partition;
use super::selection::{Selection, is_guarded, is_on_axis, is_tagged};
use crate::case::{Case, Problem};
use crate::scenario::Scenario;

/// The cases that a selection means, by scenario and lane. Empty only where a
/// partition has more shares than there are cases.
pub fn plan(scenarios: &[Scenario], selection: &Selection) -> Result<Vec<Case>, Problem> {
    known(scenarios, selection)?;
    let held = scenarios.iter().filter(|it| selection.holds(it));
    let mut cases: Vec<Case> = held.flat_map(|it| selection.cases(it)).collect();
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

/// Whether each part of a selection means something: a word that nothing has would
/// leave nothing over, or everything, without anybody noticing.
fn known(scenarios: &[Scenario], selection: &Selection) -> Result<(), Problem> {
    for name in selection.names.iter().chain(&selection.excluded) {
        if !scenarios.iter().any(|it| name.is_of(&it.name)) {
            return Err(no_scenario(name, scenarios));
        }
    }
    let unknown = |wanted: &[String], has: fn(&str, &Scenario) -> bool| {
        let is_unknown = |it: &&String| !scenarios.iter().any(|scenario| has(it, scenario));
        wanted.iter().find(is_unknown).cloned()
    };
    let no = |what: String, next: String| {
        Err(Problem::new(format!("no case matches: {what}")).next(next))
    };
    let all = |words: BTreeSet<String>| words.into_iter().collect::<Vec<_>>().join(", ");
    if let Some(axis) = unknown(&selection.axes, is_on_axis) {
        let axes = scenarios.iter().map(|it| it.axis.clone()).collect();
        return no(
            format!("there is no axis `{axis}`"),
            format!("choose one of: {}", all(axes)),
        );
    }
    if let Some(tag) = unknown(&selection.tags, is_tagged) {
        let tags = scenarios.iter().flat_map(|it| it.tags.clone()).collect();
        return no(
            format!("no scenario has the tag `{tag}`"),
            format!("choose one of: {}", all(tags)),
        );
    }
    if let Some(guard) = unknown(&selection.guards, is_guarded) {
        let guards = scenarios.iter().flat_map(|it| &it.guards);
        let issues: BTreeSet<u32> = guards.filter_map(|it| it.issue).collect();
        let issues: Vec<String> = issues.iter().map(ToString::to_string).collect();
        return no(
            format!("no scenario guards `{guard}`"),
            format!(
                "write a word of a class of bugs, such as shadow, or one of these issues: {}",
                issues.join(", ")
            ),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests;
