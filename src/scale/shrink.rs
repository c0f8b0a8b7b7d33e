//! The smallest n at which a failing case fails.

use std::time::{Duration, Instant};

use crate::case::{Case, Scale};
use crate::judge::Verdict;
use crate::runner::{Examined, Examiner, NotRun};
use crate::scenario::Scenario;

/// What a search for the smallest failing n found.
#[derive(Clone, Debug)]
pub struct Smallest {
    /// The smallest n that was seen to fail.
    pub fails: Scale,
    /// The largest n below it that was seen to pass, if any was.
    pub passes: Option<Scale>,
    /// What happened at `fails`; `None` where that is the case itself.
    pub examined: Option<Examined>,
    /// Whether `passes` did not pass but failed as a known limit.
    pub known_below: bool,
    /// How often a program was run.
    pub probes: usize,
    /// Why the search ended before it was exact.
    pub stopped: Option<String>,
}

impl Smallest {
    /// Whether nothing is left between the two: the search came to its end.
    pub fn is_exact(&self) -> bool {
        self.passes.map_or(0, Scale::get) + 1 == self.fails.get()
    }

    /// The finding in a few words: `4097 (4096 passes)`.
    pub fn describe(&self) -> String {
        let Smallest { fails, passes, .. } = self;
        let how = if self.known_below {
            "is a known limit"
        } else {
            "passes"
        };
        let passes = passes.map(|passes| format!("{passes} {how}"));
        let notes: Vec<String> = passes.into_iter().chain(self.stopped.clone()).collect();
        let at_most = if self.is_exact() { "" } else { "at most " };
        if notes.is_empty() {
            format!("{at_most}{fails}")
        } else {
            format!("{at_most}{fails} ({})", notes.join("; "))
        }
    }
}

/// Searches below a failing case: n doubles from 1 until something fails, and
/// what lies between is halved. A known limit is not what is searched for.
///
/// Doubling first keeps the probes small, and finds a failure at a small n also
/// where larger ones pass again. Nothing runs longer than `deadline`. Where the
/// case failed because two engines differ, each probe `compares` them again.
pub fn shrink(
    examiner: &Examiner<'_>,
    scenario: &Scenario,
    case: &Case,
    compares: bool,
    deadline: Instant,
) -> Smallest {
    search(case.scale, deadline, |scale| {
        let probe = Case {
            scale,
            ..case.clone()
        };
        let examined = examiner.examine_until(scenario, &probe, compares, deadline)?;
        Ok(match examined.judgement.verdict {
            Verdict::Failed(_) => Probe::Fails(Box::new(examined)),
            Verdict::Known => Probe::Known,
            Verdict::Pass | Verdict::Fixed => Probe::Passes,
            // Neither is said of a case that was run.
            Verdict::Unsupported | Verdict::NotRun => {
                return Err(NotRun::Scenario(examined.judgement.message));
            }
        })
    })
}

/// What a probe found.
enum Probe {
    Passes,
    Known,
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
        passes: None,
        examined: None,
        known_below: false,
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
            let passes = found
                .passes
                .expect("a search that is not exact has a pass below its failure");
            next = passes.midpoint(found.fails);
        }
        match probe(next) {
            Ok(below @ (Probe::Passes | Probe::Known)) => {
                found.passes = Some(next);
                found.known_below = matches!(below, Probe::Known);
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
            expected: Arc::new(Expectation {
                value: Value::Int(1),
                stdout: String::new(),
                stderr: String::new(),
            }),
            input: "".into(),
            grown: None,
            judgement: Judgement {
                verdict: Verdict::Failed(FailureKind::Wrong),
                message: String::new(),
            },
        }
    }

    fn shrunk(from: u64, fails: impl Fn(u64) -> bool) -> Smallest {
        let later = Instant::now() + Duration::from_secs(60);
        search(Scale::new(from).unwrap(), later, |scale| {
            Ok(if fails(scale.get()) {
                Probe::Fails(Box::new(failed()))
            } else {
                Probe::Passes
            })
        })
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
            prop_assert!(found.passes.is_none_or(|passes| !fails(passes.get())));
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
