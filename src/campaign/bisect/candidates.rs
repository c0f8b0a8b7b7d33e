//! Versions that a bisection can look at, and the releases among them.

use super::git::Worktree;
use super::search::{Order, VersionRow};
use crate::case::{Problem, VeraVersion};
use crate::toolchain::cache::Cache;
use crate::toolchain::releases::{self, Range};
use crate::toolchain::{Spec, Teller, ToolchainError};

/// Versions of Vera by number, with what comes from what.
pub trait Versions: Order {
    /// How many there are, both ends included.
    fn count(&self) -> usize;
    /// The good end and the bad end.
    fn ends(&self) -> (usize, usize);
    /// What one of them is, in a word: `release`.
    fn noun(&self) -> &'static str;
    /// What output calls one of them.
    fn name(&self, version: usize) -> String;
    /// Its full name, where that is longer: the hash of a commit.
    fn full_name(&self, version: usize) -> Option<&str>;
    /// What it is about, in one line.
    fn subject(&self, version: usize) -> Option<&str>;
    /// Makes it ready to be set up.
    fn open(&self, version: usize) -> Result<Candidate, Problem>;
    /// How a person gets at it.
    fn by_hand(&self, version: usize) -> ByHand;
    /// The checkout that they are commits of.
    fn repo(&self) -> Option<String>;
}

/// A version that can be set up.
#[derive(Debug)]
pub struct Candidate {
    /// What to set up.
    pub spec: Spec,
    /// What it stands in for as long as it is looked at.
    pub worktree: Option<Worktree>,
}

/// How a person gets at a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// The command that comes first, where there is one.
    pub first: Option<String>,
    /// What stands after `--vera` then.
    pub vera: String,
}

/// Why there are no versions to look at.
#[derive(Debug, thiserror::Error)]
pub enum NoVersions {
    /// What was asked for makes no sense.
    #[error("{0}")]
    Usage(Problem),
    /// The releases cannot be had.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// git cannot be used.
    #[error("{0}")]
    Git(Problem),
}

/// Releases, the oldest first.
#[derive(Debug)]
pub struct Releases(Vec<String>);

impl Releases {
    /// All from `good` to `bad`, which may be `latest`.
    pub fn between(
        good: &str,
        bad: &str,
        cache: &Cache,
        progress: Teller<'_>,
    ) -> Result<Releases, NoVersions> {
        let usage =
            |what: String, next: &str| Err(NoVersions::Usage(Problem::new(what).next(next)));
        if good == bad {
            return usage(
                format!("--good and --bad are both {good}, so there is nothing between them"),
                "name an older release with --good",
            );
        }
        let newest = match bad {
            "latest" => String::new(),
            release => release.to_owned(),
        };
        let ends = [("--good", good, false), ("--bad", &newest, bad == "latest")];
        for (option, end, stands_for_newest) in ends {
            let alone = format!("{end}..").parse::<Range>();
            if !stands_for_newest && (end.is_empty() || alone.is_err()) {
                return usage(
                    format!("{option} `{end}` is no release"),
                    "write a release such as 0.1.5, or name the checkout whose commits are meant with --repo DIR",
                );
            }
        }
        let is_newer = |one: &str, other: &str| {
            VeraVersion::new(one).order(&VeraVersion::new(other)) == std::cmp::Ordering::Greater
        };
        if !newest.is_empty() && is_newer(good, &newest) {
            return usage(
                format!(
                    "--good {good} is newer than --bad {bad}, and what is searched is the first bad release"
                ),
                "name a good release that is older than the bad one",
            );
        }
        let range: Range = format!("{good}..{newest}")
            .parse()
            .map_err(NoVersions::Usage)?;
        let held = releases::between(&range, cache, progress)?;
        let is_there = |end: &str| end.is_empty() || held.iter().any(|it| it == end);
        if let Some(end) = [good, &newest].into_iter().find(|end| !is_there(end)) {
            return Err(NoVersions::Toolchain(ToolchainError::NoSuchRelease {
                release: end.to_owned(),
                available: releases::existing(cache, &|_| {})?.join(", "),
            }));
        }
        if held.len() < 2 {
            return usage(
                format!("{good} is the newest release, so there is nothing after it"),
                "name an older release with --good",
            );
        }
        Ok(Releases(held))
    }
}

impl Order for Releases {
    fn between(&self, good: &[usize], bad: usize) -> Result<Vec<usize>, Problem> {
        VersionRow.between(good, bad)
    }

    fn rests_on(&self, end: usize, good: &[usize], bad: usize) -> Result<bool, Problem> {
        VersionRow.rests_on(end, good, bad)
    }

    fn nearest(&self, good: &[usize], bad: usize) -> Option<usize> {
        VersionRow.nearest(good, bad)
    }
}

impl Versions for Releases {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn ends(&self) -> (usize, usize) {
        (0, self.0.len() - 1)
    }

    fn noun(&self) -> &'static str {
        "release"
    }

    fn name(&self, version: usize) -> String {
        self.0[version].clone()
    }

    fn full_name(&self, _version: usize) -> Option<&str> {
        None
    }

    fn subject(&self, _version: usize) -> Option<&str> {
        None
    }

    fn open(&self, version: usize) -> Result<Candidate, Problem> {
        Ok(Candidate {
            spec: Spec::Release(self.0[version].clone()),
            worktree: None,
        })
    }

    fn by_hand(&self, version: usize) -> ByHand {
        ByHand {
            first: None,
            vera: self.0[version].clone(),
        }
    }

    fn repo(&self) -> Option<String> {
        None
    }
}
