//! Which Vera is used, what of the shell reaches it, and what is kept of its
//! work: a Vera that is somewhere else, the shell's variables, the compile cache.
//!
//! Releases are installed for real here, so these tests need the package index.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::common::planted::{copy_of_vera, site_packages};
use crate::common::{
    self, Place, RELEASE, Ran, base_python, fresh_modules, main_of, only_entry, only_script,
    release_python, run_good,
};

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
    // All but the program that shows that a Vera works.
    let refuses = "
plain = cmd_run
def cmd_run(path, **options):
    with open(path) as file:
        if 'Cons' in file.read():
            return plain(path, **options)
    print('this copy refuses')
    return 1
";
    fs::write(&cli, text + refuses).unwrap();
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
    // The compiler is imported only once there is something to compile.
    run_good(&place, &["--vera", "copy"]).exits(3).says(&[
        &format!("({})", folder.canonicalize().unwrap().display()),
        "cannot import Vera: SyntaxError: ",
        "cli.py, line 1",
    ]);
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
        "on Vera 9.8.7 ({}, as asked), ",
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
    let head = format!("on Vera 0.2.5 ({python}, as asked), ");
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
            fs::write(entry.join("module.wasm"), "").unwrap();
        }),
        ("without its program", &|entry| {
            fs::remove_file(entry.join("result.pickle")).unwrap();
        }),
        ("no JSON", &|entry| {
            fs::write(entry.join("entry.json"), "{").unwrap();
        }),
        ("without its description", &|entry| {
            fs::remove_file(entry.join("entry.json")).unwrap();
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

#[test]
fn a_cache_that_takes_no_modules_is_done_without() {
    let place = Place::new();
    fresh_modules(&place);
    place.write("cache/modules", "a file where a folder should be");
    assert!(compiled_in(run_good(&place, &[])));
    assert!(compiled_in(run_good(&place, &[])));
}

#[test]
fn the_folder_of_a_failure_holds_a_vera_that_is_no_release() {
    let place = Place::new();
    copy_of_vera(&place, "copy");
    place
        .scenario("bad")
        .program(&common::identity())
        .expect("value = \"n + 1\"")
        .write();
    let ran = place
        .run(&["bad", "--vera", "copy", "--lane", "reference"])
        .exits(1);
    let folder = place.path(ran.case("bad")["folder"].as_str().unwrap());
    // The folder alone must do.
    fs::remove_dir_all(place.path("copy")).unwrap();
    assert!(folder.join("vera-package/vera/cli.py").is_file());
    let output = std::process::Command::new(folder.join("repro.sh"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text.contains("now:      expected 2, got 1"), "{text}");
}

/// Python takes a file's old bytecode where time and size are the old ones.
#[test]
fn an_edit_that_keeps_time_and_size_is_seen_all_the_same() {
    let place = Place::new();
    fresh_modules(&place);
    let folder = copy_of_vera(&place, "copy");
    run_good(&place, &["--vera", "copy"]).exits(0);
    let file = folder.join("vera/codegen/__init__.py");
    let text = fs::read_to_string(&file).unwrap();
    let broken = "raise ValueError('mutant')\n";
    let filler = "#".repeat(text.len() - broken.len());
    let time = fs::metadata(&file).unwrap().modified().unwrap();
    fs::write(&file, format!("{broken}{filler}")).unwrap();
    fs::File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(time)
        .unwrap();
    run_good(&place, &["--vera", "copy"])
        .exits(3)
        .says(&["cannot import Vera: ValueError: mutant"]);
}

#[test]
fn a_copy_in_another_project_does_not_take_its_version() {
    let place = Place::new();
    copy_of_vera(&place, "copy");
    place.write(
        "copy/pyproject.toml",
        "[project]\nname = \"other\"\nversion = \"9.9.9\"\n",
    );
    let ran = run_good(&place, &["--vera", "copy"]).exits(0);
    assert!(!ran.stdout.contains("9.9.9"), "{ran}");
}
