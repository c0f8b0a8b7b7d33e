//! `vera-stress.toml`: profiles and defaults of a project.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::case::{Lane, Problem, parse_duration};
use crate::plan::ScaleChoice;

/// The name of the file.
pub const FILE: &str = "vera-stress.toml";

/// What holds where the command line says nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The lanes.
    pub lanes: Vec<Lane>,
    /// The scale.
    pub scale: ScaleChoice,
    /// What the whole suite may take.
    pub budget: Duration,
    /// What the search for one smallest failing n may take; `None` for no search.
    pub shrink: Option<Duration>,
    /// How many cases run side by side; `None` for one a core.
    pub jobs: Option<usize>,
    /// Whether the first failure ends the run.
    pub fail_fast: bool,
    /// What chance repeats with; `None` for another seed each day.
    pub seed: Option<u64>,
}

/// The names of the built-in profiles.
pub const BUILT_IN: [&str; 3] = ["quick", "default", "nightly"];

impl Profile {
    fn built_in(name: &str) -> Option<Profile> {
        let default = Profile {
            lanes: vec![
                Lane::REFERENCE,
                Lane::REFERENCE_EAGER,
                Lane::NATIVE,
                Lane::NATIVE_RANDOM,
                Lane::NATIVE_SANITIZE,
            ],
            scale: ScaleChoice::Times(1.0),
            budget: Duration::from_secs(5 * 60),
            shrink: Some(Duration::from_secs(20)),
            jobs: None,
            fail_fast: false,
            seed: None,
        };
        match name {
            "default" => Some(default),
            // Each program once, as users run it.
            "quick" => Some(Profile {
                lanes: vec![Lane::REFERENCE],
                budget: Duration::from_secs(60),
                ..default
            }),
            // Nobody waits: every search may come to its end, and every way to
            // collect that a nominal n can bear is tried.
            "nightly" => Some(Profile {
                lanes: [
                    &default.lanes[..],
                    &[
                        Lane::NATIVE_CHECKS,
                        Lane::NATIVE_PER_STACK,
                        Lane::NATIVE_NEVER,
                    ],
                ]
                .concat(),
                budget: Duration::from_secs(30 * 60),
                shrink: Some(Duration::from_secs(5 * 60)),
                ..default
            }),
            _ => None,
        }
    }
}

/// A configuration file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    vera: Option<String>,
    #[serde(default)]
    catalogues: Vec<PathBuf>,
    cache_dir: Option<PathBuf>,
    profile: Option<String>,
    #[serde(default, deserialize_with = "recording")]
    history: Option<Recording>,
    #[serde(default)]
    profiles: BTreeMap<String, ProfileKeys>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileKeys {
    lanes: Option<Vec<Lane>>,
    scale: Option<ScaleChoice>,
    #[serde(default, deserialize_with = "duration")]
    budget: Option<Duration>,
    #[serde(default, deserialize_with = "shrink_budget")]
    shrink: Option<Option<Duration>>,
    jobs: Option<std::num::NonZeroUsize>,
    fail_fast: Option<bool>,
    seed: Option<u64>,
}

/// Where runs are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recording {
    /// In this file.
    File(PathBuf),
    /// Nowhere.
    Off,
}

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
            .find(|file| file.is_file());
        match found {
            Some(path) => Config::read(&path),
            None => Ok(Config::default()),
        }
    }

    fn read(path: &Path) -> Result<Config, Problem> {
        let shown = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|why| Problem::new(format!("{shown}: this cannot be read: {why}")))?;
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

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    parse_duration(&String::deserialize(deserializer)?)
        .map(Some)
        .map_err(D::Error::custom)
}

fn recording<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Recording>, D::Error> {
    match toml::Value::deserialize(deserializer)? {
        toml::Value::String(path) => Ok(Some(Recording::File(path.into()))),
        toml::Value::Boolean(false) => Ok(Some(Recording::Off)),
        other => Err(D::Error::custom(format!(
            "`{other}` is no history; write the name of a file, or false for none"
        ))),
    }
}

fn shrink_budget<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<Duration>>, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "off" => Ok(Some(None)),
        text => match parse_duration(text) {
            Ok(duration) => Ok(Some(Some(duration))),
            Err(why) => Err(D::Error::custom(format!("{why}, or off"))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<Config, Problem> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), text).unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        Config::find(&inner)
    }

    #[test]
    fn the_file_above_the_working_directory_holds() {
        let config = config(
            "vera = \"0.2.0\"\ncatalogues = [\"tests/stress\"]\n[profiles.quick]\nbudget = \"10s\"\n[profiles.mine]\nlanes = [\"reference+eager\"]\nscale = \"x2\"\nshrink = \"off\"\njobs = 3\nfail_fast = true\nseed = 7\n",
        )
        .unwrap();
        assert_eq!(config.vera.as_deref(), Some("0.2.0"));
        assert!(config.catalogues[0].ends_with("tests/stress"));
        assert_eq!(config.history, None);
        let quick = config.profile("quick").unwrap();
        assert_eq!((quick.budget.as_secs(), quick.lanes.len()), (10, 1));
        assert_eq!(quick.seed, None);
        let mine = config.profile("mine").unwrap();
        assert_eq!(mine.lanes, [Lane::REFERENCE_EAGER]);
        assert_eq!(
            (mine.shrink, mine.jobs, mine.fail_fast, mine.seed),
            (None, Some(3), true, Some(7))
        );
        assert_eq!(mine.budget.as_secs(), 300);
    }

    #[test]
    fn the_history_is_a_file_from_where_the_configuration_stands_or_nowhere() {
        let history = |text: &str| config(text).unwrap().history.unwrap();
        assert_eq!(history("history = false\n"), Recording::Off);
        match history("history = \"kept/stress.db\"\n") {
            Recording::File(path) => {
                assert!(path.ends_with("kept/stress.db") && path.is_absolute())
            }
            Recording::Off => panic!("it names a file"),
        }
    }

    #[test]
    fn every_built_in_profile_runs_what_the_smaller_one_runs() {
        let lanes = |name: &str| Config::default().profile(name).unwrap().lanes;
        let [quick, default, nightly] = BUILT_IN.map(lanes);
        assert!(quick.iter().all(|lane| default.contains(lane)));
        assert!(default.iter().all(|lane| nightly.contains(lane)));
        assert_eq!([quick.len(), default.len(), nightly.len()], [1, 5, 8]);
    }

    #[test]
    fn what_it_does_not_know_is_named_with_its_line() {
        for (text, place, says) in [
            (
                "vera = \"0.2.0\"\ncolour = 1\n",
                ":2",
                "unknown field `colour`",
            ),
            (
                "[profiles.x]\nlanes = [\"turbo\"]\n",
                ":2",
                "there is no lane `turbo`",
            ),
            ("[profiles.x]\nbudget = \"soon\"\n", ":2", "no duration"),
            ("[profiles.x]\nscale = \"0\"\n", ":2", "no scale"),
            ("[profiles.x]\nshrink = \"never\"\n", ":2", "or off"),
            ("[profiles.x]\njobs = 0\n", ":2", "nonzero"),
            ("history = true\n", ":1", "is no history"),
            ("[profiles.x]\nseed = -1\n", ":2", "expected u64"),
        ] {
            let error = config(text).unwrap_err().to_string();
            assert!(error.contains(place) && error.contains(says), "{error}");
        }
        let error = Config::default().profile("fast").unwrap_err().to_string();
        assert!(error.contains("default, nightly, quick"), "{error}");
    }
}
