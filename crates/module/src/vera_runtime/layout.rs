//! How Vera's runtime lays out the memory of a module.
//!
//! Blocks tile the heap from its start, which is aligned to nothing. Each is a
//! header and a payload, padded to a multiple of eight bytes; they are never
//! parted or joined. A free block's first payload word is the next one of the
//! free list, 0 at its end.

/// How long a block's header is.
pub const HEADER_BYTES: u32 = 4;

/// What the length of a block is a multiple of.
pub const GRANULE: u32 = 8;

/// How long a root on the shadow stack is.
pub const ROOT_BYTES: u32 = 4;

/// How long an entry of the wrap table is. Its first word is the address of the
/// object that it is about.
pub const WRAP_ENTRY_BYTES: u32 = 16;

/// The kind of a Decimal in the wrap table.
pub const DECIMAL_KIND: i32 = 3;

/// The header of a block, as it stands before its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockHeader(pub u32);

impl BlockHeader {
    /// How many bytes the block was given out with when it was new.
    pub fn capacity(self) -> u32 {
        self.0 >> 1
    }

    /// Whether the collector has marked the block. From 0.2.5 on a mark stays
    /// until the next collection begins.
    pub fn is_marked(self) -> bool {
        self.0 & 1 == 1
    }
}

/// How long a block with this capacity is, header and padding included.
pub fn block_bytes(capacity: u32) -> u32 {
    capacity.saturating_add(HEADER_BYTES + GRANULE - 1) / GRANULE * GRANULE
}

/// How much memory a collection needs behind a heap of so many bytes: from 0.2.0
/// on a bit for each granule.
pub fn collection_room(heap: u32) -> u64 {
    u64::from(heap) / (8 * u64::from(GRANULE)) + 64
}

/// The word at an address, where the memory has it.
pub fn word(memory: &[u8], at: u32) -> Option<u32> {
    let bytes = memory.get(at as usize..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

/// What a module's globals say of its heap, in the order of
/// [`super::RuntimeGlobal::HEAP`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapBounds {
    /// Where the blocks begin.
    pub start: u32,
    /// Where they end.
    pub end: u32,
    /// The first free block, by its payload; 0 where there is none.
    pub free: u32,
}

impl HeapBounds {
    /// How many bytes the blocks take.
    pub fn bytes(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// How many of them are in use: all that is not on the free list.
    pub fn used_bytes(self, memory: &[u8]) -> u64 {
        u64::from(self.bytes()).saturating_sub(self.free_bytes(memory))
    }

    /// How many bytes the blocks of the free list take. A list that is broken is
    /// not followed for ever: no heap has more blocks than granules.
    fn free_bytes(self, memory: &[u8]) -> u64 {
        let mut sum = 0;
        let mut at = self.free;
        for _ in 0..self.bytes() / GRANULE {
            let header = at.checked_sub(HEADER_BYTES);
            let Some(header) = header.and_then(|header| word(memory, header)) else {
                break;
            };
            sum += u64::from(block_bytes(BlockHeader(header).capacity()));
            at = word(memory, at).unwrap_or(0);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_the_capacity_and_the_mark() {
        let header = |word| (BlockHeader(word).capacity(), BlockHeader(word).is_marked());
        assert_eq!(header(24), (12, false));
        assert_eq!(header(25), (12, true));
        assert_eq!(header(u32::MAX), (u32::MAX >> 1, true));
    }

    #[test]
    fn a_block_is_a_multiple_of_the_granule() {
        for (capacity, bytes) in [(0, 8), (4, 8), (5, 16), (12, 16), (13, 24)] {
            assert_eq!(block_bytes(capacity), bytes);
        }
        assert!(block_bytes(u32::MAX) > u32::MAX - GRANULE);
    }

    #[test]
    fn a_word_is_read_where_the_memory_has_it() {
        let memory = [1, 2, 0, 0, 0];
        assert_eq!(word(&memory, 0), Some(0x201));
        assert_eq!(word(&memory, 1), Some(2));
        for at in [2, 5, 6, u32::MAX] {
            assert_eq!(word(&memory, at), None);
        }
    }

    #[test]
    fn what_is_in_use_is_what_the_free_list_has_not() {
        // Three blocks of 16 bytes from 3 on; the last two are free.
        let mut memory = [0_u8; 3 + 3 * 16];
        let mut put = |at: usize, word: u32| {
            memory[at..at + 4].copy_from_slice(&word.to_le_bytes());
        };
        for block in 0..3 {
            put(3 + 16 * block, 12 << 1);
        }
        put(39, 23);
        let bounds = |free| HeapBounds {
            start: 3,
            end: 51,
            free,
        };
        assert_eq!(bounds(39).used_bytes(&memory), 16);
        assert_eq!(bounds(23).used_bytes(&memory), 32);
        assert_eq!(bounds(0).used_bytes(&memory), 48);
        // Nor is a list that leads nowhere, or back to itself, followed for ever.
        assert_eq!(bounds(1_000).used_bytes(&memory), 48);
        memory[23..27].copy_from_slice(&23_u32.to_le_bytes());
        assert_eq!(bounds(23).used_bytes(&memory), 0);
    }
}
