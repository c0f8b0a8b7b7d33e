//! Causes that are known: what they look like, so that they are told from new ones.

use std::time::Instant;

use serde::Deserialize;

use super::REDUCING;
use super::examining::{self, look};
use crate::campaign::Setting;
use crate::campaign::bench::Bench;
use crate::case::{Lane, Problem, Scale, Sources};
use crate::record::fuzz::FuzzCause;
use crate::runner::{Examiner, Scripts};
use crate::scenario::FailureKind;
use crate::toolchain::tree;

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

/// Of each known cause, whether its program still fails of it on this Vera; an error says
/// why that cannot be told.
pub fn check(
    setting: &Setting<'_>,
    bench: &Bench,
    known: &[KnownCause],
) -> Vec<(String, Result<bool, Problem>)> {
    let scripts = Scripts::default();
    let examiner = bench.examiner(&scripts, setting, REDUCING);
    let all: Vec<usize> = (0..known.len()).collect();
    let one = |at: usize| {
        let cause = &known[at];
        (
            cause.name.clone(),
            still_shows(setting, bench, &examiner, cause),
        )
    };
    setting.each(&all, |_| false, one)
}

fn still_shows(
    setting: &Setting<'_>,
    bench: &Bench,
    examiner: &Examiner<'_>,
    cause: &KnownCause,
) -> Result<bool, Problem> {
    let n = Scale::new(cause.n).ok_or_else(|| Problem::new("its n is 0"))?;
    let sources = Sources::of_main(&cause.program);
    let budget = examining::scenario(&cause.name, &cause.program, n, None).budget;
    let workers = bench.engines.workers();
    let read = tree::read(workers, &sources, budget, setting.interrupt);
    let read = read.map_err(|why| (setting.advise)(&why))?;
    let program = read.ok().and_then(|it| it.program);
    let expected = program.and_then(|it| examining::known(&it, n));
    let looked = look(
        examiner,
        (&cause.name, &cause.program),
        (Lane::NATIVE, n),
        expected.as_ref(),
        Instant::now() + REDUCING,
    );
    let looked = looked.ok_or_else(|| Problem::new("it could not be run"))?;
    let failed = looked.failed;
    Ok(failed.is_some_and(|it| cause.is_alike(it.signature.verdict, &it.message)))
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
