//! Which scenarios reach what.

use std::collections::BTreeMap;

use super::left_out::left_out;
use crate::record::coverage::{Aspect, CoveragePart, Thing};

/// Of what is reached, so many scenarios are named.
const NAMED: usize = 3;

/// Which scenarios reach what, of things of one kind.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<String, Vec<String>>);

impl Tally {
    /// A scenario reaches this.
    pub fn add(&mut self, thing: impl Into<String>, scenario: &str) {
        let by = self.0.entry(thing.into()).or_default();
        if by.last().is_none_or(|it| it != scenario) {
            by.push(scenario.to_owned());
        }
    }

    /// What is reached of these.
    pub fn aspect(
        &self,
        part: CoveragePart,
        name: &str,
        things: impl IntoIterator<Item = String>,
    ) -> Aspect {
        Aspect {
            name: name.to_owned(),
            part,
            things: things
                .into_iter()
                .map(|thing| self.thing(name, thing))
                .collect(),
        }
    }

    /// What is known of one thing.
    pub fn thing(&self, kind: &str, name: String) -> Thing {
        let by = self.0.get(&name).map_or(&[][..], Vec::as_slice);
        Thing {
            scenarios: by.len(),
            first: by.iter().take(NAMED).cloned().collect(),
            left_out: left_out(kind, &name)
                .filter(|_| by.is_empty())
                .map(str::to_owned),
            name,
            ..Thing::default()
        }
    }
}
