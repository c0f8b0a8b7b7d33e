//! One installed Vera: a release, a checkout, or an interpreter.
//!
//! [`Spec`] is what was asked for, [`Toolchain`] is what was found or installed,
//! and the [`worker`] is the process that compiles and runs with it.

pub mod about;
pub mod cache;
mod chosen;
pub mod compile;
mod directory;
mod environment;
mod error;
mod fingerprint;
pub mod here;
pub mod install;
mod install_steps;
mod installation;
mod installer;
pub mod inventory;
mod job;
mod marker;
mod modules;
mod probe;
mod process;
pub mod python;
mod range;
pub mod releases;
mod reports;
mod set_up;
pub mod spec;
mod stop;
mod teller;
pub mod tree;
pub mod trial;
pub mod watch;
pub mod worker;

pub use chosen::Chosen;
pub use error::ToolchainError;
pub use fingerprint::Fingerprint;
pub use here::Choice;
pub use installation::Toolchain;
pub use spec::{DEFAULT_RELEASE, Spec};
pub use teller::Teller;
