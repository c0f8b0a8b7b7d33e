//! The code that checks: what stands around an instruction that touches memory,
//! and where a function or a round of a loop ends.

use wasm_encoder::{BlockType, Function, ValType};

use super::access::{Access, AccessKind, FILLS, Touch};
use super::shadow::BEYOND;
use super::wrapper::memarg;
use crate::graft::Rewritten;
use crate::vera_runtime::ShadowStack;

/// The locals that the checks of a function use: behind its own.
#[derive(Clone, Copy)]
pub(super) struct Scratch {
    pub(super) address: u32,
    pub(super) pointer: u32,
    second: u32,
    i32: u32,
    i64: u32,
    f32: u32,
    f64: u32,
    pub(super) v128: u32,
}

impl Scratch {
    pub(super) const TYPES: [ValType; 8] = [
        ValType::I32,
        ValType::I32,
        ValType::I32,
        ValType::I32,
        ValType::I64,
        ValType::F32,
        ValType::F64,
        ValType::V128,
    ];

    pub(super) fn behind(locals: u32) -> Scratch {
        Scratch {
            address: locals,
            pointer: locals + 1,
            second: locals + 2,
            i32: locals + 3,
            i64: locals + 4,
            f32: locals + 5,
            f64: locals + 6,
            v128: locals + 7,
        }
    }

    fn of(self, ty: ValType) -> u32 {
        match ty {
            ValType::I32 => self.i32,
            ValType::I64 => self.i64,
            ValType::F32 => self.f32,
            ValType::F64 => self.f64,
            ValType::V128 | ValType::Ref(_) => self.v128,
        }
    }
}

/// Writes checks, and keeps the list of what they check.
pub(super) struct Checks {
    /// The imports.
    pub(super) bad: u32,
    pub(super) range: u32,
    pub(super) copied: u32,
    pub(super) unbalanced: u32,
    /// The function that looks at short ranges.
    pub(super) is_clean: u32,
    pub(super) stack: ShadowStack,
    /// How long a page of the memory is, as a power of two.
    pub(super) page: i32,
    /// The types of blocks that give several results.
    pub(super) blocks: Vec<(Vec<wasmparser::ValType>, u32)>,
    pub(super) accesses: Vec<Access>,
    /// How many instructions of the function under way touched memory so far.
    pub(super) touched: u32,
}

impl Checks {
    /// The type of a block that gives what a function does.
    pub(super) fn block(&self, results: &[wasmparser::ValType]) -> Rewritten<BlockType> {
        Ok(match results {
            [] => BlockType::Empty,
            [one] => BlockType::Result(ValType::try_from(*one).expect("Vera has no such type")),
            several => {
                let mut all = self.blocks.iter();
                let found = all.find(|(list, _)| list == several);
                let (_, ty) = found.expect("the list has every function's");
                BlockType::FunctionType(*ty)
            }
        })
    }

    fn access(&mut self, function: u32, kind: AccessKind, width: Option<u32>, offset: u64) -> i32 {
        self.accesses.push(Access {
            function,
            ordinal: self.touched,
            kind,
            width,
            offset,
        });
        i32::try_from(self.accesses.len() - 1).expect("a module has fewer accesses")
    }

    /// The look into the shadow, for an access of `width` bytes at the address
    /// in `scratch`.
    fn check(&mut self, code: &mut Function, scratch: Scratch, access: i32) {
        let Access {
            kind,
            width,
            offset,
            ..
        } = self.accesses[access as usize];
        let bits = kind.bits();
        let memarg = |more: u64| memarg(1, offset.saturating_add(more));
        // Memories have 32 bits: as a signed number it is the same sum.
        let bytes = width.map_or(0, u32::cast_signed);
        let low = u32::try_from(offset).unwrap_or(u32::MAX).cast_signed();
        let four = i32::from_le_bytes([bits; 4]);
        let eight = i64::from_le_bytes([bits; 8]);
        let mut code = code.instructions();
        code.local_get(scratch.address);
        match width {
            Some(1) => code.i32_load8_u(memarg(0)).i32_const(four).i32_and(),
            Some(2) => code.i32_load16_u(memarg(0)).i32_const(four).i32_and(),
            Some(4) => code.i32_load(memarg(0)).i32_const(four).i32_and(),
            Some(8) => code
                .i64_load(memarg(0))
                .i64_const(eight)
                .i64_and()
                .i64_const(0)
                .i64_ne(),
            // So far out the first half is beyond any memory, and traps.
            _ if offset > u64::from(u32::MAX - 8) => code.i64_load(memarg(0)).i64_const(0).i64_ne(),
            _ => code
                .i64_load(memarg(0))
                .local_get(scratch.address)
                .i64_load(memarg(8))
                .i64_or()
                .i64_const(eight)
                .i64_and()
                .i64_const(0)
                .i64_ne(),
        };
        code.if_(BlockType::Empty)
            .local_get(scratch.address)
            .i32_const(low)
            .i32_add()
            .i32_const(bytes)
            .i32_const(access)
            .call(self.bad);
        if kind == AccessKind::Store && offset <= u64::from(u32::MAX - 8) {
            // What may be written is payload, and is now.
            code.else_().local_get(scratch.address);
            match width {
                Some(1) => code.i32_const(0).i32_store8(memarg(0)),
                Some(2) => code.i32_const(0).i32_store16(memarg(0)),
                Some(4) => code.i32_const(0).i32_store(memarg(0)),
                Some(8) => code.i64_const(0).i64_store(memarg(0)),
                _ => code
                    .i64_const(0)
                    .i64_store(memarg(0))
                    .local_get(scratch.address)
                    .i64_const(0)
                    .i64_store(memarg(8)),
            };
        }
        code.end();
    }

    /// A push is at the shadow stack's pointer, which must be within the stack.
    fn check_push(&self, code: &mut Function, scratch: Scratch, access: i32) {
        let ShadowStack { base, limit, .. } = self.stack;
        code.instructions()
            .local_get(scratch.address)
            .global_get(base)
            .i32_lt_u()
            .local_get(scratch.address)
            .i32_const(4)
            .i32_add()
            .global_get(limit)
            .i32_gt_u()
            .i32_or()
            .if_(BlockType::Empty)
            .local_get(scratch.address)
            .i32_const(4)
            .i32_const(access)
            .call(self.bad)
            .end();
    }

    /// What stands before an instruction that touches memory: the check, with
    /// the operands put aside and back.
    pub(super) fn before(
        &mut self,
        code: &mut Function,
        function: u32,
        scratch: Scratch,
        touch: &Touch,
        is_push: bool,
    ) {
        match *touch {
            Touch::Load { width, offset } => {
                let access = self.access(function, AccessKind::Load, Some(width), offset);
                code.instructions().local_tee(scratch.address);
                self.check(code, scratch, access);
            }
            Touch::LoadLane { width, offset } => {
                let access = self.access(function, AccessKind::Load, Some(width), offset);
                code.instructions()
                    .local_set(scratch.v128)
                    .local_tee(scratch.address);
                self.check(code, scratch, access);
                code.instructions().local_get(scratch.v128);
            }
            Touch::Store {
                width,
                offset,
                value,
            } => {
                let access = self.access(function, AccessKind::Store, Some(width), offset);
                let value = scratch.of(value);
                code.instructions()
                    .local_set(value)
                    .local_tee(scratch.address);
                if is_push {
                    self.check_push(code, scratch, access);
                } else {
                    self.check(code, scratch, access);
                }
                code.instructions().local_get(value);
            }
            Touch::Copy | Touch::Fill => {
                let copies = matches!(touch, Touch::Copy);
                let (length, second, to) = (scratch.i32, scratch.second, scratch.address);
                code.instructions()
                    .local_set(length)
                    .local_set(second)
                    .local_set(to);
                let reads = (AccessKind::Load, second, false);
                let writes = (AccessKind::Store, to, !copies);
                let ranges: &[_] = if copies { &[reads, writes] } else { &[writes] };
                // All of it may be touched, and is written as a whole: as nearly always.
                code.instructions().i32_const(1);
                for (kind, start, _) in ranges {
                    code.instructions()
                        .local_get(*start)
                        .local_get(length)
                        .i32_const(i32::from_le_bytes([kind.bits(); 4]))
                        .call(self.is_clean)
                        .i32_and();
                }
                code.instructions()
                    .if_(BlockType::Empty)
                    .local_get(to)
                    .i32_const(0)
                    .local_get(length)
                    .memory_fill(1)
                    .else_();
                for (kind, start, fills) in ranges {
                    let access = self.access(function, *kind, None, 0);
                    let stores = match (kind, fills) {
                        (AccessKind::Load, _) => 0,
                        (AccessKind::Store, false) => 1,
                        (AccessKind::Store, true) => FILLS,
                    };
                    code.instructions()
                        .local_get(*start)
                        .local_get(length)
                        .i32_const(i32::from_le_bytes([kind.bulk_bits(); 4]))
                        .call(self.is_clean)
                        .i32_eqz()
                        .if_(BlockType::Empty)
                        .local_get(*start)
                        .local_get(length)
                        .i32_const(stores)
                        .i32_const(access)
                        .call(self.range)
                        .end();
                }
                if copies {
                    code.instructions()
                        .local_get(to)
                        .local_get(second)
                        .local_get(length)
                        .call(self.copied);
                }
                code.instructions().end();
                code.instructions()
                    .local_get(to)
                    .local_get(second)
                    .local_get(length);
            }
            Touch::Grow => {
                code.instructions().local_tee(scratch.address);
            }
        }
        self.touched += 1;
    }

    /// Grows the shadow with the memory; what is new lies beyond the heap.
    pub(super) fn after_growing(&self, code: &mut Function, scratch: Scratch) {
        code.instructions()
            .local_tee(scratch.i32)
            .i32_const(-1)
            .i32_ne()
            .if_(BlockType::Empty)
            .local_get(scratch.address)
            .memory_grow(1)
            .drop()
            .local_get(scratch.i32)
            .i32_const(self.page)
            .i32_shl()
            .i32_const(BEYOND.into())
            .local_get(scratch.address)
            .i32_const(self.page)
            .i32_shl()
            .memory_fill(1)
            .end()
            .local_get(scratch.i32);
    }

    /// Whether a function returns with the shadow stack's pointer `rise` above
    /// where it stood.
    pub(super) fn check_return(&self, code: &mut Function, scratch: Scratch, rise: i32) {
        self.check_balance(code, scratch, scratch.pointer, rise, false);
    }

    /// Whether the shadow stack's pointer stands `rise` above what the local
    /// `since` has of it.
    pub(super) fn check_balance(
        &self,
        code: &mut Function,
        scratch: Scratch,
        since: u32,
        rise: i32,
        is_loop: bool,
    ) {
        code.instructions()
            .global_get(self.stack.pointer)
            .local_get(since)
            .i32_sub()
            .local_tee(scratch.address)
            .i32_const(rise)
            .i32_ne()
            .if_(BlockType::Empty)
            .local_get(scratch.address)
            .i32_const(rise)
            .i32_const(is_loop.into())
            .call(self.unbalanced)
            .end();
    }
}
