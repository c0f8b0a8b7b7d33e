//! Starting a program: from its imports to the call of `main`.

use wasmtime::{AsContextMut, Instance, Module, Store, Val, ValType};

use super::super::guest::exports::{Guest, read_u32};
use super::super::link;
use super::super::request::NativeRequest;
use super::super::sanitizer::Sanitizer;
use super::super::sanitizer::books::Watch;
use super::super::sanitizer::hooks::host_access;
use super::super::state::Host;
use super::ending::RunEnd;
use crate::instrument::{COUNTDOWN, STEPS};
use crate::sanitizer::access::Kind;
use crate::toolchain::about::{Word, word};

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

/// Calls `main`, whose parameters are of these WebAssembly types as Vera writes them;
/// gives what it returned.
pub fn call_main(
    store: &mut Store<Host>,
    instance: Instance,
    parameters: &[String],
    arguments: &[String],
) -> Result<Vec<Val>, RunEnd> {
    let Some(main) = instance.get_func(&mut *store, "main") else {
        return Err(RunEnd::rejected("it exports no function `main`"));
    };
    let ty = main.ty(&*store);
    let mut words = Vec::new();
    for (at, given) in arguments.iter().enumerate() {
        let kind = parameters.get(at).map_or("i64", String::as_str);
        match word(kind, given) {
            Some(Word::Wide(number)) => words.push(Val::I64(number)),
            Some(Word::Float(number)) => words.push(Val::F64(number.to_bits())),
            Some(Word::Narrow(number)) => words.push(Val::I32(number)),
            Some(Word::Text(text)) => words.extend(passed(store, &text)?),
            None => {
                return Err(RunEnd::rejected(&format!(
                    "`{given}` cannot be passed to `main`"
                )));
            }
        }
    }
    if words.len() != ty.params().len() {
        return Err(RunEnd::rejected(&format!(
            "`main` takes {} WebAssembly parameters, and {} were given",
            ty.params().len(),
            words.len()
        )));
    }
    let fits = ty.params().zip(&words).all(|(wanted, word)| {
        matches!(
            (wanted, word),
            (ValType::I64, Val::I64(_)) | (ValType::F64, Val::F64(_)) | (ValType::I32, Val::I32(_))
        )
    });
    if !fits {
        return Err(RunEnd::rejected(
            "a parameter of `main` is of another type than what is given",
        ));
    }
    let mut results = vec![Val::I32(0); ty.results().len()];
    match main.call(store, &words, &mut results) {
        Ok(()) => Ok(results),
        Err(why) => Err(RunEnd::Error(why)),
    }
}

/// Puts a text into the program's heap, as Vera's host does: nothing roots it until
/// `main` has begun.
fn passed(store: &mut Store<Host>, text: &str) -> Result<[Val; 2], RunEnd> {
    let guest = store
        .data()
        .guest()
        .map_err(|why| RunEnd::Error(why.into()))?;
    let (alloc, memory) = (guest.alloc.clone(), guest.memory);
    let (Some(alloc), Some(memory)) = (alloc, memory) else {
        return Err(RunEnd::rejected(
            "a String is passed to `main`, and the module exports no allocator",
        ));
    };
    let length = i32::try_from(text.len()).unwrap_or(i32::MIN);
    let at = alloc.call(&mut *store, length).map_err(RunEnd::Error)?;
    let range = at.cast_unsigned() as usize..at.cast_unsigned() as usize + text.len();
    if store.data().sanitizer.is_some() {
        host_access(&mut store.as_context_mut(), range.clone(), Kind::Store)
            .map_err(|why| RunEnd::Error(why.into()))?;
    }
    memory
        .write(&mut *store, range.start, text.as_bytes())
        .map_err(|why| RunEnd::Error(why.into()))?;
    Ok([Val::I32(at), Val::I32(length)])
}
