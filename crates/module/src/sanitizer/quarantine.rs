//! What was freed and is kept for a while from being used again, and the free list
//! without it.

use std::num::NonZeroU64;

use super::broken::Block;
use super::heap::Heap;
use super::shadow::FREED;
use crate::vera_runtime::block_bytes;

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

fn put(memory: &mut [u8], at: u32, value: u32) {
    let at = at as usize;
    if let Some(bytes) = memory.get_mut(at..at + 4) {
        bytes.copy_from_slice(&value.to_le_bytes());
    }
}

impl Heap {
    /// Notes what the collection freed, and puts it into quarantine.
    pub(super) fn bury(&mut self, free: &[u32]) {
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
    pub(super) fn give_back(&mut self) {
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
    pub(super) fn relink(&mut self, free: &[u32]) {
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
    pub(super) fn release(&mut self, memory: &mut [u8], free: &mut Vec<u32>) {
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
