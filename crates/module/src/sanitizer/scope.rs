//! The parts of Vera's runtime that the checks are about.

use std::collections::BTreeSet;

use wasmparser::MemoryType;

use crate::anatomy::{Anatomy, Unfit};
use crate::names::PREFIX;
use crate::vera_runtime::{MEMORY, RuntimeFunction, RuntimeGlobal, ShadowStack, VeraRuntime};

/// The globals that the books of the heap are held to; every module with a heap
/// has them.
pub const HELD_TO: [RuntimeGlobal; 6] = [
    RuntimeGlobal::HeapEnd,
    RuntimeGlobal::HeapStart,
    RuntimeGlobal::FreeHead,
    RuntimeGlobal::ShadowPointer,
    RuntimeGlobal::ShadowBase,
    RuntimeGlobal::ShadowLimit,
];

/// Those of the wrap table, where a module has one.
pub const WRAP_TABLE: [RuntimeGlobal; 2] = [RuntimeGlobal::WrapBase, RuntimeGlobal::WrapPointer];

/// Whether a function by its name is the heap's own, or was added to it: it is not
/// checked.
pub fn is_runtime(name: &str) -> bool {
    RuntimeFunction::named(name).is_some() || name.starts_with(PREFIX)
}

/// How long a page is where a module says nothing, as a power of two.
const PAGE_LOG: u32 = 16;

/// What is checked in a module, and by what.
pub(super) struct Scope {
    pub runtime: VeraRuntime,
    pub stack: ShadowStack,
    pub memory: MemoryType,
    pub heap_end: u32,
    pub free_head: u32,
    /// By index: what is not checked.
    pub exempt: BTreeSet<u32>,
    /// The globals that are exported.
    pub shown: Vec<(RuntimeGlobal, u32)>,
}

impl Scope {
    /// The scope in a module; an error where its runtime is not as it is known.
    pub fn of(anatomy: &Anatomy<'_>) -> Result<Scope, Unfit> {
        VeraRuntime::know_all_of(anatomy)?;
        let memory = anatomy.only_memory();
        let memory = memory.ok_or_else(|| Unfit::UnknownRuntime(MEMORY.to_owned()))?;
        let runtime = VeraRuntime::of(anatomy)?;
        let mut shown = Vec::new();
        for global in HELD_TO {
            shown.push((global, runtime.require(global)?));
        }
        if WRAP_TABLE.iter().any(|it| runtime.global(*it).is_some()) {
            for global in WRAP_TABLE {
                shown.push((global, runtime.require(global)?));
            }
        }
        let functions = anatomy.function_names();
        Ok(Scope {
            memory,
            stack: runtime.shadow_stack()?,
            heap_end: runtime.require(RuntimeGlobal::HeapEnd)?,
            free_head: runtime.require(RuntimeGlobal::FreeHead)?,
            exempt: functions
                .filter(|(name, _)| is_runtime(name))
                .map(|(_, index)| index)
                .collect(),
            runtime,
            shown,
        })
    }

    /// How long a page of the memory is, as a power of two.
    pub fn page(&self) -> i32 {
        let log = self.memory.page_size_log2.unwrap_or(PAGE_LOG);
        i32::try_from(log).expect("a validated module has pages of one byte or 2^16")
    }
}
