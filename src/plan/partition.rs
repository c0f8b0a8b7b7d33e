//! Shares of the cases.

use std::fmt;
use std::str::FromStr;

use crate::case::Problem;

/// The k-th of n shares of the cases, written `k/n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Which share, from 1.
    pub part: usize,
    /// How many shares there are.
    pub of: usize,
}

impl FromStr for Partition {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Partition, Problem> {
        text.split_once('/')
            .and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)))
            .filter(|(part, of)| (1..=*of).contains(part))
            .map(|(part, of)| Partition { part, of })
            .ok_or_else(|| {
                Problem::new(format!(
                    "`{text}` is no partition; write k/n with k from 1 to n, such as 2/4"
                ))
            })
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}
