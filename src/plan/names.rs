//! Names of scenarios that were meant, and of cases as tests.

use std::collections::HashMap;

use super::name::Name;
use crate::case::{Lane, Problem};
use crate::scenario::Scenario;

/// No scenario is called so; and what to try instead.
pub fn no_scenario(name: &Name, scenarios: &[Scenario]) -> Problem {
    let name = name.scenario.as_str();
    Problem::new(format!("no scenario is called `{name}`")).next(nearest(name, scenarios))
}

/// How like a word that there is somebody's word is, up to 1. One that is a single
/// slip away is, however short: the letters that short words share say little.
pub fn likeness(typed: &str, word: &str) -> f64 {
    const ONE_SLIP: f64 = 0.9;
    let slip = match strsim::osa_distance(typed, word) {
        1 => ONE_SLIP,
        _ => 0.0,
    };
    strsim::jaro_winkler(typed, word).max(slip)
}

fn nearest(name: &str, scenarios: &[Scenario]) -> String {
    let close = scenarios
        .iter()
        .map(|scenario| (likeness(name, &scenario.name), &scenario.name))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match close {
        Some((_, likely)) => format!("did you mean `{likely}`? `vera-stress list` shows all names"),
        None => "`vera-stress list` shows all names".to_owned(),
    }
}

/// The names of cases as tests, such as `life[native+random]`.
///
/// Tests are followed by their names, so a seed, which is another each day, stays
/// out of them where it does not tell two cases apart.
pub fn test_names<'a>(cases: impl Iterator<Item = (&'a str, Lane)> + Clone) -> Vec<String> {
    let mut same: HashMap<(&str, Lane), usize> = HashMap::new();
    for (scenario, lane) in cases.clone() {
        *same.entry((scenario, lane.family())).or_default() += 1;
    }
    let name = |(scenario, lane): (&'a str, Lane)| {
        let family = lane.family();
        let lane = match same[&(scenario, family)] {
            1 => family,
            _ => lane,
        };
        format!("{scenario}[{lane}]")
    };
    cases.map(name).collect()
}
