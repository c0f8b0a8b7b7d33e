//! The files that a command writes and reads: nothing of somebody else's is
//! overwritten, everything that cannot be written is named, and nothing waits for
//! what is no file.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use predicates::prelude::*;
use predicates::str::contains;

use crate::common::Place;

const RUN: [&str; 6] = [
    "run",
    "good",
    "--catalogue",
    "catalogue",
    "--lane",
    "native",
];

fn good() -> Place {
    let place = Place::new();
    place.good();
    place
}

fn command(place: &Place, arguments: &[&str]) -> assert_cmd::assert::Assert {
    place.command().args(arguments).assert()
}

/// `run good` with more.
fn run(place: &Place, more: &[&str]) -> assert_cmd::assert::Assert {
    command(place, &[&RUN[..], more].concat())
}

// --- What is there -----------------------------------------------------------

#[test]
fn what_vera_stress_did_not_write_is_overwritten_by_force_only() {
    let place = good();
    for option in ["--json", "--junit", "--html"] {
        let file = format!("out{option}");
        let text = || fs::read_to_string(place.path(&file)).unwrap();
        place.write(&file, "<html>theirs</html>\n");
        run(&place, &[option, &file]).code(2).stdout("").stderr(
            contains(format!(
                "{file} is there already, and vera-stress did not write it"
            ))
            .and(contains(
                "next: name another file, or overwrite what is there with --force",
            )),
        );
        assert_eq!(text(), "<html>theirs</html>\n");
        run(&place, &[option, &file, "--force"]).code(0);
        let ours = text();
        assert!(!ours.contains("theirs"));
        // Its own it recognises, and an empty file is nobody's.
        run(&place, &[option, &file]).code(0);
        assert!(!text().is_empty());
        place.write(&file, "");
        run(&place, &[option, &file]).code(0);
        assert!(!text().is_empty());
    }
}

#[test]
fn one_kind_of_report_does_not_overwrite_another_and_none_the_history() {
    let place = good();
    run(
        &place,
        &["--json", "a.jsonl", "--html", "a.html", "--junit", "a.xml"],
    )
    .code(0);
    for (option, file) in [
        ("--json", "a.html"),
        ("--html", "a.xml"),
        ("--junit", "a.jsonl"),
    ] {
        run(&place, &[option, file])
            .code(2)
            .stderr(contains("did not write it"));
    }
    let history = ".vera-stress/history.db";
    run(&place, &["--json", history, "--force"])
        .code(2)
        .stderr(contains(
            "is the history, and writing to it would destroy it",
        ));
    run(&place, &["--no-history", "--html", history])
        .code(2)
        .stderr(contains("did not write it"));
    command(&place, &["history"])
        .code(0)
        .stdout(contains("run"));
}

#[test]
fn other_commands_overwrite_nothing_either() {
    let place = good();
    run(&place, &["--json", "a.jsonl"]).code(0);
    place.write("theirs", "theirs\n");
    place.write("pages/vera-stress.1", "theirs\n");
    for arguments in [
        &["merge", "a.jsonl", "--html", "theirs"][..],
        &["report", "a.jsonl", "--html", "theirs"],
        &["report", "a.jsonl", "--junit", "theirs"],
        &[
            "climb",
            "good",
            "--catalogue",
            "catalogue",
            "--json",
            "theirs",
        ],
        &[
            "compare",
            "good",
            "--catalogue",
            "catalogue",
            "--html",
            "theirs",
        ],
        &["known", "--check", "--json", "theirs"],
        &["man", "--dir", "pages"],
    ] {
        command(&place, arguments)
            .code(2)
            .stderr(contains("did not write it"));
    }
    assert_eq!(
        fs::read_to_string(place.path("theirs")).unwrap(),
        "theirs\n"
    );
    command(&place, &["man", "--dir", "pages", "--force"]).code(0);
    command(&place, &["man", "--dir", "pages"]).code(0);
    command(
        &place,
        &["report", "a.jsonl", "--html", "theirs", "--force"],
    )
    .code(0);
}

#[test]
fn all_that_cannot_be_written_is_named_and_the_rest_is_left_as_it_was() {
    let place = good();
    run(&place, &["--json", "a.jsonl"]).code(0);
    let before = fs::read_to_string(place.path("a.jsonl")).unwrap();
    place.write("theirs", "theirs\n");
    run(
        &place,
        &[
            "--json",
            "a.jsonl",
            "--junit",
            "no/where.xml",
            "--html",
            "theirs",
        ],
    )
    .code(2)
    .stderr(
        contains("no/where.xml cannot be written: No such file or directory")
            .and(contains("theirs is there already")),
    );
    assert_eq!(fs::read_to_string(place.path("a.jsonl")).unwrap(), before);
}

#[test]
fn two_runs_do_not_write_to_one_file() {
    let place = good();
    let first = File::create(place.path("a.jsonl")).unwrap();
    first.lock().unwrap();
    run(&place, &["--json", "a.jsonl"])
        .code(2)
        .stdout("")
        .stderr(
            contains("another vera-stress is writing to a.jsonl")
                .and(contains("next: wait for it to end, or name another file")),
        );
    drop(first);
    run(&place, &["--json", "a.jsonl"]).code(0);
}

#[test]
fn what_is_recorded_on_a_machine_is_ignored_by_git() {
    let place = good();
    run(&place, &[]).code(0);
    let ignored = fs::read_to_string(place.path(".vera-stress/.gitignore")).unwrap();
    assert!(ignored.lines().any(|it| it == "*"), "{ignored}");
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(place.path("")).args(arguments);
        let output = git.output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "--quiet"]);
    assert_eq!(git(&["status", "--porcelain"]), "?? catalogue/\n");
    run(&place, &["--history", "kept/history.db"]).code(0);
    assert!(!place.path("kept/.gitignore").exists());
}

// --- A full disk -------------------------------------------------------------

#[cfg(target_os = "linux")]
#[test]
fn output_to_a_full_disk_is_an_error_of_every_command() {
    let place = good();
    run(&place, &["--json", "a.jsonl"]).code(0);
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["show", "life"],
        &[
            "run",
            "good",
            "--catalogue",
            "catalogue",
            "--lane",
            "native",
        ],
        &["climb", "good", "--catalogue", "catalogue", "--to", "2"],
        &["known"],
        // Not of all releases that this machine has.
        &["doctor", "--cache-dir", "cache"],
        &["history"],
        &["cache", "clean", "--cache-dir", "cache"],
        &["report", "a.jsonl", "--text"],
        &["report", "a.jsonl", "--html", "a.html"],
        &["merge", "a.jsonl"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["run", "--help"],
        &["--version"],
    ] {
        let mut process = place.process();
        let output = process.args(arguments).stdout(full()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(
            said.contains("standard output cannot be written: No space left on device"),
            "{arguments:?}: {said}"
        );
        assert!(
            said.contains("next: free some space"),
            "{arguments:?}: {said}"
        );
    }
    // The canary: whoever closes standard output wants no more, which is no error.
    let mut process = place.process();
    process.args(["list"]).stdout(std::process::Stdio::piped());
    let mut process = process.spawn().unwrap();
    drop(process.stdout.take());
    assert_eq!(process.wait().unwrap().code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_whose_replies_cannot_be_written_says_so() {
    let place = good();
    place.write(
        "requests",
        "{\"id\": 1, \"do\": \"collect\", \"names\": [\"good\"]}\n",
    );
    let output = place
        .process()
        .args(["serve", "--catalogue", "catalogue"])
        .stdin(File::open(place.path("requests")).unwrap())
        .stdout(File::options().write(true).open("/dev/full").unwrap())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("standard output cannot be written"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn every_report_that_fills_the_disk_is_named() {
    let place = good();
    for report in ["--json", "--junit", "--html"] {
        run(&place, &[report, "/dev/full"])
            .code(2)
            .stdout(contains("1 case: 1 passed, 0 failed"))
            .stderr(contains(
                "/dev/full cannot be written: No space left on device",
            ));
    }
    run(
        &place,
        &[
            "--json",
            "/dev/full",
            "--junit",
            "/dev/full",
            "--html",
            "/dev/full",
        ],
    )
    .code(2)
    .stderr(contains("/dev/full cannot be written").count(3));
}

// --- Sources -----------------------------------------------------------------

fn pipe(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

#[test]
fn a_pipe_is_refused_where_a_file_is_read() {
    let says = contains("it is a named pipe, not a file");
    let place = good();
    run(&place, &["--json", "a.jsonl"]).code(0);
    pipe(&place.path("pipe"));
    for arguments in [
        &["report", "pipe"][..],
        &["merge", "pipe"],
        &["history", "--history", "pipe"],
    ] {
        command(&place, arguments).code(2).stderr(says.clone());
    }
    run(&place, &["--history", "pipe"])
        .code(0)
        .stderr(says.clone());
    for (file, rest) in [
        ("scenario.toml", "main.vera"),
        ("main.vera", "scenario.toml"),
        ("expect.rhai", "scenario.toml"),
    ] {
        let place = good();
        let folder = "catalogue/axis/piped";
        place.write(&format!("{folder}/{rest}"), "");
        pipe(&place.path(&format!("{folder}/{file}")));
        run(&place, &[]).code(2).stderr(
            says.clone()
                .and(contains(format!("{folder}/{file}: this cannot be read"))),
        );
    }
    pipe(&place.path("catalogue/common/piped.rhai"));
    run(&place, &[]).code(2).stderr(says.clone());
    fs::remove_file(place.path("catalogue/common/piped.rhai")).unwrap();
    pipe(&place.path("vera-stress.toml"));
    run(&place, &[]).code(2).stderr(
        says.clone()
            .and(contains("vera-stress.toml: this cannot be read")),
    );
}

#[test]
fn a_device_is_refused_where_a_file_is_read() {
    let place = good();
    command(&place, &["report", "/dev/zero"])
        .code(2)
        .stderr(contains(
            "/dev/zero cannot be read: it is a device, not a file",
        ));
    std::os::unix::fs::symlink(
        "/dev/zero",
        place.path("catalogue/axis/good/main.vera.link"),
    )
    .unwrap();
    run(&place, &[])
        .code(2)
        .stderr(contains("it is a device, not a file"));
}
