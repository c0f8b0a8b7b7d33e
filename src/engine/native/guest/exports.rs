//! The exports of a module by which the host reaches its memory and runtime.

use wasmtime::{AsContextMut, Extern, Global, Instance, Memory, Store, TypedFunc};

use crate::instrument::SHADOW_TOP;
use crate::vera_runtime::{ExportStyle, MEMORY, RuntimeFunction, RuntimeGlobal};

/// The exports of a module that the host uses; each may be missing where the
/// program has no use for it.
#[derive(Clone)]
pub struct Guest {
    /// The memory.
    pub memory: Option<Memory>,
    /// The allocator.
    pub alloc: Option<TypedFunc<i32, i32>>,
    /// What puts an object into the wrap table.
    pub register_wrapper: Option<TypedFunc<(i32, i32, i32), ()>>,
    /// Where the allocator keeps the highest address that it reached.
    pub heap_pointer: Option<Global>,
    /// Where the next root goes on the shadow stack.
    pub shadow_pointer: Option<Global>,
    /// Where the shadow stack ends.
    pub shadow_limit: Option<Global>,
    /// The highest that it was, where that is watched.
    pub shadow_top: Option<Global>,
}

impl Guest {
    /// Finds the exports of an instance.
    pub fn of<T: 'static>(store: &mut Store<T>, instance: Instance) -> Guest {
        let style = ExportStyle::of(|name| instance.get_memory(&mut *store, name).is_some());
        let mut export = |part: &str| instance.get_export(&mut *store, &style.name(part));
        let memory = export(MEMORY).and_then(Extern::into_memory);
        let [alloc, register] = [RuntimeFunction::Alloc, RuntimeFunction::RegisterWrapper]
            .map(|function| export(function.name()).and_then(Extern::into_func));
        let [heap_pointer, shadow_pointer, shadow_limit] = [
            RuntimeGlobal::HeapEnd,
            RuntimeGlobal::ShadowPointer,
            RuntimeGlobal::ShadowLimit,
        ]
        .map(|global| export(global.name()).and_then(Extern::into_global));
        Guest {
            memory,
            alloc: alloc.and_then(|it| it.typed(&*store).ok()),
            register_wrapper: register.and_then(|it| it.typed(&*store).ok()),
            heap_pointer,
            shadow_pointer,
            shadow_limit,
            shadow_top: instance.get_global(&mut *store, SHADOW_TOP),
        }
    }
}

/// The value of an i32 global, unsigned as addresses are.
pub fn read_u32(global: Global, store: impl AsContextMut) -> Option<u32> {
    global.get(store).i32().map(i32::cast_unsigned)
}
