//! Sizes and durations: how people write them, and how they are recorded.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problem::Problem;

/// A size in bytes.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl Bytes {
    /// So many binary megabytes.
    pub const fn mebi(n: u64) -> Bytes {
        Bytes(n * 1024 * 1024)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bytesize::ByteSize(self.0).display().iec().fmt(f)
    }
}

/// Instructions, in units of wasmtime's fuel, which is close to those of WebAssembly:
/// each costs one, but for those that only shape the code, such as `block` and
/// `end`, which cost nothing.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Instructions(pub u64);

impl fmt::Display for Instructions {
    /// With a comma after each three digits: `1,234,567`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

/// A number of instructions above zero, as people write it in files: a number, with
/// `_` between digits where they like.
pub fn parse_instructions(text: &str) -> Result<Instructions, Problem> {
    match text.replace('_', "").parse() {
        Ok(units) if (1..=i64::MAX as u64).contains(&units) => Ok(Instructions(units)),
        _ => Err(Problem::new(format!(
            "`{text}` is no number of instructions above zero; write it as in 2_000_000_000"
        ))),
    }
}

/// The longest duration that makes sense, and that clocks can add.
const LONGEST: Duration = Duration::from_hours(8760);

/// A duration above zero, as people write it in files and options.
pub fn parse_duration(text: &str) -> Result<Duration, Problem> {
    match humantime::parse_duration(text) {
        Ok(duration) if !duration.is_zero() && duration <= LONGEST => Ok(duration),
        Ok(duration) if duration > LONGEST => Err(Problem::new(format!(
            "`{text}` is longer than anybody waits; write at most 365days"
        ))),
        _ => Err(Problem::new(format!(
            "`{text}` is no duration above zero; write it as in 500ms, 30s, 5m or 1h"
        ))),
    }
}

/// A size above zero, as people write it in files.
pub fn parse_size(text: &str) -> Result<Bytes, Problem> {
    match text.parse::<bytesize::ByteSize>() {
        Ok(size) if size.as_u64() > 0 => Ok(Bytes(size.as_u64())),
        _ => Err(Problem::new(format!(
            "`{text}` is no size above zero; write it as in 256MiB or 1GiB"
        ))),
    }
}

/// Durations as seconds, which is what people and other programs read.
pub(super) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_shown_in_groups_of_three_digits() {
        for (units, shown) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(Instructions(units).to_string(), shown);
        }
    }

    #[test]
    fn instructions_are_a_number_above_zero() {
        assert_eq!(parse_instructions("2_000"), Ok(Instructions(2_000)));
        for text in ["0", "-1", "many", "1e9", ""] {
            assert!(
                parse_instructions(text)
                    .unwrap_err()
                    .what()
                    .contains("no number of instructions")
            );
        }
    }
}
