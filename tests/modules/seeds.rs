//! What the fuzzers begin with: it is kept in `fuzz/seeds/`, is what is made here,
//! and holds what they ask for.
//!
//! `BLESS=1 cargo test --test modules seeds` writes it anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::properties;
use crate::smith::next;

/// Seeds of modules that differ in what they may use, and are small.
const MODULES: [u64; 4] = [0, 1, 2, 3];

/// Scenarios whose files have between them every kind of key.
const SCENARIOS: [&str; 4] = [
    "input/read-lines",
    "churn/map-fold",
    "live-heap/linked-list",
    "effects/state-handler",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The bytes that a target begins with, by the name of their file.
fn modules() -> BTreeMap<String, Vec<u8>> {
    let bytes = |seed: u64| {
        let mut state = seed;
        let random = (0..600).map(|_| next(&mut state) as u8);
        seed.to_le_bytes().into_iter().chain(random).collect()
    };
    MODULES.map(|seed| (seed.to_string(), bytes(seed))).into()
}

fn scenarios() -> BTreeMap<String, Vec<u8>> {
    let file = |name: &str| {
        let file = root().join("scenarios").join(name).join("scenario.toml");
        fs::read(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()))
    };
    let named = SCENARIOS.map(|name| (name.replace('/', "-"), file(name)));
    named.into()
}

/// Holds what is kept for a target to what is made.
#[track_caller]
fn kept(target: &str, made: &BTreeMap<String, Vec<u8>>) {
    let folder = root().join("fuzz/seeds").join(target);
    if std::env::var_os("BLESS").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in made {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
    let files = fs::read_dir(&folder).unwrap().map(|file| {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        (name, fs::read(file.path()).unwrap())
    });
    let kept: BTreeMap<String, Vec<u8>> = files.collect();
    assert!(
        kept == *made,
        "fuzz/seeds/{target} is not what is made; BLESS=1 cargo test --test modules seeds writes it anew"
    );
}

#[test]
fn modules_are_rewritten() {
    let all = modules();
    kept("modules", &all);
    for (name, bytes) in &all {
        assert!(properties::made(bytes).is_some(), "{name} makes no module");
        properties::instrumented(bytes).unwrap();
        properties::sanitized(bytes).unwrap();
    }
}

#[test]
fn scenario_files_are_loaded_however_they_are_cut() {
    let all = scenarios();
    kept("scenario", &all);
    for bytes in all.values() {
        for end in (0..=bytes.len()).step_by(7) {
            properties::loaded(&bytes[..end]).unwrap();
        }
    }
}

#[test]
fn what_is_not_valid_is_noticed() {
    let (bare, _) = properties::made(&modules()["0"]).unwrap();
    assert!(properties::valid("nothing", &bare).is_ok());
    let broken = &bare[..bare.len() - 1];
    assert!(properties::valid("nothing", broken).is_err());
}
