//! `fuzz`: programs from a seed, and the heap alone.

use crate::common::{Place, RELEASE, Ran, last_event};

fn fuzz(place: &Place, arguments: &[&str]) -> Ran {
    let mut command = place.process();
    let arguments = command.arg("fuzz").args(arguments);
    let output = arguments.args(["--vera", RELEASE]).output().unwrap();
    place.ran(output)
}

/// One program, which Vera refuses after a clean check.
const REFUSED: [&str; 6] = ["--seed", "1", "--first", "1", "--programs", "1"];

#[test]
fn a_seed_and_a_number_give_a_program() {
    let place = Place::new();
    let shown = |number: &str| {
        fuzz(&place, &["--seed", "7", "--show", number])
            .exits(0)
            .stdout
    };
    assert_eq!(shown("3"), shown("3"));
    assert_ne!(shown("3"), shown("4"));
    assert!(shown("3").contains("public fn main(@Nat -> @String)"));
    place.write("shown.vera", &shown("3"));
}

#[test]
fn a_cause_is_told_once_with_its_smallest_program() {
    let place = Place::new();
    let ran = fuzz(
        &place,
        &[&REFUSED[..], &["--ignore-known", "--json", "events.jsonl"]].concat(),
    )
    .exits(1);
    assert!(ran.stdout.contains("CAUSE rejected-1 [native]"), "{ran}");
    let is_cause = |it: &&serde_json::Value| it["event"] == "fuzz-found";
    let causes: Vec<_> = ran.events.iter().filter(is_cause).collect();
    assert_eq!(causes.len(), 1, "{ran}");
    let cause = causes[0];
    assert_eq!(cause["signature"]["verdict"], "rejected");
    assert!(cause["size"]["nodes"].as_u64().unwrap() <= 60, "{cause}");
    let folder = place.path(".vera-stress/fuzz/rejected-1");
    for file in [
        "program.vera",
        "scenario/main.vera",
        "scenario/scenario.toml",
        "report.md",
        "repro.sh",
    ] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    // What is there stays, and the next goes beside it.
    fuzz(&place, &[&REFUSED[..], &["--ignore-known"]].concat()).exits(1);
    assert!(
        place
            .path(".vera-stress/fuzz/rejected-1.2/program.vera")
            .is_file()
    );
    // The program alone fails in the same way.
    let mut run = place.process();
    let run = run.args([
        "run",
        ".vera-stress/fuzz/rejected-1/program.vera",
        "--vera",
        RELEASE,
    ]);
    let ran = place.ran(run.output().unwrap()).exits(1);
    assert!(ran.stdout.contains("rejected"), "{ran}");
    // And so does the scenario.
    let mut run = place.process();
    let run = run.args([
        "run",
        ".vera-stress/fuzz/rejected-1/scenario",
        "--vera",
        RELEASE,
    ]);
    let ran = place.ran(run.output().unwrap()).exits(1);
    assert!(ran.stdout.contains("rejected"), "{ran}");
}

#[test]
fn a_known_cause_fails_nothing() {
    let place = Place::new();
    let known = r#"
[[cause]]
name     = "mine"
verdict  = "rejected"
says     = "[E602]"
releases = ["0.2.5"]
because  = "it is refused"
n        = 1
program  = "public fn main(-> @Int) requires(true) ensures(true) effects(pure) { 0 }"
"#;
    place.write("known.toml", known);
    let with = ["--ignore-known", "--known", "known.toml"];
    let ran = fuzz(&place, &[&REFUSED[..], &with].concat()).exits(0);
    assert!(ran.stdout.contains("mine: 1 program, known"), "{ran}");
    assert!(!place.path(".vera-stress/fuzz").exists());
}

#[test]
fn known_causes_are_looked_at() {
    let place = Place::new();
    let ran = fuzz(&place, &["--check-known"]).exits(0);
    assert!(
        ran.stdout.contains("still  show-of-a-found-element"),
        "{ran}"
    );
    let gone = r#"
[[cause]]
name     = "mine"
verdict  = "wrong"
releases = ["0.2.5"]
because  = "it is not"
n        = 1
program  = """public fn main(-> @String)
  requires(true) ensures(true) effects(pure) { "" }"""
"#;
    place.write("gone.toml", gone);
    let ran = fuzz(&place, &["--check-known", "--known", "gone.toml"]).exits(1);
    assert!(ran.stdout.contains("GONE   mine: "), "{ran}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let place = Place::new();
    fuzz(&place, &["--focus", "nonsense"])
        .exits(2)
        .says(&["nonsense", "recursion"]);
    fuzz(&place, &["--heap", "--show", "1"]).exits(2);
    fuzz(&place, &["--known", "none.toml"]).exits(2).says(&[
        "none.toml cannot be read",
        "next: name a file that lists known causes",
    ]);
    place.write("list.toml", "[[cause]]\nname = 1\n");
    fuzz(&place, &["--known", "list.toml"])
        .exits(2)
        .says(&["list.toml lists no known causes", "next: write a [[cause]]"]);
    fuzz(&place, &["--programs", "0"]).exits(2);
}

#[test]
fn the_heap_is_driven_alone() {
    let place = Place::new();
    let ran = fuzz(
        &place,
        &[
            "--heap",
            "--time",
            "2s",
            "--seed",
            "1",
            "--json",
            "events.jsonl",
        ],
    );
    let ran = ran.exits(0);
    assert!(ran.stdout.contains("nothing is wrong: "), "{ran}");
    let record = last_event(&ran, "heap-driven");
    assert_eq!(record["seed"], 1);
    assert!(record["events"].as_u64().unwrap() > 0, "{record}");
}
