//! What is compiled.

use std::time::Duration;

use super::script::{Script, ScriptError};
use crate::case::{Scale, Sources};

/// What is compiled.
#[derive(Debug)]
pub enum Program {
    /// The same program at every n.
    Fixed(Sources),
    /// A program that grows with n.
    Generated(Script),
}

impl Program {
    /// The same; where it grows with n, making it may take so long.
    #[must_use]
    pub fn within(self, limit: Duration) -> Program {
        match self {
            Program::Fixed(_) => self,
            Program::Generated(script) => Program::Generated(script.within(limit)),
        }
    }

    /// The sources at scale `n`.
    pub fn sources(&self, n: Scale) -> Result<Sources, ScriptError> {
        match self {
            Program::Fixed(sources) => Ok(sources.clone()),
            Program::Generated(script) => script.program(n),
        }
    }
}
