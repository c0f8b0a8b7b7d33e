//! The shape of a cost over n.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};

use crate::case::Problem;

/// The shape of a cost: `n^power`, or `n^power log n`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// The exponent p of `n^p`.
    pub power: f64,
    /// Whether a factor `log n` stands beside it.
    pub log: bool,
}

impl Shape {
    /// No growth.
    pub const CONSTANT: Shape = Shape::power(0.0);

    /// `n^power`.
    pub const fn power(power: f64) -> Shape {
        Shape { power, log: false }
    }

    /// By how much the cost grows from `n` to `more` when it has this shape.
    pub fn ratio(self, n: f64, more: f64) -> f64 {
        // As `log(n + 1)`: the logarithm of 1 is no cost to grow from.
        let log = |n: f64| if self.log { n.ln_1p() } else { 1.0 };
        (more / n).powf(self.power) * log(more) / log(n)
    }

    /// The exponent that a line through the costs at `n` and `more` would have.
    pub fn slope(self, n: f64, more: f64) -> f64 {
        self.ratio(n, more).ln() / (more / n).ln()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shape { power, log } = *self;
        let n = match power {
            0.0 if log => String::new(),
            0.0 => "constant".to_owned(),
            1.0 => "n".to_owned(),
            power => format!("n^{power}"),
        };
        match (n.as_str(), log) {
            (n, false) => f.write_str(n),
            ("", true) => f.write_str("log n"),
            (n, true) => write!(f, "{n} log n"),
        }
    }
}

/// As it stands in scenario files: a number where there is no logarithm.
impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.log {
            serializer.collect_str(self)
        } else {
            serializer.serialize_f64(self.power)
        }
    }
}

impl JsonSchema for Shape {
    fn schema_name() -> Cow<'static, str> {
        "Shape".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The shape of a cost: the p of n^p, or a text such as `n log n`.",
            "type": ["number", "string"],
        })
    }
}

impl FromStr for Shape {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Shape, Problem> {
        let wrong = || {
            Problem::new(format!(
                "`{text}` is no shape of growth; write the p of cost ~ n^p, such as `instructions = 1.0`, or a text such as `instructions = \"n log n\"`"
            ))
        };
        let (rest, log) = match text.trim().strip_suffix("log n") {
            Some(rest) => (rest.trim_end_matches([' ', '*']), true),
            None => (text.trim(), false),
        };
        let power = match rest {
            "" if log => 0.0,
            "1" | "constant" => 0.0,
            "n" => 1.0,
            rest => {
                let power = rest.strip_prefix("n^").ok_or_else(wrong)?;
                power.parse::<f64>().map_err(|_| wrong())?
            }
        };
        let shape = Shape { power, log };
        shape.is_sane().then_some(shape).ok_or_else(wrong)
    }
}

impl Shape {
    fn is_sane(self) -> bool {
        (0.0..=10.0).contains(&self.power)
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Shape, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(f64),
            Text(String),
            Other(toml::Value),
        }
        let number = |power: f64| {
            let shape = Shape::power(power);
            let wrong = || {
                Problem::new(format!(
                    "{power} is no exponent of growth; write the p of cost ~ n^p, such as `instructions = 1.0` for linear"
                ))
            };
            shape.is_sane().then_some(shape).ok_or_else(wrong)
        };
        match Written::deserialize(deserializer)? {
            Written::Number(power) => number(power),
            Written::Text(text) => text.parse(),
            Written::Other(value) => value.to_string().parse(),
        }
        .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_read_as_they_are_written() {
        for (text, shown, power, log) in [
            ("1", "constant", 0.0, false),
            ("constant", "constant", 0.0, false),
            ("n", "n", 1.0, false),
            ("n log n", "n log n", 1.0, true),
            ("log n", "log n", 0.0, true),
            ("n^2", "n^2", 2.0, false),
            ("n^1.5 log n", "n^1.5 log n", 1.5, true),
            ("n * log n", "n log n", 1.0, true),
        ] {
            let shape: Shape = text.parse().unwrap();
            assert_eq!((shape.power, shape.log), (power, log), "{text}");
            assert_eq!(shape.to_string(), shown);
        }
        for wrong in ["", "2", "n^", "n^-1", "n^11", "n^nan", "m", "nlogn"] {
            let error = wrong.parse::<Shape>().unwrap_err().to_string();
            assert!(error.contains("n log n"), "{error}");
        }
    }

    #[test]
    fn a_logarithm_makes_a_slope_a_little_steeper() {
        let shape: Shape = "n log n".parse().unwrap();
        let slope = shape.slope(1_000.0, 1_000_000.0);
        assert!((1.09..1.11).contains(&slope), "{slope}");
        assert_eq!(Shape::power(2.0).slope(3.0, 48.0), 2.0);
        assert!((Shape::power(0.0).ratio(1.0, 9.0) - 1.0).abs() < 1e-12);
    }
}
