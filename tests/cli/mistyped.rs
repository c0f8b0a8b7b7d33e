//! What is typed wrong is answered with what there is.

use predicates::prelude::*;
use predicates::str::contains;

use crate::common::Place;

/// Each command line ends with a code, with these words on standard error.
fn refused(cases: &[(&[&str], i32, &str)]) {
    let place = Place::new();
    place.good();
    for (typed, code, words) in cases {
        place
            .command()
            .args(*typed)
            .assert()
            .code(*code)
            .stdout("")
            .stderr(contains(*words).and(contains("next: ")));
    }
}

#[test]
fn a_mistyped_command_is_answered_with_the_command() {
    refused(&[
        (&["lsit"], 2, "did you mean `vera-stress list`?"),
        (
            &["hisotry", "--limit", "5"],
            2,
            "did you mean `vera-stress history`?",
        ),
        (
            &["comapre", "--vera", "0.2.4"],
            2,
            "there is no command `comapre`",
        ),
        (&["shwo", "life"], 2, "did you mean `vera-stress show`?"),
        // The canaries: what is more like a scenario, and what is like nothing.
        (&["liff"], 4, "did you mean `life`?"),
        (&["xyzzy"], 4, "`vera-stress list` shows all names"),
    ]);
}

#[test]
fn a_command_that_is_one_is_not_mistyped_whatever_stands_behind_it() {
    let said = "there is no lane `natve`; the lanes are: reference, ";
    Place::new()
        .command()
        .args(["compare", "--lane", "natve"])
        .assert()
        .code(2)
        .stderr(contains(said).and(contains("no command").not()));
}

#[test]
fn a_scenario_may_be_called_like_a_mistyped_command() {
    let place = Place::new();
    place.scenario("lsit").program("").write();
    place
        .command()
        .args(["lsit", "--catalogue", "catalogue", "--axis", "nope"])
        .assert()
        .code(4)
        .stderr(contains("there is no axis `nope`"));
}

#[test]
fn words_of_a_closed_set_are_answered_with_the_set() {
    refused(&[
        (&["run", "--axis", "nope"], 4, "next: choose one of: "),
        (&["climb", "--axis", "nope"], 4, "there is no axis `nope`"),
        (
            &["list", "--tag", "sead"],
            4,
            "no scenario has the tag `sead`",
        ),
        (
            &["known", "--guard", "99999"],
            4,
            "no scenario guards `99999`",
        ),
        (
            &["run", "--profile", "fast"],
            2,
            "choose one of: default, nightly, quick",
        ),
    ]);
}

#[test]
fn several_versions_in_one_value_are_answered_with_how_to_give_them() {
    refused(&[
        (
            &["compare", "--vera", "0.2.4,0.2.5"],
            2,
            "next: give --vera for each, to a command that takes several: vera-stress compare --vera 0.2.4 --vera 0.2.5",
        ),
        (
            &["run", "--vera", "0.2.4, 0.2.5"],
            2,
            "--vera 0.2.4 --vera 0.2.5",
        ),
    ]);
}

#[test]
fn a_range_that_makes_no_sense_says_what_to_write() {
    refused(&[
        (
            &["compare", "--vera", "0.2.5..0.1.5"],
            2,
            "next: write 0.1.5..0.2.5",
        ),
        (
            &["compare", "--vera", "0.2.5..now"],
            2,
            "next: write it as in 0.1.5..0.2.5",
        ),
        (
            &["run", "--vera", "0.2.4..0.2.5"],
            2,
            "is a range of releases, and this command takes one",
        ),
        (
            &["run", "--vera", "no-such"],
            2,
            "next: write a release such as ",
        ),
    ]);
}
