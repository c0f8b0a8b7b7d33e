//! A case that was run and judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::not_run::NotRun;
use super::twins::Twin;
use crate::case::Outcome;
use crate::judge::growth::{Grown, rough_excesses};
use crate::judge::{Judgement, Signature, Verdict, failure};
use crate::scenario::{Expectation, FailureKind, Growth, Guard};

/// A case that was run and judged.
#[derive(Clone, Debug)]
pub struct Examined {
    /// What happened.
    pub outcome: Arc<Outcome>,
    /// What should have.
    pub expected: Arc<Expectation>,
    /// What the program was given to read.
    pub input: Arc<str>,
    /// What it cost at other n, where its growth was looked at.
    pub grown: Option<Arc<Grown>>,
    /// A twin of the program that tells something of it.
    pub twin: Option<Arc<Twin>>,
    /// The verdict on the difference.
    pub judgement: Judgement,
}

impl Examined {
    /// How it failed, also where that is known.
    pub fn fails_as(&self) -> Option<FailureKind> {
        match self.judgement.verdict {
            Verdict::Failed(kind) => Some(kind),
            // What is as expected and known to fail grows.
            Verdict::Known => match failure(&self.outcome, &self.expected) {
                Some((kind, _)) => Some(kind),
                None => Some(FailureKind::Growth),
            },
            Verdict::Pass
            | Verdict::Fixed
            | Verdict::Unsupported
            | Verdict::Refused
            | Verdict::Undecided
            | Verdict::NotRun => None,
        }
    }

    /// What makes its failure that failure; `growth` is what the scenario declares.
    pub fn signature(&self, growth: &Growth) -> Option<Signature> {
        let Verdict::Failed(kind) = self.judgement.verdict else {
            return None;
        };
        let grows = || {
            let excesses = rough_excesses(self.grown.as_deref()?, growth);
            excesses.first().map(|it| it.cost)
        };
        let (ending, message) = (&self.outcome.ending, &self.judgement.message);
        Some(Signature::of(kind, Some(ending), message, grows()))
    }

    /// Whether its failure is one of the class of bugs that a guard is there for;
    /// `growth` is what the scenario declares.
    pub fn is_of_class(&self, guard: &Guard, growth: &Growth) -> bool {
        let signature = self.signature(growth);
        signature.is_some_and(|it| it.is_of_class(guard, &self.judgement.message))
    }

    /// The same without what the program printed, which can be much.
    pub(super) fn without_texts(self) -> Examined {
        let outcome = Outcome {
            stdout: Vec::new(),
            live_stdout: Vec::new(),
            stderr: Vec::new(),
            files: BTreeMap::new(),
            ..Arc::unwrap_or_clone(self.outcome)
        };
        Examined {
            outcome: Arc::new(outcome),
            ..self
        }
    }
}

/// What became of a case.
pub type Result = std::result::Result<Examined, NotRun>;

/// The verdict of a result.
pub fn verdict(result: &Result) -> Verdict {
    match result {
        Ok(examined) => examined.judgement.verdict,
        Err(_) => Verdict::NotRun,
    }
}
