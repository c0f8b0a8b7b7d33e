//! What must hold whatever is put in: the targets of `fuzz/` put in what
//! libFuzzer finds, the tests what they make themselves.

use vera_stress::instrument::{Variant, instrument};
use vera_stress::sanitizer::rewrite::sanitize;
use vera_stress::scenario::load::{self, Folder, SCENARIO_FILE};
use wasmparser::{Validator, WasmFeatures};

use crate::graft::{Grafted, graft};
use crate::smith;

/// Every way to rewrite a module.
pub const VARIANTS: [Variant; 7] = [
    Variant::Counted,
    Variant::Traced,
    Variant::Scheduled,
    Variant::Uncollected,
    Variant::Stepped,
    Variant::Probed,
    Variant::Sanitized,
];

/// Fails where a module is not valid.
pub fn valid(what: &str, wasm: &[u8]) -> Result<(), String> {
    let features = WasmFeatures::WASM3 - WasmFeatures::MEMORY64;
    let validated = Validator::new_with_features(features).validate_all(wasm);
    let why = validated.map(|_| ());
    why.map_err(|why| format!("{what} made it invalid: {why}"))
}

/// A module that bytes stand for: what wasm-smith makes of them, and that with a
/// runtime like Vera's.
pub fn made(bytes: &[u8]) -> Option<(Vec<u8>, Grafted)> {
    let (seed, bytes) = bytes.split_first_chunk()?;
    let seed = u64::from_le_bytes(*seed);
    let (bare, fuel) = smith::module(bytes, seed)?;
    let grafted = graft(&bare, Some(fuel), seed);
    (grafted.own > 0).then_some((bare, grafted))
}

/// What is made of a module with Vera's runtime is valid; a module without one may
/// be refused.
pub fn instrumented(bytes: &[u8]) -> Result<(), String> {
    let Some((bare, grafted)) = made(bytes) else {
        return Ok(());
    };
    for variant in VARIANTS {
        if let Ok(wasm) = instrument(&bare, variant) {
            valid(variant.name(), &wasm)?;
        }
        let wasm = instrument(&grafted.wasm, variant).map_err(|why| why.to_string())?;
        valid(variant.name(), &wasm)?;
    }
    Ok(())
}

/// The same with the checks of the sanitizer.
pub fn sanitized(bytes: &[u8]) -> Result<(), String> {
    let Some((bare, grafted)) = made(bytes) else {
        return Ok(());
    };
    if let Ok(Some(sanitized)) = sanitize(&bare) {
        valid("sanitize", &sanitized.wasm)?;
    }
    let scheduled = instrument(&grafted.wasm, Variant::Scheduled).map_err(|why| why.to_string())?;
    let sanitized = sanitize(&scheduled).map_err(|why| why.to_string())?;
    let sanitized = sanitized.ok_or("the sanitizer found no allocator")?;
    valid("sanitize", &sanitized.wasm)
}

/// A scenario file is loaded, or what is wrong with it is said.
pub fn loaded(bytes: &[u8]) -> Result<(), String> {
    let files = [
        (SCENARIO_FILE, String::from_utf8_lossy(bytes).into_owned()),
        ("main.vera", String::new()),
    ];
    let folder = Folder {
        path: "catalogue/axis/name".to_owned(),
        axis: "axis".to_owned(),
        name: "name".to_owned(),
        files: files.map(|(name, text)| (name.to_owned(), text)).into(),
        given: None,
        common: std::sync::Arc::default(),
    };
    match load::load(folder) {
        Err(why) if why.to_string().is_empty() => Err("an error that says nothing".to_owned()),
        Ok(_) | Err(_) => Ok(()),
    }
}
