//! The fault injector on what Vera compiles: every fault can be planted in every
//! release, and is one that a run can show.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::native::{Module, Vera, fixed_scenarios, given, request, scenario};
use vera_stress::case::{Budget, Ending, GcMode, Instructions, Lane, Outcome, Scale};
use vera_stress::engine::native::NativeRequest;
use vera_stress::instrument::faults::{Fault, Kind, Unplanted, plant, sites, trap_at};
use vera_stress::scenario::Scenario;

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
        let mut places: BTreeMap<Kind, usize> = BTreeMap::new();
        for name in SCENARIOS {
            let whole = compile(release, name).wasm;
            for kind in Kind::ALL {
                let what = format!("{kind} in {name} of {release}");
                let all = sites(&whole, kind).unwrap_or_else(|why| panic!("{what}: {why}"));
                // Not every program has a tail call, counts in a loop or indexes anything.
                if matches!(kind, Kind::RestoredEarly | Kind::NotRestored) || VALUES.contains(&kind)
                {
                    *places.entry(kind).or_default() += all.len();
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
            assert!(places[&kind] >= count, "{kind} of {release}: {places:?}");
        };
        at_least(Kind::RestoredEarly, 2);
        at_least(Kind::NotRestored, 5);
        at_least(Kind::LoopBound, 12);
        at_least(Kind::TableIndex, 12);
        at_least(Kind::AllocationShort, 12);
    }
}

/// Runs with little work allowed, so that a fault without end is soon over.
fn run(module: &Module, mode: GcMode, n: i64) -> Outcome {
    run_with(module, mode, request(&[n]))
}

fn run_with(module: &Module, mode: GcMode, whole: NativeRequest) -> Outcome {
    module.execute(&NativeRequest {
        mode,
        budget: Budget {
            instructions: Instructions(10_000_000_000),
            ..whole.budget
        },
        ..whole
    })
}

/// What a program comes to, as far as its user sees it.
pub fn seen(outcome: &Outcome) -> String {
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
    assert_eq!([kinds, VALUES.to_vec()].concat(), Kind::ALL);
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

/// Faults of how far a program counts: whether one shows depends on where it is.
const VALUES: [Kind; 3] = [Kind::LoopBound, Kind::TableIndex, Kind::AllocationShort];

#[test]
fn some_fault_of_what_is_counted_shows_in_every_release() {
    // Beyond what is left of an index that is cut.
    let n = 1_000;
    for release in RELEASES {
        let module = compile(release, "array-map-int");
        let whole = [GcMode::Shipped, SANITIZE].map(|mode| run(&module, mode, n));
        assert!(matches!(whole[1].ending, Ending::Returned { .. }));
        for kind in VALUES {
            let faults = sites(&module.wasm, kind).unwrap();
            let planted = |fault: &Fault| module.with(plant(&module.wasm, *fault).unwrap());
            let shown = faults.iter().find(|fault| {
                let run = run(&planted(fault), GcMode::Shipped, n);
                seen(&run) != seen(&whole[0])
            });
            assert!(shown.is_some(), "{kind} in {release}: none of {faults:?}");
            // An index within the same block is nothing that the sanitizer sees.
            if kind == Kind::AllocationShort {
                let found = faults
                    .iter()
                    .any(|it| corrupt(&run(&planted(it), SANITIZE, n)));
                assert!(found, "{kind} in {release}: none of {faults:?}");
            }
        }
    }
}

#[test]
fn a_place_that_no_run_comes_by_is_told_by_a_trap() {
    let (mut passed, mut all) = (0, 0);
    for name in SCENARIOS {
        let module = compile("0.2.5", name);
        let whole = seen(&run(&module, GcMode::Shipped, 1));
        for fault in sites(&module.wasm, Kind::LoopBound).unwrap() {
            let trap = trap_at(&module.wasm, fault).unwrap().unwrap();
            let run = run(&module.with(trap), GcMode::Shipped, 1);
            passed += usize::from(seen(&run) != whole);
            all += 1;
        }
    }
    assert!(0 < passed && passed < all, "{passed} of {all}");
}

const SANITIZE: GcMode = GcMode::Sanitize(Some(0));

/// One fault of each kind that the sanitizer finds: the program and its scale.
/// Forgetting blocks of the free list breaks nothing, and is not looked for yet.
const FOUND: [(&str, &str, u64); 12] = [
    ("push-stores-zero@0", "linked-list", 300),
    ("push-dropped@0", "linked-list", 300),
    ("restored-early@0", "linked-list", 300),
    ("not-restored@1", "linked-list", 1),
    ("scan-stops-short@1", "linked-list", 300),
    ("mark-kept@2", "linked-list", 300),
    ("marked-freed@1", "linked-list", 300),
    ("block-too-small@0", "state-handler", 300),
    ("grows-one-page@0", "array-map-int", 30_000),
    ("head-stays-free@0", "state-handler", 300),
    ("block-stays-free@0", "state-handler", 300),
    ("worklist-drops@1", "linked-list", 300),
];

#[test]
fn the_sanitizer_finds_one_fault_of_each_kind() {
    let kinds: Vec<Kind> = FOUND
        .iter()
        .map(|(fault, ..)| fault.parse::<Fault>().unwrap().kind)
        .collect();
    let mut all = Kind::ALL.to_vec();
    all.retain(|kind| *kind != Kind::RestDropped && !VALUES.contains(kind));
    assert_eq!(kinds, all);
    for (fault, name, n) in FOUND {
        let whole = compile("0.2.5", name);
        let planted = whole.with(plant(&whole.wasm, fault.parse().unwrap()).unwrap());
        let [whole, planted] =
            [whole, planted].map(|module| run(&module, SANITIZE, n.try_into().unwrap()).ending);
        assert!(
            matches!(whole, Ending::Returned { .. }),
            "{name} without a fault: {whole:?}"
        );
        assert!(
            matches!(planted, Ending::Corrupt { .. }),
            "{fault} in {name}: {planted:?}"
        );
    }
}

/// At most so many faults of a kind are planted in one program for the table,
/// spread evenly over the places that there are.
const SAMPLE: usize = 12;

/// The scale that a column of the table has.
#[derive(Clone, Copy)]
enum At {
    /// Few rounds, for lanes whose collections are dense.
    Small,
    /// Where the collector is as shipped, enough that it runs, that a leak fills
    /// the shadow stack, and that memory grows.
    Large,
    /// The scenario's own, where the sanitizer is held to what it must find.
    Own,
}

impl At {
    fn n(self, scenario: &Scenario) -> u64 {
        match (self, scenario.name.as_str()) {
            (At::Small, "life") => 20,
            (At::Small, _) => 300,
            (At::Large, "life") => 300,
            // One allocation of more than a page, or `grows-one-page` is no fault.
            (At::Large | At::Own, "array-map-int") => 30_000,
            (At::Large, _) => 5_000,
            // From 32,757 on it exhausts the stack whatever its heap is like, and
            // what it works is n^2.
            (At::Own, "linked-list") => 10_000,
            (At::Own, _) => scenario.n.get(),
        }
    }
}

/// A lane at a scale.
type Column = (&'static str, GcMode, At);

/// The lanes in which a fault is to be noticed by what the program comes to.
const PLAIN: [Column; 4] = [
    ("native", GcMode::Shipped, At::Large),
    ("native+eager", GcMode::Eager, At::Small),
    ("native+random=1", GcMode::Random(Some(1)), At::Small),
    ("native+per-stack", GcMode::PerStack, At::Small),
];

/// A scenario, what it comes to without a fault, and what it is run with.
struct Whole {
    scenario: &'static Scenario,
    module: Module,
    plain: [Outcome; PLAIN.len()],
}

fn at(module: &Module, scenario: &Scenario, (_, mode, at): Column) -> Outcome {
    let n = at.n(scenario);
    let input = scenario.input.at(Scale::new(n).unwrap()).unwrap();
    let given = NativeRequest {
        input: input.into_bytes(),
        files: given(scenario),
        env: scenario.surroundings.env.clone(),
        ..request(&[n.try_into().unwrap()])
    };
    run_with(module, mode, given)
}

impl Whole {
    /// `None` where the release does not run the program as it is: what a fault
    /// does to it would not show.
    fn of(release: &str, scenario: &'static Scenario) -> Option<Whole> {
        let module = compile(release, &scenario.name);
        for scale in [At::Small, At::Own] {
            let outcome = at(&module, scenario, ("", SANITIZE, scale));
            if !matches!(outcome.ending, Ending::Returned { .. }) {
                let n = scale.n(scenario);
                println!("left out: {} at {n}: {:?}", scenario.name, outcome.ending);
                return None;
            }
        }
        Some(Whole {
            plain: PLAIN.map(|column| at(&module, scenario, column)),
            scenario,
            module,
        })
    }

    /// The faults that the table has of it.
    fn faults(&self) -> Vec<Fault> {
        let mut all = Vec::new();
        for kind in Kind::ALL {
            let sites = sites(&self.module.wasm, kind).unwrap();
            let some = sites.len().min(SAMPLE);
            all.extend((0..some).map(|it| sites[it * sites.len() / some]));
        }
        all
    }

    fn try_fault(&self, fault: Fault) -> Tried {
        let planted = plant(&self.module.wasm, fault).unwrap();
        let planted = self.module.with(planted);
        let run = |column| at(&planted, self.scenario, column);
        let plain = PLAIN.map(run);
        let pairs = || plain.iter().zip(&self.plain);
        let noticed: Vec<bool> = pairs().map(|(it, whole)| seen(it) != seen(whole)).collect();
        let shown = noticed.contains(&true);
        let small = run(("", SANITIZE, At::Small));
        Tried {
            scenario: &self.scenario.name,
            fault,
            only_heap: !shown && pairs().any(|(it, whole)| heap(it) != heap(whole)),
            small: corrupt(&small),
            // It is the longest run, and says nothing of a fault without effect.
            own: shown.then(|| run(("", SANITIZE, At::Own))),
            noticed,
        }
    }
}

/// What came of a fault.
struct Tried {
    scenario: &'static str,
    fault: Fault,
    /// In which of the plain lanes.
    noticed: Vec<bool>,
    only_heap: bool,
    /// Whether the sanitizer found it at the small scale.
    small: bool,
    /// What the sanitizer came to at the scenario's own scale, where a plain lane
    /// noticed the fault.
    own: Option<Outcome>,
}

impl Tried {
    fn found(&self) -> bool {
        self.own.as_ref().is_some_and(corrupt)
    }
}

pub fn corrupt(outcome: &Outcome) -> bool {
    matches!(outcome.ending, Ending::Corrupt { .. })
}

/// Plants the faults of all programs, on all cores.
fn try_all(release: &str) -> Vec<Tried> {
    let programs: Vec<Whole> = fixed_scenarios(release)
        .filter_map(|(scenario, _)| Whole::of(release, scenario))
        .collect();
    let jobs: Vec<(&Whole, Fault)> = programs
        .iter()
        .flat_map(|whole| whole.faults().into_iter().map(move |fault| (whole, fault)))
        .collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut tried = Vec::new();
        while let Some((whole, fault)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            tried.push(whole.try_fault(*fault));
        }
        tried
    };
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .flat_map(|it| it.join().unwrap())
            .collect()
    })
}

/// Prints the table of a release and the faults that the sanitizer does not find,
/// and holds it to 95 of 100.
fn table(release: &str) {
    let tried = try_all(release);
    let lanes = PLAIN.map(|(lane, ..)| lane).join(" | ");
    println!(
        "\n| {release} | faults | {lanes} | sanitize, small n | any lane but sanitize | sanitize of those | heap only |"
    );
    println!("|---{}|", "|---:".repeat(PLAIN.len() + 5));
    let rows = Kind::ALL
        .map(|kind| (kind.name(), Some(kind)))
        .into_iter()
        .chain([("all", None)]);
    for (name, kind) in rows {
        let of = || {
            tried
                .iter()
                .filter(|it| kind.is_none_or(|kind| it.fault.kind == kind))
        };
        let count = |what: &dyn Fn(&&Tried) -> bool| of().filter(what).count().to_string();
        let mut cells = vec![count(&|_| true)];
        cells.extend((0..PLAIN.len()).map(|lane| count(&|it| it.noticed[lane])));
        cells.push(count(&|it| it.small));
        cells.push(count(&|it| it.own.is_some()));
        cells.push(count(&|it| it.found()));
        cells.push(count(&|it| it.only_heap));
        println!("| {name} | {} |", cells.join(" | "));
    }
    let shown: Vec<&Tried> = tried.iter().filter(|it| it.own.is_some()).collect();
    let (found, missed): (Vec<&Tried>, Vec<&Tried>) = shown.into_iter().partition(|it| it.found());
    println!("\nnot found in {release}:");
    for it in &missed {
        let lanes = PLAIN
            .iter()
            .zip(&it.noticed)
            .filter(|(_, noticed)| **noticed);
        let lanes: Vec<&str> = lanes.map(|((lane, ..), _)| *lane).collect();
        let ending = it.own.as_ref().map(|it| &it.ending);
        println!(
            "- {} in {}, noticed by {}: {ending:?}",
            it.fault,
            it.scenario,
            lanes.join(", ")
        );
    }
    let all = found.len() + missed.len();
    assert!(
        found.len() * 100 >= all * 95,
        "the sanitizer finds {} of {all} faults of {release}",
        found.len()
    );
}

#[test]
#[ignore = "a tool: it plants some thousands of faults and prints what notices them"]
fn tool_table_of_0_1_5() {
    table("0.1.5");
}

#[test]
#[ignore = "a tool: it plants some thousands of faults and prints what notices them"]
fn tool_table_of_0_2_0() {
    table("0.2.0");
}

#[test]
#[ignore = "a tool: it plants some thousands of faults and prints what notices them"]
fn tool_table_of_0_2_5() {
    table("0.2.5");
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
