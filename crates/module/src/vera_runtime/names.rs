//! What the parts of Vera's runtime are called.

use wasmparser::{FuncType, ValType};

/// A function of Vera's runtime that a module defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuntimeFunction {
    /// Gives a block of the heap.
    Alloc,
    /// Collects what no root reaches.
    Collect,
    /// Notes in the wrap table which handle of the host an object stands for.
    RegisterWrapper,
    /// Notes that a block begins at an address, from 0.2.0 on.
    SetBase,
    /// Tells whether a block begins at an address, from 0.2.0 on.
    IsBase,
    /// Traps where no block begins, from 0.2.0 on.
    AssertBase,
}

impl RuntimeFunction {
    /// All of them.
    pub const ALL: [RuntimeFunction; 6] = [
        RuntimeFunction::Alloc,
        RuntimeFunction::Collect,
        RuntimeFunction::RegisterWrapper,
        RuntimeFunction::SetBase,
        RuntimeFunction::IsBase,
        RuntimeFunction::AssertBase,
    ];

    /// What the name section calls it.
    pub const fn name(self) -> &'static str {
        match self {
            RuntimeFunction::Alloc => "alloc",
            RuntimeFunction::Collect => "gc_collect",
            RuntimeFunction::RegisterWrapper => "register_wrapper",
            RuntimeFunction::SetBase => "gc_set_base",
            RuntimeFunction::IsBase => "gc_is_base",
            RuntimeFunction::AssertBase => "gc_assert_base",
        }
    }

    /// The function that the name section calls so.
    pub fn named(name: &str) -> Option<RuntimeFunction> {
        let mut all = RuntimeFunction::ALL.into_iter();
        all.find(|function| function.name() == name)
    }

    /// What tells it from a function of the program with the same name.
    pub(super) fn signature(self) -> Option<FuncType> {
        let i32 = ValType::I32;
        match self {
            RuntimeFunction::Alloc => Some(FuncType::new([i32], [i32])),
            RuntimeFunction::Collect => Some(FuncType::new([], [])),
            RuntimeFunction::RegisterWrapper => Some(FuncType::new([i32; 3], [])),
            RuntimeFunction::SetBase | RuntimeFunction::IsBase | RuntimeFunction::AssertBase => {
                None
            }
        }
    }
}

/// What the names of the collector's own functions and globals begin with.
pub(crate) const COLLECTOR_PREFIX: &str = "gc_";

/// A global of Vera's runtime, an i32: an address, or none where it is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuntimeGlobal {
    /// Where the blocks of the heap begin.
    HeapStart,
    /// Where they end.
    HeapEnd,
    /// The first block of the free list, by its payload.
    FreeHead,
    /// Where the next root goes.
    ShadowPointer,
    /// Where the shadow stack begins.
    ShadowBase,
    /// Where it ends, and the collector's worklist begins.
    ShadowLimit,
    /// Where the worklist ends.
    WorklistEnd,
    /// Where the wrap table begins, in modules that have one.
    WrapBase,
    /// Where its next entry goes.
    WrapPointer,
    /// Where it ends.
    WrapEnd,
}

impl RuntimeGlobal {
    /// All of them.
    pub const ALL: [RuntimeGlobal; 10] = [
        RuntimeGlobal::HeapStart,
        RuntimeGlobal::HeapEnd,
        RuntimeGlobal::FreeHead,
        RuntimeGlobal::ShadowPointer,
        RuntimeGlobal::ShadowBase,
        RuntimeGlobal::ShadowLimit,
        RuntimeGlobal::WorklistEnd,
        RuntimeGlobal::WrapBase,
        RuntimeGlobal::WrapPointer,
        RuntimeGlobal::WrapEnd,
    ];

    /// Those that say what is in the heap, as [`super::HeapBounds`] has them.
    pub const HEAP: [RuntimeGlobal; 3] = [
        RuntimeGlobal::HeapStart,
        RuntimeGlobal::HeapEnd,
        RuntimeGlobal::FreeHead,
    ];

    /// Those of the wrap table, which a module has all or none of.
    pub const WRAP_TABLE: [RuntimeGlobal; 3] = [
        RuntimeGlobal::WrapBase,
        RuntimeGlobal::WrapPointer,
        RuntimeGlobal::WrapEnd,
    ];

    /// What the name section calls it.
    pub const fn name(self) -> &'static str {
        match self {
            RuntimeGlobal::HeapStart => "gc_heap_start",
            RuntimeGlobal::HeapEnd => "heap_ptr",
            RuntimeGlobal::FreeHead => "gc_free_head",
            RuntimeGlobal::ShadowPointer => "gc_sp",
            RuntimeGlobal::ShadowBase => "gc_stack_base",
            RuntimeGlobal::ShadowLimit => "gc_stack_limit",
            RuntimeGlobal::WorklistEnd => "gc_worklist_end",
            RuntimeGlobal::WrapBase => "gc_wrap_base",
            RuntimeGlobal::WrapPointer => "gc_wrap_ptr",
            RuntimeGlobal::WrapEnd => "gc_wrap_end",
        }
    }

    /// The global that the name section calls so.
    pub fn named(name: &str) -> Option<RuntimeGlobal> {
        let mut all = RuntimeGlobal::ALL.into_iter();
        all.find(|global| global.name() == name)
    }
}

/// What the memory is exported as, before [`ExportStyle`] has its say.
pub const MEMORY: &str = "memory";

/// How a release names what a module exports of its runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportStyle {
    /// Up to 0.2.4: as the name section does. An export of the program may have
    /// the same name.
    Plain,
    /// From 0.2.5 on: with a prefix that no function of a program can have.
    Prefixed,
}

impl ExportStyle {
    /// The style of a module, by whether it exports a memory of some name: a name
    /// without the prefix is the program's own where there is one with it.
    pub fn of(exports_memory: impl FnOnce(&str) -> bool) -> ExportStyle {
        if exports_memory(&ExportStyle::Prefixed.name(MEMORY)) {
            ExportStyle::Prefixed
        } else {
            ExportStyle::Plain
        }
    }

    /// What a part of the runtime is exported as, by its own name.
    pub fn name(self, part: &str) -> String {
        match self {
            ExportStyle::Plain => part.to_owned(),
            ExportStyle::Prefixed => format!("{EXPORT_PREFIX}{part}"),
        }
    }
}

const EXPORT_PREFIX: &str = "vera.";

/// Whether a module has Vera's allocator, by what it exports: from 0.2.5 on by its
/// prefix alone, before that with the shadow stack's pointer beside it.
pub(crate) fn exports_allocator(exports: impl Fn(&str) -> bool) -> bool {
    let alloc = RuntimeFunction::Alloc.name();
    let exported = |style: ExportStyle, part: &str| exports(&style.name(part));
    exported(ExportStyle::Prefixed, alloc)
        || exported(ExportStyle::Plain, alloc)
            && exported(ExportStyle::Plain, RuntimeGlobal::ShadowPointer.name())
}

/// The name of a function that the program declares, without the marker that it
/// has from 0.2.5 on; `None` where there is no marker.
pub fn declared(name: &str) -> Option<&str> {
    name.strip_prefix(':')
}

/// Whether a function without the marker is one that the compiler added, as far
/// as its name tells.
pub fn is_helper(name: &str) -> bool {
    let alloc = RuntimeFunction::Alloc.name();
    let collect = RuntimeFunction::Collect.name();
    [alloc, collect, "contract_fail"].contains(&name)
        || ["exn_", EXPORT_PREFIX, "closure_sig_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_and_no_other() {
        for function in RuntimeFunction::ALL {
            assert_eq!(RuntimeFunction::named(function.name()), Some(function));
        }
        for global in RuntimeGlobal::ALL {
            assert_eq!(RuntimeGlobal::named(global.name()), Some(global));
        }
        assert_eq!(RuntimeFunction::named("gc_sp"), None);
        assert_eq!(RuntimeGlobal::named("alloc"), None);
        // Where a release may have more than is known here, it shows.
        let globals = RuntimeGlobal::ALL.iter().map(|global| global.name());
        let prefixed = globals.filter(|name| name.starts_with(COLLECTOR_PREFIX));
        assert_eq!(prefixed.count(), RuntimeGlobal::ALL.len() - 1);
    }

    #[test]
    fn the_memory_tells_how_exports_are_named() {
        let style = |exported: &str| ExportStyle::of(|name| name == exported);
        assert_eq!(style("vera.memory"), ExportStyle::Prefixed);
        assert_eq!(style("memory"), ExportStyle::Plain);
        assert_eq!(ExportStyle::Prefixed.name("alloc"), "vera.alloc");
        assert_eq!(ExportStyle::Plain.name("alloc"), "alloc");
    }

    #[test]
    fn a_function_of_the_program_is_no_allocator() {
        let has = |exports: &[&str]| exports_allocator(|name| exports.contains(&name));
        assert!(has(&["vera.alloc"]));
        assert!(has(&["alloc", "gc_sp"]));
        assert!(!has(&["alloc"]));
        assert!(!has(&["gc_sp", "vera.memory"]));
    }

    #[test]
    fn what_the_compiler_added_is_told_from_what_the_program_declares() {
        assert_eq!(declared(":alloc"), Some("alloc"));
        assert_eq!(declared("alloc"), None);
        for name in ["alloc", "gc_collect", "exn_1", "vera.eq", "closure_sig_2"] {
            assert!(is_helper(name), "{name}");
        }
        assert!(!is_helper("anon_3"));
    }
}
