//! uv or pip, and what they are told.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::ToolchainError;
use super::python::{environment_python, find, on_path, plain};

/// The installer that is used: uv where it is on the PATH, else venv and pip.
pub enum Installer {
    /// uv, which is quick and finds or brings a Python by itself.
    Uv(PathBuf),
    /// `python -m venv` and the pip in it.
    Pip(PathBuf),
}

impl Installer {
    /// The installer for this machine.
    pub fn find() -> Result<Installer, ToolchainError> {
        match on_path("uv") {
            Some(uv) => Ok(Installer::Uv(uv)),
            None => Ok(Installer::Pip(find()?.path)),
        }
    }

    /// Its name, for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Installer::Uv(_) => "uv",
            Installer::Pip(_) => "pip",
        }
    }

    /// The command that makes an empty environment.
    pub fn create(&self, environment: &Path) -> Command {
        match self {
            Installer::Uv(uv) => {
                command(uv, ["venv", "--quiet", "--python", ">=3.11"], environment)
            }
            Installer::Pip(python) => command(python, ["-m", "venv"], environment),
        }
    }

    /// The command that installs `packages` into an environment.
    pub fn install(&self, environment: &Path, packages: &[String]) -> Command {
        let mut install = self.in_environment(environment, "install");
        match self {
            Installer::Uv(_) => install.arg("--compile-bytecode"),
            Installer::Pip(_) => install.args(["--disable-pip-version-check", "--no-input"]),
        };
        install.arg("--").args(packages);
        install
    }

    /// The command that says what installing `package` would install.
    pub fn plan(&self, environment: &Path, package: &str) -> Command {
        let mut plan = self.in_environment(environment, "install");
        plan.args(["--dry-run", "--no-deps", "--", package]);
        plan
    }

    /// The command that makes an environment with pip in it, whoever made it.
    pub fn create_with_pip(&self, environment: &Path) -> Command {
        let mut create = self.create(environment);
        if let Installer::Uv(_) = self {
            create.arg("--seed");
        }
        create
    }

    /// The command that says, in the words of its error, which versions of
    /// `package` there are. It is pip's in both cases: uv names none of them.
    pub fn list(environment: &Path, package: &str) -> Command {
        let python = environment_python(environment);
        let mut list = command(&python, ["-m", "pip"], Path::new("install"));
        list.args(["--disable-pip-version-check", "--no-input", "--dry-run"]);
        list.args(["--no-deps", "--", &format!("{package}==0")]);
        list
    }

    /// The command that takes one package out of an environment.
    pub fn uninstall(&self, environment: &Path, package: &str) -> Command {
        let mut uninstall = self.in_environment(environment, "uninstall");
        if let Installer::Pip(_) = self {
            uninstall.args(["--disable-pip-version-check", "--yes"]);
        }
        uninstall.arg(package);
        uninstall
    }

    fn in_environment(&self, environment: &Path, verb: &str) -> Command {
        let python = environment_python(environment);
        match self {
            Installer::Uv(uv) => command(uv, ["pip", verb, "--python"], &python),
            Installer::Pip(_) => command(&python, ["-m", "pip"], Path::new(verb)),
        }
    }
}

fn command<const N: usize>(program: &Path, words: [&str; N], last: &Path) -> Command {
    let mut command = plain(program);
    command.args(words).arg(last);
    command
}
