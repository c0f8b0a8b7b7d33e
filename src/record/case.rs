//! What is recorded of a case: what happened, and what it means.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Evidence;
use super::reduce::ReducedRecord;
use crate::case::{
    Budget, Bytes, Case, Ending, Engine, HeapLife, HostUse, Lane, Measures, Point, Scale, Usage,
};
use crate::judge::drift::Drift;
use crate::judge::{Signature, Verdict, result_told, told};
use crate::runner::{self, Examined, Twin};
use crate::scale::shrink::Smallest;
use crate::scenario::{FailureKind, Guard, Scenario, guards_line};

/// A case, what happened, and what it means.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CaseRecord {
    /// The scenario's name.
    pub scenario: String,
    /// Its axis.
    pub axis: String,
    /// What the scenario does, in one line; empty in older records.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Why there is such a scenario; empty for a pass, of which nobody asks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The lane.
    pub lane: Lane,
    /// The scale.
    pub n: Scale,
    /// What chance repeats with, where the engine gives the program its own.
    pub seed: Option<u64>,
    /// The verdict.
    pub verdict: Verdict,
    /// How it failed, also where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fails_as: Option<FailureKind>,
    /// What makes its failure that failure; absent where it did not fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// What differed, in one line; empty for a pass.
    pub message: String,
    /// The program's twin that tells something of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<TwinRecord>,
    /// The smallest failing n, where it was searched for.
    pub smallest: Option<SmallestRecord>,
    /// The case that tells the cause of its failure best, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_cause_as: Option<Case>,
    /// What the scenario guards.
    pub guards: Vec<Guard>,
    /// The guards whose class of bugs the failure is of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caught_by: Vec<Guard>,
    /// The command that shows it again.
    pub again: String,
    /// The command that makes the program small while it fails so; absent where it did
    /// not fail, or is not told from one n.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduce: Option<String>,
    /// The smallest program that fails so, where it was searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduced: Option<ReducedRecord>,
    /// The folder with everything that is needed to see it again.
    pub folder: Option<String>,
    /// What there is to read of a failure: the program, and parts of its module.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// How the program ended; absent where the case was not run.
    pub ending: Option<Ending>,
    /// What it came to, where that is not said and all lanes must come to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The budget that held.
    pub budget: Budget,
    /// What running it used.
    pub run: Option<Usage>,
    /// What compiling it used; absent where the module came from the cache.
    pub compile: Option<Usage>,
    /// The highest address that the module's allocator reached.
    pub peak_heap: Option<Bytes>,
    /// How much the program printed.
    pub output: Option<Bytes>,
    /// What the engine counted, where it counts.
    pub measures: Option<Measures>,
    /// What it left to Vera's host, where that one ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostUse>,
    /// The heap over the program's life, where lane `native` was to trace it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heap_life: Option<HeapLife>,
    /// What it cost at n/4, n/2 and n, where its growth was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grown: Option<[Point; 3]>,
    /// The same at 4n and so on, where that left open whether it goes on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beyond: Vec<Point>,
    /// Counts that are further above those of an earlier run than is allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drifts: Vec<Drift>,
}

/// Why there is this scenario, where its verdict makes one ask.
pub(super) fn why(scenario: &Scenario, verdict: Verdict) -> String {
    match verdict {
        Verdict::Pass => String::new(),
        Verdict::Known
        | Verdict::Failed(_)
        | Verdict::Fixed
        | Verdict::Unsupported
        | Verdict::Refused
        | Verdict::Undecided
        | Verdict::NotRun => scenario.why.clone(),
    }
}

/// The guards of a scenario whose class of bugs a failure of it is of.
fn caught_by(scenario: &Scenario, examined: &Examined) -> Vec<Guard> {
    let of_class = |guard: &&Guard| examined.is_of_class(guard, &scenario.growth);
    scenario.guards.iter().filter(of_class).cloned().collect()
}

/// A program rewritten so that it must do the same, and does not.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TwinRecord {
    /// What the rewrite is called.
    pub rewrite: String,
    /// In which function it was made.
    pub function: String,
    /// In which line of the program; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The text of the twin.
    pub program: String,
}

impl TwinRecord {
    fn of(twin: &Twin) -> TwinRecord {
        TwinRecord {
            rewrite: twin.rewrite.name().to_owned(),
            function: twin.place.function.clone(),
            line: twin.place.line,
            program: twin.sources.main_text().unwrap_or_default().to_owned(),
        }
    }
}

/// The result of a search for the smallest failing n.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SmallestRecord {
    /// The smallest n that was seen to fail.
    pub fails: Scale,
    /// The largest n below it that was seen to pass.
    pub passes: Option<Scale>,
    /// Whether nothing lies between the two.
    pub exact: bool,
    /// How often a program was run.
    pub probes: usize,
    /// The finding in words.
    pub text: String,
    /// What differed at the smallest n, where it is not what differed at the
    /// case's own.
    pub message: Option<String>,
    /// The smallest n that was seen to fail in another way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<OtherFailure>,
}

/// Another failure of the same program, which was met while one was searched.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct OtherFailure {
    /// The n.
    pub n: Scale,
    /// How it failed there.
    pub verdict: Verdict,
    /// What differed, in one line.
    pub message: String,
    /// The command that shows it.
    pub again: String,
}

impl OtherFailure {
    /// The failure in a sentence.
    pub fn sentence(&self) -> String {
        let n = self.n;
        let told = told(self.verdict, &self.message);
        format!("fails otherwise from n={n}: {told}")
    }
}

impl CaseRecord {
    /// The record of a case that has just ended.
    pub fn new(
        scenario: &Scenario,
        case: &Case,
        result: &runner::Result,
        seed: u64,
        again: String,
    ) -> Self {
        let examined = result.as_ref().ok();
        let outcome = examined.map(|examined| &examined.outcome);
        let verdict = runner::verdict(result);
        let grown = examined.and_then(|it| it.grown.as_deref());
        CaseRecord {
            scenario: case.scenario.clone(),
            axis: scenario.axis.clone(),
            title: scenario.title.clone(),
            why: why(scenario, verdict),
            lane: case.lane,
            n: case.scale,
            seed: (case.lane.engine == Engine::Native).then_some(seed),
            verdict,
            fails_as: examined.and_then(Examined::fails_as),
            signature: examined.and_then(|it| it.signature(&scenario.growth)),
            message: match result {
                Ok(examined) => examined.judgement.message.clone(),
                Err(reason) => reason.message(),
            },
            twin: examined
                .and_then(|it| it.twin.as_deref())
                .map(TwinRecord::of),
            smallest: None,
            same_cause_as: None,
            guards: scenario.guards.clone(),
            caught_by: examined.map_or_else(Vec::new, |it| caught_by(scenario, it)),
            again,
            reduce: None,
            reduced: None,
            folder: None,
            evidence: None,
            ending: outcome.map(|outcome| outcome.ending.clone()),
            result: examined.and_then(|it| result_told(&it.outcome, &it.expected)),
            budget: scenario.budget_in(case.lane),
            run: outcome.map(|outcome| outcome.run),
            compile: outcome.and_then(|outcome| outcome.compile),
            peak_heap: outcome.and_then(|outcome| outcome.peak_heap),
            output: outcome
                .map(|outcome| Bytes((outcome.live_stdout.len() + outcome.stderr.len()) as u64)),
            measures: outcome.and_then(|outcome| outcome.measures.clone()),
            host: outcome.and_then(|outcome| outcome.host),
            heap_life: outcome.and_then(|outcome| outcome.heap_life.clone()),
            grown: grown.map(|it| it.points.clone()),
            beyond: grown.map_or_else(Vec::new, |it| it.beyond.clone()),
            drifts: Vec::new(),
        }
    }

    /// Adds the smallest failing n, and the command that shows that one; `again` is
    /// the command for what came of another n.
    pub fn shrunk(&mut self, smallest: &Smallest, again: impl Fn(Scale, &Examined) -> String) {
        let there = smallest.examined.as_ref().map(|it| &it.judgement.message);
        self.smallest = Some(SmallestRecord {
            fails: smallest.fails,
            passes: smallest.passes(),
            exact: smallest.is_exact(),
            probes: smallest.probes,
            text: smallest.describe(),
            message: there.filter(|there| **there != self.message).cloned(),
            otherwise: smallest
                .otherwise
                .as_ref()
                .map(|(n, examined)| OtherFailure {
                    n: *n,
                    verdict: examined.judgement.verdict,
                    message: examined.judgement.message.clone(),
                    again: again(*n, examined),
                }),
        });
        if let Some(examined) = &smallest.examined {
            self.again = again(smallest.fails, examined);
        }
    }

    /// Which case this is the record of.
    pub fn case(&self) -> Case {
        Case {
            scenario: self.scenario.clone(),
            lane: self.lane,
            scale: self.n,
        }
    }

    /// The case in the words of the terminal: `name [lane] n=10`.
    pub fn heading(&self) -> String {
        format!("{} [{}] n={}", self.scenario, self.lane, self.n)
    }

    /// The guards whose class of bugs its failure is of. Recordings of earlier
    /// versions have those of the scenario only.
    pub fn guards_told(&self) -> &[Guard] {
        match self.signature {
            Some(_) => &self.caught_by,
            None => &self.guards,
        }
    }

    /// The same on one line; empty where there is none.
    pub fn guards_line(&self) -> String {
        guards_line(self.guards_told())
    }
}
