//! What an engine is asked to run.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::case::{Budget, GcMode, Lane};
use crate::engine::folder::{Around, Given};
use crate::toolchain::about::About;
use crate::toolchain::compile::Compiled;

/// What is to be run, beside the program.
#[derive(Clone, Debug)]
pub struct NativeRequest {
    /// The arguments of `main`, as `vera run` would be given them.
    pub arguments: Vec<String>,
    /// What the program reads from standard input.
    pub input: Vec<u8>,
    /// The files that it is given; each run has a copy.
    pub files: Arc<Given>,
    /// The environment that it sees.
    pub env: BTreeMap<String, String>,
    /// When collections are forced.
    pub mode: GcMode,
    /// Whether the tables of Vera's runtime are at a sixteenth of their size.
    pub tight: bool,
    /// Where the program's random numbers come from.
    pub seed: u64,
    /// What it may use.
    pub budget: Budget,
}

impl NativeRequest {
    /// A run in `lane`, whose collections and random numbers repeat with the
    /// seed where it names none of its own.
    pub fn of(
        arguments: Vec<String>,
        around: &Around<'_>,
        lane: Lane,
        seed: u64,
        budget: Budget,
    ) -> NativeRequest {
        NativeRequest {
            arguments,
            input: around.input.as_bytes().to_vec(),
            files: Arc::clone(&around.files),
            env: around.env.clone(),
            mode: lane.seeded(seed).mode,
            tight: lane.tight,
            seed,
            budget,
        }
    }
}

/// A compiled program.
#[derive(Clone, Copy, Debug)]
pub struct CompiledProgram<'a> {
    /// The module.
    pub wasm: &'a [u8],
    /// A folder in which its machine code is kept.
    pub folder: &'a Path,
    /// What the compiler said of it.
    pub about: &'a About,
}

impl<'a> CompiledProgram<'a> {
    /// What a compiler left, with its module.
    pub fn of(compiled: &'a Compiled, wasm: &'a [u8]) -> CompiledProgram<'a> {
        CompiledProgram {
            wasm,
            folder: &compiled.folder,
            about: &compiled.about,
        }
    }
}
