//! The judgement on a case: what it did, against what is known of it.

use std::sync::Arc;

use super::engines;
use super::failure::{failure, quoted};
use super::verdict::{Judgement, Verdict};
use crate::case::{Ending, Engine, Outcome};
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

/// Judges what a case did on `engine`, with what is `known` of it. `partner` gives
/// what the same case did on the other engine, where that is known; it is asked
/// only where it can make a difference.
pub fn judge(
    engine: Engine,
    outcome: &Outcome,
    expected: &Expectation,
    known: Knowledge<'_>,
    partner: impl FnOnce() -> Option<Arc<Outcome>>,
) -> Judgement {
    if let Ending::Unsupported { message } = &outcome.ending {
        return Judgement {
            verdict: Verdict::Unsupported,
            message: quoted(message),
        };
    }
    let Knowledge { limits, faster } = known;
    // A case can show that a cost grows too fast, and not that it does not.
    let limits = limits.iter().copied();
    let limits: Vec<&KnownLimit> = limits
        .filter(|it| it.verdict != FailureKind::Growth)
        .collect();
    let known = &limits[..];
    let declared = known
        .iter()
        .map(|limit| format!("{} from n={}", limit.verdict.name(), limit.from_n));
    let declared = declared.collect::<Vec<_>>().join(", ");
    let is_of_both = |limit: &&&KnownLimit| limit.verdict == FailureKind::EnginesDiffer;
    let Some((kind, message)) = failure(outcome, expected) else {
        if let Some(faster) = faster {
            return faster;
        }
        // Where the two are declared to differ, one of them may be right: the
        // limit is gone when both are.
        let both_pass = || partner().is_some_and(|other| failure(&other, expected).is_none());
        let gone = known.iter().find(|limit| !is_of_both(limit));
        let gone = gone.or_else(|| known.first().filter(|_| both_pass()));
        return match gone {
            None => Judgement {
                verdict: Verdict::Pass,
                message: String::new(),
            },
            Some(limit) => Judgement {
                verdict: Verdict::Fixed,
                message: format!(
                    "passes, and is declared as a known limit ({declared}: {}); take that [[known]] entry out or narrow it",
                    limit.because
                ),
            },
        };
    };
    // What is no result cannot differ from one: the other engine need not run.
    let other = engines::is_result(outcome).then(partner).flatten();
    let other = other.filter(|other| engines::is_result(other));
    let differ = other.as_ref().and_then(|other| {
        engines::difference(expected, (engine, outcome), (engine.other(), other))
    });
    let (kind, message) = match differ {
        Some(message) => (FailureKind::EnginesDiffer, message),
        None => (kind, message),
    };
    if let Some(limit) = known.iter().find(|limit| limit.verdict == kind) {
        return known_failure(&message, limit);
    }
    // A failure of one engine, of which it is declared that the other has none.
    if let Some(limit) = known.iter().find(is_of_both).filter(|_| other.is_none()) {
        return known_failure(&message, limit);
    }
    let another = if known.is_empty() {
        String::new()
    } else {
        format!("{ANOTHER_LIMIT}{declared})")
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

    /// The judgement on a case that only the reference engine ran.
    fn alone(outcome: &Outcome, expected: &Expectation, known: &[&KnownLimit]) -> Judgement {
        judge(Engine::Reference, outcome, expected, of(known), || None)
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
                Engine::Native,
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
            let other = Arc::new(outcome(other, ""));
            judge(Engine::Native, &two, &expected, of(known), || Some(other))
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
            let other = other.map(|value| Arc::new(outcome(returned(Value::Int(value)), "")));
            judge(Engine::Native, &own, &expected, of(&[&differ]), || other).verdict
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
                Engine::Native,
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
