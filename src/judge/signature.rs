//! What makes a failure that failure: what two of them share that are the same.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::judging::ANOTHER_LIMIT;
use super::skeleton::skeleton;
use crate::case::{Ending, Finding, Frame};
use crate::scenario::{Cost, FailureKind, Guard};

/// What makes a failure that failure. Names that a program gives, numbers and
/// addresses have no part in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Signature {
    /// How it failed.
    pub verdict: FailureKind,
    /// The kind of trap, of bad access, of diagnostic, of crash, or the cost that
    /// grows; absent where a verdict has no kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The function of Vera's own that it happened in; absent where that was one of
    /// the program's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The instruction that made a bad access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// What was said, without names and numbers.
    pub message: String,
}

/// Kinds of trap by which a program's own checks say that a value is wrong: what
/// made it wrong is elsewhere.
const CHECKS: [&str; 10] = [
    "assertion_failed",
    "contract_violation",
    "divide_by_zero",
    "float_conversion",
    "index_out_of_bounds",
    "nat_guard",
    "nat_underflow",
    "overflow",
    "string_index_out_of_bounds",
    "uncaught_exception",
];

/// Whether this kind of trap is one that a program can cause by itself.
pub(super) fn is_check(kind: &str) -> bool {
    CHECKS.contains(&kind)
}

impl Signature {
    /// The signature of a case that failed as `verdict` says, and what was said of
    /// it; `grows` is the cost that grows faster than declared.
    pub fn of(
        verdict: FailureKind,
        ending: Option<&Ending>,
        message: &str,
        grows: Option<Cost>,
    ) -> Signature {
        // What is known of the case is no part of what it did.
        let message = message.split(ANOTHER_LIMIT).next().unwrap_or_default();
        let plain = |kind: Option<String>, message: &str| Signature {
            verdict,
            kind,
            function: None,
            instruction: None,
            message: skeleton(message),
        };
        match (verdict, ending) {
            (FailureKind::Trap, Some(Ending::Trapped(trap))) => Signature {
                function: trap.frames.first().and_then(function_of_vera),
                ..plain(Some(trap.kind.clone()), &trap.message)
            },
            (FailureKind::Corrupt, Some(Ending::Corrupt { finding })) => Signature {
                function: finding
                    .calls
                    .first()
                    .and_then(|call| function_of_vera(&call.frame)),
                instruction: finding.instruction.clone(),
                message: kind_of(finding),
                ..plain(Some(kind_of(finding)), "")
            },
            (FailureKind::Rejected, Some(Ending::Rejected { message, code, .. })) => {
                plain(code.clone(), message)
            }
            (FailureKind::InvalidModule, Some(Ending::InvalidModule { message, .. })) => {
                plain(None, message)
            }
            (FailureKind::Crashed, Some(Ending::Crashed { message, doing, .. })) => {
                let what = message.split(':').next().unwrap_or_default();
                plain(Some(format!("{doing}: {}", skeleton(what))), message)
            }
            (
                FailureKind::OverTime | FailureKind::OverMemory | FailureKind::OverOutput,
                Some(
                    Ending::OverTime { doing, .. }
                    | Ending::OverMemory { doing, .. }
                    | Ending::OverOutput { doing, .. },
                ),
            ) => plain(Some(doing.to_string()), message),
            (FailureKind::Growth, _) => plain(grows.map(|cost| cost.name().to_owned()), message),
            (
                FailureKind::Wrong
                | FailureKind::Trap
                | FailureKind::Rejected
                | FailureKind::InvalidModule
                | FailureKind::OverTime
                | FailureKind::OverMemory
                | FailureKind::OverOutput
                | FailureKind::OverInstructions
                | FailureKind::Corrupt
                | FailureKind::Crashed
                | FailureKind::EnginesDiffer
                | FailureKind::LanesDiffer
                | FailureKind::TwinDiffers,
                _,
            ) => plain(None, message),
        }
    }

    /// Whether both are the same failure at different n, or on different versions:
    /// where it shows and in which numbers may differ.
    pub fn is_like(&self, other: &Signature) -> bool {
        (self.verdict, &self.kind) == (other.verdict, &other.kind)
    }

    /// Whether such a failure, of which this `message` is said, is one of the class of
    /// bugs that a guard is there for. Of two engines that differ, one is wrong.
    pub fn is_of_class(&self, guard: &Guard, message: &str) -> bool {
        let told = format!("{message} {}", self.kind.as_deref().unwrap_or_default());
        let as_wrong = matches!(
            self.verdict,
            FailureKind::EnginesDiffer | FailureKind::LanesDiffer | FailureKind::TwinDiffers
        );
        guard.is_of_class(self.verdict, &told)
            || as_wrong && guard.is_of_class(FailureKind::Wrong, &told)
    }

    /// Whether it says what is at fault, so that another program with the same one
    /// fails of the same cause. That a value is wrong, or that a cost grows, says
    /// nothing of what made it so.
    pub fn names_fault(&self) -> bool {
        match self.verdict {
            FailureKind::Corrupt
            | FailureKind::Crashed
            | FailureKind::Rejected
            | FailureKind::InvalidModule => true,
            FailureKind::Trap => {
                let kind = self.kind.as_deref().unwrap_or_default();
                self.function.is_some() || !CHECKS.contains(&kind)
            }
            FailureKind::Wrong
            | FailureKind::EnginesDiffer
            | FailureKind::LanesDiffer
            | FailureKind::TwinDiffers
            | FailureKind::Growth
            | FailureKind::OverTime
            | FailureKind::OverMemory
            | FailureKind::OverOutput
            | FailureKind::OverInstructions => false,
        }
    }

    /// Whether it is a finding of the sanitizer that can be what made the same
    /// program fail as `other`, where nothing looked at the heap.
    pub fn explains(&self, other: &Signature) -> bool {
        let kind = other.kind.as_deref().unwrap_or_default();
        self.verdict == FailureKind::Corrupt
            && match other.verdict {
                FailureKind::Wrong | FailureKind::EnginesDiffer | FailureKind::LanesDiffer => true,
                // The stack of WebAssembly is beside the heap.
                FailureKind::Trap => kind != "stack_exhausted",
                FailureKind::Crashed => kind.starts_with("running"),
                // What stays on the shadow stack is kept alive, and marked each time.
                FailureKind::Growth
                | FailureKind::OverMemory
                | FailureKind::OverTime
                | FailureKind::OverInstructions => self.is_of_roots(),
                FailureKind::Corrupt => self == other,
                // It is of the program's form, where all lanes share the fault.
                FailureKind::TwinDiffers => false,
                FailureKind::Rejected | FailureKind::InvalidModule | FailureKind::OverOutput => {
                    false
                }
            }
    }

    fn is_of_roots(&self) -> bool {
        self.kind
            .as_deref()
            .is_some_and(|it| it.starts_with("roots"))
    }
}

/// In a few words: `corrupt: store in a freed block, i32.store`.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verdict.name())?;
        let what = self.kind.as_ref().unwrap_or(&self.message);
        if !what.is_empty() {
            write!(f, ": {what}")?;
        }
        if let Some(instruction) = &self.instruction {
            write!(f, ", {instruction}")?;
        }
        match &self.function {
            Some(function) => write!(f, " in {function}"),
            None => Ok(()),
        }
    }
}

/// The name of a function that is not the program's own, without the types that a
/// copy of it is made for: `array_map$Int`, `dec_size_List`.
fn function_of_vera(frame: &Frame) -> Option<String> {
    if frame.file.as_deref() != Some("<builtin>") {
        return None;
    }
    let name = frame.function.split('$').find(|part| !part.is_empty())?;
    let is_type = |(at, _): &(usize, &str)| name[at + 1..].starts_with(char::is_uppercase);
    let end = name.match_indices('_').find(is_type);
    Some(name[..end.map_or(name.len(), |(at, _)| at)].to_owned())
}

/// The kind of a finding. Recordings of earlier versions have it in the sentence
/// only.
fn kind_of(finding: &Finding) -> String {
    match finding.kind.as_str() {
        "" => skeleton(&finding.what),
        kind => kind.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Call, Doing, Trap};

    fn frame(function: &str, file: &str) -> Frame {
        Frame {
            function: function.to_owned(),
            file: Some(file.to_owned()),
            line: None,
        }
    }

    fn trapped(kind: &str, frame: Frame) -> Signature {
        let trap = Trap {
            kind: kind.to_owned(),
            message: format!("at 0x{:x}", frame.function.len()),
            frames: vec![frame],
        };
        Signature::of(FailureKind::Trap, Some(&Ending::Trapped(trap)), "", None)
    }

    fn found(kind: &str) -> Signature {
        let finding = Finding {
            kind: kind.to_owned(),
            what: "load of 8 bytes at byte 8 of the freed block of 24 bytes at 0x1c".to_owned(),
            calls: vec![Call {
                frame: frame("sum", "main.vera"),
                text_line: Some(7),
            }],
            ..Finding::default()
        };
        let ending = Ending::Corrupt {
            finding: Box::new(finding),
        };
        Signature::of(FailureKind::Corrupt, Some(&ending), "", None)
    }

    fn said(verdict: FailureKind, message: &str) -> Signature {
        Signature::of(verdict, None, message, None)
    }

    #[test]
    fn names_and_numbers_have_no_part_in_it() {
        let wrong = |message| said(FailureKind::Wrong, message);
        assert_eq!(
            wrong("expected 497010, got 21123"),
            wrong("expected 1, got -2 (the known limit is another: trap from n=7)")
        );
        assert_eq!(
            trapped("unreachable", frame("build", "main.vera")),
            trapped("unreachable", frame("other", "text.vera"))
        );
        // What is Vera's own has a name that says something.
        let map = trapped("unreachable", frame("array_map$Int$Int", "<builtin>"));
        assert_eq!(map.function.as_deref(), Some("array_map"));
        assert_ne!(map, trapped("unreachable", frame("sum", "main.vera")));
        let measured = |of| trapped("stack_exhausted", frame(of, "<builtin>"));
        assert_eq!(measured("dec_size_List"), measured("dec_size_Tree"));
    }

    #[test]
    fn the_same_failure_is_of_one_verdict_and_one_kind() {
        let here = trapped("unreachable", frame("build", "main.vera"));
        assert!(here.is_like(&trapped("unreachable", frame("alloc", "<builtin>"))));
        assert!(!here.is_like(&trapped("out_of_bounds", frame("build", "main.vera"))));
        assert!(!found("load of a freed block").is_like(&found("store to a freed block")));
        let grows = |cost| Signature::of(FailureKind::Growth, None, "", Some(cost));
        assert!(!grows(Cost::Heap).is_like(&grows(Cost::Instructions)));
        assert!(!said(FailureKind::Wrong, "").is_like(&said(FailureKind::Growth, "")));
    }

    #[test]
    fn a_finding_explains_what_a_broken_heap_can_do() {
        let freed = found("load of a freed block");
        let wrong = said(FailureKind::Wrong, "expected 1, got 2");
        assert!(freed.explains(&wrong) && !wrong.explains(&freed));
        assert!(freed.explains(&trapped("unreachable", frame("f", "main.vera"))));
        assert!(!freed.explains(&trapped("stack_exhausted", frame("f", "main.vera"))));
        let crash = |doing| {
            let ending = Ending::crashed("killed by signal SIGSEGV", doing);
            Signature::of(FailureKind::Crashed, Some(&ending), "", None)
        };
        assert!(freed.explains(&crash(Doing::Running)));
        assert!(!freed.explains(&crash(Doing::Compiling)));
        let grows = Signature::of(FailureKind::Growth, None, "", Some(Cost::Roots));
        assert!(!freed.explains(&grows));
        assert!(found("roots left behind by a function").explains(&grows));
    }

    #[test]
    fn a_value_that_is_wrong_says_nothing_of_what_made_it_so() {
        for value in [
            said(FailureKind::Wrong, "expected 1, got 2"),
            said(FailureKind::Growth, "instructions grow as n^2"),
            trapped("index_out_of_bounds", frame("f", "main.vera")),
        ] {
            assert!(!value.names_fault(), "{value:?}");
        }
        for fault in [
            found("load of a freed block"),
            trapped("unreachable", frame("f", "main.vera")),
            trapped("index_out_of_bounds", frame("array_map", "<builtin>")),
        ] {
            assert!(fault.names_fault(), "{fault:?}");
        }
    }
}
