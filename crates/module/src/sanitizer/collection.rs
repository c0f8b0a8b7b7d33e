//! Whether a collection did what it must, and nothing else.

use std::num::NonZeroU64;

use super::broken::{Block, Broken, Reached};
use super::heap::{Heap, Registers};
use super::shadow::FREED;
use crate::vera_runtime::{
    BlockHeader, HEADER_BYTES, ROOT_BYTES, WRAP_ENTRY_BYTES, block_bytes, word,
};

fn put(memory: &mut [u8], at: u32, value: u32) {
    let at = at as usize;
    if let Some(bytes) = memory.get_mut(at..at + 4) {
        bytes.copy_from_slice(&value.to_le_bytes());
    }
}

impl Heap {
    /// Notes that a collection begins, and looks at the free list that it finds.
    pub fn collecting(&mut self, memory: &[u8], registers: Registers) -> Result<(), Broken> {
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
    ) -> Result<u32, Broken> {
        if registers.end != self.end {
            return Err(Broken::End {
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

    /// Before a collection, the free list has what it had after the last one but
    /// for what was given out since.
    fn check_unused(&self, memory: &[u8], registers: Registers) -> Result<(), Broken> {
        let mut at = registers.free;
        let mut found = 0;
        while at != 0 {
            let place = self.place(at).ok_or(Broken::NoBlock(at))?;
            let slot = &self.slots[place];
            let wrong = |why| Broken::FreeList {
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
            return Err(Broken::FreeList {
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
    fn check_blocks(&mut self, memory: &[u8], registers: Registers) -> Result<(), Broken> {
        let start = self.start as usize;
        self.marked = 0;
        for place in 0..self.slots.len() {
            let slot = &mut self.slots[place];
            let block = slot.block;
            let header = word(memory, block.at - HEADER_BYTES).unwrap_or(0);
            let header = BlockHeader(header);
            if header.capacity() != block.capacity {
                let found = header.capacity();
                return Err(Broken::Header { block, found });
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
                return Err(Broken::Payload {
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
    fn taken(&self, memory: &[u8], registers: Registers, changed: u32) -> Option<(u32, Reached)> {
        // The mark is the lowest bit, so it is the word's first byte that changes.
        let leads_there = |value: u32| value.checked_sub(HEADER_BYTES) == Some(changed);
        let roots = (registers.stack_base..registers.stack_pointer).step_by(ROOT_BYTES as usize);
        for (place, at) in (0..).zip(roots) {
            let value = word(memory, at)?;
            if leads_there(value) {
                return Some((value, Reached::Root(place)));
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
                    return Some((value, Reached::Word { block, offset }));
                }
            }
        }
        None
    }

    /// Whether what the shadow stack reaches is marked, and nothing else. What
    /// was freed before is not followed: that something still points to it is
    /// no fault of this collection.
    fn check_marks(&mut self, memory: &[u8], registers: Registers) -> Result<(), Broken> {
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        let mut reached = 0;
        let roots = (registers.stack_base..registers.stack_pointer).step_by(ROOT_BYTES as usize);
        for (root, at) in (0..).zip(roots) {
            let value = word(memory, at).unwrap_or(0);
            self.reach(value, || Reached::Root(root), &mut open)?;
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
                self.reach(value, || Reached::Word { block, offset }, &mut open)?;
            }
        }
        self.open = open;
        // A collector that takes numbers for pointers keeps more.
        if self.knows_bases && reached < self.marked {
            let kept = self.slots.iter().find(|it| it.marked && !it.reached);
            if let Some(kept) = kept {
                return Err(Broken::Kept(kept.block));
            }
        }
        Ok(())
    }

    /// Notes that `value` was found where pointers are.
    fn reach(
        &mut self,
        value: u32,
        from: impl FnOnce() -> Reached,
        open: &mut Vec<u32>,
    ) -> Result<(), Broken> {
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
            return Err(Broken::Freed {
                block: slot.block,
                from: from(),
            });
        }
        Ok(())
    }

    /// Whether the wrap table has the entries that it had, but for those whose
    /// object was freed.
    fn check_wrap_table(&self, memory: &[u8], registers: Registers) -> Result<(), Broken> {
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
            let wrong = |why| Broken::WrapTable {
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
            return Err(Broken::WrapTable {
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
    ) -> Result<(), Broken> {
        free.clear();
        let mut at = first;
        while at != 0 {
            let place = self.place(at).ok_or(Broken::NoBlock(at))?;
            let slot = &mut self.slots[place];
            let block = slot.block;
            if std::mem::replace(&mut slot.listed, true) {
                let why = "comes back to a block that it has had";
                return Err(Broken::FreeList { why, block });
            }
            if slot.marked {
                let why = "has a block that is marked";
                return Err(Broken::FreeList { why, block });
            }
            free.push(at);
            at = word(memory, at).unwrap_or(0);
        }
        if free.len() + self.marked == self.slots.len() {
            return Ok(());
        }
        let lacks = self.slots.iter().find(|it| !it.listed && !it.marked);
        lacks.map_or(Ok(()), |slot| {
            Err(Broken::FreeList {
                why: "lacks a block that is not marked",
                block: slot.block,
            })
        })
    }

    /// Notes what the collection freed, and puts it into quarantine.
    fn bury(&mut self, free: &[u32]) {
        let quarantine = self.quarantine;
        for &at in free {
            let place = self.place(at).expect("the free list has blocks only");
            let slot = &mut self.slots[place];
            if slot.block.freed.is_some() {
                continue;
            }
            let Block { at, capacity, .. } = slot.block;
            slot.block.freed = NonZeroU64::new(self.collections);
            self.news.push((at, at.saturating_add(capacity), FREED));
            if let Some(quarantine) = quarantine
                && self.rng.below(quarantine.one_in) != 0
            {
                slot.kept = true;
                self.kept.push_back(at);
                self.kept_bytes += u64::from(block_bytes(capacity));
            }
        }
        let Some(quarantine) = quarantine else {
            return;
        };
        let half = (self.bytes() / 2).min(quarantine.most);
        let limit = u64::from(half.max(quarantine.least));
        while self.kept_bytes > limit && self.give_back_oldest() {}
    }

    /// Gives everything in quarantine back.
    fn give_back(&mut self) {
        while self.give_back_oldest() {}
    }

    fn give_back_oldest(&mut self) -> bool {
        let Some(place) = self.kept.pop_front().and_then(|oldest| self.place(oldest)) else {
            return false;
        };
        let slot = &mut self.slots[place];
        slot.kept = false;
        self.kept_bytes -= u64::from(block_bytes(slot.block.capacity));
        true
    }

    /// Notes the free list that the collector left.
    fn relink(&mut self, free: &[u32]) {
        self.listed = free.len();
        self.free = free.first().copied().unwrap_or(0);
        let neighbour = |place: Option<usize>| place.and_then(|it| free.get(it)).copied();
        for (nth, at) in free.iter().enumerate() {
            let links = (
                neighbour(nth.checked_sub(1)).unwrap_or(0),
                neighbour(Some(nth + 1)).unwrap_or(0),
            );
            let place = self.place(*at).expect("the free list has blocks only");
            self.slots[place].links = links;
        }
    }

    /// Links the free blocks that are not in quarantine, in their order.
    fn release(&mut self, memory: &mut [u8], free: &mut Vec<u32>) {
        free.retain(|at| {
            let place = self.place(*at).expect("the free list has blocks only");
            let slot = &mut self.slots[place];
            slot.listed = !slot.kept;
            slot.listed
        });
        self.relink(free);
        let links = free.iter().zip(free.iter().skip(1).chain([&0]));
        links.for_each(|(at, next)| put(memory, *at, *next));
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::sanitizer::heap::Quarantine;
    use crate::sanitizer::heap::tests::{Program, START, WRAP_BASE, keep};

    /// A program with a live block of 16 bytes, one of 12 to which the first
    /// points, and three of 8 bytes in the free list: the last comes first.
    fn program(quarantine: bool) -> (Program, [u32; 5]) {
        let mut program = Program::new(if quarantine { keep(0) } else { None });
        let live = program.rooted(16);
        let inner = program.alloc(12);
        program.put(live + 4, inner);
        program.wrap(live);
        program.wrap(inner);
        let free = [8; 3].map(|size| program.alloc(size));
        program.collect().unwrap();
        let [a, b, c] = free;
        assert_eq!(program.registers.free, c);
        (program, [live, inner, a, b, c])
    }

    /// What is said of a change behind a collection.
    fn after(change: impl FnOnce(&mut Program, [u32; 5])) -> Broken {
        let (mut program, blocks) = program(false);
        let ending = program.collect_but(|program| change(program, blocks));
        ending.expect_err("the change is noticed")
    }

    /// What is said of a change before a collection.
    fn before(change: impl FnOnce(&mut Program, [u32; 5])) -> Broken {
        let (mut program, blocks) = program(false);
        change(&mut program, blocks);
        program.collect().expect_err("the change is noticed")
    }

    #[track_caller]
    fn assert_free_list(broken: &Broken, words: &str, at: u32) {
        match broken {
            Broken::FreeList { why, block } => {
                assert_eq!(*why, words);
                assert_eq!(block.at, at, "{why}");
            }
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_collection_must_find_the_free_list_as_the_last_one_left_it() {
        let (_, [live, _, a, b, c]) = program(false);
        let lives = before(|it, _| it.put(a, live));
        assert_free_list(&lives, "has a block that lives", live);
        let cycle = before(|it, _| it.put(a, c));
        assert_free_list(&cycle, "comes back to a block that it has had", c);
        let itself = before(|it, _| it.put(c, c));
        assert_free_list(&itself, "comes back to a block that it has had", c);
        let skipped = before(|it, _| it.put(c, a));
        assert_free_list(&skipped, "has lost a free block", b);
        let cut = before(|it, _| it.put(b, 0));
        assert_free_list(&cut, "has lost a free block", a);
        let empty = before(|it, _| it.registers.free = 0);
        assert_free_list(&empty, "has lost a free block", a);
        for nowhere in [1, a + 4, a + 1, START, u32::MAX] {
            assert_eq!(before(|it, _| it.put(a, nowhere)), Broken::NoBlock(nowhere));
            let head = before(|it, _| it.registers.free = nowhere);
            assert_eq!(head, Broken::NoBlock(nowhere));
        }
        // What is in quarantine is free and not in the list.
        let mut kept = Program::new(keep(1 << 10));
        let at = kept.alloc(8);
        kept.collect().unwrap();
        kept.registers.free = at;
        let why = kept.collect().unwrap_err();
        assert_free_list(&why, "has a block that it did not have before", at);
    }

    #[test]
    fn a_collection_must_leave_every_free_block_in_the_list_once() {
        let (_, [live, _, a, b, c]) = program(false);
        let marked = after(|it, _| it.put(a, live));
        assert_free_list(&marked, "has a block that is marked", live);
        let cycle = after(|it, _| it.put(a, c));
        assert_free_list(&cycle, "comes back to a block that it has had", c);
        let skipped = after(|it, _| it.put(c, a));
        assert_free_list(&skipped, "lacks a block that is not marked", b);
        let cut = after(|it, _| it.put(b, 0));
        assert_free_list(&cut, "lacks a block that is not marked", a);
        let empty = after(|it, _| it.registers.free = 0);
        assert_free_list(&empty, "lacks a block that is not marked", a);
        for nowhere in [1, a + 4, a + 1, START, u32::MAX] {
            assert_eq!(after(|it, _| it.put(a, nowhere)), Broken::NoBlock(nowhere));
        }
    }

    #[test]
    fn a_collection_must_keep_headers_and_the_end_of_the_heap() {
        let (whole, [_, inner, a, ..]) = program(false);
        for (at, capacity) in [(inner, 12), (a, 8)] {
            for found in [0, capacity + 1, capacity + 8, u32::MAX >> 1] {
                let broken = after(|it, _| it.put(at - 4, found << 1 | 1));
                let block = *whole.heap.block(at).unwrap();
                assert_eq!(broken, Broken::Header { block, found });
            }
        }
        let end = whole.registers.end;
        for found in [end - 8, end + 8, 0, START] {
            let broken = after(|it, _| it.registers.end = found);
            assert_eq!(broken, Broken::End { end, found });
        }
    }

    #[test]
    fn a_collection_must_free_what_nothing_reaches_and_nothing_else() {
        let (whole, [live, inner, a, ..]) = program(false);
        let block = |at| *whole.heap.block(at).unwrap();
        let unmark = |it: &mut Program, at: u32| it.put(at - 4, it.word(at - 4) & !1);
        let broken = after(|it, _| unmark(it, live));
        let (freed, root) = (block(live), Reached::Root(0));
        assert_eq!(
            broken,
            Broken::Freed {
                block: freed,
                from: root
            }
        );
        let broken = after(|it, _| unmark(it, inner));
        let from = Reached::Word {
            block: block(live),
            offset: 4,
        };
        assert_eq!(
            broken,
            Broken::Freed {
                block: block(inner),
                from
            }
        );
        assert_eq!(broken.blocks(), [block(inner), block(live)]);
        let broken = after(|it, _| it.put(a - 4, it.word(a - 4) | 1));
        assert_eq!(broken, Broken::Kept(block(a)));
    }

    #[test]
    fn a_collector_that_guesses_may_keep_more_and_must_not_free_more() {
        let mut program = Program::of(None, false);
        let live = program.rooted(8);
        let dead = program.alloc(8);
        let marks_dead = |it: &mut Program| {
            it.put(dead - 4, it.word(dead - 4) | 1);
            it.registers.free = 0;
        };
        assert_eq!(program.collect_but(marks_dead), Ok(()));
        assert_eq!(program.heap.block(dead).unwrap().freed, None);
        let frees_live = |it: &mut Program| it.put(live - 4, 16);
        let broken = program.collect_but(frees_live).unwrap_err();
        assert!(matches!(broken, Broken::Freed { .. }), "{broken}");
    }

    #[test]
    fn a_collection_must_not_change_what_lives() {
        let (whole, [live, inner, a, ..]) = program(false);
        let block = |at| *whole.heap.block(at).unwrap();
        for (at, size) in [(live, 16), (inner, 12)] {
            for offset in 0..size {
                let byte = (at + offset) as usize;
                let broken = after(|it, _| it.memory[byte] ^= 0x80);
                let Broken::Payload {
                    block: in_it,
                    offset: found,
                    ..
                } = broken
                else {
                    panic!("{broken}");
                };
                assert_eq!((in_it, found), (block(at), offset));
            }
        }
        // A free block's payload is its own.
        let (mut program, _) = program(false);
        let change = |it: &mut Program| it.memory[a as usize + 4] ^= 1;
        assert_eq!(program.collect_but(change), Ok(()));
    }

    #[test]
    fn a_changed_byte_is_told_with_the_number_that_was_taken_for_a_pointer() {
        let (_, [live, inner, ..]) = program(false);
        // As a collector that takes any number for a pointer marks it.
        let taken = |change: &dyn Fn(&mut Program)| {
            let (mut program, _) = program(false);
            change(&mut program);
            let mark = |it: &mut Program| it.put(inner + 4, it.word(inner + 4) | 1);
            match program.collect_but(mark).unwrap_err() {
                Broken::Payload {
                    offset: 4,
                    before: 0,
                    after: 1,
                    taken,
                    ..
                } => taken,
                other => panic!("{other}"),
            }
        };
        let number = inner + 8;
        assert_eq!(taken(&|_| ()), None);
        let from = taken(&|it| it.push(number));
        assert_eq!(from, Some((number, Reached::Root(1))));
        let from = taken(&|it| it.put(live + 8, number)).unwrap();
        let Reached::Word { block, offset: 8 } = from.1 else {
            panic!("{from:?}");
        };
        assert_eq!((from.0, block.at), (number, live));
    }

    #[test]
    fn the_wrap_table_must_keep_what_lives_and_only_that() {
        let (_, [live, inner, a, ..]) = program(false);
        let wrong = |broken: Broken, words: &str, place: u32, at: u32| match broken {
            Broken::WrapTable {
                entry,
                at: found,
                why,
                ..
            } => {
                assert_eq!((why, entry, found), (words, place, at));
            }
            other => panic!("{other}"),
        };
        let freed = "has an entry for an object that was freed";
        let new = "has an entry that it did not have before";
        let lost = "has lost the entry of an object that lives";
        wrong(after(|it, _| it.wrap(a)), freed, 2, a);
        wrong(after(|it, _| it.wrap(a + 1)), freed, 2, a + 1);
        wrong(after(|it, _| it.wrap(live)), new, 2, live);
        wrong(after(|it, _| it.put(WRAP_BASE + 20, 7)), new, 1, inner);
        wrong(after(|it, _| it.put(WRAP_BASE, inner)), new, 0, inner);
        wrong(after(|it, _| it.registers.wrap.1 -= 16), lost, 1, inner);
        // The entry of what dies goes, and only that.
        let (mut program, _) = program(false);
        program.put(live + 4, 0);
        assert_eq!(program.collect(), Ok(()));
        assert_eq!(program.registers.wrap, (WRAP_BASE, WRAP_BASE + 16));
        let keeps = |it: &mut Program| it.wrap(inner);
        wrong(program.collect_but(keeps).unwrap_err(), freed, 1, inner);
    }

    #[test]
    fn a_heap_that_is_right_is_not_reported() {
        for quarantine in [false, true] {
            let (mut program, [live, inner, ..]) = program(quarantine);
            // Freed, and its address stays where a root points; then it is
            // forgotten and found again.
            program.put(live + 4, 0);
            program.collect().unwrap();
            assert_eq!(program.heap.block(inner).unwrap().freed, NonZeroU64::new(2));
            program.put(live + 4, inner);
            for _ in 0..2 {
                assert_eq!(program.collect(), Ok(()));
                assert_eq!(program.heap.block(inner).unwrap().freed, NonZeroU64::new(2));
            }
            program.put(live + 4, 0);
            assert_eq!(program.collect(), Ok(()));
            // It is given out again.
            assert_eq!([12, 12].map(|size| program.alloc(size))[0], inner);
            assert_eq!(program.collect(), Ok(()));
        }
    }

    #[test]
    fn the_oldest_freed_block_leaves_quarantine_first() {
        // Three blocks of 16 bytes, of which two fit.
        let mut program = Program::new(keep(32));
        let all = [8; 3].map(|size| program.rooted(size));
        for kept in [16, 32, 32] {
            program.pop();
            program.collect().unwrap();
            assert_eq!(program.heap.census().2, kept);
        }
        let [_, b, c] = all;
        // The last root went first, and so did its block.
        assert_eq!(program.registers.free, c);
        assert_eq!(program.rooted(8), c);
        assert!(program.rooted(8) > c);
        program.rooted(8);
        program.pop();
        program.collect().unwrap();
        assert_eq!(program.registers.free, b);
    }

    #[test]
    fn the_quarantine_has_at_most_half_of_a_large_heap() {
        let most = u32::MAX;
        let quarantine = keep(16).map(|it| Quarantine { most, ..it });
        let mut program = Program::new(quarantine);
        for _ in 0..10 {
            program.alloc(8);
        }
        program.collect().unwrap();
        assert_eq!(program.heap.census(), (0, 10, 80));
    }

    #[test]
    fn what_is_given_back_at_once_is_used_at_once() {
        let always = keep(1 << 20).map(|it| Quarantine {
            one_in: NonZeroU64::MIN,
            ..it
        });
        for quarantine in [None, always] {
            let mut program = Program::new(quarantine);
            let all = [8; 4].map(|size| program.alloc(size));
            program.collect().unwrap();
            assert_eq!(program.heap.census(), (0, 4, 0));
            let mut again = [8; 4].map(|size| program.alloc(size));
            again.sort_unstable();
            assert_eq!(again, all);
        }
        let mut never = Program::new(keep(1 << 20));
        let all = [8; 4].map(|size| never.alloc(size));
        never.collect().unwrap();
        assert_eq!(never.heap.census(), (0, 4, 64));
        assert!(never.alloc(8) > all[3]);
    }

    /// What a program does.
    #[derive(Clone, Debug)]
    enum Step {
        Allocate(u32),
        Forget,
        /// Points from a live block, at a word of it, to a block that may be
        /// free.
        Point(Index, Index, Index),
        /// A number of no meaning, which may look like a pointer.
        Write(Index, Index, u32),
        Wrap(Index),
        Collect,
    }

    fn step() -> impl Strategy<Value = Step> {
        let index = any::<Index>;
        prop_oneof![
            6 => (0u32..40).prop_map(Step::Allocate),
            3 => Just(Step::Forget),
            4 => (index(), index(), index()).prop_map(|(a, b, c)| Step::Point(a, b, c)),
            2 => (index(), index(), START..START + 600).prop_map(|(a, b, c)| Step::Write(a, b, c)),
            1 => index().prop_map(Step::Wrap),
            2 => Just(Step::Collect),
        ]
    }

    /// What is done wrong, once, at the end.
    #[derive(Clone, Debug)]
    enum Fault {
        MarkFlipped(Index),
        HeaderChanged(Index, u32),
        PayloadChanged(Index, Index, u8),
        LinkChanged(Index, Index, bool),
        EntryKept(Index),
        EntryLost(Index),
    }

    fn fault() -> impl Strategy<Value = Fault> {
        let index = any::<Index>;
        prop_oneof![
            index().prop_map(Fault::MarkFlipped),
            (index(), 1u32..31).prop_map(|(a, b)| Fault::HeaderChanged(a, b)),
            (index(), index(), 1u8..).prop_map(|(a, b, c)| Fault::PayloadChanged(a, b, c)),
            (index(), index(), any::<bool>()).prop_map(|(a, b, c)| Fault::LinkChanged(a, b, c)),
            index().prop_map(Fault::EntryKept),
            index().prop_map(Fault::EntryLost),
        ]
    }

    fn pick(all: &[u32], index: &Index) -> Option<u32> {
        (!all.is_empty()).then(|| all[index.index(all.len())])
    }

    fn blocks(program: &Program, of: impl Fn(&Block) -> bool) -> Vec<u32> {
        let all = program.blocks().into_iter();
        all.filter(|at| of(program.heap.block(*at).unwrap()))
            .collect()
    }

    /// Does a step as a correct program does.
    fn take(program: &mut Program, step: &Step) {
        let live = blocks(program, |it| it.freed.is_none() && it.size >= 4);
        let word = |block: &Index, word: &Index, program: &Program| {
            let at = pick(&live, block)?;
            let size = program.heap.block(at)?.size;
            Some(at + word.index(size as usize / 4) as u32 * 4)
        };
        match step {
            Step::Allocate(size) => {
                if program.registers.stack_pointer < program.registers.stack_limit {
                    program.rooted(*size);
                }
            }
            Step::Forget => {
                if program.registers.stack_pointer > program.registers.stack_base {
                    program.pop();
                }
            }
            Step::Point(from, at, to) => {
                if let Some(from) = word(from, at, program)
                    && let Some(to) = pick(&program.blocks(), to)
                {
                    program.put(from, to);
                }
            }
            Step::Write(from, at, value) => {
                if let Some(from) = word(from, at, program) {
                    program.put(from, *value);
                }
            }
            Step::Wrap(object) => {
                let (base, end) = program.registers.wrap;
                if let Some(object) = pick(&live, object)
                    && end < base + 16 * 32
                {
                    program.wrap(object);
                }
            }
            Step::Collect => program.collect().unwrap(),
        }
    }

    fn list(program: &Program) -> Vec<u32> {
        let mut all = Vec::new();
        let mut at = program.registers.free;
        while at != 0 {
            all.push(at);
            at = program.word(at);
        }
        all
    }

    fn change_link(program: &mut Program, from: &Index, to: &Index) -> bool {
        let free = list(program);
        // The head or a link, and as its new value a block, none, or nowhere.
        let links = free.len() + 1;
        let from = from.index(links).checked_sub(1).map(|place| free[place]);
        let mut values = program.blocks();
        values.extend([0, START, START + 6]);
        let to = values[to.index(values.len())];
        let old = from.map_or(program.registers.free, |at| program.word(at));
        match from {
            Some(at) => program.put(at, to),
            None => program.registers.free = to,
        }
        old != to
    }

    /// A collection with a fault; `None` where the heap has no place for it.
    fn collect_with(program: &mut Program, fault: &Fault) -> Option<Result<(), Broken>> {
        if let Fault::LinkChanged(from, to, true) = fault {
            return change_link(program, from, to).then(|| program.collect());
        }
        let was = program.registers.wrap;
        let entries = (was.0..was.1).step_by(16).map(|at| program.word(at));
        let entries: Vec<u32> = entries.collect();
        let mut done = false;
        let ending = program.collect_but(|it| {
            let all = it.blocks();
            let marked = |at: &u32| it.word(at - 4) & 1 == 1;
            done = match fault {
                Fault::MarkFlipped(block) => pick(&all, block).is_some_and(|at| {
                    it.put(at - 4, it.word(at - 4) ^ 1);
                    true
                }),
                Fault::HeaderChanged(block, bit) => pick(&all, block).is_some_and(|at| {
                    it.put(at - 4, it.word(at - 4) ^ 1 << bit);
                    true
                }),
                Fault::PayloadChanged(block, byte, mask) => {
                    let live = blocks(it, |block| {
                        block.freed.is_none() && block.size > 0 && marked(&block.at)
                    });
                    pick(&live, block).is_some_and(|at| {
                        let size = it.heap.block(at).unwrap().size as usize;
                        it.memory[at as usize + byte.index(size)] ^= mask;
                        true
                    })
                }
                Fault::LinkChanged(from, to, _) => change_link(it, from, to),
                Fault::EntryKept(entry) => {
                    let dead: Vec<u32> = entries.into_iter().filter(|at| !marked(at)).collect();
                    pick(&dead, entry).is_some_and(|at| {
                        it.wrap(at);
                        true
                    })
                }
                Fault::EntryLost(entry) => {
                    let (base, end) = it.registers.wrap;
                    let left: Vec<u32> = (base..end).step_by(16).collect();
                    pick(&left, entry).is_some_and(|at| {
                        let behind = at as usize + 16..end as usize;
                        it.memory.copy_within(behind, at as usize);
                        it.registers.wrap.1 -= 16;
                        true
                    })
                }
            };
        });
        done.then_some(ending)
    }

    fn quarantine() -> impl Strategy<Value = Option<Quarantine>> {
        let least = prop_oneof![Just(0), Just(64), Just(1 << 20)];
        let some = (least, 1u64..4).prop_map(|(least, one_in)| Quarantine {
            most: 128,
            least,
            one_in: NonZeroU64::new(one_in).unwrap(),
        });
        prop::option::of(some)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn a_program_that_is_right_is_never_reported(
            quarantine in quarantine(),
            steps in prop::collection::vec(step(), 0..120),
        ) {
            let mut program = Program::new(quarantine);
            for step in &steps {
                take(&mut program, step);
            }
            prop_assert_eq!(program.collect(), Ok(()));
        }

        #[test]
        fn one_fault_of_any_collection_is_always_reported(
            quarantine in quarantine(),
            steps in prop::collection::vec(step(), 0..120),
            fault in fault(),
        ) {
            let mut program = Program::new(quarantine);
            for step in &steps {
                take(&mut program, step);
            }
            let ending = collect_with(&mut program, &fault);
            prop_assert!(!matches!(ending, Some(Ok(()))), "not noticed");
        }
    }
}
