//! The only way from the host to a running program: what it exports, its memory,
//! what is kept alive in it, and the values that it is given.

pub mod exports;
pub mod memory;
pub mod roots;
pub mod values;
