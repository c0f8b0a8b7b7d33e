//! What runs a compiled module: one file an engine.

pub mod reference;
