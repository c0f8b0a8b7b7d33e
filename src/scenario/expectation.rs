//! What a case must come to.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::case::{Problem, Trap, Value};

/// What a case must come to.
///
/// What a scenario does not declare must be absent: no value, no output. Where it
/// is `agreement` that is expected, what is not said here is whatever the other
/// lanes come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Expectation {
    /// How it must end.
    #[serde(flatten)]
    pub end: Option<ExpectedEnd>,
    /// The text on standard output.
    pub stdout: Option<String>,
    /// The text on standard error.
    pub stderr: Option<String>,
    /// The whole text of each file that it must have written, by its path.
    #[serde(skip_serializing_if = "are_none")]
    pub files: Option<BTreeMap<String, String>>,
    /// What is expected of all that is not said above; without it, that is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
}

fn are_none(files: &Option<BTreeMap<String, String>>) -> bool {
    files.as_ref().is_none_or(BTreeMap::is_empty)
}

/// How a case must end.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpectedEnd {
    /// `main` returns this.
    Value(Value),
    /// The program ends itself with this code.
    Exit(i64),
    /// It traps with this kind.
    Trap(String),
    /// The compiler refuses it with this code.
    Refused(String),
    /// The host refuses what it asks for, and says this.
    HostError(String),
}

/// What must come at one n, whatever is expected at others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pin {
    /// How it must end, where that is said.
    pub end: Option<ExpectedEnd>,
    /// What it must print, where that is said.
    pub stdout: Option<String>,
}

/// That all lanes come to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// Whether what `main` returns is compared: of what is neither a number, nor
    /// text, Vera shows an address, which each collection may change.
    pub value: bool,
}

impl Expectation {
    /// This value, and nothing printed.
    pub fn of_value(value: Value) -> Expectation {
        Expectation {
            end: Some(ExpectedEnd::Value(value)),
            stdout: Some(String::new()),
            stderr: Some(String::new()),
            files: Some(BTreeMap::new()),
            agreement: None,
        }
    }

    /// What must be on standard output, where that is said.
    pub fn stdout(&self) -> Option<&str> {
        self.stdout.as_deref()
    }

    /// The value that must be returned, where that is said.
    pub fn value(&self) -> Option<&Value> {
        match &self.end {
            Some(ExpectedEnd::Value(value)) => Some(value),
            Some(
                ExpectedEnd::Exit(_)
                | ExpectedEnd::Trap(_)
                | ExpectedEnd::Refused(_)
                | ExpectedEnd::HostError(_),
            )
            | None => None,
        }
    }

    /// Whether anything is left to the other lanes to say.
    pub fn asks_others(&self) -> bool {
        self.agreement.is_some()
            && (self.end.is_none()
                || self.stdout.is_none()
                || self.stderr.is_none()
                || self.files.is_none())
    }
}

impl ExpectedEnd {
    /// That it can come at all: a kind of trap that Vera has, a code that a diagnostic
    /// can have. What can't come would be a failure of every program.
    pub fn possible(self) -> Result<ExpectedEnd, Problem> {
        match &self {
            ExpectedEnd::Trap(kind) if !Trap::KINDS.contains(&kind.as_str()) => {
                let problem = Problem::new(format!("Vera has no kind of trap `{kind}`"));
                Err(problem.next(format!("write one of {}", Trap::KINDS.join(", "))))
            }
            ExpectedEnd::Refused(code) if !is_code(code) => {
                let problem = Problem::new(format!("`{code}` is no code of a diagnostic"));
                Err(problem.next("write the code as Vera prints it, such as E129"))
            }
            _ => Ok(self),
        }
    }
}

/// Whether a word is an E or a W, and a number of three digits or more.
fn is_code(word: &str) -> bool {
    let number = word.strip_prefix(['E', 'W']).unwrap_or_default();
    number.len() >= 3 && number.bytes().all(|it| it.is_ascii_digit())
}

impl fmt::Display for ExpectedEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExpectedEnd::Value(value) => value.fmt(f),
            ExpectedEnd::Exit(code) => write!(f, "an exit with code {code}"),
            ExpectedEnd::Trap(kind) => write!(f, "a trap {kind}"),
            ExpectedEnd::Refused(code) => write!(f, "a refusal with {code}"),
            ExpectedEnd::HostError(text) => write!(f, "an error of the host that says {text:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_come_is_refused() {
        let trap = |kind: &str| ExpectedEnd::Trap(kind.to_owned()).possible();
        let refused = |code: &str| ExpectedEnd::Refused(code.to_owned()).possible();
        assert!(trap("overflow").is_ok() && refused("E129").is_ok());
        assert!(
            trap("overflw")
                .unwrap_err()
                .to_string()
                .contains("`overflw`")
        );
        for code in ["banana", "E", "129", "E12x", "e129", ""] {
            assert!(refused(code).unwrap_err().to_string().contains("E129"));
        }
    }
}
