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

/// On 0.2.5 keys of a data type are compared by where they lie, so that one that is made
/// twice is two: every lane, every twin and every other Vera says so.
const KEYS: &str = "\
private data Key { Key(Int), Other(String) }

private fn key(@Int, @Int -> @Key)
  requires(@Int.0 > 0) ensures(true) effects(pure)
{
  let @Int = @Int.1 + @Int.0;
  if @Int.0 > 1000 then { Other(\"far\") } else { Key(@Int.0) }
}

private fn sizes(@Nat -> @Nat)
  requires(true) ensures(true) effects(pure)
{
  let @Map<Key, Int> = map_insert(map_new(), key(nat_to_int(@Nat.0), 3), sum(grown(3)));
  let @Map<Key, Int> = map_insert(@Map<Key, Int>.0, key(nat_to_int(@Nat.0), 3), 2);
  map_size(@Map<Key, Int>.0)
}

";

#[test]
fn a_value_that_is_wrong_everywhere_is_held_against_the_specification() {
    let place = Place::new();
    let main = main_of("@Int", "pure", "nat_to_int(sizes(@Nat.0)) + sum(grown(3))");
    place.write("keys.vera", &format!("{AROUND}{KEYS}{main}"));
    let said = ["--arg", "5", "--value", "7", "--lane", "native"];
    let rest = ["--json", "events.jsonl", "--output", "small.vera"];
    let ran = reduce(&place, &[&["./keys.vera"][..], &said, &rest].concat()).exits(0);
    let by_specification = "returns in lane native and by the specification, and differs";
    assert_eq!(ran.events[0]["kept"][0], by_specification);
    let last = last_event(&ran, "reduce-finished");
    let small = last["files"]["keys.vera"].as_str().unwrap();
    assert!(
        small.contains("map_insert(") && !small.contains("Tree"),
        "{small}"
    );
    // So does the command that shows it, where nobody says what must come.
    let n = last["n"].to_string();
    let said = ["small.vera", "--lane", "native", "--scale", &n];
    let rest = ["--json", "events.jsonl", "--output", "again.vera"];
    let ran = reduce(&place, &[&said[..], &rest].concat()).exits(0);
    assert_eq!(ran.events[0]["kept"][0], by_specification);
}

#[test]
fn where_nothing_differs_only_edits_that_keep_the_meaning_are_made() {
    let place = Place::new();
    // The interpreter says nothing of floats.
    let value = "int_to_float(nat_to_int(sizes(@Nat.0)) + sum(grown(3)))";
    let main = main_of("@Float64", "pure", value);
    place.write("keys.vera", &format!("{AROUND}{KEYS}{main}"));
    let said = ["--arg", "5", "--value", "7.0", "--lane", "native"];
    let rest = ["--json", "events.jsonl", "--output", "small.vera"];
    let ran = reduce(&place, &[&["./keys.vera"][..], &said, &rest].concat()).exits(0);
    let kept = &ran.events[0]["kept"];
    assert_eq!(kept[0], "means the same, and is still wrong in lane native");
    let last = last_event(&ran, "reduce-finished");
    let small = last["files"]["keys.vera"].as_str().unwrap();
    assert!(
        small.contains("map_insert(") && !small.contains("Tree") && !small.contains("Other"),
        "{small}"
    );
    // What is expected is still what is right, and the command says it.
    assert!(
        last["again"].as_str().unwrap().contains("--value"),
        "{last}"
    );
    let again = ["run", "small.vera", "--lane", "native", "--no-shrink"];
    let mut command = place.process();
    let command = command.args(again).args(["--arg", "5", "--vera", RELEASE]);
    let right = command.args(["--value", "8.0"]).output().unwrap();
    // One more than is right: two keys for one.
    place.ran(right).exits(0);
}

#[test]
fn what_overflows_does_not_become_what_never_ends() {
    let place = Place::new();
    let depth = "\
private fn depth(@Nat -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { sum(grown(3)) } else { 1 + depth(@Nat.0 - 1) }
}

";
    let main = main_of("@Int", "pure", "depth(@Nat.0) + sum(grown(2))");
    place.write("deep.vera", &format!("{AROUND}{depth}{main}"));
    let ran = reduce(
        &place,
        &[
            "./deep.vera",
            "--scale",
            "60000",
            "--lane",
            "native",
            "--json",
            "events.jsonl",
        ],
    );
    let ran = ran.exits(0);
    assert_eq!(
        ran.events[0]["kept"][1],
        "returns in lane native with 16 times the room"
    );
    let last = last_event(&ran, "reduce-finished");
    let small = last["files"]["deep.vera"].as_str().unwrap();
    assert!(
        small.contains("@Nat.0 - 1") && !small.contains("Tree"),
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
