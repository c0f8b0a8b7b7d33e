//! What runs around the native engine: its lanes and their seed, the comparison
//! with the other engine, the folders of failures, and that no Python is started
//! where none is needed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use crate::common::{self, Place, Ran, main_of, three_scenarios, user_cache};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

// --- Seeds -------------------------------------------------------------------

#[test]
fn a_seed_makes_lanes_concrete_and_is_said() {
    let place = three_scenarios();
    let lanes = ["one", "--lane", "native,native+random,native+random=5"];
    let ran = place.run(&[&lanes[..], &["--seed", "7"]].concat());
    assert!(
        ran.stdout
            .contains(", profile default, seed 7, with the scenarios of catalogue\n"),
        "{ran}"
    );
    assert_eq!(ran.events[0]["seed"], 7);
    assert_eq!(ran.events[0]["cases"], 3);
    for lane in ["native", "native+random=5", "native+random=7"] {
        let case = ran.case_in("one", lane);
        let again = format!("vera-stress run one --lane {lane} --scale 10 --vera 0.2.5");
        assert!(
            case["again"].as_str().unwrap().starts_with(&again),
            "{case}"
        );
        assert!(ran.stdout.contains(&format!("one [{lane}] n=10")), "{ran}");
    }
    // The lane that it is given stands for the seed that is meant anyway.
    let ran = place.run(&[&lanes[..], &["--seed", "5"]].concat());
    assert_eq!(ran.events[0]["cases"], 2);
}

#[test]
fn without_a_seed_it_is_the_date_and_without_a_native_lane_nobody_is_told() {
    let place = three_scenarios();
    let today = || {
        let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
        now.strftime("%Y%m%d").to_string().parse::<u64>().unwrap()
    };
    let before = today();
    let ran = place.run(&["one", "--lane", "native+random"]);
    let seed = ran.events[0]["seed"].as_u64().unwrap();
    assert!((before..=today()).contains(&seed), "{seed}");
    assert!(
        ran.stdout.contains(&format!("[native+random={seed}]")),
        "{ran}"
    );
    let ran = place.run(&["one", "--lane", "reference"]);
    assert!(!ran.stdout.contains("seed"), "{ran}");
}

#[test]
fn a_profile_may_hold_the_seed_and_the_command_line_has_the_last_word() {
    let place = three_scenarios();
    let toml = "[profiles.mine]\nlanes = [\"native+random\"]\nseed = 11\n";
    place.write("vera-stress.toml", toml);
    let seed = |arguments: &[&str]| {
        let ran = place.run(&[&["one", "--profile", "mine"], arguments].concat());
        ran.case("one")["lane"].as_str().unwrap().to_owned()
    };
    assert_eq!(seed(&[]), "native+random=11");
    assert_eq!(seed(&["--seed", "12"]), "native+random=12");
}

// --- What a scenario says of native lanes ------------------------------------

#[test]
fn what_a_scenario_says_of_random_collections_holds_for_every_seed() {
    let place = Place::new();
    place
        .scenario("own")
        .n(50)
        .program(&main_of("@Int", "pure", "nat_to_int(@Nat.0)"))
        .tables("[lanes.\"native+random\"]\nn = 7\nbudget = { instructions = 1_000_000 }")
        .write();
    let ran = place.run(&["own", "--lane", "native,native+random=3,native+random=4"]);
    let said = |lane: &str| {
        let case = ran.case_in("own", lane);
        (case["n"].clone(), case["budget"]["instructions"].clone())
    };
    assert_eq!(said("native"), (50.into(), 40_000_000_000_u64.into()));
    assert_eq!(said("native+random=3"), (7.into(), 1_000_000.into()));
    assert_eq!(said("native+random=4"), (7.into(), 1_000_000.into()));
    let all = ["--catalogue", "catalogue"];
    place.command().arg("show").arg("own").args(all).assert().success().stdout(
        contains("  native           n=50, at most 40,000,000,000 instructions, 512.0 MiB of memory, 64.0 MiB of output\n")
            .and(contains("  native+random    n=7, at most 1,000,000 instructions, 512.0 MiB of memory, 64.0 MiB of output\n"))
            .and(contains("  reference        n=50, at most 10s, 512.0 MiB of memory, 64.0 MiB of output\n")),
    );
    let list = ["list", "own", "--markdown"];
    let table = place.command().args(list).args(all).assert().success();
    table.stdout(contains("| `own` | axis | 50, 7 in `native+random` | 50 |"));
}

// --- Two engines -------------------------------------------------------------

/// Whether the lanes' cases of a scenario came to these verdicts.
#[track_caller]
fn came_to(ran: &Ran, scenario: &str, wanted: [(&str, &str); 2]) {
    for (lane, verdict) in wanted {
        assert_eq!(ran.case_in(scenario, lane)["verdict"], verdict, "{ran}");
    }
}

/// A release on which the engines differ: Vera's host keeps a Set as Python
/// does, the native one in the order of insertion.
const DIFFERS: &str = "0.2.0";

/// A program that gives -1 below n = 5; from there the first element of a Set of
/// 2 and 1: 1 in Vera's host, 2 in the native one.
fn first_of_a_set() -> String {
    let body = "let @Set<Int> = set_add(set_add(set_new(), 2), 1);
  let @Array<Int> = set_to_array(@Set<Int>.0);
  if @Nat.0 < 5 then { 0 - 1 } else { @Array<Int>.0[0] }";
    main_of("@Int", "pure", body)
}

#[test]
fn a_failure_of_one_engine_alone_is_a_difference_of_engines() {
    let place = Place::new();
    place
        .scenario("order")
        .n(40)
        .program(&first_of_a_set())
        .expect("value = \"-1\"")
        .write();
    // What is wrong in the same way on both.
    place
        .scenario("same")
        .program(&main_of("@Int", "pure", "7"))
        .expect("value = \"8\"")
        .write();
    for jobs in ["1", "4"] {
        let both = [
            "order",
            "same",
            "--lane",
            "reference,native",
            "--vera",
            DIFFERS,
        ];
        let rest = ["--no-shrink", "--jobs", jobs];
        let ran = place.run(&[&both[..], &rest].concat()).exits(1);
        let differ = "engines-differ";
        came_to(&ran, "order", [("reference", differ), ("native", differ)]);
        came_to(&ran, "same", [("reference", "wrong"), ("native", "wrong")]);
        let message = |lane: &str| ran.case_in("order", lane)["message"].clone();
        assert_eq!(
            message("reference"),
            "expected -1, reference got 1, native got 2"
        );
        assert_eq!(
            message("native"),
            "expected -1, native got 2, reference got 1"
        );
    }
    // Nothing to compare with: another mode, or no other lane at all.
    for lanes in ["native", "native+eager,reference", "reference+eager,native"] {
        let arguments = ["order", "--lane", lanes, "--no-shrink", "--vera", DIFFERS];
        let ran = place.run(&arguments).exits(1);
        assert!(!ran.stdout.contains("engines-differ"), "{ran}");
        let cases = ran
            .events
            .iter()
            .filter(|it| it["event"] == "case-finished");
        assert!(
            cases.map(|it| &it["verdict"]).all(|it| it == "wrong"),
            "{ran}"
        );
    }
}

#[test]
fn a_difference_of_engines_is_searched_for_and_shown_again_as_one() {
    let place = Place::new();
    place
        .scenario("order")
        .n(40)
        .program(&first_of_a_set())
        .expect("value = \"-1\"")
        .write();
    let both = ["order", "--lane", "reference,native", "--vera", DIFFERS];
    let ran = place.run(&both).exits(1);
    let case = ran.case_in("order", "native");
    assert_eq!(case["smallest"]["fails"], 5, "{ran}");
    assert_eq!(case["smallest"]["message"], Value::Null, "{ran}");
    let again = case["again"].as_str().unwrap();
    assert_eq!(
        again,
        "vera-stress run order --lane native,reference --scale 5 --vera 0.2.0 --catalogue catalogue"
    );
    let words = again.split_whitespace().skip(1);
    let output = place.process().args(words).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = "order [native] n=5: expected -1, native got 2, reference got 1";
    assert!(text.contains(line), "{text}");

    let folder = place.path(".vera-stress/failures/order/native-n5-vera-0.2.0");
    let report = fs::read_to_string(folder.join("report.md")).unwrap();
    assert!(report.contains("| verdict | engines-differ |"), "{report}");
    assert_eq!(repro(&folder, tool()).status.code(), Some(1));
    // Both wrong in the same way is another failure.
    let program = main_of("@Int", "pure", "3");
    place.write("catalogue/axis/order/main.vera", &program);
    let other = repro(&folder, tool());
    let text = String::from_utf8_lossy(&other.stdout);
    assert_eq!(other.status.code(), Some(2), "{text}");
    assert!(text.contains("which was: engines-differ"), "{text}");
}

#[test]
fn a_declared_difference_of_engines_holds_whichever_lanes_run() {
    let place = Place::new();
    let known = |verdict: &str| {
        let keys = "vera = \"*\"\nlanes = [\"*\"]\nfrom_n = 1\nbecause = \"x\"";
        format!("[[known]]\n{keys}\nverdict = \"{verdict}\"\n")
    };
    for verdict in ["engines-differ", "wrong"] {
        place
            .scenario(verdict)
            .program(&first_of_a_set())
            .expect("value = \"1\"")
            .tables(&known(verdict))
            .write();
    }
    let run = |name: &str, lanes: &str| {
        place.run(&[name, "--lane", lanes, "--no-shrink", "--vera", DIFFERS])
    };
    let both = run("engines-differ", "reference,native").exits(0);
    let wanted = [("reference", "pass"), ("native", "known")];
    came_to(&both, "engines-differ", wanted);
    let alone = run("engines-differ", "native").exits(0);
    assert_eq!(alone.case("engines-differ")["verdict"], "known", "{alone}");
    run("engines-differ", "reference").exits(0);
    // That it is wrong does not say that it is wrong on one engine only.
    let both = run("wrong", "reference,native").exits(1);
    let wanted = [("reference", "fixed"), ("native", "engines-differ")];
    came_to(&both, "wrong", wanted);
}

#[test]
fn what_chance_had_a_part_in_is_compared_with_nothing() {
    let place = Place::new();
    // Vera's host takes both from the system.
    for (name, effects, body) in [
        ("dice", "<Random>", "Random.random_int(1, 1000000000)"),
        ("clock", "<IO>", "IO.time(())"),
    ] {
        place
            .scenario(name)
            .program(&main_of("@Int", effects, body))
            .expect("value = \"-1\"")
            .write();
    }
    let both = ["--axis", "axis", "--lane", "reference,native"];
    let ran = place.run(&[&both[..], &["--no-shrink"]].concat()).exits(1);
    for name in ["dice", "clock"] {
        came_to(&ran, name, [("reference", "wrong"), ("native", "wrong")]);
    }
}

#[test]
fn the_command_repeats_the_random_numbers_of_a_native_case() {
    let place = Place::new();
    place
        .scenario("dice")
        .program(&main_of(
            "@Int",
            "<Random>",
            "Random.random_int(1, 1000000000)",
        ))
        .expect("value = \"-1\"")
        .write();
    let native = ["dice", "--lane", "native", "--seed", "31"];
    let ran = place.run(&native).exits(1);
    let case = ran.case("dice");
    let again = case["again"].as_str().unwrap();
    assert_eq!(
        again,
        "vera-stress run dice --lane native --scale 1 --seed 31 --vera 0.2.5 --catalogue catalogue"
    );
    let words = again.split_whitespace().skip(1);
    let output = place.process().args(words).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(case["message"].as_str().unwrap()), "{text}");
    assert_eq!(case["seed"], 31, "{ran}");
    // Another seed, another number; and what takes no chances names none.
    let other = place.run(&["dice", "--lane", "native", "--seed", "32"]);
    assert_ne!(other.case("dice")["message"], case["message"]);
    let reference = place.run(&["dice", "--lane", "reference", "--no-shrink"]);
    assert!(!reference.stdout.contains("--seed"), "{reference}");
}

#[test]
fn the_seed_is_named_also_where_the_stack_is_exhausted() {
    let place = Place::new();
    let deep = "private fn deep(@Nat -> @Int)\n  requires(true) ensures(true) effects(<Diverge>)\n{\n  1 + deep(@Nat.0 + 1)\n}\n";
    let body = "Random.random_int(1, 9) + deep(0)";
    place
        .scenario("deep")
        .program(&[deep, &main_of("@Int", "<Random, Diverge>", body)].concat())
        .write();
    let ran = place.run(&["deep", "--lane", "native", "--seed", "5"]);
    let case = ran.case("deep");
    assert_eq!(case["measures"], Value::Null, "{ran}");
    assert!(
        case["again"].as_str().unwrap().contains(" --seed 5 "),
        "{ran}"
    );
}

// --- Failures ----------------------------------------------------------------

/// Runs a `repro.sh` with a folder in front of the PATH.
fn repro(folder: &Path, path: &Path) -> Output {
    let mut command = Command::new(folder.join("repro.sh"));
    let paths = [path.to_owned(), "/usr/bin".into(), "/bin".into()];
    command.env("PATH", std::env::join_paths(paths).unwrap());
    command.output().unwrap()
}

/// The folder of the binary under test.
fn tool() -> &'static Path {
    let binary = Path::new(env!("CARGO_BIN_EXE_vera-stress"));
    binary.parent().unwrap()
}

#[test]
fn the_folder_of_a_native_failure_shows_it_again_with_the_command() {
    let place = three_scenarios();
    place
        .run(&["bad", "--lane", "native,native+random=3"])
        .exits(1);
    let folder = place.path(".vera-stress/failures/bad/native-n7-vera-0.2.5");
    let seeded = place.path(".vera-stress/failures/bad/native+random=3-n7-vera-0.2.5");
    let command = "vera-stress run bad --lane native --scale 7 --vera 0.2.5 --catalogue catalogue";
    let report = fs::read_to_string(folder.join("report.md")).unwrap();
    assert!(report.contains(command), "{report}");
    assert!(
        report.contains("vera run program/main.vera -- 7"),
        "{report}"
    );
    let report = fs::read_to_string(seeded.join("report.md")).unwrap();
    assert!(report.contains("--lane native+random=3 "), "{report}");
    assert!(
        !report.contains("vera run "),
        "Vera has no such lane: {report}"
    );
    assert!(!folder.join("repro.py").exists());

    for folder in [&folder, &seeded] {
        let again = repro(folder, tool());
        let text = String::from_utf8_lossy(&again.stdout);
        assert_eq!(again.status.code(), Some(1), "{again:?}");
        assert!(text.contains("n=7: expected 1, got 2"), "{text}");
    }
    let without = repro(&folder, &place.path("catalogue"));
    assert_eq!(without.status.code(), Some(2), "{without:?}");
    let text = String::from_utf8_lossy(&without.stdout);
    assert!(text.contains("vera-stress is not on the PATH"), "{text}");

    // The program is right now: the script must say so.
    let right = main_of("@Int", "pure", "1");
    place.write("catalogue/left/bad/main.vera", &right);
    assert_eq!(repro(&folder, tool()).status.code(), Some(0));
    // It cannot be told: there is no such scenario any more.
    fs::remove_dir_all(place.path("catalogue/left/bad")).unwrap();
    assert_eq!(repro(&folder, tool()).status.code(), Some(2));
}

// --- No Python ---------------------------------------------------------------

/// Puts a cache into the place whose release says when it is started.
fn watched_python(place: &Place) {
    let installed = user_cache().join("toolchains").join(common::RELEASE);
    let python = common::release_python(common::RELEASE);
    let toolchain = format!("cache/toolchains/{}", common::RELEASE);
    let marker = fs::read_to_string(installed.join("installed.json")).unwrap();
    place.write(&format!("{toolchain}/installed.json"), &marker);
    symlink(
        installed.join("lib"),
        place.path(&format!("{toolchain}/lib")),
    )
    .unwrap();
    let log = place.path("started");
    let script = format!(
        "#!/bin/sh\necho started >> '{}'\nexec '{}' \"$@\"\n",
        log.display(),
        python.display()
    );
    let file = place.write(&format!("{toolchain}/bin/python"), &script);
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn native_lanes_start_no_python_where_the_modules_are_cached() {
    let place = three_scenarios();
    watched_python(&place);
    place.write("empty/file", "");
    let nothing = place.path("empty");
    let run = |arguments: &[&str]| {
        let _ = fs::remove_file(place.path("started"));
        let all = [arguments, &["--cache-dir", "cache"]].concat();
        let ran = place.run_in(&[("PATH", &nothing)], &all).exits(0);
        (ran, place.path("started").exists())
    };
    // The reference engine compiles what the native one runs.
    let (_, started) = run(&["one", "--lane", "reference"]);
    assert!(started, "the reference engine needs Vera");
    let (ran, started) = run(&["one", "--lane", "native,native+random=1"]);
    assert!(!started, "nothing needs Vera: {ran}");
    assert_eq!(ran.case_in("one", "native")["compile"], Value::Null);
    let (ran, started) = run(&["one", "two", "--lane", "native"]);
    assert!(!started, "both programs are the same text: {ran}");
    let other = main_of("@Int", "pure", "nat_to_int(@Nat.0) + 2 - 1");
    place.write("catalogue/right/two/main.vera", &other);
    let (_, started) = run(&["one", "two", "--lane", "native"]);
    assert!(started, "one of the modules is missing");
    let (_, started) = run(&["one", "--lane", "reference+eager"]);
    assert!(started, "the reference engine needs Vera");
}
