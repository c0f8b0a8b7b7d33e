//! Programs that do anything, right or with one fault.

use std::num::NonZeroU64;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::sanitizer::broken::{Block, HeapDefect};
use crate::sanitizer::heap::Quarantine;
use crate::sanitizer::program::{HeapProgram, START};

/// What a program does.
#[derive(Clone, Debug)]
enum Step {
    Allocate(u32),
    Forget,
    /// Points from a live block, at a word of it, to a block that may be
    /// free.
    Point(Index, Index, Index),
    /// A number of no meaning, which may look like a pointer.
    Write(Index, Index, u32),
    Wrap(Index),
    Collect,
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        6 => (0u32..40).prop_map(Step::Allocate),
        3 => Just(Step::Forget),
        4 => (index(), index(), index()).prop_map(|(a, b, c)| Step::Point(a, b, c)),
        2 => (index(), index(), START..START + 600).prop_map(|(a, b, c)| Step::Write(a, b, c)),
        1 => index().prop_map(Step::Wrap),
        2 => Just(Step::Collect),
    ]
}

/// What is done wrong, once, at the end.
#[derive(Clone, Debug)]
enum Fault {
    MarkFlipped(Index),
    HeaderChanged(Index, u32),
    PayloadChanged(Index, Index, u8),
    LinkChanged(Index, Index, bool),
    EntryKept(Index),
    EntryLost(Index),
}

fn fault() -> impl Strategy<Value = Fault> {
    let index = any::<Index>;
    prop_oneof![
        index().prop_map(Fault::MarkFlipped),
        (index(), 1u32..31).prop_map(|(a, b)| Fault::HeaderChanged(a, b)),
        (index(), index(), 1u8..).prop_map(|(a, b, c)| Fault::PayloadChanged(a, b, c)),
        (index(), index(), any::<bool>()).prop_map(|(a, b, c)| Fault::LinkChanged(a, b, c)),
        index().prop_map(Fault::EntryKept),
        index().prop_map(Fault::EntryLost),
    ]
}

fn pick(all: &[u32], index: &Index) -> Option<u32> {
    (!all.is_empty()).then(|| all[index.index(all.len())])
}

fn blocks(program: &HeapProgram, of: impl Fn(&Block) -> bool) -> Vec<u32> {
    let all = program.blocks().into_iter();
    all.filter(|at| of(program.heap.block(*at).unwrap()))
        .collect()
}

/// Does a step as a correct program does.
fn take(program: &mut HeapProgram, step: &Step) {
    let live = blocks(program, |it| it.freed.is_none() && it.size >= 4);
    let word = |block: &Index, word: &Index, program: &HeapProgram| {
        let at = pick(&live, block)?;
        let size = program.heap.block(at)?.size;
        Some(at + word.index(size as usize / 4) as u32 * 4)
    };
    match step {
        Step::Allocate(size) => {
            if program.registers.stack_pointer < program.registers.stack_limit {
                program.rooted(*size);
            }
        }
        Step::Forget => {
            if program.registers.stack_pointer > program.registers.stack_base {
                program.pop();
            }
        }
        Step::Point(from, at, to) => {
            if let Some(from) = word(from, at, program)
                && let Some(to) = pick(&program.blocks(), to)
            {
                program.put(from, to);
            }
        }
        Step::Write(from, at, value) => {
            if let Some(from) = word(from, at, program) {
                program.put(from, *value);
            }
        }
        Step::Wrap(object) => {
            let (base, end) = program.registers.wrap;
            if let Some(object) = pick(&live, object)
                && end < base + 16 * 32
            {
                program.wrap(object);
            }
        }
        Step::Collect => program.collect().unwrap(),
    }
}

fn list(program: &HeapProgram) -> Vec<u32> {
    let mut all = Vec::new();
    let mut at = program.registers.free;
    while at != 0 {
        all.push(at);
        at = program.word(at);
    }
    all
}

fn change_link(program: &mut HeapProgram, from: &Index, to: &Index) -> bool {
    let free = list(program);
    // The head or a link, and as its new value a block, none, or nowhere.
    let links = free.len() + 1;
    let from = from.index(links).checked_sub(1).map(|place| free[place]);
    let mut values = program.blocks();
    values.extend([0, START, START + 6]);
    let to = values[to.index(values.len())];
    let old = from.map_or(program.registers.free, |at| program.word(at));
    match from {
        Some(at) => program.put(at, to),
        None => program.registers.free = to,
    }
    old != to
}

/// A collection with a fault; `None` where the heap has no place for it.
fn collect_with(program: &mut HeapProgram, fault: &Fault) -> Option<Result<(), HeapDefect>> {
    if let Fault::LinkChanged(from, to, true) = fault {
        return change_link(program, from, to).then(|| program.collect());
    }
    let was = program.registers.wrap;
    let entries = (was.0..was.1).step_by(16).map(|at| program.word(at));
    let entries: Vec<u32> = entries.collect();
    let mut done = false;
    let ending = program.collect_but(|it| {
        let all = it.blocks();
        let marked = |at: &u32| it.word(at - 4) & 1 == 1;
        done = match fault {
            Fault::MarkFlipped(block) => pick(&all, block).is_some_and(|at| {
                it.put(at - 4, it.word(at - 4) ^ 1);
                true
            }),
            Fault::HeaderChanged(block, bit) => pick(&all, block).is_some_and(|at| {
                it.put(at - 4, it.word(at - 4) ^ 1 << bit);
                true
            }),
            Fault::PayloadChanged(block, byte, mask) => {
                let live = blocks(it, |block| {
                    block.freed.is_none() && block.size > 0 && marked(&block.at)
                });
                pick(&live, block).is_some_and(|at| {
                    let size = it.heap.block(at).unwrap().size as usize;
                    it.memory[at as usize + byte.index(size)] ^= mask;
                    true
                })
            }
            Fault::LinkChanged(from, to, _) => change_link(it, from, to),
            Fault::EntryKept(entry) => {
                let dead: Vec<u32> = entries.into_iter().filter(|at| !marked(at)).collect();
                pick(&dead, entry).is_some_and(|at| {
                    it.wrap(at);
                    true
                })
            }
            Fault::EntryLost(entry) => {
                let (base, end) = it.registers.wrap;
                let left: Vec<u32> = (base..end).step_by(16).collect();
                pick(&left, entry).is_some_and(|at| {
                    let behind = at as usize + 16..end as usize;
                    it.memory.copy_within(behind, at as usize);
                    it.registers.wrap.1 -= 16;
                    true
                })
            }
        };
    });
    done.then_some(ending)
}

fn quarantine() -> impl Strategy<Value = Option<Quarantine>> {
    let least = prop_oneof![Just(0), Just(64), Just(1 << 20)];
    let some = (least, 1u64..4).prop_map(|(least, one_in)| Quarantine {
        most: 128,
        least,
        one_in: NonZeroU64::new(one_in).unwrap(),
    });
    prop::option::of(some)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_program_that_is_right_is_never_reported(
        quarantine in quarantine(),
        steps in prop::collection::vec(step(), 0..120),
    ) {
        let mut program = HeapProgram::new(quarantine);
        for step in &steps {
            take(&mut program, step);
        }
        prop_assert_eq!(program.collect(), Ok(()));
    }

    #[test]
    fn one_fault_of_any_collection_is_always_reported(
        quarantine in quarantine(),
        steps in prop::collection::vec(step(), 0..120),
        fault in fault(),
    ) {
        let mut program = HeapProgram::new(quarantine);
        for step in &steps {
            take(&mut program, step);
        }
        let ending = collect_with(&mut program, &fault);
        prop_assert!(!matches!(ending, Some(Ok(()))), "not noticed");
    }
}
