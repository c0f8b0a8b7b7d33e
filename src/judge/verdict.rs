//! What became of a case: a verdict, and a line that says why.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::scenario::FailureKind;

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
    /// The engine of the lane cannot run the program.
    Unsupported,
    /// `vera check` refuses the program, of which nothing else is expected.
    Refused,
    /// A climb was ended before it could be judged.
    Undecided,
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
            Verdict::Unsupported => "unsupported",
            Verdict::Refused => "refused",
            Verdict::Undecided => "undecided",
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
            Verdict::Unsupported => "unsupported",
            Verdict::Refused => "refused",
            Verdict::Undecided => "UNDECIDED",
            Verdict::NotRun => "NOT RUN",
        }
    }

    /// Whether a run with this verdict is not as expected.
    pub fn fails_run(self) -> bool {
        match self {
            Verdict::Pass | Verdict::Known | Verdict::Unsupported | Verdict::Refused => false,
            Verdict::Failed(_) | Verdict::Fixed | Verdict::Undecided | Verdict::NotRun => true,
        }
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

impl Judgement {
    /// The verdict and its message in one line that begins with the verdict.
    pub fn told(&self) -> String {
        told(self.verdict, &self.message)
    }
}

/// A verdict and what is said of it in one line that begins with the verdict.
pub fn told(verdict: Verdict, message: &str) -> String {
    match message {
        "" => verdict.to_string(),
        message if message.starts_with(verdict.name()) => message.to_owned(),
        message => format!("{verdict}: {message}"),
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Verdict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Verdict, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(match name.as_str() {
            "pass" => Verdict::Pass,
            "known" => Verdict::Known,
            "fixed" => Verdict::Fixed,
            "unsupported" => Verdict::Unsupported,
            "refused" => Verdict::Refused,
            "undecided" => Verdict::Undecided,
            "not-run" => Verdict::NotRun,
            other => Verdict::Failed(FailureKind::deserialize(
                serde::de::value::StrDeserializer::<D::Error>::new(other),
            )?),
        })
    }
}

/// What is written is one word: that of a failure says how it failed.
impl JsonSchema for Verdict {
    fn schema_name() -> Cow<'static, str> {
        "Verdict".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let others = [
            Verdict::Pass,
            Verdict::Known,
            Verdict::Fixed,
            Verdict::Unsupported,
            Verdict::Refused,
            Verdict::Undecided,
            Verdict::NotRun,
        ];
        json_schema!({
            "description": "The outcome judged against the oracle and the budgets.",
            "anyOf": [
                { "enum": others.map(Verdict::name) },
                generator.subschema_for::<FailureKind>(),
            ],
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
