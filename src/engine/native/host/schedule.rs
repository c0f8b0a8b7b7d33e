//! What a rewritten module asks before an allocation.

use std::hash::{DefaultHasher, Hash, Hasher};

use wasmtime::{AsContextMut, Caller, WasmBacktrace};

use super::super::guest::exports::read_u32;
use super::super::sanitizer::hooks::settle;
use super::super::state::Host;
use crate::instrument::PREFIX;
use crate::instrument::schedule::{Situation, Work};
use crate::vera_runtime::{GRANULE, collection_room};

/// How many frames tell one call stack from another, as in Android's GC stress
/// mode: with all of them, each depth of a recursion would be a stack of its
/// own.
const FRAMES: usize = 16;

/// The answer to a module that asks whether to collect.
pub fn ask(mut guest: Caller<'_, Host>) -> wasmtime::Result<i64> {
    // It decides by how much was allocated, too.
    settle(&mut guest.as_context_mut())?;
    let heap = guest.data().guest.as_ref().and_then(|it| it.heap_pointer);
    let heap = heap.and_then(|global| read_u32(global, &mut guest));
    let wants_stack = guest
        .data()
        .schedule
        .as_ref()
        .is_some_and(crate::instrument::schedule::Schedule::wants_stack);
    let work = work(&guest);
    let memory = guest.data().guest.as_ref().and_then(|it| it.memory);
    let memory = memory.map_or(u64::MAX, |it| it.data_size(&guest) as u64);
    let stack = if wants_stack { stack(&guest) } else { 0 };
    let host = guest.data_mut();
    let Some(schedule) = &mut host.schedule else {
        // Nothing was scheduled: never ask again.
        return Ok(i64::MIN + 1);
    };
    let end = u64::from(heap.unwrap_or(0));
    let heap = heap.unwrap_or(0).saturating_sub(host.heap_start);
    let full = end + collection_room(heap) > memory;
    let answer = schedule.answer(&Situation {
        heap: u64::from(heap / GRANULE),
        stack,
        work,
        full,
    });
    host.asked.times += 1;
    host.asked.passed += u64::from(!answer.collect);
    if let Some(sanitizer) = &mut host.sanitizer {
        sanitizer.books.scheduled = answer.collect;
    }
    Ok(answer.encoded())
}

/// What was done so far, where a sanitizer counts it.
fn work(guest: &Caller<'_, Host>) -> Work {
    let Some(sanitizer) = &guest.data().sanitizer else {
        return Work::default();
    };
    let left = guest.get_fuel().unwrap_or(0);
    sanitizer
        .books
        .work(guest.data().given.saturating_sub(left))
}

/// A hash of the innermost frames, by where each of them is.
fn stack(guest: &Caller<'_, Host>) -> u64 {
    let backtrace = WasmBacktrace::force_capture(guest);
    // The hasher is made with fixed keys: the same stacks in every run.
    let mut hasher = DefaultHasher::new();
    backtrace
        .frames()
        .iter()
        .filter(|frame| {
            !frame
                .func_name()
                .is_some_and(|name| name.starts_with(PREFIX))
        })
        .take(FRAMES)
        .for_each(|frame| (frame.func_index(), frame.func_offset()).hash(&mut hasher));
    hasher.finish()
}
