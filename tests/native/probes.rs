//! What a look at a program's stack and heap tells is what it really needs, and
//! looking changes nothing.

use crate::native::{Vera, measures, scenario, sources, trap};
use crate::watch::bare;
use vera_stress::case::{Bytes, Ending, Lane, Probed, Sources};
use vera_stress::instrument::{AFTER_COLLECTION, BEFORE_COLLECTION, DEEPER, Variant, instrument};

/// The oldest release, the first that names its checks, and the newest.
const RELEASES: [&str; 3] = ["0.1.5", "0.2.0", "0.2.5"];

/// Programs that need of their host what a stub gives, at a scale that makes
/// their collector run.
const PROGRAMS: [(&str, u64); 6] = [
    ("array-map-int", 9_000),
    ("array-map-nested", 40),
    ("cross-module-strings", 500),
    ("life", 12),
    ("linked-list", 6_000),
    ("state-handler", 900),
];

/// The WebAssembly stack of Vera's runtime.
const ROOM: Bytes = Bytes(512 * 1024);

/// To how many bytes the stack that a program needs is searched.
const STEP: u64 = 64;

/// Calls itself n times before it returns.
const DOWN: &str = "
private fn down(@Nat -> @Nat)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { 0 } else { (down(@Nat.0 - 1) + @Nat.0) % 1000003 }
}
";

/// Throws through a function, and catches it, 50 times.
const THROWN: &str = "
private fn thrown(@Nat -> @Int)
  requires(true) ensures(true) effects(<Exn<String>>)
{
  throw(\"nothing under \\(@Nat.0)\")
}

private fn caught(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  handle[Exn<String>] {
    throw(@String) -> { nat_to_int(string_length(@String.0)) }
  } in {
    thrown(@Nat.0)
  }
}

private fn rounds(@Nat, @Int -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else { rounds(@Nat.0 - 1, @Int.0 + caught(@Nat.0)) }
}
";

/// Makes an array in each of n rounds, each longer than the one before, and
/// keeps none of them.
const DROPPED: &str = "
private fn longer(@Nat, @Nat, @Int -> @Int)
  requires(@Nat.0 <= @Nat.1) ensures(true) decreases(@Nat.1 - @Nat.0) effects(pure)
{
  if @Nat.0 == @Nat.1 then { @Int.0 } else {
    longer(@Nat.1, @Nat.0 + 1, @Int.0 + nat_to_int(array_length(array_range(0, 1024 * nat_to_int(@Nat.0 + 1)))))
  }
}
";

fn program(functions: &str, result: &str, body: &str) -> Sources {
    sources(&format!(
        "{functions}
public fn main(@Nat -> {result})
  requires(true) ensures(true) effects(pure)
{{
  {body}
}}
"
    ))
}

fn deep() -> Sources {
    program(DOWN, "@Nat", "down(@Nat.0)")
}

#[track_caller]
fn probed(vera: &Vera, sources: &Sources, n: u64) -> Probed {
    vera.probe(sources, n).expect("it returned")
}

/// The smallest n at which the stack of lane `native` is exhausted.
fn exhausted_at(vera: &Vera, sources: &Sources) -> u64 {
    let exhausted = |n| {
        let outcome = vera.run(sources, Lane::NATIVE, Some(n));
        match &outcome.ending {
            Ending::Returned { .. } => false,
            _ => {
                assert_eq!(trap(&outcome).kind, "stack_exhausted");
                true
            }
        }
    };
    let (mut passes, mut fails) = (1, 1 << 20);
    while fails > passes + 1 {
        let n = u64::midpoint(passes, fails);
        if exhausted(n) {
            fails = n;
        } else {
            passes = n;
        }
    }
    fails
}

// --- The stack ---------------------------------------------------------------

#[test]
fn the_stack_that_a_recursion_needs_ends_where_the_engine_s_does() {
    for release in RELEASES {
        let vera = Vera::of(release);
        let deep = deep();
        let needed = |n| vera.stack_needed(&deep, n, ROOM).0;
        let [one, two, three] = [1_000, 2_000, 3_000].map(needed);
        assert!(
            (two - one).abs_diff(three - two) < 2 * STEP,
            "{one}, {two}, {three} on {release}"
        );
        let each = (three - one) as f64 / 2_000.0;
        let foretold = 3_000.0 + (ROOM.0 - three) as f64 / each;
        let real = exhausted_at(vera, &deep) as f64;
        assert!(
            (foretold / real - 1.0).abs() < 0.01,
            "{foretold} and {real} on {release}"
        );
    }
}

#[test]
fn what_was_seen_of_a_stack_is_enough_for_the_search() {
    let vera = Vera::of("0.2.5");
    let deep = deep();
    for n in [1, 30, 1_000] {
        let Probed {
            stack, stack_room, ..
        } = probed(vera, &deep, n);
        assert_eq!(stack_room, ROOM);
        let within = Bytes(stack.0 + 8 * 1024);
        let [found, all] = [within, ROOM].map(|most| vera.stack_needed(&deep, n, most).0);
        assert!(found.abs_diff(all) <= STEP, "{found} and {all} at n={n}");
        assert!(found < within.0 - STEP, "{found} of {within} at n={n}");
    }
}

#[test]
fn a_loop_needs_no_more_stack_than_one_round_of_it() {
    let vera = Vera::of("0.2.5");
    let looped = scenario("tail-recursion-allocating");
    // The collector has frames of its own, of which a few calls are seen in time.
    let stacks = [50, 1_500, 4_000].map(|n| probed(vera, &looped, n).stack.0);
    assert!(stacks.iter().all(|it| *it < 1_024), "{stacks:?}");
    let seen = [1_000, 2_000].map(|n| probed(vera, &deep(), n).stack.0);
    assert!(seen[1] > seen[0] + 1_000 * 16, "{seen:?}");
}

#[test]
fn throws_that_are_caught_hide_no_depth() {
    let vera = Vera::of("0.2.5");
    let caught = scenario("exceptions-caught");
    let stacks = [100, 1_000].map(|n| probed(vera, &caught, n).stack);
    assert_eq!(stacks[0], stacks[1]);

    let functions = format!("{DOWN}{THROWN}");
    let behind = program(
        &functions,
        "@Int",
        "let @Int = rounds(50, 0);\n  @Int.0 + nat_to_int(down(@Nat.0))",
    );
    let grows = |sources: &Sources| {
        let [less, more] = [500, 1_500].map(|n| probed(vera, sources, n).stack.0);
        more - less
    };
    assert_eq!(grows(&behind), grows(&deep()));
}

// --- The heap and the tables -------------------------------------------------

#[test]
fn what_is_dropped_is_not_alive_and_what_is_kept_is() {
    let dropped = program(DROPPED, "@Int", "longer(@Nat.0, 0, 0)");
    for release in RELEASES {
        let vera = Vera::of(release);
        let told = |sources: &Sources, n| {
            let heap = measures(&vera.run(sources, Lane::NATIVE, Some(n))).heap.0;
            let Probed { live, used, .. } = probed(vera, sources, n);
            let (live, used) = (live.expect("it collects").0, used.unwrap().0);
            assert!(live <= used && used <= heap, "{live}, {used}, {heap}");
            (heap, live)
        };
        let (heap, live) = told(&dropped, 32);
        assert!(live < heap / 20, "{live} of {heap} on {release}");
        let (heap, live) = told(&scenario("linked-list"), 8_000);
        assert!(live > heap / 4, "{live} of {heap} on {release}");
    }
    let none = probed(Vera::of("0.2.5"), &deep(), 10);
    assert_eq!(none.live, None, "nothing was collected");
}

#[test]
fn each_live_handle_has_its_place_in_the_table() {
    let vera = Vera::of("0.2.5");
    let live = scenario("decimal-live");
    let of = |n| {
        let Probed {
            wrap_table,
            wrap_room,
            ..
        } = probed(vera, &live, n);
        (wrap_table.0, wrap_room.unwrap().0)
    };
    let [(less, room), (more, same), (most, _)] = [100, 300, 4_096].map(of);
    assert_eq!(room, same);
    // VERA.md: it has room for 4,096.
    let entry = room / 4_096;
    assert_eq!(more - less, 200 * entry);
    assert_eq!(most, room);
    let none = probed(vera, &deep(), 10);
    assert_eq!((none.wrap_table, none.wrap_room), (Bytes(0), None));
}

// --- What looking does -------------------------------------------------------

#[test]
fn looking_changes_nothing_and_is_told_of_each_collection() {
    for release in RELEASES {
        for (name, n) in PROGRAMS {
            let vera = Vera::of(release);
            let sources = scenario(name);
            let module = vera.compile_in(&sources, Lane::NATIVE);
            let what = format!("{name} on {release}");
            let arguments = [n.cast_signed()];
            let plain = bare(&module.wasm, &arguments);
            let looked = instrument(&module.wasm, Variant::Probed).unwrap();
            let looked = bare(&looked, &arguments);
            assert_eq!(looked.ending, plain.ending, "{what}");
            assert_eq!(
                (looked.heap, looked.memory),
                (plain.heap, plain.memory),
                "{what}"
            );
            let counted = module.shipped(&arguments);
            let collections = measures(&counted).collections;
            for call in [BEFORE_COLLECTION, AFTER_COLLECTION] {
                let calls = looked.calls.get(call).copied().unwrap_or(0);
                assert_eq!(calls, collections, "{call}: {what}");
            }
            assert!(looked.calls[DEEPER] > 0, "{what}");
            for (call, calls) in &plain.calls {
                assert_eq!(looked.calls[call], *calls, "{call}: {what}");
            }
        }
    }
}

#[test]
fn modules_of_every_kind_of_release_can_be_looked_at() {
    for release in RELEASES {
        let vera = Vera::of(release);
        for (name, n) in PROGRAMS {
            let sources = scenario(name);
            let told = probed(vera, &sources, n);
            assert_eq!(told, probed(vera, &sources, n), "{name} on {release}");
            assert!(told.stack > Bytes(0) && told.stack < told.stack_room);
            let collects = measures(&vera.run(&sources, Lane::NATIVE, Some(n))).collections > 0;
            assert_eq!(told.live.is_some(), collects, "{name} on {release}");
        }
    }
}

#[test]
fn a_program_that_does_not_return_tells_nothing() {
    let vera = Vera::of("0.2.5");
    let divided = program("", "@Int", "1 / (nat_to_int(@Nat.0) - 3)");
    assert!(vera.probe(&divided, 2).is_some());
    assert_eq!(vera.probe(&divided, 3), None);
}
