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
        let mut tail_calls: BTreeMap<Kind, usize> = BTreeMap::new();
        for name in SCENARIOS {
            let whole = compile(release, name).wasm;
            for kind in Kind::ALL {
                let what = format!("{kind} in {name} of {release}");
                let all = sites(&whole, kind).unwrap_or_else(|why| panic!("{what}: {why}"));
                if matches!(kind, Kind::RestoredEarly | Kind::NotRestored) {
                    *tail_calls.entry(kind).or_default() += all.len();
                } else {
                    assert!(!all.is_empty(), "{what}");
                }
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
        // Some programs have no tail call, and in 0.1.5 some functions that make
        // one have no roots of their own: there is nothing to restore.
        let at_least = |kind, count| {
            assert!(
                tail_calls[&kind] >= count,
                "{kind} of {release}: {tail_calls:?}"
            );
        };
        at_least(Kind::RestoredEarly, 2);
        at_least(Kind::NotRestored, 5);
    }
}

/// A lane, and the scale that the table has in it.
type Column = (&'static str, GcMode, fn(&str) -> i64);

/// Few rounds where collections are dense, and enough where the collector is as
/// shipped that it runs, that a leak fills the shadow stack, and that memory
/// grows.
fn columns() -> [Column; 5] {
    let small: fn(&str) -> i64 = |name| if name == "life" { 20 } else { 300 };
    let large: fn(&str) -> i64 = |name| if name == "life" { 300 } else { 5_000 };
    [
        ("native", GcMode::Shipped, small),
        ("native+eager", GcMode::Eager, small),
        ("native+random=1", random(1), small),
        ("native+per-stack", GcMode::PerStack, small),
        ("native, larger n", GcMode::Shipped, large),
    ]
}

/// Runs with little work allowed, so that a fault without end is soon over.
fn run(module: &Module, mode: GcMode, n: i64) -> Outcome {
    let whole = request(&[n]);
    module.execute(&Request {
        mode,
        budget: Budget {
            work: Fuel(1_000_000_000),
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

/// What the program's heap and shadow stack were like. Fuel is no part of it:
/// some faults are planted with code of their own.
fn heap(outcome: &Outcome) -> String {
    let measures = outcome.measures.as_ref();
    let counts = measures.map(|it| (it.collections, it.peak_memory, it.shadow_stack));
    format!("{counts:?} {:?}", outcome.peak_heap)
}

/// One fault of each kind that a run shows, whatever the release: the program,
/// its scale and the lane in which it does.
const SHOWN: [(&str, &str, i64, Option<GcMode>); 13] = [
    (
        "push-stores-zero@0",
        "linked-list",
        300,
        Some(GcMode::Eager),
    ),
    ("push-dropped@0", "linked-list", 300, Some(GcMode::Eager)),
    ("restored-early@0", "linked-list", 300, Some(GcMode::Eager)),
    ("not-restored@0", "linked-list", 5_000, None),
    (
        "scan-stops-short@1",
        "linked-list",
        300,
        Some(GcMode::Eager),
    ),
    ("mark-kept@2", "linked-list", 300, Some(GcMode::Eager)),
    ("marked-freed@1", "linked-list", 300, Some(GcMode::Eager)),
    // A collection before each allocation builds the free list anew each time,
    // and so mends what the allocator did to it.
    (
        "block-too-small@0",
        "life",
        20,
        Some(GcMode::Random(Some(1))),
    ),
    ("grows-one-page@0", "array-map-int", 30_000, None),
    (
        "head-stays-free@0",
        "life",
        20,
        Some(GcMode::Random(Some(1))),
    ),
    (
        "block-stays-free@0",
        "life",
        20,
        Some(GcMode::Random(Some(1))),
    ),
    ("rest-dropped@0", "string-interpolation", 5_000, None),
    ("worklist-drops@1", "linked-list", 300, Some(GcMode::Eager)),
];

#[test]
fn one_fault_of_each_kind_shows_in_every_release() {
    let kinds: Vec<Kind> = SHOWN
        .iter()
        .map(|(fault, ..)| fault.parse::<Fault>().unwrap().kind)
        .collect();
    assert_eq!(kinds, Kind::ALL);
    for release in RELEASES {
        for (fault, name, n, mode) in SHOWN {
            let mode = mode.unwrap_or(GcMode::Shipped);
            let fault: Fault = fault.parse().unwrap();
            let whole = compile(release, name);
            let planted = whole.with(plant(&whole.wasm, fault).unwrap());
            let [whole, planted] = [whole, planted].map(|module| run(&module, mode, n));
            let what = format!("{fault} in {name} of {release}: {}", seen(&planted));
            // It loses memory and no value: that is all there is to see.
            if fault.kind == Kind::RestDropped {
                assert_ne!(heap(&whole), heap(&planted), "{what}");
            } else {
                assert_ne!(seen(&whole), seen(&planted), "{what}");
            }
        }
    }
}

/// How often a fault was tried, and noticed in which lane.
#[derive(Clone, Default)]
struct Row {
    faults: usize,
    noticed: [usize; 5],
    any: usize,
    only_heap: usize,
}

#[test]
#[ignore = "a table for reading: it runs some thousands of programs"]
fn table_of_what_the_lanes_notice() {
    let mut total: BTreeMap<Kind, Row> = BTreeMap::new();
    for release in RELEASES {
        let mut rows: BTreeMap<Kind, Row> = BTreeMap::new();
        for name in SCENARIOS.into_iter().chain(["array-map-int"]) {
            let whole = compile(release, name);
            let expected = columns().map(|(_, mode, n)| run(&whole, mode, n(name)));
            for kind in Kind::ALL {
                for fault in sites(&whole.wasm, kind).unwrap() {
                    let planted = whole.with(plant(&whole.wasm, fault).unwrap());
                    let outcomes = columns().map(|(_, mode, n)| run(&planted, mode, n(name)));
                    let differs = |of: fn(&Outcome) -> String| {
                        let pairs = outcomes.iter().zip(&expected);
                        let all: Vec<bool> = pairs.map(|(it, whole)| of(it) != of(whole)).collect();
                        all
                    };
                    let (noticed, grew) = (differs(seen), differs(heap));
                    let any = noticed.contains(&true);
                    for rows in [&mut rows, &mut total] {
                        let row = rows.entry(kind).or_default();
                        row.faults += 1;
                        row.any += usize::from(any);
                        row.only_heap += usize::from(!any && grew.contains(&true));
                        for (count, noticed) in row.noticed.iter_mut().zip(&noticed) {
                            *count += usize::from(*noticed);
                        }
                    }
                    if any {
                        eprintln!("{release} {name} {fault} {noticed:?}");
                    }
                }
            }
        }
        print(release, &rows);
    }
    print("all", &total);
}

fn print(release: &str, rows: &BTreeMap<Kind, Row>) {
    let lanes = columns().map(|(lane, ..)| lane);
    println!(
        "\n| {release} | faults | {} | any | heap only |",
        lanes.join(" | ")
    );
    println!("|---{}|", "|---:".repeat(lanes.len() + 3));
    for (kind, row) in rows {
        let noticed = row.noticed.map(|count| count.to_string()).join(" | ");
        let (faults, any, heap) = (row.faults, row.any, row.only_heap);
        println!("| {kind} | {faults} | {noticed} | {any} | {heap} |");
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
