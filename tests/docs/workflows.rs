//! What the action does in its steps, and the one tracking issue. `gh`, `cargo`
//! and `vera-stress` are scripts that write down how they were called.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const RUN: &str = "\
vera-stress 0.1.0: 2 cases on Vera 0.1.5, 2 jobs, profile nightly
pass  life [reference] n=100 (0.10s, 70.0 MiB)
FAIL  linked-list [reference] n=100000: expected 5000050000, got 2427361604944

FAIL linked-list [reference] n=100000: expected 5000050000, got 2427361604944
     smallest failing n: 81925 (81924 passes)   guards #515 payloads
     again: vera-stress run linked-list --lane reference --scale 81925 --vera 0.1.5

2 cases: 1 passed, 1 failed in 3.0s
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn action() -> String {
    fs::read_to_string(root().join("action.yml")).unwrap()
}

/// The lines of one step of the action.
fn step(name: &str) -> String {
    let action = action();
    let start = format!("    - name: {name}\n");
    let rest = action.split_once(&start).expect("the action has this step");
    rest.1.split("\n    - name: ").next().unwrap().to_owned()
}

/// The shell line of a step.
fn script(name: &str) -> String {
    let step = step(name);
    let line = step
        .lines()
        .find_map(|line| line.trim().strip_prefix("run: "));
    line.expect("the step runs a script").to_owned()
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// A folder with the output of a run, and a `gh` that knows `open` issues.
    fn new(output: &str, open: &str) -> Place {
        let place = Place {
            folder: tempfile::tempdir().unwrap(),
        };
        place.write("stress-run.txt", output);
        place.command(
            "gh",
            &format!(
                "echo \"$*\" >> \"{0}/calls\"\ncase \"$1 $2\" in 'issue list') echo '{open}' ;; esac\n\
                 while [ $# -gt 1 ]; do [ \"$1\" = --body-file ] && cp \"$2\" \"{0}/body\"; shift; done\nexit 0\n",
                place.folder.path().display()
            ),
        );
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.path(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// A command that stands in for a real one.
    fn command(&self, name: &str, body: &str) {
        self.write(&format!("bin/{name}"), &format!("#!/bin/bash\n{body}"));
        let file = self.path(&format!("bin/{name}"));
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a script as GitHub does, with what a step of the action sets.
    fn bash(&self, script: &str, environment: &[(&str, &str)]) -> Output {
        let path = std::env::var("PATH").unwrap();
        Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(self.folder.path())
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("GITHUB_ACTION_PATH", root())
            .env("RUNNER_TEMP", self.path("temp"))
            .env("DIRECTORY", ".")
            .env("GITHUB_OUTPUT", self.path("outputs"))
            .env("GITHUB_PATH", self.path("paths"))
            .env("RUN_URL", "https://example.org/runs/7")
            .env("COMMIT", "abc1234")
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }

    fn step(&self, name: &str, environment: &[(&str, &str)]) -> Output {
        self.bash(&script(name), environment)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_default()
    }

    /// An output that a step has set.
    fn output(&self, name: &str) -> String {
        let text = self.read("outputs");
        let start = format!("{name}=");
        let line = text.lines().rev().find_map(|it| it.strip_prefix(&start));
        line.unwrap_or_else(|| panic!("no output {name} in {text}"))
            .to_owned()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn no_input_is_ever_a_part_of_a_script() {
    let action = action();
    let runs: Vec<&str> = action
        .lines()
        .filter_map(|line| line.trim().strip_prefix("run: "))
        .collect();
    assert_eq!(runs.len(), 5);
    for run in runs {
        let is_plain = |run: &str| {
            let rest = run.strip_prefix("bash \"$GITHUB_ACTION_PATH/.github/scripts/");
            !run.contains("${{") && rest.is_some()
        };
        assert!(is_plain(run), "{run}");
        assert!(
            !is_plain(&format!("{run} ${{{{ inputs.vera }}}}")),
            "a check that can fail"
        );
        let script = run.split(['/', '"']).find(|it| it.ends_with(".sh"));
        let file = root().join(".github/scripts").join(script.unwrap());
        assert!(file.is_file(), "{}", file.display());
    }
    // What a script reads is in the environment of each step that runs it.
    for (name, variables) in [
        (
            "Decide what to install and to test",
            &["VERA", "COMMAND", "VERSION", "DIRECTORY"][..],
        ),
        ("Install vera-stress", &["VERSION", "BUILT"]),
        (
            "Run",
            &["COMMAND", "VERA", "PROFILE", "ARGUMENTS", "DIRECTORY"],
        ),
        (
            "Climb",
            &["COMMAND", "VERA", "PROFILE", "ARGUMENTS", "DIRECTORY"],
        ),
        (
            "Tell the maintainers",
            &["GH_TOKEN", "GH_REPO", "RUN_URL", "COMMIT", "DIRECTORY"],
        ),
    ] {
        let step = step(name);
        for variable in variables {
            assert!(
                step.contains(&format!("        {variable}: ")),
                "{variable} in {step}"
            );
        }
    }
}

#[test]
fn without_an_input_the_command_chooses_the_vera() {
    let plan = "Decide what to install and to test";
    let place = Place::new(RUN, "");
    let environment = |vera| [("VERA", vera), ("COMMAND", "run"), ("VERSION", "")];
    let planned = |vera| {
        let output = place.step(plan, &environment(vera));
        assert!(output.status.success(), "{output:?}");
        (place.output("vera"), place.output("vera-key"))
    };
    assert_eq!(planned("0.2.5"), ("0.2.5".to_owned(), "0.2.5".to_owned()));
    for checkout in ["", "."] {
        assert_eq!(
            planned(checkout),
            (checkout.to_owned(), "checkout-unknown".to_owned()),
            "no commit is known of what is no repository"
        );
    }
    // The caches go by what is built, or by the release.
    let built = place.output("source");
    assert_eq!(built.len(), 16, "{built}");
    let release = [("VERA", ""), ("COMMAND", "both"), ("VERSION", "0.1.0")];
    assert!(place.step(plan, &release).status.success());
    assert_eq!(place.output("source"), "release-0.1.0");
}

#[test]
fn inputs_that_make_no_sense_are_said() {
    let plan = "Decide what to install and to test";
    for (name, value, said) in [
        ("COMMAND", "bisect", "none of run, climb and both"),
        ("VERA", "0.2.5\nvera=evil", "one line each"),
        ("DIRECTORY", "nowhere", "names no directory"),
    ] {
        let place = Place::new(RUN, "");
        let all = [("VERA", ""), ("COMMAND", "run"), ("VERSION", "")];
        let all: Vec<(&str, &str)> = all.into_iter().chain([(name, value)]).collect();
        let output = place.step(plan, &all);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let text = stdout(&output);
        assert!(
            text.starts_with("::error title=vera-stress::") && text.contains(said),
            "{text}"
        );
        assert_eq!(place.read("outputs"), "exit-code=2\n");
    }
}

/// A checkout of the action that has its scripts and few sources.
fn checkout(place: &Place) -> PathBuf {
    let scripts = place.path("source/.github");
    fs::create_dir_all(&scripts).unwrap();
    let linked =
        std::os::unix::fs::symlink(root().join(".github/scripts"), scripts.join("scripts"));
    linked.unwrap();
    for file in [
        "Cargo.lock",
        "Cargo.toml",
        "build.rs",
        "crates/it/Cargo.toml",
        "crates/it/src/lib.rs",
        "src/lib.rs",
    ] {
        place.write(&format!("source/{file}"), file);
    }
    place.write("source/src/main.rs", "");
    place.write("source/scenarios/axis/it/main.vera", "");
    place.path("source")
}

#[test]
fn the_build_is_kept_by_all_that_it_is_made_of() {
    let place = Place::new(RUN, "");
    let source = checkout(&place);
    let planned = || {
        let environment = [
            ("VERA", ""),
            ("COMMAND", "run"),
            ("VERSION", ""),
            ("GITHUB_ACTION_PATH", source.to_str().unwrap()),
            ("CARGO_HOME", "/cargo"),
            ("XDG_CACHE_HOME", "/caches"),
        ];
        let output = place.step("Decide what to install and to test", &environment);
        assert!(output.status.success(), "{output:?}");
        (place.output("dependencies"), place.output("source"))
    };
    let first = planned();
    assert_eq!(first, planned(), "the same sources are the same build");
    place.write("source/target/release/it", "made of them");
    place.write("source/docs/it.md", "no part of the binary");
    assert_eq!(first, planned());
    for file in [
        "src/lib.rs",
        "crates/it/src/lib.rs",
        "build.rs",
        "scenarios/axis/it/main.vera",
    ] {
        let before = planned();
        place.write(&format!("source/{file}"), "changed");
        let after = planned();
        assert_eq!(before.0, after.0, "{file} is no dependency");
        assert_ne!(before.1, after.1, "{file}");
    }
    for file in ["Cargo.lock", "crates/it/Cargo.toml"] {
        let before = planned();
        place.write(&format!("source/{file}"), "changed");
        assert_ne!(before.0, planned().0, "{file}");
    }
    // A job's container has its own paths, which the runner's expressions miss.
    let target = source.join("target");
    assert_eq!(place.output("target"), target.to_str().unwrap());
    assert_eq!(place.output("registry"), "/cargo/registry");
    assert_eq!(place.output("cache"), "/caches/vera-stress");
    assert_eq!(place.output("system").len(), 16);
}

#[test]
fn nothing_is_planned_with_a_python_or_a_path_of_the_host() {
    let place = Place::new(RUN, "");
    place.command("python3", "exit 127\n");
    let environment = [("VERA", ""), ("COMMAND", "run"), ("VERSION", "")];
    let output = place.step("Decide what to install and to test", &environment);
    assert!(output.status.success(), "{output:?}");
    let action = action();
    for path in ["github.action_path", "runner.temp", "github.workspace"] {
        assert!(!action.contains(path), "{path} is the host's");
    }
}

#[test]
fn caches_are_saved_where_the_job_fails() {
    let action = action();
    assert!(!action.contains("uses: actions/cache@"), "{action}");
    let part = |step: &str, from: &str| {
        let rest = step.split_once(from).expect(from).1;
        let end = rest.find("\n        restore-keys:").or(rest.find("\n\n"));
        rest[..end.unwrap_or(rest.len())].trim_end().to_owned()
    };
    for (what, id) in [
        ("the build of vera-stress", "build"),
        ("Vera and compiled programs", "programs"),
    ] {
        let restore = step(&format!("Restore {what}"));
        let save = step(&format!("Save {what}"));
        assert!(restore.contains(&format!("      id: {id}\n")), "{restore}");
        assert!(restore.contains("uses: actions/cache/restore@v4\n"));
        assert!(save.contains("uses: actions/cache/save@v4\n"));
        let hit = format!("steps.{id}.outputs.cache-hit != 'true'");
        assert!(save.contains(&hit), "{save}");
        assert_eq!(part(&restore, "with:\n"), part(&save, "with:\n"));
    }
    let place = |name: &str| action.find(&format!("    - name: {name}\n")).unwrap();
    assert!(place("Install vera-stress") < place("Save the build of vera-stress"));
    assert!(place("Save the build of vera-stress") < place("Run"));
    assert!(place("Climb") < place("Save Vera and compiled programs"));
    assert!(step("Save Vera and compiled programs").contains("always()"));
}

#[test]
fn the_source_of_the_action_is_built_and_stands_on_the_path() {
    let place = Place::new(RUN, "");
    let source = checkout(&place);
    let calls = place.path("calls");
    // A cargo that builds only what is younger than what it has built.
    place.command(
        "cargo",
        &format!(
            "echo \"$*\" >> \"{0}\"\ncd \"{1}\"\nfor it in src/lib.rs src/main.rs build.rs crates/it/src/lib.rs; do\n\
             [ \"$it\" -nt target/release/vera-stress ] || exit 7\ndone\n",
            calls.display(),
            source.display()
        ),
    );
    place.write("source/target/release/vera-stress", "#!/bin/sh\necho 1.2\n");
    let built = place.path("source/target/release/vera-stress");
    fs::set_permissions(&built, fs::Permissions::from_mode(0o755)).unwrap();
    // The build of other sources, which the cache had, is younger than these.
    for file in [
        "src/lib.rs",
        "src/main.rs",
        "build.rs",
        "crates/it/src/lib.rs",
    ] {
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        let file = fs::File::options().append(true).open(source.join(file));
        file.unwrap().set_modified(long_ago).unwrap();
    }
    let install = |built: &str| {
        let environment = [
            ("VERSION", ""),
            ("BUILT", built),
            ("GITHUB_ACTION_PATH", source.to_str().unwrap()),
        ];
        place.step("Install vera-stress", &environment)
    };
    // Of an exact hit nothing is built.
    let output = install("true");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(place.read("calls"), "");
    let output = install("false");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(stdout(&output), "1.2\n");
    let call = format!(
        "build --release --locked --manifest-path {}/Cargo.toml\n",
        source.display()
    );
    assert_eq!(place.read("calls"), call);
    let bin = place.path("temp/vera-stress/bin");
    assert!(bin.join("vera-stress").is_file());
    assert_eq!(
        place.read("paths"),
        format!("{}\n", bin.display()).repeat(2)
    );
    assert_eq!(place.read("outputs"), "");
    // A hit without the binary is none.
    fs::remove_file(&built).unwrap();
    place.command("cargo", "exit 101\n");
    let output = install("true");
    // What cannot be built ends the step.
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    assert_eq!(place.output("exit-code"), "3");
}

#[test]
fn a_release_is_installed_into_an_environment_of_its_own() {
    let place = Place::new(RUN, "");
    // A Python whose environments have a pip that writes down how it was called.
    place.command(
        "python3",
        &format!(
            "mkdir -p \"$3/bin\"\nprintf '#!/bin/sh\\necho \"$*\" >> {0}\\n' > \"$3/bin/pip\"\n\
             printf '#!/bin/sh\\necho 0.1.0\\n' > \"$3/bin/vera-stress\"\nchmod +x \"$3\"/bin/*\n",
            place.path("calls").display()
        ),
    );
    let output = place.step("Install vera-stress", &[("VERSION", "0.1.0")]);
    assert!(output.status.success(), "{output:?}");
    assert!(
        place
            .read("calls")
            .ends_with("install --quiet --disable-pip-version-check vera-stress==0.1.0\n"),
        "{}",
        place.read("calls")
    );
    let bin = place.path("temp/vera-stress/bin");
    assert_eq!(place.read("paths"), format!("{}\n", bin.display()));
}

/// A place whose `vera-stress` writes down each argument, and ends with a code.
fn ends_with(code: i32) -> Place {
    let place = Place::new(RUN, "");
    place.command(
        "vera-stress",
        &format!(
            "printf '<%s>' \"$@\" >> \"{}\"\necho out\necho err >&2\nexit {code}\n",
            place.path("calls").display()
        ),
    );
    place
}

#[test]
fn the_run_is_the_step() {
    for code in [0, 1, 3] {
        let place = ends_with(code);
        let output = place.step(
            "Run",
            &[
                ("COMMAND", "run"),
                ("VERA", "."),
                ("PROFILE", "nightly"),
                (
                    "ARGUMENTS",
                    "array-* 'a b' $(touch made) ; --scale x2 \"$HOME\"",
                ),
            ],
        );
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert_eq!(
            place.read("calls"),
            "<run><--vera><.><--color><never><--github><--json><stress-run.jsonl><--html><stress-run.html>\
             <--profile><nightly><--junit><stress-run.xml>\
             <array-*><a b><$(touch><made)><;><--scale><x2><$HOME>"
        );
        assert!(!place.path("made").exists(), "nothing is expanded");
        assert_eq!(place.output("exit-code"), code.to_string());
        assert_eq!(place.output("json"), "./stress-run.jsonl");
        assert_eq!(place.output("html"), "./stress-run.html");
        assert_eq!(place.read("stress-run.txt"), "out\nerr\n");
        assert_eq!(stdout(&output), "out\nerr\n", "the log has it as well");
    }
}

#[test]
fn a_climb_has_neither_profile_nor_junit() {
    let place = ends_with(0);
    let environment = [
        ("COMMAND", "climb"),
        ("VERA", "latest"),
        ("PROFILE", ""),
        ("ARGUMENTS", " "),
    ];
    let output = place.step("Climb", &environment);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        place.read("calls"),
        "<climb><--vera><latest><--color><never><--github><--json><stress-climb.jsonl><--html><stress-climb.html>"
    );
}

#[test]
fn a_run_without_a_vera_names_none() {
    let place = ends_with(0);
    let environment = [
        ("COMMAND", "climb"),
        ("VERA", ""),
        ("PROFILE", ""),
        ("ARGUMENTS", ""),
    ];
    let output = place.step("Climb", &environment);
    assert!(output.status.success(), "{output:?}");
    assert!(
        place.read("calls").starts_with("<climb><--color>"),
        "{}",
        place.read("calls")
    );
}

/// Whether a pattern of a workflow's path filter holds for a file.
fn holds(pattern: &[u8], file: &[u8]) -> bool {
    match pattern {
        [] => file.is_empty(),
        [b'*', b'*', b'/', rest @ ..] => {
            let after = |at: usize| at == 0 || file[at - 1] == b'/';
            (0..=file.len()).any(|at| after(at) && holds(rest, &file[at..]))
        }
        [b'*', b'*', rest @ ..] => (0..=file.len()).any(|at| holds(rest, &file[at..])),
        [b'*', rest @ ..] => (0..=file.len())
            .take_while(|&at| !file[..at].contains(&b'/'))
            .any(|at| holds(rest, &file[at..])),
        [first, rest @ ..] => file.first() == Some(first) && holds(rest, &file[1..]),
    }
}

#[test]
fn a_change_of_anything_that_can_change_a_module_is_tested() {
    let workflow = fs::read_to_string(root().join(".github/workflows/stress.yml")).unwrap();
    let paths = workflow.split_once("    paths:\n").unwrap().1;
    let paths: Vec<&str> = paths
        .lines()
        .map(str::trim)
        .take_while(|line| line.starts_with(['-', '#']))
        .filter_map(|line| line.strip_prefix("- \"")?.strip_suffix('"'))
        .collect();
    // As GitHub has it: the last pattern that matches a file decides.
    let starts = |file: &str| {
        let found = paths.iter().rfind(|pattern| {
            let pattern = pattern.trim_start_matches('!');
            holds(pattern.as_bytes(), file.as_bytes())
        });
        found.is_some_and(|pattern| !pattern.starts_with('!'))
    };
    for file in [
        "pyproject.toml",
        "vera/__init__.py",
        "vera/ast.py",
        "vera/checker/core.py",
        "vera/cli.py",
        "vera/codegen/assembly.py",
        "vera/codegen/api.py",
        "vera/environment.py",
        "vera/grammar.lark",
        "vera/lowering.py",
        "vera/markdown.py",
        "vera/monomorphize.py",
        "vera/obligations/core.py",
        "vera/parser.py",
        "vera/prelude.py",
        "vera/resolver.py",
        "vera/runtime/heap.py",
        "vera/transform.py",
        "vera/verifier.py",
        "vera/wasm/calls/strings.py",
    ] {
        assert!(starts(file), "{file}");
    }
    for file in [
        "README.md",
        "docs/index.md",
        "editors/vscode/package.json",
        "tests/test_codegen.py",
        "vera/README.md",
        "vera/formatter.py",
        "vera/lsp/server.py",
        "vera/tester.py",
        "vera/wasm/README.md",
    ] {
        assert!(!starts(file), "{file}");
    }
}

#[test]
fn arguments_that_end_in_a_quote_are_no_run() {
    let place = ends_with(0);
    let environment = [
        ("COMMAND", "run"),
        ("VERA", "."),
        ("PROFILE", "quick"),
        ("ARGUMENTS", "it's"),
    ];
    let output = place.step("Run", &environment);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("the input arguments cannot be read"),
        "{said}"
    );
    assert_eq!(place.read("calls"), "");
    assert_eq!(place.output("exit-code"), "2");
    // Nor is one in a directory that an earlier step has removed.
    let environment = [("COMMAND", "run"), ("ARGUMENTS", ""), ("DIRECTORY", "gone")];
    let place = ends_with(0);
    let output = place.step("Run", &environment);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(place.output("exit-code"), "2");
}

#[test]
fn the_summary_is_the_failures_and_the_numbers() {
    let place = Place::new(RUN, "");
    let output = place.bash(
        "bash \"$GITHUB_ACTION_PATH/.github/scripts/summary.sh\" stress-run.txt",
        &[],
    );
    let text = stdout(&output);
    assert!(text.contains("smallest failing n: 81925"), "{text}");
    assert!(text.contains("2 cases: 1 passed, 1 failed"), "{text}");
    assert!(!text.contains("life"), "what passed is not shown: {text}");
    assert_eq!(text.matches("```").count(), 2);
}

#[test]
fn a_run_that_never_began_shows_its_messages() {
    let summary = "bash \"$GITHUB_ACTION_PATH/.github/scripts/summary.sh\" stress-run.txt";
    let output = Place::new("vera-stress: no Python was found\n", "").bash(summary, &[]);
    assert!(stdout(&output).contains("no Python was found"));
    let output = Place::new("", "").bash(summary, &[]);
    assert!(stdout(&output).contains("an earlier step failed"));
}

#[test]
fn the_first_failure_opens_an_issue() {
    let place = Place::new(RUN, "");
    let output = place.step("Tell the maintainers", &[]);
    assert!(output.status.success(), "{output:?}");
    let calls = place.read("calls");
    assert!(calls.contains("label create stress-regression"), "{calls}");
    assert!(
        calls.contains("issue create --label stress-regression"),
        "{calls}"
    );
    assert!(!calls.contains("issue comment"), "{calls}");
    let body = place.read("body");
    for part in [
        "abc1234",
        "https://example.org/runs/7",
        "again: vera-stress run linked-list",
    ] {
        assert!(body.contains(part), "no {part} in {body}");
    }
}

#[test]
fn a_failure_while_an_issue_is_open_comments_on_it() {
    let place = Place::new(RUN, "42");
    let output = place.step("Tell the maintainers", &[]);
    assert!(output.status.success(), "{output:?}");
    let calls = place.read("calls");
    assert!(calls.contains("issue comment 42 --body-file"), "{calls}");
    assert!(!calls.contains("issue create"), "{calls}");
}

#[test]
fn a_failure_before_the_run_is_told_as_well() {
    let place = Place::new(RUN, "");
    fs::remove_file(place.path("stress-run.txt")).unwrap();
    let output = place.step("Tell the maintainers", &[]);
    assert!(output.status.success(), "{output:?}");
    let body = place.read("body");
    assert!(body.contains("an earlier step failed"), "{body}");
}

#[test]
fn annotations_are_no_part_of_the_issue() {
    let place = Place::new(&format!("{RUN}::error title=x::y\n"), "");
    let output = place.step("Tell the maintainers", &[]);
    assert!(output.status.success(), "{output:?}");
    let body = place.read("body");
    assert!(!body.contains("::error"), "{body}");
    assert!(body.contains("2 cases: 1 passed"), "{body}");
}

#[test]
fn an_output_of_any_size_is_told_within_what_an_issue_holds() {
    let failure = "FAIL it [native] n=7: expected 1, got \u{2713}\u{2713}\n     again: it\n";
    let output = |failures: usize, more: &str| {
        let text = format!(
            "vera-stress\n\n{}{more}9000 cases: 0 passed, 9000 failed in 3.0s\n",
            failure.repeat(failures)
        );
        let place = Place::new(&text, "");
        place.write("stress-climb.txt", &text);
        let output = place.step("Tell the maintainers", &[]);
        assert!(output.status.success(), "{output:?}");
        assert!(place.read("calls").contains("issue create"), "{output:?}");
        // What is no UTF-8 reads as nothing.
        place.read("body")
    };
    let long = format!("FAIL {}\n", "\u{2713}".repeat(50_000));
    for body in [
        output(9_000, ""),
        output(9_000, &long),
        output(0, &long),
        output(300, &long),
    ] {
        assert!((1..65_536).contains(&body.len()), "{}", body.len());
        assert_eq!(body.matches("9000 cases: 0 passed").count(), 2, "{body}");
        assert_eq!(body.lines().filter(|it| *it == "```").count(), 4);
        assert!(body.contains("FAIL"), "{body}");
        assert!(body.contains("https://example.org/runs/7"), "{body}");
    }
    let body = output(9_000, "");
    let cut: Vec<&str> = body.lines().filter(|it| it.contains("cut here")).collect();
    assert_eq!(cut.len(), 2, "{cut:?}");
    assert!(!output(2, "").contains("cut here"));
}

#[test]
fn no_text_of_a_program_ends_the_block() {
    let text = "vera-stress\n\nFAIL it:\n````\n## mine ``x`\n1 case: 1 failed\n";
    let place = Place::new(text, "");
    let output = place.step("Tell the maintainers", &[]);
    assert!(output.status.success(), "{output:?}");
    let body = place.read("body");
    let fences = body.lines().filter(|it| *it == "`````").count();
    assert_eq!(fences, 2, "{body}");
}
