//! Modules of wasm-smith's, made of bytes.

use arbitrary::Unstructured;
use wasm_smith::{InstructionKind, InstructionKinds};

/// Loops and calls that a module has for each call from outside, before it traps.
pub const FUEL: i32 = 300;

/// A number that `state` leads to.
pub fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A module, and the index of the global that holds its fuel; `None` where the
/// bytes make none. By `seed` modules differ in what they may use.
pub fn module(bytes: &[u8], seed: u64) -> Option<(Vec<u8>, u32)> {
    let config = wasm_smith::Config {
        min_types: 2,
        min_funcs: 4,
        max_funcs: 12,
        max_imports: 6,
        min_memories: 1,
        max_memories: 1,
        max_memory32_bytes: 4 << 16,
        max_table_elements: 1000,
        max_data_segments: 6,
        max_element_segments: 6,
        max_instructions: 150,
        min_uleb_size: 1,
        export_everything: true,
        threads_enabled: false,
        memory64_enabled: false,
        allow_start_export: seed.is_multiple_of(5),
        gc_enabled: seed.is_multiple_of(3),
        // Half of them get to their end, half of them trap as it comes.
        disallow_traps: seed.is_multiple_of(2),
        // One of four does little else than to use its memory.
        allowed_instructions: match seed % 4 {
            3 => InstructionKinds::new(&[
                InstructionKind::NumericInt,
                InstructionKind::Memory,
                InstructionKind::Vector,
                InstructionKind::Variable,
            ]),
            _ => InstructionKinds::all(),
        },
        ..wasm_smith::Config::default()
    };
    let mut module = wasm_smith::Module::new(config, &mut Unstructured::new(bytes)).ok()?;
    let fuel = module.ensure_termination(FUEL as u32).ok()?;
    Some((module.to_bytes(), fuel))
}
