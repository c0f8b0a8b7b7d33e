//! The parts of Vera's runtime that the checks are about.

use std::collections::BTreeSet;

use wasmparser::{FuncType, Operator, ValType};

use crate::instrument::{Anatomy, PREFIX};

/// The functions of Vera's runtime that are not checked: they are what keeps the
/// heap. Any other function with the prefix `gc_` is an error.
const EXEMPT: [&str; 6] = [
    "alloc",
    "gc_collect",
    "gc_set_base",
    IS_BASE,
    "gc_assert_base",
    "register_wrapper",
];

/// The function that tells whether a block begins at an address, from 0.2.0 on.
pub const IS_BASE: &str = "gc_is_base";

/// Globals that every module with a heap has.
pub const HEAP_GLOBALS: [&str; 6] = [
    "heap_ptr",
    "gc_heap_start",
    "gc_free_head",
    "gc_sp",
    "gc_stack_base",
    "gc_stack_limit",
];

/// Globals of the wrap table, where a module has one.
pub const WRAP_GLOBALS: [&str; 2] = ["gc_wrap_base", "gc_wrap_ptr"];

/// Whether a function by its name is the heap's own, or was added to it.
pub fn is_runtime(name: &str) -> bool {
    EXEMPT.contains(&name) || name.starts_with(PREFIX)
}

/// The parts of Vera's runtime.
pub(super) struct Runtime {
    pub alloc: u32,
    pub collect: u32,
    /// By index: what is not checked.
    pub exempt: BTreeSet<u32>,
    /// In the order of [`HEAP_GLOBALS`].
    pub globals: [u32; HEAP_GLOBALS.len()],
    /// In the order of [`WRAP_GLOBALS`].
    pub wrap: Option<[u32; WRAP_GLOBALS.len()]>,
    /// The function by which the collector knows where blocks begin, where it
    /// does; else it may take any word for a pointer.
    pub is_base: Option<u32>,
}

impl Runtime {
    /// The parts of Vera's runtime, or the first that is not as it is known.
    pub fn of(anatomy: &Anatomy) -> Result<Runtime, String> {
        let i32 = ValType::I32;
        let function = |name: &str, signature: &FuncType| {
            let found = anatomy.runtime_function(name, signature);
            found.ok_or_else(|| name.to_owned())
        };
        let mut exempt = BTreeSet::new();
        let mut is_base = None;
        for (name, index) in anatomy.function_names() {
            if name == IS_BASE {
                is_base = Some(index);
            }
            if is_runtime(name) {
                exempt.insert(index);
            } else if name.starts_with("gc_") {
                return Err(name.to_owned());
            }
        }
        if !anatomy.has_one_memory() {
            return Err("memory".to_owned());
        }
        let mut globals = [0; HEAP_GLOBALS.len()];
        for (name, index) in HEAP_GLOBALS.iter().zip(&mut globals) {
            *index = anatomy.global(name).ok_or_else(|| (*name).to_owned())?;
        }
        let wrap = WRAP_GLOBALS.map(|name| anatomy.global(name));
        let wrap = match wrap {
            [Some(base), Some(pointer)] => Some([base, pointer]),
            [None, None] => None,
            _ => return Err(WRAP_GLOBALS[0].to_owned()),
        };
        Ok(Runtime {
            alloc: function("alloc", &FuncType::new([i32], [i32]))?,
            collect: function("gc_collect", &FuncType::new([], []))?,
            exempt,
            globals,
            wrap,
            is_base,
        })
    }

    /// The global that says where the heap ends.
    pub fn heap_end(&self) -> u32 {
        self.globals[0]
    }

    /// The global that says where the free list begins.
    pub fn free_head(&self) -> u32 {
        self.globals[2]
    }

    /// The global that says where the next root goes.
    pub fn shadow_pointer(&self) -> u32 {
        self.globals[3]
    }

    /// The globals between which the shadow stack lies.
    pub fn shadow_stack(&self) -> (u32, u32) {
        (self.globals[4], self.globals[5])
    }

    /// Whether the store at `at` is a push: it is followed by raising the
    /// shadow stack's pointer by the four bytes that it wrote.
    pub fn is_push(&self, code: &[Operator<'_>], at: usize) -> bool {
        let pointer = self.shadow_pointer();
        matches!(
            code.get(at..at + 5),
            Some([
                Operator::I32Store { memarg },
                Operator::GlobalGet { global_index: read },
                Operator::I32Const { value: 4 },
                Operator::I32Add,
                Operator::GlobalSet { global_index: written },
            ]) if memarg.offset == 0 && *read == pointer && *written == pointer
        )
    }

    /// Where the shadow stack's pointer stands at the end of a function that
    /// saves it when it is entered, from there: at the root of what it returns,
    /// where its last write is a push, else where it stood. `None` for a
    /// function that does not save it, which leaves it to its caller.
    pub fn rise(&self, code: &[Operator<'_>], results: &[ValType]) -> Option<i32> {
        let pointer = self.shadow_pointer();
        let saves = matches!(
            code,
            [Operator::GlobalGet { global_index }, Operator::LocalSet { .. }, ..]
                if *global_index == pointer
        );
        if !saves {
            return (!results.contains(&ValType::I32)).then_some(0);
        }
        let last = code.iter().rposition(
            |it| matches!(it, Operator::GlobalSet { global_index } if *global_index == pointer),
        )?;
        let pushed = last.checked_sub(4).is_some_and(|at| self.is_push(code, at));
        let gives_pointer = results.contains(&ValType::I32);
        Some(if pushed && gives_pointer { 4 } else { 0 })
    }
}
