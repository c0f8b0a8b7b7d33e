//! An import of a module that wants a host function, and the call of one.

use wasmtime::{Caller, FuncType, IntoFunc, Linker, Val, ValType};

use super::state::Host;

/// The module that Vera's host functions are imported from.
pub const VERA: &str = "vera";

/// One import that wants a host function.
pub struct Import<'a> {
    pub(super) linker: &'a mut Linker<Host>,
    /// Its name.
    pub name: &'a str,
    /// The place of its count.
    pub slot: usize,
    /// The signature that the module wants it with.
    pub(super) wanted: &'a FuncType,
    /// The cells of `State` so far, by what their names say of their type.
    pub(super) cells: &'a mut Vec<String>,
    /// What a binding went wrong with.
    pub(super) error: Option<wasmtime::Error>,
}

impl Import<'_> {
    /// Binds the import to a host function.
    pub fn to<P, R>(&mut self, function: impl IntoFunc<Host, P, R>) -> bool {
        let bound = self.linker.func_wrap(VERA, self.name, function).map(|_| ());
        self.error = bound.err();
        true
    }

    /// The place of the `State` cell with this name.
    pub fn cell(&mut self, name: &str) -> usize {
        let found = self.cells.iter().position(|known| known == name);
        found.unwrap_or_else(|| {
            self.cells.push(name.to_owned());
            self.cells.len() - 1
        })
    }

    /// The type of its first parameter.
    pub fn parameter(&self) -> Option<ValType> {
        self.wanted.param(0)
    }

    /// The type of its first result.
    pub fn result(&self) -> Option<ValType> {
        self.wanted.result(0)
    }
}

/// Counts a call, and gives the host's data.
pub fn called<'a>(caller: &'a mut Caller<'_, Host>, slot: usize) -> &'a mut Host {
    // Steps say nothing of the time that the host takes, and where they are
    // counted nothing else looks at the clock.
    if let Some(steps) = caller.data().steps
        && caller.data().limits.check().is_err()
    {
        steps
            .set(&mut *caller, Val::I64(0))
            .expect("this global is ours, and a mutable i64");
    }
    let host = caller.data_mut();
    host.calls[slot] += 1;
    host.calling = Some(slot);
    host
}
