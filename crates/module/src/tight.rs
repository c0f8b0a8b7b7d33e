//! A module whose runtime has its tables at a sixteenth of their size, so that what
//! they cannot hold shows at a sixteenth of the n.
//!
//! The numbers are the module's own: the globals between which the shadow stack, the
//! worklist and the wrap table lie, and the memory that it begins with and grows by.
//! Pages of 64 KiB cannot be made smaller, so the memory gets pages of one byte
//! (<https://github.com/WebAssembly/custom-page-sizes>), and the allocator and the
//! collector, which alone ask for its size, are told of them. An access beyond a
//! memory that is too small traps as it would beyond one of whole pages.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{Function, Instruction, MemoryType, ValType};
use wasmparser::Operator;

use vera_stress_case::Table;

use crate::anatomy::{Anatomy, Body, Unfit};
use crate::graft::{Graft, Indices, Rewritten, Surgeon};
use crate::vera_runtime::passages::{GROWTH, MEMORY_BYTES};
use crate::vera_runtime::{MEMORY, Pattern, Regions, VeraRuntime};

/// A page as shipped, in bytes, and as a power of two;
const PAGE: u64 = 1 << PAGE_LOG;
const PAGE_LOG: u32 = 16;

/// and here.
const SMALL_PAGE: u64 = PAGE / Table::TIMES as u64;
const SMALL_PAGE_LOG: u32 = PAGE_LOG - Table::TIMES.ilog2();

/// The function that grows the memory.
const GROW: &str = "vera-stress.grow";

/// Makes the tables of a module's runtime smaller. One that has no allocator is
/// given back as it is: it has none.
///
/// # Errors
///
/// Where it is no valid module, or the runtime in it is not as it is known.
pub fn tighten(module: &[u8]) -> Result<Vec<u8>, Unfit> {
    let anatomy = Anatomy::of(module)?;
    if !anatomy.has_allocator() {
        return Ok(module.to_vec());
    }
    let runtime = VeraRuntime::of(&anatomy)?;
    let regions = Regions::of(&anatomy, &runtime)?;
    let memory = anatomy.only_memory();
    let memory = memory.ok_or_else(|| Unfit::UnknownRuntime(MEMORY.to_owned()))?;
    check_questions(&anatomy, &runtime)?;
    let mut graft = Graft::onto(&anatomy);
    let unary = graft.ty(&[ValType::I32], &[ValType::I32]);
    let mut tightener = Tightener {
        grow: graft.function(unary, Some(GROW)),
    };
    graft.resize_memory(MemoryType {
        minimum: first_memory(regions, memory.initial.saturating_mul(PAGE)),
        maximum: memory
            .maximum
            .map(|pages| (pages.saturating_mul(PAGE)).min(u32::MAX.into())),
        page_size_log2: Some(0),
        ..memory.into()
    });
    for (index, value) in regions.divided(Table::TIMES).first_values(&runtime) {
        graft.begin_with(index, value);
    }
    graft.apply(&mut tightener)
}

/// How many bytes the memory begins with: a small page beside the literals, which
/// cannot be made smaller. Where they are too many as shipped, they are here.
fn first_memory(regions: Regions, shipped: u64) -> u64 {
    let literals = u64::from(regions.start);
    if literals > shipped {
        return shipped;
    }
    literals + shipped / u64::from(Table::TIMES)
}

/// Whether nothing but the allocator and the collector asks for the memory's size, and
/// only in the ways that are known.
fn check_questions(anatomy: &Anatomy<'_>, runtime: &VeraRuntime) -> Result<(), Unfit> {
    let bytes = pattern(MEMORY_BYTES);
    for body in anatomy.bodies() {
        let body = body?;
        let is_runtime = [runtime.alloc, runtime.collect].contains(&body.function);
        for (at, operator) in body.code.iter().enumerate() {
            let known = match operator {
                Operator::MemorySize { .. } => bytes.matches(&body.code[at..]).is_some(),
                Operator::MemoryGrow { .. } => true,
                _ => continue,
            };
            if !(known && is_runtime) {
                let name = anatomy.function_name(body.function).unwrap_or("a function");
                return Err(Unfit::UnknownLayout(format!(
                    "`${name}` asks for the size of the memory in another way"
                )));
            }
        }
    }
    Ok(())
}

/// How many entries a table of a module has as shipped, and how many where it is tight.
pub fn entries(module: &[u8], table: Table) -> Result<(u32, u32), Unfit> {
    let anatomy = Anatomy::of(module)?;
    let regions = Regions::of(&anatomy, &VeraRuntime::of(&anatomy)?)?;
    let count = |regions: Regions| {
        let bytes = match table {
            Table::ShadowStack => regions.stack,
            Table::Worklist => regions.worklist,
            Table::WrapTable => regions.wrap_table.unwrap_or(0),
        };
        bytes / table.entry()
    };
    Ok((count(regions), count(regions.divided(Table::TIMES))))
}

fn pattern(text: &str) -> Pattern<'_> {
    Pattern::parse(text, |_| None).expect("these speak of no global")
}

struct Tightener {
    /// [`GROW`].
    grow: u32,
}

impl Tightener {
    /// Grows the memory by what is missing, in steps of a sixteenth of a page at
    /// first. The steps become longer with the memory, up to a page, so that a large
    /// heap has no more collections than as shipped.
    fn grow_body() -> Function {
        let (missing, step) = (0, 1);
        let [small, page] = [SMALL_PAGE, PAGE].map(|it| i32::try_from(it).expect("a page"));
        let sixteenth = i32::try_from(Table::TIMES.ilog2()).expect("a small number");
        let mut code = Function::new([(1, ValType::I32)]);
        code.instructions()
            .memory_size(0)
            .i32_const(sixteenth)
            .i32_shr_u()
            .local_tee(step)
            .i32_const(small)
            .local_get(step)
            .i32_const(small)
            .i32_gt_u()
            .select()
            .local_tee(step)
            .i32_const(page)
            .local_get(step)
            .i32_const(page)
            .i32_lt_u()
            .select()
            .local_set(step)
            .local_get(missing)
            .local_get(step)
            .i32_add()
            .i32_const(1)
            .i32_sub()
            .local_get(step)
            .i32_div_u()
            .local_get(step)
            .i32_mul()
            .memory_grow(0)
            .end();
        code
    }
}

impl Surgeon for Tightener {
    fn operate(&mut self, indices: &mut Indices, body: &Body<'_>) -> Rewritten<Function> {
        let mut code = indices.begin(body, [])?;
        let (bytes, growth) = (pattern(MEMORY_BYTES), pattern(GROWTH.find));
        let mut at = 0;
        while let Some(operator) = body.code.get(at) {
            let rest = &body.code[at..];
            at += if bytes.matches(rest).is_some() {
                // A page is a byte.
                code.instruction(&Instruction::MemorySize(0));
                bytes.len()
            } else if growth.matches(rest).is_some() {
                code.instruction(&Instruction::Call(self.grow));
                growth.len()
            } else if matches!(operator, Operator::MemoryGrow { .. }) {
                // By pages whose number comes from elsewhere.
                let log = i32::try_from(SMALL_PAGE_LOG).expect("a small number");
                code.instructions().i32_const(log).i32_shl().memory_grow(0);
                1
            } else {
                code.instruction(&indices.instruction(operator.clone())?);
                1
            };
        }
        Ok(code)
    }

    fn added(&mut self) -> Vec<Function> {
        vec![Tightener::grow_body()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The globals of a runtime with 100 bytes of literals, and an allocator that grows
    /// by what is missing.
    const RUNTIME: &str = r#"
        (memory (export "memory") 1)
        (global $gc_sp (export "gc_sp") (mut i32) (i32.const 100))
        (global $gc_stack_base i32 (i32.const 100))
        (global $gc_stack_limit i32 (i32.const 16484))
        (global $gc_worklist_end i32 (i32.const 82020))
        (global $gc_wrap_base i32 (i32.const 82020))
        (global $gc_wrap_ptr (mut i32) (i32.const 82020))
        (global $gc_wrap_end i32 (i32.const 147556))
        (global $gc_heap_start i32 (i32.const 147556))
        (global $heap_ptr (mut i32) (i32.const 147556))
        (func $gc_collect)
        (func $alloc (export "alloc") (param i32) (result i32)
          local.get 0 memory.size i32.const 16 i32.shl i32.sub
          i32.const 65535 i32.add i32.const 16 i32.shr_u memory.grow)"#;

    fn tight(text: &str) -> Result<String, Unfit> {
        let module = wat::parse_str(format!("(module {text})")).unwrap();
        tighten(&module).map(|tight| wasmprinter::print_bytes(tight).unwrap())
    }

    #[test]
    fn each_table_is_a_sixteenth_as_long_and_they_touch() {
        let text = tight(RUNTIME).unwrap();
        for (global, value) in [
            ("gc_sp", 100),
            ("gc_stack_base", 100),
            ("gc_stack_limit", 100 + 1024),
            ("gc_worklist_end", 100 + 1024 + 4096),
            ("gc_wrap_base", 100 + 1024 + 4096),
            ("gc_wrap_ptr", 100 + 1024 + 4096),
            ("gc_wrap_end", 100 + 1024 + 4096 + 4096),
            ("gc_heap_start", 100 + 1024 + 4096 + 4096),
            ("heap_ptr", 100 + 1024 + 4096 + 4096),
        ] {
            let line = text
                .lines()
                .find(|it| it.contains(&format!("(global ${global} ")));
            let line = line.unwrap();
            assert!(line.ends_with(&format!("i32.const {value})")), "{line}");
        }
        assert!(
            text.contains("(memory (;0;) 4196 (pagesize 0x1))"),
            "{text}"
        );
        let module = wat::parse_str(format!("(module {RUNTIME})")).unwrap();
        let of = |table| entries(&module, table).unwrap();
        assert_eq!(of(Table::ShadowStack), (4_096, 256));
        assert_eq!(of(Table::Worklist), (16_384, 1_024));
        assert_eq!(of(Table::WrapTable), (4_096, 256));
    }

    #[test]
    fn the_allocator_asks_for_bytes_and_grows_by_a_part_of_a_page() {
        let text = tight(RUNTIME).unwrap();
        let from = text.find("(func $alloc").unwrap();
        let to = from + text[from..].find("(func $vera-stress.grow").unwrap();
        let code: Vec<&str> = text[from..to].split_whitespace().collect();
        let code = code.join(" ");
        assert!(
            code.ends_with("local.get 0 memory.size i32.sub call $vera-stress.grow )"),
            "{code}"
        );
        // By a number of pages from elsewhere: by as many small ones.
        let one = RUNTIME.replace(
            "i32.const 16 i32.shr_u memory.grow",
            "drop i32.const 1 memory.grow",
        );
        let text = tight(&one).unwrap();
        assert!(
            text.contains("i32.const 12\n    i32.shl\n    memory.grow"),
            "{text}"
        );
    }

    #[test]
    fn another_layout_is_refused_by_what_is_elsewhere() {
        let why = |text: &str| tight(text).unwrap_err().to_string();
        for (from, to, says) in [
            (
                "$gc_worklist_end ",
                "$elsewhere ",
                "it has no `gc_worklist_end`",
            ),
            (
                "147556))\n        (global $heap",
                "150000))\n        (global $heap",
                "its `gc_heap_start` is 150000, not 147556",
            ),
            (
                "(i32.const 16484)",
                "(i32.const 50)",
                "its `gc_stack_base` is above its `gc_stack_limit`",
            ),
            (
                "(func $gc_collect)",
                "(func $gc_collect) (func (drop (memory.size)))",
                "asks for the size of the memory",
            ),
            (
                "i32.const 16 i32.shl i32.sub",
                "i32.const 65536 i32.mul i32.sub",
                "`$alloc` asks for the size of the memory",
            ),
        ] {
            assert!(RUNTIME.contains(from), "{from}");
            let why = why(&RUNTIME.replacen(from, to, 1));
            assert!(why.starts_with("the tables of this Vera's runtime cannot be made smaller: "));
            assert!(why.contains(says), "{why}");
        }
    }

    #[test]
    fn literals_need_their_room_and_have_no_more_than_as_shipped() {
        let regions = |start| Regions {
            start,
            stack: 0,
            worklist: 0,
            wrap_table: None,
        };
        assert_eq!(first_memory(regions(0), PAGE), 4_096);
        assert_eq!(first_memory(regions(60_000), PAGE), 64_096);
        assert_eq!(first_memory(regions(70_000), PAGE), PAGE);
    }
}
