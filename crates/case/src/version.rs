//! Versions of Vera.

use std::fmt;

use semver::{Version, VersionReq};
use serde::{Serialize, Serializer};

/// A version of Vera as Python writes it, comparable with semver ranges.
///
/// Python's pre-release and development suffixes (`0.2.6.dev1`) are kept in the
/// text and left out of comparisons: a checkout on the way to 0.2.6 is judged
/// as 0.2.6. A Vera that does not know its version is judged as newer than any
/// release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VeraVersion {
    text: String,
    numbers: Version,
}

impl VeraVersion {
    /// The version that `text` says.
    pub fn new(text: &str) -> VeraVersion {
        VeraVersion {
            text: text.to_owned(),
            numbers: numbers(text).unwrap_or(Version::new(u64::MAX, 0, 0)),
        }
    }

    /// Which of two versions is the older one.
    pub fn order(&self, other: &VeraVersion) -> std::cmp::Ordering {
        let key = |it: &VeraVersion| (it.numbers.clone(), is_final(&it.text), it.text.clone());
        key(self).cmp(&key(other))
    }

    /// Whether the version lies in a range.
    pub fn matches(&self, range: &VersionReq) -> bool {
        range.matches(&self.numbers)
    }
}

impl fmt::Display for VeraVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for VeraVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// Whether a version is not one on the way to a release.
fn is_final(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// The leading numbers of a version; `None` without at least two of them.
fn numbers(text: &str) -> Option<Version> {
    let mut parts = text.split(['.', '+', '-']).map_while(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().ok()
    });
    let major = parts.next()?;
    let minor = parts.next()?;
    Some(Version::new(major, minor, parts.next().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let matches = |version: &str, range: &str| {
            VeraVersion::new(version).matches(&VersionReq::parse(range).unwrap())
        };
        assert!(matches("0.1.10", ">=0.1.9"));
        assert!(!matches("0.1.8", ">=0.1.9"));
        assert!(matches("0.2.6.dev1+g1234", ">=0.2.6"));
        assert!(matches("0.2.0rc1", ">=0.1.9, <0.3.0"));
        assert!(!matches("0.2.5", ">=0.1.5, <0.2.0"));
    }

    #[test]
    fn versions_have_an_order() {
        let mut versions =
            ["0.2.0", "0.1.10", "0.2.0rc1", "0.1.9", "0+unknown"].map(VeraVersion::new);
        versions.sort_by(VeraVersion::order);
        let texts = versions.map(|it| it.to_string());
        assert_eq!(texts, ["0.1.9", "0.1.10", "0.2.0rc1", "0.2.0", "0+unknown"]);
    }

    #[test]
    fn an_unknown_version_is_newer_than_any_release() {
        let unknown = VeraVersion::new("0+unknown");
        assert!(unknown.matches(&VersionReq::parse(">=0.1.9").unwrap()));
        assert!(!unknown.matches(&VersionReq::parse(">=0.1.9, <0.2.0").unwrap()));
        assert_eq!(unknown.to_string(), "0+unknown");
    }
}
