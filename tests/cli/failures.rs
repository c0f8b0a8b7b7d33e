//! A failure keeps being that failure: in the search for its smallest n, in the
//! causes that failures are grouped by, and in what a compiler that fails says.

use std::fs;

use serde_json::{Value, json};

use crate::common::planted::Fault;
use crate::common::{Place, Ran, assert_says, last_event, main_of};

/// A program that is too deep for the stack for n from 10 on, and wrong from 700 on,
/// where 1 is wanted.
fn two_faults(place: &Place) {
    let deep = "private fn deep(@Int -> @Int)\n  requires(true) ensures(true) effects(<Diverge>)\n{\n  if @Int.0 == 0 then { 1 } else { 1 + deep(@Int.0 - 1) }\n}\n\n";
    let body = "if @Nat.0 >= 700 then { nat_to_int(@Nat.0) } else { if @Nat.0 >= 10 then { deep(0 - 1) } else { 1 } }";
    let main = main_of("@Int", "<Diverge>", body);
    place
        .scenario("both")
        .n(1000)
        .program(&format!("{deep}{main}"))
        .expect("value = \"1\"")
        .write();
}

#[track_caller]
fn says(text: &str, words: &str) {
    assert!(text.contains(words), "no `{words}` in {text}");
}

fn text(place: &Place, record: &Value, file: &str) -> String {
    let folder = place.path(record["folder"].as_str().unwrap());
    fs::read_to_string(folder.join(file)).unwrap()
}

#[test]
fn a_search_keeps_to_the_failure_that_it_began_with() {
    let place = Place::new();
    two_faults(&place);
    let ran = place.run(&["both", "--lane", "native"]).exits(1);
    let record = ran.case("both");
    assert_eq!(record["verdict"], "wrong");
    assert_eq!(record["message"], "expected 1, got 1000");
    let smallest = &record["smallest"];
    assert_eq!(smallest["text"], "700 (699 fails otherwise)");
    assert_eq!(
        (&smallest["fails"], &smallest["passes"], &smallest["exact"]),
        (&json!(700), &Value::Null, &json!(true))
    );
    assert_eq!(smallest["message"], "expected 1, got 700");
    // The other failure is said, and not searched.
    let other = &smallest["otherwise"];
    assert_eq!(
        (&other["n"], &other["verdict"]),
        (&json!(16), &json!("trap"))
    );
    assert!(
        other["message"]
            .as_str()
            .unwrap()
            .contains("stack_exhausted")
    );
    says(other["again"].as_str().unwrap(), "--scale 16 ");
    assert_says(&ran, "smallest failing n: 700 (699 fails otherwise)");
    assert_says(&ran, "there: expected 1, got 700");
    assert_says(&ran, "also fails otherwise from n=16: trap stack_exhausted");
    // What the command shows again is what was searched.
    says(record["again"].as_str().unwrap(), "--scale 700 ");
    let report = text(&place, record, "report.md");
    says(&report, "| first seen at | n=1000: expected 1, got 1000 |");
    says(&report, "n=700: expected 1, got 700\n");
    says(
        &report,
        "| also | fails otherwise from n=16: trap stack_exhausted",
    );
    let kept: Value = serde_json::from_str(&text(&place, record, "record.json")).unwrap();
    assert_eq!(kept["message"], "expected 1, got 1000");
}

/// A program that the code generator of 0.2.5 cannot do.
const LEFT_OUT: &str = "public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  handle[Exn<Int>] { throw(@Int) -> { @Int.0 } } in {
    match compare(nat_to_int(@Nat.0), 3) { Less -> 1, Equal -> 2, Greater -> throw(9) }
  }
}
";

/// A program that 0.2.5 compiles to a module that is none.
const INVALID: &str = "public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  let @Array<Int> = [1, 2, 3];
  let @Array<Int> = if @Nat.0 > 2 then { array_append(@Array<Int>.0, 4) } else { array_append(@Array<Int>.0, 5) };
  @Array<Int>.0[3]
}
";

/// A program on which the compiler of 0.1.13 ends by recursion.
const NESTED: &str = "private data Nest<T> { Stop, Deeper(T, Nest<Option<T>>) }

private fn level(@Nest<Int> -> @Int)
  requires(true) ensures(true) effects(pure)
{
  match @Nest<Int>.0 { Stop -> 0, Deeper(@Int, @Nest<Option<Int>>) -> @Int.0 }
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  if Deeper(1, Stop) == Deeper(1, Stop) then { level(Deeper(nat_to_int(@Nat.0), Stop)) } else { -1 }
}
";

/// Runs a program that does not compile in three lanes, and searches.
fn uncompiled(place: &Place, program: &str, more: &[&str]) -> Ran {
    // The compiler that ends by recursion takes its time.
    place
        .scenario("uncompiled")
        .program(program)
        .tables("[budget]\nwall = \"100s\"")
        .write();
    let lanes = ["uncompiled", "--lane", "reference,native,native+sanitize=1"];
    place.run(&[&lanes[..], more].concat()).exits(1)
}

/// The only cause of a run, with the lanes of its cases.
#[track_caller]
fn only_cause(ran: &Ran) -> (Value, Vec<String>) {
    let causes = last_event(ran, "run-finished")["causes"]
        .as_array()
        .unwrap();
    assert_eq!(causes.len(), 1, "{causes:?}");
    let lane = |case: &Value| case["lane"].as_str().unwrap().to_owned();
    let cases = causes[0]["cases"].as_array().unwrap();
    (
        causes[0]["signature"].clone(),
        cases.iter().map(lane).collect(),
    )
}

#[test]
fn what_the_compiler_left_out_is_named_and_told_once() {
    let place = Place::new();
    let ran = uncompiled(&place, LEFT_OUT, &[]);
    let (signature, lanes) = only_cause(&ran);
    assert_eq!(signature["verdict"], "rejected");
    assert_eq!(signature["kind"], "E602");
    assert_eq!(lanes, ["reference", "native", "native+sanitize=1"]);
    let message = "the program was rejected: main.vera:5:11: Function 'main' body contains unsupported FnCall: call target 'compare' not registered in this module — function skipped. [E602]";
    for lane in &lanes {
        let record = ran.case_in("uncompiled", lane);
        assert_eq!(record["message"], message);
        // The same program at every n: there is nothing to search.
        assert_eq!(record["smallest"], Value::Null);
    }
    let native = ran.case_in("uncompiled", "native");
    let told_by = json!({ "scenario": "uncompiled", "lane": "reference", "n": 10 });
    assert_eq!(native["same_cause_as"], told_by);
    assert_eq!(native["ending"]["code"], "E602");
    let said = text(&place, native, "compiler.txt");
    says(&said, "error\nFunction 'main' was declared but dropped");
    says(&said, "warning: main.vera:5:11: Function 'main' body");
    says(&said, "rationale: The WASM backend does not yet support");
    let report = text(&place, native, "report.md");
    says(&report, "What the compiler said:\n\n```\nerror\n");
    says(&report, "| same cause as | uncompiled [reference] n=10 |");
}

#[test]
fn a_module_that_is_none_is_not_called_a_refusal() {
    let place = Place::new();
    let ran = uncompiled(&place, INVALID, &[]);
    let (signature, lanes) = only_cause(&ran);
    assert_eq!(signature["verdict"], "invalid-module");
    assert_eq!(lanes.len(), 3);
    let start = "the compiler made no valid module: ";
    for lane in lanes {
        let record = ran.case_in("uncompiled", &lane);
        let message = record["message"].as_str().unwrap();
        assert!(message.starts_with(start), "{message}");
        says(message, "values remaining on stack at end of block");
        assert_eq!(record["smallest"], Value::Null);
    }
}

#[test]
#[ignore = "long: the compiler takes its time before it ends so"]
fn a_compiler_that_ends_by_recursion_has_crashed() {
    let place = Place::new();
    let ran = uncompiled(&place, NESTED, &["--vera", "0.1.13"]);
    let (signature, lanes) = only_cause(&ran);
    assert_eq!(signature["verdict"], "crashed");
    assert_eq!(signature["kind"], "compiling: RecursionError");
    assert_eq!(lanes.len(), 3);
    assert_eq!(
        ran.case_in("uncompiled", "native")["message"],
        "crashed while compiling: RecursionError: maximum recursion depth exceeded"
    );
}

#[test]
fn one_fault_in_several_lanes_is_one_cause_and_two_scenarios_that_are_wrong_are_two() {
    let place = Place::new();
    let wrong = main_of("@Int", "pure", "nat_to_int(@Nat.0) + 1");
    for name in ["one", "two"] {
        place.scenario(name).program(&wrong).write();
    }
    let lanes = ["--lane", "reference,native", "--no-shrink", "--github"];
    let arguments = [&lanes[..], &["one", "two", "--junit", "junit.xml"]].concat();
    let ran = place.run(&arguments).exits(1);
    let causes = last_event(&ran, "run-finished")["causes"]
        .as_array()
        .unwrap();
    let of: Vec<_> = causes
        .iter()
        .map(|it| {
            (
                it["scenario"].as_str().unwrap(),
                it["cases"].as_array().unwrap().len(),
            )
        })
        .collect();
    assert_eq!(of, [("one", 2), ("two", 2)]);
    // One annotation each, with the other lane in it.
    let errors: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|it| it.starts_with("::error"))
        .collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    says(errors[0], "also one [native] n=10: expected 10, got 11");
    let junit = fs::read_to_string(place.path("junit.xml")).unwrap();
    says(
        &junit,
        "<property name=\"cause\" value=\"wrong: expected #, got #\"/>",
    );
    says(
        &junit,
        "<property name=\"same-cause-as\" value=\"one [reference] n=10\"/>",
    );
}

/// The root that an array literal of 0.2.5 has while its elements are made, taken out.
#[test]
fn one_missing_root_is_one_or_two_causes_and_a_wrong_value_stays_wrong() {
    let place = Place::new();
    let faulty = Fault::Root.plant(&place);
    let scenarios = ["wide-children", "generics-several", "match-arms"];
    let lanes = ["--lane", "reference+eager,native,native+sanitize=1"];
    let vera = ["--vera", faulty.to_str().unwrap()];
    let ran = place
        .run(&[&scenarios[..], &lanes, &vera].concat())
        .exits(1);
    // What is wrong at 10,000 grows fast from some hundreds on.
    let wrong = ran.case_in("wide-children", "native");
    assert_eq!(wrong["verdict"], "wrong");
    says(wrong["message"].as_str().unwrap(), "expected 497010, got ");
    let smallest = &wrong["smallest"];
    says(smallest["message"].as_str().unwrap(), "expected ");
    says(
        &text(&place, wrong, "report.md"),
        "n=10000: expected 497010, got ",
    );
    says(&text(&place, wrong, "case.json"), "\"verdict\": \"wrong\"");
    // A store into the literal, and a load from it: the places of one fault.
    let causes = last_event(&ran, "run-finished")["causes"]
        .as_array()
        .unwrap();
    let signature = |cause: &Value| {
        let of = |key: &str| cause["signature"][key].as_str().unwrap().to_owned();
        (of("kind"), of("instruction"))
    };
    let told: Vec<_> = causes.iter().map(signature).collect();
    let named = |kind: &str, instruction: &str| (kind.to_owned(), instruction.to_owned());
    assert_eq!(
        told,
        [
            named("store in a freed block", "i32.store"),
            named("load in a freed block", "i64.load")
        ]
    );
    let cases: Vec<usize> = causes
        .iter()
        .map(|it| it["cases"].as_array().unwrap().len())
        .collect();
    assert_eq!(cases, [5, 2], "{causes:?}");
}

#[test]
fn a_guard_stands_under_a_failure_of_its_class_only() {
    let place = Place::new();
    let guard = |class: &str, fails_as: &str| {
        format!(
            "[[guards]]\nclass = \"{class}\"\nhistory = \"A test needs it.\"\nfails_as = [{fails_as}]\n\n"
        )
    };
    let guards = [
        guard("deep recursion", "\"trap: stack_exhausted\""),
        guard("sums that are off", "\"wrong\", \"corrupt\""),
    ]
    .concat();
    let deep = "private fn deep(@Int -> @Int)\n  requires(true) ensures(true) effects(<Diverge>)\n{\n  if @Int.0 == 0 then { 1 } else { 1 + deep(@Int.0 - 1) }\n}\n\n";
    for (name, effects, body) in [
        ("off", "pure", "nat_to_int(@Nat.0) + 1"),
        ("deep", "<Diverge>", "deep(0 - 1)"),
        (
            "other",
            "pure",
            "nat_to_int(@Nat.0) / (nat_to_int(@Nat.0) - 10)",
        ),
    ] {
        let main = main_of("@Int", effects, body);
        let program = if name == "deep" {
            format!("{deep}{main}")
        } else {
            main
        };
        place
            .scenario(name)
            .program(&program)
            .tables(&guards)
            .write();
    }
    let lane = ["off", "deep", "other", "--lane", "native", "--no-shrink"];
    let ran = place.run(&lane).exits(1);
    let caught = |name: &str| {
        let by = ran.case(name)["caught_by"].as_array().unwrap();
        let class = |it: &Value| it["class"].as_str().unwrap().to_owned();
        by.iter().map(class).collect::<Vec<_>>()
    };
    // A guard that says nothing of its class may be one of any failure.
    let any = "tests of the harness";
    assert_eq!(caught("off"), [any, "sums that are off"]);
    assert_eq!(caught("deep"), [any, "deep recursion"]);
    assert_eq!(caught("other"), [any]);
    assert_says(&ran, "guards tests of the harness, sums that are off\n");
    let report = text(&place, ran.case("other"), "report.md");
    says(&report, "| guards | tests of the harness |");
}
