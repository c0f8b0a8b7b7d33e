//! The states of a byte of the program's memory, as the shadow has them: one
//! byte of shadow for one of memory.

/// What a load must not find.
pub const NO_LOAD: u8 = 1;
/// What a store must not find.
pub const NO_STORE: u8 = 2;

/// A byte of a live block's payload, as far as it was asked for.
pub const PAYLOAD: u8 = 0;
/// String literals and other data of the module: they are never written.
pub const STATIC: u8 = 0x10 | NO_STORE;
/// A block's header, which belongs to the allocator and the collector.
pub const HEADER: u8 = 0x20 | NO_LOAD | NO_STORE;
/// What lies behind a block's payload up to the next block.
pub const PADDING: u8 = 0x30 | NO_LOAD | NO_STORE;
/// A block that was freed.
pub const FREED: u8 = 0x40 | NO_LOAD | NO_STORE;
/// Beyond the heap.
pub const BEYOND: u8 = 0x50 | NO_LOAD | NO_STORE;
/// The collector's worklist and the wrap table.
pub const INTERNAL: u8 = 0x60 | NO_LOAD | NO_STORE;
/// The shadow stack: pushes are checked against its ends, and whatever else
/// touches it is looked at by the host.
pub const STACK: u8 = 0x70 | NO_LOAD | NO_STORE;

/// The first byte of a range of the shadow that an access must not touch, which
/// `bit` tells.
pub fn first_bad(range: &[u8], bit: u8) -> Option<usize> {
    // In steps that the compiler can take at once: most ranges are clean.
    let step = 64;
    let all = |states: &[u8]| states.iter().fold(0, |all, state| all | state);
    let bad = range.chunks(step).position(|it| all(it) & bit != 0)? * step;
    let within = range[bad..].iter().position(|state| state & bit != 0)?;
    Some(bad + within)
}
