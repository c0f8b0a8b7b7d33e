//! The native engine given bytes that nobody compiled: it comes to an outcome,
//! and the process to no harm.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::native::{Module, Vera, every, random, request, scenario};
use proptest::prelude::*;
use vera_stress::case::{Bytes, Ending, GcMode, Instructions, Lane, Measures, Outcome, Trap};
use vera_stress::engine::native::NativeRequest;
use vera_stress::instrument::{Variant, instrument};
use vera_stress::interrupt::Interrupt;
use vera_stress::toolchain::compile::Stop;

const MODES: [GcMode; 5] = [
    GcMode::Shipped,
    GcMode::Eager,
    GcMode::Random(Some(1)),
    GcMode::PerStack,
    GcMode::Never,
];

/// A request with budgets that are spent in a moment.
fn small(arguments: &[i64], mode: GcMode) -> NativeRequest {
    let mut request = request(arguments);
    request.mode = mode;
    request.budget.time = Duration::from_secs(2);
    request.budget.memory = Bytes::mebi(4);
    request.budget.output = Bytes(10_000);
    request.budget.instructions = Instructions(5_000_000);
    request
}

/// Longer than any case takes that is not stuck, on whatever machine.
const STUCK: Duration = Duration::from_mins(10);

/// What a module comes to; `None` where its names are not those of Vera's
/// runtime, which is said and nothing is run.
fn outcome(module: &Module, request: &NativeRequest) -> Option<Outcome> {
    match module.execute_until(request, &Interrupt::new()) {
        Ok(outcome) => Some(outcome),
        Err(Stop::UnknownRuntime(_)) => None,
        Err(other) => panic!("{other}"),
    }
}

/// Runs a module in every mode; fails where one panics or does not end.
fn comes_to_an_outcome(module: &Module) {
    for mode in MODES.into_iter().chain([every(2), random(7)]) {
        let started = Instant::now();
        outcome(module, &small(&[6], mode));
        assert!(started.elapsed() < STUCK, "{mode:?}");
    }
}

/// Modules as two releases compile them.
fn real() -> &'static [Module] {
    static REAL: OnceLock<Vec<Module>> = OnceLock::new();
    REAL.get_or_init(|| {
        [
            ("0.1.5", "state-handler"),
            ("0.1.5", "map-fold"),
            ("0.2.5", "cross-module-strings"),
            ("0.2.5", "print-volume"),
        ]
        .map(|(release, name)| Vera::of(release).compile_in(&scenario(name), Lane::NATIVE))
        .into()
    })
}

/// A change of a module, by numbers that are brought into its length.
#[derive(Clone, Debug)]
enum Change {
    Flip(usize, u8),
    Set(usize, u8),
    Swap(usize, usize),
    Cut(usize),
    Drop(usize, usize),
    Repeat(usize, usize),
}

impl Change {
    fn make(&self, wasm: &mut Vec<u8>) {
        let length = wasm.len().max(1);
        let at = |place: usize| place % length;
        if wasm.is_empty() {
            return;
        }
        match *self {
            Change::Flip(place, bit) => wasm[at(place)] ^= 1 << (bit % 8),
            Change::Set(place, byte) => wasm[at(place)] = byte,
            Change::Swap(one, other) => wasm.swap(at(one), at(other)),
            Change::Cut(place) => wasm.truncate(at(place)),
            Change::Drop(place, count) => {
                let end = (at(place) + count % 16).min(wasm.len());
                wasm.drain(at(place)..end);
            }
            Change::Repeat(place, count) => {
                let end = (at(place) + count % 64).min(wasm.len());
                let again = wasm[at(place)..end].to_vec();
                wasm.splice(end..end, again);
            }
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        8 => (any::<usize>(), any::<u8>()).prop_map(|(at, bit)| Change::Flip(at, bit)),
        4 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        2 => (any::<usize>(), any::<usize>()).prop_map(|(one, other)| Change::Swap(one, other)),
        1 => any::<usize>().prop_map(Change::Cut),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(at, count)| Change::Drop(at, count)),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(at, count)| Change::Repeat(at, count)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_come_to_an_outcome(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        header: bool,
    ) {
        let start: &[u8] = if header { b"\0asm\x01\0\0\0" } else { b"" };
        comes_to_an_outcome(&Module::new([start, &bytes].concat()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_real_module_with_any_change_comes_to_an_outcome(
        which in 0..4usize,
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let real = &real()[which];
        let mut wasm = real.wasm.clone();
        changes.iter().for_each(|change| change.make(&mut wasm));
        comes_to_an_outcome(&real.with(wasm));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_module_that_is_valid_is_rewritten_to_one_that_does_the_same(
        which in 0..4usize,
        changes in prop::collection::vec(change(), 1..3),
    ) {
        let real = &real()[which];
        let mut wasm = real.wasm.clone();
        changes.iter().for_each(|change| change.make(&mut wasm));
        for variant in [Variant::Counted, Variant::Scheduled, Variant::Uncollected, Variant::Stepped] {
            match instrument(&wasm, variant) {
                Ok(rewritten) => {
                    let valid = wasmparser::validate(&rewritten).map(|_| ());
                    prop_assert!(valid.is_ok(), "{:?}: {:?}", variant, valid);
                }
                // Only the names may be such that one rewrites and another,
                // which needs none of them, leaves the module as it is.
                Err(_) if variant == Variant::Stepped => {}
                Err(_) => prop_assert!(instrument(&wasm, Variant::Counted).is_err()),
            }
        }
        let module = real.with(wasm);
        let shipped = outcome(&module, &small(&[6], GcMode::Shipped));
        let scheduled = outcome(&module, &small(&[6], every(1 << 40)));
        prop_assert_eq!(shipped.is_some(), scheduled.is_some());
        let (Some(shipped), Some(scheduled)) = (shipped, scheduled) else {
            return Ok(());
        };
        if matches!(shipped.ending, Ending::Returned { .. } | Ending::Trapped(_)) {
            prop_assert_eq!(&shipped.ending, &scheduled.ending);
            prop_assert_eq!(shipped.stdout, scheduled.stdout);
            // What ran since wasmtime last wrote its count down is lost where an
            // access traps, and code that is added has it written down elsewhere.
            let loses = |trap: &Trap| trap.kind == "out_of_bounds";
            let lost = matches!(&shipped.ending, Ending::Trapped(trap) if loses(trap));
            let held = |measures: Option<Measures>| {
                measures.map(|it| match lost {
                    true => Measures { instructions: Instructions(0), ..it },
                    false => it,
                })
            };
            prop_assert_eq!(held(shipped.measures), held(scheduled.measures));
        }
    }
}
