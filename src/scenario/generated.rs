//! A scenario of a program that was generated, and of which it is known at some n what
//! must come.

use std::collections::BTreeMap;

use super::call::Call;
use super::definition::{ClimbBudget, Scenario, Twins};
use super::expectation::{Agreement, Pin};
use super::growth::Growth;
use super::oracle::{FilesSource, Oracle, Source, StandardInput};
use super::program::Program;
use super::surroundings::Surroundings;
use crate::case::{Budget, Scale, Sources, Value};

/// The axis of all of them.
const AXIS: &str = "generated";

/// The scenario of a program. Where it is not pinned it may come to anything but what
/// only the runtime can bring about.
pub fn generated(name: &str, text: &str, pins: BTreeMap<Scale, Pin>) -> Scenario {
    Scenario {
        name: name.to_owned(),
        axis: AXIS.to_owned(),
        folder: name.to_owned(),
        title: format!("The generated program {name}"),
        why: "What comes of it is what the language's specification says.".to_owned(),
        n: Scale::ONE,
        tags: Vec::new(),
        guards: Vec::new(),
        budget: Budget::default(),
        alone: false,
        oracle: Oracle {
            value: None,
            stdout: None,
            stderr: Some(Source::Constant(Value::Text(String::new()))),
            files: Some(FilesSource::Lines(BTreeMap::new())),
            script: None,
            otherwise: None,
            agreement: Some(Agreement { value: true }),
            pins,
        },
        input: StandardInput {
            stdin: None,
            script: None,
        },
        surroundings: Surroundings::default(),
        growth: Growth::free(),
        climb: ClimbBudget::default(),
        lanes: BTreeMap::new(),
        known: Vec::new(),
        program: Program::Fixed(Sources::of_main(text)),
        call: Call::Scale,
        stand_in: None,
        twins: Twins::Never,
    }
}
