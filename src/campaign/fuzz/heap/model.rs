//! A heap, held against a model that knows what is reached and what each word of it
//! holds.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Event, Place};
use crate::engine::native::driven::Driven;
use crate::vera_runtime::{
    BlockHeader, GRANULE, HEADER_BYTES, ROOT_BYTES, RuntimeGlobal, block_bytes, word,
};

/// What is wrong with a heap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The kind.
    pub kind: &'static str,
    /// All of it, in one line.
    pub message: String,
}

fn wrong<T>(kind: &'static str, message: String) -> Result<T, Wrong> {
    Err(Wrong { kind, message })
}

/// A word of a block.
#[derive(Clone, Copy, Debug)]
enum Word {
    Number(u32),
    /// The block that begins there.
    Block(u32),
}

/// A block that a program could still have.
#[derive(Clone, Debug)]
struct Held {
    size: u32,
    capacity: u32,
    words: Vec<Word>,
}

/// A heap and its model.
pub struct Modelled<'a> {
    driven: &'a mut Driven,
    /// What was given out and not given out again since, by its payload.
    blocks: BTreeMap<u32, Held>,
    /// The roots, by payload.
    roots: Vec<u32>,
    base: u32,
    limit: u32,
    start: u32,
}

/// How long a free list is followed that is looked at with each block.
const FOLLOWED: usize = 48;

impl<'a> Modelled<'a> {
    /// An empty heap; `None` where its globals are not known.
    pub fn of(driven: &'a mut Driven) -> Option<Modelled<'a>> {
        let base = driven.global(RuntimeGlobal::ShadowBase)?;
        let limit = driven.global(RuntimeGlobal::ShadowLimit)?;
        let start = driven.global(RuntimeGlobal::HeapStart)?;
        Some(Modelled {
            driven,
            blocks: BTreeMap::new(),
            roots: Vec::new(),
            base,
            limit,
            start,
        })
    }

    /// How many bytes the heap has.
    pub fn bytes(&mut self) -> u32 {
        let end = self.driven.global(RuntimeGlobal::HeapEnd).unwrap_or(0);
        end.saturating_sub(self.start)
    }

    /// Does what an event says.
    pub fn apply(&mut self, event: Event) -> Result<(), Wrong> {
        match event {
            Event::Alloc { size, place } => {
                let at = self.alloc(size)?;
                match place {
                    Place::Root => {
                        self.push(at);
                    }
                    Place::In { from, word } => {
                        if let Some(from) = self.reached(from) {
                            self.set(from, word, Word::Block(at));
                        }
                    }
                    Place::Nowhere => {}
                }
            }
            Event::Wide { count } => {
                let whole = self.alloc(4 * count)?;
                if self.push(whole) {
                    for which in 0..count {
                        let part = self.alloc(8)?;
                        self.set(whole, which, Word::Block(part));
                    }
                }
            }
            Event::Link { from, word, to } => {
                if let (Some(from), Some(to)) = (self.reached(from), self.reached(to)) {
                    self.set(from, word, Word::Block(to));
                }
            }
            Event::Number { from, word, number } => {
                if let Some(from) = self.reached(from) {
                    self.set(from, word, Word::Number(number));
                }
            }
            Event::Root { of } => {
                if let Some(of) = self.reached(of) {
                    self.push(of);
                }
            }
            Event::Pop { count } => {
                let left = self.roots.len().saturating_sub(count as usize);
                self.roots.truncate(left);
                let top = self.base + ROOT_BYTES * left as u32;
                self.driven.set_shadow_pointer(top);
            }
            Event::Collect => {
                self.driven.collect().or_else(|why| {
                    wrong("a collection traps", format!("a collection traps: {why}"))
                })?;
                let free = self.check()?;
                self.check_dead(&free)?;
            }
        }
        Ok(())
    }

    /// Something that is reached from a root, a few steps from it.
    fn reached(&self, pick: u32) -> Option<u32> {
        let count = u32::try_from(self.roots.len()).ok().filter(|it| *it > 0)?;
        let mut at = self.roots[(pick % count) as usize];
        let mut pick = pick / count;
        for _ in 0..pick % 4 {
            pick = pick.wrapping_mul(0x9e37_79b1) >> 3;
            let words = &self.blocks.get(&at)?.words;
            let word = words.get(pick as usize % words.len().max(1));
            match word {
                Some(Word::Block(next)) => at = *next,
                Some(Word::Number(_)) | None => break,
            }
        }
        Some(at)
    }

    /// Pushes a root, where there is room; whether there was.
    fn push(&mut self, at: u32) -> bool {
        let top = self.base + ROOT_BYTES * self.roots.len() as u32;
        if top + ROOT_BYTES > self.limit {
            return false;
        }
        self.write(top, at);
        self.driven.set_shadow_pointer(top + ROOT_BYTES);
        self.roots.push(at);
        true
    }

    fn write(&mut self, at: u32, word: u32) {
        let at = at as usize;
        if let Some(bytes) = self.driven.memory_mut().get_mut(at..at + 4) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
    }

    fn set(&mut self, of: u32, which: u32, word: Word) {
        let Some(held) = self.blocks.get_mut(&of) else {
            return;
        };
        let count = held.words.len() as u32;
        if count == 0 {
            return;
        }
        let which = which % count;
        held.words[which as usize] = word;
        let value = match word {
            Word::Number(it) | Word::Block(it) => it,
        };
        self.write(of + 4 * which, value);
    }

    /// How many blocks the free list has, where they are few.
    fn free(&mut self) -> Option<usize> {
        let mut at = self.driven.global(RuntimeGlobal::FreeHead)?;
        let memory = self.driven.memory();
        for count in 0..FOLLOWED {
            if at == 0 {
                return Some(count);
            }
            at = word(memory, at)?;
        }
        None
    }

    fn alloc(&mut self, size: u32) -> Result<u32, Wrong> {
        // Where there is room behind the heap, nothing is collected: a collection may
        // keep what was free, since a number may look like its address.
        let end = self.driven.global(RuntimeGlobal::HeapEnd).unwrap_or(0);
        let needed = u64::from(end) + u64::from(block_bytes(size));
        let has_room = needed <= self.driven.memory().len() as u64;
        let free = if has_room { self.free() } else { None };
        let at = (self.driven.alloc(size)).or_else(|why| {
            let message = format!("a block of {size} bytes cannot be had: {why}");
            wrong("an allocation traps", message)
        })?;
        let end = self.driven.global(RuntimeGlobal::HeapEnd).unwrap_or(0);
        let header = at.checked_sub(HEADER_BYTES);
        let header =
            header.filter(|it| *it >= self.start && (it - self.start).is_multiple_of(GRANULE));
        let Some(header) = header else {
            return wrong(
                "no block",
                format!("byte {at} is given out, where no block begins"),
            );
        };
        let memory = self.driven.memory();
        if u64::from(at) + u64::from(size) > memory.len() as u64 || at + size > end {
            return wrong(
                "beyond the heap",
                format!(
                    "a block of {size} bytes is given out at byte {at}, of which not all lies in the heap"
                ),
            );
        }
        let capacity = BlockHeader(word(memory, header).unwrap_or(0)).capacity();
        if capacity < size {
            return wrong(
                "too small",
                format!("a block of {capacity} bytes is given out for {size}"),
            );
        }
        let whole = header..header + block_bytes(capacity);
        self.overlapped(at, whole)?;
        if let (Some(before), Some(after)) = (free, self.free())
            && after + 1 < before
        {
            return wrong(
                "free blocks lost",
                format!(
                    "giving out a block of {size} bytes takes the free list from {before} blocks to {after}"
                ),
            );
        }
        let words = vec![Word::Number(0); size as usize / 4];
        let from = at as usize;
        let fill = (at >> 3) as u8 | 1;
        let bytes = &mut self.driven.memory_mut()[from..from + size as usize];
        bytes.fill(0);
        let tail = bytes.len() / 4 * 4;
        bytes[tail..].fill(fill);
        let held = Held {
            size,
            capacity,
            words,
        };
        self.blocks.insert(at, held);
        Ok(at)
    }

    /// What a new block lies over was dead; it is forgotten.
    fn overlapped(&mut self, at: u32, whole: std::ops::Range<u32>) -> Result<(), Wrong> {
        let before = self.blocks.range(..whole.end).rev();
        let over: Vec<u32> = before
            .take_while(|(other, held)| **other + held.size.max(1) > whole.start)
            .map(|(other, _)| *other)
            .collect();
        if over.is_empty() {
            return Ok(());
        }
        // What is not reached now never will be.
        let alive = self.alive();
        self.blocks.retain(|other, _| alive.contains(other));
        for other in over {
            if alive.contains(&other) {
                return wrong(
                    "given out twice",
                    format!(
                        "the block at byte {at} is given out over the one at byte {other}, which is reached"
                    ),
                );
            }
        }
        Ok(())
    }

    /// What is reached from the roots.
    fn alive(&self) -> BTreeSet<u32> {
        let mut alive = BTreeSet::new();
        let mut left = self.roots.clone();
        while let Some(at) = left.pop() {
            if alive.insert(at)
                && let Some(held) = self.blocks.get(&at)
            {
                left.extend(held.words.iter().filter_map(|it| match it {
                    Word::Block(to) => Some(*to),
                    Word::Number(_) => None,
                }));
            }
        }
        alive
    }

    /// Holds all that is reached, and the free list, against the model; gives what is
    /// free.
    pub fn check(&mut self) -> Result<BTreeSet<u32>, Wrong> {
        let end = self.driven.global(RuntimeGlobal::HeapEnd).unwrap_or(0);
        let head = self.driven.global(RuntimeGlobal::FreeHead).unwrap_or(0);
        let alive = self.alive();
        let memory = self.driven.memory();
        let mut free = BTreeSet::new();
        let mut at = head;
        while at != 0 {
            if !free.insert(at) {
                return wrong(
                    "the free list is broken",
                    format!("the free list comes back to byte {at}"),
                );
            }
            if at < self.start || at >= end {
                return wrong(
                    "the free list is broken",
                    format!("the free list leads to byte {at}"),
                );
            }
            at = word(memory, at).unwrap_or(0);
        }
        for at in &alive {
            let Some(held) = self.blocks.get(at) else {
                return wrong(
                    "freed",
                    format!("the block at byte {at} is reached and was given out again"),
                );
            };
            if free.contains(at) {
                return wrong(
                    "freed",
                    format!(
                        "the block of {} bytes at byte {at} is reached and on the free list",
                        held.size
                    ),
                );
            }
            let capacity = BlockHeader(word(memory, at - HEADER_BYTES).unwrap_or(0)).capacity();
            if capacity != held.capacity {
                return wrong(
                    "changed",
                    format!(
                        "the header of the block at byte {at} says {capacity} bytes in place of {}",
                        held.capacity
                    ),
                );
            }
            for (which, own) in held.words.iter().enumerate() {
                let (Word::Number(own) | Word::Block(own)) = own;
                let is = word(memory, at + 4 * which as u32).unwrap_or(0);
                if is != *own {
                    return wrong(
                        "changed",
                        format!("word {which} of the block at byte {at} is {is} in place of {own}"),
                    );
                }
            }
        }
        Ok(free)
    }

    /// After a collection: whatever no word that is reached leads to is free.
    fn check_dead(&mut self, free: &BTreeSet<u32>) -> Result<(), Wrong> {
        let end = self.driven.global(RuntimeGlobal::HeapEnd).unwrap_or(0);
        let memory = self.driven.memory();
        // Every block, by its payload, with where it ends.
        let mut blocks = BTreeMap::new();
        let mut at = self.start;
        while at + HEADER_BYTES < end {
            let capacity = BlockHeader(word(memory, at).unwrap_or(0)).capacity();
            let next = at.saturating_add(block_bytes(capacity));
            blocks.insert(at + HEADER_BYTES, next);
            at = next;
        }
        // What any word leads into, as the collector takes it, whatever it is.
        let within = |word: u32| -> Option<u32> {
            let (at, next) = blocks.range(..=word).next_back()?;
            (word < *next).then_some(*at)
        };
        let mut reached = BTreeSet::new();
        let mut left: Vec<u32> = self.roots.clone();
        while let Some(at) = left.pop() {
            let Some(at) = within(at) else { continue };
            if !reached.insert(at) {
                continue;
            }
            let next = blocks[&at];
            for place in (at..next.saturating_sub(3)).step_by(4) {
                left.push(word(memory, place).unwrap_or(0));
            }
        }
        for at in blocks.keys() {
            if !reached.contains(at) && !free.contains(at) {
                return wrong(
                    "kept",
                    format!(
                        "the block at byte {at} is reached by nothing, and a collection keeps it"
                    ),
                );
            }
        }
        Ok(())
    }
}
