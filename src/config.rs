//! `vera-stress.toml`: profiles and defaults of a project.

mod file;
mod profile;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::case::Problem;
use crate::files;
pub use file::Recording;
use file::{ConfigFile, ProfileKeys};
pub use profile::{BUILT_IN, Profile};

/// The name of the file.
pub const FILE: &str = "vera-stress.toml";

/// The configuration that holds in a directory.
#[derive(Debug, Default)]
pub struct Config {
    /// The file, where there is one.
    pub path: Option<PathBuf>,
    /// Which Vera.
    pub vera: Option<String>,
    /// Directories of scenarios.
    pub catalogues: Vec<PathBuf>,
    /// Where the cache is.
    pub cache_dir: Option<PathBuf>,
    /// The profile.
    pub profile: Option<String>,
    /// Where runs are recorded.
    pub history: Option<Recording>,
    profiles: BTreeMap<String, ProfileKeys>,
}

impl Config {
    /// The configuration for `directory`: the first [`FILE`] in it or above it.
    pub fn find(directory: &Path) -> Result<Config, Problem> {
        let found = directory
            .ancestors()
            .map(|folder| folder.join(FILE))
            .find(|file| file.exists() && !file.is_dir());
        match found {
            Some(path) => Config::read(&path),
            None => Ok(Config::default()),
        }
    }

    fn read(path: &Path) -> Result<Config, Problem> {
        let shown = path.display().to_string();
        let text = files::read_to_string(path).map_err(|why| {
            Problem::new(format!("{shown}: this cannot be read: {why}"))
                .next("make it a readable text file in UTF-8, or take it away")
        })?;
        let file: ConfigFile = toml::from_str(&text).map_err(|error| {
            let line = error
                .span()
                .map(|span| 1 + text[..span.start].matches('\n').count());
            let place = line.map_or(shown.clone(), |line| format!("{shown}:{line}"));
            Problem::new(format!("{place}: {}", error.message()))
        })?;
        // Paths are meant from where the file stands, not from where it is used.
        let here = path.parent().unwrap_or(Path::new("."));
        let vera = file.vera.map(|spec| match here.join(&spec) {
            path if path.exists() => path.display().to_string(),
            _ => spec,
        });
        Ok(Config {
            path: Some(path.to_owned()),
            vera,
            catalogues: file.catalogues.iter().map(|dir| here.join(dir)).collect(),
            cache_dir: file.cache_dir.map(|dir| here.join(dir)),
            profile: file.profile,
            history: file.history.map(|it| match it {
                Recording::File(path) => Recording::File(here.join(path)),
                Recording::Off => Recording::Off,
            }),
            profiles: file.profiles,
        })
    }

    /// The profile called `name`: built in, of the file, or a built-in one with
    /// the file's keys on top. A new one starts from `default`.
    pub fn profile(&self, name: &str) -> Result<Profile, Problem> {
        let keys = self.profiles.get(name);
        let base =
            Profile::built_in(name).or_else(|| keys.and_then(|_| Profile::built_in("default")));
        let Some(base) = base else {
            let mut known: Vec<&str> = BUILT_IN.to_vec();
            known.extend(self.profiles.keys().map(String::as_str));
            known.sort_unstable();
            known.dedup();
            return Err(
                Problem::new(format!("there is no profile `{name}`")).next(format!(
                    "choose one of: {}; or write [profiles.{name}] in {FILE}",
                    known.join(", ")
                )),
            );
        };
        let keys = keys.cloned().unwrap_or_default();
        Ok(Profile {
            lanes: keys.lanes.unwrap_or(base.lanes),
            scale: keys.scale.unwrap_or(base.scale),
            budget: keys.budget.unwrap_or(base.budget),
            shrink: keys.shrink.unwrap_or(base.shrink),
            jobs: keys.jobs.map(std::num::NonZeroUsize::get).or(base.jobs),
            fail_fast: keys.fail_fast.unwrap_or(base.fail_fast),
            seed: keys.seed.or(base.seed),
        })
    }
}

#[cfg(test)]
mod tests;
