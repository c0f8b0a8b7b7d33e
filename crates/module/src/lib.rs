//! Work on a module that Vera compiled: what Vera's runtime is in it, and how
//! the module is rewritten so that it counts, collects by a schedule, checks
//! its accesses, or has a known fault.
//!
//! Nothing here runs a module, and nothing knows wasmtime.

mod anatomy;
mod counting;
pub mod faults;
mod graft;
pub mod instrument;
mod probes;
pub mod sanitizer;
pub mod schedule;
mod steps;
pub mod text;
pub mod vera_runtime;

/// A digest of this crate's sources: two builds with the same digest make the same
/// of a module.
pub const SOURCE_DIGEST: &str = env!("SOURCE_DIGEST");
