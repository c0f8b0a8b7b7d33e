//! What a program's twin came to, which must do the same.

use super::engines::{difference, is_result};
use super::failure::{failure, quoted};
use super::judging::failed;
use super::verdict::{Judgement, Verdict};
use crate::case::{Doing, Ending, Outcome};
use crate::scenario::{Expectation, FailureKind, KnownLimit};

/// What a twin tells of its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// It came to something else.
    Differs,
    /// It compiles, and the program does not.
    Compiles,
}

/// What the twin of a program that does this can tell; `None` where nothing: what a
/// budget ended, what the checker refuses and what is not as expected anyhow.
pub fn can_be_told(outcome: &Outcome, expected: &Expectation) -> Option<Telling> {
    match &outcome.ending {
        Ending::Rejected { checked: true, .. } | Ending::InvalidModule { .. } => {
            Some(Telling::Compiles)
        }
        _ if is_result(outcome) && failure(outcome, expected).is_none() => Some(Telling::Differs),
        _ => None,
    }
}

/// How a program's twin came to something else; `None` where it did not, or where
/// nothing is told by that.
///
/// What the checker refuses says only that the rewrite made no program; and how much
/// of a stack or a heap a program takes is no part of what it means.
pub fn twin_difference(
    expected: &Expectation,
    program: &Outcome,
    twin: &Outcome,
) -> Option<String> {
    if is_exhausted(&program.ending) || is_exhausted(&twin.ending) {
        return None;
    }
    let (own, other) = ("the program", "its twin");
    match &twin.ending {
        Ending::Returned { .. } | Ending::Trapped(_) => {
            difference(expected, (own, program), (other, twin))
        }
        Ending::Rejected {
            message,
            checked: true,
            ..
        } => Some(format!(
            "{own} runs, {other} was rejected: {}",
            quoted(message)
        )),
        Ending::InvalidModule { message, .. } => Some(format!(
            "{own} runs, of {other} the compiler made no valid module: {}",
            quoted(message)
        )),
        Ending::Corrupt { finding } => Some(format!(
            "{own} runs, {other} is corrupt: {}",
            finding.message()
        )),
        Ending::Crashed { message, doing, .. } => Some(format!(
            "{own} runs, {other} crashed while {doing}: {message}"
        )),
        Ending::Rejected { .. }
        | Ending::OverTime { .. }
        | Ending::OverMemory { .. }
        | Ending::OverOutput { .. }
        | Ending::OverInstructions { .. }
        | Ending::Unsupported { .. } => None,
    }
}

/// Whether a program ended for want of room, as far as the kind of its trap says so.
fn is_exhausted(ending: &Ending) -> bool {
    let kinds = ["stack_exhausted", "heap_exhausted"];
    matches!(ending, Ending::Trapped(trap) if kinds.contains(&trap.kind.as_str()))
}

/// Whether it may be for want of room that a twin came to something else: no check of
/// the program's ended it.
pub fn may_lack_room(twin: &Outcome) -> bool {
    match &twin.ending {
        Ending::Trapped(trap) => !super::signature::is_check(&trap.kind),
        Ending::Crashed { doing, .. } => *doing == Doing::Running,
        _ => false,
    }
}

/// The judgement on a case whose twin tells this, in these words; `known` are the known
/// limits that cover it.
pub fn told_by_twin(
    judgement: Judgement,
    (telling, message): (Telling, &str),
    known: &[&KnownLimit],
) -> Judgement {
    match (telling, judgement.verdict) {
        (Telling::Differs, Verdict::Pass | Verdict::Fixed) => {
            failed(FailureKind::TwinDiffers, message, known)
        }
        (Telling::Compiles, Verdict::Failed(_)) => Judgement {
            message: format!("{}; {message}", judgement.message),
            ..judgement
        },
        _ => judgement,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Doing, Value};
    use crate::judge::samples::{expecting, outcome, returned, trapped};

    fn rejected(checked: bool) -> Ending {
        Ending::Rejected {
            message: "no [E602]".to_owned(),
            code: Some("E602".to_owned()),
            checked,
            said: String::new(),
        }
    }

    fn told(program: Ending, twin: Ending) -> Option<String> {
        let expected = expecting(Value::Int(1), "");
        twin_difference(&expected, &outcome(program, ""), &outcome(twin, ""))
    }

    #[test]
    fn a_twin_that_comes_to_something_else_is_told() {
        let one = || returned(Value::Int(1));
        assert_eq!(told(one(), one()), None);
        assert_eq!(
            told(one(), returned(Value::Int(2))).as_deref(),
            Some("expected 1, the program got 1, its twin got 2")
        );
        assert_eq!(
            told(one(), trapped("overflow")).as_deref(),
            Some("expected 1, the program got 1, its twin trapped overflow")
        );
        assert_eq!(
            told(one(), rejected(true)).as_deref(),
            Some("the program runs, its twin was rejected: no [E602]")
        );
        let crash = Ending::crashed("KeyError", Doing::Compiling);
        assert_eq!(
            told(one(), crash).as_deref(),
            Some("the program runs, its twin crashed while compiling: KeyError")
        );
        // The checker refuses what is no program; and a stack is no part of a meaning.
        assert_eq!(told(one(), rejected(false)), None);
        assert_eq!(told(one(), trapped("stack_exhausted")), None);
        assert_eq!(told(trapped("heap_exhausted"), one()), None);
    }

    #[test]
    fn a_twin_is_asked_of_what_came_to_a_result_or_was_refused_behind_the_check() {
        let expected = expecting(Value::Int(1), "");
        let asked = |ending| can_be_told(&outcome(ending, ""), &expected);
        assert_eq!(asked(returned(Value::Int(1))), Some(Telling::Differs));
        assert_eq!(asked(rejected(true)), Some(Telling::Compiles));
        for ending in [
            returned(Value::Int(2)),
            trapped("unreachable"),
            rejected(false),
            Ending::crashed("x", Doing::Running),
        ] {
            assert_eq!(asked(ending.clone()), None, "{ending:?}");
        }
    }

    #[test]
    fn what_a_twin_tells_fails_only_what_is_fine_otherwise() {
        let judged = |verdict, telling| {
            let judgement = Judgement {
                verdict,
                message: "said".to_owned(),
            };
            told_by_twin(judgement, (telling, "told"), &[]).told()
        };
        let wrong = Verdict::Failed(FailureKind::Wrong);
        let rejected = Verdict::Failed(FailureKind::Rejected);
        assert_eq!(
            judged(Verdict::Pass, Telling::Differs),
            "twin-differs: told"
        );
        assert_eq!(judged(wrong, Telling::Differs), "wrong: said");
        assert_eq!(judged(rejected, Telling::Compiles), "rejected: said; told");
        assert_eq!(judged(Verdict::Known, Telling::Compiles), "known: said");
    }
}
