//! What was asked for, and which scenarios that means.

use wildmatch::WildMatch;

use super::partition::Partition;
use super::scale_choice::ScaleChoice;
use crate::case::Lane;
use crate::scenario::Scenario;

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Patterns of scenario names; all where there is none.
    pub names: Vec<String>,
    /// Names of axes; all where there is none.
    pub axes: Vec<String>,
    /// Issue numbers or words of a bug class; all where there is none.
    pub guards: Vec<String>,
    /// Tags; all scenarios where there is none.
    pub tags: Vec<String>,
    /// The lanes.
    pub lanes: Vec<Lane>,
    /// The seed of lanes that want one and name none.
    pub seed: u64,
    /// The scale.
    pub scale: ScaleChoice,
    /// The share of the cases.
    pub partition: Option<Partition>,
}

impl Selection {
    /// Whether a scenario is meant.
    pub fn holds(&self, scenario: &Scenario) -> bool {
        let any = |wanted: &[String], test: &dyn Fn(&str) -> bool| {
            wanted.is_empty() || wanted.iter().any(|text| test(text))
        };
        any(&self.names, &|name| {
            WildMatch::new(name).matches(&scenario.name)
        }) && any(&self.axes, &|axis| {
            WildMatch::new(axis).matches(&scenario.axis)
        }) && any(&self.guards, &|guard| is_guarded(scenario, guard))
            && any(&self.tags, &|tag| scenario.tags.iter().any(|it| it == tag))
    }
}

/// Whether a scenario guards an issue (`570`, `#570`) or a class of bugs (any
/// part of its name).
fn is_guarded(scenario: &Scenario, wanted: &str) -> bool {
    let number = wanted.trim_start_matches('#').parse::<u32>().ok();
    scenario.guards.iter().any(|guard| match number {
        Some(number) => guard.issue == Some(number),
        None => guard.class.to_lowercase().contains(&wanted.to_lowercase()),
    })
}
