//! What a worker is asked to do.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

/// What a child is to do.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Job {
    /// Compile a program.
    Compile {
        /// The folder of its sources.
        source: PathBuf,
        /// The file in it that holds `main`.
        main: String,
        /// Whether to compile a collection into every allocation.
        eager: bool,
    },
    /// Read a program in a folder: its syntax tree with types.
    Tree {
        /// The folder.
        source: PathBuf,
        /// The file in it that holds `main`.
        main: String,
    },
    /// List what the release has.
    Inventory {
        /// The script that lists it.
        of: &'static str,
    },
    /// Compile a program and run it, and say which lines of Vera's own did so.
    Traced {
        /// The folder of its sources.
        source: PathBuf,
        /// The file in it that holds `main`.
        main: String,
        /// The arguments of `main`.
        args: Vec<String>,
        /// The file that is its standard input; without one there is nothing to read.
        stdin: Option<PathBuf>,
        /// The folder that the program runs in.
        folder: PathBuf,
        /// Whether it may ask for files.
        files: bool,
        /// The environment that it sees.
        env: BTreeMap<String, String>,
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
        /// The folder that the program runs in.
        folder: PathBuf,
        /// Whether it may ask for files.
        files: bool,
        /// The environment that it sees.
        env: BTreeMap<String, String>,
    },
}
