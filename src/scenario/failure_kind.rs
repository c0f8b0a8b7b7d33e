//! The ways in which a case can fail.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The ways in which a case can fail, as scenario files name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The value or the output differs from the oracle.
    Wrong,
    /// The program trapped.
    Trap,
    /// The compiler refused the program.
    Rejected,
    /// The compiler took the program, and what it emitted is no valid module.
    InvalidModule,
    /// The budget of time ran out.
    OverTime,
    /// The memory budget ran out.
    OverMemory,
    /// The output budget ran out.
    OverOutput,
    /// The budget of instructions ran out.
    #[serde(alias = "over-work")]
    OverInstructions,
    /// The sanitizer saw a bad access or a broken heap.
    Corrupt,
    /// The process died.
    Crashed,
    /// Its cost grows faster than declared.
    Growth,
    /// The other engine came to another result.
    EnginesDiffer,
    /// Another lane came to another result, where all were to agree.
    LanesDiffer,
    /// The program's twin, which must do the same, came to something else.
    TwinDiffers,
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
                | FailureKind::OverInstructions
        )
    }

    /// Whether it says that the compiler made nothing that could be run.
    pub fn is_of_compiler(self) -> bool {
        matches!(self, FailureKind::Rejected | FailureKind::InvalidModule)
    }

    /// The written form, the same in files and in output.
    pub fn name(self) -> &'static str {
        match self {
            FailureKind::Wrong => "wrong",
            FailureKind::Trap => "trap",
            FailureKind::Rejected => "rejected",
            FailureKind::InvalidModule => "invalid-module",
            FailureKind::OverTime => "over-time",
            FailureKind::OverMemory => "over-memory",
            FailureKind::OverOutput => "over-output",
            FailureKind::OverInstructions => "over-instructions",
            FailureKind::Corrupt => "corrupt",
            FailureKind::Crashed => "crashed",
            FailureKind::Growth => "growth",
            FailureKind::EnginesDiffer => "engines-differ",
            FailureKind::LanesDiffer => "lanes-differ",
            FailureKind::TwinDiffers => "twin-differs",
        }
    }
}
