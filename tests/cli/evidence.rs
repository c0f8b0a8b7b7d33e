//! What is recorded of a failure to be read: its program, and the parts of its
//! module that the failure tells of.

use std::fs;

use crate::common::{Place, three_scenarios};
use serde_json::Value;

/// The lines of an excerpt, each with its number in the whole.
fn numbered(excerpt: &Value) -> Vec<(u64, &str)> {
    let text = excerpt["text"].as_str().unwrap();
    let first = excerpt["line"].as_u64().unwrap();
    (first..).zip(text.lines()).collect()
}

#[test]
fn a_failure_is_recorded_with_its_program_and_its_module() {
    let place = three_scenarios();
    let ran = place.run(&["one", "bad", "--lane", "reference,native"]);
    let program = fs::read_to_string(place.path("catalogue/left/bad/main.vera")).unwrap();
    for lane in ["reference", "native"] {
        let case = ran.case_in("bad", lane);
        let evidence = &case["evidence"];
        assert_eq!(
            (&evidence["n"], &evidence["left_out"]),
            (&7.into(), &0.into())
        );
        let files = evidence["program"].as_array().unwrap();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0]["name"], "main.vera");
        assert_eq!(files[0]["text"], program.trim_end());
        let main = &evidence["module"][0];
        assert_eq!(main["name"], "main");
        let lines = numbered(main);
        assert!(lines[0].1.starts_with("  (func $:main "), "{lines:?}");
        assert_eq!(lines.last().unwrap().1, "  )");

        // The folder has all of it, whole.
        let folder = place.path(case["folder"].as_str().unwrap());
        let record = fs::read_to_string(folder.join("record.json")).unwrap();
        assert!(!record.contains("evidence"), "{record}");
        assert!(ran.case_in("one", lane).get("evidence").is_none());
    }
}

#[test]
fn what_the_sanitizer_found_is_recorded_with_the_lines_that_it_names() {
    let place = Place::new();
    place.good();
    let arguments = [
        "state-cell-heap",
        "--lane",
        "native+sanitize=1",
        "--ignore-known",
    ];
    let ran = place.run(&[&arguments[..], &["--scale", "50"]].concat());
    let case = ran.case("state-cell-heap");
    let folder = place.path(case["folder"].as_str().unwrap());
    let text = fs::read_to_string(folder.join("module.wat")).unwrap();
    let whole: Vec<&str> = text.lines().collect();
    let functions = case["evidence"]["module"].as_array().unwrap();
    let all: Vec<(u64, &str)> = functions.iter().flat_map(numbered).collect();
    for (number, line) in &all {
        assert_eq!(*line, whole[*number as usize - 1]);
    }
    // Those of the story stand first, in its order.
    let smallest = &case["smallest"]["fails"];
    assert_eq!(&case["evidence"]["n"], smallest);
    let log = fs::read_to_string(folder.join("sanitizer.log")).unwrap();
    let named: Vec<u64> = log
        .split("module.wat:")
        .skip(1)
        .filter_map(|it| {
            it.split(|it: char| !it.is_ascii_digit())
                .next()?
                .parse()
                .ok()
        })
        .collect();
    let seen = named
        .iter()
        .filter(|line| all.iter().any(|(at, _)| at == *line));
    assert!(seen.count() > 0, "{log}");
    assert!(
        functions[0]["text"]
            .as_str()
            .unwrap()
            .starts_with("  (func $")
    );
}
