//! Why a host function ends a program.

use crate::case::{Bytes, Clock};

/// What a host function, or a limit, ends a program with. It travels through
/// wasmtime as the error of the call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostFailure {
    /// `IO.exit`.
    #[error("the program ended itself with exit code {0}")]
    Exit(i64),
    /// A pointer and length that the module's memory does not hold; Vera's
    /// runtime reports it like a bad access of the program's own.
    #[error(
        "out of bounds memory access: host {what} of {length} byte(s) at offset {at} exceeds WASM memory size {size}"
    )]
    OutOfBounds {
        /// What was being done.
        what: &'static str,
        /// The address, as the program gave it.
        at: i64,
        /// The length, as the program gave it.
        length: i64,
        /// The size of the memory.
        size: u64,
    },
    /// The host refuses what it was asked, as Vera's own host would by an
    /// exception.
    #[error("{0}")]
    Refused(String),
    /// The host has not what is asked for.
    #[error("{0}")]
    Unsupported(String),
    /// The sanitizer found something.
    #[error("the sanitizer found something")]
    Corrupt,
    /// The output budget is spent.
    #[error("the output budget is spent")]
    OverOutput,
    /// The budget of time is spent.
    #[error("the budget of time is spent")]
    OverTime(Clock),
    /// The memory budget does not allow what was wanted.
    #[error("the memory budget does not allow {0}")]
    OverMemory(Bytes),
    /// The run was interrupted.
    #[error("the run was interrupted")]
    Interrupted,
}

impl HostFailure {
    /// The module has not what the host needs of it.
    pub fn missing(what: &str) -> HostFailure {
        HostFailure::Refused(format!("the module exports no {what}"))
    }
}
