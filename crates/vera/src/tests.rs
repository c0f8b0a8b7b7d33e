//! The tree, its printer, the reducer and the twins on one program that has a bit of
//! everything. `sample/tree.json` is what the worker made of `sample/main.vera`.

use std::cell::RefCell;

use serde_json::{Value, json};

use crate::decode::decode;
use crate::print::print;
use crate::reduce::{Candidate, Edits, Reduced, Trial, reduce, repair};
use crate::tree::{Decl, Expr, Function, Kind, Pattern, Program, Slot, Statement};
use crate::twins::Rewrite;
use crate::{lines, nodes};

const SOURCE: &str = include_str!("sample/main.vera");

fn table() -> Value {
    serde_json::from_str(include_str!("sample/tree.json")).unwrap()
}

fn sample() -> Program {
    decode(&table(), SOURCE).unwrap()
}

fn function<'p>(program: &'p mut Program, name: &str) -> &'p mut Function {
    let items = program.items.iter_mut();
    let mut functions = items.filter_map(|item| match &mut item.decl {
        Decl::Function(function) => Some(function),
        _ => None,
    });
    functions.find(|it| it.name == name).unwrap()
}

/// What a program does is what its text holds.
struct Holds<'t> {
    texts: &'t [&'t str],
    side_by_side: usize,
    best: RefCell<Vec<usize>>,
}

impl<'t> Holds<'t> {
    fn of(texts: &'t [&'t str], side_by_side: usize) -> Holds<'t> {
        Holds {
            texts,
            side_by_side,
            best: RefCell::default(),
        }
    }

    fn reduced(&self) -> Reduced {
        reduce(Candidate::of(sample()).unwrap(), Edits::Any, self)
    }
}

impl Trial for Holds<'_> {
    fn keeps(&self, candidates: &[Candidate]) -> Vec<bool> {
        assert!(candidates.len() <= self.side_by_side);
        let holds = |it: &Candidate| self.texts.iter().all(|text| it.text.contains(text));
        candidates.iter().map(holds).collect()
    }

    fn side_by_side(&self) -> usize {
        self.side_by_side
    }

    fn better(&self, best: &Candidate) {
        self.best.borrow_mut().push(best.nodes);
    }
}

#[test]
fn a_program_is_printed_as_it_was_read() {
    let program = sample();
    assert_eq!(program.unread, Vec::<String>::new());
    assert_eq!(print(&program).unwrap(), SOURCE);
    assert_eq!((nodes(&program), lines(SOURCE)), (260, 65));
}

#[test]
fn what_is_not_known_stays_as_it_is_written_and_is_told() {
    let mut table = table();
    let nodes = table["nodes"].as_array_mut().unwrap();
    let told = nodes
        .iter_mut()
        .find(|it| it["kind"] == "AssertExpr")
        .unwrap();
    told["kind"] = json!("ComesLater");
    let program = decode(&table, SOURCE).unwrap();
    assert_eq!(
        program.unread,
        ["ComesLater in line 66 is not known here, and stays as it is written"]
    );
    assert_eq!(print(&program).unwrap(), SOURCE);
    assert!(decode(&json!({}), "").is_err());
}

#[test]
fn a_binding_that_goes_shifts_no_other() {
    let mut program = sample();
    let body = &mut function(&mut program, "main").body;
    assert!(matches!(body.statements[0], Statement::Let(..)));
    let before = program.clone();
    function(&mut program, "main").body.statements.remove(0);
    // What referred to it has lost its binding, and is mended with one of its type.
    assert!(print(&program).is_err());
    let text = print(&repair(program, &before).unwrap()).unwrap();
    assert!(
        text.contains("IO.print(told([\"one\", \"two\"], @Int.0));"),
        "{text}"
    );
    assert!(
        text.contains("array_range(0, 5), @Int.0 - (@Int.0 - 1)"),
        "{text}"
    );
    // A shadowed one keeps its meaning.
    let mut program = before.clone();
    let told = function(&mut program, "told");
    told.body.statements.remove(1);
    let text = print(&repair(program, &before).unwrap()).unwrap();
    assert!(
        text.contains("\\(@Int.0) of \\(@Int.1): \\(@String.0)"),
        "{text}"
    );
}

#[test]
fn what_makes_something_that_is_gone_becomes_the_smallest_of_its_type() {
    let before = sample();
    let mut program = before.clone();
    program
        .items
        .retain(|item| item.decl.name() != Some("area"));
    let text = print(&repair(program, &before).unwrap()).unwrap();
    assert!(
        text.contains("throw(@Int) -> { @Int.0 } } in { @Int.0 };"),
        "{text}"
    );
}

#[test]
fn a_program_is_reduced_to_what_is_sought() {
    let holds = Holds::of(&["throw(-1)"], 1);
    let reduced = holds.reduced();
    assert_eq!(
        reduced.best.text,
        "private fn area(-> @Int)
  requires(true) ensures(true) effects(pure)
{
  throw(-1)
}

public fn main(-> @Int)
  requires(true) ensures(true) effects(pure)
{
  0
}
"
    );
    let best = holds.best.borrow();
    assert!(best.is_sorted_by(|one, other| one >= other), "{best:?}");
    assert_eq!(best.last(), Some(&reduced.best.nodes));
}

#[test]
fn a_reduced_program_keeps_to_the_rules_that_the_whole_one_kept_to() {
    // The function calls itself, and without a measure Vera refuses that.
    let text = Holds::of(&["throw(-1)", "area("], 1).reduced().best.text;
    assert!(!text.contains("decreases"), "{text}");
    let calling = Holds::of(&["@Nat.0 - 1)"], 1).reduced().best.text;
    assert!(calling.contains("decreases"), "{calling}");
    let handled = Holds::of(&["handle[State<Int>]", "put(@Int)"], 1);
    let text = handled.reduced().best.text;
    assert!(text.contains("resume("), "{text}");
}

#[test]
fn the_result_does_not_depend_on_how_many_are_tried_side_by_side() {
    for texts in [
        &["array_append"][..],
        &["Pair(Dot", "helped("],
        &["1.5", "get(())"],
    ] {
        let [one, many] = [1, 7].map(|jobs| Holds::of(texts, jobs).reduced());
        assert_eq!(one.best.text, many.best.text);
        assert!(many.tries >= one.tries, "{} and {}", many.tries, one.tries);
    }
}

#[test]
fn a_reduction_that_is_over_keeps_the_best_so_far() {
    struct Over<'t>(Holds<'t>);
    impl Trial for Over<'_> {
        fn keeps(&self, candidates: &[Candidate]) -> Vec<bool> {
            self.0.keeps(candidates)
        }
        fn is_over(&self) -> bool {
            self.0.best.borrow().len() == 3
        }
        fn better(&self, best: &Candidate) {
            self.0.better(best);
        }
    }
    let over = Over(Holds::of(&["array_append"], 1));
    let reduced = reduce(Candidate::of(sample()).unwrap(), Edits::Any, &over);
    assert!(reduced.cut_short);
    assert_eq!(reduced.steps, 3);
    assert_eq!(over.0.best.borrow().last(), Some(&reduced.best.nodes));
}

#[test]
fn nothing_is_taken_where_nothing_keeps_what_is_sought() {
    let reduced = Holds::of(&[SOURCE], 2).reduced();
    assert_eq!((reduced.best.text.as_str(), reduced.steps), (SOURCE, 0));
    assert!(reduced.tries > 100, "{}", reduced.tries);
}

#[test]
fn each_rewrite_has_its_places_and_changes_only_them() {
    let program = sample();
    let expected = [(Rewrite::BindArguments, 11), (Rewrite::UnbindLets, 1)];
    for (rewrite, places) in expected {
        assert_eq!(rewrite.places(&program).len(), places, "{rewrite}");
    }
    for rewrite in Rewrite::ALL {
        let places = rewrite.places(&program).len();
        assert_eq!(print(&rewrite.at(&program, 0..0)).unwrap(), SOURCE);
        let twin = print(&rewrite.at(&program, 0..places)).unwrap();
        assert_eq!(twin != SOURCE, places > 0, "{rewrite}");
    }
}

#[test]
fn arguments_are_bound_in_the_order_in_which_they_are_evaluated() {
    let program = sample();
    let places = Rewrite::BindArguments.places(&program);
    let at = places
        .iter()
        .position(|it| it.what.starts_with("put("))
        .unwrap();
    let twin = print(&Rewrite::BindArguments.at(&program, at..at + 1)).unwrap();
    assert!(
        twin.contains("let @Int = get(());\n    let @Int = @Int.0 + 1;\n    put(@Int.0);"),
        "{twin}"
    );
}

#[test]
fn an_operation_becomes_a_function_unless_a_clause_has_a_part_in_it() {
    let rewrite = Rewrite::OutlineOperations;
    let program = sample();
    let places = rewrite.places(&program);
    let told: Vec<String> = places.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "`get(...)` in function main (line 57)",
            "`put(...)` in function main (line 57)",
            "`get(...)` in function main (line 58)"
        ]
    );
    let twin = print(&rewrite.at(&program, 1..2)).unwrap();
    assert!(twin.contains("outlined_0(get(()) + 1);"), "{twin}");
    assert!(
        twin.contains(
            "private fn outlined_0(@Int -> @Unit)\n  requires(true) ensures(true) effects(<State<Int>>)\n{\n  put(@Int.0)\n}"
        ),
        "{twin}"
    );
    // What `get` gives is what its clause resumes with.
    let mut handled = sample();
    let Statement::Let(_, value) = &mut function(&mut handled, "main").body.statements[0] else {
        panic!("it is a let");
    };
    let Kind::Handle(handle) = &mut value.kind else {
        panic!("it is handled: {:?}", value.kind);
    };
    handle.clauses[0].body = Expr::new(Kind::Int("7".to_owned()), None);
    assert_eq!(rewrite.places(&handled), []);
}

#[test]
fn an_if_becomes_a_match() {
    let mut twin = Rewrite::MatchForIf.at(&sample(), 0..1);
    let area = function(&mut twin, "area");
    let Kind::Match(_, arms) = &area.body.value.kind else {
        panic!("it is a match");
    };
    let Kind::Match(_, inner) = &arms[1].body.kind else {
        panic!("the first `if` is one now: {:?}", arms[1].body.kind);
    };
    assert_eq!(inner[0].pattern, Pattern::Bool(true));
    assert!(matches!(&arms[2].body.kind, Kind::If(..)));
}

#[test]
fn a_function_sees_no_slot_but_its_own() {
    let mut program = sample();
    let told = function(&mut program, "told");
    let Kind::Call { args, .. } = &told.helpers[0].body.value.kind else {
        panic!("it is a call");
    };
    let params = told.helpers[0].params.iter();
    let bound: Vec<Kind> = params.map(|it| Kind::Slot(Slot::Bound(it.name))).collect();
    let given: Vec<Kind> = args.iter().map(|it| it.kind.clone()).collect();
    assert_eq!(given, bound);
}
