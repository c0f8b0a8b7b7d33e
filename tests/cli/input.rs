//! What a scenario gives its program to read: it arrives, at the scale of the
//! case, and a failure's folder gives it again.

use std::fs;
use std::path::Path;
use std::process::Command;

use predicates::prelude::*;
use predicates::str::contains;

use crate::common::{self, Place, RELEASE, identity, main_of, names_in, release_python};

const LANES: &str = "reference,reference+eager,native,native+eager";

/// A program that gives back the length of the first line.
fn length() -> String {
    let body = "nat_to_int(string_length(IO.read_line(())))";
    main_of("@Int", "<IO>", body)
}

#[test]
fn every_lane_gives_what_the_scenario_says_at_its_own_n() {
    let place = Place::new();
    let line = "[input]\nstdin = \"`n is ${n}\\n`\"\n";
    place
        .scenario("line")
        .program(&length())
        .expect("value = \"`n is ${n}`.len()\"")
        .tables(&format!("{line}[lanes.\"native+eager\"]\nn = 100_000"))
        .write();
    place
        .scenario("script")
        .program(&length())
        .file(
            "input.rhai",
            "fn stdin(n) {\n  let text = \"\";\n  for i in 0..n { text += \"x\"; }\n  text\n}",
        )
        .write();
    place
        .scenario("nothing")
        .program(&length())
        .expect("value = \"0\"")
        .write();
    let ran = place.run(&["--axis", "axis", "--lane", LANES]).exits(0);
    assert_eq!(ran.events.last().unwrap()["passed"], 12, "{ran}");
}

#[test]
fn the_search_for_the_smallest_n_gives_each_its_own_input() {
    let place = Place::new();
    // Wrong from n = 7 on, and only if n characters are there to read.
    let body = "let @Int = nat_to_int(string_length(IO.read_line(())));\n  if @Int.0 < 7 then { @Int.0 } else { 0 }";
    place
        .scenario("short")
        .n(100)
        .program(&main_of("@Int", "<IO>", body))
        .file(
            "input.rhai",
            "fn stdin(n) { let text = \"\"; text.pad(n, 'x'); text }",
        )
        .write();
    let ran = place.run(&["short", "--lane", "reference,native"]).exits(1);
    for lane in ["reference", "native"] {
        let smallest = &ran.case_in("short", lane)["smallest"];
        assert_eq!(smallest["fails"], 7, "{ran}");
    }
}

/// The built-in scenario with another input must fail in each lane: a line that
/// is lost, repeated, cut, torn or out of its place shows.
#[test]
fn whatever_happens_to_a_line_shows_in_read_lines() {
    let place = Place::new();
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/input/read-lines");
    let read = |file: &str| fs::read_to_string(built_in.join(file)).unwrap();
    let common = |file: &str| read(&format!("../../common/{file}"));
    let input = read("input.rhai").replace("fn stdin(", "fn whole(");
    let faults = [
        ("same", "lines"),
        ("lost", "lines.remove(33); lines"),
        ("lost-empty", "lines.remove(15); lines"),
        ("repeated", "lines.insert(33, lines[32]); lines"),
        (
            "swapped",
            "let line = lines[33]; lines[33] = lines[35]; lines[35] = line; lines",
        ),
        (
            "cut",
            "let line = lines[33]; line.pop(); lines[33] = line; lines",
        ),
        (
            "changed",
            "let line = lines[36]; line.replace(\"ρ\", \"σ\"); lines[36] = line; lines",
        ),
        (
            "stripped",
            "let line = lines[3]; line.trim(); lines[3] = line; lines",
        ),
        ("torn", "lines.insert(0, \"\"); lines"),
        ("no-end", "lines.pop(); lines.push(\"eñ𝄞\"); lines"),
        ("more-end", "lines.push(\"\"); lines"),
    ];
    for (name, change) in faults {
        let script = format!(
            "{input}\nfn changed(lines) {{ {change} }}\nfn stdin(n) {{\n  let text = \"\";\n  for line in changed(whole(n).split(\"\\n\")) {{ text += line + \"\\n\"; }}\n  text.pop();\n  text\n}}\n"
        );
        place
            .scenario(name)
            .axis("input")
            .n(60)
            .program(&read("main.vera"))
            .expect("")
            .file("bytes.vera", &common("bytes.vera"))
            .file(
                "expect.rhai",
                &[common("checksum.rhai"), read("expect.rhai")].concat(),
            )
            .file("input.rhai", &script)
            .write();
    }
    let names: Vec<&str> = faults.iter().map(|(name, _)| *name).collect();
    let arguments = [&names[..], &["--lane", "reference,native", "--no-shrink"]].concat();
    let ran = place.run(&arguments).exits(1);
    for lane in ["reference", "native"] {
        for name in &names {
            let wanted = if *name == "same" { "pass" } else { "wrong" };
            assert_eq!(ran.case_in(name, lane)["verdict"], wanted, "{name}: {ran}");
        }
    }
}

#[test]
fn the_folder_of_a_failure_holds_the_input_and_gives_it_again() {
    let place = Place::new();
    place
        .scenario("given")
        .program(&length())
        .tables("[input]\nstdin = \"`größer als ${n}\\n`\"")
        .write();
    let run = ["given", "--lane", "reference,native", "--no-shrink"];
    place.run(&run).exits(1);
    let folder = |lane: &str| {
        place.path(&format!(
            ".vera-stress/failures/given/{lane}-n10-vera-{RELEASE}"
        ))
    };
    for lane in ["reference", "native"] {
        let stdin = fs::read_to_string(folder(lane).join("stdin.txt")).unwrap();
        assert_eq!(stdin, "größer als 10\n");
        let report = fs::read_to_string(folder(lane).join("report.md")).unwrap();
        let line = "vera run program/main.vera -- 10 < stdin.txt\n";
        assert!(report.contains(line), "{report}");
    }

    let repro = folder("reference").join("repro.py");
    let again = || {
        let mut python = Command::new(release_python(RELEASE));
        let output = python.arg(&repro).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, text) = again();
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("now:      expected 10, got 15"), "{text}");
    // With the input that the oracle means, the failure must not show.
    let stdin = folder("reference").join("stdin.txt");
    fs::write(&stdin, "ten bytes!\nand more").unwrap();
    assert_eq!(again().0, Some(0));
    fs::remove_file(&stdin).unwrap();
    let (code, text) = again();
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("the program's input cannot be read: "),
        "{text}"
    );

    // The same failure without an input must not show the old one.
    fs::write(&stdin, "old").unwrap();
    place.scenario("given").program(&length()).write();
    place.run(&run).exits(1);
    for lane in ["reference", "native"] {
        let names = names_in(&folder(lane));
        assert!(!names.contains(&"stdin.txt".to_owned()), "{names:?}");
        let report = fs::read_to_string(folder(lane).join("report.md")).unwrap();
        assert!(report.contains("main.vera -- 10\n"), "{report}");
    }
    assert_eq!(again().0, Some(1));
}

#[test]
fn show_says_what_the_program_is_given() {
    let place = Place::new();
    let show = |arguments: &[&str]| {
        let mut command = place.command();
        command.arg("show").args(arguments).assert().success()
    };
    show(&["life"]).stdout(contains("Given at").not());
    place
        .scenario("lines")
        .program(&identity())
        .tables("[input]\nstdin = \"`größer\\n${n}\\n`\"")
        .write();
    let wanted = "Given at n=3\n  stdin, 11 bytes:\ngrößer\n3\n\nExpected at n=3\n";
    show(&["lines", "--catalogue", "catalogue", "--scale", "3"]).stdout(contains(wanted));
    place
        .scenario("empty")
        .program(&identity())
        .tables("[input]\nstdin = \"``\"")
        .write();
    show(&["empty", "--catalogue", "catalogue"])
        .stdout(contains("Given at n=10\n  stdin, 0 bytes\n"));
}

// --- Input that cannot be used -----------------------------------------------

#[test]
fn an_input_that_cannot_be_read_is_named_with_its_place_and_remedy() {
    let place = Place::new();
    place.good();
    let bad = |name: &str, tables: &str, script: Option<&str>| {
        let scenario = place.scenario(name).program(&identity()).tables(tables);
        match script {
            Some(text) => scenario.file("input.rhai", text).write(),
            None => scenario.write(),
        }
    };
    bad(
        "both",
        "[input]\nstdin = \"`x`\"",
        Some("fn stdin(n) { \"\" }"),
    );
    bad("keyless", "[input]", None);
    bad("misspelt", "[input]\nstdinn = \"`x`\"", None);
    bad("number", "[input]\nstdin = 3", None);
    bad("unparsed", "[input]\nstdin = \"n +\"", None);
    bad("unknown", "[input]\nstdin = \"m + ``\"", None);
    bad("torn", "", Some("\nfn stdin(n) { "));
    bad("other", "", Some("fn input(n) { \"\" }"));
    bad(
        "line-and-other",
        "[input]\nstdin = \"`x`\"",
        Some("fn input(n) { \"\" }"),
    );
    bad("two", "", Some("fn stdin(n, m) { \"\" }"));
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "axis/both/scenario.toml: `input.stdin` stands here, and `fn stdin(n)` in input.rhai too\n     next: keep one of the two",
        "axis/keyless/scenario.toml:14: missing field `stdin`\n     next: write stdin = ",
        "axis/misspelt/scenario.toml:15: unknown field `stdinn`, expected `stdin`",
        "axis/number/scenario.toml:15: invalid type: integer `3`, expected a string",
        "axis/unparsed/scenario.toml:15: `n +`: this is not a Rhai expression",
        "or a function `stdin(n)` in input.rhai",
        "axis/unknown/scenario.toml:15: `m + ```: this is not a Rhai expression",
        "axis/torn/input.rhai:2: this is not a Rhai expression or script",
        "axis/other/input.rhai: there is no `fn stdin(n)`\n     next: write `fn stdin(n) { ... }`",
        "axis/line-and-other/input.rhai: there is no `fn stdin(n)`",
        "axis/two/input.rhai: `fn stdin` takes 2 parameters\n     next: write `fn stdin(n)`",
    ]);
}

#[test]
fn an_input_that_cannot_be_made_keeps_its_case_from_running_and_no_other() {
    let place = Place::new();
    place.good();
    let bad = |name: &str, body: &str| {
        let script = format!("fn stdin(n) {{\n  {body}\n}}\n");
        let scenario = place.scenario(name).program(&identity());
        scenario.file("input.rhai", &script).write();
    };
    bad("bytes", "[n]");
    bad("huge", "let text = \"x\"; loop { text += text; }");
    place
        .scenario("value")
        .program(&identity())
        .tables("[input]\nstdin = \"n\"")
        .write();
    place
        .scenario("divided")
        .program(&identity())
        .tables("[input]\nstdin = \"`${n / (n - n)}`\"")
        .write();
    let ran = place.judge(&["good", "bytes", "huge", "value", "divided"]);
    let not_run = |ran: common::Ran, name: &str, words: &str| ran.fails(name, "not-run", words);
    let ran = ran.exits(2).passes("good");
    let ran = not_run(
        ran,
        "bytes",
        "axis/bytes/input.rhai: `stdin` gave `array`; it must give a string",
    );
    let ran = not_run(
        ran,
        "huge",
        "axis/huge/input.rhai: `stdin(10)`: Length of string too large",
    );
    let ran = not_run(
        ran,
        "value",
        "axis/value/scenario.toml: `input.stdin` gave `i64`; it must give a string",
    );
    not_run(
        ran,
        "divided",
        "axis/divided/scenario.toml: `input.stdin` at n = 10: Division by zero",
    );
}
