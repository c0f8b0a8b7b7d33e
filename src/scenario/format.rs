//! `scenario.toml` as it is written: every key, its type, and its checks.
//!
//! Each type checks itself while it is read, so that the TOML parser knows the
//! line of whatever is wrong.

mod guard;
mod known;
pub mod pins;
mod values;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::definition::LaneOverride;
use super::expectation::{ExpectedEnd, Pin};
use super::growth::Growth;
use super::guard::Guard;
use super::known::KnownLimit;
use super::script::Expression;
use crate::case::{Budget, Bytes, Instructions, Lane, Scale};

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    #[serde(deserialize_with = "values::line")]
    pub title: String,
    #[serde(deserialize_with = "values::paragraph")]
    pub why: String,
    pub n: Scale,
    #[serde(deserialize_with = "values::guards")]
    pub guards: Vec<Guard>,
    #[serde(default)]
    pub budget: BudgetKeys,
    #[serde(default)]
    pub alone: bool,
    #[serde(default)]
    pub uses: Vec<String>,
    #[serde(default, deserialize_with = "values::tags")]
    pub tags: Vec<String>,
    #[serde(default)]
    pub expect: ExpectKeys,
    #[serde(default)]
    pub climb: ClimbKeys,
    pub input: Option<InputKeys>,
    #[serde(default, deserialize_with = "values::argument_expressions")]
    pub args: Option<Vec<Expression>>,
    #[serde(default, deserialize_with = "values::environment")]
    pub env: BTreeMap<String, String>,
    #[serde(default)]
    lanes: BTreeMap<Lane, LaneKeys>,
    #[serde(default)]
    pub known: Vec<KnownLimit>,
}

impl ScenarioFile {
    /// The scenario's budget.
    pub fn budget(&self) -> Budget {
        self.budget.over(Budget::default())
    }

    /// What each lane needs otherwise.
    pub fn lanes(&self) -> BTreeMap<Lane, LaneOverride> {
        self.lanes
            .iter()
            .map(|(lane, keys)| {
                // A lane with a seed goes on from what is said of all of them.
                let family = self.lanes.get(&lane.family()).and_then(|it| it.budget);
                let base = family.map_or(self.budget(), |it| it.over(self.budget()));
                let budget = keys.budget.map(|budget| budget.over(base));
                (*lane, LaneOverride { n: keys.n, budget })
            })
            .collect()
    }
}

/// The keys of `[budget]`.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetKeys {
    #[serde(default, deserialize_with = "values::duration")]
    time: Option<Duration>,
    #[serde(default, deserialize_with = "values::duration")]
    wall: Option<Duration>,
    #[serde(default, deserialize_with = "values::bytes")]
    memory: Option<Bytes>,
    #[serde(default, deserialize_with = "values::bytes")]
    output: Option<Bytes>,
    #[serde(default, alias = "work", deserialize_with = "values::instructions")]
    instructions: Option<Instructions>,
}

impl BudgetKeys {
    fn over(self, base: Budget) -> Budget {
        // Before there was `time`, `wall` was all there was to say.
        let (time, wall) = match self.time {
            Some(_) => (self.time, self.wall),
            None => (self.wall, None),
        };
        let base = time.map_or(base, |time| base.lasting(time));
        Budget {
            time: base.time,
            wall: wall.unwrap_or(base.wall),
            memory: self.memory.unwrap_or(base.memory),
            output: self.output.unwrap_or(base.output),
            instructions: self.instructions.unwrap_or(base.instructions),
        }
    }
}

/// The keys of `[expect]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectKeys {
    #[serde(default, deserialize_with = "values::value_expression")]
    pub value: Option<Expression>,
    #[serde(default, deserialize_with = "values::stdout_expression")]
    pub stdout: Option<Expression>,
    #[serde(default, deserialize_with = "values::stderr_expression")]
    pub stderr: Option<Expression>,
    /// Whether all that is not said is what every lane comes to.
    #[serde(default)]
    pub agree: bool,
    pub exit: Option<i64>,
    #[serde(default, deserialize_with = "values::word")]
    pub trap: Option<String>,
    #[serde(default, deserialize_with = "values::word")]
    pub refused: Option<String>,
    #[serde(default, deserialize_with = "values::word")]
    pub host_error: Option<String>,
    /// From which n on it ends so; below, it returns.
    pub from_n: Option<Scale>,
    /// What must come at single n.
    #[serde(default, deserialize_with = "pins::read")]
    pub at: BTreeMap<Scale, Pin>,
    #[serde(default, deserialize_with = "values::files_expressions")]
    pub files: BTreeMap<String, Expression>,
    #[serde(default)]
    pub growth: Growth,
}

impl ExpectKeys {
    /// The ends that are written, other than to return, each with its key.
    pub fn ends(&self) -> Vec<(&'static str, ExpectedEnd)> {
        let ends = [
            ("exit", self.exit.map(ExpectedEnd::Exit)),
            ("trap", self.trap.clone().map(ExpectedEnd::Trap)),
            ("refused", self.refused.clone().map(ExpectedEnd::Refused)),
            (
                "host_error",
                self.host_error.clone().map(ExpectedEnd::HostError),
            ),
        ];
        let written = ends.into_iter().filter_map(|(key, end)| Some((key, end?)));
        written.collect()
    }
}

/// The keys of `[climb]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClimbKeys {
    #[serde(default, deserialize_with = "values::duration")]
    pub budget: Option<Duration>,
    #[serde(default, alias = "work", deserialize_with = "values::instructions")]
    pub instructions: Option<Instructions>,
}

/// The keys of `[input]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputKeys {
    #[serde(deserialize_with = "values::stdin_expression")]
    pub stdin: Expression,
}

/// The keys of `[lanes."..."]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LaneKeys {
    n: Option<Scale>,
    budget: Option<BudgetKeys>,
}
