//! A generated program made small; what must come of it is computed at each step.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::examining::{self, Known};
use crate::campaign::Setting;
use crate::campaign::bench::Bench;
use crate::campaign::reduce::is_same;
use crate::case::{Lane, Scale, Sources};
use crate::judge::Signature;
use crate::record::Event;
use crate::runner::Examiner;
use crate::scenario::FailureKind;
use crate::toolchain::tree;
use crate::vera::Program;
use crate::vera::reduce::{Candidate, Edits, Reduced, Trial, reduce};

/// A failure of a generated program that is to stay while the program is made small.
pub struct Reducing<'a> {
    pub setting: Setting<'a>,
    pub bench: &'a Bench,
    pub examiner: &'a Examiner<'a>,
    pub lane: Lane,
    pub n: Scale,
    pub signature: Signature,
    pub deadline: Instant,
    pub tries: AtomicUsize,
}

impl Reducing<'_> {
    /// The smallest program that fails so, and the smallest n of a few at which it does.
    pub fn smallest(&mut self, program: Program) -> Option<(Reduced, Scale)> {
        let candidate = Candidate::of(program)?;
        if !self.does_it(&candidate, self.n) {
            return None;
        }
        let reduced = reduce(candidate, Edits::Any, self);
        let smaller = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233];
        let n = smaller
            .into_iter()
            .filter_map(Scale::new)
            .take_while(|n| *n < self.n)
            .find(|n| self.does_it(&reduced.best, *n));
        Some((reduced, n.unwrap_or(self.n)))
    }

    fn does_it(&self, candidate: &Candidate, n: Scale) -> bool {
        let known = examining::known(&candidate.program, n);
        if !self.may_tell(known.as_ref()) {
            return false;
        }
        let looked = examining::look(
            self.examiner,
            ("reduced", &candidate.text),
            (self.lane, n),
            known.as_ref(),
            self.deadline,
        );
        let failed = looked.and_then(|it| it.failed);
        failed.is_some_and(|it| is_same(&it.signature, &self.signature))
    }

    /// Whether a program of which this is known can fail so at all.
    fn may_tell(&self, known: Option<&Known>) -> bool {
        match self.signature.verdict {
            FailureKind::Rejected | FailureKind::InvalidModule => true,
            FailureKind::Wrong => known.is_some(),
            _ => known.is_some_and(|it| it.returns),
        }
    }
}

impl Trial for Reducing<'_> {
    fn keeps(&self, candidates: &[Candidate]) -> Vec<bool> {
        let before = self.tries.fetch_add(candidates.len(), Ordering::Relaxed);
        self.setting.send(Event::Doing(format!(
            "making a program small: {} tried",
            before + candidates.len()
        )));
        let all: Vec<usize> = (0..candidates.len()).collect();
        let one = |at: usize| self.does_it(&candidates[at], self.n);
        self.setting.each(&all, |_| false, one)
    }

    fn side_by_side(&self) -> usize {
        self.setting.jobs()
    }

    fn is_over(&self) -> bool {
        self.setting.interrupt.is_set() || Instant::now() >= self.deadline
    }

    fn typed(&self, best: &Candidate) -> Option<Program> {
        let sources = Sources::of_main(&best.text);
        let workers = self.bench.engines.workers();
        let budget = examining::scenario("reduced", &best.text, self.n, None).budget;
        let read = tree::read(workers, &sources, budget, self.setting.interrupt);
        read.ok()?.ok()?.program
    }
}
