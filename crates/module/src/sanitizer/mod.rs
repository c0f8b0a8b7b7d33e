//! The sanitizer: every access and the whole heap of a program checked while it
//! runs.
//!
//! `scope` finds what is checked and what is not in a compiled module,
//! `rewrite` adds the checks, and `heap`, `collection` and `quarantine` keep the host's
//! own books of the heap and hold the program's collector and allocator to them.
//! What a finding means is in `broken`; docs/sanitizer.md draws the picture.

pub mod access;
pub mod broken;
mod check;
mod collection;
pub mod heap;
pub mod log;
#[cfg(test)]
mod program;
mod quarantine;
pub mod rewrite;
mod scope;
pub mod shadow;
mod wrapper;
