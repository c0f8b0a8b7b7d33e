//! Starting a program: from its imports to the call of `main`.

use wasmtime::{Instance, Module, Store, Val, ValType};

use super::super::guest::exports::{Guest, read_u32};
use super::super::link;
use super::super::request::NativeRequest;
use super::super::sanitizer::Sanitizer;
use super::super::sanitizer::books::Watch;
use super::super::state::Host;
use super::ending::RunEnd;
use crate::instrument::{COUNTDOWN, STEPS};

/// What a program is given before it starts.
pub struct Setup<'a> {
    /// What is to be run.
    pub request: &'a NativeRequest,
    /// At which allocation the host is first asked, where there is a schedule.
    pub first_ask: Option<u64>,
    /// How many steps it has, where they are counted.
    pub steps: Option<u64>,
    /// What its sanitizer is to remember.
    pub watch: Option<Watch>,
}

/// Binds the imports of a module.
pub fn instantiate(store: &mut Store<Host>, module: &Module) -> Result<Instance, RunEnd> {
    let linker = link::link(store, module).map_err(RunEnd::Error)?;
    linker
        .instantiate(store, module)
        .map_err(RunEnd::Instantiation)
}

/// Tells the host where everything of an instance is, and the instance what it
/// counts from.
pub fn prepare(store: &mut Store<Host>, instance: Instance, setup: Setup<'_>) {
    let Setup {
        request,
        first_ask,
        steps,
        watch,
    } = setup;
    let guest = Guest::of(store, instance);
    let memory = guest.memory;
    let heap_start = guest
        .heap_pointer
        .and_then(|global| read_u32(global, &mut *store));
    let host = store.data_mut();
    host.heap_start = heap_start.unwrap_or(0);
    host.guest = Some(guest);
    let sanitizer = memory.and_then(|it| Sanitizer::of(store, (instance, it), request.mode, watch));
    store.data_mut().sanitizer = sanitizer;
    for (name, value) in [(COUNTDOWN, first_ask), (STEPS, steps)] {
        if let Some(value) = value
            && let Some(global) = instance.get_global(&mut *store, name)
        {
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            if name == STEPS {
                store.data_mut().steps = Some(global);
            }
            global
                .set(&mut *store, Val::I64(value))
                .expect("these globals are ours, and mutable i64s");
        }
    }
}

/// Calls `main`; gives what it returned.
pub fn call_main(
    store: &mut Store<Host>,
    instance: Instance,
    arguments: &[String],
) -> Result<Vec<Val>, RunEnd> {
    let Some(main) = instance.get_func(&mut *store, "main") else {
        return Err(RunEnd::rejected("it exports no function `main`"));
    };
    let ty = main.ty(&*store);
    let mut parameters = Vec::new();
    for (given, wanted) in arguments.iter().zip(ty.params()) {
        match (wanted, given.parse()) {
            (ValType::I64, Ok(number)) => parameters.push(Val::I64(number)),
            _ => {
                let why = "the parameter of `main` is neither Nat nor Int";
                return Err(RunEnd::rejected(why));
            }
        }
    }
    if parameters.len() != ty.params().len() || parameters.len() != arguments.len() {
        return Err(RunEnd::rejected(&format!(
            "`main` takes {} WebAssembly parameters, and {} were given",
            ty.params().len(),
            arguments.len()
        )));
    }
    let mut results = vec![Val::I32(0); ty.results().len()];
    match main.call(store, &parameters, &mut results) {
        Ok(()) => Ok(results),
        Err(why) => Err(RunEnd::Error(why)),
    }
}
