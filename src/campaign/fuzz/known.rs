//! Causes that are known: what they look like, so that they are told from new ones.

use serde::Deserialize;

use crate::case::Problem;
use crate::record::fuzz::FuzzCause;
use crate::scenario::FailureKind;

/// Those that this program knows of.
const BUILT_IN: &str = include_str!("known.toml");

/// A cause that is known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownCause {
    /// What it is called.
    pub name: String,
    /// How a program fails of it.
    pub verdict: FailureKind,
    /// What is said of the failure.
    #[serde(default)]
    pub says: String,
    /// What its smallest program holds, each of them as text.
    #[serde(default)]
    pub holds: Vec<String>,
    /// The releases that have it, as they were looked at.
    pub releases: Vec<String>,
    /// Why: the place in Vera's source.
    pub because: String,
    /// A small program that shows it.
    pub program: String,
    /// What `main` is called with.
    pub n: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    cause: Vec<KnownCause>,
}

/// The causes that a text lists; `of` says whose it is.
pub fn read(text: &str, of: &str) -> Result<Vec<KnownCause>, Problem> {
    let read: Result<File, toml::de::Error> = toml::from_str(text);
    read.map(|it| it.cause).map_err(|why| {
        Problem::new(format!("{of} lists no known causes: {}", why.message())).next(
            "write a [[cause]] for each, with name, verdict, releases, because, program and n",
        )
    })
}

/// Those that this program knows of.
pub fn built_in() -> Vec<KnownCause> {
    read(BUILT_IN, "the built-in list").expect("the built-in list is right")
}

impl KnownCause {
    /// Whether a failure is of this cause. Of one whose signature names it nothing more
    /// is asked.
    pub fn is(&self, cause: &FuzzCause) -> bool {
        self.is_alike(cause.signature.verdict, &cause.message)
            && self.holds.iter().all(|it| cause.program.contains(it))
    }

    /// Whether it fails in this way, whatever the program.
    pub fn is_alike(&self, verdict: FailureKind, message: &str) -> bool {
        self.verdict == verdict && message.contains(&self.says)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_list_is_one() {
        let all = built_in();
        let mut names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn what_is_no_list_is_said() {
        let why = read("[[cause]]\nname = 1\n", "known.toml").unwrap_err();
        assert!(why.to_string().contains("known.toml"), "{why}");
    }
}
