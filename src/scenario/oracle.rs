//! What a case must produce, and what it is given to read: computed from n alone.

use std::collections::BTreeMap;
use std::time::Duration;

use super::expectation::{Agreement, Expectation, ExpectedEnd, Pin};
use super::script::{Expression, Script, ScriptError};
use crate::case::{Scale, Value};

/// Where the expected result of one observable comes from, or the input.
#[derive(Debug)]
pub enum Source {
    /// A line in `scenario.toml`.
    Line(Expression),
    /// A function of `expect.rhai` or `input.rhai`.
    Function,
    /// The same at every n.
    Constant(Value),
}

/// Where the texts of the files that must have been written come from.
#[derive(Debug)]
pub enum FilesSource {
    /// A line in `scenario.toml` for each, by its path.
    Lines(BTreeMap<String, Expression>),
    /// `files(n)` of `expect.rhai`.
    Function,
}

/// An independent computation of the expected result from n alone.
///
/// What is not declared must be absent: no value, no output, no file. So no program can
/// print or return something that nobody looks at.
#[derive(Debug)]
pub struct Oracle {
    /// The returned value.
    pub value: Option<Source>,
    /// The text on standard output.
    pub stdout: Option<Source>,
    /// The text on standard error.
    pub stderr: Option<Source>,
    /// The files that it has written.
    pub files: Option<FilesSource>,
    /// `expect.rhai`, where there is one.
    pub script: Option<Script>,
    /// The end of a program that does not return.
    pub otherwise: Option<OtherEnd>,
    /// What is expected of all that is not declared; without it, that is nothing.
    pub agreement: Option<Agreement>,
    /// What must come at single n.
    pub pins: BTreeMap<Scale, Pin>,
}

/// Another end than to return.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherEnd {
    /// How it ends.
    pub end: ExpectedEnd,
    /// The smallest n at which it does; below, it returns.
    pub from_n: Scale,
}

impl Source {
    fn within(self, limit: Duration) -> Source {
        match self {
            Source::Line(line) => Source::Line(line.within(limit)),
            constant => constant,
        }
    }
}

impl FilesSource {
    fn within(self, limit: Duration) -> FilesSource {
        match self {
            FilesSource::Lines(lines) => {
                let within = |(path, line): (String, Expression)| (path, line.within(limit));
                FilesSource::Lines(lines.into_iter().map(within).collect())
            }
            FilesSource::Function => FilesSource::Function,
        }
    }
}

impl Oracle {
    /// The same, each part of which may take so long.
    #[must_use]
    pub fn within(self, limit: Duration) -> Oracle {
        let within = |source: Option<Source>| source.map(|it| it.within(limit));
        Oracle {
            value: within(self.value),
            stdout: within(self.stdout),
            stderr: within(self.stderr),
            files: self.files.map(|it| it.within(limit)),
            script: self.script.map(|it| it.within(limit)),
            ..self
        }
    }

    /// What a case at scale `n` must produce.
    pub fn at(&self, n: Scale) -> Result<Expectation, ScriptError> {
        let text = |name, source: &Option<Source>| match (source, self.agreement) {
            (None, Some(_)) => Ok(None),
            _ => text(source, self.script.as_ref(), name, n).map(Some),
        };
        let pin = self.pins.get(&n).cloned().unwrap_or_default();
        Ok(Expectation {
            end: match pin.end {
                Some(end) => Some(end),
                None => self.end_at(n)?,
            },
            stdout: match pin.stdout {
                Some(text) => Some(text),
                None => text("stdout", &self.stdout)?,
            },
            stderr: text("stderr", &self.stderr)?,
            files: self.files_at(n)?,
            agreement: self.agreement,
        })
    }

    fn files_at(&self, n: Scale) -> Result<Option<BTreeMap<String, String>>, ScriptError> {
        let lines = match (&self.files, self.agreement) {
            (None, Some(_)) => return Ok(None),
            (None, None) => return Ok(Some(BTreeMap::new())),
            (Some(FilesSource::Function), _) => {
                return function(self.script.as_ref()).files(n).map(Some);
            }
            (Some(FilesSource::Lines(lines)), _) => lines,
        };
        let texts = lines
            .iter()
            .map(|(path, line)| Ok((path.clone(), line.text(n)?)));
        texts.collect::<Result<_, _>>().map(Some)
    }

    fn end_at(&self, n: Scale) -> Result<Option<ExpectedEnd>, ScriptError> {
        let otherwise = self.otherwise.as_ref();
        if let Some(other) = otherwise.filter(|it| n >= it.from_n) {
            return Ok(Some(other.end.clone()));
        }
        let value = match (&self.value, self.agreement) {
            (None, Some(_)) => return Ok(None),
            (None, None) => Value::Unit,
            (Some(Source::Line(line)), _) => line.value(n)?,
            (Some(Source::Constant(value)), _) => value.clone(),
            (Some(Source::Function), _) => function(self.script.as_ref()).value("value", n)?,
        };
        Ok(Some(ExpectedEnd::Value(value)))
    }
}

/// What the program reads from standard input, computed from n.
#[derive(Debug)]
pub struct StandardInput {
    /// Where the text comes from; without it there is nothing to read.
    pub stdin: Option<Source>,
    /// `input.rhai`, where there is one.
    pub script: Option<Script>,
}

impl StandardInput {
    /// The same, which may take so long.
    #[must_use]
    pub fn within(self, limit: Duration) -> StandardInput {
        StandardInput {
            stdin: self.stdin.map(|it| it.within(limit)),
            script: self.script.map(|it| it.within(limit)),
        }
    }

    /// The text at scale `n`.
    pub fn at(&self, n: Scale) -> Result<String, ScriptError> {
        text(&self.stdin, self.script.as_ref(), "stdin", n)
    }
}

/// The text that `source` gives at scale `n`: none where there is no source.
fn text(
    source: &Option<Source>,
    script: Option<&Script>,
    name: &'static str,
    n: Scale,
) -> Result<String, ScriptError> {
    match source {
        None => Ok(String::new()),
        Some(Source::Line(line)) => line.text(n),
        Some(Source::Function) => function(script).text(name, n),
        Some(Source::Constant(Value::Text(text))) => Ok(text.clone()),
        Some(Source::Constant(other)) => Ok(other.to_string()),
    }
}

fn function(script: Option<&Script>) -> &Script {
    script.expect("where a function is the source there is a script")
}
