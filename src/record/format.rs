//! The number of the format that records are written in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The format of a recording, which its first event says. CONTRIBUTING.md has the
/// rule for when the number goes up.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Format(#[schemars(range(min = 1))] u32);

/// Why a recording cannot be read: it says that it is of this format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is format {0} of recordings, and this vera-stress reads them up to {current}",
    current = Format::CURRENT
)]
pub struct UnknownFormat(String);

impl Format {
    /// What this version writes.
    pub const CURRENT: Format = Format(2);

    /// What a recording says whose first event this is.
    pub fn of(first: &Value) -> Result<Format, UnknownFormat> {
        let Some(said) = first.get("format") else {
            return Ok(Format::default());
        };
        let known = |it: &Format| (Format::default()..=Format::CURRENT).contains(it);
        Format::deserialize(said)
            .ok()
            .filter(known)
            .ok_or_else(|| UnknownFormat(said.to_string()))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_that_is_not_known_is_told() {
        assert_eq!(Format::of(&json!({})), Ok(Format(1)));
        for known in [1, 2] {
            assert_eq!(Format::of(&json!({ "format": known })), Ok(Format(known)));
        }
        for unknown in [json!(0), json!(3), json!(-1), json!("2"), json!(null)] {
            let why = Format::of(&json!({ "format": unknown })).unwrap_err();
            assert_eq!(
                why.to_string(),
                format!(
                    "this is format {unknown} of recordings, and this vera-stress reads them up to 2"
                )
            );
        }
    }
}
