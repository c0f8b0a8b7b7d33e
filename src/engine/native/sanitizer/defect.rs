//! What the sanitizer found: plain data, which another file puts into words.

use crate::sanitizer::access::Kind;
use crate::sanitizer::broken::{Block, Broken};
use crate::sanitizer::shadow::{BEYOND, first_bad};

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// An access that the shadow has something against.
    Access(Bad),
    /// The shadow stack's pointer is `got` bytes above where it was when the
    /// function was entered, or the loop, and not `due`.
    Unbalanced {
        /// Where it is.
        got: i32,
        /// Where it should be.
        due: i32,
        /// Whether a loop begins another round; else the function returns.
        is_loop: bool,
    },
    /// The heap is not what it must be.
    Heap(Broken),
}

/// An access that the shadow has something against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// What makes it.
    pub by: By,
    /// The address of its first byte.
    pub at: u32,
    /// How many of its bytes are not of interest.
    pub skipped: u32,
    /// The shadow behind these, as far as the access may reach.
    pub states: Vec<u8>,
    /// The block that each of these bytes belongs to.
    pub blocks: Vec<Option<Block>>,
    /// The block that it begins in.
    pub begins_in: Option<Block>,
}

impl Bad {
    /// What the first byte is that it must not touch, and the block that this
    /// belongs to.
    pub fn first(&self, kind: Kind) -> (u8, Option<Block>) {
        // A push is checked against the stack's ends, whatever stands there.
        let first = first_bad(&self.states, kind.bits()).unwrap_or(0);
        let state = self.states.get(first).copied().unwrap_or(BEYOND);
        (state, self.blocks.get(first).copied().flatten())
    }

    /// The block that it is about: the one that it begins in and does not stay
    /// in, or else that of the first byte that it must not touch.
    pub fn block(&self) -> Option<Block> {
        let touched = self.blocks.iter().flatten().next().copied();
        self.begins_in.filter(|it| it.at <= self.at).or(touched)
    }
}

/// What makes an access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The checked instruction of this number, on so many bytes.
    Instruction(u32, u32),
    /// A bulk instruction of this number, on so many bytes.
    Bulk(u32, u32),
    /// The host function that is being called, on so many bytes.
    Host(Kind, u32),
    /// The host, which reads what `main` returned, on so many bytes.
    Result(u32),
}

/// A function on the call stack, in the module as it ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its index.
    pub function: u32,
    /// Its name.
    pub name: Option<String>,
    /// The offset in the module of the instruction that it is at.
    pub offset: Option<usize>,
}

/// The program at a point in time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The call stack, innermost first.
    pub stack: Vec<Place>,
    /// The topmost roots on the shadow stack, the lowest first.
    pub roots: Vec<u32>,
    /// How many roots there are.
    pub roots_in_all: u32,
}

/// What was found, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// What is wrong.
    pub wrong: Wrong,
    /// The program then.
    pub moment: Moment,
    /// The host function that was called last, by its place among the imports.
    pub calling: Option<usize>,
    /// How often it had allocated.
    pub allocations: u64,
}

impl Defect {
    /// The blocks that it is about, the one that is wrong first.
    pub fn blocks(&self) -> Vec<Block> {
        match &self.wrong {
            Wrong::Access(bad) => bad.block().into_iter().collect(),
            Wrong::Unbalanced { .. } => Vec::new(),
            Wrong::Heap(broken) => broken.blocks(),
        }
    }
}
