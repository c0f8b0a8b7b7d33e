//! The configuration file as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::case::{Lane, parse_duration};
use crate::plan::ScaleChoice;

/// A configuration file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    pub vera: Option<String>,
    #[serde(default)]
    pub catalogues: Vec<PathBuf>,
    pub cache_dir: Option<PathBuf>,
    pub profile: Option<String>,
    #[serde(default, deserialize_with = "recording")]
    pub history: Option<Recording>,
    #[serde(default)]
    pub profiles: BTreeMap<String, ProfileKeys>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileKeys {
    pub lanes: Option<Vec<Lane>>,
    pub scale: Option<ScaleChoice>,
    #[serde(default, deserialize_with = "duration")]
    pub budget: Option<Duration>,
    #[serde(default, deserialize_with = "shrink_budget")]
    pub shrink: Option<Option<Duration>>,
    pub jobs: Option<std::num::NonZeroUsize>,
    pub fail_fast: Option<bool>,
    pub seed: Option<u64>,
}

/// Where runs are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recording {
    /// In this file.
    File(PathBuf),
    /// Nowhere.
    Off,
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
