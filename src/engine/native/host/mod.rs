//! Host functions, one file a family.

pub mod contract;
pub mod decimal;
pub mod files;
pub mod hash;
pub mod io;
pub mod map;
pub mod math;
pub mod probes;
pub mod random;
pub mod sanitize;
pub mod schedule;
pub mod set;
pub mod state;
pub mod trap;
pub mod wrap;

mod bucket;
