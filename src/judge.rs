//! An outcome and what was expected of it become a verdict and one line.

mod cost;
pub mod drift;
mod engines;
mod excess;
mod failure;
pub mod fit;
pub mod growth;
mod judging;
pub mod overflow;
#[cfg(test)]
pub(crate) mod samples;
mod signature;
mod skeleton;
mod text;
mod twin;
mod verdict;

pub use engines::{comparable, difference, result_told};
pub use failure::failure;
pub use judging::{Knowledge, Peer, judge};
pub use signature::Signature;
pub use twin::{Telling, can_be_told, may_lack_room, told_by_twin, twin_difference};
pub use verdict::{Judgement, Verdict, told};
