//! Views of a run: one file a format.

pub mod bisect;
pub mod climb;
pub mod compare;
pub mod github;
pub mod history;
pub mod html;
pub mod json;
pub mod junit;
pub mod known;
pub mod outputs;
mod progress;
pub mod terminal;
pub mod width;
