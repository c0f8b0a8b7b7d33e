//! `list`, `show`, `doctor`, `cache` and `completions`.

use std::fs;
use std::os::unix::fs::symlink;

use crate::common::planted::copy_of_vera;
use crate::common::{Place, RELEASE, release_python, three_scenarios, user_cache};
use predicates::prelude::*;
use serde_json::Value;

#[test]
fn the_list_is_for_people_and_for_programs() {
    let place = three_scenarios();
    let list = |arguments: &[&str]| {
        let output = place
            .process()
            .arg("list")
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = list(&[]);
    assert!(
        text.contains("array-map-int") && text.contains("iterations"),
        "{text}"
    );
    let text = list(&["--catalogue", "catalogue", "--axis", "right"]);
    assert_eq!(text, "right\n  two  10  The scenario two\n");
    let json: Value = serde_json::from_str(&list(&["--json", "--guard", "570"])).unwrap();
    let names: Vec<&str> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"array-map-int") && !names.contains(&"life"),
        "{names:?}"
    );
    assert!(json[0]["why"].is_string() && json[0]["lanes"][0]["budget"]["wall"].is_number());
}

#[test]
fn show_tells_all_of_a_scenario() {
    let place = Place::new();
    let shown = |arguments: &[&str]| place.command().arg("show").args(arguments).assert();
    shown(&["linked-list", "--scale", "100"]).success().stdout(
        predicate::str::contains("public fn main(@Nat -> @Int)")
            .and(predicate::str::contains("value: 5050"))
            .and(predicate::str::contains("Known limits"))
            .and(predicate::str::contains("#1382")),
    );
    shown(&["linked-lst"])
        .code(4)
        .stderr(predicate::str::contains("did you mean `linked-list`?"));
}

#[test]
fn the_doctor_says_what_is_there_and_what_is_missing() {
    let place = one_release();
    let doctor = ["doctor", "--cache-dir", "cache"];
    place.command().args(doctor).assert().success().stdout(
        predicate::str::contains("ok      Python")
            .and(predicate::str::contains(
                "ok      --vera        0.2.5 (the default, as no other is here)\n",
            ))
            .and(predicate::str::contains(
                "ok      Vera 0.2.5    runs a program in lanes reference, native, native+sanitize\n",
            ))
            .and(predicate::str::contains("ok      catalogue")),
    );
    place.write("empty/file", "");
    place
        .command()
        .args(doctor)
        .args(["--vera", "0.2.5"])
        .env("PATH", place.path("empty"))
        .assert()
        .code(3)
        .stdout(
            predicate::str::contains("MISSING Python")
                .and(predicate::str::contains("apt install python3")),
        );
    place
        .command()
        .args(doctor)
        .args(["--vera", "empty"])
        .assert()
        .code(3)
        .stdout(
            predicate::str::contains("BROKEN  --vera")
                .and(predicate::str::contains("holds no Vera")),
        );
}

/// A place with a cache of its own, in which one release is installed.
fn one_release() -> Place {
    let place = Place::new();
    release_python(RELEASE);
    fs::create_dir_all(place.path("cache/toolchains")).unwrap();
    for name in [RELEASE, "dependencies-of-0.2.5"] {
        let installed = user_cache().join("toolchains").join(name);
        if installed.is_dir() {
            symlink(installed, place.path(&format!("cache/toolchains/{name}"))).unwrap();
        }
    }
    place
}

#[test]
fn the_doctor_calls_nothing_good_that_does_not_work() {
    let place = one_release();
    let vera = copy_of_vera(&place, "vera");
    let doctor = || {
        let mut command = place.command();
        command.args(["doctor", "--cache-dir", "cache", "--vera", "vera"]);
        command.assert()
    };
    let folder = vera.canonicalize().unwrap();
    let about = format!(
        "--vera        Vera 0+unknown ({}, as asked) with ",
        folder.display()
    );
    let lanes = ": runs a program in lanes reference, native, native+sanitize\n";
    doctor().success().stdout(
        predicate::str::contains(format!("ok      {about}")).and(predicate::str::contains(lanes)),
    );
    // Wrong on one engine alone: what Vera's runtime returns.
    let file = vera.join("vera/codegen/__init__.py");
    let whole = fs::read_to_string(&file).unwrap();
    let wrong = "
_execute = execute
def execute(*args, **options):
    result = _execute(*args, **options)
    result.value = 7
    return result
";
    fs::write(&file, format!("{whole}{wrong}")).unwrap();
    doctor().code(3).stdout(
        predicate::str::contains(format!("BROKEN  {about}"))
            .and(predicate::str::contains(
                ": lane reference does not run a program of ten lines: expected 11, got 7\n",
            ))
            .and(predicate::str::contains(
                "name another Vera with --vera SPEC",
            ))
            .and(predicate::str::contains(
                "ok      Vera 0.2.5    runs a program in lanes ",
            )),
    );
    // And where nothing runs at all.
    fs::write(&file, format!("{whole}\ndef execute():\n    pass\n")).unwrap();
    doctor().code(3).stdout(
        predicate::str::contains("BROKEN  --vera        Vera 0+unknown (").and(
            predicate::str::contains("cannot run a program of ten lines: TypeError: "),
        ),
    );
}

#[test]
fn cleaning_the_cache_removes_what_can_be_made_again() {
    let place = three_scenarios();
    fs::create_dir(place.path("cache")).unwrap();
    for (file, text) in [
        ("cache/modules/ab/cd/module.wasm", "12345"),
        ("cache/bytecode/x.pyc", "123"),
        ("cache/toolchains/0.2.5/installed.json", "{}"),
    ] {
        place.write(file, text);
    }
    let clean = |more: &[&str]| {
        let mut command = place.command();
        command
            .args(["cache", "clean", "--cache-dir", "cache"])
            .args(more);
        command.assert().success()
    };
    clean(&[]).stdout(predicate::str::starts_with("8 B freed in "));
    assert!(!place.path("cache/modules").exists() && !place.path("cache/bytecode").exists());
    assert!(place.path("cache/toolchains").exists());
    clean(&["--toolchains"]);
    assert!(!place.path("cache/toolchains").exists());
    clean(&[]).stdout(predicate::str::starts_with("0 B freed in "));
}

#[test]
fn completions_are_for_the_shells_that_people_use() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        place
            .command()
            .args(["completions", shell])
            .assert()
            .success()
            .stdout(
                predicate::str::contains("vera-stress").and(predicate::str::contains("partition")),
            );
    }
    place
        .command()
        .args(["completions", "tcsh"])
        .assert()
        .code(2);
}
