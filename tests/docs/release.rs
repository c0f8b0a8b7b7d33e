//! What stands between a tag and its publication.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const MANIFEST: &str = "\
[workspace.dependencies]
other = { version = \"7.0.0\" }

[workspace.package]
version = \"1.2.3\"

[package]
version = \"8.0.0\"
";

const CHANGELOG: &str = "\
# Changelog

## [Unreleased]

### Added

- What comes next.

## [1.2.3] - 2026-12-01

### Fixed

- What was wrong.

## [1.2.30] - 2026-11-01

- What came before.
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// What the script says of a tag in a checkout with these two files.
fn notes(tag: &str, manifest: &str, changelog: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.path().join("CHANGELOG.md"), changelog).unwrap();
    Command::new("bash")
        .arg(root().join(".github/scripts/release-notes.sh"))
        .arg(tag)
        .current_dir(folder.path())
        .output()
        .unwrap()
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_notes_are_the_section_of_the_release() {
    let output = notes("v1.2.3", MANIFEST, CHANGELOG);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, "### Fixed\n\n- What was wrong.\n");
    // It may be the last one.
    let last = CHANGELOG.split("\n## [1.2.30]").next().unwrap();
    let output = notes("v1.2.3", MANIFEST, last);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
}

#[test]
fn a_tag_that_is_not_the_version_is_no_release() {
    for tag in ["v1.2.4", "1.2.3", "v7.0.0", "v8.0.0"] {
        let said = refused(&notes(tag, MANIFEST, CHANGELOG));
        assert!(said.contains("Cargo.toml has the version 1.2.3"), "{said}");
    }
}

#[test]
fn a_release_of_which_nothing_is_told_is_none() {
    let undated = CHANGELOG.replace("[1.2.3] - 2026-12-01", "[1.2.3]");
    let other = CHANGELOG.replace("[1.2.3]", "[1x2.3]");
    let empty = CHANGELOG.replace("### Fixed\n\n- What was wrong.\n", "");
    for changelog in ["", &undated, &other, &empty] {
        let said = refused(&notes("v1.2.3", MANIFEST, changelog));
        assert!(said.contains("CHANGELOG.md says nothing"), "{said}");
    }
}

#[test]
fn the_version_of_this_package_is_the_one_that_is_read() {
    let version = env!("CARGO_PKG_VERSION");
    let changelog = format!("## [{version}] - 2026-12-01\n\nIt.\n");
    let output = notes(&format!("v{version}"), &read("Cargo.toml"), &changelog);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn only_what_publishes_may_prove_who_it_is() {
    let workflow = read(".github/workflows/release.yml");
    let (head, jobs) = workflow.split_once("\njobs:\n").unwrap();
    assert!(head.contains("\npermissions: {}\n"), "{head}");
    let may = |what: &str| -> Vec<&str> {
        let mut job = "";
        let mut found = Vec::new();
        for line in jobs.lines() {
            if line.starts_with("  ") && !line.starts_with("   ") {
                job = line.trim().trim_end_matches(':');
            } else if line.trim() == what {
                found.push(job);
            }
        }
        found
    };
    assert_eq!(may("id-token: write"), ["crates", "pypi"]);
    assert_eq!(may("contents: write"), ["github"]);
    assert_eq!(jobs.matches(": write").count(), 3);
    assert_eq!(jobs.matches("secrets.").count(), 0);
    // Nothing is published before all of it was built.
    assert_eq!(may("needs: [wheel, sdist]"), ["crates", "pypi"]);
    assert_eq!(may("needs: [crates, pypi]"), ["github"]);
}
