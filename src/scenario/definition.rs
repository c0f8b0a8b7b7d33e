//! A scenario, loaded and checked.

use std::collections::BTreeMap;
use std::time::Duration;

use super::call::Call;
use super::growth::Growth;
use super::guard::Guard;
use super::known::KnownLimit;
use super::oracle::{Oracle, StandardInput};
use super::program::Program;
use super::shape::Shape;
use super::surroundings::Surroundings;
use crate::case::{Budget, Case, Engine, Instructions, Lane, Scale, Table, VeraVersion};

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
    /// The bug classes the scenario exists for; none of a program that stands for one.
    pub guards: Vec<Guard>,
    /// What one process of a case may use.
    pub budget: Budget,
    /// Whether nothing else may run beside it.
    pub alone: bool,
    /// How the expected result is computed.
    pub oracle: Oracle,
    /// What the program is given to read.
    pub input: StandardInput,
    /// What stands around it: files and environment.
    pub surroundings: Surroundings,
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
    /// What it is called with.
    pub call: Call,
    /// What is known of it where it is a program that stands for a scenario.
    pub stand_in: Option<StandIn>,
    /// Whether the program is held against its twins.
    pub twins: Twins,
}

/// Whether a program is held against its twins: rewritten so that they must do the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Twins {
    /// It is not.
    #[default]
    Never,
    /// Where it is small, and only in lane `native` and at a low n.
    WhereSmall,
    /// In each case.
    Always,
}

impl Scenario {
    /// The nominal scale in `lane`. Where tables of the runtime have less room, what
    /// fills one as n grows is run at an n as much smaller.
    pub fn scale_in(&self, lane: Lane) -> Scale {
        let said = |lane| self.own(lane, |own| own.n);
        let shipped = || said(lane.roomy()).unwrap_or(self.n);
        said(lane).unwrap_or_else(|| match lane.tight && self.fills_tables() {
            true => Scale::new(shipped().get() / u64::from(Table::TIMES)).unwrap_or(Scale::ONE),
            false => shipped(),
        })
    }

    /// Whether it is declared that it takes more of a table of Vera's runtime as n
    /// grows.
    fn fills_tables(&self) -> bool {
        let declared = [self.growth.roots, self.growth.handles];
        declared
            .iter()
            .flatten()
            .any(|shape| *shape != Shape::CONSTANT)
    }

    /// The scales that it is run at in `lane` where nobody names one.
    pub fn scales_in(&self, lane: Lane) -> Vec<Scale> {
        match self.ladder() {
            [] => vec![self.scale_in(lane)],
            ladder => ladder.to_vec(),
        }
    }

    /// Whether its program takes an n. Of one that takes none, all n are the same.
    pub fn takes_scale(&self) -> bool {
        self.stand_in.is_none() || matches!(self.call, Call::Scale)
    }

    /// The n that a program is given as its argument.
    pub fn given_scale(&self) -> Option<Scale> {
        let is_given = self.stand_in.as_ref()?.ladder.is_empty() && self.takes_scale();
        is_given.then_some(self.n)
    }

    /// The scales that a program is climbed at of which nobody says which are meant.
    pub fn ladder(&self) -> &[Scale] {
        self.stand_in.as_ref().map_or(&[], |it| &it.ladder)
    }

    /// The budget in `lane`.
    pub fn budget_in(&self, lane: Lane) -> Budget {
        let said = [lane, lane.roomy()];
        let mut said = said.iter().filter_map(|it| self.own(*it, |own| own.budget));
        said.next().unwrap_or(self.budget)
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

    /// The known limits that say anything of `lane` on `vera`, at whatever n.
    pub fn limits_in(&self, lane: Lane, vera: &VeraVersion) -> Vec<&KnownLimit> {
        let known = self.known.iter();
        known.filter(|limit| limit.is_of(lane, vera)).collect()
    }

    /// The known limits that cover `case` when `vera` runs it.
    pub fn known_limits(&self, case: &Case, vera: &VeraVersion) -> Vec<&KnownLimit> {
        let covers = |limit: &&KnownLimit| limit.covers(case, vera);
        self.known.iter().filter(covers).collect()
    }
}

/// What is known of a program that stands for a scenario, beside what one has.
#[derive(Clone, Debug, Default)]
pub struct StandIn {
    /// The scales that it is run at, where it takes one and nobody says which.
    pub ladder: Vec<Scale>,
    /// The words of a command, quoted for a shell, that say what it is given.
    pub options: Vec<String>,
    /// Whether that names the folder whose files it has.
    pub names_files: bool,
    /// Those that say what must come of it, and of which n that is said.
    pub says: Vec<String>,
}

/// What a climb may take, where it is not what other climbs may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClimbBudget {
    /// Processor time of the way up.
    pub time: Option<Duration>,
    /// Instructions of each run on the native engine.
    pub instructions: Option<Instructions>,
}

/// What one lane needs otherwise than the scenario says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneOverride {
    /// Another nominal scale.
    pub n: Option<Scale>,
    /// Another budget.
    pub budget: Option<Budget>,
}
