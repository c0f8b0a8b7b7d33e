//! `coverage`: what scenarios reach of a Vera, and by name what they do not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{Place, Ran, main_of};

fn coverage(place: &Place, arguments: &[&str]) -> Ran {
    let mut command = place.process();
    command.args(["coverage", "--json", "events.jsonl"]);
    let output = command.args(arguments).output().unwrap();
    place.ran(output)
}

/// What was measured of each version.
fn measured(ran: &Ran) -> Vec<&Value> {
    let is_one = |it: &&Value| it["event"] == "coverage-measured";
    ran.events.iter().filter(is_one).collect()
}

fn aspect<'r>(record: &'r Value, name: &str) -> &'r Value {
    let mut aspects = record["aspects"].as_array().unwrap().iter();
    aspects.find(|it| it["name"] == name).unwrap()
}

/// The names of the things of a kind that are reached.
fn reached<'r>(record: &'r Value, kind: &str) -> Vec<&'r str> {
    let things = aspect(record, kind)["things"].as_array().unwrap();
    let reached = things.iter().filter(|it| it["scenarios"] != 0);
    reached.map(|it| it["name"].as_str().unwrap()).collect()
}

const OWN: [&str; 3] = ["--no-builtin", "--catalogue", "catalogue"];

fn on_small_programs(place: &Place) {
    let fold = "array_fold([1, 2], 0, fn(@Int, @Int -> @Int) effects(pure) { if @Bool.0 then { @Int.1 + @Int.0 } else { 0 } })";
    let body =
        format!("let @Bool = true; if {fold} == 3 then {{ abs(5) |> nat_to_int() }} else {{ 0 }}");
    let program = main_of("@Int", "pure", &body);
    let scenario = place.scenario("folds").program(&program);
    scenario.expect("value = \"5\"").write();
    // A function of its own takes the place of a builtin of the same name.
    let own = "private fn sign(@Map<String, Bool> -> @Int)\n  requires(true) ensures(true) effects(pure)\n{\n  map_size(@Map<String, Bool>.0)\n}\n\n";
    let main = main_of(
        "@Unit",
        "<IO>",
        "let @String = \"a\";\n  IO.print(\"\\(string_length(@String.0))\")",
    );
    place
        .scenario("prints")
        .program(&format!("{own}{main}"))
        .expect("stdout = \"`1`\"")
        .write();
}

#[test]
fn what_programs_are_written_with_is_reached_and_nothing_else() {
    let place = Place::new();
    on_small_programs(&place);
    let arguments = [&OWN[..], &["--part", "language"]].concat();
    let ran = coverage(&place, &arguments).exits(0);
    let record = measured(&ran)[0];
    assert_eq!(record["untold"], Value::Null, "{ran}");
    let builtins = [
        "abs",
        "array_fold",
        "map_size",
        "nat_to_int",
        "string_length",
    ];
    assert_eq!(reached(record, "builtins"), builtins);
    assert_eq!(reached(record, "operations"), ["IO.print"]);
    assert_eq!(reached(record, "effects"), ["IO"]);
    assert_eq!(
        reached(record, "operators"),
        ["BinaryExpr +", "BinaryExpr =="]
    );
    assert!(reached(record, "nodes").contains(&"FnCall.piped"));
    assert!(!reached(record, "nodes").contains(&"MatchExpr"));
    let types = reached(record, "types");
    for there in [
        "String as key",
        "Bool as value",
        "Map as parameter",
        "Int as element",
        "Bool as capture",
    ] {
        assert!(types.contains(&there), "{there}: {types:?}");
    }
    assert!(!types.contains(&"String as value"));
    let contexts = reached(record, "contexts");
    for there in [
        "fold in ==",
        "operator in if",
        "builtin in |>",
        "builtin in interpolation",
    ] {
        assert!(contexts.contains(&there), "{there}: {contexts:?}");
    }
    assert!(!contexts.contains(&"fold in <"));
    let things = aspect(record, "builtins")["things"].as_array().unwrap();
    let fold = things.iter().find(|it| it["name"] == "array_fold").unwrap();
    assert_eq!(
        (&fold["scenarios"], &fold["first"][0]),
        (&1.into(), &"folds".into())
    );
    let missing = "not reached operations: ";
    assert!(
        ran.stdout.contains(missing) && ran.stdout.contains("IO.read_line"),
        "{ran}"
    );
    assert!(
        (ran.stdout.lines().skip(1)).all(|it| it.chars().count() <= 80),
        "{ran}"
    );
    // The canary: with one scenario less, less is reached.
    let less = [&arguments[..], &["prints"]].concat();
    let ran = coverage(&place, &less).exits(0);
    let builtins = ["map_size", "string_length"];
    assert_eq!(reached(measured(&ran)[0], "builtins"), builtins);
}

#[test]
fn sites_of_the_compiler_are_reached_by_what_they_emit_for() {
    let place = Place::new();
    on_small_programs(&place);
    let arguments = [&OWN[..], &["--part", "compiler"]].concat();
    let of = |names: &[&str], kind: &str| -> BTreeSet<String> {
        let ran = coverage(&place, &[&arguments[..], names].concat()).exits(0);
        let record = measured(&ran)[0];
        assert_eq!(record["untold"], Value::Null, "{ran}");
        reached(record, kind)
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    let folds = of(&["folds"], "loops");
    let prints = of(&["prints"], "loops");
    let is_of_fold = |it: &&String| it.contains("array_fold");
    assert_eq!(folds.iter().filter(is_of_fold).count(), 1, "{folds:?}");
    assert_eq!(prints.iter().find(is_of_fold), None);
    let both = of(&[], "loops");
    assert_eq!(both, folds.union(&prints).cloned().collect());
}

#[test]
fn branches_of_the_runtime_are_taken_by_what_runs() {
    let place = Place::new();
    let taken = |name: &str| -> Vec<String> {
        let ran = coverage(&place, &["--part", "module", name]).exits(0);
        let record = measured(&ran)[0];
        assert_eq!(record["untold"], Value::Null, "{ran}");
        let names = reached(record, "branches");
        names.into_iter().map(str::to_owned).collect()
    };
    let texts = taken("string-interpolation");
    let maps = taken("map-remove-all");
    let handles = taken("decimal-churn");
    for (there, in_texts, in_maps, in_handles) in [
        ("alloc: memory full, collected", true, true, true),
        ("gc_collect: a block freed", true, true, true),
        (
            "hamt$node_remove_entry: map entry removed from a node",
            false,
            true,
            false,
        ),
        ("gc_collect: a handle given back", false, false, true),
        (
            "register_wrapper: wrap table full, collected",
            false,
            false,
            true,
        ),
        (
            "register_wrapper: wrap table full of live handles",
            false,
            false,
            false,
        ),
    ] {
        let is_in = |names: &[String]| names.iter().any(|it| it == there);
        let found = (is_in(&texts), is_in(&maps), is_in(&handles));
        assert_eq!(found, (in_texts, in_maps, in_handles), "{there}");
    }
}

#[test]
fn what_a_later_version_added_and_nothing_reaches_is_told() {
    let place = Place::new();
    on_small_programs(&place);
    let versions = ["--vera", "0.2.3", "--vera", "0.2.5", "--part", "language"];
    let ran = coverage(&place, &[&OWN[..], &versions].concat()).exits(0);
    let record = measured(&ran)[1];
    let builtins = aspect(record, "builtins")["things"].as_array().unwrap();
    let added = builtins.iter().filter(|it| it["added"] == true);
    let added: Vec<&str> = added.map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(
        added,
        [
            "base64_decode_bytes",
            "base64_encode_bytes",
            "bytes_to_string",
            "string_to_bytes"
        ]
    );
    assert!(ran.stdout.contains("added since 0.2.3"), "{ran}");
}

/// A list of what is not reached, for people.
fn listed(record: &Value) -> String {
    let mut text = "\n| | reached | of | left out |\n| --- | ---: | ---: | ---: |\n".to_owned();
    let mut lists = String::new();
    for aspect in record["aspects"].as_array().unwrap() {
        let name = aspect["name"].as_str().unwrap();
        let things = aspect["things"].as_array().unwrap();
        let (reached, others): (Vec<&Value>, Vec<&Value>) =
            things.iter().partition(|it| it["scenarios"] != 0);
        let (out, missing): (Vec<&Value>, Vec<&Value>) = others
            .into_iter()
            .partition(|it| it["left_out"].is_string());
        let (all, reached) = (things.len(), reached.len());
        writeln!(text, "| {name} | {reached} | {all} | {} |", out.len()).unwrap();
        let word = |it: &Value| it["name"].as_str().unwrap().to_owned();
        let mut by_place: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for thing in missing {
            let (place, rest) = match word(thing).split_once(':') {
                Some((file, rest)) => (file.to_owned(), rest.trim().to_owned()),
                None => (String::new(), word(thing)),
            };
            by_place.entry(place).or_default().push(rest);
        }
        for (place, rest) in by_place {
            let place = if place.is_empty() {
                place
            } else {
                format!("`{place}` ")
            };
            write!(
                lists,
                "\n**{name}** {place}not reached: `{}`\n",
                rest.join("`, `")
            )
            .unwrap();
        }
        let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for thing in out {
            let why = thing["left_out"].as_str().unwrap();
            reasons.entry(why).or_default().push(word(thing));
        }
        for (why, names) in reasons {
            write!(
                lists,
                "\n**{name}** left out, {why}: `{}`\n",
                names.join("`, `")
            )
            .unwrap();
        }
    }
    text + lists.as_str()
}

const START: &str =
    "<!-- the next lines are generated: BLESS=1 cargo test --test cli covered -- --ignored -->\n";
const END: &str = "\n<!-- generated until here -->";

#[test]
#[ignore = "long: reads, compiles and runs the whole catalogue"]
fn what_is_covered_is_what_the_document_says() {
    let place = Place::new();
    let ran = coverage(&place, &[]).exits(0);
    let wanted = listed(measured(&ran)[0]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/covered.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(START).unwrap();
    let (inside, after) = rest.split_once(END).unwrap();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{START}{wanted}{END}{after}")).unwrap();
        return;
    }
    let names = |text: &str| -> BTreeSet<String> {
        let pieces = text.lines().flat_map(|line| {
            let (kind, names) = line.split_once(": ").unwrap_or((line, ""));
            let kind = kind.to_owned();
            names
                .split(", ")
                .map(move |it| format!("{kind}: {it}"))
                .collect::<Vec<_>>()
        });
        pieces.collect()
    };
    let (was, is) = (names(inside), names(&wanted));
    let lost: Vec<&String> = is.difference(&was).collect();
    let won: Vec<&String> = was.difference(&is).collect();
    assert!(
        lost.is_empty() && won.is_empty(),
        "docs/covered.md does not say so yet; BLESS=1 writes it anew.\nnow: {lost:#?}\nno more: {won:#?}"
    );
}
