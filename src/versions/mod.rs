//! The same cases on several versions of Vera.

pub mod bench;
pub mod compare;
pub mod known;
