//! Searches over the scale of a case.

pub mod climb;
pub mod shrink;
