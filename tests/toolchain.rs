//! Which Vera is used, how it gets onto this machine, and what is kept of it.
//!
//! Releases are installed for real here, so these tests need the package index.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use common::{Place, Ran, main_of, release_python, user_cache, wait_for};

/// The release that is installed in most of these tests.
const RELEASE: &str = "0.2.5";

/// Runs the scenario `good`, with a PATH of its own and no mirror, proxy or
/// setting of this machine's for pip and uv.
fn run_with_path(
    place: &Place,
    path: &Path,
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> Ran {
    place.good();
    let mut command = place.process();
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy().to_lowercase();
        let changes = [
            "uv_",
            "pip_index",
            "pip_extra_index",
            "pip_find_links",
            "pip_no_index",
        ];
        if name_text.ends_with("_proxy") || changes.iter().any(|it| name_text.starts_with(it)) {
            command.env_remove(name);
        }
    }
    command.env("PATH", path).envs(environment.iter().copied());
    command.args(place.run_args(&["good", "--lane", "reference", "--cache-dir", "cache"]));
    place.ran(command.args(arguments).output().unwrap())
}

/// A folder for the PATH that holds nothing but a shell script called `name`.
fn only_script(place: &Place, name: &str, lines: &str) -> PathBuf {
    let script = place.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{lines}\n"));
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    place.path("bin")
}

/// A folder for the PATH that holds nothing but a Python that is new enough.
fn only_python(place: &Place) -> PathBuf {
    fs::create_dir(place.path("bin")).unwrap();
    symlink(base_python(), place.path("bin/python3")).unwrap();
    place.path("bin")
}

/// The interpreter that releases are installed with, which has no Vera itself.
fn base_python() -> PathBuf {
    release_python(RELEASE).canonicalize().unwrap()
}

/// A cache without modules that shares the installed releases of this user.
fn fresh_modules(place: &Place) {
    release_python(RELEASE);
    fs::create_dir(place.path("cache")).unwrap();
    symlink(
        user_cache().join("toolchains"),
        place.path("cache/toolchains"),
    )
    .unwrap();
}

/// Runs the scenario `good` in lane `reference` with the cache of this place.
fn run_good(place: &Place, arguments: &[&str]) -> Ran {
    place.good();
    let all = ["good", "--lane", "reference", "--cache-dir", "cache"];
    place.run(&[&all[..], arguments].concat())
}

/// Whether the scenario `good` passed, and its module was compiled in this run.
#[track_caller]
fn compiled_in(ran: Ran) -> bool {
    let ran = ran.exits(0).passes("good");
    ran.case("good")["compile"].is_object()
}

/// Whether the scenario `good` passed, and its module came from the cache.
#[track_caller]
fn was_cached_in(ran: Ran) -> bool {
    let ran = ran.exits(0).passes("good");
    ran.case("good")["compile"].is_null()
}

/// The names of what a folder holds, sorted.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

// --- What is missing on this machine -----------------------------------------

#[test]
fn a_machine_without_python_is_told_what_to_install() {
    let place = Place::new();
    fs::create_dir(place.path("bin")).unwrap();
    run_with_path(&place, &place.path("bin"), &[], &[])
        .exits(3)
        .says(&[
            "no Python was found on the PATH, and Vera needs one of version 3.11 or later",
            "next: install it (`apt install python3`",
        ]);
    assert_eq!(names_in(&place.path("cache/toolchains")), ["0.2.5.lock"]);
}

#[test]
fn a_python_that_is_too_old_is_named_with_its_version() {
    let place = Place::new();
    let bin = only_script(&place, "python3", "echo 3 9");
    let found = format!("found only {}/python3 (3.9)", bin.display());
    run_with_path(&place, &bin, &[], &[]).exits(3).says(&[
        "Vera needs Python 3.11 or later",
        &found,
        "next: install a newer Python",
    ]);
}

#[test]
fn a_broken_python_is_passed_over() {
    let place = Place::new();
    let bin = only_script(&place, "python3", "echo no >&2; exit 1");
    run_with_path(&place, &bin, &[], &[])
        .exits(3)
        .says(&["no Python was found on the PATH"]);
}

#[test]
fn a_first_run_without_network_says_so() {
    let place = Place::new();
    let bin = only_python(&place);
    let nowhere = [
        ("PIP_INDEX_URL", "http://127.0.0.1:9/simple"),
        ("PIP_RETRIES", "0"),
    ];
    run_with_path(&place, &bin, &nowhere, &[]).exits(3).says(&[
        "Vera 0.2.5 could not be installed: the package index cannot be reached",
        "next: check the network, or name a Vera that is on this machine",
        "pip said: ",
    ]);
}

#[test]
fn a_release_that_does_not_exist_is_answered_with_those_that_do() {
    let place = Place::new();
    let bin = only_python(&place);
    run_with_path(&place, &bin, &[], &["--vera", "9.9.9"])
        .exits(3)
        .says(&[
            "there is no Vera release 9.9.9",
            "next: choose one of: ",
            "0.1.5, ",
            ", 0.2.5",
        ]);
    let left: Vec<String> = names_in(&place.path("cache/toolchains"));
    assert_eq!(
        left,
        ["9.9.9.install.log", "9.9.9.lock"],
        "an environment that is no use is left"
    );
}

#[test]
fn the_latest_release_is_asked_for_and_used() {
    let place = Place::new();
    let bin = only_python(&place);
    fresh_modules(&place);
    let ran = run_with_path(&place, &bin, &[], &["--vera", "latest"]);
    let ran = ran.exits(0).passes("good");
    latest_is_named_in(&ran);
}

/// The head of a run says which release the latest one is, and its own name is
/// what it is called from there on.
fn latest_is_named_in(ran: &Ran) {
    let version = ran.events[0]["vera"].as_str().unwrap();
    let numbers: Vec<u32> = version.split('.').map(|it| it.parse().unwrap()).collect();
    assert!(numbers >= vec![0, 2, 5], "{version}");
    assert!(
        ran.stdout.contains(&format!(" on Vera {version}, ")),
        "{ran}"
    );
}

#[test]
fn a_full_disk_is_called_one() {
    let place = Place::new();
    let bin = only_script(
        &place,
        "uv",
        "echo 'error: No space left on device (os error 28)' >&2; exit 2",
    );
    run_with_path(&place, &bin, &[], &[]).exits(3).says(&[
        "cache cannot be used: ",
        "no storage space",
        "next: free some space",
    ]);
}

#[test]
fn an_installer_that_fails_for_its_own_reason_is_quoted() {
    let place = Place::new();
    let bin = only_script(
        &place,
        "uv",
        "echo 'error: the moon is in the wrong phase' >&2; exit 2",
    );
    run_with_path(&place, &bin, &[], &[]).exits(3).says(&[
        "creating the environment for Vera 0.2.5 failed",
        "error: the moon is in the wrong phase",
        "next: read its whole output in ",
    ]);
    let log = fs::read_to_string(place.path("cache/toolchains/0.2.5.install.log")).unwrap();
    assert!(log.contains("the moon"), "{log}");
}

#[test]
fn a_cache_directory_that_cannot_be_made_is_named() {
    let place = Place::new();
    place.good();
    place.write("file", "");
    // Permission bits do not bind root, but nobody makes a folder in /proc.
    for (folder, why) in [
        ("file/cache", "Not a directory"),
        ("/proc/nope", "No such file"),
    ] {
        place.run(&["good", "--cache-dir", folder]).exits(3).says(&[
            "the cache directory ",
            folder,
            why,
            "name another one with --cache-dir DIR",
        ]);
    }
}

#[test]
fn a_python_without_venv_is_quoted_with_what_to_install() {
    // What Debian's Python says where the package python3-venv is missing.
    let place = Place::new();
    let bin = only_script(
        &place,
        "python3",
        "case $1 in -c) echo 3 11; exit;; esac
echo 'The virtual environment was not created successfully because ensurepip is not'
echo 'available.  On Debian/Ubuntu systems, you need to install the python3-venv'
echo 'package using the following command.'
echo
echo '    apt install python3.11-venv'
echo
echo 'You may need to use sudo with that command.  After installing the python3-venv'
echo 'package, recreate your virtual environment.'
exit 1",
    );
    run_with_path(&place, &bin, &[], &[])
        .exits(3)
        .says(&["Vera 0.2.5 failed", "apt install python3.11-venv"]);
}

// --- A Vera that is somewhere else -------------------------------------------

#[test]
fn what_is_no_vera_is_refused_with_what_to_name() {
    let place = Place::new();
    place.good();
    fs::create_dir(place.path("empty")).unwrap();
    place.write("text", "no interpreter\n");
    let script = only_script(&place, "true", "exit 0").join("true");
    for (spec, code, sentences) in [
        (
            "nowhere",
            2,
            [
                "`nowhere` is no release, and there is no directory or file of that name",
                "write a release such as 0.2.5",
            ],
        ),
        (
            "empty",
            3,
            [
                "empty holds no Vera: there is no `vera` package",
                "next: name a checkout of Vera",
            ],
        ),
        (
            "text",
            3,
            [
                "text cannot import Vera: it is no Python interpreter",
                "next: name the interpreter of an environment",
            ],
        ),
        (
            script.to_str().unwrap(),
            3,
            ["it is no Python interpreter", "next: "],
        ),
    ] {
        place
            .run(&["good", "--vera", spec])
            .exits(code)
            .says(&sentences);
    }
}

#[test]
fn an_interpreter_without_vera_is_told_how_to_get_it() {
    let place = Place::new();
    place.good();
    let python = base_python();
    let python = python.to_str().unwrap();
    place.run(&["good", "--vera", python]).exits(3).says(&[
        &format!("{python} cannot import Vera: ModuleNotFoundError: No module named 'vera'"),
        &format!("next: install it there: {python} -m pip install veralang"),
    ]);
}

/// A copy of the installed release's package, in `folder`/vera.
fn copy_of_vera(place: &Place, folder: &str) -> PathBuf {
    let folder = place.path(folder);
    copy(&site_packages().join("vera"), &folder.join("vera"));
    folder
}

fn site_packages() -> PathBuf {
    let library = release_python(RELEASE)
        .parent()
        .unwrap()
        .with_file_name("lib");
    let versions = fs::read_dir(library).unwrap();
    versions
        .map(|entry| entry.unwrap().path().join("site-packages"))
        .find(|it| it.is_dir())
        .unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry
            .map(|entry| (entry.path(), entry.file_name()))
            .unwrap();
        match path.is_dir() {
            true if name == "__pycache__" => {}
            true => copy(&path, &to.join(name)),
            false => drop(fs::copy(&path, to.join(name)).unwrap()),
        }
    }
}

/// Every file and folder below one, with its size and when it was written.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let mut found = BTreeMap::new();
    let about = folder.metadata().unwrap();
    found.insert(folder.to_owned(), (about.len(), about.modified().unwrap()));
    if about.is_dir() {
        for entry in fs::read_dir(folder).unwrap() {
            found.extend(snapshot(&entry.unwrap().path()));
        }
    }
    found
}

#[test]
fn a_directory_is_used_in_place_and_each_edit_of_it_compiles_anew() {
    let place = Place::new();
    fresh_modules(&place);
    let folder = copy_of_vera(&place, "copy");
    let before = snapshot(&folder);
    assert!(compiled_in(run_good(&place, &["--vera", "copy"])));
    assert!(was_cached_in(run_good(&place, &["--vera", "copy"])));
    // The package itself is the same Vera.
    assert!(was_cached_in(run_good(&place, &["--vera", "copy/vera"])));
    assert_eq!(snapshot(&folder), before, "something was written into it");

    let edited = folder.join("vera/codegen/core.py");
    let text = fs::read_to_string(&edited).unwrap();
    fs::write(&edited, format!("{text}\n# An edit.\n")).unwrap();
    assert!(compiled_in(run_good(&place, &["--vera", "copy"])));
    assert!(was_cached_in(run_good(&place, &["--vera", "copy"])));
    fs::write(&edited, text).unwrap();
    assert!(was_cached_in(run_good(&place, &["--vera", "copy"])));
}

#[test]
fn an_edit_that_changes_what_is_compiled_changes_the_result() {
    // The canary of the test above: it is the copy that runs, not the release.
    let place = Place::new();
    fresh_modules(&place);
    let folder = copy_of_vera(&place, "copy");
    let cli = folder.join("vera/cli.py");
    let text = fs::read_to_string(&cli).unwrap();
    fs::write(&cli, format!("{text}\n\ndef cmd_run(*args, **options):\n    print('this copy refuses')\n    return 1\n")).unwrap();
    run_good(&place, &["--vera", "copy", "--no-shrink"])
        .exits(1)
        .fails(
            "good",
            "rejected",
            "the program was rejected: this copy refuses",
        );
}

#[test]
fn a_directory_that_is_broken_says_what_python_says() {
    let place = Place::new();
    fresh_modules(&place);
    let folder = copy_of_vera(&place, "copy");
    place.write("copy/vera/cli.py", "def main(:\n");
    // The compiler is imported for the first case that has to be compiled.
    let ran = run_good(&place, &["--vera", "copy"]).exits(3);
    for words in [
        &format!("({})", folder.canonicalize().unwrap().display()),
        "cannot import Vera: SyntaxError: ",
        "cli.py, line 1",
    ] {
        assert!(ran.failure("good").contains(words), "no `{words}` in {ran}");
    }
    place.write("copy/vera/__init__.py", "import a_module_that_is_nowhere\n");
    run_good(&place, &["--vera", "copy"]).exits(3).says(&[
        "cannot import Vera: ModuleNotFoundError: No module named 'a_module_that_is_nowhere'",
        "next: ",
    ]);
}

#[test]
fn a_checkout_has_the_version_and_the_dependencies_of_its_project_file() {
    let place = Place::new();
    fresh_modules(&place);
    let folder = copy_of_vera(&place, "checkout");
    let metadata = site_packages().join("veralang-0.2.5.dist-info/METADATA");
    let metadata = fs::read_to_string(metadata).unwrap();
    let needs: Vec<String> = metadata
        .lines()
        .filter_map(|line| line.strip_prefix("Requires-Dist: "))
        .filter(|need| !need.contains("extra =="))
        .map(|need| format!("{need:?}"))
        .collect();
    assert!(!needs.is_empty());
    let project = format!(
        "[project]\nname = \"veralang\"\nversion = \"9.8.7\"\ndependencies = [{}]\n",
        needs.join(", ")
    );
    place.write("checkout/pyproject.toml", &project);
    let before = snapshot(&folder);
    let ran = run_good(&place, &["--vera", "checkout"])
        .exits(0)
        .passes("good");
    let head = format!(
        "on Vera 9.8.7 ({}), ",
        folder.canonicalize().unwrap().display()
    );
    assert!(ran.stdout.lines().next().unwrap().contains(&head), "{ran}");
    assert_eq!(ran.events[0]["vera"], "9.8.7");
    assert_eq!(snapshot(&folder), before, "something was written into it");
}

#[test]
fn the_environment_of_a_checkout_is_used_and_said_to_be_incomplete_where_it_is() {
    let place = Place::new();
    fresh_modules(&place);
    let folder = copy_of_vera(&place, "checkout");
    let environment = release_python(RELEASE)
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .to_owned();
    symlink(environment, folder.join(".venv")).unwrap();
    assert!(compiled_in(run_good(&place, &["--vera", "checkout"])));

    fs::remove_file(folder.join(".venv")).unwrap();
    let create = ["-m", "venv", "--without-pip"];
    let created = Command::new(base_python())
        .args(create)
        .arg(folder.join(".venv"))
        .status();
    assert!(created.unwrap().success());
    run_good(&place, &["--vera", "checkout"]).exits(3).says(&[
        "checkout/.venv/bin/python cannot import Vera: ModuleNotFoundError: No module named ",
        "next: install what Vera needs into that environment, or remove it",
    ]);
}

#[test]
fn an_interpreter_that_imports_vera_is_used_as_it_is() {
    let place = Place::new();
    fresh_modules(&place);
    let python = release_python(RELEASE);
    let python = python.to_str().unwrap();
    let ran = run_good(&place, &["--vera", python])
        .exits(0)
        .passes("good");
    let head = format!("on Vera 0.2.5 ({python}), ");
    assert!(ran.stdout.lines().next().unwrap().contains(&head), "{ran}");
}

// --- What a shell cannot change ----------------------------------------------

/// A linked list whose Ints look like addresses of the heap: a collection on
/// every allocation breaks it on 0.1.5 at n = 50, the shipped collector does not.
fn addresses(place: &Place) {
    place
        .scenario("addresses")
        .n(50)
        .program(&format!(
            "private data List {{ Nil, Cons(Int, List) }}\n\n\
             private fn build(@Nat, @List -> @List)\n  requires(true) ensures(true) decreases(@Nat.0) effects(pure)\n{{\n  \
             if @Nat.0 == 0 then {{ @List.0 }} else {{ build(@Nat.0 - 1, Cons(nat_to_int(@Nat.0) + 81923, @List.0)) }}\n}}\n\n\
             private fn sum(@Int, @List -> @Int)\n  requires(true) ensures(true) decreases(@List.0) effects(pure)\n{{\n  \
             match @List.0 {{\n    Nil -> @Int.0,\n    Cons(@Int, @List) -> sum(@Int.1 + @Int.0, @List.0)\n  }}\n}}\n\n{}",
            main_of("@Int", "pure", "sum(0, build(@Nat.0, Nil))")
        ))
        .expect("value = \"n * (n + 1) / 2 + 81923 * n\"")
        .write();
}

#[test]
fn lane_eager_finds_what_lane_reference_does_not() {
    // The canary of lane `reference+eager`: here it must fail.
    let place = Place::new();
    addresses(&place);
    let ran = place
        .run(&["addresses", "--vera", "0.1.5", "--no-shrink"])
        .exits(1);
    assert_eq!(
        ran.case_in("addresses", "reference")["verdict"],
        "pass",
        "{ran}"
    );
    assert_ne!(
        ran.case_in("addresses", "reference+eager")["verdict"],
        "pass",
        "{ran}"
    );
    let ran = place.run(&["addresses", "--vera", RELEASE]).exits(0);
    assert_eq!(
        ran.case_in("addresses", "reference+eager")["verdict"],
        "pass",
        "{ran}"
    );
}

#[test]
fn a_switch_of_vera_s_in_the_shell_does_not_reach_a_lane() {
    let place = Place::new();
    fresh_modules(&place);
    addresses(&place);
    let run = |environment: &[(&str, &str)]| {
        let arguments = [
            "addresses",
            "--vera",
            "0.1.5",
            "--lane",
            "reference",
            "--cache-dir",
            "cache",
        ];
        place.run_in(environment, &arguments).exits(0)
    };
    // Compiled with the switch set, since this cache is empty.
    let ran = run(&[("VERA_EAGER_GC", "1")]);
    assert!(ran.case("addresses")["compile"].is_object(), "{ran}");
    let ran = run(&[]);
    assert!(ran.case("addresses")["compile"].is_null(), "{ran}");
}

#[test]
fn python_s_variables_in_the_shell_do_not_reach_a_release() {
    let place = Place::new();
    fresh_modules(&place);
    place.good();
    place.write(
        "other/vera/__init__.py",
        "raise RuntimeError('the wrong Vera')\n",
    );
    place.write("other/json.py", "raise RuntimeError('the wrong module')\n");
    let other = place.path("other");
    let environment = [
        ("PYTHONPATH", other.to_str().unwrap()),
        ("PYTHONHOME", "/nowhere"),
        ("PYTHONSTARTUP", "/nowhere"),
    ];
    place
        .run_in(
            &environment,
            &["good", "--lane", "reference", "--cache-dir", "cache"],
        )
        .exits(0)
        .passes("good");
}

// --- What is kept ------------------------------------------------------------

/// What somebody does to the folder of a compiled module.
type Damage<'a> = &'a dyn Fn(&Path);

#[test]
fn a_damaged_module_in_the_cache_is_dropped_and_made_again() {
    let place = Place::new();
    fresh_modules(&place);
    assert!(compiled_in(run_good(&place, &[])));
    assert!(was_cached_in(run_good(&place, &[])));
    let entry = only_entry(&place.path("cache/modules"));
    let damages: [(&str, Damage); 5] = [
        ("overwritten", &|entry| {
            let file = entry.join("result.pickle");
            let mut bytes = fs::read(&file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle..middle + 16].fill(0);
            fs::write(file, bytes).unwrap();
        }),
        ("cut", &|entry| {
            fs::write(entry.join("module.wasm"), "").unwrap()
        }),
        ("without its program", &|entry| {
            fs::remove_file(entry.join("result.pickle")).unwrap()
        }),
        ("no JSON", &|entry| {
            fs::write(entry.join("entry.json"), "{").unwrap()
        }),
        ("without its description", &|entry| {
            fs::remove_file(entry.join("entry.json")).unwrap()
        }),
    ];
    for (how, damage) in damages {
        damage(&entry);
        assert!(
            compiled_in(run_good(&place, &[])),
            "an entry {how} was used"
        );
        assert!(
            was_cached_in(run_good(&place, &[])),
            "an entry {how} was not replaced"
        );
    }
}

/// The folder of the only compiled module in a cache.
fn only_entry(modules: &Path) -> PathBuf {
    let inner = |folder: PathBuf| {
        let names = names_in(&folder);
        assert_eq!(names.len(), 1, "{names:?}");
        folder.join(&names[0])
    };
    inner(inner(modules.to_owned()))
}

#[test]
fn a_cache_that_takes_no_modules_is_done_without() {
    let place = Place::new();
    fresh_modules(&place);
    place.write("cache/modules", "a file where a folder should be");
    assert!(compiled_in(run_good(&place, &[])));
    assert!(compiled_in(run_good(&place, &[])));
}

#[test]
fn two_first_runs_at_once_install_one_environment() {
    let place = Place::new();
    place.good();
    let start = |events: &str| {
        place
            .process()
            .args([
                "run",
                "good",
                "--lane",
                "reference",
                "--catalogue",
                "catalogue",
            ])
            .args(["--cache-dir", "cache", "--json", events])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let both = [start("events.jsonl"), start("other.jsonl")];
    let both = both.map(|run| place.ran(run.wait_with_output().unwrap()).exits(0));
    let installed = both
        .iter()
        .filter(|ran| ran.stderr.contains("installing Vera 0.2.5 with "));
    assert_eq!(installed.count(), 1, "{}\n{}", both[0], both[1]);
    let [one, _] = both;
    one.passes("good");
    assert_eq!(
        names_in(&place.path("cache/toolchains")),
        ["0.2.5", "0.2.5.install.log", "0.2.5.lock"]
    );
    only_entry(&place.path("cache/modules"));
}

#[test]
fn an_installation_that_was_interrupted_is_never_used() {
    let place = Place::new();
    let site = format!("cache/toolchains/{RELEASE}/lib/python3.11/site-packages");
    place.write(
        &format!("{site}/vera/__init__.py"),
        "raise RuntimeError('half a Vera')\n",
    );
    let junk = place.write(&format!("cache/toolchains/{RELEASE}/bin/python"), "junk\n");
    fs::set_permissions(&junk, fs::Permissions::from_mode(0o755)).unwrap();
    let stray = place.write(&format!("cache/toolchains/{RELEASE}/stray"), "");
    run_good(&place, &[])
        .exits(0)
        .passes("good")
        .says(&["installing Vera 0.2.5 with "]);
    assert!(!stray.exists());
    let again = run_good(&place, &[]).exits(0).passes("good");
    assert_eq!(again.stderr, "", "it is installed once");
}

#[cfg(target_os = "linux")]
#[test]
fn an_installer_that_outlives_its_run_does_not_disturb_the_next() {
    // A killed run leaves its installer behind, which goes on writing.
    let place = Place::new();
    place.good();
    let slow = "for folder; do :; done
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  mkdir -p $folder/lib && echo > $folder/lib/stray
  sleep 0.1
done";
    let mut path = only_script(&place, "uv", slow).into_os_string();
    path.push(":/usr/bin:/bin");
    let mut killed = place
        .process()
        .args(place.run_args(&["good", "--cache-dir", "cache"]))
        .env("PATH", path)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let environment = place.path("cache/toolchains/0.2.5");
    wait_for("the installer", || {
        environment.join("lib/stray").exists().then_some(())
    });
    killed.kill().unwrap();
    killed.wait().unwrap();
    let ran = run_good(&place, &[]).exits(0).passes("good");
    assert!(ran.stderr.contains("installing Vera 0.2.5 with "), "{ran}");
    let installer = place.path("bin/uv");
    wait_for("the end of the installer", || {
        let left = common::processes_with(installer.to_str().unwrap());
        left.is_empty().then_some(())
    });
    assert!(
        !environment.join("lib/stray").exists(),
        "two installers wrote into one environment"
    );
}

#[test]
fn a_release_is_installed_with_uv_where_it_is_on_the_path() {
    let place = Place::new();
    let quiet = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    quiet(
        Command::new(base_python())
            .args(["-m", "venv"])
            .arg(place.path("tools")),
    );
    quiet(
        Command::new(place.path("tools/bin/python"))
            .args(["-m", "pip", "install", "--quiet", "uv"]),
    );
    // Beside uv there is a Python that uv can find.
    let bin = only_python(&place);
    symlink(place.path("tools/bin/uv"), bin.join("uv")).unwrap();
    run_with_path(&place, &bin, &[], &[])
        .exits(0)
        .passes("good")
        .says(&["installing Vera 0.2.5 with uv into "]);
    let latest = run_with_path(&place, &bin, &[], &["--vera", "latest"]);
    latest_is_named_in(&latest.exits(0).passes("good"));
    run_with_path(&place, &bin, &[], &["--vera", "9.9.9"])
        .exits(3)
        .says(&["there is no Vera release 9.9.9", "next: choose one of: "]);
    let nowhere = [
        ("UV_INDEX_URL", "http://127.0.0.1:9/simple"),
        ("UV_HTTP_RETRIES", "0"),
        ("UV_NO_CACHE", "1"),
    ];
    run_with_path(&place, &bin, &nowhere, &["--vera", "0.2.4"])
        .exits(3)
        .says(&[
            "Vera 0.2.4 could not be installed: the package index cannot be reached",
            "uv said: ",
            "or an installed one: 0.2.5",
        ]);
}
