//! How a case failed by what it did, whatever is known of it.

use std::collections::{BTreeMap, BTreeSet};

use super::signature::is_check;
use super::text;
use crate::case::{Clock, Doing, Ending, Left, Outcome, Trap};
use crate::scenario::{Expectation, ExpectedEnd, FailureKind};

/// How many characters of Vera's own words a message quotes.
const LONGEST: usize = 200;

/// How a case failed, if it did, and what to say about it.
pub fn failure(outcome: &Outcome, expected: &Expectation) -> Option<(FailureKind, String)> {
    match &expected.end {
        Some(end) => match ended_so(outcome, end) {
            Some(true) => texts(outcome, expected).map(|text| (FailureKind::Wrong, text)),
            Some(false) => Some((FailureKind::Wrong, another_end(outcome, end))),
            None => by_itself(outcome),
        },
        None if is_own(&outcome.ending) => {
            texts(outcome, expected).map(|text| (FailureKind::Wrong, text))
        }
        None => by_itself(outcome),
    }
}

/// Whether a case ended as it must; `None` where it did not come to any such end.
fn ended_so(outcome: &Outcome, end: &ExpectedEnd) -> Option<bool> {
    Some(match (end, &outcome.ending) {
        (ExpectedEnd::Value(expected), Ending::Returned { value, exit_code }) => {
            exit_code.is_none_or(|code| code == 0) && text::same(value, expected)
        }
        (ExpectedEnd::Exit(expected), Ending::Returned { exit_code, .. }) => {
            exit_code.unwrap_or(0) == *expected
        }
        (ExpectedEnd::Trap(kind), Ending::Trapped(trap)) if trap.kind == *kind => true,
        (ExpectedEnd::Refused(expected), Ending::Rejected { code, .. })
            if code.as_ref() == Some(expected) =>
        {
            true
        }
        (
            ExpectedEnd::HostError(text),
            Ending::Crashed {
                message,
                doing: Doing::Running,
                ..
            }
            | Ending::Trapped(Trap { message, .. }),
        ) if message.contains(text) => true,
        (
            ExpectedEnd::Trap(_) | ExpectedEnd::Refused(_) | ExpectedEnd::HostError(_),
            Ending::Returned { .. },
        ) => false,
        _ => return None,
    })
}

/// What is said of a program that returned, and must have ended otherwise.
fn another_end(outcome: &Outcome, end: &ExpectedEnd) -> String {
    let Ending::Returned { value, exit_code } = &outcome.ending else {
        return format!("expected {end}");
    };
    let code = exit_code.filter(|code| *code != 0);
    match (end, code) {
        (ExpectedEnd::Value(_), Some(code)) => {
            format!("the program ended itself with exit code {code}")
        }
        (_, Some(code)) => format!("expected {end}, got an exit with code {code}"),
        (ExpectedEnd::Value(expected), None) => {
            format!(
                "expected {}, got {}",
                text::shown(expected),
                text::shown(value)
            )
        }
        (_, None) => format!("expected {end}, got {}", text::shown(value)),
    }
}

/// Whether a program came to an end that it can have come to by itself: it returned,
/// left, or did what Vera checks for.
pub(super) fn is_own(ending: &Ending) -> bool {
    match ending {
        Ending::Returned { .. } => true,
        Ending::Trapped(trap) => is_check(&trap.kind) || is_refusal(trap),
        _ => false,
    }
}

/// Whether it is Vera's host that refuses what a program asks for, in its own words:
/// they begin with the function that was called. All else that fails in the host is an
/// accident.
fn is_refusal(trap: &Trap) -> bool {
    let called = trap.message.split_once(": ").map(|(name, _)| name);
    let is_name = |it: &str| it.chars().all(|it| it.is_ascii_lowercase() || it == '_');
    trap.kind == "host_error" && called.is_some_and(|it| !it.is_empty() && is_name(it))
}

/// How a case ended that no program may end like, whatever is expected of it.
fn by_itself(outcome: &Outcome) -> Option<(FailureKind, String)> {
    match &outcome.ending {
        // Another end was expected, or another lane is to say.
        Ending::Returned { .. } => None,
        Ending::Trapped(trap) => Some((FailureKind::Trap, trap_message(trap))),
        Ending::Rejected { message, .. } => Some((
            FailureKind::Rejected,
            format!("the program was rejected: {}", quoted(message)),
        )),
        Ending::InvalidModule { message, .. } => Some((
            FailureKind::InvalidModule,
            format!("the compiler made no valid module: {}", quoted(message)),
        )),
        Ending::OverTime {
            limit,
            clock,
            doing,
        } => {
            let limit = humantime::format_duration(*limit);
            let message = match clock {
                Clock::Processor => {
                    format!("still {doing} after its budget of {limit} of processor time")
                }
                Clock::Wall => format!(
                    "still {doing} after {limit}, in which its budget of processor time was not spent: it waits, or the machine has no time for it"
                ),
            };
            Some((FailureKind::OverTime, message))
        }
        Ending::OverMemory { limit, seen, doing } => Some((
            FailureKind::OverMemory,
            format!("took {seen} of memory while {doing}, its budget is {limit}"),
        )),
        Ending::OverOutput { limit, doing } => Some((
            FailureKind::OverOutput,
            format!("printed more than its {limit} budget while {doing}"),
        )),
        Ending::Corrupt { finding } => Some((FailureKind::Corrupt, finding.message())),
        Ending::OverInstructions { limit } => Some((
            FailureKind::OverInstructions,
            format!("did more than its budget of {limit} instructions"),
        )),
        Ending::Crashed { message, doing, .. } => Some((
            FailureKind::Crashed,
            format!("crashed while {doing}: {message}"),
        )),
        // Nothing is known of the program.
        Ending::Unsupported { .. } => None,
    }
}

/// The first difference between what a program printed and what it must have.
fn texts(outcome: &Outcome, expected: &Expectation) -> Option<String> {
    let declared = |what: &str, text: &Option<String>, got: &[u8]| {
        text_difference(what, text.as_ref()?.as_bytes(), got)
    };
    declared("stdout", &expected.stdout, &outcome.stdout)
        .or_else(|| declared("stderr", &expected.stderr, &outcome.stderr))
        .or_else(|| files(&outcome.files, expected.files.as_ref()?))
        .or_else(|| {
            text_difference(
                "the live copy of stdout",
                &outcome.stdout,
                &outcome.live_stdout,
            )
        })
}

/// The first file that is not as it must have been written.
fn files(left: &BTreeMap<String, Left>, expected: &BTreeMap<String, String>) -> Option<String> {
    let names: BTreeSet<&String> = left.keys().chain(expected.keys()).collect();
    names.into_iter().find_map(|name| {
        let file = text::file_shown(name);
        match (expected.get(name), left.get(name)) {
            (Some(text), Some(Left::Written(got))) => text_difference(&file, text.as_bytes(), got),
            (Some(_), None) => Some(format!("{file} was not written")),
            (_, Some(Left::Gone)) => Some(format!("{file} is gone")),
            (None, Some(Left::Written(got))) => Some(format!(
                "{file} was written ({} bytes), and none is expected",
                got.len()
            )),
            (None, None) => None,
        }
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
    format!("trap {}{place}: {}", trap.kind, quoted(&trap.message))
}

/// Vera's own words, as far as a message quotes them.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::case::{Bytes, Frame, Instructions, Value};
    use crate::judge::samples::{expecting, outcome, returned};

    fn message(outcome: &Outcome, expected: &Expectation) -> String {
        failure(outcome, expected).expect("this must fail").1
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
    fn a_file_that_is_not_as_it_must_be_is_named() {
        let mut expected = expecting(Value::Unit, "");
        let text = |text: &str| Left::Written(text.into());
        let says = |expected: &Expectation, files: &[(&str, Left)]| {
            let mut ran = outcome(returned(Value::Unit), "");
            let files = files.iter();
            ran.files = files
                .map(|(name, left)| ((*name).to_owned(), left.clone()))
                .collect();
            failure(&ran, expected).map(|it| it.1)
        };
        assert_eq!(says(&expected, &[]), None);
        assert_eq!(
            says(&expected, &[("a b", text("xy"))]).as_deref(),
            Some("file \"a b\" was written (2 bytes), and none is expected")
        );
        assert_eq!(
            says(&expected, &[("a", Left::Gone)]).as_deref(),
            Some("file a is gone")
        );
        let wanted = [("out".to_owned(), "1\n2\n".to_owned())];
        expected.files = Some(wanted.into());
        assert_eq!(says(&expected, &[("out", text("1\n2\n"))]), None);
        for (files, is) in [
            (&[][..], "file out was not written"),
            (&[("out", Left::Gone)], "file out is gone"),
            (
                &[("out", text("1\n3\n"))],
                "file out line 2: expected \"2\", got \"3\"",
            ),
            (
                &[("deep/out", text("")), ("out", text(""))],
                "file deep/out was written (0 bytes), and none is expected",
            ),
        ] {
            assert_eq!(says(&expected, files).as_deref(), Some(is));
        }
        // Where other lanes are to say, nothing is said here.
        expected.files = None;
        assert_eq!(says(&expected, &[("a", Left::Gone)]), None);
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
                    clock: Clock::Processor,
                    doing: running,
                },
                FailureKind::OverTime,
                "still running after its budget of 10s of processor time",
            ),
            (
                Ending::OverTime {
                    limit: Duration::from_secs(130),
                    clock: Clock::Wall,
                    doing: Doing::Compiling,
                },
                FailureKind::OverTime,
                "still compiling after 2m 10s, in which its budget of processor time was not spent: it waits, or the machine has no time for it",
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
                Ending::OverInstructions {
                    limit: Instructions(20_000_000_000),
                },
                FailureKind::OverInstructions,
                "did more than its budget of 20,000,000,000 instructions",
            ),
            (
                Ending::crashed("killed by signal SIGSEGV", running),
                FailureKind::Crashed,
                "crashed while running: killed by signal SIGSEGV",
            ),
            (
                Ending::rejected("main.vera:4:3: no"),
                FailureKind::Rejected,
                "the program was rejected: main.vera:4:3: no",
            ),
            (
                Ending::invalid_module("type mismatch"),
                FailureKind::InvalidModule,
                "the compiler made no valid module: type mismatch",
            ),
        ] {
            assert_eq!(
                failure(&outcome(ending, ""), &expected),
                Some((kind, says.to_owned()))
            );
        }
    }
}
