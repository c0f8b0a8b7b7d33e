//! What the two engines made of the same case.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::signature::is_check;
use super::text::{file_shown, parting, same, shown};
use crate::case::{Ending, Engine, Lane, Left, Outcome, Trap, Value};
use crate::scenario::{Expectation, ExpectedEnd};

/// How a case came to its end by itself.
enum OwnEnding<'a> {
    Returned(&'a Value, Option<i64>),
    Trapped(&'a Trap),
}

impl OwnEnding<'_> {
    fn of(ending: &Ending) -> Option<OwnEnding<'_>> {
        match ending {
            Ending::Returned { value, exit_code } => Some(OwnEnding::Returned(value, *exit_code)),
            Ending::Trapped(trap) => Some(OwnEnding::Trapped(trap)),
            Ending::Rejected { .. }
            | Ending::InvalidModule { .. }
            | Ending::OverTime { .. }
            | Ending::OverMemory { .. }
            | Ending::OverOutput { .. }
            | Ending::OverInstructions { .. }
            | Ending::Corrupt { .. }
            | Ending::Unsupported { .. }
            | Ending::Crashed { .. } => None,
        }
    }

    /// Whether both are the same, values as well where they mean something.
    fn is(&self, other: &OwnEnding<'_>, values: bool) -> bool {
        match (self, other) {
            (OwnEnding::Returned(value, code), OwnEnding::Returned(other_value, other_code)) => {
                (!values || same(value, other_value)) && code == other_code
            }
            (OwnEnding::Trapped(trap), OwnEnding::Trapped(other)) => trap.kind == other.kind,
            (OwnEnding::Returned(..), OwnEnding::Trapped(_))
            | (OwnEnding::Trapped(_), OwnEnding::Returned(..)) => false,
        }
    }
}

impl fmt::Display for OwnEnding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OwnEnding::Returned(_, Some(code)) => write!(f, "ended itself with exit code {code}"),
            OwnEnding::Returned(value, None) => write!(f, "got {}", shown(value)),
            OwnEnding::Trapped(trap) => write!(f, "trapped {}", trap.kind),
        }
    }
}

/// Whether a case came to a result that another engine must come to as well.
/// What a budget ended, or what never came to run, says nothing about it.
pub fn is_result(outcome: &Outcome) -> bool {
    OwnEnding::of(&outcome.ending).is_some()
}

/// What a case came to whose lanes must agree, in a few words that are others where that
/// is something else; `None` where it came to no result, or to another each time.
pub fn result_told(outcome: &Outcome, expected: &Expectation) -> Option<String> {
    let end = OwnEnding::of(&outcome.ending)?;
    if !expected.asks_others() || outcome.chance.any() {
        return None;
    }
    let is_shown = expected.agreement.is_none_or(|it| it.value);
    let mut told = match end {
        OwnEnding::Returned(value, None) if is_shown => format!("returned {}", shown(value)),
        OwnEnding::Returned(_, None) => "returned".to_owned(),
        other => other.to_string(),
    };
    for (what, text) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
        if !text.is_empty() {
            let digest = blake3::hash(text).to_hex();
            told.push_str(&format!(
                ", {} bytes on {what} ({})",
                text.len(),
                &digest[..6]
            ));
        }
    }
    for (file, left) in &outcome.files {
        told.push_str(&match left {
            Left::Written(text) => {
                let digest = blake3::hash(text).to_hex();
                format!(
                    ", {} bytes in {} ({})",
                    text.len(),
                    file_shown(file),
                    &digest[..6]
                )
            }
            Left::Gone => format!(", {} gone", file_shown(file)),
        });
    }
    Some(told)
}

/// Whether one lane came to what another one must come to as well: to a result, and
/// one that chance has no part in. Vera's own runtime answers a program that asks for
/// random numbers or the time otherwise each time.
pub fn comparable((lane, own): (Lane, &Outcome), (other_lane, other): (Lane, &Outcome)) -> bool {
    let native = |it: Lane| it.engine == Engine::Native;
    let repeats = native(lane) && native(other_lane) || !(own.chance.any() || other.chance.any());
    repeats && is_result(other)
}

/// How the results of two engines differ, in one line; `None` where they do not,
/// or where one of the two is no result.
///
/// Two traps are the same when they are of one kind: how deep a recursion comes
/// before it traps, and so what it prints on the way, is the engine's own.
pub fn difference(
    expected: &Expectation,
    (name, outcome): (&str, &Outcome),
    (other_name, other): (&str, &Outcome),
) -> Option<String> {
    let (end, other_end) = (
        OwnEnding::of(&outcome.ending)?,
        OwnEnding::of(&other.ending)?,
    );
    let values = expected.agreement.is_none_or(|it| it.value);
    if !end.is(&other_end, values) {
        let wanted = expected.end.as_ref();
        let wanted = wanted.map_or(String::new(), |it| format!("expected {}, ", end_shown(it)));
        return Some(format!("{wanted}{name} {end}, {other_name} {other_end}"));
    }
    // How deep a recursion comes before the stack is full is the engine's own.
    if let OwnEnding::Trapped(trap) = end
        && !(expected.agreement.is_some() && is_check(&trap.kind))
    {
        return None;
    }
    let texts = [
        ("stdout", &expected.stdout, &outcome.stdout, &other.stdout),
        ("stderr", &expected.stderr, &outcome.stderr, &other.stderr),
    ];
    let by_text = texts.into_iter().find_map(|(what, expected, own, others)| {
        let found = parting(own, others)?;
        // Where the two part, one of them at least is not what is expected.
        let wanted = [own, others]
            .into_iter()
            .filter_map(|it| parting(expected.as_ref()?.as_bytes(), it))
            .find(|it| it.line == found.line)
            .map_or(String::new(), |it| format!("expected {}, ", it.one));
        Some(format!(
            "{what} line {}: {wanted}{name} wrote {}, {other_name} wrote {}",
            found.line, found.one, found.other
        ))
    });
    by_text.or_else(|| by_file((name, &outcome.files), (other_name, &other.files)))
}

/// The first file that two lanes left otherwise.
fn by_file(
    (name, left): (&str, &BTreeMap<String, Left>),
    (other_name, other): (&str, &BTreeMap<String, Left>),
) -> Option<String> {
    let names: BTreeSet<&String> = left.keys().chain(other.keys()).collect();
    let mut names = names.into_iter();
    let file = names.find(|file| left.get(*file) != other.get(*file))?;
    let shown = file_shown(file);
    let found = match (left.get(file), other.get(file)) {
        (Some(Left::Written(own)), Some(Left::Written(others))) => parting(own, others),
        _ => None,
    };
    Some(match found {
        Some(found) => format!(
            "{shown} line {}: {name} wrote {}, {other_name} wrote {}",
            found.line, found.one, found.other
        ),
        None => {
            let did = |left: &BTreeMap<String, Left>| match left.get(file) {
                None => "did not write it".to_owned(),
                Some(Left::Gone) => "took it away".to_owned(),
                Some(Left::Written(text)) => format!("wrote {} bytes", text.len()),
            };
            format!("{shown}: {name} {}, {other_name} {}", did(left), did(other))
        }
    })
}

/// How a case must end, on one line.
fn end_shown(end: &ExpectedEnd) -> String {
    match end {
        ExpectedEnd::Value(value) => shown(value),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Chance, Doing, Instructions};
    use crate::judge::samples::{expecting, outcome, returned, trapped};

    fn differ(one: Ending, other: Ending) -> Option<String> {
        difference(
            &expecting(Value::Int(7), ""),
            ("native", &outcome(one, "")),
            ("reference", &outcome(other, "")),
        )
    }

    #[test]
    fn another_value_exit_code_or_trap_is_a_difference() {
        let seven = || returned(Value::Int(7));
        let left = |code| Ending::Returned {
            value: Value::Unit,
            exit_code: Some(code),
        };
        for (one, other, says) in [
            (
                returned(Value::Int(8)),
                seven(),
                "expected 7, native got 8, reference got 7",
            ),
            (
                trapped("unreachable"),
                seven(),
                "expected 7, native trapped unreachable, reference got 7",
            ),
            (
                seven(),
                trapped("stack_exhausted"),
                "expected 7, native got 7, reference trapped stack_exhausted",
            ),
            (
                trapped("a"),
                trapped("b"),
                "expected 7, native trapped a, reference trapped b",
            ),
            (
                left(1),
                left(2),
                "expected 7, native ended itself with exit code 1, reference ended itself with exit code 2",
            ),
            (
                returned(Value::Unit),
                left(0),
                "expected 7, native got Unit, reference ended itself with exit code 0",
            ),
        ] {
            assert_eq!(differ(one, other).as_deref(), Some(says));
        }
        assert_eq!(differ(seven(), seven()), None);
        assert_eq!(differ(left(3), left(3)), None);
        assert_eq!(differ(trapped("a"), trapped("a")), None);
        let nan = || returned(Value::Float(f64::NAN));
        assert_eq!(differ(nan(), nan()), None);
    }

    #[test]
    fn other_text_is_a_difference_where_both_returned() {
        let differ = |ending: fn() -> Ending, one: &str, other: &str| {
            difference(
                &expecting(Value::Unit, "a\nb\n"),
                ("reference", &outcome(ending(), one)),
                ("native", &outcome(ending(), other)),
            )
        };
        let unit = || returned(Value::Unit);
        assert_eq!(
            differ(unit, "a\nc\n", "a\nb\n").as_deref(),
            Some("stdout line 2: expected \"b\", reference wrote \"c\", native wrote \"b\"")
        );
        assert_eq!(differ(unit, "a\n", "a\n"), None);
        assert_eq!(differ(|| trapped("a"), "a\n", ""), None);
        let mut noisy = outcome(unit(), "");
        noisy.stderr = b"oops\n".to_vec();
        let quiet = outcome(unit(), "");
        let found = difference(
            &expecting(Value::Unit, ""),
            ("native", &noisy),
            ("reference", &quiet),
        );
        assert_eq!(
            found.as_deref(),
            Some(
                "stderr line 1: expected nothing more, native wrote \"oops\", reference wrote nothing more"
            )
        );
    }

    #[test]
    fn what_chance_had_a_part_in_is_no_comparison_with_veras_own_runtime() {
        let reference = outcome(returned(Value::Int(8)), "");
        for (random, time) in [(true, false), (false, true)] {
            let mut native = outcome(returned(Value::Int(9)), "");
            native.chance = Chance { random, time };
            let (one, other) = ((Lane::NATIVE, &native), (Lane::REFERENCE, &reference));
            assert!(!comparable(one, other) && !comparable(other, one));
            assert!(comparable(one, (Lane::NATIVE_SANITIZE, &native)));
        }
        let (one, other) = (Lane::REFERENCE, Lane::REFERENCE_EAGER);
        assert!(comparable((one, &reference), (other, &reference)));
    }

    #[test]
    fn other_files_are_a_difference() {
        let expected = expecting(Value::Unit, "");
        let with = |files: &[(&str, Left)]| {
            let mut ran = outcome(returned(Value::Unit), "");
            let files = files.iter();
            ran.files = files
                .map(|(name, left)| ((*name).to_owned(), left.clone()))
                .collect();
            ran
        };
        let text = |text: &str| Left::Written(text.into());
        let none = with(&[]);
        let differ = |one: &Outcome, other: &Outcome| {
            difference(&expected, ("native", one), ("reference", other))
        };
        let one = with(&[("a", text("1\n2\n")), ("b", Left::Gone)]);
        assert_eq!(differ(&one, &one), None);
        for (other, says) in [
            (
                &none,
                "file a: native wrote 4 bytes, reference did not write it",
            ),
            (
                &with(&[("a", text("1\n3\n")), ("b", Left::Gone)]),
                "file a line 2: native wrote \"2\", reference wrote \"3\"",
            ),
            (
                &with(&[("a", text("1\n2\n"))]),
                "file b: native took it away, reference did not write it",
            ),
        ] {
            assert_eq!(differ(&one, other).as_deref(), Some(says));
        }
    }

    #[test]
    fn what_is_no_result_is_no_comparison() {
        let crash = || Ending::crashed("x", Doing::Running);
        let over = || Ending::OverInstructions {
            limit: Instructions(1),
        };
        let unsupported = || Ending::Unsupported {
            message: "x".to_owned(),
        };
        for none in [crash, over as fn() -> Ending, unsupported] {
            assert_eq!(differ(returned(Value::Int(8)), none()), None);
            assert_eq!(differ(none(), returned(Value::Int(8))), None);
            assert!(!is_result(&outcome(none(), "")));
        }
        assert!(is_result(&outcome(trapped("a"), "")));
    }
}
