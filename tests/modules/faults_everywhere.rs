//! A fault at every push of a root, every allocation, every bound of a loop and every
//! index of every module of the catalogue: which lanes of the default profile notice it
//! at the nominal n, and whether any lane does at ten times as much.
//!
//! There are more places than anybody waits for. They are numbered over the whole
//! catalogue, and an even sample of each kind is tried: `STRESS_FAULTS` of them, 20 where
//! it says nothing, in `STRESS_SECONDS` where that is said. What no run comes by is told
//! apart by a trap in its place, which costs one run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::faults::{corrupt, seen};
use crate::native::{Module, Vera, given, request, scenarios_on};
use vera_stress::case::{Arguments, Budget, Ending, GcMode, Instructions, Lane, Outcome, Scale};
use vera_stress::engine::native::NativeRequest;
use vera_stress::instrument::faults::{Fault, Kind, plant, sites, trap_at};
use vera_stress::scenario::Scenario;

const RELEASE: &str = "0.2.5";

/// What is planted.
const KINDS: [Kind; 5] = [
    Kind::PushStoresZero,
    Kind::PushDropped,
    Kind::AllocationShort,
    Kind::LoopBound,
    Kind::TableIndex,
];

/// The native lanes of the default profile.
const LANES: [(&str, GcMode); 3] = [
    ("native", GcMode::Shipped),
    ("native+random", GcMode::Random(Some(1))),
    ("native+sanitize", GcMode::Sanitize(Some(1))),
];

/// A program whose lanes take longer together is left out, and counted.
const LONGEST: Duration = Duration::from_secs(4);

/// A scenario at an n.
struct Subject {
    scenario: &'static Scenario,
    module: Module,
    request: NativeRequest,
    outcomes: Vec<Outcome>,
    took: Duration,
}

impl Subject {
    /// `None` where it is no program that the release runs at this n in all lanes.
    fn at(scenario: &'static Scenario, n: Scale) -> Option<Subject> {
        let sources = scenario.program.sources(n).ok()?;
        let module = Vera::of(RELEASE).compile_in(&sources, Lane::NATIVE);
        let arguments = match scenario.call.at(n).ok()? {
            Arguments::Nothing => Vec::new(),
            Arguments::Scale => vec![n.get().to_string()],
            Arguments::These(all) => all,
        };
        let request = NativeRequest {
            arguments,
            input: scenario.input.at(n).ok()?.into_bytes(),
            files: given(scenario),
            env: scenario.surroundings.env.clone(),
            budget: Budget {
                instructions: Instructions(20_000_000_000),
                ..request(&[]).budget.lasting(Duration::from_secs(20))
            },
            ..request(&[])
        };
        let began = Instant::now();
        let mut outcomes = Vec::new();
        for (_, mode) in LANES {
            let outcome = module.execute(&NativeRequest {
                mode,
                ..request.clone()
            });
            if !matches!(outcome.ending, Ending::Returned { .. }) {
                return None;
            }
            outcomes.push(outcome);
        }
        Some(Subject {
            scenario,
            module,
            request,
            outcomes,
            took: began.elapsed(),
        })
    }

    /// Whether a lane notices that this module is another one.
    fn notices(&self, planted: &Module, lane: usize) -> bool {
        let (_, mode) = LANES[lane];
        let whole = &self.outcomes[lane];
        // What does not end is ended as in a run: there, a budget is ten times what it
        // takes.
        let most = whole
            .measures
            .as_ref()
            .map_or(u64::MAX, |it| 10 * it.instructions.0);
        let budget = Budget {
            instructions: Instructions(most.max(100_000_000)),
            ..self.request.budget
        };
        let run = planted.execute(&NativeRequest {
            mode,
            budget,
            ..self.request.clone()
        });
        corrupt(&run) || seen(&run) != seen(whole)
    }

    /// Whether a run comes by the place of a fault.
    fn comes_by(&self, fault: Fault) -> bool {
        let trap = trap_at(&self.module.wasm, fault).unwrap();
        trap.is_none_or(|trap| self.notices(&self.module.with(trap), 0))
    }

    /// The lanes that notice a fault; `None` where no run comes by.
    fn try_fault(&self, fault: Fault) -> Option<[bool; LANES.len()]> {
        if !self.comes_by(fault) {
            return None;
        }
        let planted = self.module.with(plant(&self.module.wasm, fault).unwrap());
        Some([0, 1, 2].map(|lane| self.notices(&planted, lane)))
    }
}

/// What came of a fault.
struct Tried {
    scenario: &'static str,
    fault: Fault,
    /// At the nominal n; `None` where no run comes by.
    nominal: Option<[bool; LANES.len()]>,
    /// At ten times as much, where nothing noticed it before and that can be run.
    beyond: Option<[bool; LANES.len()]>,
}

impl Tried {
    fn is_noticed(&self) -> bool {
        self.nominal.is_some_and(|it| it.contains(&true))
    }

    fn is_noticed_beyond(&self) -> bool {
        !self.is_noticed() && self.beyond.is_some_and(|it| it.contains(&true))
    }
}

/// So many of them, spread evenly.
fn spread<T: Copy>(all: &[T], count: usize) -> Vec<T> {
    let some = count.min(all.len());
    (0..some).map(|it| all[it * all.len() / some]).collect()
}

fn setting(name: &str, otherwise: usize) -> usize {
    let text = std::env::var(name).ok();
    text.map_or(otherwise, |it| it.parse().expect("a number"))
}

#[test]
#[ignore = "a tool: it plants faults everywhere and prints what notices them"]
fn tool_faults_everywhere() {
    let began = Instant::now();
    let all: Vec<&'static Scenario> = scenarios_on(RELEASE).collect();
    let subjects = on_cores(&all, |scenario| {
        Subject::at(scenario, scenario.n).filter(|it| it.took <= LONGEST)
    });
    let subjects: Vec<Subject> = subjects.into_iter().flatten().collect();
    let mut places: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut chosen = Vec::new();
    for kind in KINDS {
        let mut of_kind = Vec::new();
        for (number, subject) in subjects.iter().enumerate() {
            let sites = sites(&subject.module.wasm, kind).unwrap();
            of_kind.extend(sites.into_iter().map(|fault| (number, fault)));
        }
        places.insert(kind, of_kind.len());
        chosen.extend(spread(&of_kind, setting("STRESS_FAULTS", 20)));
    }
    // In the order of programs nothing would be known of the last ones when time is up.
    let end = Duration::from_secs(setting("STRESS_SECONDS", 100_000) as u64);
    let mixed: Vec<_> = (0..7)
        .flat_map(|from| chosen.iter().skip(from).step_by(7))
        .collect();
    let tried = on_cores(&mixed, |(number, fault)| {
        let subject = &subjects[*number];
        if began.elapsed() > end {
            return None;
        }
        let nominal = subject.try_fault(*fault);
        let mut tried = Tried {
            scenario: &subject.scenario.name,
            fault: *fault,
            nominal,
            beyond: None,
        };
        if !tried.is_noticed() {
            let n = Scale::new(10 * subject.scenario.n.get());
            // Another program at another n has other places.
            if let Some(more) = n.filter(|_| subject.scenario.call.depends_on_scale())
                && let Some(more) = Subject::at(subject.scenario, more)
            {
                tried.beyond = more.try_fault(*fault);
            }
        }
        Some(tried)
    });
    let tried: Vec<Tried> = tried.into_iter().flatten().collect();
    println!("{}", table(&tried, &places, (subjects.len(), all.len())));
}

/// All of them on all cores, in their order.
fn on_cores<T: Sync, R: Send>(all: &[T], what: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let at = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(it) = all.get(at)
                {
                    let result = what(it);
                    results.lock().unwrap().insert(at, result);
                }
            });
        }
    });
    results.into_inner().unwrap().into_values().collect()
}

fn table(tried: &[Tried], places: &BTreeMap<Kind, usize>, of: (usize, usize)) -> String {
    let mut text = format!(
        "{} of {} scenarios of Vera {RELEASE}; the others take too long, or do not return in all lanes.\n\n",
        of.0, of.1
    );
    let lanes = LANES.map(|(lane, _)| lane).join(" | ");
    writeln!(
        text,
        "| fault | places | tried | run | {lanes} | any of these | only at ten times n | nowhere |\n|---{}|",
        "|---:".repeat(LANES.len() + 6)
    )
    .unwrap();
    let rows = KINDS.map(|kind| (kind.name(), Some(kind)));
    for (name, kind) in rows.into_iter().chain([("all", None)]) {
        let of = || {
            let all = tried.iter();
            all.filter(|it| kind.is_none_or(|kind| it.fault.kind == kind))
        };
        let count = |what: &dyn Fn(&&Tried) -> bool| of().filter(what).count();
        let some = |lane: usize| count(&|it| it.nominal.is_some_and(|all| all[lane]));
        let runs = |it: &&Tried| it.nominal.is_some() || it.beyond.is_some();
        let places = match kind {
            Some(kind) => places[&kind],
            None => places.values().sum(),
        };
        let noticed = count(&|it| it.is_noticed());
        let beyond = count(&|it| it.is_noticed_beyond());
        let cells = [
            places,
            of().count(),
            count(&|it| runs(it)),
            some(0),
            some(1),
            some(2),
            noticed,
            beyond,
            count(&|it| runs(it)) - noticed - beyond,
        ];
        let cells = cells.map(|it| it.to_string()).join(" | ");
        writeln!(text, "| {name} | {cells} |").unwrap();
    }
    for (what, list) in [
        (
            "Noticed only at ten times n",
            tried
                .iter()
                .filter(|it| it.is_noticed_beyond())
                .collect::<Vec<_>>(),
        ),
        (
            "Noticed nowhere, though a run comes by",
            tried
                .iter()
                .filter(|it| it.nominal.is_some() && !it.is_noticed() && !it.is_noticed_beyond())
                .collect(),
        ),
    ] {
        writeln!(text, "\n{what}:\n").unwrap();
        for it in list {
            writeln!(text, "- `{}` in `{}`", it.fault, it.scenario).unwrap();
        }
    }
    text
}
