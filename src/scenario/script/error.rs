//! What is wrong with a script.

/// A script that does not parse, fails, or gives something of the wrong kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct ScriptError {
    /// The file that holds the script.
    pub file: String,
    /// The line in that file, where it is known.
    pub line: Option<usize>,
    /// What went wrong.
    pub message: String,
}
