//! What happens when something is wrong with a program: it does not compile, it
//! uses too much, or it does odd things.
//!
//! Whatever it is, it gets a verdict of its own, and no other case of the run is
//! lost.

use crate::common::{Place, Ran, assert_says, identity, main_of};

// --- Programs that do not compile --------------------------------------------

/// Runs one program beside a good one; whatever it is, the run ends with 1.
fn judged(name: &str, program: &str, tables: &str) -> Ran {
    let place = Place::new();
    place.good();
    place.scenario(name).program(program).tables(tables).write();
    place.judge(&["good", name]).exits(1).passes("good")
}

#[test]
fn a_type_error_is_rejected_with_its_place() {
    let program = main_of("@Int", "pure", "\"no number\"");
    judged("type-error", &program, "").fails(
        "type-error",
        "rejected",
        "the program was rejected: main.vera:4:3: Function 'main' body has type String, expected Int",
    );
}

#[test]
fn a_syntax_error_is_rejected_with_its_place() {
    let program = main_of("@Int", "pure", "1 +");
    judged("syntax-error", &program, "").fails("syntax-error", "rejected", "main.vera:5:1: ");
}

#[test]
fn an_error_in_a_module_is_rejected_with_the_module_s_place() {
    let place = Place::new();
    place.good();
    place
        .scenario("modular")
        .program(&format!(
            "import helper(help);\n\n{}",
            main_of("@Nat", "pure", "help(@Nat.0)")
        ))
        .file(
            "helper.vera",
            &identity()
                .replace("main", "help")
                .replace("  @Nat.0", "  true"),
        )
        .write();
    place
        .judge(&["good", "modular"])
        .exits(1)
        .passes("good")
        .fails("modular", "rejected", "helper.vera:4:3: ");
}

#[test]
fn an_empty_program_is_rejected() {
    judged("empty", "", "").fails("empty", "rejected", "the program was rejected: ");
}

#[test]
fn a_program_without_main_is_rejected() {
    judged("mainless", &identity().replace("main", "other"), "").fails(
        "mainless",
        "rejected",
        "it has no public function `main`",
    );
}

#[test]
fn a_program_with_a_private_main_is_rejected() {
    let program = identity().replace("public", "private");
    let ran = judged("private-main", &program, "");
    let ran = ran.fails("private-main", "rejected", "private fn main");
    ran.fails("private-main", "rejected", "declare it as public");
}

#[test]
fn a_main_that_cannot_take_the_scale_is_rejected_with_what_to_write() {
    for (name, parameters, words) in [
        (
            "no-parameter",
            "",
            "`main` takes no parameter, so n cannot reach it; write `public fn main(@Nat -> ...)`",
        ),
        (
            "a-string",
            "@String ",
            "the parameter of `main` is neither Nat nor Int",
        ),
        (
            "a-float",
            "@Float64 ",
            "the parameter of `main` is neither Nat nor Int",
        ),
        (
            "two-parameters",
            "@Nat, @Nat ",
            "`main` takes 2 parameters; it must take one, the scale",
        ),
    ] {
        let program = main_of("@Int", "pure", "1").replace("@Nat ", parameters);
        judged(name, &program, "").fails(name, "rejected", words);
    }
}

// --- Programs that use too much ----------------------------------------------

#[test]
fn a_program_that_loops_for_ever_is_over_time() {
    let program = format!(
        "private fn spin(@Nat -> @Nat)\n  requires(true) ensures(true) effects(<Diverge>)\n{{\n  if @Nat.0 == 0 then {{ 0 }} else {{ spin(@Nat.0) }}\n}}\n\n{}",
        main_of("@Nat", "<Diverge>", "spin(@Nat.0)")
    );
    judged("endless", &program, "[budget]\ntime = \"3s\"").fails(
        "endless",
        "over-time",
        "endless [reference] n=10: still running after its budget of 3s of processor time",
    );
}

#[test]
fn a_program_that_sleeps_is_over_time() {
    // Asleep in Vera's host, where no instruction of the program is counted.
    let program = main_of("@Nat", "<IO>", "IO.sleep(3600000); @Nat.0");
    judged(
        "asleep",
        &program,
        "[budget]\ntime = \"3s\"\nwall = \"15s\"",
    )
    .fails(
        "asleep",
        "over-time",
        "still running after 15s, in which its budget of processor time was not spent: it waits",
    );
}

#[test]
fn what_waits_longer_than_its_time_passes() {
    // As on a machine that has no time for it.
    let program = main_of("@Nat", "<IO>", "IO.sleep(3500); @Nat.0");
    for key in ["time", "wall"] {
        let place = Place::new();
        let budget = format!("[budget]\n{key} = \"3s\"");
        place
            .scenario("late")
            .program(&program)
            .tables(&budget)
            .write();
        place.judge(&["late"]).exits(0).passes("late");
    }
}

#[test]
fn a_program_that_allocates_without_end_is_over_memory() {
    let program = format!(
        "private fn grow(@Nat, @String -> @Nat)\n  requires(true) ensures(true) effects(<Diverge>)\n{{\n  if string_length(@String.0) == 0 then {{ @Nat.0 }} else {{ grow(@Nat.0, string_concat(@String.0, @String.0)) }}\n}}\n\n{}",
        main_of("@Nat", "<Diverge>", "grow(@Nat.0, \"x\")")
    );
    let ran = judged(
        "greedy",
        &program,
        "[budget]\nmemory = \"300MiB\"\nwall = \"60s\"",
    );
    let seen = ran.case("greedy")["ending"]["seen"].as_u64().unwrap();
    assert!(seen > 300 << 20, "{seen}");
    ran.fails(
        "greedy",
        "over-memory",
        "of memory while running, its budget is 300.0 MiB",
    );
}

#[test]
fn a_budget_below_what_python_itself_takes_is_over_memory_and_says_where() {
    let program = identity();
    judged("tiny", &program, "[budget]\nmemory = \"1MiB\"").fails(
        "tiny",
        "over-memory",
        "its budget is 1.0 MiB",
    );
}

#[test]
fn a_program_that_prints_without_end_is_over_output() {
    let program = format!(
        "private fn flood(@Nat -> @Nat)\n  requires(true) ensures(true) effects(<IO, Diverge>)\n{{\n  IO.print(\"A line that says nothing, over and over again.\\n\");\n  if @Nat.0 == 0 then {{ 0 }} else {{ flood(@Nat.0) }}\n}}\n\n{}",
        main_of("@Nat", "<IO, Diverge>", "flood(@Nat.0)")
    );
    let ran = judged(
        "talkative",
        &program,
        "[budget]\noutput = \"1MiB\"\nwall = \"60s\"",
    );
    let printed = ran.case("talkative")["output"].as_u64().unwrap();
    assert!((1 << 20..64 << 20).contains(&printed), "{printed} bytes");
    ran.fails(
        "talkative",
        "over-output",
        "printed more than its 1.0 MiB budget while running",
    );
}

#[test]
fn a_recursion_that_is_too_deep_is_a_trap() {
    let program = format!(
        "private fn sum(@Nat -> @Nat)\n  requires(true) ensures(true) decreases(@Nat.0) effects(pure)\n{{\n  if @Nat.0 == 0 then {{ 0 }} else {{ @Nat.0 + sum(@Nat.0 - 1) }}\n}}\n\n{}",
        main_of("@Nat", "pure", "sum(@Nat.0 * 1000000)")
    );
    judged("deep", &program, "").fails(
        "deep",
        "trap",
        "trap stack_exhausted in sum (main.vera:1): ",
    );
}

#[test]
fn string_literals_that_do_not_fit_are_a_trap_at_instantiation() {
    let length = |letter: &str| format!("string_length(\"{}\")", letter.repeat(33_000));
    let program = main_of(
        "@Nat",
        "pure",
        &format!("{} + {}", length("x"), length("y")),
    );
    judged("literals", &program, "").fails("literals", "trap", "trap instantiation: ");
}

// --- Programs that do odd things ---------------------------------------------

#[test]
fn half_a_character_is_judged_as_vera_shows_it() {
    // Vera's host replaces what is no UTF-8; the harness must neither panic nor
    // take the replacement for the character.
    let program = main_of(
        "@String",
        "<IO>",
        "IO.print(string_slice(\"é\", 0, 1)); string_slice(\"é\", 1, 2)",
    );
    let place = Place::new();
    place.good();
    for (name, character) in [("replaced", "\u{fffd}"), ("whole", "é")] {
        let expect = format!("value = '\"{character}\"'\nstdout = '\"{character}\"'");
        place
            .scenario(name)
            .program(&program)
            .expect(&expect)
            .write();
    }
    place
        .judge(&["good", "replaced", "whole"])
        .exits(1)
        .passes("good")
        .passes("replaced")
        .fails("whole", "wrong", "expected \"é\", got \"\u{fffd}\"");
}

#[test]
fn what_writes_past_its_output_is_not_run() {
    let program = main_of(
        "@Nat",
        "<IO>",
        "let @Array<Byte> = array_map(array_range(0, 3), fn(@Int -> @Byte) effects(pure) { 200 });\n  \
         let @Result<Unit, String> = IO.write_bytes(\"/dev/stdout\", @Array<Byte>.0);\n  @Nat.0",
    );
    // The live output is no file of the program's own.
    let ran = Place::new();
    ran.good();
    ran.scenario("raw").program(&program).write();
    let ran = ran.judge(&["good", "raw"]).exits(0).passes("good");
    assert_eq!(ran.verdict("raw"), "unsupported", "{ran}");
    assert_says(
        &ran,
        "the program opens \"/dev/stdout\", which leads out of the folder",
    );
}

#[test]
fn a_program_that_reads_standard_input_gets_its_end() {
    let place = Place::new();
    place.good();
    place
        .scenario("reader")
        .program(&main_of("@String", "<IO>", "IO.read_line(())"))
        .expect("value = '\"\"'")
        .write();
    let output = place
        .command()
        .args(place.run_args(&["good", "reader", "--lane", "reference"]))
        .write_stdin("what somebody typed\n")
        .output()
        .unwrap();
    place.ran(output).exits(0).passes("good").passes("reader");
}

#[test]
fn a_program_that_ends_itself_is_wrong_and_the_exit_code_is_named() {
    let number = main_of("@Nat", "<IO>", "IO.exit(3); @Nat.0");
    judged("leaver", &number, "").fails("leaver", "wrong", "exit code 3");

    let place = Place::new();
    place.good();
    let nothing = main_of("@Unit", "<IO>", "IO.print(\"bye\"); IO.exit(3); ()");
    let expect = "stdout = '\"bye\"'";
    place
        .scenario("leaver")
        .program(&nothing)
        .expect(expect)
        .write();
    place
        .judge(&["good", "leaver"])
        .exits(1)
        .passes("good")
        .fails(
            "leaver",
            "wrong",
            "the program ended itself with exit code 3",
        );
}

#[test]
fn a_program_cannot_forge_its_own_verdict() {
    // Its working directory is where the harness looks for the reply.
    let forged =
        r#"{\"ending\": {\"how\": \"returned\", \"value\": {\"int\": 10}, \"exit_code\": null}}"#;
    let body = format!(
        "let @Result<Unit, String> = IO.write_file(\"reply.json\", \"{forged}\");\n  \
         let @Result<Unit, String> = IO.write_file(\"captured-stdout\", \"forged\");\n  \
         int_to_nat(array_fold(array_range(0, 3), 1, fn(@Int, @Int -> @Int) effects(pure) {{ @Int.0 / (@Int.1 - @Int.1) }}));\n  @Nat.0"
    );
    judged("forger", &main_of("@Nat", "<IO>", &body), "").fails("forger", "trap", "divide");
}
