//! What stands around a program beside its standard input: files and environment.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What stands around a program. Nothing else of the machine is given to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The files in the folder that it runs in; none where nothing is said.
    pub files: Option<Files>,
    /// The environment that it sees, by name.
    pub env: BTreeMap<String, String>,
}

/// Files that a program is given. Each case runs in a copy of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files {
    /// All that is in a folder.
    Folder(PathBuf),
    /// These, by their paths, `/` between folders.
    Held(BTreeMap<String, Vec<u8>>),
}
