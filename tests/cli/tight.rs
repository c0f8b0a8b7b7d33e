//! Lane `native+tight`: leaks found at a sixteenth of the n, and depths that are none.

use crate::common::{Place, Ran};

/// On 0.2.5 a throw that is caught leaves the root of what it carries behind.
const THROWS: &str = r"
private fn thrower(@Nat -> @Int)
  requires(true) ensures(true) effects(<Exn<Array<Int>>>)
{
  throw([nat_to_int(@Nat.0), 1])
}

private fn caught(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  handle[Exn<Array<Int>>] { throw(@Array<Int>) -> { 1 } } in { thrower(@Nat.0) }
}

private fn rounds(@Nat, @Int -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else { rounds(@Nat.0 - 1, @Int.0 + caught(@Nat.0)) }
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  rounds(@Nat.0, 0)
}
";

/// A recursion that holds a value of the heap in each call.
const DEEP: &str = r"
private data Box { Box(Int) }

private fn depth(@Box, @Nat -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { 0 } else {
    let @Int = depth(Box(nat_to_int(@Nat.0)), @Nat.0 - 1);
    match @Box.0 { Box(@Int) -> (@Int.0 + @Int.1) % 1000003 }
  }
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  depth(Box(0), @Nat.0)
}
";

fn run(place: &Place, arguments: &[&str]) -> Ran {
    let mut all = vec!["run", "--no-history", "--json", "events.jsonl", "--force"];
    all.extend(["--vera", "0.2.5", "--no-shrink"]);
    all.extend(arguments);
    let ran = place.process().args(all).output().unwrap();
    place.ran(ran)
}

/// Checks that a case came to a verdict, in these words.
#[track_caller]
fn assert_case(ran: &Ran, (name, lane): (&str, &str), verdict: &str, words: &[&str]) {
    let case = ran.case_in(name, lane);
    assert_eq!(case["verdict"], verdict, "{ran}");
    let message = case["message"].as_str().unwrap_or_default();
    for words in words {
        assert!(message.contains(words), "no `{words}` in {message}");
    }
}

#[test]
fn a_leak_is_found_without_an_oracle_where_lane_native_is_silent() {
    let place = Place::new();
    place.write("throws.vera", THROWS);
    let lanes = ["--lane", "native,native+tight,native+eager+tight"];
    let ran = run(
        &place,
        &[&["throws.vera", "--arg", "400"], &lanes[..]].concat(),
    )
    .exits(1);
    assert_case(&ran, ("throws.vera", "native"), "pass", &[]);
    for lane in ["native+tight", "native+tight+eager"] {
        let words = [
            "the shadow stack of 256 roots is full; as shipped it has 4096",
            "of which it takes 200 at n=200 and 400 at n=400",
            "which fill it at about n=4096, and its recursion is no deeper",
        ];
        assert_case(&ran, ("throws.vera", lane), "trap", &words);
    }
}

#[test]
fn a_recursion_that_is_as_deep_is_no_leak_and_is_told() {
    let place = Place::new();
    place.write("deep.vera", DEEP);
    let lane = ["--lane", "native,native+tight"];
    let ran = run(
        &place,
        &[&["deep.vera", "--arg", "400"], &lane[..]].concat(),
    )
    .exits(0);
    assert_case(&ran, ("deep.vera", "native"), "pass", &[]);
    let words = [
        "the shadow stack of 256 roots is full",
        "and its recursion is as deep",
    ];
    assert_case(&ran, ("deep.vera", "native+tight"), "unsupported", &words);
    // Where there is room, it is run.
    let ran = run(&place, &[&["deep.vera", "--arg", "40"], &lane[..]].concat()).exits(0);
    assert_case(&ran, ("deep.vera", "native+tight"), "pass", &[]);
}

#[test]
fn a_scenario_whose_depth_is_declared_is_run_at_a_sixteenth() {
    let place = Place::new();
    let ran = run(&place, &["depth-heap", "--lane", "native,native+tight"]).exits(0);
    let n = |lane: &str| ran.case_in("depth-heap", lane)["n"].as_u64().unwrap();
    assert_eq!(n("native") / 16, n("native+tight"));
    let whole = [
        "depth-heap",
        "--lane",
        "native,native+tight",
        "--scale",
        "1000",
    ];
    let ran = run(&place, &whole).exits(0);
    let words = ["and n is declared"];
    assert_case(&ran, ("depth-heap", "native+tight"), "unsupported", &words);
}

#[test]
fn the_catalogue_raises_no_alarm_in_less_room() {
    let place = Place::new();
    run(&place, &["--lane", "native+tight"]).exits(0);
}
