//! The two engines agree on what host functions compute: decimals, maps, sets,
//! mathematics and random numbers.

use crate::agree::{agree, agree_in, main_of, with_main};
use crate::native::{measures, number, value};
use vera_stress::case::{Lane, Value};

/// The oldest release, one with host functions for Map and Set that names its
/// checks, and the newest.
const RELEASES: [&str; 3] = ["0.1.5", "0.2.0", "0.2.5"];

/// Fails unless the engines agree on each program, on each release.
#[track_caller]
fn all_agree(programs: &[String]) {
    for release in RELEASES {
        for program in programs {
            // What is refused on both is no agreement.
            value(&agree(release, program, None));
        }
    }
}

/// A program that prints lines, each a String expression.
fn prints(declarations: &str, lines: &[&str]) -> String {
    let body: Vec<String> = lines
        .iter()
        .map(|line| format!("IO.print(string_concat({line}, \"\\n\"));"))
        .collect();
    with_main(
        declarations,
        "Unit",
        "<IO>",
        &format!("{}\n  ()", body.join("\n  ")),
    )
}

#[test]
fn the_engines_agree_on_decimals() {
    let show = |expression: &str| format!("decimal_to_string({expression})");
    let parse = |text: &str| {
        format!(
            "match decimal_from_string(\"{text}\") {{ Some(@Decimal) -> decimal_to_string(@Decimal.0), None -> \"none\" }}"
        )
    };
    let one = "decimal_from_int(1)";
    let third = format!(
        "match decimal_div({one}, decimal_from_int(3)) {{ Some(@Decimal) -> decimal_to_string(@Decimal.0), None -> \"none\" }}"
    );
    let by_zero = third.replace("from_int(3)", "from_int(0)");
    let order = |a: &str, b: &str| {
        format!(
            "match decimal_compare(decimal_from_float({a}), decimal_from_float({b})) {{ Less -> \"less\", Equal -> \"equal\", Greater -> \"greater\" }}"
        )
    };
    let mut lines = vec![
        third,
        by_zero,
        order("1.0", "2.0"),
        order("2.0", "2.0"),
        order("3.5", "2.0"),
    ];
    lines.extend(
        [
            "1",
            "1.50",
            "-0.00",
            "1e5",
            "1E-7",
            " 3 ",
            "x",
            "",
            "Infinity",
            "123456789012345678901234567890.5",
            "1_000",
        ]
        .map(parse),
    );
    lines.extend(
        [
            "decimal_from_float(0.1)",
            "decimal_from_float(10000000000000000000000.0)",
            "decimal_mul(decimal_from_float(0.1), decimal_from_float(0.3))",
            "decimal_sub(decimal_from_int(1), decimal_from_float(0.00000001))",
            "decimal_neg(decimal_from_int(5))",
            "decimal_abs(decimal_from_int(0 - 5))",
            "decimal_round(decimal_from_float(2.675), 2)",
            "decimal_round(decimal_from_float(2.5), 0)",
            "decimal_round(decimal_from_int(12345), 0 - 2)",
            "decimal_mul(decimal_from_int(9223372036854775807), decimal_from_int(9223372036854775807))",
        ]
        .map(show),
    );
    lines.push("float_to_string(decimal_to_float(decimal_from_float(0.1)))".to_owned());
    lines.push(
        "bool_to_string(decimal_eq(decimal_from_float(1.0), decimal_from_int(1)))".to_owned(),
    );
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    all_agree(&[prints("", &lines)]);
}

#[test]
fn the_engines_agree_on_thousands_of_decimals() {
    let sum = "
private fn sum(@Nat, @Decimal -> @Decimal)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Decimal.0 } else {
    sum(@Nat.0 - 1, decimal_add(@Decimal.0, decimal_mul(decimal_from_int(nat_to_int(@Nat.0)), decimal_from_float(0.5))))
  }
}

public fn main(@Nat -> @String)
  requires(true) ensures(true) effects(pure)
{
  decimal_to_string(sum(@Nat.0, decimal_from_int(0)))
}
";
    for release in RELEASES {
        let outcome = agree(release, sum, Some(5_000));
        assert_eq!(*value(&outcome), Value::Text("6251250.0".to_owned()));
        // Most of them were let go of by a collection on the way.
        assert!(measures(&outcome).host_calls["host_decref_handle"] > 4_000);
    }
}

/// Some Strings in one, with a space behind each.
fn joined(parts: &[String]) -> String {
    parts.iter().fold("\"\"".to_owned(), |all, part| {
        format!("string_concat({all}, string_concat({part}, \" \"))")
    })
}

#[test]
fn the_engines_agree_on_maps_of_every_kind() {
    let kinds = [
        ("Int", ["1", "0 - 2", "3"]),
        ("Float64", ["1.5", "nan()", "0.0 - 1.0"]),
        ("Bool", ["true", "false", "true"]),
        ("String", ["\"a\"", "\"\"", "\"é✓\""]),
    ];
    let mut programs = Vec::new();
    for (key, k) in kinds.iter().filter(|(key, _)| *key != "Float64") {
        for (value, v) in &kinds {
            let map = format!("Map<{key}, {value}>");
            let got = |map: &str, key: &str| {
                format!(
                    "match map_get({map}, {key}) {{ Some(@{value}) -> \"\\(@{value}.0)\", None -> \"none\" }}"
                )
            };
            let (all, fewer) = (format!("@{map}.1"), format!("@{map}.0"));
            let parts = [
                got(&all, k[0]),
                got(&all, k[2]),
                got(&fewer, k[0]),
                got(&fewer, k[1]),
                format!("nat_to_string(map_size({all}))"),
                format!("nat_to_string(map_size({fewer}))"),
                format!("bool_to_string(map_contains({fewer}, {}))", k[1]),
                format!("bool_to_string(map_contains({fewer}, {}))", k[2]),
                format!("nat_to_string(array_length(map_keys({all})))"),
                format!("nat_to_string(array_length(map_values({fewer})))"),
            ];
            let body = format!(
                "let @{map} = map_insert(map_new(), {}, {});
  let @{map} = map_insert(@{map}.0, {}, {});
  let @{map} = map_insert(@{map}.0, {}, {});
  let @{map} = map_remove(@{map}.0, {});
  {}",
                k[0],
                v[0],
                k[1],
                v[1],
                k[2],
                v[2],
                k[1],
                joined(&parts)
            );
            programs.push(main_of("String", "pure", &body));
        }
    }
    all_agree(&programs);
}

#[test]
fn the_engines_agree_on_sets_of_every_kind() {
    let programs = [
        ("Int", ["1", "0 - 2", "1"]),
        ("Bool", ["true", "false", "true"]),
        ("String", ["\"a\"", "\"é✓\"", "\"a\""]),
    ]
    .map(|(ty, [a, b, c])| {
        let set = format!("Set<{ty}>");
        let parts = [
            format!("nat_to_string(set_size(@{set}.1))"),
            format!("nat_to_string(set_size(@{set}.0))"),
            format!("bool_to_string(set_contains(@{set}.0, {a}))"),
            format!("bool_to_string(set_contains(@{set}.0, {b}))"),
            format!("nat_to_string(array_length(set_to_array(@{set}.1)))"),
        ];
        let body = format!(
            "let @{set} = set_add(set_add(set_add(set_new(), {a}), {b}), {c});
  let @{set} = set_remove(@{set}.0, {a});
  {}",
            joined(&parts)
        );
        main_of("String", "pure", &body)
    });
    all_agree(&programs);
    for program in &programs {
        let outcome = agree("0.2.5", program, None);
        assert_eq!(
            *value(&outcome),
            Value::Text("2 1 false true 2 ".to_owned())
        );
    }
}

#[test]
fn the_engines_agree_on_what_a_map_holds_after_many_changes() {
    let program = "
public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  let @Map<Int, Int> = map_insert(map_new(), 0, 0);
  let @Map<Int, Int> = array_fold(array_range(0, nat_to_int(@Nat.0)), @Map<Int, Int>.0, fn(@Map<Int, Int>, @Int -> @Map<Int, Int>) effects(pure) { map_insert(@Map<Int, Int>.0, @Int.0 % 50, @Int.0) });
  array_fold(map_values(@Map<Int, Int>.0), 0, fn(@Int, @Int -> @Int) effects(pure) { @Int.0 + @Int.1 })
}
";
    for release in RELEASES {
        let sum = (250..300).sum::<i64>();
        assert_eq!(number(&agree(release, program, Some(300))), sum);
        let eager = agree_in(Lane::NATIVE_EAGER, release, program, Some(120));
        assert_eq!(number(&eager), (70..120).sum::<i64>());
    }
}

#[test]
fn the_engines_agree_on_mathematics() {
    let xs = [
        "0.0",
        "0.5",
        "1.0",
        "2.0",
        "0.0 - 1.0",
        "0.0 - 0.5",
        "100.25",
        "1000000.0",
        "infinity()",
        "nan()",
    ];
    let functions = [
        "log", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sqrt",
    ];
    let mut lines = Vec::new();
    for x in xs {
        lines.extend(functions.map(|function| format!("float_to_string({function}({x}))")));
        lines.push(format!("float_to_string(atan2({x}, 0.0 - 2.0))"));
        lines.push(format!("float_to_string(atan2(0.0, {x}))"));
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    all_agree(&[prints("", &lines)]);
}

#[test]
fn the_engines_agree_on_the_bounds_of_random_numbers() {
    let program = main_of(
        "Int",
        "<Random>",
        "let @Int = Random.random_int(5, 5);
  let @Int = @Int.0 * 10 + (if Random.random_float(()) < 1.0 then { 1 } else { 0 });
  let @Int = @Int.0 * 10 + (if Random.random_bool(()) then { 1 } else { 1 });
  let @Int = Random.random_int(0 - 3, 3) + @Int.0 * 100;
  if @Int.0 >= 51097 && @Int.0 <= 51103 then { 1 } else { 0 }",
    );
    all_agree(std::slice::from_ref(&program));
    assert_eq!(number(&agree("0.2.5", &program, None)), 1);
}
