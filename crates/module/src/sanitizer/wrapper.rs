//! What stands before the program's own `$alloc` and `$gc_collect`, and the look
//! at a short range of the shadow.

use wasm_encoder::{BlockType, Function, MemArg, ValType};

/// The wrappers' indices: of the imports, of what they wrap, and of globals.
pub(super) struct Wrapped {
    pub(super) allocated: u32,
    pub(super) collecting: u32,
    pub(super) collected: u32,
    pub(super) alloc: u32,
    pub(super) collect: u32,
    pub(super) heap_end: u32,
    pub(super) free_head: u32,
    /// How long a page of the memory is, as a power of two.
    pub(super) page: i32,
}

impl Wrapped {
    /// The wrapper of `$alloc`.
    pub(super) fn alloc(&self) -> Function {
        let (size, at, header) = (0, 1, 2);
        let mut alloc = Function::new([(2, ValType::I32)]);
        alloc
            .instructions()
            .local_get(size)
            .call(self.alloc)
            .local_tee(at)
            .local_get(size)
            // The header, where there can be one: what a broken allocator gives
            // may be no address.
            .local_get(at)
            .i32_const(4)
            .i32_sub()
            .local_tee(header)
            .memory_size(0)
            .i32_const(self.page)
            .i32_shl()
            .i32_const(4)
            .i32_sub()
            .i32_le_u()
            .if_(BlockType::Result(ValType::I32))
            .local_get(header)
            .i32_load(memarg(0, 0))
            .else_()
            .i32_const(0)
            .end()
            .global_get(self.heap_end)
            .global_get(self.free_head)
            .call(self.allocated)
            .local_get(at)
            .end();
        alloc
    }

    /// The wrapper of `$gc_collect`.
    pub(super) fn collect(&self) -> Function {
        let mut collect = Function::new([]);
        collect
            .instructions()
            .call(self.collecting)
            .call(self.collect)
            .call(self.collected)
            .end();
        collect
    }
}

/// The longest range that [`is_clean`] looks at: beyond that a call of the
/// host costs less.
const SHORT: i32 = 256;

/// Whether a range is known to be clean: where it begins, its length, and four
/// times what it must not have.
pub(super) fn is_clean() -> Function {
    let (at, length, four) = (0, 1, 2);
    let mut body = Function::new([]);
    let mut code = body.instructions();
    code.local_get(length)
        .i32_const(SHORT)
        .i32_gt_u()
        .if_(BlockType::Empty)
        .i32_const(0)
        .return_()
        .end();
    // By words, then by bytes.
    for width in [4, 1] {
        code.block(BlockType::Empty)
            .loop_(BlockType::Empty)
            .local_get(length)
            .i32_const(width)
            .i32_lt_u()
            .br_if(1)
            .local_get(at);
        match width {
            4 => code.i32_load(memarg(1, 0)),
            _ => code.i32_load8_u(memarg(1, 0)),
        };
        code.local_get(four)
            .i32_and()
            .if_(BlockType::Empty)
            .i32_const(0)
            .return_()
            .end()
            .local_get(at)
            .i32_const(width)
            .i32_add()
            .local_set(at)
            .local_get(length)
            .i32_const(width)
            .i32_sub()
            .local_set(length)
            .br(0)
            .end()
            .end();
    }
    code.i32_const(1).end();
    body
}

pub(super) fn memarg(memory_index: u32, offset: u64) -> MemArg {
    MemArg {
        offset,
        align: 0,
        memory_index,
    }
}
