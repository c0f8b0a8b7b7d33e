//! One installed Vera: a release, a checkout, or an interpreter.
//!
//! [`Spec`] is what was asked for, [`Toolchain`] is what was found or installed,
//! and the [`worker`] is the process that compiles and runs with it.

pub mod about;
pub mod cache;
pub mod compile;
mod directory;
mod fingerprint;
pub mod install;
mod process;
pub mod python;
pub mod releases;
pub mod spec;
pub mod watch;
pub mod worker;

use std::io;
use std::path::{Path, PathBuf};

use crate::case::VeraVersion;
use cache::Cache;
pub use fingerprint::Fingerprint;
pub use spec::Spec;

/// The release that is used where none is named.
pub const DEFAULT_RELEASE: &str = "0.2.5";

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
}

/// Tells the user about something that takes a while.
pub type Progress<'a> = &'a (dyn Fn(&str) + Sync);

/// Why no toolchain could be set up. Each message ends with what to do next.
#[derive(Debug, thiserror::Error)]
pub enum ToolchainError {
    /// No interpreter at all.
    #[error(
        "no Python was found on the PATH, and Vera needs one of version 3.11 or later\n     next: install it (`apt install python3`, `brew install python`), or install uv, which brings its own"
    )]
    NoPython,
    /// Only interpreters that are too old.
    #[error(
        "Vera needs Python 3.11 or later; found only {found}\n     next: install a newer Python beside it, or install uv, which brings its own"
    )]
    PythonTooOld {
        /// What was found: path and version of each.
        found: String,
    },
    /// The package index could not be reached.
    #[error(
        "Vera {release} could not be installed: the package index cannot be reached\n     next: check the network, or name a Vera that is on this machine: --vera DIRECTORY or --vera PYTHON{installed}\n     {installer} said: {detail}"
    )]
    NoNetwork {
        /// The release that was to be installed.
        release: String,
        /// pip or uv.
        installer: &'static str,
        /// The last line that it printed.
        detail: String,
        /// A sentence about releases that are installed already, or nothing.
        installed: String,
    },
    /// There is no such release.
    #[error(
        "there is no Vera release {release} for this Python\n     next: choose one of: {available}"
    )]
    NoSuchRelease {
        /// What was asked for.
        release: String,
        /// What there is.
        available: String,
    },
    /// The installer failed in another way.
    #[error("{what} failed\n     {detail}\n     next: read its whole output in {log}")]
    Install {
        /// The step.
        what: String,
        /// The last lines of output.
        detail: String,
        /// Where all of it is.
        log: String,
    },
    /// A directory without Vera.
    #[error(
        "{} holds no Vera: there is no `vera` package (vera/cli.py) in it\n     next: name a checkout of Vera, a directory that holds the package, or a release such as {DEFAULT_RELEASE}",
        path.display()
    )]
    NotVera {
        /// The directory.
        path: PathBuf,
    },
    /// An interpreter or environment that cannot import Vera.
    #[error("{} cannot import Vera: {detail}\n     next: {next}", python.display())]
    CannotImport {
        /// The interpreter.
        python: PathBuf,
        /// Python's own last line.
        detail: String,
        /// What to do.
        next: String,
    },
    /// The cache cannot be used.
    #[error(
        "the cache directory {} cannot be used: {why}\n     next: free some space or fix its permissions, or name another one with --cache-dir DIR",
        path.display()
    )]
    Cache {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        why: io::Error,
    },
    /// The worker does not start, or dies again and again.
    #[error(
        "the worker process of {vera} {what}\n     {detail}\n     next: run `vera-stress doctor`"
    )]
    Worker {
        /// Which Vera.
        vera: String,
        /// What it does instead of working.
        what: String,
        /// The end of its standard error.
        detail: String,
    },
}

impl Toolchain {
    /// Finds or installs the Vera that `spec` names.
    pub fn set_up(
        spec: &Spec,
        cache: &Cache,
        progress: Progress<'_>,
    ) -> Result<Toolchain, ToolchainError> {
        match spec {
            Spec::Release(release) => install::release(release, cache, progress),
            Spec::Latest => {
                let release = install::latest(cache, progress)?;
                install::release(&release, cache, progress)
            }
            Spec::Directory(path) => directory::in_place(path, cache, progress),
            Spec::Interpreter(path) => directory::interpreter(path),
        }
    }

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

/// The last line of some output that says anything.
fn last_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty())
        .unwrap_or("(nothing)")
        .to_owned()
}

/// The interpreter of a virtual environment.
fn environment_python(environment: &Path) -> PathBuf {
    environment.join("bin").join("python")
}
