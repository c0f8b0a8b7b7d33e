//! The commits of a checkout of Vera.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::candidates::{Candidate, NoVersions, Versions};
use super::ends::{Missing, SearchEnd, WrongEnds};
use super::git::{ByHand, Git, GitError};
use super::search::Order;
use crate::case::Problem;
use crate::toolchain::Spec;

/// The commits that lead from a good one to a bad one.
#[derive(Debug)]
pub struct Commits {
    git: Git,
    /// What was named: a directory in a repository.
    directory: PathBuf,
    /// Where in the repository that is.
    prefix: String,
    /// The good end, then all that lead to the bad one, the newest first.
    commits: Vec<Commit>,
    numbers: HashMap<String, usize>,
}

#[derive(Debug)]
struct Commit {
    hash: String,
    parents: Vec<String>,
    short: String,
    subject: String,
}

/// The good end is the first, and the bad end the one that git lists next.
const GOOD: usize = 0;
const BAD: usize = 1;

/// A commit on one line: its hash, its parents, and what people read.
const FORMAT: &str = "--format=%H%x09%P%x09%h%x09%s";

impl Commits {
    /// All that lead from `good` to `bad` in the repository of `directory`.
    pub fn between(directory: &Path, good: &str, bad: &str) -> Result<Commits, NoVersions> {
        let wrong = |why| Err(NoVersions::Ends(why));
        if !directory.is_dir() {
            return wrong(WrongEnds::NoDirectory(directory.to_owned()));
        }
        let git = Git::at(directory);
        let prefix = git
            .ask(&["rev-parse", "--show-prefix"])
            .map_err(|why| match why {
                GitError::Failed { detail, .. } => NoVersions::Ends(WrongEnds::NoCheckout {
                    directory: directory.to_owned(),
                    detail,
                }),
                other => NoVersions::Git(other),
            })?;
        let resolve = |end: SearchEnd, revision: &str| {
            let named = format!("{revision}^{{commit}}");
            // What begins with a dash would be an option of git's.
            let known = (!revision.starts_with('-') && !revision.is_empty())
                .then(|| git.ask(&["rev-parse", "--quiet", "--verify", &named]).ok());
            known.flatten().ok_or_else(|| {
                NoVersions::Ends(WrongEnds::NoCommit {
                    end,
                    revision: revision.to_owned(),
                    directory: directory.to_owned(),
                    missing: missing(&git, revision),
                })
            })
        };
        let (from, to) = (
            resolve(SearchEnd::Good, good)?,
            resolve(SearchEnd::Bad, bad)?,
        );
        let ends = || (good.to_owned(), bad.to_owned());
        if from == to {
            let (good, bad) = ends();
            return wrong(WrongEnds::SameCommit { good, bad });
        }
        if git
            .ask(&["merge-base", "--is-ancestor", &from, &to])
            .is_err()
        {
            let (good, bad) = ends();
            return wrong(WrongEnds::NoAncestor {
                good,
                bad,
                directory: directory.to_owned(),
                shallow: is_shallow(&git),
            });
        }
        let holds = |path: &str| git.ask(&["cat-file", "-e", &format!("{to}:{prefix}{path}")]);
        if ["vera/cli.py", "src/vera/cli.py"]
            .iter()
            .all(|path| holds(path).is_err())
        {
            return wrong(WrongEnds::NoVera {
                directory: directory.to_owned(),
                bad: bad.to_owned(),
            });
        }
        let not_good = format!("^{from}");
        let end = git.ask(&["rev-list", "-1", FORMAT, &from])?;
        let rest = git.ask(&["rev-list", "--topo-order", FORMAT, &to, &not_good])?;
        let commits: Vec<Commit> = end.lines().chain(rest.lines()).filter_map(parse).collect();
        let numbers = commits
            .iter()
            .enumerate()
            .map(|(number, it)| (it.hash.clone(), number))
            .collect();
        Ok(Commits {
            git,
            directory: directory.to_owned(),
            prefix,
            commits,
            numbers,
        })
    }

    /// The directory that was named, in another worktree.
    fn inside(&self, worktree: &Path) -> PathBuf {
        match self.prefix.as_str() {
            "" => worktree.to_owned(),
            prefix => worktree.join(prefix.trim_end_matches('/')),
        }
    }

    /// `bad` and `^good` for each.
    fn range(&self, good: &[usize], bad: usize) -> Vec<String> {
        let without = good.iter().map(|&it| format!("^{}", self.commits[it].hash));
        let mut range = vec![self.commits[bad].hash.clone()];
        range.extend(without);
        range
    }

    fn list(&self, how: &str, good: &[usize], bad: usize) -> Result<String, Problem> {
        let range = self.range(good, bad);
        let words = ["rev-list", how].into_iter();
        let words: Vec<&str> = words.chain(range.iter().map(String::as_str)).collect();
        Ok(self.git.ask(&words)?)
    }
}

/// Why a revision may name no commit.
fn missing(git: &Git, revision: &str) -> Missing {
    let tag = format!("v{revision}");
    let commit = format!("refs/tags/{tag}^{{commit}}");
    let verify = ["rev-parse", "--quiet", "--verify", &commit];
    match git.ask(&verify) {
        Ok(_) => Missing::IsTagged(tag),
        Err(_) if is_shallow(git) => Missing::Shallow,
        Err(_) => Missing::Unknown,
    }
}

/// Whether a clone lacks commits.
fn is_shallow(git: &Git) -> bool {
    let answer = git.ask(&["rev-parse", "--is-shallow-repository"]);
    answer.is_ok_and(|it| it == "true")
}

/// A line of [`FORMAT`]; git puts another before it.
fn parse(line: &str) -> Option<Commit> {
    let mut parts = line.splitn(4, '\t');
    let mut next = || Some(parts.next()?.to_owned());
    let (hash, parents) = (next()?, next()?);
    Some(Commit {
        hash,
        parents: parents.split_whitespace().map(str::to_owned).collect(),
        short: next()?,
        subject: next()?,
    })
}

impl Order for Commits {
    fn between(&self, good: &[usize], bad: usize) -> Result<Vec<usize>, Problem> {
        let text = self.list("--bisect-all", good, bad)?;
        let hashes = text.lines().filter_map(|line| line.split(' ').next());
        let numbers = hashes.filter_map(|hash| self.numbers.get(hash).copied());
        Ok(numbers.filter(|&it| it != bad).collect())
    }

    fn rests_on(&self, end: usize, good: &[usize], bad: usize) -> Result<bool, Problem> {
        if good.is_empty() {
            return Ok(true);
        }
        let with_end = [good, &[end]].concat();
        Ok(self.list("--count", good, bad)? != self.list("--count", &with_end, bad)?)
    }

    fn nearest(&self, good: &[usize], bad: usize) -> Option<usize> {
        let mut level = vec![bad];
        let mut seen = BTreeSet::new();
        while !level.is_empty() {
            let parents = level.iter().flat_map(|&it| &self.commits[it].parents);
            let parents = parents.filter_map(|hash| self.numbers.get(hash).copied());
            level = parents.filter(|&it| seen.insert(it)).collect();
            if let Some(found) = level.iter().find(|it| good.contains(it)) {
                return Some(*found);
            }
        }
        // Good, on a branch that `bad` does not come from.
        good.last().copied()
    }
}

impl Versions for Commits {
    fn count(&self) -> usize {
        self.commits.len()
    }

    fn ends(&self) -> (usize, usize) {
        (GOOD, BAD)
    }

    fn noun(&self) -> &'static str {
        "commit"
    }

    fn name(&self, version: usize) -> String {
        self.commits[version].short.clone()
    }

    fn full_name(&self, version: usize) -> Option<&str> {
        Some(&self.commits[version].hash)
    }

    fn subject(&self, version: usize) -> Option<&str> {
        Some(&self.commits[version].subject)
    }

    fn open(&self, version: usize) -> Result<Candidate, Problem> {
        let worktree = self.git.worktree(&self.commits[version].hash);
        let worktree = worktree?;
        Ok(Candidate {
            spec: Spec::Directory(self.inside(worktree.path())),
            worktree: Some(worktree),
        })
    }

    fn by_hand(&self, version: usize) -> ByHand {
        let Commit { hash, short, .. } = &self.commits[version];
        let whole = self.git.by_hand(short, hash);
        ByHand {
            vera: self.inside(Path::new(&whole.vera)).display().to_string(),
            ..whole
        }
    }

    fn repo(&self) -> Option<String> {
        Some(self.directory.display().to_string())
    }
}
