//! The heap as the sanitizer keeps it, beside the program's own: which blocks
//! there are, and which of them live.
//!
//! Written from the description of the layout in [`crate::vera_runtime`].

use std::collections::VecDeque;
use std::num::NonZeroU64;

use super::broken::{Block, Broken};
use super::shadow::{BEYOND, HEADER, INTERNAL, PADDING, PAYLOAD, STACK, STATIC};
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
pub struct Given {
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

/// How much of what was freed is kept from being used again.
#[derive(Clone, Copy, Debug)]
pub struct Quarantine {
    /// At most so many bytes, and at most as many as half of the heap has.
    pub most: u32,
    /// However small the heap is, so many bytes.
    pub least: u32,
    /// One in so many blocks is given back at once, so that the free list is
    /// exercised.
    pub one_in: NonZeroU64,
}

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
    pub fn allocated(&mut self, given: Given, link: Option<u32>) -> Result<(), Broken> {
        self.allocations += 1;
        let Given { at, size, end, .. } = given;
        let wrong = |why: &str, block: Option<Block>| Broken::Allocation {
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
                return Err(Broken::End {
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
                return Err(Broken::Header {
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
                return Err(Broken::End {
                    end: self.end,
                    found: end,
                });
            }
            slot.block = new;
            let behind = self.unlink(place);
            if link.is_some_and(|link| link != behind) {
                return Err(Broken::FreeList {
                    why: "does not leave out a block that was given out",
                    block: new,
                });
            }
        }
        if given.free != self.free {
            return Err(Broken::FreeList {
                why: "does not begin where it must after an allocation",
                block: new,
            });
        }
        self.news.push((begins, at, HEADER));
        self.news.push((at, at + size, PAYLOAD));
        self.news.push((at + size, ends, PADDING));
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::sanitizer::shadow::FREED;

    /// A program of which only the heap is there, with an allocator and a
    /// collector that are right, and the books that are kept of it.
    pub struct Program {
        pub memory: Vec<u8>,
        pub registers: Registers,
        pub heap: Heap,
    }

    pub const STACK_BASE: u32 = 40;
    pub const STACK_LIMIT: u32 = STACK_BASE + 4 * 64;
    pub const WRAP_BASE: u32 = STACK_LIMIT + 4 * 64;
    /// As in Vera's modules it is no multiple of eight.
    pub const START: u32 = WRAP_BASE + 16 * 32 + 3;
    const MEMORY: usize = 1 << 16;

    /// Keeps whatever is freed until `least` bytes are.
    pub fn keep(least: u32) -> Option<Quarantine> {
        Some(Quarantine {
            most: 0,
            least,
            one_in: NonZeroU64::MAX,
        })
    }

    impl Program {
        pub fn new(quarantine: Option<Quarantine>) -> Program {
            Program::of(quarantine, true)
        }

        pub fn of(quarantine: Option<Quarantine>, knows_bases: bool) -> Program {
            let registers = Registers {
                start: START,
                end: START,
                free: 0,
                stack_base: STACK_BASE,
                stack_pointer: STACK_BASE,
                stack_limit: STACK_LIMIT,
                wrap: (WRAP_BASE, WRAP_BASE),
            };
            Program {
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
        pub fn gives(&mut self, size: u32) -> Given {
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
            Given {
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

        pub fn note(&mut self, given: Given) -> Result<(), Broken> {
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

        pub fn collect(&mut self) -> Result<(), Broken> {
            self.collect_but(|_| ())
        }

        /// A collection, behind which something else is changed.
        pub fn collect_but(&mut self, tamper: impl FnOnce(&mut Program)) -> Result<(), Broken> {
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

        fn mark(&mut self) {
            let blocks = self.blocks();
            for &at in &blocks {
                let header = self.word(at - 4);
                self.put(at - 4, header & !1);
            }
            let roots = self.registers.stack_base..self.registers.stack_pointer;
            let mut open: Vec<u32> = roots.step_by(4).map(|at| self.word(at)).collect();
            while let Some(at) = open.pop() {
                if blocks.binary_search(&at).is_err() || self.word(at - 4) & 1 == 1 {
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
                if self.word(self.word(from) - 4) & 1 == 1 {
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
                if self.word(at - 4) & 1 == 0 {
                    self.put(at, self.registers.free);
                    self.registers.free = at;
                }
            }
        }
    }

    /// A live block of 12 bytes, one of 8 that is free, one of 24 that is in
    /// quarantine.
    fn three() -> (Program, [u32; 3]) {
        let mut program = Program::new(keep(32));
        let live = program.rooted(12);
        let free = program.rooted(8);
        program.pop();
        program.collect().unwrap();
        let kept = program.rooted(24);
        program.pop();
        program.collect().unwrap();
        assert_eq!(program.registers.free, free);
        (program, [live, free, kept])
    }

    /// What is said of an allocation of so many bytes that is changed like this.
    #[track_caller]
    fn wrong(size: u32, change: impl FnOnce(&mut Given, [u32; 3])) -> Broken {
        let (mut program, blocks) = three();
        let mut given = program.gives(size);
        change(&mut given, blocks);
        program.note(given).unwrap_err()
    }

    #[test]
    fn an_allocation_must_be_a_new_block_at_the_end_or_a_free_one() {
        type Change = fn(&mut Given, [u32; 3]);
        let cases: [(u32, Change, &str, Option<usize>); 9] = [
            (40, |it, _| it.at += 1, "no block can begin there", None),
            (40, |it, _| it.at = 0, "no block can begin there", None),
            (40, |it, _| it.at += 8, "the heap ended at 0x", None),
            (40, |it, _| it.memory = 900, ", the memory at 0x384", None),
            (40, |it, _| it.header = 78, "its header says 39 bytes", None),
            (
                8,
                |it, [live, ..]| it.at = live + 8,
                "inside a block",
                Some(0),
            ),
            (
                8,
                |it, [live, ..]| (it.at, it.header) = (live, 24),
                "a live block is",
                Some(0),
            ),
            (8, |it, _| it.size = 9, "a free block of 8 bytes", Some(1)),
            (
                8,
                |it, [.., kept]| (it.at, it.header) = (kept, 48),
                "not in the free list",
                Some(2),
            ),
        ];
        for (size, change, words, place) in cases {
            let Broken::Allocation { why, block, .. } = wrong(size, change) else {
                panic!("another error than: {words}");
            };
            assert!(why.contains(words), "{why}");
            let all = three().1;
            assert_eq!(
                block.map(|it| it.at),
                place.map(|place| all[place]),
                "{why}"
            );
        }
    }

    #[test]
    fn an_allocation_must_leave_header_end_and_free_list_right() {
        let (_, [_, free, kept]) = three();
        let end = kept - 4 + 32;
        // A new one that is longer than the heap grew, and one of the free list
        // with which the heap grew.
        let found = end + 40;
        assert_eq!(
            wrong(40, |it, _| it.end = found),
            Broken::End {
                end: end + 48,
                found
            }
        );
        let found = end + 8;
        assert_eq!(wrong(8, |it, _| it.end = found), Broken::End { end, found });
        let header = wrong(8, |it, _| it.header = 18);
        assert!(
            matches!(header, Broken::Header { block, found: 9 } if block.at == free),
            "{header}"
        );
        let head = wrong(8, |it, _| it.free = it.at);
        let Broken::FreeList { why, block } = head else {
            panic!("{head}");
        };
        assert_eq!(why, "does not begin where it must after an allocation");
        assert_eq!(block.at, free);
        // Nor may it lose its beginning to a new block.
        let lost = wrong(40, |it, _| it.free = 0);
        assert!(matches!(lost, Broken::FreeList { .. }), "{lost}");
    }

    #[test]
    fn a_block_from_the_middle_of_the_free_list_is_left_out_of_it() {
        let mut program = Program::new(None);
        // The sweep puts the later one in front.
        let large = program.alloc(24);
        let small = program.alloc(8);
        program.collect().unwrap();
        assert_eq!(program.registers.free, small);
        let given = program.gives(24);
        assert_eq!(given.at, large);
        assert_eq!(program.heap.free_before(large), Some(small));
        // The allocator has written 0 there, for nothing stands behind it.
        let mut right = program.heap.clone();
        right.allocated(given, Some(0)).unwrap();
        let still = program.heap.allocated(given, Some(large)).unwrap_err();
        let Broken::FreeList { why, block } = still else {
            panic!("{still}");
        };
        assert_eq!(why, "does not leave out a block that was given out");
        assert_eq!(block.at, large);
    }

    #[test]
    fn a_free_block_that_is_large_enough_may_be_given_out_again() {
        let (mut program, [_, free, _]) = three();
        assert_eq!(program.alloc(5), free);
        let block = *program.heap.block(free).unwrap();
        assert_eq!((block.size, block.capacity), (5, 8));
        assert_eq!((block.allocation, block.freed), (4, None));
        assert_eq!(program.collect(), Ok(()));
        assert_eq!(program.heap.block(free).unwrap().freed, NonZeroU64::new(3));
    }

    #[test]
    fn a_block_is_found_by_any_byte_of_it() {
        let (program, [live, free, kept]) = three();
        let around = |at| program.heap.around(at).map(|block| block.at);
        for (block, next) in [(live, free), (free, kept), (kept, kept + 32)] {
            for at in block - 4..next - 4 {
                assert_eq!(around(at), Some(block), "{at}");
            }
        }
        for at in [0, START - 1, kept + 28, u32::MAX] {
            assert_eq!(around(at), None, "{at}");
        }
        assert!(program.heap.block(live + 1).is_none());
        assert!(program.heap.block(live + 8).is_none());
    }

    #[test]
    fn the_shadow_has_the_state_of_each_byte() {
        let mut program = Program::new(None);
        let mut shadow = vec![0xff; MEMORY];
        let mut expected = vec![BEYOND; MEMORY];
        let mut paint = |program: &mut Program, painted: &[(u32, u32, u8)]| {
            for (from, to, state) in painted {
                expected[*from as usize..*to as usize].fill(*state);
            }
            program.heap.paint(&mut shadow);
            assert!(shadow == expected, "after {painted:?}");
        };
        let fixed = [
            (0, STACK_BASE, STATIC),
            (STACK_BASE, STACK_LIMIT, STACK),
            (STACK_LIMIT, START, INTERNAL),
        ];
        paint(&mut program, &fixed);
        let at = program.alloc(9);
        let end = at + 12;
        let states = [
            (at - 4, at, HEADER),
            (at, at + 9, PAYLOAD),
            (at + 9, end, PADDING),
        ];
        paint(&mut program, &states);
        // An empty block is all header and padding.
        let empty = program.rooted(0);
        paint(
            &mut program,
            &[(empty - 4, empty, HEADER), (empty, empty + 4, PADDING)],
        );
        program.collect().unwrap();
        paint(&mut program, &[(at, at + 9, FREED)]);
        assert_eq!(program.alloc(3), at);
        paint(
            &mut program,
            &[(at, at + 3, PAYLOAD), (at + 3, end, PADDING)],
        );
        // What is asked for counts when it is freed again as well.
        program.collect().unwrap();
        paint(&mut program, &[(at, at + 9, FREED)]);
    }

    #[test]
    fn painting_ends_where_the_shadow_does() {
        let mut shadow = [0xff; 50];
        Program::new(None).heap.paint(&mut shadow);
        assert_eq!(shadow[39..42], [STATIC, STACK, STACK]);
        Program::new(None).heap.paint(&mut []);
    }
}
