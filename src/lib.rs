//! `vera-stress` finds the scale at which Vera programs break, before their
//! users do.
//!
//! The modules below stand in the order in which the data flows: scenario files
//! become cases, cases are compiled and run, outcomes are judged, verdicts are
//! recorded and shown. Imports point one way, from the bottom of the list to
//! the top.

#[cfg(not(unix))]
compile_error!("vera-stress runs on Linux and macOS; on Windows, use it inside WSL");

pub use vera_stress_case as case;
pub use vera_stress_module::{branches, driven, instrument, sanitizer, vera_runtime};
pub use vera_stress_vera as vera;

pub mod clock;
pub mod files;
pub mod interrupt;
pub mod scratch;

pub mod scenario;
pub mod toolchain;

pub mod engine;

pub mod judge;
pub mod plan;

pub mod config;
pub mod runner;
pub mod scale;

pub mod record;

pub mod campaign;
pub mod report;

pub mod cli;
