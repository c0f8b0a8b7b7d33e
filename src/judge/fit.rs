//! How a cost grows with n: a line through points on logarithmic axes, from
//! exact counts.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::Shape;

/// The fewest points that an exponent is named from,
pub const FEWEST: usize = 5;

/// and how many times the first n the last one must be.
const SPAN: f64 = 8.0;

/// Of a confidence of 95 percent.
const Z: f64 = 1.96;

/// The shapes that a fit is compared with.
const SHAPES: [Shape; 9] = [
    Shape::power(0.0),
    Shape {
        power: 0.0,
        log: true,
    },
    Shape::power(0.5),
    Shape::power(1.0),
    Shape {
        power: 1.0,
        log: true,
    },
    Shape::power(1.5),
    Shape::power(2.0),
    Shape {
        power: 2.0,
        log: true,
    },
    Shape::power(3.0),
];

/// Two shapes fit alike where the worse one strays at most so many times as far
/// from the points as the best one,
const ALIKE: f64 = 2.0;

/// or no farther than this: 3 percent.
const CLOSE: f64 = 0.03;

/// A shape that strays farther than this, by a quarter, fits none of them.
const FAR: f64 = 0.25;

/// What is known of a growth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fit {
    /// The p of `cost ~ n^p`: the median of the slopes between all pairs of
    /// points (the Theil-Sen estimator).
    pub exponent: f64,
    /// The lower end of its interval of 95 percent confidence (Sen's).
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// How many points it is from,
    pub points: usize,
    /// the first,
    pub from: f64,
    /// and the last n of them.
    pub to: f64,
    /// The shapes that the points fit, the best first; those that fit alike all
    /// stand here.
    pub shapes: Vec<Shape>,
}

/// Fits the upper half, on a logarithmic axis, of points (n, cost) in the order
/// of n; `None` where they are too few or too close together.
pub fn fit(points: &[(f64, f64)]) -> Option<Fit> {
    let points: Vec<(f64, f64)> = points.iter().copied().filter(|(_, y)| *y > 0.0).collect();
    let (first, last) = (points.first()?.0, points.last()?.0);
    let middle = (first * last).sqrt();
    let upper = points.iter().filter(|(n, _)| *n >= middle).count();
    let taken = upper.max(FEWEST).min(points.len());
    let points = &points[points.len() - taken..];
    let from = points.first()?.0;
    if points.len() < FEWEST || last < SPAN * from {
        return None;
    }
    let mut slopes = Vec::new();
    for (at, (n, cost)) in points.iter().enumerate() {
        for (more, other) in &points[at + 1..] {
            slopes.push((other / cost).ln() / (more / n).ln());
        }
    }
    slopes.sort_by(f64::total_cmp);
    let (low, high) = interval(&slopes, points.len());
    Some(Fit {
        exponent: median(&slopes),
        low,
        high,
        points: points.len(),
        from,
        to: last,
        shapes: shapes(points),
    })
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

/// Sen's interval for the slope through so many points, from the slopes of all
/// pairs in order. <https://doi.org/10.1080/01621459.1968.10480934>
fn interval(slopes: &[f64], points: usize) -> (f64, f64) {
    let (k, pairs) = (points as f64, slopes.len() as f64);
    let spread = Z * (k * (k - 1.0) * (2.0 * k + 5.0) / 18.0).sqrt();
    // Both casts saturate, and what is beyond the ends is the end.
    let low = ((pairs - spread) / 2.0).floor().max(0.0) as usize;
    let high = ((pairs + spread) / 2.0).ceil() as usize;
    (slopes[low], slopes[high.min(slopes.len() - 1)])
}

/// The shapes that fit, the best first.
fn shapes(points: &[(f64, f64)]) -> Vec<Shape> {
    let mut strays: Vec<(f64, Shape)> = SHAPES
        .iter()
        .map(|shape| (stray(*shape, points), *shape))
        .collect();
    strays.sort_by(|a, b| a.0.total_cmp(&b.0));
    let best = strays[0].0;
    let most = (best * ALIKE).clamp(CLOSE, FAR);
    let fitting = strays.into_iter().filter(|(stray, _)| *stray <= most);
    fitting.map(|(_, shape)| shape).collect()
}

/// How far the points stray from a shape, with the factor that suits it best, as
/// the natural logarithm of a ratio.
fn stray(shape: Shape, points: &[(f64, f64)]) -> f64 {
    let (first, _) = points[0];
    let ratios = points
        .iter()
        .map(|(n, cost)| (cost / shape.ratio(first, *n)).ln());
    let (low, high) = ratios.fold((f64::MAX, f64::MIN), |(low, high), it| {
        (low.min(it), high.max(it))
    });
    (high - low) / 2.0
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "n^{:.2} ({:.2} to {:.2}, {} points from n={} to {})",
            self.exponent, self.low, self.high, self.points, self.from, self.to
        )?;
        if let [_, _, ..] = self.shapes[..] {
            let shapes: Vec<String> = self.shapes.iter().map(Shape::to_string).collect();
            write!(f, "; {} fit alike", shapes.join(" and "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn doubling(last: u32, cost: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        (0..=last)
            .map(|k| f64::from(1_u32 << k))
            .map(|n| (n, cost(n)))
            .collect()
    }

    #[test]
    fn pure_powers_are_found_exactly() {
        for p in [0.0, 0.5, 1.0, 2.0, 3.0] {
            let fit = fit(&doubling(12, |n| 7.0 * n.powf(p))).unwrap();
            assert!((fit.exponent - p).abs() < 1e-9 && (fit.high - fit.low) < 1e-9);
            assert_eq!((fit.points, fit.from, fit.to), (7, 64.0, 4096.0));
            assert_eq!(fit.shapes[0], Shape::power(p));
        }
    }

    #[test]
    fn a_constant_beside_it_does_not_hide_a_power() {
        let fit = fit(&doubling(16, |n| 50_000.0 + 3.0 * n * n)).unwrap();
        assert!((1.9..=2.0).contains(&fit.exponent), "{fit:?}");
    }

    #[test]
    fn shapes_that_cannot_be_told_apart_are_all_named() {
        // Over a short way n log n is n^1.1, and only a long one tells.
        let few = fit(&doubling(7, |n| n * (n + 1.0).ln())).unwrap();
        assert_eq!(few.shapes[0].to_string(), "n log n");
        let noisy = |n: f64| n * (1.0 + 0.2 * (n.ln() * 3.0).sin());
        let both = fit(&doubling(10, noisy)).unwrap();
        let names: Vec<String> = both.shapes.iter().map(Shape::to_string).collect();
        assert!(
            names.contains(&"n".to_owned()) && names.contains(&"n log n".to_owned()),
            "{names:?}"
        );
        let wild = fit(&doubling(10, |n| {
            if n.log2() % 2.0 == 0.0 { n } else { 9.0 * n }
        }))
        .unwrap();
        assert!(wild.shapes.is_empty(), "{wild:?}");
        assert!(wild.low < 0.5 && wild.high > 1.5, "{wild:?}");
    }

    #[test]
    fn too_few_points_have_no_exponent() {
        assert_eq!(fit(&doubling(3, |n| n)), None);
        assert!(fit(&doubling(4, |n| n)).is_some());
        let close: Vec<(f64, f64)> = (100..110).map(|n| (f64::from(n), f64::from(n))).collect();
        assert_eq!(fit(&close), None);
        assert_eq!(fit(&[]), None);
        assert_eq!(fit(&doubling(12, |_| 0.0)), None);
    }

    proptest! {
        #[test]
        fn one_point_that_strays_does_not_move_the_median_far(
            p in 0.0_f64..3.0, at in 6_usize..13, by in 0.2_f64..5.0
        ) {
            let mut points = doubling(12, |n| n.powf(p));
            points[at].1 *= by;
            let fit = fit(&points).unwrap();
            prop_assert!((fit.exponent - p).abs() < 0.35, "{fit:?}");
            prop_assert!(fit.low <= fit.exponent && fit.exponent <= fit.high);
        }
    }
}
