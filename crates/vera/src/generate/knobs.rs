//! What a program is made of: each feature is on in about half of them, so that what
//! one hides another does not.

use super::dice::Dice;

/// The features that a program may have.
pub const FEATURES: &[&str] = &[
    "abilities",
    "arrays",
    "bytes",
    "data",
    "exceptions",
    "floats",
    "folds",
    "functions",
    "generics",
    "maps",
    "matches",
    "options",
    "output",
    "patterns",
    "pipes",
    "recursion",
    "sets",
    "states",
    "text",
    "tuples",
    "uncommon-types",
];

/// What one program is made of.
#[derive(Clone, Debug)]
pub struct Knobs {
    /// Which features are on, by their place.
    features: Vec<bool>,
    /// How many nodes an expression may have.
    pub nodes: usize,
    /// Of a hundred arguments, how many are bound by a `let` first.
    pub hoisted: u64,
    /// Of a hundred numbers, how many look like addresses.
    pub addresses: u64,
    /// How many functions there are.
    pub functions: usize,
    /// Of a hundred steps of a loop, how many allocate beside.
    pub garbage: u64,
}

impl Knobs {
    /// Those of a program; `focus` is a feature that is always on.
    pub fn thrown(dice: &mut Dice, focus: Option<&str>) -> Knobs {
        let features = FEATURES
            .iter()
            .map(|it| dice.percent(55) || focus == Some(it));
        Knobs {
            features: features.collect(),
            nodes: 6 + dice.below(22),
            hoisted: [0, 0, 30, 90][dice.below(4)],
            addresses: [0, 10, 60][dice.below(3)],
            functions: dice.below(4),
            garbage: [0, 50, 100][dice.below(3)],
        }
    }

    /// All features, small.
    pub fn all() -> Knobs {
        Knobs {
            features: vec![true; FEATURES.len()],
            nodes: 4,
            hoisted: 0,
            addresses: 0,
            functions: 0,
            garbage: 0,
        }
    }

    /// Whether a feature is on. What is no feature always is.
    pub fn has(&self, feature: &str) -> bool {
        let at = FEATURES.iter().position(|it| *it == feature);
        at.is_none_or(|at| self.features[at])
    }
}
