//! What a run leaves behind: one model of events and results, which the reports
//! are views of.

pub mod again;
pub mod against;
pub mod bisect;
pub mod climb;
pub mod compare;
pub mod failure;
pub mod history;
pub mod known;
pub mod merge;
pub mod read;

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::case::{
    Budget, Bytes, Case, Ending, Engine, HeapLife, Lane, Measures, Point, Scale, Usage,
};
use crate::exit::Exit;
use crate::judge::Verdict;
use crate::judge::drift::Drift;
use crate::runner::{self, Examined};
use crate::scale::shrink::Smallest;
use crate::scenario::{FailureKind, Guard, Scenario, guards_line};
use crate::toolchain::Toolchain;
use against::{AgainstInfo, AgainstSummary};

/// Something that happened in a run, in the order in which it did.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event<'a> {
    /// The run begins.
    RunStarted(&'a RunInfo),
    /// A case has ended.
    CaseFinished(&'a CaseRecord),
    /// A search for the smallest failing n has ended.
    CaseShrunk(&'a CaseRecord),
    /// The run is over.
    RunFinished(&'a Summary),
}

/// What a run was about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunInfo {
    /// When it began.
    pub started: Timestamp,
    /// The version of vera-stress.
    pub vera_stress: String,
    /// The version of Vera.
    pub vera: String,
    /// What stood after `--vera`.
    pub toolchain: String,
    /// The hash of the toolchain.
    pub fingerprint: String,
    /// What is installed beside Vera.
    pub dependencies: Vec<String>,
    /// The profile.
    pub profile: String,
    /// What chance repeats with in native lanes.
    pub seed: u64,
    /// The share of the cases, `k/n`, where the run is one of several.
    pub partition: Option<String>,
    /// Folders of scenarios beside the built-in ones.
    pub catalogues: Vec<String>,
    /// How many cases run side by side.
    pub jobs: usize,
    /// How many cases there are.
    pub cases: usize,
    /// The operating system and the processor's architecture.
    pub machine: String,
    /// The earlier run that its counts are held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<AgainstInfo>,
    /// Whether known limits are taken for failures.
    #[serde(default)]
    pub ignores_known: bool,
    /// All cases of the run, by scenario and lane: also those that other shares
    /// hold. Parts of one run plan the same, and what a lost part should have run
    /// is known. Empty for what is no run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub planned: Vec<Planned>,
}

/// Paths as they are recorded.
pub fn shown(paths: &[PathBuf]) -> Vec<String> {
    let text = |path: &PathBuf| path.display().to_string();
    paths.iter().map(text).collect()
}

/// A case that a run is to examine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The scenario's name.
    pub scenario: String,
    /// Its axis.
    pub axis: String,
    /// The lane.
    pub lane: Lane,
    /// The scale.
    pub n: Scale,
}

impl Planned {
    /// A case of this scenario.
    pub fn of(scenario: &Scenario, case: &Case) -> Planned {
        Planned {
            scenario: case.scenario.clone(),
            axis: scenario.axis.clone(),
            lane: case.lane,
            n: case.scale,
        }
    }

    /// The same without the axis.
    pub fn case(&self) -> Case {
        Case {
            scenario: self.scenario.clone(),
            lane: self.lane,
            scale: self.n,
        }
    }
}

impl RunInfo {
    /// The facts about a toolchain, the folders of scenarios beside the built-in
    /// ones, and this machine; the rest is the caller's.
    pub fn new(toolchain: &Toolchain, catalogues: &[PathBuf]) -> RunInfo {
        RunInfo {
            started: Timestamp::now(),
            vera_stress: env!("CARGO_PKG_VERSION").to_owned(),
            vera: toolchain.version.to_string(),
            toolchain: toolchain.spec.clone(),
            fingerprint: toolchain.fingerprint.to_string(),
            dependencies: toolchain.dependencies.clone(),
            profile: String::new(),
            seed: 0,
            partition: None,
            catalogues: shown(catalogues),
            jobs: 1,
            cases: 0,
            machine: RunInfo::this_machine(),
            against: None,
            ignores_known: false,
            planned: Vec::new(),
        }
    }

    /// The toolchain in a few words, for the head of a run.
    pub fn describe(&self) -> String {
        if self.toolchain == self.vera {
            format!("Vera {}", self.vera)
        } else {
            format!("Vera {} ({})", self.vera, self.toolchain)
        }
    }

    /// The operating system and the processor's architecture.
    pub fn this_machine() -> String {
        format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)
    }
}

/// A case, what happened, and what it means.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// What differed, in one line; empty for a pass.
    pub message: String,
    /// The smallest failing n, where it was searched for.
    pub smallest: Option<SmallestRecord>,
    /// What the scenario guards.
    pub guards: Vec<Guard>,
    /// The command that shows it again.
    pub again: String,
    /// The folder with everything that is needed to see it again.
    pub folder: Option<String>,
    /// How the program ended; absent where the case was not run.
    pub ending: Option<Ending>,
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
    /// The heap over the program's life, where lane `native` was to trace it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heap_life: Option<HeapLife>,
    /// What it cost at n/4, n/2 and n, where its growth was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grown: Option<[Point; 3]>,
    /// Counts that are further above those of an earlier run than is allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drifts: Vec<Drift>,
}

/// Why there is this scenario, where its verdict makes one ask.
fn why(scenario: &Scenario, verdict: Verdict) -> String {
    match verdict {
        Verdict::Pass => String::new(),
        Verdict::Known
        | Verdict::Failed(_)
        | Verdict::Fixed
        | Verdict::Unsupported
        | Verdict::NotRun => scenario.why.clone(),
    }
}

/// The result of a search for the smallest failing n.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
            message: match result {
                Ok(examined) => examined.judgement.message.clone(),
                Err(reason) => reason.message(),
            },
            smallest: None,
            guards: scenario.guards.clone(),
            again,
            folder: None,
            ending: outcome.map(|outcome| outcome.ending.clone()),
            budget: scenario.budget_in(case.lane),
            run: outcome.map(|outcome| outcome.run),
            compile: outcome.and_then(|outcome| outcome.compile),
            peak_heap: outcome.and_then(|outcome| outcome.peak_heap),
            output: outcome
                .map(|outcome| Bytes((outcome.live_stdout.len() + outcome.stderr.len()) as u64)),
            measures: outcome.and_then(|outcome| outcome.measures.clone()),
            heap_life: outcome.and_then(|outcome| outcome.heap_life.clone()),
            grown: examined.and_then(|it| it.grown.as_deref().cloned()),
            drifts: Vec::new(),
        }
    }

    /// Adds the smallest failing n, and the command that shows that one.
    pub fn shrunk(&mut self, smallest: &Smallest, again: String) {
        let there = smallest.examined.as_ref().map(|it| &it.judgement);
        self.smallest = Some(SmallestRecord {
            fails: smallest.fails,
            passes: smallest.passes,
            exact: smallest.is_exact(),
            probes: smallest.probes,
            text: smallest.describe(),
            message: there
                .filter(|there| there.verdict != self.verdict)
                .map(|there| there.message.clone()),
        });
        self.again = again;
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

    /// The guards on one line.
    pub fn guards_line(&self) -> String {
        guards_line(&self.guards)
    }
}

/// How many cases, or climbs, came to which verdict.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// All cases.
    pub cases: usize,
    /// As the oracle says.
    pub passed: usize,
    /// Failed as declared.
    pub known: usize,
    /// Failed.
    pub failed: usize,
    /// Known limits that no longer fail.
    pub fixed: usize,
    /// Beyond what the lane's engine can run.
    pub unsupported: usize,
    /// Not run.
    pub not_run: usize,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// Whether a part of the run is missing or did not come to its end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// What has an exit code of its own.
    #[serde(default, skip_serializing_if = "Faults::is_empty")]
    pub faults: Faults,
    /// How long it took, in seconds; of a merged run, all parts together.
    pub seconds: f64,
    /// What came of holding its counts against an earlier run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<AgainstSummary>,
}

/// What beside the cases decides how a run ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    /// A scenario could not be loaded, or not be judged.
    pub scenario: bool,
    /// The toolchain, or a file of the run's own, failed.
    pub toolchain: bool,
}

impl Faults {
    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        *self == Faults::default()
    }
}

impl Summary {
    /// Counts verdicts.
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Summary {
        let mut summary = Summary::default();
        for verdict in verdicts {
            summary.cases += 1;
            *match verdict {
                Verdict::Pass => &mut summary.passed,
                Verdict::Known => &mut summary.known,
                Verdict::Failed(_) => &mut summary.failed,
                Verdict::Fixed => &mut summary.fixed,
                Verdict::Unsupported => &mut summary.unsupported,
                Verdict::NotRun => &mut summary.not_run,
            } += 1;
        }
        summary
    }

    /// How a run with these numbers ends: the first of these that holds.
    pub fn exit(&self) -> Exit {
        if self.interrupted {
            Exit::Interrupted
        } else if self.failed + self.fixed + self.drifted() > 0 {
            Exit::Failed
        } else if self.faults.toolchain {
            Exit::Toolchain
        } else if self.faults.scenario {
            Exit::Usage
        } else if self.not_run > 0 || self.incomplete {
            Exit::Failed
        } else if self.compared_nothing() {
            Exit::NoCase
        } else {
            Exit::Success
        }
    }

    fn drifted(&self) -> usize {
        self.against.as_ref().map_or(0, |it| it.drifted)
    }

    /// Whether it was to be held against an earlier run, and nothing of it could
    /// be: that must not pass for a comparison.
    pub fn compared_nothing(&self) -> bool {
        let compared = self.against.as_ref().and_then(|it| it.compared);
        compared == Some(0) && self.cases > 0
    }
}
