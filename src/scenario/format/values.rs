//! The values of `scenario.toml`, each checked while it is read.

use std::collections::BTreeMap;
use std::time::Duration;

use semver::VersionReq;
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use wildmatch::WildMatch;

use crate::case::{
    Bytes, Engine, Instructions, Lane, parse_duration, parse_instructions, parse_size,
};
use crate::scenario::guard::Guard;
use crate::scenario::names::is_file_name;
use crate::scenario::script::Expression;

pub fn line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = paragraph(deserializer)?;
    if text.contains('\n') {
        return Err(D::Error::custom("this must fit on one line"));
    }
    Ok(text)
}

pub fn paragraph<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?.trim().to_owned();
    if text.is_empty() {
        return Err(D::Error::custom(
            "this is empty; write it for a reader who has never seen the bug",
        ));
    }
    Ok(text)
}

pub fn guards<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Guard>, D::Error> {
    let guards = Vec::deserialize(deserializer)?;
    if guards.is_empty() {
        return Err(D::Error::custom(
            "a scenario guards at least one bug class; write a [[guards]] table",
        ));
    }
    Ok(guards)
}

pub fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let tags: Vec<String> = Vec::deserialize(deserializer)?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match tags
        .iter()
        .find(|it| it.is_empty() || !it.chars().all(plain))
    {
        Some(tag) => Err(D::Error::custom(format!(
            "`{tag}` is no tag; write lower-case letters, digits and `-`, such as `seed`"
        ))),
        None => Ok(tags),
    }
}

pub fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_duration(&text).map(Some).map_err(D::Error::custom)
}

pub fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bytes>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_size(&text).map(Some).map_err(D::Error::custom)
}

/// A number of instructions, as a number or as text with `_` where people like it.
pub fn instructions<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Instructions>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(i64),
        Text(String),
        Other(toml::Value),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::Number(units) => units.to_string(),
        Written::Text(text) => text,
        Written::Other(value) => value.to_string(),
    };
    parse_instructions(&text)
        .map(Some)
        .map_err(D::Error::custom)
}

/// A word, or words, of which there must be some.
pub fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.trim().is_empty() {
        true => Err(D::Error::custom(
            "this is empty; write what must come, or take the key out",
        )),
        false => Ok(Some(text)),
    }
}

/// Expressions over n, one for each parameter of `main`.
pub fn argument_expressions<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Expression>>, D::Error> {
    let texts: Vec<String> = Vec::deserialize(deserializer)?;
    let parsed = texts.iter().map(|text| {
        Expression::parse(text, "args").map_err(|why| {
            D::Error::custom(format!(
                "`{text}`: {why}; write an expression over n for each parameter, such as `args = [\"n\", \"7\"]`"
            ))
        })
    });
    parsed.collect::<Result<_, _>>().map(Some)
}

/// An expression over n, the value of `key`; `next` says what else to write.
fn expression<'de, D: Deserializer<'de>>(
    deserializer: D,
    key: &'static str,
    next: &str,
) -> Result<Expression, D::Error> {
    let text = String::deserialize(deserializer)?;
    Expression::parse(&text, key).map_err(|why| {
        D::Error::custom(format!(
            "`{text}`: {why}; write an expression over n, such as {next}"
        ))
    })
}

pub fn value_expression<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Expression>, D::Error> {
    let next = r#"`value = "n * (n + 1) / 2"`, or a function `value(n)` in expect.rhai"#;
    expression(d, "expect.value", next).map(Some)
}

pub fn stdout_expression<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Expression>, D::Error> {
    let next = r#"`stdout = "`n is ${n}`"`, or a function `stdout(n)` in expect.rhai"#;
    expression(d, "expect.stdout", next).map(Some)
}

pub fn stderr_expression<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Expression>, D::Error> {
    let next = r#"`stderr = "`n is ${n}`"`, or a function `stderr(n)` in expect.rhai"#;
    expression(d, "expect.stderr", next).map(Some)
}

pub fn stdin_expression<'de, D: Deserializer<'de>>(d: D) -> Result<Expression, D::Error> {
    let next = r#"`stdin = "`n is ${n}`"`, or a function `stdin(n)` in input.rhai"#;
    expression(d, "input.stdin", next)
}

/// The text of each file that must have been written.
pub fn files_expressions<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Expression>, D::Error> {
    let texts = BTreeMap::<String, String>::deserialize(deserializer)?;
    let expression = |(name, text): (String, String)| {
        if !is_file_name(&name) {
            return Err(D::Error::custom(format!(
                "`{name}` is no path of a file in the program's folder; write one such as `out.txt` or `out/list.txt`"
            )));
        }
        let parsed = Expression::parse(&text, "expect.files").map_err(|why| {
            D::Error::custom(format!(
                "`{text}`: {why}; write an expression over n, such as `\"out.txt\" = \"`n is ${{n}}`\"`, or a function `files(n)` in expect.rhai"
            ))
        })?;
        Ok((name, parsed))
    };
    texts.into_iter().map(expression).collect()
}

/// Names and texts of an environment.
pub fn environment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    let env = BTreeMap::<String, String>::deserialize(deserializer)?;
    let is_name = |name: &str| !name.is_empty() && !name.contains(['=', '\0']);
    match env
        .iter()
        .find(|(name, text)| !is_name(name) || text.contains('\0'))
    {
        Some((name, _)) => Err(D::Error::custom(format!(
            "no environment has `{name}` with this text; write NAME = \"text\", without `=` in the name, and without a zero byte"
        ))),
        None => Ok(env),
    }
}

pub fn version_requirement<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<VersionReq, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
        return Err(D::Error::custom(format!(
            "`{text}` would mean that release and later ones; write \"={text}\" or \">={text}\""
        )));
    }
    VersionReq::parse(&text).map_err(|why| {
        D::Error::custom(format!(
            "`{text}` is no range of Vera releases ({why}); write it as in \">=0.1.9\" or \">=0.1.5, <0.2.0\""
        ))
    })
}

/// Whether there is a lane that a pattern matches. A lane with a number is tried
/// with the one that the pattern names.
fn matches_a_lane(text: &str) -> bool {
    let pattern = WildMatch::new(text);
    let number = text.rsplit(['=', '+']).next().unwrap_or_default();
    let number: String = number.replace('*', "").replace('?', "1");
    Lane::FORMS.iter().any(|form| {
        let numbers =
            [number.as_str(), "1"].map(|it| form.split_once('=').map(|(l, _)| format!("{l}={it}")));
        let lanes = numbers.map(|it| it.unwrap_or_else(|| (*form).to_owned()));
        let lanes = lanes.iter().filter_map(|lane| lane.parse::<Lane>().ok());
        let mut lanes = lanes.flat_map(|lane| {
            let tight = (lane.engine == Engine::Native).then(|| lane.tightened());
            std::iter::once(lane).chain(tight)
        });
        lanes.any(|lane| pattern.matches(&lane.to_string()))
    })
}

pub fn lane_patterns<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<WildMatch>, D::Error> {
    let patterns = Vec::<String>::deserialize(deserializer)?;
    let known = |text: &String| text.parse::<Lane>().is_ok() || matches_a_lane(text);
    match patterns.iter().find(|text| !known(text)) {
        Some(text) => Err(D::Error::custom(format!(
            "`{text}` matches no lane; the lanes are: {}, and `*` stands for any text",
            Lane::FORMS.join(", ")
        ))),
        None if patterns.is_empty() => Err(D::Error::custom(
            "no lane is named; write `lanes = [\"*\"]` for all of them",
        )),
        None => Ok(patterns.iter().map(|text| WildMatch::new(text)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_of_lanes_matches_one_that_there_is() {
        for text in [
            "*",
            "native+random*",
            "native+every=1?",
            "native*+checks",
            "native+tight*",
            "native+tight+sanitize*",
        ] {
            assert!(matches_a_lane(text), "{text}");
        }
        for text in [
            "natve*",
            "reference+tight*",
            "native+tight+tight*",
            "native+some*",
        ] {
            assert!(!matches_a_lane(text), "{text}");
        }
    }
}
