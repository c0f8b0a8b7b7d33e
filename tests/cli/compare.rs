//! `compare`: what changed between versions of Vera, in words, as a table, as
//! JSON and as an exit code.
//!
//! From 0.1.9 on the runtime checks `decreases`, which measures a list again at
//! every call; until 0.2.3 the runtime copied a map in each update. Those are the
//! changes that are compared here.

mod against;
mod costs;
mod gate;
mod versions;

use rusqlite::Connection;
use serde_json::Value;

use crate::common::{Place, Ran, assert_says, last_event, three_scenarios};

/// Two releases in which small programs do the same.
const ALIKE: [&str; 4] = ["--vera", "0.2.4", "--vera", "0.2.5"];

/// The list whose work grew with 0.1.9.
const LIST: [&str; 5] = ["linked-list", "--lane", "native", "--scale", "1000"];

/// Runs `compare` to its end; every release that is named exists.
fn compare(place: &Place, arguments: &[&str]) -> Ran {
    let output = process(place, arguments).output().unwrap();
    place.ran(output)
}

fn process(place: &Place, arguments: &[&str]) -> std::process::Command {
    let mut command = place.process();
    command.args(["compare", "--json", "events.jsonl"]);
    if place.path("catalogue").is_dir() {
        command.args(["--catalogue", "catalogue"]);
    }
    command.args(arguments);
    command
}

/// The same with the linked list in lane `native` on some versions.
fn compare_list(place: &Place, versions: &[&str], more: &[&str]) -> Ran {
    let mut arguments = LIST.to_vec();
    for version in versions {
        arguments.extend(["--vera", version]);
    }
    arguments.extend(more);
    compare(place, &arguments)
}

/// The last event: what changed.
#[track_caller]
fn summary(ran: &Ran) -> &Value {
    last_event(ran, "compare-finished")
}

/// The kinds of the changes, each with the version that brought it.
fn changes(ran: &Ran) -> Vec<(String, String)> {
    let columns = columns(ran);
    let all = summary(ran)["changes"].as_array().unwrap().iter();
    let name = |it: &Value| columns[it["to"].as_u64().unwrap() as usize].clone();
    all.map(|it| (it["kind"].as_str().unwrap().to_owned(), name(it)))
        .collect()
}

/// The names of the columns.
fn columns(ran: &Ran) -> Vec<String> {
    assert_eq!(ran.events[0]["event"], "compare-started", "{ran}");
    let columns = ran.events[0]["columns"].as_array().unwrap().iter();
    columns
        .map(|it| it["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The rows: all that stands between the first and the last event.
fn rows(ran: &Ran) -> Vec<&Value> {
    let rows: Vec<&Value> = ran.events[1..ran.events.len() - 1].iter().collect();
    for row in &rows {
        assert_eq!(row["event"], "row-finished", "{ran}");
        assert_eq!(row["cells"].as_array().unwrap().len(), columns(ran).len());
    }
    rows
}

/// A row as the terminal names it.
fn title(row: &Value) -> String {
    let word = |key: &str| row[key].as_str().unwrap();
    let n = row["n"]
        .as_u64()
        .map_or("climb".to_owned(), |n| format!("n={n}"));
    format!("{} [{}] {n}", word("scenario"), word("lane"))
}

/// The row with this title.
#[track_caller]
fn row<'a>(ran: &'a Ran, name: &str) -> &'a Value {
    let found = rows(ran).into_iter().find(|it| title(it) == name);
    found.unwrap_or_else(|| panic!("no row {name} in {ran}"))
}

/// The verdicts of a row.
fn verdicts(row: &Value) -> Vec<&str> {
    let cells = row["cells"].as_array().unwrap().iter();
    cells
        .map(|it| it["verdict"].as_str().unwrap_or("none"))
        .collect()
}

// --- Verdicts ----------------------------------------------------------------

#[test]
fn what_got_worse_and_what_got_better_is_said_in_words_and_in_a_table() {
    let place = Place::new();
    let worse = compare_list(&place, &["0.1.8", "0.1.9"], &[]).exits(0);
    let first = worse.stdout.lines().next().unwrap();
    assert!(
        first.contains(": comparing 1 case on 2 versions of Vera (0.1.8, 0.1.9), "),
        "{worse}"
    );
    let head = "\n\nRegressions\n  0.1.9  linked-list [native] n=1000: pass -> growth; instructions 101 times as many (171,202 -> 17,261,246)\n              instructions grow as n^1.97 from n=250 (";
    assert_says(&worse, head);
    assert_says(
        &worse,
        "\n              cause: the runtime check of `decreases`",
    );
    assert_says(
        &worse,
        "\nlinked-list [native] n=1000\n  0.1.8    pass        171,202   1.00x  31.3 KiB   1.00x\n  0.1.9    growth   17,261,246    101x  31.3 KiB   1.00x  instructions grow",
    );
    assert_says(
        &worse,
        "\n1 case on 2 versions: 1 regression, 0 fixes, 0 improvements in ",
    );
    assert_eq!(changes(&worse), [("regression".into(), "0.1.9".into())]);
    let better = compare_list(&place, &["0.1.9", "0.1.8"], &[]).exits(0);
    assert_says(
        &better,
        "\n\nFixes\n  0.1.8  linked-list [native] n=1000: growth -> pass; instructions 101 times fewer (17,261,246 -> 171,202)\n",
    );
    assert_says(&better, "0 regressions, 1 fix, 0 improvements");
    assert_eq!(changes(&better), [("fix".into(), "0.1.8".into())]);
    assert_eq!(summary(&better)["regressions"], Value::Array(vec![]));
}

#[test]
fn fail_on_regression_fails_where_a_later_version_is_worse_and_only_there() {
    let place = Place::new();
    let fail = ["--fail-on", "regression"];
    let worse = compare_list(&place, &["0.1.8", "0.1.9"], &fail).exits(1);
    assert_eq!(summary(&worse)["regressions"].as_array().unwrap().len(), 1);
    compare_list(&place, &["0.1.9", "0.1.8"], &fail).exits(0);
    let same = compare_list(&place, &["0.1.9", "0.1.10"], &fail).exits(0);
    assert_says(
        &same,
        "\n1 case is the same on all versions: linked-list [native] n=1000\n",
    );
    let twice = compare_list(&place, &["0.1.9", "0.1.9"], &fail).exits(0);
    assert_eq!(changes(&twice), []);
    assert_eq!(columns(&twice), ["0.1.9", "0.1.9"]);
    // What is worse on the second is a regression, also where the last is as the
    // first was.
    compare_list(&place, &["0.1.8", "0.1.9", "0.1.8"], &fail).exits(1);
    // Better and then worse again is not worse than the first.
    compare_list(&place, &["0.1.9", "0.1.8", "0.1.9"], &fail).exits(0);
}

#[test]
fn a_failure_of_another_kind_is_no_regression_and_is_looked_at_at_a_tenth_of_n() {
    let place = Place::new();
    let arguments = ["linked-list", "--vera", "0.1.8..0.1.9"];
    let ran = compare(&place, &[&arguments[..], &["--lane", "native"]].concat()).exits(0);
    assert_eq!(
        verdicts(row(&ran, "linked-list [native] n=100000")),
        ["wrong", "trap"]
    );
    assert_says(
        &ran,
        "\nFails in another way\n  0.1.9  linked-list [native] n=100000: wrong -> trap\n",
    );
    // The cost is compared where it comes to its end on both.
    assert_eq!(
        verdicts(row(&ran, "linked-list [native] n=10000")),
        ["growth", "growth"]
    );
    assert_says(
        &ran,
        "linked-list [native] n=10000: instructions 173 times as many (9,876,772 -> 1,710,763,766)\n",
    );
    // What fails there as well is looked at once more, and what passes is not.
    let place = three_scenarios();
    let arguments = ["bad", "one", "--lane", "native"];
    let ran = compare(&place, &[&arguments[..], &ALIKE].concat()).exits(0);
    let titles: Vec<String> = rows(&ran).into_iter().map(title).collect();
    assert_eq!(
        titles,
        [
            "bad [native] n=100",
            "bad [native] n=1000",
            "one [native] n=10"
        ]
    );
    assert_eq!(
        verdicts(row(&ran, "bad [native] n=100")),
        ["wrong", "wrong"]
    );
    assert_says(
        &ran,
        "3 cases are the same on all versions: bad [native] n=100 and n=1000, one [native] n=10",
    );
}

#[test]
fn json_has_all_columns_and_cells_and_counts_repeat() {
    let place = three_scenarios();
    let mut command = vec!["one", "bad", "map-fold", "life", "--scale", "50"];
    command.extend(["--vera", "0.2.3..0.2.5", "--lane", "native,reference"]);
    let first = compare(&place, &command).exits(0);
    assert_eq!(columns(&first), ["0.2.3", "0.2.4", "0.2.5"]);
    let text = std::fs::read_to_string(place.path("events.jsonl")).unwrap();
    assert_eq!(text.lines().count(), first.events.len(), "each line parses");
    // Four scenarios in two lanes.
    assert_eq!(rows(&first).len(), 8, "{first}");
    for row in rows(&first) {
        let native = row["lane"] == "native";
        for cell in row["cells"].as_array().unwrap() {
            let passes = cell["verdict"] != "wrong";
            let title = title(row);
            assert_eq!(
                cell["instructions"].is_u64(),
                native && passes,
                "{title}: {cell}"
            );
            assert_eq!(cell["heap"].is_u64(), native && passes, "{title}: {cell}");
            assert_eq!(cell["time"].is_f64(), !native && passes, "{title}: {cell}");
            let again = cell["again"].as_str().unwrap();
            assert!(again.contains(" --vera 0.2."), "{again}");
        }
    }
    let second = compare(&place, &command).exits(0);
    let counts = |ran: &Ran| -> Vec<String> {
        let cells = rows(ran).into_iter().flat_map(|row| {
            let cells = row["cells"].as_array().unwrap().iter();
            cells.map(move |it| {
                let [count, heap, collections] =
                    ["instructions", "heap", "collections"].map(|key| &it[key]);
                format!("{} {count} {heap} {collections}", title(row))
            })
        });
        cells.collect()
    };
    assert_eq!(counts(&first), counts(&second));
}

// --- What is recorded --------------------------------------------------------

#[test]
fn the_cases_of_each_version_are_recorded_unless_it_is_told_not_to() {
    let place = three_scenarios();
    let arguments = ["one", "bad", "--lane", "native"];
    let arguments = [&arguments[..], &ALIKE].concat();
    compare(&place, &[&arguments[..], &["--no-history"]].concat()).exits(0);
    assert!(!place.path(".vera-stress").exists());
    compare(&place, &arguments).exits(0);
    let recorded = Connection::open(place.path(".vera-stress/history.db")).unwrap();
    let runs: Vec<String> = recorded
        .prepare(
            "SELECT r.kind || ' ' || t.vera || ' ' || r.passed || ' ' || r.failed || ' ' ||
                (SELECT count(*) FROM outcomes o WHERE o.run = r.id)
             FROM runs r JOIN toolchains t ON t.id = r.toolchain ORDER BY r.id",
        )
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    // `bad` at two n, `one` at its own.
    assert_eq!(runs, ["compare 0.2.4 1 2 3", "compare 0.2.5 1 2 3"]);
    let shown = place.process().args(["history", "bad"]).output().unwrap();
    let shown = place.ran(shown).exits(0);
    assert_says(&shown, "0.2.4");
    let shown = place.process().args(["history"]).output().unwrap();
    let shown = place.ran(shown).exits(0);
    assert_says(
        &shown,
        "compare  0.2.5  -        3 cases: 1 passed, 2 failed",
    );
}
