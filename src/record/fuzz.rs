//! What generated programs leave behind.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Format;
use super::reduce::ProgramSize;
use crate::case::{Lane, Scale};
use crate::judge::Signature;

/// What a fuzzing is about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FuzzInfo {
    /// The format of the record.
    pub format: Format,
    /// When it began.
    pub started: Timestamp,
    /// The version of vera-stress.
    pub vera_stress: String,
    /// The Vera, as it was named.
    pub vera: String,
    /// What the programs are made from.
    pub seed: u64,
    /// The number of the first.
    pub first: u64,
    /// The feature that each has; absent where none was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// In which lanes, at which n, each is run.
    pub looks: Vec<(Lane, Scale)>,
    /// For how long, in seconds.
    pub seconds: f64,
    /// How many causes are known before.
    pub known: usize,
}

/// A cause of failures, shown once.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FuzzCause {
    /// What it is called: how it shows, and a number.
    pub name: String,
    /// What makes that failure that failure.
    pub signature: Signature,
    /// What is left in its smallest program, where the signature does not name the
    /// cause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<String>,
    /// The seed of the program that showed it first.
    pub seed: u64,
    /// The lane in which it shows.
    pub lane: Lane,
    /// What `main` is called with.
    pub n: Scale,
    /// What is wrong, in one line.
    pub message: String,
    /// What must come, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The same as a line of a scenario, `10 = { value = 7 }`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<String>,
    /// The smallest program that shows it.
    pub program: String,
    /// How large that is.
    pub size: ProgramSize,
    /// How large the program was that showed it first.
    pub from: ProgramSize,
    /// How many programs were tried to make it small.
    pub tries: usize,
    /// The known cause that it is; absent where it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
    /// The command that shows it.
    pub again: String,
    /// The command that runs its smallest program, in a folder that has it.
    pub shows: String,
}

/// How often a cause showed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FuzzCount {
    /// The cause, or the known one.
    pub name: String,
    /// How many programs showed it.
    pub programs: usize,
    /// Whether it was known before.
    pub known: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct FuzzSummary {
    /// How many programs were generated.
    pub programs: usize,
    /// How many of them Vera's checker accepts.
    pub checked: usize,
    /// How many times one was run.
    pub runs: usize,
    /// How many of the runs had a result that is known.
    pub judged: usize,
    /// How often each cause showed.
    pub causes: Vec<FuzzCount>,
    /// How many failures were like ones that had been made small often enough, and
    /// were not.
    pub alike: usize,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// A whole fuzzing.
#[derive(Clone, Debug)]
pub struct FuzzReport {
    /// What it was about.
    pub info: FuzzInfo,
    /// The causes.
    pub causes: Vec<FuzzCause>,
    /// What came of it.
    pub summary: FuzzSummary,
}

/// What random events on a heap came to.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct HeapRecord {
    /// The Vera, as it was named.
    pub vera: String,
    /// What the events are made from.
    pub seed: u64,
    /// How many there were.
    pub events: u64,
    /// In how many sequences, each on an empty heap.
    pub sequences: u64,
    /// How long that took in seconds, making a sequence short aside.
    pub seconds: f64,
    /// What is wrong, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<HeapFinding>,
    /// The command that shows it.
    pub again: String,
}

/// Events that break a heap.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HeapFinding {
    /// What kind of thing is wrong.
    pub kind: String,
    /// What is wrong.
    pub message: String,
    /// The number of the sequence.
    pub sequence: u64,
    /// How many events it took.
    pub from: usize,
    /// The shortest sequence that was found, a line an event.
    pub events: Vec<String>,
}
