//! The rewriters of modules, fuzzed: what they make of any valid module is
//! valid, and does what the module did.
//!
//! wasm-smith makes a module, and a small runtime with Vera's names is grafted
//! on it ([`graft`]). Host functions that do nothing stand behind the checks, so
//! that results, traps, memory and globals must come out the same, whatever the
//! module does to its memory.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::graft::{self, Grafted, graft};
use crate::properties;
use crate::smith::{self, FUEL, next};
use vera_stress::instrument::{
    ALLOCATIONS, ASK, COLLECTIONS, COUNTDOWN, OURS, SHADOW_TOP, STEPS, Variant, instrument,
};
use vera_stress::sanitizer::access::{Access, Kind};
use vera_stress::sanitizer::rewrite::{self, SHADOW, sanitize};
use vera_stress::sanitizer::shadow::{self, NO_LOAD, NO_STORE, UNDEFINED};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, Instruction, MemArg};
use wasmparser::Operator;
use wasmtime::{
    Caller, Config, Engine, Extern, ExternType, Func, FuncType, HeapType, I31, Instance, Memory,
    Module, Store, StoreLimits, StoreLimitsBuilder, ThrownException, Trap, Val, ValType,
};

/// The variable that says how many modules are made.
const COUNT: &str = "VERA_STRESS_FUZZ_MODULES";
/// The variable that says which seed is the first.
const FIRST: &str = "VERA_STRESS_FUZZ_SEED";

/// How many modules are made unless [`COUNT`] says otherwise.
const MODULES: u64 = 500;

/// Frames grow with the checks: on this stack no module of this fuel gets to
/// the end of either.
const STACK: usize = 64 << 20;

fn number(variable: &str, default: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.map_or(default, |text| text.parse().expect(variable))
}

/// The engine of the native lanes, with NaNs of one kind: which operand's NaN
/// comes out is up to the order that the compiler chose.
fn engine() -> Engine {
    let mut config = Config::new();
    config
        .wasm_exceptions(true)
        .max_wasm_stack(STACK)
        .async_stack_size(STACK)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true);
    Engine::new(&config).unwrap()
}

fn on_a_deep_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK + (8 << 20));
    let ended = thread.spawn(test).unwrap().join();
    if let Err(why) = ended {
        std::panic::resume_unwind(why);
    }
}

/// A module of wasm-smith's with the runtime; `None` where the seed makes none.
fn made(seed: u64) -> Option<Grafted> {
    let mut state = seed;
    let length = 1000 + next(&mut state) % 5000;
    let bytes: Vec<u8> = (0..length).map(|_| next(&mut state) as u8).collect();
    let (module, fuel) = smith::module(&bytes, seed)?;
    let grafted = graft(&module, Some(fuel), next(&mut state));
    (grafted.own > 0).then_some(grafted)
}

/// What the shadow holds before a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shadow {
    /// Each access is in order.
    Clear,
    /// No access is in order.
    Full,
    /// Any byte may be anything.
    Random(u64),
}

impl Shadow {
    fn paint(self, shadow: &mut [u8]) {
        match self {
            Shadow::Clear => {}
            Shadow::Full => shadow.fill(NO_LOAD | NO_STORE),
            Shadow::Random(mut state) => {
                for eight in shadow.chunks_mut(8) {
                    let bytes = next(&mut state).to_le_bytes();
                    eight.copy_from_slice(&bytes[..eight.len()]);
                }
            }
        }
    }
}

/// What the host functions of a run note.
#[derive(Default)]
struct Noted {
    limits: StoreLimits,
    accesses: Vec<Access>,
    /// What the module's own imports were given.
    trace: String,
    stubs: u64,
    bad: u64,
    ranges: u64,
    allocated: u64,
    collecting: u64,
    collected: u64,
    /// What a check should not have said.
    wrong: Option<String>,
}

impl Noted {
    fn complain(&mut self, what: String) {
        self.wrong.get_or_insert(what);
    }
}

/// What a run came to: what must not change.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    /// Results or trap of each call, with the globals behind it.
    calls: Vec<String>,
    memory: Vec<u8>,
    trace: String,
    /// What a check should not have said: nothing.
    wrong: Option<String>,
}

/// What the checks said in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Checks {
    bad: u64,
    ranges: u64,
    /// Loads and stores in the grafted code, and ranges, as that code counts
    /// them itself: plain ones, those of lanes, and ranges.
    plain: u64,
    lanes: u64,
    own_ranges: u64,
    /// Calls that ended with an access out of bounds: the last access counts
    /// itself, and traps in its check.
    beyond: u64,
    returned: u64,
    called: u64,
}

impl Checks {
    fn add(&mut self, more: &Checks) {
        self.bad += more.bad;
        self.ranges += more.ranges;
        self.plain += more.plain;
        self.lanes += more.lanes;
        self.own_ranges += more.own_ranges;
        self.beyond += more.beyond;
        self.returned += more.returned;
        self.called += more.called;
    }
}

fn bits(value: &Val, store: &mut Store<Noted>) -> String {
    match value {
        Val::I32(it) => format!("i32:{it}"),
        Val::I64(it) => format!("i64:{it}"),
        Val::F32(it) => format!("f32:{it:#x}"),
        Val::F64(it) => format!("f64:{it:#x}"),
        Val::V128(it) => format!("v128:{:#x}", it.as_u128()),
        Val::FuncRef(it) => format!("func:{}", it.is_some()),
        Val::ExternRef(it) => format!("extern:{}", it.is_some()),
        Val::ExnRef(it) => format!("exn:{}", it.is_some()),
        Val::ContRef(it) => format!("cont:{}", it.is_some()),
        Val::AnyRef(None) => "any:null".to_owned(),
        Val::AnyRef(Some(it)) => match it.as_i31(&mut *store) {
            Ok(Some(it)) => format!("i31:{}", it.get_u32()),
            _ => "any".to_owned(),
        },
    }
}

/// A value of a type; `None` where there is none to be had from outside.
fn value(ty: &ValType, state: &mut u64, store: impl wasmtime::AsContextMut) -> Option<Val> {
    let random = next(state);
    let wide = match random % 4 {
        0 => random >> 56,
        1 => (random >> 40) & 0x3ffff,
        2 => (random >> 61).wrapping_sub(4),
        _ => next(state),
    };
    Some(match ty {
        ValType::I32 => Val::I32(wide as i32),
        ValType::I64 => Val::I64(wide as i64),
        ValType::F32 => Val::F32((wide as i64 as f32).to_bits()),
        ValType::F64 => Val::F64((wide as i64 as f64).to_bits()),
        ValType::V128 => Val::V128((u128::from(wide) << 64 | u128::from(random)).into()),
        ValType::Ref(ty) if matches!(ty.heap_type(), HeapType::I31 | HeapType::Any) => {
            let small = I31::wrapping_u32(wide as u32);
            Val::AnyRef(Some(wasmtime::AnyRef::from_i31(store, small)))
        }
        ValType::Ref(ty) if ty.is_nullable() => Val::null_ref(ty.heap_type()),
        ValType::Ref(_) => return None,
    })
}

/// A host function for an import of the module's own: its results follow from
/// how many such calls there were.
fn stub(store: &mut Store<Noted>, ty: FuncType, place: usize) -> Func {
    let results: Vec<ValType> = ty.results().collect();
    Func::new(store, ty, move |mut caller, given, out| {
        let noted: &mut Noted = caller.data_mut();
        noted.stubs += 1;
        let mut state = noted.stubs;
        if noted.trace.len() < 100_000 {
            let _ = write!(noted.trace, "{place}(");
            for it in given {
                let _ = match it {
                    Val::I32(it) => write!(noted.trace, "{it} "),
                    Val::I64(it) => write!(noted.trace, "{it} "),
                    Val::F32(it) => write!(noted.trace, "{it} "),
                    Val::F64(it) => write!(noted.trace, "{it} "),
                    Val::V128(it) => write!(noted.trace, "{} ", it.as_u128()),
                    it => write!(noted.trace, "{:?} ", it.ref_().map(|it| it.is_null())),
                };
            }
            noted.trace.push(')');
        }
        for (ty, out) in results.iter().zip(out) {
            *out = value(ty, &mut state, &mut caller)
                .ok_or_else(|| wasmtime::Error::msg("a stub has no such value"))?;
        }
        Ok(())
    })
}

/// Looks for what made a check complain: at least one byte of the access must
/// be one that it must not find.
fn look(caller: &mut Caller<'_, Noted>, address: i32, width: u32, access: i32) {
    let Some(Extern::Memory(shadow)) = caller.get_export(SHADOW) else {
        return caller.data_mut().complain("no shadow".to_owned());
    };
    let (bytes, noted) = shadow.data_and_store_mut(caller);
    noted.bad += 1;
    let Some(access) = usize::try_from(access)
        .ok()
        .and_then(|it| noted.accesses.get(it))
    else {
        return noted.complain(format!("no access {access}"));
    };
    let bits = match (access.kind, access.width) {
        (Kind::Load, Some(_)) => NO_LOAD | UNDEFINED,
        (Kind::Load, None) => NO_LOAD,
        (Kind::Store, _) => NO_STORE,
    };
    if access.width.is_some_and(|it| it != width) {
        let what = format!("{access:?} complains of {width} bytes");
        return noted.complain(what);
    }
    let start = u64::from(address.cast_unsigned());
    let end = start + u64::from(width);
    let touched = bytes.get(start as usize..end as usize);
    if !touched.is_some_and(|bytes| bytes.iter().any(|byte| byte & bits != 0)) {
        let what = format!("{access:?} at {address} is in order, by {touched:?}");
        noted.complain(what);
    }
}

/// The host functions behind what the rewriting adds.
fn ours(store: &mut Store<Noted>, name: &str) -> Func {
    match name {
        ASK => Func::wrap(store, || i64::MIN + 1),
        rewrite::BAD => Func::wrap(
            store,
            |mut caller: Caller<'_, Noted>, at: i32, width: i32, access: i32| {
                look(&mut caller, at, width.cast_unsigned(), access);
            },
        ),
        rewrite::RANGE => Func::wrap(
            store,
            |mut caller: Caller<'_, Noted>, at: i32, length: i32, stores: i32, access: i32| {
                let noted = caller.data_mut();
                noted.ranges += 1;
                let known = noted.accesses.get(access as usize);
                let kind = if stores == 0 { Kind::Load } else { Kind::Store };
                if known.is_none_or(|it| it.width.is_some() || it.kind != kind) {
                    noted.complain(format!("no range {access}"));
                }
                // Of what is long the host is always told.
                let length = length.cast_unsigned();
                if length <= 256 {
                    let bad = noted.bad;
                    look(&mut caller, at, length, access);
                    caller.data_mut().bad = bad;
                }
            },
        ),
        rewrite::COPIED => Func::wrap(
            store,
            |mut caller: Caller<'_, Noted>, to: i32, from: i32, length: i32| {
                let [to, from, length] = [to, from, length].map(|it| it.cast_unsigned() as usize);
                if let Some(Extern::Memory(shadow)) = caller.get_export(SHADOW) {
                    shadow::copy(shadow.data_mut(&mut caller), to, from, length);
                }
            },
        ),
        rewrite::ALLOCATED => Func::wrap(
            store,
            |mut it: Caller<'_, Noted>, _: i32, _: i32, _: i32, _: i32, _: i32| {
                it.data_mut().allocated += 1;
            },
        ),
        // Nothing is logged until a host says at how many it is to be called.
        rewrite::LOGGED => Func::wrap(store, |mut it: Caller<'_, Noted>| {
            it.data_mut().complain("a log that nobody reads".to_owned());
        }),
        rewrite::COLLECTING => Func::wrap(store, |mut it: Caller<'_, Noted>| {
            it.data_mut().collecting += 1;
        }),
        rewrite::COLLECTED => Func::wrap(store, |mut it: Caller<'_, Noted>| {
            it.data_mut().collected += 1;
        }),
        rewrite::UNBALANCED => {
            let not_so = |mut it: Caller<'_, Noted>, got: i32, due: i32, is_loop: i32| {
                let what = format!("not balanced: {got} and not {due}, loop {is_loop}");
                it.data_mut().complain(what);
            };
            Func::wrap(store, not_so)
        }
        other => panic!("an import that nobody knows: {other}"),
    }
}

/// How a run ended that came to no end worth comparing.
#[derive(Debug, PartialEq, Eq)]
enum Skip {
    /// The module wants what cannot be had from outside.
    Imports,
    /// It traps before it can be called.
    Start(String),
    /// The stack was not enough.
    Stack,
}

impl std::fmt::Display for Skip {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Skip::Imports => out.write_str("imports"),
            // The engine says how many bytes it had not.
            Skip::Start(why) => out.write_str(why.split(':').next().unwrap_or(why)),
            Skip::Stack => out.write_str("stack"),
        }
    }
}

/// The end of a call that gave no results.
fn trap(why: &wasmtime::Error) -> String {
    if let Some(trap) = why.downcast_ref::<Trap>() {
        return format!("{trap:?}");
    }
    if why.is::<ThrownException>() {
        return "exception".to_owned();
    }
    // What a host function or the engine itself says.
    why.root_cause().to_string()
}

struct Run {
    store: Store<Noted>,
    instance: Instance,
}

impl Run {
    fn of(engine: &Engine, wasm: &[u8], accesses: Vec<Access>) -> Result<Run, Skip> {
        let module = Module::from_binary(engine, wasm).expect("a validated module compiles");
        let mut noted = Noted {
            accesses,
            ..Noted::default()
        };
        noted.limits = StoreLimitsBuilder::new()
            .table_elements(10_000)
            .memory_size(2 << 20)
            .build();
        let mut store = Store::new(engine, noted);
        store.limiter(|noted| &mut noted.limits);
        let mut imports = Vec::new();
        for (place, import) in module.imports().enumerate() {
            imports.push(match import.ty() {
                ExternType::Func(_) if import.module() == OURS => {
                    ours(&mut store, import.name()).into()
                }
                ExternType::Func(ty) => stub(&mut store, ty, place).into(),
                other => other.default_value(&mut store).map_err(|_| Skip::Imports)?,
            });
        }
        let instance = Instance::new(&mut store, &module, &imports);
        let instance = instance.map_err(|why| Skip::Start(trap(&why)))?;
        Ok(Run { store, instance })
    }

    fn memory(&mut self, name: &str) -> Option<Memory> {
        self.instance.get_memory(&mut self.store, name)
    }

    fn counter(&mut self, name: &str) -> u64 {
        let global = self.instance.get_global(&mut self.store, name).unwrap();
        global.get(&mut self.store).i64().unwrap().cast_unsigned()
    }

    fn set(&mut self, name: &str, value: Val) {
        if let Some(global) = self.instance.get_global(&mut self.store, name) {
            global.set(&mut self.store, value).unwrap();
        }
    }

    /// A trap ends a program. Where the next call is to find what a new one
    /// does, the shadow stack is empty, and its highest place is not the one
    /// beyond the limit that a push trapped at.
    fn begin_anew(&mut self) {
        self.set("test.gc_sp", Val::I32(graft::STACK));
        self.set(SHADOW_TOP, Val::I32(0));
    }

    /// The host is told of each allocation and each collection, from the first.
    fn compare_counts(&mut self) {
        let counted = [ALLOCATIONS, COLLECTIONS].map(|name| self.counter(name));
        let noted = self.store.data_mut();
        let told = [noted.allocated, noted.collecting];
        if told != counted || noted.collecting != noted.collected {
            noted.complain(format!("told of {told:?}, counted {counted:?}"));
        }
    }

    /// Calls each function that the grafted module exports.
    fn call_all(mut self, grafted: &Grafted, shadow: Shadow) -> Result<(Seen, Checks), Skip> {
        let mut seen = Seen::default();
        let mut checks = Checks::default();
        if let Some(memory) = self.memory(SHADOW) {
            shadow.paint(memory.data_mut(&mut self.store));
        }
        for name in graft::COUNTERS {
            self.set(name, Val::I64(0));
        }
        let noted = self.store.data_mut();
        (noted.bad, noted.ranges) = (0, 0);
        self.set(COUNTDOWN, Val::I64(2));
        self.set(STEPS, Val::I64(i64::MAX));
        let mut state = grafted.seed;
        for name in &grafted.functions {
            for _ in 0..2 {
                self.set(graft::FUEL, Val::I32(FUEL));
                let function = self.instance.get_func(&mut self.store, name).unwrap();
                let ty = function.ty(&self.store);
                let given: Option<Vec<Val>> = ty
                    .params()
                    .map(|ty| value(&ty, &mut state, &mut self.store))
                    .collect();
                let Some(given) = given else { continue };
                let mut results = vec![Val::I32(0); ty.results().len()];
                checks.called += 1;
                let mut end = match function.call(&mut self.store, &given, &mut results) {
                    Ok(()) => {
                        checks.returned += 1;
                        let values = results.iter().map(|it| bits(it, &mut self.store));
                        values.collect::<Vec<_>>().join(" ")
                    }
                    Err(why) => {
                        self.begin_anew();
                        trap(&why)
                    }
                };
                if end == format!("{:?}", Trap::StackOverflow) {
                    return Err(Skip::Stack);
                }
                checks.beyond += u64::from(end == format!("{:?}", Trap::MemoryOutOfBounds));
                for name in &grafted.globals {
                    let global = self.instance.get_global(&mut self.store, name).unwrap();
                    let held = global.get(&mut self.store);
                    let _ = write!(end, " {}", bits(&held, &mut self.store));
                }
                seen.calls.push(format!("{name}: {end}"));
            }
        }
        let memory = self.memory(graft::MEMORY).unwrap();
        seen.memory = memory.data(&self.store).to_vec();
        [checks.plain, checks.lanes, checks.own_ranges] =
            graft::COUNTERS.map(|name| self.counter(name));
        if self.memory(SHADOW).is_some() {
            self.compare_counts();
        }
        let noted = self.store.data_mut();
        seen.trace = std::mem::take(&mut noted.trace);
        seen.wrong = noted.wrong.take();
        (checks.bad, checks.ranges) = (noted.bad, noted.ranges);
        Ok((seen, checks))
    }
}

fn text(wasm: &[u8]) -> String {
    wasmprinter::print_bytes(wasm).unwrap_or_else(|why| format!("no text: {why}"))
}

/// The module as the native engine has it, with its accesses.
fn rewritten(grafted: &Grafted) -> Result<(Vec<u8>, Vec<Access>), String> {
    let valid = |what: &str, wasm: &[u8]| {
        properties::valid(what, wasm).map_err(|why| format!("{why}\n{}", text(wasm)))
    };
    for variant in [Variant::Counted, Variant::Uncollected, Variant::Stepped] {
        let wasm = instrument(&grafted.wasm, variant).map_err(|why| why.to_string())?;
        valid(variant.name(), &wasm)?;
    }
    let scheduled = instrument(&grafted.wasm, Variant::Scheduled).map_err(|why| why.to_string())?;
    valid("instrument", &scheduled)?;
    let sanitized = sanitize(&scheduled).map_err(|why| why.to_string())?;
    let sanitized = sanitized.ok_or("the sanitizer found no allocator")?;
    valid("sanitize", &sanitized.wasm)?;
    Ok((sanitized.wasm, sanitized.accesses))
}

/// Whether two runs of a module are the same, else where they differ.
fn same(as_it_was: &Seen, rewritten: &Seen) -> Result<(), String> {
    for (old, new) in as_it_was.calls.iter().zip(&rewritten.calls) {
        if old != new {
            return Err(format!("a call:\n  {old}\n  {new}"));
        }
    }
    if as_it_was.trace != rewritten.trace {
        return Err("what the imports were given".to_owned());
    }
    let lengths = (as_it_was.memory.len(), rewritten.memory.len());
    if lengths.0 != lengths.1 {
        return Err(format!("the memory's size: {lengths:?}"));
    }
    if as_it_was.wrong != rewritten.wrong {
        return Err(format!("a check says {:?}", rewritten.wrong));
    }
    let bytes = as_it_was.memory.iter().zip(&rewritten.memory);
    match bytes.enumerate().find(|(_, (old, new))| old != new) {
        Some((at, (old, new))) => Err(format!("memory at {at}: {old} and {new}")),
        None => Ok(()),
    }
}

/// What became of one module.
#[derive(Debug)]
enum Became {
    /// It ran, and did the same.
    Same(Checks),
    /// It could not be compared.
    Skipped(Skip),
}

fn run(
    engine: &Engine,
    grafted: &Grafted,
    wasm: &[u8],
    accesses: Vec<Access>,
    shadow: Shadow,
) -> Result<(Seen, Checks), Skip> {
    Run::of(engine, wasm, accesses)?.call_all(grafted, shadow)
}

/// Runs a module and what was made of it, and compares.
fn compare(
    engine: &Engine,
    grafted: &Grafted,
    wasm: &[u8],
    accesses: Vec<Access>,
    shadow: Shadow,
) -> Result<Became, String> {
    let as_it_was = run(engine, grafted, &grafted.wasm, Vec::new(), shadow);
    let rewritten = run(engine, grafted, wasm, accesses, shadow);
    match (as_it_was, rewritten) {
        (Err(Skip::Stack), _) | (_, Err(Skip::Stack)) => Ok(Became::Skipped(Skip::Stack)),
        (Err(old), Err(new)) if old == new => Ok(Became::Skipped(old)),
        (Ok((old, _)), Ok((new, checks))) => {
            same(&old, &new)?;
            Ok(Became::Same(checks))
        }
        (old, new) => Err(format!("it starts: {:?} and {:?}", old.err(), new.err())),
    }
}

/// Everything that is asked of a module.
fn examine(engine: &Engine, grafted: &Grafted, shadow: Shadow) -> Result<Became, String> {
    let (wasm, accesses) = rewritten(grafted)?;
    let became = compare(engine, grafted, &wasm, accesses, shadow).map_err(|why| {
        let scheduled = instrument(&grafted.wasm, Variant::Scheduled).unwrap();
        let alone = compare(engine, grafted, &scheduled, Vec::new(), shadow);
        format!("{why}\n(without the sanitizer: {alone:?})")
    })?;
    if grafted.seed.is_multiple_of(4) && !grafted.starts {
        let stepped = instrument(&grafted.wasm, Variant::Stepped).unwrap();
        compare(engine, grafted, &stepped, Vec::new(), shadow)
            .map_err(|why| format!("stepped: {why}"))?;
    }
    if let (Became::Same(checks), Shadow::Full) = (&became, shadow) {
        every_access_is_checked(checks)?;
    }
    Ok(became)
}

/// Where no access is in order, each is complained of that the module counted;
/// one that is out of bounds counts itself, and traps in its check.
fn every_access_is_checked(checks: &Checks) -> Result<(), String> {
    let expected = checks.plain + if lanes_are_checked() { checks.lanes } else { 0 };
    let complained = checks.bad..=checks.bad + checks.beyond;
    // Nothing is wrong with an empty range.
    let ranges = checks.own_ranges / 2..=checks.own_ranges;
    if !complained.contains(&expected) || !ranges.contains(&checks.ranges) {
        return Err(format!("an access is not checked: {checks:?}"));
    }
    Ok(())
}

/// Whether the sanitizer knows the loads and stores of lanes.
fn lanes_are_checked() -> bool {
    static KNOWN: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *KNOWN.get_or_init(|| {
        let module = by_hand(&access(0, "v128.load8_splat", 0), 0);
        let scheduled = instrument(&module.wasm, Variant::Scheduled).unwrap();
        let accesses = sanitize(&scheduled).unwrap().unwrap().accesses;
        accesses.iter().any(|it| it.width == Some(1))
    })
}

/// A module by hand, with the runtime.
fn by_hand(fields: &str, seed: u64) -> Grafted {
    let module = wat::parse_str(format!(
        "(module (memory 1) (global (mut i32) (i32.const 0)) {fields})"
    ));
    graft(&module.unwrap(), None, 0b1101_0011 ^ seed << 8)
}

#[test]
fn what_is_made_of_any_module_is_valid_and_does_the_same() {
    on_a_deep_stack(|| {
        let engine = engine();
        let first = number(FIRST, 0);
        let count = number(COUNT, MODULES);
        let mut total = Checks::default();
        let (mut ran, mut none, mut skips) = (0, 0, std::collections::BTreeMap::new());
        for seed in first..first + count {
            let Some(grafted) = made(seed) else {
                none += 1;
                continue;
            };
            let shadow = match seed % 3 {
                0 => Shadow::Clear,
                1 => Shadow::Full,
                _ => Shadow::Random(seed),
            };
            let examined = catch_unwind(AssertUnwindSafe(|| examine(&engine, &grafted, shadow)));
            let became = examined.unwrap_or_else(|_| Err("a panic".to_owned()));
            match became {
                Ok(Became::Same(checks)) => {
                    ran += 1;
                    total.add(&checks);
                }
                Ok(Became::Skipped(why)) => *skips.entry(why.to_string()).or_insert(0) += 1,
                Err(why) => panic!("seed {seed}: {why}\n{}", text(&grafted.wasm)),
            }
        }
        println!(
            "{ran} of {count} modules ran and were compared, {none} seeds made none, \
             and these could not be run: {skips:?}\n{total:?}"
        );
        // A check that looks at nothing would pass as well.
        if count >= 100 {
            assert!(ran * 10 >= count * 6, "few modules ran");
            assert!(total.returned * 4 >= total.called, "few calls returned");
            assert!(total.bad >= 50 * ran, "few accesses were complained of");
            assert!(total.ranges >= 20 * ran, "few bulk operations ran");
            assert!(total.beyond >= ran / 4, "few accesses were out of bounds");
        }
    });
}

/// What a body, by hand, does with memory: each form of it.
const BY_HAND: &str = r#"
    (type $two (func (param i32) (result i32 i64)))
    (type $three (func (result v128 f64 i32)))
    (global $kept (export "kept") (mut v128) (v128.const i32x4 1 2 3 4))
    (data $literals "0123456789abcdef")
    (table 1 funcref)
    (elem (i32.const 0) $several)
    (func $several (export "several") (type $two)
        (block (result i32 i64)
            (i32.load16_s offset=2 (local.get 0))
            (i64.load32_u offset=5 (local.get 0))
            (br_if 1 (i32.and (local.get 0) (i32.const 1)))
            (br_if 0 (i32.and (local.get 0) (i32.const 2)))))
    (func $more (export "more") (type $three)
        (v128.load offset=3 (i32.const 40))
        (f64.load (i32.const 64))
        (i32.load8_s (i32.const 80))
        return)
    (func (export "tail") (param i32) (result i32 i64)
        (return_call_indirect (type $two) (local.get 0) (i32.const 0)))
    (func (export "lanes") (param i32) (result v128 v128)
        (local $at i32)
        (local.set $at (i32.and (local.get 0) (i32.const 0x1ffff)))
        (global.set $kept
            (i8x16.add (v128.load8x8_s offset=1 (local.get $at))
            (i8x16.add (v128.load8x8_u offset=1 (local.get $at))
            (i16x8.add (v128.load16x4_s (local.get $at))
            (i16x8.add (v128.load16x4_u (local.get $at))
            (i32x4.add (v128.load32x2_s (local.get $at))
            (i32x4.add (v128.load32x2_u (local.get $at))
            (i8x16.add (v128.load8_splat (local.get $at))
            (i16x8.add (v128.load16_splat (local.get $at))
            (i32x4.add (v128.load32_splat (local.get $at))
            (i64x2.add (v128.load64_splat (local.get $at))
            (i32x4.add (v128.load32_zero (local.get $at))
                (v128.load64_zero (local.get $at))))))))))))))
        (global.set $kept (v128.load8_lane 3 (local.get $at) (global.get $kept)))
        (global.set $kept (v128.load16_lane offset=2 3 (local.get $at) (global.get $kept)))
        (global.set $kept (v128.load32_lane 2 (local.get $at) (global.get $kept)))
        (global.set $kept (v128.load64_lane 1 (local.get $at) (global.get $kept)))
        (v128.store8_lane 15 (local.get $at) (global.get $kept))
        (v128.store16_lane offset=4 7 (local.get $at) (global.get $kept))
        (v128.store32_lane offset=8 3 (local.get $at) (global.get $kept))
        (v128.store64_lane offset=16 1 (local.get $at) (global.get $kept))
        (v128.store offset=32 (local.get $at) (global.get $kept))
        (global.get $kept)
        (v128.load offset=24 (local.get $at)))
    (func (export "ranges") (param i32 i32 i32)
        (memory.fill (local.get 0) (local.get 1) (i32.and (local.get 2) (i32.const 0xff)))
        (memory.init $literals (local.get 0) (i32.const 3) (i32.const 9))
        (memory.copy (local.get 1) (local.get 0) (i32.and (local.get 2) (i32.const 0xff)))
        (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "dropped") (param i32)
        (data.drop $literals)
        (memory.init $literals (local.get 0) (i32.const 0) (i32.const 1)))
    (func (export "grows") (param i32) (result i32 i32 i32)
        (memory.grow (i32.and (local.get 0) (i32.const 3)))
        (memory.size)
        (i32.load offset=65530 (local.get 0)))
"#;

const SHADOWS: [Shadow; 3] = [Shadow::Clear, Shadow::Full, Shadow::Random(1)];

#[track_caller]
fn does_the_same(engine: &Engine, grafted: &Grafted, shadow: Shadow) -> Checks {
    match examine(engine, grafted, shadow) {
        Ok(Became::Same(checks)) => checks,
        other => panic!("{other:?}\n{}", text(&grafted.wasm)),
    }
}

#[test]
fn each_form_of_access_does_the_same_with_its_check() {
    on_a_deep_stack(|| {
        let engine = engine();
        let mut total = Checks::default();
        for seed in 0..30 {
            let grafted = by_hand(BY_HAND, seed);
            for shadow in SHADOWS {
                total.add(&does_the_same(&engine, &grafted, shadow));
            }
        }
        println!("{total:?}");
        assert!(total.lanes > 1000 && total.plain > 1000 && total.ranges > 500);
        assert!(total.beyond > 10);
    });
}

#[test]
fn an_offset_at_the_end_of_what_there_is_stays_one() {
    on_a_deep_stack(|| {
        let engine = engine();
        let loads = [
            "i32.load8_u",
            "i32.load16_u",
            "i32.load",
            "i64.load",
            "v128.load",
            "v128.load8_splat",
            "v128.load8x8_u",
            "v128.load64_zero",
        ];
        for load in loads {
            for offset in [
                0xffff_ffffu32,
                0xffff_fff8,
                0xffff_fff7,
                0xffff_fff0,
                0xffff,
            ] {
                let function = format!(
                    "(func (export \"f\") (param i32) (drop ({load} offset={offset} (local.get 0))))"
                );
                does_the_same(&engine, &by_hand(&function, 0), Shadow::Full);
            }
        }
    });
}

#[test]
fn results_of_any_type_go_through_the_block_around_a_body() {
    on_a_deep_stack(|| {
        let engine = engine();
        let types = "(type $s (struct (field i32))) (type $f (func)) (func $g (type $f)) \
                     (elem declare func $g)";
        for results in [
            "(ref null $s)",
            "(ref null $f)",
            "(ref null $s) i32",
            "exnref funcref",
            "nullref (ref null $f) v128",
            "(ref $s)",
            "(ref $f) (ref $s)",
        ] {
            let value = |ty: &str| match ty {
                "i32" => "(i32.const 1)",
                "v128" => "(v128.const i64x2 1 2)",
                "exnref" => "(ref.null exn)",
                "funcref" => "(ref.func $g)",
                "nullref" => "(ref.null none)",
                "s" => "(struct.new $s (i32.const 2))",
                _ => "(ref.func $g)",
            };
            let shortened = results.replace("(ref null $", "").replace("(ref $", "");
            let values: Vec<&str> = shortened
                .split([' ', ')'])
                .filter(|it| !it.is_empty())
                .map(value)
                .collect();
            let body = values.join(" ");
            let text = format!("{types} (func (export \"f\") (result {results}) {body})");
            does_the_same(&engine, &by_hand(&text, 0), Shadow::Clear);
        }
    });
}

/// Loads and stores, each with how many bytes it touches.
const ACCESSES: [(&str, u32); 43] = [
    ("i32.load8_s", 1),
    ("i32.load8_u", 1),
    ("i32.load16_s", 2),
    ("i32.load16_u", 2),
    ("i32.load", 4),
    ("i64.load8_s", 1),
    ("i64.load8_u", 1),
    ("i64.load16_s", 2),
    ("i64.load16_u", 2),
    ("i64.load32_s", 4),
    ("i64.load32_u", 4),
    ("i64.load", 8),
    ("f32.load", 4),
    ("f64.load", 8),
    ("v128.load", 16),
    ("v128.load8x8_s", 8),
    ("v128.load8x8_u", 8),
    ("v128.load16x4_s", 8),
    ("v128.load16x4_u", 8),
    ("v128.load32x2_s", 8),
    ("v128.load32x2_u", 8),
    ("v128.load8_splat", 1),
    ("v128.load16_splat", 2),
    ("v128.load32_splat", 4),
    ("v128.load64_splat", 8),
    ("v128.load32_zero", 4),
    ("v128.load64_zero", 8),
    ("v128.load8_lane", 1),
    ("v128.load16_lane", 2),
    ("v128.load32_lane", 4),
    ("v128.load64_lane", 8),
    ("v128.store8_lane", 1),
    ("v128.store16_lane", 2),
    ("v128.store32_lane", 4),
    ("v128.store64_lane", 8),
    ("i32.store8", 1),
    ("i32.store16", 2),
    ("i32.store", 4),
    ("i64.store8", 1),
    ("i64.store16", 2),
    ("i64.store32", 4),
    ("i64.store", 8),
    ("v128.store", 16),
];

/// A function that does one access at its argument.
fn access(place: usize, name: &str, offset: u32) -> String {
    let value = match &name[..4] {
        "i32." => "(i32.const 7)",
        "i64." => "(i64.const 7)",
        _ => "(v128.const i64x2 7 7)",
    };
    let lane = if name.ends_with("lane") { "0" } else { "" };
    let stores = name.contains("store");
    let value = if stores || !lane.is_empty() {
        value
    } else {
        ""
    };
    let access = format!("({name} offset={offset} {lane} (local.get 0) {value})");
    let body = if stores {
        access
    } else {
        format!("(drop {access})")
    };
    format!("(func (export \"{place}\") (param i32) {body})")
}

#[test]
fn a_check_sees_the_bytes_of_its_access_and_no_other() {
    on_a_deep_stack(|| {
        let engine = engine();
        let checked = |name: &str| lanes_are_checked() || graft::is_whole(name);
        for offset in [0, 5] {
            let functions: Vec<String> = ACCESSES
                .iter()
                .enumerate()
                .map(|(place, (name, _))| access(place, name, offset))
                .collect();
            let (wasm, accesses) = rewritten(&by_hand(&functions.concat(), 0)).unwrap();
            let mut run = Run::of(&engine, &wasm, accesses).unwrap();
            for (place, (name, width)) in ACCESSES.iter().enumerate() {
                if !checked(name) {
                    continue;
                }
                let function = run.instance.get_func(&mut run.store, &place.to_string());
                let function = function.unwrap();
                let wanted = if name.contains("store") {
                    NO_STORE
                } else {
                    NO_LOAD | UNDEFINED
                };
                for address in [4096, 65536 - offset - width] {
                    for at in -1..=i64::from(*width) {
                        for state in [NO_LOAD, NO_STORE, NO_LOAD | NO_STORE, UNDEFINED, 0xf0] {
                            let byte = i64::from(address + offset) + at;
                            let memory = run.memory(SHADOW).unwrap();
                            let shadow = memory.data_mut(&mut run.store);
                            shadow.fill(0);
                            if let Some(byte) = shadow.get_mut(byte as usize) {
                                *byte = state;
                            }
                            run.store.data_mut().bad = 0;
                            function
                                .call(&mut run.store, &[Val::I32(address as i32)], &mut [])
                                .unwrap();
                            run.begin_anew();
                            let within = (0..i64::from(*width)).contains(&at);
                            let noted = run.store.data();
                            assert_eq!(
                                noted.bad,
                                u64::from(within && state & wanted != 0),
                                "{name} offset={offset} at {address}, byte {at} is {state:#x}"
                            );
                            assert_eq!(noted.wrong, None);
                        }
                    }
                }
                let end = graft::PAGES as u32 * 65536;
                let beyond = [Val::I32((end - offset - width + 1) as i32)];
                let why = function.call(&mut run.store, &beyond, &mut []).unwrap_err();
                assert_eq!(trap(&why), "MemoryOutOfBounds", "{name}");
                run.begin_anew();
            }
        }
    });
}

/// What is done to a rewriting, to see whether it is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Break {
    /// An instruction does another thing.
    Flip,
    /// A check says nothing.
    Silence,
}

/// Breaks one place of a module; `functions` from the first have such places.
struct Breaker {
    how: Break,
    functions: usize,
    /// The import that a check calls.
    bad: Option<u32>,
    /// How many places are left until the one that is broken.
    left: usize,
    body: usize,
}

impl Breaker {
    fn flipped(&self, operator: &Operator<'_>) -> Option<Vec<Instruction<'static>>> {
        use Operator as O;
        let moved = |memarg: &wasmparser::MemArg| MemArg {
            offset: u64::from(memarg.offset.wrapping_add(1) as u32),
            align: memarg.align.into(),
            memory_index: 0,
        };
        Some(match (self.how, operator) {
            (Break::Silence, O::Call { function_index }) if Some(*function_index) == self.bad => {
                vec![Instruction::Drop; 3]
            }
            (Break::Silence, _) => return None,
            (Break::Flip, O::I32Add) => vec![Instruction::I32Sub],
            (Break::Flip, O::I64Add) => vec![Instruction::I64Sub],
            (Break::Flip, O::I32And) => vec![Instruction::I32Or],
            (Break::Flip, O::I64And) => vec![Instruction::I64Or],
            (Break::Flip, O::I32Load { memarg }) if memarg.memory == 0 => {
                vec![Instruction::I32Load(moved(memarg))]
            }
            (Break::Flip, O::I32Store { memarg }) if memarg.memory == 0 => {
                vec![Instruction::I32Store(moved(memarg))]
            }
            (Break::Flip, O::I64Store { memarg }) if memarg.memory == 0 => {
                vec![Instruction::I64Store(moved(memarg))]
            }
            _ => return None,
        })
    }
}

impl Reencode for Breaker {
    type Error = Infallible;

    fn parse_function_body(
        &mut self,
        section: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), reencode::Error<Infallible>> {
        let mut code = self.new_function_with_parsed_locals(&body)?;
        let within = self.body < self.functions;
        self.body += 1;
        let operators: Result<Vec<_>, _> = body.get_operators_reader()?.into_iter().collect();
        let operators = operators?;
        for (at, operator) in operators.iter().enumerate() {
            let operator = operator.clone();
            // What address a complaint tells is looked at elsewhere.
            let tells = matches!(
                operators.get(at + 3),
                Some(Operator::Call { function_index }) if Some(*function_index) == self.bad
            );
            match self.flipped(&operator) {
                Some(flipped) if within && !tells => {
                    if self.left == 0 {
                        for instruction in &flipped {
                            code.instruction(instruction);
                        }
                    } else {
                        code.instruction(&self.instruction(operator)?);
                    }
                    self.left = self.left.wrapping_sub(1);
                }
                _ => {
                    code.instruction(&self.instruction(operator)?);
                }
            }
        }
        section.function(&code);
        Ok(())
    }
}

/// The module with its `place`-th place broken; `None` where it has fewer.
fn broken(wasm: &[u8], how: Break, place: usize, functions: usize) -> Option<Vec<u8>> {
    let imports = vera_stress::instrument::Anatomy::of(wasm).unwrap().imports;
    let bad = imports
        .iter()
        .position(|it| it.module == OURS && it.name == rewrite::BAD);
    let mut breaker = Breaker {
        how,
        functions,
        bad: bad.map(|it| it as u32),
        left: place,
        body: 0,
    };
    let mut module = wasm_encoder::Module::new();
    breaker
        .parse_core_module(&mut module, wasmparser::Parser::new(0), wasm)
        .unwrap();
    let reached = breaker.left > place;
    reached.then(|| module.finish())
}

#[test]
fn a_rewriting_that_is_broken_anywhere_is_noticed() {
    const PROGRAM: &str = r#"
        (func (export "sum") (param i32) (result i32)
            (i32.store offset=12 (i32.const 2048) (i32.add (local.get 0) (i32.const 3)))
            (i32.add (i32.load offset=12 (i32.const 2048)) (i32.const 1)))
        (func (export "wide") (param i64) (result i64)
            (i64.store (i32.const 3000) (i64.add (local.get 0) (i64.const 5)))
            (i64.load (i32.const 3000)))
    "#;
    on_a_deep_stack(|| {
        let engine = engine();
        let grafted = by_hand(PROGRAM, 0);
        let (wasm, accesses) = rewritten(&grafted).unwrap();
        let compared =
            |wasm: &[u8], shadow| match compare(&engine, &grafted, wasm, accesses.clone(), shadow)?
            {
                Became::Same(checks) if shadow == Shadow::Full => every_access_is_checked(&checks),
                Became::Same(_) => Ok(()),
                Became::Skipped(why) => panic!("{why:?}"),
            };
        // A flip in what only a complaint comes by shows in what it says.
        let shadows = [Shadow::Clear, Shadow::Full];
        for shadow in shadows {
            compared(&wasm, shadow).unwrap();
        }
        for (how, places) in [(Break::Flip, 14), (Break::Silence, 4)] {
            let mut found = 0;
            while let Some(broken) = broken(&wasm, how, found, grafted.own) {
                let noticed = shadows.map(|shadow| compared(&broken, shadow).is_err());
                assert!(
                    noticed.contains(&true),
                    "{how:?} at {found}\n{}",
                    text(&broken)
                );
                found += 1;
            }
            assert_eq!(found, places, "{}", text(&wasm));
        }
    });
}

#[test]
fn a_broken_rewriting_of_any_module_is_often_noticed() {
    on_a_deep_stack(|| {
        let engine = engine();
        let (mut modules, mut noticed) = (0, 0);
        for seed in (0..100).filter(|seed| seed % 4 == 3) {
            let Some(grafted) = made(seed) else { continue };
            let (wasm, accesses) = rewritten(&grafted).unwrap();
            // Many a place is never come by.
            let ends = (0..60).step_by(6).filter_map(|place| {
                let broken = broken(&wasm, Break::Flip, place, grafted.own)?;
                let accesses = accesses.clone();
                Some(compare(&engine, &grafted, &broken, accesses, Shadow::Clear).is_err())
            });
            modules += 1;
            noticed += u32::from(ends.collect::<Vec<_>>().contains(&true));
        }
        println!("{noticed} of {modules} noticed");
        assert!(noticed * 2 > modules, "{noticed} of {modules}");
    });
}
