//! What grows faster than declared: as a line of its own, and as three points show
//! it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::overflow::end_of;
use super::verdict::{Judgement, Verdict};
use crate::case::{Point, Scale};
use crate::scenario::{Cost, FailureKind, Growth, KnownLimit, Shape};

/// A cost that grows faster than declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Excess {
    /// The cost.
    pub cost: Cost,
    /// What grows how, in one line.
    pub message: String,
    /// The n at which a resource runs out, where it is one.
    pub runs_out: Option<f64>,
    /// How fast it grows at least, where that is an exponent.
    #[serde(skip)]
    pub pace: Option<Pace>,
}

/// The exponent of a cost between two n.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// The exponent.
    pub exponent: f64,
    /// The first,
    pub from: f64,
    /// and the last n.
    pub to: f64,
}

impl Pace {
    /// Whether a cost that grows no faster than `bound` can have this exponent.
    pub fn is_within(self, bound: Shape, cost: Cost) -> bool {
        self.exponent <= bound.slope(self.from, self.to) + cost.tolerance()
    }
}

/// How near the foretold end of a resource is to a known limit that it explains.
const NEAR: f64 = 0.25;

impl Excess {
    /// The judgement on it, with the limits that are known, whatever their n.
    pub fn judgement(&self, limits: &[&KnownLimit]) -> Judgement {
        if let Some(because) = self.explanation(limits) {
            return Judgement {
                verdict: Verdict::Known,
                message: format!("{} (known: {because})", self.message),
            };
        }
        let bounds = limits.iter().filter_map(|it| it.bound_of(self.cost));
        let bounds: Vec<String> = bounds.map(|it| it.to_string()).collect();
        let known = match bounds.is_empty() {
            true => String::new(),
            false => format!(" (known is no more than {})", bounds.join(" or ")),
        };
        Judgement {
            verdict: Verdict::Failed(FailureKind::Growth),
            message: format!("{}{known}", self.message),
        }
    }

    /// Why the cost grows faster than declared, where a known limit says it: that
    /// it grows so fast, or that the case fails where the resource runs out.
    fn explanation<'a>(&self, limits: &[&'a KnownLimit]) -> Option<&'a str> {
        let grows = |limit: &&&KnownLimit| {
            let bound = limit.bound_of(self.cost);
            bound.is_some_and(|bound| self.pace.is_none_or(|it| it.is_within(bound, self.cost)))
        };
        let ends_there = |limit: &&&KnownLimit| {
            let near = |at: f64| (limit.from_n.get() as f64 / at - 1.0).abs() < NEAR;
            limit.verdict == FailureKind::Trap && self.runs_out.is_some_and(near)
        };
        let grows = limits.iter().find(grows);
        let limit = grows.or_else(|| limits.iter().find(ends_there))?;
        Some(&limit.because)
    }
}

/// The judgement on costs that grow faster than declared: what no known limit
/// explains comes before what one does.
pub fn judgement(excesses: &[Excess], limits: &[&KnownLimit]) -> Option<Judgement> {
    let judgements = excesses.iter().map(|it| it.judgement(limits));
    let mut judgements: Vec<Judgement> = judgements.collect();
    let worst = judgements
        .iter()
        .position(|it| it.verdict != Verdict::Known)
        .unwrap_or(0);
    (!judgements.is_empty()).then(|| judgements.swap_remove(worst))
}

/// What a case cost at smaller and larger n.
#[derive(Clone, Debug, PartialEq)]
pub struct Grown {
    /// At n/4, n/2 and n: enough to see that a cost grows as the square of what it
    /// should.
    pub points: [Point; 3],
    /// At 4n, and so on by factors of four, as far as it was looked at: a cost may
    /// go up a step, as at the first collections, and be level again.
    pub beyond: Vec<Point>,
}

/// How the exponent between the ends of a short row may lie above the declared
/// one: what a power is not, shows more in three points than in many.
pub const ROUGHLY: f64 = 0.5;

/// How fast a cost may grow at most between an n and four times that, where its
/// growth is declared.
pub fn most(cost: Cost, n: Scale, declared: &Growth, limits: &[&KnownLimit]) -> Option<f64> {
    let from = n.get() as f64;
    let slope = |shape: Shape| shape.slope(from, 4.0 * from);
    let bounds = limits.iter().filter_map(|it| it.bound_of(cost));
    let bounds = bounds.map(|bound| slope(bound) + cost.tolerance());
    let declared = slope(cost.declared(declared)?) + ROUGHLY;
    Some(bounds.fold(declared, f64::max))
}

/// The costs that three points can show.
const LOOKED_AT: [Cost; 6] = [
    Cost::Roots,
    Cost::Instructions,
    Cost::Heap,
    Cost::Stores,
    Cost::HostMemory,
    Cost::Time,
];

/// Whether a cost at a point is large enough for three of them to show its growth.
/// A clock needs more than that: what is short is a matter of what else runs.
fn is_large(cost: Cost, amount: f64) -> bool {
    amount >= cost.floor() * if cost == Cost::Time { 3.0 } else { 1.0 }
}

/// Whether any cost at a point is.
pub fn has_large(point: &Point) -> bool {
    let large = |cost: Cost| cost.at(point).is_some_and(|it| is_large(cost, it));
    LOOKED_AT.into_iter().any(large)
}

/// What grows faster than declared from n/4 over n/2 to n, and goes on to do so
/// as far as it was looked at.
pub fn rough_excesses(grown: &Grown, declared: &Growth) -> Vec<Excess> {
    LOOKED_AT
        .into_iter()
        .filter_map(|cost| rough_excess_of(cost, grown, declared))
        .collect()
}

/// The same of one cost.
pub fn rough_excess_of(cost: Cost, grown: &Grown, declared: &Growth) -> Option<Excess> {
    let points = &grown.points;
    let [first, middle, last] = points;
    let shape = cost.declared(declared)?;
    let (before, now) = (cost.at(first)?, cost.at(last)?);
    if let Some(room) = cost.room(last) {
        let row: Vec<(Scale, f64, f64)> = points
            .iter()
            .filter_map(|point| Some((point.n, cost.at(point)?, room)))
            .collect();
        let end = end_of(&row).filter(|it| it.exponent > shape.power + ROUGHLY)?;
        return Some(Excess {
            cost,
            message: format!("{}, and {} is declared", end.sentence(cost), shape),
            runs_out: Some(end.at),
            pace: Some(Pace {
                exponent: end.exponent,
                from: first.n.get() as f64,
                to: last.n.get() as f64,
            }),
        });
    }
    if !is_large(cost, now) || before <= 0.0 {
        return None;
    }
    let step = |from: &Point, to: &Point| {
        let (n, more) = (from.n.get() as f64, to.n.get() as f64);
        let (before, now) = (cost.at(from)?, cost.at(to)?);
        let pace = Pace {
            exponent: (now / before).ln() / (more / n).ln(),
            from: n,
            to: more,
        };
        Some(pace).filter(|it| it.exponent > shape.slope(n, more) + ROUGHLY)
    };
    let mut pace = step(first, last)?;
    if cost.is_of_machine() {
        // Not what one of the runs met with.
        step(first, middle)?;
        step(middle, last)?;
    }
    let slope = pace.exponent;
    let mut here = last;
    for further in &grown.beyond {
        let next = step(here, further)?;
        if next.exponent < pace.exponent {
            pace = next;
        }
        here = further;
    }
    Some(Excess {
        cost,
        message: format!(
            "{cost} {} as n^{slope:.2} from n={} ({}) to n={} ({}), and {shape} is declared",
            Cost::grow(&[cost]),
            first.n,
            cost.told(before),
            last.n,
            cost.told(now)
        ),
        runs_out: None,
        pace: Some(pace),
    })
}
