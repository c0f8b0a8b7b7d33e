//! Ranges of releases.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::spec::is_release;
use crate::case::{Problem, VeraVersion};

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

    /// Whether a release is one of them.
    pub fn holds(&self, release: &str) -> bool {
        let after = |from: &String| in_order(release, from) != Ordering::Less;
        let before = |to: &String| in_order(release, to) != Ordering::Greater;
        self.from.as_ref().is_none_or(after) && self.to.as_ref().is_none_or(before)
    }
}

impl FromStr for Range {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Range, Problem> {
        let wrong = || {
            Problem::new(format!("`{text}` is no range of releases"))
                .next("write it as in 0.1.5..0.2.5, 0.2.0.. or ..0.2.5")
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
                format!("`{text}` is a range from newer to older"),
            )
            .next(format!("write {to}..{from}"))),
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
    fn a_range_that_makes_no_sense_says_what_to_write() {
        let why = |text: &str| Range::parse(text).unwrap().unwrap_err().to_string();
        assert!(why("0.2.5..0.1.5").contains("write 0.1.5..0.2.5"));
        assert!(why("0.2.5..now").contains("is no range of releases"));
    }
}
