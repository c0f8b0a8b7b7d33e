//! A module's imports bound to host functions: by name and by signature.
//!
//! Each family of host functions is a file of its own with one function, `bind`,
//! which binds an import of its family and says whether it was one.

use wasmtime::{Extern, ExternType, FuncType, Linker, Module, Store};

use super::failure::HostFailure;
use super::host;
use super::import::{Import, VERA};
use super::state::Host;
use crate::instrument::{ASK, OURS};

/// The families, asked in turn.
const FAMILIES: [fn(&mut Import<'_>) -> bool; 12] = [
    host::io::bind,
    host::files::bind,
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
        HostFailure::Unsupported(format!(
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
