//! `vera-stress new`: a scenario that passes as it stands, and what keeps one from
//! being made.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use crate::common::{Place, RELEASE, three_scenarios};
use vera_stress::scenario::catalogue::Catalogue;
use vera_stress::scenario::new::{FILES, left_to_write};

/// The lanes in which a scenario is judged by default.
const LANES: &str = "reference,reference+eager,native,native+random,native+sanitize";

fn new(place: &Place, arguments: &[&str]) -> Output {
    let mut command = place.process();
    command.arg("new").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The commands that were said to come next.
fn next(output: &Output) -> Vec<String> {
    let text = text(&output.stdout);
    let lines = text
        .lines()
        .filter_map(|line| line.trim().split_once("  # "));
    lines
        .map(|(command, _)| command.trim().to_owned())
        .collect()
}

#[test]
fn what_is_made_passes_in_all_lanes_and_climbs() {
    let place = Place::new();
    let output = new(&place, &["map-of-maps", "--axis", "maps"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    let said = text(&output.stdout);
    assert!(
        said.starts_with("tests/stress/maps/map-of-maps: a scenario that passes as it stands\n"),
        "{said}"
    );
    for (file, _, _) in FILES {
        assert!(said.contains(&format!("     {file} ")), "{said}");
        assert!(
            place
                .path(&format!("tests/stress/maps/map-of-maps/{file}"))
                .is_file()
        );
    }
    let commands = next(&output);
    assert_eq!(
        commands,
        [
            "vera-stress run map-of-maps",
            "vera-stress show map-of-maps",
            "vera-stress climb map-of-maps",
            "pytest -m stress tests/stress",
        ]
    );
    // All three do what they are for.
    for (command, more, says) in [
        (
            &commands[0],
            &["--lane", LANES][..],
            "5 cases: 5 passed, 0 failed in ",
        ),
        (
            &commands[1],
            &[],
            "axis maps, from tests/stress/maps/map-of-maps",
        ),
        (
            &commands[2],
            &["--to", "20000"],
            "1 climb: 1 passed, 0 failed in ",
        ),
    ] {
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        let output = place.process().args(words).args(more).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{command}: {output:?}");
        assert!(text(&output.stdout).contains(says), "{command}: {output:?}");
    }
    let output = place
        .process()
        .args(["list", "--catalogue", "tests/stress", "--axis", "maps"])
        .output()
        .unwrap();
    assert!(
        text(&output.stdout).contains("\n  map-of-maps  "),
        "{output:?}"
    );
}

#[test]
fn it_passes_on_the_oldest_release() {
    let place = Place::new();
    new(&place, &["first", "--axis", "maps", "--dir", "own"]);
    let output = place
        .process()
        .args(["run", "first", "--catalogue", "own", "--lane", LANES])
        .args(["--vera", "0.1.5"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn an_element_that_changes_is_noticed() {
    let place = Place::new();
    new(&place, &["first", "--axis", "maps", "--dir", "own"]);
    let file = place.path("own/maps/first/main.vera");
    let program = fs::read_to_string(&file).unwrap();
    for change in [
        ("@Int.0 % 89 + 1", "@Int.0 % 88 + 1"),
        ("array_range(0,", "array_range(1,"),
        ("@Int.1 * 31 + @Int.0", "@Int.1 + @Int.0"),
    ] {
        let changed = program.replace(change.0, change.1);
        assert_ne!(changed, program);
        fs::write(&file, changed).unwrap();
        let output = place
            .process()
            .args(["run", "first", "--catalogue", "own", "--no-shrink"])
            .args(["--lane", "native", "--vera", RELEASE])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{change:?}: {output:?}");
    }
}

#[test]
fn a_run_names_what_nobody_has_written_until_it_is() {
    let place = Place::new();
    new(&place, &["first", "--axis", "maps", "--dir", "own"]);
    let said = || {
        let output = place
            .process()
            .args(["run", "first", "--catalogue", "own", "--lane", "native"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        text(&output.stderr)
    };
    let note = said();
    for part in [
        "first is not written yet: `vera-stress new` made its title, why, class of a guard, history of a guard, main.vera\n",
        "next: edit the files in own/maps/first",
    ] {
        assert!(note.contains(part), "{note}");
    }
    let edit = |file: &str, from: &str, to: &str| {
        let file = place.path(&format!("own/maps/first/{file}"));
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(file, text.replace(from, to)).unwrap();
    };
    edit("scenario.toml", "= \"WRITE: ", "= \"Written: ");
    assert!(said().contains("made its why, main.vera\n"), "{}", said());
    edit("scenario.toml", "\nWRITE: ", "\nWritten: ");
    edit("main.vera", "WRITE: ", "");
    assert_eq!(said(), "");
}

#[test]
fn no_scenario_of_ours_was_left_unwritten() {
    let catalogue = Catalogue::load(&[] as &[&str]);
    assert!(!catalogue.scenarios.is_empty());
    for scenario in &catalogue.scenarios {
        assert_eq!(
            left_to_write(scenario),
            [] as [&str; 0],
            "{}",
            scenario.name
        );
    }
}

#[test]
fn every_axis_of_ours_is_taken() {
    let axes: BTreeSet<String> = Catalogue::load(&[] as &[&str])
        .scenarios
        .into_iter()
        .map(|it| it.axis)
        .collect();
    assert_eq!(axes, Catalogue::built_in_axes().into_iter().collect());
    assert!(axes.len() > 10 && !axes.contains("common"));
    let place = Place::new();
    for axis in &axes {
        let name = format!("new-{axis}");
        let output = new(&place, &[&name, "--axis", axis]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
    let made = Catalogue::load(&[place.path("tests/stress")]);
    assert!(made.errors.is_empty(), "{:?}", made.errors);
    assert_eq!(
        made.scenarios
            .iter()
            .filter(|it| it.name.starts_with("new-"))
            .count(),
        axes.len()
    );
}

#[test]
fn it_goes_where_a_catalogue_is_named() {
    let place = three_scenarios();
    let output = new(
        &place,
        &["third", "--axis", "left", "--catalogue", "catalogue"],
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "left is no new axis: {output:?}");
    assert!(place.path("catalogue/left/third/scenario.toml").is_file());
    // The configuration names one too, and then no command has to.
    place.write("vera-stress.toml", "catalogues = [\"mine\"]\n");
    let output = new(&place, &["fourth", "--axis", "maps"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(place.path("mine/maps/fourth/scenario.toml").is_file());
    assert_eq!(next(&output)[0], "vera-stress run fourth");
    // --dir goes before both.
    let output = new(&place, &["fifth", "--axis", "maps", "--dir", "my own"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(place.path("my own/maps/fifth/scenario.toml").is_file());
    assert_eq!(
        next(&output)[0],
        "vera-stress run fifth --catalogue 'my own'"
    );
}

#[test]
fn in_a_checkout_of_this_project_it_is_built_in() {
    let place = Place::new();
    place.write("Cargo.toml", "[package]\nname = \"vera-stress\"\n");
    place.write("scenarios/maps/.keep", "");
    place.write("src/.keep", "");
    let inside = |folder: &str, arguments: &[&str]| {
        let mut command = place.process();
        command.current_dir(place.path(folder));
        command.arg("new").args(arguments).output().unwrap()
    };
    let output = inside("", &["first", "--axis", "maps"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(place.path("scenarios/maps/first/main.vera").is_file());
    assert_eq!(next(&output)[0], "cargo run --release -- run first");
    let output = inside("src", &["second", "--axis", "maps"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(place.path("scenarios/maps/second/main.vera").is_file());
    // An axis there is a decision, and no slip.
    let output = inside("", &["third", "--axis", "mapps"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = text(&output.stderr);
    assert!(
        said.contains("the built-in catalogue has no axis `mapps`")
            && said.contains("did you mean `maps`"),
        "{said}"
    );
    // Another project's checkout is none of ours.
    place.write("Cargo.toml", "[package]\nname = \"other\"\n");
    let output = inside("", &["fourth", "--axis", "maps"]);
    assert!(
        text(&output.stdout).starts_with("tests/stress/maps/fourth: "),
        "{output:?}"
    );
}

#[test]
fn a_new_axis_is_taken_and_those_like_it_are_named() {
    let place = Place::new();
    let output = new(&place, &["first", "--axis", "iteration"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = text(&output.stderr);
    assert!(
        said.contains("`iteration` is a new axis: did you mean `iterations`"),
        "{said}"
    );
    let output = new(&place, &["second", "--axis", "zzz"]);
    let said = text(&output.stderr);
    assert!(
        said.contains("`zzz` is a new axis: the axes are arrays, ")
            && said.contains(", iteration, iterations, "),
        "{said}"
    );
}

#[test]
fn what_cannot_be_made_is_said_and_nothing_is_left() {
    let place = three_scenarios();
    place.write("file", "");
    let refused = |arguments: &[&str], said: &str| {
        let output = new(&place, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let text = text(&output.stderr);
        assert!(
            text.contains(said) && text.contains("next: "),
            "{arguments:?}: {text}"
        );
        assert!(!place.path("tests").exists(), "{arguments:?}");
    };
    for name in [
        "Upper",
        "under_score",
        "",
        "sp ace",
        "a/b",
        "..",
        "größer",
        "1",
        "2d",
        "a--b",
        "a-",
    ] {
        let said = format!("`{name}` cannot be the name of a scenario");
        refused(&[name, "--axis", "maps"], &said);
        let said = format!("`{name}` cannot be the name of an axis");
        refused(&["first", "--axis", name], &said);
    }
    refused(&["first", "--axis", "common"], "is no axis");
    refused(&["common", "--axis", "maps"], "and no scenario");
    refused(
        &["life", "--axis", "maps"],
        "there is a scenario `life` already, in scenarios/churn/life",
    );
    refused(
        &["two", "--axis", "left", "--catalogue", "catalogue"],
        "there is a scenario `two` already, in catalogue/right/two",
    );
    refused(
        &["one", "--axis", "left", "--catalogue", "catalogue"],
        "catalogue/left/one exists already, and is left as it is",
    );
    refused(
        &["first", "--axis", "maps", "--dir", "catalogue/left/one"],
        "so it is a scenario and no catalogue",
    );
    refused(
        &["first", "--axis", "maps", "--dir", "file"],
        "file/maps cannot be written: ",
    );
    let main = fs::read_to_string(place.path("catalogue/left/one/main.vera")).unwrap();
    assert!(!main.contains("WRITE:"), "{main}");
    assert!(!Path::new(&place.path("catalogue/left/two")).exists());
    // What clap says has its own words.
    let output = new(&place, &["first"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains("--axis <AXIS>"), "{output:?}");
}
