//! Values in the program's heap, as Vera lays them out.

use wasmtime::Caller;

use super::super::failure::HostFailure;
use super::super::state::Host;
use super::memory::{alloc, write, write_i32};
use super::roots::Roots;

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
    tagged_bytes(caller, tag, text.as_bytes())
}

/// The same of an array of bytes, which is laid out like a string.
pub fn tagged_bytes(caller: &mut Caller<'_, Host>, tag: i32, data: &[u8]) -> wasmtime::Result<i32> {
    let (at, length) = alloc_bytes(caller, data)?;
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
    let count =
        i32::try_from(texts.len()).map_err(|_| HostFailure::missing("room for so many strings"))?;
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
