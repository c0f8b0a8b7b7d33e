use super::*;

fn at(n: u64) -> Scale {
    Scale::new(n).unwrap()
}

#[test]
fn an_expression_gives_each_kind_of_value() {
    let value = |text| {
        Expression::parse(text, "expect.value")
            .unwrap()
            .value(at(10))
            .unwrap()
    };
    assert_eq!(value("n * (n + 1) / 2"), Value::Int(55));
    assert_eq!(value("n.to_float() / 4.0"), Value::Float(2.5));
    assert_eq!(value("\"n=\" + n"), Value::Text("n=10".to_owned()));
    assert_eq!(value("n > 3"), Value::Int(1));
    assert_eq!(value("()"), Value::Unit);
}

#[test]
fn an_unknown_variable_is_found_when_the_expression_is_parsed() {
    let error = Expression::parse("m + 1", "expect.value")
        .unwrap_err()
        .to_string();
    assert!(error.contains('m'), "{error}");
}

#[test]
fn overflow_is_an_error_and_not_a_wrong_number() {
    let expression = Expression::parse("n * n * n", "expect.value").unwrap();
    let error = expression.value(at(3_000_000)).unwrap_err();
    assert!(error.message.contains("overflow"), "{error}");
}

#[test]
fn a_script_takes_no_longer_than_it_may() {
    let script = Script::parse("fn value(n) { loop { let i = n; } }", "e.rhai").unwrap();
    let script = script.within(Duration::from_millis(200));
    let error = script.value("value", at(1)).unwrap_err();
    let words = "more than 200ms, which is all that a case of the scenario may take";
    assert!(error.message.contains(words), "{error}");
}

#[test]
fn a_script_that_never_ends_is_stopped_and_named() {
    let script = Script::parse(
        "fn value(n) {\n  let i = 0;\n  loop { i = 1; }\n}",
        "e.rhai",
    );
    // On a slow machine, too, the operations are spent before the time.
    let script = script.unwrap().within(Duration::from_hours(1));
    let error = script.value("value", at(1)).unwrap_err();
    assert!(
        error.message.contains("more than 200000000 operations"),
        "{error}"
    );
    assert!(
        error.to_string().starts_with("e.rhai: `value(1)`"),
        "{error}"
    );
}

#[test]
fn an_error_while_a_script_runs_has_its_line() {
    let script = Script::parse("fn value(n) {\n  let a = [];\n  a[n]\n}", "e.rhai").unwrap();
    let error = script.value("value", at(1)).unwrap_err();
    assert_eq!(error.line, Some(3), "{error}");
}

#[test]
fn a_recursion_without_end_is_an_error_and_no_crash() {
    let deep = format!("{}f(x + 1){}", "1 + (".repeat(30), ")".repeat(30));
    let text = format!("fn f(x) {{ {deep} }}\nfn value(n) {{ f(n) }}");
    let error = Script::parse(&text, "e.rhai")
        .unwrap()
        .value("value", at(1));
    assert!(error.unwrap_err().message.contains("Stack overflow"));
}

#[test]
fn a_script_cannot_reach_files_or_evaluate_text() {
    for text in [
        "fn value(n) { eval(\"1\") }",
        "import \"x\" as x; fn value(n) { 1 }",
    ] {
        assert!(Script::parse(text, "e.rhai").is_err(), "{text}");
    }
    let script = Script::parse("fn value(n) { open_file(\"x\") }", "e.rhai").unwrap();
    assert!(script.value("value", at(1)).is_err());
}

#[test]
fn a_generator_gives_one_text_or_several() {
    let one = Script::parse("fn program(n) { \"-- \" + n }", "p.rhai").unwrap();
    assert_eq!(one.program(at(2)).unwrap().files["main.vera"], "-- 2");
    let two = Script::parse(
        "fn program(n) { #{ \"main.vera\": \"m\", \"a/b.vera\": \"b\" } }",
        "p.rhai",
    );
    assert_eq!(two.unwrap().program(at(2)).unwrap().files.len(), 2);
    for bad in [
        "1",
        "#{ \"other.vera\": \"\" }",
        "#{ \"main.vera\": \"\", \"../x.vera\": \"\" }",
    ] {
        let script = Script::parse(&format!("fn program(n) {{ {bad} }}"), "p.rhai").unwrap();
        assert!(script.program(at(2)).is_err(), "{bad}");
    }
}

#[test]
fn a_text_written_as_an_expression_is_that_text() {
    for text in ["", "a \"b\" \\ ${n} `x`", "\n\r\t\u{1}\u{7f}\u{1F600}"] {
        let parsed = Expression::parse(&literal(text), "args").unwrap();
        assert_eq!(parsed.text(at(1)).unwrap(), text);
    }
}
