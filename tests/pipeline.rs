//! What passes here passes in `vera run`: on every scenario, the harness and the
//! command that users type give the same module, the same value and the same
//! text.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Place, release_python};
use vera_stress::case::{Budget, Ending, GcMode, Outcome, Scale, Sources, Value};
use vera_stress::engine::reference::Reference;
use vera_stress::interrupt::Interrupt;
use vera_stress::scenario::Scenario;
use vera_stress::scenario::catalogue::Catalogue;
use vera_stress::toolchain::cache::Cache;
use vera_stress::toolchain::compile::{Compiler, MODULE};
use vera_stress::toolchain::worker::Workers;
use vera_stress::toolchain::{DEFAULT_RELEASE, Spec, Toolchain};

/// Small enough for the slower of the two, large enough to do everything.
const SCALE: u64 = 60;

struct Both {
    place: Place,
    python: PathBuf,
    engine: Reference,
}

impl Both {
    fn new() -> Both {
        let place = Place::new();
        let python = release_python(DEFAULT_RELEASE);
        let cache = Cache::at(None);
        let spec = Spec::Release(DEFAULT_RELEASE.to_owned());
        let toolchain = Toolchain::set_up(&spec, &cache, &|_| {}).unwrap();
        let scratch = place.path("scratch");
        fs::create_dir(&scratch).unwrap();
        let workers = Workers::new(toolchain, &cache, &scratch).unwrap();
        let engine = Reference::new(workers, Compiler::new(&cache, &scratch), &scratch);
        Both {
            place,
            python,
            engine,
        }
    }

    /// `vera ARGUMENTS` beside the sources of a program.
    fn vera(&self, folder: &Path, mode: GcMode, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.python);
        command
            .args(["-m", "vera.cli"])
            .args(arguments)
            .current_dir(folder);
        match mode {
            GcMode::Shipped => command.env_remove("VERA_EAGER_GC"),
            GcMode::Eager => command.env("VERA_EAGER_GC", "1"),
        };
        command.env("PYTHONHASHSEED", "0").output().unwrap()
    }

    fn sources(&self, name: &str, Sources(files): &Sources) -> PathBuf {
        for (file, text) in files {
            self.place.write(&format!("{name}/{file}"), text);
        }
        self.place.path(name)
    }

    fn here(&self, sources: &Sources, mode: GcMode) -> Outcome {
        let n = Scale::new(SCALE).unwrap();
        let interrupt = Interrupt::new();
        self.engine
            .run(sources, true, n, mode, Budget::default(), &interrupt)
            .unwrap()
    }

    /// The module that the harness compiled, byte by byte.
    fn module(&self, sources: &Sources, mode: GcMode) -> Vec<u8> {
        let interrupt = Interrupt::new();
        let compiled = self
            .engine
            .module(sources, mode, Budget::default(), &interrupt)
            .unwrap()
            .expect("it compiles");
        fs::read(compiled.folder.join(MODULE)).unwrap()
    }

    fn compare(&self, scenario: &Scenario, mode: GcMode) {
        let name = &scenario.name;
        let sources = scenario
            .program
            .sources(Scale::new(SCALE).unwrap())
            .unwrap();
        let folder = self.sources(name, &sources);

        let compiled = self.vera(&folder, mode, &["compile", "main.vera", "-o", "main.wasm"]);
        assert!(compiled.status.success(), "{name}: {compiled:?}");
        let theirs = fs::read(folder.join("main.wasm")).unwrap();
        assert!(
            theirs == self.module(&sources, mode),
            "{name}: the modules differ"
        );

        let outcome = self.here(&sources, mode);
        let scale = SCALE.to_string();
        let json = self.vera(&folder, mode, &["run", "--json", "main.vera", "--", &scale]);
        let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!(json["ok"], true, "{name}: {json}");
        let Ending::Returned { value, .. } = &outcome.ending else {
            panic!("{name}: {outcome:?}");
        };
        let theirs = match value {
            Value::Unit => serde_json::Value::Null,
            Value::Int(n) => (*n).into(),
            Value::Float(x) => (*x).into(),
            Value::Text(text) => text.as_str().into(),
        };
        assert_eq!(json["value"], theirs, "{name}");
        assert_eq!(
            json["stdout"].as_str().unwrap().as_bytes(),
            outcome.stdout,
            "{name}"
        );

        let text = self.vera(&folder, mode, &["run", "main.vera", "--", &scale]);
        if outcome.live_stdout.is_empty() {
            assert_eq!(
                String::from_utf8_lossy(&text.stdout).trim_end(),
                value.to_string()
            );
        } else {
            // `vera run` ends the last line where the program does not.
            let mut live = outcome.live_stdout.clone();
            if !live.ends_with(b"\n") {
                live.push(b'\n');
            }
            assert_eq!(text.stdout, live, "{name}");
        }
    }
}

#[test]
fn every_scenario_gives_what_vera_run_gives() {
    let both = Both::new();
    let catalogue = Catalogue::load(&[] as &[&str]);
    assert!(catalogue.errors.is_empty() && catalogue.scenarios.len() >= 10);
    for scenario in &catalogue.scenarios {
        for mode in [GcMode::Shipped, GcMode::Eager] {
            both.compare(scenario, mode);
        }
    }
}

#[test]
fn what_vera_run_refuses_is_refused_with_the_same_words() {
    let both = Both::new();
    let program = "public fn main(@Nat -> @Int)\n  requires(true) ensures(true) effects(pure)\n{\n  \"a\" + 1\n}\n";
    let sources = Sources([(Sources::MAIN.to_owned(), program.to_owned())].into());
    let folder = both.sources("refused", &sources);
    let outcome = both.here(&sources, GcMode::Shipped);
    let Ending::Rejected { message } = &outcome.ending else {
        panic!("{outcome:?}");
    };
    let theirs = both.vera(
        &folder,
        GcMode::Shipped,
        &["run", "--json", "main.vera", "--", "1"],
    );
    let theirs: serde_json::Value = serde_json::from_slice(&theirs.stdout).unwrap();
    let description = theirs["diagnostics"][0]["description"].as_str().unwrap();
    assert!(message.contains(description), "{message} / {description}");
    assert!(message.starts_with("main.vera:4:"), "{message}");
}

#[test]
fn the_two_modes_give_different_modules() {
    let both = Both::new();
    let catalogue = Catalogue::load(&[] as &[&str]);
    let scenario = catalogue.get("array-map-int").unwrap();
    let sources = scenario.program.sources(Scale::ONE).unwrap();
    assert!(both.module(&sources, GcMode::Shipped) != both.module(&sources, GcMode::Eager));
}
