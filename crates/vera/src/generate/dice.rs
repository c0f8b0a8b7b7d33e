//! Chance that repeats.

/// `SplitMix64`: small, well known, and the same everywhere and for ever, so that a
/// seed stays the name of a program.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// What a seed gives.
    pub fn of(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % end as u64) as usize
    }

    /// True in so many of a hundred.
    pub fn percent(&mut self, share: u64) -> bool {
        self.number() % 100 < share
    }

    /// One of these; none of none.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        match of {
            [] => None,
            some => Some(&some[self.below(some.len())]),
        }
    }
}
