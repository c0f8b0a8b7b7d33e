//! The manual pages, and what shells complete.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::common::{self, Place};

fn page(place: &Place) -> String {
    let output = place.process().arg("man").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Whether a program is on this machine.
fn is_there(program: &str) -> bool {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("command -v {program}")]);
    command.output().unwrap().status.success()
}

#[test]
fn the_main_page_has_everything_that_a_page_has() {
    let page = page(&Place::new());
    for section in [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "SUBCOMMANDS",
        "OPTIONS",
        "\"EXIT STATUS\"",
        "FILES",
        "ENVIRONMENT",
        "EXAMPLES",
    ] {
        assert_eq!(
            page.matches(&format!("\n.SH {section}\n")).count(),
            1,
            "{section} in {page}"
        );
    }
    for text in [
        "vera\\-stress\\-climb(1)",
        "\\fB130\\fR",
        "GITHUB_STEP_SUMMARY",
        "vera\\-stress.toml",
    ] {
        assert!(page.contains(text), "{text} in {page}");
    }
}

#[test]
fn each_command_has_a_page() {
    let place = Place::new();
    let write = |dir: &str| {
        let mut command = place.process();
        command.args(["man", "--dir", dir]).output().unwrap()
    };
    let output = write("pages/man1");
    assert!(output.status.success(), "{output:?}");
    let mut files: Vec<String> = fs::read_dir(place.path("pages/man1"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort_unstable();
    let help = place.process().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.split_once("Commands:\n").unwrap().1;
    let commands = commands.split_once("\n\n").unwrap().0;
    let mut wanted: Vec<String> = commands
        .lines()
        .filter_map(|line| {
            let name = line.strip_prefix("  ")?.split(' ').next()?;
            let is_command = !name.is_empty() && name != "help";
            is_command.then(|| format!("vera-stress-{name}.1"))
        })
        .collect();
    wanted.push("vera-stress.1".to_owned());
    wanted.sort_unstable();
    assert_eq!(files, wanted);
    assert!(files.contains(&"vera-stress-serve.1".to_owned()));
    // The main page names those that are there, and no other.
    let main = fs::read_to_string(place.path("pages/man1/vera-stress.1")).unwrap();
    let named = main.lines().filter_map(|it| it.strip_suffix("(1)"));
    let mut named: Vec<String> = named
        .map(|it| format!("{}.1", it.replace("\\-", "-")))
        .chain(["vera-stress.1".to_owned()])
        .collect();
    named.sort_unstable();
    assert_eq!(named, files);
    let climb = fs::read_to_string(place.path("pages/man1/vera-stress-climb.1")).unwrap();
    assert!(
        climb.contains("\n.SH SYNOPSIS\nvera\\-stress climb [OPTIONS] [NAME|GLOB|PATH]...\n"),
        "{climb}"
    );
    assert!(
        climb.contains("\\-\\-budget") && climb.contains("\\-\\-catalogue"),
        "its own options and those of all commands: {climb}"
    );
    // Whatever is in the way is said.
    place.write("file", "");
    let output = write("file/man1");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("file/man1 cannot be written: ") && said.contains("next: "),
        "{said}"
    );
}

#[test]
fn the_pages_are_well_formed() {
    if !is_there("mandoc") {
        return;
    }
    let place = Place::new();
    let output = place.process().args(["man", "--dir", "pages"]).output();
    assert!(output.unwrap().status.success());
    let lint = |file: &std::path::Path| {
        let mut command = Command::new("mandoc");
        let output = command
            .args(["-T", "lint", "-W", "error"])
            .arg(file)
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    for file in fs::read_dir(place.path("pages")).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(lint(&file), "", "{}", file.display());
    }
    let broken = place.write("broken.1", ".TH X 1\n.SH NAME\n.nonsense\n.fi\n\\h'\n");
    assert_ne!(lint(&broken), "", "a check that can fail");
}

#[test]
fn completions_are_scripts_of_their_shells() {
    let place = Place::new();
    let script = |shell: &str| {
        let output = place.process().args(["completions", shell]).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let is_valid = |shell: &str, text: &str| {
        let mut child = Command::new(shell)
            .arg("-n")
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // A shell that gives up early closes its end.
        let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
        child.wait().unwrap().success()
    };
    for shell in ["bash", "zsh", "fish"] {
        let text = script(shell);
        for value in ["iterations", "nightly", "native+sanitize"] {
            assert!(text.contains(value), "{value} in {shell}");
        }
        if is_there(shell) {
            assert!(is_valid(shell, &text), "{shell}");
            assert!(
                !is_valid(shell, &format!("{text}\nif true; ((\n")),
                "a check that can fail in {shell}"
            );
        }
    }
}

#[test]
fn bash_offers_what_comes_next() {
    let place = Place::new();
    let output = place.process().args(["completions", "bash"]).output();
    let script = place.write(
        "complete.sh",
        &String::from_utf8(output.unwrap().stdout).unwrap(),
    );
    let offered = |words: &[&str]| {
        let text = "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); \
                    _vera__stress \"$1\" \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"; \
                    printf '%s\\n' \"${COMPREPLY[@]}\"";
        let mut command = Command::new("bash");
        command.args(["-c", text, "bash"]).arg(&script).args(words);
        let output = command.output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(
        offered(&["vera-stress", "run", "--profile", ""]),
        "quick\ndefault\nnightly"
    );
    assert_eq!(
        offered(&["vera-stress", "climb", "--axis", "pa"]),
        "parsers\npayloads"
    );
    assert_eq!(offered(&["vera-stress", "run", "--tag", "se"]), "seed");
    assert_eq!(offered(&["vera-stress", "cli"]), "climb");
    assert_eq!(offered(&["vera-stress", "run", "--profile", "x"]), "");
}

#[test]
fn what_is_offered_is_not_all_that_is_taken() {
    let place = common::three_scenarios();
    let output = place
        .process()
        .args(["list", "--catalogue", "catalogue", "--axis", "left"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let output = place
        .process()
        .args(["run", "--lane", "nativ"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("there is no lane `nativ`"), "{said}");
    // The help stays short.
    let help = place.process().args(["run", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(!help.contains("array-map-int"), "{help}");
}
