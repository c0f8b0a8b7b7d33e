//! One generated program, run and judged.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::campaign::reduce::specified;
use crate::case::{Case, Ending, Lane, Scale, Value};
use crate::judge::{Signature, Verdict};
use crate::runner::{Examined, Examiner};
use crate::scenario::{Call, ExpectedEnd, FailureKind, Pin, Scenario, generated};
use crate::vera::Program;
use crate::vera::interpret::{End, Shown};

/// What a run may take: what a program needs more for was no small one.
const TIME: Duration = Duration::from_secs(4);

/// A program that takes fewer steps than this where it is interpreted, and more than its
/// budget where it runs, hangs.
const FEW_STEPS: u64 = 20_000;

/// What must come of a program at one n; `None` where that is not known.
pub struct Known {
    /// How it must end and what it must print.
    pub pin: Pin,
    /// Whether it returns.
    pub returns: bool,
    /// How many steps that takes.
    pub steps: u64,
}

/// What must come of a program at this n.
pub fn known(program: &Program, n: Scale) -> Option<Known> {
    let run = specified::run(&Call::Scale, program, n)?;
    let end = match run.end {
        End::Returns(shown) => ExpectedEnd::Value(match shown? {
            Shown::Unit => Value::Unit,
            Shown::Int(it) => Value::Int(it),
            Shown::Text(it) => Value::Text(it),
        }),
        End::Traps(kind) => ExpectedEnd::Trap(kind.to_owned()),
        End::Exits(code) => ExpectedEnd::Exit(code),
        End::Discarded(_) => return None,
    };
    Some(Known {
        returns: matches!(end, ExpectedEnd::Value(_)),
        pin: Pin {
            end: Some(end),
            stdout: Some(run.stdout),
        },
        steps: run.steps,
    })
}

/// The scenario of a program, of which this is known.
pub fn scenario(name: &str, text: &str, n: Scale, known: Option<&Known>) -> Scenario {
    let pins: BTreeMap<Scale, Pin> = known.map(|it| (n, it.pin.clone())).into_iter().collect();
    generated(name, text, pins)
}

/// How a program failed.
pub struct Failed {
    /// What makes that failure that failure.
    pub signature: Signature,
    /// What is wrong.
    pub message: String,
}

/// What came of one run.
pub struct Looked {
    /// Whether Vera's checker accepts the program.
    pub checks: bool,
    /// Whether it was run.
    pub ran: bool,
    /// How it failed, where it did.
    pub failed: Option<Failed>,
}

/// Runs a program in a lane at an n, and judges it by what is known of it there.
pub fn look(
    examiner: &Examiner<'_>,
    (name, text): (&str, &str),
    (lane, n): (Lane, Scale),
    known: Option<&Known>,
    deadline: Instant,
) -> Option<Looked> {
    let scenario = scenario(name, text, n, known);
    let case = Case {
        scenario: name.to_owned(),
        lane,
        scale: n,
    };
    let budget = scenario.budget_in(lane).lasting(TIME);
    let examined = examiner
        .examine_within(&scenario, &case, budget, deadline)
        .ok()?;
    let ran = !examined.outcome.ending.never_ran();
    Some(Looked {
        // A program that the checker refuses was no program of the language.
        checks: examined.judgement.verdict != Verdict::Refused,
        ran,
        failed: failed(&scenario, &examined, known),
    })
}

fn failed(scenario: &Scenario, examined: &Examined, known: Option<&Known>) -> Option<Failed> {
    let signature = examined.signature(&scenario.growth)?;
    let is_told = match signature.verdict {
        // Work that was not counted here may be what it takes.
        FailureKind::OverTime
        | FailureKind::OverMemory
        | FailureKind::OverOutput
        | FailureKind::OverInstructions => known.is_some_and(|it| it.steps < FEW_STEPS),
        // What is not known may be a trap of its own making.
        FailureKind::Trap => known.is_some() || is_of_runtime(&examined.outcome.ending),
        FailureKind::Wrong => known.is_some(),
        FailureKind::Corrupt
        | FailureKind::Crashed
        | FailureKind::Rejected
        | FailureKind::InvalidModule => true,
        FailureKind::EnginesDiffer
        | FailureKind::LanesDiffer
        | FailureKind::TwinDiffers
        | FailureKind::Growth => false,
    };
    is_told.then(|| Failed {
        signature,
        message: examined.judgement.message.clone(),
    })
}

/// Whether a trap is of a kind that only the runtime can bring about.
fn is_of_runtime(ending: &Ending) -> bool {
    match ending {
        Ending::Trapped(trap) => matches!(trap.kind.as_str(), "unreachable" | "out_of_bounds"),
        _ => false,
    }
}
