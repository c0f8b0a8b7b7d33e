use super::*;
use crate::decode::{decode, kinds};
use serde_json::Value;

fn table() -> Value {
    serde_json::from_str(include_str!("../sample/tree.json")).unwrap()
}

fn sample() -> Census {
    census(&decode(&table(), include_str!("../sample/main.vera")).unwrap())
}

#[test]
fn what_the_sample_declares_calls_and_names_is_counted() {
    let census = sample();
    let names = |of: &BTreeSet<String>| of.iter().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(names(&census.declares), "area helped main same told");
    assert_eq!(names(&census.qualified), "IO.print");
    assert_eq!(names(&census.effects), "Exn IO State");
    for called in [
        "array_append",
        "array_fold",
        "get",
        "put",
        "string_concat",
        "throw",
    ] {
        assert!(census.calls.contains(called), "{called}");
    }
    assert!(!census.calls.contains("print"));
}

#[test]
fn types_are_counted_in_their_roles() {
    let types = sample().types;
    let has = |name: &str, role| types.contains(&(name.to_owned(), role));
    assert!(has("String", Role::Element) && !has("Bool", Role::Element));
    assert!(has("variable", Role::Parameter) && has("data", Role::Parameter));
    assert!(has("data", Role::Payload) && has("Bool", Role::Result));
    assert!(has("Int", Role::State) && has("Int", Role::Exception));
    // No function without a name takes anything from around it.
    assert!(!types.iter().any(|(_, role)| *role == Role::Capture));
}

#[test]
fn forms_are_counted_in_their_contexts() {
    let places = sample().places;
    for place in [
        (Context::Negated, Form::Call),
        (Context::Joined, Form::Unary),
        (Context::Piped, Form::Slot),
        (Context::Indexed, Form::Builtin),
        (Context::FirstState, Form::Literal),
        (Context::NextState, Form::Slot),
        (Context::Let, Form::Handle),
        (Context::Destructured, Form::Constructor),
        (Context::Closure, Form::Operator),
        (Context::Contract, Form::Quantifier),
        (Context::Interpolated, Form::Slot),
    ] {
        assert!(places.contains(&place), "{} in {}", place.1, place.0);
        assert!(place.0.takes(place.1), "{} in {}", place.1, place.0);
    }
    assert!(!places.contains(&(Context::Equated, Form::Fold)));
    assert!(!Context::Condition.takes(Form::Array));
}

#[test]
fn kinds_of_nodes_have_what_may_be_absent_and_their_operators() {
    let kinds = kinds(&table());
    for kind in [
        "IfExpr",
        "FnDecl.where_fns",
        "FnCall.piped",
        "BinaryExpr &&",
        "UnaryExpr !",
    ] {
        assert!(kinds.contains(kind), "{kind}");
    }
    for kind in ["StringPattern", "DataDecl.invariant", "BinaryExpr /"] {
        assert!(!kinds.contains(kind), "{kind}");
    }
}
