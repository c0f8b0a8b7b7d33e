//! What was asked for, and which scenarios that means.

use wildmatch::WildMatch;

use super::name::Name;
use super::partition::Partition;
use super::scale_choice::ScaleChoice;
use crate::case::{Case, Lane};
use crate::scenario::Scenario;

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Names; all where there is none.
    pub names: Vec<Name>,
    /// Names of what is left out.
    pub excluded: Vec<Name>,
    /// Names of axes; all where there is none.
    pub axes: Vec<String>,
    /// Issue numbers or words of a bug class; all where there is none.
    pub guards: Vec<String>,
    /// Tags; all scenarios where there is none.
    pub tags: Vec<String>,
    /// The only cases that are meant, whatever the lanes and the scale are; all
    /// where it is absent.
    pub only: Option<Vec<Case>>,
    /// The lanes.
    pub lanes: Vec<Lane>,
    /// The seed of lanes that want one and name none.
    pub seed: u64,
    /// The scale.
    pub scale: ScaleChoice,
    /// The share of the cases.
    pub partition: Option<Partition>,
}

impl Default for Selection {
    /// All scenarios as users run them, at their own scale.
    fn default() -> Selection {
        Selection {
            names: Vec::new(),
            excluded: Vec::new(),
            axes: Vec::new(),
            guards: Vec::new(),
            tags: Vec::new(),
            only: None,
            lanes: vec![Lane::REFERENCE],
            seed: 0,
            scale: ScaleChoice::Times(1.0),
            partition: None,
        }
    }
}

impl Selection {
    /// Whether a scenario is meant.
    pub fn holds(&self, scenario: &Scenario) -> bool {
        let any = |wanted: &[String], test: &dyn Fn(&str, &Scenario) -> bool| {
            wanted.is_empty() || wanted.iter().any(|text| test(text, scenario))
        };
        let named = self.names.is_empty() || self.names.iter().any(|it| it.is_of(&scenario.name));
        // What is excluded in some lanes is not as a whole.
        let whole = |it: &Name| it.lane.is_none() && it.is_of(&scenario.name);
        let listed = |cases: &Vec<Case>| cases.iter().any(|it| it.scenario == scenario.name);
        named
            && !self.excluded.iter().any(whole)
            && self.only.as_ref().is_none_or(listed)
            && any(&self.axes, &is_on_axis)
            && any(&self.guards, &is_guarded)
            && any(&self.tags, &is_tagged)
    }

    /// The cases of a scenario that is held.
    pub(super) fn cases(&self, scenario: &Scenario) -> Vec<Case> {
        let at = |lane: Lane, name: Option<&Name>| {
            let n = name.and_then(|it| it.n);
            let lane = lane.seeded(self.seed);
            let scales = n.map_or_else(|| self.scale.all_of(scenario, lane), |n| vec![n]);
            scales.into_iter().map(move |scale| Case {
                scenario: scenario.name.clone(),
                lane,
                scale,
            })
        };
        let is_of = |it: &&Name| it.is_of(&scenario.name);
        let all: Vec<Case> = match &self.only {
            Some(only) => {
                let meant = |it: &Case| {
                    let mut names = self.names.iter();
                    let named = names.any(|name| name.holds(&it.scenario, it.lane, it.scale));
                    it.scenario == scenario.name && (self.names.is_empty() || named)
                };
                only.iter().filter(|it| meant(it)).cloned().collect()
            }
            None if self.names.is_empty() => {
                self.lanes.iter().flat_map(|lane| at(*lane, None)).collect()
            }
            None => (self.names.iter().filter(is_of))
                .flat_map(|name| {
                    (name.lanes(&self.lanes).into_iter()).flat_map(|it| at(it, Some(name)))
                })
                .collect(),
        };
        let kept = |it: &Case| {
            let mut excluded = self.excluded.iter();
            !excluded.any(|name| name.holds(&it.scenario, it.lane, it.scale))
        };
        all.into_iter().filter(kept).collect()
    }
}

/// Whether a scenario is on an axis, or on one of those that match a pattern.
pub(super) fn is_on_axis(axis: &str, scenario: &Scenario) -> bool {
    WildMatch::new(axis).matches(&scenario.axis)
}

/// Whether a scenario has a tag.
pub(super) fn is_tagged(tag: &str, scenario: &Scenario) -> bool {
    scenario.tags.iter().any(|it| it == tag)
}

/// Whether a scenario guards an issue (`570`, `#570`) or a class of bugs (any
/// part of its name).
pub(super) fn is_guarded(wanted: &str, scenario: &Scenario) -> bool {
    let number = wanted.trim_start_matches('#').parse::<u32>().ok();
    scenario.guards.iter().any(|guard| match number {
        Some(number) => guard.issue == Some(number),
        None => guard.class.to_lowercase().contains(&wanted.to_lowercase()),
    })
}
