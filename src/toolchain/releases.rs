//! Which releases there are.

use std::cmp::Ordering;
use std::fs;
use std::time::Duration;

use super::cache::Cache;
use super::error::ToolchainError;
use super::install::{self, installed};
pub use super::range::{Range, in_order};
use super::spec::Spec;
use super::teller::Teller;

/// The file in the cache that keeps what the package index said.
const KEPT: &str = "releases.json";
/// For how long it is believed.
const BELIEVED: Duration = Duration::from_secs(24 * 60 * 60);

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
}
