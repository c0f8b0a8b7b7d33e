//! What a program costs.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that a program costs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Cost {
    /// Executed instructions.
    #[serde(alias = "work")]
    Instructions,
    /// The extent of the heap.
    Heap,
    /// Bytes asked of the allocator altogether.
    Allocated,
    /// Collections.
    Collections,
    /// What a collection left alive.
    Live,
    /// The shadow stack in use.
    Roots,
    /// The table of host handles in use.
    Handles,
    /// The WebAssembly stack in use.
    Stack,
    /// CPU time of running, where instructions are not counted.
    Time,
    /// CPU time of compiling.
    #[serde(rename = "compile")]
    CompileTime,
    /// Memory of compiling.
    CompileMemory,
}

impl Cost {
    /// All of them.
    pub const ALL: [Cost; 11] = [
        Cost::Instructions,
        Cost::Time,
        Cost::Heap,
        Cost::Allocated,
        Cost::Collections,
        Cost::Live,
        Cost::Roots,
        Cost::Handles,
        Cost::Stack,
        Cost::CompileTime,
        Cost::CompileMemory,
    ];

    /// The word for it in output and in `expect.growth`, where it has a key.
    pub fn name(self) -> &'static str {
        match self {
            Cost::Instructions => "instructions",
            Cost::Time => "time",
            Cost::Heap => "heap",
            Cost::Allocated => "allocated",
            Cost::Collections => "collections",
            Cost::Live => "live",
            Cost::Roots => "roots",
            Cost::Handles => "handles",
            Cost::Stack => "stack",
            Cost::CompileTime => "compile",
            Cost::CompileMemory => "compile-memory",
        }
    }

    /// The verb that stands after these costs in a sentence.
    pub fn grow(costs: &[Cost]) -> &'static str {
        use Cost::{Collections, Handles, Instructions, Roots};
        match costs {
            [Instructions | Collections | Roots | Handles] => "grow",
            [_] => "grows",
            _ => "grow",
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
