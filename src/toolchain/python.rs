//! Finding a Python, and what is asked of one.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::error::ToolchainError;
use crate::case::Problem;

/// The oldest Python that Vera runs on.
pub const OLDEST: (u32, u32) = (3, 11);

/// A Python interpreter and its version.
#[derive(Clone, Debug)]
pub struct Python {
    /// The interpreter.
    pub path: PathBuf,
    /// Major and minor version.
    pub version: (u32, u32),
}

/// Every interpreter on the PATH under a usual name, the plain names first. Each
/// is asked for its version as it is reached.
pub fn all() -> impl Iterator<Item = Python> {
    ["python3", "python"]
        .into_iter()
        .map(str::to_owned)
        .chain(
            (OLDEST.1..=20)
                .rev()
                .map(|minor| format!("python3.{minor}")),
        )
        .filter_map(on_path)
        .filter_map(|path| {
            let version = version_of(&path)?;
            Some(Python { path, version })
        })
}

/// The first interpreter on the PATH that is new enough.
pub fn find() -> Result<Python, ToolchainError> {
    let mut too_old = Vec::new();
    for python in all() {
        if python.version >= OLDEST {
            return Ok(python);
        }
        let (major, minor) = python.version;
        too_old.push(format!("{} ({major}.{minor})", python.path.display()));
    }
    if too_old.is_empty() {
        let none = "no Python was found on the PATH, and Vera needs one of version 3.11 or later";
        return Err(Problem::new(none)
            .next("install it (`apt install python3`, `brew install python`), or install uv, which brings its own")
            .into());
    }
    Err(too_old_for_vera(&too_old.join(", ")))
}

/// What to say where all interpreters are too old: path and version of each.
pub fn too_old_for_vera(found: &str) -> ToolchainError {
    Problem::new(format!(
        "Vera needs Python 3.11 or later; found only {found}"
    ))
    .next("install a newer Python beside it, or install uv, which brings its own")
    .into()
}

/// The version of an interpreter; `None` where it does not run.
pub fn version_of(python: &Path) -> Option<(u32, u32)> {
    let output = plain(python)
        .args(["-c", "import sys; print(*sys.version_info[:2])"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// A command without the variables that change which packages Python sees.
pub fn plain(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("PYTHON") || name_text == "VIRTUAL_ENV" {
            command.env_remove(&name);
        }
    }
    command
}

/// Everything that a command printed, in one text.
pub fn printed(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text
}

/// The last line of some output that says anything.
pub fn last_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty())
        .unwrap_or("(nothing)")
        .to_owned()
}

/// The interpreter of a virtual environment.
pub fn environment_python(environment: &Path) -> PathBuf {
    environment.join("bin").join("python")
}

/// The executable called `name` on the PATH.
pub fn on_path(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name.as_ref()))
        .find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}
