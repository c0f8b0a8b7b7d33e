//! The number of the format that records are written in.

use serde::{Deserialize, Serialize};

/// The format of a recording, which its first event says. CONTRIBUTING.md has the
/// rule for when the number goes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Format(u32);

impl Format {
    /// What this version writes.
    pub const CURRENT: Format = Format(2);

    /// Whether this version can read it.
    pub fn is_readable(self) -> bool {
        self <= Format::CURRENT
    }
}

/// The first format, in which recordings did not say their number.
impl Default for Format {
    fn default() -> Format {
        Format(1)
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
