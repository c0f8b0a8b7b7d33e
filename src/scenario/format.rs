//! `scenario.toml` as it is written: every key, its type, and its checks.
//!
//! Each type checks itself while it is read, so that the TOML parser knows the
//! line of whatever is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use semver::VersionReq;
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use wildmatch::WildMatch;

use super::script::Expression;
use super::{Cost, FailureKind, Growth, Guard, KnownLimit, LaneOverride};
use crate::case::{Budget, Bytes, Fuel, Lane, Scale, parse_duration, parse_fuel, parse_size};

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    #[serde(deserialize_with = "line")]
    pub title: String,
    #[serde(deserialize_with = "paragraph")]
    pub why: String,
    pub n: Scale,
    #[serde(deserialize_with = "guards")]
    pub guards: Vec<Guard>,
    #[serde(default)]
    pub budget: BudgetKeys,
    #[serde(default)]
    pub alone: bool,
    #[serde(default)]
    pub uses: Vec<String>,
    #[serde(default, deserialize_with = "tags")]
    pub tags: Vec<String>,
    #[serde(default)]
    pub expect: Expect,
    #[serde(default)]
    pub climb: Climb,
    pub input: Option<Input>,
    #[serde(default)]
    lanes: BTreeMap<Lane, LaneKeys>,
    #[serde(default)]
    pub known: Vec<KnownLimit>,
}

impl File {
    /// The scenario's budget.
    pub fn budget(&self) -> Budget {
        self.budget.over(Budget::default())
    }

    /// What each lane needs otherwise.
    pub fn lanes(&self) -> BTreeMap<Lane, LaneOverride> {
        self.lanes
            .iter()
            .map(|(lane, keys)| {
                // A lane with a seed goes on from what is said of all of them.
                let family = self.lanes.get(&lane.family()).and_then(|it| it.budget);
                let base = family.map_or(self.budget(), |it| it.over(self.budget()));
                let budget = keys.budget.map(|budget| budget.over(base));
                (*lane, LaneOverride { n: keys.n, budget })
            })
            .collect()
    }
}

/// The keys of `[budget]`.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetKeys {
    #[serde(default, deserialize_with = "duration")]
    wall: Option<Duration>,
    #[serde(default, deserialize_with = "bytes")]
    memory: Option<Bytes>,
    #[serde(default, deserialize_with = "bytes")]
    output: Option<Bytes>,
    #[serde(default, deserialize_with = "work")]
    work: Option<Fuel>,
}

impl BudgetKeys {
    fn over(self, base: Budget) -> Budget {
        Budget {
            wall: self.wall.unwrap_or(base.wall),
            memory: self.memory.unwrap_or(base.memory),
            output: self.output.unwrap_or(base.output),
            work: self.work.unwrap_or(base.work),
        }
    }
}

/// The keys of `[expect]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    #[serde(default, deserialize_with = "value_expression")]
    pub value: Option<Expression>,
    #[serde(default, deserialize_with = "stdout_expression")]
    pub stdout: Option<Expression>,
    #[serde(default, deserialize_with = "stderr_expression")]
    pub stderr: Option<Expression>,
    #[serde(default)]
    pub growth: Growth,
}

/// The keys of `[climb]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Climb {
    #[serde(default, deserialize_with = "duration")]
    pub budget: Option<Duration>,
    #[serde(default, deserialize_with = "work")]
    pub work: Option<Fuel>,
}

/// The keys of `[input]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    #[serde(deserialize_with = "stdin_expression")]
    pub stdin: Expression,
}

/// The keys of `[lanes."..."]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LaneKeys {
    n: Option<Scale>,
    budget: Option<BudgetKeys>,
}

impl<'de> Deserialize<'de> for Guard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Guard, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Keys {
            issue: Option<u32>,
            #[serde(deserialize_with = "line")]
            class: String,
            #[serde(deserialize_with = "paragraph")]
            history: String,
        }
        let Keys {
            issue,
            class,
            history,
        } = Keys::deserialize(deserializer)?;
        Ok(Guard {
            issue,
            class,
            history,
        })
    }
}

impl<'de> Deserialize<'de> for KnownLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<KnownLimit, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Keys {
            #[serde(deserialize_with = "version_requirement")]
            vera: VersionReq,
            #[serde(deserialize_with = "lane_patterns")]
            lanes: Vec<WildMatch>,
            from_n: Scale,
            verdict: FailureKind,
            #[serde(default)]
            costs: Vec<Cost>,
            #[serde(deserialize_with = "paragraph")]
            because: String,
        }
        let Keys {
            vera,
            lanes,
            from_n,
            verdict,
            costs,
            because,
        } = Keys::deserialize(deserializer)?;
        if !costs.is_empty() && verdict != FailureKind::Growth {
            return Err(D::Error::custom(
                "`costs` says what grows; write it with verdict = \"growth\", or take it out",
            ));
        }
        Ok(KnownLimit {
            vera,
            lanes,
            from_n,
            verdict,
            costs,
            because,
        })
    }
}

fn line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = paragraph(deserializer)?;
    if text.contains('\n') {
        return Err(D::Error::custom("this must fit on one line"));
    }
    Ok(text)
}

fn paragraph<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?.trim().to_owned();
    if text.is_empty() {
        return Err(D::Error::custom(
            "this is empty; write it for a reader who has never seen the bug",
        ));
    }
    Ok(text)
}

fn guards<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Guard>, D::Error> {
    let guards = Vec::deserialize(deserializer)?;
    if guards.is_empty() {
        return Err(D::Error::custom(
            "a scenario guards at least one bug class; write a [[guards]] table",
        ));
    }
    Ok(guards)
}

fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
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

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_duration(&text).map(Some).map_err(D::Error::custom)
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bytes>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_size(&text).map(Some).map_err(D::Error::custom)
}

/// An amount of work, as a number or as text with `_` where people like it.
fn work<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Fuel>, D::Error> {
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
    parse_fuel(&text).map(Some).map_err(D::Error::custom)
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

fn value_expression<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Expression>, D::Error> {
    let next = r#"`value = "n * (n + 1) / 2"`, or a function `value(n)` in expect.rhai"#;
    expression(d, "expect.value", next).map(Some)
}

fn stdout_expression<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Expression>, D::Error> {
    let next = r#"`stdout = "`n is ${n}`"`, or a function `stdout(n)` in expect.rhai"#;
    expression(d, "expect.stdout", next).map(Some)
}

fn stderr_expression<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Expression>, D::Error> {
    let next = r#"`stderr = "`n is ${n}`"`, or a function `stderr(n)` in expect.rhai"#;
    expression(d, "expect.stderr", next).map(Some)
}

fn stdin_expression<'de, D: Deserializer<'de>>(d: D) -> Result<Expression, D::Error> {
    let next = r#"`stdin = "`n is ${n}`"`, or a function `stdin(n)` in input.rhai"#;
    expression(d, "input.stdin", next)
}

fn version_requirement<'de, D: Deserializer<'de>>(deserializer: D) -> Result<VersionReq, D::Error> {
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
        lanes
            .iter()
            .any(|lane| lane.parse::<Lane>().is_ok() && pattern.matches(lane))
    })
}

fn lane_patterns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<WildMatch>, D::Error> {
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
