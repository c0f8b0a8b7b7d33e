//! `bisect`: the first release, or commit, in which a case fails.
//!
//! From 0.1.9 on the runtime checks `decreases`, which measures a list again at
//! every call: the work of `linked-list` grows as n². That is what is searched
//! here, in releases and in histories that are made of their packages.

mod common;
#[path = "common/history.rs"]
mod history;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;
use serde_json::Value;

use common::{
    Place, RELEASE, Ran, main_of, names_in, only_script, release_python, signal, wait_for,
};
use history::History;

/// The releases that the tests search in; each must be there, since what does not
/// install is skipped.
const RELEASES: [&str; 15] = [
    "0.1.5", "0.1.6", "0.1.7", "0.1.8", "0.1.9", "0.1.10", "0.1.11", "0.1.12", "0.1.13", "0.2.0",
    "0.2.1", "0.2.2", "0.2.3", "0.2.4", "0.2.5",
];

fn bisect(place: &Place, arguments: &[&str]) -> Ran {
    let temporary = place.path("tmp");
    fs::create_dir_all(&temporary).unwrap();
    let mut command = place.process();
    command.env("TMPDIR", &temporary);
    command.args(["bisect", "--json", "events.jsonl"]);
    if place.path("catalogue").is_dir() {
        command.args(["--catalogue", "catalogue"]);
    }
    let output = command.args(arguments).output().unwrap();
    assert_eq!(names_in(&temporary), [] as [&str; 0], "left behind");
    place.ran(output)
}

/// The last event: the answer.
fn answer(ran: &Ran) -> &Value {
    let last = ran
        .events
        .last()
        .unwrap_or_else(|| panic!("no event in {ran}"));
    assert_eq!(last["event"], "bisect-finished", "{ran}");
    last
}

/// The versions that were looked at, each with what it came to.
fn looks(ran: &Ran) -> Vec<(&str, &str)> {
    let probes = ran.events.iter().filter(|it| it["event"] == "probe");
    probes
        .map(|it| {
            (
                it["version"].as_str().unwrap(),
                it["came"].as_str().unwrap(),
            )
        })
        .collect()
}

#[track_caller]
fn assert_says(ran: &Ran, words: &str) {
    assert!(ran.stdout.contains(words), "no `{words}` in {ran}");
}

// --- Releases ----------------------------------------------------------------

#[test]
fn the_release_that_began_to_check_termination_is_named_in_five_probes() {
    for release in RELEASES {
        release_python(release);
    }
    let place = Place::new();
    let ends = ["linked-list", "--good", "0.1.5", "--bad", "0.2.5"];
    let ran = bisect(&place, &[&ends[..], &["--for", "growth"]].concat()).exits(0);
    let found = answer(&ran);
    assert_eq!(found["answer"], "found", "{ran}");
    assert_eq!(
        (&found["first_bad"], &found["last_good"], &found["sought"]),
        (&"0.1.9".into(), &"0.1.8".into(), &"growth".into())
    );
    let looked = looks(&ran);
    assert!(looked.len() <= 5, "{looked:?}");
    assert_eq!(looked[0], ("0.2.5", "bad"));
    assert!(looked.contains(&("0.1.8", "good")) && looked.contains(&("0.1.9", "bad")));
    // What grows exists only where the program returns.
    assert_says(
        &ran,
        "at n=10000, because it does not return at n=100000: trap",
    );
    let probes = looked.len();
    assert_says(
        &ran,
        &format!("first bad: 0.1.9   last good: 0.1.8   ({probes} probes of 15 releases)"),
    );
    // Both sides, and how to see them.
    assert_says(&ran, "last good: 0.1.8 ");
    for release in ["0.1.8", "0.1.9"] {
        assert_says(
            &ran,
            &format!(
                "{release} again: vera-stress run linked-list --lane native --scale 10000 --ignore-known --vera {release}"
            ),
        );
    }
    // At its own n it traps since then.
    let ran = bisect(&place, &ends).exits(0);
    let found = answer(&ran);
    assert_eq!(
        (&found["first_bad"], &found["sought"]),
        (&"0.1.9".into(), &"trap".into())
    );
    assert!(looks(&ran).len() <= 5);
    // Until 0.1.8 it was wrong there: another failure, so another answer.
    assert_says(&ran, "fails otherwise: wrong: expected 5000050000");
    // Without a word about what to search, where the bad end grows.
    let ran = bisect(&place, &[&ends[..], &["--scale", "10000"]].concat()).exits(0);
    let found = answer(&ran);
    assert_eq!(
        (&found["first_bad"], &found["sought"]),
        (&"0.1.9".into(), &"growth".into())
    );
}

#[test]
fn a_change_of_an_exact_count_is_found_between_both_ends() {
    let place = Place::new();
    let arguments = ["linked-list", "--scale", "1000", "--for", "work"];
    let ends = ["--good", "0.1.6", "--bad", "0.1.13"];
    let ran = bisect(&place, &[&arguments[..], &ends[..]].concat()).exits(0);
    assert_eq!(answer(&ran)["first_bad"], "0.1.9", "{ran}");
    let looked = looks(&ran);
    // What is as the bad end, or far from it, needs no good end.
    assert_eq!(looked[..2], [("0.1.13", "bad"), ("0.1.9", "bad")]);
    assert!(!looked.contains(&("0.1.6", "good")), "{looked:?}");
    assert_says(&ran, "bad   0.1.13: work 17,261,246\n");
    // The example of the guide, whose counts lie near each other.
    let near = ["life", "--for", "work", "--good", "0.1.5", "--bad", "0.2.5"];
    let ran = bisect(&place, &near).exits(0);
    assert_eq!(answer(&ran)["first_bad"], "0.2.0", "{ran}");
    assert_eq!(looks(&ran)[..2], [("0.2.5", "bad"), ("0.1.5", "good")]);
    // The same count at both ends is no change.
    let ran = bisect(
        &place,
        &[&arguments[..], &["--good", "0.1.9", "--bad", "0.1.10"]].concat(),
    )
    .exits(2);
    assert_eq!(answer(&ran)["answer"], "ends-alike");
    assert_says(
        &ran,
        "0.1.9 and 0.1.10 have the same work, to less than 10%: work 17,261,246 and work 17,261,246\n     next: ",
    );
}

#[test]
fn ends_that_are_not_what_they_are_said_to_be_are_named() {
    let place = Place::new();
    let scale = ["linked-list", "--scale", "1000"];
    let ran = bisect(
        &place,
        &[&scale[..], &["--good", "0.1.9", "--bad", "0.1.10"]].concat(),
    )
    .exits(2);
    assert_eq!(answer(&ran)["answer"], "good-is-bad");
    assert_says(&ran, "\n0.1.9 is bad, too: growth: work grows as n^1.97");
    for release in ["0.1.9", "0.1.10"] {
        assert_says(
            &ran,
            &format!("     {release} again: vera-stress run linked-list "),
        );
    }
    let ran = bisect(
        &place,
        &[&scale[..], &["--good", "0.1.7", "--bad", "0.1.8"]].concat(),
    )
    .exits(2);
    assert_eq!(answer(&ran)["answer"], "bad-is-good");
    assert_eq!(looks(&ran), [("0.1.8", "good")]);
    assert_says(
        &ran,
        "\n0.1.8 is not bad: linked-list [native] n=1000 comes to `pass` there\n     next: name another --bad",
    );
    let other = ["--for", "corrupt", "--good", "0.1.8", "--bad", "0.1.9"];
    let ran = bisect(&place, &[&scale[..], &other].concat()).exits(2);
    assert_says(
        &ran,
        "0.1.9 is not bad: linked-list [native] n=1000 comes to `growth: work",
    );
    assert_says(&ran, "there, and corrupt is searched\n");
}

#[test]
fn where_the_native_engine_cannot_run_it_the_reference_engine_does() {
    let place = Place::new();
    let body = r#"match IO.read_file("nothing") { Ok(@String) -> 1, Err(@String) -> 2 }"#;
    place
        .scenario("reads")
        .program(&main_of("@Int", "<IO>", body))
        .expect("value = \"1\"")
        .write();
    let ran = bisect(&place, &["reads", "--good", "0.2.4", "--bad", "0.2.5"]).exits(2);
    assert_eq!(answer(&ran)["lane"], "reference", "{ran}");
    assert_says(
        &ran,
        "bad   0.2.5: wrong: expected 1, got 2\n      in lane reference, because ",
    );
    assert_says(&ran, "0.2.4 is bad, too: wrong: expected 1, got 2");
    // It does not count.
    let counts = [
        "reads", "--for", "work", "--good", "0.2.4", "--bad", "0.2.5",
    ];
    let ran = bisect(&place, &counts).exits(1);
    assert_eq!(looks(&ran), [("0.2.5", "skip")]);
    assert_says(&ran, "0.2.5 cannot tell whether it is bad: unsupported: ");
}

#[test]
fn what_makes_no_sense_is_refused_with_what_to_write() {
    let place = Place::new();
    let releases = ["--good", "0.1.8", "--bad", "0.1.9"];
    let cases: [(&[&str], i32, &str); 10] = [
        (
            &[
                "life",
                "--good",
                "0.1.8",
                "--bad",
                "0.1.9",
                "--for",
                "engines-differ",
                "--lane",
                "native+never",
            ],
            2,
            "lane native+never has no counterpart on the other engine",
        ),
        (
            &["linked-lst", "--good", "0.1.8", "--bad", "0.1.9"],
            4,
            "did you mean `linked-list`?",
        ),
        (
            &["life", "--good", "0.2.5", "--bad", "0.1.9"],
            2,
            "--good 0.2.5 is newer than --bad 0.1.9",
        ),
        (
            &["life", "--good", "0.2.5", "--bad", "0.2.5"],
            2,
            "--good and --bad are both 0.2.5",
        ),
        (
            &["life", "--good", "main", "--bad", "0.2.5"],
            2,
            "--good `main` is no release",
        ),
        (&["life", "--good", "0.2.5"], 2, "--bad <VERSION>"),
        (
            &[
                "life", "--good", "0.1.8", "--bad", "0.1.9", "--for", "sadness",
            ],
            2,
            "`sadness` is nothing to search for",
        ),
        (
            &[
                "life",
                "--good",
                "0.1.8",
                "--bad",
                "0.1.9",
                "--for",
                "heap",
                "--lane",
                "reference",
            ],
            2,
            "heap is not counted in lane reference",
        ),
        (
            &[
                "life",
                "--good",
                "0.1.8",
                "--bad",
                "0.1.9",
                "--for",
                "growth",
                "--lane",
                "native+never",
            ],
            2,
            "growth is not looked at in lane native+never",
        ),
        (
            &[
                "life", "--good", "0.1.8", "--bad", "0.1.9", "--vera", "0.2.5",
            ],
            2,
            "bisect takes no --vera",
        ),
    ];
    for (arguments, code, words) in cases {
        bisect(&place, arguments).exits(code).says(&[words]);
    }
    let unwritable = place
        .process()
        .args(["bisect", "life", "--json", "no/where"])
        .args(releases)
        .output();
    place
        .ran(unwritable.unwrap())
        .exits(2)
        .says(&["no/where cannot be written"]);
}

// --- Commits -----------------------------------------------------------------

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
    vera.git(&[
        "merge",
        "--quiet",
        "--no-edit",
        "--message",
        "Merge side",
        "side",
    ]);
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
        &format!("bad   {short} (Check termination at run time): growth: work"),
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
        shown.contains("FAIL linked-list [native] n=1000: work grows as"),
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
    vera.git(&[
        "merge",
        "--quiet",
        "--no-edit",
        "--message",
        "Merge side",
        "side",
    ]);
    vera.idle("five");
    let ran = among(&place, &vera, &good, "main").exits(0);
    let short = vera.git(&["rev-parse", "--short", &bad]);
    assert_eq!(answer(&ran)["first_bad"], Value::from(short), "{ran}");
}

#[test]
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

/// Is wrong when it is first run, and the next time waits for what never comes.
fn waits() -> String {
    common::patient(
        r#"match IO.read_file(string_concat(@String.0, "/first")) {
      Ok(@String) -> {
        let @Result<Unit, String> = IO.write_file(string_concat(@String.1, "/second"), "");
        wait(@String.1, @Nat.0)
      },
      Err(@String) -> {
        let @Result<Unit, String> = IO.write_file(string_concat(@String.1, "/first"), "");
        0
      }
    }"#,
        "0",
    )
}

#[test]
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
        .env("PATIENT_CASE", place.path(""))
        .env("TMPDIR", place.path("tmp"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for("the second look", || {
        place.path("second").exists().then_some(())
    });
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
