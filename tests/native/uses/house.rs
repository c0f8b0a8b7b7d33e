//! What each use is driven with: scenarios of a test's own, a sink that keeps all
//! that happens, and no process of `vera-stress`.

use std::fmt::Debug;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use vera_stress::campaign::run::Run;
use vera_stress::campaign::{Finished, Setting};
use vera_stress::case::{Bytes, Case, Instructions, Lane, Scale};
use vera_stress::config::Profile;
use vera_stress::interrupt::Interrupt;
use vera_stress::plan::{Selection, plan};
use vera_stress::record::{
    Event, Gathering, Occurrence, RunReport, Sink, Sinks, VersionEvent, replay,
};
use vera_stress::scale::climb::ClimbLimits;
use vera_stress::scenario::Scenario;
use vera_stress::scenario::catalogue::Catalogue;
use vera_stress::toolchain::cache::Cache;
use vera_stress::toolchain::compile::Stop;
use vera_stress::toolchain::{Spec, Toolchain};

/// A sink that keeps what happens.
#[derive(Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<Event>>>);

impl Sink for Kept {
    fn take(&self, it: &Occurrence<'_>) {
        self.0.lock().unwrap().push(it.event.clone());
    }
}

impl Kept {
    /// All that happened.
    pub fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }

    /// What kinds of events they were. What a person is told beside them depends
    /// on what is installed.
    pub fn kinds(&self) -> Vec<String> {
        let events = self.events();
        let told = events.iter().filter(|it| !matches!(it, Event::Note(_)));
        told.map(kind).collect()
    }

    /// Whether what is made of the events is what the use returned; and whether
    /// each event that is recorded is the same where its line is read.
    #[track_caller]
    pub fn make(&self, name: &str, returned: &impl Debug) {
        let gathering = Gathering::default();
        let mut made: Vec<_> = (self.events().iter())
            .filter_map(|event| gathering.take(event))
            .collect();
        let made = made.pop().expect("the use is over");
        assert_eq!(format!("{made:?}"), format!("{name}({returned:?})"));
        self.are_read_again();
    }

    #[track_caller]
    fn are_read_again(&self) {
        let recorded: Vec<String> = (self.events().iter())
            .filter_map(|event| Occurrence::new(event).line().map(str::to_owned))
            .collect();
        let again = Kept::default();
        let sinks = Sinks::new(None, vec![Box::new(again.clone())]);
        let text: String = recorded.iter().map(|line| format!("{line}\n")).collect();
        replay("events", text.as_bytes(), &sinks).unwrap();
        let again = again.events();
        assert_eq!(again.len(), recorded.len());
        for (line, again) in recorded.iter().zip(&again) {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_alike(&line, &serde_json::to_value(again).unwrap(), "");
        }
    }
}

/// What a recording calls an event, or a word of this test's own.
fn kind(event: &Event) -> String {
    match event {
        Event::Version { what, .. } => match what {
            VersionEvent::Started(_) => "version: started".to_owned(),
            VersionEvent::Case(_) => "version: case".to_owned(),
            VersionEvent::Climb(_) => "version: climb".to_owned(),
            VersionEvent::Finished(_) => "version: finished".to_owned(),
        },
        Event::Ahead(more) => format!("{more} ahead"),
        Event::Begun(_) => "begun".to_owned(),
        Event::Ended(_) => "ended".to_owned(),
        Event::Doing(_) => "doing".to_owned(),
        Event::Note(_) => "note".to_owned(),
        recorded => {
            let value = serde_json::to_value(recorded).unwrap();
            value["event"].as_str().unwrap().to_owned()
        }
    }
}

/// Whether two values are the same, key by key. What is read of a fraction may be
/// another one by the last of its bits.
#[track_caller]
pub fn assert_alike(one: &Value, other: &Value, at: &str) {
    match (one, other) {
        (Value::Object(fields), Value::Object(others)) => {
            let keys = |of: &serde_json::Map<String, Value>| -> Vec<String> {
                let mut keys: Vec<String> = of.keys().cloned().collect();
                keys.sort();
                keys
            };
            assert_eq!(keys(fields), keys(others), "{at}");
            for (key, value) in fields {
                assert_alike(value, &others[key], &format!("{at}.{key}"));
            }
        }
        (Value::Array(all), Value::Array(others)) => {
            assert_eq!(all.len(), others.len(), "{at}");
            for (place, (one, other)) in all.iter().zip(others).enumerate() {
                assert_alike(one, other, &format!("{at}[{place}]"));
            }
        }
        (Value::Number(one), Value::Number(other)) if one.is_f64() && other.is_f64() => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            let near = (one - other).abs() <= one.abs() * 1e-12;
            assert!(near, "{at}: {one} and {other}");
        }
        (one, other) => assert_eq!(one, other, "{at}"),
    }
}

/// What a use works with.
pub struct House {
    folder: TempDir,
    /// The scenarios.
    pub catalogue: Catalogue,
    /// Where toolchains are kept, as other tests have them.
    pub cache: Cache,
    /// What ends the use.
    pub interrupt: Interrupt,
    /// What happened.
    pub kept: Kept,
    /// Where it goes.
    pub sinks: Sinks,
}

/// A scenario whose program returns n + 1, with what its file says is expected and
/// the tables behind that.
pub type Written<'a> = (&'a str, &'a str, &'a str);

/// One that passes.
pub const GOOD: Written<'static> = ("good", "n + 1", "");
/// One that is wrong at every n.
pub const BAD: Written<'static> = ("bad", "n", "");

const PROGRAM: &str = "public fn main(@Nat -> @Int)\n  requires(true) ensures(true) effects(pure)\n{\n  nat_to_int(@Nat.0) + 1\n}\n";

impl House {
    /// One with these scenarios, all on one axis; with the built-in ones where there
    /// is none.
    pub fn of(scenarios: &[Written<'_>]) -> House {
        let folder = tempfile::tempdir().unwrap();
        let all = folder.path().join("catalogue");
        for (name, value, tables) in scenarios {
            let folder = all.join("axis").join(name);
            fs::create_dir_all(&folder).unwrap();
            let toml = format!(
                "title = \"The scenario {name}\"\nwhy = \"A test needs it.\"\nn = 10\n\n\
                 [[guards]]\nclass = \"tests of the harness\"\nhistory = \"Written by a test.\"\n\n\
                 [expect]\nvalue = \"{value}\"\n\n{tables}\n"
            );
            fs::write(folder.join("scenario.toml"), toml).unwrap();
            fs::write(folder.join("main.vera"), PROGRAM).unwrap();
        }
        let catalogues = if scenarios.is_empty() {
            Vec::new()
        } else {
            vec![all]
        };
        let mut catalogue = Catalogue::load(&catalogues);
        assert!(catalogue.errors.is_empty(), "{:?}", catalogue.errors);
        if !scenarios.is_empty() {
            catalogue.scenarios.retain(|it| it.axis == "axis");
        }
        let kept = Kept::default();
        House {
            sinks: Sinks::new(None, vec![Box::new(kept.clone())]),
            folder,
            catalogue,
            cache: Cache::at(None),
            interrupt: Interrupt::new(),
            kept,
        }
    }

    /// What every use works with: one thing after another, so that the order of
    /// what happens is one.
    pub fn setting(&self) -> Setting<'_> {
        Setting {
            catalogue: &self.catalogue,
            cache: &self.cache,
            seed: 1,
            jobs: Some(1),
            ignores_known: false,
            advise: Stop::problem,
            interrupt: &self.interrupt,
            sinks: &self.sinks,
        }
    }

    /// A release, installed if need be.
    pub fn toolchain(&self, release: &str) -> Toolchain {
        let spec = Spec::Release(release.to_owned());
        Toolchain::set_up(&spec, &self.cache, &|_| {}).unwrap()
    }

    /// All scenarios.
    pub fn scenarios(&self) -> Vec<&Scenario> {
        self.catalogue.scenarios.iter().collect()
    }

    /// A case for each of them, in lane `native`.
    pub fn cases(&self) -> Vec<Case> {
        let selection = Selection {
            lanes: vec![Lane::NATIVE],
            seed: 1,
            ..Selection::default()
        };
        plan(&self.catalogue.scenarios, &selection).unwrap()
    }

    /// Where failures leave their folders.
    pub fn failures(&self) -> PathBuf {
        self.folder.path().join("failures")
    }

    /// Runs all cases.
    pub fn run(&self) -> Finished<RunReport> {
        let cases = self.cases();
        let toolchain = self.toolchain("0.2.5");
        let profile = profile();
        let failures = self.failures();
        let run = Run {
            setting: self.setting(),
            toolchain: &toolchain,
            profile: ("default", &profile),
            whole: &cases,
            partition: None,
            failures: &failures,
            against: None,
            reduce: None,
            heap_lives: false,
        };
        run.run(cases.clone()).unwrap()
    }
}

/// The default profile in lane `native`.
pub fn profile() -> Profile {
    Profile {
        lanes: vec![Lane::NATIVE],
        jobs: Some(1),
        ..Profile::built_in("default").unwrap()
    }
}

/// A climb that is soon over.
pub fn limits() -> ClimbLimits {
    ClimbLimits {
        time: Duration::from_secs(30),
        memory: Bytes::mebi(512),
        instructions: Instructions(100_000_000),
        largest: Scale::new(200).unwrap(),
    }
}
