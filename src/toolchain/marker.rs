//! The marker of a complete environment.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::cache::Cache;
use super::python::environment_python;

const MARKER: &str = "installed.json";

/// What the marker file says about a complete environment.
#[derive(Debug, Deserialize, Serialize)]
struct Marker {
    /// `name==version` of everything in it, sorted.
    packages: Vec<String>,
    /// Where packages are, relative to the environment.
    site_packages: PathBuf,
}

/// An environment that is complete.
pub struct Environment {
    /// Its interpreter.
    pub python: PathBuf,
    /// `name==version` of everything in it, sorted.
    pub packages: Vec<String>,
    /// Where packages are.
    pub site_packages: PathBuf,
}

/// The releases that are installed, sorted by name.
pub fn installed(cache: &Cache) -> Vec<String> {
    let entries = fs::read_dir(cache.toolchains()).into_iter().flatten();
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().join(MARKER).is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    names.sort();
    names
}

/// The environment in `folder`, if it is complete and its Python is still there.
pub fn complete(folder: &Path) -> Option<Environment> {
    let marker: Marker = serde_json::from_slice(&fs::read(folder.join(MARKER)).ok()?).ok()?;
    let python = environment_python(folder);
    let site_packages = folder.join(&marker.site_packages);
    // The interpreter is a link to one that an upgrade of Python can remove.
    (python.is_file() && site_packages.is_dir()).then_some(Environment {
        python,
        packages: marker.packages,
        site_packages,
    })
}

pub fn write_marker(folder: &Path) -> io::Result<()> {
    let library = folder.join("lib");
    let site_packages = fs::read_dir(&library)?
        .flatten()
        .map(|entry| entry.path().join("site-packages"))
        .find(|path| path.is_dir())
        .ok_or_else(|| io::Error::other(format!("{} holds no packages", library.display())))?;
    let marker = Marker {
        packages: packages_in(&site_packages)?,
        site_packages: site_packages
            .strip_prefix(folder)
            .unwrap_or(&site_packages)
            .to_owned(),
    };
    let text = serde_json::to_vec_pretty(&marker).expect("a marker is plain data");
    let partial = folder.join(format!("{MARKER}.partial"));
    fs::write(&partial, text)?;
    fs::rename(partial, folder.join(MARKER))
}

/// `name==version` of each distribution in a folder of packages, by the names
/// of its metadata folders; the installer itself is none of them.
fn packages_in(site_packages: &Path) -> io::Result<Vec<String>> {
    let mut packages = Vec::new();
    for entry in fs::read_dir(site_packages)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some((name, version)) = name
            .strip_suffix(".dist-info")
            .and_then(|stem| stem.split_once('-'))
            && !["pip", "setuptools", "wheel"].contains(&name)
        {
            packages.push(format!("{name}=={version}"));
        }
    }
    packages.sort();
    Ok(packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_without_its_marker_or_its_python_is_not_complete() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("lib/python3.11/site-packages");
        fs::create_dir_all(site.join("lark-1.3.1.dist-info")).unwrap();
        fs::create_dir_all(site.join("pip-23.0.dist-info")).unwrap();
        assert!(complete(folder.path()).is_none());
        write_marker(folder.path()).unwrap();
        assert!(
            complete(folder.path()).is_none(),
            "there is no Python in it"
        );
        fs::create_dir(folder.path().join("bin")).unwrap();
        fs::write(folder.path().join("bin/python"), "").unwrap();
        assert_eq!(complete(folder.path()).unwrap().packages, ["lark==1.3.1"]);
    }
}
