//! What each smaller program must still do, so that it fails of the same cause.

use super::trials::{Ran, Trials};
use crate::case::{Case, Ending, GcMode, Lane, Outcome, Problem, Scale};
use crate::judge::{Signature, difference};
use crate::runner::Examined;
use crate::scenario::{Expectation, ExpectedEnd, FailureKind};
use crate::vera::reduce::Candidate;
use crate::vera::twins::Rewrite;

/// What a program must do.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    /// The failure that it must show in its lane; none where a value is wrong, since
    /// nobody knows what a smaller program should return.
    pub signature: Option<Signature>,
    /// Beside what it must return something else.
    pub differs: Option<Other>,
    /// Whether it must mean the same as the program that fails: then what is expected of
    /// that one is expected of each.
    pub same: bool,
    /// Whether it must return where it has more room: what never ends does not.
    pub with_room: bool,
    /// Where it must return: in this lane, at this n or at the n of the case.
    pub returns: Vec<(Lane, Option<Scale>)>,
}

/// What a program that returns what is wrong is compared with: both must return, and
/// differ.
#[derive(Clone, Copy, Debug)]
pub enum Other {
    /// The same program in another lane.
    Lane(Lane),
    /// The program's twin.
    Twin(Rewrite),
    /// The same program on another Vera.
    Vera,
    /// What the language's specification says of it.
    Specification,
}

impl Sought {
    /// What is to be kept of a failure; the error says why that cannot be told.
    /// `another` sets up another Vera, where there is one.
    pub fn of(
        trials: &Trials<'_>,
        program: &Candidate,
        another: impl FnOnce() -> bool,
        examined: &Examined,
        signature: Signature,
    ) -> Result<Sought, Problem> {
        let case = &trials.case;
        let returned = |lane: Lane, n: Scale| match trials.ran(&trials.sources, lane, n) {
            Ran::Examined(it) if returns(&it.outcome) => Some(it),
            Ran::Examined(_) | Ran::Not(_) => None,
        };
        match signature.verdict {
            FailureKind::Wrong
            | FailureKind::EnginesDiffer
            | FailureKind::LanesDiffer
            | FailureKind::TwinDiffers => {
                let lanes = [
                    Lane::REFERENCE,
                    Lane::NATIVE,
                    Lane::REFERENCE_EAGER,
                    Lane::NATIVE_EAGER,
                    Lane::NATIVE_NEVER,
                ];
                if !returns(&examined.outcome) {
                    return Err(unclear("it ends itself with an exit code"));
                }
                let lanes = lanes.into_iter().filter(|it| *it != case.lane);
                let twins = Rewrite::ALL.into_iter().map(Other::Twin);
                let differs = |other: &Other| trials.differs(program, *other, case.scale, examined);
                let here = lanes.map(Other::Lane).chain(twins).find(differs);
                let there = || Some(Other::Vera).filter(|it| another() && differs(it));
                let said = || Some(Other::Specification).filter(differs);
                match here.or_else(there).or_else(said) {
                    Some(other) => Ok(Sought {
                        differs: Some(other),
                        ..Sought::default()
                    }),
                    None if signature.verdict == FailureKind::Wrong
                        && is_said(&examined.expected) =>
                    {
                        Ok(Sought {
                            signature: Some(signature),
                            same: true,
                            ..Sought::default()
                        })
                    }
                    None => Err(unclear(
                        "it returns the same in every lane, as do its twins and another Vera, and nobody says what must come",
                    )),
                }
            }
            FailureKind::Growth => Err(unclear("what grows is told from several n")),
            FailureKind::Rejected | FailureKind::InvalidModule => Ok(Sought {
                signature: Some(signature),
                ..Sought::default()
            }),
            FailureKind::Trap
            | FailureKind::Corrupt
            | FailureKind::Crashed
            | FailureKind::OverTime
            | FailureKind::OverMemory
            | FailureKind::OverOutput
            | FailureKind::OverInstructions => {
                let mut sought = Sought {
                    signature: Some(signature),
                    ..Sought::default()
                };
                if examined.outcome.ending.never_ran() {
                    return Ok(sought);
                }
                // What only a collection brings about must not come without one.
                let plain = Lane::new(case.lane.engine, GcMode::Shipped);
                if plain != case.lane && returned(plain, case.scale).is_some() {
                    sought.returns.push((plain, None));
                }
                sought.with_room = may_lack_room(examined)
                    && trials.returns_with_room(&trials.sources, case.scale);
                // What comes with n only must not come without it.
                if returned(case.lane, Scale::ONE).is_some() {
                    sought.returns.push((case.lane, Some(Scale::ONE)));
                }
                Ok(sought)
            }
        }
    }

    /// The same in words.
    pub fn sentences(&self, case: &Case, another: &str) -> Vec<String> {
        let mut sentences = Vec::new();
        if self.same {
            sentences.push(format!(
                "means the same, and is still wrong in lane {}",
                case.lane
            ));
        } else if let Some(signature) = &self.signature {
            sentences.push(format!("fails in lane {}: {signature}", case.lane));
        }
        if let Some(other) = self.differs {
            let beside = match other {
                Other::Lane(lane) => format!("in lane {lane}"),
                Other::Twin(rewrite) => format!("rewritten by {rewrite}"),
                Other::Vera => format!("on {another}"),
                Other::Specification => "by the specification".to_owned(),
            };
            sentences.push(format!(
                "returns in lane {} and {beside}, and differs",
                case.lane
            ));
        }
        if self.with_room {
            sentences.push("returns in lane native with 16 times the room".to_owned());
        }
        for (lane, n) in &self.returns {
            let at = n.map_or(String::new(), |n| format!(" at n={n}"));
            sentences.push(format!("returns in lane {lane}{at}"));
        }
        sentences
    }
}

fn unclear(why: &str) -> Problem {
    Problem::new(format!(
        "there is nothing by which a smaller program could be told to fail as this one: {why}"
    ))
    .next("reduce it by hand, or in a lane that fails in another way")
}

/// Whether a program may have trapped since the stack, or a table of its runtime, was
/// full.
fn may_lack_room(examined: &Examined) -> bool {
    match &examined.outcome.ending {
        Ending::Trapped(trap) => {
            ["stack_exhausted", "unreachable", "host_error"].contains(&trap.kind.as_str())
        }
        _ => false,
    }
}

/// Whether it is said what a program must return or print.
fn is_said(expected: &Expectation) -> bool {
    match &expected.end {
        Some(end) => matches!(end, ExpectedEnd::Value(_)),
        None => expected.stdout.is_some(),
    }
}

/// Whether a program came to its end.
pub fn returns(outcome: &Outcome) -> bool {
    match &outcome.ending {
        Ending::Returned { exit_code, .. } => exit_code.is_none_or(|it| it == 0),
        _ => false,
    }
}

/// Whether two that returned came to something else, as the judge has it.
pub fn differ(one: &Examined, other: &Examined) -> bool {
    let (one_did, other_did) = (("one", &*one.outcome), ("other", &*other.outcome));
    difference(&one.expected, one_did, other_did).is_some()
}

/// Whether both are the same failure of programs of which one is a part of the other.
pub fn is_same(one: &Signature, other: &Signature) -> bool {
    let by_message = matches!(
        one.verdict,
        FailureKind::Rejected | FailureKind::InvalidModule | FailureKind::Crashed
    );
    one.is_like(other)
        && one.function == other.function
        && one.instruction == other.instruction
        && (!by_message || one.message == other.message)
}
