//! How the costs of one case grow, seen from the same at two smaller n.

use std::sync::Arc;
use std::time::Instant;

use super::not_run::NotRun;
use crate::case::{Case, Ending, Lane, Outcome, Point, Scale};
use crate::engine::Allowance;
use crate::judge::failure;
use crate::scenario::Expectation;

/// Below this n, three points are too close together to say how a cost grows.
const SMALLEST: u64 = 16;

/// Whether the growth of a case that came to this is looked at.
pub fn shows(case: &Case, outcome: &Outcome) -> bool {
    case.lane == Lane::NATIVE && case.scale.get() >= SMALLEST && returned(outcome)
}

fn returned(outcome: &Outcome) -> bool {
    matches!(outcome.ending, Ending::Returned { .. })
}

/// What is known of how the costs of a case grow.
#[derive(Clone, Debug)]
pub enum Growth {
    /// Nobody looked, or there was nothing to see.
    Unseen,
    /// What it cost at n/4, n/2 and n: enough to see that a cost grows as the
    /// square of what it should.
    Seen(Arc<[Point; 3]>),
    /// The deadline came before that was known.
    CutShort,
}

impl Growth {
    /// Has a case that came to `outcome` at `n` run at n/4 and n/2, until the
    /// deadline.
    pub fn of(
        n: Scale,
        outcome: &Outcome,
        allowance: Allowance,
        mut run: impl FnMut(Scale) -> Result<Option<Outcome>, NotRun>,
    ) -> Result<Growth, NotRun> {
        let mut points = Vec::with_capacity(3);
        for smaller in [n.get() / 4, n.get() / 2] {
            if allowance.is_over(Instant::now()) {
                return Ok(Growth::CutShort);
            }
            let scale = Scale::new(smaller).expect("a quarter of 16 is a scale");
            match run(scale)? {
                Some(outcome) if allowance.cut_short(&outcome.ending) => {
                    return Ok(Growth::CutShort);
                }
                Some(outcome) if returned(&outcome) => {
                    points.push(Point::of(scale, &outcome, None));
                }
                Some(_) | None => return Ok(Growth::Unseen),
            }
        }
        points.push(Point::of(n, outcome, None));
        let points: [Point; 3] = points.try_into().expect("two smaller n and this one");
        Ok(Growth::Seen(Arc::new(points)))
    }

    /// The points, where it was seen.
    pub fn points(self) -> Option<Arc<[Point; 3]>> {
        match self {
            Growth::Seen(points) => Some(points),
            Growth::Unseen | Growth::CutShort => None,
        }
    }

    /// Whether the verdict would wait for it: a case that fails by what it did
    /// fails however its costs grow, and any other might by its growth.
    pub fn leaves_open(&self, outcome: &Outcome, expected: &Expectation) -> bool {
        matches!(self, Growth::CutShort) && failure(outcome, expected).is_none()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::case::{Budget, Doing, Value};
    use crate::judge::samples::{expecting, outcome, returned};

    fn n() -> Scale {
        Scale::new(100).unwrap()
    }

    /// Nobody needs this long.
    const LONG: Duration = Duration::from_secs(3_600);

    fn until(deadline: Instant) -> Allowance {
        Allowance {
            budget: Budget {
                wall: LONG,
                ..Budget::default()
            },
            deadline,
        }
    }

    fn right() -> Outcome {
        outcome(returned(Value::Int(1)), "")
    }

    fn over_time(limit: Duration) -> Outcome {
        let doing = Doing::Running;
        outcome(Ending::OverTime { limit, doing }, "")
    }

    /// What is found where each smaller run comes to this, and which were run.
    fn look(deadline: Instant, smaller: impl Fn() -> Option<Outcome>) -> (Growth, Vec<u64>) {
        let mut runs = Vec::new();
        let growth = Growth::of(n(), &right(), until(deadline), |scale| {
            runs.push(scale.get());
            Ok(smaller())
        });
        (growth.unwrap(), runs)
    }

    #[test]
    fn it_is_three_points() {
        let (growth, runs) = look(Instant::now() + LONG, || Some(right()));
        assert_eq!(runs, [25, 50]);
        let points = growth.points().unwrap();
        assert_eq!(points.each_ref().map(|it| it.n.get()), [25, 50, 100]);
    }

    #[test]
    fn nothing_is_run_for_it_once_the_deadline_has_passed() {
        let (growth, runs) = look(Instant::now(), || Some(right()));
        assert!(matches!(growth, Growth::CutShort));
        assert!(runs.is_empty(), "{runs:?}");
    }

    #[test]
    fn a_run_that_the_deadline_ended_is_the_last_and_says_nothing() {
        let later = Instant::now() + LONG;
        let (growth, runs) = look(later, || Some(over_time(Duration::from_secs(1))));
        assert!(matches!(growth, Growth::CutShort));
        assert_eq!(runs, [25]);
        // One that its own budget ended has no cost that could be compared.
        let (growth, _) = look(later, || Some(over_time(LONG)));
        assert!(matches!(growth, Growth::Unseen));
        let (growth, _) = look(later, || None);
        assert!(matches!(growth, Growth::Unseen));
    }

    #[test]
    fn only_a_case_that_fails_by_itself_is_judged_without_it() {
        let expected = expecting(Value::Int(1), "");
        let wrong = outcome(returned(Value::Int(2)), "");
        assert!(Growth::CutShort.leaves_open(&right(), &expected));
        assert!(!Growth::CutShort.leaves_open(&wrong, &expected));
        assert!(!Growth::Unseen.leaves_open(&right(), &expected));
    }
}
