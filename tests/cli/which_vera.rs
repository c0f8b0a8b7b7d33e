//! Which Vera is tested where nobody names one, and what is said of it.

use std::fs;
use std::path::Path;

use crate::common::planted::copy_of_vera;
use crate::common::{Place, Ran, fresh_modules, release_python};

/// Runs `good` below the place, with this in the environment.
fn run_below(place: &Place, folder: &str, environment: &[(&str, &Path)], more: &[&str]) -> Ran {
    place.good();
    fs::create_dir_all(place.path(folder)).unwrap();
    let catalogue = place.path("catalogue");
    let (events, cache) = (place.path("events.jsonl"), place.path("cache"));
    let mut command = place.process();
    command.current_dir(place.path(folder));
    command.args(["run", "good", "--lane", "reference", "--catalogue"]);
    command.arg(catalogue).arg("--json").arg(events);
    command.arg("--cache-dir").arg(cache).args(more);
    for (name, value) in environment {
        command.env(name, value);
    }
    place.ran(command.output().unwrap())
}

/// Fails the test unless the run passed on this Vera, for this reason.
#[track_caller]
fn is_on(ran: Ran, vera: &str, chosen: &str) {
    let ran = ran.exits(0).passes("good");
    let head = ran.stdout.lines().next().unwrap();
    assert!(head.contains(&format!(" on Vera {vera}, ")), "{ran}");
    assert_eq!(ran.events[0]["chosen"], chosen, "{ran}");
}

#[test]
fn the_vera_of_where_one_stands_is_tested() {
    let place = Place::new();
    fresh_modules(&place);
    let run = |environment: &[(&str, &Path)], more: &[&str]| {
        run_below(&place, "sub/folder", environment, more)
    };
    is_on(
        run(&[], &[]),
        "0.2.5 (the default, as no other is here)",
        "pinned",
    );

    // An environment, where it has Vera.
    let python = release_python("0.2.4");
    let environment = python.parent().unwrap().parent().unwrap();
    let active = [("VIRTUAL_ENV", environment)];
    let vera = format!("0.2.4 ({}, of the active environment)", python.display());
    is_on(run(&active, &[]), &vera, "environment");
    let other = [
        ("CONDA_PREFIX", environment),
        ("VIRTUAL_ENV", Path::new("/nowhere")),
    ];
    is_on(run(&other, &[]), &vera, "environment");

    // A checkout is nearer.
    let root = copy_of_vera(&place, "");
    let project = "[project]\nname = \"veralang\"\nversion = \"9.8.7\"\n";
    place.write("pyproject.toml", project);
    let root = root.canonicalize().unwrap();
    let vera = format!("9.8.7 ({}, the checkout here)", root.display());
    is_on(run(&active, &[]), &vera, "checkout");
    is_on(run(&[], &[]), &vera, "checkout");

    // What is configured comes before, and what is asked for before that.
    place.write("vera-stress.toml", "vera = \"0.2.4\"\n");
    is_on(run(&active, &[]), "0.2.4 (as configured)", "configured");
    is_on(
        run(&active, &["--vera", "0.2.5"]),
        "0.2.5 (as asked)",
        "named",
    );

    // All of it is in the history.
    let history = place.path("sub/folder/.vera-stress/history.db");
    let history = rusqlite::Connection::open(history).unwrap();
    let mut chosen = history
        .prepare("SELECT chosen FROM runs ORDER BY id")
        .unwrap();
    let chosen = chosen.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let chosen: Vec<String> = chosen.map(Result::unwrap).collect();
    let all = [
        "pinned",
        "environment",
        "environment",
        "checkout",
        "checkout",
        "configured",
        "named",
    ];
    assert_eq!(chosen, all);
}

#[test]
fn what_is_compared_and_checked_by_default_is_said() {
    let place = Place::new();
    place.good();
    let run = |arguments: &[&str]| {
        let mut command = place.process();
        command.args(arguments).args(["--catalogue", "catalogue"]);
        let output = command.output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let compared = run(&["compare", "good", "--lane", "reference", "--no-history"]);
    let versions =
        "2 versions of Vera (0.2.4 [the release before], 0.2.5 [the default, as no other is here])";
    assert!(compared.contains(versions), "{compared}");
    let named = ["--vera", "0.2.4", "--vera", "0.2.5"];
    let compared = run(&[
        &["compare", "good", "--lane", "reference", "--no-history"][..],
        &named,
    ]
    .concat());
    assert!(
        compared.contains("2 versions of Vera (0.2.4, 0.2.5)"),
        "{compared}"
    );
    let limit = "[[known]]\nvera = \"*\"\nlanes = [\"native\"]\nfrom_n = 1\nverdict = \"wrong\"\nbecause = \"It is what it is.\"";
    place
        .scenario("limited")
        .program(&crate::common::identity())
        .expect("value = \"n + 1\"")
        .tables(limit)
        .write();
    let checked = run(&["known", "limited", "--check"]);
    let versions = "on Vera 0.2.5 [the default, as no other is here]\n";
    assert!(checked.contains(versions), "{checked}");
}
