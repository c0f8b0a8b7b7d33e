//! An outcome and what was expected of it become a verdict and one line.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::case::{Ending, Frame, Outcome, Trap, Value};
use crate::scenario::{Expectation, FailureKind, KnownLimit};

/// How many characters of Vera's own words a message quotes.
const LONGEST: usize = 200;

/// The outcome judged against the oracle and the budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// All as the oracle says, within the budgets.
    Pass,
    /// It failed.
    Failed(FailureKind),
    /// It failed in the way that the scenario declares as a known limit.
    Known,
    /// A known limit no longer fails.
    Fixed,
    /// The case was not run.
    NotRun,
}

impl Verdict {
    /// The word that output shows.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Failed(kind) => kind.name(),
            Verdict::Known => "known",
            Verdict::Fixed => "fixed",
            Verdict::NotRun => "not-run",
        }
    }

    /// The word in front of a line about a case.
    pub fn label_word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Known => "known",
            Verdict::Failed(_) => "FAIL",
            Verdict::Fixed => "FIXED",
            Verdict::NotRun => "NOT RUN",
        }
    }

    /// Whether a run with this verdict is not as expected.
    pub fn fails_run(self) -> bool {
        match self {
            Verdict::Pass | Verdict::Known => false,
            Verdict::Failed(_) | Verdict::Fixed | Verdict::NotRun => true,
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A verdict and its one-line message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What differed, in one line; empty for a pass.
    pub message: String,
}

/// Judges an outcome, with the known limits that cover the case.
pub fn judge(outcome: &Outcome, expected: &Expectation, known: &[&KnownLimit]) -> Judgement {
    let declared = known
        .iter()
        .map(|limit| format!("{} from n={}", limit.verdict.name(), limit.from_n));
    let declared = declared.collect::<Vec<_>>().join(", ");
    let Some((kind, message)) = failure(outcome, expected) else {
        return match known.first() {
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
    if let Some(limit) = known.iter().find(|limit| limit.verdict == kind) {
        return Judgement {
            verdict: Verdict::Known,
            message: format!("{message} (known: {})", limit.because),
        };
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
        Ending::Crashed { message, doing } => Some((
            FailureKind::Crashed,
            format!("crashed while {doing}: {message}"),
        )),
    }
}

/// The first difference between what a program returned and printed and what
/// the oracle says.
fn difference(
    outcome: &Outcome,
    value: &Value,
    exit_code: Option<i32>,
    expected: &Expectation,
) -> Option<String> {
    if let Some(code) = exit_code.filter(|code| *code != 0) {
        return Some(format!("the program ended itself with exit code {code}"));
    }
    if !same(value, &expected.value) {
        return Some(format!(
            "expected {}, got {}",
            shown(&expected.value),
            shown(value)
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

/// Equality as an observer sees it: a float is compared by its bits, except
/// that every NaN is the same.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => {
            a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
        }
        _ => a == b,
    }
}

/// A value on one line, cut where it is long.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) if text.chars().count() > 60 => {
            let start: String = text.chars().take(60).collect();
            format!("{start:?}... ({} bytes)", text.len())
        }
        _ => value.to_string(),
    }
}

/// Where two texts part, in the words of a person who looks at lines.
fn text_difference(what: &str, expected: &[u8], got: &[u8]) -> Option<String> {
    if expected == got {
        return None;
    }
    let at = expected
        .iter()
        .zip(got)
        .position(|(a, b)| a != b)
        .unwrap_or(expected.len().min(got.len()));
    let line = 1 + expected[..at].iter().filter(|byte| **byte == b'\n').count();
    let wanted = line_around(expected, at);
    let found = line_around(got, at);
    let sizes = if expected.len() == got.len() {
        String::new()
    } else {
        format!(" ({} bytes expected, {} came)", expected.len(), got.len())
    };
    Some(format!(
        "{what} line {line}: expected {wanted}, got {found}{sizes}"
    ))
}

/// The line that holds the byte `at`, quoted and cut to what fits on a screen.
fn line_around(text: &[u8], at: usize) -> String {
    const BEFORE: usize = 40;
    const LONGEST: usize = 60;
    if at >= text.len() && text.last().is_none_or(|last| *last == b'\n') {
        return "nothing more".to_owned();
    }
    let start = text[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |before| before + 1);
    let end = text[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(text.len(), |after| at + after);
    let from = start.max(at.saturating_sub(BEFORE));
    let to = end.min(from + LONGEST);
    let line = String::from_utf8_lossy(&text[from..to]);
    let (before, after) = (
        if from > start { "..." } else { "" },
        if to < end { "..." } else { "" },
    );
    format!("{before}{line:?}{after}")
}

/// A trap in one line: its kind, the innermost frame of the program, and what
/// Vera says.
fn trap_message(trap: &Trap) -> String {
    let frame = trap
        .frames
        .iter()
        .find(|frame| source_of(frame).is_some())
        .or(trap.frames.first());
    let place = frame.map_or_else(String::new, |frame| {
        let source = match (source_of(frame), frame.line) {
            (Some(file), Some(line)) => format!(" ({file}:{line})"),
            (Some(file), None) => format!(" ({file})"),
            (None, _) => String::new(),
        };
        format!(" in {}{source}", frame.function)
    });
    format!("trap {}{place}: {}", trap.kind, cut(&trap.message, LONGEST))
}

/// The source file of a frame; Vera writes `<builtin>` and `<unknown>` where
/// there is none.
fn source_of(frame: &Frame) -> Option<&str> {
    frame.file.as_deref().filter(|file| !file.starts_with('<'))
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use semver::VersionReq;
    use wildmatch::WildMatch;

    use super::*;
    use crate::case::{Bytes, Doing, Scale, Usage};

    fn outcome(ending: Ending, stdout: &str) -> Outcome {
        Outcome {
            ending,
            arguments: Vec::new(),
            stdout: stdout.into(),
            live_stdout: stdout.into(),
            stderr: Vec::new(),
            peak_heap: None,
            run: Usage::default(),
            compile: None,
        }
    }

    fn returned(value: Value) -> Ending {
        Ending::Returned {
            value,
            exit_code: None,
        }
    }

    fn expecting(value: Value, stdout: &str) -> Expectation {
        Expectation {
            value,
            stdout: stdout.to_owned(),
            stderr: String::new(),
        }
    }

    fn message(outcome: &Outcome, expected: &Expectation) -> String {
        failure(outcome, expected).expect("this must fail").1
    }

    #[test]
    fn the_right_value_passes_and_any_other_is_wrong() {
        let expected = expecting(Value::Int(50_005_000), "");
        let right = outcome(returned(Value::Int(50_005_000)), "");
        assert_eq!(judge(&right, &expected, &[]).verdict, Verdict::Pass);
        let wrong = outcome(returned(Value::Int(49_994_999)), "");
        let judged = judge(&wrong, &expected, &[]);
        assert_eq!(judged.verdict, Verdict::Failed(FailureKind::Wrong));
        assert_eq!(judged.message, "expected 50005000, got 49994999");
        let float = outcome(returned(Value::Float(50_005_000.0)), "");
        assert!(
            failure(&float, &expected).is_some(),
            "a float is no integer"
        );
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
        let limit = KnownLimit {
            vera: VersionReq::STAR,
            lanes: vec![WildMatch::new("*")],
            from_n: Scale::new(40_000).unwrap(),
            verdict: FailureKind::Wrong,
            because: "numbers look like pointers".to_owned(),
        };
        let expected = expecting(Value::Int(1), "");
        let trap = KnownLimit {
            verdict: FailureKind::Trap,
            ..limit.clone()
        };
        // Each of several limits counts, whichever stands first.
        let known = [&trap, &limit];
        let verdict = |ending| judge(&outcome(ending, ""), &expected, &known).verdict;
        assert_eq!(verdict(returned(Value::Int(2))), Verdict::Known);
        assert_eq!(verdict(returned(Value::Int(1))), Verdict::Fixed);
        let crash = Ending::Crashed {
            message: "x".to_owned(),
            doing: Doing::Running,
        };
        assert_eq!(verdict(crash), Verdict::Failed(FailureKind::Crashed));
        assert!(Verdict::Fixed.fails_run() && !Verdict::Known.fails_run());
    }
}
