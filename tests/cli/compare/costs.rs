//! Costs: how much, how far, and where time was spent.

use serde_json::Value;

use super::{assert_says, changes, columns, compare, compare_list, row, summary, verdicts};
use crate::common::{Place, Ran, main_of};

#[test]
fn a_range_finds_the_release_that_brought_a_change() {
    let place = Place::new();
    let ran = compare_list(&place, &["0.1.7..0.1.10"], &[]).exits(0);
    assert_eq!(columns(&ran), ["0.1.7", "0.1.8", "0.1.9", "0.1.10"]);
    assert_eq!(changes(&ran), [("regression".into(), "0.1.9".into())]);
    let cells = row(&ran, "linked-list [native] n=1000")["cells"].clone();
    let works: Vec<u64> = (0..4)
        .map(|it| cells[it]["instructions"].as_u64().unwrap())
        .collect();
    assert_eq!(works[1..], [171_202, 17_261_246, 17_261_246]);
    // Versions that came to the same stand on one line.
    for line in ["\n  0.1.7 to 0.1.8   pass ", "\n  0.1.9 to 0.1.10  growth "] {
        assert_says(&ran, line);
    }
}

#[test]
fn drift_says_how_far_a_count_may_go() {
    let place = Place::new();
    // Below n = 16 growth is not judged, so that only the count changes.
    let arguments = [
        "linked-list",
        "--lane",
        "native",
        "--scale",
        "15",
        "--vera",
        "0.1.8..0.1.9",
        "--fail-on",
        "regression",
    ];
    let ran = compare(&place, &arguments).exits(1);
    assert_eq!(
        verdicts(row(&ran, "linked-list [native] n=15")),
        ["pass"; 2]
    );
    assert_says(
        &ran,
        "linked-list [native] n=15: instructions 2.89 times as many (2,767 -> 7,986)\n",
    );
    let ran = compare(&place, &[&arguments[..], &["--drift", "3"]].concat()).exits(0);
    assert_eq!(changes(&ran), []);
    let ran = compare(&place, &[&arguments[..], &["--drift", "180%"]].concat()).exits(1);
    assert_eq!(ran.events[0]["allowed"], "180%");
}

#[test]
fn ceilings_are_compared_where_a_failure_ends_a_climb() {
    let place = Place::new();
    let climb = [
        "depth-heap",
        "--lane",
        "native",
        "--climb",
        "--climb-budget",
        "10m",
    ];
    let ran = compare(&place, &[&climb[..], &["--vera", "0.1.13..0.2.0"]].concat()).exits(0);
    let cells = &row(&ran, "depth-heap [native] climb")["cells"];
    assert_eq!(cells[0]["ceiling"]["n"], 1024, "{ran}");
    // Where the stack ends depends by a few frames on how this binary was built.
    let after = cells[1]["ceiling"]["n"].as_u64().unwrap();
    assert!((4080..4100).contains(&after), "{ran}");
    let times = format!("{:.2}", after as f64 / 1024.0);
    let shown = format!("4,0{}", after - 4000);
    assert_says(
        &ran,
        &format!(
            "\nImprovements\n  0.2.0   depth-heap [native] climb: ceiling {times} times as much (1,024 -> {shown})\n"
        ),
    );
    assert_says(&ran, &format!("  0.2.0    trap     {shown}   {times}x "));
    // The other way round it is a regression.
    let back = [
        "--vera",
        "0.2.0",
        "--vera",
        "0.1.13",
        "--fail-on",
        "regression",
    ];
    let ran = compare(&place, &[&climb[..], &back].concat()).exits(1);
    assert_says(
        &ran,
        &format!("also [native] climb ceiling {times} times less ({shown} -> 1,024)\n"),
    );
    // Without --climb nothing climbs.
    let ran = compare(
        &place,
        &["depth-heap", "--lane", "native", "--vera", "0.1.13..0.2.0"],
    );
    assert!(!ran.stdout.contains("ceiling"), "{ran}");
}

#[test]
fn climbs_that_end_at_the_same_n_are_the_same() {
    let place = Place::new();
    place
        .scenario("divides")
        .n(20)
        .program(&main_of(
            "@Int",
            "pure",
            "10 / (if @Nat.0 > 37 then { 0 } else { 1 })",
        ))
        .expect("value = \"10\"")
        .write();
    let arguments = [
        "divides",
        "--lane",
        "native",
        "--climb",
        "--climb-budget",
        "10m",
        "--vera",
        "0.2.4..0.2.5",
        "--fail-on",
        "regression",
    ];
    let ran = compare(&place, &arguments).exits(0);
    let cells = &row(&ran, "divides [native] climb")["cells"];
    for cell in cells.as_array().unwrap() {
        assert_eq!(
            (&cell["ceiling"]["n"], &cell["ceiling"]["by"]),
            (&37.into(), &"trap".into())
        );
    }
    assert_says(
        &ran,
        "2 cases are the same on all versions: divides [native] n=20 and climb\n",
    );
}

/// How many times as many instructions the row takes on the last version as on the first.
fn instructions_ratio(ran: &Ran, name: &str) -> f64 {
    let cells = row(ran, name)["cells"].as_array().unwrap();
    let count = |cell: &Value| cell["instructions"].as_f64().unwrap();
    count(cells.last().unwrap()) / count(&cells[0])
}

#[test]
fn a_time_that_changed_is_held_to_the_instructions_of_lane_native() {
    let place = Place::new();
    // Whether a time changed, and how far, is the clock's; the rule is tested on given
    // numbers. What is exact is what the times are held to, and that all is told.
    for (name, scale, versions) in [
        ("map-fold", "1000", "0.2.3..0.2.4"),
        ("linked-list", "10000", "0.1.8..0.1.9"),
    ] {
        let case = [name, "--scale", scale, "--vera", versions];
        let lanes = ["--lane", "native,reference"];
        let ran = compare(&place, &[&case[..], &lanes].concat()).exits(0);
        let ratio = instructions_ratio(&ran, &format!("{name} [native] n={scale}"));
        assert_eq!(
            format!("{ratio:.3}"),
            if name == "map-fold" {
                "0.148"
            } else {
                "173.211"
            }
        );
        let changes = summary(&ran)["changes"].as_array().unwrap().iter();
        let held: Vec<&Value> = changes.map(|it| &it["instructions"]).collect();
        let held: Vec<f64> = held.into_iter().filter_map(Value::as_f64).collect();
        assert!(held.iter().all(|it| *it == ratio), "{ran}");
        let told = ran.stdout.matches("the time was spent in Vera's host");
        assert_eq!(told.count(), held.len(), "{ran}");
        let cells = &row(&ran, &format!("{name} [reference] n={scale}"))["cells"];
        assert!(
            cells[0]["time"].is_f64() && cells[1]["time"].is_f64(),
            "{ran}"
        );
    }
}
