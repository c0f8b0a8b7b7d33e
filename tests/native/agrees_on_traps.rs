//! The two engines agree on how a program fails: on the kind of the trap, its
//! message, the functions with their files and lines, and on the depth at which
//! the stack is exhausted.

use crate::agree::agree;
use crate::native::{Vera, sources, trap, value};
use vera_stress::case::{Ending, Lane};

const RELEASES: [&str; 3] = ["0.1.5", "0.2.0", "0.2.5"];

/// A program whose `main` calls a function `inner` of n with this result, body
/// and contract.
fn inner(result: &str, contract: &str, effects: &str, body: &str) -> String {
    format!(
        "-- A line, so that nothing stands on the first.

private fn inner(@Int -> @{result})
  {contract} effects({effects})
{{
  {body}
}}

public fn main(@Nat -> @{result})
  requires(true) ensures(true) effects({effects})
{{
  inner(nat_to_int(@Nat.0))
}}
"
    )
}

/// The same with nothing asked and nothing promised.
fn plain(result: &str, body: &str) -> String {
    inner(result, "requires(true) ensures(true)", "pure", body)
}

/// Fails unless both engines trap in the same way, in `inner`, and each release
/// calls it by its own kind.
#[track_caller]
fn assert_kinds(program: &str, kinds: [&str; 3]) {
    for (release, kind) in RELEASES.into_iter().zip(kinds) {
        let outcome = agree(release, program, Some(5));
        let trap = trap(&outcome);
        assert_eq!(trap.kind, kind, "{release}: {program}");
        let frames = trap.frames.iter();
        let found = frames
            .filter(|frame| frame.file.as_deref() == Some("main.vera") && frame.line == Some(3))
            .any(|frame| frame.function == "inner");
        assert!(found, "{release}: {trap:?}");
    }
}

/// What releases before 0.2.0 call every check of the program's own.
const BEFORE: &str = "unreachable";

#[test]
fn the_engines_agree_on_contracts_that_do_not_hold() {
    let kinds = ["contract_violation"; 3];
    let with = |contract: &str| inner("Int", contract, "pure", "@Int.0");
    assert_kinds(&with("requires(@Int.0 > 5) ensures(true)"), kinds);
    assert_kinds(&with("requires(true) ensures(@Int.result > 5)"), kinds);
    let long = "@Int.0 > 5 && @Int.0 < 1000000 && @Int.0 != 7 || @Int.0 == 0 - 1";
    assert_kinds(&with(&format!("requires({long}) ensures(true)")), kinds);
    // Checked since 0.1.9.
    let endless = "
private fn down(@Int -> @Int)
  requires(true) ensures(true) decreases(@Int.0) effects(pure)
{
  if @Int.0 == 0 then { 0 } else { down(@Int.0 + 1) }
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  down(nat_to_int(@Nat.0))
}
";
    for release in ["0.2.0", "0.2.5"] {
        let outcome = agree(release, endless, Some(5));
        assert_eq!(trap(&outcome).kind, "contract_violation");
    }
}

#[test]
fn the_engines_agree_on_arithmetic_that_has_no_result() {
    for body in ["10 / (@Int.0 - 5)", "10 % (@Int.0 - 5)"] {
        assert_kinds(&plain("Int", body), ["divide_by_zero"; 3]);
    }
    for body in [
        "9223372036854775807 + @Int.0",
        "0 - 9223372036854775807 - @Int.0",
        "9223372036854775807 * @Int.0",
        "(0 - 9223372036854775807 - 1) / (@Int.0 - 6)",
    ] {
        assert_kinds(&plain("Int", body), ["overflow"; 3]);
    }
    let conversion = ["overflow", "float_conversion", "float_conversion"];
    for body in [
        "float_to_int(int_to_float(@Int.0) * 10000000000000000000.0)",
        "floor(infinity() * int_to_float(@Int.0))",
    ] {
        assert_kinds(&plain("Int", body), conversion);
    }
}

#[test]
fn the_engines_agree_on_checks_of_the_program() {
    let since = |kind| [BEFORE, kind, kind];
    let guard = "let @Nat = @Int.0 - 10; @Nat.0";
    assert_kinds(&plain("Nat", guard), since("nat_guard"));
    let underflow = "let @Nat = 3; let @Nat = 7; @Nat.1 - @Nat.0";
    assert_kinds(&plain("Nat", underflow), since("nat_underflow"));
    let assertion = "assert(@Int.0 > 5); 1";
    assert_kinds(&plain("Int", assertion), since("assertion_failed"));
    for index in ["@Int.0", "@Int.0 - 10"] {
        let body = format!("let @Array<Int> = [1, 2]; @Array<Int>.0[{index}]");
        assert_kinds(&plain("Int", &body), since("index_out_of_bounds"));
    }
    let character = "string_char_code(\"abc\", @Int.0)";
    assert_kinds(
        &plain("Nat", character),
        since("string_index_out_of_bounds"),
    );
}

#[test]
fn the_engines_agree_on_every_frame() {
    // In a closure, below a call that is not the last, in another module.
    let closure = "let @Int = array_fold([1, 2], 0, fn(@Int, @Int -> @Int) effects(pure) { @Int.0 / (@Int.1 - @Int.1) }); @Int.0 + 1";
    assert_kinds(&plain("Int", closure), ["divide_by_zero"; 3]);
    let nested = "
private forall<T> fn generic(@T, @Int -> @Int)
  requires(true) ensures(true) effects(pure)
{
  1 + 100 / @Int.0
}

private fn middle(@Int -> @Int)
  requires(true) ensures(true) effects(pure)
{
  1 + generic(true, @Int.0 - 5)
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  1 + middle(nat_to_int(@Nat.0))
}
";
    for release in RELEASES {
        let outcome = agree(release, nested, Some(5));
        let trap = trap(&outcome);
        let names: Vec<&str> = trap.frames.iter().map(|it| it.function.as_str()).collect();
        assert_eq!(names[1..], ["middle", "main"], "{release}");
        assert!(names[0].starts_with("generic"), "{names:?}");
    }
}

/// A recursion that keeps three Strings at each level.
const KEEPS: &str = "
private fn keep(@Nat -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { 0 } else {
    let @String = \"a\\(@Nat.0)\";
    let @String = \"bc\\(@Nat.0)\";
    let @String = \"def\\(@Nat.0)\";
    let @Int = keep(@Nat.0 - 1);
    @Int.0 + nat_to_int(string_length(@String.0) + string_length(@String.1) * string_length(@String.2))
  }
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  keep(@Nat.0)
}
";

#[test]
fn the_engines_agree_on_a_shadow_stack_that_overflows() {
    for release in RELEASES {
        value(&agree(release, KEEPS, Some(300)));
        let outcome = agree(release, KEEPS, Some(2_000));
        assert_eq!(trap(&outcome).kind, "unreachable", "{release}");
    }
}

#[test]
fn the_engines_agree_on_the_kind_where_python_words_the_message() {
    let throws = inner(
        "Int",
        "requires(true) ensures(true)",
        "<Exn<Int>>",
        "throw(@Int.0)",
    );
    for release in ["0.2.0", "0.2.5"] {
        let outcome = agree(release, &throws, Some(5));
        assert_eq!(trap(&outcome).kind, "uncaught_exception");
    }
    let random = "Random.random_int(@Int.0, 0)";
    let infinite = "decimal_from_float(infinity() * int_to_float(@Int.0))";
    for program in [
        inner("Int", "requires(true) ensures(true)", "<Random>", random),
        plain("Decimal", &format!("decimal_sub({infinite}, {infinite})")),
    ] {
        for release in ["0.2.0", "0.2.5"] {
            let sources = sources(&program);
            for lane in [Lane::REFERENCE, Lane::NATIVE] {
                let outcome = Vera::of(release).run(&sources, lane, Some(5));
                assert_eq!(trap(&outcome).kind, "host_error", "{release}, {lane}");
            }
        }
    }
    // Vera calls it unknown, with the backtrace in the message.
    let nan = plain("Int", "float_to_int(nan() * int_to_float(@Int.0))");
    for lane in [Lane::REFERENCE, Lane::NATIVE] {
        let outcome = Vera::of("0.1.5").run(&sources(&nan), lane, Some(5));
        assert_eq!(trap(&outcome).kind, "unknown", "{lane}");
        let message = &trap(&outcome).message;
        assert!(
            message.ends_with("invalid conversion to integer"),
            "{message}"
        );
    }
}

/// Recursions whose frames are of different sizes.
const RECURSIONS: [&str; 3] = [
    "
private fn down(@Nat -> @Nat)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { 0 } else { (down(@Nat.0 - 1) + @Nat.0) % 1000003 }
}

public fn main(@Nat -> @Nat)
  requires(true) ensures(true) effects(pure)
{
  down(@Nat.0)
}
",
    "
private fn wide(@Nat, @Int, @Int, @Float64, @Bool -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else {
    let @Int = wide(@Nat.0 - 1, @Int.0, @Int.1, @Float64.0 + 0.5, !@Bool.0);
    (@Int.0 + @Int.1 * 3 + @Int.2 + (if @Bool.0 then { 1 } else { floor(@Float64.0) })) % 1000003
  }
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  wide(@Nat.0, 3, 5, 1.5, true)
}
",
    "
private fn asks(@Nat -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(<State<Int>>)
{
  if @Nat.0 == 0 then { get(()) } else {
    let @Int = asks(@Nat.0 - 1);
    put(@Int.0 % 1000);
    @Int.0 + get(())
  }
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  handle[State<Int>](@Int = 1) {
    get(@Unit) -> { resume(@Int.0) },
    put(@Int) -> { resume(()) } with @Int = @Int.0
  } in {
    asks(@Nat.0) % 7
  }
}
",
];

#[test]
fn the_engines_agree_on_the_depth_that_exhausts_the_stack() {
    for release in ["0.1.5", "0.2.5"] {
        for program in RECURSIONS {
            let module = Vera::of(release).compile(program);
            let passes = |n: u64| {
                let outcome = module.shipped(&[n.cast_signed()]);
                match &outcome.ending {
                    Ending::Returned { .. } => true,
                    Ending::Trapped(trap) if trap.kind == "stack_exhausted" => false,
                    other => panic!("{other:?}"),
                }
            };
            let (mut deepest, mut too_deep) = (1, 1_000_000);
            while too_deep - deepest > 1 {
                let n = u64::midpoint(deepest, too_deep);
                *(if passes(n) {
                    &mut deepest
                } else {
                    &mut too_deep
                }) = n;
            }
            // Half a kilobyte is the wasmtime crate's own where it is compiled
            // without optimisation, as for these tests.
            let slack = deepest / 500;
            let theirs = |n| Vera::of(release).run(&sources(program), Lane::REFERENCE, Some(n));
            value(&theirs(deepest - slack));
            let deeper = theirs(deepest + slack);
            assert_eq!(trap(&deeper).kind, "stack_exhausted", "{deepest}");
            // Far beyond it, the two agree in every word.
            let far = agree(release, program, Some(2_000_000));
            assert_eq!(trap(&far).kind, "stack_exhausted");
        }
    }
}
