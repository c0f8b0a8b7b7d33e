//! Views of a run: one file a format.

pub mod json;
pub mod junit;
pub mod terminal;
