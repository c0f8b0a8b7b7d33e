//! What the tests of the native engine share: programs compiled by a release
//! through the library, hand-made modules, and runs of either engine.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::time::Duration;

use tempfile::TempDir;
use vera_stress::case::{
    Arguments, Budget, Bytes, Case, Ending, GcMode, Instructions, Lane, Measures, Outcome, Probed,
    Scale, Sources, Trap, Value,
};
use vera_stress::engine::folder::{Folders, Given};
use vera_stress::engine::native::{CompiledProgram, Native, NativeRequest};
use vera_stress::engine::{Engines, Modules, PriorRun, Subject};
use vera_stress::interrupt::Interrupt;
use vera_stress::scenario::catalogue::Catalogue;
use vera_stress::scenario::{ExpectedEnd, KnownLimit, Scenario, Surroundings};
use vera_stress::toolchain::about::About;
use vera_stress::toolchain::cache::Cache;
use vera_stress::toolchain::compile::{MODULE, Stop};
use vera_stress::toolchain::{Spec, Toolchain};
use vera_stress::vera::Program;

/// No files, and no environment.
static NOTHING: LazyLock<Surroundings> = LazyLock::new(Surroundings::default);

/// A release with both engines.
pub struct Vera {
    engines: Engines,
}

impl Vera {
    /// A release, installed if need be; the same one for all tests of a file.
    pub fn of(release: &str) -> &'static Vera {
        static ALL: Mutex<BTreeMap<String, &'static Vera>> = Mutex::new(BTreeMap::new());
        let mut all = ALL.lock().unwrap();
        all.entry(release.to_owned())
            .or_insert_with(|| Box::leak(Box::new(Vera::new(release))))
    }

    fn new(release: &str) -> Vera {
        let cache = Cache::at(None);
        let spec = Spec::Release(release.to_owned());
        let toolchain = Toolchain::set_up(&spec, &cache, &|_| {}).unwrap();
        let engines = Engines::set_up(&toolchain, &cache, Modules::Kept).unwrap();
        Vera { engines }
    }

    /// The module of a program that is one file.
    #[track_caller]
    pub fn compile(&self, program: &str) -> Module {
        self.compile_in(&sources(program), Lane::NATIVE)
    }

    /// The module of a program, compiled for a lane.
    #[track_caller]
    pub fn compile_in(&self, sources: &Sources, lane: Lane) -> Module {
        let compiled = self
            .engines
            .module(sources, lane, Budget::default(), &Interrupt::new())
            .unwrap()
            .unwrap_or_else(|| panic!("{sources:?} does not compile: {:?}", self.refusal(sources)));
        Module {
            wasm: fs::read(compiled.folder.join(MODULE)).unwrap(),
            about: compiled.about,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// The tree of a program.
    pub fn tree(&self, sources: &Sources) -> Option<Arc<Program>> {
        self.engines
            .tree(sources, Budget::default(), &Interrupt::new())
            .unwrap()
    }

    /// What a program comes to in a lane; `n` where its `main` takes one.
    pub fn run(&self, sources: &Sources, lane: Lane, n: Option<u64>) -> Outcome {
        let budget = Budget::default().lasting(Duration::from_mins(1));
        self.run_in(&NOTHING, sources, lane, n, budget).unwrap()
    }

    /// The same with something around it, within a budget.
    pub fn run_in(
        &self,
        surroundings: &Surroundings,
        sources: &Sources,
        lane: Lane,
        n: Option<u64>,
        budget: Budget,
    ) -> Result<Outcome, Stop> {
        let case = Case {
            scenario: String::new(),
            lane,
            scale: Scale::new(n.unwrap_or(1)).unwrap(),
        };
        let subject = Subject {
            sources,
            arguments: match n {
                Some(_) => &Arguments::Scale,
                None => &Arguments::Nothing,
            },
            input: "",
            surroundings,
        };
        self.engines
            .run(subject, &case, 0, budget, &Interrupt::new())
    }

    /// What is seen of a program's stack and heap while it runs once more in lane
    /// `native`.
    pub fn probe(&self, sources: &Sources, n: u64) -> Option<Probed> {
        let (subject, case) = native_case(sources, n);
        let spent = self.spent(sources, n);
        self.engines
            .probe(subject, &case, spent, &Interrupt::new())
            .unwrap()
    }

    /// The WebAssembly stack that it needs there, of which `most` is enough.
    #[track_caller]
    pub fn stack_needed(&self, sources: &Sources, n: u64, most: Bytes) -> Bytes {
        let (subject, case) = native_case(sources, n);
        let spent = self.spent(sources, n);
        self.engines
            .stack_needed(subject, &case, spent, most, &Interrupt::new())
            .unwrap()
            .expect("it was run before")
    }

    /// What a program is known to do, because it did.
    fn spent(&self, sources: &Sources, n: u64) -> PriorRun {
        PriorRun {
            budget: request(&[]).budget,
            seed: 0,
            instructions: measures(&self.run(sources, Lane::NATIVE, Some(n))).instructions,
        }
    }

    fn refusal(&self, sources: &Sources) -> Ending {
        self.run(sources, Lane::REFERENCE, None).ending
    }
}

fn native_case(sources: &Sources, n: u64) -> (Subject<'_>, Case) {
    let subject = Subject {
        sources,
        arguments: &Arguments::Scale,
        input: "",
        surroundings: &NOTHING,
    };
    let case = Case {
        scenario: String::new(),
        lane: Lane::NATIVE,
        scale: Scale::new(n).unwrap(),
    };
    (subject, case)
}

/// The sources of a program that is one file.
pub fn sources(program: &str) -> Sources {
    Sources::of([(Sources::MAIN.to_owned(), program.to_owned())].into())
}

/// The sources of a built-in scenario that is the same at every scale.
pub fn scenario(name: &str) -> Sources {
    let scenario = catalogue().get(name).unwrap();
    scenario.program.sources(Scale::ONE).unwrap()
}

/// The files that a scenario gives its program.
pub fn given(scenario: &Scenario) -> Arc<Given> {
    let folders = Folders::new(&std::env::temp_dir());
    let files = scenario.surroundings.files.as_ref();
    folders.take(files).expect("they can be read")
}

/// The built-in catalogue.
pub fn catalogue() -> &'static Catalogue {
    static ALL: OnceLock<Catalogue> = OnceLock::new();
    ALL.get_or_init(|| Catalogue::load(&[] as &[&str]))
}

/// The scenarios that a release compiles at any small n, and whose program comes to its
/// end: none of those that say that it does not.
pub fn scenarios_on(release: &str) -> impl Iterator<Item = &'static Scenario> {
    let version: semver::Version = release.parse().unwrap();
    catalogue().scenarios.iter().filter(move |scenario| {
        let rejects = |limit: &KnownLimit| {
            limit.verdict.is_of_compiler()
                && limit.from_n.get() <= 100
                && limit.vera.matches(&version)
        };
        let ends_otherwise = scenario
            .oracle
            .at(Scale::ONE)
            .is_ok_and(|it| !matches!(it.end, None | Some(ExpectedEnd::Value(_))));
        !ends_otherwise && !scenario.known.iter().any(rejects)
    })
}

/// Those of them whose program takes n as its argument, with its sources.
pub fn fixed_scenarios(
    release: &str,
) -> impl Iterator<Item = (&'static Scenario, Sources)> + use<'_> {
    let all = scenarios_on(release).filter(|it| it.call.depends_on_scale());
    all.map(|scenario| (scenario, scenario.program.sources(Scale::ONE).unwrap()))
}

/// A module with what the compiler said of it.
pub struct Module {
    /// The module.
    pub wasm: Vec<u8>,
    /// What the compiler said.
    pub about: About,
    folder: TempDir,
}

impl Module {
    /// A module that was made by hand.
    pub fn new(wasm: Vec<u8>) -> Module {
        Module {
            wasm,
            about: About::default(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A module that was written by hand.
    #[track_caller]
    pub fn text(text: &str) -> Module {
        Module::new(wat::parse_str(text).unwrap_or_else(|why| panic!("{why}\n{text}")))
    }

    /// The same program as another module.
    pub fn with(&self, wasm: Vec<u8>) -> Module {
        Module {
            wasm,
            about: self.about.clone(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Whether a run of it was made a second time, in frames of Vera's size.
    pub fn was_run_again(&self) -> bool {
        self.folder.path().join("native-stepped").exists()
    }

    /// Runs it.
    pub fn execute(&self, request: &NativeRequest) -> Outcome {
        self.execute_until(request, &Interrupt::new()).unwrap()
    }

    /// Runs it, and may be interrupted.
    pub fn execute_until(
        &self,
        request: &NativeRequest,
        interrupt: &Interrupt,
    ) -> Result<Outcome, Stop> {
        let program = CompiledProgram {
            wasm: &self.wasm,
            folder: self.folder.path(),
            about: &self.about,
        };
        native().execute(&program, request, interrupt)
    }

    /// Runs `main` with what it takes, in a mode.
    pub fn run(&self, mode: GcMode, arguments: &[i64]) -> Outcome {
        self.execute(&NativeRequest {
            mode,
            ..request(arguments)
        })
    }

    /// Runs `main` with what it takes, the collector as shipped.
    pub fn shipped(&self, arguments: &[i64]) -> Outcome {
        self.run(GcMode::Shipped, arguments)
    }
}

/// The engine that all tests of a file share.
pub fn native() -> &'static Native {
    static NATIVE: OnceLock<Native> = OnceLock::new();
    NATIVE.get_or_init(Native::new)
}

/// A request with these arguments and a budget that tests do not spend.
pub fn request(arguments: &[i64]) -> NativeRequest {
    NativeRequest {
        arguments: arguments.iter().map(i64::to_string).collect(),
        input: Vec::new(),
        files: Arc::new(Given::nothing(&std::env::temp_dir())),
        env: BTreeMap::new(),
        mode: GcMode::Shipped,
        tight: false,
        seed: 0,
        budget: Budget {
            memory: Bytes::mebi(512),
            output: Bytes::mebi(8),
            instructions: Instructions(10_000_000_000),
            ..Budget::default().lasting(Duration::from_mins(1))
        },
    }
}

/// Every K-th allocation.
pub fn every(k: u64) -> GcMode {
    GcMode::Every(k.try_into().unwrap())
}

/// At points that the seed repeats.
pub fn random(seed: u64) -> GcMode {
    GcMode::Random(Some(seed))
}

/// What came back.
#[track_caller]
pub fn value(outcome: &Outcome) -> &Value {
    match &outcome.ending {
        Ending::Returned { value, .. } => value,
        other => panic!("it did not return: {other:?}"),
    }
}

/// The number that came back.
#[track_caller]
pub fn number(outcome: &Outcome) -> i64 {
    match value(outcome) {
        Value::Int(number) => *number,
        other => panic!("no number: {other:?}"),
    }
}

/// The trap that it ended with.
#[track_caller]
pub fn trap(outcome: &Outcome) -> &Trap {
    match &outcome.ending {
        Ending::Trapped(trap) => trap,
        other => panic!("it did not trap: {other:?}"),
    }
}

/// What was counted.
#[track_caller]
pub fn measures(outcome: &Outcome) -> &Measures {
    outcome.measures.as_ref().expect("it was counted")
}
