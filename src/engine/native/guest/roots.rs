//! What the host keeps alive while it allocates.

use wasmtime::{Caller, Global, Val};

use super::super::failure::HostFailure;
use super::super::state::Host;
use super::memory::{memory_of, writable};
use crate::vera_runtime::{ROOT_BYTES, RuntimeGlobal};

/// What is said where the host finds no room on the shadow stack, in the words of
/// Vera's host.
pub const OVERFLOW: &str = "#692: host shadow-stack overflow";

/// A stretch of the shadow stack on which the host keeps what a collection must
/// not free while it allocates more.
pub struct Roots {
    pointer: Global,
    limit: Global,
    top: Option<Global>,
    start: Val,
}

impl Roots {
    /// Opens a stretch above what the program has pushed.
    pub fn open(caller: &mut Caller<'_, Host>) -> wasmtime::Result<Roots> {
        let guest = caller.data().guest()?;
        let pointer = guest
            .shadow_pointer
            .ok_or_else(|| HostFailure::missing(RuntimeGlobal::ShadowPointer.name()))?;
        let limit = guest
            .shadow_limit
            .ok_or_else(|| HostFailure::missing(RuntimeGlobal::ShadowLimit.name()))?;
        let top = guest.shadow_top;
        Ok(Roots {
            start: pointer.get(caller),
            pointer,
            limit,
            top,
        })
    }

    /// Keeps what `object` points to; a null pointer needs no keeping.
    pub fn push(&self, caller: &mut Caller<'_, Host>, object: i32) -> wasmtime::Result<()> {
        if object == 0 {
            return Ok(());
        }
        let at = self.pointer.get(&mut *caller).i32().unwrap_or(-1);
        let limit = self.limit.get(&mut *caller).i32().unwrap_or(-1);
        let after = at
            .checked_add(ROOT_BYTES.cast_signed())
            .filter(|after| at >= 0 && *after <= limit);
        let Some(after) = after else {
            let why = format!("{OVERFLOW} (sp={at}, limit={limit})");
            return Err(HostFailure::Refused(why).into());
        };
        // The shadow stack belongs to no program: this is no access of one.
        let root = object.to_le_bytes();
        let range = writable(caller, at, &root)?;
        memory_of(caller)?.data_mut(&mut *caller)[range].copy_from_slice(&root);
        self.pointer.set(&mut *caller, Val::I32(after))?;
        if let Some(top) = self.top
            && top.get(&mut *caller).i32().is_some_and(|top| top < after)
        {
            top.set(&mut *caller, Val::I32(after))?;
        }
        Ok(())
    }

    /// Gives the stretch back. On an error nothing is given back: the program
    /// has ended.
    pub fn close(self, caller: &mut Caller<'_, Host>) -> wasmtime::Result<()> {
        self.pointer.set(caller, self.start)
    }
}
