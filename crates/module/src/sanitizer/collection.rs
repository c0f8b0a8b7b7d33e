//! Whether a collection did what it must, and nothing else.

use super::broken::{Block, HeapDefect, Referrer};
use super::heap::{Heap, Registers};
use crate::vera_runtime::{BlockHeader, HEADER_BYTES, ROOT_BYTES, WRAP_ENTRY_BYTES, word};

impl Heap {
    /// Notes that a collection begins, and looks at the free list that it finds.
    pub fn collecting(&mut self, memory: &[u8], registers: Registers) -> Result<(), HeapDefect> {
        self.collections += 1;
        self.check_unused(memory, registers)?;
        self.before.clear();
        for (from, to) in [(self.start, self.end), registers.wrap] {
            let all = memory.get(from as usize..to as usize);
            self.before.extend_from_slice(all.unwrap_or_default());
        }
        Ok(())
    }

    /// Looks at what a collection left; gives the free list anew, without what
    /// is in quarantine, as the address of its first block.
    ///
    /// Where the program's own allocator wanted the collection, for it has no
    /// more memory, what was in quarantine before is given back: else its search
    /// after a collection would never find anything.
    pub fn collected(
        &mut self,
        memory: &mut [u8],
        registers: Registers,
        scheduled: bool,
    ) -> Result<u32, HeapDefect> {
        if registers.end != self.end {
            return Err(HeapDefect::End {
                end: self.end,
                found: registers.end,
            });
        }
        self.check_blocks(memory, registers)?;
        self.check_marks(memory, registers)?;
        self.check_wrap_table(memory, registers)?;
        let mut free = std::mem::take(&mut self.list);
        self.check_free_list(memory, registers.free, &mut free)?;
        if !scheduled {
            self.give_back();
        }
        self.bury(&free);
        if self.quarantine.is_some() {
            self.release(memory, &mut free);
        } else {
            self.relink(&free);
        }
        self.list = free;
        Ok(self.free)
    }

    /// Before a collection and at the end, the free list has what it had after the last
    /// one but for what was given out since.
    pub fn check_unused(&self, memory: &[u8], registers: Registers) -> Result<(), HeapDefect> {
        let mut at = registers.free;
        let mut found = 0;
        while at != 0 {
            let place = self.place(at).ok_or(HeapDefect::NoBlock(at))?;
            let slot = &self.slots[place];
            let wrong = |why| HeapDefect::FreeList {
                why,
                block: slot.block,
            };
            if slot.block.freed.is_none() {
                return Err(wrong("has a block that lives"));
            }
            if !slot.listed {
                return Err(wrong("has a block that it did not have before"));
            }
            found += 1;
            if found > self.listed {
                return Err(wrong("comes back to a block that it has had"));
            }
            at = word(memory, at).unwrap_or(0);
        }
        if found < self.listed {
            // One of them is lost; which one takes a second look.
            let lost = self.lost(memory, registers.free);
            return Err(HeapDefect::FreeList {
                why: "has lost a free block",
                block: lost.expect("fewer were found than there are"),
            });
        }
        Ok(())
    }

    /// A block that the free list should have and does not.
    fn lost(&self, memory: &[u8], first: u32) -> Option<Block> {
        let mut have = vec![false; self.slots.len()];
        let mut at = first;
        while let Some(place) = self.place(at) {
            have[place] = true;
            at = word(memory, at)?;
        }
        let mut all = self.slots.iter().zip(have);
        all.find(|(slot, have)| slot.listed && !have)
            .map(|(slot, _)| slot.block)
    }

    /// Headers are what they were, and so is every byte of what lives.
    fn check_blocks(&mut self, memory: &[u8], registers: Registers) -> Result<(), HeapDefect> {
        let start = self.start as usize;
        self.marked = 0;
        for place in 0..self.slots.len() {
            let slot = &mut self.slots[place];
            let block = slot.block;
            let header = word(memory, block.at - HEADER_BYTES).unwrap_or(0);
            let header = BlockHeader(header);
            if header.capacity() != block.capacity {
                let found = header.capacity();
                return Err(HeapDefect::Header { block, found });
            }
            slot.marked = header.is_marked();
            slot.reached = false;
            slot.listed = false;
            self.marked += usize::from(slot.marked);
            if block.freed.is_some() || !slot.marked {
                continue;
            }
            let from = block.at as usize;
            let to = from + block.size as usize;
            let (before, after) = (&self.before[from - start..to - start], &memory[from..to]);
            if before != after {
                let offset = before.iter().zip(after).position(|(a, b)| a != b);
                let offset = offset.expect("they differ somewhere");
                let (before, after) = (before[offset], after[offset]);
                let offset = u32::try_from(offset).unwrap_or(u32::MAX);
                return Err(HeapDefect::Payload {
                    block,
                    offset,
                    before,
                    after,
                    taken: self.taken(memory, registers, block.at + offset),
                });
            }
        }
        Ok(())
    }

    /// The number that a collector which takes numbers for pointers came to the
    /// byte `changed` by: its mark goes into the word before where it points.
    fn taken(&self, memory: &[u8], registers: Registers, changed: u32) -> Option<(u32, Referrer)> {
        // The mark is the lowest bit, so it is the word's first byte that changes.
        let leads_there = |value: u32| value.checked_sub(HEADER_BYTES) == Some(changed);
        let roots = (registers.stack_base..registers.stack_pointer).step_by(ROOT_BYTES as usize);
        for (place, at) in (0..).zip(roots) {
            let value = word(memory, at)?;
            if leads_there(value) {
                return Some((value, Referrer::Root(place)));
            }
        }
        for slot in &self.slots {
            let block = slot.block;
            if block.freed.is_some() {
                continue;
            }
            for offset in (0..block.size.saturating_sub(3)).step_by(4) {
                let value = word(memory, block.at + offset)?;
                if leads_there(value) {
                    return Some((value, Referrer::Word { block, offset }));
                }
            }
        }
        None
    }

    /// Whether what the shadow stack reaches is marked, and nothing else. What
    /// was freed before is not followed: that something still points to it is
    /// no fault of this collection.
    fn check_marks(&mut self, memory: &[u8], registers: Registers) -> Result<(), HeapDefect> {
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        let mut reached = 0;
        let roots = (registers.stack_base..registers.stack_pointer).step_by(ROOT_BYTES as usize);
        for (root, at) in (0..).zip(roots) {
            let value = word(memory, at).unwrap_or(0);
            self.reach(value, || Referrer::Root(root), &mut open)?;
        }
        while let Some(place) = open.pop() {
            reached += 1;
            let block = self.slots[place as usize].block;
            // As the collector does: all that the block has room for, and of
            // the last word what lies behind it as well.
            for offset in (0..block.capacity).step_by(4) {
                let at = block.at + offset;
                if at + 4 > self.end {
                    break;
                }
                let value = word(memory, at).unwrap_or(0);
                self.reach(value, || Referrer::Word { block, offset }, &mut open)?;
            }
        }
        self.open = open;
        // A collector that takes numbers for pointers keeps more.
        if self.knows_bases && reached < self.marked {
            let kept = self.slots.iter().find(|it| it.marked && !it.reached);
            if let Some(kept) = kept {
                return Err(HeapDefect::Kept(kept.block));
            }
        }
        Ok(())
    }

    /// Notes that `value` was found where pointers are.
    fn reach(
        &mut self,
        value: u32,
        from: impl FnOnce() -> Referrer,
        open: &mut Vec<u32>,
    ) -> Result<(), HeapDefect> {
        let Some(place) = self.place(value) else {
            return Ok(());
        };
        let knows_bases = self.knows_bases;
        let slot = &mut self.slots[place];
        if slot.reached || slot.block.freed.is_some() && !knows_bases {
            return Ok(());
        }
        slot.reached = true;
        if slot.marked {
            open.push(u32::try_from(place).unwrap_or(u32::MAX));
        } else if slot.block.freed.is_none() {
            return Err(HeapDefect::Freed {
                block: slot.block,
                from: from(),
            });
        }
        Ok(())
    }

    /// Whether the wrap table has the entries that it had, but for those whose
    /// object was freed.
    fn check_wrap_table(&self, memory: &[u8], registers: Registers) -> Result<(), HeapDefect> {
        let (base, end) = registers.wrap;
        let heap = (self.end - self.start) as usize;
        let old = self.before.get(heap..).unwrap_or_default();
        let mut left = old.chunks_exact(WRAP_ENTRY_BYTES as usize).filter(|entry| {
            let place = word(entry, 0).and_then(|at| self.place(at));
            place.is_some_and(|place| self.slots[place].marked)
        });
        for (entry, from) in (0..).zip((base..end).step_by(WRAP_ENTRY_BYTES as usize)) {
            let at = word(memory, from).unwrap_or(0);
            let place = self.place(at);
            let wrong = |why| HeapDefect::WrapTable {
                entry,
                at,
                why,
                block: place.map(|place| self.slots[place].block),
            };
            if !place.is_some_and(|place| self.slots[place].marked) {
                return Err(wrong("has an entry for an object that was freed"));
            }
            let now = memory.get(from as usize..(from + WRAP_ENTRY_BYTES) as usize);
            if left.next() != now {
                return Err(wrong("has an entry that it did not have before"));
            }
        }
        if let Some(lost) = left.next() {
            let at = word(lost, 0).unwrap_or(0);
            return Err(HeapDefect::WrapTable {
                entry: end.saturating_sub(base) / WRAP_ENTRY_BYTES,
                at,
                why: "has lost the entry of an object that lives",
                block: self.block(at).copied(),
            });
        }
        Ok(())
    }

    /// The free list: every block without a mark, each once, and nothing else.
    fn check_free_list(
        &mut self,
        memory: &[u8],
        first: u32,
        free: &mut Vec<u32>,
    ) -> Result<(), HeapDefect> {
        free.clear();
        let mut at = first;
        while at != 0 {
            let place = self.place(at).ok_or(HeapDefect::NoBlock(at))?;
            let slot = &mut self.slots[place];
            let block = slot.block;
            if std::mem::replace(&mut slot.listed, true) {
                let why = "comes back to a block that it has had";
                return Err(HeapDefect::FreeList { why, block });
            }
            if slot.marked {
                let why = "has a block that is marked";
                return Err(HeapDefect::FreeList { why, block });
            }
            free.push(at);
            at = word(memory, at).unwrap_or(0);
        }
        if free.len() + self.marked == self.slots.len() {
            return Ok(());
        }
        let lacks = self.slots.iter().find(|it| !it.listed && !it.marked);
        lacks.map_or(Ok(()), |slot| {
            Err(HeapDefect::FreeList {
                why: "lacks a block that is not marked",
                block: slot.block,
            })
        })
    }
}

#[cfg(test)]
mod any_program;
#[cfg(test)]
mod tests;
