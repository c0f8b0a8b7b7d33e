//! `run`: each option has a test in which it makes the difference.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{self, Place, main_of, three_scenarios as place};
use predicates::prelude::*;
use serde_json::Value;

const OURS: [&str; 2] = ["one", "two"];

fn with<'a>(names: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [names, more].concat()
}

#[test]
fn each_case_is_judged_in_each_lane() {
    let place = place();
    let ran = place.run(&with(&OURS, &["--seed", "7"])).exits(0);
    for name in OURS {
        for lane in [
            "reference",
            "reference+eager",
            "native",
            "native+random=7",
            "native+sanitize=7",
        ] {
            assert_eq!(ran.case_in(name, lane)["verdict"], "pass", "{ran}");
        }
    }
    assert!(
        ran.stdout.contains("10 cases: 10 passed, 0 failed in"),
        "{ran}"
    );
}

#[test]
fn the_lane_and_the_scale_are_as_asked() {
    let place = place();
    let ran = place
        .run(&with(
            &OURS,
            &["--lane", "reference+eager", "--scale", "33"],
        ))
        .exits(0);
    assert_eq!(
        ran.stdout.matches("[reference+eager] n=33").count(),
        2,
        "{ran}"
    );
    assert!(!ran.stdout.contains("[reference] "), "{ran}");
    let ran = place
        .run(&with(&OURS, &["--lane", "reference", "--scale", "x2.5"]))
        .exits(0);
    assert_eq!(ran.stdout.matches("[reference] n=25 ").count(), 2, "{ran}");
}

#[test]
fn names_axes_and_guards_choose() {
    let place = place();
    let lane = ["--lane", "reference", "--no-shrink"];
    let ran = place.run(&with(&["on*"], &lane)).exits(0);
    assert!(ran.stdout.contains("1 case: "), "{ran}");
    let ran = place.run(&with(&["--axis", "right"], &lane)).exits(0);
    assert_eq!(ran.verdict("two"), "pass");
    assert!(ran.stdout.contains("1 case: "), "{ran}");
    // The tests' own guard, by a word of its class.
    let ran = place
        .run(&with(&["--guard", "HARNESS", "--axis", "left"], &lane))
        .exits(1);
    assert!(ran.stdout.contains("2 cases: "), "{ran}");
    place.run(&with(&["one", "--guard", "570"], &lane)).exits(4);
}

#[test]
fn a_failure_is_understood_from_its_block() {
    let place = place();
    let ran = place.run(&["bad", "--lane", "reference"]).exits(1);
    let block: Vec<&str> = ran.stdout.split("\n\n").nth(1).unwrap().lines().collect();
    assert_eq!(
        block,
        [
            "FAIL bad [reference] n=1000: expected 1, got 2",
            "     smallest failing n: 7 (6 passes)   guards tests of the harness",
            "     again: vera-stress run bad --lane reference --scale 7 --vera 0.2.5 --catalogue catalogue",
            "     reduce: vera-stress reduce bad --lane reference --scale 7 --vera 0.2.5 --catalogue catalogue",
            "     folder: .vera-stress/failures/bad/reference-n7-vera-0.2.5",
        ],
        "{ran}"
    );
    // The command shows it again, at that n.
    let again: Vec<&str> = block[2].split_whitespace().skip(3).collect();
    let output = place.process().arg("run").args(again).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("FAIL bad [reference] n=7: expected 1, got 2"),
        "{text}"
    );
}

#[test]
fn without_a_search_the_failure_stands_at_its_own_n() {
    let place = place();
    let ran = place
        .run(&["bad", "--lane", "reference", "--no-shrink"])
        .exits(1);
    assert_eq!(ran.case("bad")["smallest"], Value::Null);
    assert!(!ran.stdout.contains("smallest"), "{ran}");
    assert!(
        place
            .path(".vera-stress/failures/bad/reference-n1000-vera-0.2.5/repro.sh")
            .is_file()
    );
}

#[test]
fn known_limits_are_expected_and_fixed_ones_are_not() {
    let place = place();
    let limit = |from: u64, verdict: &str| {
        format!(
            "[[known]]\nvera = \">=0.1.5\"\nlanes = [\"reference\"]\nfrom_n = {from}\nverdict = \"{verdict}\"\nbecause = \"Seven is too many.\"\n"
        )
    };
    let body = "if @Nat.0 < 7 then { 1 } else { 2 }";
    for (name, n, limit) in [
        ("known", 1000, limit(7, "wrong")),
        ("fixed", 5, limit(3, "wrong")),
        ("other", 1000, limit(7, "trap")),
        ("below", 6, limit(7, "wrong")),
    ] {
        place
            .scenario(name)
            .n(n)
            .program(&main_of("@Int", "pure", body))
            .expect("value = \"1\"")
            .tables(&limit)
            .write();
    }
    let one = |name| place.run(&[name, "--lane", "reference", "--no-shrink"]);
    let ran = one("known").exits(0);
    assert_eq!(ran.verdict("known"), "known");
    assert!(ran.stdout.contains("1 known limit"), "{ran}");
    let ran = one("fixed").exits(1);
    assert_eq!(ran.verdict("fixed"), "fixed");
    assert!(
        ran.stdout.contains("FIXED fixed [reference] n=5: passes"),
        "{ran}"
    );
    one("other").exits(1).fails(
        "other",
        "wrong",
        "the known limit is another: trap from n=7",
    );
    one("below").exits(0).passes("below");
    // In a lane that the limit does not name, it is a failure like any other.
    let ran = place
        .run(&["known", "--lane", "reference+eager", "--no-shrink"])
        .exits(1);
    assert_eq!(ran.verdict("known"), "wrong");
}

#[test]
fn a_run_of_which_no_case_could_be_judged_says_so() {
    let place = place();
    let body = r#"match json_parse("[1, 2]") { Ok(@Json) -> 2, Err(@String) -> 1 }"#;
    place
        .scenario("parses")
        .program(&main_of("@Int", "pure", body))
        .expect("value = \"2\"")
        .write();
    let words = "\nnothing was judged: no case could be run; -v lists why\n\
                 1 case: 0 passed, 0 failed, 1 unsupported in ";
    let ran = place.run(&["parses", "--lane", "native"]).exits(0);
    assert!(ran.stdout.contains(words), "{ran}");
    for more in [
        &["parses", "--lane", "native,reference"][..],
        &["parses", "one", "--lane=native"],
    ] {
        let ran = place.run(more).exits(0);
        assert!(!ran.stdout.contains("nothing was judged"), "{ran}");
    }
}

#[test]
fn the_first_failure_ends_the_run_if_it_is_to() {
    let place = place();
    // The longest budget goes first.
    place
        .scenario("first")
        .program(&main_of("@Int", "pure", "0"))
        .tables("[budget]\nwall = \"5m\"\n")
        .write();
    let arguments = [
        "first",
        "one",
        "two",
        "--lane",
        "reference",
        "--no-shrink",
        "--jobs",
        "1",
    ];
    let ran = place.run(&with(&arguments, &["--fail-fast"])).exits(1);
    assert_eq!(ran.verdict("first"), "wrong");
    assert_eq!(
        (ran.verdict("one"), ran.verdict("two")),
        ("not-run", "not-run")
    );
    assert!(
        ran.stdout
            .contains("\nNOT RUN one [reference], two [reference]: another case failed first"),
        "{ran}"
    );
    let ran = place.run(&arguments).exits(1);
    assert_eq!((ran.verdict("one"), ran.verdict("two")), ("pass", "pass"));
}

#[test]
fn what_no_longer_fits_the_budget_is_not_run_by_name() {
    let place = place();
    let spin = "private fn spin(@Nat -> @Int)\n  requires(true) ensures(true) effects(<Diverge>)\n{ spin(@Nat.0 + 1) }\n";
    place
        .scenario("endless")
        .program(&format!(
            "{spin}{}",
            main_of("@Int", "<Diverge>", "spin(@Nat.0)")
        ))
        .tables("[budget]\nwall = \"5m\"\n")
        .write();
    let arguments = [
        "endless",
        "one",
        "--lane",
        "reference",
        "--jobs",
        "1",
        "--budget",
        "2s",
    ];
    let ran = place.run(&arguments).exits(1);
    assert_eq!(
        (ran.verdict("endless"), ran.verdict("one")),
        ("not-run", "not-run")
    );
    assert!(
        ran.stdout.contains(
            "\nNOT RUN endless [reference], one [reference]: the suite's budget of 2s was spent"
        ),
        "{ran}"
    );
}

#[test]
fn a_scenario_that_needs_the_machine_runs_alone() {
    let place = Place::new();
    // Each case holds a folder for as long as it runs, and one that finds it taken
    // has company. Programs see no clock that would serve.
    let program = main_of("@Int", "<IO>", "IO.sleep(300);\n  0");
    for name in ["alone-a", "alone-b", "with-c"] {
        let keys = if name.starts_with("alone") {
            "alone = true"
        } else {
            ""
        };
        place
            .scenario(name)
            .keys(keys)
            .program(&program)
            .expect("value = \"0\"")
            .write();
    }
    let names = ["alone-a", "alone-b", "with-c"];
    let ran = place
        .run(&with(&names, &["--lane", "reference", "--jobs", "3"]))
        .exits(0);
    let order: Vec<&str> = ran
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("pass  "))
        .collect();
    assert_eq!(order.len(), 3, "{ran}");
    assert!(
        order[0].starts_with("with-c"),
        "the others wait until the machine is free: {ran}"
    );
}

#[test]
fn partitions_share_the_cases_out() {
    let place = place();
    // Cases end in any order.
    let names = |part: &str| -> BTreeSet<String> {
        let lanes = ["--lane", "reference,reference+eager", "--partition", part];
        let ran = place.run(&with(&OURS, &lanes)).exits(0);
        let cases = ran
            .events
            .iter()
            .filter(|event| event["event"] == "case-finished");
        cases
            .map(|case| format!("{} {}", case["scenario"], case["lane"]))
            .collect()
    };
    let (first, second, third) = (names("1/3"), names("2/3"), names("3/3"));
    assert_eq!((first.len(), second.len(), third.len()), (2, 1, 1));
    assert_eq!(&(&first | &second) | &third, names("1/1"));
    assert_eq!(names("1/3"), first, "the same share each time");
    let ran = place.run(&with(&OURS, &["--partition", "9/9"])).exits(0);
    assert!(ran.stderr.contains("this partition holds no case"), "{ran}");
}

#[test]
fn the_events_tell_the_whole_run() {
    let place = place();
    let ran = place.run(&["bad", "one", "--lane", "reference"]).exits(1);
    let kinds: Vec<&str> = ran
        .events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "run-started",
            "case-finished",
            "case-finished",
            "case-shrunk",
            "run-finished"
        ]
    );
    let start = &ran.events[0];
    assert_eq!(
        (&start["vera"], &start["cases"], &start["profile"]),
        (&"0.2.5".into(), &2.into(), &"default".into())
    );
    assert_eq!(start["fingerprint"].as_str().unwrap().len(), 64);
    let bad = ran.case("bad");
    assert_eq!(bad["smallest"]["fails"], 7);
    assert_eq!(bad["smallest"]["passes"], 6);
    assert_eq!(bad["ending"]["value"]["int"], 2);
    let one = ran.case("one");
    assert!(one["run"]["cpu"].as_f64().unwrap() > 0.0);
    assert!(one["run"]["peak_memory"].as_u64().unwrap() > 10_000_000);
    let end = ran.events.last().unwrap();
    assert_eq!((&end["passed"], &end["failed"]), (&1.into(), &1.into()));
}

#[test]
fn junit_is_what_ci_systems_read() {
    let place = place();
    let arguments = [
        "bad",
        "one",
        "--lane",
        "reference,native+random",
        "--seed",
        "7",
        "--no-shrink",
        "--junit",
        "junit.xml",
    ];
    place.run(&arguments).exits(1);
    let xml = fs::read_to_string(place.path("junit.xml")).unwrap();
    for part in [
        "tests=\"4\" skipped=\"0\" failures=\"2\" errors=\"0\"",
        // The same name whatever the seed, and the lane to run it again.
        "<testcase name=\"bad[native+random]\" classname=\"vera-stress.left\"",
        "<property name=\"lane\" value=\"native+random=7\"/>",
        "<failure message=\"bad [native+random=7] n=1000: expected 1, got 2\" type=\"wrong\">",
        "<testcase name=\"one[reference]\" classname=\"vera-stress.left\"",
        "<failure message=\"bad [reference] n=1000: expected 1, got 2\" type=\"wrong\">",
        "again: vera-stress run bad",
    ] {
        assert!(xml.contains(part), "no `{part}` in {xml}");
    }
}

#[test]
fn profiles_and_defaults_come_from_the_configuration() {
    let place = place();
    place.write(
        "vera-stress.toml",
        "catalogues = [\"catalogue\"]\nprofile = \"mine\"\n[profiles.mine]\nlanes = [\"reference+eager\"]\nscale = \"x3\"\n",
    );
    let run = |arguments: &[&str]| {
        let output = place.process().arg("run").args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = run(&["one"]);
    assert!(
        text.contains("profile mine") && text.contains("one [reference+eager] n=30 "),
        "{text}"
    );
    // The command line says the last word.
    let text = run(&["one", "--profile", "quick"]);
    assert!(
        text.contains("profile quick") && text.contains("one [reference] n=10 "),
        "{text}"
    );
    // Naming a catalogue twice, as the command in a failure's block does, is no
    // error.
    run(&["one", "--catalogue", "./catalogue"]);
    let text = run(&["one", "--lane", "reference", "--scale", "4"]);
    assert!(text.contains("one [reference] n=4 "), "{text}");
}

#[test]
fn without_a_command_the_suite_is_run() {
    let place = place();
    place
        .command()
        .args(["one", "--lane", "reference", "--catalogue", "catalogue"])
        .assert()
        .success()
        .stdout(predicate::str::contains("pass  one [reference] n=10"));
}

#[test]
fn colours_are_on_a_terminal_or_where_they_are_asked_for() {
    let place = place();
    let run = |color: &str| {
        let arguments = [
            "one",
            "--lane",
            "reference",
            "--catalogue",
            "catalogue",
            "--color",
            color,
        ];
        let output = place.process().args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(!run("auto").contains('\u{1b}'));
    assert!(run("always").contains("\u{1b}[32mpass"));
    assert!(!run("never").contains('\u{1b}'));
}

#[test]
fn machine_code_that_is_not_whole_is_made_again() {
    let place = place();
    fs::create_dir(place.path("cache")).unwrap();
    let toolchains = common::user_cache().join("toolchains");
    std::os::unix::fs::symlink(toolchains, place.path("cache/toolchains")).unwrap();
    let run = || {
        let arguments = ["one", "--lane", "reference", "--cache-dir", "cache"];
        place.run(&arguments).exits(0).passes("one");
    };
    run();
    let kept = find(&place.path("cache/modules"), "machine-code").expect("it is kept");
    let whole = fs::read(&kept).unwrap();
    run();
    assert!(
        fs::read(&kept).unwrap() == whole,
        "it is used, not made again"
    );
    let mut broken = whole.clone();
    let last = broken.len() - 1;
    broken[last] ^= 1;
    for damaged in [&broken[..], &whole[..100], b""] {
        fs::write(&kept, damaged).unwrap();
        run();
        assert!(
            fs::read(&kept).unwrap() == whole,
            "it is made again, and the same"
        );
    }
}

/// The file called `name` below a folder.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries.map(|entry| entry.path()).find_map(|path| {
        if path.is_dir() {
            find(&path, name)
        } else {
            path.ends_with(name).then_some(path)
        }
    })
}

#[test]
fn several_vera_stress_can_run_at_once() {
    let place = place();
    let runs: Vec<_> = (0..3)
        .map(|_| {
            let mut process = place.process();
            process.args([
                "run",
                "one",
                "two",
                "--catalogue",
                "catalogue",
                "--cache-dir",
                "cache",
            ]);
            // One toolchain for all; the compile cache is fresh and shared.
            fs::create_dir_all(place.path("cache")).unwrap();
            let toolchains = common::user_cache().join("toolchains");
            let _ = std::os::unix::fs::symlink(toolchains, place.path("cache/toolchains"));
            process
                .stdout(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let left: Vec<_> = fs::read_dir(place.path("cache/modules"))
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_generated_program_grows_with_n() {
    let place = Place::new();
    let generator = "fn program(n) {\n  let body = \"0\";\n  for i in 0..n { body = `(${body} + 1)`; }\n  `public fn main(-> @Int) requires(true) ensures(true) effects(pure) { ${body} }`\n}\n";
    place
        .scenario("generated")
        .n(20)
        .file("program.rhai", generator)
        .write();
    place.run(&["generated"]).exits(0);
    place
        .command()
        .args([
            "show",
            "generated",
            "--scale",
            "2",
            "--catalogue",
            "catalogue",
        ])
        .assert()
        .success()
        .stdout(
            predicate::str::contains("((0 + 1) + 1)").and(predicate::str::contains("value: 2")),
        );
}
