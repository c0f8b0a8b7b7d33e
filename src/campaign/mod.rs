//! The uses: each takes a [`Setting`], sends what happens to its sinks, and
//! returns a report as data. None prints, writes a file for people, or knows how
//! the command ends.

pub mod bench;
pub mod bisect;
pub mod bless;
pub mod climb;
pub mod compare;
pub mod coverage;
pub mod doctor;
mod failures;
pub mod fuzz;
pub mod guards;
pub mod known;
pub mod reduce;
pub mod run;
pub mod serve;
mod setting;

pub use setting::{Finished, Setting};
