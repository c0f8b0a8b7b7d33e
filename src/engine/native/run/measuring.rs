//! What was counted of a program, and what it tells of its stack and heap once
//! it has ended.

use std::collections::BTreeSet;

use wasmtime::{Global, Instance, Module, Store};

use super::super::guest::exports::{Guest, read_u32};
use super::super::machine::STACK;
use super::super::state::Host;
use crate::branches::mark;
use crate::case::{Bytes, Chance, Ending, Instructions, Measures, Probed};
use crate::instrument::{
    ALLOCATED, ALLOCATIONS, COLLECTIONS, OURS, RAISES, SHADOW_BASE, SHADOW_TOP, STEPS, Variant,
    shown,
};
use crate::vera_runtime::{HeapBounds, RuntimeGlobal};

/// A program that has ended.
pub struct Meter<'a> {
    /// With all that it leaves.
    pub store: &'a mut Store<Host>,
    /// What it was; `None` where it never was instantiated.
    pub instance: Option<Instance>,
    /// Its module,
    pub module: &'a Module,
    /// and how that was rewritten.
    pub variant: Variant,
}

impl Meter<'_> {
    /// What was counted, where the module counts.
    pub fn measures(&mut self) -> Option<Measures> {
        if matches!(
            self.variant,
            Variant::Stepped | Variant::Probed | Variant::Marked
        ) {
            return None;
        }
        let has_heap = self.instance?.get_global(&mut *self.store, ALLOCATIONS);
        let [allocations, collections, raises, allocated] =
            [ALLOCATIONS, COLLECTIONS, RAISES, ALLOCATED].map(|name| self.counter(name));
        let asked = self.store.data().asked;
        let each = self.variant.overhead();
        let overhead = each.allocation * allocations
            + each.collection * collections
            + each.raise * raises
            + each.ask * asked.times
            + each.pass * asked.passed;
        let left = self.store.get_fuel().expect("this engine counts fuel");
        let used = self.store.data().given.saturating_sub(left);
        let memory = self.store.data().guest.as_ref().and_then(|it| it.memory);
        Some(Measures {
            instructions: Instructions(used.saturating_sub(overhead)),
            peak_memory: memory.map_or(Bytes(0), |it| Bytes(it.data_size(&*self.store) as u64)),
            collections,
            forced: asked.times - asked.passed,
            allocations,
            allocated: Bytes(allocated),
            heap: self.heap_extent(),
            shadow_room: self.shadow_room(),
            shadow_stack: match has_heap {
                Some(_) => self.shadow_stack(),
                None => Some(Bytes(0)),
            },
            host_calls: self
                .host_calls()
                .map(|(name, times)| (name.to_owned(), times))
                .collect(),
        })
    }

    /// What it asked chance for.
    pub fn chance(&self) -> Chance {
        Chance::of(self.host_calls().map(|(name, _)| name))
    }

    /// Whether it was given steps, and has used them up.
    pub fn is_out_of_steps(&mut self) -> bool {
        let left = self.global(STEPS);
        let left = left.and_then(|global| global.get(&mut *self.store).i64());
        left.is_some_and(|left| left <= 0)
    }

    /// The highest address that the allocator reached.
    pub fn peak_heap(&mut self) -> Option<Bytes> {
        let end = self.value(|guest| guest.heap_pointer)?;
        Some(Bytes(end.into()))
    }

    /// How much of the heap is in use at the end, where the module tells.
    pub fn in_use(&mut self) -> Option<Bytes> {
        let [start, end, free] = RuntimeGlobal::HEAP.map(|global| self.runtime_address(global));
        let (start, end, free) = (start?, end?, free?);
        let memory = self.store.data().guest.as_ref()?.memory?;
        let used = HeapBounds { start, end, free }.used_bytes(memory.data(&*self.store));
        Some(Bytes(used))
    }

    /// What a probed program has told, and what its tables say at the end.
    pub fn probed(&mut self) -> Option<Probed> {
        if self.variant != Variant::Probed {
            return None;
        }
        let [base, pointer, end] =
            RuntimeGlobal::WRAP_TABLE.map(|global| self.runtime_address(global));
        let [pointer, end] = [pointer, end].map(|at| Some(u64::from(at?.saturating_sub(base?))));
        let at_end = self.in_use();
        let probes = self.store.data().probes;
        Some(Probed {
            stack: Bytes(probes.stack),
            exact_stack: None,
            stack_room: Bytes(STACK as u64),
            live: probes.live.map(Bytes),
            used: at_end.map(|it| it.max(Bytes(probes.used.unwrap_or(0)))),
            wrap_table: Bytes(probes.wrapped.max(pointer.unwrap_or(0))),
            wrap_room: end.map(Bytes),
        })
    }

    /// Which branches of the runtime were taken, by the numbers of their marks, where
    /// the module has marks.
    pub fn taken(&mut self) -> BTreeSet<usize> {
        if self.variant != Variant::Marked {
            return BTreeSet::new();
        }
        let is_set = |this: &mut Self, branch: usize| Some(this.address(&mark(branch))? != 0);
        let marks = (0..).map_while(|branch| Some((branch, is_set(self, branch)?)));
        marks.filter(|(_, set)| *set).map(|it| it.0).collect()
    }

    /// The host functions that were called, and how often.
    fn host_calls(&self) -> impl Iterator<Item = (&str, u64)> {
        self.module
            .imports()
            .zip(&self.store.data().calls)
            .filter(|(import, calls)| **calls > 0 && import.module() != OURS)
            .map(|(import, calls)| (import.name(), *calls))
    }

    fn heap_extent(&mut self) -> Bytes {
        let start = self.store.data().heap_start;
        let end = self.value(|guest| guest.heap_pointer);
        Bytes(end.unwrap_or(0).saturating_sub(start).into())
    }

    fn shadow_room(&mut self) -> Option<Bytes> {
        let limit = self.value(|guest| guest.shadow_limit)?;
        let base = self.address(SHADOW_BASE)?;
        Some(Bytes(limit.saturating_sub(base).into()))
    }

    fn shadow_stack(&mut self) -> Option<Bytes> {
        let limit = self.value(|guest| guest.shadow_limit);
        let (base, top) = (self.address(SHADOW_BASE)?, self.address(SHADOW_TOP)?);
        // The push that found no room raised the top as well.
        let top = top.min(limit.unwrap_or(u32::MAX));
        Some(Bytes(top.saturating_sub(base).into()))
    }

    fn global(&mut self, name: &str) -> Option<Global> {
        self.instance?.get_global(&mut *self.store, name)
    }

    /// The value of a counter of ours; 0 where the module has no such one.
    fn counter(&mut self, name: &str) -> u64 {
        let counter = self.global(name);
        counter
            .and_then(|global| global.get(&mut *self.store).i64())
            .map_or(0, i64::cast_unsigned)
    }

    /// The address in a global of ours.
    fn address(&mut self, name: &str) -> Option<u32> {
        let global = self.global(name)?;
        read_u32(global, &mut *self.store)
    }

    /// The address in a global of the runtime's that is exported for us.
    fn runtime_address(&mut self, global: RuntimeGlobal) -> Option<u32> {
        self.address(&shown(global))
    }

    /// The address in a global that the module itself exports.
    fn value(&mut self, of: impl FnOnce(&Guest) -> Option<Global>) -> Option<u32> {
        let global = self.store.data().guest.as_ref().and_then(of)?;
        read_u32(global, &mut *self.store)
    }
}

/// Whether what was traced of a program's heap is exact: a budget of the native
/// engine that is no clock's ends a program at the same place each time.
pub fn repeats(ending: &Ending) -> bool {
    match ending {
        Ending::Returned { .. }
        | Ending::Trapped(_)
        | Ending::OverMemory { .. }
        | Ending::OverOutput { .. }
        | Ending::OverInstructions { .. }
        | Ending::Corrupt { .. }
        | Ending::Unsupported { .. }
        | Ending::Crashed { .. } => true,
        Ending::OverTime { .. } | Ending::Rejected { .. } | Ending::InvalidModule { .. } => false,
    }
}
