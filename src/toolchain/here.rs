//! Which Vera is meant where nobody names one: that of where one stands.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::chosen::Chosen;
use super::directory::is_checkout;
use super::python::environment_python;
use super::spec::{DEFAULT_RELEASE, Spec};

/// A Vera, and why it is that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Which.
    pub spec: Spec,
    /// Why.
    pub why: Chosen,
}

impl Choice {
    /// For this reason.
    pub fn of(spec: Spec, why: Chosen) -> Choice {
        Choice { spec, why }
    }

    /// The Vera of where one stands: a checkout that `directory` lies in, else the
    /// one that the interpreter of the active environment imports, else the default
    /// release.
    pub fn here(directory: &Path, environment: Option<&Spec>) -> Choice {
        if let Some(checkout) = checkout_above(directory) {
            return Choice::of(Spec::Directory(checkout), Chosen::Checkout);
        }
        match environment {
            Some(spec) => Choice::of(spec.clone(), Chosen::Environment),
            None => Choice::of(Spec::Release(DEFAULT_RELEASE.to_owned()), Chosen::Pinned),
        }
    }
}

/// As it would be named.
impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spec.fmt(f)
    }
}

impl From<Spec> for Choice {
    /// As whoever gives a command names it.
    fn from(spec: Spec) -> Choice {
        Choice::of(spec, Chosen::Named)
    }
}

/// The checkout of Vera that `directory` lies in. The search ends with the repository
/// that it lies in: one that stands in a checkout, as a submodule or beside its
/// sources, is none itself.
fn checkout_above(directory: &Path) -> Option<PathBuf> {
    for folder in directory.ancestors() {
        if is_checkout(folder) {
            return Some(folder.to_owned());
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    None
}

/// The interpreter of the active virtual environment, where it imports Vera; its
/// folder is in one of these variables.
pub fn active_environment(variable: impl Fn(&str) -> Option<OsString>) -> Option<Spec> {
    ["VIRTUAL_ENV", "CONDA_PREFIX"]
        .into_iter()
        .filter_map(variable)
        .map(|folder| environment_python(Path::new(&folder)))
        .find(|python| imports_vera(python))
        .map(Spec::Interpreter)
}

/// Whether an interpreter would import Vera, without importing it: one that is there
/// and is broken is the one that is meant, all the same.
fn imports_vera(python: &Path) -> bool {
    const ASK: &str = "import importlib.util, os, sys
it = importlib.util.find_spec('vera')
sys.exit(not (it and it.origin and os.path.exists(os.path.join(os.path.dirname(it.origin), 'cli.py'))))";
    let mut command = Command::new(python);
    command
        .args(["-B", "-P", "-c", ASK])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn package(folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("__init__.py"), "").unwrap();
        fs::write(folder.join("cli.py"), "").unwrap();
    }

    fn project(folder: &Path, name: &str) {
        let text = format!("[project]\nname = \"{name}\"\n");
        fs::write(folder.join("pyproject.toml"), text).unwrap();
    }

    #[test]
    fn a_checkout_is_found_from_below_and_a_folder_of_that_name_is_none() {
        let place = tempfile::tempdir().unwrap();
        let checkout = place.path().join("checkout");
        package(&checkout.join("vera"));
        let below = checkout.join("tests/unit");
        fs::create_dir_all(&below).unwrap();
        // A copy of the package is no checkout: it is used where it is named.
        assert_eq!(checkout_above(&below), None);
        project(&checkout, "other");
        assert_eq!(checkout_above(&below), None);
        for name in ["veralang", "vera"] {
            project(&checkout, name);
            assert_eq!(checkout_above(&below), Some(checkout.clone()));
            assert_eq!(checkout_above(&checkout), Some(checkout.clone()));
        }
        assert_eq!(checkout_above(place.path()), None);
        // Another repository in it is one of its own.
        fs::create_dir_all(checkout.join("tests/.git")).unwrap();
        assert_eq!(checkout_above(&below), None);
        assert_eq!(checkout_above(&checkout), Some(checkout.clone()));
    }

    #[test]
    fn what_is_nearest_is_meant() {
        let place = tempfile::tempdir().unwrap();
        let environment = Spec::Interpreter("/env/bin/python".into());
        let pinned = Spec::Release(DEFAULT_RELEASE.to_owned());
        let here = |environment| Choice::here(place.path(), environment);
        assert_eq!(here(None), Choice::of(pinned, Chosen::Pinned));
        let found = Choice::of(environment.clone(), Chosen::Environment);
        assert_eq!(here(Some(&environment)), found);
        package(&place.path().join("src/vera"));
        project(place.path(), "veralang");
        let checkout = Spec::Directory(place.path().to_owned());
        let checkout = Choice::of(checkout, Chosen::Checkout);
        assert_eq!(here(Some(&environment)), checkout);
    }

    #[test]
    fn an_environment_without_vera_is_passed_over() {
        let none = |_: &str| None;
        assert_eq!(active_environment(none), None);
        let nowhere = |name: &str| (name == "VIRTUAL_ENV").then(|| "/nowhere".into());
        assert_eq!(active_environment(nowhere), None);
    }
}
