//! Versions that a bisection can look at, and the releases among them.

use super::ends::{SearchEnd, WrongEnds};
use super::git::{ByHand, GitError, Worktree};
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

/// Why there are no versions to look at.
#[derive(Debug)]
pub enum NoVersions {
    /// What was asked for makes no sense.
    Ends(WrongEnds),
    /// The releases cannot be had.
    Toolchain(ToolchainError),
    /// git cannot be used.
    Git(GitError),
}

impl From<ToolchainError> for NoVersions {
    fn from(why: ToolchainError) -> NoVersions {
        NoVersions::Toolchain(why)
    }
}

impl From<GitError> for NoVersions {
    fn from(why: GitError) -> NoVersions {
        NoVersions::Git(why)
    }
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
        let wrong = |why| Err(NoVersions::Ends(why));
        if good == bad {
            return wrong(WrongEnds::SameRelease(good.to_owned()));
        }
        let newest = match bad {
            "latest" => String::new(),
            release => release.to_owned(),
        };
        let ends = [
            (SearchEnd::Good, good, false),
            (SearchEnd::Bad, &newest, bad == "latest"),
        ];
        for (end, name, stands_for_newest) in ends {
            let alone = format!("{name}..").parse::<Range>();
            if !stands_for_newest && (name.is_empty() || alone.is_err()) {
                let name = name.to_owned();
                return wrong(WrongEnds::NoRelease { end, name });
            }
        }
        let is_newer = |one: &str, other: &str| {
            VeraVersion::new(one).order(&VeraVersion::new(other)) == std::cmp::Ordering::Greater
        };
        if !newest.is_empty() && is_newer(good, &newest) {
            return wrong(WrongEnds::GoodIsNewer {
                good: good.to_owned(),
                bad: bad.to_owned(),
            });
        }
        let range: Range = format!("{good}..{newest}")
            .parse()
            .map_err(|why| NoVersions::Ends(WrongEnds::NoRange(why)))?;
        let held = releases::between(&range, cache, progress)?;
        let is_there = |end: &str| end.is_empty() || held.iter().any(|it| it == end);
        if let Some(end) = [good, &newest].into_iter().find(|end| !is_there(end)) {
            return Err(NoVersions::Toolchain(ToolchainError::NoSuchRelease {
                release: end.to_owned(),
                available: releases::existing(cache, &|_| {})?.join(", "),
            }));
        }
        if held.len() < 2 {
            return wrong(WrongEnds::NothingAfter(good.to_owned()));
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
