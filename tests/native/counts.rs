//! What the native engine counts is exact: the same as wasmtime charges for the
//! unmodified module, and the same as another way of counting gives.

use crate::native::{
    Module, Vera, every, fixed_scenarios, measures, number, random, request, scenario, trap,
};
use crate::watch::{
    ALLOCATED, ALLOCATIONS, BASE, Bare, COLLECTIONS, TOP, bare, watched, without_collector,
};
use vera_stress::case::{Bytes, Ending, GcMode, Instructions, Lane, Measures, Outcome};

/// The oldest release, the first that names its checks, and the newest.
const RELEASES: [&str; 3] = ["0.1.5", "0.2.0", "0.2.5"];

/// Programs that need of their host what a stub gives, at a scale that makes
/// their collector run.
const PROGRAMS: [(&str, i64); 7] = [
    ("array-map-int", 9_000),
    ("array-map-nested", 40),
    ("cross-module-strings", 500),
    ("life", 12),
    ("linked-list", 6_000),
    ("state-handler", 900),
    ("tail-recursion-allocating", 1_500),
];

fn module(release: &str, scenario_name: &str) -> Module {
    Vera::of(release).compile_in(&scenario(scenario_name), Lane::NATIVE)
}

/// Whether both ended the same way, and used the same.
#[track_caller]
fn assert_same(what: &str, outcome: &Outcome, bare: &Bare) {
    match (&outcome.ending, &bare.ending) {
        (Ending::Returned { .. }, Ok(values)) => {
            assert_eq!(vec![number(outcome)], *values, "{what}");
        }
        (Ending::Trapped(_), Err(_)) => {}
        other => panic!("{what}: {other:?}"),
    }
    let counted = measures(outcome);
    assert_eq!(counted.instructions, Instructions(bare.fuel), "{what}");
    assert_eq!(counted.peak_memory, Bytes(bare.memory), "{what}");
    assert_eq!(outcome.peak_heap, Some(Bytes(bare.heap)), "{what}");
    assert_eq!(counted.host_calls, bare.calls, "{what}");
}

#[test]
fn fuel_is_what_wasmtime_charges_for_the_unmodified_module() {
    for release in RELEASES {
        for (name, n) in PROGRAMS {
            let module = module(release, name);
            for n in [1, n] {
                let what = format!("{name} on {release} at {n}");
                assert_same(&what, &module.shipped(&[n]), &bare(&module.wasm, &[n]));
            }
        }
    }
}

#[test]
fn fuel_is_exact_where_the_program_traps() {
    let overflow = module("0.1.5", "cross-module-strings");
    let outcome = overflow.shipped(&[10_000]);
    assert_eq!(trap(&outcome).kind, "unreachable");
    let bare = bare(&overflow.wasm, &[10_000]);
    assert_same("the shadow-stack overflow of 0.1.5", &outcome, &bare);
    // All of it was in use: 4,096 roots.
    assert_eq!(measures(&outcome).shadow_stack, Some(Bytes(16_384)));
}

#[test]
fn allocations_collections_and_roots_are_what_another_count_finds() {
    for release in RELEASES {
        for (name, n) in PROGRAMS {
            let module = module(release, name);
            let watched = bare(&watched(&module.wasm), &[n]);
            let counter = |name: &str| watched.counters[name].cast_unsigned();
            let outcome = module.shipped(&[n]);
            let counted = measures(&outcome);
            let what = format!("{name} on {release}");
            assert!(counted.allocations > 0 && counted.collections > 0, "{what}");
            assert_eq!(counted.allocations, counter(ALLOCATIONS), "{what}");
            assert_eq!(counted.allocated, Bytes(counter(ALLOCATED)), "{what}");
            assert_eq!(counted.collections, counter(COLLECTIONS), "{what}");
            let used = counter(TOP) - counter(BASE);
            assert_eq!(counted.shadow_stack, Some(Bytes(used)), "{what}");
        }
    }
}

#[test]
fn an_eager_schedule_counts_what_a_module_compiled_to_be_eager_does() {
    for release in RELEASES {
        for (name, n) in PROGRAMS {
            let n = n.min(300);
            let what = format!("{name} on {release}");
            let scheduled = module(release, name).run(GcMode::Eager, &[n]);
            let eager = Vera::of(release).compile_in(&scenario(name), Lane::REFERENCE_EAGER);
            let compiled = eager.shipped(&[n]);
            assert_eq!(scheduled.ending, compiled.ending, "{what}");
            assert_eq!(scheduled.peak_heap, compiled.peak_heap, "{what}");
            // Where the module collects by itself, nobody forces it to.
            let forced = measures(&scheduled).forced;
            assert_eq!(forced, measures(&scheduled).allocations, "{what}");
            let compiled = Measures {
                forced,
                ..measures(&compiled).clone()
            };
            assert_eq!(*measures(&scheduled), compiled, "{what}");
            // And those are what wasmtime charges.
            assert_same(&what, &scheduled, &bare(&eager.wasm, &[n]));
        }
    }
}

#[test]
fn a_schedule_that_forces_nothing_costs_nothing() {
    for (name, n) in PROGRAMS {
        let module = module("0.2.5", name);
        let shipped = module.shipped(&[n]);
        let scheduled = module.run(every(1 << 40), &[n]);
        assert_eq!(scheduled.measures, shipped.measures, "{name}");
    }
}

#[test]
fn an_answer_not_to_collect_costs_nothing() {
    // One place allocates, so per-stack collects before its first allocation and
    // says no before every other; the module's own collection is there as well.
    let program = "
private data Box { Box(Int) }

private fn sum(@Nat, @Int -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else {
    sum(@Nat.0 - 1, match Box(@Int.0 + 2) { Box(@Int) -> @Int.0 })
  }
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  sum(@Nat.0, 0)
}
";
    let module = Vera::of("0.2.5").compile(program);
    let fuel = |mode, n: i64| {
        let outcome = module.run(mode, &[n]);
        let measures = measures(&outcome);
        assert_eq!(
            (measures.allocations, number(&outcome)),
            (n.cast_unsigned(), 2 * n),
            "{measures:?}"
        );
        assert_eq!(measures.collections, 1);
        measures.instructions.0.cast_signed()
    };
    let forced = |n| fuel(GcMode::PerStack, n) - fuel(GcMode::Shipped, n);
    let once = forced(1);
    for n in [2, 3, 100, 1_500] {
        assert_eq!(forced(n), once, "n = {n}");
    }
}

#[test]
fn never_counts_what_a_module_with_an_empty_collector_does() {
    for (name, n) in PROGRAMS {
        let module = module("0.2.5", name);
        let never = module.run(GcMode::Never, &[n]);
        assert_same(name, &never, &bare(&without_collector(&module.wasm), &[n]));
        let shipped = module.shipped(&[n]);
        assert!(
            measures(&never).instructions < measures(&shipped).instructions,
            "{name}"
        );
        assert_eq!(measures(&never).collections, 0, "{name}");
    }
}

/// A function of no memory that calls itself n times before it returns.
const DEEP: &str = "
private fn down(@Nat -> @Nat)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { 0 } else { (down(@Nat.0 - 1) + @Nat.0) % 1000003 }
}

public fn main(@Nat -> @Nat)
  requires(true) ensures(true) effects(pure)
{
  down(@Nat.0)
}
";

#[test]
fn fuel_is_exact_where_counting_needs_a_larger_stack() {
    for release in RELEASES {
        let module = Vera::of(release).compile(DEEP);
        // Counting exhausts Vera's stack before Vera does: deeper by a fifth
        // each time, there is a depth in between.
        let mut n = 1_000;
        while !module.was_run_again() {
            n += n / 5;
            let outcome = module.shipped(&[n]);
            let bare = bare(&module.wasm, &[n]);
            let what = format!("{n} on {release}");
            assert_eq!(Ok(vec![number(&outcome)]), bare.ending, "{what}");
            assert_eq!(
                measures(&outcome).instructions,
                Instructions(bare.fuel),
                "{what}"
            );
        }
    }
}

#[test]
fn the_shadow_stack_of_a_recursion_grows_by_the_same_at_each_level() {
    // `life` keeps three objects of each generation until the deeper ones are
    // done with.
    let module = module("0.2.5", "life");
    for n in [1_i64, 2, 3, 50, 120] {
        let outcome = module.shipped(&[n]);
        let expected = 56 + 12 * n.cast_unsigned();
        let used = measures(&outcome).shadow_stack;
        assert_eq!(used, Some(Bytes(expected)), "n = {n}");
    }
}

#[test]
fn every_module_of_the_catalogue_is_watched_on_every_release() {
    for release in ["0.1.5", "0.1.9", "0.1.13", "0.2.0", "0.2.5"] {
        for (scenario, sources) in fixed_scenarios(release) {
            let module = Vera::of(release).compile_in(&sources, Lane::NATIVE);
            let outcome = module.shipped(&[5]);
            if matches!(outcome.ending, Ending::Unsupported { .. }) {
                continue;
            }
            let measures = measures(&outcome);
            let name = &scenario.name;
            // Whoever allocates keeps a root of it on the way.
            let least = u64::from(measures.allocations > 0);
            let used = measures.shadow_stack;
            assert!(
                used.is_some_and(|used| used.0 >= least),
                "{name} on {release}"
            );
        }
    }
}

#[test]
fn host_calls_are_counted_by_name() {
    let program = "
private fn rounds(@Nat, @Decimal -> @Decimal)
  requires(true) ensures(true) decreases(@Nat.0) effects(<IO>)
{
  if @Nat.0 == 0 then { @Decimal.0 } else {
    IO.print(\".\");
    rounds(@Nat.0 - 1, decimal_add(@Decimal.0, decimal_from_int(1)))
  }
}

public fn main(@Nat -> @Unit)
  requires(true) ensures(true) effects(<IO>)
{
  IO.print(decimal_to_string(rounds(@Nat.0, decimal_from_int(0))))
}
";
    for release in RELEASES {
        let outcome = Vera::of(release).compile(program).shipped(&[30]);
        let calls = &measures(&outcome).host_calls;
        for (name, expected) in [
            ("print", 31),
            ("decimal_add", 30),
            ("decimal_from_int", 31),
            ("decimal_to_string", 1),
        ] {
            assert_eq!(calls.get(name), Some(&expected), "{name} on {release}");
        }
        assert!(outcome.stdout.ends_with(b".30"));
    }
}

#[test]
fn the_same_run_twice_gives_the_same_numbers() {
    for release in ["0.1.5", "0.2.5"] {
        for (scenario, sources) in fixed_scenarios(release) {
            let modes = [GcMode::Shipped, every(7), random(9), GcMode::PerStack];
            for mode in modes {
                let run = || {
                    let module = Vera::of(release).compile_in(&sources, Lane::NATIVE);
                    let outcome = module.run(mode, &[25]);
                    (outcome.ending, outcome.measures, outcome.stdout)
                };
                assert_eq!(run(), run(), "{} on {release}", scenario.name);
            }
        }
    }
}

#[test]
fn a_budget_of_work_is_spent_to_the_unit() {
    let module = module("0.2.5", "linked-list");
    let work = measures(&module.shipped(&[100])).instructions;
    let within = |work: u64| {
        let mut request = request(&[100]);
        request.budget.instructions = Instructions(work);
        let ending = module.execute(&request).ending;
        match ending {
            Ending::OverInstructions { limit } => assert_eq!(limit, Instructions(work)),
            Ending::Returned { .. } => return true,
            other => panic!("{other:?}"),
        }
        false
    };
    assert!(within(work.0));
    assert!(!within(work.0 - 1));
    assert!(!within(work.0 / 2));
    assert!(!within(1));
}

/// What the smallest allocator, and a collector that does nothing, make of a
/// call of each, with everything written out.
const BY_HAND: &str = r#"
(module
  (import "vera" "print" (func $print (param i32 i32)))
  (memory (export "memory") 1 4)
  (data (i32.const 0) "hi")
  (global $heap_ptr (export "heap_ptr") (mut i32) (i32.const 1024))
  (global $gc_sp (export "gc_sp") (mut i32) (i32.const 16))
  (global $gc_stack_base i32 (i32.const 16))
  (global $gc_stack_limit (export "gc_stack_limit") i32 (i32.const 1024))
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $heap_ptr))
    (global.set $heap_ptr (i32.add (global.get $heap_ptr) (local.get $size)))
    (local.get $at))
  (func $gc_collect)
  (func $push (param $object i32)
    (if (i32.gt_u (i32.add (global.get $gc_sp) (i32.const 4)) (global.get $gc_stack_limit))
      (then unreachable))
    global.get $gc_sp
    local.get $object
    i32.store
    (global.set $gc_sp (i32.add (global.get $gc_sp) (i32.const 4))))
  (func (export "main") (param $n i64) (result i64)
    (local $left i64)
    (local.set $left (local.get $n))
    (loop $again
      (call $push (call $alloc (i32.const 24)))
      call $gc_collect
      (local.set $left (i64.sub (local.get $left) (i64.const 1)))
      (br_if $again (i64.ne (local.get $left) (i64.const 0))))
    (call $print (i32.const 0) (i32.const 2))
    local.get $n))
"#;

/// What a round costs: 8 in `$alloc`, 14 in `$push`, 1 in the collector, and 12
/// in the loop itself. Entering a function is a unit; `loop` and `end` are none.
const EACH: u64 = 8 + 14 + 1 + 12;

/// What is around the rounds.
const AROUND: u64 = 1 + 2 + 3 + 1;

#[test]
fn a_module_made_by_hand_costs_what_its_instructions_say() {
    let module = Module::text(BY_HAND);
    for n in [1_i64, 10] {
        let units = n.cast_unsigned();
        let outcome = module.shipped(&[n]);
        let counted = measures(&outcome);
        assert_eq!(counted.instructions, Instructions(EACH * units + AROUND));
        assert_eq!((counted.allocations, counted.collections), (units, units));
        assert_eq!(counted.allocated, Bytes(24 * units));
        assert_eq!(counted.shadow_stack, Some(Bytes(4 * units)));
        assert_eq!(counted.peak_memory, Bytes(65_536));
        assert_eq!(outcome.peak_heap, Some(Bytes(1024 + 24 * units)));
        assert_eq!(counted.host_calls, [("print".to_owned(), 1)].into());
        assert_eq!(outcome.stdout, b"hi");
        assert_same("by hand", &outcome, &bare(&module.wasm, &[n]));

        let eager = module.run(GcMode::Eager, &[n]);
        // Another call of the collector, which costs two units, each time.
        let expected = (EACH + 2) * units + AROUND;
        assert_eq!(measures(&eager).instructions, Instructions(expected));
        assert_eq!(measures(&eager).collections, 2 * units);
    }
}
