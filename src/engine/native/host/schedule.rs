//! What a rewritten module asks before an allocation.

use std::hash::{DefaultHasher, Hash, Hasher};

use wasmtime::{Caller, WasmBacktrace};

use super::super::guest::read_u32;
use super::super::state::Host;
use crate::instrument::PREFIX;

/// How many frames tell one call stack from another, as in Android's GC stress
/// mode: with all of them, each depth of a recursion would be a stack of its
/// own.
const FRAMES: usize = 16;

/// The answer to a module that asks whether to collect.
pub fn ask(mut guest: Caller<'_, Host>) -> i64 {
    let heap = guest.data().guest.as_ref().and_then(|it| it.heap_pointer());
    let heap = heap.and_then(|global| read_u32(global, &mut guest));
    let wants_stack = guest
        .data()
        .schedule
        .as_ref()
        .is_some_and(|it| it.wants_stack());
    let stack = if wants_stack { stack(&guest) } else { 0 };
    let host = guest.data_mut();
    let Some(schedule) = &mut host.schedule else {
        // Nothing was scheduled: never ask again.
        return i64::MIN + 1;
    };
    let heap = heap.unwrap_or(0).saturating_sub(host.heap_start);
    let answer = schedule.answer(u64::from(heap) / 8, stack);
    host.asked.times += 1;
    host.asked.passed += u64::from(!answer.collect);
    answer.encoded()
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
