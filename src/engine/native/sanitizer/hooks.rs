//! What a sanitized program calls, and what the host asks before it touches the
//! program's memory.

use std::ops::Range;

use wasmtime::{AsContextMut, Caller, Result, StoreContextMut, Val};

use super::super::failure::HostFailure;
use super::super::state::Host;
use super::Sanitizer;
use super::books::Books;
use super::defect::{Bad, By, Moment, Wrong};
use super::handles::{Handles, stack};
use crate::sanitizer::access::{FILLS, Kind};
use crate::sanitizer::heap::Given;
use crate::sanitizer::log;
use crate::sanitizer::shadow::{self, STACK, first_bad};
use crate::vera_runtime::word;

type Guest<'a> = Caller<'a, Host>;
type Context<'a> = StoreContextMut<'a, Host>;

/// What a call of the host costs.
const THIS_CALL: u64 = 1;

/// The handles of a program that has a sanitizer.
fn handles(guest: &Context<'_>) -> Option<Handles> {
    guest.data().sanitizer.as_ref().map(|it| it.handles)
}

/// The books of such a program.
fn books(host: &mut Host) -> &mut Books {
    let sanitizer = host.sanitizer.as_mut();
    &mut sanitizer
        .expect("whoever has its handles has its books")
        .books
}

/// Notes what is wrong.
fn find(guest: &mut Context<'_>, wrong: Wrong) -> HostFailure {
    let moment = handles(guest).map_or_else(Moment::default, |it| it.moment(&mut *guest));
    let calling = guest.data().calling;
    if let Some(sanitizer) = &mut guest.data_mut().sanitizer {
        sanitizer.books.find(wrong, moment, calling);
    }
    HostFailure::Corrupt
}

/// Reads the log: until then the books have nothing of what stands there.
pub fn settle(guest: &mut Context<'_>) -> Result<(), HostFailure> {
    let Some(handles) = handles(guest) else {
        return Ok(());
    };
    if !log::is_empty(handles.log.data(&*guest)) {
        let size = handles.memory.data_size(&*guest) as u64;
        let entries: Vec<Given> = log::take(handles.log.data_mut(&mut *guest), size).collect();
        let (data, host) = handles.memory.data_and_store_mut(&mut *guest);
        let books = books(host);
        let at_once = books.is_watched();
        let (last, noted) = books.logged(entries.into_iter(), at_once.then_some(&*data));
        if let Some(last) = last.filter(|_| books.wants_allocation()) {
            let stack = stack(&*guest);
            self::books(guest.data_mut()).remember_allocation(last, stack);
        }
        noted.map_err(|why| find(guest, Wrong::Heap(why)))?;
    }
    // Memory may have grown.
    if !books(guest.data_mut()).heap().is_painted() {
        let (data, host) = handles.shadow.data_and_store_mut(&mut *guest);
        books(host).paint(data);
    }
    Ok(())
}

/// The program has ended: reads the log, and looks at the free list once more.
pub fn ended(guest: &mut Context<'_>) -> Result<(), HostFailure> {
    settle(guest)?;
    let Some(handles) = handles(guest) else {
        return Ok(());
    };
    let Some(registers) = handles.registers(&mut *guest) else {
        return Ok(());
    };
    let (data, host) = handles.memory.data_and_store_mut(&mut *guest);
    let left = books(host).ended(data, registers);
    left.map_err(|why| find(guest, Wrong::Heap(why)))
}

/// The log is full, or each entry is to be read at once.
pub fn logged(mut caller: Guest<'_>) -> Result<()> {
    // A run whose log is read at other times has the same collections.
    let left = caller.get_fuel()?;
    caller.set_fuel(left.saturating_add(THIS_CALL))?;
    Ok(settle(&mut caller.as_context_mut())?)
}

/// `$alloc` gave a block that is not logged.
pub fn allocated(
    mut caller: Guest<'_>,
    at: i32,
    size: i32,
    header: i32,
    end: i32,
    free: i32,
) -> Result<()> {
    let mut guest = caller.as_context_mut();
    settle(&mut guest)?;
    let Some(Sanitizer {
        handles,
        books: known,
    }) = &guest.data().sanitizer
    else {
        return Ok(());
    };
    let shadow = handles.shadow;
    let before = known.heap().free_before(at.cast_unsigned());
    let link = before.and_then(|it| word(handles.memory.data(&guest), it));
    let (data, host) = shadow.data_and_store_mut(&mut guest);
    let given = Given {
        at: at.cast_unsigned(),
        size: size.cast_unsigned(),
        header: header.cast_unsigned(),
        end: end.cast_unsigned(),
        free: free.cast_unsigned(),
        memory: data.len() as u64,
    };
    let noted = books(host).allocated(given, link, data);
    if books(host).wants_allocation() {
        let stack = stack(&guest);
        books(guest.data_mut()).remember_allocation(given, stack);
    }
    noted.map_err(|why| find(&mut guest, Wrong::Heap(why)).into())
}

/// `$gc_collect` begins.
pub fn collecting(mut caller: Guest<'_>) -> Result<()> {
    let mut guest = caller.as_context_mut();
    settle(&mut guest)?;
    let left = guest.get_fuel()?;
    let Some(handles) = handles(&guest) else {
        return Ok(());
    };
    let Some(registers) = handles.registers(&mut guest) else {
        return Ok(());
    };
    let (data, host) = handles.memory.data_and_store_mut(&mut guest);
    let noted = books(host).collecting(data, registers, left);
    if books(host).wants_collection() {
        let moment = handles.moment(&mut guest);
        books(guest.data_mut()).remember_collection(moment);
    }
    noted.map_err(|why| find(&mut guest, Wrong::Heap(why)).into())
}

/// `$gc_collect` has ended.
pub fn collected(mut caller: Guest<'_>) -> Result<()> {
    let mut guest = caller.as_context_mut();
    let left = guest.get_fuel()?;
    let Some(handles) = handles(&guest) else {
        return Ok(());
    };
    let Some(registers) = handles.registers(&mut guest) else {
        return Ok(());
    };
    let (data, host) = handles.memory.data_and_store_mut(&mut guest);
    let list = books(host).collected(data, registers, left);
    let (data, host) = handles.shadow.data_and_store_mut(&mut guest);
    books(host).paint(data);
    if books(host).is_watched() {
        let stack = stack(&guest);
        books(guest.data_mut()).log_collection(stack);
    }
    books(guest.data_mut()).scheduled = false;
    match list {
        Ok(list) => {
            let free = handles.free_head();
            free.set(&mut guest, Val::I32(list.cast_signed()))
        }
        Err(why) => Err(find(&mut guest, Wrong::Heap(why)).into()),
    }
}

/// A checked instruction is about to touch what the shadow says it must not.
pub fn bad_access(mut caller: Guest<'_>, at: i32, width: i32, access: i32) -> Result<()> {
    let mut guest = caller.as_context_mut();
    let (at, width) = (at.cast_unsigned(), width.cast_unsigned());
    settle(&mut guest)?;
    let registers = handles(&guest).and_then(|it| it.registers(&mut guest));
    let Some(registers) = registers else {
        return Ok(());
    };
    // Roots are read and replaced, too, not only pushed.
    let stack = registers.stack_base..registers.stack_pointer;
    let state = shadow_of(&guest).get(at as usize);
    let last = at.saturating_add(width.saturating_sub(1));
    if state == Some(&STACK) && stack.contains(&at) && stack.contains(&last) {
        return Ok(());
    }
    let by = By::Instruction(access.cast_unsigned(), width);
    Err(bad(&mut guest, by, at, 0..width as usize).into())
}

/// A bulk instruction is about to touch a range.
pub fn range(mut caller: Guest<'_>, at: i32, length: i32, stores: i32, access: i32) -> Result<()> {
    let mut guest = caller.as_context_mut();
    let access = access.cast_unsigned();
    let kind = if stores == 0 { Kind::Load } else { Kind::Store };
    let (at, length) = (at.cast_unsigned(), length.cast_unsigned());
    let range = (at as usize)..(at as usize + length as usize);
    // What lies outside of the memory makes the instruction itself trap.
    let state = shadow_of(&guest).get(range.clone()).unwrap_or_default();
    let Some(found) = first_bad(state, kind.bulk_bits()) else {
        if stores == FILLS {
            define(&mut guest, range);
        }
        return Ok(());
    };
    let by = By::Bulk(access, length);
    Err(bad(&mut guest, by, at, found..found + 1).into())
}

/// A bulk copy is about to be made, of what may be copied.
pub fn copied(mut caller: Guest<'_>, to: i32, from: i32, length: i32) {
    let mut guest = caller.as_context_mut();
    let [to, from, length] = [to, from, length].map(|it| it.cast_unsigned() as usize);
    if let Some(Handles { shadow, .. }) = handles(&guest) {
        shadow::copy(shadow.data_mut(&mut guest), to, from, length);
    }
}

/// Notes that a range was written.
fn define(guest: &mut Context<'_>, range: Range<usize>) {
    if let Some(Handles { shadow, .. }) = handles(guest)
        && let Some(range) = shadow.data_mut(guest).get_mut(range)
    {
        shadow::define(range);
    }
}

/// A host function is about to touch a range that the memory has.
pub fn host_access(
    guest: &mut Context<'_>,
    range: Range<usize>,
    kind: Kind,
) -> Result<(), HostFailure> {
    let by = |length| By::Host(kind, length);
    by_host(guest, range, kind, by)
}

/// The host is about to read what `main` returned.
pub fn result_access(guest: &mut Context<'_>, range: Range<usize>) -> Result<(), HostFailure> {
    by_host(guest, range, Kind::Load, By::Result)
}

fn by_host(
    guest: &mut Context<'_>,
    range: Range<usize>,
    kind: Kind,
    by: impl FnOnce(u32) -> By,
) -> Result<(), HostFailure> {
    let short = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let (at, length) = (short(range.start), short(range.len()));
    let state = shadow_of(guest).get(range.clone()).unwrap_or_default();
    match first_bad(state, kind.bits()) {
        None => {
            if kind == Kind::Store {
                define(guest, range);
            }
            Ok(())
        }
        Some(found) => Err(bad(guest, by(length), at, found..found + 1)),
    }
}

/// The shadow; empty where there is none.
fn shadow_of<'a>(guest: &'a Context<'_>) -> &'a [u8] {
    let sanitizer = guest.data().sanitizer.as_ref();
    sanitizer.map_or(&[], |it| it.handles.shadow.data(guest))
}

/// Notes an access of which these bytes are of interest.
fn bad(guest: &mut Context<'_>, by: By, at: u32, bytes: Range<usize>) -> HostFailure {
    if let Err(earlier) = settle(guest) {
        return earlier;
    }
    let shadow = shadow_of(guest);
    let within = |byte: usize| (at as usize + byte).min(shadow.len());
    let states = shadow[within(bytes.start)..within(bytes.end)].to_vec();
    let skipped = u32::try_from(bytes.start).unwrap_or(u32::MAX);
    let sanitizer = guest.data().sanitizer.as_ref();
    let block = |at: u32| sanitizer.and_then(|it| it.books.heap().around(at)).copied();
    let first = at.saturating_add(skipped);
    let blocks = (first..).take(states.len()).map(block).collect();
    let begins_in = block(at);
    let wrong = Wrong::Access(Bad {
        by,
        at,
        skipped,
        states,
        blocks,
        begins_in,
    });
    find(guest, wrong)
}

/// The shadow stack's pointer is at a wrong place.
pub fn unbalanced(mut caller: Guest<'_>, got: i32, due: i32, is_loop: i32) -> Result<()> {
    let mut guest = caller.as_context_mut();
    settle(&mut guest)?;
    let is_loop = is_loop != 0;
    Err(find(&mut guest, Wrong::Unbalanced { got, due, is_loop }).into())
}
