//! Whatever is made of a program means the same: the interpreter runs each candidate.

use std::collections::HashSet;
use std::sync::Mutex;
use std::thread;

use crate::generate;
use crate::interpret::{self, End, Limits, Run};
use crate::measure::nodes;
use crate::print::print;
use crate::reduce::{Candidate, Edits, Trial, reduce};
use crate::tree::Program;

const N: u64 = 7;

/// How often it takes a candidate: always, or as its text has it.
#[derive(Clone, Copy)]
enum Takes {
    All,
    Some,
}

/// Holds each candidate against the program that it was made of.
struct Held {
    takes: Takes,
    first: Run,
    others: Mutex<Vec<String>>,
}

impl Trial for Held {
    fn keeps(&self, candidates: &[Candidate]) -> Vec<bool> {
        let one = |it: &Candidate| {
            let run = interpret::run(&[&it.program], &[7], Limits::default());
            let known = !matches!(run.end, End::Discarded(_));
            if known && (run.end != self.first.end || run.stdout != self.first.stdout) {
                let told = format!("{:?} and not {:?}:\n{}", run, self.first, it.text);
                self.others.lock().unwrap().push(told);
            }
            let sum = it.text.bytes().map(usize::from).sum::<usize>();
            matches!(self.takes, Takes::All) || sum % 3 == 0
        };
        candidates.iter().map(one).collect()
    }
}

fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(interpret::STACK);
        thread.spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}

/// Generated programs that return, with what they come to.
fn programs(seeds: std::ops::Range<u64>) -> Vec<(u64, Program, Run)> {
    let made = seeds.map(|seed| (seed, generate::program(seed, None)));
    let ran = made.map(|(seed, program)| {
        let run = interpret::run(&[&program], &[7], Limits::default());
        (seed, program, run)
    });
    ran.filter(|(_, _, run)| matches!(run.end, End::Returns(_)))
        .collect()
}

#[test]
fn no_candidate_means_something_else() {
    apart(|| {
        let (mut smaller, mut programs_held) = (0, 0);
        for takes in [Takes::All, Takes::Some] {
            for (seed, program, first) in programs(0..16) {
                programs_held += 1;
                let before = nodes(&program);
                let held = Held {
                    takes,
                    first,
                    others: Mutex::default(),
                };
                let whole = Candidate::of(program).unwrap();
                let reduced = reduce(whole, Edits::Same { n: N }, &held);
                let others = held.others.into_inner().unwrap();
                assert!(others.is_empty(), "seed {seed}: {}", others[0]);
                smaller += usize::from(reduced.best.nodes * 2 < before);
            }
        }
        assert!(smaller * 2 > programs_held, "{smaller} of {programs_held}");
    });
}

#[test]
fn every_edit_is_made_somewhere() {
    apart(|| {
        let mut made = HashSet::new();
        for (_, program, _) in programs(0..40) {
            for (at, (count, edited)) in super::AT_ONCE.into_iter().enumerate() {
                let places = count(&program);
                let text = print(&program).unwrap();
                let all = edited(&program, 0..places).map(|it| print(&it).unwrap());
                if places > 0 && all != Some(text) {
                    made.insert(at);
                }
            }
        }
        let mut made: Vec<usize> = made.into_iter().collect();
        made.sort_unstable();
        // Generated programs import nothing.
        assert_eq!(made, [0, 1, 2, 3, 4, 5, 6]);
    });
}
