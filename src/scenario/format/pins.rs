//! `[expect.at]`: what must come at single n, as it is read and written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::case::{Scale, Value};
use crate::scenario::expectation::{ExpectedEnd, Pin};

/// What stands behind an n.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PinKeys {
    value: Option<toml::Value>,
    exit: Option<i64>,
    trap: Option<String>,
    host_error: Option<String>,
    stdout: Option<String>,
}

/// Reads the table.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Scale, Pin>, D::Error> {
    let written = BTreeMap::<String, PinKeys>::deserialize(deserializer)?;
    let pin = |(n, keys): (String, PinKeys)| {
        let scale = n.replace('_', "").parse().ok().and_then(Scale::new);
        let scale = scale.ok_or_else(|| {
            D::Error::custom(format!(
                "`{n}` is no n; write a number from 1 up, such as `1_000 = {{ value = 7 }}`"
            ))
        })?;
        Ok((scale, keys.pin().map_err(D::Error::custom)?))
    };
    written.into_iter().map(pin).collect()
}

impl PinKeys {
    fn pin(self) -> Result<Pin, String> {
        let value = match self.value {
            None => None,
            Some(toml::Value::Integer(n)) => Some(Value::Int(n)),
            Some(toml::Value::Float(x)) => Some(Value::Float(x)),
            Some(toml::Value::String(text)) => Some(Value::Text(text)),
            Some(toml::Value::Boolean(it)) => Some(Value::Int(it.into())),
            Some(other) => {
                return Err(format!(
                    "`{other}` is no value that Vera shows; write a number, true, false or a text"
                ));
            }
        };
        let ends = [
            value.map(ExpectedEnd::Value),
            self.exit.map(ExpectedEnd::Exit),
            self.trap.map(ExpectedEnd::Trap),
            self.host_error.map(ExpectedEnd::HostError),
        ];
        let mut ends = ends.into_iter().flatten();
        let end = ends.next();
        if ends.next().is_some() {
            return Err(
                "a program ends in one way; write one of value, exit, trap and host_error"
                    .to_owned(),
            );
        }
        let end = end.map(ExpectedEnd::possible).transpose();
        Ok(Pin {
            end: end.map_err(|problem| problem.to_string())?,
            stdout: self.stdout,
        })
    }
}

/// A text of TOML on one line.
pub fn text(text: &str) -> String {
    let json = serde_json::to_string(text).expect("a text can be written as JSON");
    // All else that JSON has for texts, TOML has as well.
    json.replace('\u{7f}', "\\u007f")
}

/// The line of a table for what must come at an n.
pub fn line(n: Scale, pin: &Pin) -> String {
    let end = pin.end.as_ref().map(|end| match end {
        ExpectedEnd::Value(Value::Unit) => String::new(),
        ExpectedEnd::Value(Value::Int(n)) => format!("value = {n}"),
        ExpectedEnd::Value(Value::Float(x)) => {
            format!("value = {}", toml::Value::Float(*x))
        }
        ExpectedEnd::Value(Value::Text(it)) => format!("value = {}", text(it)),
        ExpectedEnd::Exit(code) => format!("exit = {code}"),
        ExpectedEnd::Trap(kind) => format!("trap = {}", text(kind)),
        ExpectedEnd::HostError(says) => format!("host_error = {}", text(says)),
        ExpectedEnd::Refused(_) => String::new(),
    });
    let stdout = pin
        .stdout
        .as_ref()
        .map(|it| format!("stdout = {}", text(it)));
    let keys: Vec<String> = [end, stdout]
        .into_iter()
        .flatten()
        .filter(|it| !it.is_empty())
        .collect();
    format!("{n} = {{ {} }}", keys.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Table {
        #[serde(deserialize_with = "read")]
        at: BTreeMap<Scale, Pin>,
    }

    fn table(line: &str) -> Result<Pin, String> {
        let read: Result<Table, _> = toml::from_str(&format!("[at]\n{line}\n"));
        let mut at = read.map_err(|why| why.message().to_owned())?.at;
        Ok(at.pop_first().unwrap().1)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let ends = [
            ExpectedEnd::Value(Value::Int(-7)),
            ExpectedEnd::Value(Value::Float(1.0)),
            ExpectedEnd::Value(Value::Float(f64::INFINITY)),
            ExpectedEnd::Value(Value::Text("a \"b\"\n\u{1F600}".to_owned())),
            ExpectedEnd::Exit(3),
            ExpectedEnd::Trap("overflow".to_owned()),
            ExpectedEnd::HostError("json: no".to_owned()),
        ];
        for end in ends {
            let pin = Pin {
                end: Some(end),
                stdout: Some("x\n\ty".to_owned()),
            };
            let line = line(Scale::new(5_000).unwrap(), &pin);
            assert_eq!(table(&line), Ok(pin), "{line}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (line, says) in [
            ("zero = { value = 1 }", "is no n"),
            ("0 = { value = 1 }", "is no n"),
            ("1 = { value = 1, exit = 2 }", "ends in one way"),
            ("1 = { value = [1] }", "no value that Vera shows"),
            ("1 = { trap = \"bogus\" }", "no kind of trap `bogus`"),
            ("1 = { worth = 1 }", "unknown field"),
        ] {
            let why = table(line).unwrap_err();
            assert!(why.contains(says), "{line}: {why}");
        }
    }
}
