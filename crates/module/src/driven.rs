//! A module whose allocator and collector can be driven from outside: what the host
//! needs for it is exported, and nothing else is changed.

use wasm_encoder::ExportKind;

use crate::anatomy::{Anatomy, Unfit};
use crate::graft::{AsItIs, Graft};
use crate::names::PREFIX;
use crate::vera_runtime::{RuntimeFunction, RuntimeGlobal, VeraRuntime};

/// What a part of the runtime is exported as.
pub fn exported(part: &str) -> String {
    format!("{PREFIX}{part}")
}

/// Exports the allocator, the collector and the globals of the heap and the shadow
/// stack.
///
/// # Errors
///
/// Where it is no valid module, or has no allocator that is known.
pub fn driven(module: &[u8]) -> Result<Vec<u8>, Unfit> {
    let anatomy = Anatomy::of(module)?;
    let runtime = VeraRuntime::of(&anatomy)?;
    let mut graft = Graft::onto(&anatomy);
    for function in [RuntimeFunction::Alloc, RuntimeFunction::Collect] {
        if let Some(index) = runtime.function(function) {
            graft.export(exported(function.name()), ExportKind::Func, index);
        }
    }
    for global in RuntimeGlobal::ALL {
        if let Some(index) = runtime.global(global) {
            graft.export(exported(global.name()), ExportKind::Global, index);
        }
    }
    graft.apply(&mut AsItIs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_needs_is_exported() {
        let module = wat::parse_str(
            "(module (memory 1) (global $gc_sp (mut i32) (i32.const 8))
               (func $gc_collect) (func $alloc (param i32) (result i32) i32.const 64))",
        )
        .unwrap();
        let driven = driven(&module).unwrap();
        wasmparser::validate(&driven).unwrap();
        let text = wasmprinter::print_bytes(&driven).unwrap();
        for part in ["alloc", "gc_collect", "gc_sp"] {
            assert!(text.contains(&exported(part)), "{part}: {text}");
        }
    }

    #[test]
    fn a_module_without_an_allocator_is_refused() {
        let module = wat::parse_str("(module (func))").unwrap();
        assert!(driven(&module).is_err());
    }
}
