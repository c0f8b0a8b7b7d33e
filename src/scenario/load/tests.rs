use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::case::{Case, Instructions, Lane, Scale, Sources, VeraVersion};
use crate::scenario::names::{EXPECT_FILE, PROGRAM_FILE};
use crate::scenario::{Cost, FailureKind, Shape, guards_line};

const GOOD: &str = "title = \"t\"\nwhy = \"w\"\nn = 10\n\n[[guards]]\nissue = 570\nclass = \"c\"\nhistory = \"h\"\n\n[expect]\nvalue = \"n\"\n";

fn folder(toml: &str, more: &[(&str, &str)]) -> Folder {
    let mut files = BTreeMap::from([
        (SCENARIO_FILE.to_owned(), toml.to_owned()),
        (Sources::MAIN.to_owned(), "main".to_owned()),
    ]);
    files.extend(
        more.iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
    );
    Folder {
        path: "c/axis/name".to_owned(),
        axis: "axis".to_owned(),
        name: "name".to_owned(),
        files,
        given: None,
        common: Arc::default(),
    }
}

fn error(toml: &str) -> String {
    load(folder(toml, &[])).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_good_file_loads_with_its_defaults() {
    let scenario = load(folder(GOOD, &[])).unwrap();
    assert_eq!(scenario.n.get(), 10);
    assert_eq!(scenario.budget, crate::case::Budget::default());
    assert!(!scenario.alone);
    assert_eq!(guards_line(&scenario.guards), "#570 c");
}

#[test]
fn files_that_say_work_are_read() {
    let text = format!(
        "{GOOD}growth = {{ work = 1.0 }}\n[budget]\nwork = 5\n[climb]\nwork = 6\n[[known]]\nvera = \"*\"\nlanes = [\"*\"]\nfrom_n = 40\nverdict = \"growth\"\nbound = {{ work = 2.0 }}\nbecause = \"b\"\n[[known]]\nvera = \"*\"\nlanes = [\"*\"]\nfrom_n = 40\nverdict = \"over-work\"\nbecause = \"b\"\n"
    );
    let scenario = load(folder(&text, &[])).unwrap();
    assert_eq!(scenario.growth.instructions, Some(Shape::power(1.0)));
    assert_eq!(
        scenario.budget_in(Lane::NATIVE).instructions,
        Instructions(5)
    );
    assert_eq!(scenario.climb.instructions, Some(Instructions(6)));
    let bound = scenario.known[0].bound_of(Cost::Instructions);
    assert_eq!(bound, Some(Shape::power(2.0)));
    assert_eq!(scenario.known[1].verdict, FailureKind::OverInstructions);
}

#[test]
fn every_key_is_understood() {
    let text = format!(
        "alone = true\n{GOOD}growth = {{ instructions = 1.0, heap = 0.5 }}\n[budget]\ntime = \"2m\"\nwall = \"3m\"\nmemory = \"1GiB\"\noutput = \"1MiB\"\ninstructions = \"5_000_000\"\n[lanes.\"native+random\"]\nn = 3\n[lanes.\"native+random=7\"]\nbudget = {{ instructions = 9 }}\n[lanes.\"reference+eager\"]\nn = 4\nbudget = {{ wall = \"20s\" }}\n[[known]]\nvera = \">=0.1.9\"\nlanes = [\"reference*\", \"native+random*\", \"native+every=16\"]\nfrom_n = 40\nverdict = \"trap\"\nbecause = \"b\"\n"
    );
    let scenario = load(folder(&text, &[])).unwrap();
    let eager = Lane::REFERENCE_EAGER;
    assert_eq!(scenario.scale_in(eager).get(), 4);
    // The guard of what waits, beside `time`, or ten times that and a little more.
    // Alone, `wall` is `time`.
    let clocks = |lane| {
        let budget = scenario.budget_in(lane);
        (budget.time.as_secs(), budget.wall.as_secs())
    };
    assert_eq!(clocks(Lane::NATIVE), (120, 180));
    assert_eq!(clocks(eager), (20, 230));
    assert_eq!(
        scenario.budget_in(eager).memory,
        crate::case::Bytes::mebi(1024)
    );
    assert_eq!(scenario.known.len(), 1);

    let lane = |text: &str| text.parse::<Lane>().unwrap();
    assert_eq!(scenario.scale_in(Lane::NATIVE).get(), 10);
    for seeded in ["native+random", "native+random=5", "native+random=7"] {
        assert_eq!(scenario.scale_in(lane(seeded)).get(), 3, "{seeded}");
    }
    let instructions = |text: &str| scenario.budget_in(lane(text)).instructions;
    assert_eq!(instructions("native+random=5"), Instructions(5_000_000));
    assert_eq!(instructions("native+random=7"), Instructions(9));
    let known = |text: &str| {
        let case = Case {
            scenario: String::new(),
            lane: lane(text),
            scale: Scale::new(40).unwrap(),
        };
        !scenario
            .known_limits(&case, &VeraVersion::new("0.2.5"))
            .is_empty()
    };
    assert!(known("native+random=5") && known("reference+eager") && known("native+every=16"));
    assert!(!known("native") && !known("native+every=17"));
}

#[test]
fn what_is_said_of_native_lanes_covers_all_of_them() {
    for (pattern, covered, not) in [
        ("native*", "native+random=5", "reference"),
        ("native+random", "native+random=5", "native"),
        ("native+random=5", "native+random=5", "native+random=6"),
        ("*", "native+never", ""),
    ] {
        let text = format!(
            "{GOOD}[[known]]\nvera = \">=0.1.9\"\nlanes = [\"{pattern}\"]\nfrom_n = 1\nverdict = \"engines-differ\"\nbecause = \"b\"\n"
        );
        let scenario = load(folder(&text, &[])).unwrap();
        let known = |lane: Lane| {
            let case = Case {
                scenario: String::new(),
                lane,
                scale: Scale::ONE,
            };
            !scenario
                .known_limits(&case, &VeraVersion::new("0.2.5"))
                .is_empty()
        };
        assert!(known(covered.parse().unwrap()), "{pattern}");
        assert!(not.parse().map_or(true, |lane| !known(lane)), "{pattern}");
    }
}

#[test]
fn a_guard_says_how_its_bug_shows_and_what_proves_it() {
    let guard = |lines: &str| {
        let text = GOOD.replace("history = \"h\"", &format!("history = \"h\"\n{lines}"));
        load(folder(&text, &[])).map(|it| it.guards[0].clone())
    };
    let is_of_class = |lines: &str, kind, message: &str| {
        let guard = guard(lines).unwrap();
        guard.is_of_class(kind, message)
    };
    let lines = "fails_as = [\"wrong\", \"corrupt: left behind\"]";
    assert!(is_of_class(lines, FailureKind::Wrong, "expected 1, got 2"));
    let left = "a function leaves 1 root left behind";
    assert!(is_of_class(lines, FailureKind::Corrupt, left));
    for (kind, message) in [
        (FailureKind::Corrupt, "a load of a freed block"),
        (FailureKind::Trap, left),
    ] {
        assert!(!is_of_class(lines, kind, message), "{message}");
    }
    // Without a word, any failure may be one.
    assert!(is_of_class("", FailureKind::Trap, "trap unreachable"));
    for (lines, says) in [
        (
            "",
            "unproven: its scenario does not say on which version it fails",
        ),
        (
            "unproven = \"no version has it\"",
            "unproven: no version has it",
        ),
        (
            "fails_on = \"0.2.5\"\nn = 99",
            "fails on 0.2.5 at n=99, still open",
        ),
        (
            "fails_on = \"v0.0.132\"\nfixed_in = \"v0.0.133\"\nrepo = true\nn = 9",
            "fails on v0.0.132 at n=9, passes on v0.0.133",
        ),
    ] {
        assert_eq!(guard(lines).unwrap().proof_line(), says);
    }
    for (lines, says) in [
        (
            "fixed_in = \"0.2.0\"",
            "`fixed_in` of a guard goes with `fails_on`",
        ),
        ("repo = true", "`repo` of a guard goes with `fails_on`"),
        ("n = 3", "`n` of a guard goes with `fails_on`"),
        ("unproven = \" \"", "`unproven` is empty"),
        (
            "fails_on = \"0.1.13\"\nunproven = \"w\"",
            "a guard has either `fails_on` or `unproven`",
        ),
        ("fails_on = \"v0.0.132\"", "`v0.0.132` is no release"),
        ("fails_on = \"-f\"\nrepo = true", "`-f` is no release"),
        (
            "fails_on = \"0.1.13\"\nfixed_in = \"0.1.9\"",
            "`fixed_in` = 0.1.9 is not later than `fails_on` = 0.1.13",
        ),
        (
            "fails_on = \"0.1.13\"\nfixed_in = \"0.2.0\"\nn = 11",
            "shows at n=11, and the scenario goes to n=10 only",
        ),
        ("fails_as = [\"trapped\"]", "`trapped` is no way to fail"),
        ("fails_as = [\"pass\"]", "`pass` is no way to fail"),
    ] {
        let error = guard(lines).unwrap_err().to_string();
        assert!(error.contains(says), "{lines}: {error}");
    }
}

#[test]
fn each_fault_names_its_file_line_and_remedy() {
    let cases = [
        (
            GOOD.replace("n = 10", "n = 0"),
            ":3",
            "write a number from 1 up",
        ),
        (
            GOOD.replace("n = 10", "n = -5"),
            ":3",
            "write a number from 1 up",
        ),
        (GOOD.replace("n = 10", "n = \"10\""), ":3", "invalid type"),
        (
            GOOD.replace("n = 10", "n = 10\nbugdet = 1"),
            ":4",
            "unknown field `bugdet`",
        ),
        (
            GOOD.replace("n = 10\n", ""),
            "scenario.toml:",
            "write n = 1_000",
        ),
        (
            GOOD.replace("\"n\"", "\"n +\""),
            ":11",
            "not a Rhai expression",
        ),
        (
            GOOD.replace("\"n\"", "\"m\""),
            ":11",
            "not a Rhai expression",
        ),
        (
            GOOD.replace("title = \"t\"", "title = \"\""),
            ":1",
            "this is empty",
        ),
        (
            GOOD.replace("title = \"t\"", "title = \"t"),
            ":1",
            "basic string",
        ),
        (
            format!("{GOOD}[budget]\nwall = \"10 parsecs\"\n"),
            ":13",
            "no duration",
        ),
        (
            format!("{GOOD}[budget]\nmemory = \"lots\"\n"),
            ":13",
            "no size",
        ),
        (
            format!("{GOOD}[budget]\ninstructions = 0\n"),
            ":13",
            "no number of instructions above zero",
        ),
        (
            format!("{GOOD}[budget]\ninstructions = -1\n"),
            ":13",
            "no number of instructions above zero",
        ),
        (
            format!("{GOOD}[budget]\ninstructions = 1e9\n"),
            ":13",
            "write it as in 2_000_000_000",
        ),
        (
            format!("{GOOD}[budget]\ninstructions = \"lots\"\n"),
            ":13",
            "no number of instructions above zero",
        ),
        (
            format!("{GOOD}[lanes.\"reference+never\"]\nn = 1\n"),
            ":12",
            "only the native engine has that mode",
        ),
        (
            format!("{GOOD}[[known]]\nlanes = [\"native+some*\"]\n"),
            ":13",
            "matches no lane",
        ),
        (
            format!("{GOOD}[lanes.turbo]\nn = 1\n"),
            ":12",
            "there is no lane `turbo`",
        ),
        (
            format!("{GOOD}[[known]]\nvera = \"0.2.5\"\n"),
            ":13",
            "would mean that release and later ones",
        ),
        (
            format!("{GOOD}[[known]]\nvera = \"new\"\n"),
            ":13",
            "no range of Vera releases",
        ),
        (
            format!("{GOOD}[[known]]\nlanes = [\"turbo\"]\n"),
            ":13",
            "matches no lane",
        ),
        (
            format!("{GOOD}[[known]]\nverdict = \"sad\"\n"),
            ":13",
            "unknown variant",
        ),
        (
            GOOD.replace("history = \"h\"\n", ""),
            "scenario.toml:5",
            "write history = ",
        ),
        (
            GOOD.replace("[expect]\nvalue = \"n\"\n", ""),
            "scenario.toml:",
            "nothing is expected",
        ),
        (
            format!("{GOOD}growth = {{ instructions = -1.0 }}\n"),
            ":12",
            "no exponent",
        ),
    ];
    for (text, place, remedy) in cases {
        let error = error(&text);
        assert!(error.contains(place), "no `{place}` in: {error}");
        assert!(error.contains(remedy), "no `{remedy}` in: {error}");
    }
}

#[test]
fn a_folder_must_hold_one_program_and_only_known_files() {
    let mut none = folder(GOOD, &[]);
    none.files.remove(Sources::MAIN);
    assert!(load(none).unwrap_err().to_string().contains("no program"));
    let two = folder(GOOD, &[(PROGRAM_FILE, "fn program(n) { \"\" }")]);
    assert!(
        load(two)
            .unwrap_err()
            .to_string()
            .contains(".vera files and a program.rhai")
    );
    let stray = folder(GOOD, &[("expects.rhai", "")]);
    assert!(
        load(stray)
            .unwrap_err()
            .to_string()
            .contains("no file `expects.rhai`")
    );
}

#[test]
fn an_observable_has_one_oracle() {
    let both = folder(GOOD, &[(EXPECT_FILE, "fn value(n) { n }")]);
    assert!(
        load(both)
            .unwrap_err()
            .to_string()
            .contains("keep one of the two")
    );
    let arity = folder(GOOD, &[(EXPECT_FILE, "fn stdout(n, m) { \"\" }")]);
    assert!(
        load(arity)
            .unwrap_err()
            .to_string()
            .contains("takes 2 parameters")
    );
    let broken = folder(GOOD, &[(EXPECT_FILE, "\nfn stdout(n) { ")]);
    assert!(
        load(broken)
            .unwrap_err()
            .to_string()
            .contains("expect.rhai:2")
    );
}
