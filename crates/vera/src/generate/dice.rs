//! What chance decides of a program.

use std::num::NonZeroU64;

use vera_stress_case::Rng;

/// Throws that repeat for the same seed.
#[derive(Clone, Debug)]
pub struct Dice(Rng);

/// One seed for what has a seed and a number.
pub fn numbered(seed: u64, number: u64) -> u64 {
    seed.wrapping_mul(1_000_003).wrapping_add(number)
}

impl Dice {
    /// What a seed gives.
    pub fn of(seed: u64) -> Dice {
        Dice(Rng::new(seed))
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0.bits()
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = NonZeroU64::new(end as u64).expect("there is something to choose from");
        self.0.below(end) as usize
    }

    /// True in so many of a hundred.
    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share as usize
    }

    /// One of these; none of none.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        match of {
            [] => None,
            some => Some(&some[self.below(some.len())]),
        }
    }
}
