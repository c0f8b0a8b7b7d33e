//! Drift: an exact count of a case that is larger than it was in an earlier run.
//!
//! Instructions and heap are the same numbers on every machine, so a small share is
//! enough to tell a change of the compiler from nothing.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::case::{Bytes, Instructions, Problem};

/// How far up a count may go, as a share of what it was.
///
/// It is held in units of 10^-8, so that `10%` of 70 is 7 exactly, which it is
/// not in floating point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    text: String,
    units: u64,
}

const UNIT: u64 = 100_000_000;

impl Default for Share {
    fn default() -> Share {
        Share {
            text: "10%".to_owned(),
            units: UNIT / 10,
        }
    }
}

impl Share {
    /// Whether `now` is more than this share above `before`. At the share exactly
    /// it is not.
    pub fn is_exceeded(&self, before: u64, now: u64) -> bool {
        let allowed = u128::from(before) * u128::from(UNIT + self.units);
        u128::from(now) * u128::from(UNIT) > allowed
    }
}

impl fmt::Display for Share {
    /// In percent, whatever it was written as.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for Share {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Share, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How far up a count may go, as a share of what it was, in percent.",
            "type": "string",
            "pattern": r"^[0-9]+(\.[0-9]+)?%$",
        })
    }
}

impl FromStr for Share {
    type Err = Problem;

    /// Reads a percentage, `10%`, or a factor from 1 up, `1.1`.
    fn from_str(text: &str) -> Result<Share, Problem> {
        let wrong = || {
            Problem::new(format!(
                "`{text}` is no share that a count may go up by; write a percentage such as 10% or 0.5%, or a factor from 1 up such as 1.1"
            ))
        };
        let units = match text.strip_suffix('%') {
            Some(percent) => decimal(percent, 6),
            None => decimal(text, 8).and_then(|factor| factor.checked_sub(UNIT)),
        };
        let units = units
            .filter(|&it| it <= 1_000_000 * UNIT)
            .ok_or_else(wrong)?;
        let (whole, rest) = (units / 1_000_000, units % 1_000_000);
        let rest = format!("{rest:06}");
        let rest = rest.trim_end_matches('0');
        let dot = if rest.is_empty() { "" } else { "." };
        Ok(Share {
            text: format!("{whole}{dot}{rest}%"),
            units,
        })
    }
}

/// A number in decimal notation, in units of 10^-places.
fn decimal(text: &str, places: usize) -> Option<u64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(rest) || rest.len() > places {
        return None;
    }
    format!("{whole}{rest:0<places$}").parse().ok()
}

/// A count that is held against an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Count {
    /// Instructions.
    #[serde(alias = "work")]
    Instructions,
    /// The extent of the heap, in bytes.
    Heap,
}

impl Count {
    /// All of them.
    pub const ALL: [Count; 2] = [Count::Instructions, Count::Heap];

    /// The word that is shown.
    pub fn name(self) -> &'static str {
        match self {
            Count::Instructions => "instructions",
            Count::Heap => "heap",
        }
    }
}

/// The counts of a case that are held against earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Instructions.
    pub instructions: Instructions,
    /// The extent of the heap.
    pub heap: Bytes,
}

impl Counts {
    fn get(self, count: Count) -> u64 {
        match count {
            Count::Instructions => self.instructions.0,
            Count::Heap => self.heap.0,
        }
    }
}

/// A count that went up by more than is allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    /// What went up.
    pub what: Count,
    /// What it was; instructions or bytes.
    pub before: u64,
    /// What it is.
    pub now: u64,
    /// How many times what it was; `None` where that was nothing.
    pub ratio: Option<f64>,
    /// What was allowed: `10%`.
    pub allowed: String,
    /// The run that it is compared with.
    pub run: i64,
    /// The Vera of that run.
    pub vera: String,
    /// The command that compares the case again.
    pub again: String,
}

impl Drift {
    /// The finding in one line, without the case.
    pub fn message(&self) -> String {
        let up = match self.ratio {
            Some(ratio) => match format!("{:.1}", (ratio - 1.0) * 100.0).as_str() {
                // It did go up.
                "0.0" => "less than 0.1% up".to_owned(),
                percent => format!("{percent}% up"),
            },
            None => "up from nothing".to_owned(),
        };
        let unit = match self.what {
            Count::Instructions => "",
            Count::Heap => " bytes",
        };
        format!(
            "{} {}{unit}, was {} in run {} (Vera {}): {up}, {} is allowed",
            self.what.name(),
            Instructions(self.now),
            Instructions(self.before),
            self.run,
            self.vera,
            self.allowed
        )
    }
}

/// The run that counts are held against.
#[derive(Clone, Copy, Debug)]
pub struct Earlier<'a> {
    /// Its id in the history.
    pub run: i64,
    /// Its Vera.
    pub vera: &'a str,
}

/// What the comparison of two counts of one case says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CountComparison {
    /// What went up by more than is allowed.
    pub drifts: Vec<Drift>,
    /// How many counts went down.
    pub down: usize,
}

/// Compares what a case counts with what it counted in an earlier run; `again`
/// is the command that does so anew.
pub fn compare(
    before: Counts,
    now: Counts,
    share: &Share,
    earlier: Earlier<'_>,
    again: &str,
) -> CountComparison {
    let mut comparison = CountComparison::default();
    for what in Count::ALL {
        let (before, now) = (before.get(what), now.get(what));
        if now < before {
            comparison.down += 1;
        }
        if share.is_exceeded(before, now) {
            comparison.drifts.push(Drift {
                what,
                before,
                now,
                ratio: (before > 0).then(|| now as f64 / before as f64),
                allowed: share.to_string(),
                run: earlier.run,
                vera: earlier.vera.to_owned(),
                again: again.to_owned(),
            });
        }
    }
    comparison
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(text: &str) -> Share {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_exactly_at_the_share_is_allowed() {
        for (text, before, allowed) in [
            ("10%", 70, 77),
            ("15%", 100, 115),
            ("1.15", 100, 115),
            ("0.1%", 1_000_000_000_001, 1_001_000_000_001),
            ("0%", 5, 5),
            ("100%", 5, 10),
            ("2", u64::MAX / 2, u64::MAX - 1),
            ("10%", 0, 0),
        ] {
            assert!(!share(text).is_exceeded(before, allowed), "{text}");
            assert!(share(text).is_exceeded(before, allowed + 1), "{text}");
        }
    }

    #[test]
    fn a_share_is_a_percentage_or_a_factor() {
        for (text, shown) in [
            ("10%", "10%"),
            ("0.5%", "0.5%"),
            ("1.1", "10%"),
            ("1", "0%"),
            ("2.50", "150%"),
        ] {
            assert_eq!(share(text).to_string(), shown);
        }
        assert_eq!(Share::default(), share("10%"));
        for text in [
            "",
            "%",
            "much",
            "0.1",
            "-5%",
            "1e3",
            "5 %",
            "1.",
            "99999999999%",
        ] {
            let why = text.parse::<Share>().unwrap_err();
            assert!(why.what().contains("is no share"), "{text}: {why}");
        }
    }

    #[test]
    fn counts_that_went_down_are_counted_and_those_up_are_told() {
        let counts = |instructions, heap| Counts {
            instructions: Instructions(instructions),
            heap: Bytes(heap),
        };
        let compared = |before, now, run| {
            let vera = "0.2.4";
            compare(before, now, &share("10%"), Earlier { run, vera }, "again")
        };
        let found = compared(counts(1_000_000, 64), counts(1_234_567, 32), 12);
        assert_eq!((found.down, found.drifts.len()), (1, 1));
        assert_eq!(
            found.drifts[0].message(),
            "instructions 1,234,567, was 1,000,000 in run 12 (Vera 0.2.4): 23.5% up, 10% is allowed"
        );
        let none = share("0%");
        let vera = "0.2.5";
        let (before, now) = (counts(1_000_000, 0), counts(1_000_499, 0));
        let found = compare(before, now, &none, Earlier { run: 1, vera }, "again");
        assert_eq!(
            found.drifts[0].message(),
            "instructions 1,000,499, was 1,000,000 in run 1 (Vera 0.2.5): less than 0.1% up, 0% is allowed"
        );
        let found = compare(
            before,
            counts(1_000_600, 0),
            &none,
            Earlier { run: 1, vera },
            "again",
        );
        assert!(found.drifts[0].message().contains(": 0.1% up, "));
        let found = compared(counts(1, 0), counts(1, 16), 1);
        assert_eq!(
            found.drifts[0].message(),
            "heap 16 bytes, was 0 in run 1 (Vera 0.2.4): up from nothing, 10% is allowed"
        );
    }
}
