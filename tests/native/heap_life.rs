//! The heap of a program over its life: it is what really happened, each time the
//! same, and tracing it changes nothing else.

use std::time::Duration;

use crate::native::{Module, Vera, fixed_scenarios, measures, request, scenario, trap};
use vera_stress::case::{
    Bytes, Collection, Ending, GcMode, HeapLife, Instructions, Lane, LifeEnd, MOST_KEPT, Outcome,
    Sources, Usage,
};
use vera_stress::engine::native::{CompiledProgram, Native, NativeRequest};
use vera_stress::interrupt::Interrupt;

/// The oldest release, the first that names its checks, and the newest.
const RELEASES: [&str; 3] = ["0.1.5", "0.2.0", "0.2.5"];

/// A heap from 64 on, of which each allocation takes 16 bytes. Behind the ninth
/// there is no room, and a collection frees all.
const BY_HAND: &str = r#"(module
    (memory (export "vera.memory") 1)
    (global $gc_sp (mut i32) (i32.const 8))
    (global $gc_stack_base i32 (i32.const 8))
    (global $gc_stack_limit i32 (i32.const 16))
    (global $gc_heap_start i32 (i32.const 64))
    (global $heap_ptr (mut i32) (i32.const 64))
    (global $gc_free_head (mut i32) (i32.const 0))
    (func $gc_collect (global.set $heap_ptr (i32.const 64)))
    (func $alloc (export "vera.alloc") (param i32) (result i32)
      (if (i32.gt_u (global.get $heap_ptr) (i32.const 200)) (then (call $gc_collect)))
      (global.set $heap_ptr (i32.add (global.get $heap_ptr) (local.get 0)))
      (i32.const 64))
    (func (export "main") (param i64) (result i64)
      (loop $next
        (drop (call $alloc (i32.const 16)))
        (local.set 0 (i64.sub (local.get 0) (i64.const 1)))
        (br_if $next (i64.ne (local.get 0) (i64.const 0))))
      (i64.const 7)))"#;

/// What a module comes to where its collections are traced.
fn traced(module: &Module, request: &NativeRequest) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let program = CompiledProgram {
        wasm: &module.wasm,
        folder: folder.path(),
        about: &module.about,
    };
    let native = Native::tracing();
    native
        .execute(&program, request, &Interrupt::new())
        .unwrap()
}

fn compiled(release: &str, sources: &Sources) -> Module {
    Vera::of(release).compile_in(sources, Lane::NATIVE)
}

#[track_caller]
fn life(outcome: &Outcome) -> &HeapLife {
    outcome.heap_life.as_ref().expect("its heap was traced")
}

/// An outcome without what differs from run to run, and without the life.
fn lifeless(outcome: Outcome) -> Outcome {
    Outcome {
        heap_life: None,
        run: Usage::default(),
        ..outcome
    }
}

/// The most that was in use, by a life.
fn most(life: &HeapLife) -> Bytes {
    let found = life.kept.iter().map(|it| it.before);
    found.max().unwrap_or_default().max(life.end.used)
}

// --- What it says ------------------------------------------------------------

#[test]
fn a_heap_that_was_made_by_hand_is_told_to_the_byte() {
    let module = Module::text(BY_HAND);
    let of = |n| {
        let outcome = traced(&module, &request(&[n]));
        (life(&outcome).clone(), measures(&outcome).instructions)
    };
    let (none, fuel) = of(9);
    let end = LifeEnd {
        at: fuel,
        used: Bytes(9 * 16),
    };
    assert_eq!((none.collections, none.every), (0, 1));
    assert_eq!((none.kept, none.end), (Vec::new(), end));

    let (twice, fuel) = of(20);
    assert_eq!((twice.collections, twice.end.used), (2, Bytes(2 * 16)));
    assert_eq!(twice.end.at, fuel);
    let sizes = twice.kept.iter().map(|it| (it.before.0, it.after.0));
    assert_eq!(sizes.collect::<Vec<_>>(), [(9 * 16, 0); 2]);
    // Between two collections lie nine rounds, as between these two ends.
    let rounds = of(28).1.0 - of(19).1.0;
    assert_eq!(twice.kept[1].at.0 - twice.kept[0].at.0, rounds);
    assert!(twice.kept[1].at < twice.end.at);
}

#[test]
fn a_churning_program_draws_a_saw_tooth() {
    let sources = scenario("small-live-large-garbage");
    for (release, n) in [("0.1.5", 60), ("0.2.5", 700)] {
        let outcome = traced(&compiled(release, &sources), &request(&[n]));
        let life = life(&outcome);
        assert_eq!(life.collections, measures(&outcome).collections);
        assert_eq!(life.end.at, measures(&outcome).instructions);
        let all = usize::try_from(life.collections).unwrap();
        assert!(all > 20, "{all} on {release}");
        if all > MOST_KEPT {
            assert!(life.kept.len() <= MOST_KEPT && life.kept.len() >= MOST_KEPT / 2 - 1);
            assert!(life.every > 1);
        } else {
            assert_eq!((life.kept.len(), life.every), (all, 1));
        }
        // The first two are before the first round.
        for Collection { before, after, .. } in &life.kept[2..] {
            assert!(after.0 * 2 < before.0, "{life:?}");
        }
        assert!(life.kept.windows(2).all(|pair| pair[0].at < pair[1].at));
    }
    let many = traced(&compiled("0.2.5", &sources), &request(&[700]));
    assert!(life(&many).collections > 2 * MOST_KEPT as u64);
}

#[test]
fn it_agrees_with_a_look_at_the_same_program() {
    for release in RELEASES {
        for (name, n) in [
            ("array-map-nested", 40),
            ("cross-module-strings", 500),
            ("life", 12),
            ("linked-list", 6_000),
            ("state-handler", 900),
        ] {
            let sources = scenario(name);
            let outcome = traced(&compiled(release, &sources), &request(&[n]));
            let life = life(&outcome);
            let n = n.cast_unsigned();
            let looked = Vera::of(release).probe(&sources, n).unwrap();
            assert_eq!(Some(most(life)), looked.used, "{name} on {release}");
            assert_eq!(life.every, 1, "{name} on {release}");
            let left = life.kept.iter().map(|it| it.after).max();
            assert_eq!(left, looked.live, "{name} on {release}");
        }
    }
}

#[test]
fn a_program_that_traps_has_a_life_until_then() {
    let module = compiled("0.2.5", &scenario("decimal-live"));
    let outcome = traced(&module, &request(&[5_000]));
    assert_eq!(trap(&outcome).kind, "unreachable");
    let life = life(&outcome);
    assert_eq!(life.end.at, measures(&outcome).instructions);
    assert!(life.kept.windows(2).all(|it| it[0].after <= it[1].before));
    assert_eq!(most(life), life.end.used);
    assert!(life.kept.last().unwrap().after <= life.end.used);
}

#[test]
fn a_program_that_is_out_of_memory_has_a_life_that_rises_to_its_end() {
    let module = compiled("0.2.5", &scenario("linked-list"));
    let mut request = request(&[6_000]);
    request.budget.memory = Bytes(4 * 65_536);
    let outcome = traced(&module, &request);
    let ending = &outcome.ending;
    assert!(matches!(ending, Ending::OverMemory { .. }), "{ending:?}");
    let rises = life(&outcome);
    assert!(rises.kept.len() > 1, "{rises:?}");
    assert!(
        rises.kept.windows(2).all(|it| it[0].after <= it[1].before),
        "{rises:?}"
    );
    // This budget ends it at the same place each time.
    assert_eq!(life(&traced(&module, &request)), rises);
}

// --- What tracing does -------------------------------------------------------

#[test]
fn tracing_changes_nothing_and_repeats() {
    for (release, some) in [("0.1.5", 3), ("0.2.0", 5), ("0.2.5", 1)] {
        for (scenario, sources) in fixed_scenarios(release).step_by(some) {
            let module = compiled(release, &sources);
            let n = scenario.n.get().min(50).cast_signed();
            let mut request = request(&[n]);
            let input = scenario
                .input
                .at(vera_stress::case::Scale::new(50).unwrap());
            request.input = input.unwrap().into_bytes();
            let plain = module.execute(&request);
            assert_eq!(plain.heap_life, None, "nobody asked for it");
            let once = traced(&module, &request);
            let again = traced(&module, &request);
            let what = format!("{} on {release}", scenario.name);
            assert_eq!(once.heap_life, again.heap_life, "{what}");
            if let (Some(life), Some(measures)) = (&once.heap_life, &once.measures) {
                assert_eq!(life.collections, measures.collections, "{what}");
                assert_eq!(life.end.at, measures.instructions, "{what}");
            }
            assert_eq!(lifeless(once), lifeless(plain), "{what}");
        }
    }
}

#[test]
fn work_that_is_spent_ends_where_it_does_without_a_trace() {
    let module = Module::text(BY_HAND);
    for work in [5_000, 5_001, 5_002, 5_003] {
        let mut request = request(&[i64::MAX]);
        request.budget.instructions = Instructions(work);
        let [once, again] = [(); 2].map(|()| traced(&module, &request));
        assert!(matches!(once.ending, Ending::OverInstructions { .. }));
        assert!(life(&once).collections > 10);
        assert_eq!(once.heap_life, again.heap_life);
        assert_eq!(lifeless(once), lifeless(module.execute(&request)));
    }
}

#[test]
fn a_program_that_a_clock_ended_has_no_life() {
    let module = Module::text(BY_HAND);
    let mut request = request(&[i64::MAX]);
    request.budget.instructions = Instructions(u64::MAX);
    request.budget.time = Duration::from_millis(20);
    let outcome = traced(&module, &request);
    assert!(matches!(outcome.ending, Ending::OverTime { .. }));
    assert_eq!(outcome.heap_life, None);
}

#[test]
fn a_stack_that_is_exhausted_has_no_life_and_one_that_only_counting_fills_has() {
    let module = compiled("0.2.5", &scenario("linked-list"));
    let outcome = traced(&module, &request(&[100_000]));
    assert_eq!(trap(&outcome).kind, "stack_exhausted");
    assert_eq!((outcome.heap_life, outcome.measures), (None, None));

    let deep = request(&[20_000]);
    let plain = module.execute(&deep);
    assert!(module.was_run_again(), "counting must fill the stack");
    let lived = traced(&module, &deep);
    assert_eq!(life(&lived).end.at, measures(&plain).instructions);
    assert_eq!(life(&lived).collections, measures(&plain).collections);
}

#[test]
fn a_heap_that_is_not_told_is_not_taken_for_an_empty_one() {
    for part in ["gc_heap_start", "gc_free_head"] {
        let moved = BY_HAND.replace(&format!("${part} "), "$elsewhere ");
        let module = Module::text(&moved);
        let request = request(&[100]);
        let outcome = traced(&module, &request);
        assert_eq!(outcome.heap_life, None, "{part}");
        assert!(measures(&outcome).collections > 1, "{part}");
        assert_eq!(outcome.measures, module.execute(&request).measures);
    }
    let no_heap = Module::text("(module (func (export \"main\") (result i64) i64.const 1))");
    assert_eq!(traced(&no_heap, &request(&[])).heap_life, None);
}

#[test]
fn only_collections_as_shipped_are_traced() {
    let module = compiled("0.2.5", &scenario("life"));
    for mode in [GcMode::Eager, GcMode::Checks, GcMode::Never] {
        let mut request = request(&[6]);
        request.mode = mode;
        assert_eq!(traced(&module, &request).heap_life, None, "{mode:?}");
    }
}
