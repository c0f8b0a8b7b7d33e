//! A module whose runtime has its tables at sixteen times their size: what only lacks
//! room returns there, and what never ends does not.

use wasm_encoder::MemoryType;

use vera_stress_case::Table;

use crate::anatomy::{Anatomy, Unfit};
use crate::graft::{AsItIs, Graft};
use crate::vera_runtime::{MEMORY, Regions, VeraRuntime};

/// A page, in bytes, and how many a memory may have.
const PAGE: u64 = 1 << 16;
const PAGES: u64 = 1 << 16;

/// Makes the tables of a module's runtime larger, and the memory that it begins with by
/// as much. One that has no allocator is given back as it is: it has none.
///
/// # Errors
///
/// Where it is no valid module, or the runtime in it is not as it is known.
pub fn widen(module: &[u8]) -> Result<Vec<u8>, Unfit> {
    let anatomy = Anatomy::of(module)?;
    if !anatomy.has_allocator() {
        return Ok(module.to_vec());
    }
    let runtime = VeraRuntime::of(&anatomy)?;
    let regions = Regions::of(&anatomy, &runtime)?;
    let memory = anatomy.only_memory();
    let memory = memory.ok_or_else(|| Unfit::UnknownRuntime(MEMORY.to_owned()))?;
    let wide = regions.multiplied(Table::TIMES);
    let more = u64::from(wide.length() - regions.length()).div_ceil(PAGE);
    let mut graft = Graft::onto(&anatomy);
    graft.resize_memory(MemoryType {
        minimum: memory.initial + more,
        maximum: memory.maximum.map(|it| (it + more).min(PAGES)),
        ..memory.into()
    });
    for (index, value) in wide.first_values(&runtime) {
        graft.begin_with(index, value);
    }
    graft.apply(&mut AsItIs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_is_sixteen_times_as_long_and_the_memory_holds_them() {
        let module = wat::parse_str(
            r#"(module (memory (export "memory") 1)
            (global $gc_sp (export "gc_sp") (mut i32) (i32.const 100))
            (global $gc_stack_base i32 (i32.const 100))
            (global $gc_stack_limit i32 (i32.const 16484))
            (global $gc_worklist_end i32 (i32.const 32868))
            (global $gc_heap_start i32 (i32.const 32868))
            (global $heap_ptr (mut i32) (i32.const 32868))
            (func $gc_collect)
            (func $alloc (export "alloc") (param i32) (result i32) local.get 0))"#,
        );
        let wide = wasmprinter::print_bytes(widen(&module.unwrap()).unwrap()).unwrap();
        let value = |global: &str| {
            let line = wide
                .lines()
                .find(|it| it.contains(&format!("(global ${global} ")));
            let value = line.unwrap().split("i32.const ").nth(1).unwrap();
            value.trim_end_matches(')').parse::<u32>().unwrap()
        };
        assert_eq!(value("gc_stack_limit"), 100 + 16 * 16_384);
        assert_eq!(value("gc_worklist_end"), 100 + 32 * 16_384);
        assert_eq!(value("heap_ptr"), 100 + 32 * 16_384);
        // 30 times 16,384 bytes more are 8 pages.
        assert!(wide.contains("(memory (;0;) 9)"), "{wide}");
    }
}
