//! A program made by hand, for the tests of the books: only its heap is there.

use std::num::NonZeroU64;

use super::broken::HeapDefect;
use super::heap::{Grant, Heap, Quarantine, Registers};
use crate::vera_runtime::{block_bytes, word};

/// A program of which only the heap is there, with an allocator and a
/// collector that are right, and the books that are kept of it.
pub struct HeapProgram {
    pub memory: Vec<u8>,
    pub registers: Registers,
    pub heap: Heap,
}

pub const STACK_BASE: u32 = 40;
pub const STACK_LIMIT: u32 = STACK_BASE + 4 * 64;
pub const WRAP_BASE: u32 = STACK_LIMIT + 4 * 64;
/// As in Vera's modules it is no multiple of eight.
pub const START: u32 = WRAP_BASE + 16 * 32 + 3;
pub const MEMORY: usize = 1 << 16;

/// Keeps whatever is freed until `least` bytes are.
pub fn keep(least: u32) -> Option<Quarantine> {
    Some(Quarantine {
        most: 0,
        least,
        one_in: NonZeroU64::MAX,
    })
}

impl HeapProgram {
    pub fn new(quarantine: Option<Quarantine>) -> HeapProgram {
        HeapProgram::of(quarantine, true)
    }

    pub fn of(quarantine: Option<Quarantine>, knows_bases: bool) -> HeapProgram {
        let registers = Registers {
            start: START,
            end: START,
            free: 0,
            stack_base: STACK_BASE,
            stack_pointer: STACK_BASE,
            stack_limit: STACK_LIMIT,
            wrap: (WRAP_BASE, WRAP_BASE),
        };
        HeapProgram {
            memory: vec![0; MEMORY],
            registers,
            heap: Heap::new(registers, knows_bases, quarantine, 1),
        }
    }

    pub fn word(&self, at: u32) -> u32 {
        word(&self.memory, at).unwrap()
    }

    pub fn put(&mut self, at: u32, value: u32) {
        let at = at as usize;
        self.memory[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }

    /// What `$alloc` gives: the first block that is large enough, or a new
    /// one.
    pub fn gives(&mut self, size: u32) -> Grant {
        let (mut before, mut at) = (0, self.registers.free);
        while at != 0 && self.word(at - 4) >> 1 < size {
            (before, at) = (at, self.word(at));
        }
        if at == 0 {
            at = self.registers.end + 4;
            self.put(at - 4, size << 1);
            self.registers.end += block_bytes(size);
        } else {
            let next = self.word(at);
            match before {
                0 => self.registers.free = next,
                _ => self.put(before, next),
            }
            let header = self.word(at - 4);
            self.put(at - 4, header & !1);
        }
        Grant {
            at,
            size,
            header: self.word(at - 4),
            end: self.registers.end,
            free: self.registers.free,
            memory: self.memory.len() as u64,
        }
    }

    pub fn alloc(&mut self, size: u32) -> u32 {
        let given = self.gives(size);
        self.note(given).unwrap();
        given.at
    }

    pub fn note(&mut self, given: Grant) -> Result<(), HeapDefect> {
        let before = self.heap.free_before(given.at);
        let link = before.map(|before| self.word(before));
        self.heap.allocated(given, link)
    }

    /// A block that a root points to.
    pub fn rooted(&mut self, size: u32) -> u32 {
        let at = self.alloc(size);
        self.push(at);
        at
    }

    pub fn push(&mut self, value: u32) {
        self.put(self.registers.stack_pointer, value);
        self.registers.stack_pointer += 4;
    }

    pub fn pop(&mut self) {
        self.registers.stack_pointer -= 4;
    }

    /// An entry of the wrap table for the object.
    pub fn wrap(&mut self, object: u32) {
        let (base, end) = self.registers.wrap;
        self.put(end, object);
        self.put(end + 8, end);
        self.registers.wrap = (base, end + 16);
    }

    pub fn collect(&mut self) -> Result<(), HeapDefect> {
        self.collect_but(|_| ())
    }

    /// A collection, behind which something else is changed.
    pub fn collect_but(&mut self, tamper: impl FnOnce(&mut HeapProgram)) -> Result<(), HeapDefect> {
        self.heap.collecting(&self.memory, self.registers)?;
        self.mark();
        self.unwrap_freed();
        self.sweep();
        tamper(self);
        self.registers.free = self
            .heap
            .collected(&mut self.memory, self.registers, true)?;
        Ok(())
    }

    /// The payloads of all blocks, by their headers.
    pub fn blocks(&self) -> Vec<u32> {
        let mut all = Vec::new();
        let mut at = self.registers.start;
        while at < self.registers.end {
            all.push(at + 4);
            at += block_bytes(self.word(at) >> 1);
        }
        all
    }

    fn is_marked(&self, at: u32) -> bool {
        self.word(at - 4) & 1 == 1
    }

    fn mark(&mut self) {
        let blocks = self.blocks();
        for &at in &blocks {
            let header = self.word(at - 4);
            self.put(at - 4, header & !1);
        }
        let roots = self.registers.stack_base..self.registers.stack_pointer;
        let mut open: Vec<u32> = roots.step_by(4).map(|at| self.word(at)).collect();
        while let Some(at) = open.pop() {
            if blocks.binary_search(&at).is_err() || self.is_marked(at) {
                continue;
            }
            let header = self.word(at - 4);
            self.put(at - 4, header | 1);
            let words = (at..at + (header >> 1)).step_by(4);
            let words = words.filter(|word| word + 4 <= self.registers.end);
            open.extend(words.map(|at| self.word(at)));
        }
    }

    fn unwrap_freed(&mut self) {
        let (base, end) = self.registers.wrap;
        let mut to = base;
        for from in (base..end).step_by(16) {
            if self.is_marked(self.word(from)) {
                let entry = from as usize..from as usize + 16;
                self.memory.copy_within(entry, to as usize);
                to += 16;
            }
        }
        self.registers.wrap = (base, to);
    }

    fn sweep(&mut self) {
        self.registers.free = 0;
        for at in self.blocks() {
            if !self.is_marked(at) {
                self.put(at, self.registers.free);
                self.registers.free = at;
            }
        }
    }
}
