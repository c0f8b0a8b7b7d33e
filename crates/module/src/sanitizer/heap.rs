//! The heap as the sanitizer keeps it, beside the program's own: which blocks
//! there are, and which of them live.
//!
//! Written from the description of the layout in [`crate::vera_runtime`].

use std::collections::VecDeque;

use super::broken::{Block, HeapDefect};
pub use super::quarantine::Quarantine;
use super::shadow::{BEYOND, HEADER, INTERNAL, PADDING, STACK, STATIC, UNWRITTEN};
use crate::schedule::Rng;
pub use crate::vera_runtime::word;
use crate::vera_runtime::{BlockHeader, GRANULE, HEADER_BYTES, block_bytes};

/// The program's own words about its heap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registers {
    /// Where the blocks begin.
    pub start: u32,
    /// Where they end.
    pub end: u32,
    /// The first free block, by its payload; 0 where there is none.
    pub free: u32,
    /// Where the shadow stack begins.
    pub stack_base: u32,
    /// Where its next root goes.
    pub stack_pointer: u32,
    /// Where it ends.
    pub stack_limit: u32,
    /// From where to where the wrap table has entries; empty where there is
    /// none.
    pub wrap: (u32, u32),
}

/// What `$alloc` gave.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    /// The address.
    pub at: u32,
    /// What was asked for.
    pub size: u32,
    /// The header before it.
    pub header: u32,
    /// Where the heap ends now.
    pub end: u32,
    /// Where the free list begins now.
    pub free: u32,
    /// Where the memory ends.
    pub memory: u64,
}

pub use Grant as Given;

/// A block with what the checks know of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub block: Block,
    /// Whether the free list has it.
    pub listed: bool,
    /// The free blocks before and behind it there, by their payloads; 0 at the
    /// ends.
    pub links: (u32, u32),
    /// Whether it is in quarantine.
    pub kept: bool,
    /// Whether the last collection marked it.
    pub marked: bool,
    /// Whether the checks' own marking came to it.
    pub reached: bool,
}

/// The blocks of a heap.
#[derive(Clone, Debug)]
pub struct Heap {
    pub(super) start: u32,
    pub(super) end: u32,
    /// In the order of the heap: blocks are never parted or joined, so a new one
    /// is always the last.
    pub(super) slots: Vec<Slot>,
    /// By eight bytes of heap: one more than the place in `slots` of the block
    /// that begins there, or 0.
    places: Vec<u32>,
    allocations: u64,
    pub(super) collections: u64,
    /// How many blocks the last collection marked.
    pub(super) marked: usize,
    /// How many blocks the free list must have.
    pub(super) listed: usize,
    /// Where it must begin.
    pub(super) free: u32,
    /// The heap, and behind it the wrap table, when the collection under way
    /// began.
    pub(super) before: Vec<u8>,
    /// Whether the collector knows where blocks begin.
    pub(super) knows_bases: bool,
    pub(super) quarantine: Option<Quarantine>,
    /// What is in quarantine, the oldest first.
    pub(super) kept: VecDeque<u32>,
    pub(super) kept_bytes: u64,
    pub(super) rng: Rng,
    /// What a look at a collection needs, kept from one to the next: the free
    /// list, and the places of blocks that were reached and not followed yet.
    pub(super) list: Vec<u32>,
    pub(super) open: Vec<u32>,
    /// What the shadow does not say yet: from, to, state.
    pub(super) news: Vec<(u32, u32, u8)>,
}

impl Heap {
    /// An empty heap. Without a quarantine nothing about the program's own heap
    /// is changed.
    pub fn new(
        registers: Registers,
        knows_bases: bool,
        quarantine: Option<Quarantine>,
        seed: u64,
    ) -> Heap {
        Heap {
            news: vec![
                (0, registers.stack_base, STATIC),
                (registers.stack_base, registers.stack_limit, STACK),
                (registers.stack_limit, registers.start, INTERNAL),
                (registers.start, u32::MAX, BEYOND),
            ],
            start: registers.start,
            end: registers.start,
            slots: Vec::new(),
            places: Vec::new(),
            allocations: 0,
            collections: 0,
            marked: 0,
            listed: 0,
            free: 0,
            list: Vec::new(),
            open: Vec::new(),
            before: Vec::new(),
            knows_bases,
            quarantine,
            kept: VecDeque::new(),
            kept_bytes: 0,
            rng: Rng::new(seed),
        }
    }

    /// Whether the shadow is up to date.
    pub fn is_painted(&self) -> bool {
        self.news.is_empty()
    }

    /// Brings the shadow up to date.
    pub fn paint(&mut self, shadow: &mut [u8]) {
        let size = shadow.len();
        if self.news.iter().all(|(_, to, _)| *to as usize <= size) {
            for (from, to, state) in self.news.drain(..) {
                if from < to {
                    shadow[from as usize..to as usize].fill(state);
                }
            }
            return;
        }
        self.news.retain_mut(|(from, to, state)| {
            let (first, end) = ((*from as usize).min(size), (*to as usize).min(size));
            if first < end {
                shadow[first..end].fill(*state);
            }
            // A program begins with less memory than its stack takes: the rest is
            // painted when it is there. New memory is beyond the heap as it is.
            *from = (*from).max(u32::try_from(size).unwrap_or(u32::MAX));
            *from < *to && *state != BEYOND
        });
    }

    /// How often a block was given out.
    pub fn allocations(&self) -> u64 {
        self.allocations
    }

    /// How often the collector ran.
    pub fn collections(&self) -> u64 {
        self.collections
    }

    /// How many bytes the heap has.
    pub fn bytes(&self) -> u32 {
        self.end - self.start
    }

    /// How many blocks live, how many are free, and how many bytes of these are
    /// in quarantine.
    pub fn census(&self) -> (usize, usize, u64) {
        let freed = self.slots.iter().filter(|slot| slot.block.freed.is_some());
        let freed = freed.count();
        (self.slots.len() - freed, freed, self.kept_bytes)
    }

    fn granule(&self, payload: u32) -> Option<usize> {
        let from = payload.checked_sub(HEADER_BYTES)?.checked_sub(self.start)?;
        from.is_multiple_of(GRANULE)
            .then_some((from / GRANULE) as usize)
    }

    /// The place in `slots` of the block whose payload begins there.
    pub(super) fn place(&self, payload: u32) -> Option<usize> {
        let place = *self.places.get(self.granule(payload)?)?;
        (place as usize).checked_sub(1)
    }

    /// The block whose payload begins there.
    pub fn block(&self, payload: u32) -> Option<&Block> {
        Some(&self.slots[self.place(payload)?].block)
    }

    /// The block that a byte belongs to, header and padding included.
    pub fn around(&self, address: u32) -> Option<&Block> {
        if address < self.start || address >= self.end {
            return None;
        }
        let begins_before = |it: &Slot| it.block.at - HEADER_BYTES <= address;
        let behind = self.slots.partition_point(begins_before);
        Some(&self.slots.get(behind.checked_sub(1)?)?.block)
    }

    /// The free block before one in the free list.
    pub fn free_before(&self, at: u32) -> Option<u32> {
        let slot = &self.slots[self.place(at)?];
        (slot.listed && slot.links.0 != 0).then_some(slot.links.0)
    }

    /// Takes a block out of the free list; gives the one behind it.
    fn unlink(&mut self, place: usize) -> u32 {
        let slot = &mut self.slots[place];
        slot.listed = false;
        self.listed -= 1;
        let (before, behind) = slot.links;
        match self.place(before) {
            Some(place) => self.slots[place].links.1 = behind,
            None => self.free = behind,
        }
        if let Some(place) = self.place(behind) {
            self.slots[place].links.0 = before;
        }
        behind
    }

    /// Notes what `$alloc` gave. `link` is the first word of the free block that
    /// stood before it in the free list.
    pub fn allocated(&mut self, given: Grant, link: Option<u32>) -> Result<(), HeapDefect> {
        let ends = self.note(given, link)?;
        let Grant { at, size, .. } = given;
        self.news.push((at - HEADER_BYTES, at, HEADER));
        self.news.push((at, at + size, UNWRITTEN));
        self.news.push((at + size, ends, PADDING));
        Ok(())
    }

    /// The same of what was logged: the module has written the shadow already. What
    /// the free block before it said then is known only where the log is read at once;
    /// else the free list shows it as a whole, when it is looked at.
    pub fn logged(&mut self, given: Grant, link: Option<u32>) -> Result<(), HeapDefect> {
        self.note(given, link).map(|_| ())
    }

    /// Notes a block that was given out; says where it ends.
    fn note(&mut self, given: Grant, link: Option<u32>) -> Result<u32, HeapDefect> {
        self.allocations += 1;
        let Grant { at, size, end, .. } = given;
        let wrong = |why: &str, block: Option<Block>| HeapDefect::Allocation {
            size,
            at,
            why: why.to_owned(),
            block,
        };
        let Some(granule) = self.granule(at) else {
            return Err(wrong("no block can begin there", None));
        };
        let begins = at - HEADER_BYTES;
        let capacity = BlockHeader(given.header).capacity();
        let new = Block {
            at,
            size,
            capacity,
            allocation: self.allocations,
            freed: None,
        };
        let ends = begins.saturating_add(block_bytes(capacity.max(size)));
        if begins >= self.end {
            // New: right behind what was the last block, and nothing behind it.
            if begins != self.end {
                let why = format!("the heap ended at {:#x}", self.end);
                return Err(wrong(&why, None));
            }
            if u64::from(ends) > given.memory {
                let memory = given.memory;
                let why = format!("the block ends at {ends:#x}, the memory at {memory:#x}");
                return Err(wrong(&why, None));
            }
            if capacity < size {
                let why = format!("its header says {capacity} bytes");
                return Err(wrong(&why, None));
            }
            if ends != end {
                return Err(HeapDefect::End {
                    end: ends,
                    found: end,
                });
            }
            self.end = ends;
            self.slots.push(Slot {
                block: new,
                listed: false,
                links: (0, 0),
                kept: false,
                marked: false,
                reached: false,
            });
            self.places
                .resize(((ends - self.start) / GRANULE) as usize, 0);
            self.places[granule] = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        } else {
            let Some(place) = self.place(at) else {
                let inside = self.around(at).copied();
                return Err(wrong("that is inside a block", inside));
            };
            let slot = &mut self.slots[place];
            let old = slot.block;
            if old.freed.is_none() {
                return Err(wrong("a live block is there", Some(old)));
            }
            if old.capacity != capacity {
                return Err(HeapDefect::Header {
                    block: old,
                    found: capacity,
                });
            }
            if capacity < size {
                let why = format!("a free block of {capacity} bytes");
                return Err(wrong(&why, Some(old)));
            }
            if !slot.listed {
                let why = "a free block is there that is not in the free list";
                return Err(wrong(why, Some(old)));
            }
            if end != self.end {
                return Err(HeapDefect::End {
                    end: self.end,
                    found: end,
                });
            }
            slot.block = new;
            let behind = self.unlink(place);
            if link.is_some_and(|link| link != behind) {
                return Err(HeapDefect::FreeList {
                    why: "does not leave out a block that was given out",
                    block: new,
                });
            }
        }
        if given.free != self.free {
            return Err(HeapDefect::FreeList {
                why: "does not begin where it must after an allocation",
                block: new,
            });
        }
        Ok(ends)
    }
}

#[cfg(test)]
mod tests;
