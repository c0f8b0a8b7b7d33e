//! When a collection is forced: what the host answers a module that asks.

use std::collections::HashSet;
use std::num::NonZeroU64;

use vera_stress_case::GcMode;
pub use vera_stress_case::Rng;

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
    /// As dense as can be afforded, and the first time that a call stack
    /// allocates.
    Adaptive(Adaptive),
    /// At random points.
    Random(Rng),
    /// The first time that a call stack allocates, by a hash of the stack.
    PerStack(HashSet<u64>),
}

/// What the host answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether to collect before this allocation.
    pub collect: bool,
    /// How many allocations from here the module asks again.
    pub next: NonZeroU64,
}

impl Decision {
    /// The answer as the module reads it.
    pub fn encoded(self) -> i64 {
        let next = i64::try_from(self.next.get()).unwrap_or(i64::MAX);
        if self.collect { next } else { -next }
    }
}

/// What a schedule decides by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Situation {
    /// How many words of heap are in use.
    pub heap: u64,
    /// A hash of the call stack, where [`Schedule::wants_stack`].
    pub stack: u64,
    /// What was done so far, where a sanitizer counts it.
    pub work: Work,
    /// Whether the memory is so full that a collection would grow it.
    pub full: bool,
}

/// What was done so far, in units of fuel, which are the same in every run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Work {
    /// By the program itself, its allocator and its checks included.
    pub own: u64,
    /// By all collections together.
    pub collections: u64,
    /// By the last one.
    pub last: u64,
    /// How often the program allocated.
    pub allocations: u64,
}

/// Collections may take so many times the work of the program itself,
const TIMES: u64 = 3;

/// and this much beside it: a program that does little has a collection at every
/// allocation.
const ALLOWANCE: u64 = 10_000_000;

/// At so many allocations from the start the call stack is looked at, which
/// takes a microsecond or two.
const LOOKS: u64 = 10_000;

/// A schedule that spends on collections what it can afford.
#[derive(Debug)]
pub struct Adaptive {
    rng: Rng,
    seen: HashSet<u64>,
    asked: u64,
    /// At which question a collection is looked at next.
    due: u64,
}

impl Adaptive {
    fn new(seed: u64) -> Adaptive {
        Adaptive {
            rng: Rng::new(seed),
            seen: HashSet::new(),
            asked: 0,
            due: 1,
        }
    }

    fn looks_at_stacks(&self) -> bool {
        self.asked < LOOKS
    }

    fn answer(&mut self, situation: &Situation) -> Decision {
        let Situation { stack, work, .. } = *situation;
        let looks = self.looks_at_stacks();
        self.asked += 1;
        let mut collect = looks && self.seen.insert(stack);
        let mut next = NonZeroU64::MIN;
        // The collection of an allocator that is out of memory is followed by
        // another search of the free list, which must have its turn too.
        if !situation.full && (!looks || self.asked >= self.due) {
            collect |= work.affords();
            next = gap(&mut self.rng, work.until_affordable(collect));
            self.due = self.asked + next.get();
        }
        Decision {
            collect,
            next: match self.looks_at_stacks() {
                true => NonZeroU64::MIN,
                false => next,
            },
        }
    }
}

impl Work {
    fn allowed(&self) -> u64 {
        self.own.saturating_mul(TIMES).saturating_add(ALLOWANCE)
    }

    /// Whether a collection can be afforded.
    fn affords(&self) -> bool {
        self.collections <= self.allowed()
    }

    /// In how many allocations one will be, if the program goes on as it did and
    /// a collection costs what the last one did.
    fn until_affordable(&self, collects: bool) -> u64 {
        let coming = if collects { 2 * self.last } else { self.last };
        let lacking = (self.collections + coming).saturating_sub(self.allowed());
        let each = (self.own / self.allocations.max(1)).max(1) * TIMES;
        lacking.div_ceil(each).max(1)
    }
}

impl Schedule {
    /// The schedule of a mode; `None` where the collector is left to itself, or
    /// taken out. A random schedule without a seed has seed 0.
    pub fn of(mode: GcMode) -> Option<Schedule> {
        match mode {
            GcMode::Shipped | GcMode::Checks | GcMode::Never => None,
            GcMode::Eager => Some(Schedule::Every(NonZeroU64::MIN)),
            GcMode::Every(k) => Some(Schedule::Every(k)),
            GcMode::Random(seed) => Some(Schedule::Random(Rng::new(seed.unwrap_or(0)))),
            GcMode::Sanitize(seed) => Some(Schedule::Adaptive(Adaptive::new(seed.unwrap_or(0)))),
            GcMode::PerStack => Some(Schedule::PerStack(HashSet::new())),
        }
    }

    /// At which allocation the module asks for the first time.
    pub fn first(&mut self) -> NonZeroU64 {
        match self {
            Schedule::Every(k) => *k,
            Schedule::Random(rng) => gap(rng, FIRST_MEAN),
            Schedule::PerStack(_) | Schedule::Adaptive(_) => NonZeroU64::MIN,
        }
    }

    /// Whether the decision needs the call stack.
    pub fn wants_stack(&self) -> bool {
        match self {
            Schedule::PerStack(_) => true,
            Schedule::Adaptive(adaptive) => adaptive.looks_at_stacks(),
            Schedule::Every(_) | Schedule::Random(_) => false,
        }
    }

    /// The answer to a program in this situation.
    pub fn answer(&mut self, situation: &Situation) -> Decision {
        let Situation { heap, stack, .. } = situation;
        match self {
            Schedule::Every(k) => Decision {
                collect: true,
                next: *k,
            },
            // A collection costs as much as the heap is large. Spacing them by
            // its size keeps their work within a fixed multiple of what the
            // program allocates, so that the lane stays usable at any n.
            Schedule::Random(rng) => Decision {
                collect: true,
                next: gap(rng, (*heap / WORDS_PER_ALLOCATION).max(SHORTEST_MEAN)),
            },
            Schedule::Adaptive(adaptive) => adaptive.answer(situation),
            Schedule::PerStack(seen) => Decision {
                collect: seen.insert(*stack),
                next: NonZeroU64::MIN,
            },
        }
    }
}

/// A distance from 1 up whose mean is close to `mean`.
fn gap(rng: &mut Rng, mean: u64) -> NonZeroU64 {
    let span = NonZeroU64::new(mean.saturating_mul(2).saturating_sub(1)).unwrap_or(NonZeroU64::MIN);
    NonZeroU64::MIN.saturating_add(rng.below(span))
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
                let answer = schedule.answer(&Situation {
                    heap,
                    stack: allocation % 3,
                    ..Situation::default()
                });
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

    /// The collections of a program that does so much work for each allocation,
    /// where each collection costs `cost`.
    fn afforded(seed: u64, allocations: u64, each: u64, cost: u64) -> Vec<u64> {
        let mut schedule = Schedule::of(GcMode::Sanitize(Some(seed))).unwrap();
        let mut next = schedule.first().get();
        let mut work = Work::default();
        let mut found = Vec::new();
        for allocation in 1..=allocations {
            if allocation == next {
                let answer = schedule.answer(&Situation {
                    work,
                    ..Situation::default()
                });
                if answer.collect {
                    found.push(allocation);
                    work.collections += cost;
                    work.last = cost;
                }
                next = allocation + answer.next.get();
            }
            work.own += each;
            work.allocations = allocation;
        }
        found
    }

    #[test]
    fn the_adaptive_schedule_is_dense_at_first_and_keeps_to_its_multiple() {
        // The allowance pays for a hundred; from then on the program does.
        let (each, cost) = (100, ALLOWANCE / 100);
        let found = afforded(1, 200_000, each, cost);
        assert_eq!(found[..100], (1..=100).collect::<Vec<_>>());
        let spent = found.len() as u64 * cost;
        let allowed = ALLOWANCE + TIMES * 200_000 * each;
        assert!(spent <= allowed + cost, "{spent} of {allowed}");
        assert!(spent > allowed - allowed / 10, "{spent} of {allowed}");
        // A small heap costs little, and is collected at every allocation.
        let dense: Vec<u64> = (1..=10_000).collect();
        assert_eq!(afforded(1, 10_000, 100, 200), dense);
    }

    #[test]
    fn the_adaptive_schedule_repeats_with_its_seed() {
        let found = |seed| afforded(seed, 100_000, 100, 1_000_000);
        assert_eq!(found(1), found(1));
        assert_ne!(found(1), found(2));
    }

    #[test]
    fn answers_carry_both_parts_in_one_number() {
        let next = NonZeroU64::new(5).unwrap();
        let answer = |collect| Decision { collect, next }.encoded();
        assert_eq!((answer(true), answer(false)), (5, -5));
        let far = Decision {
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
