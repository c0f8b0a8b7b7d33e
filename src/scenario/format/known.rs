//! A table `[[known]]`.

use semver::VersionReq;
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use wildmatch::WildMatch;

use super::values::{lane_patterns, paragraph, version_requirement};
use crate::case::Scale;
use crate::scenario::cost::Cost;
use crate::scenario::failure_kind::FailureKind;
use crate::scenario::known::KnownLimit;

impl<'de> Deserialize<'de> for KnownLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<KnownLimit, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Keys {
            #[serde(deserialize_with = "version_requirement")]
            vera: VersionReq,
            #[serde(deserialize_with = "lane_patterns")]
            lanes: Vec<WildMatch>,
            from_n: Scale,
            verdict: FailureKind,
            #[serde(default)]
            costs: Vec<Cost>,
            #[serde(deserialize_with = "paragraph")]
            because: String,
        }
        let Keys {
            vera,
            lanes,
            from_n,
            verdict,
            costs,
            because,
        } = Keys::deserialize(deserializer)?;
        if !costs.is_empty() && verdict != FailureKind::Growth {
            return Err(D::Error::custom(
                "`costs` says what grows; write it with verdict = \"growth\", or take it out",
            ));
        }
        Ok(KnownLimit {
            vera,
            lanes,
            from_n,
            verdict,
            costs,
            because,
        })
    }
}
