//! What a worker is asked to do.

use std::path::PathBuf;

use serde::Serialize;

/// What a child is to do.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Job {
    /// Compile `main.vera` in a folder.
    Compile {
        /// The folder.
        source: PathBuf,
        /// Whether to compile a collection into every allocation.
        eager: bool,
    },
    /// Run what a compile left.
    Run {
        /// The compiled program, pickled.
        module: PathBuf,
        /// The arguments of `main`.
        args: Vec<String>,
        /// The file that is its standard input; without one there is nothing to
        /// read.
        stdin: Option<PathBuf>,
    },
}
