//! The sanitizer of one run: where the program keeps what it looks at, the books
//! of the heap, and what the program calls.

pub mod books;
pub mod defect;
mod handles;
pub mod hooks;

use std::num::NonZeroU64;

use wasmtime::{Instance, Memory, Store};

use crate::case::{Bytes, GcMode};
use crate::sanitizer::heap::{Heap, Quarantine};
use crate::sanitizer::log::{self, Telling};
use books::{Books, Watch};
use handles::Handles;

/// How much of what was freed is kept from being used again.
const QUARANTINE: Quarantine = Quarantine {
    most: Bytes::mebi(1).0 as u32,
    least: 128 * 1024,
    one_in: NonZeroU64::new(8).expect("8 is not zero"),
};

/// The sanitizer of one run.
pub struct Sanitizer {
    handles: Handles,
    /// What is known of its heap.
    pub books: Books,
}

/// Whether a mode has a sanitizer: with which quarantine, and which seed.
fn settings(mode: GcMode) -> Option<(Option<Quarantine>, u64)> {
    match mode {
        GcMode::Checks => Some((None, 0)),
        GcMode::Sanitize(seed) => Some((Some(QUARANTINE), seed.unwrap_or(0))),
        _ => None,
    }
}

impl Sanitizer {
    /// The sanitizer of an instance that was rewritten for one; `None` where it
    /// has no heap. One that remembers is told each allocation at once, since what
    /// is wrong with it must be told of where it happens.
    pub fn of<T: 'static>(
        store: &mut Store<T>,
        (instance, memory): (Instance, Memory),
        mode: GcMode,
        watch: Option<Watch>,
    ) -> Option<Sanitizer> {
        let (quarantine, seed) = settings(mode)?;
        let handles = Handles::of(store, instance, memory)?;
        let registers = handles.registers(&mut *store)?;
        let mut heap = Heap::new(registers, handles.knows_bases, quarantine, seed);
        heap.paint(handles.shadow.data_mut(&mut *store));
        let telling = match watch {
            Some(_) => Telling::AtOnce,
            None => Telling::WhenFull,
        };
        log::begin(handles.log.data_mut(store), telling);
        let books = Books::new(heap, watch);
        Some(Sanitizer { handles, books })
    }
}
