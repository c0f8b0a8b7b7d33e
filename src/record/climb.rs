//! What a climb leaves behind.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::case::why;
use crate::case::{HeapLife, Lane, Point, Scale};
use crate::judge::growth::{Excess, Measured};
use crate::judge::{Judgement, Signature, Verdict};
use crate::scale::climb::{Climb, ClimbEnd};
use crate::scenario::{FailureKind, Guard, Scenario, guards_line};

/// A climb, what it found, and what it means.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClimbRecord {
    /// The scenario's name.
    pub scenario: String,
    /// Its axis.
    pub axis: String,
    /// What the scenario does, in one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Why there is such a scenario; empty for a pass, of which nobody asks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The lane.
    pub lane: Lane,
    /// Why it is not the one that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// The verdict on the whole climb.
    pub verdict: Verdict,
    /// What is not as it should be, in one line; empty for a pass.
    pub message: String,
    /// The largest n that passed.
    pub ceiling: Option<Scale>,
    /// Why there is none above it.
    pub end: EndRecord,
    /// How the costs grow.
    pub growth: Vec<Measured>,
    /// Which of them grow faster than declared.
    pub excesses: Vec<Excess>,
    /// What each n cost on the way up.
    pub points: Vec<Point>,
    /// The heap over the program's life at the last of these, where it was traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heap_life: Option<HeapLife>,
    /// What the scenario guards.
    pub guards: Vec<Guard>,
    /// The guards whose class of bugs the failure is of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caught_by: Vec<Guard>,
    /// The command that shows it again.
    pub again: String,
    /// How often a program was run and judged.
    pub probes: usize,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// Why a climb came no higher.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EndRecord {
    /// `wrong`, `trap` and so on as in cases; or `budget`, `largest`, `oracle`,
    /// `not-run`.
    pub by: String,
    /// The smallest n that did not pass, where one was tried.
    pub at: Option<Scale>,
    /// Whether the ceiling is exact: the n above it was seen to fail.
    pub exact: bool,
    /// Whether the same climb ends here on any machine: no clock had a part in it.
    pub repeats: bool,
    /// The same in words.
    pub text: String,
}

impl EndRecord {
    fn of(end: &ClimbEnd) -> EndRecord {
        let record = |by: &str, at, exact, text| EndRecord {
            by: by.to_owned(),
            at,
            exact,
            repeats: exact,
            text,
        };
        match end {
            ClimbEnd::Failed {
                at,
                examined,
                exact,
            } => {
                let Judgement { message, .. } = &examined.judgement;
                let verdict = examined.judgement.verdict.name();
                let verdict = examined.fails_as().map_or(verdict, FailureKind::name);
                record(verdict, Some(*at), *exact, message.clone())
            }
            ClimbEnd::Budget { at, what, exact } => EndRecord {
                repeats: *exact,
                ..record("budget", Some(*at), false, format!("n={at} {what}"))
            },
            ClimbEnd::Largest => EndRecord {
                repeats: true,
                ..record("largest", None, false, "the largest n to try".to_owned())
            },
            ClimbEnd::Oracle { at, why } => record("oracle", Some(*at), false, why.clone()),
            ClimbEnd::NotRun(why) => record("not-run", None, false, why.message()),
        }
    }
}

/// The guards of a scenario whose class of bugs the failure of a climb is of.
fn caught_by(scenario: &Scenario, climb: &Climb, judgement: &Judgement) -> Vec<Guard> {
    let Verdict::Failed(kind) = judgement.verdict else {
        return Vec::new();
    };
    let mut excesses = climb.excesses.iter();
    let excess = excesses.find(|it| it.message == judgement.message);
    let ending = match &climb.end {
        ClimbEnd::Failed { examined, .. } => Some(&examined.outcome.ending),
        _ => None,
    };
    let grows = excess.map(|it| it.cost);
    let signature = Signature::of(kind, ending, &judgement.message, grows);
    let of_class = |guard: &&Guard| signature.is_of_class(guard, &judgement.message);
    scenario.guards.iter().filter(of_class).cloned().collect()
}

impl ClimbRecord {
    /// The record of a climb that has just ended.
    pub fn new(
        scenario: &Scenario,
        climb: Climb,
        judgement: Judgement,
        again: String,
        seconds: f64,
    ) -> ClimbRecord {
        ClimbRecord {
            caught_by: caught_by(scenario, &climb, &judgement),
            scenario: scenario.name.clone(),
            axis: scenario.axis.clone(),
            title: scenario.title.clone(),
            why: why(scenario, judgement.verdict),
            lane: climb.lane,
            instead: climb.instead,
            verdict: judgement.verdict,
            message: judgement.message,
            ceiling: climb.passes,
            end: EndRecord::of(&climb.end),
            growth: climb.measured,
            excesses: climb.excesses,
            points: climb.points,
            heap_life: climb.heap_life,
            guards: scenario.guards.clone(),
            again,
            probes: climb.probes,
            seconds,
        }
    }

    /// The guards whose class of bugs its failure is of, on one line; empty where
    /// there is none.
    pub fn guards_line(&self) -> String {
        match self.verdict {
            Verdict::Failed(_) => guards_line(&self.caught_by),
            Verdict::Pass
            | Verdict::Known
            | Verdict::Fixed
            | Verdict::Unsupported
            | Verdict::Refused
            | Verdict::Undecided
            | Verdict::NotRun => guards_line(&self.guards),
        }
    }

    /// The climb in the words of the terminal: `name [lane]`.
    pub fn heading(&self) -> String {
        format!("{} [{}]", self.scenario, self.lane)
    }
}
