//! An outcome and what was expected of it become a verdict and one line.

pub mod drift;
mod engines;
pub mod fit;
pub mod growth;
pub mod overflow;
mod text;
mod verdict;

use std::sync::Arc;

use crate::case::{Ending, Engine, Outcome, Trap, Value};
use crate::scenario::{Expectation, FailureKind, KnownLimit};
use growth::Excess;
pub use verdict::Verdict;

/// How many characters of Vera's own words a message quotes.
const LONGEST: usize = 200;

/// A verdict and its one-line message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What differed, in one line; empty for a pass.
    pub message: String,
}

/// What is known of a case beside what it did.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// The known limits that cover it.
    pub limits: &'a [&'a KnownLimit],
    /// What of its cost was seen to grow faster than declared.
    pub faster: Option<Excess>,
}

/// Judges what a case did on `engine`, with what is `known` of it. `partner` gives what the same case did on the other engine, where that is
/// known; it is asked only where it can make a difference.
pub fn judge(
    engine: Engine,
    outcome: &Outcome,
    expected: &Expectation,
    known: Known<'_>,
    partner: impl FnOnce() -> Option<Arc<Outcome>>,
) -> Judgement {
    if let Ending::Unsupported { message } = &outcome.ending {
        return Judgement {
            verdict: Verdict::Unsupported,
            message: cut(message, LONGEST),
        };
    }
    let Known { limits, faster } = known;
    // A case can show that a cost grows too fast, and not that it does not.
    let (grows, limits): (Vec<&KnownLimit>, Vec<&KnownLimit>) = limits
        .iter()
        .partition(|it| it.verdict == FailureKind::Growth);
    let known = &limits[..];
    let declared = known
        .iter()
        .map(|limit| format!("{} from n={}", limit.verdict.name(), limit.from_n));
    let declared = declared.collect::<Vec<_>>().join(", ");
    let is_of_both = |limit: &&&KnownLimit| limit.verdict == FailureKind::EnginesDiffer;
    let Some((kind, message)) = failure(outcome, expected) else {
        if let Some(faster) = faster {
            let limit = grows.iter().find(|it| it.covers_growth(faster.cost));
            return faster.judgement(limit.map(|it| it.because.as_str()));
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
        format!(" (the known limit is another: {declared})")
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

/// How a case failed, if it did, and what to say about it.
pub fn failure(outcome: &Outcome, expected: &Expectation) -> Option<(FailureKind, String)> {
    match &outcome.ending {
        Ending::Returned { value, exit_code } => {
            difference(outcome, value, *exit_code, expected).map(|text| (FailureKind::Wrong, text))
        }
        Ending::Trapped(trap) => Some((FailureKind::Trap, trap_message(trap))),
        Ending::Rejected { message } => Some((
            FailureKind::Rejected,
            format!("the program was rejected: {}", cut(message, LONGEST)),
        )),
        Ending::OverTime { limit, doing } => Some((
            FailureKind::OverTime,
            format!(
                "still {doing} after its {} budget",
                humantime::format_duration(*limit)
            ),
        )),
        Ending::OverMemory { limit, seen, doing } => Some((
            FailureKind::OverMemory,
            format!("took {seen} of memory while {doing}, its budget is {limit}"),
        )),
        Ending::OverOutput { limit, doing } => Some((
            FailureKind::OverOutput,
            format!("printed more than its {limit} budget while {doing}"),
        )),
        Ending::Corrupt { finding } => Some((FailureKind::Corrupt, finding.message())),
        Ending::OverWork { limit } => Some((
            FailureKind::OverWork,
            format!("did more than its budget of {limit} instructions"),
        )),
        Ending::Crashed { message, doing } => Some((
            FailureKind::Crashed,
            format!("crashed while {doing}: {message}"),
        )),
        // Nothing is known of the program.
        Ending::Unsupported { .. } => None,
    }
}

/// The first difference between what a program returned and printed and what
/// the oracle says.
fn difference(
    outcome: &Outcome,
    value: &Value,
    exit_code: Option<i64>,
    expected: &Expectation,
) -> Option<String> {
    if let Some(code) = exit_code.filter(|code| *code != 0) {
        return Some(format!("the program ended itself with exit code {code}"));
    }
    if !text::same(value, &expected.value) {
        return Some(format!(
            "expected {}, got {}",
            text::shown(&expected.value),
            text::shown(value)
        ));
    }
    text_difference("stdout", expected.stdout.as_bytes(), &outcome.stdout)
        .or_else(|| text_difference("stderr", expected.stderr.as_bytes(), &outcome.stderr))
        .or_else(|| {
            text_difference(
                "the live copy of stdout",
                &outcome.stdout,
                &outcome.live_stdout,
            )
        })
}

/// How a text differs from what is expected.
fn text_difference(what: &str, expected: &[u8], got: &[u8]) -> Option<String> {
    let text::Parting { line, one, other } = text::parting(expected, got)?;
    let sizes = if expected.len() == got.len() {
        String::new()
    } else {
        format!(" ({} bytes expected, {} came)", expected.len(), got.len())
    };
    Some(format!(
        "{what} line {line}: expected {one}, got {other}{sizes}"
    ))
}

/// A trap in one line: its kind, the innermost frame of the program, and what
/// Vera says.
fn trap_message(trap: &Trap) -> String {
    let frame = trap
        .frames
        .iter()
        .find(|frame| frame.source().is_some())
        .or(trap.frames.first());
    let place = frame.map_or_else(String::new, |frame| format!(" in {frame}"));
    format!("trap {}{place}: {}", trap.kind, cut(&trap.message, LONGEST))
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use semver::VersionReq;
    use wildmatch::WildMatch;

    use super::*;
    use crate::case::{Bytes, Chance, Doing, Frame, Fuel, Scale, Usage};
    use crate::scenario::Cost;

    pub fn outcome(ending: Ending, stdout: &str) -> Outcome {
        Outcome {
            ending,
            arguments: Vec::new(),
            stdout: stdout.into(),
            live_stdout: stdout.into(),
            stderr: Vec::new(),
            peak_heap: None,
            measures: None,
            heap_life: None,
            chance: Chance::default(),
            run: Usage::default(),
            compile: None,
        }
    }

    pub fn returned(value: Value) -> Ending {
        Ending::Returned {
            value,
            exit_code: None,
        }
    }

    pub fn trapped(kind: &str) -> Ending {
        Ending::Trapped(Trap {
            kind: kind.to_owned(),
            message: String::new(),
            frames: Vec::new(),
        })
    }

    pub fn expecting(value: Value, stdout: &str) -> Expectation {
        Expectation {
            value,
            stdout: stdout.to_owned(),
            stderr: String::new(),
        }
    }

    /// Known limits of a case whose growth nobody looked at.
    fn of<'a>(limits: &'a [&'a KnownLimit]) -> Known<'a> {
        Known {
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
            costs: Vec::new(),
            because: "numbers look like pointers".to_owned(),
        }
    }

    fn message(outcome: &Outcome, expected: &Expectation) -> String {
        failure(outcome, expected).expect("this must fail").1
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
        let quadratic = limit(FailureKind::Growth);
        let other = KnownLimit {
            costs: vec![Cost::Heap],
            ..limit(FailureKind::Growth)
        };
        let excess = || Excess {
            cost: Cost::Work,
            message: "work grows as n^2".to_owned(),
            runs_out: None,
        };
        let judged = |outcome: &Outcome, limits: &[&KnownLimit], faster| {
            judge(
                Engine::Native,
                outcome,
                &expected,
                Known { limits, faster },
                || None,
            )
        };
        let failed = judged(&right, &[], Some(excess()));
        assert_eq!(failed.verdict, Verdict::Failed(FailureKind::Growth));
        assert_eq!(failed.message, "work grows as n^2");
        let verdict = |limits: &[&KnownLimit], faster| judged(&right, limits, faster).verdict;
        assert_eq!(verdict(&[&quadratic], Some(excess())), Verdict::Known);
        assert_eq!(
            verdict(&[&other], Some(excess())),
            Verdict::Failed(FailureKind::Growth)
        );
        assert_eq!(verdict(&[&quadratic], None), Verdict::Pass);
        // A result that is wrong is worse than a slow one.
        let wrong = outcome(returned(Value::Int(2)), "");
        let wrong = judged(&wrong, &[&quadratic], Some(excess()));
        assert_eq!(wrong.verdict, Verdict::Failed(FailureKind::Wrong));
    }

    #[test]
    fn floats_are_compared_by_their_bits() {
        let zero = expecting(Value::Float(0.0), "");
        assert!(failure(&outcome(returned(Value::Float(-0.0)), ""), &zero).is_some());
        let nan = expecting(Value::Float(f64::NAN), "");
        assert!(failure(&outcome(returned(Value::Float(f64::NAN)), ""), &nan).is_none());
    }

    #[test]
    fn what_nobody_expects_is_wrong() {
        let expected = expecting(Value::Unit, "");
        assert!(failure(&outcome(returned(Value::Int(1)), ""), &expected).is_some());
        assert!(failure(&outcome(returned(Value::Unit), "x"), &expected).is_some());
        let mut noisy = outcome(returned(Value::Unit), "");
        noisy.stderr = b"oops".to_vec();
        assert!(message(&noisy, &expected).starts_with("stderr line 1"));
        let left = outcome(
            Ending::Returned {
                value: Value::Unit,
                exit_code: Some(3),
            },
            "",
        );
        assert!(message(&left, &expected).contains("exit code 3"));
    }

    #[test]
    fn a_lost_repeated_or_reordered_line_is_named() {
        let expected = expecting(Value::Unit, "line 1\nline 2\nline 3\n");
        for (got, says) in [
            (
                "line 1\nline 3\n",
                "stdout line 2: expected \"line 2\", got \"line 3\" (21 bytes expected, 14 came)",
            ),
            (
                "line 1\nline 1\nline 2\nline 3\n",
                "stdout line 2: expected \"line 2\", got \"line 1\" (21 bytes expected, 28 came)",
            ),
            (
                "line 2\nline 1\nline 3\n",
                "stdout line 1: expected \"line 1\", got \"line 2\"",
            ),
            (
                "line 1\nline 2\n",
                "stdout line 3: expected \"line 3\", got nothing more (21 bytes expected, 14 came)",
            ),
        ] {
            assert_eq!(
                message(&outcome(returned(Value::Unit), got), &expected),
                says
            );
        }
    }

    #[test]
    fn the_live_copy_must_be_the_captured_one() {
        let expected = expecting(Value::Unit, "a\nb\n");
        let mut split = outcome(returned(Value::Unit), "a\nb\n");
        split.live_stdout = b"a\n".to_vec();
        assert_eq!(
            message(&split, &expected),
            "the live copy of stdout line 2: expected \"b\", got nothing more (4 bytes expected, 2 came)"
        );
    }

    #[test]
    fn each_way_to_fail_says_what_and_where() {
        let expected = expecting(Value::Int(1), "");
        let trap = Trap {
            kind: "unreachable".to_owned(),
            message: "Unreachable code was reached".to_owned(),
            frames: vec![
                Frame {
                    function: "alloc".to_owned(),
                    file: Some("<builtin>".to_owned()),
                    line: None,
                },
                Frame {
                    function: "tag".to_owned(),
                    file: Some("text.vera".to_owned()),
                    line: Some(12),
                },
            ],
        };
        let running = Doing::Running;
        for (ending, kind, says) in [
            (
                Ending::Trapped(trap),
                FailureKind::Trap,
                "trap unreachable in tag (text.vera:12): Unreachable code was reached",
            ),
            (
                Ending::OverTime {
                    limit: Duration::from_secs(10),
                    doing: running,
                },
                FailureKind::OverTime,
                "still running after its 10s budget",
            ),
            (
                Ending::OverMemory {
                    limit: Bytes::mebi(1),
                    seen: Bytes::mebi(2),
                    doing: running,
                },
                FailureKind::OverMemory,
                "took 2.0 MiB of memory while running, its budget is 1.0 MiB",
            ),
            (
                Ending::OverOutput {
                    limit: Bytes::mebi(1),
                    doing: running,
                },
                FailureKind::OverOutput,
                "printed more than its 1.0 MiB budget while running",
            ),
            (
                Ending::OverWork {
                    limit: Fuel(20_000_000_000),
                },
                FailureKind::OverWork,
                "did more than its budget of 20,000,000,000 instructions",
            ),
            (
                Ending::Crashed {
                    message: "killed by signal SIGSEGV".to_owned(),
                    doing: running,
                },
                FailureKind::Crashed,
                "crashed while running: killed by signal SIGSEGV",
            ),
            (
                Ending::Rejected {
                    message: "main.vera:4:3: no".to_owned(),
                },
                FailureKind::Rejected,
                "the program was rejected: main.vera:4:3: no",
            ),
        ] {
            assert_eq!(
                failure(&outcome(ending, ""), &expected),
                Some((kind, says.to_owned()))
            );
        }
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
        let crash = Ending::Crashed {
            message: "x".to_owned(),
            doing: Doing::Running,
        };
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
        let crash = || Ending::Crashed {
            message: "x".to_owned(),
            doing: Doing::Running,
        };
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
