//! What `--json` writes is as `docs/recording.schema.json` says, in every use, and
//! what earlier versions wrote is read.

mod earlier;
mod validator;
mod views;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::{Place, main_of, three_scenarios};
use validator::Validator;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The schema that is in the docs.
fn schema() -> Validator {
    Validator::new(&fs::read_to_string(root().join("docs/recording.schema.json")).unwrap())
}

/// The lines of a recording.
fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

/// Runs the binary: its exit code, what it printed, and what it said.
fn vera_stress(place: &Place, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = place.process().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Scenarios that come to many ends: they pass, fail, trap, run out of a budget,
/// and fail as they are known to.
fn many_ends() -> Place {
    let place = three_scenarios();
    let limit = "[[known]]\nvera = \"*\"\nlanes = [\"*\"]\nfrom_n = 7\nverdict = \"wrong\"\nbecause = \"It is two.\"\n";
    let from_7 = main_of("@Int", "pure", "if @Nat.0 < 7 then { 1 } else { 2 }");
    let known = place.scenario("limited").program(&from_7);
    known.expect("value = \"1\"").tables(limit).write();
    let asserts = main_of("@Int", "pure", "{ assert(@Nat.0 < 7); 1 }");
    let trap = place.scenario("trap").program(&asserts);
    trap.expect("value = \"1\"").write();
    let budget = "[budget]\nwork = 5\n";
    let long = main_of("@Int", "pure", "nat_to_int(@Nat.0 * @Nat.0 + @Nat.0 * 3)");
    place.scenario("long").program(&long).tables(budget).write();
    place
}

/// The axes of these scenarios, which no other has.
const OWN: [&str; 6] = ["--axis", "left", "--axis", "right", "--axis", "axis"];

/// Records one of these, and gives the file.
fn record(place: &Place, file: &str, arguments: &[&str]) -> PathBuf {
    let more = ["--catalogue", "catalogue", "--json", file];
    // None of the built-in ones, where no name says which.
    let own: &[&str] = match arguments.get(1) {
        _ if arguments[0] == "fuzz" => &[],
        Some(name) if !name.starts_with("--") => &[],
        _ => &OWN,
    };
    let (code, _, said) = vera_stress(place, &[arguments, own, &more].concat());
    let ended = code.is_some_and(|code| code < 2 || arguments[0] == "bisect");
    assert!(ended, "{arguments:?}: {code:?} {said}");
    place.path(file)
}

#[test]
fn every_line_that_is_written_is_as_the_schema_says() {
    let place = many_ends();
    let two = ["--vera", "0.2.4", "--vera", "0.2.5"];
    let files = [
        record(&place, "run.jsonl", &["run"]),
        record(&place, "against.jsonl", &["run", "--against", "last"]),
        record(&place, "climb.jsonl", &["climb", "--to", "64"]),
        record(&place, "compare.jsonl", &[&["compare"], &two[..]].concat()),
        record(
            &place,
            "bisect.jsonl",
            &["bisect", "bad", "--good", "0.2.4", "--bad", "0.2.5"],
        ),
        record(&place, "known.jsonl", &["known", "--check"]),
        record(&place, "guards.jsonl", &["guards", "--check"]),
        record(
            &place,
            "reduce.jsonl",
            &["reduce", "trap", "--lane", "native"],
        ),
        record(
            &place,
            "coverage.jsonl",
            &["coverage", "one", "--part", "language"],
        ),
        record(
            &place,
            "fuzz.jsonl",
            &[
                "fuzz",
                "--seed",
                "1",
                "--first",
                "1",
                "--programs",
                "1",
                "--ignore-known",
            ],
        ),
        record(&place, "heap.jsonl", &["fuzz", "--heap", "--time", "1s"]),
    ];
    let schema = schema();
    let mut seen = BTreeSet::new();
    for file in files {
        for line in lines(&file) {
            if let Err(why) = schema.check(&line) {
                panic!("{}: {why}\n{line}", file.display());
            }
            seen.insert(line["event"].as_str().unwrap().to_owned());
        }
    }
    // None is left out.
    let all = vera_stress::record::Event::NAMES.map(str::to_owned);
    assert_eq!(seen, BTreeSet::from(all));
}

#[test]
fn what_is_not_as_the_schema_says_is_noticed() {
    let place = three_scenarios();
    let run = lines(&record(
        &place,
        "run.jsonl",
        &["run", "one", "--lane", "native"],
    ));
    let schema = schema();
    let (start, case) = (&run[0], &run[1]);
    assert_eq!((schema.check(start), schema.check(case)), (Ok(()), Ok(())));
    type Change = fn(&mut Value);
    let changes: [(&Value, Change, &str); 9] = [
        (start, |it| it["format"] = json!("2"), "/format: "),
        (
            start,
            |it| it["format"] = json!(0),
            "/format: 0 is not minimum",
        ),
        (
            start,
            |it| it["colour"] = json!(1),
            "/colour: the schema has no",
        ),
        (start, |it| it["event"] = json!("run-over"), "/event: "),
        (case, |it| it["verdict"] = json!("fine"), "/verdict: "),
        (case, |it| it["lane"] = json!("turbo"), "/lane: "),
        (
            case,
            |it| it["ending"]["how"] = json!("well"),
            "/ending/how: ",
        ),
        (
            case,
            |it| it["measures"]["instructions"] = json!(-1),
            "/measures/instructions: ",
        ),
        (
            case,
            |it| drop(it.as_object_mut().unwrap().remove("budget")),
            "\"budget\" is missing",
        ),
    ];
    for (line, change, said) in changes {
        let mut line = line.clone();
        change(&mut line);
        let why = schema.check(&line).unwrap_err();
        assert!(why.contains(said), "no `{said}` in {why}");
    }
}
