//! What passes here passes in `vera run`: on every scenario, the harness and the
//! command that users type give the same module, the same value and the same
//! text.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::common::{Place, release_python};
use vera_stress::case::{Arguments, Budget, Case, Ending, Lane, Outcome, Scale, Sources, Value};
use vera_stress::engine::{Engines, Modules, Subject, folder};
use vera_stress::interrupt::Interrupt;
use vera_stress::scenario::catalogue::Catalogue;
use vera_stress::scenario::{Scenario, Surroundings};
use vera_stress::toolchain::cache::Cache;
use vera_stress::toolchain::compile::{Compiled, MODULE, SourcePlace as At};
use vera_stress::toolchain::{DEFAULT_RELEASE, Spec, Toolchain};

/// The scenarios of which every one is compared with Vera's own commands.
fn is_core(scenario: &Scenario) -> bool {
    scenario.tags.iter().any(|tag| tag == "seed")
}

/// Small enough for the slower of the two, large enough to do everything.
const SCALE: u64 = 60;

struct Both {
    place: Place,
    python: PathBuf,
    engines: Engines,
}

impl Both {
    fn new() -> Both {
        Both::of(DEFAULT_RELEASE)
    }

    fn of(release: &str) -> Both {
        let place = Place::new();
        let python = release_python(release);
        let cache = Cache::at(None);
        let spec = Spec::Release(release.to_owned());
        let toolchain = Toolchain::set_up(&spec, &cache, &|_| {}).unwrap();
        let engines = Engines::set_up(&toolchain, &cache, Modules::Kept).unwrap();
        Both {
            place,
            python,
            engines,
        }
    }

    /// `vera ARGUMENTS` beside the sources of a program, with `< FILE`.
    fn vera(&self, folder: &Path, lane: Lane, arguments: &[&str], input: &str) -> Output {
        let file = self.place.write("input", input);
        let mut command = Command::new(&self.python);
        command
            .args(["-m", "vera.cli"])
            .args(arguments)
            .stdin(Stdio::from(fs::File::open(file).unwrap()))
            .current_dir(folder);
        if lane == Lane::REFERENCE_EAGER {
            command.env("VERA_EAGER_GC", "1");
        } else {
            command.env_remove("VERA_EAGER_GC");
        }
        command.env("PYTHONHASHSEED", "0").output().unwrap()
    }

    fn sources(&self, name: &str, sources: &Sources) -> PathBuf {
        for (file, text) in &sources.files {
            self.place.write(&format!("{name}/{file}"), text);
        }
        self.place.path(name)
    }

    fn here(&self, program: (&Sources, bool), lane: Lane, input: &str) -> Outcome {
        self.here_in(&Surroundings::default(), program, lane, input)
    }

    fn here_in(
        &self,
        surroundings: &Surroundings,
        (sources, takes_scale): (&Sources, bool),
        lane: Lane,
        input: &str,
    ) -> Outcome {
        let case = Case {
            scenario: String::new(),
            lane,
            scale: Scale::new(SCALE).unwrap(),
        };
        let interrupt = Interrupt::new();
        let subject = Subject {
            sources,
            arguments: match takes_scale {
                true => &Arguments::Scale,
                false => &Arguments::Nothing,
            },
            input,
            surroundings,
        };
        self.engines
            .run(subject, &case, 0, Budget::default(), &interrupt)
            .unwrap()
    }

    fn compiled(&self, sources: &Sources, lane: Lane) -> Compiled {
        let interrupt = Interrupt::new();
        self.engines
            .module(sources, lane, Budget::default(), &interrupt)
            .unwrap()
            .expect("it compiles")
    }

    /// The module that the harness compiled, byte by byte.
    fn module(&self, sources: &Sources, lane: Lane) -> Vec<u8> {
        fs::read(self.compiled(sources, lane).folder.join(MODULE)).unwrap()
    }

    fn compare(&self, scenario: &Scenario, lane: Lane) {
        let name = &scenario.name;
        let sources = scenario
            .program
            .sources(Scale::new(SCALE).unwrap())
            .unwrap();
        let input = scenario.input.at(Scale::new(SCALE).unwrap()).unwrap();
        // Each in a folder of its own, with what the program is given.
        let vera = |doing: &str, arguments: &[&str]| {
            let folder = self.sources(&format!("{name}-{doing}"), &sources);
            if let Some(files) = &scenario.surroundings.files {
                folder::copy(files, &folder).unwrap();
            }
            self.vera(&folder, lane, arguments, &input)
        };

        let compiled = vera("compile", &["compile", "main.vera", "-o", "main.wasm"]);
        assert!(compiled.status.success(), "{name}: {compiled:?}");
        let theirs = self.place.path(&format!("{name}-compile/main.wasm"));
        let theirs = fs::read(theirs).unwrap();
        assert!(
            theirs == self.module(&sources, lane),
            "{name}: the modules differ"
        );

        let program = (&sources, scenario.call.depends_on_scale());
        let outcome = self.here_in(&scenario.surroundings, program, lane, &input);
        let scale = SCALE.to_string();
        let arguments: &[&str] = match scenario.call.depends_on_scale() {
            true => &["--", &scale],
            false => &[],
        };
        let json = &[&["run", "--json", "main.vera"], arguments].concat();
        let json = vera("json", json);
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

        // How it is shown has no part in when collections come.
        if lane == Lane::REFERENCE_EAGER {
            return;
        }
        let text = vera("text", &[&["run", "main.vera"], arguments].concat());
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

/// The scenarios that compile, by whether they are of the core.
fn able(core: bool) -> Vec<Scenario> {
    let catalogue = Catalogue::load(&[] as &[&str]);
    assert!(catalogue.errors.is_empty() && catalogue.scenarios.len() >= 10);
    let version: semver::Version = DEFAULT_RELEASE.parse().unwrap();
    let is_refused = |scenario: &Scenario| {
        scenario.known.iter().any(|limit| {
            limit.verdict.is_of_compiler()
                && limit.from_n.get() <= SCALE
                && limit.vera.matches(&version)
        })
    };
    let all = catalogue.scenarios.into_iter();
    all.filter(|it| is_core(it) == core && !is_refused(it))
        .collect()
}

// A command of Vera's takes half a second, so what every change waits for are the
// scenarios of the core in one lane.

#[test]
fn a_scenario_of_the_core_gives_what_vera_run_gives() {
    let both = Both::new();
    for scenario in able(true) {
        both.compare(&scenario, Lane::REFERENCE);
    }
}

#[test]
#[ignore = "long: some hundred commands of Vera's"]
fn a_scenario_of_each_axis_gives_what_vera_run_gives_in_both_lanes() {
    let both = Both::new();
    for scenario in able(true) {
        both.compare(&scenario, Lane::REFERENCE_EAGER);
    }
    let mut axes = BTreeSet::new();
    let one_of_each = |it: &Scenario| axes.insert(it.axis.clone());
    for scenario in able(false).into_iter().filter(one_of_each) {
        for lane in [Lane::REFERENCE, Lane::REFERENCE_EAGER] {
            both.compare(&scenario, lane);
        }
    }
}

#[test]
fn what_vera_run_refuses_is_refused_with_the_same_words() {
    let both = Both::new();
    let program = "public fn main(@Nat -> @Int)\n  requires(true) ensures(true) effects(pure)\n{\n  \"a\" + 1\n}\n";
    let sources = Sources::of([(Sources::MAIN.to_owned(), program.to_owned())].into());
    let folder = both.sources("refused", &sources);
    let outcome = both.here((&sources, true), Lane::REFERENCE, "");
    let Ending::Rejected { message, .. } = &outcome.ending else {
        panic!("{outcome:?}");
    };
    let theirs = both.vera(
        &folder,
        Lane::REFERENCE,
        &["run", "--json", "main.vera", "--", "1"],
        "",
    );
    let theirs: serde_json::Value = serde_json::from_slice(&theirs.stdout).unwrap();
    let description = theirs["diagnostics"][0]["description"].as_str().unwrap();
    assert!(message.contains(description), "{message} / {description}");
    assert!(message.starts_with("main.vera:4:"), "{message}");
}

/// Reads two lines, then characters, and shows where each ends.
const READER: &str = r#"
private fn characters(@Nat -> @Unit)
  requires(true) ensures(true) decreases(@Nat.0) effects(<IO>)
{
  if @Nat.0 == 0 then {
    ()
  } else {
    match IO.read_char(()) {
      Ok(@String) -> {
        IO.print("{\(@String.0)}");
        characters(@Nat.0 - 1)
      },
      Err(@String) -> IO.print("\(@String.0).")
    }
  }
}

public fn main(@Nat -> @Unit)
  requires(true) ensures(true) effects(<IO>)
{
  let @String = IO.read_line(());
  let @String = IO.read_line(());
  IO.print("[\(@String.1)][\(@String.0)]");
  characters(9)
}
"#;

#[test]
fn input_is_read_as_vera_run_reads_a_file() {
    let sources = Sources::of([(Sources::MAIN.to_owned(), READER.to_owned())].into());
    let long = "lang ".repeat(20_000);
    let inputs = [
        ("", "[][]EOF."),
        ("one", "[one][]EOF."),
        ("one\ntwo\n", "[one][two]EOF."),
        ("\n\n\n", "[][]{\n}EOF."),
        ("one\r\n two \nthr\r", "[one\r][ two ]{t}{h}{r}{\r}EOF."),
        (
            "\u{feff}größer\n\u{1d11e}\0\u{2028}x\n€\u{4}\u{1d11e}",
            "[\u{feff}größer][\u{1d11e}\0\u{2028}x]{€}{\u{4}}{\u{1d11e}}EOF.",
        ),
        (&format!("{long}\n{long}"), &format!("[{long}][{long}]EOF.")),
    ];
    for release in ["0.1.5", DEFAULT_RELEASE] {
        let both = Both::of(release);
        let folder = both.sources("reader", &sources);
        for (input, wanted) in inputs {
            let run = ["run", "--json", "main.vera", "--", "1"];
            let theirs = both.vera(&folder, Lane::REFERENCE, &run, input);
            let theirs: serde_json::Value = serde_json::from_slice(&theirs.stdout).unwrap();
            assert_eq!(theirs["stdout"], wanted, "{release}: {theirs}");
            for lane in [
                Lane::REFERENCE,
                Lane::REFERENCE_EAGER,
                Lane::NATIVE,
                Lane::NATIVE_EAGER,
            ] {
                let ours = both.here((&sources, true), lane, input);
                assert_eq!(
                    String::from_utf8_lossy(&ours.stdout),
                    wanted,
                    "{release} [{lane}]: {:?}",
                    ours.ending
                );
            }
        }
    }
}

#[test]
fn the_two_modes_give_different_modules() {
    let both = Both::new();
    let catalogue = Catalogue::load(&[] as &[&str]);
    let scenario = catalogue.get("array-map-int").unwrap();
    let sources = scenario.program.sources(Scale::ONE).unwrap();
    assert!(both.module(&sources, Lane::REFERENCE) != both.module(&sources, Lane::REFERENCE_EAGER));
}

#[test]
fn what_running_needs_is_kept_beside_the_module_in_every_release() {
    let program = |result: &str, body: &str| {
        let text = format!(
            "import helper(twice);\n\nprivate fn own(@Int -> @Int)\n  requires(true) ensures(true) effects(pure)\n{{\n  twice(@Int.0)\n}}\n\npublic fn main(@Nat -> @{result})\n  requires(true) ensures(true) effects(pure)\n{{\n  {body}\n}}\n"
        );
        let helper = "public fn twice(@Int -> @Int)\n  requires(true) ensures(true) effects(pure)\n{\n  @Int.0 + @Int.0\n}\n";
        Sources::of(
            [
                (Sources::MAIN.to_owned(), text),
                ("helper.vera".to_owned(), helper.to_owned()),
            ]
            .into(),
        )
    };
    let number = program("Int", "own(nat_to_int(@Nat.0))");
    let words = program("String", "int_to_string(own(nat_to_int(@Nat.0)))");
    for release in ["0.1.5", "0.2.0", DEFAULT_RELEASE] {
        let both = Both::of(release);
        // The second time, it comes from the cache.
        for _ in 0..2 {
            let about = both.compiled(&number, Lane::NATIVE).about;
            assert!(about.exports.contains(&"main".to_owned()), "{about:?}");
            assert_eq!(
                (about.parameters.as_slice(), about.returns_text),
                (&["i64".to_owned()][..], false)
            );
            let at = |line| At {
                file: "main.vera".to_owned(),
                line,
            };
            assert_eq!(
                about.functions.get("own"),
                Some(&at(3)),
                "{release}: {about:?}"
            );
            assert_eq!(
                about.functions.get("main"),
                Some(&at(9)),
                "{release}: {about:?}"
            );
            assert!(about.builtin.contains("option_map"), "{release}: {about:?}");
            if release == DEFAULT_RELEASE {
                // Where modules are linked, names in the module are not the program's.
                let shown = about.display.get("mod$helper$twice");
                assert_eq!(shown.map(String::as_str), Some("twice"), "{about:?}");
                assert_eq!(about.functions["mod$helper$twice"].file, "helper.vera");
            }
        }
        assert!(both.compiled(&words, Lane::NATIVE).about.returns_text);
        // Both engines run one module.
        let folder = |lane| both.compiled(&number, lane).folder;
        assert_eq!(folder(Lane::NATIVE), folder(Lane::REFERENCE));
        assert_eq!(folder(Lane::NATIVE_EAGER), folder(Lane::REFERENCE));
        assert_ne!(folder(Lane::REFERENCE_EAGER), folder(Lane::REFERENCE));
    }
}
