//! What a comparison of versions leaves behind: a table of cells, a row for each
//! case and a column for each version, and what changed between them.

mod changes;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::climb::ClimbRecord;
use super::{CaseRecord, Format, Unloaded};
use crate::case::{Bytes, Ending, Engine, Instructions, Lane, Scale, Usage};
use crate::judge::Verdict;
use crate::judge::drift::Share;
use crate::scenario::{Cost, FailureKind};
use crate::toolchain::Chosen;
#[cfg(test)]
pub(crate) use changes::tests;
pub use changes::{Change, ChangeKind, MEMORY_BYTES, QuantityChange, TIME_SECONDS};

/// What a comparison is about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CompareInfo {
    /// The format of the record.
    #[serde(default)]
    pub format: Format,
    /// When it began.
    pub started: Timestamp,
    /// The version of vera-stress.
    pub vera_stress: String,
    /// What chance repeats with.
    pub seed: u64,
    /// How many cases run side by side.
    pub jobs: usize,
    /// The operating system and the processor's architecture.
    pub machine: String,
    /// How many cases and climbs were asked for; a case that fails is examined at
    /// smaller n as well.
    pub cases: usize,
    /// How far a count may go up or down before it is a change.
    pub allowed: Share,
    /// The scenarios that could not be loaded: none of them was examined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unloaded: Vec<Unloaded>,
    /// The versions, in the order in which they are compared.
    pub columns: Vec<Column>,
}

/// One version in a comparison.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// What stood after `--vera`, or the recorded run that it is read from.
    pub name: String,
    /// Why it is among them; absent in older recordings, and for a recorded run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Chosen>,
    /// The version of Vera; absent where it could not be set up.
    pub vera: Option<String>,
    /// The hash of the toolchain.
    pub fingerprint: Option<String>,
    /// Why it could not be set up.
    pub unusable: Option<String>,
}

/// One case, or one climb, on all versions.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// The scenario's name.
    pub scenario: String,
    /// Its axis.
    pub axis: String,
    /// The lane.
    pub lane: Lane,
    /// The scale; absent for a climb.
    pub n: Option<Scale>,
    /// What came of it on each version; absent where there is no such version, or
    /// where nothing is known of it.
    pub cells: Vec<Option<Cell>>,
}

impl Row {
    /// The case in the words of the terminal.
    pub fn heading(&self) -> String {
        match self.n {
            Some(n) => format!("{} [{}] n={n}", self.scenario, self.lane),
            None => format!("{} [{}] climb", self.scenario, self.lane),
        }
    }

    /// Whether there are two versions on which something is known of it: of fewer,
    /// nothing can be said to have changed, or to be the same.
    pub fn is_compared(&self) -> bool {
        self.cells.iter().flatten().filter(|it| it.ran()).count() >= 2
    }
}

/// What came of a case, or of a climb, on one version.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// The verdict, as if no known limit had been written.
    pub verdict: Verdict,
    /// What is not as it should be, in one line; empty for a pass.
    pub message: String,
    /// Its cause, where a known limit of the scenario says it.
    pub because: Option<String>,
    /// Whether the program came to its end with what it should come to, so that
    /// its cost can be compared.
    pub costs_count: bool,
    /// What it came to, where nobody says what it must come to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The instructions, where the engine counts them.
    #[serde(alias = "work")]
    pub instructions: Option<Instructions>,
    /// The extent of the heap at its largest.
    pub heap: Option<Bytes>,
    /// How often the collector ran.
    pub collections: Option<u64>,
    /// The processor time of the run in seconds, where nothing is counted.
    pub time: Option<f64>,
    /// Whether the time is only the least that it takes: its budget ended it.
    pub time_at_least: bool,
    /// The peak memory of the process that ran it, where nothing is counted.
    #[serde(default)]
    pub memory: Option<Bytes>,
    /// The processor time of compiling it in seconds: in one row of a program.
    #[serde(default)]
    pub compile: Option<f64>,
    /// The peak memory of the process that compiled it, in the same row.
    #[serde(default)]
    pub compile_memory: Option<Bytes>,
    /// How far a climb came.
    pub ceiling: Option<Ceiling>,
    /// The command that shows it.
    pub again: String,
}

/// How far a climb came on one version.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Ceiling {
    /// The largest n that passed.
    pub n: Option<Scale>,
    /// What stopped it: a verdict, or `budget`, `largest`, `oracle`, `not-run`.
    pub by: String,
    /// Whether it is exact: the n above it was seen to fail.
    pub exact: bool,
    /// Whether the same climb ends there on any machine.
    pub repeats: bool,
    /// The exponent of the instructions.
    #[serde(alias = "work_exponent")]
    pub instructions_exponent: Option<f64>,
    /// The exponent of the heap.
    pub heap_exponent: Option<f64>,
}

impl Cell {
    /// Of a case whose failure has this cause, as far as it is known.
    pub fn of_case(record: &CaseRecord, because: Option<String>) -> Cell {
        let returned = matches!(record.ending, Some(Ending::Returned { .. }));
        let over_time = matches!(record.ending, Some(Ending::OverTime { .. }));
        // A recorded run was judged with known limits.
        let verdict = match (record.verdict, record.fails_as) {
            (Verdict::Known, Some(kind)) => Verdict::Failed(kind),
            (Verdict::Fixed, _) => Verdict::Pass,
            (verdict, _) => verdict,
        };
        let right = matches!(
            verdict,
            Verdict::Pass | Verdict::Failed(FailureKind::Growth)
        );
        let costs_count = returned && right;
        let measures = record.measures.as_ref().filter(|_| costs_count);
        let timed = record.lane.engine == Engine::Reference && (costs_count || over_time);
        Cell {
            verdict,
            message: record.message.clone(),
            because,
            costs_count,
            result: record.result.clone(),
            instructions: measures.map(|it| it.instructions),
            heap: measures.map(|it| it.heap),
            collections: measures.map(|it| it.collections),
            time: record.run.filter(|_| timed).map(|it| it.cpu.as_secs_f64()),
            time_at_least: over_time,
            memory: (record.run)
                .filter(|_| timed && costs_count)
                .map(|it| it.peak_memory),
            compile: None,
            compile_memory: None,
            ceiling: None,
            again: record.again.clone(),
        }
    }

    /// The same with what compiling the program took.
    #[must_use]
    pub fn compiled_at(self, cost: Option<Usage>) -> Cell {
        Cell {
            compile: cost.map(|it| it.cpu.as_secs_f64()),
            compile_memory: cost.map(|it| it.peak_memory),
            ..self
        }
    }

    /// Of a climb.
    pub fn of_climb(record: &ClimbRecord) -> Cell {
        let exponent = |cost: Cost| {
            let measured = record.growth.iter().find(|it| it.cost == cost)?;
            Some(measured.fit.as_ref()?.exponent)
        };
        Cell {
            verdict: record.verdict,
            message: record.message.clone(),
            because: None,
            costs_count: false,
            result: None,
            instructions: None,
            heap: None,
            collections: None,
            time: None,
            time_at_least: false,
            memory: None,
            compile: None,
            compile_memory: None,
            ceiling: Some(Ceiling {
                n: record.ceiling,
                by: record.end.by.clone(),
                exact: record.end.exact,
                repeats: record.end.repeats,
                instructions_exponent: exponent(Cost::Instructions),
                heap_exponent: exponent(Cost::Heap),
            }),
            again: record.again.clone(),
        }
    }

    /// Whether anything at all is known of it.
    pub fn ran(&self) -> bool {
        !matches!(
            self.verdict,
            Verdict::NotRun | Verdict::Unsupported | Verdict::Refused
        )
    }
}

/// What is compared as a ratio.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// The largest n that passes.
    Ceiling,
    /// The instructions.
    #[serde(alias = "work")]
    Instructions,
    /// The extent of the heap.
    Heap,
    /// Processor time, where nothing is counted.
    Time,
    /// The memory of the process, where nothing is counted.
    Memory,
    /// The processor time of compiling.
    Compile,
    /// The memory of the process that compiles.
    CompileMemory,
}

impl Quantity {
    /// All, in the order in which tables show them.
    pub const ALL: [Quantity; 7] = [
        Quantity::Ceiling,
        Quantity::Instructions,
        Quantity::Heap,
        Quantity::Time,
        Quantity::Memory,
        Quantity::Compile,
        Quantity::CompileMemory,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Quantity::Ceiling => "ceiling",
            Quantity::Instructions => "instructions",
            Quantity::Heap => "heap",
            Quantity::Time => "time",
            Quantity::Memory => "memory",
            Quantity::Compile => "compile time",
            Quantity::CompileMemory => "compile memory",
        }
    }

    /// The least of it that is compared, so that there is a ratio to nothing.
    pub fn least(self) -> f64 {
        match self {
            // No n at all that passes is still a place to fall from, and a heap can
            // be empty.
            Quantity::Ceiling
            | Quantity::Instructions
            | Quantity::Heap
            | Quantity::Memory
            | Quantity::CompileMemory => 1.0,
            Quantity::Time | Quantity::Compile => 1e-9,
        }
    }

    /// How many times as much `after` is as `before`.
    pub fn ratio(self, before: f64, after: f64) -> f64 {
        after.max(self.least()) / before.max(self.least())
    }

    /// How much of it a cell has; `None` where nothing is known.
    pub fn of(self, cell: &Cell) -> Option<f64> {
        match self {
            Quantity::Ceiling => {
                let ceiling = cell.ceiling.as_ref()?;
                Some(ceiling.n.map_or(0.0, |n| n.get() as f64))
            }
            Quantity::Instructions => cell.instructions.map(|it| it.0 as f64),
            Quantity::Heap => cell.heap.map(|it| it.0 as f64),
            Quantity::Time => cell.time,
            Quantity::Memory => cell.memory.map(|it| it.0 as f64),
            Quantity::Compile => cell.compile,
            Quantity::CompileMemory => cell.compile_memory.map(|it| it.0 as f64),
        }
    }
}

/// A whole comparison.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What it is about.
    pub info: CompareInfo,
    /// The cases, in the order in which they were planned.
    pub rows: Vec<Row>,
}

impl Comparison {
    /// Whether anything is known of the first version.
    pub fn knows_first(&self) -> bool {
        let knows = |row: &Row| row.cells[0].as_ref().is_some_and(Cell::ran);
        self.rows.iter().any(knows)
    }
}

/// A comparison, and how it came out.
#[derive(Clone, Debug)]
pub struct CompareReport {
    /// All of it.
    pub comparison: Comparison,
    /// How it came out.
    pub summary: CompareSummary,
}

/// How a comparison came out.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CompareSummary {
    /// What changed from one version to the next.
    pub changes: Vec<Change>,
    /// What is worse on a later version than on the first.
    pub regressions: Vec<Change>,
    /// How many cases could not be examined on some version.
    pub not_run: usize,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// How long it took, in seconds.
    pub seconds: f64,
}
