//! A module whose allocator and collector are called from here, without its program.

use wasmtime::{Engine, Global, Instance, Linker, Memory, Module, Store, TypedFunc, Val};

use super::machine::counting_engine;
use crate::case::Problem;
use crate::driven::{driven, exported};
use crate::vera_runtime::{RuntimeFunction, RuntimeGlobal};

/// How many instructions one call may take: what takes more does not end.
const FUEL: u64 = 400_000_000;

/// A module that is ready to be driven, as often as wanted.
pub struct Drivable {
    engine: Engine,
    module: Module,
}

/// One instance of it.
pub struct Driven {
    store: Store<()>,
    memory: Memory,
    alloc: TypedFunc<u32, u32>,
    collect: TypedFunc<(), ()>,
    globals: Vec<Option<Global>>,
}

fn unfit(why: impl ToString) -> Problem {
    Problem::new(format!("the module cannot be driven: {}", why.to_string()))
}

impl Drivable {
    /// Of the module of any program that allocates.
    pub fn of(wasm: &[u8]) -> Result<Drivable, Problem> {
        let wasm = driven(wasm).map_err(unfit)?;
        let engine = counting_engine();
        let module = Module::new(&engine, wasm).map_err(|why| unfit(format!("{why:#}")))?;
        Ok(Drivable { engine, module })
    }

    /// An instance with an empty heap.
    pub fn start(&self) -> Result<Driven, Problem> {
        let mut store = Store::new(&self.engine, ());
        store.set_epoch_deadline(u64::MAX / 2);
        store.set_fuel(FUEL).map_err(unfit)?;
        let mut linker: Linker<()> = Linker::new(&self.engine);
        // The program is not run.
        linker
            .define_unknown_imports_as_traps(&self.module)
            .map_err(unfit)?;
        let instance = linker
            .instantiate(&mut store, &self.module)
            .map_err(unfit)?;
        let memory = memory_of(&instance, &mut store).ok_or_else(|| unfit("it has no memory"))?;
        let name = |it: RuntimeFunction| exported(it.name());
        let alloc = instance.get_typed_func(&mut store, &name(RuntimeFunction::Alloc));
        let collect = instance.get_typed_func(&mut store, &name(RuntimeFunction::Collect));
        let global = |it: RuntimeGlobal| instance.get_global(&mut store, &exported(it.name()));
        let globals = RuntimeGlobal::ALL.map(global).to_vec();
        Ok(Driven {
            memory,
            alloc: alloc.map_err(unfit)?,
            collect: collect.map_err(unfit)?,
            globals,
            store,
        })
    }
}

fn memory_of(instance: &Instance, store: &mut Store<()>) -> Option<Memory> {
    instance.exports(store).find_map(|it| it.into_memory())
}

impl Driven {
    /// A block of so many bytes; the error says how that ended.
    pub fn alloc(&mut self, size: u32) -> Result<u32, String> {
        let _ = self.store.set_fuel(FUEL);
        let done = self.alloc.call(&mut self.store, size);
        done.map_err(|why| why.root_cause().to_string())
    }

    /// Collects.
    pub fn collect(&mut self) -> Result<(), String> {
        let _ = self.store.set_fuel(FUEL);
        let done = self.collect.call(&mut self.store, ());
        done.map_err(|why| why.root_cause().to_string())
    }

    /// All of the memory.
    pub fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// The same, to write to it.
    pub fn memory_mut(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store)
    }

    /// What a global holds, where the module has it.
    pub fn global(&mut self, global: RuntimeGlobal) -> Option<u32> {
        let value = self.globals[global as usize]?.get(&mut self.store);
        value.i32().map(i32::cast_unsigned)
    }

    /// Moves the shadow stack's pointer.
    pub fn set_shadow_pointer(&mut self, to: u32) {
        if let Some(global) = self.globals[RuntimeGlobal::ShadowPointer as usize] {
            let _ = global.set(&mut self.store, Val::I32(to.cast_signed()));
        }
    }
}
