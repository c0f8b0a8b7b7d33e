//! Where a sanitized program keeps what the sanitizer looks at.

use wasmtime::{AsContext, AsContextMut, Global, Instance, Memory, Store, WasmBacktrace};

use super::super::guest::exports::read_u32;
use super::defect::{Moment, Place};
use crate::instrument::shown;
use crate::sanitizer::heap::Registers;
use crate::sanitizer::rewrite::{HELD_TO, LOG, SHADOW, WRAP_TABLE, shown_is_base};

/// How many roots are kept of a shadow stack: the topmost.
const ROOTS: usize = 64;

/// The memories and globals of a program that was rewritten for a sanitizer.
#[derive(Clone, Copy)]
pub struct Handles {
    /// The program's memory.
    pub memory: Memory,
    /// What each byte of it is.
    pub shadow: Memory,
    /// What was allocated since it was read.
    pub log: Memory,
    /// Whether the collector knows where blocks begin.
    pub knows_bases: bool,
    globals: [Global; HELD_TO.len()],
    wrap: Option<[Global; WRAP_TABLE.len()]>,
}

impl Handles {
    /// Those of an instance with this memory; `None` where it has no heap.
    pub fn of<T: 'static>(
        store: &mut Store<T>,
        instance: Instance,
        memory: Memory,
    ) -> Option<Handles> {
        let shadow = instance.get_memory(&mut *store, SHADOW)?;
        let log = instance.get_memory(&mut *store, LOG)?;
        let is_base = instance.get_export(&mut *store, &shown_is_base());
        let knows_bases = is_base.is_some();
        let mut global = |global| instance.get_global(&mut *store, &shown(global));
        let mut globals = Vec::new();
        for held in HELD_TO {
            globals.push(global(held)?);
        }
        let wrap = match WRAP_TABLE.map(&mut global) {
            [Some(base), Some(pointer)] => Some([base, pointer]),
            _ => None,
        };
        Some(Handles {
            memory,
            shadow,
            log,
            knows_bases,
            globals: globals.try_into().ok()?,
            wrap,
        })
    }

    /// Where the program keeps the first block of its free list.
    pub fn free_head(&self) -> Global {
        let [_, _, free, ..] = self.globals;
        free
    }

    /// The program's own words about its heap.
    pub fn registers(&self, mut store: impl AsContextMut) -> Option<Registers> {
        let mut read = |global: Global| read_u32(global, &mut store);
        let [end, start, free, stack_pointer, stack_base, stack_limit] = self.globals;
        Some(Registers {
            start: read(start)?,
            end: read(end)?,
            free: read(free)?,
            stack_base: read(stack_base)?,
            stack_pointer: read(stack_pointer)?,
            stack_limit: read(stack_limit)?,
            wrap: match self.wrap {
                Some([base, pointer]) => (read(base)?, read(pointer)?),
                None => (0, 0),
            },
        })
    }

    /// The program as it is now.
    pub fn moment(&self, mut store: impl AsContextMut) -> Moment {
        let Some(registers) = self.registers(&mut store) else {
            return Moment::default();
        };
        let (from, to) = (registers.stack_base, registers.stack_pointer);
        let all = self.memory.data(store.as_context());
        let all = all.get(from as usize..to as usize).unwrap_or_default();
        let words = all.chunks_exact(4);
        let roots_in_all = u32::try_from(words.len()).unwrap_or(u32::MAX);
        let topmost = words.len().saturating_sub(ROOTS);
        let root = |word: &[u8]| u32::from_le_bytes(word.try_into().expect("four bytes"));
        Moment {
            stack: stack(&store),
            roots: words.skip(topmost).map(root).collect(),
            roots_in_all,
        }
    }
}

/// The call stack, innermost first.
pub fn stack(store: impl AsContext) -> Vec<Place> {
    let backtrace = WasmBacktrace::force_capture(store);
    let place = |frame: &wasmtime::FrameInfo| Place {
        function: frame.func_index(),
        name: frame.func_name().map(str::to_owned),
        offset: frame.module_offset(),
    };
    backtrace.frames().iter().map(place).collect()
}
