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
    /// Memory of running, the host's included, where the heap is not seen.
    HostMemory,
    /// What the host keeps for the program.
    Stores,
    /// CPU time of compiling.
    #[serde(rename = "compile")]
    CompileTime,
    /// Memory of compiling.
    CompileMemory,
}

impl Cost {
    /// All of them.
    pub const ALL: [Cost; 13] = [
        Cost::Instructions,
        Cost::Time,
        Cost::HostMemory,
        Cost::Stores,
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
            Cost::HostMemory => "host-memory",
            Cost::Stores => "stores",
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

    /// The cost that is counted where this one is measured because nothing is: what
    /// is said of the one holds for the other.
    pub fn counted(self) -> Option<Cost> {
        match self {
            Cost::Time => Some(Cost::Instructions),
            Cost::HostMemory => Some(Cost::Heap),
            Cost::Stores => Some(Cost::Handles),
            _ => None,
        }
    }

    /// Whether a clock or the operating system measures it.
    pub fn is_of_machine(self) -> bool {
        matches!(
            self,
            Cost::Time | Cost::HostMemory | Cost::CompileTime | Cost::CompileMemory
        )
    }

    /// The verb that stands after these costs in a sentence.
    pub fn grow(costs: &[Cost]) -> &'static str {
        use Cost::{Collections, Handles, Instructions, Roots, Stores};
        match costs {
            [Instructions | Collections | Roots | Handles | Stores] => "grow",
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
