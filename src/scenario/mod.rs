//! What a scenario is: one Vera program with one scale parameter, an oracle for
//! what it must produce at any n, the bug class it guards against, and its
//! budgets.
//!
//! A scenario is a folder of data ([`load`]); the built-in ones are embedded in
//! the binary ([`catalogue`]).

pub mod catalogue;
mod format;
pub mod growth;
pub mod load;
pub mod new;
pub mod script;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use semver::VersionReq;
use serde::Serialize;
use wildmatch::WildMatch;

use crate::case::{Budget, Case, Engine, Fuel, Lane, Scale, Sources, Value, VeraVersion};
pub use growth::{Cost, Growth, Shape};
use script::{Expression, Script, ScriptError};

/// A scenario, loaded and checked.
#[derive(Debug)]
pub struct Scenario {
    /// The folder's name; unique over all catalogues.
    pub name: String,
    /// What grows with n: the name of the folder above.
    pub axis: String,
    /// Where the scenario was read from, for messages.
    pub folder: String,
    /// One line.
    pub title: String,
    /// What broke once, and why the observable would show it.
    pub why: String,
    /// The nominal scale.
    pub n: Scale,
    /// Words to choose scenarios by: `seed` for those that a first look takes.
    pub tags: Vec<String>,
    /// The bug classes the scenario exists for; never empty.
    pub guards: Vec<Guard>,
    /// What one process of a case may use.
    pub budget: Budget,
    /// Whether nothing else may run beside it.
    pub alone: bool,
    /// How the expected result is computed.
    pub oracle: Oracle,
    /// What the program is given to read.
    pub input: Input,
    /// How cost is declared to grow.
    pub growth: Growth,
    /// What a climb may take, where the scenario says it.
    pub climb: ClimbBudget,
    /// What a lane needs otherwise.
    pub lanes: BTreeMap<Lane, LaneOverride>,
    /// Failures that are already understood.
    pub known: Vec<KnownLimit>,
    /// What is compiled.
    pub program: Program,
}

impl Scenario {
    /// The nominal scale in `lane`.
    pub fn scale_in(&self, lane: Lane) -> Scale {
        self.own(lane, |own| own.n).unwrap_or(self.n)
    }

    /// The budget in `lane`.
    pub fn budget_in(&self, lane: Lane) -> Budget {
        self.own(lane, |own| own.budget).unwrap_or(self.budget)
    }

    /// The lanes worth showing: those of the reference engine, and whichever
    /// else the scenario names.
    pub fn shown_lanes(&self) -> Vec<Lane> {
        let mut lanes = vec![Lane::REFERENCE, Lane::REFERENCE_EAGER];
        lanes.extend(
            self.lanes
                .keys()
                .filter(|lane| lane.engine == Engine::Native),
        );
        lanes
    }

    /// What the scenario says of `lane`, or else of all lanes of its family.
    fn own<T>(&self, lane: Lane, key: impl Fn(&LaneOverride) -> Option<T>) -> Option<T> {
        [lane, lane.family()]
            .iter()
            .find_map(|lane| self.lanes.get(lane).and_then(&key))
    }

    /// The known limits that cover `case` when `vera` runs it.
    pub fn known_limits(&self, case: &Case, vera: &VeraVersion) -> Vec<&KnownLimit> {
        let covers = |limit: &&KnownLimit| limit.covers(case, vera);
        self.known.iter().filter(covers).collect()
    }
}

/// The issue or bug class that a scenario exists for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Guard {
    /// The number of the issue in Vera's tracker, where there is one.
    pub issue: Option<u32>,
    /// The class of the bug, in a few words.
    pub class: String,
    /// One sentence of history.
    pub history: String,
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(issue) = self.issue {
            write!(f, "#{issue} ")?;
        }
        f.write_str(&self.class)
    }
}

/// Guards on one line: `#570 shadow-stack overflow, #573 ...`.
pub fn guards_line(guards: &[Guard]) -> String {
    let guards: Vec<String> = guards.iter().map(Guard::to_string).collect();
    guards.join(", ")
}

/// What a climb may take, where it is not what other climbs may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClimbBudget {
    /// Wall-clock time of the way up.
    pub wall: Option<Duration>,
    /// Instructions of each run on the native engine.
    pub work: Option<Fuel>,
}

/// What one lane needs otherwise than the scenario says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneOverride {
    /// Another nominal scale.
    pub n: Option<Scale>,
    /// Another budget.
    pub budget: Option<Budget>,
}

/// A failure that is already understood, with the versions it holds for.
#[derive(Clone, Debug)]
pub struct KnownLimit {
    /// The releases it holds for.
    pub vera: VersionReq,
    /// Patterns of lanes it holds in.
    pub lanes: Vec<WildMatch>,
    /// The smallest n at which it fails.
    pub from_n: Scale,
    /// How it fails.
    pub verdict: FailureKind,
    /// Where it is growth: of what. Empty means of anything.
    pub costs: Vec<Cost>,
    /// The cause, in one sentence.
    pub because: String,
}

impl KnownLimit {
    /// Whether it says that `cost` grows faster than declared.
    pub fn covers_growth(&self, cost: Cost) -> bool {
        self.verdict == FailureKind::Growth && (self.costs.is_empty() || self.costs.contains(&cost))
    }

    fn covers(&self, case: &Case, vera: &VeraVersion) -> bool {
        case.scale >= self.from_n && vera.matches(&self.vera) && self.is_of_lane(case.lane)
    }

    /// Whether it says anything of a lane.
    pub fn is_of_lane(&self, lane: Lane) -> bool {
        // What is said of `native+random` holds for every seed.
        let names = [lane.to_string(), lane.family().to_string()];
        let mut patterns = self.lanes.iter();
        patterns.any(|pattern| names.iter().any(|name| pattern.matches(name)))
    }

    /// In a few words: `trap from n=4094 on Vera >=0.2.0 in native`.
    pub fn describe(&self) -> String {
        let lanes: Vec<String> = self.lanes.iter().map(ToString::to_string).collect();
        let costs: Vec<String> = self.costs.iter().map(ToString::to_string).collect();
        let of = match costs.is_empty() {
            true => String::new(),
            false => format!(" of {}", costs.join(", ")),
        };
        format!(
            "{}{of} from n={} on Vera {} in {}",
            self.verdict.name(),
            self.from_n,
            self.vera,
            lanes.join(", ")
        )
    }
}

/// The ways in which a case can fail, as scenario files name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The value or the output differs from the oracle.
    Wrong,
    /// The program trapped.
    Trap,
    /// The compiler refused the program, or emitted an invalid module.
    Rejected,
    /// The wall-clock budget ran out.
    OverTime,
    /// The memory budget ran out.
    OverMemory,
    /// The output budget ran out.
    OverOutput,
    /// The budget of work ran out.
    OverWork,
    /// The sanitizer saw a bad access or a broken heap.
    Corrupt,
    /// The process died.
    Crashed,
    /// Its cost grows faster than declared.
    Growth,
    /// The other engine came to another result.
    EnginesDiffer,
}

impl FailureKind {
    /// Whether it says that a budget ran out, and nothing of what would have come
    /// with a larger one.
    pub fn is_of_budget(self) -> bool {
        matches!(
            self,
            FailureKind::OverTime
                | FailureKind::OverMemory
                | FailureKind::OverOutput
                | FailureKind::OverWork
        )
    }

    /// The written form, the same in files and in output.
    pub fn name(self) -> &'static str {
        match self {
            FailureKind::Wrong => "wrong",
            FailureKind::Trap => "trap",
            FailureKind::Rejected => "rejected",
            FailureKind::OverTime => "over-time",
            FailureKind::OverMemory => "over-memory",
            FailureKind::OverOutput => "over-output",
            FailureKind::OverWork => "over-work",
            FailureKind::Corrupt => "corrupt",
            FailureKind::Crashed => "crashed",
            FailureKind::Growth => "growth",
            FailureKind::EnginesDiffer => "engines-differ",
        }
    }
}

/// What is compiled.
#[derive(Debug)]
pub enum Program {
    /// The same program at every n.
    Fixed(Sources),
    /// A program that grows with n.
    Generated(Script),
}

impl Program {
    /// The sources at scale `n`.
    pub fn sources(&self, n: Scale) -> Result<Sources, ScriptError> {
        match self {
            Program::Fixed(sources) => Ok(sources.clone()),
            Program::Generated(script) => script.program(n),
        }
    }

    /// Whether n must reach the program as the argument of `main`.
    pub fn takes_scale(&self) -> bool {
        matches!(self, Program::Fixed(_))
    }
}

/// Where the expected result of one observable comes from, or the input.
#[derive(Debug)]
pub enum Source {
    /// A line in `scenario.toml`.
    Line(Expression),
    /// A function of `expect.rhai` or `input.rhai`.
    Function,
}

/// An independent computation of the expected result from n alone.
///
/// What is not declared must be absent: no value, no output. So no program can
/// print or return something that nobody looks at.
#[derive(Debug)]
pub struct Oracle {
    /// The returned value.
    pub value: Option<Source>,
    /// The text on standard output.
    pub stdout: Option<Source>,
    /// The text on standard error.
    pub stderr: Option<Source>,
    /// `expect.rhai`, where there is one.
    pub script: Option<Script>,
}

/// What a case must produce.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Expectation {
    /// The returned value.
    pub value: Value,
    /// The text on standard output.
    pub stdout: String,
    /// The text on standard error.
    pub stderr: String,
}

impl Oracle {
    /// What a case at scale `n` must produce.
    pub fn at(&self, n: Scale) -> Result<Expectation, ScriptError> {
        let text = |name, source: &Option<Source>| text(source, self.script.as_ref(), name, n);
        Ok(Expectation {
            value: match &self.value {
                None => Value::Unit,
                Some(Source::Line(line)) => line.value(n)?,
                Some(Source::Function) => function(self.script.as_ref()).value("value", n)?,
            },
            stdout: text("stdout", &self.stdout)?,
            stderr: text("stderr", &self.stderr)?,
        })
    }
}

/// What the program reads from standard input, computed from n.
#[derive(Debug)]
pub struct Input {
    /// Where the text comes from; without it there is nothing to read.
    pub stdin: Option<Source>,
    /// `input.rhai`, where there is one.
    pub script: Option<Script>,
}

impl Input {
    /// The text at scale `n`.
    pub fn at(&self, n: Scale) -> Result<String, ScriptError> {
        text(&self.stdin, self.script.as_ref(), "stdin", n)
    }
}

/// The text that `source` gives at scale `n`: none where there is no source.
fn text(
    source: &Option<Source>,
    script: Option<&Script>,
    name: &'static str,
    n: Scale,
) -> Result<String, ScriptError> {
    match source {
        None => Ok(String::new()),
        Some(Source::Line(line)) => line.text(n),
        Some(Source::Function) => function(script).text(name, n),
    }
}

fn function(script: Option<&Script>) -> &Script {
    script.expect("where a function is the source there is a script")
}
