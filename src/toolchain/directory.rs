//! A Vera that is on this machine already: a directory or an interpreter.
//!
//! Neither is ever written to, bytecode included.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::cache::Cache;
use super::chosen::Chosen;
use super::environment::environment;
use super::error::ToolchainError;
use super::fingerprint::Fingerprint;
use super::install::DISTRIBUTION;
use super::install_steps::Contents;
use super::installation::Toolchain;
use super::probe::{ImportedVera, cannot_import, probe};
use super::python::{self, environment_python};
use super::spec::DEFAULT_RELEASE;
use super::teller::Teller;
use crate::case::{Problem, VeraVersion};

/// The part of a project file that is of use here.
#[derive(Default, Deserialize)]
struct ProjectFile {
    project: Option<Project>,
}

#[derive(Default, Deserialize)]
struct Project {
    name: Option<String>,
    version: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

impl Project {
    /// Whether it is Vera's own. Before it was published it had another name.
    fn is_vera(&self) -> bool {
        (self.name.as_deref()).is_some_and(|name| [DISTRIBUTION, "vera"].contains(&name))
    }
}

/// The Vera in a directory: a checkout, or a bare copy of the package.
pub fn in_place(
    directory: &Path,
    cache: &Cache,
    tell: Teller<'_>,
) -> Result<Toolchain, ToolchainError> {
    let directory = directory.canonicalize().map_err(|_| not_vera(directory))?;
    let package = package_in(&directory).ok_or_else(|| not_vera(&directory))?;
    let project = project_of(&package);
    let own = [".venv", "venv"]
        .iter()
        .map(|name| environment_python(&directory.join(name)))
        .find(|python| python.is_file());
    let (python, next) = match own {
        Some(python) => (
            python,
            "install what Vera needs into that environment, or remove it: vera-stress then makes one of its own".to_owned(),
        ),
        None => (
            dependencies(&project, cache, tell)?,
            format!("this Vera needs something that its project file does not name; make a .venv in {} that can import it", directory.display()),
        ),
    };
    // Importing says what is missing now, in one sentence, rather than later
    // from inside the worker.
    let about = probe(&python, Some(&package), &next)?;
    toolchain(&directory, python, Some(package), about, project.version)
}

/// The Vera that an interpreter imports.
pub fn interpreter(python: &Path) -> Result<Toolchain, ToolchainError> {
    let python = std::path::absolute(python).unwrap_or_else(|_| python.to_owned());
    match python::version_of(&python) {
        None => {
            return Err(cannot_import(
                &python,
                "it is no Python interpreter",
                "name the interpreter of an environment, such as .venv/bin/python",
            ));
        }
        Some(version) if version < python::OLDEST => {
            let (major, minor) = version;
            let found = format!("{} ({major}.{minor})", python.display());
            return Err(python::too_old_for_vera(&found));
        }
        Some(_) => {}
    }
    let next = format!(
        "install it there: {} -m pip install {DISTRIBUTION}",
        python.display()
    );
    let about = probe(&python, None, &next)?;
    toolchain(&python.clone(), python, None, about, None)
}

fn toolchain(
    spec: &Path,
    python: PathBuf,
    package: Option<PathBuf>,
    about: ImportedVera,
    version: Option<String>,
) -> Result<Toolchain, ToolchainError> {
    let fingerprint = Fingerprint::of(&about.package, &about.packages).map_err(|why| {
        let detail = format!("{}: {why}", about.package.display());
        cannot_import(&python, &detail, "make the package readable")
    })?;
    Ok(Toolchain {
        spec: spec.display().to_string(),
        version: VeraVersion::new(&version.unwrap_or(about.version)),
        python,
        package,
        package_files: about.package,
        dependencies: about.packages,
        fingerprint,
        owned: false,
        chosen: Chosen::Named,
    })
}

fn not_vera(directory: &Path) -> ToolchainError {
    Problem::new(format!(
        "{} holds no Vera: there is no `vera` package (vera/cli.py) in it",
        directory.display()
    ))
    .next(format!("name a checkout of Vera, a directory that holds the package, or a release such as {DEFAULT_RELEASE}"))
    .into()
}

/// The folder of the package: below the directory, or the directory itself.
fn package_in(directory: &Path) -> Option<PathBuf> {
    [
        directory.join("vera"),
        directory.join("src/vera"),
        directory.to_owned(),
    ]
    .into_iter()
    .find(|folder| folder.join("__init__.py").is_file() && folder.join("cli.py").is_file())
}

/// Whether a directory is a checkout of Vera: it has the package, and the project
/// file that goes with it.
pub fn is_checkout(directory: &Path) -> bool {
    package_in(directory)
        .is_some_and(|package| package != directory && project_of(&package).is_vera())
}

/// What the project file above the package says; nothing where there is none.
fn project_of(package: &Path) -> Project {
    package
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("pyproject.toml"))
        .find_map(|file| std::fs::read_to_string(file).ok())
        .and_then(|text| toml::from_str::<ProjectFile>(&text).ok())
        .and_then(|file| file.project)
        // A copy of the package may lie in somebody else's project.
        .filter(|project| project.is_vera())
        .unwrap_or_default()
}

/// The interpreter of an environment with what a checkout needs beside it.
fn dependencies(
    project: &Project,
    cache: &Cache,
    tell: Teller<'_>,
) -> Result<PathBuf, ToolchainError> {
    let contents = if project.dependencies.is_empty() {
        // Vera itself is taken out again: its metadata would give the checkout
        // the version of the release.
        Contents {
            name: format!("dependencies-of-{DEFAULT_RELEASE}"),
            packages: vec![format!("{DISTRIBUTION}=={DEFAULT_RELEASE}")],
            without: Some(DISTRIBUTION),
            title: format!("what Vera {DEFAULT_RELEASE} needs"),
        }
    } else {
        let key = blake3::hash(project.dependencies.join("\n").as_bytes()).to_hex();
        Contents {
            name: format!("dependencies-{}", &key[..12]),
            packages: project.dependencies.clone(),
            without: None,
            title: format!(
                "what the checkout needs ({})",
                project.dependencies.join(", ")
            ),
        }
    };
    Ok(environment(&contents, cache, tell)?.python)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_package_is_found_in_a_checkout_a_copy_and_itself() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("vera");
        assert_eq!(package_in(folder.path()), None);
        fs::create_dir(&package).unwrap();
        fs::write(package.join("__init__.py"), "").unwrap();
        assert_eq!(package_in(folder.path()), None);
        fs::write(package.join("cli.py"), "").unwrap();
        assert_eq!(package_in(folder.path()), Some(package.clone()));
        assert_eq!(package_in(&package), Some(package));
    }

    #[test]
    fn the_project_file_gives_version_and_dependencies() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("vera");
        assert_eq!(project_of(&package).version, None);
        let text =
            "[project]\nname = \"veralang\"\nversion = \"0.2.6\"\ndependencies = [\"lark>=1\"]\n";
        fs::write(folder.path().join("pyproject.toml"), text).unwrap();
        let project = project_of(&package);
        assert_eq!(project.version.as_deref(), Some("0.2.6"));
        assert_eq!(project.dependencies, ["lark>=1"]);
    }
}
