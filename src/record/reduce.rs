//! What a reduction leaves behind.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Format;
use crate::case::{Lane, Scale};
use crate::judge::Signature;

/// What a reduction is about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReduceInfo {
    /// The format of the record.
    pub format: Format,
    /// When it began.
    pub started: Timestamp,
    /// The version of vera-stress.
    pub vera_stress: String,
    /// What is reduced.
    pub scenario: String,
    /// The Vera, as it was named.
    pub vera: String,
    /// How the program is run.
    pub lane: Lane,
    /// What `main` is called with.
    pub n: Scale,
    /// How it fails, in one line.
    pub message: String,
    /// What makes that failure that failure.
    pub signature: Signature,
    /// What each smaller program must do, a sentence each.
    pub kept: Vec<String>,
    /// What could not be read of the program, and stays as it was written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// How large the program is.
    pub size: ProgramSize,
}

/// How large a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProgramSize {
    /// The lines that say something.
    pub lines: usize,
    /// The nodes of its syntax tree.
    pub nodes: usize,
}

/// A smaller program that still fails so.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReduceStep {
    /// How large it is.
    pub size: ProgramSize,
    /// What it is called with.
    pub n: Scale,
    /// How many programs were tried by then.
    pub tries: usize,
    /// The file that holds `main`; not recorded, since there are many steps.
    #[serde(skip)]
    pub main: String,
    /// Its files.
    #[serde(skip)]
    pub files: BTreeMap<String, String>,
}

/// What a reduction came to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReduceRecord {
    /// How large the smallest program is.
    pub size: ProgramSize,
    /// What it is called with.
    pub n: Scale,
    /// The file that holds `main`.
    pub main: String,
    /// Its files.
    pub files: BTreeMap<String, String>,
    /// How many programs were tried.
    pub tries: usize,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// Whether its time was over before nothing moved any more.
    pub out_of_time: bool,
    /// The command that shows it; absent where it was written to no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
    /// The file that it was written to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// What became of the program of a case that was reduced.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReducedRecord {
    /// How large the program is.
    pub from: ProgramSize,
    /// How large the smallest one is.
    pub size: ProgramSize,
    /// What that is called with.
    pub n: Scale,
    /// How many programs were tried.
    pub tries: usize,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Its text.
    pub program: String,
    /// The file that it was written to.
    pub file: String,
    /// The command that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
}

/// A reduction, and what it came to.
#[derive(Clone, Debug)]
pub struct ReduceReport {
    /// What it was about.
    pub info: ReduceInfo,
    /// What it came to.
    pub record: ReduceRecord,
}
