//! What grows faster than declared: as a line of its own, and as three points show
//! it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::overflow::end_of;
use super::verdict::{Judgement, Verdict};
use crate::case::{Bytes, Instructions, Point, Scale};
use crate::scenario::{Cost, FailureKind, Growth};

/// A cost that grows faster than declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Excess {
    /// The cost.
    pub cost: Cost,
    /// What grows how, in one line.
    pub message: String,
    /// The n at which a resource runs out, where it is one.
    pub runs_out: Option<f64>,
}

impl Excess {
    /// The judgement on it, where a known limit explains it or not.
    pub fn judgement(&self, because: Option<&str>) -> Judgement {
        match because {
            None => Judgement {
                verdict: Verdict::Failed(FailureKind::Growth),
                message: self.message.clone(),
            },
            Some(because) => Judgement {
                verdict: Verdict::Known,
                message: format!("{} (known: {because})", self.message),
            },
        }
    }
}

/// How the exponent between the ends of a short row may lie above the declared
/// one: what a power is not, shows more in three points than in many.
const ROUGHLY: f64 = 0.5;

/// What grows faster than declared from n/4 over n/2 to n, in one line. The
/// first and the last of the points are a factor of four apart.
pub fn rough_excess(points: &[Point; 3], declared: &Growth) -> Option<Excess> {
    let costs = [Cost::Roots, Cost::Instructions, Cost::Heap].into_iter();
    let mut excesses = costs.filter_map(|cost| rough_excess_of(cost, points, declared));
    excesses.next()
}

/// The same of one cost.
pub fn rough_excess_of(cost: Cost, points: &[Point; 3], declared: &Growth) -> Option<Excess> {
    let [first, _, last] = points;
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
        });
    }
    if now < cost.floor() || before <= 0.0 {
        return None;
    }
    let (n, more) = (first.n.get() as f64, last.n.get() as f64);
    let slope = (now / before).ln() / (more / n).ln();
    if slope <= shape.slope(n, more) + ROUGHLY {
        return None;
    }
    let amount = |it: f64| match cost {
        Cost::Heap => Bytes(it as u64).to_string(),
        _ => Instructions(it as u64).to_string(),
    };
    Some(Excess {
        cost,
        message: format!(
            "{cost} {} as n^{slope:.2} from n={} ({}) to n={} ({}), and {shape} is declared",
            Cost::grow(&[cost]),
            first.n,
            amount(before),
            last.n,
            amount(now)
        ),
        runs_out: None,
    })
}
