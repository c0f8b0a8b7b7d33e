//! What a scenario is: one Vera program with one scale parameter, an oracle for
//! what it must produce at any n, the bug class it guards against, and its
//! budgets.
//!
//! A scenario is a folder of data ([`load`]); the built-in ones are embedded in
//! the binary ([`catalogue`]).

mod built_in;
mod call;
pub mod catalogue;
mod cost;
mod definition;
pub mod disk;
mod error;
mod expectation;
mod failure_kind;
mod folder;
mod format;
mod generated;
mod growth;
mod guard;
mod known;
pub mod load;
mod names;
pub mod new;
mod oracle;
pub mod own;
mod program;
pub mod script;
mod shape;
pub mod stand_in;
mod surroundings;

pub use call::Call;
pub use cost::Cost;
pub use definition::{ClimbBudget, LaneOverride, Scenario, StandIn, Twins};
pub use expectation::{Agreement, Expectation, ExpectedEnd, Pin};
pub use failure_kind::FailureKind;
pub use format::pins::{line as pin_line, text as toml_text};
pub use generated::generated;
pub use growth::Growth;
pub use guard::{Guard, Proof, ProvenOn, Symptom, guards_line};
pub use known::KnownLimit;
pub use oracle::{FilesSource, Oracle, OtherEnd, Source, StandardInput};
pub use program::Program;
pub use shape::Shape;
pub use surroundings::{Files, Surroundings};
