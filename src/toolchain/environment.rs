//! Environments of packages, each made once.
//!
//! An environment is complete when its marker file is there. The marker is
//! written last and under a lock, so that two runs can start at once and an
//! interrupted installation is never used, only begun again.

use std::fs;
use std::io;
use std::path::Path;

use super::cache::Cache;
use super::error::ToolchainError;
use super::install_steps::{Contents, InstallSteps};
use super::installer::Installer;
use super::marker::{Environment, complete, write_marker};
use super::teller::Teller;

const LOG: &str = "install.log";

/// The environment with `contents`, made where it is not there yet.
pub fn environment(
    contents: &Contents<'_>,
    cache: &Cache,
    tell: Teller<'_>,
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
    tell(&format!(
        "installing {} with {} into {} (once)",
        contents.title,
        installer.name(),
        folder.display()
    ));
    match fs::remove_dir_all(&folder) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(cache.error(why)),
        _ => {}
    }
    let work = InstallSteps {
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
    complete(&folder).ok_or_else(|| {
        let what = format!("installing {}", contents.title);
        work.error(&what, "the environment has no Python or no packages")
    })
}

/// Asks the package index something, in an environment that goes with the answer:
/// pip and uv both want one.
pub fn asking<T>(
    name: &str,
    title: &str,
    cache: &Cache,
    ask: impl FnOnce(&InstallSteps<'_>, &Path) -> Result<T, ToolchainError>,
) -> Result<T, ToolchainError> {
    let installer = Installer::find()?;
    let contents = Contents {
        name: name.to_owned(),
        packages: Vec::new(),
        without: None,
        title: title.to_owned(),
    };
    fs::create_dir_all(cache.toolchains()).map_err(|why| cache.error(why))?;
    let scratch = tempfile::tempdir_in(cache.toolchains()).map_err(|why| cache.error(why))?;
    let work = InstallSteps {
        contents: &contents,
        cache,
        installer: &installer,
        log: cache.toolchains().join(format!("{name}.{LOG}")),
        lock: None,
    };
    ask(&work, &scratch.path().join("environment"))
}
