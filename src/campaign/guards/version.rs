//! A version that proves a guard, set up.

use std::cmp::Ordering;
use std::fmt;
use std::path::Path;

use crate::campaign::Setting;
use crate::campaign::bench::Bench;
use crate::campaign::bisect::git::{ByHand, Git, Worktree};
use crate::case::{Problem, VeraVersion};
use crate::engine::Modules;
use crate::toolchain::Spec;

/// A release, or a tag of Vera's repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    name: &'a str,
    /// Whether it is a tag.
    pub is_tag: bool,
}

impl<'a> Named<'a> {
    /// The one that a guard names.
    pub fn new(name: &'a str, is_tag: bool) -> Named<'a> {
        Named { name, is_tag }
    }

    /// Which of two is the older one.
    pub fn order(self, other: Named<'_>) -> Ordering {
        let version = |it: Named<'_>| VeraVersion::new(it.name.trim_start_matches('v'));
        version(self).order(&version(other))
    }
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A version that is set up for as long as it is looked at.
pub struct Version {
    /// What guards call it.
    pub name: String,
    /// How a person gets at it.
    pub by_hand: ByHand,
    // Before what it stands in, which goes when that is dropped.
    /// It with its engines.
    pub bench: Bench,
    /// What a tag stands in.
    worktree: Option<Worktree>,
}

impl Version {
    /// Installs a release, or makes a worktree of `repo` for a tag.
    pub fn set_up(
        named: Named<'_>,
        repo: Option<&Path>,
        setting: &Setting<'_>,
    ) -> Result<Version, Problem> {
        let git = repo.filter(|_| named.is_tag).map(Git::at);
        let (spec, by_hand, worktree) = match git {
            None => {
                let by_hand = ByHand {
                    first: None,
                    vera: named.to_string(),
                };
                (Spec::Release(named.to_string()), by_hand, None)
            }
            Some(git) => {
                let hash = git.tagged(named.name).ok_or_else(|| {
                    let place = repo.unwrap_or(Path::new(".")).display();
                    Problem::new(format!("{place} has no tag {named}"))
                        .next("name a clone of Vera's repository that has its tags, or fetch them")
                })?;
                let worktree = git.worktree(&hash)?;
                let by_hand = git.by_hand(named.name, &hash);
                (
                    Spec::Directory(worktree.path().to_owned()),
                    by_hand,
                    Some(worktree),
                )
            }
        };
        let bench = Bench::set_up(&spec.into(), setting, Modules::Kept).map_err(|why| {
            let what = format!("Vera {named} cannot be set up: {}", why.what());
            match why.advice() {
                Some(next) => Problem::new(what).next(next),
                None => Problem::new(what),
            }
        })?;
        Ok(Version {
            name: named.to_string(),
            by_hand,
            bench,
            worktree,
        })
    }

    /// Whether it is a tag.
    pub fn is_tag(&self) -> bool {
        self.worktree.is_some()
    }

    /// A sentence without the path of its worktree, which nobody can look at
    /// afterwards.
    pub fn unnamed(&self, text: &str) -> String {
        match &self.worktree {
            Some(worktree) => worktree.unnamed(text),
            None => text.to_owned(),
        }
    }
}
