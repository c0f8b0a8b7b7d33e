//! The steps of an installation, each a command of pip or uv.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::process::Command;

use super::cache::Cache;
use super::error::ToolchainError;
use super::installer::Installer;
use super::marker::installed;
use super::python;
use crate::case::Problem;

/// What an environment must hold.
pub struct Contents<'a> {
    /// The name of its folder.
    pub name: String,
    /// What to install, in pip's words.
    pub packages: Vec<String>,
    /// A package to take out again, so that only what it needs stays.
    pub without: Option<&'a str>,
    /// What to call it when telling the user.
    pub title: String,
}

/// One installation under way.
pub struct InstallSteps<'a> {
    /// What is installed.
    pub contents: &'a Contents<'a>,
    /// Where it goes.
    pub cache: &'a Cache,
    /// What installs it.
    pub installer: &'a Installer,
    /// What keeps the output of the last step.
    pub log: PathBuf,
    /// What is held as long as a step runs.
    pub lock: Option<File>,
}

impl InstallSteps<'_> {
    /// Runs one step; what it printed goes to the log and comes back.
    pub fn run(&self, what: &str, command: Command) -> Result<String, ToolchainError> {
        let (succeeded, text) = self.printed(what, command)?;
        if succeeded {
            return Ok(text);
        }
        let why = self.explain(&text);
        Err(why.unwrap_or_else(|| self.failed(what, &tail(&text))))
    }

    /// A step failed, in a way that only its output tells.
    pub fn failed(&self, what: &str, detail: &str) -> ToolchainError {
        self.error(&format!("{what} for {}", self.contents.title), detail)
    }

    /// Something failed, in a way that only the output tells.
    pub fn error(&self, what: &str, detail: &str) -> ToolchainError {
        Problem::new(format!("{what} failed\n     {detail}"))
            .next(format!("read its whole output in {}", self.log.display()))
            .into()
    }

    /// Runs one step; whether it succeeded, and what it printed.
    pub fn printed(
        &self,
        what: &str,
        mut command: Command,
    ) -> Result<(bool, String), ToolchainError> {
        // The installer holds the lock too: one that outlives a killed run goes
        // on writing, and the next run has to wait for its end.
        if let Some(lock) = self.lock.as_ref().and_then(|lock| lock.try_clone().ok()) {
            command.stdin(lock);
        }
        let output = command.output().map_err(|why| {
            self.failed(what, &format!("{}: {why}", command.get_program().display()))
        })?;
        let text = python::printed(&output);
        // The log is for whoever reads a failure; a full disk is said below.
        let _ = fs::write(&self.log, &text);
        Ok((output.status.success(), text))
    }

    /// The cause of a failed step, where it is one of the usual ones.
    pub fn explain(&self, text: &str) -> Option<ToolchainError> {
        let release = self.contents.title.trim_start_matches("Vera ").to_owned();
        if text.contains("No space left on device") {
            return Some(self.cache.error(io::ErrorKind::StorageFull.into()));
        }
        if text.contains("Permission denied") || text.contains("Read-only file system") {
            return Some(self.cache.error(io::ErrorKind::PermissionDenied.into()));
        }
        let unreachable = [
            "Failed to establish a new connection",
            "NewConnectionError",
            "ConnectTimeoutError",
            "Temporary failure in name resolution",
            "error sending request",
            "dns error",
            "Failed to fetch",
            "ProxyError",
            "timed out",
            // pip says no more than this where it may not retry.
            "(from versions: none)",
        ];
        let says = |line: &&str| unreachable.iter().any(|words| line.contains(words));
        if let Some(line) = text.lines().find(says) {
            let installed = installed(self.cache);
            return Some(ToolchainError::NoNetwork {
                release,
                installer: self.installer.name(),
                detail: line.trim().to_owned(),
                installed: if installed.is_empty() {
                    String::new()
                } else {
                    format!(", or an installed one: {}", installed.join(", "))
                },
            });
        }
        if text.contains("No matching distribution")
            || text.contains("there is no version of")
            || text.contains("no versions of")
        {
            return Some(ToolchainError::NoSuchRelease {
                release,
                available: available(text)
                    .unwrap_or_else(|| "the releases that PyPI lists for veralang".to_owned()),
            });
        }
        None
    }
}

/// The releases in pip's `(from versions: 0.1.5, 0.1.6)`.
pub fn available(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("(from versions: ")?;
    let (versions, _) = rest.split_once(')')?;
    (versions != "none").then(|| versions.to_owned())
}

/// The last lines of some output.
pub fn tail(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(5)..].join("\n     ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_releases_that_pip_lists_are_shown() {
        let text = "ERROR: Could not find a version that satisfies the requirement veralang==9 (from versions: 0.1.5, 0.2.5)";
        assert_eq!(available(text), Some("0.1.5, 0.2.5".to_owned()));
        assert_eq!(available("(from versions: none)"), None);
    }
}
