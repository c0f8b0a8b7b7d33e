//! Names of scenarios that were meant, and of cases as tests.

use std::collections::{HashMap, HashSet};

use super::name::Name;
use crate::case::{Lane, Problem, Scale};
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
/// Tests are followed by their names, so a seed, which is another each day, and the
/// scale stay out of them where they do not tell two cases apart.
pub fn test_names<'a>(cases: impl Iterator<Item = (&'a str, Lane, Scale)> + Clone) -> Vec<String> {
    let mut seeds: HashMap<(&str, Lane), HashSet<Lane>> = HashMap::new();
    let mut scales: HashMap<(&str, Lane), usize> = HashMap::new();
    for (scenario, lane, _) in cases.clone() {
        let of_family = seeds.entry((scenario, lane.family())).or_default();
        of_family.insert(lane);
        *scales.entry((scenario, lane)).or_default() += 1;
    }
    let name = |(scenario, lane, n): (&'a str, Lane, Scale)| {
        let family = lane.family();
        let shown = match seeds[&(scenario, family)].len() {
            1 => family,
            _ => lane,
        };
        match scales[&(scenario, lane)] {
            1 => format!("{scenario}[{shown}]"),
            _ => format!("{scenario}[{shown}] n={n}"),
        }
    };
    cases.map(name).collect()
}
