//! Installing releases, each once, into an environment of its own.

use super::cache::Cache;
use super::chosen::Chosen;
use super::environment::{asking, environment};
use super::error::ToolchainError;
use super::fingerprint::Fingerprint;
use super::install_steps::{Contents, available, tail};
use super::installation::Toolchain;
use super::installer::Installer;
pub use super::marker::installed;
use super::python::last_line;
use super::teller::Teller;
use crate::case::VeraVersion;

/// The name of Vera's distribution on PyPI.
pub const DISTRIBUTION: &str = "veralang";

/// The release, installed where it is not yet.
pub fn release(
    release: &str,
    cache: &Cache,
    tell: Teller<'_>,
) -> Result<Toolchain, ToolchainError> {
    let environment = environment(
        &Contents {
            name: release.to_owned(),
            packages: vec![format!("{DISTRIBUTION}=={release}")],
            without: None,
            title: format!("Vera {release}"),
        },
        cache,
        tell,
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
        chosen: Chosen::Named,
    })
}

/// The newest release, as the package index says.
pub fn latest(cache: &Cache, tell: Teller<'_>) -> Result<String, ToolchainError> {
    tell("asking the package index for the latest Vera");
    asking("latest", "the latest Vera", cache, |work, folder| {
        work.run("creating the environment", work.installer.create(folder))?;
        let plan = work.installer.plan(folder, DISTRIBUTION);
        let text = work.run("asking the package index", plan)?;
        let version = version_in_plan(&text);
        version.ok_or_else(|| work.error("asking for the latest release", &last_line(&text)))
    })
}

/// All releases that the package index lists for this Python.
pub fn listed(cache: &Cache, tell: Teller<'_>) -> Result<Vec<String>, ToolchainError> {
    tell("asking the package index for the releases of Vera");
    asking("releases", "the releases of Vera", cache, |work, folder| {
        let create = work.installer.create_with_pip(folder);
        work.run("creating the environment", create)?;
        // What was asked for is not there, and pip says what is.
        let what = "asking the package index";
        let (_, text) = work.printed(what, Installer::list(folder, DISTRIBUTION))?;
        let listed = available(&text).ok_or_else(|| {
            let why = work.explain(&text);
            why.unwrap_or_else(|| work.failed(what, &tail(&text)))
        })?;
        Ok(listed.split(", ").map(str::to_owned).collect())
    })
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
}
