//! What a probed module tells its host: that it calls deeper than before, and
//! when it collects. A traced one tells the latter.

use wasmtime::{AsContextMut, Caller, Extern, Linker, Result};

use super::super::guest::exports::read_u32;
use super::super::state::Host;
use crate::case::{Bytes, Instructions};
use crate::instrument::{
    AFTER_COLLECTION, ALLOCATIONS, BEFORE_COLLECTION, COLLECTIONS, DEEPER, OURS, RAISES, Variant,
    shown,
};
use crate::vera_runtime::{HeapBounds, RuntimeGlobal};

/// Binds the imports of probed and of traced modules.
pub fn bind(linker: &mut Linker<Host>) -> Result<()> {
    linker.func_wrap(OURS, DEEPER, deeper)?;
    linker.func_wrap(OURS, BEFORE_COLLECTION, before_collection)?;
    linker.func_wrap(OURS, AFTER_COLLECTION, after_collection)?;
    Ok(())
}

/// The stack grows down; a place in this function's own frame is as far below
/// the program's in each call.
fn deeper(mut guest: Caller<'_, Host>) {
    let here = 0_u8;
    let here = std::ptr::addr_of!(here).addr();
    let probes = &mut guest.data_mut().probes;
    let top = *probes.stack_top.get_or_insert(here);
    probes.stack = probes.stack.max(top.saturating_sub(here) as u64);
}

fn before_collection(mut guest: Caller<'_, Host>) {
    give_back(&mut guest);
    wrapped(&mut guest);
    let Some(used) = used(&mut guest) else {
        return;
    };
    let probes = &mut guest.data_mut().probes;
    probes.used = Some(probes.used.unwrap_or(0).max(used));
    if guest.data().trace.is_some() {
        let at = instructions_so_far(&mut guest);
        if let Some(trace) = &mut guest.data_mut().trace {
            trace.began(at, Bytes(used));
        }
    }
}

/// The instructions of a traced program so far, as `Measures::instructions` will have it.
fn instructions_so_far(guest: &mut Caller<'_, Host>) -> Instructions {
    let left = guest.get_fuel().expect("traced programs count fuel");
    let [allocations, collections, raises] =
        [ALLOCATIONS, COLLECTIONS, RAISES].map(|name| counter(guest, name));
    let each = Variant::Traced.overhead();
    let added = each.allocation * allocations + each.collection * collections + each.raise * raises;
    let used = guest.data().given.saturating_sub(left);
    Instructions(used.saturating_sub(added))
}

/// Gives a traced program back the unit of fuel that a call of ours has cost.
fn give_back(guest: &mut Caller<'_, Host>) {
    if guest.data().trace.is_none() {
        return;
    }
    let left = guest.get_fuel().expect("traced programs count fuel");
    // One that has none left ends at its next call or round, as without us.
    if left > 0 {
        let back = guest.set_fuel(left + 1);
        back.expect("traced programs count fuel");
    }
}

/// Notes how much of the wrap table is in use: only a collection takes entries
/// out of it.
fn wrapped(guest: &mut Caller<'_, Host>) {
    let [base, pointer, _] = RuntimeGlobal::WRAP_TABLE.map(|of| global(guest, of));
    if let (Some(base), Some(pointer)) = (base, pointer) {
        let probes = &mut guest.data_mut().probes;
        probes.wrapped = probes.wrapped.max(u64::from(pointer.saturating_sub(base)));
    }
}

/// Notes what a collection left.
fn after_collection(mut guest: Caller<'_, Host>) {
    give_back(&mut guest);
    if let Some(left) = used(&mut guest) {
        let probes = &mut guest.data_mut().probes;
        probes.live = Some(probes.live.unwrap_or(0).max(left));
        if let Some(trace) = &mut guest.data_mut().trace {
            trace.ended(Bytes(left));
        }
    }
}

/// How much of the heap is in use: all that is not on the free list.
fn used(guest: &mut Caller<'_, Host>) -> Option<u64> {
    let [start, end, free] = RuntimeGlobal::HEAP.map(|of| global(guest, of));
    let (start, end, free) = (start?, end?, free?);
    let memory = guest.data().guest.as_ref()?.memory?;
    Some(HeapBounds { start, end, free }.used_bytes(memory.data(&guest)))
}

fn counter(guest: &mut Caller<'_, Host>, name: &str) -> u64 {
    let global = guest.get_export(name).and_then(Extern::into_global);
    global
        .and_then(|global| global.get(guest.as_context_mut()).i64())
        .map_or(0, i64::cast_unsigned)
}

fn global(guest: &mut Caller<'_, Host>, of: RuntimeGlobal) -> Option<u32> {
    let global = guest.get_export(&shown(of))?.into_global()?;
    read_u32(global, guest)
}
