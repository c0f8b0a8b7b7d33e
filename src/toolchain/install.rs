//! Installing releases, each once, into an environment of its own.
//!
//! An environment is complete when its marker file is there. The marker is
//! written last and under a lock, so that two runs can start at once and an
//! interrupted installation is never used, only begun again.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::cache::Cache;
use super::python::{self, Installer};
use super::{Fingerprint, Progress, Toolchain, ToolchainError, environment_python, last_line};
use crate::case::VeraVersion;

/// The name of Vera's distribution on PyPI.
pub const DISTRIBUTION: &str = "veralang";

const MARKER: &str = "installed.json";
const LOG: &str = "install.log";

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
    site_packages: PathBuf,
}

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

/// The release, installed where it is not yet.
pub fn release(
    release: &str,
    cache: &Cache,
    progress: Progress<'_>,
) -> Result<Toolchain, ToolchainError> {
    let environment = environment(
        &Contents {
            name: release.to_owned(),
            packages: vec![format!("{DISTRIBUTION}=={release}")],
            without: None,
            title: format!("Vera {release}"),
        },
        cache,
        progress,
    )?;
    let package = environment.site_packages.join("vera");
    let fingerprint =
        Fingerprint::of(&package, &environment.packages).map_err(|why| cache.error(why))?;
    Ok(Toolchain {
        spec: release.to_owned(),
        version: VeraVersion::new(release),
        python: environment.python,
        package: None,
        package_files: package,
        dependencies: environment.packages,
        fingerprint,
        owned: true,
    })
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

/// The environment with `contents`, made where it is not there yet.
pub fn environment(
    contents: &Contents<'_>,
    cache: &Cache,
    progress: Progress<'_>,
) -> Result<Environment, ToolchainError> {
    let folder = cache.toolchains().join(&contents.name);
    if let Some(environment) = complete(&folder) {
        return Ok(environment);
    }
    let lock = cache.lock(&contents.name).map_err(|why| cache.error(why))?;
    // Another run may have made it while this one waited for the lock.
    if let Some(environment) = complete(&folder) {
        return Ok(environment);
    }
    let installer = Installer::find()?;
    progress(&format!(
        "installing {} with {} into {} (once)",
        contents.title,
        installer.name(),
        folder.display()
    ));
    match fs::remove_dir_all(&folder) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(cache.error(why)),
        _ => {}
    }
    let work = Work {
        contents,
        cache,
        installer: &installer,
        log: cache.toolchains().join(format!("{}.{LOG}", contents.name)),
        lock: Some(lock),
    };
    let fill = || {
        work.run("creating the environment", installer.create(&folder))?;
        work.run(
            "the installation",
            installer.install(&folder, &contents.packages),
        )?;
        match contents.without {
            Some(package) => work.run("taking Vera out", installer.uninstall(&folder, package)),
            None => Ok(String::new()),
        }
    };
    if let Err(why) = fill() {
        // It would only take space, which may be what is missing.
        let _ = fs::remove_dir_all(&folder);
        return Err(why);
    }
    write_marker(&folder).map_err(|why| cache.error(why))?;
    complete(&folder).ok_or_else(|| ToolchainError::Install {
        what: format!("installing {}", contents.title),
        detail: "the environment has no Python or no packages".to_owned(),
        log: work.log.display().to_string(),
    })
}

/// The newest release, as the package index says.
pub fn latest(cache: &Cache, progress: Progress<'_>) -> Result<String, ToolchainError> {
    progress("asking the package index for the latest Vera");
    asking("latest", "the latest Vera", cache, |work, folder| {
        work.run("creating the environment", work.installer.create(folder))?;
        let plan = work.installer.plan(folder, DISTRIBUTION);
        let text = work.run("asking the package index", plan)?;
        version_in_plan(&text).ok_or_else(|| ToolchainError::Install {
            what: "asking for the latest release".to_owned(),
            detail: last_line(&text),
            log: work.log.display().to_string(),
        })
    })
}

/// All releases that the package index lists for this Python.
pub fn listed(cache: &Cache, progress: Progress<'_>) -> Result<Vec<String>, ToolchainError> {
    progress("asking the package index for the releases of Vera");
    asking("releases", "the releases of Vera", cache, |work, folder| {
        let create = work.installer.create_with_pip(folder);
        work.run("creating the environment", create)?;
        // What was asked for is not there, and pip says what is.
        let what = "asking the package index";
        let (_, text) = work.printed(what, Installer::list(folder, DISTRIBUTION))?;
        let listed = available(&text).ok_or_else(|| {
            let why = work.explain(&text);
            why.unwrap_or_else(|| work.failed(what, tail(&text)))
        })?;
        Ok(listed.split(", ").map(str::to_owned).collect())
    })
}

/// Asks the package index something, in an environment that goes with the answer:
/// pip and uv both want one.
fn asking<T>(
    name: &str,
    title: &str,
    cache: &Cache,
    ask: impl FnOnce(&Work<'_>, &Path) -> Result<T, ToolchainError>,
) -> Result<T, ToolchainError> {
    let installer = Installer::find()?;
    let contents = Contents {
        name: name.to_owned(),
        packages: vec![DISTRIBUTION.to_owned()],
        without: None,
        title: title.to_owned(),
    };
    fs::create_dir_all(cache.toolchains()).map_err(|why| cache.error(why))?;
    let scratch = tempfile::tempdir_in(cache.toolchains()).map_err(|why| cache.error(why))?;
    let work = Work {
        contents: &contents,
        cache,
        installer: &installer,
        log: cache.toolchains().join(format!("{name}.{LOG}")),
        lock: None,
    };
    ask(&work, &scratch.path().join("environment"))
}

/// The version in `Would install veralang-0.2.5` (pip) or `+ veralang==0.2.5`
/// (uv).
fn version_in_plan(text: &str) -> Option<String> {
    text.split_whitespace()
        .filter_map(|word| word.strip_prefix(DISTRIBUTION))
        .filter_map(|rest| rest.strip_prefix("==").or_else(|| rest.strip_prefix('-')))
        .rfind(|version| version.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
}

/// One installation under way.
struct Work<'a> {
    contents: &'a Contents<'a>,
    cache: &'a Cache,
    installer: &'a Installer,
    log: PathBuf,
    lock: Option<File>,
}

impl Work<'_> {
    /// Runs one step; what it printed goes to the log and comes back.
    fn run(&self, what: &str, command: Command) -> Result<String, ToolchainError> {
        let (succeeded, text) = self.printed(what, command)?;
        if succeeded {
            return Ok(text);
        }
        let why = self.explain(&text);
        Err(why.unwrap_or_else(|| self.failed(what, tail(&text))))
    }

    fn failed(&self, what: &str, detail: String) -> ToolchainError {
        ToolchainError::Install {
            what: format!("{what} for {}", self.contents.title),
            detail,
            log: self.log.display().to_string(),
        }
    }

    /// Runs one step; whether it succeeded, and what it printed.
    fn printed(&self, what: &str, mut command: Command) -> Result<(bool, String), ToolchainError> {
        // The installer holds the lock too: one that outlives a killed run goes
        // on writing, and the next run has to wait for its end.
        if let Some(lock) = self.lock.as_ref().and_then(|lock| lock.try_clone().ok()) {
            command.stdin(lock);
        }
        let output = command.output().map_err(|why| {
            self.failed(what, format!("{}: {why}", command.get_program().display()))
        })?;
        let text = python::printed(&output);
        // The log is for whoever reads a failure; a full disk is said below.
        let _ = fs::write(&self.log, &text);
        Ok((output.status.success(), text))
    }

    /// The cause of a failed step, where it is one of the usual ones.
    fn explain(&self, text: &str) -> Option<ToolchainError> {
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
fn available(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("(from versions: ")?;
    let (versions, _) = rest.split_once(')')?;
    (versions != "none").then(|| versions.to_owned())
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(5)..].join("\n     ")
}

/// The environment in `folder`, if it is complete and its Python is still there.
fn complete(folder: &Path) -> Option<Environment> {
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

fn write_marker(folder: &Path) -> io::Result<()> {
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
pub fn packages_in(site_packages: &Path) -> io::Result<Vec<String>> {
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
    fn the_plans_of_both_installers_name_the_version() {
        let pip = "Collecting veralang\n  Using cached veralang-0.2.5-py3-none-any.whl\nWould install veralang-0.2.5\n";
        assert_eq!(
            version_in_plan("Would install veralang-0.2.5"),
            Some("0.2.5".to_owned())
        );
        assert!(version_in_plan(pip).is_some());
        let uv = "Resolved 1 package in 120ms\nWould install 1 package\n + veralang==0.2.5\n";
        assert_eq!(version_in_plan(uv), Some("0.2.5".to_owned()));
        assert_eq!(version_in_plan("Would install 0 packages"), None);
    }

    #[test]
    fn the_releases_that_pip_lists_are_shown() {
        let text = "ERROR: Could not find a version that satisfies the requirement veralang==9 (from versions: 0.1.5, 0.2.5)";
        assert_eq!(available(text), Some("0.1.5, 0.2.5".to_owned()));
        assert_eq!(available("(from versions: none)"), None);
    }

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
