//! A Vera that was found or installed.

use std::path::PathBuf;

use super::chosen::Chosen;
use super::fingerprint::Fingerprint;
use crate::case::VeraVersion;

/// A Vera that can be started.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// What to write after `--vera` to get the same one again.
    pub spec: String,
    /// Its version.
    pub version: VeraVersion,
    /// The interpreter that imports it.
    pub python: PathBuf,
    /// The package to import, where it is not the interpreter's own.
    pub package: Option<PathBuf>,
    /// Where the package's files are.
    pub package_files: PathBuf,
    /// What is installed beside Vera: `name==version`, sorted.
    pub dependencies: Vec<String>,
    /// Changes when any file of the package, or any dependency, changes.
    pub fingerprint: Fingerprint,
    /// Whether the environment is ours, so that Python may keep its bytecode
    /// beside the sources.
    pub owned: bool,
    /// Why it is this one.
    pub chosen: Chosen,
}

impl Toolchain {
    /// Whether the files are those that the fingerprint was taken of. An
    /// environment of ours does not change; a checkout can be edited at any time.
    pub fn is_unchanged(&self) -> bool {
        self.owned
            || Fingerprint::of(&self.package_files, &self.dependencies)
                .is_ok_and(|now| now == self.fingerprint)
    }

    /// The toolchain in a few words, for the head of a run.
    pub fn describe(&self) -> String {
        if self.spec == self.version.to_string() {
            format!("Vera {}", self.version)
        } else {
            format!("Vera {} ({})", self.version, self.spec)
        }
    }
}
