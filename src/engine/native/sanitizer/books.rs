//! The books of one run: its heap, what is wrong with it, and what is remembered
//! for the report. They know nothing of wasmtime.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroU64;

use super::defect::{Defect, Moment, Place, Wrong};
use crate::case::Bytes;
use crate::instrument::schedule::Work;
use crate::sanitizer::broken::Broken;
use crate::sanitizer::heap::{Given, Heap, Registers, word};

/// How many lines of the log are kept of collections.
const LOGGED: usize = 2_000;

/// How many of the last allocations are logged.
const LAST_ALLOCATIONS: u64 = 200;

/// What a second run is to remember for the report.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    allocations: BTreeSet<u64>,
    collections: BTreeSet<u64>,
    /// The allocations from which on everything is logged.
    log_from: u64,
}

impl Watch {
    /// What the report of a finding needs.
    pub fn of(found: &Defect) -> Watch {
        let blocks = found.blocks();
        Watch {
            allocations: blocks.iter().map(|block| block.allocation).collect(),
            collections: blocks
                .iter()
                .filter_map(|block| block.freed.map(NonZeroU64::get))
                .collect(),
            log_from: found.allocations.saturating_sub(LAST_ALLOCATIONS),
        }
    }

    /// Whether the allocation of this number is logged.
    fn logs(&self, allocation: u64) -> bool {
        allocation >= self.log_from
    }
}

/// A collection that is remembered.
#[derive(Clone, Debug, Default)]
pub struct PastCollection {
    /// The program when it began.
    pub moment: Moment,
    /// The number of the allocation that brought it about.
    pub allocation: u64,
    /// Whether the schedule wanted it.
    pub scheduled: bool,
}

/// What was remembered.
#[derive(Clone, Debug, Default)]
pub struct Recollection {
    /// By the number of the allocation: who wanted it.
    pub allocations: BTreeMap<u64, Vec<Place>>,
    /// By the number of the collection.
    pub collections: BTreeMap<u64, PastCollection>,
    /// What happened, the latest last; each with the function that it happened
    /// in.
    pub log: VecDeque<(String, Vec<Place>)>,
}

/// The fuel that collections took.
#[derive(Clone, Copy, Debug, Default)]
struct CollectionFuel {
    /// What was left when the one under way began.
    began: u64,
    all: u64,
    last: u64,
}

/// The books of one run.
pub struct Books {
    heap: Heap,
    spent: CollectionFuel,
    watch: Option<Watch>,
    /// Whether the collection that is about to begin is the schedule's.
    pub scheduled: bool,
    seen: Recollection,
    found: Option<Defect>,
}

impl Books {
    /// The books of a heap, which remember what is watched.
    pub fn new(heap: Heap, watch: Option<Watch>) -> Books {
        Books {
            heap,
            spent: CollectionFuel::default(),
            watch,
            scheduled: false,
            seen: Recollection::default(),
            found: None,
        }
    }

    /// The heap.
    pub fn heap(&self) -> &Heap {
        &self.heap
    }

    /// What was done so far, by the fuel that is gone.
    pub fn work(&self, gone: u64) -> Work {
        Work {
            own: gone.saturating_sub(self.spent.all),
            collections: self.spent.all,
            last: self.spent.last,
            allocations: self.heap.allocations(),
        }
    }

    /// `$alloc` gave a block; `link` is what the free block before it says of the
    /// next one.
    pub fn allocated(
        &mut self,
        given: Given,
        link: Option<u32>,
        shadow: &mut [u8],
    ) -> Result<(), Broken> {
        let noted = self.heap.allocated(given, link);
        self.heap.paint(shadow);
        noted
    }

    /// The same of allocations that were logged, until one is wrong; gives the last.
    /// `memory` is the program's, where this is called for each.
    pub fn logged(
        &mut self,
        all: impl Iterator<Item = Given>,
        memory: Option<&[u8]>,
    ) -> (Option<Given>, Result<(), Broken>) {
        let mut last = None;
        for given in all {
            last = Some(given);
            let before = memory.and_then(|it| Some((it, self.heap.free_before(given.at)?)));
            let link = before.and_then(|(memory, before)| word(memory, before));
            if let Err(why) = self.heap.logged(given, link) {
                return (last, Err(why));
            }
        }
        (last, Ok(()))
    }

    /// The program has ended: what it left of the free list.
    pub fn ended(&self, memory: &[u8], registers: Registers) -> Result<(), Broken> {
        self.heap.check_unused(memory, registers)
    }

    /// Whether the last allocation is to be remembered.
    pub fn wants_allocation(&self) -> bool {
        let number = self.heap.allocations();
        let wanted = |it: &Watch| it.logs(number) || it.allocations.contains(&number);
        self.watch.as_ref().is_some_and(wanted)
    }

    /// Remembers who wanted the last allocation.
    pub fn remember_allocation(&mut self, given: Given, stack: Vec<Place>) {
        let number = self.heap.allocations();
        if self.watch.as_ref().is_some_and(|it| it.logs(number)) {
            let Given { at, size, .. } = given;
            let line = format!("allocation {number}: {size} bytes at {at:#x}");
            self.log(line, stack.clone());
        }
        self.seen.allocations.insert(number, stack);
    }

    /// `$gc_collect` begins, with so much fuel left.
    pub fn collecting(
        &mut self,
        memory: &[u8],
        registers: Registers,
        left: u64,
    ) -> Result<(), Broken> {
        self.spent.began = left;
        self.heap.collecting(memory, registers)
    }

    /// Whether the collection that has begun is to be remembered.
    pub fn wants_collection(&self) -> bool {
        let number = self.heap.collections();
        let watch = self.watch.as_ref();
        watch.is_some_and(|watch| watch.collections.contains(&number))
    }

    /// Remembers the collection that has begun.
    pub fn remember_collection(&mut self, moment: Moment) {
        let collection = PastCollection {
            moment,
            allocation: self.heap.allocations() + 1,
            scheduled: self.scheduled,
        };
        let number = self.heap.collections();
        self.seen.collections.insert(number, collection);
    }

    /// `$gc_collect` has ended, with so much fuel left; gives where the program's
    /// free list is to begin.
    pub fn collected(
        &mut self,
        memory: &mut [u8],
        registers: Registers,
        left: u64,
    ) -> Result<u32, Broken> {
        self.spent.last = self.spent.began.saturating_sub(left);
        self.spent.all += self.spent.last;
        self.heap.collected(memory, registers, self.scheduled)
    }

    /// What a collection changed, in the shadow.
    pub fn paint(&mut self, shadow: &mut [u8]) {
        self.heap.paint(shadow);
    }

    /// Whether anything is to be remembered.
    pub fn is_watched(&self) -> bool {
        self.watch.is_some()
    }

    /// Logs the collection that has ended.
    pub fn log_collection(&mut self, stack: Vec<Place>) {
        let heap = &self.heap;
        let (live, free, kept) = heap.census();
        let line = format!(
            "collection {}{} before allocation {}: {live} live, {free} free ({} in quarantine), {} of heap",
            heap.collections(),
            if self.scheduled { ", scheduled," } else { "" },
            heap.allocations() + 1,
            Bytes(kept),
            Bytes(heap.bytes().into()),
        );
        self.log(line, stack);
    }

    fn log(&mut self, line: String, stack: Vec<Place>) {
        if self.seen.log.len() >= LOGGED {
            self.seen.log.pop_front();
        }
        self.seen.log.push_back((line, stack));
    }

    /// Notes what is wrong; the first thing counts.
    pub fn find(&mut self, wrong: Wrong, moment: Moment, calling: Option<usize>) {
        let allocations = self.heap.allocations();
        self.found.get_or_insert(Defect {
            wrong,
            moment,
            calling,
            allocations,
        });
    }

    /// What was found, and what was remembered of it.
    pub fn close(self) -> Option<(Defect, Recollection)> {
        Some((self.found?, self.seen))
    }
}
