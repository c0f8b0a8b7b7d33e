//! What the scripts of scenarios say: what must come out, and what is read.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::case::{Case, Scale};
use crate::scenario::script::ScriptError;
use crate::scenario::{Expectation, Scenario};

/// What the scripts of a scenario make for one n.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// What a case must produce.
    pub expected: Arc<Expectation>,
    /// What it is given to read.
    pub input: Arc<str>,
}

/// What the scripts say for the cases of a run. Each is asked once for each n,
/// however many lanes want to know, and may be asked ahead.
#[derive(Debug, Default)]
pub struct Scripts(HashMap<(String, Scale), OnceLock<ScriptResult>>);

type ScriptResult = std::result::Result<Fixture, ScriptError>;

impl Scripts {
    /// For these cases.
    pub fn of<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Scripts {
        let key = |case: &Case| ((case.scenario.clone(), case.scale), OnceLock::new());
        Scripts(cases.into_iter().map(key).collect())
    }

    /// What is said of `scenario` at scale `n`. An n that is none of the run's
    /// cases is computed and not kept.
    pub fn at(&self, scenario: &Scenario, n: Scale) -> ScriptResult {
        let ask = || {
            Ok(Fixture {
                expected: scenario.oracle.at(n)?.into(),
                input: scenario.input.at(n)?.into(),
            })
        };
        match self.0.get(&(scenario.name.clone(), n)) {
            Some(answer) => answer.get_or_init(ask).clone(),
            None => ask(),
        }
    }
}
