//! The program's memory and runtime, as the host reaches them.
//!
//! Every address and length that a program gives is checked against its memory
//! before anything is touched. Releases name their exports differently; the
//! names are resolved here and nowhere else.

use wasmtime::{AsContextMut, Caller, Extern, Global, Instance, Memory, Store, TypedFunc, Val};

use super::failure::Failure;
use super::sanitizer::host_access;
use super::state::Host;
use crate::instrument::SHADOW_TOP;
use crate::sanitizer::access::Kind;

/// What runtime exports are prefixed with from 0.2.5 on.
const RUNTIME_PREFIX: &str = "vera.";

/// The exports of a module that the host uses; each may be missing where the
/// program has no use for it.
#[derive(Clone)]
pub struct Guest {
    memory: Option<Memory>,
    alloc: Option<TypedFunc<i32, i32>>,
    register_wrapper: Option<TypedFunc<(i32, i32, i32), ()>>,
    heap_ptr: Option<Global>,
    shadow_pointer: Option<Global>,
    shadow_limit: Option<Global>,
    shadow_top: Option<Global>,
}

impl Guest {
    /// Finds the exports of an instance.
    pub fn of(store: &mut Store<Host>, instance: Instance) -> Guest {
        // A name without the prefix is the program's own where there is one with
        // it.
        let prefixed = format!("{RUNTIME_PREFIX}memory");
        let prefix = match instance.get_memory(&mut *store, &prefixed) {
            Some(_) => RUNTIME_PREFIX,
            None => "",
        };
        let mut export = |name: &str| instance.get_export(&mut *store, &format!("{prefix}{name}"));
        let memory = export("memory").and_then(Extern::into_memory);
        let alloc = export("alloc").and_then(Extern::into_func);
        let register = export("register_wrapper").and_then(Extern::into_func);
        let [heap_ptr, shadow_pointer, shadow_limit] = ["heap_ptr", "gc_sp", "gc_stack_limit"]
            .map(|name| export(name).and_then(Extern::into_global));
        Guest {
            memory,
            alloc: alloc.and_then(|it| it.typed(&*store).ok()),
            register_wrapper: register.and_then(|it| it.typed(&*store).ok()),
            heap_ptr,
            shadow_pointer,
            shadow_limit,
            shadow_top: instance.get_global(&mut *store, SHADOW_TOP),
        }
    }

    /// The memory, where there is one.
    pub fn memory(&self) -> Option<Memory> {
        self.memory
    }

    /// Where the allocator keeps the highest address that it reached, where
    /// there is a heap.
    pub fn heap_pointer(&self) -> Option<Global> {
        self.heap_ptr
    }

    /// Where the shadow stack ends, where there is one.
    pub fn shadow_limit(&self) -> Option<Global> {
        self.shadow_limit
    }
}

/// The value of an i32 global, unsigned as addresses are.
pub fn read_u32(global: Global, store: impl AsContextMut) -> Option<u32> {
    global.get(store).i32().map(i32::cast_unsigned)
}

fn missing(what: &str) -> Failure {
    Failure::Refused(format!("the module exports no {what}"))
}

fn memory_of(caller: &Caller<'_, Host>) -> Result<Memory, Failure> {
    caller
        .data()
        .guest()?
        .memory
        .ok_or_else(|| missing("memory"))
}

/// The range of bytes that `at` and `length` mean, as far as the memory has it.
fn range(
    what: &'static str,
    at: i32,
    length: i32,
    size: usize,
) -> Result<std::ops::Range<usize>, Failure> {
    let outside = || Failure::OutOfBounds {
        what,
        at: at.into(),
        length: length.into(),
        size: size as u64,
    };
    // Vera's host takes both as signed numbers.
    let start = usize::try_from(at).map_err(|_| outside())?;
    let length = usize::try_from(length).map_err(|_| outside())?;
    let end = start.checked_add(length).filter(|end| *end <= size);
    end.map(|end| start..end).ok_or_else(outside)
}

/// The bytes at an address, together with the host's own data.
pub fn bytes_and_host<'a>(
    caller: &'a mut Caller<'_, Host>,
    at: i32,
    length: i32,
) -> Result<(&'a [u8], &'a mut Host), Failure> {
    let memory = memory_of(caller)?;
    let range = range("string read", at, length, memory.data_size(&*caller))?;
    if caller.data().sanitizer.is_some() {
        host_access(&mut caller.as_context_mut(), range.clone(), Kind::Load)?;
    }
    let (data, host) = memory.data_and_store_mut(caller);
    Ok((&data[range], host))
}

/// A copy of the bytes at an address.
pub fn bytes(caller: &mut Caller<'_, Host>, at: i32, length: i32) -> Result<Vec<u8>, Failure> {
    bytes_and_host(caller, at, length).map(|(bytes, _)| bytes.to_vec())
}

/// The text at an address; what is no UTF-8 becomes U+FFFD, as in Vera's host.
pub fn text(caller: &mut Caller<'_, Host>, at: i32, length: i32) -> Result<String, Failure> {
    bytes_and_host(caller, at, length).map(|(bytes, _)| String::from_utf8_lossy(bytes).into_owned())
}

/// The little-endian i32 at an address.
pub fn read_i32(caller: &mut Caller<'_, Host>, at: i32) -> Result<i32, Failure> {
    let (bytes, _) = bytes_and_host(caller, at, 4)?;
    Ok(i32::from_le_bytes(
        bytes.try_into().expect("four bytes were asked for"),
    ))
}

/// Writes bytes at an address.
pub fn write(caller: &mut Caller<'_, Host>, at: i32, data: &[u8]) -> Result<(), Failure> {
    let range = writable(caller, at, data)?;
    if caller.data().sanitizer.is_some() {
        host_access(&mut caller.as_context_mut(), range.clone(), Kind::Store)?;
    }
    memory_of(caller)?.data_mut(caller)[range].copy_from_slice(data);
    Ok(())
}

/// The range of bytes that `data` at an address goes to.
fn writable(
    caller: &Caller<'_, Host>,
    at: i32,
    data: &[u8],
) -> Result<std::ops::Range<usize>, Failure> {
    let length = i32::try_from(data.len()).unwrap_or(-1);
    range("write", at, length, memory_of(caller)?.data_size(caller))
}

/// Writes a little-endian i32 at `offset` behind an address.
pub fn write_i32(
    caller: &mut Caller<'_, Host>,
    at: i32,
    offset: i32,
    value: i32,
) -> Result<(), Failure> {
    write(caller, at.wrapping_add(offset), &value.to_le_bytes())
}

/// Allocates in the program's heap. A collection may run: what the host holds
/// must be rooted.
pub fn alloc(caller: &mut Caller<'_, Host>, size: usize) -> wasmtime::Result<i32> {
    let alloc = caller.data().guest()?.alloc.clone();
    let alloc = alloc.ok_or_else(|| missing("allocator"))?;
    // Too large for an i32 is too large for the allocator, which says so.
    let size = i32::try_from(size).unwrap_or(i32::MIN);
    let calling = caller.data().calling;
    let at = alloc.call(&mut *caller, size)?;
    // A collection may have called the host.
    caller.data_mut().calling = calling;
    Ok(at)
}

/// Tells the module's wrap table which handle an object stands for.
pub fn register_wrapper(
    caller: &mut Caller<'_, Host>,
    object: i32,
    kind: i32,
    handle: i32,
) -> wasmtime::Result<()> {
    let register = caller.data().guest()?.register_wrapper.clone();
    let register = register.ok_or_else(|| missing("register_wrapper"))?;
    let calling = caller.data().calling;
    register.call(&mut *caller, (object, kind, handle))?;
    caller.data_mut().calling = calling;
    Ok(())
}

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
        let pointer = guest.shadow_pointer.ok_or_else(|| missing("gc_sp"))?;
        let limit = guest
            .shadow_limit
            .ok_or_else(|| missing("gc_stack_limit"))?;
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
        let after = at.checked_add(4).filter(|after| at >= 0 && *after <= limit);
        let Some(after) = after else {
            let why = format!("#692: host shadow-stack overflow (sp={at}, limit={limit})");
            return Err(Failure::Refused(why).into());
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

/// An object of these words: each an offset and the i32 that goes there.
pub fn object(
    caller: &mut Caller<'_, Host>,
    size: usize,
    words: &[(i32, i32)],
) -> wasmtime::Result<i32> {
    let at = alloc(caller, size)?;
    for (offset, word) in words {
        write_i32(caller, at, *offset, *word)?;
    }
    Ok(at)
}

/// An object whose only pointer is `rooted`, which is kept while it is
/// allocated.
pub fn object_around(
    caller: &mut Caller<'_, Host>,
    rooted: i32,
    size: usize,
    words: &[(i32, i32)],
) -> wasmtime::Result<i32> {
    if rooted == 0 {
        return object(caller, size, words);
    }
    let roots = Roots::open(caller)?;
    roots.push(caller, rooted)?;
    let at = object(caller, size, words)?;
    roots.close(caller)?;
    Ok(at)
}

/// A string in the heap, as the pair of its address and length. The empty one
/// has no address.
pub fn alloc_bytes(caller: &mut Caller<'_, Host>, data: &[u8]) -> wasmtime::Result<(i32, i32)> {
    if data.is_empty() {
        return Ok((0, 0));
    }
    let at = alloc(caller, data.len())?;
    write(caller, at, data)?;
    Ok((
        at,
        i32::try_from(data.len()).expect("what the allocator took fits an i32"),
    ))
}

/// The tag of `Ok`, which is that of `None` as well.
pub const OK: i32 = 0;
/// The tag of `Err`, which is that of `Some` as well.
pub const ERR: i32 = 1;
/// The tag of `None`.
pub const NONE: i32 = 0;
/// The tag of `Some`.
pub const SOME: i32 = 1;

/// `Ok`, `Err` or `Some` of a string, by its tag.
pub fn tagged_text(caller: &mut Caller<'_, Host>, tag: i32, text: &str) -> wasmtime::Result<i32> {
    let (at, length) = alloc_bytes(caller, text.as_bytes())?;
    object_around(caller, at, 12, &[(0, tag), (4, at), (8, length)])
}

/// `Ok` or `Some` of a pointer or another i32, which is kept meanwhile.
pub fn tagged_word(caller: &mut Caller<'_, Host>, tag: i32, word: i32) -> wasmtime::Result<i32> {
    object_around(caller, word, 8, &[(0, tag), (4, word)])
}

/// `Ok` or `Some` of eight bytes: an Int or a Float64.
pub fn tagged_wide(caller: &mut Caller<'_, Host>, tag: i32, wide: u64) -> wasmtime::Result<i32> {
    let at = object(caller, 16, &[(0, tag)])?;
    write(caller, at.wrapping_add(8), &wide.to_le_bytes())?;
    Ok(at)
}

/// `None`, or another constructor without fields, by its tag.
pub fn tag_only(caller: &mut Caller<'_, Host>, tag: i32) -> wasmtime::Result<i32> {
    object(caller, 4, &[(0, tag)])
}

/// An array of strings, as the pair of its address and length.
pub fn alloc_texts<T: AsRef<[u8]>>(
    caller: &mut Caller<'_, Host>,
    texts: &[T],
) -> wasmtime::Result<(i32, i32)> {
    if texts.is_empty() {
        return Ok((0, 0));
    }
    let count = i32::try_from(texts.len()).map_err(|_| missing("room for so many strings"))?;
    let roots = Roots::open(caller)?;
    let array = alloc(caller, texts.len().saturating_mul(8))?;
    roots.push(caller, array)?;
    for (place, text) in (0..count).zip(texts) {
        let (at, length) = alloc_bytes(caller, text.as_ref())?;
        write_i32(caller, array, place * 8, at)?;
        write_i32(caller, array, place * 8 + 4, length)?;
    }
    roots.close(caller)?;
    Ok((array, count))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_range_lies_inside_the_memory_or_is_refused(
            at: i32,
            length: i32,
            size in 0usize..=(1 << 32),
        ) {
            match range("read", at, length, size) {
                Ok(range) => {
                    prop_assert!(range.start <= range.end && range.end <= size);
                    prop_assert_eq!(range.len() as i64, i64::from(length));
                    prop_assert_eq!(range.start as i64, i64::from(at));
                }
                Err(_) => prop_assert!(
                    at < 0 || length < 0 || i64::from(at) + i64::from(length) > size as i64
                ),
            }
        }
    }
}
