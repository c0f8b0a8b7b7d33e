//! A table `[[known]]`.

use std::collections::BTreeMap;

use semver::VersionReq;
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use wildmatch::WildMatch;

use super::values::{lane_patterns, paragraph, version_requirement};
use crate::case::Scale;
use crate::scenario::cost::Cost;
use crate::scenario::failure_kind::FailureKind;
use crate::scenario::known::KnownLimit;
use crate::scenario::shape::Shape;

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
            bound: BTreeMap<Cost, Shape>,
            // What stood here before there were bounds.
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
            bound,
            costs,
            because,
        } = Keys::deserialize(deserializer)?;
        let grows = verdict == FailureKind::Growth;
        if !(grows || bound.is_empty() && costs.is_empty()) {
            return Err(D::Error::custom(
                "`bound` says what grows; write it with verdict = \"growth\", or take it out",
            ));
        }
        if !costs.is_empty() {
            let named: Vec<String> = costs.iter().map(|it| format!("{it} = 2.0")).collect();
            return Err(D::Error::custom(format!(
                "`costs` says what grows and not how fast; write instead how fast each grows at most, as a climb measured it, such as `bound = {{ {} }}`",
                named.join(", ")
            )));
        }
        if grows && bound.is_empty() {
            return Err(D::Error::custom(
                "a known limit of growth has a bound, so that it hides nothing worse; write how fast each cost grows at most, as a climb measured it, such as `bound = { instructions = 2.0, heap = \"n log n\" }`",
            ));
        }
        Ok(KnownLimit {
            vera,
            lanes,
            from_n,
            verdict,
            bound,
            because,
        })
    }
}
