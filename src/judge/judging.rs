//! The judgement on a case: what it did, against what is known of it.

use std::sync::Arc;

use super::engines;
use super::failure::{failure, quoted};
use super::verdict::{Judgement, Verdict};
use crate::case::{Doing, Ending, Lane, Outcome};
use crate::scenario::{Expectation, FailureKind, KnownLimit};

/// What stands in a message behind a failure that is not the one that is known.
pub(super) const ANOTHER_LIMIT: &str = " (the known limit is another: ";

/// What is known of a case beside what it did.
#[derive(Clone, Debug)]
pub struct Knowledge<'a> {
    /// The known limits that cover it.
    pub limits: &'a [&'a KnownLimit],
    /// What is to be said of the growth of its costs, where one grows faster than
    /// declared.
    pub faster: Option<Judgement>,
}

/// What the same case did in another lane.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The lane.
    pub lane: Lane,
    /// What it did.
    pub outcome: Arc<Outcome>,
}

/// Judges what a case did in `lane`, with what is `known` of it. `peer` gives what
/// the same case did on the other engine, or in the lane that it must agree with,
/// where that is known; it is asked only where it can make a difference.
pub fn judge(
    lane: Lane,
    outcome: &Outcome,
    expected: &Expectation,
    known: Knowledge<'_>,
    peer: impl FnOnce() -> Option<Peer>,
) -> Judgement {
    if let Some(undecided) = undecided(outcome, expected) {
        return undecided;
    }
    let Knowledge { limits, faster } = known;
    // A case can show that a cost grows too fast, or that a twin differs, and not that
    // it does not.
    let is_seen = |it: FailureKind| matches!(it, FailureKind::Growth | FailureKind::TwinDiffers);
    let limits = limits.iter().copied();
    let limits: Vec<&KnownLimit> = limits.filter(|it| !is_seen(it.verdict)).collect();
    let known = &limits[..];
    match failure(outcome, expected) {
        None if expected.asks_others() => {
            let differ = peer().and_then(|peer| {
                let (own, other) = (lane.to_string(), peer.lane.to_string());
                engines::difference(expected, (&own, outcome), (&other, &peer.outcome))
            });
            match differ {
                Some(message) => failed(FailureKind::LanesDiffer, &message, known),
                None => faster.unwrap_or_else(|| passes(known, || true)),
            }
        }
        // Where the two engines are declared to differ, one of them may be right: the
        // limit is gone when both are.
        None => faster.unwrap_or_else(|| {
            passes(known, || {
                peer().is_some_and(|it| failure(&it.outcome, expected).is_none())
            })
        }),
        // All lanes are to agree, and this one failed by itself.
        Some((kind, message)) if expected.agreement.is_some() => failed(kind, &message, known),
        Some((kind, message)) => {
            // What is no result cannot differ from one: the other engine need not run.
            let other = engines::is_result(outcome).then(peer).flatten();
            let other = other.filter(|it| engines::is_result(&it.outcome));
            let differ = other.as_ref().and_then(|other| {
                let names = (lane.engine.name(), other.lane.engine.name());
                engines::difference(expected, (names.0, outcome), (names.1, &other.outcome))
            });
            let (kind, message) = match differ {
                Some(message) => (FailureKind::EnginesDiffer, message),
                None => (kind, message),
            };
            // A failure of one engine, of which it is declared that the other has none.
            let of_both = known.iter().find(is_of_both).filter(|_| other.is_none());
            let exact = known.iter().find(|limit| limit.verdict == kind);
            match exact.or(of_both) {
                Some(limit) => known_failure(&message, limit),
                None => failed(kind, &message, known),
            }
        }
    }
}

/// What is said of a case of which nothing can be said: the engine cannot run it, or,
/// where nothing but agreement is expected, it came to no end that could agree.
fn undecided(outcome: &Outcome, expected: &Expectation) -> Option<Judgement> {
    let unsupported = |message: String| {
        Some(Judgement {
            verdict: Verdict::Unsupported,
            message,
        })
    };
    if let Ending::Unsupported { message } = &outcome.ending {
        return unsupported(quoted(message));
    }
    if expected.agreement.is_none() || expected.end.is_some() {
        return None;
    }
    match &outcome.ending {
        Ending::Rejected {
            message,
            checked: false,
            ..
        } => Some(Judgement {
            verdict: Verdict::Refused,
            message: quoted(message),
        }),
        // How long somebody's program runs is theirs; that it compiles is Vera's.
        ending if ending.is_over(Doing::Running) => {
            let (_, message) = failure(outcome, expected)?;
            unsupported(format!("nothing is known of it: {message}"))
        }
        _ => None,
    }
}

fn is_of_both(limit: &&&KnownLimit) -> bool {
    limit.verdict == FailureKind::EnginesDiffer
}

/// The limits in a few words.
fn declared(known: &[&KnownLimit]) -> String {
    let each = known
        .iter()
        .map(|limit| format!("{} from n={}", limit.verdict.name(), limit.from_n));
    each.collect::<Vec<_>>().join(", ")
}

/// The judgement on a case that did what it must. A limit is gone then; one of both
/// engines only where the other one `passes_too`.
fn passes(known: &[&KnownLimit], passes_too: impl FnOnce() -> bool) -> Judgement {
    let gone = known.iter().find(|limit| !is_of_both(limit));
    let gone = gone.or_else(|| known.first().filter(|_| passes_too()));
    match gone {
        None => Judgement {
            verdict: Verdict::Pass,
            message: String::new(),
        },
        Some(limit) => Judgement {
            verdict: Verdict::Fixed,
            message: format!(
                "passes, and is declared as a known limit ({}: {}); take that [[known]] entry out or narrow it",
                declared(known),
                limit.because
            ),
        },
    }
}

/// The judgement on a failure, with what is known of the case.
pub(super) fn failed(kind: FailureKind, message: &str, known: &[&KnownLimit]) -> Judgement {
    if let Some(limit) = known.iter().find(|limit| limit.verdict == kind) {
        return known_failure(message, limit);
    }
    let another = if known.is_empty() {
        String::new()
    } else {
        format!("{ANOTHER_LIMIT}{})", declared(known))
    };
    Judgement {
        verdict: Verdict::Failed(kind),
        message: format!("{message}{another}"),
    }
}

/// The judgement on a failure that a known limit declares.
fn known_failure(message: &str, limit: &KnownLimit) -> Judgement {
    Judgement {
        verdict: Verdict::Known,
        message: format!("{message} (known: {})", limit.because),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use semver::VersionReq;
    use wildmatch::WildMatch;

    use super::*;
    use crate::case::{Clock, Doing, Scale, Value};
    use crate::judge::samples::{expecting, outcome, returned};

    /// Known limits of a case whose growth nobody looked at.
    fn of<'a>(limits: &'a [&'a KnownLimit]) -> Knowledge<'a> {
        Knowledge {
            limits,
            faster: None,
        }
    }

    /// What the reference engine did.
    fn reference(outcome: Outcome) -> Peer {
        Peer {
            lane: Lane::REFERENCE,
            outcome: Arc::new(outcome),
        }
    }

    /// The judgement on a case that only the reference engine ran.
    fn alone(outcome: &Outcome, expected: &Expectation, known: &[&KnownLimit]) -> Judgement {
        judge(Lane::REFERENCE, outcome, expected, of(known), || None)
    }

    fn limit(verdict: FailureKind) -> KnownLimit {
        KnownLimit {
            vera: VersionReq::STAR,
            lanes: vec![WildMatch::new("*")],
            from_n: Scale::new(40_000).unwrap(),
            verdict,
            bound: BTreeMap::new(),
            because: "numbers look like pointers".to_owned(),
        }
    }

    #[test]
    fn the_right_value_passes_and_any_other_is_wrong() {
        let expected = expecting(Value::Int(50_005_000), "");
        let right = outcome(returned(Value::Int(50_005_000)), "");
        assert_eq!(alone(&right, &expected, &[]).verdict, Verdict::Pass);
        let wrong = outcome(returned(Value::Int(49_994_999)), "");
        let judged = alone(&wrong, &expected, &[]);
        assert_eq!(judged.verdict, Verdict::Failed(FailureKind::Wrong));
        assert_eq!(judged.message, "expected 50005000, got 49994999");
        let float = outcome(returned(Value::Float(50_005_000.0)), "");
        assert!(
            failure(&float, &expected).is_some(),
            "a float is no integer"
        );
    }

    #[test]
    fn what_grows_too_fast_fails_and_only_where_somebody_looked() {
        let expected = expecting(Value::Int(1), "");
        let right = outcome(returned(Value::Int(1)), "");
        let limits = [&limit(FailureKind::Growth)];
        let faster = |verdict| {
            let message = "instructions grow as n^2".to_owned();
            Some(Judgement { verdict, message })
        };
        let grows = Verdict::Failed(FailureKind::Growth);
        let judged = |outcome: &Outcome, faster| {
            let limits = &limits[..];
            judge(
                Lane::NATIVE,
                outcome,
                &expected,
                Knowledge { limits, faster },
                || None,
            )
        };
        let failed = judged(&right, faster(grows));
        assert_eq!(failed.verdict, grows);
        assert_eq!(failed.message, "instructions grow as n^2");
        let known = judged(&right, faster(Verdict::Known));
        assert_eq!(known.verdict, Verdict::Known);
        // That a limit of growth is not seen says nothing.
        assert_eq!(judged(&right, None).verdict, Verdict::Pass);
        // A result that is wrong is worse than a slow one.
        let wrong = outcome(returned(Value::Int(2)), "");
        let wrong = judged(&wrong, faster(grows));
        assert_eq!(wrong.verdict, Verdict::Failed(FailureKind::Wrong));
    }

    #[test]
    fn a_known_limit_is_expected_to_fail_in_its_own_way_only() {
        let expected = expecting(Value::Int(1), "");
        let (trap, wrong) = (limit(FailureKind::Trap), limit(FailureKind::Wrong));
        // Each of several limits counts, whichever stands first.
        let known = [&trap, &wrong];
        let verdict = |ending| alone(&outcome(ending, ""), &expected, &known).verdict;
        assert_eq!(verdict(returned(Value::Int(2))), Verdict::Known);
        assert_eq!(verdict(returned(Value::Int(1))), Verdict::Fixed);
        let crash = Ending::crashed("x", Doing::Running);
        assert_eq!(verdict(crash), Verdict::Failed(FailureKind::Crashed));
        assert!(Verdict::Fixed.fails_run() && !Verdict::Known.fails_run());
    }

    #[test]
    fn a_failure_that_the_other_engine_does_not_share_is_a_difference_of_engines() {
        let expected = expecting(Value::Int(1), "");
        let two = outcome(returned(Value::Int(2)), "");
        let beside = |other: Ending, known: &[&KnownLimit]| {
            let other = reference(outcome(other, ""));
            judge(Lane::NATIVE, &two, &expected, of(known), || Some(other))
        };
        let judged = beside(returned(Value::Int(1)), &[]);
        assert_eq!(judged.verdict, Verdict::Failed(FailureKind::EnginesDiffer));
        assert_eq!(judged.message, "expected 1, native got 2, reference got 1");
        // Wrong in the same way, or nothing to compare with: plainly wrong.
        let over = Ending::OverTime {
            limit: Duration::from_secs(1),
            clock: Clock::Processor,
            doing: Doing::Running,
        };
        for other in [returned(Value::Int(2)), over] {
            let judged = beside(other, &[]);
            assert_eq!(judged.verdict, Verdict::Failed(FailureKind::Wrong));
            assert_eq!(judged.message, "expected 1, got 2");
        }
        // Only a known limit that names the difference covers it.
        let differ = limit(FailureKind::EnginesDiffer);
        let judged = beside(returned(Value::Int(1)), &[&differ]);
        assert_eq!(judged.verdict, Verdict::Known);
        for kind in [FailureKind::Wrong, FailureKind::Trap] {
            let judged = beside(returned(Value::Int(1)), &[&limit(kind)]);
            assert_eq!(judged.verdict, Verdict::Failed(FailureKind::EnginesDiffer));
        }
    }

    #[test]
    fn a_declared_difference_of_engines_holds_with_and_without_the_other_engine() {
        let expected = expecting(Value::Int(1), "");
        let differ = limit(FailureKind::EnginesDiffer);
        let judged = |value: i64, other: Option<i64>| {
            let own = outcome(returned(Value::Int(value)), "");
            let other = other.map(|value| reference(outcome(returned(Value::Int(value)), "")));
            judge(Lane::NATIVE, &own, &expected, of(&[&differ]), || other).verdict
        };
        // The engine that is right is no failure, and the limit is not gone.
        assert_eq!(judged(1, Some(2)), Verdict::Pass);
        assert_eq!(judged(2, Some(1)), Verdict::Known);
        assert_eq!(judged(1, Some(1)), Verdict::Fixed);
        assert_eq!(judged(2, Some(2)), Verdict::Failed(FailureKind::Wrong));
        assert_eq!(judged(1, None), Verdict::Pass);
        assert_eq!(judged(2, None), Verdict::Known);
    }

    #[test]
    fn the_other_engine_is_asked_only_where_it_can_make_a_difference() {
        let expected = expecting(Value::Int(1), "");
        let crash = || Ending::crashed("x", Doing::Running);
        for ending in [returned(Value::Int(1)), crash()] {
            let never = || unreachable!("nobody needs the other engine here");
            judge(
                Lane::NATIVE,
                &outcome(ending, ""),
                &expected,
                of(&[]),
                never,
            );
        }
    }

    #[test]
    fn what_an_engine_cannot_run_is_neither_a_pass_nor_a_failure() {
        let expected = expecting(Value::Int(1), "");
        let ending = Ending::Unsupported {
            message: "there is no file system".to_owned(),
        };
        let trap = limit(FailureKind::Trap);
        for known in [&[] as &[&KnownLimit], &[&trap]] {
            let judged = alone(&outcome(ending.clone(), ""), &expected, known);
            assert_eq!(judged.verdict, Verdict::Unsupported);
            assert_eq!(judged.message, "there is no file system");
        }
        assert!(!Verdict::Unsupported.fails_run());
    }
}
