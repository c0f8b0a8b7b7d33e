//! How the costs of one case grow, seen from the same at two smaller n.

use std::sync::Arc;
use std::time::Instant;

use super::not_run::NotRun;
use crate::case::{Case, Ending, Instructions, Lane, Outcome, Point, Scale};
use crate::engine::Allowance;
use crate::judge::failure;
use crate::judge::growth::{Grown, has_large};
use crate::scenario::Expectation;

/// Below this n, three points are too close together to say how a cost grows.
const SMALLEST: u64 = 16;

/// How often each n is run once more where only a clock or the operating system says
/// that a cost grows too fast: what else the machine does can only add to it.
const REPEATS: usize = 2;

/// Whether the growth of a case that came to this is looked at: as users run it, and
/// where everything is counted.
pub fn shows(case: &Case, outcome: &Outcome) -> bool {
    matches!(case.lane, Lane::NATIVE | Lane::REFERENCE)
        && case.scale.get() >= SMALLEST
        && returned(outcome)
        && has_large(&Point::of(case.scale, outcome, None))
}

fn returned(outcome: &Outcome) -> bool {
    matches!(outcome.ending, Ending::Returned { .. })
}

/// What is known of how the costs of a case grow.
#[derive(Clone, Debug)]
pub enum Growth {
    /// Nobody looked, or there was nothing to see.
    Unseen,
    /// What it cost at n/4, n/2 and n, and beyond where that was looked at.
    Seen(Arc<Grown>),
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
        let beyond = Vec::new();
        Ok(Growth::Seen(Arc::new(Grown { points, beyond })))
    }

    /// Has each n run again, as long as what was seen grows too fast by what the
    /// machine measures, and takes the least of all runs.
    pub fn repeated(
        self,
        allowance: Allowance,
        grows: impl Fn(&Grown) -> bool,
        mut run: impl FnMut(Scale) -> Result<Option<Outcome>, NotRun>,
    ) -> Result<Growth, NotRun> {
        let Growth::Seen(mut grown) = self else {
            return Ok(self);
        };
        for _ in 0..REPEATS {
            if !grows(&grown) {
                break;
            }
            for point in &mut Arc::make_mut(&mut grown).points {
                if allowance.is_over(Instant::now()) {
                    return Ok(Growth::CutShort);
                }
                match run(point.n)? {
                    Some(outcome) if allowance.cut_short(&outcome.ending) => {
                        return Ok(Growth::CutShort);
                    }
                    Some(outcome) if returned(&outcome) => {
                        point.lower_to(&Point::of(point.n, &outcome, None));
                    }
                    Some(_) | None => return Ok(Growth::Unseen),
                }
            }
        }
        Ok(Growth::Seen(grown))
    }

    /// Has a case whose costs grow too fast as far as this shows run at 4n, and so
    /// on up to the n that its scenario is made for, as long as they go on to: at a
    /// smaller one, a step is all that it may be. `goes_on` says whether they do, and
    /// how many instructions the next run may take; `run` is as above.
    pub fn looked_beyond(
        self,
        nominal: Scale,
        allowance: Allowance,
        goes_on: impl Fn(&Grown) -> Option<Instructions>,
        mut run: impl FnMut(Scale, Instructions) -> Result<Option<Outcome>, NotRun>,
    ) -> Result<Growth, NotRun> {
        let mut grown = match self {
            Growth::Seen(grown) => grown,
            other => return Ok(other),
        };
        loop {
            let here = grown.beyond.last().unwrap_or(&grown.points[2]).n;
            let next = Scale::new(here.get().saturating_mul(4));
            let (Some(next), Some(most)) = (next, goes_on(&grown)) else {
                break;
            };
            if here >= nominal {
                break;
            }
            if allowance.is_over(Instant::now()) {
                return Ok(Growth::CutShort);
            }
            match run(next, most)? {
                Some(outcome) if allowance.cut_short(&outcome.ending) => {
                    return Ok(Growth::CutShort);
                }
                Some(outcome) if returned(&outcome) => {
                    let point = Point::of(next, &outcome, None);
                    Arc::make_mut(&mut grown).beyond.push(point);
                }
                // It took more than it may, or cannot tell.
                Some(_) | None => break,
            }
        }
        Ok(Growth::Seen(grown))
    }

    /// What was seen.
    pub fn seen(self) -> Option<Arc<Grown>> {
        match self {
            Growth::Seen(grown) => Some(grown),
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
    use crate::case::{Budget, Clock, Doing, Value};
    use crate::judge::samples::{expecting, outcome, returned};

    fn n() -> Scale {
        Scale::new(100).unwrap()
    }

    /// Nobody needs this long.
    const LONG: Duration = Duration::from_secs(3_600);

    fn until(deadline: Instant) -> Allowance {
        let budget = Budget {
            wall: LONG,
            ..Budget::default()
        };
        Allowance::exactly(budget, deadline)
    }

    fn right() -> Outcome {
        outcome(returned(Value::Int(1)), "")
    }

    fn over_time(limit: Duration) -> Outcome {
        let ending = Ending::OverTime {
            limit,
            clock: Clock::Wall,
            doing: Doing::Running,
        };
        outcome(ending, "")
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
        let points = growth.seen().unwrap().points.clone();
        assert_eq!(points.map(|it| it.n.get()), [25, 50, 100]);
    }

    /// Which n beyond are run where costs go on to grow up to an n.
    fn beyond(nominal: u64, up_to: u64, further: impl Fn() -> Option<Outcome>) -> Vec<u64> {
        let (growth, _) = look(Instant::now() + LONG, || Some(right()));
        let goes_on = |grown: &Grown| {
            let last = grown.beyond.last().map_or(0, |it| it.n.get());
            (last < up_to).then_some(Instructions(7))
        };
        let nominal = Scale::new(nominal).unwrap();
        let mut runs = Vec::new();
        let until = until(Instant::now() + LONG);
        let run = |n: Scale, most| {
            assert_eq!(most, Instructions(7));
            runs.push(n.get());
            Ok(further())
        };
        let growth = growth.looked_beyond(nominal, until, goes_on, run);
        let points = growth.unwrap().seen().unwrap().beyond.clone();
        let returned = further().is_some_and(|it| super::returned(&it));
        assert_eq!(points.len(), if returned { runs.len() } else { 0 });
        runs
    }

    #[test]
    fn growth_below_the_scenario_s_n_is_followed_as_long_as_it_lasts() {
        let all = || Some(right());
        assert_eq!(beyond(3_000, u64::MAX, all), [400, 1_600, 6_400]);
        assert_eq!(beyond(1_600, u64::MAX, all), [400, 1_600]);
        assert_eq!(beyond(3_000, 400, all), [400]);
        assert_eq!(beyond(3_000, 0, all), [0; 0]);
        // At that n and above, what the three points show is all there is.
        assert_eq!(beyond(100, u64::MAX, all), [0; 0]);
        assert_eq!(beyond(3_000, u64::MAX, || Some(over_time(LONG))), [400]);
        assert_eq!(beyond(3_000, u64::MAX, || None), [400]);
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
