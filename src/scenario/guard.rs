//! What a scenario exists for, and what shows that it notices it.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, Serialize, Serializer};

use super::failure_kind::FailureKind;
use crate::case::{Problem, Scale};

/// The issue or bug class that a scenario exists for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Guard {
    /// The number of the issue in Vera's tracker, where there is one.
    pub issue: Option<u32>,
    /// The class of the bug, in a few words.
    pub class: String,
    /// One sentence of history.
    pub history: String,
    /// How a bug of this class shows; empty where any failure may be one.
    #[serde(skip)]
    pub fails_as: Vec<Symptom>,
    /// What shows that the scenario notices it, where that is said.
    #[serde(skip)]
    pub proof: Option<Proof>,
}

/// How a bug shows: a kind of failure, and words of what is said of it.
///
/// Written as `trap`, or as `trap: unreachable` where the message must hold that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symptom {
    /// How it fails.
    pub kind: FailureKind,
    /// What the message says among other things; empty where that does not matter.
    pub words: String,
}

/// What shows that a scenario notices what it guards against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Proof {
    /// It fails where the bug is, and passes where it no longer is.
    Versions(ProvenOn),
    /// Nothing does.
    Unproven {
        /// Why not.
        unproven: String,
    },
}

/// The versions that prove a guard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProvenOn {
    /// A version that has the bug.
    pub fails_on: String,
    /// The version in which it was mended; `None` while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_in: Option<String>,
    /// Whether the two are tags of Vera's repository, and not releases.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repo: bool,
    /// Where it shows, if that is not at the scenario's own scale: below it where
    /// another bug stands before this one on the version, above it where the bug is
    /// open and the scenario stays below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<Scale>,
}

impl Guard {
    /// Whether a bug of its class may show as such a failure, of which this is said.
    pub fn is_of_class(&self, kind: FailureKind, message: &str) -> bool {
        let is_it = |it: &Symptom| it.kind == kind && message.contains(&it.words);
        self.fails_as.is_empty() || self.fails_as.iter().any(is_it)
    }

    /// The versions that prove it.
    pub fn proven_on(&self) -> Option<&ProvenOn> {
        match &self.proof {
            Some(Proof::Versions(on)) => Some(on),
            Some(Proof::Unproven { .. }) | None => None,
        }
    }

    /// In a few words, what proves it, or why nothing does.
    pub fn proof_line(&self) -> String {
        match &self.proof {
            Some(Proof::Versions(on)) => on.to_string(),
            Some(Proof::Unproven { unproven }) => format!("unproven: {unproven}"),
            None => "unproven: its scenario does not say on which version it fails".to_owned(),
        }
    }
}

impl FromStr for Symptom {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Symptom, Problem> {
        let (kind, words) = text.split_once(':').unwrap_or((text, ""));
        let named = FailureKind::deserialize(StrDeserializer::<Error>::new(kind.trim()));
        let kind = named.map_err(|why| {
            Problem::new(format!("`{text}` is no way to fail: {why}"))
                .next("write a verdict such as \"trap\", or with words of the message such as \"trap: unreachable\"")
        })?;
        Ok(Symptom {
            kind,
            words: words.trim().to_owned(),
        })
    }
}

impl fmt::Display for Symptom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        match self.words.as_str() {
            "" => Ok(()),
            words => write!(f, ": {words}"),
        }
    }
}

impl Serialize for Symptom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(issue) = self.issue {
            write!(f, "#{issue} ")?;
        }
        f.write_str(&self.class)
    }
}

/// `fails on v0.0.132, passes on v0.0.133`.
impl fmt::Display for ProvenOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fails on {}", self.fails_on)?;
        if let Some(n) = self.n {
            write!(f, " at n={n}")?;
        }
        match &self.fixed_in {
            Some(fixed) => write!(f, ", passes on {fixed}"),
            None => f.write_str(", still open"),
        }
    }
}

/// Guards on one line: `#570 shadow-stack overflow, #573 ...`.
pub fn guards_line(guards: &[Guard]) -> String {
    let guards: Vec<String> = guards.iter().map(Guard::to_string).collect();
    guards.join(", ")
}
