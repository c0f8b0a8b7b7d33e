//! Costs at several n become a growth: what it is, whether it is as declared,
//! and where a resource of fixed size runs out.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::fit::{self, FEWEST, Fit};
use super::overflow::{Overflow, end_of, foretold};
use super::{Judgement, Verdict};
use crate::case::{Bytes, Fuel, Point, Scale};
use crate::scenario::{Cost, FailureKind, Growth, Shape};

impl Cost {
    /// What it was at a point, where that is known.
    pub fn at(self, point: &Point) -> Option<f64> {
        let measures = point.measures.as_ref();
        let probed = point.probed.as_ref();
        let compile = point.compile.as_ref();
        let bytes = |it: Bytes| it.0 as f64;
        match self {
            Cost::Work => measures.map(|it| it.fuel.0 as f64),
            Cost::Time => match measures {
                Some(_) => None,
                None => Some(point.run.cpu.as_secs_f64()),
            },
            Cost::Heap => measures.map(|it| bytes(it.heap)),
            Cost::Allocated => measures.map(|it| bytes(it.allocated)),
            Cost::Collections => measures.map(|it| it.collections as f64),
            Cost::Live => probed.and_then(|it| it.live).map(bytes),
            Cost::Roots => measures.and_then(|it| it.shadow_stack).map(bytes),
            Cost::Handles => probed.map(|it| bytes(it.wrap_table)),
            Cost::Stack => probed.and_then(|it| it.exact_stack).map(bytes),
            Cost::CompileTime => compile.map(|it| it.cpu.as_secs_f64()),
            Cost::CompileMemory => compile.map(|it| bytes(it.peak_memory)),
        }
    }

    /// How it is declared to grow; `None` where nothing is declared, so that
    /// nothing can be too much.
    pub fn declared(self, growth: &Growth) -> Option<Shape> {
        match self {
            // What has a fixed size must not grow unless it is said to.
            Cost::Roots | Cost::Handles | Cost::Stack => {
                Some(growth.of(self).unwrap_or(Shape::CONSTANT))
            }
            _ => growth.of(self),
        }
    }

    /// The size of the resource, where it has a fixed one.
    pub(super) fn room(self, point: &Point) -> Option<f64> {
        let room = match self {
            Cost::Roots => point.measures.as_ref()?.shadow_room,
            Cost::Handles => point.probed?.wrap_room,
            Cost::Stack => Some(point.probed?.stack_room),
            _ => None,
        };
        room.map(|it| it.0 as f64)
    }

    /// What the resource is called in a sentence.
    pub(super) fn resource(self) -> &'static str {
        match self {
            Cost::Roots => "the shadow stack",
            Cost::Handles => "the table of host handles",
            Cost::Stack => "the WebAssembly stack",
            other => other.name(),
        }
    }

    /// By how much an exponent may lie above the declared one. The counts are
    /// exact, and yet a power is not all there is to a cost: a heap grows in
    /// steps.
    fn tolerance(self) -> f64 {
        match self {
            Cost::Heap => 0.2,
            _ => 0.15,
        }
    }

    /// What the cost must be at least before its growth is judged: below that it
    /// is what every program has.
    fn floor(self) -> f64 {
        match self {
            Cost::Heap => 256.0 * 1024.0,
            // In seconds, above that of the smallest n.
            Cost::Time | Cost::CompileTime => 0.1,
            Cost::CompileMemory => 16.0 * 1024.0 * 1024.0,
            _ => 0.0,
        }
    }

    /// The points of this cost, in the order of n. A process has a cost of its
    /// own whatever it compiles or runs, which is not what grows.
    fn points(self, points: &[Point]) -> Vec<(f64, f64)> {
        let all = points
            .iter()
            .filter_map(|point| Some((point.n.get() as f64, self.at(point)?)));
        let all: Vec<(f64, f64)> = all.collect();
        if !matches!(self, Cost::Time | Cost::CompileTime | Cost::CompileMemory) {
            return all;
        }
        let least = all.iter().map(|(_, cost)| *cost).fold(f64::MAX, f64::min);
        all.into_iter()
            .map(|(n, cost)| (n, cost - least))
            .filter(|(_, cost)| *cost > 0.2 * least)
            .collect()
    }
}

/// How one cost grows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// A cost that grows faster than declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
            });
        }
        let has_room = matches!(self.cost, Cost::Roots | Cost::Handles | Cost::Stack);
        let fit = self.fit.as_ref().filter(|_| !has_room)?;
        let due = declared.slope(fit.from, fit.to);
        (fit.low > due + self.cost.tolerance()).then(|| Excess {
            cost: self.cost,
            message: format!("{} grows as {fit}, and {declared} is declared", self.cost),
            runs_out: None,
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
    })
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

/// How the exponent between the ends of a short row may lie above the declared
/// one: what a power is not, shows more in three points than in many.
const ROUGHLY: f64 = 0.5;

/// What grows faster than declared from n/4 over n/2 to n, in one line. The
/// first and the last of the points are a factor of four apart.
pub fn rough_excess(points: &[Point; 3], declared: &Growth) -> Option<Excess> {
    let costs = [Cost::Roots, Cost::Work, Cost::Heap].into_iter();
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
        _ => Fuel(it as u64).to_string(),
    };
    Some(Excess {
        cost,
        message: format!(
            "{cost} grows as n^{slope:.2} from n={} ({}) to n={} ({}), and {shape} is declared",
            first.n,
            amount(before),
            last.n,
            amount(now)
        ),
        runs_out: None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::case::{Fuel, Measures, Probed, Usage};

    /// A point with nothing used.
    fn point(n: u64) -> Point {
        Point {
            n: Scale::new(n).unwrap(),
            measures: Some(Measures::default()),
            probed: None,
            compile: None,
            run: Usage::default(),
        }
    }

    fn counted(n: u64, fill: impl Fn(f64, &mut Measures)) -> Point {
        let mut point = point(n);
        fill(n as f64, point.measures.as_mut().unwrap());
        point
    }

    /// From 1 by doubling, as a climb goes.
    fn doubling(last: u32, point: impl Fn(u64) -> Point) -> Vec<Point> {
        (0..=last).map(|k| point(1 << k)).collect()
    }

    /// n whose programs do so much work.
    fn working(last: u32, work: impl Fn(f64) -> f64) -> Vec<Point> {
        let fill = |n: f64, it: &mut Measures| it.fuel = Fuel(work(n) as u64);
        doubling(last, |n| counted(n, fill))
    }

    /// n whose programs use so much of a shadow stack of 16 KiB.
    fn rooting(last: u32, used: impl Fn(f64) -> f64) -> Vec<Point> {
        doubling(last, |n| {
            counted(n, |n, it| {
                it.shadow_stack = Some(Bytes(used(n) as u64));
                it.shadow_room = Some(Bytes(16_384));
            })
        })
    }

    fn declaring(work: &str) -> Growth {
        Growth {
            work: Some(work.parse().unwrap()),
            ..Growth::default()
        }
    }

    fn found(points: &[Point], declared: &Growth) -> Vec<Excess> {
        excesses(points, &measure(points, declared))
    }

    fn overflow(points: &[Point]) -> Option<Overflow> {
        let measured = measure(points, &Growth::default());
        measured
            .into_iter()
            .find(|it| it.cost == Cost::Roots)?
            .overflow
    }

    // --- Work against what is declared -----------------------------------------

    #[test]
    fn what_grows_as_declared_is_no_excess_and_what_grows_faster_is() {
        type Cost = fn(f64) -> f64;
        let shapes: [(&str, Cost); 6] = [
            ("constant", |_| 5_000.0),
            ("n", |n| 1_000.0 + 80.0 * n),
            ("n log n", |n| 80.0 * n * (n + 1.0).ln()),
            ("n^1.5", |n| 1_000.0 + 80.0 * n.powf(1.5)),
            ("n^2", |n| 1_000.0 + 80.0 * n * n),
            ("n^2 log n", |n| 80.0 * n * n * (n + 1.0).ln()),
        ];
        // The logarithm is within what an exponent may stray.
        let alike = [("n log n", "n"), ("n^2 log n", "n^2")];
        for (is, (name, cost)) in shapes.iter().enumerate() {
            let points = working(14, cost);
            for (due, (declared, _)) in shapes.iter().enumerate() {
                let excesses = found(&points, &declaring(declared));
                let expected = is > due && !alike.contains(&(name, declared));
                assert_eq!(!excesses.is_empty(), expected, "{name} for {declared}");
                if expected {
                    let message = &excesses[0].message;
                    assert!(message.starts_with("work grows as n^"), "{message}");
                    assert!(message.ends_with(&format!("and {declared} is declared")));
                    assert_eq!(excesses[0].runs_out, None);
                }
            }
        }
    }

    #[test]
    fn what_is_not_declared_or_not_told_by_enough_points_is_no_excess() {
        let square = |n: f64| 80.0 * n * n;
        assert!(found(&working(12, square), &Growth::default()).is_empty());
        assert!(found(&working(3, square), &declaring("n")).is_empty());
        assert!(!found(&working(4, square), &declaring("n")).is_empty());
        let [work, ..] = &measure(&working(3, square), &declaring("n"))[..] else {
            panic!("the work is measured");
        };
        assert_eq!((work.cost, &work.fit), (Cost::Work, &None));
        assert!(measure(&[], &declaring("n")).is_empty());
    }

    #[test]
    fn noise_is_no_excess_unless_all_of_its_interval_lies_above() {
        let noisy = |p: f64| move |n: f64| 1e6 * n.powf(p) * (1.0 + 0.4 * (n.ln() * 7.0).sin());
        assert!(found(&working(14, noisy(1.0)), &declaring("n")).is_empty());
        assert!(!found(&working(14, noisy(2.0)), &declaring("n")).is_empty());
    }

    #[test]
    fn what_may_be_faster_is_neither_an_excess_nor_as_declared() {
        let work = |cost: fn(f64) -> f64| measure(&working(14, cost), &declaring("n")).remove(0);
        let line = work(|n| 1_000.0 + 80.0 * n);
        assert!(line.is_surely_as_declared() && line.excess().is_none());
        let square = work(|n| 80.0 * n * n);
        assert!(!square.is_surely_as_declared() && square.excess().is_some());
        // Long level, and then steep.
        let bent = work(|n| 1e6 + n * n);
        assert!(bent.fit.as_ref().unwrap().low < 1.0, "{bent:?}");
        assert!(!bent.is_surely_as_declared() && bent.excess().is_none());
        let undeclared = measure(&working(14, |n| n * n), &Growth::default()).remove(0);
        assert!(undeclared.is_surely_as_declared());
    }

    #[test]
    fn a_small_heap_has_no_exponent() {
        let heap = |unit: f64| {
            doubling(10, |n| {
                counted(n, |n, it| it.heap = Bytes((unit * n) as u64))
            })
        };
        let declared = Growth {
            heap: Some(Shape::CONSTANT),
            ..Growth::default()
        };
        // 64 KiB are what every program has, 1 MiB is not.
        assert!(found(&heap(64.0), &declared).is_empty());
        assert_eq!(found(&heap(1_024.0), &declared)[0].cost, Cost::Heap);
    }

    #[test]
    fn compiling_is_measured_above_what_it_always_costs() {
        let compiled = |cpu: fn(f64) -> f64| {
            doubling(12, |n| Point {
                compile: Some(Usage {
                    cpu: Duration::from_secs_f64(0.1 + cpu(n as f64)),
                    peak_memory: Bytes::mebi(40),
                    ..Usage::default()
                }),
                ..point(n)
            })
        };
        let declared = Growth {
            compile: Some(Shape::power(1.0)),
            ..Growth::default()
        };
        assert!(found(&compiled(|n| n / 1e3), &declared).is_empty());
        let square = found(&compiled(|n| n * n / 1e5), &declared);
        assert_eq!(square[0].cost, Cost::CompileTime);
        // So little is not judged.
        assert!(found(&compiled(|n| n * n / 1e9), &declared).is_empty());
    }

    // --- What runs out ---------------------------------------------------------

    #[test]
    fn a_resource_that_fills_by_the_same_each_time_is_foretold_to_the_n() {
        let points = rooting(9, |n| 16.0 + 4.0 * n);
        let overflow = overflow(&points).unwrap();
        assert_eq!(overflow.exponent, 1.0);
        assert!((overflow.each - 4.0).abs() < 1e-9 && (overflow.at - 4_092.0).abs() < 1e-6);
        assert_eq!(
            (overflow.used, overflow.room),
            (Bytes(2_064), Bytes(16_384))
        );
        // Four points tell it.
        assert_eq!((overflow.seen.get(), overflow.since.get()), (512, 8));
        let excess = &found(&points, &Growth::default())[0];
        assert_eq!(excess.cost, Cost::Roots);
        assert_eq!(excess.runs_out, Some(overflow.at));
        assert_eq!(
            excess.message,
            "the shadow stack overflows at about n=4092: it fills by 4 bytes for each n, 2064 of its 16384 bytes at n=512, and constant is declared"
        );
        let declared = Growth {
            roots: Some(Shape::power(1.0)),
            ..Growth::default()
        };
        assert!(found(&points, &declared).is_empty());
    }

    #[test]
    fn a_resource_that_fills_by_less_each_time_is_foretold_by_its_power() {
        let foretold = overflow(&rooting(12, |n| 64.0 * n.sqrt())).unwrap();
        assert!((foretold.exponent - 0.5).abs() < 0.05, "{foretold:?}");
        assert!((foretold.at / 65_536.0 - 1.0).abs() < 0.2, "{foretold:?}");
        // A logarithm never comes to an end.
        assert_eq!(overflow(&rooting(12, |n| 64.0 * n.log2())), None);
    }

    #[test]
    fn a_resource_that_fills_by_more_each_time_is_foretold_by_its_power() {
        let foretold = overflow(&rooting(5, |n| 4.0 * n * n)).unwrap();
        assert!((foretold.exponent - 2.0).abs() < 0.01, "{foretold:?}");
        assert!((foretold.at / 64.0 - 1.0).abs() < 0.05, "{foretold:?}");
    }

    #[test]
    fn a_resource_that_does_not_fill_is_not_foretold() {
        assert_eq!(overflow(&rooting(12, |_| 96.0)), None);
        // It comes and goes.
        let comes = |n: f64| if n.log2() % 2.0 == 0.0 { 96.0 } else { 480.0 };
        assert_eq!(overflow(&rooting(12, comes)), None);
        // A pool that is filled once.
        assert_eq!(overflow(&rooting(12, |n| 4.0 * n.min(128.0))), None);
        assert_eq!(overflow(&rooting(2, |n| 4.0 * n)), None);
        assert!(overflow(&rooting(3, |n| 4.0 * n)).is_some());
    }

    #[test]
    fn what_fills_only_from_some_n_on_is_foretold_since_then() {
        let foretold = overflow(&rooting(10, |n| 4.0 * n.max(64.0))).unwrap();
        assert!((foretold.at - 4_096.0).abs() < 1e-6, "{foretold:?}");
        assert_eq!(foretold.since.get(), 512);
    }

    #[test]
    fn handles_and_the_stack_are_foretold_where_they_were_looked_at() {
        let points = doubling(8, |n| Point {
            probed: Some(Probed {
                exact_stack: Some(Bytes(100 + 48 * n)),
                stack_room: Bytes(524_288),
                wrap_table: Bytes(8 * n),
                wrap_room: Some(Bytes(32_768)),
                ..Probed::default()
            }),
            ..point(n)
        });
        let at = |cost: Cost| {
            let measured = measure(&points, &Growth::default());
            let found = measured.into_iter().find(|it| it.cost == cost).unwrap();
            found.overflow.unwrap().at
        };
        assert!((at(Cost::Handles) - 4_096.0).abs() < 1e-6);
        assert!((at(Cost::Stack) - (524_288.0 - 100.0) / 48.0).abs() < 1e-6);
        // What runs out stands before what only grows.
        let declared = declaring("n");
        let both: Vec<Point> = points
            .iter()
            .map(|it| Point {
                measures: counted(it.n.get(), |n, it| it.fuel = Fuel((n * n) as u64)).measures,
                ..it.clone()
            })
            .collect();
        let costs: Vec<Cost> = found(&both, &declared).iter().map(|it| it.cost).collect();
        assert_eq!(costs, [Cost::Handles, Cost::Stack, Cost::Work]);
    }

    // --- A heap with nothing in it ---------------------------------------------

    #[test]
    fn a_large_heap_with_little_in_it_is_waste() {
        let with = |heap: u64, used: Option<u64>| {
            let mut point = counted(8, |_, it| it.heap = Bytes::mebi(heap));
            point.probed = Some(Probed {
                live: Some(Bytes(0)),
                used: used.map(Bytes),
                ..Probed::default()
            });
            point
        };
        let wasted = |heap, used| !found(&[with(heap, used)], &Growth::default()).is_empty();
        assert!(wasted(17, Some(1_000)));
        assert!(wasted(128, Some(8 * 1024 * 1024 - 1)));
        assert!(!wasted(128, Some(8 * 1024 * 1024)));
        assert!(!wasted(16, Some(0)));
        assert!(!wasted(1_000, None), "nobody knows");
        let rows = [
            with(17, Some(1_000)),
            with(20, Some(10)),
            with(20, Some(999)),
        ];
        let excess = &found(&rows, &Growth::default())[..];
        assert_eq!(excess.len(), 1);
        assert_eq!(
            excess[0].message,
            "the heap takes 20.0 MiB at n=8, and no more than 10 B of it was in use at a time"
        );
    }

    // --- Three points ----------------------------------------------------------

    fn rough(point: impl Fn(u64) -> Point, declared: &Growth) -> Option<Excess> {
        rough_excess(&[point(25), point(50), point(100)], declared)
    }

    #[test]
    fn three_points_tell_a_square_from_a_line() {
        let work = |power: f64| {
            move |n| counted(n, |n, it| it.fuel = Fuel((1_000.0 * n.powf(power)) as u64))
        };
        for (power, declared, expected) in [
            (1.0, "n", false),
            (1.4, "n", false),
            (1.6, "n", true),
            (2.0, "n", true),
            (2.0, "n log n", true),
            (2.0, "n^2", false),
            (1.0, "constant", true),
            (0.3, "constant", false),
            (3.0, "n^2 log n", true),
        ] {
            let excess = rough(work(power), &declaring(declared));
            assert_eq!(excess.is_some(), expected, "{power} for {declared}");
        }
        assert_eq!(
            rough(work(2.0), &declaring("n")).unwrap().message,
            "work grows as n^2.00 from n=25 (625,000) to n=100 (10,000,000), and n is declared"
        );
        assert_eq!(rough(work(2.0), &Growth::default()), None);
        // What every program has beside it makes it only less.
        let beside = |n| counted(n, |n, it| it.fuel = Fuel(5_000 + (n * n) as u64));
        assert_eq!(rough(beside, &declaring("n")), None);
    }

    #[test]
    fn three_points_tell_a_heap_and_what_runs_out() {
        let heap = |unit: f64| move |n| counted(n, |n, it| it.heap = Bytes((unit * n * n) as u64));
        let declared = Growth {
            heap: Some(Shape::power(1.0)),
            ..Growth::default()
        };
        assert_eq!(
            rough(heap(1_024.0), &declared).unwrap().message,
            "heap grows as n^2.00 from n=25 (625.0 KiB) to n=100 (9.8 MiB), and n is declared"
        );
        assert_eq!(rough(heap(16.0), &declared), None, "too small to be judged");

        let roots = |each: u64| {
            move |n: u64| {
                counted(n, |n, it| {
                    it.shadow_stack = Some(Bytes(16 + each * n as u64));
                    it.shadow_room = Some(Bytes(16_384));
                })
            }
        };
        let excess = rough(roots(4), &Growth::default()).unwrap();
        assert_eq!(excess.cost, Cost::Roots);
        assert!((excess.runs_out.unwrap() - 4_092.0).abs() < 1e-6);
        assert_eq!(rough(roots(0), &Growth::default()), None);
        let declared = Growth {
            roots: Some(Shape::power(1.0)),
            ..Growth::default()
        };
        assert_eq!(rough(roots(4), &declared), None);
    }

    #[test]
    fn a_known_limit_makes_an_excess_known() {
        let excess = &found(&working(10, |n| n * n), &declaring("n"))[0];
        let judgement = excess.judgement(None);
        assert_eq!(judgement.verdict, Verdict::Failed(FailureKind::Growth));
        assert_eq!(judgement.message, excess.message);
        let judgement = excess.judgement(Some("It is so."));
        assert_eq!(judgement.verdict, Verdict::Known);
        assert_eq!(
            judgement.message,
            format!("{} (known: It is so.)", excess.message)
        );
    }
}
