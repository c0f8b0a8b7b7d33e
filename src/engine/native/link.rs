//! A module's imports bound to host functions: by name and by signature.
//!
//! Each family of host functions is a file of its own with one function, `bind`,
//! which binds an import of its family and says whether it was one.

use wasmtime::{
    Caller, Extern, ExternType, FuncType, IntoFunc, Linker, Module, Store, Val, ValType,
};

use super::failure::Failure;
use super::host;
use super::state::Host;
use crate::instrument::{ASK, OURS};

/// The module that Vera's host functions are imported from.
const VERA: &str = "vera";

/// One import that wants a host function.
pub struct Import<'a> {
    linker: &'a mut Linker<Host>,
    /// Its name.
    pub name: &'a str,
    /// The place of its count.
    pub slot: usize,
    /// The signature that the module wants it with.
    wanted: &'a FuncType,
    /// The cells of `State` so far, by what their names say of their type.
    cells: &'a mut Vec<String>,
    /// What a binding went wrong with.
    error: Option<wasmtime::Error>,
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

/// The families, asked in turn.
const FAMILIES: [fn(&mut Import<'_>) -> bool; 11] = [
    host::io::bind,
    host::state::bind,
    host::decimal::bind,
    host::math::bind,
    host::random::bind,
    host::hash::bind,
    host::wrap::bind,
    host::contract::bind,
    host::trap::bind,
    host::map::bind,
    host::set::bind,
];

/// Binds every import of `module`, or says which one there is nothing for.
pub fn link(store: &mut Store<Host>, module: &Module) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(store.engine());
    let missing = |import: &wasmtime::ImportType<'_>, why: &str| {
        Failure::Unsupported(format!(
            "the module imports {}.{}{why}",
            import.module(),
            import.name()
        ))
    };
    let mut cells = Vec::new();
    host::sanitize::bind(&mut linker)?;
    host::probes::bind(&mut linker)?;
    for (slot, import) in module.imports().enumerate() {
        store.data_mut().calls.push(0);
        let ExternType::Func(wanted) = import.ty() else {
            return Err(missing(
                &import,
                ", which is no function; Vera's host gives only functions",
            )
            .into());
        };
        // The same import a second time is bound already.
        if linker.get_by_import(&mut *store, &import).is_none() {
            if import.module() == OURS && import.name() == ASK {
                linker.func_wrap(OURS, ASK, host::schedule::ask)?;
            } else {
                let mut one = Import {
                    linker: &mut linker,
                    name: import.name(),
                    slot,
                    wanted: &wanted,
                    cells: &mut cells,
                    error: None,
                };
                let found = import.module() == VERA && FAMILIES.iter().any(|bind| bind(&mut one));
                if let Some(error) = one.error {
                    return Err(error);
                }
                if !found {
                    return Err(missing(&import, ", which the native engine does not have").into());
                }
            }
        }
        let Some(Extern::Func(bound)) = linker.get_by_import(&mut *store, &import) else {
            return Err(missing(&import, ", which the native engine does not have").into());
        };
        let ours = bound.ty(&*store);
        if !FuncType::eq(&ours, &wanted) {
            let why = format!(" as {wanted}, and the native engine has it as {ours}");
            return Err(missing(&import, &why).into());
        }
    }
    // Below all handlers, a cell holds zero.
    store.data_mut().cells = vec![vec![0]; cells.len()];
    Ok(linker)
}
