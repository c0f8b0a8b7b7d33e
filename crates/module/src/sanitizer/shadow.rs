//! The states of a byte of the program's memory, as the shadow has them: one
//! byte of shadow for one of memory.

/// What a load must not find.
pub const NO_LOAD: u8 = 1;
/// What a store must not find.
pub const NO_STORE: u8 = 2;

/// What a load must not find either; a bulk copy may.
pub const UNDEFINED: u8 = 4;

/// A byte of a live block's payload, as far as it was asked for, that was written.
pub const PAYLOAD: u8 = 0;
/// One that nobody has written since the block was given out.
pub const UNWRITTEN: u8 = UNDEFINED;
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

/// Notes that a range was written.
pub fn define(range: &mut [u8]) {
    for state in range {
        *state &= !UNDEFINED;
    }
}

/// Notes that a range was copied: what of it was not written is not written there.
/// Where a range leads out of the shadow the copy itself is refused.
pub fn copy(shadow: &mut [u8], to: usize, from: usize, length: usize) {
    let ends = [from, to].map(|it| it.saturating_add(length));
    if ends.iter().any(|end| *end > shadow.len()) {
        return;
    }
    // The two may overlap.
    let copied = shadow[from..from + length].to_vec();
    for (state, copied) in shadow[to..to + length].iter_mut().zip(copied) {
        *state = *state & !UNDEFINED | copied & UNDEFINED;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_takes_along_what_was_not_written_and_nothing_else() {
        let states = [STATIC, UNWRITTEN, PAYLOAD, UNWRITTEN, UNWRITTEN, HEADER];
        let copied = |to, from, length| {
            let mut shadow = states;
            copy(&mut shadow, to, from, length);
            shadow
        };
        let [literal, new, written, _, other, header] = states;
        assert_eq!(
            copied(3, 0, 2),
            [literal, new, written, PAYLOAD, UNWRITTEN, header]
        );
        // Over itself, in both directions.
        assert_eq!(
            copied(2, 1, 3),
            [literal, new, UNWRITTEN, PAYLOAD, UNWRITTEN, header]
        );
        assert_eq!(
            copied(1, 2, 3),
            [literal, PAYLOAD, UNWRITTEN, UNWRITTEN, other, header]
        );
        assert_eq!(copied(4, 0, 3), states);
        assert_eq!(copied(usize::MAX, 0, 1), states);
    }

    #[test]
    fn what_is_written_is_defined_and_keeps_all_else() {
        let mut states = [UNWRITTEN, PAYLOAD, HEADER | UNDEFINED];
        define(&mut states);
        assert_eq!(states, [PAYLOAD, PAYLOAD, HEADER]);
    }
}
