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
            .env("SOURCE", root())
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
            let rest = run.strip_prefix("bash \"$SOURCE/.github/scripts/");
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
            &["VERA", "COMMAND", "VERSION", "DIRECTORY", "SOURCE"][..],
        ),
        (
            "Install vera-stress",
            &["VERSION", "SOURCE", "HOME_OF_TOOLS"],
        ),
        (
            "Run",
            &[
                "COMMAND",
                "VERA",
                "PROFILE",
                "ARGUMENTS",
                "DIRECTORY",
                "SOURCE",
            ],
        ),
        (
            "Climb",
            &[
                "COMMAND",
                "VERA",
                "PROFILE",
                "ARGUMENTS",
                "DIRECTORY",
                "SOURCE",
            ],
        ),
        (
            "Tell the maintainers",
            &[
                "GH_TOKEN",
                "GH_REPO",
                "RUN_URL",
                "COMMIT",
                "DIRECTORY",
                "SOURCE",
            ],
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
fn without_an_input_the_checkout_is_tested_where_it_holds_vera() {
    let plan = "Decide what to install and to test";
    let place = Place::new(RUN, "");
    let environment = |vera| [("VERA", vera), ("COMMAND", "run"), ("VERSION", "")];
    let planned = |vera| {
        let output = place.step(plan, &environment(vera));
        assert!(output.status.success(), "{output:?}");
        (place.output("vera"), place.output("vera-key"))
    };
    assert_eq!(planned(""), ("latest".to_owned(), "latest".to_owned()));
    assert_eq!(planned("0.2.5"), ("0.2.5".to_owned(), "0.2.5".to_owned()));
    place.write("vera/cli.py", "");
    assert_eq!(
        planned(""),
        (".".to_owned(), "checkout-unknown".to_owned()),
        "no commit is known of what is no repository"
    );
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
        assert_eq!(place.read("outputs"), "");
    }
}

#[test]
fn the_source_of_the_action_is_built_and_stands_on_the_path() {
    let place = Place::new(RUN, "");
    place.command(
        "cargo",
        &format!("echo \"$*\" >> \"{}\"\n", place.path("calls").display()),
    );
    place.write("source/target/release/vera-stress", "#!/bin/sh\necho 1.2\n");
    let built = place.path("source/target/release/vera-stress");
    fs::set_permissions(built, fs::Permissions::from_mode(0o755)).unwrap();
    let scripts = place.path("source/.github");
    fs::create_dir_all(&scripts).unwrap();
    let linked =
        std::os::unix::fs::symlink(root().join(".github/scripts"), scripts.join("scripts"));
    linked.unwrap();
    let (source, home) = (place.path("source"), place.path("tools"));
    let environment = [
        ("VERSION", ""),
        ("SOURCE", source.to_str().unwrap()),
        ("HOME_OF_TOOLS", home.to_str().unwrap()),
    ];
    let output = place.step("Install vera-stress", &environment);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(stdout(&output), "1.2\n");
    assert_eq!(
        place.read("calls"),
        format!(
            "build --release --locked --manifest-path {}/Cargo.toml\n",
            source.display()
        )
    );
    assert_eq!(place.read("paths"), format!("{}/bin\n", home.display()));
    // What cannot be built ends the step.
    place.command("cargo", "exit 101\n");
    let output = place.step("Install vera-stress", &environment);
    assert_eq!(output.status.code(), Some(101), "{output:?}");
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
    let home = place.path("tools");
    let environment = [
        ("VERSION", "0.1.0"),
        ("HOME_OF_TOOLS", home.to_str().unwrap()),
    ];
    let output = place.step("Install vera-stress", &environment);
    assert!(output.status.success(), "{output:?}");
    assert!(
        place
            .read("calls")
            .ends_with("install --quiet --disable-pip-version-check vera-stress==0.1.0\n"),
        "{}",
        place.read("calls")
    );
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
}

#[test]
fn the_summary_is_the_failures_and_the_numbers() {
    let place = Place::new(RUN, "");
    let output = place.bash(
        "bash \"$SOURCE/.github/scripts/summary.sh\" stress-run.txt",
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
    let summary = "bash \"$SOURCE/.github/scripts/summary.sh\" stress-run.txt";
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
