//! What a scenario exists for.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// The issue or bug class that a scenario exists for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Guard {
    /// The number of the issue in Vera's tracker, where there is one.
    pub issue: Option<u32>,
    /// The class of the bug, in a few words.
    pub class: String,
    /// One sentence of history.
    pub history: String,
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(issue) = self.issue {
            write!(f, "#{issue} ")?;
        }
        f.write_str(&self.class)
    }
}

/// Guards on one line: `#570 shadow-stack overflow, #573 ...`.
pub fn guards_line(guards: &[Guard]) -> String {
    let guards: Vec<String> = guards.iter().map(Guard::to_string).collect();
    guards.join(", ")
}
