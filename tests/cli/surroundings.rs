//! What a scenario puts around its program: files, an environment, and what must have
//! been written in the end.

use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use predicates::prelude::*;
use predicates::str::contains;

use crate::common::{Place, RELEASE, identity, main_of, release_python};

const LANES: &str = "reference,reference+eager,native,native+eager,native+sanitize=1";

const DECLARATIONS: &str = r"
private fn text(@String -> @String)
  requires(true) ensures(true) effects(<IO>)
{
  match IO.read_file(@String.0) { Ok(@String) -> @String.0, Err(@String) -> @String.0 }
}

private fn write(@String, @String -> @Unit)
  requires(true) ensures(true) effects(<IO>)
{
  match IO.write_file(@String.1, @String.0) { Ok(@Unit) -> (), Err(@String) -> IO.print(@String.0) }
}
";

/// A program that may read and write.
fn with_files(result: &str, body: &str) -> String {
    format!("{DECLARATIONS}\n{}", main_of(result, "<IO>", body))
}

#[test]
fn every_lane_gives_files_and_environment_and_each_case_begins_anew() {
    let place = Place::new();
    let body = r#"
  let @String = match IO.get_env("GREETING") { Some(@String) -> @String.0, None -> "none" };
  let @String = match IO.get_env("HOME") { Some(@String) -> @String.0, None -> "none" };
  let @String = text("deep/a.txt");
  let @String = text("mark");
  IO.print("\(@String.3) \(@String.2) \(@String.1)\(@String.0)\n");
  write("mark", "seen \(@Nat.0)")"#;
    place
        .scenario("given")
        .program(&with_files("@Unit", body))
        .file("files/deep/a.txt", "größer\n")
        .expect("stdout = \"`hello none größer\\n[Errno 2] No such file or directory: 'mark'\\n`\"")
        .tables("[expect.files]\nmark = \"`seen ${n}`\"\n[env]\nGREETING = \"hello\"")
        .write();
    let ran = place.run(&["given", "--lane", LANES]).exits(0);
    assert_eq!(ran.events.last().unwrap()["passed"], 5, "{ran}");
    let folder = place.path("catalogue/axis/given/files");
    assert!(!folder.join("mark").exists());
}

#[test]
fn what_was_written_is_judged_as_a_whole() {
    let place = Place::new();
    let files = [
        ("same", "write(\"out\", \"a\\nb \\(@Nat.0)\\n\")", ""),
        (
            "other",
            "write(\"out\", \"a\\nc\\n\")",
            "file out line 2: expected \"b 10\", got \"c\" (7 bytes expected, 4 came)",
        ),
        ("none", "()", "file out was not written"),
        (
            "more",
            "write(\"out\", \"a\\nb 10\\n\");\n  write(\"stray\", \"12345\")",
            "file stray was written (5 bytes), and none is expected",
        ),
        (
            "again",
            "write(\"out\", \"a\\nb 10\\n\");\n  write(\"old\", \"old\")",
            "file old was written (3 bytes), and none is expected",
        ),
    ];
    for (name, body, _) in files {
        place
            .scenario(name)
            .program(&with_files("@Unit", body))
            .file("files/old", "old")
            .expect("")
            .file(
                "expect.rhai",
                "fn files(n) { #{ \"out\": \"a\\nb \" + n + \"\\n\" } }",
            )
            .write();
    }
    let names = files.map(|(name, ..)| name);
    let lanes = [
        "--lane",
        "reference,native,native+sanitize=1",
        "--no-shrink",
    ];
    let ran = place.run(&[&names[..], &lanes].concat()).exits(1);
    for (name, _, says) in files {
        for lane in ["reference", "native", "native+sanitize=1"] {
            let case = ran.case_in(name, lane);
            let verdict = if says.is_empty() { "pass" } else { "wrong" };
            assert_eq!(case["verdict"], verdict, "{ran}");
            assert_eq!(case["message"], says, "{ran}");
        }
    }
}

#[test]
fn a_program_that_would_leave_its_folder_is_beyond_every_lane() {
    let place = Place::new();
    let evil = place.path("evil");
    let evil = evil.to_str().unwrap();
    place
        .scenario("out")
        .program(&with_files("@Unit", &format!("write(\"{evil}\", \"x\")")))
        .expect("stdout = \"``\"")
        .write();
    let folder = place
        .scenario("link")
        .program(&with_files("@Unit", "write(\"link\", \"x\")"))
        .file("files/old", "old")
        .expect("stdout = \"``\"")
        .write();
    std::os::unix::fs::symlink(evil, folder.join("files/link")).unwrap();
    let ran = place.run(&["out", "link", "--lane", LANES]).exits(0);
    for lane in LANES.split(',') {
        for (name, path) in [("out", evil), ("link", "link")] {
            let case = ran.case_in(name, lane);
            assert_eq!(case["verdict"], "unsupported", "{ran}");
            let says = format!("the program opens \"{path}\", which leads out of the folder");
            let message = case["message"].as_str().unwrap();
            assert!(message.starts_with(&says), "{message}");
        }
    }
    assert!(!Path::new(evil).exists());
}

#[test]
fn a_flood_of_files_ends_by_the_budget_of_output() {
    let place = Place::new();
    let body = "if @Nat.0 == 0 then { () } else { flood(@Nat.0) }";
    let flood = r#"
private fn flood(@Nat -> @Unit)
  requires(true) ensures(true) effects(<IO, Diverge>)
{
  write("out-\(@Nat.0)", string_repeat("x", 100000));
  flood(@Nat.0 + 1)
}
"#;
    let program = format!(
        "{DECLARATIONS}{flood}{}",
        main_of("@Unit", "<IO, Diverge>", body)
    );
    place
        .scenario("flood")
        .program(&program)
        .expect("stdout = \"``\"")
        .tables("[budget]\noutput = \"1MiB\"")
        .write();
    let ran = place.run(&["flood", "--lane", "reference,native", "--no-shrink"]);
    for lane in ["reference", "native"] {
        let case = ran.case_in("flood", lane);
        assert_eq!(case["verdict"], "over-output", "{ran}");
    }
}

#[test]
fn the_folder_of_a_failure_holds_the_files_and_gives_them_again() {
    let place = Place::new();
    place
        .scenario("given")
        .program(&with_files("@Unit", "write(\"out/copy\", text(\"a\"))"))
        .file("files/a", "one\n")
        .file("files/out/old", "")
        .expect("")
        .tables("[expect.files]\n\"out/copy\" = \"`two\\n`\"\n[env]\nNAME = \"it's\"")
        .write();
    let run = ["given", "--lane", "reference,native", "--no-shrink"];
    place.run(&run).exits(1);
    let folder = |lane: &str| {
        place.path(&format!(
            ".vera-stress/failures/given/{lane}-n10-vera-{RELEASE}"
        ))
    };
    for lane in ["reference", "native"] {
        let read = |name: &str| fs::read_to_string(folder(lane).join(name)).unwrap();
        assert_eq!(read("files/a"), "one\n");
        assert_eq!(read("written/out/copy"), "one\n");
        assert_eq!(read("expected-files/out/copy"), "two\n");
        let report = read("report.md");
        let line = "cp -R files folder && cd folder && NAME='it'\\''s' vera run ../program/main.vera -- 10\n";
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
    assert!(
        text.contains("now:      the file out/copy differs"),
        "{text}"
    );
    // The program did not write into the folder of the failure.
    assert!(!folder("reference").join("files/out/copy").exists());
    fs::write(folder("reference").join("files/a"), "two\n").unwrap();
    let (code, text) = again();
    assert_eq!(code, Some(0), "{text}");

    // The same failure without files must not show the old ones.
    fs::remove_dir_all(place.path("catalogue/axis/given/files")).unwrap();
    place.run(&run).exits(1);
    for lane in ["reference", "native"] {
        for name in ["files", "written"] {
            assert!(!folder(lane).join(name).exists(), "{name}");
        }
    }
}

#[test]
fn show_says_what_is_around_the_program() {
    let place = Place::new();
    place
        .scenario("around")
        .program(&identity())
        .file("files/deep/a.txt", "größer\n")
        .tables("[expect.files]\nout = \"`n is ${n}\\n`\"\n[env]\nNAME = \"a \\\"text\\\"\"")
        .write();
    let mut command = place.command();
    let given = "Given at n=3\n  NAME=\"a \\\"text\\\"\"\n  files: all in ";
    let expected = "Expected at n=3\n  value: 3\n  file out, 7 bytes:\nn is 3\n";
    command
        .args(["show", "around", "--catalogue", "catalogue", "--scale", "3"])
        .assert()
        .success()
        .stdout(contains(given).and(contains(expected)));
}

// --- What cannot be used -------------------------------------------------------

#[test]
fn what_cannot_be_read_is_named_with_its_place_and_remedy() {
    let place = Place::new();
    place.good();
    let bad = |name: &str, tables: &str, script: &str| {
        let scenario = place.scenario(name).program(&identity()).tables(tables);
        match script {
            "" => scenario.write(),
            text => scenario.file("expect.rhai", text).write(),
        }
    };
    bad("out", "[expect.files]\n\"../a\" = \"``\"", "");
    bad("root", "[expect.files]\n\"/a\" = \"``\"", "");
    bad("unparsed", "[expect.files]\na = \"n +\"", "");
    bad("both", "[expect.files]\na = \"``\"", "fn files(n) { #{} }");
    bad("equals", "[env]\n\"A=B\" = \"c\"", "");
    bad("number", "[env]\nA = 1", "");
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "axis/out/scenario.toml:14: `../a` is no path of a file in the program's folder; write one such as",
        "axis/root/scenario.toml:14: `/a` is no path of a file in the program's folder; write one such as",
        "axis/unparsed/scenario.toml:14: `n +`: this is not a Rhai expression",
        "axis/both/scenario.toml: `expect.files` stands here, and `fn files(n)` in expect.rhai too\n     next: keep one of the two",
        "axis/equals/scenario.toml:14: no environment has `A=B` with this text; write NAME = ",
        "axis/number/scenario.toml:15: invalid type: integer `1`, expected a string",
    ]);
}

#[test]
fn files_that_cannot_be_taken_keep_their_cases_from_running_and_no_other() {
    let place = Place::new();
    place.good();
    let reads = with_files("@Nat", "write(\"out\", text(\"a\"));\n  @Nat.0");
    let folder = |name: &str, program: &str| {
        let scenario = place.scenario(name).program(program);
        scenario.file("files/a", "text").write().join("files")
    };
    let pipe = |folder: &Path| {
        let path = CString::new(folder.join("pipe").as_os_str().as_bytes()).unwrap();
        let made = Command::new("mkfifo").arg(path.to_str().unwrap()).status();
        assert!(made.unwrap().success());
    };
    pipe(&folder("pipe", &reads));
    // A program that asks for no file is given none.
    pipe(&folder("asks-for-none", &identity()));
    let many = folder("many", &reads);
    for i in 0..10_001 {
        fs::write(many.join(i.to_string()), "").unwrap();
    }
    place
        .scenario("no-map")
        .program(&identity())
        .file("expect.rhai", "fn files(n) { [n] }")
        .write();
    place
        .scenario("no-text")
        .program(&identity())
        .file("expect.rhai", "fn files(n) { #{ a: n } }")
        .write();
    place
        .scenario("no-path")
        .program(&identity())
        .file("expect.rhai", "fn files(n) { #{ \"../a\": \"\" } }")
        .write();
    let names = ["pipe", "many", "no-map", "no-text", "no-path"];
    let mut ran = place
        .judge(&[&["good", "asks-for-none"], &names[..]].concat())
        .exits(2)
        .passes("good")
        .passes("asks-for-none");
    for (name, words) in [
        (
            "pipe",
            "files/pipe is a named pipe, and a program is given files",
        ),
        (
            "many",
            "many/files holds more than 10000 files and folders, and each run",
        ),
        (
            "no-map",
            "axis/no-map/expect.rhai: `files` gave `array`; it must give a map of path to text",
        ),
        (
            "no-text",
            "axis/no-text/expect.rhai: `files` gave `i64`; it must give a string",
        ),
        (
            "no-path",
            "axis/no-path/expect.rhai: `../a` is no path of a file in the program's folder",
        ),
    ] {
        ran = ran.fails(name, "not-run", words);
    }
}
