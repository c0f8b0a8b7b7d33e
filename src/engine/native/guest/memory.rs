//! The program's memory, as the host reads, writes and allocates in it.
//!
//! Every address and length that a program gives is checked against its memory
//! before anything is touched.

use std::ops::Range;

use wasmtime::{AsContextMut, Caller, Memory};

use super::super::failure::HostFailure;
use super::super::sanitizer::hooks::host_access;
use super::super::state::Host;
use crate::sanitizer::access::Kind;
use crate::vera_runtime::{MEMORY, RuntimeFunction};

/// The program's memory.
pub(super) fn memory_of(caller: &Caller<'_, Host>) -> Result<Memory, HostFailure> {
    caller
        .data()
        .guest()?
        .memory
        .ok_or_else(|| HostFailure::missing(MEMORY))
}

/// The range of bytes that `at` and `length` mean, as far as the memory has it.
fn range(
    what: &'static str,
    at: i32,
    length: i32,
    size: usize,
) -> Result<Range<usize>, HostFailure> {
    let outside = || HostFailure::OutOfBounds {
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
) -> Result<(&'a [u8], &'a mut Host), HostFailure> {
    let memory = memory_of(caller)?;
    let range = range("string read", at, length, memory.data_size(&*caller))?;
    if caller.data().sanitizer.is_some() {
        host_access(&mut caller.as_context_mut(), range.clone(), Kind::Load)?;
    }
    let (data, host) = memory.data_and_store_mut(caller);
    Ok((&data[range], host))
}

/// A copy of the bytes at an address.
pub fn bytes(caller: &mut Caller<'_, Host>, at: i32, length: i32) -> Result<Vec<u8>, HostFailure> {
    bytes_and_host(caller, at, length).map(|(bytes, _)| bytes.to_vec())
}

/// The text at an address; what is no UTF-8 becomes U+FFFD, as in Vera's host.
pub fn text(caller: &mut Caller<'_, Host>, at: i32, length: i32) -> Result<String, HostFailure> {
    bytes_and_host(caller, at, length).map(|(bytes, _)| String::from_utf8_lossy(bytes).into_owned())
}

/// The little-endian i32 at an address.
pub fn read_i32(caller: &mut Caller<'_, Host>, at: i32) -> Result<i32, HostFailure> {
    let (bytes, _) = bytes_and_host(caller, at, 4)?;
    Ok(i32::from_le_bytes(
        bytes.try_into().expect("four bytes were asked for"),
    ))
}

/// Writes bytes at an address.
pub fn write(caller: &mut Caller<'_, Host>, at: i32, data: &[u8]) -> Result<(), HostFailure> {
    let range = writable(caller, at, data)?;
    if caller.data().sanitizer.is_some() {
        host_access(&mut caller.as_context_mut(), range.clone(), Kind::Store)?;
    }
    memory_of(caller)?.data_mut(caller)[range].copy_from_slice(data);
    Ok(())
}

/// The range of bytes that `data` at an address goes to.
pub(super) fn writable(
    caller: &Caller<'_, Host>,
    at: i32,
    data: &[u8],
) -> Result<Range<usize>, HostFailure> {
    let length = i32::try_from(data.len()).unwrap_or(-1);
    range("write", at, length, memory_of(caller)?.data_size(caller))
}

/// Writes a little-endian i32 at `offset` behind an address.
pub fn write_i32(
    caller: &mut Caller<'_, Host>,
    at: i32,
    offset: i32,
    value: i32,
) -> Result<(), HostFailure> {
    write(caller, at.wrapping_add(offset), &value.to_le_bytes())
}

/// Allocates in the program's heap. A collection may run: what the host holds
/// must be rooted.
pub fn alloc(caller: &mut Caller<'_, Host>, size: usize) -> wasmtime::Result<i32> {
    let alloc = caller.data().guest()?.alloc.clone();
    let alloc = alloc.ok_or_else(|| HostFailure::missing("allocator"))?;
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
    let register =
        register.ok_or_else(|| HostFailure::missing(RuntimeFunction::RegisterWrapper.name()))?;
    let calling = caller.data().calling;
    register.call(&mut *caller, (object, kind, handle))?;
    caller.data_mut().calling = calling;
    Ok(())
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
