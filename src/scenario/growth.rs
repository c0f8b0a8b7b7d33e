//! How cost is declared to grow with n.

use serde::{Deserialize, Serialize};

use super::cost::Cost;
use super::shape::Shape;

/// How cost is declared to grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Growth {
    /// Executed instructions.
    #[serde(alias = "work")]
    pub instructions: Option<Shape>,
    /// The extent of the heap at its largest.
    pub heap: Option<Shape>,
    /// The shadow stack in use; constant where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roots: Option<Shape>,
    /// The table of host handles in use; constant where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handles: Option<Shape>,
    /// The WebAssembly stack in use; constant where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<Shape>,
    /// CPU time and memory of compiling, where the program grows with n.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compile: Option<Shape>,
    /// Whether what has a fixed size may grow as it likes where nothing is said:
    /// nobody has looked at the program.
    #[serde(skip)]
    pub is_free: bool,
}

impl Growth {
    /// Of a program that nobody has looked at.
    pub fn free() -> Growth {
        Growth {
            is_free: true,
            ..Growth::default()
        }
    }

    /// Whether nothing can grow too fast.
    pub fn says_nothing(&self) -> bool {
        *self == Growth::free()
    }

    /// What is declared of a cost, where the file says it.
    pub fn of(&self, cost: Cost) -> Option<Shape> {
        match cost {
            Cost::Instructions | Cost::Time => self.instructions,
            Cost::Heap | Cost::HostMemory => self.heap,
            Cost::Roots => self.roots,
            Cost::Handles | Cost::Stores => self.handles,
            Cost::Stack => self.stack,
            Cost::CompileTime | Cost::CompileMemory => self.compile,
            Cost::Allocated | Cost::Collections | Cost::Live => None,
        }
    }
}
