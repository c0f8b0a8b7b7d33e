//! Which releases there are, and ranges of them.

use std::cmp::Ordering;
use std::fmt;
use std::fs;
use std::str::FromStr;
use std::time::Duration;

use super::cache::Cache;
use super::error::ToolchainError;
use super::install::{self, installed};
use super::spec::{Spec, is_release};
use super::teller::Teller;
use crate::case::{Problem, VeraVersion};

/// The file in the cache that keeps what the package index said.
const KEPT: &str = "releases.json";
/// For how long it is believed.
const BELIEVED: Duration = Duration::from_secs(24 * 60 * 60);

/// All releases from one to another, both included: `0.1.5..0.2.5`. Without an
/// end, or with the end `latest`, it goes on to the newest, without a beginning it starts at the oldest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The oldest.
    pub from: Option<String>,
    /// The newest.
    pub to: Option<String>,
}

impl Range {
    /// The range that `text` writes; `None` where it writes none.
    pub fn parse(text: &str) -> Option<Result<Range, Problem>> {
        let (from, to) = text.split_once("..")?;
        // A path can hold two dots, too.
        if text.contains('/') || (from.is_empty() && to.is_empty()) {
            return None;
        }
        Some(text.parse())
    }

    fn holds(&self, release: &str) -> bool {
        let after = |from: &String| in_order(release, from) != Ordering::Less;
        let before = |to: &String| in_order(release, to) != Ordering::Greater;
        self.from.as_ref().is_none_or(after) && self.to.as_ref().is_none_or(before)
    }
}

impl FromStr for Range {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Range, Problem> {
        let wrong = || {
            Problem::new(format!(
                "`{text}` is no range of releases; write it as in 0.1.5..0.2.5, 0.2.0.. or ..0.2.5"
            ))
        };
        let (from, to) = text.split_once("..").ok_or_else(wrong)?;
        let end = |end: &str| match end {
            "" | "latest" => Ok(None),
            release if is_release(release) => Ok(Some(release.to_owned())),
            _ => Err(wrong()),
        };
        let range = Range {
            from: end(from)?,
            to: end(to)?,
        };
        match (&range.from, &range.to) {
            (Some(from), Some(to)) if in_order(from, to) == Ordering::Greater => Err(Problem::new(
                format!("`{text}` is a range from newer to older; write {to}..{from}"),
            )),
            _ => Ok(range),
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |end: &Option<String>| end.clone().unwrap_or_default();
        write!(f, "{}..{}", end(&self.from), end(&self.to))
    }
}

/// Which of two releases is the older one.
pub fn in_order(one: &str, other: &str) -> Ordering {
    VeraVersion::new(one).order(&VeraVersion::new(other))
}

/// The releases of a range, oldest first.
pub fn between(
    range: &Range,
    cache: &Cache,
    tell: Teller<'_>,
) -> Result<Vec<String>, ToolchainError> {
    // Between two releases that are known there will be no other.
    let ends = [&range.from, &range.to];
    let knows = |known: &[String]| {
        let known = |end: &&Option<String>| end.as_ref().is_some_and(|it| known.contains(it));
        ends.iter().all(known)
    };
    let all = match kept(cache).filter(|known| knows(known)) {
        Some(known) => known,
        None => existing(cache, tell)?,
    };
    let held: Vec<String> = all.iter().filter(|it| range.holds(it)).cloned().collect();
    if held.is_empty() {
        return Err(ToolchainError::NoSuchRelease {
            release: range.to_string(),
            available: all.join(", "),
        });
    }
    Ok(held)
}

/// The releases that the package index lists, oldest first. Where it cannot be
/// asked, those that are installed.
pub fn existing(cache: &Cache, tell: Teller<'_>) -> Result<Vec<String>, ToolchainError> {
    let why = match install::listed(cache, tell) {
        Ok(mut releases) => {
            sort(&mut releases);
            let text = serde_json::to_string(&releases).expect("names are plain data");
            // It would only have been asked for again.
            let _ = fs::write(cache.toolchains().join(KEPT), text);
            return Ok(releases);
        }
        Err(why) => why,
    };
    let mut there = installed(cache);
    if there.is_empty() {
        return Err(why);
    }
    sort(&mut there);
    tell(&format!(
        "the package index cannot be asked, so these releases are all that is known: {}",
        there.join(", ")
    ));
    Ok(there)
}

/// The release to compare a version with that is named alone: for a release the
/// one before it, for anything else the newest.
pub fn before(
    spec: &Spec,
    cache: &Cache,
    tell: Teller<'_>,
) -> Result<Option<String>, ToolchainError> {
    // There will be no other between two releases that are known.
    let is_known = |known: &Vec<String>| match spec {
        Spec::Release(release) => known.contains(release),
        Spec::Latest | Spec::Directory(_) | Spec::Interpreter(_) => false,
    };
    let known = match kept(cache).filter(is_known) {
        Some(known) => known,
        None => existing(cache, tell)?,
    };
    Ok(before_among(spec, &known).cloned())
}

fn before_among<'a>(spec: &Spec, existing: &'a [String]) -> Option<&'a String> {
    let older = |it: &&String| match spec {
        Spec::Release(release) => in_order(it, release) == Ordering::Less,
        Spec::Latest => Some(*it) != existing.last(),
        Spec::Directory(_) | Spec::Interpreter(_) => true,
    };
    existing.iter().rfind(older)
}

/// What the package index said not long ago.
fn kept(cache: &Cache) -> Option<Vec<String>> {
    let file = cache.toolchains().join(KEPT);
    let age = file.metadata().ok()?.modified().ok()?.elapsed().ok()?;
    let text = fs::read_to_string(file).ok().filter(|_| age < BELIEVED)?;
    serde_json::from_str(&text).ok()
}

fn sort(releases: &mut Vec<String>) {
    releases.sort_by(|one, other| in_order(one, other));
    releases.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_both_ends_or_one() {
        let range = |text: &str| Range::parse(text).unwrap().unwrap();
        let held = |text: &str| {
            let all = ["0.1.9", "0.1.10", "0.2.0", "0.2.5"];
            let range = range(text);
            let held = all.into_iter().filter(|it| range.holds(it));
            held.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(held("0.1.9..0.2.0"), "0.1.9 0.1.10 0.2.0");
        assert_eq!(held("0.1.10.."), "0.1.10 0.2.0 0.2.5");
        assert_eq!(held("..0.1.10"), "0.1.9 0.1.10");
        assert_eq!(held("0.2.0..latest"), "0.2.0 0.2.5");
        assert_eq!(held("0.3.0.."), "");
        assert_eq!(range("0.1.10..").to_string(), "0.1.10..");
        for none in ["0.2.5", "../vera", "..", "/a/../b"] {
            assert!(Range::parse(none).is_none(), "{none}");
        }
    }

    #[test]
    fn a_version_alone_is_compared_with_the_one_before_it() {
        let all = ["0.1.9", "0.1.10", "0.2.5"].map(str::to_owned);
        let before = |spec: Spec| before_among(&spec, &all).map(String::as_str);
        let release = |it: &str| Spec::Release(it.to_owned());
        assert_eq!(before(release("0.2.5")), Some("0.1.10"));
        assert_eq!(before(release("0.1.10")), Some("0.1.9"));
        assert_eq!(before(release("0.1.9")), None);
        assert_eq!(before(Spec::Latest), Some("0.1.10"));
        assert_eq!(before(Spec::Directory("vera".into())), Some("0.2.5"));
    }

    #[test]
    fn a_range_that_makes_no_sense_says_what_to_write() {
        let why = |text: &str| Range::parse(text).unwrap().unwrap_err().to_string();
        assert!(why("0.2.5..0.1.5").contains("write 0.1.5..0.2.5"));
        assert!(why("0.2.5..now").contains("is no range of releases"));
    }
}
