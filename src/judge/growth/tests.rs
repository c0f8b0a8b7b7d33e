use std::collections::BTreeMap;
use std::time::Duration;

use semver::VersionReq;

use super::*;
use crate::case::{HostUse, Instructions, Measures, Probed, Scale, Usage};
use crate::judge::Verdict;
use crate::scenario::{FailureKind, KnownLimit};

/// A point with nothing used.
fn point(n: u64) -> Point {
    Point {
        n: Scale::new(n).unwrap(),
        measures: Some(Measures::default()),
        host: None,
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

/// n whose programs take so many instructions.
fn working(last: u32, work: impl Fn(f64) -> f64) -> Vec<Point> {
    let fill = |n: f64, it: &mut Measures| it.instructions = Instructions(work(n) as u64);
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

/// That a cost grows as the square of n is known.
fn limit(cost: Cost) -> KnownLimit {
    KnownLimit {
        vera: VersionReq::STAR,
        lanes: Vec::new(),
        from_n: Scale::ONE,
        verdict: FailureKind::Growth,
        bound: BTreeMap::from([(cost, Shape::power(2.0))]),
        because: "It is so.".to_owned(),
    }
}

fn declaring(work: &str) -> Growth {
    Growth {
        instructions: Some(work.parse().unwrap()),
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

// --- Instructions against what is declared -----------------------------------------

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
                assert!(message.starts_with("instructions grow as n^"), "{message}");
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
    assert_eq!((work.cost, &work.fit), (Cost::Instructions, &None));
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
        host: None,
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
            measures: counted(it.n.get(), |n, it| {
                it.instructions = Instructions((n * n) as u64);
            })
            .measures,
            ..it.clone()
        })
        .collect();
    let costs: Vec<Cost> = found(&both, &declared).iter().map(|it| it.cost).collect();
    assert_eq!(costs, [Cost::Handles, Cost::Stack, Cost::Instructions]);
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
    let points = [point(25), point(50), point(100)];
    let beyond = Vec::new();
    let excesses = rough_excesses(&Grown { points, beyond }, declared);
    excesses.into_iter().next()
}

#[test]
fn three_points_tell_a_square_from_a_line() {
    let work = |power: f64| {
        move |n| {
            counted(n, |n, it| {
                it.instructions = Instructions((1_000.0 * n.powf(power)) as u64);
            })
        }
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
        "instructions grow as n^2.00 from n=25 (625,000) to n=100 (10,000,000), and n is declared"
    );
    assert_eq!(rough(work(2.0), &Growth::default()), None);
    // What every program has beside it makes it only less.
    let beside = |n| {
        counted(n, |n, it| {
            it.instructions = Instructions(5_000 + (n * n) as u64);
        })
    };
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
fn a_step_is_no_growth_and_each_cost_is_looked_at() {
    let declared = Growth {
        instructions: Some(Shape::power(1.0)),
        heap: Some(Shape::power(1.0)),
        ..Growth::default()
    };
    // Of n = 100 and above: the instructions go on as n, the heap as its square.
    let at = |n: u64| {
        counted(n, |n, it| {
            let each = if n < 100.0 { 1.0 } else { 40.0 };
            it.instructions = Instructions((1_000.0 * each * n) as u64);
            it.heap = Bytes((1_024.0 * n * n) as u64);
        })
    };
    let costs = |beyond: &[u64]| -> Vec<(Cost, f64)> {
        let grown = Grown {
            points: [at(25), at(50), at(100)],
            beyond: beyond.iter().map(|n| at(*n)).collect(),
        };
        let excesses = rough_excesses(&grown, &declared);
        let least = |it: Excess| (it.cost, (it.pace.unwrap().exponent * 100.0).round() / 100.0);
        excesses.into_iter().map(least).collect()
    };
    assert_eq!(costs(&[]), [(Cost::Instructions, 3.66), (Cost::Heap, 2.0)]);
    assert_eq!(costs(&[400]), [(Cost::Heap, 2.0)]);
    assert_eq!(costs(&[400, 1_600]), [(Cost::Heap, 2.0)]);
}

#[test]
fn what_no_limit_explains_comes_before_what_one_does() {
    let excess = |cost: Cost| Excess {
        cost,
        message: cost.to_string(),
        runs_out: None,
        pace: None,
    };
    let both = [excess(Cost::Roots), excess(Cost::Heap)];
    let (roots, heap) = (limit(Cost::Roots), limit(Cost::Heap));
    let judged = |limits: &[&KnownLimit]| judgement(&both, limits).unwrap().message;
    assert_eq!(judged(&[]), "roots");
    assert_eq!(judged(&[&roots]), "heap");
    assert_eq!(judged(&[&heap]), "roots");
    assert_eq!(judged(&[&heap, &roots]), "roots (known: It is so.)");
    assert_eq!(judgement(&[], &[&heap]), None);
}

#[test]
fn a_known_limit_makes_an_excess_known() {
    let excess = &found(&working(10, |n| n * n), &declaring("n"))[0];
    let judgement = excess.judgement(&[]);
    assert_eq!(judgement.verdict, Verdict::Failed(FailureKind::Growth));
    assert_eq!(judgement.message, excess.message);
    let limit = limit(Cost::Instructions);
    let judgement = excess.judgement(&[&limit]);
    assert_eq!(judgement.verdict, Verdict::Known);
    assert_eq!(
        judgement.message,
        format!("{} (known: It is so.)", excess.message)
    );
}

/// What Vera's own runtime tells of an n.
fn hosted(n: u64, seconds: f64, memory: Bytes, stores: u64) -> Point {
    Point {
        measures: None,
        host: Some(HostUse { stores, memory }),
        run: Usage {
            cpu: Duration::from_secs_f64(seconds),
            ..Usage::default()
        },
        ..point(n)
    }
}

#[test]
fn three_points_tell_what_only_the_host_costs() {
    let timed =
        |power: f64, unit: f64| move |n: u64| hosted(n, unit * (n as f64).powf(power), Bytes(0), 0);
    assert_eq!(
        rough(timed(2.0, 1e-4), &declaring("n")).unwrap().message,
        "time grows as n^2.00 from n=25 (0.06s) to n=100 (1.00s), and n is declared"
    );
    assert_eq!(rough(timed(1.0, 1e-2), &declaring("n")), None);
    assert_eq!(rough(timed(2.0, 1e-5), &declaring("n")), None, "too short");
    // One run that met with something is no growth.
    let hindered = |n: u64| hosted(n, if n == 25 { 0.1 } else { n as f64 / 100.0 }, Bytes(0), 0);
    assert_eq!(rough(hindered, &declaring("n")), None);
    let excess = rough(timed(2.0, 1e-4), &declaring("n")).unwrap();
    assert_eq!(
        excess.judgement(&[&limit(Cost::Instructions)]).verdict,
        Verdict::Known
    );

    let kept = |each: u64| move |n: u64| hosted(n, 0.0, Bytes(0), each * n);
    let excess = rough(kept(100), &Growth::default()).unwrap();
    assert_eq!(
        excess.message,
        "stores grow as n^1.00 from n=25 (2,500) to n=100 (10,000), and constant is declared"
    );
    assert_eq!(rough(kept(40), &Growth::default()), None, "garbage");
    assert_eq!(rough(kept(100), &Growth::free()), None);

    let declared = Growth {
        heap: Some(Shape::CONSTANT),
        ..Growth::default()
    };
    let memory = |n: u64| hosted(n, 0.0, Bytes::mebi(n), 0);
    assert_eq!(rough(memory, &declared).unwrap().cost, Cost::HostMemory);
    assert_eq!(rough(memory, &Growth::default()), None);
}
