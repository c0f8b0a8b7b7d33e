//! Costs at several n become a growth: what it is, whether it is as declared,
//! and where a resource of fixed size runs out.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::excess::{
    Excess, Grown, Pace, ROUGHLY, has_large, judgement, most, rough_excess_of, rough_excesses,
};
use super::fit::{self, FEWEST, Fit};
use super::overflow::{Overflow, foretold};
use crate::case::{Bytes, Point};
use crate::scenario::{Cost, Growth, Shape};

/// How one cost grows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// The cost.
    pub cost: Cost,
    /// Its growth; `None` where there are too few points to name one.
    pub fit: Option<Fit>,
    /// What is declared.
    pub declared: Option<Shape>,
    /// Where it runs out, if it has a fixed size and grows.
    pub overflow: Option<Overflow>,
    /// Whether it stays what it is, or below what is judged, at points enough to
    /// say so.
    #[serde(skip)]
    pub level: bool,
    /// Why there is no fit; empty where there is one.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub unnamed: Cow<'static, str>,
}

/// A heap of more than so many times what was in use of it is an excess,
const WASTE: f64 = 16.0;

/// where it takes more than this.
const WASTED: f64 = 16.0 * 1024.0 * 1024.0;

/// How every cost grows that is known at these points, which stand in the order
/// of n.
pub fn measure(points: &[Point], declared: &Growth) -> Vec<Measured> {
    let measured = Cost::ALL.into_iter().filter_map(|cost| {
        let known = cost.points(points);
        let (first, last) = (known.first()?.1, known.last()?.1);
        let fits = last >= cost.floor();
        let stays = known
            .iter()
            .all(|(_, it)| (it - first).abs() < f64::EPSILON);
        let fit = fit::fit(&known).filter(|_| fits);
        Some(Measured {
            level: known.len() >= FEWEST && (stays || !fits),
            unnamed: match (&fit, fits) {
                (Some(_), _) => "",
                (None, true) => "too few points to name an exponent",
                (None, false) => "too small to be judged",
            }
            .into(),
            cost,
            fit,
            declared: cost.declared(declared),
            overflow: foretold(cost, points),
        })
    });
    measured.collect()
}

/// What of it grows faster than declared.
pub fn excesses(points: &[Point], measured: &[Measured]) -> Vec<Excess> {
    let mut found: Vec<Excess> = measured.iter().filter_map(Measured::excess).collect();
    found.extend(waste(points));
    // What runs out comes first: it is the nearest to a wrong or lost result.
    found.sort_by_key(|it| it.runs_out.is_none());
    found
}

impl Measured {
    /// Whether there are points enough to say that it does not grow faster than
    /// declared. Where the interval of the exponent is wide, nobody knows.
    pub fn is_surely_as_declared(&self) -> bool {
        let Some(declared) = self.declared else {
            return true;
        };
        match (&self.fit, self.overflow) {
            (_, Some(_)) => self.excess().is_none(),
            (Some(fit), None) => {
                fit.high <= declared.slope(fit.from, fit.to) + self.cost.tolerance()
            }
            (None, None) => self.level,
        }
    }

    fn excess(&self) -> Option<Excess> {
        let declared = self.declared?;
        if let Some(overflow) = self.overflow {
            let above = overflow.exponent - declared.power;
            return (above > self.cost.tolerance()).then(|| Excess {
                cost: self.cost,
                message: format!(
                    "{}, and {} is declared",
                    overflow.sentence(self.cost),
                    declared
                ),
                runs_out: Some(overflow.at),
                pace: Some(Pace {
                    exponent: overflow.exponent,
                    from: 1.0,
                    to: overflow.at.max(2.0),
                }),
            });
        }
        let has_room = matches!(self.cost, Cost::Roots | Cost::Handles | Cost::Stack);
        let fit = self.fit.as_ref().filter(|_| !has_room)?;
        let due = declared.slope(fit.from, fit.to);
        (fit.low > due + self.cost.tolerance()).then(|| Excess {
            cost: self.cost,
            message: format!(
                "{} {} as {fit}, and {declared} is declared",
                self.cost,
                Cost::grow(&[self.cost])
            ),
            runs_out: None,
            pace: Some(Pace {
                exponent: fit.low,
                from: fit.from,
                to: fit.to,
            }),
        })
    }
}

/// A heap that is large and has little in it. What collections leave alive would
/// be too little to go by: what is made after the last one was never seen.
fn waste(points: &[Point]) -> Option<Excess> {
    let wasted = points.iter().filter_map(|point| {
        let (heap, used) = (Cost::Heap.at(point)?, point.probed?.used?.0 as f64);
        (heap > WASTED && heap > WASTE * used).then_some((point.n, heap, used))
    });
    let (n, heap, used) = wasted.max_by(|a, b| (a.1 / a.2).total_cmp(&(b.1 / b.2)))?;
    Some(Excess {
        cost: Cost::Heap,
        message: format!(
            "the heap takes {} at n={n}, and no more than {} of it was in use at a time",
            Bytes(heap as u64),
            Bytes(used as u64)
        ),
        runs_out: None,
        pace: None,
    })
}

#[cfg(test)]
mod tests;
