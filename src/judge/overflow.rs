//! Where a resource of fixed size runs out, foretold from its use at several n.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::{Bytes, Point, Scale};
use crate::scenario::Cost;

/// Where a resource of fixed size runs out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Overflow {
    /// The p of `use ~ n^p`.
    pub exponent: f64,
    /// How many bytes the last n needed.
    pub used: Bytes,
    /// How many there are.
    pub room: Bytes,
    /// How many each further n takes.
    pub each: f64,
    /// The n at which all are used.
    pub at: f64,
    /// The last n that this is foretold from.
    pub seen: Scale,
    /// The n from which on it could be foretold.
    pub since: Scale,
}

impl Overflow {
    /// What grows how, and where it ends, in words.
    pub fn sentence(&self, cost: Cost) -> String {
        let Overflow {
            exponent,
            used,
            room,
            each,
            at,
            seen,
            ..
        } = *self;
        let each = match exponent {
            1.0 => format!("by {} bytes for each n", rounded(each)),
            p => format!("as n^{p:.2}"),
        };
        format!(
            "{} overflows at about n={at:.0}: it fills {each}, {} of its {} bytes at n={seen}",
            cost.resource(),
            used.0,
            room.0
        )
    }
}

/// A number with one decimal, where it has one.
fn rounded(x: f64) -> String {
    if (x - x.round()).abs() < 0.05 {
        format!("{x:.0}")
    } else {
        format!("{x:.1}")
    }
}

/// The fewest points that the end of a resource is foretold from.
const FORETELLING: usize = 4;

/// An exponent below this is none: a logarithm, or what comes and goes.
const SLIGHT: f64 = 0.3;

/// Two exponents from neighbouring points differ by no more than this, or there
/// is no power.
const STEADY: f64 = 0.25;

/// The end of a resource, from the first points that tell it.
pub fn foretold(cost: Cost, points: &[Point]) -> Option<Overflow> {
    let known: Vec<(Scale, f64, f64)> = points
        .iter()
        .filter_map(|point| Some((point.n, cost.at(point)?, cost.room(point)?)))
        .collect();
    // What only the last points tell may be what comes and goes; what all of
    // them from some point on tell is not.
    let told: Vec<Option<Overflow>> = (FORETELLING..=known.len())
        .map(|end| end_of(&known[end - FORETELLING..end]))
        .collect();
    let steady = told.iter().rev().take_while(|it| it.is_some()).count();
    let last = told.last().copied().flatten()?;
    let first = told[told.len() - steady..].first().copied().flatten()?;
    Some(Overflow {
        since: first.seen,
        ..last
    })
}

/// The end of a resource of which `points` say how much was used at an n.
pub fn end_of(points: &[(Scale, f64, f64)]) -> Option<Overflow> {
    let steps: Vec<(f64, f64)> = points
        .windows(2)
        .map(|pair| {
            let (n, more) = (pair[0].0.get() as f64, pair[1].0.get() as f64);
            // The middle of the step, and the use of one n there.
            (f64::midpoint(n, more), (pair[1].1 - pair[0].1) / (more - n))
        })
        .collect();
    if steps.iter().any(|(_, each)| *each <= 0.0) {
        return None;
    }
    let exponents: Vec<f64> = steps
        .windows(2)
        .map(|pair| 1.0 + (pair[1].1 / pair[0].1).ln() / (pair[1].0 / pair[0].0).ln())
        .collect();
    let (low, high) = exponents
        .iter()
        .fold((f64::MAX, f64::MIN), |(low, high), it| {
            (low.min(*it), high.max(*it))
        });
    if low < SLIGHT || high - low > STEADY {
        return None;
    }
    let exponent = exponents.iter().sum::<f64>() / exponents.len() as f64;
    let exponent = if (exponent - 1.0).abs() < 0.05 {
        1.0
    } else {
        exponent
    };
    let (before, last) = (points[points.len() - 2], points[points.len() - 1]);
    let (n, more) = (before.0.get() as f64, last.0.get() as f64);
    let factor = (last.1 - before.1) / (more.powf(exponent) - n.powf(exponent));
    let (_, used, room) = last;
    let at = (more.powf(exponent) + (room - used) / factor).powf(1.0 / exponent);
    (at.is_finite() && at < FARTHEST).then_some(Overflow {
        exponent,
        used: Bytes(used as u64),
        room: Bytes(room as u64),
        each: steps[steps.len() - 1].1,
        at,
        seen: last.0,
        since: last.0,
    })
}

/// Beyond this n nothing is foretold.
const FARTHEST: f64 = 1e12;
