//! Vera's syntax: a typed tree in which slots are named binders, and what is made
//! of it.
//!
//! Vera's own parser and checker read a program; [`decode`] makes a [`Program`] of
//! what they say. In it a reference names the binding that it means, so that a
//! binding can come and go without a change of any other reference; [`print`]
//! computes the `@T.k` again. Nothing here runs Vera: who wants to know whether a
//! rewritten program still does something asks for it through a trait.
//!
//! On top stand [`reduce`], which makes a program small, and [`twins`], which
//! rewrites one so that it must still do the same.

pub mod census;
pub mod decode;
pub mod generate;
pub mod interpret;
mod leaf;
mod measure;
mod names;
pub mod print;
mod purity;
pub mod reduce;
mod scope;
mod tree;
pub mod twins;
mod types;
mod walk;

pub use measure::{lines, nodes};
pub use scope::{Aliases, Scope};
pub use tree::*;
pub use walk::{Visit, walk};

#[cfg(test)]
mod tests;
