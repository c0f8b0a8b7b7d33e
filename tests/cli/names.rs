//! What stands for scenarios on the command line: names as they are shown, patterns,
//! paths, what is left out, and what failed last.

use std::fs;

use predicates::prelude::*;
use predicates::str::contains;

use crate::common::{Place, Ran, identity, main_of, three_scenarios};

/// The cases that a run planned: `scenario [lane] n`.
fn planned(ran: &Ran) -> Vec<String> {
    let planned = ran.events[0]["planned"]
        .as_array()
        .unwrap_or_else(|| panic!("{ran}"));
    let text = |it: &serde_json::Value| {
        let [scenario, lane] = ["scenario", "lane"].map(|key| it[key].as_str().unwrap());
        format!("{scenario} [{lane}] {}", it["n"])
    };
    planned.iter().map(text).collect()
}

/// What a run of some names would examine, which it does in lane `reference` where
/// they say nothing else.
fn meant(place: &Place, names: &[&str]) -> Vec<String> {
    planned(
        &place.run(
            &[
                &["--lane", "reference", "--no-shrink", "--no-builtin"],
                names,
            ]
            .concat(),
        ),
    )
}

#[test]
fn names_are_taken_as_they_are_shown() {
    let place = three_scenarios();
    for (typed, cases) in [
        (&["one"][..], &["one [reference] 10"][..]),
        (&["one[native]"], &["one [native] 10"]),
        (&["one [native]"], &["one [native] 10"]),
        (&["stress::one[native]"], &["one [native] 10"]),
        (&["one", "[native]", "n=7"], &["one [native] 7"]),
        (
            &["one [native] n=7", "two"],
            &["one [native] 7", "two [reference] 10"],
        ),
        (&["o*[native+random=3]"], &["one [native+random=3] 10"]),
    ] {
        assert_eq!(meant(&place, typed), cases, "{typed:?}");
    }
    place.run(&["one[turbo]"]).exits(2).says(&[
        "`one[turbo]` is no name of a case",
        "there is no lane `turbo`",
    ]);
}

#[test]
fn other_commands_take_them_too() {
    let place = three_scenarios();
    let command = |arguments: &[&str]| {
        let mut command = place.command();
        command.args(arguments).args(["--catalogue", "catalogue"]);
        command.assert()
    };
    for name in [
        "one[native]",
        "stress::one[native] n=12",
        "catalogue/left/one",
    ] {
        command(&["show", name])
            .success()
            .stdout(contains("one: The scenario one"));
    }
    command(&["show", "one[native] n=12"])
        .success()
        .stdout(contains("Expected at n=12"));
    command(&["show", "*"])
        .code(2)
        .stderr(contains("means several scenarios").and(contains("next: name one of: ")));
    command(&["climb", "one[native]", "--to", "2"])
        .success()
        .stdout(contains("one [native]"));
    command(&["climb", "one[native]", "--lane", "reference"])
        .code(2)
        .stderr(contains("mean several lanes"));
    command(&["list", "one[native]"])
        .success()
        .stdout("left\n  one  10  The scenario one\n");
    command(&["run", "one[native]"]).success();
    command(&["history", "one[native]"])
        .success()
        .stdout(contains("native"));
    command(&["history", "one[reference]"]).code(4);
}

#[test]
fn a_path_is_a_scenario_or_a_folder_of_them() {
    let place = three_scenarios();
    fs::rename(place.path("catalogue"), place.path("mine")).unwrap();
    let run = |names: &[&str]| {
        let mut all = vec![
            "run",
            "--lane",
            "reference",
            "--no-shrink",
            "--json",
            "events.jsonl",
        ];
        all.extend(names);
        let ran = place.process().args(all).output().unwrap();
        place.ran(ran)
    };
    for (typed, cases) in [
        (&["mine/left/one"][..], &["one [reference] 10"][..]),
        (&["mine/left/one/main.vera"], &["one [reference] 10"]),
        (&["mine/left/one[native]"], &["one [native] 10"]),
        (&["./mine/right/"], &["two [reference] 10"]),
        (
            &["mine/right", "mine/left/one"],
            &["one [reference] 10", "two [reference] 10"],
        ),
        (
            &["mine/right", "--catalogue", "mine"],
            &["two [reference] 10"],
        ),
    ] {
        assert_eq!(planned(&run(typed)), cases, "{typed:?}");
    }
    // What fails says how to see it again, by that path.
    let ran = run(&["mine/left/bad"]).exits(1);
    assert!(
        ran.case("bad")["again"]
            .as_str()
            .unwrap()
            .ends_with("--catalogue mine/left/bad"),
        "{ran}"
    );
    place.write("mine/data/x.json", "{}");
    place.write("alone.vera", &identity());
    for (typed, says) in [
        ("no/where", "there is no file or folder `no/where`"),
        (
            "./mine/data",
            "there is no scenario and no program in ./mine/data",
        ),
    ] {
        run(&[typed]).exits(2).says(&[says, "next: "]);
    }
}

#[test]
fn what_is_excluded_is_not_run() {
    let place = three_scenarios();
    let without = |names: &[&str]| meant(&place, &[&["one", "two", "bad"], names].concat());
    assert_eq!(
        without(&["--exclude", "bad", "--exclude", "t*"]),
        ["one [reference] 10"]
    );
    assert_eq!(
        meant(
            &place,
            &["one", "one[native]", "--exclude", "one[reference]"]
        ),
        ["one [native] 10"]
    );
    place
        .command()
        .args([
            "list",
            "--catalogue",
            "catalogue",
            "--axis",
            "left",
            "--exclude",
            "b*",
        ])
        .assert()
        .success()
        .stdout("left\n  one  10  The scenario one\n");
    place
        .run(&["--exclude", "bda"])
        .exits(4)
        .says(&["no scenario is called `bda`", "did you mean `bad`?"]);
}

#[test]
fn the_built_in_scenarios_can_be_left_out() {
    let place = three_scenarios();
    let ours = ["--catalogue", "catalogue", "--no-builtin"];
    place
        .command()
        .arg("list")
        .args(ours)
        .assert()
        .success()
        .stdout(
            "left\n  bad  1000  The scenario bad\n  one    10  The scenario one\nright\n  two    10  The scenario two\n",
        );
    // A name of the built-in catalogue is free then, also for whoever does it again.
    place
        .scenario("life")
        .program(&main_of("@Int", "pure", "1"))
        .expect("value = \"2\"")
        .write();
    let ran = place
        .run(&["life", "--lane", "reference", "--no-shrink", "--no-builtin"])
        .exits(1);
    let again = ran.case("life")["again"].as_str().unwrap();
    assert!(
        again.ends_with("--catalogue catalogue --no-builtin"),
        "{again}"
    );
    assert_eq!(ran.events[0]["without_built_in"], true);
    place
        .command()
        .args(["list", "--no-builtin"])
        .assert()
        .code(2)
        .stderr(contains("--no-builtin leaves no scenario").and(contains("next: name one")));
}

#[test]
fn the_scenarios_of_the_project_are_found_from_below() {
    let place = three_scenarios();
    fs::create_dir_all(place.path("tests/unit")).unwrap();
    fs::create_dir_all(place.path(".git")).unwrap();
    fs::rename(place.path("catalogue"), place.path("tests/stress")).unwrap();
    let listed = |below: &str| {
        let mut command = place.command();
        command.current_dir(place.path(below));
        let output = command
            .args(["list", "--no-builtin", "--json"])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(listed("").contains("\"folder\": \"tests/stress/left/one\""));
    assert!(listed("tests/unit").contains("\"folder\": \"../../tests/stress/left/one\""));
    // The canary: beyond the root of the repository it is another project.
    fs::create_dir_all(place.path("tests/unit/.git")).unwrap();
    assert_eq!(listed("tests/unit"), "");
    // A program that asks for cases says itself where they are.
    let ask = "{\"id\": 1, \"do\": \"collect\", \"names\": [\"one\"]}\n";
    for (more, reply) in [
        (&[][..], "no scenario is called `one`"),
        (&["--catalogue", "tests/stress"], "\"name\":\"one[native]\""),
    ] {
        let mut command = place.command();
        command.arg("serve").args(more).write_stdin(ask);
        command.assert().success().stdout(contains(reply));
    }
    // Beside the built-in ones, and by the path that is named.
    let mut command = place.command();
    command.args(["show", "one", "--catalogue", "./tests/stress"]);
    command
        .assert()
        .success()
        .stdout(contains("from ./tests/stress/left/one"));
    place.command().args(["show", "life"]).assert().success();
}

#[test]
fn what_failed_last_is_run_as_it_failed() {
    let place = three_scenarios();
    let last_failed =
        |more: &[&str]| place.run(&[&["--last-failed", "--no-shrink"], more].concat());
    last_failed(&[])
        .exits(4)
        .says(&["no case failed when it was last run", "next: "]);
    let all = [
        "one",
        "two",
        "bad",
        "--lane",
        "reference,native",
        "--no-shrink",
    ];
    place.run(&all).exits(1);
    let ran = last_failed(&[]).exits(1);
    let both = ["bad [reference] 1000", "bad [native] 1000"];
    assert_eq!(planned(&ran), both);
    // What was run and passed since is left out; what was not run says nothing.
    place.run(&["bad [native] n=5", "--no-shrink"]).exits(0);
    let ran = last_failed(&[]).exits(1);
    assert_eq!(planned(&ran), both[..1]);
    last_failed(&["one"])
        .exits(4)
        .says(&["no case matches these filters together"]);
    place
        .command()
        .args(["list", "--catalogue", "catalogue", "--last-failed"])
        .assert()
        .success()
        .stdout("left\n  bad  1000  The scenario bad\n");
    last_failed(&["--scale", "5"]).exits(2).says(&[
        "--last-failed runs the cases as they failed",
        "leave --lane and --scale out",
    ]);
    fs::remove_dir_all(place.path("catalogue/left/bad")).unwrap();
    last_failed(&[]).exits(4).says(&[
        "bad [reference] n=1000 failed, and there is no such scenario any more",
        "no case failed when it was last run",
    ]);
}
