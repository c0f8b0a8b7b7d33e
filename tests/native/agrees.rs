//! The two engines agree: what Vera's own runtime makes of a program, the native
//! engine does too, whatever the program returns, prints, keeps or asks its host.

use crate::agree::{agree, main_of, with_main};
use crate::native::{number, value};
use vera_stress::case::Ending;

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
fn the_engines_agree_on_values_of_every_type() {
    let returns = |result: &str, body: &str| main_of(result, "pure", body);
    all_agree(&[
        returns("Int", "0 - 5"),
        returns("Int", "9223372036854775807"),
        returns("Int", "0 - 9223372036854775807 - 1"),
        returns("Nat", "7"),
        returns("Bool", "true"),
        returns("Bool", "1 > 2"),
        returns("Byte", "let @Byte = 200; @Byte.0"),
        returns("Unit", "()"),
        returns("String", "\"\""),
        returns("String", "\"hé, wörld ✓ 🦀\""),
        returns("String", "string_repeat(\"ab\", 300)"),
        returns("Array<Int>", "[1, 2, 3]"),
        returns("Array<String>", "[\"a\"]"),
        returns("Option<Int>", "Some(3)"),
        returns("Result<Int, String>", "Err(\"no\")"),
        returns("Tuple<Int, Bool>", "Tuple(1, true)"),
        returns("Decimal", "decimal_from_int(3)"),
        with_main(
            "private data Tree { Leaf, Node(Tree, Int, Tree) }",
            "Tree",
            "pure",
            "Node(Leaf, 3, Leaf)",
        ),
    ]);
}

#[test]
fn the_engines_agree_on_floats_that_are_written_in_unusual_ways() {
    let floats = [
        "nan()",
        "infinity()",
        "0.0 - infinity()",
        "0.0 * (0.0 - 1.0)",
        "10000000000000000.0",
        "0.1 + 0.2",
        "1.0 / 3.0",
        "123456789012345680.0",
        "0.00001",
        "pow(2.0, 62)",
        "pow(0.5, 62)",
        "3.0",
    ];
    let programs = floats.map(|float| main_of("Float64", "pure", float));
    all_agree(&programs);
    let texts = floats.map(|float| format!("float_to_string({float})"));
    all_agree(&[prints("", &texts.each_ref().map(String::as_str))]);
}

#[test]
fn the_engines_agree_on_what_is_printed() {
    let io = |body: &str| main_of("Unit", "<IO>", body);
    all_agree(&[
        io("IO.print(\"\")"),
        io("IO.print(\"no newline\")"),
        io("IO.print(\"a\\n\\nb\\t✓🦀\\n\")"),
        io("IO.print(\"out\"); IO.stderr(\"err ✓\\n\"); IO.print(\"out again\"); ()"),
        // Half a character.
        io("IO.print(string_slice(\"✓\", 0, 1)); IO.print(string_slice(\"aé\", 0, 2)); ()"),
        io("IO.print(string_repeat(\"0123456789\", 5000))"),
        main_of("Int", "<IO>", "IO.print(\"text\\n\"); 12"),
        main_of("String", "pure", "string_slice(\"✓\", 1, 2)"),
    ]);
    let nul = agree("0.2.5", &io("IO.print(string_from_char_code(0))"), None);
    assert_eq!(nul.stdout, b"\0");
}

#[test]
fn the_engines_agree_on_a_program_that_ends_itself() {
    for code in ["0", "1", "42", "255", "256", "0 - 1", "70000"] {
        let program = main_of(
            "Int",
            "<IO>",
            &format!("IO.print(\"before\"); IO.exit({code}); 5"),
        );
        for release in RELEASES {
            let outcome = agree(release, &program, None);
            assert!(matches!(
                outcome.ending,
                Ending::Returned {
                    exit_code: Some(_),
                    ..
                }
            ));
        }
    }
}

#[test]
fn the_engines_agree_on_arguments_and_the_end_of_input() {
    let arguments = "public fn main(@Nat -> @Unit)
  requires(true) ensures(true) effects(<IO>)
{
  IO.print(string_join(IO.args(()), \",\"));
  IO.print(IO.read_line(()));
  ()
}";
    for release in RELEASES {
        let outcome = agree(release, arguments, Some(77));
        assert_eq!(outcome.stdout, b"77");
    }
}

const CELL: &str = "
private data Pair { Pair(Int, String) }

private fn shown(@Pair -> @String)
  requires(true) ensures(true) effects(pure)
{
  match @Pair.0 { Pair(@Int, @String) -> \"\\(@Int.0) \\(@String.0)\" }
}
";

/// A handler of State around a body. In a `put` of the body itself, the value of
/// the cell is the last binding and the new one is before it.
fn handler(ty: &str, start: &str, body: &str) -> String {
    format!(
        "handle[State<{ty}>](@{ty} = {start}) {{
    get(@Unit) -> {{ resume(@{ty}.0) }},
    put(@{ty}) -> {{ resume(()) }} with @{ty} = @{ty}.1
  }} in {{
    {body}
  }}"
    )
}

#[test]
fn the_engines_agree_on_the_cells_of_state() {
    let returns = |ty: &str, handler: String| with_main(CELL, ty, "pure", &handler);
    all_agree(&[
        returns("Int", handler("Int", "0 - 7", "put(get(()) * 3); get(())")),
        returns("Nat", handler("Nat", "7", "put(get(()) + 3); get(())")),
        returns("Bool", handler("Bool", "true", "put(!get(())); get(())")),
        returns(
            "Float64",
            handler("Float64", "0.5", "put(get(()) / 3.0); get(())"),
        ),
        returns("Float64", handler("Float64", "nan()", "get(())")),
        returns(
            "String",
            handler(
                "Pair",
                "Pair(1, \"a\")",
                "put(Pair(2, \"b\")); shown(get(()))",
            ),
        ),
        returns(
            "String",
            handler(
                "Decimal",
                "decimal_from_int(1)",
                "put(decimal_add(get(()), decimal_from_int(4))); decimal_to_string(get(()))",
            ),
        ),
        // A handler in a handler of the same type, and one after another.
        returns(
            "Int",
            handler(
                "Int",
                "1",
                &format!(
                    "put(2);\n    let @Int = {};\n    get(()) * 100 + @Int.0",
                    handler("Int", "30", "put(get(()) + 1); get(())")
                ),
            ),
        ),
        returns(
            "Int",
            format!(
                "let @Int = {};\n  let @Int = {};\n  @Int.0 * 100 + @Int.1",
                handler("Int", "5", "put(6); get(())"),
                handler("Int", "7", "get(())")
            ),
        ),
    ]);
    let tripled = handler("Int", "0 - 7", "put(get(()) * 3); get(())");
    for release in RELEASES {
        let outcome = agree(release, &returns("Int", tripled.clone()), None);
        assert_eq!(number(&outcome), -21, "{release}");
    }
}

const THROWS: &str = "
private fn below(@Int -> @Int)
  requires(true) ensures(true) effects(<Exn<String>>)
{
  if @Int.0 > 10 then { throw(\"too much: \\(@Int.0)\") } else { @Int.0 * 2 }
}

private fn caught(@Int -> @Int)
  requires(true) ensures(true) effects(pure)
{
  handle[Exn<String>] {
    throw(@String) -> { 0 - nat_to_int(string_length(@String.0)) }
  } in {
    below(@Int.0) + 1
  }
}
";

#[test]
fn the_engines_agree_on_exceptions_that_are_caught() {
    // An inner handler takes what is thrown below it, and the outer one the rest.
    let both = "
private fn both(@Int -> @Int)
  requires(true) ensures(true) effects(pure)
{
  handle[Exn<Int>] {
    throw(@Int) -> { @Int.0 + 1000 }
  } in {
    if @Int.0 > 5 then { throw(caught(@Int.0)) } else { caught(@Int.0) }
  }
}
";
    for release in RELEASES {
        // Up to 0.1.8 a program declares the effect itself.
        let declared = if release == "0.1.5" {
            "effect Exn<E> { op throw(E -> Never); }\n"
        } else {
            ""
        };
        let declarations = format!("{declared}{THROWS}{both}");
        for (call, expected) in [
            ("caught(3)", 7),
            ("caught(11)", -12),
            ("caught(1000)", -14),
            ("both(3)", 7),
            ("both(7)", 1015),
            ("both(20)", 988),
        ] {
            let program = with_main(&declarations, "Int", "pure", call);
            assert_eq!(number(&agree(release, &program, None)), expected);
        }
    }
}
