//! When a collection is forced: what the host answers a module that asks.

use std::collections::HashSet;
use std::num::NonZeroU64;

use crate::case::GcMode;

/// How many heap words an allocation pays for in random collections: a heap of
/// this many times n words is collected every n allocations on average.
const WORDS_PER_ALLOCATION: u64 = 64;

/// The shortest mean distance between two random collections.
const SHORTEST_MEAN: u64 = 8;

/// The mean distance to the first: short, so that a program that allocates only
/// a few times has a collection as well.
const FIRST_MEAN: u64 = 2;

/// Decides before which allocations a collection is forced.
#[derive(Debug)]
pub enum Schedule {
    /// Before every K-th.
    Every(NonZeroU64),
    /// At random points.
    Random(Rng),
    /// The first time that a call stack allocates, by a hash of the stack.
    PerStack(HashSet<u64>),
}

/// What the host answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether to collect before this allocation.
    pub collect: bool,
    /// How many allocations from here the module asks again.
    pub next: NonZeroU64,
}

impl Answer {
    /// The answer as the module reads it.
    pub fn encoded(self) -> i64 {
        let next = i64::try_from(self.next.get()).unwrap_or(i64::MAX);
        if self.collect { next } else { -next }
    }
}

impl Schedule {
    /// The schedule of a mode; `None` where the collector is left to itself, or
    /// taken out. A random schedule without a seed has seed 0.
    pub fn of(mode: GcMode) -> Option<Schedule> {
        match mode {
            GcMode::Shipped | GcMode::Never => None,
            GcMode::Eager => Some(Schedule::Every(NonZeroU64::MIN)),
            GcMode::Every(k) => Some(Schedule::Every(k)),
            GcMode::Random(seed) => Some(Schedule::Random(Rng::new(seed.unwrap_or(0)))),
            GcMode::PerStack => Some(Schedule::PerStack(HashSet::new())),
        }
    }

    /// At which allocation the module asks for the first time.
    pub fn first(&mut self) -> NonZeroU64 {
        match self {
            Schedule::Every(k) => *k,
            Schedule::Random(rng) => rng.gap(FIRST_MEAN),
            Schedule::PerStack(_) => NonZeroU64::MIN,
        }
    }

    /// Whether the decision needs the call stack.
    pub fn wants_stack(&self) -> bool {
        matches!(self, Schedule::PerStack(_))
    }

    /// The answer, with `heap` words of heap in use and a hash of the call
    /// stack, which is looked at only where [`Schedule::wants_stack`].
    pub fn answer(&mut self, heap: u64, stack: u64) -> Answer {
        match self {
            Schedule::Every(k) => Answer {
                collect: true,
                next: *k,
            },
            // A collection costs as much as the heap is large. Spacing them by
            // its size keeps their work within a fixed multiple of what the
            // program allocates, so that the lane stays usable at any n.
            Schedule::Random(rng) => Answer {
                collect: true,
                next: rng.gap((heap / WORDS_PER_ALLOCATION).max(SHORTEST_MEAN)),
            },
            Schedule::PerStack(seen) => Answer {
                collect: seen.insert(stack),
                next: NonZeroU64::MIN,
            },
        }
    }
}

/// SplitMix64: small, well known, and the same everywhere.
/// <https://doi.org/10.1145/2714064.2660195>
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator that repeats for the same seed.
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, each with the same chance.
    pub fn below(&mut self, bound: NonZeroU64) -> u64 {
        let bound = bound.get();
        // What would make the first numbers more likely is thrown away.
        let fair = u64::MAX - u64::MAX % bound;
        loop {
            let bits = self.bits();
            if bits < fair {
                return bits % bound;
            }
        }
    }

    /// A float in [0, 1), from 53 random bits.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A distance from 1 up whose mean is close to `mean`.
    fn gap(&mut self, mean: u64) -> NonZeroU64 {
        let span =
            NonZeroU64::new(mean.saturating_mul(2).saturating_sub(1)).unwrap_or(NonZeroU64::MIN);
        NonZeroU64::MIN.saturating_add(self.below(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collections(mode: GcMode, allocations: u64, heap: u64) -> Vec<u64> {
        let mut schedule = Schedule::of(mode).unwrap();
        let mut next = schedule.first().get();
        let mut found = Vec::new();
        for allocation in 1..=allocations {
            if allocation == next {
                let answer = schedule.answer(heap, allocation % 3);
                if answer.collect {
                    found.push(allocation);
                }
                next = allocation + answer.next.get();
            }
        }
        found
    }

    #[test]
    fn each_mode_collects_where_it_says() {
        let every = |k| GcMode::Every(NonZeroU64::new(k).unwrap());
        assert_eq!(collections(GcMode::Eager, 4, 0), [1, 2, 3, 4]);
        assert_eq!(collections(every(3), 10, 0), [3, 6, 9]);
        assert_eq!(collections(GcMode::PerStack, 9, 0), [1, 2, 3]);
        assert!(Schedule::of(GcMode::Shipped).is_none());
        assert!(Schedule::of(GcMode::Never).is_none());
    }

    #[test]
    fn a_seed_repeats_its_points_and_another_has_others() {
        let random = |seed| collections(GcMode::Random(Some(seed)), 1_000, 0);
        assert_eq!(random(1), random(1));
        assert_ne!(random(1), random(2));
        let found = random(1).len();
        assert!((90..160).contains(&found), "{found} of 1000, 125 expected");
    }

    #[test]
    fn a_large_heap_is_collected_less_often() {
        let found = collections(GcMode::Random(Some(1)), 100_000, 64_000).len();
        assert!(
            (70..130).contains(&found),
            "{found} of 100000, 100 expected"
        );
    }

    #[test]
    fn answers_carry_both_parts_in_one_number() {
        let next = NonZeroU64::new(5).unwrap();
        let answer = |collect| Answer { collect, next }.encoded();
        assert_eq!((answer(true), answer(false)), (5, -5));
        let far = Answer {
            collect: false,
            next: NonZeroU64::MAX,
        };
        assert_eq!(far.encoded(), -i64::MAX);
    }

    #[test]
    fn numbers_below_a_bound_are_below_it() {
        let mut rng = Rng::new(9);
        for bound in [1, 2, 3, 1_000, u64::MAX] {
            let bound = NonZeroU64::new(bound).unwrap();
            assert!((0..100).all(|_| rng.below(bound) < bound.get()));
        }
        assert!((0..1_000).all(|_| (0.0..1.0).contains(&rng.unit())));
    }
}
