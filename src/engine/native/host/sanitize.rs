//! What a sanitized module tells its host: each allocation, each collection, and
//! each access that the shadow has something against.

use wasmtime::{Linker, Result};

use super::super::sanitizer;
use super::super::state::Host;
use crate::instrument::OURS;
use crate::sanitizer::rewrite::{ALLOCATED, BAD, COLLECTED, COLLECTING, RANGE, UNBALANCED};

/// Binds the imports of a sanitized module.
pub fn bind(linker: &mut Linker<Host>) -> Result<()> {
    linker.func_wrap(OURS, ALLOCATED, sanitizer::allocated)?;
    linker.func_wrap(OURS, COLLECTING, sanitizer::collecting)?;
    linker.func_wrap(OURS, COLLECTED, sanitizer::collected)?;
    linker.func_wrap(OURS, BAD, sanitizer::bad_access)?;
    linker.func_wrap(OURS, RANGE, sanitizer::range)?;
    linker.func_wrap(OURS, UNBALANCED, sanitizer::unbalanced)?;
    Ok(())
}
