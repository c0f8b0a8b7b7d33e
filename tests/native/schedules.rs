//! Canaries: proof that each GC mode of the native engine does what it says.
//!
//! One root is taken out of a compiled module. What it pointed to may then be
//! freed while the program still needs it, and only a collection at that very
//! place shows it: a mode that collects there must come to another result than
//! the whole module, and one that does not collect there must not.

use crate::native::{Module, Vera, every, measures, number, random, scenario};
use crate::roots;
use vera_stress::case::{GcMode, Lane};

/// The release whose code the faults are put into: it is pinned, and so are the
/// places of its roots.
const RELEASE: &str = "0.2.5";

/// The parts that the programs below share: an object with a number in it.
const BOX: &str = "
private data Box { Box(Int) }

private fn open(@Box -> @Int)
  requires(true) ensures(true) effects(pure)
{
  match @Box.0 { Box(@Int) -> @Int.0 }
}

private fn many(@Nat, @Int -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else {
    many(@Nat.0 - 1, (@Int.0 + once(nat_to_int(@Nat.0))) % 1000003)
  }
}
";

/// Three allocations a round; the first object is needed after the second
/// allocation and not after the third. A collection before the second frees it
/// where it has no root.
const THREE_A_ROUND: &str = "
private fn once(@Int -> @Int)
  requires(true) ensures(true) effects(pure)
{
  let @Box = Box(@Int.0);
  let @Box = Box(@Int.0 + 1000);
  let @Int = open(@Box.1) * 7 + open(@Box.0);
  let @Box = Box(@Int.0 + 1);
  open(@Box.0)
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  many(@Nat.0, 0)
}
";

/// The same place allocates twice a round, called from two others; the object
/// of the first call is needed after the second.
const TWO_STACKS: &str = "
private fn make(@Int -> @Box)
  requires(true) ensures(true) effects(pure)
{
  Box(@Int.0 * 3)
}

private fn once(@Int -> @Int)
  requires(true) ensures(true) effects(pure)
{
  let @Box = make(@Int.0);
  let @Box = make(@Int.0 + 1000);
  open(@Box.1) * 7 + open(@Box.0)
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  many(@Nat.0, 0)
}
";

/// One object is needed after n others were made and forgotten.
const HELD: &str = "
private fn once(@Int -> @Int)
  requires(true) ensures(true) effects(pure)
{
  open(Box(@Int.0))
}

private fn hold(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  let @Box = Box(5000000);
  let @Int = many(@Nat.0, 0);
  @Int.0 + open(@Box.0)
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  hold(@Nat.0)
}
";

/// A program as it is, and without one root.
struct Canary {
    whole: Module,
    broken: Module,
}

impl Canary {
    /// The program without the `which`-th root of `function`.
    fn new(program: &str, function: &str, which: usize) -> Canary {
        let whole = Vera::of(RELEASE).compile(&format!("{BOX}{program}"));
        let broken = roots::without_root(&whole.wasm, function, which);
        Canary {
            broken: whole.with(broken),
            whole,
        }
    }

    /// Whether the fault shows in a mode. Where it does not, or there is none,
    /// the result is `expected`.
    #[track_caller]
    fn shows(&self, mode: GcMode, n: i64, expected: i64) -> bool {
        assert_eq!(number(&self.whole.run(mode, &[n])), expected, "{mode:?}");
        number(&self.broken.run(mode, &[n])) != expected
    }
}

/// The first object of a round of [`THREE_A_ROUND`].
fn three_a_round() -> Canary {
    Canary::new(THREE_A_ROUND, ":once", 2)
}

/// The sum over the rounds of [`THREE_A_ROUND`].
fn sum_of_threes(n: i64) -> i64 {
    (1..=n).map(|i| i * 7 + i + 1000 + 1).sum::<i64>() % 1_000_003
}

#[test]
fn eager_collects_where_the_collector_as_shipped_does_not() {
    let canary = three_a_round();
    for n in [1, 40] {
        assert!(!canary.shows(GcMode::Shipped, n, sum_of_threes(n)));
        assert!(canary.shows(GcMode::Eager, n, sum_of_threes(n)));
    }
}

#[test]
fn every_k_collects_before_each_k_th_allocation_and_before_no_other() {
    let canary = three_a_round();
    let expected = sum_of_threes(40);
    assert!(canary.shows(every(2), 40, expected));
    assert!(canary.shows(every(5), 40, expected));
    // The third, the sixth and so on: where the object is needed no more.
    assert!(!canary.shows(every(3), 40, expected));
    assert!(!canary.shows(every(9), 40, expected));
    // One round has three allocations; the second is where it matters.
    let one = sum_of_threes(1);
    let showing: Vec<u64> = (1..6).filter(|k| canary.shows(every(*k), 1, one)).collect();
    assert_eq!(showing, [1, 2]);
}

#[test]
fn random_collects_where_its_seed_says() {
    let canary = three_a_round();
    // So few rounds that not every seed finds it.
    let expected = sum_of_threes(6);
    let showing = |seed| canary.shows(random(seed), 6, expected);
    let seeds: Vec<u64> = (0..40).filter(|seed| showing(*seed)).collect();
    assert!(
        (8..32).contains(&seeds.len()),
        "of 40 seeds these find it: {seeds:?}"
    );
    // And the same seed always comes to the same.
    for seed in 0..40 {
        assert_eq!(showing(seed), seeds.contains(&seed), "{seed}");
    }
}

#[test]
fn per_stack_collects_once_for_each_call_stack_that_allocates() {
    let canary = Canary::new(TWO_STACKS, ":once", 1);
    let sum = |n: i64| (1..=n).map(|i| i * 21 + i * 3 + 3000).sum::<i64>() % 1_000_003;
    for n in [1, 2, 40] {
        assert!(!canary.shows(GcMode::Shipped, n, sum(n)));
        // The first stack is harmless, so it is the second that shows it.
        assert!(canary.shows(GcMode::PerStack, n, sum(n)));
        let whole = canary.whole.run(GcMode::PerStack, &[n]);
        assert_eq!(measures(&whole).collections, 2, "n = {n}");
        // Once: in the first round alone.
        let broken = number(&canary.broken.run(GcMode::PerStack, &[n]));
        assert_eq!((broken - sum(n)).rem_euclid(1_000_003), 1000 * 21);
    }
}

#[test]
fn never_keeps_what_the_collector_as_shipped_would_free() {
    let canary = Canary::new(HELD, ":hold", 2);
    let n = 20_000;
    let expected = n * (n + 1) / 2 % 1_000_003 + 5_000_000;
    assert!(canary.shows(GcMode::Shipped, n, expected));
    assert!(!canary.shows(GcMode::Never, n, expected));
    for module in [&canary.whole, &canary.broken] {
        let collections = |mode| measures(&module.run(mode, &[n])).collections;
        assert!(collections(GcMode::Shipped) > 1);
        assert_eq!(collections(GcMode::Never), 0);
    }
}

#[test]
fn the_fault_of_a_canary_is_the_only_change() {
    // Without a collection no root is needed: each broken module is right.
    let never = GcMode::Never;
    assert!(!three_a_round().shows(never, 40, sum_of_threes(40)));
    let whole = Vera::of(RELEASE).compile(&format!("{BOX}{THREE_A_ROUND}"));
    let all = roots::roots(&whole.wasm);
    assert!(all[":once"] > 5, "{all:?}");
    for which in 0..all[":once"] {
        let broken = whole.with(roots::without_root(&whole.wasm, ":once", which));
        assert_eq!(
            number(&broken.run(never, &[40])),
            sum_of_threes(40),
            "{which}"
        );
    }
}

#[test]
fn each_mode_changes_the_number_of_collections_as_it_says() {
    let module = three_a_round().whole;
    let n = 40;
    let allocations = 3 * 40;
    let collections = |mode| {
        let outcome = module.run(mode, &[n]);
        let measures = measures(&outcome);
        assert_eq!(measures.allocations, allocations);
        measures.collections
    };
    // The module's own: its first allocation finds that memory must grow.
    assert_eq!(collections(GcMode::Shipped), 1);
    assert_eq!(collections(GcMode::Never), 0);
    // The first of these makes room, so that the module has no need of its own.
    assert_eq!(collections(GcMode::Eager), allocations);
    for k in [2, 3, 7, 119, 120] {
        assert_eq!(collections(every(k)), allocations / k + 1, "every {k}");
    }
    assert_eq!(collections(every(121)), 1);
    // One stack for each of the places that allocate.
    assert_eq!(collections(GcMode::PerStack), 3);
    let mean = (0..20).map(|seed| collections(random(seed))).sum::<u64>() / 20;
    assert!((10..=20).contains(&mean), "{mean} of {allocations}");
}

#[test]
fn a_forced_collection_comes_on_top_of_the_modules_own() {
    // Enough live data that memory must grow again and again.
    let module = Vera::of(RELEASE).compile_in(&scenario("linked-list"), Lane::NATIVE);
    let run = |mode| measures(&module.run(mode, &[8_000])).clone();
    let (shipped, often) = (run(GcMode::Shipped), run(every(1_000)));
    assert!(shipped.collections > 2, "{shipped:?}");
    assert_eq!(
        often.collections,
        shipped.collections + often.allocations / 1_000
    );
}
