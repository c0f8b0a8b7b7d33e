//! Programs by their paths: what agreement finds, what is said of them, and the
//! scenarios that are made of them.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::common::{Place, Ran, assert_says};

/// What stands above the body of a program.
fn program(head: &str, body: &str) -> String {
    format!(
        "public fn main({head})\n  requires(true) ensures(true) effects(<IO>)\n{{\n  {body}\n}}\n"
    )
}

fn doubled() -> String {
    program("@Nat -> @Int", "nat_to_int(@Nat.0) * 2")
}

fn run(place: &Place, arguments: &[&str]) -> Ran {
    let mut all = vec!["run", "--no-history", "--json", "events.jsonl", "--force"];
    all.extend(arguments);
    let ran = place.process().args(all).output().unwrap();
    place.ran(ran)
}

/// What is recorded of each case.
fn finished(ran: &Ran) -> impl Iterator<Item = &serde_json::Value> {
    ran.events
        .iter()
        .filter(|it| it["event"] == "case-finished")
}

/// The verdicts of all cases, one a line: lane, n, verdict.
fn verdicts(ran: &Ran) -> Vec<String> {
    let mut all: Vec<String> = finished(ran)
        .map(|it| {
            format!(
                "{} {} {}",
                it["lane"].as_str().unwrap().split('=').next().unwrap(),
                it["n"],
                it["verdict"].as_str().unwrap()
            )
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_program_climbs_a_ladder_in_every_lane() {
    let place = Place::new();
    place.write("double.vera", &doubled());
    let ran = run(&place, &["double.vera", "--lane", "reference,native"]).exits(0);
    let wanted: Vec<String> = ["native", "reference"]
        .iter()
        .flat_map(|lane| [1, 10, 100, 1_000, 10_000].map(|n| format!("{lane} {n} pass")))
        .collect();
    let mut wanted = wanted;
    wanted.sort();
    assert_eq!(verdicts(&ran), wanted);
    // One that is given is the only one.
    let ran = run(&place, &["double.vera", "--arg", "7", "--lane", "native"]).exits(0);
    assert_eq!(verdicts(&ran), ["native 7 pass"]);
}

#[test]
fn what_must_come_is_said_and_held_to() {
    let place = Place::new();
    place.write("double.vera", &doubled());
    place.write("out.txt", "hello\n");
    place.write(
        "say.vera",
        &program("@Unit -> @Unit", "IO.print(\"hello\\n\")"),
    );
    place.write("leave.vera", &program("@Unit -> @Unit", "IO.exit(3)"));
    place.write("divide.vera", &program("@Int -> @Int", "7 / @Int.0"));
    place.write("none.vera", &program("@Unit -> @Int", "missing(1)"));
    let lane = ["--lane", "reference,native", "--no-shrink"];
    for (arguments, says) in [
        (&["double.vera", "--arg=4", "--value=8"][..], None),
        (
            &["double.vera", "--arg=4", "--value=9"],
            Some("expected 9, got 8"),
        ),
        (&["say.vera", "--stdout", "out.txt"], None),
        (
            &["say.vera", "--exit", "3"],
            Some("expected an exit with code 3, got Unit"),
        ),
        (&["leave.vera", "--exit", "3"], None),
        (&["leave.vera"], None),
        (
            &["leave.vera", "--exit", "4"],
            Some("expected an exit with code 4, got an exit with code 3"),
        ),
        (
            &["divide.vera", "--arg=0", "--trap", "divide_by_zero"],
            None,
        ),
        // A trap that the program asks for is its result.
        (&["divide.vera", "--arg=0"], None),
        (
            &["divide.vera", "--arg=7", "--trap", "divide_by_zero"],
            Some("expected a trap divide_by_zero, got 1"),
        ),
        (&["none.vera", "--refused", "E200"], None),
        (
            &["double.vera", "--arg=4", "--refused", "E200"],
            Some("expected a refusal with E200, got 8"),
        ),
    ] {
        let ran = run(&place, &[arguments, &lane].concat());
        match says {
            None => ran.exits(0),
            Some(says) => {
                let ran = ran.exits(1);
                assert_says(&ran, says);
                ran
            }
        };
    }
}

#[test]
fn a_wrong_use_is_told_once_and_fails_nothing() {
    let place = Place::new();
    place.write("double.vera", &doubled());
    place.write("library.vera", "public fn twice(@Int -> @Int)\n  requires(true) ensures(true) effects(pure)\n{\n  @Int.0 * 2\n}\n");
    place.write("array.vera", &program("@Array<Int> -> @Int", "0"));
    place.write("fixed.vera", &program("@Unit -> @Int", "4"));
    place.write("notes.txt", "no program");
    fs::write(place.path("binary.vera"), [0xff, 0x00]).unwrap();
    let made = Command::new("mkfifo").arg(place.path("pipe.vera")).status();
    assert!(made.unwrap().success());
    for (arguments, says) in [
        (
            &["missing.vera"][..],
            "there is no file or folder `missing.vera`",
        ),
        (&["./notes.txt"], "`./notes.txt` is no Vera file"),
        (
            &["library.vera"],
            "`library.vera` has no public function `main`",
        ),
        (
            &["array.vera"],
            "takes @Array<Int>, and @Array<Int> cannot be given",
        ),
        (&["double.vera", "--arg", "-1"], "`-1` is no @Nat"),
        (
            &["double.vera", "--arg=1", "--arg=2"],
            "takes @Nat, and 2 arguments are given",
        ),
        (
            &["double.vera", "--value", "x"],
            "returns @Int, and `x` is none",
        ),
        (&["binary.vera"], "binary.vera cannot be read"),
        (&["pipe.vera"], "it is a named pipe, not a file"),
        (&["life", "--arg", "1"], "no program is named by its path"),
        (
            &["double.vera", "--stdin", "nowhere"],
            "--stdin nowhere cannot be read",
        ),
        (&["double.vera", "--env", "X"], "`X` is no variable"),
        (
            &["double.vera", "--arg=4", "--trap=bogus"],
            "no kind of trap `bogus`",
        ),
        (
            &["double.vera", "--refused=banana"],
            "`banana` is no code of a diagnostic",
        ),
        (
            &["double.vera", "--arg=4", "--scale=x2"],
            "--arg gives double.vera the n 4, and --scale names another",
        ),
        (
            &["fixed.vera", "--scale=9"],
            "the `main` of fixed.vera is called with the same at every n",
        ),
    ] {
        let ran = run(&place, arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran}");
        assert!(ran.stderr.contains(says), "{says}: {ran}");
        assert!(!place.path(".vera-stress/failures").exists());
    }
}

#[test]
fn a_folder_of_programs_is_run_and_what_is_none_is_left_out() {
    let place = Place::new();
    place.write("all/a.vera", &doubled());
    place.write("all/deep/b c'd.vera", &program("@Unit -> @Int", "7"));
    place.write("all/refused.vera", &program("@Unit -> @Int", "missing(1)"));
    place.write(
        "all/library.vera",
        "public fn f(@Int -> @Int)\n  requires(true) ensures(true) effects(pure)\n{ 1 }\n",
    );
    symlink(place.path("all"), place.path("all/deep/round")).unwrap();
    let ran = run(
        &place,
        &["all", "--lane", "reference,native", "--scale", "3"],
    )
    .exits(0);
    let left_out = "1 file of 4 Vera files left out, the first since `all/library.vera` has no public function `main`";
    assert!(ran.stderr.contains(left_out), "{ran}");
    let refused = ran.case("all/refused.vera");
    assert_eq!(refused["verdict"], "refused");
    assert_says(&ran, "2 refused");
    // A name that a shell would take apart is quoted where it is to be typed.
    let ran = run(
        &place,
        &[
            "all/deep/b c'd.vera",
            "--lane",
            "native",
            "--value",
            "8",
            "--no-shrink",
        ],
    )
    .exits(1);
    let again = ran.case("all/deep/b c'd.vera")["again"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        again.contains("'all/deep/b c'\\''d.vera' --value=8 --lane native"),
        "{again}"
    );
}

#[test]
fn lanes_that_differ_fail_and_name_both() {
    let place = Place::new();
    // Of 0.1.13: a temporary that no root keeps is overwritten where it collects.
    place.write(
        "words.vera",
        "private fn cents(@Int -> @Decimal)\n  requires(true) ensures(true) effects(pure)\n{\n  decimal_mul(decimal_from_int(@Int.0), option_unwrap_or(decimal_from_string(\"0.01\"), decimal_from_int(0)))\n}\n\nprivate forall<T> fn last(@T, @T -> @T)\n  requires(true) ensures(true) effects(pure)\n{\n  @T.0\n}\n\npublic fn main(@Nat -> @Int)\n  requires(true) ensures(true) effects(pure)\n{\n  nat_to_int(string_length(decimal_to_string(last(cents(7), cents(nat_to_int(@Nat.0))))))\n}\n",
    );
    let ran = run(
        &place,
        &[
            "words.vera",
            "--arg",
            "100",
            "--vera",
            "0.1.13",
            "--lane",
            "reference,native+sanitize",
            "--no-shrink",
        ],
    )
    .exits(1);
    assert_says(&ran, "corrupt: load of 4 bytes");
    let ran = run(
        &place,
        &[
            "words.vera",
            "--arg",
            "100",
            "--vera",
            "0.2.5",
            "--no-shrink",
        ],
    )
    .exits(0);
    assert_eq!(
        finished(&ran).filter(|it| it["verdict"] == "pass").count(),
        5
    );
}

#[test]
fn a_program_that_code_generation_refuses_fails_with_the_diagnostic() {
    let place = Place::new();
    place.write(
        "literal.vera",
        &program(
            "@Nat -> @Int",
            "let @Option<Int> = Some(nat_to_int(@Nat.0));\n  match @Option<Int>.0 { Some(0) -> 10, Some(@Int) -> @Int.0, None -> 20 }",
        ),
    );
    let ran = run(&place, &["literal.vera", "--arg", "3", "--vera", "0.2.5"]).exits(1);
    assert_says(
        &ran,
        "FAIL literal.vera [reference] n=3: the program was rejected: literal.vera:",
    );
    // It is told once, and not searched: what is compiled does not depend on n.
    assert_eq!(
        ran.stdout.matches("the program was rejected").count(),
        1,
        "{ran}"
    );
}

#[test]
fn a_scenario_is_made_from_a_program_with_what_all_lanes_agree_on() {
    let place = Place::new();
    place.write("helper.vera", "public fn twice(@Int -> @Int)\n  requires(true) ensures(true) effects(pure)\n{\n  @Int.0 * 2\n}\n");
    let text = "import helper(twice);\n\npublic fn main(@Nat -> @Int)\n  requires(true) ensures(true) effects(<IO>)\n{\n  IO.print(\"n \\(@Nat.0)\\n\");\n  twice(nat_to_int(@Nat.0))\n}\n";
    place.write("bug.vera", text);
    let new = |arguments: &[&str]| {
        let ran = place.process().arg("new").args(arguments).output().unwrap();
        place.ran(ran)
    };
    new(&[
        "twice", "--axis", "calls", "--from", "bug.vera", "--arg", "21", "--issue", "1382",
    ])
    .exits(0);
    let folder = place.path("tests/stress/calls/twice");
    let written = fs::read_to_string(folder.join("scenario.toml")).unwrap();
    assert!(written.contains("issue   = 1382"), "{written}");
    assert!(
        written.contains("[expect.at]\n21 = { value = 42, stdout = \"n 21\\n\" }"),
        "{written}"
    );
    assert!(folder.join("helper.vera").is_file());
    let ran = run(&place, &["twice", "--lane", "reference,native"]).exits(0);
    assert!(ran.stderr.contains("twice is not written yet"), "{ran}");
    assert_eq!(verdicts(&ran), ["native 21 pass", "reference 21 pass"]);
    // What is said must not agree with what comes today.
    new(&[
        "wrong", "--axis", "calls", "--from", "bug.vera", "--arg", "21", "--value", "43",
    ])
    .exits(0);
    let ran = run(&place, &["wrong", "--lane", "native", "--no-shrink"]).exits(1);
    assert_says(&ran, "expected 43, got 42");
    // What of it is filled in is what came; what stands there stays.
    let again = new(&["tests/stress/calls/twice", "--bless"]);
    assert_eq!(again.code, Some(2), "{again}");
    assert!(
        again.stderr.contains("something is expected already"),
        "{again}"
    );
    let (open, _) = written.split_once("[expect]").unwrap();
    fs::write(folder.join("scenario.toml"), open).unwrap();
    new(&["tests/stress/calls/twice", "--bless"]).exits(0);
    let filled = fs::read_to_string(folder.join("scenario.toml")).unwrap();
    assert!(
        filled.contains("21 = { value = 42, stdout = \"n 21\\n\" }"),
        "{filled}"
    );
}

#[test]
fn nothing_is_written_down_where_lanes_differ() {
    let place = Place::new();
    let depth = "private data Word { Word(String), Blank }\n\nprivate fn depth(@Word, @Nat -> @Int)\n  requires(true) ensures(true) decreases(@Nat.0) effects(pure)\n{\n  if @Nat.0 == 0 then { 0 } else {\n    let @Int = match @Word.0 { Word(@String) -> nat_to_int(string_length(@String.0)), Blank -> 0 };\n    @Int.0 + depth(@Word.0, @Nat.0 - 1)\n  }\n}\n\npublic fn main(@Nat -> @Int)\n  requires(true) ensures(true) effects(pure)\n{\n  depth(Word(\"abcde\"), @Nat.0)\n}\n";
    place.write("depth.vera", depth);
    let new = |vera: &str| {
        let arguments = [
            "new",
            "depth",
            "--axis",
            "calls",
            "--from",
            "depth.vera",
            "--arg",
            "3000",
            "--vera",
            vera,
        ];
        let ran = place.process().args(arguments).output().unwrap();
        place.ran(ran)
    };
    let ran = new("0.1.13");
    assert_eq!(ran.code, Some(2), "{ran}");
    let says = "nothing can be expected of it: trap [reference";
    assert!(ran.stderr.contains(says), "{ran}");
    assert!(!place.path("tests/stress").exists());
    new("0.2.0").exits(0);
    // The guard holds: it fails where the bug is, and passes where it is not.
    run(
        &place,
        &[
            "depth",
            "--lane",
            "native",
            "--vera",
            "0.1.13",
            "--no-shrink",
        ],
    )
    .exits(1);
    run(&place, &["depth", "--lane", "native", "--vera", "0.2.0"]).exits(0);
}

#[test]
fn other_ends_and_arguments_stand_in_a_scenario() {
    let place = Place::new();
    let scenario = |name: &str, program: &str, keys: &str| {
        place.write(&format!("mine/calls/{name}/main.vera"), program);
        place.write(
            &format!("mine/calls/{name}/scenario.toml"),
            &format!("title = \"t\"\nwhy = \"w\"\nn = 10\n{keys}\n[[guards]]\nclass = \"c\"\nhistory = \"h\"\nunproven = \"a test\"\n"),
        );
    };
    scenario(
        "add",
        &program("@Int, @Int -> @Int", "@Int.0 - @Int.1"),
        "args = [\"n\", \"n * 3\"]\n[expect]\nvalue = \"n * 2\"\n",
    );
    let steps = program("@Nat -> @Int", "100 / (nat_to_int(@Nat.0) - 7)");
    scenario(
        "from",
        &steps,
        "[expect]\ntrap = \"divide_by_zero\"\nfrom_n = 7\nvalue = \"0\"\n",
    );
    scenario(
        "gone",
        &program("@Nat -> @Unit", "IO.exit(3)"),
        "[expect]\nexit = 3\n",
    );
    scenario(
        "same",
        &program("@Nat -> @Int", "nat_to_int(@Nat.0)"),
        "[expect]\nagree = true\n",
    );
    scenario(
        "not",
        &program("@Nat -> @Int", "missing(1)"),
        "[expect]\nrefused = \"E200\"\n",
    );
    let here = [
        "--catalogue",
        "mine",
        "--no-builtin",
        "--lane",
        "reference,native",
        "--no-shrink",
    ];
    let ran = run(
        &place,
        &[&["add", "gone", "same", "not"][..], &here].concat(),
    )
    .exits(0);
    assert_eq!(finished(&ran).count(), 8, "{ran}");
    let ran = run(&place, &[&["from", "--scale", "7"][..], &here].concat()).exits(0);
    assert_eq!(verdicts(&ran), ["native 7 pass", "reference 7 pass"]);
    let ran = run(&place, &[&["from", "--scale", "8"][..], &here].concat()).exits(1);
    assert_says(&ran, "expected a trap divide_by_zero, got 100");
    for (keys, says) in [
        (
            "[expect]\ntrap = \"a\"\nexit = 2\n",
            "both stand here, and a program ends in one way",
        ),
        (
            "[expect]\ntrap = \"a\"\nvalue = \"1\"\n",
            "a program that ends so returns nothing",
        ),
        (
            "[expect]\nvalue = \"1\"\nfrom_n = 3\n",
            "no other end stands here",
        ),
        ("[expect.at]\n3 = { value = 1 }\n", "write agree = true"),
    ] {
        scenario("bad", &doubled(), keys);
        let ran = run(&place, &[&["bad"][..], &here].concat());
        assert!(ran.stderr.contains(says), "{says}: {ran}");
        assert_eq!(ran.code, Some(2), "{ran}");
    }
}

#[test]
fn a_comparison_tells_results_that_are_others_and_closes_a_gate() {
    let place = Place::new();
    // Of 0.1.9: the clause of an inner handler puts into the outer one in vain.
    let source = "private fn add(@Nat, @Nat -> @Int)\n  requires(true) ensures(true) effects(pure)\n{\n  handle[State<Int>](@Int = 0) { get(@Unit) -> { resume(@Int.0) }, put(@Int) -> { resume(()) } } in {\n    handle[State<Nat>](@Nat = 1) { get(@Unit) -> { resume(@Nat.0) }, put(@Nat) -> { put(1000); resume(()) } } in {\n      put(@Nat.0 + @Nat.1);\n      ()\n    };\n    get(())\n  }\n}\n\npublic fn main(@Nat -> @Int)\n  requires(true) ensures(true) effects(pure)\n{\n  add(@Nat.0, 1)\n}\n";
    place.write("handlers.vera", source);
    let compare = |range: &str| {
        let arguments = [
            "compare",
            "handlers.vera",
            "--arg",
            "10",
            "--vera",
            range,
            "--no-history",
            "--fail-on",
            "regression",
            "--lane",
            "reference,native",
        ];
        let ran = place.process().args(arguments).output().unwrap();
        place.ran(ran)
    };
    let ran = compare("0.1.9..0.1.10").exits(1);
    assert_says(
        &ran,
        "Other results, of which nobody says what is right\n  0.1.10  handlers.vera [native] n=10 (and [reference] n=10): returned 0 -> returned 1000",
    );
    let ran = compare("0.1.10..0.1.11").exits(0);
    assert!(!ran.stdout.contains("Other results"), "{ran}");
}

#[test]
fn what_last_failed_does_not_know_is_not_run_without_it() {
    let place = Place::new();
    place.write("seven.vera", &program("@Unit -> @Int", "7"));
    let run = |arguments: &[&str]| {
        let all = [&["run", "--no-shrink"], arguments].concat();
        place.ran(place.process().args(all).output().unwrap())
    };
    run(&["seven.vera", "--value", "8", "--lane", "native"]).exits(1);
    let says = "seven.vera is a program, and --last-failed does not know what it was given";
    for arguments in [&["--last-failed"][..], &["seven.vera", "--last-failed"]] {
        let ran = run(arguments);
        assert!(ran.stderr.contains(says), "{ran}");
        assert!(ran.code == Some(2) || ran.code == Some(4), "{ran}");
    }
    // It has failed still.
    run(&["seven.vera", "--value", "8", "--lane", "native"]).exits(1);
}

#[test]
fn a_file_is_one_program_however_it_is_named() {
    let place = Place::new();
    place.write("double.vera", &doubled());
    let twice = ["double.vera", "./double.vera", "--lane=native", "--arg=4"];
    let ran = run(&place, &twice).exits(0);
    assert_eq!(finished(&ran).count(), 1, "{ran}");
}

#[test]
fn only_what_takes_an_n_is_climbed() {
    let place = Place::new();
    place.write("many/double.vera", &doubled());
    place.write("many/fixed.vera", &program("@Unit -> @Int", "4"));
    let climb = |arguments: &[&str]| {
        let all = [&["climb", "--no-history"][..], arguments].concat();
        place.ran(place.process().args(all).output().unwrap())
    };
    let ran = climb(&["many/fixed.vera"]).exits(2);
    assert!(ran.stderr.contains("the same at every n"), "{ran}");
    let ran = climb(&["many/", "--to=100"]).exits(0);
    assert!(ran.stderr.contains("1 program left out"), "{ran}");
}
