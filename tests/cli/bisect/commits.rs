//! `bisect --repo`: the first commit of a checkout of Vera.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;
use serde_json::Value;

use super::history::History;
use super::{answer, bisect};
use crate::common::{
    self, Place, RELEASE, Ran, assert_says, names_in, only_script, signal, wait_for,
};
/// The commits of a checkout of Vera:
///
/// ```text
/// good(0.1.7) - broken - main(0.1.8) - merge - checks(0.1.9) - later - newest(0.2.5)
///             \ side ------------------/
/// ```
fn checkout(place: &Place) -> (History, String, String) {
    let vera = History::new(place, "vera");
    vera.put("0.1.7");
    vera.commit("Begin");
    vera.git(&["tag", "begin"]);
    vera.git(&["branch", "side"]);
    vera.write("vera/__init__.py", "raise RuntimeError('half done')\n");
    vera.commit("Break the import");
    vera.put("0.1.8");
    let good = vera.commit("Mend the import");
    vera.git(&["checkout", "--quiet", "side"]);
    vera.idle("side");
    vera.git(&["checkout", "--quiet", "main"]);
    vera.merge("side");
    vera.put("0.1.9");
    let bad = vera.commit("Check termination at run time");
    vera.idle("later");
    vera.put(RELEASE);
    vera.commit("Release");
    (vera, good, bad)
}

/// A bisection of `linked-list` among commits.
fn among(place: &Place, vera: &History, good: &str, bad: &str) -> Ran {
    let repo = vera.path().to_str().unwrap();
    let case = ["linked-list", "--scale", "1000", "--repo", repo];
    bisect(
        place,
        &[&case[..], &["--good", good, "--bad", bad]].concat(),
    )
}

#[test]
fn the_first_bad_commit_is_found_and_the_checkout_stays_as_it_is() {
    let place = Place::new();
    let (vera, _, bad) = checkout(&place);
    // Somebody works in it, has a worktree that is not there at the moment, and a
    // hook that would run whenever something is checked out.
    vera.write("README", "stashed");
    vera.git(&["stash", "push", "--quiet", "--include-untracked"]);
    vera.write("vera/cli.py", "edited\n");
    vera.write("staged", "staged\n");
    vera.git(&["add", "staged"]);
    vera.write("untracked", "untracked\n");
    let away = place.path("away");
    vera.git(&["worktree", "add", "--quiet", away.to_str().unwrap(), "side"]);
    fs::rename(&away, place.path("gone")).unwrap();
    let hook = vera.path().join(".git/hooks/post-checkout");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(
        &hook,
        format!("#!/bin/sh\ntouch {}\n", place.path("hooked").display()),
    )
    .unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let before = vera.state();

    let ran = among(&place, &vera, "begin", "main").exits(0);
    assert_eq!(vera.state(), before);
    assert!(!place.path("hooked").exists(), "a hook was run");
    let found = answer(&ran);
    let short = vera.git(&["rev-parse", "--short", &bad]);
    let merge = vera.git(&["rev-parse", "--short", &format!("{bad}~")]);
    assert_eq!(found["first_bad"], Value::from(short.clone()), "{ran}");
    assert_eq!(found["last_good"], Value::from(merge), "{ran}");
    assert_eq!(found["versions"], 8);
    assert_says(
        &ran,
        &format!("first bad: {short} (Check termination at run time)   last good: "),
    );
    assert_says(
        &ran,
        &format!("bad   {short} (Check termination at run time): growth: instructions"),
    );
    let start = format!("{short} again: ");
    let again = ran
        .stdout
        .lines()
        .find_map(|it| it.trim().strip_prefix(&start));
    let again = again.unwrap_or_else(|| panic!("no command in {ran}"));
    assert!(
        again.contains(&format!(" {bad} && vera-stress run linked-list ")),
        "{again}"
    );
    // The commands show it, and git runs the hook for them.
    let binary = Path::new(env!("CARGO_BIN_EXE_vera-stress"))
        .parent()
        .unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell
        .args(["-c", again])
        .env("PATH", path)
        .current_dir(place.path(""));
    let shown = shell.output().unwrap();
    assert_eq!(shown.status.code(), Some(1), "{shown:?}");
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.contains("FAIL linked-list [native] n=1000: instructions grow as"),
        "{shown}"
    );
    assert!(place.path("hooked").exists(), "the hook works");
    // Commits of one version are told apart in the history, and found by name.
    let history = |arguments: &[&str]| {
        let output = place.process().arg("history").args(arguments).output();
        place.ran(output.unwrap()).exits(0)
    };
    let recorded = history(&["--vera", &short]);
    let spaced: Vec<&str> = recorded.stdout.split("  ").map(str::trim).collect();
    let expected = ["bisect", &format!("0.1.9 ({short})"), "-"];
    assert!(
        spaced.windows(3).any(|it| it == expected),
        "no {expected:?} in {recorded}"
    );
    let series = history(&["linked-list", "--vera", &short]);
    assert!(
        series.stdout.contains(&format!("0.1.9 ({short})")),
        "{series}"
    );
    let probe = ran.events.iter().find(|it| it["commit"] == bad.as_str());
    assert_eq!(probe.unwrap()["case"]["verdict"], "growth");
}

#[test]
#[ignore = "long: a checkout of Vera for each commit"]
fn what_does_not_import_is_skipped_and_named_where_it_hides_the_answer() {
    let place = Place::new();
    let vera = History::new(&place, "vera");
    vera.put("0.1.8");
    let good = vera.commit("Good");
    vera.write("vera/__init__.py", "raise RuntimeError('half done')\n");
    vera.commit("Break the import");
    vera.put("0.1.9");
    vera.commit("Check termination at run time");
    vera.idle("later");
    let before = vera.state();
    let ran = among(&place, &vera, &good, "main").exits(1);
    assert_eq!(vera.state(), before);
    let found = answer(&ran);
    assert_eq!(found["answer"], "one-of", "{ran}");
    assert_eq!(found["suspects"].as_array().unwrap().len(), 2);
    let broken = vera.git(&["rev-parse", "--short", "HEAD~2"]);
    assert_eq!(found["skipped"], Value::from(vec![broken.clone()]));
    assert_says(&ran, &format!("skip  {broken} (Break the import): "));
    assert_says(&ran, "RuntimeError: half done");
    assert_says(&ran, "the first bad commit is one of ");
    // Where something good lies between, it hides nothing.
    vera.git(&["checkout", "--quiet", &good]);
    vera.write("vera/__init__.py", "raise RuntimeError('half done')\n");
    vera.commit("Break the import");
    vera.put("0.1.8");
    vera.commit("Mend the import");
    vera.put("0.1.9");
    let bad = vera.commit("Check termination at run time");
    let ran = among(&place, &vera, &good, "HEAD").exits(0);
    let short = vera.git(&["rev-parse", "--short", &bad]);
    assert_eq!(answer(&ran)["first_bad"], Value::from(short), "{ran}");
}

#[test]
#[ignore = "long: a checkout of Vera for each commit"]
fn a_commit_on_a_merged_branch_is_found_and_not_its_merge() {
    let place = Place::new();
    let vera = History::new(&place, "vera");
    vera.put("0.1.8");
    let good = vera.commit("Good");
    vera.git(&["checkout", "--quiet", "-b", "side"]);
    vera.idle("one");
    vera.put("0.1.9");
    let bad = vera.commit("Check termination at run time");
    vera.idle("two");
    vera.git(&["checkout", "--quiet", "main"]);
    for subject in ["three", "four"] {
        vera.idle(subject);
    }
    vera.merge("side");
    vera.idle("five");
    let ran = among(&place, &vera, &good, "main").exits(0);
    let short = vera.git(&["rev-parse", "--short", &bad]);
    assert_eq!(answer(&ran)["first_bad"], Value::from(short), "{ran}");
}

#[test]
#[ignore = "long: a checkout of Vera for each commit"]
fn a_vera_in_a_folder_of_its_repository_is_found_there() {
    let place = Place::new();
    let vera = History::new(&place, "whole");
    for release in ["0.1.8", "0.1.9"] {
        let _ = fs::remove_dir_all(vera.path().join("part"));
        vera.put(release);
        fs::create_dir(vera.path().join("part")).unwrap();
        for name in ["vera", "pyproject.toml"] {
            fs::rename(vera.path().join(name), vera.path().join("part").join(name)).unwrap();
        }
        vera.commit(release);
    }
    let case = ["linked-list", "--scale", "1000", "--good", "main~"];
    let ran = bisect(
        &place,
        &[&case[..], &["--bad", "main", "--repo", "whole/part"]].concat(),
    )
    .exits(0);
    let short = vera.git(&["rev-parse", "--short", "main"]);
    assert_eq!(
        answer(&ran)["first_bad"],
        Value::from(short.clone()),
        "{ran}"
    );
    let run = format!("vera-{short}/part\n");
    assert!(ran.stdout.contains(&run), "no `{run}` in {ran}");
    let why = bisect(
        &place,
        &[&case[..], &["--bad", "main", "--repo", "whole"]].concat(),
    );
    why.exits(2).says(&["whole holds no Vera at main"]);
}

#[test]
fn what_is_no_history_of_vera_is_refused_with_what_to_name() {
    let place = Place::new();
    let vera = History::new(&place, "vera");
    vera.write("README", "no Vera\n");
    vera.commit("Begin");
    vera.git(&["branch", "other"]);
    vera.idle("more");
    vera.git(&["checkout", "--quiet", "other"]);
    vera.idle("else");
    fs::create_dir(place.path("empty")).unwrap();
    let refused = |repo: &str, good: &str, bad: &str, words: &[&str]| {
        let ends = ["--repo", repo, "--good", good, "--bad", bad];
        bisect(&place, &[&["life"][..], &ends].concat())
            .exits(2)
            .says(words);
    };
    refused("nowhere", "a", "b", &["--repo nowhere is no directory"]);
    refused(
        "empty",
        "a",
        "b",
        &["empty is no git checkout: ", "next: name a git checkout"],
    );
    refused(
        "vera",
        "v9",
        "main",
        &["--good `v9` names no commit in vera", "log --oneline"],
    );
    vera.git(&["tag", "v0.1.8"]);
    refused(
        "vera",
        "0.1.8",
        "main",
        &["names no commit in vera\n     next: write v0.1.8, the tag of that version"],
    );
    // A clone that lacks commits says so, whatever it is that is lacking.
    let source = format!("file://{}", vera.path().display());
    let clone = [
        "clone",
        "--quiet",
        "--no-tags",
        "--depth=1",
        "--branch=main",
    ];
    let shallow = place.path("shallow");
    vera.git(&[&clone[..], &[&source, shallow.to_str().unwrap()]].concat());
    let lacks = [
        "names no commit in shallow: it is a shallow clone, which lacks older commits",
        "next: fetch them with `git -C shallow fetch --unshallow --tags`",
    ];
    refused("shallow", "main~", "main", &lacks);
    refused("shallow", "v0.1.8", "main", &lacks);
    refused("vera", "main", "main", &["are the same commit"]);
    refused(
        "vera",
        "other",
        "main",
        &["--good other is no ancestor of --bad main"],
    );
    refused(
        "vera",
        "main~",
        "main",
        &["vera holds no Vera at main: there is neither vera/cli.py"],
    );
    let without_git = only_script(&place, "nothing", "exit 0");
    let output = place
        .process()
        .args([
            "bisect", "life", "--repo", "vera", "--good", "main~", "--bad", "main",
        ])
        .env("PATH", without_git)
        .output();
    place
        .ran(output.unwrap())
        .exits(3)
        .says(&["git is not on the PATH", "next: install git"]);
}

/// Waits until it is let go, and is wrong then.
fn waits() -> String {
    common::patient("let @Nat = wait(@String.0, @Nat.0);\n  0")
}

#[test]
#[ignore = "long: a checkout of Vera for each commit"]
fn an_interruption_says_how_far_it_came_and_leaves_no_worktree_behind() {
    let place = Place::new();
    place
        .scenario("waits")
        .program(&waits())
        .tables("[budget]\nwall = \"10m\"")
        .write();
    let vera = History::new(&place, "vera");
    vera.put(RELEASE);
    vera.commit("Begin");
    for subject in ["one", "two", "three"] {
        vera.idle(subject);
    }
    let before = vera.state();
    fs::create_dir(place.path("tmp")).unwrap();
    let process = place
        .process()
        .args([
            "bisect",
            "waits",
            "--lane",
            "reference",
            "--json",
            "events.jsonl",
        ])
        .args(["--catalogue", "catalogue", "--repo", "vera"])
        .args(["--good", "main~3", "--bad", "main"])
        .env("TMPDIR", place.path("tmp"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let look = || common::patient_folder(&place.path("tmp"));
    let first = wait_for("the first look", look);
    fs::write(first.join("go"), "").unwrap();
    wait_for("the second look", || look().filter(|it| *it != first));
    assert_ne!(
        vera.state(),
        before,
        "a worktree is there while it is looked at"
    );
    signal(process.id() as i32, Signal::INT);
    let ran = place.ran(process.wait_with_output().unwrap()).exits(130);
    assert_eq!(vera.state(), before);
    assert_eq!(names_in(&place.path("tmp")), [] as [&str; 0]);
    let short = vera.git(&["rev-parse", "--short", "main"]);
    assert_says(
        &ran,
        &format!(
            "interrupted; last good so far: none   first bad so far: {short} (three)   (1 probe of 4 commits)"
        ),
    );
    assert_eq!(answer(&ran)["answer"], "interrupted");
}
