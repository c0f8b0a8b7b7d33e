//! What a climb means: its verdict, with what is known of the scenario.

use super::{Climb, ClimbEnd, Explosion};
use crate::case::Scale;
use crate::judge::growth::{Excess, Measured, judgement};
use crate::judge::{Judgement, Verdict};
use crate::runner::Examined;
use crate::scenario::{FailureKind, KnownLimit};

impl Climb {
    /// The judgement on it, with the limits that are known of the scenario,
    /// whatever their n.
    pub fn judgement(&self, limits: &[&KnownLimit]) -> Judgement {
        let mut known: Option<String> = None;
        match &self.end {
            ClimbEnd::Failed { at, examined, .. } => match examined.judgement.verdict {
                Verdict::Known => known = Some(examined.judgement.message.clone()),
                _ => match almost_known(*at, examined, limits) {
                    Some(message) => known = Some(message),
                    None => return examined.judgement.clone(),
                },
            },
            ClimbEnd::NotRun(reason) => return not_run(reason.message()),
            ClimbEnd::Oracle { at, why } if self.passes.is_none() => {
                return not_run(format!("n={at} cannot be judged: {why}"));
            }
            ClimbEnd::Budget { at, what, .. } if self.passes.is_none() => {
                return not_run(format!("n={at} {what}; allow it more"));
            }
            ClimbEnd::Budget { .. } | ClimbEnd::Largest | ClimbEnd::Oracle { .. } => {}
        }
        let mut first = judgement(&self.excesses, limits);
        if let Some(worse) = first.take_if(|it| it.verdict != Verdict::Known) {
            return worse;
        }
        if let Some(explosion) = &self.explosion {
            return undecided(explosion, limits);
        }
        // What fails at one n can pass at a larger one; it is gone when the whole
        // way up is clear.
        if let (Some((n, message)), None) = (&self.fixed, &known) {
            return fixed(format!("n={n} {message}"));
        }
        let reached = self.passes.map_or(0, Scale::get);
        // Where nothing was counted, nothing is known to be gone.
        let counted = self.points.iter().any(|it| it.measures.is_some());
        let gone = |limit: &&&KnownLimit| {
            let seen = |it: &Excess| limit.bound_of(it.cost).is_some();
            let mut named = self
                .measured
                .iter()
                .filter(|it| limit.bound_of(it.cost).is_some());
            limit.verdict == FailureKind::Growth
                && counted
                && reached >= limit.from_n.get()
                && !self.excesses.iter().any(seen)
                && named.all(Measured::is_surely_as_declared)
        };
        if let Some(limit) = limits.iter().find(gone) {
            return fixed(format!(
                "nothing that it names grows faster than declared up to n={reached}, and growth is declared as a known limit from n={} ({}); take that [[known]] entry out or narrow it",
                limit.from_n, limit.because
            ));
        }
        match (known, first) {
            (Some(message), _) => Judgement {
                verdict: Verdict::Known,
                message,
            },
            (None, Some(judgement)) => judgement,
            (None, None) => Judgement {
                verdict: Verdict::Pass,
                message: String::new(),
            },
        }
    }
}

fn not_run(message: String) -> Judgement {
    Judgement {
        verdict: Verdict::NotRun,
        message,
    }
}

/// What is said of a climb that a cost ended before it could be judged, unless it
/// is known that this cost grows as fast.
fn undecided(explosion: &Explosion, limits: &[&KnownLimit]) -> Judgement {
    let message = &explosion.message;
    match limits.iter().find(|limit| explosion.is_within(limit)) {
        Some(limit) => Judgement {
            verdict: Verdict::Known,
            message: format!("{message} (known: {})", limit.because),
        },
        None => Judgement {
            verdict: Verdict::Undecided,
            message: message.clone(),
        },
    }
}

fn fixed(message: String) -> Judgement {
    Judgement {
        verdict: Verdict::Fixed,
        message,
    }
}

/// Where a stack ends depends on the size of frames, which a machine or a build
/// may change a little: a limit that is known from a slightly larger n is the
/// same limit.
const SLIGHTLY: f64 = 0.02;

/// The message for a failure slightly below a known limit of the same kind.
fn almost_known(at: Scale, examined: &Examined, limits: &[&KnownLimit]) -> Option<String> {
    let Judgement { verdict, message } = &examined.judgement;
    let near = |limit: &&&KnownLimit| {
        *verdict == Verdict::Failed(limit.verdict)
            && at.get() as f64 >= (1.0 - SLIGHTLY) * limit.from_n.get() as f64
    };
    let limit = limits.iter().find(near)?;
    Some(format!(
        "{message} (known from n={}: {})",
        limit.from_n, limit.because
    ))
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;
    use std::sync::Arc;

    use semver::VersionReq;
    use wildmatch::WildMatch;

    use super::*;
    use crate::case::{Ending, Lane, Measures, Outcome, Point, Usage, Value};
    use crate::judge::Judgement;
    use crate::judge::fit::Fit;
    use crate::judge::growth::Pace;
    use crate::runner::NotRun;
    use crate::scenario::{Cost, Expectation, Shape};

    fn at(n: u64) -> Scale {
        Scale::new(n).unwrap()
    }

    /// A climb on which nothing was wrong up to n = 1,000.
    fn climb() -> Climb {
        let point = |n| Point {
            n: at(n),
            measures: Some(Measures::default()),
            host: None,
            probed: None,
            compile: None,
            run: Usage::default(),
        };
        Climb {
            instead: None,
            lane: Lane::NATIVE,
            points: [1, 10, 100, 1_000].map(point).into(),
            heap_life: None,
            passes: Some(at(1_000)),
            end: ClimbEnd::Largest,
            measured: Vec::new(),
            excesses: Vec::new(),
            explosion: None,
            fixed: None,
            probes: 4,
        }
    }

    /// Its end at n = 1,001, judged like that.
    fn failed(verdict: Verdict, message: &str) -> ClimbEnd {
        let outcome = Outcome::new(Ending::Returned {
            value: Value::Unit,
            exit_code: None,
        });
        let expected = Expectation::of_value(Value::Int(1));
        ClimbEnd::Failed {
            at: at(1_001),
            examined: Box::new(Examined {
                outcome: Arc::new(outcome),
                expected: Arc::new(expected),
                input: "".into(),
                grown: None,
                twin: None,
                judgement: Judgement {
                    verdict,
                    message: message.to_owned(),
                },
            }),
            exact: true,
        }
    }

    fn budget() -> ClimbEnd {
        ClimbEnd::Budget {
            at: at(2_000),
            what: "spent its time".to_owned(),
            exact: false,
        }
    }

    fn excess(cost: Cost, runs_out: Option<f64>) -> Excess {
        Excess {
            cost,
            message: format!("{cost} {}", Cost::grow(&[cost])),
            runs_out,
            pace: None,
        }
    }

    fn limit(verdict: FailureKind, from_n: u64, costs: &[Cost]) -> KnownLimit {
        KnownLimit {
            vera: VersionReq::STAR,
            lanes: vec![WildMatch::new("*")],
            from_n: at(from_n),
            verdict,
            bound: costs.iter().map(|it| (*it, Shape::power(2.0))).collect(),
            because: "the cause".to_owned(),
        }
    }

    #[track_caller]
    fn judged(climb: &Climb, limits: &[KnownLimit], verdict: Verdict, words: &str) {
        let limits: Vec<&KnownLimit> = limits.iter().collect();
        let judgement = climb.judgement(&limits);
        assert_eq!(judgement.verdict, verdict, "{judgement:?}");
        assert!(judgement.message.contains(words), "{judgement:?}");
        assert_eq!(judgement.message.is_empty(), verdict == Verdict::Pass);
    }

    const GROWTH: Verdict = Verdict::Failed(FailureKind::Growth);
    const TRAP: Verdict = Verdict::Failed(FailureKind::Trap);

    #[test]
    fn a_climb_that_meets_nothing_passes() {
        for end in [ClimbEnd::Largest, budget()] {
            judged(&Climb { end, ..climb() }, &[], Verdict::Pass, "");
        }
        let end = ClimbEnd::Oracle {
            at: at(2_000),
            why: "too large".to_owned(),
        };
        judged(&Climb { end, ..climb() }, &[], Verdict::Pass, "");
    }

    #[test]
    fn a_climb_that_did_not_begin_is_none() {
        let nothing = |end| Climb {
            end,
            passes: None,
            points: Vec::new(),
            ..climb()
        };
        let oracle = ClimbEnd::Oracle {
            at: Scale::ONE,
            why: "too small".to_owned(),
        };
        let words = "n=1 cannot be judged: too small";
        judged(&nothing(oracle), &[], Verdict::NotRun, words);
        let words = "n=2000 spent its time; allow it more";
        judged(&nothing(budget()), &[], Verdict::NotRun, words);
        // Whatever came before: an interrupted climb is none either.
        let end = ClimbEnd::NotRun(NotRun::Interrupted);
        let interrupted = Climb { end, ..climb() };
        judged(&interrupted, &[], Verdict::NotRun, "interrupted");
        let grown = Climb {
            excesses: vec![excess(Cost::Instructions, None)],
            ..interrupted
        };
        judged(&grown, &[], Verdict::NotRun, "interrupted");
    }

    #[test]
    fn a_cost_that_explodes_leaves_the_climb_undecided_unless_it_is_known() {
        let climb = |cost| Climb {
            end: budget(),
            explosion: Some(Explosion {
                cost,
                over: (at(1_000), at(2_000)),
                exponent: 3.9,
                message: "it went from 1 to 1,000".to_owned(),
            }),
            ..climb()
        };
        let words = "it went from 1 to 1,000";
        judged(&climb(Cost::CompileTime), &[], Verdict::Undecided, words);
        let growth = |cost| limit(FailureKind::Growth, 1, &[cost]);
        let heap = [growth(Cost::Heap)];
        judged(&climb(Cost::CompileTime), &heap, Verdict::Undecided, words);
        let known = "it went from 1 to 1,000 (known: the cause)";
        let compile = [growth(Cost::CompileTime)];
        judged(&climb(Cost::CompileTime), &compile, Verdict::Known, known);
        let instructions = [growth(Cost::Instructions)];
        judged(&climb(Cost::Time), &instructions, Verdict::Known, known);
        // Up to a bound of n^2, and not beyond.
        let mut faster = climb(Cost::CompileTime);
        if let Some(explosion) = &mut faster.explosion {
            explosion.exponent = 4.1;
        }
        judged(&faster, &compile, Verdict::Undecided, words);
        // What is seen to grow too fast is decided.
        let grows = Climb {
            excesses: vec![excess(Cost::Instructions, None)],
            ..climb(Cost::CompileTime)
        };
        judged(&grows, &[], GROWTH, "instructions grow");
    }

    #[test]
    fn how_the_case_failed_counts_before_how_its_costs_grow() {
        let climb = Climb {
            end: failed(TRAP, "trap here"),
            excesses: vec![excess(Cost::Instructions, None)],
            fixed: Some((at(8), "passes".to_owned())),
            ..climb()
        };
        judged(&climb, &[], TRAP, "trap here");
        let unsupported = Climb {
            end: failed(Verdict::Unsupported, "no files"),
            ..climb
        };
        judged(&unsupported, &[], Verdict::Unsupported, "no files");
    }

    #[test]
    fn a_limit_slightly_above_is_the_same() {
        let climb = Climb {
            end: failed(TRAP, "trap here"),
            ..climb()
        };
        let from = |n| [limit(FailureKind::Trap, n, &[])];
        let words = "trap here (known from n=1020: the cause)";
        judged(&climb, &from(1_020), Verdict::Known, words);
        judged(&climb, &from(1_030), TRAP, "trap here");
        let wrong = [limit(FailureKind::Wrong, 1_020, &[])];
        judged(&climb, &wrong, TRAP, "trap here");
    }

    #[test]
    fn a_known_failure_hides_no_growth_that_is_not() {
        let known = Climb {
            end: failed(Verdict::Known, "trap (known: it)"),
            ..climb()
        };
        judged(&known, &[], Verdict::Known, "trap (known: it)");
        let grows = Climb {
            excesses: vec![excess(Cost::Instructions, None)],
            ..known
        };
        judged(&grows, &[], GROWTH, "instructions grow");
        let limits = [limit(FailureKind::Growth, 1, &[Cost::Instructions])];
        judged(&grows, &limits, Verdict::Known, "trap (known: it)");
        let limits = [limit(FailureKind::Growth, 1, &[Cost::Heap])];
        judged(&grows, &limits, GROWTH, "instructions grow");
    }

    #[test]
    fn each_growth_needs_a_limit_that_names_it() {
        let both = Climb {
            excesses: vec![excess(Cost::Heap, None), excess(Cost::Instructions, None)],
            ..climb()
        };
        judged(&both, &[], GROWTH, "heap grows");
        let heap = limit(FailureKind::Growth, 1, &[Cost::Heap]);
        let work = limit(FailureKind::Growth, 1, &[Cost::Instructions]);
        let any = limit(FailureKind::Growth, 1, &[Cost::Heap, Cost::Instructions]);
        let wrong = limit(FailureKind::Wrong, 1, &[]);
        judged(&both, from_ref(&heap), GROWTH, "instructions grow");
        judged(&both, from_ref(&work), GROWTH, "heap grows");
        judged(&both, &[wrong], GROWTH, "heap grows");
        let words = "heap grows (known: the cause)";
        judged(&both, &[work, heap], Verdict::Known, words);
        judged(&both, &[any], Verdict::Known, words);
    }

    #[test]
    fn a_known_growth_hides_nothing_that_is_worse() {
        let grows = |exponent| Climb {
            excesses: vec![Excess {
                pace: Some(Pace {
                    exponent,
                    from: 16.0,
                    to: 1_024.0,
                }),
                ..excess(Cost::Instructions, None)
            }],
            ..climb()
        };
        // It allows n^2, from whatever n.
        let limits = [limit(FailureKind::Growth, 5_000, &[Cost::Instructions])];
        let words = "instructions grow (known: the cause)";
        judged(&grows(2.14), &limits, Verdict::Known, words);
        let words = "instructions grow (known is no more than n^2)";
        judged(&grows(2.16), &limits, GROWTH, words);
        judged(&grows(3.0), &limits, GROWTH, words);
    }

    #[test]
    fn a_known_trap_explains_what_runs_out_where_it_is() {
        let runs_out = |n| Climb {
            excesses: vec![excess(Cost::Roots, Some(n))],
            ..climb()
        };
        let trap = |from_n| [limit(FailureKind::Trap, from_n, &[])];
        let words = "roots grow (known: the cause)";
        judged(&runs_out(4_092.0), &trap(4_093), Verdict::Known, words);
        judged(&runs_out(4_900.0), &trap(4_093), Verdict::Known, words);
        judged(&runs_out(9_000.0), &trap(4_093), GROWTH, "roots grow");
        judged(&runs_out(2_000.0), &trap(4_093), GROWTH, "roots grow");
        let wrong = [limit(FailureKind::Wrong, 4_093, &[])];
        judged(&runs_out(4_092.0), &wrong, GROWTH, "roots grow");
        let grows = Climb {
            excesses: vec![excess(Cost::Instructions, None)],
            ..climb()
        };
        judged(&grows, &trap(1_001), GROWTH, "instructions grow");
    }

    #[test]
    fn a_limit_that_holds_no_more_is_fixed() {
        let growth = |from_n| [limit(FailureKind::Growth, from_n, &[Cost::Instructions])];
        let words = "up to n=1000, and growth is declared as a known limit from n=1000 (the cause)";
        judged(&climb(), &growth(1_000), Verdict::Fixed, words);
        judged(&climb(), &growth(1_001), Verdict::Pass, "");
        let uncounted = Climb {
            lane: Lane::REFERENCE,
            points: Vec::new(),
            ..climb()
        };
        judged(&uncounted, &growth(1_000), Verdict::Pass, "");
        // What may grow or not is not gone.
        let fit = Fit {
            exponent: 1.5,
            low: 1.0,
            high: 2.0,
            points: 7,
            from: 16.0,
            to: 1_000.0,
            shapes: Vec::new(),
        };
        let doubted = Climb {
            measured: vec![Measured {
                cost: Cost::Instructions,
                fit: Some(fit),
                declared: Some(Shape::power(1.0)),
                overflow: None,
                level: false,
                unnamed: "".into(),
            }],
            ..climb()
        };
        judged(&doubted, &growth(1_000), Verdict::Pass, "");
        let heap = [limit(FailureKind::Growth, 1_000, &[Cost::Heap])];
        judged(&doubted, &heap, Verdict::Fixed, words);
        // One of two is gone.
        let limits =
            [Cost::Heap, Cost::Instructions].map(|it| limit(FailureKind::Growth, 10, &[it]));
        let half = Climb {
            excesses: vec![excess(Cost::Heap, None)],
            ..climb()
        };
        judged(
            &half,
            &limits,
            Verdict::Fixed,
            "nothing that it names grows",
        );
        // A case that passed where its limit says that it fails.
        let passed = Climb {
            fixed: Some((at(64), "passes, and is declared".to_owned())),
            ..climb()
        };
        judged(&passed, &[], Verdict::Fixed, "n=64 passes, and is declared");
        let later = Climb {
            end: failed(Verdict::Known, "trap (known: it)"),
            ..passed
        };
        // Unless it fails in that way higher up.
        judged(&later, &[], Verdict::Known, "trap (known: it)");
        let grows = Climb {
            excesses: vec![excess(Cost::Instructions, None)],
            ..later
        };
        judged(&grows, &[], GROWTH, "instructions grow");
    }
}
