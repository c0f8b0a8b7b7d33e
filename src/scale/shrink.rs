//! The smallest n at which a failing case fails as it does.

use std::time::{Duration, Instant};

use crate::case::{Case, Scale};
use crate::judge::{Signature, Verdict};
use crate::runner::{Examined, Examiner, NotRun};
use crate::scenario::{FailureKind, Scenario};

/// What a search for the smallest failing n found.
#[derive(Clone, Debug)]
pub struct Smallest {
    /// The smallest n that was seen to fail in the same way.
    pub fails: Scale,
    /// The largest n below it that was seen not to, if any was.
    pub below: Option<Below>,
    /// What happened at `fails`; `None` where that is the case itself.
    pub examined: Option<Examined>,
    /// The smallest n that was seen to fail in another way, where that is smaller
    /// than the case's own, and what happened there.
    pub otherwise: Option<(Scale, Examined)>,
    /// How often a program was run.
    pub probes: usize,
    /// Why the search ended before it was exact.
    pub stopped: Option<String>,
}

/// An n that does not fail in the way that is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Below {
    /// The n.
    pub n: Scale,
    /// What it does instead.
    pub how: How,
}

/// What an n does that does not fail in the way that is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It passes.
    Passes,
    /// It fails as a known limit says.
    Known,
    /// It fails in another way.
    Otherwise,
}

impl Smallest {
    /// Whether nothing is left between the two: the search came to its end.
    pub fn is_exact(&self) -> bool {
        self.below.map_or(0, |below| below.n.get()) + 1 == self.fails.get()
    }

    /// The largest n below that was seen to pass, or to fail as is known.
    pub fn passes(&self) -> Option<Scale> {
        let below = self.below.filter(|below| below.how != How::Otherwise);
        below.map(|below| below.n)
    }

    /// The finding in a few words: `4097 (4096 passes)`.
    pub fn describe(&self) -> String {
        let below = self.below.map(|Below { n, how }| match how {
            How::Passes => format!("{n} passes"),
            How::Known => format!("{n} is a known limit"),
            How::Otherwise => format!("{n} fails otherwise"),
        });
        let notes: Vec<String> = below.into_iter().chain(self.stopped.clone()).collect();
        let at_most = if self.is_exact() { "" } else { "at most " };
        let fails = self.fails;
        if notes.is_empty() {
            format!("{at_most}{fails}")
        } else {
            format!("{at_most}{fails} ({})", notes.join("; "))
        }
    }
}

/// Searches below a case that fails as `sought` says: n doubles from 1 until
/// something fails in the same way, and what lies between is halved. Neither a
/// known limit nor another failure is what is searched for.
///
/// Doubling first keeps the probes small, and finds a failure at a small n also
/// where larger ones pass again. Nothing runs longer than `deadline`. Where the
/// case failed because two engines differ, each probe compares them again.
pub fn shrink(
    examiner: &Examiner<'_>,
    scenario: &Scenario,
    case: &Case,
    sought: &Signature,
    deadline: Instant,
) -> Smallest {
    let compares = sought.verdict == FailureKind::EnginesDiffer;
    search(case.scale, deadline, |scale| {
        let probe = Case {
            scale,
            ..case.clone()
        };
        let examined = examiner.examine_until(scenario, &probe, compares, deadline)?;
        Ok(match examined.judgement.verdict {
            Verdict::Failed(_) => {
                let signature = examined.signature(&scenario.growth);
                match signature.is_some_and(|it| it.is_like(sought)) {
                    true => Probe::Fails(Box::new(examined)),
                    false => Probe::Otherwise(Box::new(examined)),
                }
            }
            Verdict::Known => Probe::Known,
            Verdict::Pass | Verdict::Fixed => Probe::Passes,
            // None of these is said of a case that was run.
            Verdict::Unsupported | Verdict::Refused | Verdict::Undecided | Verdict::NotRun => {
                return Err(NotRun::Scenario(examined.judgement.message));
            }
        })
    })
}

/// What a probe found.
enum Probe {
    Passes,
    Known,
    Otherwise(Box<Examined>),
    Fails(Box<Examined>),
}

/// The search itself. A probe that cannot be run ends it with what it has found.
fn search(
    failing: Scale,
    deadline: Instant,
    mut probe: impl FnMut(Scale) -> Result<Probe, NotRun>,
) -> Smallest {
    let mut found = Smallest {
        fails: failing,
        below: None,
        examined: None,
        otherwise: None,
        probes: 0,
        stopped: None,
    };
    let mut doubling = true;
    let mut next = Scale::ONE;
    while !found.is_exact() {
        if Instant::now() >= deadline {
            found.stopped = Some("the search ran out of time".to_owned());
            break;
        }
        if next >= found.fails {
            doubling = false;
        }
        if !doubling {
            let below = found
                .below
                .expect("a search that is not exact has an n below its failure");
            next = below.n.midpoint(found.fails);
        }
        match probe(next) {
            Ok(Probe::Passes) => found.is_below(next, How::Passes),
            Ok(Probe::Known) => found.is_below(next, How::Known),
            Ok(Probe::Otherwise(examined)) => {
                found.is_below(next, How::Otherwise);
                if found.otherwise.as_ref().is_none_or(|(n, _)| next < *n) {
                    found.otherwise = Some((next, *examined));
                }
            }
            Ok(Probe::Fails(examined)) => {
                doubling = false;
                found.fails = next;
                found.examined = Some(*examined);
            }
            Err(NotRun::Budget(_)) => {
                found.stopped = Some("the search ran out of time".to_owned());
                break;
            }
            Err(reason) => {
                found.stopped = Some(format!("n={next} was not run: {}", reason.message()));
                break;
            }
        }
        found.probes += 1;
        if doubling {
            next = Scale::new(next.get().saturating_mul(2)).unwrap_or(failing);
        }
    }
    found
}

impl Smallest {
    fn is_below(&mut self, n: Scale, how: How) {
        self.below = Some(Below { n, how });
    }
}

/// When a search has to end: its own budget, or the suite's.
pub fn deadline(budget: Duration, suite: Instant) -> Instant {
    (Instant::now() + budget).min(suite)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::case::{Ending, Outcome, Value};
    use crate::judge::Judgement;
    use crate::scenario::{Expectation, FailureKind};

    fn failed() -> Examined {
        Examined {
            outcome: Arc::new(Outcome::new(Ending::Returned {
                value: Value::Unit,
                exit_code: None,
            })),
            expected: Arc::new(Expectation::of_value(Value::Int(1))),
            input: "".into(),
            grown: None,
            twin: None,
            judgement: Judgement {
                verdict: Verdict::Failed(FailureKind::Wrong),
                message: String::new(),
            },
        }
    }

    fn shrunk(from: u64, fails: impl Fn(u64) -> bool) -> Smallest {
        shrunk_beside(from, fails, |_| false)
    }

    /// A search where some n fail otherwise.
    fn shrunk_beside(
        from: u64,
        fails: impl Fn(u64) -> bool,
        otherwise: impl Fn(u64) -> bool,
    ) -> Smallest {
        let later = Instant::now() + Duration::from_secs(60);
        search(Scale::new(from).unwrap(), later, |scale| {
            Ok(match scale.get() {
                n if fails(n) => Probe::Fails(Box::new(failed())),
                n if otherwise(n) => Probe::Otherwise(Box::new(failed())),
                _ => Probe::Passes,
            })
        })
    }

    #[test]
    fn another_failure_on_the_way_is_said_and_not_taken_for_it() {
        let found = shrunk_beside(10_000, |n| n >= 7_000, |n| n >= 250);
        assert_eq!(found.describe(), "7000 (6999 fails otherwise)");
        assert!(found.is_exact() && found.passes().is_none());
        // The smallest of those that were seen, which is no search for the smallest.
        assert_eq!(found.otherwise.unwrap().0.get(), 256);
        let found = shrunk_beside(10_000, |n| n >= 7_000, |n| (250..300).contains(&n));
        assert_eq!(found.describe(), "7000 (6999 passes)");
        assert_eq!(found.passes().map(Scale::get), Some(6_999));
        assert!(found.otherwise.is_some());
    }

    proptest! {
        #[test]
        fn a_threshold_is_found_exactly(from in 1_u64..1_000_000_000, share in 0.0_f64..1.0) {
            let threshold = 1 + ((from - 1) as f64 * share) as u64;
            let found = shrunk(from, |n| n >= threshold);
            prop_assert!(found.is_exact());
            prop_assert_eq!(found.fails.get(), threshold);
            prop_assert!(found.probes <= 2 * 31, "{} probes", found.probes);
        }

        #[test]
        fn what_is_named_was_seen(from in 2_u64..100_000, seed in any::<u64>()) {
            // Failures without any order: still, the n that is named fails and
            // the one below it passes.
            let fails = |n: u64| n == from || (n ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 62 == 0;
            let found = shrunk(from, fails);
            prop_assert!(fails(found.fails.get()));
            prop_assert!(found.passes().is_none_or(|passes| !fails(passes.get())));
            prop_assert!(found.is_exact());
        }
    }

    #[test]
    fn a_spent_budget_is_said() {
        let now = Instant::now();
        let found = search(Scale::new(100).unwrap(), now, |_| Ok(Probe::Passes));
        assert!(!found.is_exact());
        assert_eq!(found.describe(), "at most 100 (the search ran out of time)");
        assert_eq!(shrunk(100, |n| n >= 41).describe(), "41 (40 passes)");
        assert_eq!(shrunk(100, |_| true).describe(), "1");
    }

    #[test]
    fn a_probe_that_cannot_be_run_ends_the_search_with_its_reason() {
        let later = Instant::now() + Duration::from_secs(60);
        let found = search(Scale::new(100).unwrap(), later, |scale| match scale.get() {
            ..16 => Ok(Probe::Passes),
            _ => Err(NotRun::Interrupted),
        });
        assert_eq!(
            found.describe(),
            "at most 100 (8 passes; n=16 was not run: the run was interrupted)"
        );
    }

    #[test]
    fn a_failure_that_larger_scales_hide_is_found() {
        assert_eq!(
            shrunk(1000, |n| n == 1000 || (5..20).contains(&n))
                .fails
                .get(),
            5
        );
    }
}
