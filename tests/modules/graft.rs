//! A small runtime with the names of Vera's, grafted on any module that has one
//! memory: an allocator, a collector and a shadow stack, and before each
//! function one that uses them as Vera's code does.

use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, ImportSection, Instruction, MemArg, MemorySection, MemoryType,
    Module, NameMap, NameSection, SectionId, TypeSection, ValType,
};
use wasmparser::{CompositeInnerType, ExternalKind, FuncType, Operator, Parser, Payload, TypeRef};

/// Exported: the memory.
pub const MEMORY: &str = "test.memory";
/// Exported: the fuel of wasm-smith's, where the module has it.
pub const FUEL: &str = "test.fuel";
/// Exported counters of what the module does: loads and stores, those of SIMD
/// that take one lane or widen, and ranges of bulk operations.
pub const COUNTERS: [&str; 3] = ["test.plain", "test.lanes", "test.ranges"];

/// What the runtime's globals start with, in the order of their names.
const HEAP: i32 = 16 << 10;
/// Where the shadow stack begins.
pub const STACK: i32 = 1 << 10;
const GLOBALS: [&str; 6] = [
    "heap_ptr",
    "gc_heap_start",
    "gc_free_head",
    "gc_sp",
    "gc_stack_base",
    "gc_stack_limit",
];

/// The most pages that a memory grows to.
pub const PAGES: u64 = 16;

/// A module with the runtime.
#[derive(Clone, Debug)]
pub struct Grafted {
    /// The module.
    pub wasm: Vec<u8>,
    /// How many functions the module had of its own: they come first.
    pub own: usize,
    /// Where its arguments come from.
    pub seed: u64,
    /// The functions that it exports.
    pub functions: Vec<String>,
    /// The globals that it exports.
    pub globals: Vec<String>,
    /// Whether a function of it is called as it is instantiated.
    pub starts: bool,
}

/// Grafts the runtime on a valid module with one memory and an export. `fuel` is
/// the index of a global that is to be exported; by `seed` the functions differ
/// in how they use the runtime.
pub fn graft(module: &[u8], fuel: Option<u32>, seed: u64) -> Grafted {
    let mut graft = Graft::of(module, fuel, seed);
    let mut grafted = Module::new();
    graft
        .parse_core_module(&mut grafted, Parser::new(0), module)
        .unwrap_or_else(|why: reencode::Error<Infallible>| panic!("seed {seed}: {why}"));
    let names = COUNTERS.iter().chain(&GLOBALS).map(|name| exported(name));
    graft.globals.extend(names);
    Grafted {
        wasm: grafted.finish(),
        own: graft.own().len(),
        seed,
        functions: graft.functions,
        globals: graft.globals,
        starts: graft.starts,
    }
}

/// What a global of the runtime is exported as.
fn exported(name: &str) -> String {
    if name.starts_with("test.") {
        name.to_owned()
    } else {
        format!("test.{name}")
    }
}

/// How an instruction touches memory, as [`COUNTERS`] has it, and how often.
pub fn touches(operator: &Operator<'_>) -> Option<(usize, i64)> {
    match operator {
        Operator::MemoryCopy { .. } => return Some((2, 2)),
        Operator::MemoryFill { .. } | Operator::MemoryInit { .. } => return Some((2, 1)),
        _ => {}
    }
    let text = format!("{operator:?}");
    let (name, operands) = text.split_once(' ')?;
    if !operands.contains("memarg: ") {
        return None;
    }
    Some((usize::from(!is_whole(name)), 1))
}

/// Whether an access is none of the SIMD forms that take one lane or widen.
pub fn is_whole(name: &str) -> bool {
    let simd = name.to_ascii_lowercase().starts_with("v128");
    !simd || ["V128Load", "V128Store", "v128.load", "v128.store"].contains(&name)
}

#[derive(Default)]
struct Graft {
    seed: u64,
    fuel: Option<u32>,
    types: u32,
    /// The type of each function: by index, and what it is.
    signatures: Vec<(u32, FuncType)>,
    imported: u32,
    first_global: u32,
    functions: Vec<String>,
    globals: Vec<String>,
    starts: bool,
    wrote_memory: bool,
}

type Rewritten<T = ()> = Result<T, reencode::Error<Infallible>>;

impl Graft {
    fn of(module: &[u8], fuel: Option<u32>, seed: u64) -> Graft {
        let mut types = Vec::new();
        let mut graft = Graft {
            seed,
            fuel,
            ..Graft::default()
        };
        let signature = |types: &[Option<FuncType>], index: u32| {
            let ty = types[index as usize].clone();
            (index, ty.expect("a function's type is one"))
        };
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::TypeSection(section) => {
                    for sub in section.into_iter().flat_map(|it| it.unwrap().into_types()) {
                        types.push(match sub.composite_type.inner {
                            CompositeInnerType::Func(ty) => Some(ty),
                            _ => None,
                        });
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        match import.unwrap().ty {
                            TypeRef::Func(ty) => {
                                graft.signatures.push(signature(&types, ty));
                                graft.imported += 1;
                            }
                            TypeRef::Global(_) => graft.first_global += 1,
                            _ => {}
                        }
                    }
                }
                Payload::FunctionSection(section) => {
                    let all = section.into_iter().map(|ty| signature(&types, ty.unwrap()));
                    graft.signatures.extend(all);
                }
                Payload::GlobalSection(section) => graft.first_global += section.count(),
                Payload::StartSection { .. } => graft.starts = true,
                _ => {}
            }
        }
        graft.types = types.len() as u32;
        graft
    }

    fn own(&self) -> &[(u32, FuncType)] {
        &self.signatures[self.imported as usize..]
    }

    fn alloc(&self) -> u32 {
        self.signatures.len() as u32
    }

    fn collect(&self) -> u32 {
        self.alloc() + 1
    }

    /// The function that is called in place of `function`.
    fn before(&self, function: u32) -> u32 {
        match function.checked_sub(self.imported) {
            Some(own) => self.collect() + 1 + own,
            None => function,
        }
    }

    /// What decides the wrapper of a function.
    fn variety(&self, function: u32) -> u64 {
        self.seed ^ u64::from(function).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    /// Whether a function's wrapper leaves the root of its result behind.
    fn returns_root(&self, function: u32, ty: &FuncType) -> bool {
        self.variety(function) >> 5 & 1 == 1 && ty.results() == [wasmparser::ValType::I32]
    }

    /// What a call of a function becomes: its wrapper, but for one that leaves a
    /// root, which the caller would have to take away.
    fn called(&self, function: u32) -> u32 {
        let (_, ty) = &self.signatures[function as usize];
        match function >= self.imported && self.returns_root(function, ty) {
            true => function,
            false => self.before(function),
        }
    }

    /// A global of the runtime, by its place.
    fn global(&self, place: usize) -> u32 {
        self.first_global + place as u32
    }

    fn named(&self, name: &str) -> u32 {
        let place = GLOBALS.iter().position(|it| *it == name).unwrap();
        self.global(place)
    }

    fn counter(&self, which: usize) -> u32 {
        self.global(GLOBALS.len() + which)
    }

    /// Counts an access, whatever stands on the stack.
    fn count(&self, code: &mut Function, which: usize, more: i64) {
        code.instructions()
            .global_get(self.counter(which))
            .i64_const(more)
            .i64_add()
            .global_set(self.counter(which));
    }

    /// `$alloc`: the next place, in new pages where there are some, else the
    /// first again.
    fn alloc_body(&self) -> Function {
        let (heap, start) = (self.named("heap_ptr"), self.named("gc_heap_start"));
        let mut code = Function::new([(2, ValType::I32)]);
        code.instructions()
            .local_get(0)
            .i32_const(11)
            .i32_add()
            .i32_const(-8)
            .i32_and()
            .local_set(2)
            .global_get(heap)
            .local_tee(1)
            .local_get(2)
            .i32_add()
            .memory_size(0)
            .i32_const(16)
            .i32_shl()
            .i32_gt_u()
            .if_(BlockType::Empty)
            .i32_const(1)
            .memory_grow(0)
            .i32_const(-1)
            .i32_eq()
            .if_(BlockType::Empty)
            .global_get(start)
            .local_set(1)
            .end()
            .end()
            .local_get(1)
            .local_get(0)
            .i32_const(1)
            .i32_shl()
            .i32_store(word())
            .local_get(1)
            .local_get(2)
            .i32_add()
            .global_set(heap)
            .local_get(1)
            .i32_const(4)
            .i32_add()
            .end();
        code
    }

    /// `$gc_collect`: all is free, and that it ran is seen in memory.
    fn collect_body(&self) -> Function {
        let mut code = Function::new([]);
        code.instructions()
            .global_get(self.named("gc_heap_start"))
            .global_set(self.named("heap_ptr"))
            .global_get(self.named("gc_free_head"))
            .i32_const(1)
            .i32_add()
            .global_set(self.named("gc_free_head"))
            .i32_const(512)
            .global_get(self.named("gc_free_head"))
            .i32_store(word())
            .end();
        code
    }

    /// A push as Vera has it, of the value in `local`.
    fn push(&self, code: &mut Function, local: u32) {
        let (pointer, limit) = (self.named("gc_sp"), self.named("gc_stack_limit"));
        code.instructions()
            .global_get(pointer)
            .i32_const(4)
            .i32_add()
            .global_get(limit)
            .i32_gt_u()
            .if_(BlockType::Empty)
            .unreachable()
            .end()
            .global_get(pointer)
            .local_get(local)
            .i32_store(word())
            .global_get(pointer)
            .i32_const(4)
            .i32_add()
            .global_set(pointer);
    }

    /// The function before `function`: it allocates, roots, touches and at times
    /// collects, and then does what `function` does.
    fn before_body(&self, function: u32, ty: &FuncType) -> Function {
        let variety = self.variety(function);
        let has = |bit: u32| variety >> bit & 1 == 1;
        let parameters = ty.params().len() as u32;
        let (saved, block) = (parameters, parameters + 1);
        let pointer = self.named("gc_sp");
        let mut code = Function::new([(2, ValType::I32)]);
        code.instructions().global_get(pointer).local_set(saved);
        if has(0) || has(1) {
            let size = if has(2) { 12_000 } else { 24 };
            code.instructions()
                .i32_const(size)
                .call(self.alloc())
                .local_set(block);
            self.push(&mut code, block);
            code.instructions().local_get(block).i32_const(7);
            self.count(&mut code, 0, 1);
            code.instructions().i32_store(word()).local_get(block);
            self.count(&mut code, 0, 1);
            code.instructions().i32_load(word()).drop();
        }
        if has(0) && has(6) {
            code.instructions()
                .local_get(block)
                .i32_const(4)
                .i32_add()
                .local_get(block)
                .i32_const(8);
            self.count(&mut code, 2, 2);
            code.instructions()
                .memory_copy(0, 0)
                .local_get(block)
                .i32_const(3)
                .i32_const(8);
            self.count(&mut code, 2, 1);
            code.instructions().memory_fill(0);
        }
        if has(3) && has(4) {
            code.instructions().call(self.collect());
        }
        for parameter in 0..parameters {
            code.instructions().local_get(parameter);
        }
        code.instructions().call(function);
        let returns_root = self.returns_root(function, ty);
        if returns_root {
            code.instructions().local_set(block);
        }
        code.instructions().local_get(saved).global_set(pointer);
        if returns_root {
            self.push(&mut code, block);
            code.instructions().local_get(block);
        }
        code.instructions().end();
        code
    }

    fn write_memory(&mut self, memories: &mut MemorySection, ty: MemoryType) {
        let minimum = ty.minimum.clamp(1, PAGES);
        let maximum = ty.maximum.unwrap_or(PAGES).clamp(minimum, PAGES);
        memories.memory(MemoryType {
            minimum,
            maximum: Some(maximum),
            ..ty
        });
        self.wrote_memory = true;
    }
}

fn word() -> MemArg {
    MemArg {
        offset: 0,
        align: 2,
        memory_index: 0,
    }
}

impl Reencode for Graft {
    type Error = Infallible;

    fn parse_custom_section(
        &mut self,
        _module: &mut Module,
        _section: wasmparser::CustomSectionReader<'_>,
    ) -> Rewritten {
        Ok(())
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::I32], [ValType::I32]);
        types.ty().function([], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Rewritten {
        for import in section.into_imports() {
            let import = import?;
            // The memory is to be the module's own.
            if !matches!(import.ty, TypeRef::Memory(_)) {
                self.parse_import(imports, import)?;
            }
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.types);
        functions.function(self.types + 1);
        for (ty, _) in self.own() {
            functions.function(*ty);
        }
        Ok(())
    }

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: wasmparser::MemorySectionReader<'_>,
    ) -> Rewritten {
        for memory in section {
            let ty = self.memory_type(memory?)?;
            self.write_memory(memories, ty);
        }
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_global_section(self, globals, section)?;
        self.write_globals(globals);
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Rewritten {
        for export in section {
            let export = export?;
            let name = export.name.to_owned();
            match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => {
                    exports.export(&name, ExportKind::Func, self.before(export.index));
                    self.functions.push(name);
                    continue;
                }
                ExternalKind::Global => self.globals.push(name),
                _ => {}
            }
            self.parse_export(exports, export)?;
        }
        exports.export("vera.alloc", ExportKind::Func, self.alloc());
        exports.export(MEMORY, ExportKind::Memory, 0);
        if let Some(fuel) = self.fuel {
            exports.export(FUEL, ExportKind::Global, fuel);
        }
        for (place, name) in GLOBALS.iter().chain(&COUNTERS).enumerate() {
            exports.export(&exported(name), ExportKind::Global, self.global(place));
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        section: &mut CodeSection,
        bodies: wasmparser::CodeSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_code_section(self, section, bodies)?;
        section.function(&self.alloc_body());
        section.function(&self.collect_body());
        for (function, (_, ty)) in (self.imported..).zip(self.own()) {
            section.function(&self.before_body(function, ty));
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        section: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Rewritten {
        let mut code = self.new_function_with_parsed_locals(&body)?;
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            if let Some((which, times)) = touches(&operator) {
                self.count(&mut code, which, times);
            }
            code.instruction(&match operator {
                Operator::Call { function_index } => Instruction::Call(self.called(function_index)),
                Operator::ReturnCall { function_index } => {
                    Instruction::ReturnCall(self.called(function_index))
                }
                other => self.instruction(other)?,
            });
        }
        section.function(&code);
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Rewritten {
        use SectionId as S;
        let early = [S::Type, S::Import, S::Function, S::Table, S::Memory];
        if !self.wrote_memory && !before.is_some_and(|it| early.contains(&it)) {
            let mut memories = MemorySection::new();
            let ty = MemoryType {
                minimum: 1,
                maximum: None,
                memory64: false,
                shared: false,
                page_size_log2: None,
            };
            self.write_memory(&mut memories, ty);
            module.section(&memories);
        }
        if before.is_none() {
            let mut functions = NameMap::new();
            functions.append(self.alloc(), "alloc");
            functions.append(self.collect(), "gc_collect");
            let mut globals = NameMap::new();
            for (place, name) in GLOBALS.iter().enumerate() {
                globals.append(self.global(place), name);
            }
            let mut names = NameSection::new();
            names.functions(&functions);
            names.globals(&globals);
            module.section(&names);
        }
        Ok(())
    }
}

impl Graft {
    fn write_globals(&self, globals: &mut GlobalSection) {
        let of = |val_type| GlobalType {
            val_type,
            mutable: true,
            shared: false,
        };
        // A stack that holds a few roots in one module of four.
        let roots = if self.seed % 4 == 3 { 3 } else { 1000 };
        for start in [HEAP, HEAP, 0, STACK, STACK, STACK + 4 * roots] {
            globals.global(of(ValType::I32), &ConstExpr::i32_const(start));
        }
        for _ in COUNTERS {
            globals.global(of(ValType::I64), &ConstExpr::i64_const(0));
        }
    }
}
