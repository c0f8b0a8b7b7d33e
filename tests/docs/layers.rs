//! Imports point one way: the order that ARCHITECTURE.md gives.

use std::fs;
use std::path::{Path, PathBuf};

/// The layers from the bottom up; a module may import what stands before it, or
/// beside it in the same line.
const LAYERS: [&[&str]; 14] = [
    &["exit", "interrupt", "case"],
    &["scenario", "toolchain"],
    &["instrument"],
    &["sanitizer"],
    &["engine"],
    &["judge", "plan"],
    &["config", "runner"],
    &["scale"],
    &["record"],
    &["report"],
    &["suite", "serve"],
    &["climbs"],
    &["versions"],
    &["cli"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|names| names.contains(&module))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The modules that a file imports from this crate.
fn imports(text: &str) -> Vec<&str> {
    // Tests may look wherever they like.
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    code.split("crate::")
        .skip(1)
        .map(|rest| {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            &rest[..end.unwrap_or(rest.len())]
        })
        .filter(|name| !name.is_empty())
        .collect()
}

/// What is wrong with the imports of a file of `module`.
fn upward<'a>(module: &str, text: &'a str) -> Vec<&'a str> {
    let own = layer(module).unwrap_or_else(|| panic!("`{module}` has no layer; give it one here"));
    imports(text)
        .into_iter()
        .filter(|name| layer(name).is_none_or(|other| other > own))
        .collect()
}

#[test]
fn nothing_imports_what_stands_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    assert!(files.len() > 20, "the sources must be there");
    for file in files {
        let inside = file.strip_prefix(&root).unwrap();
        let module = inside.components().next().unwrap();
        let module = module.as_os_str().to_str().unwrap().trim_end_matches(".rs");
        if ["main", "lib"].contains(&module) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let wrong = upward(module, &text);
        assert!(wrong.is_empty(), "{} imports {wrong:?}", inside.display());
    }
}

#[test]
fn an_import_that_points_up_is_noticed() {
    assert_eq!(upward("judge", "use crate::runner::Examiner;"), ["runner"]);
    assert_eq!(upward("judge", "use crate::nowhere::X;"), ["nowhere"]);
    assert!(upward("judge", "use crate::case::Case;").is_empty());
}
