//! Views of a run: one file a format.

pub mod bisect;
pub mod climb;
pub mod compare;
pub mod history;
pub mod json;
pub mod junit;
pub mod known;
mod progress;
pub mod terminal;
pub mod width;
