//! What a sanitized module tells its host: each allocation, each collection, and
//! each access that the shadow has something against.

use wasmtime::{Linker, Result};

use super::super::sanitizer::hooks;
use super::super::state::Host;
use crate::instrument::OURS;
use crate::sanitizer::rewrite::{
    ALLOCATED, BAD, COLLECTED, COLLECTING, COPIED, LOGGED, RANGE, UNBALANCED,
};

/// Binds the imports of a sanitized module.
pub fn bind(linker: &mut Linker<Host>) -> Result<()> {
    linker.func_wrap(OURS, ALLOCATED, hooks::allocated)?;
    linker.func_wrap(OURS, LOGGED, hooks::logged)?;
    linker.func_wrap(OURS, COLLECTING, hooks::collecting)?;
    linker.func_wrap(OURS, COLLECTED, hooks::collected)?;
    linker.func_wrap(OURS, BAD, hooks::bad_access)?;
    linker.func_wrap(OURS, RANGE, hooks::range)?;
    linker.func_wrap(OURS, COPIED, hooks::copied)?;
    linker.func_wrap(OURS, UNBALANCED, hooks::unbalanced)?;
    Ok(())
}
