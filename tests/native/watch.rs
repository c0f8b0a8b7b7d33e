//! A second way to count what the native engine counts: a module runs on
//! wasmtime as it stands, or with counters of the test's own.

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection,
    GlobalType, Instruction, ValType,
};
use wasmparser::{KnownCustom, Name, Operator, Parser, Payload, TypeRef};
use wasmtime::{Caller, Config, Engine, Linker, Module, Store, Val};

/// What a bare run used, and how it ended.
#[derive(Debug)]
pub struct Bare {
    /// What `main` returned, or the trap.
    pub ending: Result<Vec<i64>, wasmtime::Trap>,
    /// The fuel that wasmtime charged.
    pub fuel: u64,
    /// The size of the memory at the end.
    pub memory: u64,
    /// Where the allocator stood at the end.
    pub heap: u64,
    /// The calls of each import.
    pub calls: BTreeMap<String, u64>,
    /// The counters of [`watched`].
    pub counters: BTreeMap<String, i64>,
}

/// The fuel that is given, and never used up.
const GIVEN: u64 = 1 << 40;

#[derive(Default)]
struct Stub {
    calls: BTreeMap<String, u64>,
    cells: BTreeMap<String, Vec<Val>>,
}

/// Runs `main` on wasmtime. Of what the host gives, `State` works; printing and
/// what is said before a trap do nothing.
pub fn bare(wasm: &[u8], arguments: &[i64]) -> Bare {
    let deep = std::thread::Builder::new().stack_size(3 * STACK);
    std::thread::scope(|scope| {
        let run = deep.spawn_scoped(scope, || bare_here(wasm, arguments));
        run.unwrap().join().unwrap()
    })
}

/// More than a program needs that Vera's own stack is enough for.
const STACK: usize = 16 * 1024 * 1024;

fn bare_here(wasm: &[u8], arguments: &[i64]) -> Bare {
    let mut config = Config::new();
    config
        .wasm_exceptions(true)
        .consume_fuel(true)
        .max_wasm_stack(STACK)
        .async_stack_size(2 * STACK);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, wasm).unwrap();
    let mut store = Store::new(&engine, Stub::default());
    store.set_fuel(GIVEN).unwrap();
    let mut linker = Linker::new(&engine);
    for import in module.imports() {
        let ty = import.ty().unwrap_func().clone();
        let name = import.name().to_owned();
        linker
            .func_new(
                import.module(),
                import.name(),
                ty,
                move |caller, given, results| {
                    stub(caller, &name, given, results);
                    Ok(())
                },
            )
            .unwrap();
    }
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let main = instance.get_func(&mut store, "main").unwrap();
    let parameters: Vec<Val> = arguments.iter().map(|it| Val::I64(*it)).collect();
    let mut results = vec![Val::I32(0); main.ty(&store).results().len()];
    let ending = main.call(&mut store, &parameters, &mut results);
    let number = |value: &Val| value.i64().or(value.i32().map(i64::from)).unwrap_or(0);
    let fuel = GIVEN - store.get_fuel().unwrap();
    let exports: Vec<String> = module.exports().map(|it| it.name().to_owned()).collect();
    let mut counters = BTreeMap::new();
    let (mut memory, mut heap) = (0, 0);
    for name in exports {
        match instance.get_export(&mut store, &name).unwrap() {
            wasmtime::Extern::Memory(it) => memory = it.data_size(&store) as u64,
            wasmtime::Extern::Global(it) if name.ends_with("heap_ptr") => {
                heap = number(&it.get(&mut store)).cast_unsigned();
            }
            wasmtime::Extern::Global(it) => {
                counters.insert(name, number(&it.get(&mut store)));
            }
            _ => {}
        }
    }
    Bare {
        ending: ending
            .map(|()| results.iter().map(number).collect())
            .map_err(|why| *why.downcast_ref().expect("a trap")),
        fuel,
        memory,
        heap,
        calls: store.into_data().calls,
        counters,
    }
}

fn stub(mut caller: Caller<'_, Stub>, name: &str, given: &[Val], results: &mut [Val]) {
    let stub = caller.data_mut();
    *stub.calls.entry(name.to_owned()).or_default() += 1;
    let Some((operation, cell)) = name
        .strip_prefix("state_")
        .and_then(|rest| rest.split_once('_'))
    else {
        assert!(results.is_empty(), "there is no stub for {name}");
        return;
    };
    let values = stub.cells.entry(cell.to_owned()).or_default();
    match operation {
        "push" => values.push(Val::I64(0)),
        "pop" => drop(values.pop()),
        "put" => *values.last_mut().unwrap() = given[0],
        "get" => results[0] = *values.last().unwrap(),
        other => panic!("there is no State operation {other}"),
    }
}

/// The exported counters of [`watched`].
pub const ALLOCATIONS: &str = "watch.allocations";
/// What they asked for.
pub const ALLOCATED: &str = "watch.allocated";
/// Calls of the collector.
pub const COLLECTIONS: &str = "watch.collections";
/// The highest value of the shadow-stack pointer.
pub const TOP: &str = "watch.top";
/// Where the shadow stack begins.
pub const BASE: &str = "watch.base";

/// The module with counters: at each call of the allocator and the collector,
/// not inside them, and behind each write of the shadow-stack pointer.
pub fn watched(wasm: &[u8]) -> Vec<u8> {
    let mut watcher = Watcher::of(wasm);
    let mut module = wasm_encoder::Module::new();
    watcher
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .unwrap();
    module.finish()
}

/// The module with a collector that does nothing.
pub fn without_collector(wasm: &[u8]) -> Vec<u8> {
    struct Emptier {
        next: u32,
        collect: u32,
    }
    impl Reencode for Emptier {
        type Error = Infallible;

        fn parse_function_body(
            &mut self,
            section: &mut CodeSection,
            body: wasmparser::FunctionBody<'_>,
        ) -> Rewritten {
            let here = self.next == self.collect;
            self.next += 1;
            if !here {
                return utils::parse_function_body(self, section, body);
            }
            let mut empty = Function::new([]);
            empty.instructions().end();
            section.function(&empty);
            Ok(())
        }
    }
    let watcher = Watcher::of(wasm);
    let mut emptier = Emptier {
        next: watcher.imported,
        collect: watcher.collect,
    };
    let mut module = wasm_encoder::Module::new();
    emptier
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .unwrap();
    module.finish()
}

#[derive(Default)]
struct Watcher {
    imported: u32,
    alloc: u32,
    collect: u32,
    pointer: u32,
    base: u32,
    globals: u32,
}

impl Watcher {
    fn of(wasm: &[u8]) -> Watcher {
        let mut watcher = Watcher::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        assert!(matches!(import.unwrap().ty, TypeRef::Func(_)));
                        watcher.imported += 1;
                    }
                }
                Payload::GlobalSection(section) => watcher.globals = section.count(),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(subsections) = section.as_known() {
                        for subsection in subsections {
                            watcher.read(subsection.unwrap());
                        }
                    }
                }
                _ => {}
            }
        }
        watcher
    }

    fn read(&mut self, subsection: Name<'_>) {
        let (map, places) = match subsection {
            Name::Function(map) => (
                map,
                [
                    ("alloc", &mut self.alloc),
                    ("gc_collect", &mut self.collect),
                ],
            ),
            Name::Global(map) => (
                map,
                [
                    ("gc_sp", &mut self.pointer),
                    ("gc_stack_base", &mut self.base),
                ],
            ),
            _ => return,
        };
        let names: BTreeMap<&str, u32> = map
            .into_iter()
            .map(Result::unwrap)
            .map(|naming| (naming.name, naming.index))
            .collect();
        for (name, place) in places {
            *place = names[name];
        }
    }

    fn add_one(&self, code: &mut Function, counter: u32) {
        code.instructions()
            .global_get(self.globals + counter)
            .i64_const(1)
            .i64_add()
            .global_set(self.globals + counter);
    }

    /// Counts an allocation whose size is on the stack.
    fn allocation(&self, code: &mut Function) {
        self.add_one(code, 0);
        code.instructions()
            .global_set(self.globals + 4)
            .global_get(self.globals + 1)
            .global_get(self.globals + 4)
            .i64_extend_i32_u()
            .i64_add()
            .global_set(self.globals + 1)
            .global_get(self.globals + 4);
    }

    fn push(&self, code: &mut Function) {
        code.instructions()
            .global_get(self.pointer)
            .global_get(self.globals + 3)
            .i32_gt_u()
            .if_(BlockType::Empty)
            .global_get(self.pointer)
            .global_set(self.globals + 3)
            .end();
    }
}

type Rewritten = Result<(), reencode::Error<Infallible>>;

impl Reencode for Watcher {
    type Error = Infallible;

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_global_section(self, globals, section)?;
        let of = |val_type| GlobalType {
            val_type,
            mutable: true,
            shared: false,
        };
        for _ in [ALLOCATIONS, ALLOCATED, COLLECTIONS] {
            globals.global(of(ValType::I64), &ConstExpr::i64_const(0));
        }
        for _ in [TOP, "the size of an allocation"] {
            globals.global(of(ValType::I32), &ConstExpr::i32_const(0));
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_export_section(self, exports, section)?;
        for (place, name) in (0..).zip([ALLOCATIONS, ALLOCATED, COLLECTIONS, TOP]) {
            exports.export(name, ExportKind::Global, self.globals + place);
        }
        exports.export(BASE, ExportKind::Global, self.base);
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
            match operator {
                Operator::Call { function_index } if function_index == self.alloc => {
                    self.allocation(&mut code);
                }
                Operator::Call { function_index } if function_index == self.collect => {
                    self.add_one(&mut code, 2);
                }
                _ => {}
            }
            let pushes = matches!(operator, Operator::GlobalSet { global_index } if global_index == self.pointer);
            let instruction: Instruction<'_> = self.instruction(operator)?;
            code.instruction(&instruction);
            if pushes {
                self.push(&mut code);
            }
        }
        section.function(&code);
        Ok(())
    }
}
