//! The fault injector on what Vera compiles: every fault can be planted in every
//! release, and is one that a run can show.

#[path = "common/native.rs"]
mod native;

use std::collections::BTreeMap;

use native::{Module, Vera, random, request, scenario};
use vera_stress::case::{Budget, Fuel, GcMode, Lane, Outcome};
use vera_stress::engine::native::Request;
use vera_stress::instrument::faults::{Fault, Kind, Unplanted, plant, sites};

/// Releases whose code differs: the first that is supported, one of each later
/// form.
const RELEASES: [&str; 3] = ["0.1.5", "0.2.0", "0.2.5"];

/// Programs that between them have pushes, pops, tail calls, closures, host
/// calls and wrappers.
const SCENARIOS: [&str; 6] = [
    "linked-list",
    "life",
    "map-fold",
    "cross-module-strings",
    "state-handler",
    "string-interpolation",
];

fn compile(release: &str, name: &str) -> Module {
    Vera::of(release).compile_in(&scenario(name), Lane::NATIVE)
}

#[test]
fn every_fault_can_be_planted_in_every_release() {
    for release in RELEASES {
        for name in SCENARIOS {
            let whole = compile(release, name).wasm;
            for kind in Kind::ALL {
                let what = format!("{kind} in {name} of {release}");
                let all = sites(&whole, kind).unwrap_or_else(|why| panic!("{what}: {why}"));
                let loops = !["map-fold", "string-interpolation"].contains(&name);
                let tail_calls = matches!(kind, Kind::RestoredEarly | Kind::NotRestored);
                assert_eq!(!all.is_empty(), loops || !tail_calls, "{what}: {all:?}");
                let mut seen = Vec::new();
                for fault in &all {
                    let planted = plant(&whole, *fault).unwrap();
                    wasmparser::validate(&planted)
                        .unwrap_or_else(|why| panic!("{fault} in {name} of {release}: {why}"));
                    assert_ne!(planted, whole, "{fault} in {name} of {release}");
                    assert!(!seen.contains(&planted), "{fault} is another one again");
                    seen.push(planted);
                }
            }
        }
    }
}

/// The lanes of the table.
fn modes() -> [(&'static str, GcMode); 4] {
    [
        ("native", GcMode::Shipped),
        ("native+eager", GcMode::Eager),
        ("native+random=1", random(1)),
        ("native+per-stack", GcMode::PerStack),
    ]
}

/// Few enough that a fault without end is soon over.
fn run(module: &Module, mode: GcMode, n: i64) -> Outcome {
    let whole = request(&[n]);
    module.execute(&Request {
        mode,
        budget: Budget {
            work: Fuel(200_000_000),
            ..whole.budget
        },
        ..whole
    })
}

/// What a program comes to, as far as its user sees it.
fn seen(outcome: &Outcome) -> String {
    let text = String::from_utf8_lossy(&outcome.stdout);
    format!("{:?} {text}", outcome.ending)
}

/// How often a fault was tried, and noticed in which lane.
#[derive(Default)]
struct Row {
    faults: usize,
    noticed: [usize; 4],
    any: usize,
    /// In no lane, but the heap or the shadow stack grew otherwise.
    only_counts: usize,
}

#[test]
#[ignore = "a table for reading; it runs some thousands of programs"]
fn table_of_what_the_lanes_notice() {
    let at_most = 12;
    let mut total: BTreeMap<Kind, Row> = BTreeMap::new();
    for release in RELEASES {
        let mut rows: BTreeMap<Kind, Row> = BTreeMap::new();
        for name in SCENARIOS {
            let n = if name == "life" { 20 } else { 300 };
            let whole = compile(release, name);
            let expected = modes().map(|(_, mode)| run(&whole, mode, n));
            for kind in Kind::ALL {
                let all = sites(&whole.wasm, kind).unwrap();
                let step = all.len().div_ceil(at_most).max(1);
                for fault in all.into_iter().step_by(step) {
                    let planted = whole.with(plant(&whole.wasm, fault).unwrap());
                    let row = rows.entry(kind).or_default();
                    let sum = total.entry(kind).or_default();
                    let (mut any, mut counts) = (false, false);
                    for (lane, (_, mode)) in modes().into_iter().enumerate() {
                        let outcome = run(&planted, mode, n);
                        let noticed = seen(&outcome) != seen(&expected[lane]);
                        row.noticed[lane] += usize::from(noticed);
                        sum.noticed[lane] += usize::from(noticed);
                        any |= noticed;
                        counts |= outcome.measures != expected[lane].measures;
                    }
                    for row in [row, sum] {
                        row.faults += 1;
                        row.any += usize::from(any);
                        row.only_counts += usize::from(counts && !any);
                    }
                    if any {
                        eprintln!("{release} {name} {fault}");
                    }
                }
            }
        }
        print(release, &rows);
    }
    print("all", &total);
}

fn print(release: &str, rows: &BTreeMap<Kind, Row>) {
    let lanes = modes().map(|(lane, _)| lane);
    println!(
        "\n| {release} | faults | {} | any | only counts |",
        lanes.join(" | ")
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (kind, row) in rows {
        let noticed = row.noticed.map(|count| count.to_string()).join(" | ");
        let (faults, any, counts) = (row.faults, row.any, row.only_counts);
        println!("| {kind} | {faults} | {noticed} | {any} | {counts} |");
    }
}

#[test]
fn a_place_that_is_not_there_is_an_error() {
    let whole = compile("0.2.5", "string-interpolation").wasm;
    let fault = Fault {
        kind: Kind::NotRestored,
        at: 0,
    };
    let why = plant(&whole, fault).unwrap_err();
    assert_eq!(why, Unplanted::NoSuchPlace { fault, places: 0 });
    let nothing = wat::parse_str("(module (func (export \"main\")))").unwrap();
    for kind in Kind::ALL {
        assert_eq!(sites(&nothing, kind), Ok(Vec::new()));
    }
}
