//! Known limits: failures that are already understood.

use semver::VersionReq;
use wildmatch::WildMatch;

use super::cost::Cost;
use super::failure_kind::FailureKind;
use crate::case::{Case, Lane, Scale, VeraVersion};

/// A failure that is already understood, with the versions it holds for.
#[derive(Clone, Debug)]
pub struct KnownLimit {
    /// The releases it holds for.
    pub vera: VersionReq,
    /// Patterns of lanes it holds in.
    pub lanes: Vec<WildMatch>,
    /// The smallest n at which it fails.
    pub from_n: Scale,
    /// How it fails.
    pub verdict: FailureKind,
    /// Where it is growth: of what. Empty means of anything.
    pub costs: Vec<Cost>,
    /// The cause, in one sentence.
    pub because: String,
}

impl KnownLimit {
    /// Whether it says that `cost` grows faster than declared.
    pub fn covers_growth(&self, cost: Cost) -> bool {
        self.verdict == FailureKind::Growth && (self.costs.is_empty() || self.costs.contains(&cost))
    }

    /// Whether it covers `case` when `vera` runs it.
    pub fn covers(&self, case: &Case, vera: &VeraVersion) -> bool {
        case.scale >= self.from_n && vera.matches(&self.vera) && self.is_of_lane(case.lane)
    }

    /// Whether it says anything of a lane.
    pub fn is_of_lane(&self, lane: Lane) -> bool {
        // What is said of `native+random` holds for every seed.
        let names = [lane.to_string(), lane.family().to_string()];
        let mut patterns = self.lanes.iter();
        patterns.any(|pattern| names.iter().any(|name| pattern.matches(name)))
    }

    /// In a few words: `trap from n=4094 on Vera >=0.2.0 in native`.
    pub fn describe(&self) -> String {
        let lanes: Vec<String> = self.lanes.iter().map(ToString::to_string).collect();
        let costs: Vec<String> = self.costs.iter().map(ToString::to_string).collect();
        let of = match costs.is_empty() {
            true => String::new(),
            false => format!(" of {}", costs.join(", ")),
        };
        format!(
            "{}{of} from n={} on Vera {} in {}",
            self.verdict.name(),
            self.from_n,
            self.vera,
            lanes.join(", ")
        )
    }
}
