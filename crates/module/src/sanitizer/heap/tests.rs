use std::num::NonZeroU64;

use super::*;
use crate::sanitizer::program::{HeapProgram, MEMORY, STACK_BASE, STACK_LIMIT, START, keep};
use crate::sanitizer::shadow::FREED;

/// A live block of 12 bytes, one of 8 that is free, one of 24 that is in
/// quarantine.
fn three() -> (HeapProgram, [u32; 3]) {
    let mut program = HeapProgram::new(keep(32));
    let live = program.rooted(12);
    let free = program.rooted(8);
    program.pop();
    program.collect().unwrap();
    let kept = program.rooted(24);
    program.pop();
    program.collect().unwrap();
    assert_eq!(program.registers.free, free);
    (program, [live, free, kept])
}

/// What is said of an allocation of so many bytes that is changed like this.
#[track_caller]
fn wrong(size: u32, change: impl FnOnce(&mut Grant, [u32; 3])) -> HeapDefect {
    let (mut program, blocks) = three();
    let mut given = program.gives(size);
    change(&mut given, blocks);
    program.note(given).unwrap_err()
}

#[test]
fn an_allocation_must_be_a_new_block_at_the_end_or_a_free_one() {
    type Change = fn(&mut Grant, [u32; 3]);
    let cases: [(u32, Change, &str, Option<usize>); 9] = [
        (40, |it, _| it.at += 1, "no block can begin there", None),
        (40, |it, _| it.at = 0, "no block can begin there", None),
        (40, |it, _| it.at += 8, "the heap ended at 0x", None),
        (40, |it, _| it.memory = 900, ", the memory at 0x384", None),
        (40, |it, _| it.header = 78, "its header says 39 bytes", None),
        (
            8,
            |it, [live, ..]| it.at = live + 8,
            "inside a block",
            Some(0),
        ),
        (
            8,
            |it, [live, ..]| (it.at, it.header) = (live, 24),
            "a live block is",
            Some(0),
        ),
        (8, |it, _| it.size = 9, "a free block of 8 bytes", Some(1)),
        (
            8,
            |it, [.., kept]| (it.at, it.header) = (kept, 48),
            "not in the free list",
            Some(2),
        ),
    ];
    for (size, change, words, place) in cases {
        let HeapDefect::Allocation { why, block, .. } = wrong(size, change) else {
            panic!("another error than: {words}");
        };
        assert!(why.contains(words), "{why}");
        let all = three().1;
        assert_eq!(
            block.map(|it| it.at),
            place.map(|place| all[place]),
            "{why}"
        );
    }
}

#[test]
fn an_allocation_must_leave_header_end_and_free_list_right() {
    let (_, [_, free, kept]) = three();
    let end = kept - 4 + 32;
    // A new one that is longer than the heap grew, and one of the free list
    // with which the heap grew.
    let found = end + 40;
    assert_eq!(
        wrong(40, |it, _| it.end = found),
        HeapDefect::End {
            end: end + 48,
            found
        }
    );
    let found = end + 8;
    assert_eq!(
        wrong(8, |it, _| it.end = found),
        HeapDefect::End { end, found }
    );
    let header = wrong(8, |it, _| it.header = 18);
    assert!(
        matches!(header, HeapDefect::Header { block, found: 9 } if block.at == free),
        "{header}"
    );
    let head = wrong(8, |it, _| it.free = it.at);
    let HeapDefect::FreeList { why, block } = head else {
        panic!("{head}");
    };
    assert_eq!(why, "does not begin where it must after an allocation");
    assert_eq!(block.at, free);
    // Nor may it lose its beginning to a new block.
    let lost = wrong(40, |it, _| it.free = 0);
    assert!(matches!(lost, HeapDefect::FreeList { .. }), "{lost}");
}

#[test]
fn a_block_from_the_middle_of_the_free_list_is_left_out_of_it() {
    let mut program = HeapProgram::new(None);
    // The sweep puts the later one in front.
    let large = program.alloc(24);
    let small = program.alloc(8);
    program.collect().unwrap();
    assert_eq!(program.registers.free, small);
    let given = program.gives(24);
    assert_eq!(given.at, large);
    assert_eq!(program.heap.free_before(large), Some(small));
    // The allocator has written 0 there, for nothing stands behind it.
    let mut right = program.heap.clone();
    right.allocated(given, Some(0)).unwrap();
    let still = program.heap.allocated(given, Some(large)).unwrap_err();
    let HeapDefect::FreeList { why, block } = still else {
        panic!("{still}");
    };
    assert_eq!(why, "does not leave out a block that was given out");
    assert_eq!(block.at, large);
}

#[test]
fn a_free_block_that_is_large_enough_may_be_given_out_again() {
    let (mut program, [_, free, _]) = three();
    assert_eq!(program.alloc(5), free);
    let block = *program.heap.block(free).unwrap();
    assert_eq!((block.size, block.capacity), (5, 8));
    assert_eq!((block.allocation, block.freed), (4, None));
    assert_eq!(program.collect(), Ok(()));
    assert_eq!(program.heap.block(free).unwrap().freed, NonZeroU64::new(3));
}

#[test]
fn a_block_is_found_by_any_byte_of_it() {
    let (program, [live, free, kept]) = three();
    let around = |at| program.heap.around(at).map(|block| block.at);
    for (block, next) in [(live, free), (free, kept), (kept, kept + 32)] {
        for at in block - 4..next - 4 {
            assert_eq!(around(at), Some(block), "{at}");
        }
    }
    for at in [0, START - 1, kept + 28, u32::MAX] {
        assert_eq!(around(at), None, "{at}");
    }
    assert!(program.heap.block(live + 1).is_none());
    assert!(program.heap.block(live + 8).is_none());
}

#[test]
fn the_shadow_has_the_state_of_each_byte() {
    let mut program = HeapProgram::new(None);
    let mut shadow = vec![0xff; MEMORY];
    let mut expected = vec![BEYOND; MEMORY];
    let mut paint = |program: &mut HeapProgram, painted: &[(u32, u32, u8)]| {
        for (from, to, state) in painted {
            expected[*from as usize..*to as usize].fill(*state);
        }
        program.heap.paint(&mut shadow);
        assert!(shadow == expected, "after {painted:?}");
    };
    let fixed = [
        (0, STACK_BASE, STATIC),
        (STACK_BASE, STACK_LIMIT, STACK),
        (STACK_LIMIT, START, INTERNAL),
    ];
    paint(&mut program, &fixed);
    let at = program.alloc(9);
    let end = at + 12;
    let states = [
        (at - 4, at, HEADER),
        (at, at + 9, UNWRITTEN),
        (at + 9, end, PADDING),
    ];
    paint(&mut program, &states);
    // An empty block is all header and padding.
    let empty = program.rooted(0);
    paint(
        &mut program,
        &[(empty - 4, empty, HEADER), (empty, empty + 4, PADDING)],
    );
    program.collect().unwrap();
    paint(&mut program, &[(at, at + 9, FREED)]);
    assert_eq!(program.alloc(3), at);
    paint(
        &mut program,
        &[(at, at + 3, UNWRITTEN), (at + 3, end, PADDING)],
    );
    // What is asked for counts when it is freed again as well.
    program.collect().unwrap();
    paint(&mut program, &[(at, at + 9, FREED)]);
}

#[test]
fn painting_ends_where_the_shadow_does() {
    let mut shadow = [0xff; 50];
    HeapProgram::new(None).heap.paint(&mut shadow);
    assert_eq!(shadow[39..42], [STATIC, STACK, STACK]);
    HeapProgram::new(None).heap.paint(&mut []);
}
