//! What the tests of the binary share: a fresh place to run it in, scenarios
//! written there, and what a run left behind.

pub mod planted;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Output};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// How long a test waits for something that takes a moment: far longer than it
/// ever takes, so that only what never happens fails.
const PATIENCE: Duration = Duration::from_mins(2);

/// The release that is installed in most tests.
pub const RELEASE: &str = "0.2.5";

/// A working directory of its own, with a catalogue in it.
pub struct Place {
    folder: TempDir,
}

impl Place {
    /// An empty one.
    pub fn new() -> Place {
        Place {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// The working directory, or something in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file below the working directory.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        file
    }

    /// A scenario that is yet to be described; [`Scenario::write`] puts it into
    /// this place's catalogue.
    pub fn scenario(&self, name: &str) -> Scenario<'_> {
        Scenario {
            place: self,
            axis: "axis".to_owned(),
            name: name.to_owned(),
            n: 10,
            keys: String::new(),
            expect: "value = \"n\"".to_owned(),
            guard: String::new(),
            tables: String::new(),
            files: BTreeMap::new(),
        }
    }

    /// Puts a scenario called `good` into the catalogue: it passes on every Vera,
    /// and shows that whatever else is in a run does not keep others from being
    /// judged.
    pub fn good(&self) {
        self.scenario("good")
            .n(100)
            .program(&main_of("@Int", "pure", "nat_to_int(@Nat.0) + 1"))
            .expect("value = \"n + 1\"")
            .write();
    }

    /// The binary, to be run in the working directory without anything in the
    /// environment that changes what it does.
    pub fn command(&self) -> Command {
        Command::from_std(self.process())
    }

    /// The same as [`Place::command`], to be started and left alone.
    pub fn process(&self) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vera-stress"));
        command
            .current_dir(self.folder.path())
            .env_remove("NO_COLOR")
            // The Vera of an environment would be taken where none is named.
            .env_remove("VIRTUAL_ENV")
            .env_remove("CONDA_PREFIX");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("VERA_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Gives a command the arguments for `run` in this place: the catalogue, and
    /// a file for the events.
    pub fn run_args<'a>(&self, arguments: &[&'a str]) -> Vec<&'a str> {
        let mut all = vec!["run", "--catalogue", "catalogue", "--json", EVENTS];
        all.extend(arguments);
        all
    }

    /// Runs `vera-stress run` on this place's catalogue to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_in(&[] as &[(&str, &str)], arguments)
    }

    /// The same with some variables in the environment.
    pub fn run_in(&self, environment: &[(&str, impl AsRef<OsStr>)], arguments: &[&str]) -> Ran {
        let mut command = self.process();
        for (name, value) in environment {
            command.env(name, value);
        }
        let output = command.args(self.run_args(arguments)).output().unwrap();
        self.ran(output)
    }

    /// Runs scenarios by name in lane `reference`, without searching for the
    /// smallest failing n.
    pub fn judge(&self, names: &[&str]) -> Ran {
        let mut arguments = vec!["--lane", "reference", "--no-shrink"];
        arguments.extend(names);
        self.run(&arguments)
    }

    /// What a run of this place printed and wrote.
    pub fn ran(&self, output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            events: self.events(),
        }
    }

    /// The events that a run has written so far.
    pub fn events(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path(EVENTS)).unwrap_or_default();
        // The last line may be half written while the run goes on.
        text.lines()
            .map_while(|line| serde_json::from_str(line).ok())
            .collect()
    }
}

const EVENTS: &str = "events.jsonl";

/// A scenario folder in the making. Without more it expects the value n.
pub struct Scenario<'a> {
    place: &'a Place,
    axis: String,
    name: String,
    n: u64,
    keys: String,
    expect: String,
    guard: String,
    tables: String,
    files: BTreeMap<String, String>,
}

impl Scenario<'_> {
    /// The folder above.
    pub fn axis(mut self, axis: &str) -> Self {
        self.axis = axis.to_owned();
        self
    }

    /// The scale.
    pub fn n(mut self, n: u64) -> Self {
        self.n = n;
        self
    }

    /// The text of `main.vera`.
    pub fn program(self, text: &str) -> Self {
        self.file("main.vera", text)
    }

    /// The text of another file of the folder.
    pub fn file(mut self, name: &str, text: &str) -> Self {
        self.files.insert(name.to_owned(), text.to_owned());
        self
    }

    /// The lines of `[expect]`, instead of `value = "n"`.
    pub fn expect(mut self, lines: &str) -> Self {
        self.expect = lines.to_owned();
        self
    }

    /// More lines for the top of `scenario.toml`, such as `alone = true`.
    pub fn keys(mut self, lines: &str) -> Self {
        self.keys = lines.to_owned();
        self
    }

    /// More lines of its guard.
    pub fn guard(mut self, lines: &str) -> Self {
        self.guard = lines.to_owned();
        self
    }

    /// More tables for the end of `scenario.toml`, such as `[budget]`.
    pub fn tables(mut self, text: &str) -> Self {
        self.tables = text.to_owned();
        self
    }

    /// Writes the folder, and gives its path.
    pub fn write(self) -> PathBuf {
        let Scenario {
            axis,
            name,
            n,
            keys,
            expect,
            tables,
            guard,
            ..
        } = &self;
        let folder = format!("catalogue/{axis}/{name}");
        let toml = format!(
            "title = \"The scenario {name}\"\nwhy = \"A test needs it.\"\nn = {n}\n{keys}\n\n\
             [[guards]]\nclass = \"tests of the harness\"\nhistory = \"Written by a test.\"\n{guard}\n\n\
             [expect]\n{expect}\n\n{tables}\n"
        );
        self.place.write(&format!("{folder}/scenario.toml"), &toml);
        for (file, text) in &self.files {
            self.place.write(&format!("{folder}/{file}"), text);
        }
        self.place.path(&folder)
    }
}

/// A program with nothing but `main`, which takes the scale as `@Nat.0`.
pub fn main_of(result: &str, effects: &str, body: &str) -> String {
    format!(
        "public fn main(@Nat -> {result})\n  requires(true) ensures(true) effects({effects})\n{{\n  {body}\n}}\n"
    )
}

/// A program that a known scenario file may stand beside: it gives n back.
pub fn identity() -> String {
    main_of("@Nat", "pure", "@Nat.0")
}

/// A place with scenarios that need no collector: two that pass on two axes, and
/// one that is wrong from n = 7 on.
pub fn three_scenarios() -> Place {
    let place = Place::new();
    let program = main_of("@Int", "pure", "nat_to_int(@Nat.0) + 1");
    for (axis, name) in [("left", "one"), ("right", "two")] {
        place
            .scenario(name)
            .axis(axis)
            .program(&program)
            .expect("value = \"n + 1\"")
            .write();
    }
    let body = "if @Nat.0 < 7 then { 1 } else { 2 }";
    place
        .scenario("bad")
        .axis("left")
        .n(1000)
        .program(&main_of("@Int", "pure", body))
        .expect("value = \"1\"")
        .write();
    place
}

/// How a run ended, and what it left behind.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The lines of `--json`.
    pub events: Vec<Value>,
}

impl Ran {
    /// The last record of the only case of a scenario.
    pub fn case(&self, scenario: &str) -> &Value {
        self.find(|case| case["scenario"] == scenario, scenario)
    }

    /// The last record of a scenario's case in a lane.
    pub fn case_in(&self, scenario: &str, lane: &str) -> &Value {
        self.find(
            |case| case["scenario"] == scenario && case["lane"] == lane,
            scenario,
        )
    }

    fn find(&self, wanted: impl Fn(&Value) -> bool, what: &str) -> &Value {
        let is_case = |event: &&Value| event["event"].as_str().unwrap().starts_with("case-");
        let found = self
            .events
            .iter()
            .filter(is_case)
            .rfind(|case| wanted(case));
        found.unwrap_or_else(|| panic!("no record of {what} in {self}"))
    }

    /// The verdict on the only case of a scenario.
    pub fn verdict(&self, scenario: &str) -> &str {
        self.case(scenario)["verdict"].as_str().unwrap()
    }

    /// The first line of what is said at the end about a scenario that failed or
    /// was not run.
    pub fn failure(&self, scenario: &str) -> &str {
        let failed = format!("FAIL {scenario} [");
        let not_run = format!(" {scenario} [");
        let mut lines = self.stdout.lines().rev();
        let found = lines.find(|line| {
            let names = line.strip_prefix("NOT RUN");
            line.starts_with(&failed) || names.is_some_and(|it| it.contains(&not_run))
        });
        found.unwrap_or_else(|| panic!("no failure of {scenario} in {self}"))
    }

    /// Fails the test with all that is known unless the exit code is `code`.
    #[track_caller]
    pub fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Fails the test unless the scenario came to `verdict`, with `words` in the
    /// first line of what is said about it.
    #[track_caller]
    pub fn fails(self, scenario: &str, verdict: &str, words: &str) -> Ran {
        assert_eq!(self.verdict(scenario), verdict, "{self}");
        let line = self.failure(scenario);
        assert!(line.contains(words), "no `{words}` in `{line}` of {self}");
        self
    }

    /// Fails the test unless the scenario passed.
    #[track_caller]
    pub fn passes(self, scenario: &str) -> Ran {
        assert_eq!(self.verdict(scenario), "pass", "{self}");
        self
    }

    /// Fails the test unless each of `sentences` is on standard error.
    #[track_caller]
    pub fn says(self, sentences: &[&str]) -> Ran {
        for words in sentences {
            assert!(self.stderr.contains(words), "no `{words}` in {self}");
        }
        self
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ran {
            code,
            stdout,
            stderr,
            ..
        } = self;
        write!(
            f,
            "the run with exit code {code:?}:\n{stdout}\n--- standard error:\n{stderr}"
        )
    }
}

/// Runs the scenario `good` in lane `reference` with the cache of this place.
pub fn run_good(place: &Place, arguments: &[&str]) -> Ran {
    place.good();
    let all = ["good", "--lane", "reference", "--cache-dir", "cache"];
    place.run(&[&all[..], arguments].concat())
}

/// The interpreter of a release in the user's cache, installed there if need be.
pub fn release_python(release: &str) -> PathBuf {
    let folder = user_cache().join("toolchains").join(release);
    if !folder.join("installed.json").is_file() {
        let place = Place::new();
        place.good();
        place.run(&["good", "--vera", release]).passes("good");
    }
    folder.join("bin/python")
}

/// Where the binary keeps its things when it is not told otherwise.
pub fn user_cache() -> PathBuf {
    let base = match std::env::var_os("XDG_CACHE_HOME") {
        Some(base) => PathBuf::from(base),
        None => PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"),
    };
    base.join("vera-stress")
}

/// The interpreter that releases are installed with, which has no Vera itself.
pub fn base_python() -> PathBuf {
    release_python(RELEASE).canonicalize().unwrap()
}

/// A folder for the PATH that holds nothing but a shell script called `name`.
pub fn only_script(place: &Place, name: &str, lines: &str) -> PathBuf {
    let script = place.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{lines}\n"));
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    place.path("bin")
}

/// A cache without modules that shares the installed releases of this user.
pub fn fresh_modules(place: &Place) {
    release_python(RELEASE);
    fs::create_dir(place.path("cache")).unwrap();
    symlink(
        user_cache().join("toolchains"),
        place.path("cache/toolchains"),
    )
    .unwrap();
}

/// The folder of the only compiled module in a cache.
pub fn only_entry(modules: &Path) -> PathBuf {
    let inner = |folder: PathBuf| {
        let names = names_in(&folder);
        assert_eq!(names.len(), 1, "{names:?}");
        folder.join(&names[0])
    };
    inner(inner(modules.to_owned()))
}

/// The names of what a folder holds, sorted.
pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// Asks again and again until there is an answer.
#[track_caller]
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(since.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The processes whose command line holds `words`.
#[cfg(target_os = "linux")]
pub fn processes_with(words: &str) -> Vec<i32> {
    processes(|folder| {
        let line = fs::read(folder.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(words)
    })
}

/// The processes that a process has started.
#[cfg(target_os = "linux")]
pub fn children_of(parent: i32) -> Vec<i32> {
    processes(|folder| {
        let about = fs::read_to_string(folder.join("status")).unwrap_or_default();
        about.lines().any(|line| line == format!("PPid:\t{parent}"))
    })
}

#[cfg(target_os = "linux")]
fn processes(wanted: impl Fn(&Path) -> bool) -> Vec<i32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .filter(|(_, folder)| wanted(folder))
        .map(|(process, _)| process)
        .collect()
}

/// The worker that a running `vera-stress` has started, and the folder in which
/// that run keeps its files.
#[cfg(target_os = "linux")]
pub fn worker_of(run: &Child) -> Option<(i32, PathBuf)> {
    children_of(run.id() as i32)
        .into_iter()
        .find_map(|process| {
            let line = fs::read_to_string(format!("/proc/{process}/cmdline")).ok()?;
            let script = line.split('\0').find(|word| word.ends_with("/worker.py"))?;
            Some((process, Path::new(script).parent()?.to_owned()))
        })
}

/// Sends a signal to a process that this test has started.
pub fn signal(process: i32, signal: rustix::process::Signal) {
    let process = rustix::process::Pid::from_raw(process).unwrap();
    rustix::process::kill_process(process, signal).unwrap();
}

/// The text of a program that says that it runs by a file `started` in the folder that
/// it runs in, and waits there for a file `go`. `wait(@String, @Nat)` does the waiting,
/// in the folder `@String.0`; `body` is what is done.
pub fn patient(body: &str) -> String {
    format!(
        r#"private fn wait(@String, @Nat -> @Nat)
  requires(true) ensures(true) effects(<IO, Diverge>)
{{
  match IO.read_file(string_concat(@String.0, "/go")) {{
    Ok(@String) -> @Nat.0,
    Err(@String) -> {{ IO.sleep(20); wait(@String.1, @Nat.0) }}
  }}
}}

public fn main(@Nat -> @Nat)
  requires(true) ensures(true) effects(<IO, Diverge>)
{{
  let @Result<Unit, String> = IO.write_file("./started", "");
  let @String = ".";
  {body}
}}
"#
    )
}

/// What a scenario with such a program leaves behind once it was let go.
pub const PATIENT_FILES: &str = "[expect.files]\nstarted = '\"\"'\ngo = '\"\"'\n";

/// The folder in which such a program runs, once it does: below that for temporary
/// files.
pub fn patient_folder(temporary: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(temporary).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|it| it.path()).collect();
    while let Some(folder) = folders.pop() {
        if folder.join("started").is_file() {
            return Some(folder);
        }
        if folder.is_dir() && !folder.is_symlink() {
            let inner = fs::read_dir(&folder).into_iter().flatten().flatten();
            folders.extend(inner.map(|it| it.path()));
        }
    }
    None
}

/// Whether a run printed these words.
#[track_caller]
pub fn assert_says(ran: &Ran, words: &str) {
    assert!(ran.stdout.contains(words), "no `{words}` in {ran}");
}

/// The last event of a run, which must be of this name.
#[track_caller]
pub fn last_event<'a>(ran: &'a Ran, name: &str) -> &'a Value {
    let last = ran.events.last();
    let last = last.unwrap_or_else(|| panic!("no event in {ran}"));
    assert_eq!(last["event"], name, "{ran}");
    last
}
