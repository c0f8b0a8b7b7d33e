//! What the workflows do after a run: the summary, and the one tracking issue.
//! `gh` is a script that writes down how it was called.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const RUN: &str = "\
vera-stress 0.1.0: 2 cases on Vera 0.1.5, 2 jobs, profile nightly
pass  life [reference] n=100 (0.10s, 70.0 MiB)
FAIL  linked-list [reference] n=100000: expected 5000050000, got 2427361604944

FAIL linked-list [reference] n=100000: expected 5000050000, got 2427361604944
     smallest failing n: 81925 (81924 passes)   guards #515 payloads
     again: vera-stress run linked-list --lane reference --scale 81925 --vera 0.1.5

2 cases: 1 passed, 1 failed in 3.0s
";

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// A folder with the output of a run, and a `gh` that knows `open` issues.
    fn new(output: &str, open: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("stress.txt"), output).unwrap();
        let gh = folder.path().join("gh");
        let script = format!(
            "#!/bin/sh\necho \"$*\" >> \"{0}/calls\"\ncase \"$1 $2\" in 'issue list') echo '{open}' ;; esac\n\
             while [ $# -gt 1 ]; do [ \"$1\" = --body-file ] && cp \"$2\" \"{0}/body\"; shift; done\nexit 0\n",
            folder.path().display()
        );
        fs::write(&gh, script).unwrap();
        fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
        Place { folder }
    }

    fn run(&self, script: &str) -> Output {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/scripts");
        let path = format!(
            "{}:{}",
            self.folder.path().display(),
            std::env::var("PATH").unwrap()
        );
        Command::new("bash")
            .arg(scripts.join(script))
            .arg("stress.txt")
            .current_dir(self.folder.path())
            .env("PATH", path)
            .env("RUN_URL", "https://example.org/runs/7")
            .env("COMMIT", "abc1234")
            .output()
            .unwrap()
    }

    fn read(&self, file: &str) -> String {
        let path: PathBuf = self.folder.path().join(file);
        fs::read_to_string(path).unwrap_or_default()
    }
}

#[test]
fn the_summary_is_the_failures_and_the_numbers() {
    let output = Place::new(RUN, "").run("summary.sh");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("smallest failing n: 81925"), "{text}");
    assert!(text.contains("2 cases: 1 passed, 1 failed"), "{text}");
    assert!(!text.contains("life"), "what passed is not shown: {text}");
    assert_eq!(text.matches("```").count(), 2);
}

#[test]
fn a_run_that_never_began_shows_its_messages() {
    let output = Place::new("vera-stress: no Python was found\n", "").run("summary.sh");
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("no Python was found")
    );
    let output = Place::new("", "").run("summary.sh");
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("an earlier step failed")
    );
}

#[test]
fn the_first_failure_opens_an_issue() {
    let place = Place::new(RUN, "");
    let output = place.run("track-regression.sh");
    assert!(output.status.success(), "{output:?}");
    let calls = place.read("calls");
    assert!(calls.contains("label create stress-regression"), "{calls}");
    assert!(
        calls.contains("issue create --label stress-regression"),
        "{calls}"
    );
    assert!(!calls.contains("issue comment"), "{calls}");
    let body = place.read("body");
    for part in [
        "abc1234",
        "https://example.org/runs/7",
        "again: vera-stress run linked-list",
    ] {
        assert!(body.contains(part), "no {part} in {body}");
    }
}

#[test]
fn a_failure_while_an_issue_is_open_comments_on_it() {
    let place = Place::new(RUN, "42");
    let output = place.run("track-regression.sh");
    assert!(output.status.success(), "{output:?}");
    let calls = place.read("calls");
    assert!(calls.contains("issue comment 42 --body-file"), "{calls}");
    assert!(!calls.contains("issue create"), "{calls}");
}
