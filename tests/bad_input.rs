//! What happens when something is wrong: with a scenario file, with a program,
//! with a process that dies, with the command line.
//!
//! Whatever it is, the first line says what and where, the exit code tells the
//! kinds apart, and no other case of the run is lost.

mod common;

use std::fs;

use predicates::prelude::*;
use predicates::str::contains;

use common::{Place, main_of};

// --- Scenario files ----------------------------------------------------------

#[test]
fn a_broken_scenario_file_is_named_with_its_line_and_the_others_are_judged() {
    let place = Place::new();
    place.good();
    place
        .scenario("misspelt")
        .program("")
        .keys("bugdet = 1")
        .write();
    place
        .scenario("torn")
        .program("")
        .keys("alone = tru")
        .write();
    place
        .scenario("unexpected")
        .program("")
        .expect("value = \"n +\"")
        .write();
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "catalogue/axis/misspelt/scenario.toml:4: unknown field `bugdet`",
        "catalogue/axis/torn/scenario.toml:4: ",
        "catalogue/axis/unexpected/scenario.toml:11: `n +`: this is not a Rhai expression",
    ]);
}

#[test]
fn a_folder_without_scenario_toml_or_with_a_stray_file_is_named() {
    let place = Place::new();
    place.good();
    place.write("catalogue/axis/unfinished/main.vera", "");
    place
        .scenario("stray")
        .program("")
        .file("expects.rhai", "")
        .write();
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "catalogue/axis/unfinished: there is no scenario.toml in this folder",
        "catalogue/axis/stray: a scenario has no file `expects.rhai`",
    ]);
}

#[test]
fn a_scenario_file_that_is_not_text_is_named() {
    let place = Place::new();
    place.good();
    let folder = place.scenario("binary").write();
    fs::write(folder.join("main.vera"), b"\xff\xfe\x00").unwrap();
    place
        .judge(&["good"])
        .exits(2)
        .passes("good")
        .says(&["catalogue/axis/binary/main.vera: this cannot be read: "]);
}

#[test]
fn a_catalogue_that_does_not_exist_or_holds_nothing_is_named() {
    let place = Place::new();
    place.good();
    fs::create_dir(place.path("empty")).unwrap();
    place
        .judge(&["good", "--catalogue", "nowhere", "--catalogue", "empty"])
        .exits(2)
        .passes("good")
        .says(&[
            "nowhere: this catalogue cannot be opened: No such file or directory",
            "empty: this catalogue holds no scenario folder",
            "name an existing directory with --catalogue DIR",
        ]);
}

#[test]
fn two_scenarios_of_one_name_are_an_error_and_the_first_is_judged() {
    let place = Place::new();
    place.good();
    place.scenario("good").axis("other").program("").write();
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "catalogue/other/good: there is a scenario `good` already, in catalogue/axis/good",
        "rename the folder",
    ]);
}

#[test]
fn an_oracle_that_never_ends_is_stopped_and_its_case_is_not_run() {
    let place = Place::new();
    place.good();
    place
        .scenario("endless-oracle")
        .program(&identity())
        .file("expect.rhai", "fn value(n) {\n  loop { n = 1; }\n}\n")
        .expect("")
        .write();
    place
        .judge(&["good", "endless-oracle"])
        .exits(2)
        .passes("good")
        .fails(
            "endless-oracle",
            "not-run",
            "`value(10)`: more than 200000000 operations; find a cheaper computation",
        );
}

#[test]
fn an_oracle_that_fails_is_named_with_its_reason() {
    let place = Place::new();
    place.good();
    place
        .scenario("divided")
        .program(&identity())
        .expect("value = \"n / (n - n)\"")
        .write();
    place
        .scenario("listed")
        .program(&identity())
        .expect("value = \"[n]\"")
        .write();
    place
        .judge(&["good", "divided", "listed"])
        .exits(2)
        .passes("good")
        .fails("divided", "not-run", "catalogue/axis/divided/scenario.toml")
        .fails(
            "divided",
            "not-run",
            "`expect.value` at n = 10: Division by zero",
        )
        .fails(
            "listed",
            "not-run",
            "it must give an integer, a float, a bool, a string or ()",
        );
}

// --- Programs that do not compile --------------------------------------------

/// A program that a known scenario file may stand beside: it gives n back.
fn identity() -> String {
    main_of("@Nat", "pure", "@Nat.0")
}

/// Runs one program beside a good one; whatever it is, the run ends with 1.
fn judged(name: &str, program: &str, tables: &str) -> common::Ran {
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
    judged("endless", &program, "[budget]\nwall = \"1s\"").fails(
        "endless",
        "over-time",
        "endless [reference] n=10: still running after its 1s budget",
    );
}

#[test]
fn a_program_that_sleeps_is_over_time() {
    // Asleep in Vera's host, where no instruction of the program is counted.
    let program = main_of("@Nat", "<IO>", "IO.sleep(3600000); @Nat.0");
    judged("asleep", &program, "[budget]\nwall = \"1s\"").fails(
        "asleep",
        "over-time",
        "still running after its 1s budget",
    );
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
fn bytes_that_are_no_text_on_the_live_output_get_a_verdict() {
    let program = main_of(
        "@Nat",
        "<IO>",
        "let @Array<Byte> = array_map(array_range(0, 3), fn(@Int -> @Byte) effects(pure) { 200 });\n  \
         let @Result<Unit, String> = IO.write_bytes(\"/dev/stdout\", @Array<Byte>.0);\n  @Nat.0",
    );
    judged("raw", &program, "").fails(
        "raw",
        "wrong",
        "the live copy of stdout line 1: expected nothing more, got \"\u{fffd}\u{fffd}\u{fffd}\" (0 bytes expected, 3 came)",
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

// --- Processes that die ------------------------------------------------------

#[cfg(target_os = "linux")]
mod killed {
    use std::path::{Path, PathBuf};
    use std::process::{Child, Stdio};

    use rustix::process::Signal;

    use super::*;
    use common::{Ran, children_of, processes_with, signal, wait_for, worker_of};

    /// Says that it runs by a file `started`, and then waits for a file `go`.
    const PATIENT: &str = r#"private fn wait(@String, @Nat -> @Nat)
  requires(true) ensures(true) effects(<IO, Diverge>)
{
  match IO.read_file(string_concat(@String.0, "/go")) {
    Ok(@String) -> @Nat.0,
    Err(@String) -> { IO.sleep(20); wait(@String.1, @Nat.0) }
  }
}

public fn main(@Nat -> @Nat)
  requires(true) ensures(true) effects(<IO, Diverge>)
{
  match IO.get_env("PATIENT_CASE") {
    Some(@String) -> {
      let @Result<Unit, String> = IO.write_file(string_concat(@String.0, "/started"), "");
      wait(@String.0, @Nat.0)
    },
    None -> 0
  }
}
"#;

    /// A run of a good case and of a patient one, which has started.
    struct Running {
        place: Place,
        process: Child,
        worker: i32,
        /// Where the run keeps its files; no other process names it.
        scratch: PathBuf,
    }

    impl Running {
        fn start() -> Running {
            let place = Place::new();
            place.good();
            place
                .scenario("patient")
                .program(PATIENT)
                .tables("[budget]\nwall = \"10m\"")
                .write();
            let process = place
                .process()
                .args(place.run_args(&["good", "patient", "--lane", "reference", "--jobs", "2"]))
                .args(["--no-shrink", "--budget", "10m"])
                .env("PATIENT_CASE", place.path(""))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let (worker, scratch) = wait_for("the worker", || worker_of(&process));
            let running = Running {
                place,
                process,
                worker,
                scratch,
            };
            running.wait_for_the_patient_case();
            wait_for("the good case", || {
                let events = running.place.events();
                events.into_iter().find(|event| event["scenario"] == "good")
            });
            running
        }

        fn wait_for_the_patient_case(&self) {
            wait_for("the patient case", || self.started().exists().then_some(()));
        }

        fn started(&self) -> PathBuf {
            self.place.path("started")
        }

        /// Waits for the end, and sees that nothing is left behind.
        fn ended(self) -> Ran {
            let output = self.process.wait_with_output().unwrap();
            nothing_is_left_of(&self.scratch);
            assert!(
                !self.scratch.exists(),
                "{} is still there",
                self.scratch.display()
            );
            self.place.ran(output)
        }
    }

    fn nothing_is_left_of(scratch: &Path) {
        let name = scratch.to_str().unwrap();
        wait_for("the end of every process of the run", || {
            processes_with(name).is_empty().then_some(())
        });
    }

    #[test]
    fn a_worker_that_is_killed_is_replaced_and_its_case_is_run_again() {
        let running = Running::start();
        fs::remove_file(running.started()).unwrap();
        signal(running.worker, Signal::KILL);
        running.wait_for_the_patient_case();
        let (again, _) = wait_for("the next worker", || worker_of(&running.process));
        assert_ne!(again, running.worker);
        running.place.write("go", "");
        running.ended().exits(0).passes("good").passes("patient");
    }

    #[test]
    fn a_case_under_which_two_workers_are_killed_has_crashed() {
        let running = Running::start();
        fs::remove_file(running.started()).unwrap();
        signal(running.worker, Signal::KILL);
        running.wait_for_the_patient_case();
        let (again, _) = wait_for("the next worker", || worker_of(&running.process));
        signal(again, Signal::KILL);
        running.ended().exits(1).passes("good").fails(
            "patient",
            "crashed",
            "crashed while running: the worker process was killed twice while it held this case",
        );
    }

    #[test]
    fn a_case_whose_process_is_killed_has_crashed() {
        let running = Running::start();
        let children = children_of(running.worker);
        assert_eq!(children.len(), 1, "only the patient case still runs");
        signal(children[0], Signal::KILL);
        running.ended().exits(1).passes("good").fails(
            "patient",
            "crashed",
            "patient [reference] n=10: crashed while running: killed by signal SIGKILL",
        );
    }

    #[test]
    fn an_interrupted_run_shows_and_writes_what_had_finished() {
        for ask in [Signal::INT, Signal::TERM] {
            let running = Running::start();
            signal(running.process.id() as i32, ask);
            let ran = running.ended().exits(130).passes("good").fails(
                "patient",
                "not-run",
                "the run was interrupted",
            );
            assert!(ran.stdout.contains("pass  good [reference] n=100"), "{ran}");
            assert!(
                ran.stdout
                    .contains("2 cases: 1 passed, 0 failed, 1 not run"),
                "{ran}"
            );
            let last = ran.events.last().unwrap();
            assert_eq!(
                (&last["event"], &last["interrupted"]),
                (&"run-finished".into(), &true.into())
            );
        }
    }

    #[test]
    fn an_interrupted_search_leaves_the_failure_that_it_was_for() {
        let place = Place::new();
        // Wrong at its own n, and waiting for ever at any other.
        let body = "if @Nat.0 == 10 then { 11 } else { wait(\".\", @Nat.0) }";
        let program = PATIENT.split("public").next().unwrap();
        let program = format!("{program}{}", main_of("@Nat", "<IO, Diverge>", body));
        let budget = "[budget]\nwall = \"10m\"";
        place
            .scenario("wrong")
            .program(&program)
            .tables(budget)
            .write();
        let process = place
            .process()
            .args(place.run_args(&["wrong", "--lane", "reference", "--budget", "10m"]))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (worker, scratch) = wait_for("the worker", || worker_of(&process));
        wait_for("the failure", || place.events().get(1).cloned());
        wait_for("the search", || children_of(worker).first().copied());
        let running = Running {
            place,
            process,
            worker,
            scratch,
        };
        signal(running.process.id() as i32, Signal::INT);
        running.ended().exits(130).fails(
            "wrong",
            "wrong",
            "wrong [reference] n=10: expected 10, got 11",
        );
    }

    #[test]
    fn a_run_that_is_killed_leaves_no_process_behind() {
        let mut running = Running::start();
        running.process.kill().unwrap();
        running.process.wait().unwrap();
        nothing_is_left_of(&running.scratch);
        // What had finished was written as it happened.
        let events = running.place.events();
        assert!(
            events
                .iter()
                .any(|event| event["scenario"] == "good" && event["verdict"] == "pass")
        );
        fs::remove_dir_all(&running.scratch).unwrap();
    }
}

// --- Files that cannot be written --------------------------------------------

#[test]
fn a_failure_whose_folder_cannot_be_written_is_shown_all_the_same() {
    let place = Place::new();
    place.good();
    place.write(".vera-stress", "a file where a folder should be");
    place
        .scenario("wrong")
        .program(&identity())
        .expect("value = \"n + 1\"")
        .write();
    place
        .judge(&["good", "wrong"])
        .exits(1)
        .passes("good")
        .fails(
            "wrong",
            "wrong",
            "wrong [reference] n=10: expected 11, got 10",
        )
        .says(&[
            "no folder for wrong [reference] n=10 could be written below .vera-stress/failures: ",
        ]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_fills_the_disk_is_said_and_the_cases_are_judged() {
    let place = Place::new();
    place.good();
    let run = [
        "run",
        "good",
        "--catalogue",
        "catalogue",
        "--lane",
        "reference",
    ];
    for report in ["--json", "--junit"] {
        place
            .command()
            .args(run)
            .args([report, "/dev/full"])
            .assert()
            .code(2)
            .stdout(contains("1 case: 1 passed, 0 failed"))
            .stderr(
                contains("cannot be written: No space left on device")
                    .and(contains("next: free some space")),
            );
    }
}

#[test]
fn a_temporary_directory_that_cannot_be_used_is_named() {
    let place = Place::new();
    place.good();
    let nowhere = place.path("nowhere");
    place
        .run_in(&[("TMPDIR", &nowhere)], &["good"])
        .exits(2)
        .says(&[
            "making a temporary directory: No such file or directory",
            "nowhere",
            "name another one in TMPDIR",
        ]);
}

#[test]
fn nobody_reads_the_output_and_the_exit_code_is_right_all_the_same() {
    let place = Place::new();
    place.good();
    let mut process = place
        .process()
        .args(place.run_args(&["good", "--lane", "reference"]))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    assert_eq!(process.wait().unwrap().code(), Some(0));
    assert_eq!(place.events().last().unwrap()["passed"], 1);
}

// --- The command line --------------------------------------------------------

/// Runs the binary with `arguments` in a place with one good scenario.
fn refused(arguments: &[&str], code: i32, sentences: &[&str]) {
    let place = Place::new();
    place.good();
    let refused = place
        .command()
        .args(arguments)
        .assert()
        .code(code)
        .stdout("");
    sentences
        .iter()
        .fold(refused, |refused, words| refused.stderr(contains(*words)));
}

#[test]
fn bad_values_of_options_are_refused_with_an_example() {
    for (option, value, words) in [
        (
            "--lane",
            "turbo",
            "there is no lane `turbo`; the lanes are: reference",
        ),
        (
            "--scale",
            "0",
            "`0` is no scale; write a number from 1 up, such as 5000, or a multiple",
        ),
        ("--scale", "x-1", "`x-1` is no scale"),
        ("--scale", "99999999999999999999", "is no scale"),
        (
            "--partition",
            "3/2",
            "`3/2` is no partition; write k/n with k from 1 to n, such as 2/4",
        ),
        ("--partition", "0/2", "is no partition"),
        (
            "--budget",
            "0s",
            "`0s` is no duration above zero; write it as in 30s",
        ),
        ("--jobs", "0", "--jobs <N>"),
        (
            "--color",
            "sometimes",
            "[possible values: auto, always, never]",
        ),
    ] {
        refused(&["run", option, value], 2, &[words]);
    }
}

#[test]
fn an_unknown_profile_is_refused_with_those_there_are() {
    refused(
        &["run", "--profile", "fast"],
        2,
        &[
            "there is no profile `fast`",
            "choose one of: default, nightly, quick",
        ],
    );
}

#[test]
fn an_unknown_option_is_refused_with_the_usage() {
    refused(
        &["run", "--nope"],
        2,
        &["unexpected argument '--nope'", "Usage: vera-stress run"],
    );
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_anything_is_run() {
    for option in ["--json", "--junit"] {
        refused(
            &[
                "run",
                "good",
                "--catalogue",
                "catalogue",
                option,
                "no/such/folder/file",
            ],
            2,
            &[
                "no/such/folder/file cannot be written: No such file or directory",
                "next: name a file in an existing directory",
            ],
        );
    }
}

#[test]
fn an_unknown_scenario_gets_a_suggestion() {
    refused(
        &["run", "goood", "--catalogue", "catalogue"],
        4,
        &["no scenario is called `goood`", "did you mean `good`?"],
    );
    refused(
        &["run", "zzz-*", "--catalogue", "catalogue"],
        4,
        &[
            "no scenario is called `zzz-*`",
            "`vera-stress list` shows all names",
        ],
    );
}

#[test]
fn filters_that_match_nothing_are_told_from_a_pass() {
    for filters in [
        &["--axis", "nowhere"] as &[&str],
        &["--guard", "99999"],
        &["good", "--axis", "nowhere"],
    ] {
        let arguments = [&["run", "--catalogue", "catalogue"], filters].concat();
        refused(&arguments, 4, &["no case matches", "next: "]);
    }
}

#[test]
fn options_before_a_command_that_does_not_take_them_are_refused() {
    refused(
        &["--scale", "5", "list"],
        2,
        &[
            "options of `run` stand before the command `list`",
            "write them after the command",
        ],
    );
}

#[test]
fn an_unknown_key_in_the_configuration_is_named_with_its_line() {
    let place = Place::new();
    place.good();
    place.write("vera-stress.toml", "vera = \"0.2.5\"\n\ncolour = true\n");
    place
        .command()
        .args(["run", "good", "--catalogue", "catalogue"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(
            contains("vera-stress.toml:3: unknown field `colour`")
                .and(contains("expected one of `vera`")),
        );
}
