//! Searches over the scale of a case.

pub mod shrink;
