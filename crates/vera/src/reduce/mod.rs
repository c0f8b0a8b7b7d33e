//! Makes a program small while something that is asked for each candidate stays true.
//!
//! Structure-aware delta debugging: bindings are names, so taking one away shifts no
//! other, and a reference whose binding is gone becomes another of its type, or the
//! smallest expression of it (`repair`). Candidates are made in an order that
//! depends on the program only, and the first one of a list that keeps what is sought
//! is taken, so the result does not depend on how many are tried side by side.

mod bodies;
mod clauses;
mod data;
mod declarations;
mod exprs;
mod inline;
mod lists;
mod literals;
mod params;
mod repair;
mod rules;
mod same;

use std::collections::HashSet;
use std::ops::Range;

use super::measure::nodes;
use super::print::print;
use super::tree::Program;
pub use repair::repair;
use rules::Rules;

/// A smaller program that may still do what is sought.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The program.
    pub program: Program,
    /// Its text.
    pub text: String,
    /// How many nodes it has.
    pub nodes: usize,
}

impl Candidate {
    /// A program as it is printed; `None` where a reference in it has no binding.
    pub fn of(program: Program) -> Option<Candidate> {
        let text = print(&program).ok()?;
        let nodes = nodes(&program);
        Some(Candidate {
            program,
            text,
            nodes,
        })
    }

    fn is_smaller_than(&self, other: &Candidate) -> bool {
        let size = |it: &Candidate| (it.nodes, it.text.len());
        (size(self), &self.text) < (size(other), &other.text)
    }
}

/// Says what a candidate still does.
pub trait Trial {
    /// Whether each of these still does what is sought; they may be tried side by
    /// side. What is not known any more, since it is over, does not.
    fn keeps(&self, candidates: &[Candidate]) -> Vec<bool>;

    /// How many are worth trying at once.
    fn side_by_side(&self) -> usize {
        1
    }

    /// Whether nothing more is to be tried.
    fn is_over(&self) -> bool {
        false
    }

    /// The best so far, each time there is a better one.
    fn better(&self, _best: &Candidate) {}

    /// The same program as Vera's checker sees it now; `None` to go on with the types
    /// that are known.
    fn typed(&self, _best: &Candidate) -> Option<Program> {
        None
    }
}

/// Which edits are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edits {
    /// All that make a program smaller.
    Any,
    /// Those that keep the meaning of a program that returns when `main` is called with
    /// this, where it takes a number.
    Same {
        /// What `main` is called with.
        n: u64,
    },
}

/// What a reduction came to.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// The smallest that still does it.
    pub best: Candidate,
    /// How many candidates were tried.
    pub tries: usize,
    /// How often one of them was taken.
    pub steps: usize,
    /// Whether it was ended before nothing moved any more.
    pub cut_short: bool,
}

/// How often all passes are gone through at most.
const ROUNDS: usize = 6;

/// Makes `program` small. It is known to do what is sought as it is printed.
pub fn reduce(program: Candidate, edits: Edits, trial: &dyn Trial) -> Reduced {
    let mut reducer = Reducer {
        edits,
        rules: Rules::of(&program.program),
        trial,
        tried: HashSet::from([program.text.clone()]),
        best: program,
        tries: 0,
        steps: 0,
    };
    for _ in 0..ROUNDS {
        let before = reducer.steps;
        match edits {
            Edits::Any => reducer.round(),
            Edits::Same { n } => reducer.same_round(n),
        }
        if reducer.steps == before || trial.is_over() {
            break;
        }
        if let Some(program) = trial.typed(&reducer.best)
            && let Some(same) = Candidate::of(program)
            && same.text == reducer.best.text
        {
            reducer.best = same;
        }
    }
    if let Edits::Same { .. } = edits {
        // What is declared tells what has effects until then.
        reducer.by_halves(clauses::count, clauses::loosened);
    }
    Reduced {
        best: reducer.best,
        tries: reducer.tries,
        steps: reducer.steps,
        cut_short: trial.is_over(),
    }
}

struct Reducer<'a> {
    edits: Edits,
    /// What the program keeps to, and what it becomes must.
    rules: Rules,
    trial: &'a dyn Trial,
    /// The texts that were tried: a program is tried once.
    tried: HashSet<String>,
    best: Candidate,
    tries: usize,
    steps: usize,
}

/// Makes a candidate of a program, with what it is called among the candidates.
type Made = (usize, Option<Program>);

impl Reducer<'_> {
    fn round(&mut self) {
        self.unreachable();
        self.bodies();
        self.by_halves(clauses::count, clauses::loosened);
        self.by_halves(declarations::count, declarations::without);
        self.by_halves(lists::count, lists::without);
        self.expressions();
        self.one_by_one(params::count, params::without);
        self.one_by_one(data::count, data::without);
        self.one_by_one(inline::count, inline::inlined);
        self.one_by_one(literals::count, literals::smaller);
        self.unreachable();
    }

    /// The same with edits that keep the meaning.
    fn same_round(&mut self, n: u64) {
        let all = same::simplified(&self.best.program);
        self.first(std::iter::once((0, Some(all))));
        self.unreachable();
        for (count, edited) in same::AT_ONCE {
            self.by_halves(count, edited);
        }
        self.with_simplified(same::count_params, same::without_param);
        self.with_simplified(same::count_calls, same::inlined);
        self.with_simplified(|_| 1, move |program, _| same::given(program, n));
        self.unreachable();
    }

    /// A program is mended where an edit may leave something behind.
    fn mended(&self, program: Program) -> Option<Program> {
        match self.edits {
            Edits::Any => repair(program, &self.best.program),
            Edits::Same { .. } => Some(program),
        }
    }

    /// Tries each edit once, and before it the same with all that it brings about.
    fn with_simplified(
        &mut self,
        count: fn(&Program) -> usize,
        edited: impl Fn(&Program, usize) -> Option<Program>,
    ) {
        let mut from = 0;
        loop {
            let program = self.best.program.clone();
            let made = (from..count(&program)).flat_map(|at| {
                let plain = edited(&program, at);
                let simple = plain.as_ref().map(same::simplified);
                [(at, simple), (at, plain)]
            });
            match self.first(made) {
                Some(at) => from = at,
                None => break,
            }
        }
    }

    /// What nothing reaches goes at once.
    fn unreachable(&mut self) {
        let reachable = declarations::reachable_only(&self.best.program);
        self.first(std::iter::once((0, Some(reachable))));
    }

    /// Tries candidates in their order; takes the first that keeps what is sought and
    /// gives what it is called.
    fn first(&mut self, made: impl Iterator<Item = Made>) -> Option<usize> {
        let at_once = self.trial.side_by_side().max(1);
        let mut batch: Vec<(usize, Candidate)> = Vec::new();
        let mut made = made.peekable();
        while made.peek().is_some() && !self.trial.is_over() {
            while batch.len() < at_once
                && let Some((called, program)) = made.next()
            {
                let candidate = program
                    .and_then(|it| self.mended(it))
                    .filter(|it| self.rules.hold(it))
                    .and_then(Candidate::of)
                    .filter(|it| it.is_smaller_than(&self.best));
                if let Some(candidate) = candidate
                    && self.tried.insert(candidate.text.clone())
                {
                    batch.push((called, candidate));
                }
            }
            let (called, candidates): (Vec<usize>, Vec<Candidate>) =
                std::mem::take(&mut batch).into_iter().unzip();
            self.tries += candidates.len();
            let kept = self.trial.keeps(&candidates);
            if let Some(at) = kept.iter().position(|kept| *kept) {
                self.best = candidates.into_iter().nth(at)?;
                self.steps += 1;
                self.trial.better(&self.best);
                return Some(called[at]);
            }
        }
        None
    }

    /// Delta debugging: takes away runs of units, long ones first.
    fn by_halves(
        &mut self,
        count: fn(&Program) -> usize,
        without: fn(&Program, Range<usize>) -> Option<Program>,
    ) {
        let mut length = count(&self.best.program);
        while length > 0 {
            let mut from = 0;
            loop {
                let program = self.best.program.clone();
                let end = count(&program);
                let places = (from..end).step_by(length);
                let made = places.map(|at| (at, without(&program, at..(at + length).min(end))));
                match self.first(made) {
                    Some(at) => from = at,
                    None => break,
                }
            }
            length /= 2;
        }
    }

    /// Tries each edit of a program once, from wherever the last one was taken.
    fn one_by_one(
        &mut self,
        count: fn(&Program) -> usize,
        edited: fn(&Program, usize) -> Option<Program>,
    ) {
        let mut from = 0;
        loop {
            let program = self.best.program.clone();
            let made = (from..count(&program)).map(|at| (at, edited(&program, at)));
            match self.first(made) {
                Some(at) => from = at,
                None => break,
            }
        }
    }

    /// Bodies of functions become the smallest value of what they return.
    fn bodies(&mut self) {
        let mut done: HashSet<String> = HashSet::new();
        loop {
            let program = self.best.program.clone();
            let made: Vec<(String, Program)> = bodies::to_leaves(&program)
                .into_iter()
                .filter(|(name, _)| !done.contains(name))
                .collect();
            let programs = made.iter().enumerate();
            let programs = programs.map(|(at, (_, program))| (at, Some(program.clone())));
            let Some(at) = self.first(programs) else {
                break;
            };
            // What was tried before it is not tried again in this round.
            done.extend(made[..=at].iter().map(|(name, _)| name.clone()));
            self.unreachable();
        }
    }

    /// Expressions become smaller ones of their type, the largest first.
    fn expressions(&mut self) {
        let mut most = usize::MAX;
        loop {
            let program = self.best.program.clone();
            let edits = exprs::edits(&program, most);
            let made = edits.iter().enumerate();
            let made = made.map(|(at, edit)| (at, edit.applied(&program)));
            match self.first(made) {
                Some(at) => most = edits[at].size,
                None => break,
            }
        }
    }
}
