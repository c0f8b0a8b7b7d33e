//! What is wrong with a heap, and in which words it is said.

use std::fmt;
use std::num::NonZeroU64;

/// A block, as it was given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The address of its payload.
    pub at: u32,
    /// What was asked for, in bytes.
    pub size: u32,
    /// What its header says it holds: no less.
    pub capacity: u32,
    /// The number of its allocation, from 1.
    pub allocation: u64,
    /// The number of the collection that freed it; `None` while it lives.
    pub freed: Option<NonZeroU64>,
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Block { at, size, .. } = self;
        write!(f, "block of {size} bytes at {at:#x}")
    }
}

/// What a word was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Referrer {
    /// The root at this place of the shadow stack, from 0.
    Root(u32),
    /// The word at this offset of a block.
    Word {
        /// The block.
        block: Block,
        /// The offset in it.
        offset: u32,
    },
}

impl fmt::Display for Referrer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Referrer::Root(place) => write!(f, "root {place} of the shadow stack"),
            Referrer::Word { block, offset } => {
                write!(f, "the word at byte {offset} of the live {block}")
            }
        }
    }
}

/// What is wrong with a heap.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeapDefect {
    /// The allocator gave what is no place for a block.
    #[error("$alloc({size}) gave {at:#x}: {why}")]
    Allocation {
        /// What was asked for.
        size: u32,
        /// What it gave.
        at: u32,
        /// Why it cannot be.
        why: String,
        /// The block that lives there.
        block: Option<Block>,
    },
    /// A header is not what the allocator wrote.
    #[error(
        "the header of the {block} says {found} bytes, and it was given out with {}",
        block.capacity
    )]
    Header {
        /// The block.
        block: Block,
        /// What its header says.
        found: u32,
    },
    /// The heap's end is not where the last block ends.
    #[error("the heap ends at {found:#x}, its last block at {end:#x}")]
    End {
        /// Where the last block ends.
        end: u32,
        /// What the program says.
        found: u32,
    },
    /// The free list leads to what is no block.
    #[error("the free list leads to {0:#x}, where no block begins")]
    NoBlock(u32),
    /// The free list is no list of the blocks that are free.
    #[error("the free list {why}: the {block}")]
    FreeList {
        /// What is wrong.
        why: &'static str,
        /// With which block.
        block: Block,
    },
    /// A block that is reached was freed.
    #[error("the collection freed the {block}, to which {from} points")]
    Freed {
        /// The block.
        block: Block,
        /// What points to it.
        from: Referrer,
    },
    /// A block that nothing reaches was kept.
    #[error("the collection kept the {0}, to which nothing points")]
    Kept(Block),
    /// A collection changed the payload of a block that lives.
    #[error(
        "the collection changed byte {offset} of the live {block} from {before:#04x} to {after:#04x}{}",
        taken.map(|(value, from)| format!(
            "; it took {value} ({value:#x}), {from}, for a pointer"
        )).unwrap_or_default()
    )]
    Payload {
        /// The block.
        block: Block,
        /// The byte, from the block's start.
        offset: u32,
        /// What it was.
        before: u8,
        /// What it is.
        after: u8,
        /// The number that leads there, and where it stands.
        taken: Option<(u32, Referrer)>,
    },
    /// The wrap table and the heap do not say the same.
    #[error("the wrap table {why} (entry {entry}, for {at:#x})")]
    WrapTable {
        /// Which entry, from 0.
        entry: u32,
        /// The address in it.
        at: u32,
        /// What is wrong.
        why: &'static str,
        /// The block that is there.
        block: Option<Block>,
    },
}

pub use HeapDefect as Broken;

impl HeapDefect {
    /// The kind of it, in a few words.
    pub fn kind(&self) -> &'static str {
        match self {
            HeapDefect::Allocation { .. } => "allocation where no block can be",
            HeapDefect::Header { .. } => "header of a block overwritten",
            HeapDefect::End { .. } => "end of the heap moved",
            HeapDefect::NoBlock(_) | HeapDefect::FreeList { .. } => "free list broken",
            HeapDefect::Freed { .. } => "reached block freed by the collection",
            HeapDefect::Kept(_) => "dead block kept by the collection",
            HeapDefect::Payload { .. } => "live block changed by the collection",
            HeapDefect::WrapTable { .. } => "wrap table broken",
        }
    }

    /// The blocks that it is about: the one that is wrong first.
    pub fn blocks(&self) -> Vec<Block> {
        let holder = |from: &Referrer| match from {
            Referrer::Root(_) => None,
            Referrer::Word { block, .. } => Some(*block),
        };
        match self {
            HeapDefect::Allocation { block, .. } | HeapDefect::WrapTable { block, .. } => {
                block.iter().copied().collect()
            }
            HeapDefect::Header { block, .. }
            | HeapDefect::FreeList { block, .. }
            | HeapDefect::Kept(block) => {
                vec![*block]
            }
            HeapDefect::End { .. } | HeapDefect::NoBlock(_) => Vec::new(),
            HeapDefect::Freed { block, from } => {
                std::iter::once(*block).chain(holder(from)).collect()
            }
            HeapDefect::Payload { block, taken, .. } => {
                let from = taken.as_ref().and_then(|(_, from)| holder(from));
                std::iter::once(*block).chain(from).collect()
            }
        }
    }
}
