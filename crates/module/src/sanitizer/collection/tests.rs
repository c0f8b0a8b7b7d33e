use std::num::NonZeroU64;

use super::*;
use crate::sanitizer::heap::Quarantine;
use crate::sanitizer::program::{HeapProgram, START, WRAP_BASE, keep};

/// A program with a live block of 16 bytes, one of 12 to which the first
/// points, and three of 8 bytes in the free list: the last comes first.
fn program(quarantine: bool) -> (HeapProgram, [u32; 5]) {
    let mut program = HeapProgram::new(if quarantine { keep(0) } else { None });
    let live = program.rooted(16);
    let inner = program.alloc(12);
    program.put(live + 4, inner);
    program.wrap(live);
    program.wrap(inner);
    let free = [8; 3].map(|size| program.alloc(size));
    program.collect().unwrap();
    let [a, b, c] = free;
    assert_eq!(program.registers.free, c);
    (program, [live, inner, a, b, c])
}

/// What is said of a change behind a collection.
fn after(change: impl FnOnce(&mut HeapProgram, [u32; 5])) -> HeapDefect {
    let (mut program, blocks) = program(false);
    let ending = program.collect_but(|program| change(program, blocks));
    ending.expect_err("the change is noticed")
}

/// What is said of a change before a collection.
fn before(change: impl FnOnce(&mut HeapProgram, [u32; 5])) -> HeapDefect {
    let (mut program, blocks) = program(false);
    change(&mut program, blocks);
    program.collect().expect_err("the change is noticed")
}

#[track_caller]
fn assert_free_list(broken: &HeapDefect, words: &str, at: u32) {
    match broken {
        HeapDefect::FreeList { why, block } => {
            assert_eq!(*why, words);
            assert_eq!(block.at, at, "{why}");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_collection_must_find_the_free_list_as_the_last_one_left_it() {
    let (_, [live, _, a, b, c]) = program(false);
    let lives = before(|it, _| it.put(a, live));
    assert_free_list(&lives, "has a block that lives", live);
    let cycle = before(|it, _| it.put(a, c));
    assert_free_list(&cycle, "comes back to a block that it has had", c);
    let itself = before(|it, _| it.put(c, c));
    assert_free_list(&itself, "comes back to a block that it has had", c);
    let skipped = before(|it, _| it.put(c, a));
    assert_free_list(&skipped, "has lost a free block", b);
    let cut = before(|it, _| it.put(b, 0));
    assert_free_list(&cut, "has lost a free block", a);
    let empty = before(|it, _| it.registers.free = 0);
    assert_free_list(&empty, "has lost a free block", a);
    for nowhere in [1, a + 4, a + 1, START, u32::MAX] {
        assert_eq!(
            before(|it, _| it.put(a, nowhere)),
            HeapDefect::NoBlock(nowhere)
        );
        let head = before(|it, _| it.registers.free = nowhere);
        assert_eq!(head, HeapDefect::NoBlock(nowhere));
    }
    // What is in quarantine is free and not in the list.
    let mut kept = HeapProgram::new(keep(1 << 10));
    let at = kept.alloc(8);
    kept.collect().unwrap();
    kept.registers.free = at;
    let why = kept.collect().unwrap_err();
    assert_free_list(&why, "has a block that it did not have before", at);
}

#[test]
fn a_collection_must_leave_every_free_block_in_the_list_once() {
    let (_, [live, _, a, b, c]) = program(false);
    let marked = after(|it, _| it.put(a, live));
    assert_free_list(&marked, "has a block that is marked", live);
    let cycle = after(|it, _| it.put(a, c));
    assert_free_list(&cycle, "comes back to a block that it has had", c);
    let skipped = after(|it, _| it.put(c, a));
    assert_free_list(&skipped, "lacks a block that is not marked", b);
    let cut = after(|it, _| it.put(b, 0));
    assert_free_list(&cut, "lacks a block that is not marked", a);
    let empty = after(|it, _| it.registers.free = 0);
    assert_free_list(&empty, "lacks a block that is not marked", a);
    for nowhere in [1, a + 4, a + 1, START, u32::MAX] {
        assert_eq!(
            after(|it, _| it.put(a, nowhere)),
            HeapDefect::NoBlock(nowhere)
        );
    }
}

#[test]
fn a_collection_must_keep_headers_and_the_end_of_the_heap() {
    let (whole, [_, inner, a, ..]) = program(false);
    for (at, capacity) in [(inner, 12), (a, 8)] {
        for found in [0, capacity + 1, capacity + 8, u32::MAX >> 1] {
            let broken = after(|it, _| it.put(at - 4, found << 1 | 1));
            let block = *whole.heap.block(at).unwrap();
            assert_eq!(broken, HeapDefect::Header { block, found });
        }
    }
    let end = whole.registers.end;
    for found in [end - 8, end + 8, 0, START] {
        let broken = after(|it, _| it.registers.end = found);
        assert_eq!(broken, HeapDefect::End { end, found });
    }
}

#[test]
fn a_collection_must_free_what_nothing_reaches_and_nothing_else() {
    let (whole, [live, inner, a, ..]) = program(false);
    let block = |at| *whole.heap.block(at).unwrap();
    let unmark = |it: &mut HeapProgram, at: u32| it.put(at - 4, it.word(at - 4) & !1);
    let broken = after(|it, _| unmark(it, live));
    let (freed, root) = (block(live), Referrer::Root(0));
    assert_eq!(
        broken,
        HeapDefect::Freed {
            block: freed,
            from: root
        }
    );
    let broken = after(|it, _| unmark(it, inner));
    let from = Referrer::Word {
        block: block(live),
        offset: 4,
    };
    assert_eq!(
        broken,
        HeapDefect::Freed {
            block: block(inner),
            from
        }
    );
    assert_eq!(broken.blocks(), [block(inner), block(live)]);
    let broken = after(|it, _| it.put(a - 4, it.word(a - 4) | 1));
    assert_eq!(broken, HeapDefect::Kept(block(a)));
}

#[test]
fn a_collector_that_guesses_may_keep_more_and_must_not_free_more() {
    let mut program = HeapProgram::of(None, false);
    let live = program.rooted(8);
    let dead = program.alloc(8);
    let marks_dead = |it: &mut HeapProgram| {
        it.put(dead - 4, it.word(dead - 4) | 1);
        it.registers.free = 0;
    };
    assert_eq!(program.collect_but(marks_dead), Ok(()));
    assert_eq!(program.heap.block(dead).unwrap().freed, None);
    let frees_live = |it: &mut HeapProgram| it.put(live - 4, 16);
    let broken = program.collect_but(frees_live).unwrap_err();
    assert!(matches!(broken, HeapDefect::Freed { .. }), "{broken}");
}

#[test]
fn a_collection_must_not_change_what_lives() {
    let (whole, [live, inner, a, ..]) = program(false);
    let block = |at| *whole.heap.block(at).unwrap();
    for (at, size) in [(live, 16), (inner, 12)] {
        for offset in 0..size {
            let byte = (at + offset) as usize;
            let broken = after(|it, _| it.memory[byte] ^= 0x80);
            let HeapDefect::Payload {
                block: in_it,
                offset: found,
                ..
            } = broken
            else {
                panic!("{broken}");
            };
            assert_eq!((in_it, found), (block(at), offset));
        }
    }
    // A free block's payload is its own.
    let (mut program, _) = program(false);
    let change = |it: &mut HeapProgram| it.memory[a as usize + 4] ^= 1;
    assert_eq!(program.collect_but(change), Ok(()));
}

#[test]
fn a_changed_byte_is_told_with_the_number_that_was_taken_for_a_pointer() {
    let (_, [live, inner, ..]) = program(false);
    // As a collector that takes any number for a pointer marks it.
    let taken = |change: &dyn Fn(&mut HeapProgram)| {
        let (mut program, _) = program(false);
        change(&mut program);
        let mark = |it: &mut HeapProgram| it.put(inner + 4, it.word(inner + 4) | 1);
        match program.collect_but(mark).unwrap_err() {
            HeapDefect::Payload {
                offset: 4,
                before: 0,
                after: 1,
                taken,
                ..
            } => taken,
            other => panic!("{other}"),
        }
    };
    let number = inner + 8;
    assert_eq!(taken(&|_| ()), None);
    let from = taken(&|it| it.push(number));
    assert_eq!(from, Some((number, Referrer::Root(1))));
    let from = taken(&|it| it.put(live + 8, number)).unwrap();
    let Referrer::Word { block, offset: 8 } = from.1 else {
        panic!("{from:?}");
    };
    assert_eq!((from.0, block.at), (number, live));
}

#[test]
fn the_wrap_table_must_keep_what_lives_and_only_that() {
    let (_, [live, inner, a, ..]) = program(false);
    let wrong = |broken: HeapDefect, words: &str, place: u32, at: u32| match broken {
        HeapDefect::WrapTable {
            entry,
            at: found,
            why,
            ..
        } => {
            assert_eq!((why, entry, found), (words, place, at));
        }
        other => panic!("{other}"),
    };
    let freed = "has an entry for an object that was freed";
    let new = "has an entry that it did not have before";
    let lost = "has lost the entry of an object that lives";
    wrong(after(|it, _| it.wrap(a)), freed, 2, a);
    wrong(after(|it, _| it.wrap(a + 1)), freed, 2, a + 1);
    wrong(after(|it, _| it.wrap(live)), new, 2, live);
    wrong(after(|it, _| it.put(WRAP_BASE + 20, 7)), new, 1, inner);
    wrong(after(|it, _| it.put(WRAP_BASE, inner)), new, 0, inner);
    wrong(after(|it, _| it.registers.wrap.1 -= 16), lost, 1, inner);
    // The entry of what dies goes, and only that.
    let (mut program, _) = program(false);
    program.put(live + 4, 0);
    assert_eq!(program.collect(), Ok(()));
    assert_eq!(program.registers.wrap, (WRAP_BASE, WRAP_BASE + 16));
    let keeps = |it: &mut HeapProgram| it.wrap(inner);
    wrong(program.collect_but(keeps).unwrap_err(), freed, 1, inner);
}

#[test]
fn a_heap_that_is_right_is_not_reported() {
    for quarantine in [false, true] {
        let (mut program, [live, inner, ..]) = program(quarantine);
        // Freed, and its address stays where a root points; then it is
        // forgotten and found again.
        program.put(live + 4, 0);
        program.collect().unwrap();
        assert_eq!(program.heap.block(inner).unwrap().freed, NonZeroU64::new(2));
        program.put(live + 4, inner);
        for _ in 0..2 {
            assert_eq!(program.collect(), Ok(()));
            assert_eq!(program.heap.block(inner).unwrap().freed, NonZeroU64::new(2));
        }
        program.put(live + 4, 0);
        assert_eq!(program.collect(), Ok(()));
        // It is given out again.
        assert_eq!([12, 12].map(|size| program.alloc(size))[0], inner);
        assert_eq!(program.collect(), Ok(()));
    }
}

#[test]
fn the_oldest_freed_block_leaves_quarantine_first() {
    // Three blocks of 16 bytes, of which two fit.
    let mut program = HeapProgram::new(keep(32));
    let all = [8; 3].map(|size| program.rooted(size));
    for kept in [16, 32, 32] {
        program.pop();
        program.collect().unwrap();
        assert_eq!(program.heap.census().2, kept);
    }
    let [_, b, c] = all;
    // The last root went first, and so did its block.
    assert_eq!(program.registers.free, c);
    assert_eq!(program.rooted(8), c);
    assert!(program.rooted(8) > c);
    program.rooted(8);
    program.pop();
    program.collect().unwrap();
    assert_eq!(program.registers.free, b);
}

#[test]
fn the_quarantine_has_at_most_half_of_a_large_heap() {
    let most = u32::MAX;
    let quarantine = keep(16).map(|it| Quarantine { most, ..it });
    let mut program = HeapProgram::new(quarantine);
    for _ in 0..10 {
        program.alloc(8);
    }
    program.collect().unwrap();
    assert_eq!(program.heap.census(), (0, 10, 80));
}

#[test]
fn what_is_given_back_at_once_is_used_at_once() {
    let always = keep(1 << 20).map(|it| Quarantine {
        one_in: NonZeroU64::MIN,
        ..it
    });
    for quarantine in [None, always] {
        let mut program = HeapProgram::new(quarantine);
        let all = [8; 4].map(|size| program.alloc(size));
        program.collect().unwrap();
        assert_eq!(program.heap.census(), (0, 4, 0));
        let mut again = [8; 4].map(|size| program.alloc(size));
        again.sort_unstable();
        assert_eq!(again, all);
    }
    let mut never = HeapProgram::new(keep(1 << 20));
    let all = [8; 4].map(|size| never.alloc(size));
    never.collect().unwrap();
    assert_eq!(never.heap.census(), (0, 4, 64));
    assert!(never.alloc(8) > all[3]);
}
