//! Adding the checks to a module.
//!
//! Each load, store and bulk operation in code that is not the allocator's or
//! the collector's is preceded by a look into the shadow, a second memory of the
//! same size. `$alloc` and `$gc_collect` get wrappers, which tell the host what
//! was allocated and when a collection begins and has ended. A function that
//! saves the shadow stack's pointer when it is entered is held to where it must
//! stand when it returns.

use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    ImportSection, MemArg, MemorySection, MemoryType, Module, SectionId, TypeSection, ValType,
};
use wasmparser::Operator;

use super::access::{Access, Kind, Touch, touch};
use super::scope::Scope;
pub use super::scope::{HEAP_GLOBALS, HELD_TO, IS_BASE, WRAP_GLOBALS, WRAP_TABLE, is_runtime};
use super::shadow::BEYOND;
use crate::anatomy::{Anatomy, Unfit};
use crate::instrument::{OURS, PREFIX, shown};
use crate::vera_runtime::{RuntimeFunction, ShadowStack};

/// Exported: the shadow.
pub const SHADOW: &str = "vera-stress.shadow";

/// An access is about to touch what the shadow says it must not: the address,
/// how many bytes, and the number of the access.
pub const BAD: &str = "bad-access";
/// A bulk operation is about to touch a range that is long, or of which the
/// shadow has something against: where it begins, its length, whether it stores,
/// and the number of the access.
pub const RANGE: &str = "range";
/// `$alloc` gave a block: the address, what was asked for, the header, where the
/// heap ends, and where the free list begins.
pub const ALLOCATED: &str = "allocated";
/// `$gc_collect` begins.
pub const COLLECTING: &str = "collecting";
/// `$gc_collect` has ended.
pub const COLLECTED: &str = "collected";
/// The shadow stack's pointer is at a wrong place: how far above where it was
/// when the function was entered, or the loop, how far it should be, and whether
/// it is a loop that begins another round; else the function returns.
pub const UNBALANCED: &str = "unbalanced";

/// What the function is exported as by which the collector knows where blocks
/// begin. Without it the collector may take any word for a pointer.
pub fn shown_is_base() -> String {
    format!("{PREFIX}{}", RuntimeFunction::IsBase.name())
}

/// The imports, in order, each with its parameters; none has a result. Their
/// module is [`OURS`].
const IMPORTS: [(&str, &[ValType]); 6] = [
    (BAD, &[ValType::I32; 3]),
    (RANGE, &[ValType::I32; 4]),
    (ALLOCATED, &[ValType::I32; 5]),
    (COLLECTING, &[]),
    (COLLECTED, &[]),
    (UNBALANCED, &[ValType::I32; 3]),
];

/// A module with checks.
#[derive(Debug)]
pub struct Sanitized {
    /// The module.
    pub wasm: Vec<u8>,
    /// Each place that is checked: the imports name it by its number.
    pub accesses: Vec<Access>,
}

/// Adds checks to a module. One that has no allocator has no heap to check, and
/// is `None`.
pub fn sanitize(module: &[u8]) -> Result<Option<Sanitized>, Unfit> {
    let anatomy = Anatomy::of(module)?;
    if !anatomy.has_allocator() {
        return Ok(None);
    }
    let scope = Scope::of(&anatomy)?;
    let mut rewriter = Rewriter {
        results: several_results(&anatomy),
        anatomy: &anatomy,
        scope,
        accesses: Vec::new(),
        touched: 0,
        inner: Vec::new(),
        next_body: anatomy.imported(),
        imported: false,
    };
    let mut rewritten = Module::new();
    rewriter
        .parse_core_module(&mut rewritten, wasmparser::Parser::new(0), module)
        .map_err(|why: reencode::Error<Infallible>| Unfit::Invalid(why.to_string()))?;
    Ok(Some(Sanitized {
        wasm: rewritten.finish(),
        accesses: rewriter.accesses,
    }))
}

/// The longest range that [`is_clean_body`] looks at: beyond that a call of the
/// host costs less.
const SHORT: i32 = 256;

/// Whether a range is known to be clean: where it begins, its length, and four
/// times what it must not have.
fn is_clean_body() -> Function {
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

fn memarg(memory_index: u32, offset: u64) -> MemArg {
    MemArg {
        offset,
        align: 0,
        memory_index,
    }
}

fn operators<'a>(
    body: &wasmparser::FunctionBody<'a>,
) -> Result<Vec<Operator<'a>>, wasmparser::BinaryReaderError> {
    body.get_operators_reader()?.into_iter().collect()
}

/// The lists of several results that functions have, each once.
fn several_results(anatomy: &Anatomy) -> Vec<Vec<wasmparser::ValType>> {
    let mut lists: Vec<Vec<wasmparser::ValType>> = Vec::new();
    for function in 0..anatomy.functions {
        if let Some(ty) = anatomy.function_type(function)
            && ty.results().len() > 1
            && !lists.iter().any(|list| list == ty.results())
        {
            lists.push(ty.results().to_vec());
        }
    }
    lists
}

struct Rewriter<'a> {
    anatomy: &'a Anatomy,
    scope: Scope,
    results: Vec<Vec<wasmparser::ValType>>,
    accesses: Vec<Access>,
    /// How many instructions of the function under way touched memory so far.
    touched: u32,
    /// The bodies that the wrappers stand before: `$alloc`, `$gc_collect`.
    inner: Vec<(u32, Function)>,
    /// The function, in the indices of the module as it came, whose body is next.
    next_body: u32,
    imported: bool,
}

type Rewritten<T = ()> = Result<T, reencode::Error<Infallible>>;

/// The locals that the checks of a function use: behind its own.
#[derive(Clone, Copy)]
struct Scratch {
    address: u32,
    pointer: u32,
    second: u32,
    i32: u32,
    i64: u32,
    f32: u32,
    f64: u32,
    v128: u32,
}

impl Scratch {
    const TYPES: [ValType; 8] = [
        ValType::I32,
        ValType::I32,
        ValType::I32,
        ValType::I32,
        ValType::I64,
        ValType::F32,
        ValType::F64,
        ValType::V128,
    ];

    fn behind(locals: u32) -> Scratch {
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

impl Rewriter<'_> {
    fn moved(&self, function: u32) -> u32 {
        let added = u32::try_from(IMPORTS.len()).expect("there are a handful");
        let behind = function >= self.anatomy.imported();
        function + if behind { added } else { 0 }
    }

    /// The index of an import of ours.
    fn import(&self, name: &str) -> u32 {
        let place = IMPORTS.iter().position(|(import, _)| *import == name);
        let place = place.expect("only names of that list are asked for");
        self.anatomy.imported() + u32::try_from(place).expect("there are a handful")
    }

    fn type_of_import(&self, place: u32) -> u32 {
        self.anatomy.types + place
    }

    fn type_of_alloc(&self) -> u32 {
        self.anatomy.types + u32::try_from(IMPORTS.len()).expect("there are a handful")
    }

    fn type_of_collect(&self) -> u32 {
        self.type_of_alloc() + 1
    }

    fn type_of_is_clean(&self) -> u32 {
        self.type_of_collect() + 1
    }

    fn inner_alloc(&self) -> u32 {
        self.moved(self.anatomy.functions)
    }

    fn inner_collect(&self) -> u32 {
        self.inner_alloc() + 1
    }

    fn is_clean(&self) -> u32 {
        self.inner_collect() + 1
    }

    /// The type of a block that gives what a function does.
    fn block(&self, results: &[wasmparser::ValType]) -> Rewritten<BlockType> {
        Ok(match results {
            [] => BlockType::Empty,
            [one] => BlockType::Result(ValType::try_from(*one).expect("Vera has no such type")),
            several => {
                let place = self.results.iter().position(|list| list == several);
                let place = place.expect("the list has every function's");
                let place = u32::try_from(place).expect("a validated module has few types");
                BlockType::FunctionType(self.type_of_is_clean() + 1 + place)
            }
        })
    }

    fn wrappers(&self) -> (Function, Function) {
        let (size, at, header) = (0, 1, 2);
        let mut alloc = Function::new([(2, ValType::I32)]);
        alloc
            .instructions()
            .local_get(size)
            .call(self.inner_alloc())
            .local_tee(at)
            .local_get(size)
            // The header, where there can be one: what a broken allocator gives
            // may be no address.
            .local_get(at)
            .i32_const(4)
            .i32_sub()
            .local_tee(header)
            .memory_size(0)
            .i32_const(16)
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
            .global_get(self.scope.heap_end)
            .global_get(self.scope.free_head)
            .call(self.import(ALLOCATED))
            .local_get(at)
            .end();
        let mut collect = Function::new([]);
        collect
            .instructions()
            .call(self.import(COLLECTING))
            .call(self.inner_collect())
            .call(self.import(COLLECTED))
            .end();
        (alloc, collect)
    }

    fn access(&mut self, function: u32, kind: Kind, width: Option<u32>, offset: u64) -> i32 {
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
        let bit = kind.bit();
        let memarg = |more: u64| memarg(1, offset.saturating_add(more));
        // Memories have 32 bits: as a signed number it is the same sum.
        let bytes = width.map_or(0, u32::cast_signed);
        let low = u32::try_from(offset).unwrap_or(u32::MAX).cast_signed();
        let four = i32::from_le_bytes([bit; 4]);
        let eight = i64::from_le_bytes([bit; 8]);
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
            .call(self.import(BAD))
            .end();
    }

    /// A push is at the shadow stack's pointer, which must be within the stack.
    fn check_push(&self, code: &mut Function, scratch: Scratch, access: i32) {
        let ShadowStack { base, limit, .. } = self.scope.stack;
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
            .call(self.import(BAD))
            .end();
    }

    /// What stands before an instruction that touches memory: the check, with
    /// the operands put aside and back.
    fn before(
        &mut self,
        code: &mut Function,
        function: u32,
        scratch: Scratch,
        touch: &Touch,
        is_push: bool,
    ) {
        match *touch {
            Touch::Load { width, offset } => {
                let access = self.access(function, Kind::Load, Some(width), offset);
                code.instructions().local_tee(scratch.address);
                self.check(code, scratch, access);
            }
            Touch::LoadLane { width, offset } => {
                let access = self.access(function, Kind::Load, Some(width), offset);
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
                let access = self.access(function, Kind::Store, Some(width), offset);
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
                let ranges = [(Kind::Load, second), (Kind::Store, to)];
                for (kind, start) in ranges.into_iter().skip(usize::from(!copies)) {
                    let access = self.access(function, kind, None, 0);
                    code.instructions()
                        .local_get(start)
                        .local_get(length)
                        .i32_const(i32::from_le_bytes([kind.bit(); 4]))
                        .call(self.is_clean())
                        .i32_eqz()
                        .if_(BlockType::Empty)
                        .local_get(start)
                        .local_get(length)
                        .i32_const(i32::from(kind == Kind::Store))
                        .i32_const(access)
                        .call(self.import(RANGE))
                        .end();
                }
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
    fn after_growing(&self, code: &mut Function, scratch: Scratch) {
        code.instructions()
            .local_tee(scratch.i32)
            .i32_const(-1)
            .i32_ne()
            .if_(BlockType::Empty)
            .local_get(scratch.address)
            .memory_grow(1)
            .drop()
            .local_get(scratch.i32)
            .i32_const(16)
            .i32_shl()
            .i32_const(BEYOND.into())
            .local_get(scratch.address)
            .i32_const(16)
            .i32_shl()
            .memory_fill(1)
            .end()
            .local_get(scratch.i32);
    }

    /// Whether a function returns with the shadow stack's pointer `rise` above
    /// where it stood.
    fn check_return(&self, code: &mut Function, scratch: Scratch, rise: i32) {
        self.check_balance(code, scratch, scratch.pointer, rise, false);
    }

    /// Whether the shadow stack's pointer stands `rise` above what the local
    /// `since` has of it.
    fn check_balance(
        &self,
        code: &mut Function,
        scratch: Scratch,
        since: u32,
        rise: i32,
        is_loop: bool,
    ) {
        code.instructions()
            .global_get(self.scope.stack.pointer)
            .local_get(since)
            .i32_sub()
            .local_tee(scratch.address)
            .i32_const(rise)
            .i32_ne()
            .if_(BlockType::Empty)
            .local_get(scratch.address)
            .i32_const(rise)
            .i32_const(is_loop.into())
            .call(self.import(UNBALANCED))
            .end();
    }

    fn checked_body(
        &mut self,
        function: u32,
        body: &wasmparser::FunctionBody<'_>,
    ) -> Rewritten<Function> {
        let operators = operators(body)?;
        self.touched = 0;
        let ty = self.anatomy.function_type(function);
        let ty = ty.expect("a function that has a body has a type").clone();
        let mut locals: Vec<(u32, ValType)> = Vec::new();
        let mut count = u32::try_from(ty.params().len()).expect("a validated function has few");
        for group in body.get_locals_reader()? {
            let (times, ty) = group?;
            count += times;
            locals.push((times, self.val_type(ty)?));
        }
        let scratch = Scratch::behind(count);
        locals.extend(Scratch::TYPES.map(|ty| (1, ty)));
        // Behind these, for each loop where the pointer stood when it was entered.
        let mut loops = scratch.v128 + 1..;
        let is_loop = |it: &&Operator<'_>| matches!(it, Operator::Loop { .. });
        let count = operators.iter().filter(is_loop).count();
        let count = u32::try_from(count).expect("a validated function has few");
        locals.push((count, ValType::I32));
        let mut code = Function::new(locals);
        let rise = self.scope.stack.rise(&operators, ty.results());
        if rise.is_some() {
            code.instructions()
                .global_get(self.scope.stack.pointer)
                .local_set(scratch.pointer);
        }
        // A branch to the function's own label must come by the check as well.
        code.instructions().block(self.block(ty.results())?);
        for (at, operator) in operators.iter().enumerate() {
            let touch = touch(operator);
            let last = at + 1 == operators.len();
            match (operator, rise) {
                (Operator::Return, Some(rise)) => self.check_return(&mut code, scratch, rise),
                (
                    Operator::ReturnCall { .. }
                    | Operator::ReturnCallIndirect { .. }
                    | Operator::ReturnCallRef { .. },
                    Some(_),
                ) => {
                    self.check_return(&mut code, scratch, 0);
                }
                (_, Some(rise)) if last => {
                    code.instructions().end();
                    self.check_return(&mut code, scratch, rise);
                }
                (_, None) if last => {
                    code.instructions().end();
                }
                _ => {}
            }
            if let Some(touch) = &touch {
                let is_push = self.scope.stack.is_push(&operators, at);
                self.before(&mut code, function, scratch, touch, is_push);
            }
            let since = is_loop(&operator).then(|| loops.next().expect("there is no end"));
            if let Some(since) = since {
                code.instructions()
                    .global_get(self.scope.stack.pointer)
                    .local_set(since);
            }
            code.instruction(&self.instruction(operator.clone())?);
            if let Some(since) = since {
                self.check_balance(&mut code, scratch, since, 0, true);
            }
            if matches!(touch, Some(Touch::Grow)) {
                self.after_growing(&mut code, scratch);
            }
        }
        Ok(code)
    }

    /// A body that is not checked; only the shadow grows with the memory.
    fn exempt_body(&mut self, body: &wasmparser::FunctionBody<'_>) -> Rewritten<Function> {
        let operators = operators(body)?;
        let mut locals: Vec<(u32, ValType)> = Vec::new();
        let mut count = 0;
        for group in body.get_locals_reader()? {
            let (times, ty) = group?;
            count += times;
            locals.push((times, self.val_type(ty)?));
        }
        let function = self.next_body - 1;
        let ty = self.anatomy.function_type(function);
        let parameters = ty.map_or(0, |ty| ty.params().len());
        count += u32::try_from(parameters).expect("a validated function has few");
        locals.push((4, ValType::I32));
        let scratch = Scratch::behind(count);
        let mut code = Function::new(locals);
        for operator in operators {
            let grows = matches!(operator, Operator::MemoryGrow { .. });
            if grows {
                code.instructions().local_tee(scratch.address);
            }
            code.instruction(&self.instruction(operator)?);
            if grows {
                self.after_growing(&mut code, scratch);
            }
        }
        Ok(code)
    }
}

impl Reencode for Rewriter<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Rewritten<u32> {
        Ok(self.moved(function))
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_type_section(self, types, section)?;
        for (_, parameters) in IMPORTS {
            types.ty().function(parameters.iter().copied(), []);
        }
        types.ty().function([ValType::I32], [ValType::I32]);
        types.ty().function([], []);
        types.ty().function([ValType::I32; 3], [ValType::I32]);
        for list in self.results.clone() {
            let results: Rewritten<Vec<ValType>> =
                list.into_iter().map(|ty| self.val_type(ty)).collect();
            types.ty().function([], results?);
        }
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_import_section(self, imports, section)?;
        self.import_ours(imports);
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Rewritten {
        // A program without imports has no section for ours.
        if !self.imported && !matches!(before, Some(SectionId::Type | SectionId::Import)) {
            let mut imports = ImportSection::new();
            self.import_ours(&mut imports);
            module.section(&imports);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.type_of_alloc());
        functions.function(self.type_of_collect());
        functions.function(self.type_of_is_clean());
        Ok(())
    }

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: wasmparser::MemorySectionReader<'_>,
    ) -> Rewritten {
        for memory in section {
            let memory = memory?;
            let ty = self.memory_type(memory)?;
            memories.memory(ty);
            memories.memory(MemoryType {
                maximum: None,
                ..ty
            });
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_export_section(self, exports, section)?;
        exports.export(SHADOW, ExportKind::Memory, 1);
        for (global, index) in &self.scope.shown {
            exports.export(&shown(*global), ExportKind::Global, *index);
        }
        if let Some(is_base) = self.scope.runtime.function(RuntimeFunction::IsBase) {
            exports.export(&shown_is_base(), ExportKind::Func, self.moved(is_base));
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        section: &mut CodeSection,
        bodies: wasmparser::CodeSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_code_section(self, section, bodies)?;
        self.inner
            .sort_by_key(|(function, _)| *function != self.scope.runtime.alloc);
        for (_, body) in &self.inner {
            section.function(body);
        }
        section.function(&is_clean_body());
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        section: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Rewritten {
        let function = self.next_body;
        self.next_body += 1;
        if !self.scope.exempt.contains(&function) {
            section.function(&self.checked_body(function, &body)?);
            return Ok(());
        }
        let own = self.exempt_body(&body)?;
        let (alloc, collect) = self.wrappers();
        if function == self.scope.runtime.alloc {
            section.function(&alloc);
            self.inner.push((function, own));
        } else if function == self.scope.runtime.collect {
            section.function(&collect);
            self.inner.push((function, own));
        } else {
            section.function(&own);
        }
        Ok(())
    }
}

impl Rewriter<'_> {
    fn import_ours(&mut self, imports: &mut ImportSection) {
        for (place, (name, _)) in (0..).zip(IMPORTS) {
            imports.import(OURS, name, EntityType::Function(self.type_of_import(place)));
        }
        self.imported = true;
    }
}
