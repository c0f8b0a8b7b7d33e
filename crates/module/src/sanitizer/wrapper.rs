//! What stands before the program's own `$alloc` and `$gc_collect`, and the look
//! at a short range of the shadow.

use wasm_encoder::{BlockType, Function, MemArg, ValType};

use super::log::{ENTRIES, ENTRY, LIMIT, USED};
use super::shadow::{HEADER, PADDING, UNWRITTEN};
use crate::vera_runtime::{GRANULE, HEADER_BYTES};

/// The wrappers' indices: of the imports, of what they wrap, and of globals.
pub(super) struct Wrapped {
    pub(super) allocated: u32,
    pub(super) logged: u32,
    pub(super) collecting: u32,
    pub(super) collected: u32,
    pub(super) alloc: u32,
    pub(super) collect: u32,
    pub(super) heap_end: u32,
    pub(super) free_head: u32,
    /// The memory of the log.
    pub(super) log: u32,
    /// How long a page of the memory is, as a power of two.
    pub(super) page: i32,
}

/// A byte of the shadow, eight times.
fn eight(state: u8) -> i64 {
    i64::from_le_bytes([state; 8])
}

/// Up to how many bytes the shadow of a block is written word by word.
const UNROLLED: i32 = 64;

impl Wrapped {
    /// The wrapper of `$alloc`.
    pub(super) fn alloc(&self) -> Function {
        let (size, at, header, begins, memory, bytes, padding, used) = (0, 1, 2, 3, 4, 5, 6, 7);
        let mut alloc = Function::new([(7, ValType::I32)]);
        alloc
            .instructions()
            .local_get(size)
            .call(self.alloc)
            .local_tee(at)
            // The header, where there can be one: what a broken allocator gives
            // may be no address.
            .i32_const(4)
            .i32_sub()
            .local_tee(begins)
            .memory_size(0)
            .i32_const(self.page)
            .i32_shl()
            .local_tee(memory)
            .i32_const(4)
            .i32_sub()
            .i32_le_u()
            .if_(BlockType::Empty)
            .local_get(begins)
            .i32_load(memarg(0, 0))
            .local_set(header)
            .end();
        self.is_logged(&mut alloc, [size, header, begins, memory, bytes]);
        alloc.instructions().if_(BlockType::Empty);
        Wrapped::paint(&mut alloc, [size, at, begins, bytes, padding]);
        self.log(&mut alloc, [size, at, header, used]);
        alloc
            .instructions()
            .else_()
            .local_get(at)
            .local_get(size)
            .local_get(header)
            .global_get(self.heap_end)
            .global_get(self.free_head)
            .call(self.allocated)
            .end();
        alloc.instructions().local_get(at).end();
        alloc
    }

    /// Whether a block is logged: logs are read, and its shadow can be written. Leaves
    /// its length in `bytes`.
    fn is_logged(&self, code: &mut Function, [size, header, begins, memory, bytes]: [u32; 5]) {
        code.instructions()
            .i32_const(0)
            .i32_load(memarg(self.log, LIMIT))
            .i32_const(0)
            .i32_ne()
            // As many bytes as its header has room for are enough,
            .local_get(header)
            .i32_const(1)
            .i32_shr_u()
            .local_get(size)
            .i32_ge_u()
            .i32_and()
            // and lie within the memory: below half of the address space there is no
            // number too large.
            .local_get(header)
            .i32_const(1)
            .i32_shr_u()
            .i32_const(HEADER_BYTES.cast_signed() + GRANULE.cast_signed() - 1)
            .i32_add()
            .i32_const(-GRANULE.cast_signed())
            .i32_and()
            .local_tee(bytes)
            .local_get(memory)
            .local_get(begins)
            .i32_sub()
            .i32_le_u()
            .i32_and()
            .local_get(begins)
            .local_get(memory)
            .i32_lt_u()
            .i32_and();
    }

    /// Writes the states of a block into the shadow.
    fn paint(code: &mut Function, [size, at, begins, bytes, padding]: [u32; 5]) {
        let shadow = |offset| memarg(1, offset);
        let mut code = code.instructions();
        code.local_get(bytes)
            .local_get(size)
            .i32_sub()
            .i32_const(HEADER_BYTES.cast_signed())
            .i32_sub()
            .local_tee(padding)
            .i32_const(GRANULE.cast_signed())
            .i32_lt_u()
            .local_get(bytes)
            .i32_const(UNROLLED)
            .i32_le_u()
            .i32_and()
            .if_(BlockType::Empty)
            // The last eight bytes have all of the padding.
            .local_get(begins)
            .local_get(bytes)
            .i32_add()
            .i32_const(8)
            .i32_sub()
            .i64_const(eight(UNWRITTEN))
            .i64_const(eight(UNWRITTEN ^ PADDING))
            .i64_const(0)
            .local_get(padding)
            .i64_extend_i32_u()
            .i64_const(3)
            .i64_shl()
            .i64_sub()
            .i64_shl()
            .i64_const(0)
            .local_get(padding)
            .select()
            .i64_xor()
            .i64_store(shadow(0));
        let words = 1..UNROLLED / 8;
        for word in words.clone() {
            code.local_get(bytes)
                .i32_const(8 * word)
                .i32_gt_u()
                .if_(BlockType::Empty)
                .local_get(begins)
                .i64_const(eight(UNWRITTEN))
                .i64_store(shadow(8 * (word as u64 - 1)));
        }
        for _ in words {
            code.end();
        }
        code.else_()
            .local_get(at)
            .i32_const(UNWRITTEN.into())
            .local_get(size)
            .memory_fill(1)
            .local_get(at)
            .local_get(size)
            .i32_add()
            .i32_const(PADDING.into())
            .local_get(padding)
            .memory_fill(1)
            .end()
            .local_get(begins)
            .i32_const(i32::from_le_bytes([HEADER; 4]))
            .i32_store(shadow(0));
    }

    /// Writes an entry, and calls the host where it is the last that there is room
    /// for.
    fn log(&self, code: &mut Function, [size, at, header, used]: [u32; 4]) {
        let log = |offset| memarg(self.log, offset);
        let mut code = code.instructions();
        code.i32_const(0).i32_load(log(USED)).local_set(used);
        for (place, local) in (0..).zip([at, size, header]) {
            code.local_get(used)
                .local_get(local)
                .i32_store(log(ENTRIES + 4 * place));
        }
        for (place, global) in (3..).zip([self.heap_end, self.free_head]) {
            code.local_get(used)
                .global_get(global)
                .i32_store(log(ENTRIES + 4 * place));
        }
        code.i32_const(0)
            .local_get(used)
            .i32_const(ENTRY as i32)
            .i32_add()
            .local_tee(used)
            .i32_store(log(USED))
            .local_get(used)
            .i32_const(0)
            .i32_load(log(LIMIT))
            .i32_ge_u()
            .if_(BlockType::Empty)
            .call(self.logged)
            .end();
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
