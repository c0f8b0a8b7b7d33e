//! Releases that know less than today's: what is run on them all the same, what is
//! not, and what cannot be used at all.

use std::fs;
use std::path::Path;

use crate::common::planted::copy_of_vera;
use crate::common::{Place, fresh_modules, main_of, run_good};

/// A Vera of this place whose `execute` takes no more than this, in `vera`, and whose
/// version is this one.
fn older(place: &Place, version: &str, parameters: &str, body: &str) {
    fresh_modules(place);
    let folder = copy_of_vera(place, "vera");
    let project = format!("[project]\nname = \"veralang\"\nversion = \"{version}\"\n");
    fs::write(folder.join("pyproject.toml"), project).unwrap();
    append(
        &folder.join("vera/codegen/__init__.py"),
        &format!("\n_execute = execute\ndef execute(result{parameters}):\n{body}\n"),
    );
}

fn append(file: &Path, text: &str) {
    let before = fs::read_to_string(file).unwrap();
    fs::write(file, before + text).unwrap();
}

/// What releases before 0.0.123 took, with what today's command passes beside it.
const OLD: &str = ", fn_name=None, args=None, raw_args=None, cli_args=None, capture_stderr=False";
const OLD_BODY: &str = "    return _execute(result, fn_name=fn_name, args=args, raw_args=raw_args, cli_args=cli_args, capture_stderr=capture_stderr)";

#[test]
fn a_release_is_passed_only_what_it_takes() {
    let place = Place::new();
    older(&place, "0.0.113", OLD, OLD_BODY);
    run_good(&place, &["--vera", "vera"])
        .exits(0)
        .passes("good");
    // What it captured is shown, as its own `vera run` shows it, and so it is judged.
    place
        .scenario("printing")
        .program(&main_of("@Nat", "<IO>", "IO.print(\"text\"); @Nat.0"))
        .expect("value = \"n\"\nstdout = '\"text\"'")
        .write();
    place
        .run(&[
            "printing",
            "--lane",
            "reference",
            "--vera",
            "vera",
            "--cache-dir",
            "cache",
        ])
        .exits(0)
        .passes("printing");
}

#[test]
fn a_trap_that_a_release_does_not_name_is_named() {
    let place = Place::new();
    // As releases before 0.0.120 let wasmtime's own errors through, and have the words
    // of a broken contract before them.
    let body = "    try:
        return _execute(result, fn_name=fn_name, args=args, raw_args=raw_args, cli_args=cli_args, capture_stderr=capture_stderr)
    except RuntimeError as error:
        if error.kind == 'contract_violation':
            raise RuntimeError(str(error)) from error.__cause__
        raise error.__cause__";
    older(&place, "0.0.113", OLD, body);
    place
        .scenario("dividing")
        .program(&main_of("@Nat", "pure", "@Nat.0 / (@Nat.0 - @Nat.0)"))
        .write();
    place
        .scenario("promising")
        .program(
            "public fn main(@Nat -> @Nat)\n  requires(@Nat.0 < 5) ensures(true) effects(pure)\n{ @Nat.0 }\n",
        )
        .write();
    let lane = [
        "--lane",
        "reference",
        "--vera",
        "vera",
        "--cache-dir",
        "cache",
        "--no-shrink",
    ];
    place
        .run(&[&["dividing", "promising"][..], &lane].concat())
        .exits(1)
        .fails("dividing", "trap", "trap divide_by_zero in main: ")
        .fails("promising", "trap", "trap contract_violation");
}

#[test]
fn lanes_that_a_release_has_nothing_for_are_unsupported() {
    let place = Place::new();
    place.good();
    older(&place, "0.0.137", OLD, OLD_BODY);
    let lanes = "reference,reference+eager,native,native+sanitize";
    let ran = place
        .run(&[
            "good",
            "--lane",
            lanes,
            "--vera",
            "vera",
            "--cache-dir",
            "cache",
        ])
        .exits(0);
    let verdict = |lane: &str| ran.case_in("good", lane)["verdict"].as_str().unwrap();
    assert_eq!(verdict("reference"), "pass", "{ran}");
    for (lane, since) in [("reference+eager", "0.0.138"), ("native", "0.0.158")] {
        assert_eq!(verdict(lane), "unsupported", "{ran}");
        let message = ran.case_in("good", lane)["message"].as_str().unwrap();
        let words = format!("lane {lane} works from {since} on");
        assert!(message.ends_with(&words), "{message}");
    }
    let unsupported = ran
        .events
        .iter()
        .filter(|it| it["event"] == "case-finished" && it["verdict"] == "unsupported");
    assert_eq!(unsupported.count(), 3, "{ran}");

    // The canary: the same Vera runs them where it is of a release that has them.
    fs::write(
        place.path("vera/pyproject.toml"),
        "[project]\nname = \"veralang\"\nversion = \"0.0.158\"\n",
    )
    .unwrap();
    let ran = place
        .run(&[
            "good",
            "--lane",
            lanes,
            "--vera",
            "vera",
            "--cache-dir",
            "cache",
        ])
        .exits(0);
    let passed = |it: &&serde_json::Value| it["verdict"] == "pass";
    assert_eq!(ran.events.iter().filter(passed).count(), 4, "{ran}");
}

#[test]
fn a_vera_that_can_do_nothing_is_one_error_of_the_toolchain() {
    let place = Place::new();
    older(&place, "0.0.13", "", "    return _execute(result)");
    place.good();
    let arguments = ["good", "--vera", "vera", "--cache-dir", "cache"];
    let ran = place.run(&arguments).exits(3).says(&[
        "cannot run a program of ten lines: TypeError: ",
        "next: see what `vera-stress doctor` says of it, or name another Vera: --vera SPEC",
    ]);
    assert!(ran.events.is_empty(), "{ran}");
    assert!(!ran.stdout.contains("FAIL"), "{ran}");
    assert_eq!(ran.stderr.matches("TypeError").count(), 1, "{ran}");

    // It is asked again: whoever mends it need not clean a cache.
    let file = place.path("vera/vera/codegen/__init__.py");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        text.replace("\ndef execute(result)", "\ndef _unused(result)"),
    )
    .unwrap();
    run_good(&place, &["--vera", "vera"])
        .exits(0)
        .passes("good");
}

#[test]
fn a_vera_that_rejects_everything_is_one_error_of_the_toolchain() {
    let place = Place::new();
    older(&place, "0.2.5", OLD, OLD_BODY);
    append(
        &place.path("vera/vera/cli.py"),
        "\ndef cmd_run(*args, **options):\n    print('this copy refuses')\n    return 1\n",
    );
    run_good(&place, &["--vera", "vera"])
        .exits(3)
        .says(&["cannot compile a program of ten lines: this copy refuses"]);
}
