//! How the parts of the program use one another: imports point one way, the order
//! that ARCHITECTURE.md gives, and never in a circle; only `cli` knows the options
//! of the command line; and no file is long.

mod sources;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sources::{Module, Sources, rust_files};

/// The layers from the bottom up; a module may import what stands before it, but
/// nothing that stands beside it in a line with `|`.
const LAYERS: [&str; 10] = [
    "clock, files, interrupt, scratch",
    "scenario, toolchain",
    "engine",
    "judge, plan",
    "config, runner",
    "scale",
    "record",
    "campaign | report",
    "cli",
    "main",
];

/// The folders in which not even neighbours import one another in a circle.
const STRICT: [&str; 4] = ["engine/native", "record/history", "scenario", "toolchain"];

/// The most lines that a file may have.
const LONGEST: usize = 600;

/// The folders of sources, each of a crate of its own.
const CRATES: [&str; 3] = ["src", "crates/case/src", "crates/module/src"];

fn below(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

fn shown(module: &[String]) -> String {
    if module.is_empty() {
        "the root".to_owned()
    } else {
        module.join("/")
    }
}

// --- Layers ------------------------------------------------------------------

/// The layer of a module, and its place among those that stand beside it.
fn layer(module: &str) -> Option<(usize, usize)> {
    let find = |names: &str| {
        let mut groups = names.split('|');
        groups.position(|group| group.split(',').any(|name| name.trim() == module))
    };
    let mut all = LAYERS.iter().enumerate();
    all.find_map(|(layer, names)| Some((layer, find(names)?)))
}

/// The imports that point up, or to the side.
fn upward(sources: &Sources) -> Vec<String> {
    let mut wrong = Vec::new();
    for module in sources.modules().filter(|module| !module.is_empty()) {
        let place = |module: &Module| {
            let top = &module[0];
            layer(top).unwrap_or_else(|| panic!("`{top}` has no layer; give it one here"))
        };
        let (own, beside) = place(module);
        for other in sources.imports(module) {
            if other.is_empty() || other[0] == module[0] {
                continue;
            }
            let (its, place) = place(&other);
            if its > own || (its == own && place != beside) {
                wrong.push(format!("{} imports {}", shown(module), shown(&other)));
            }
        }
    }
    wrong
}

#[test]
fn nothing_imports_what_stands_above_it() {
    let sources = Sources::below(&below("src"));
    assert!(sources.modules().count() > 20, "the sources must be there");
    assert_eq!(upward(&sources), [""; 0]);
}

// --- Circles -----------------------------------------------------------------

/// The files that can be reached from a file by imports.
fn reached<'a>(
    imports: &'a BTreeMap<&Module, BTreeSet<Module>>,
    from: &Module,
) -> BTreeSet<&'a Module> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        for other in &imports[next] {
            if found.insert(other) {
                open.push(other);
            }
        }
    }
    found
}

/// The circles that there may not be: between folders, and in those that are
/// strict.
fn circles(sources: &Sources) -> Vec<String> {
    let imports = sources.modules().map(|it| (it, sources.imports(it)));
    let imports: BTreeMap<&Module, BTreeSet<Module>> = imports.collect();
    let all: Vec<(&Module, BTreeSet<&Module>)> = sources
        .modules()
        .map(|module| (module, reached(&imports, module)))
        .collect();
    let mut found = Vec::new();
    let mut seen: BTreeSet<&Module> = BTreeSet::new();
    for (module, reaches) in all.iter().filter(|(module, it)| it.contains(*module)) {
        if seen.contains(module) {
            continue;
        }
        let back = all
            .iter()
            .filter(|(other, it)| reaches.contains(*other) && it.contains(*module));
        let circle: Vec<&Module> = back.map(|(other, _)| *other).collect();
        let folders: BTreeSet<Module> = circle.iter().map(|it| sources.folder(it)).collect();
        let strict = |folder: &Module| {
            let name = folder.join("/");
            STRICT
                .iter()
                .any(|it| name == *it || name.starts_with(&format!("{it}/")))
        };
        if folders.len() > 1 || folders.iter().any(strict) {
            let names: Vec<String> = circle.iter().map(|it| shown(it)).collect();
            found.push(names.join(", "));
        }
        seen.extend(circle);
    }
    found
}

#[test]
fn no_imports_go_in_a_circle() {
    for folder in CRATES {
        let found = circles(&Sources::below(&below(folder)));
        assert_eq!(found, [""; 0], "in {folder}");
    }
}

// --- Options -----------------------------------------------------------------

/// The modules whose options are those of other programs, which they start.
const STARTS_OTHERS: [&str; 3] = [
    "campaign/bisect/commits",
    "campaign/bisect/git",
    "toolchain/installer",
];

/// The modules whose texts are recorded and shown as they were then, which name
/// options on purpose: the command that shows a case again, and why a case was not
/// run, which whoever reads the record later must be able to act upon.
const RECORDED: [&str; 2] = ["record/again", "runner/not_run"];

/// Whether a text names an option of a command line.
fn names_an_option(text: &str) -> bool {
    text.match_indices("--").any(|(at, sign)| {
        let before = text[..at].chars().next_back();
        let after = text[at + sign.len()..].chars().next();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '-')
            && after.is_some_and(|c| c.is_ascii_lowercase())
    })
}

/// The modules below `cli` that name options.
fn naming_options(sources: &Sources) -> Vec<String> {
    let below = sources.modules().filter(|module| {
        module.first().is_none_or(|top| top != "cli")
            && ![&STARTS_OTHERS[..], &RECORDED]
                .concat()
                .contains(&module.join("/").as_str())
    });
    let names = |module: &&Module| sources.texts(module).iter().any(|it| names_an_option(it));
    below.filter(names).map(|it| shown(it)).collect()
}

#[test]
fn only_cli_names_the_options_of_the_command_line() {
    for folder in CRATES {
        let found = naming_options(&Sources::below(&below(folder)));
        assert_eq!(found, [""; 0], "in {folder}");
    }
}

// --- Length ------------------------------------------------------------------

fn too_long<'a>(files: impl IntoIterator<Item = (&'a str, usize)>) -> Vec<&'a str> {
    let long = files.into_iter().filter(|(_, lines)| *lines > LONGEST);
    long.map(|(name, _)| name).collect()
}

#[test]
fn no_file_is_long() {
    for folder in CRATES {
        let mut files = Vec::new();
        rust_files(&below(folder), &mut files);
        let lines = files.iter().map(|file| {
            let text = fs::read_to_string(file).unwrap();
            (file.to_str().unwrap(), text.lines().count())
        });
        assert_eq!(too_long(lines), [""; 0]);
    }
}

// --- Each check fails where it must ------------------------------------------

fn sources(files: &[(&str, &str)]) -> Sources {
    let files = files.iter();
    Sources::of(files.map(|(place, text)| (PathBuf::from(place), (*text).to_owned())))
}

/// What `judge/fit.rs` imports, beside files of other modules.
fn imports(text: &str) -> Vec<String> {
    let sources = sources(&[
        ("lib.rs", "pub use vera_stress_case as case;"),
        (
            "judge.rs",
            "mod fit; use crate::plan::Plan; pub struct Verdict;",
        ),
        ("judge/fit.rs", text),
        ("judge/drift.rs", "pub struct Drift;"),
        ("plan.rs", "pub struct Plan;"),
        (
            "runner/mod.rs",
            "mod pairs; pub use pairs::Pairs; pub use self::pairs::*; pub struct Examiner;",
        ),
        ("runner/pairs.rs", "pub struct Pairs; pub fn pair() {}"),
    ]);
    let module = ["judge".to_owned(), "fit".to_owned()];
    let module = sources.modules().find(|it| **it == module);
    let found = module.map(|module| sources.imports(module));
    found.iter().flatten().map(|it| shown(it)).collect()
}

#[test]
fn an_import_is_seen_however_it_is_written() {
    for text in [
        "use crate::runner::Examiner;",
        "use crate::{plan::Plan as _, runner::{self, Examiner}};",
        "use super::super::runner::Examiner as It;",
        "fn f() { crate::runner::Examiner::new() }",
        "use crate::runner; fn f() { runner::Examiner::new() }",
        "fn f() { call!(crate::runner::Examiner) }",
        "use crate::runner::*;",
        "mod inner { use super::super::super::runner::Examiner; }",
        "#[cfg(test)] mod tests { use crate::judge::Verdict; } use crate::runner::Examiner;",
        "#[cfg(test)] use crate::judge::Verdict; use crate::runner::Examiner;",
        "struct S { #[cfg(test)] a: u8, b: crate::runner::Examiner }",
        "#[cfg(not(test))] use crate::runner::Examiner;",
    ] {
        assert!(imports(text).contains(&"runner".to_owned()), "{text}");
    }
}

#[test]
fn what_is_passed_on_is_imported_from_where_it_is() {
    assert_eq!(imports("use crate::runner::Pairs;"), ["runner/pairs"]);
    assert_eq!(imports("use crate::runner::pair;"), ["runner/pairs"]);
    assert_eq!(imports("use super::Plan;"), ["plan"]);
    assert_eq!(imports("use super::Verdict;"), ["judge"]);
    assert_eq!(imports("use super::drift::Drift;"), ["judge/drift"]);
}

#[test]
fn what_is_no_import_is_not_taken_for_one() {
    for text in [
        "// crate::runner::Examiner",
        "//! [`crate::runner::Examiner`]",
        "const TEXT: &str = \"crate::runner::Examiner\";",
        "use crate::case::Case;",
        "use std::fmt; fn f() -> fmt::Result { wasmtime::Engine::new() }",
        "#[cfg(test)] mod tests { use crate::runner::Examiner; }",
        "#[cfg(test)] #[allow(unused)] use crate::runner::{Examiner, Pairs};",
        "#[cfg(all(test, unix))] fn f(x: [u8; 2]) { crate::runner::Examiner }",
        "struct S { #[cfg(test)] a: crate::runner::Examiner, b: u8 }",
        "#![cfg(test)] use crate::runner::Examiner;",
    ] {
        assert_eq!(imports(text), [""; 0], "{text}");
    }
}

#[test]
fn a_file_that_only_tests_have_is_left_out() {
    let sources = sources(&[
        ("judge.rs", "#[cfg(test)] mod tests;"),
        ("judge/tests.rs", "use crate::runner::Examiner;"),
        ("judge/tests/more.rs", "use crate::runner::Examiner;"),
    ]);
    assert_eq!(sources.modules().count(), 1);
}

#[test]
fn an_import_that_points_up_is_noticed() {
    let wrong = |text| {
        let files = [
            ("judge.rs", text),
            ("runner.rs", "pub struct Examiner;"),
            ("plan.rs", "pub struct Plan;"),
        ];
        upward(&sources(&files))
    };
    let upwards = ["judge imports runner"];
    assert_eq!(wrong("use crate::runner::Examiner;"), upwards);
    let below = "#[cfg(test)]\nmod tests {}\nfn f() { super::runner::Examiner }";
    assert_eq!(wrong(below), upwards);
    assert!(wrong("use crate::plan::Plan; use crate::case::Case;").is_empty());
}

#[test]
#[should_panic(expected = "`nowhere` has no layer")]
fn a_module_without_a_layer_is_noticed() {
    upward(&sources(&[("nowhere.rs", "")]));
}

#[test]
fn a_circle_is_noticed() {
    let between = sources(&[
        (
            "record/mod.rs",
            "mod history; pub struct Case; use history::History;",
        ),
        (
            "record/history.rs",
            "mod rows; pub use rows::Rows; pub struct History(Rows);",
        ),
        (
            "record/history/rows.rs",
            "use super::super::Case; pub struct Rows;",
        ),
    ]);
    let found = circles(&between);
    assert_eq!(found, ["record, record/history, record/history/rows"]);
    let text = [
        ("a.rs", "pub struct A; use crate::b::B;"),
        ("b.rs", "pub struct B; use crate::a::A;"),
    ];
    for (folder, allowed) in [
        ("judge", true),
        ("scenario", false),
        ("engine/native/host", false),
    ] {
        let files = text.map(|(name, text)| {
            let path = folder.replace('/', "::");
            (
                PathBuf::from(folder).join(name),
                text.replace("crate", &format!("crate::{path}")),
            )
        });
        assert_eq!(circles(&Sources::of(files)).is_empty(), allowed, "{folder}");
    }
}

#[test]
fn an_option_below_cli_is_noticed() {
    let naming = |text| {
        naming_options(&sources(&[
            ("judge.rs", text),
            ("cli/run.rs", "const OPTION: &str = \"--lane\";"),
        ]))
    };
    assert_eq!(naming("fn f() { \"next: see `--lane`\" }"), ["judge"]);
    assert_eq!(
        naming("#[error(\"next: see --lane\")] struct E;"),
        ["judge"]
    );
    for text in [
        "/// See `--lane`.\nfn f() {}",
        "fn f() { \"a -- b ---c\" }",
        "#[cfg(test)] mod tests { const OPTION: &str = \"--lane\"; }",
    ] {
        assert_eq!(naming(text), [""; 0], "{text}");
    }
}

#[test]
fn a_long_file_is_noticed() {
    assert_eq!(too_long([("a.rs", 600), ("b.rs", 601)]), ["b.rs"]);
}
