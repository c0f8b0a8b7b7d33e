//! The log of allocations: a memory of its own in the module, into which `$alloc`
//! writes what it gave, so that the host need not be called each time.
//!
//! What is no block within the memory that is large enough, the host is told of at
//! once. It reads the log before it looks at anything that an allocation changes, and
//! holds each entry to its books then.
//!
//! The memory begins with two words: how many bytes of entries there are, and at how
//! many the host is called. That is 0 until a host reads logs: then nothing is logged.

use wasm_encoder::MemoryType;

use super::heap::Grant;
use crate::vera_runtime::word;

/// Where the log says how many bytes of entries it has.
pub(super) const USED: u64 = 0;
/// Where it says at how many the host is called.
pub(super) const LIMIT: u64 = 4;
/// Where the first entry is.
pub(super) const ENTRIES: u64 = 8;

/// How long an entry is: the address, what was asked for, the header, where the heap
/// ends, and where the free list begins.
pub const ENTRY: usize = 20;

/// How long the log is, in pages.
const PAGES: u64 = 1;

/// How many bytes of entries it has room for.
const ROOM: usize = (PAGES as usize * 65_536 - ENTRIES as usize) / ENTRY * ENTRY;

/// When the host is called for what is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// For each allocation: what it finds, it finds when it happens.
    AtOnce,
    /// When the log is full.
    WhenFull,
}

/// The memory of a log.
pub(super) fn memory() -> MemoryType {
    MemoryType {
        minimum: PAGES,
        maximum: Some(PAGES),
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}

fn put(log: &mut [u8], at: u64, value: usize) {
    let at = at as usize;
    let value = u32::try_from(value).expect("a log is short");
    if let Some(bytes) = log.get_mut(at..at + 4) {
        bytes.copy_from_slice(&value.to_le_bytes());
    }
}

/// Has the module write its log from here on.
pub fn begin(log: &mut [u8], telling: Telling) {
    let limit = match telling {
        Telling::AtOnce => ENTRY,
        Telling::WhenFull => ROOM,
    };
    put(log, LIMIT, limit);
}

/// Whether anything was logged that was not read.
pub fn is_empty(log: &[u8]) -> bool {
    word(log, USED as u32).unwrap_or(0) == 0
}

/// The allocations that were logged since the last time, in their order; `memory` is
/// where the memory ends, which all of them were held to.
pub fn take(log: &mut [u8], memory: u64) -> impl Iterator<Item = Grant> + '_ {
    let used = word(log, USED as u32).unwrap_or(0) as usize;
    put(log, USED, 0);
    let entries = log.get(ENTRIES as usize..).unwrap_or_default();
    let entries = entries.get(..used).unwrap_or_default();
    entries.chunks_exact(ENTRY).map(move |entry| {
        let word = |place: u32| word(entry, 4 * place).unwrap_or(0);
        Grant {
            at: word(0),
            size: word(1),
            header: word(2),
            end: word(3),
            free: word(4),
            memory,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_gives_each_entry_once_and_in_order() {
        let mut log = vec![0; PAGES as usize * 65_536];
        assert!(is_empty(&log));
        begin(&mut log, Telling::WhenFull);
        assert_eq!(word(&log, LIMIT as u32), Some(3_276 * 20));
        begin(&mut log, Telling::AtOnce);
        assert_eq!(word(&log, LIMIT as u32), Some(20));
        for number in 0..10 {
            put(&mut log, ENTRIES + 4 * number, number as usize);
        }
        put(&mut log, USED, 40);
        assert!(!is_empty(&log));
        let seen: Vec<_> = take(&mut log, 99)
            .map(|it| [it.at, it.size, it.header, it.end, it.free, it.memory as u32])
            .collect();
        assert_eq!(seen, [[0, 1, 2, 3, 4, 99], [5, 6, 7, 8, 9, 99]]);
        assert!(is_empty(&log));
        assert_eq!(take(&mut log, 99).count(), 0);
        // What is no log has nothing.
        assert!(is_empty(&[]));
        assert_eq!(take(&mut [], 99).count(), 0);
    }
}
