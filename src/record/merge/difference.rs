//! What tells two runs apart, so that they have no parts in common.

use crate::record::{Planned, RunInfo};

/// What tells two runs apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// Another vera-stress.
    #[error("{0}")]
    Program(String),
    /// Another Vera.
    #[error("{0}")]
    Vera(String),
    /// Other seeds.
    #[error("seeds {0} and {1}")]
    Seeds(u64, u64),
    /// Other numbers of parts.
    #[error("one of {0} parts, the other of {1}")]
    Parts(usize, usize),
    /// Only one of them ignores known limits.
    #[error("one ignores known limits, the other does not")]
    IgnoresKnown,
    /// Other options.
    #[error("{0}")]
    Options(String),
}

impl Difference {
    /// What tells runs of one and of another number of parts apart.
    pub fn of_shares(one: usize, other: usize) -> Option<Difference> {
        (one != other).then_some(Difference::Parts(one, other))
    }

    /// What tells two runs apart.
    pub fn of(one: &RunInfo, other: &RunInfo) -> Option<Difference> {
        let both = |what: &str, a: &str, b: &str| (a != b).then(|| format!("{what} {a} and {b}"));
        let catalogues = |info: &RunInfo| {
            let named = match info.catalogues.is_empty() {
                true => "none".to_owned(),
                false => info.catalogues.join(", "),
            };
            match info.without_built_in {
                true => format!("{named} alone"),
                false => named,
            }
        };
        let short = |info: &RunInfo| info.fingerprint.chars().take(8).collect::<String>();
        // The number of the earlier run is another in each history.
        let base = |info: &RunInfo| match &info.against {
            None => "none".to_owned(),
            Some(it) => format!(
                "of {} on Vera {} ({} allowed)",
                it.started, it.vera, it.allowed
            ),
        };
        let formats = [one, other].map(|it| it.format.to_string());
        let program = both("vera-stress", &one.vera_stress, &other.vera_stress)
            .or_else(|| both("formats", &formats[0], &formats[1]));
        if let Some(what) = program {
            return Some(Difference::Program(what));
        }
        let files = || {
            format!(
                "Vera {} with the fingerprints {} and {}, so its files or what is installed \
                 beside it differ",
                one.vera,
                short(one),
                short(other)
            )
        };
        let vera = both("Vera", &one.vera, &other.vera)
            .or_else(|| (one.fingerprint != other.fingerprint).then(files));
        if let Some(what) = vera {
            return Some(Difference::Vera(what));
        }
        if one.seed != other.seed {
            return Some(Difference::Seeds(one.seed, other.seed));
        }
        let profiles = both("profiles", &one.profile, &other.profile);
        let options = profiles.or_else(|| both("catalogues", &catalogues(one), &catalogues(other)));
        if let Some(what) = options {
            return Some(Difference::Options(what));
        }
        if one.ignores_known != other.ignores_known {
            return Some(Difference::IgnoresKnown);
        }
        both("earlier runs", &base(one), &base(other))
            .or_else(|| plans_differ(&one.planned, &other.planned))
            .map(Difference::Options)
    }
}

/// The first case that only one of two runs has, where both say what they have.
fn plans_differ(one: &[Planned], other: &[Planned]) -> Option<String> {
    if one.is_empty() || other.is_empty() || one == other {
        return None;
    }
    let lacks = |here: &[Planned], there: &[Planned]| {
        let odd = here.iter().find(|it| !there.contains(it))?;
        Some(format!("{} is a case of only one of them", odd.case()))
    };
    lacks(one, other).or_else(|| lacks(other, one))
}
