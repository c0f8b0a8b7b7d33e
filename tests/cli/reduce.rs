//! `reduce`: a program that fails becomes small, and fails in the same way.

use crate::common::{Place, RELEASE, Ran, last_event, main_of};

/// What has nothing to do with any failure.
const AROUND: &str = "\
private data Tree { Leaf, Node(Tree, Int, Tree) }

private fn grown(@Nat -> @Tree)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { Leaf } else { Node(grown(@Nat.0 - 1), nat_to_int(@Nat.0), Leaf) }
}

private fn sum(@Tree -> @Int)
  requires(true) ensures(true) decreases(@Tree.0) effects(pure)
{
  match @Tree.0 { Leaf -> 0, Node(@Tree, @Int, @Tree) -> sum(@Tree.1) + @Int.0 + sum(@Tree.0) }
}

";

fn reduce(place: &Place, arguments: &[&str]) -> Ran {
    let mut command = place.process();
    let arguments = command.arg("reduce").args(arguments);
    let output = arguments.args(["--vera", RELEASE]).output().unwrap();
    place.ran(output)
}

#[test]
fn a_refused_program_is_reduced_to_what_is_refused() {
    let place = Place::new();
    let refused = "match Some(nat_to_int(@Nat.0)) { Some(0) -> 10, Some(@Int) -> @Int.0, None -> sum(grown(3)) }";
    let program = format!("{AROUND}{}", main_of("@Int", "pure", refused));
    place.write("refused.vera", &program);
    let with = |jobs: &str| {
        let file = ["./refused.vera", "--output", "small.vera"];
        let rest = ["--json", "events.jsonl", "--jobs", jobs];
        reduce(&place, &[&file[..], &rest].concat()).exits(0)
    };
    let ran = with("2");
    let last = last_event(&ran, "reduce-finished");
    let text = std::fs::read_to_string(place.path("small.vera")).unwrap();
    let small = last["files"]["refused.vera"].as_str().unwrap();
    assert!(
        text.starts_with("-- vera-stress reduce ./refused.vera in lane reference"),
        "{text}"
    );
    assert!(
        text.ends_with(small),
        "what is told is what is written: {text}"
    );
    assert!(
        small.contains("Some(0)") && !small.contains("Tree"),
        "{small}"
    );
    let nodes = last["size"]["nodes"].as_u64().unwrap();
    assert!(
        nodes <= 27,
        "no larger than one made by hand, which has 27 nodes: {small}"
    );
    // The same result one by one, and over what it wrote itself.
    let again = with("1");
    assert_eq!(
        last_event(&again, "reduce-finished")["files"],
        last["files"]
    );
}

#[test]
fn a_value_that_every_lane_returns_is_held_against_a_twin() {
    let place = Place::new();
    let program = "\
private fn next(@Int -> @Int)
  requires(true) ensures(true) effects(<State<Int>>)
{
  put(get(()) + 1);
  @Int.0
}

private fn once(@Int -> @Int)
  requires(true) ensures(true) effects(<State<Int>>)
{
  match compare(next(@Int.0), 0) { Less -> 1, Equal -> 2, Greater -> 3 }
}

";
    let handled = "handle[State<Int>](@Int = 0) { get(@Unit) -> { resume(@Int.0) }, \
                   put(@Int) -> { resume(()) } } in { let @Int = once(sum(grown(3))); get(()) }";
    let main = main_of("@Int", "pure", handled);
    place.write("twice.vera", &format!("{AROUND}{program}{main}"));
    let ran = reduce(
        &place,
        &["./twice.vera", "--scale", "3", "--json", "events.jsonl"],
    );
    let ran = ran.exits(0);
    let kept = &ran.events[0]["kept"];
    assert!(
        kept[0]
            .as_str()
            .unwrap()
            .contains("rewritten by bind-arguments"),
        "{kept}"
    );
    let last = last_event(&ran, "reduce-finished");
    let small = last["files"]["twice.vera"].as_str().unwrap();
    assert!(
        small.contains("compare(") && !small.contains("Tree"),
        "{small}"
    );
}

#[test]
fn what_does_not_fail_is_not_reduced() {
    let place = Place::new();
    place.write(
        "fine.vera",
        &main_of("@Int", "pure", "nat_to_int(@Nat.0) + 1"),
    );
    let ran = reduce(&place, &["./fine.vera", "--scale", "3"]);
    let ran = ran.exits(2);
    assert!(
        ran.stderr.contains("./fine.vera does not fail at n=3"),
        "{ran}"
    );
}

#[test]
fn a_file_of_somebody_else_is_not_overwritten() {
    let place = Place::new();
    place.write("fine.vera", &main_of("@Int", "pure", "1"));
    let ran = reduce(&place, &["./fine.vera", "--output", "fine.vera"]);
    let ran = ran.exits(2);
    assert!(ran.stderr.contains("vera-stress did not write it"), "{ran}");
}
