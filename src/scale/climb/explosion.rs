//! A cost that explodes: from one n to the next it grew so much that the budget of
//! the climb ended, and the points which passed say nothing of how it grows on.

use crate::case::{Budget, Bytes, Doing, Ending, Engine, Outcome, Point, Scale};
use crate::scenario::{Cost, Growth, KnownLimit, Shape};

/// From one n to the next, a cost that grows by this exponent explodes, or by this
/// much more than is declared.
const STEEP: f64 = 3.0;
const ABOVE_DECLARED: f64 = 2.0;

/// Below so much, a cost is what every process takes, and no base to grow from.
const SECONDS: f64 = 0.1;
const MEMORY: f64 = Bytes::mebi(64).0 as f64;
const INSTRUCTIONS: f64 = 1000.0;

/// How much of a cost a case took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spent {
    at: Scale,
    cost: Cost,
    amount: f64,
    /// Whether it would have taken more: a budget ended it.
    at_least: bool,
}

impl Spent {
    /// What a case spent that a budget ended at `at`, as far as it is a cost.
    pub fn of(at: Scale, engine: Engine, outcome: &Outcome, budget: Budget) -> Option<Spent> {
        let compile = outcome.compile.map(|it| it.cpu.as_secs_f64());
        let (cost, amount) = match &outcome.ending {
            Ending::OverTime { doing, .. } => match (doing, engine) {
                (Doing::Compiling, _) => (Cost::CompileTime, compile?),
                (Doing::Running, _) => (Cost::Time, outcome.run.cpu.as_secs_f64()),
            },
            Ending::OverMemory { doing, limit, .. } => match (doing, engine) {
                (Doing::Compiling, _) => (Cost::CompileMemory, limit.0 as f64),
                (Doing::Running, Engine::Native) => (Cost::Heap, limit.0 as f64),
                // Nothing else says how much memory a process had to run it.
                (Doing::Running, Engine::Reference) => return None,
            },
            Ending::OverInstructions { .. } => (Cost::Instructions, budget.instructions.0 as f64),
            _ => return None,
        };
        Some(Spent {
            at,
            cost,
            amount,
            at_least: true,
        })
    }

    /// What a case took that passed.
    fn passed(point: &Point) -> impl Iterator<Item = Spent> {
        let costs = [Cost::CompileTime, Cost::Time, Cost::Instructions];
        costs.into_iter().filter_map(|cost| {
            Some(Spent {
                at: point.n,
                cost,
                amount: cost.at(point)?,
                at_least: false,
            })
        })
    }
}

/// A cost that explodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Explosion {
    /// The cost.
    pub cost: Cost,
    /// Between which two n.
    pub over: (Scale, Scale),
    /// By which exponent it grew between them, at least.
    pub exponent: f64,
    /// What happened, in a sentence.
    pub message: String,
}

impl Explosion {
    /// Whether a cost exploded where its time ended a climb with these `points`:
    /// where it was `spent` by the last n, or at the last that passed.
    pub fn of(points: &[Point], spent: Option<Spent>, growth: &Growth) -> Option<Explosion> {
        let last = points.iter().rev().take(1).flat_map(Spent::passed);
        spent
            .into_iter()
            .chain(last)
            .find_map(|it| Explosion::at(points, it, growth))
    }

    /// Whether a known limit says that this cost grows as fast.
    pub fn is_within(&self, limit: &KnownLimit) -> bool {
        let bound = limit.bound_of(self.cost);
        bound.is_some_and(|bound| self.exponent < steepest(bound, self.over))
    }

    /// Whether what was `spent` at an n is so much more than the last of `points`
    /// took below it that no shape of growth explains it.
    fn at(points: &[Point], spent: Spent, growth: &Growth) -> Option<Explosion> {
        let Spent {
            at,
            cost,
            amount,
            at_least,
        } = spent;
        let before = points.iter().rfind(|it| it.n < at)?;
        let (was, least) = match cost {
            Cost::Time => (before.run.cpu.as_secs_f64(), SECONDS),
            Cost::CompileTime => (cost.at(before)?, SECONDS),
            Cost::CompileMemory | Cost::Heap => (cost.at(before)?, MEMORY),
            _ => (cost.at(before)?, INSTRUCTIONS),
        };
        let over = (before.n, at);
        let times = at.get() as f64 / before.n.get() as f64;
        let exponent = (amount / was.max(least)).ln() / times.ln();
        let declared = growth.of(cost).map(|it| steepest(it, over));
        (exponent >= declared.unwrap_or(STEEP).max(STEEP)).then(|| Explosion {
            cost,
            over,
            exponent,
            message: format!(
                "{} went from {} at n={} to {}{} at n={at}, and the budget ended before it could be seen how that goes on; allow it more",
                subject(cost),
                cost.told(was),
                before.n,
                if at_least { "at least " } else { "" },
                cost.told(amount),
            ),
        })
    }
}

fn subject(cost: Cost) -> &'static str {
    match cost {
        Cost::Time => "the time of running",
        Cost::CompileTime => "the time of compiling",
        Cost::CompileMemory => "the memory of compiling",
        Cost::Heap => "the heap",
        _ => "instructions",
    }
}

/// What a cost of this shape may at most be seen to grow by between two n.
fn steepest(shape: Shape, (from, to): (Scale, Scale)) -> f64 {
    shape.slope(from.get() as f64, to.get() as f64) + ABOVE_DECLARED
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::case::{Clock, Instructions, Measures, Usage};

    fn at(n: u64) -> Scale {
        Scale::new(n).unwrap()
    }

    fn usage(seconds: f64) -> Usage {
        Usage {
            cpu: Duration::from_secs_f64(seconds),
            ..Usage::default()
        }
    }

    /// A point with so many instructions, whose program took so long to compile.
    fn point(n: u64, instructions: u64, compile: f64) -> Point {
        Point {
            n: at(n),
            measures: Some(Measures {
                instructions: Instructions(instructions),
                ..Measures::default()
            }),
            host: None,
            probed: None,
            compile: Some(usage(compile)),
            run: usage(0.001),
        }
    }

    fn compiling(n: u64, seconds: f64) -> Option<Spent> {
        let mut outcome = Outcome::new(Ending::OverTime {
            limit: Duration::from_secs(8),
            clock: Clock::Processor,
            doing: Doing::Compiling,
        });
        outcome.compile = Some(usage(seconds));
        Spent::of(at(n), Engine::Native, &outcome, Budget::default())
    }

    #[test]
    fn what_a_budget_ended_is_held_against_the_last_that_passed() {
        let points = [point(2, 10, 0.1), point(4, 20, 0.3)];
        let explosion = |seconds| Explosion::of(&points, compiling(8, seconds), &Growth::default());
        let found = explosion(6.0).unwrap();
        assert_eq!(found.cost, Cost::CompileTime);
        assert!(
            found.message.starts_with(
                "the time of compiling went from 0.30s at n=4 to at least 6.00s at n=8"
            ),
            "{found:?}"
        );
        // n^3 is the least that no program needs, and 0.3 s eight times 2.4.
        assert_eq!(explosion(2.3), None);
        assert!(explosion(2.5).is_some());
    }

    #[test]
    fn what_is_declared_to_grow_fast_may() {
        let points = [point(4, 20, 0.3)];
        let growth = Growth {
            compile: Some(Shape::power(2.0)),
            ..Growth::default()
        };
        // Sixteen times as much is n^4.
        let explosion = |seconds| Explosion::of(&points, compiling(8, seconds), &growth);
        assert_eq!(explosion(4.7), None);
        assert!(explosion(4.9).is_some());
    }

    #[test]
    fn a_small_cost_is_no_base_to_grow_from() {
        let points = [point(4, 20, 0.001)];
        assert_eq!(
            Explosion::of(&points, compiling(8, 0.7), &Growth::default()),
            None
        );
        assert_eq!(
            Explosion::of(&[], compiling(1, 8.0), &Growth::default()),
            None
        );
    }

    #[test]
    fn the_last_that_passed_can_explode_as_well() {
        let counts = |last| [point(2, 2_000, 0.1), point(4, last, 0.1)];
        let of = |last| Explosion::of(&counts(last), None, &Growth::default());
        assert_eq!(of(8_000), None);
        let found = of(2_000_000_000).unwrap();
        assert!(
            found
                .message
                .starts_with("instructions went from 2,000 at n=2 to 2,000,000,000 at n=4,"),
            "{found:?}"
        );
    }
}
