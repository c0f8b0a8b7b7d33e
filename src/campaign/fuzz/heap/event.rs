//! What happens to a heap, and how chance makes it.

use std::fmt;

use crate::vera::generate::Dice;

/// Something that a program could do. What it picks is a number that is taken modulo
/// what there is, so that any part of a sequence is one as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A block, which goes somewhere.
    Alloc { size: u32, place: Place },
    /// A block of so many words, each of which is a block of its own.
    Wide { count: u32 },
    /// A word of what is reached becomes a reference to something else that is.
    Link { from: u32, word: u32, to: u32 },
    /// A word of what is reached becomes a number.
    Number { from: u32, word: u32, number: u32 },
    /// The address of what is reached is pushed as a root.
    Root { of: u32 },
    /// The last roots are popped.
    Pop { count: u32 },
    /// A collection.
    Collect,
}

/// Where a new block goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Onto the shadow stack.
    Root,
    /// Into a word of what is reached.
    In { from: u32, word: u32 },
    /// Nowhere: it is garbage at once.
    Nowhere,
}

impl Event {
    /// How many events it stands for: a wide block is filled with many.
    pub fn weight(self) -> u64 {
        match self {
            Event::Wide { count } => 2 + 2 * u64::from(count),
            _ => 1,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Alloc { size, place } => {
                let place = match place {
                    Place::Root => "a root".to_owned(),
                    Place::In { from, word } => format!("in word {word} of {from}"),
                    Place::Nowhere => "garbage".to_owned(),
                };
                write!(f, "alloc {size}, {place}")
            }
            Event::Wide { count } => write!(f, "a root with {count} blocks"),
            Event::Link { from, word, to } => write!(f, "word {word} of {from} refers to {to}"),
            Event::Number { from, word, number } => write!(f, "word {word} of {from} is {number}"),
            Event::Root { of } => write!(f, "push {of}"),
            Event::Pop { count } => write!(f, "pop {count}"),
            Event::Collect => f.write_str("collect"),
        }
    }
}

/// What a sequence is like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Sizes go up to this power of two.
    power: usize,
    /// Of a thousand events, how many collect.
    collects: usize,
    /// Of a hundred new blocks, how many are garbage at once.
    garbage: u64,
    /// How many roots are popped at once at most.
    pops: usize,
    /// Of a thousand, how many are wide.
    wide: usize,
    /// How wide.
    width: usize,
    /// How long it is.
    pub length: usize,
}

impl Shape {
    /// One that chance makes.
    pub fn thrown(dice: &mut Dice) -> Shape {
        let width = [8, 100, 1_000, 5_000, 18_000][dice.below(5)];
        Shape {
            power: [5, 6, 8, 12, 18][dice.below(5)],
            collects: [0, 2, 20][dice.below(3)],
            garbage: [10, 50, 90][dice.below(3)],
            pops: [1, 3, 40][dice.below(3)],
            wide: if width > 1_000 {
                1
            } else {
                [0, 5][dice.below(2)]
            },
            width,
            length: [300, 3_000, 20_000][dice.below(3)],
        }
    }

    /// The next event.
    pub fn event(&self, dice: &mut Dice) -> Event {
        let any = |dice: &mut Dice| (dice.number() >> 32) as u32;
        if dice.below(1_000) < self.collects {
            return Event::Collect;
        }
        if dice.below(1_000) < self.wide {
            let count = 1 + dice.below(self.width) as u32;
            return Event::Wide { count };
        }
        match dice.below(16) {
            0..=8 => {
                let place = if dice.percent(self.garbage) {
                    Place::Nowhere
                } else if dice.percent(50) {
                    Place::Root
                } else {
                    let (from, word) = (any(dice), any(dice));
                    Place::In { from, word }
                };
                let size = self.size(dice);
                Event::Alloc { size, place }
            }
            9..=11 => Event::Link {
                from: any(dice),
                word: any(dice),
                to: any(dice),
            },
            12 => Event::Number {
                from: any(dice),
                word: any(dice),
                // As large as an address, small, or anything.
                number: match dice.below(3) {
                    0 => 16_384 + (any(dice) & 0x3_ffff),
                    1 => any(dice) & 0xff,
                    _ => any(dice),
                },
            },
            13 => Event::Root { of: any(dice) },
            _ => Event::Pop {
                count: 1 + dice.below(self.pops) as u32,
            },
        }
    }

    /// A size around a power of two.
    fn size(&self, dice: &mut Dice) -> u32 {
        let power = 1_u32 << (2 + dice.below(self.power - 1));
        let beside = dice.below(17) as u32;
        (power + beside).saturating_sub(8).max(1)
    }
}
