//! Known limits: failures that are already understood.

use semver::VersionReq;
use wildmatch::WildMatch;

use std::collections::BTreeMap;

use super::cost::Cost;
use super::failure_kind::FailureKind;
use super::shape::Shape;
use crate::case::{Case, Lane, Scale, VeraVersion};

/// A failure that is already understood, with the versions it holds for.
#[derive(Clone, Debug)]
pub struct KnownLimit {
    /// The releases it holds for.
    pub vera: VersionReq,
    /// Patterns of lanes it holds in.
    pub lanes: Vec<WildMatch>,
    /// The smallest n at which it fails. Growth shows where it shows: of it this is
    /// the n that must be reached before it can be said to be gone.
    pub from_n: Scale,
    /// How it fails.
    pub verdict: FailureKind,
    /// Where it is growth: of what, and how fast at most.
    pub bound: BTreeMap<Cost, Shape>,
    /// The cause, in one sentence.
    pub because: String,
}

impl KnownLimit {
    /// How fast `cost` grows at most, where it says that it grows faster than
    /// declared.
    pub fn bound_of(&self, cost: Cost) -> Option<Shape> {
        let bound = |cost: Cost| self.bound.get(&cost).copied();
        bound(cost).or_else(|| cost.counted().and_then(bound))
    }

    /// Whether it covers `case` when `vera` runs it.
    pub fn covers(&self, case: &Case, vera: &VeraVersion) -> bool {
        case.scale >= self.from_n && self.is_of(case.lane, vera)
    }

    /// Whether it says anything of a lane on `vera`, at whatever n.
    pub fn is_of(&self, lane: Lane, vera: &VeraVersion) -> bool {
        vera.matches(&self.vera) && self.is_of_lane(lane)
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
        let bound = self.bound.iter();
        let costs: Vec<String> = bound.map(|(cost, to)| format!("{cost} to {to}")).collect();
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
