//! How a release of Vera gets onto this machine: the Python and the network that
//! it takes, which releases there are, uv, and installations that are interrupted.
//!
//! Releases are installed for real here, so these tests need the package index.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::{
    self, Place, RELEASE, Ran, base_python, fresh_modules, names_in, only_entry, only_script,
    run_good, wait_for,
};

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

/// A folder for the PATH that holds nothing but a Python that is new enough.
fn only_python(place: &Place) -> PathBuf {
    fs::create_dir(place.path("bin")).unwrap();
    symlink(base_python(), place.path("bin/python3")).unwrap();
    place.path("bin")
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
        ran.stdout
            .contains(&format!(" on Vera {version} (as asked), ")),
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

// --- Installations at once, interrupted, or with uv --------------------------

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
