//! `bisect`: the first release, or commit, in which a case fails.
//!
//! From 0.1.9 on the runtime checks `decreases`, which measures a list again at
//! every call: the work of `linked-list` grows as n². That is what is searched
//! here, in releases and in histories that are made of their packages.

mod commits;
pub mod history;

use std::fs;

use serde_json::Value;

use crate::common::{Place, Ran, assert_says, last_event, main_of, names_in, release_python};

/// The releases that the tests search in; each must be there, since what does not
/// install is skipped.
const RELEASES: [&str; 15] = [
    "0.1.5", "0.1.6", "0.1.7", "0.1.8", "0.1.9", "0.1.10", "0.1.11", "0.1.12", "0.1.13", "0.2.0",
    "0.2.1", "0.2.2", "0.2.3", "0.2.4", "0.2.5",
];

fn bisect(place: &Place, arguments: &[&str]) -> Ran {
    let temporary = place.path("tmp");
    fs::create_dir_all(&temporary).unwrap();
    let mut command = place.process();
    command.env("TMPDIR", &temporary);
    command.args(["bisect", "--json", "events.jsonl"]);
    if place.path("catalogue").is_dir() {
        command.args(["--catalogue", "catalogue"]);
    }
    let output = command.args(arguments).output().unwrap();
    assert_eq!(names_in(&temporary), [] as [&str; 0], "left behind");
    place.ran(output)
}

/// The last event: the answer.
fn answer(ran: &Ran) -> &Value {
    last_event(ran, "bisect-finished")
}

/// The versions that were looked at, each with what it came to.
fn looks(ran: &Ran) -> Vec<(&str, &str)> {
    let probes = ran.events.iter().filter(|it| it["event"] == "probe");
    probes
        .map(|it| {
            (
                it["version"].as_str().unwrap(),
                it["came"].as_str().unwrap(),
            )
        })
        .collect()
}

#[test]
#[ignore = "long: installs fifteen releases"]
fn the_release_that_began_to_check_termination_is_named_in_five_probes() {
    for release in RELEASES {
        release_python(release);
    }
    let place = Place::new();
    let ends = ["linked-list", "--good", "0.1.5", "--bad", "0.2.5"];
    let ran = bisect(&place, &[&ends[..], &["--for", "growth"]].concat()).exits(0);
    let found = answer(&ran);
    assert_eq!(found["answer"], "found", "{ran}");
    assert_eq!(
        (&found["first_bad"], &found["last_good"], &found["sought"]),
        (&"0.1.9".into(), &"0.1.8".into(), &"growth".into())
    );
    let looked = looks(&ran);
    assert!(looked.len() <= 5, "{looked:?}");
    assert_eq!(looked[0], ("0.2.5", "bad"));
    assert!(looked.contains(&("0.1.8", "good")) && looked.contains(&("0.1.9", "bad")));
    // What grows exists only where the program returns.
    assert_says(
        &ran,
        "at n=10000, because it does not return at n=100000: trap",
    );
    let probes = looked.len();
    assert_says(
        &ran,
        &format!("first bad: 0.1.9   last good: 0.1.8   ({probes} probes of 15 releases)"),
    );
    // Both sides, and how to see them.
    assert_says(&ran, "last good: 0.1.8 ");
    for release in ["0.1.8", "0.1.9"] {
        assert_says(
            &ran,
            &format!(
                "{release} again: vera-stress run linked-list --lane native --scale 10000 --ignore-known --vera {release}"
            ),
        );
    }
    // At its own n it traps since then.
    let ran = bisect(&place, &ends).exits(0);
    let found = answer(&ran);
    assert_eq!(
        (&found["first_bad"], &found["sought"]),
        (&"0.1.9".into(), &"trap".into())
    );
    assert!(looks(&ran).len() <= 5);
    // Until 0.1.8 it was wrong there: another failure, so another answer.
    assert_says(&ran, "fails otherwise: wrong: expected 5000050000");
    // Without a word about what to search, where the bad end grows.
    let ran = bisect(&place, &[&ends[..], &["--scale", "10000"]].concat()).exits(0);
    let found = answer(&ran);
    assert_eq!(
        (&found["first_bad"], &found["sought"]),
        (&"0.1.9".into(), &"growth".into())
    );
}

#[test]
fn a_change_of_an_exact_count_is_found_between_both_ends() {
    let place = Place::new();
    let arguments = ["linked-list", "--scale", "1000", "--for", "instructions"];
    let ends = ["--good", "0.1.6", "--bad", "0.1.13"];
    let ran = bisect(&place, &[&arguments[..], &ends[..]].concat()).exits(0);
    assert_eq!(answer(&ran)["first_bad"], "0.1.9", "{ran}");
    let looked = looks(&ran);
    // What is as the bad end, or far from it, needs no good end.
    assert_eq!(looked[..2], [("0.1.13", "bad"), ("0.1.9", "bad")]);
    assert!(!looked.contains(&("0.1.6", "good")), "{looked:?}");
    assert_says(&ran, "bad   0.1.13: instructions 17,261,246\n");
    // The same count at both ends is no change.
    let ran = bisect(
        &place,
        &[&arguments[..], &["--good", "0.1.9", "--bad", "0.1.10"]].concat(),
    )
    .exits(2);
    assert_eq!(answer(&ran)["answer"], "ends-alike");
    assert_says(
        &ran,
        "0.1.9 and 0.1.10 are alike in instructions, to less than 10%: instructions 17,261,246 and instructions 17,261,246\n     next: ",
    );
}

#[test]
#[ignore = "long: five releases"]
fn counts_that_lie_near_each_other_are_told_apart_by_both_ends() {
    let place = Place::new();
    // The example of the guide.
    let near = [
        "life",
        "--for",
        "instructions",
        "--good",
        "0.1.5",
        "--bad",
        "0.2.5",
    ];
    let ran = bisect(&place, &near).exits(0);
    assert_eq!(answer(&ran)["first_bad"], "0.2.0", "{ran}");
    assert_eq!(looks(&ran)[..2], [("0.2.5", "bad"), ("0.1.5", "good")]);
}

#[test]
fn ends_that_are_not_what_they_are_said_to_be_are_named() {
    let place = Place::new();
    let scale = ["linked-list", "--scale", "1000"];
    let ran = bisect(
        &place,
        &[&scale[..], &["--good", "0.1.9", "--bad", "0.1.10"]].concat(),
    )
    .exits(2);
    assert_eq!(answer(&ran)["answer"], "good-is-bad");
    assert_says(
        &ran,
        "\n0.1.9 is bad, too: growth: instructions grow as n^1.97",
    );
    for release in ["0.1.9", "0.1.10"] {
        assert_says(
            &ran,
            &format!("     {release} again: vera-stress run linked-list "),
        );
    }
    let ran = bisect(
        &place,
        &[&scale[..], &["--good", "0.1.7", "--bad", "0.1.8"]].concat(),
    )
    .exits(2);
    assert_eq!(answer(&ran)["answer"], "bad-is-good");
    assert_eq!(looks(&ran), [("0.1.8", "good")]);
    assert_says(
        &ran,
        "\n0.1.8 is not bad: linked-list [native] n=1000 comes to `pass` there\n     next: name another --bad",
    );
    let other = ["--for", "corrupt", "--good", "0.1.8", "--bad", "0.1.9"];
    let ran = bisect(&place, &[&scale[..], &other].concat()).exits(2);
    assert_says(
        &ran,
        "0.1.9 is not bad: linked-list [native] n=1000 comes to `growth: instructions",
    );
    assert_says(&ran, "there, and corrupt is searched\n");
}

#[test]
fn where_the_native_engine_cannot_run_it_the_reference_engine_does() {
    let place = Place::new();
    let body = r#"match json_parse("nothing") { Ok(@Json) -> 1, Err(@String) -> 2 }"#;
    place
        .scenario("reads")
        .program(&main_of("@Int", "<IO>", body))
        .expect("value = \"1\"")
        .write();
    let ran = bisect(&place, &["reads", "--good", "0.2.4", "--bad", "0.2.5"]).exits(2);
    assert_eq!(answer(&ran)["lane"], "reference", "{ran}");
    assert_says(
        &ran,
        "bad   0.2.5: wrong: expected 1, got 2\n      in lane reference, because ",
    );
    assert_says(&ran, "0.2.4 is bad, too: wrong: expected 1, got 2");
    // It does not count.
    let counts = [
        "reads",
        "--for",
        "instructions",
        "--good",
        "0.2.4",
        "--bad",
        "0.2.5",
    ];
    let ran = bisect(&place, &counts).exits(1);
    assert_eq!(looks(&ran), [("0.2.5", "skip")]);
    assert_says(&ran, "0.2.5 cannot tell whether it is bad: unsupported: ");
}

#[test]
fn what_makes_no_sense_is_refused_with_what_to_write() {
    let place = Place::new();
    let releases = ["--good", "0.1.8", "--bad", "0.1.9"];
    let cases: [(&[&str], i32, &str); 10] = [
        (
            &[
                "life",
                "--good",
                "0.1.8",
                "--bad",
                "0.1.9",
                "--for",
                "engines-differ",
                "--lane",
                "native+never",
            ],
            2,
            "lane native+never has no counterpart on the other engine",
        ),
        (
            &["linked-lst", "--good", "0.1.8", "--bad", "0.1.9"],
            4,
            "did you mean `linked-list`?",
        ),
        (
            &["life", "--good", "0.2.5", "--bad", "0.1.9"],
            2,
            "--good 0.2.5 is newer than --bad 0.1.9",
        ),
        (
            &["life", "--good", "0.2.5", "--bad", "0.2.5"],
            2,
            "--good and --bad are both 0.2.5",
        ),
        (
            &["life", "--good", "main", "--bad", "0.2.5"],
            2,
            "--good `main` is no release",
        ),
        (&["life", "--good", "0.2.5"], 2, "--bad <VERSION>"),
        (
            &[
                "life", "--good", "0.1.8", "--bad", "0.1.9", "--for", "sadness",
            ],
            2,
            "`sadness` is nothing to search for",
        ),
        (
            &[
                "life",
                "--good",
                "0.1.8",
                "--bad",
                "0.1.9",
                "--for",
                "heap",
                "--lane",
                "reference",
            ],
            2,
            "heap is not counted in lane reference",
        ),
        (
            &[
                "life",
                "--good",
                "0.1.8",
                "--bad",
                "0.1.9",
                "--for",
                "growth",
                "--lane",
                "native+never",
            ],
            2,
            "growth is not looked at in lane native+never",
        ),
        (
            &[
                "life", "--good", "0.1.8", "--bad", "0.1.9", "--vera", "0.2.5",
            ],
            2,
            "bisect takes no --vera",
        ),
    ];
    for (arguments, code, words) in cases {
        bisect(&place, arguments).exits(code).says(&[words]);
    }
    let unwritable = place
        .process()
        .args(["bisect", "life", "--json", "no/where"])
        .args(releases)
        .output();
    place
        .ran(unwritable.unwrap())
        .exits(2)
        .says(&["no/where cannot be written"]);
}
