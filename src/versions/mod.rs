//! The same cases on several versions of Vera.

mod answer;
pub mod bench;
pub mod bisect;
pub mod bisection;
pub mod candidates;
pub mod commits;
pub mod compare;
mod git;
pub mod known;
pub mod sought;
