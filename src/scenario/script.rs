//! Oracles and generators, written in Rhai.
//!
//! Scripts run without file or network access and under limits, so that a
//! scenario from elsewhere can be slow at worst. The limits are fixed numbers, but
//! for time: what must come out may take no longer than a case itself.

mod engine;
mod error;
mod expression;
mod values;

use std::collections::BTreeMap;
use std::time::Duration;

use rhai::{AST, Dynamic, Scope};

use super::names::{is_file_name, is_source_name};
use crate::case::{Scale, Sources, Value};
use engine::{DEFAULT_LIMIT, ENGINE, failure, innermost_function, on_large_stack, sentence};
pub use error::ScriptError;
pub use expression::Expression;
use values::{to_text, to_value};

/// A text as an expression.
pub fn literal(text: &str) -> String {
    let escaped = |it: char| match it {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        it if it.is_control() => format!("\\u{:04x}", u32::from(it)),
        it => it.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

/// A file of Rhai functions, and those of common files that it may call.
#[derive(Debug)]
pub struct Script {
    ast: AST,
    file: String,
    /// The functions of common files, with the file that each stands in.
    common: BTreeMap<String, String>,
    /// How long a call may take.
    limit: Duration,
}

impl Script {
    /// Parses the text of `file`.
    pub fn parse(text: &str, file: &str) -> Result<Script, ScriptError> {
        let ast = ENGINE.compile(text).map_err(|error| ScriptError {
            file: file.to_owned(),
            line: error.position().line(),
            message: sentence(&error),
        })?;
        Ok(Script {
            ast,
            file: file.to_owned(),
            common: BTreeMap::new(),
            limit: DEFAULT_LIMIT,
        })
    }

    /// The same script, of which a call may take so long.
    #[must_use]
    pub fn within(self, limit: Duration) -> Script {
        Script { limit, ..self }
    }

    /// The same script, which may also call the functions of a common file.
    pub fn with(mut self, text: &str, file: &str) -> Result<Script, ScriptError> {
        let common = Script::parse(text, file)?;
        let all = self.functions();
        let functions = common.functions();
        if let Some(name) = functions.keys().find(|name| all.contains_key(*name)) {
            let other = self.common.get(name).unwrap_or(&self.file);
            return Err(ScriptError {
                file: file.to_owned(),
                line: None,
                message: format!("`fn {name}` stands here, and in {other} too"),
            });
        }
        let placed = functions.into_keys().map(|name| (name, file.to_owned()));
        self.common.extend(placed);
        self.ast = self.ast.merge(&common.ast);
        Ok(self)
    }

    /// The file the script came from.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The names of the functions with their number of parameters.
    pub fn functions(&self) -> BTreeMap<String, usize> {
        self.ast
            .iter_functions()
            .map(|function| (function.name.to_owned(), function.params.len()))
            .collect()
    }

    /// The value that `name(n)` gives.
    pub fn value(&self, name: &'static str, n: Scale) -> Result<Value, ScriptError> {
        let result = self.call(name, n)?;
        to_value(result, name).map_err(|why| self.error(why))
    }

    /// The text that `name(n)` gives.
    pub fn text(&self, name: &'static str, n: Scale) -> Result<String, ScriptError> {
        let result = self.call(name, n)?;
        to_text(result, name).map_err(|why| self.error(why))
    }

    /// The sources that `program(n)` gives: one text for `main.vera`, or a map
    /// of file name to text.
    pub fn program(&self, n: Scale) -> Result<Sources, ScriptError> {
        let result = self.call("program", n)?;
        if result.is_string() {
            let text = to_text(result, "program").map_err(|why| self.error(why))?;
            return Ok(Sources::of(BTreeMap::from([(
                Sources::MAIN.to_owned(),
                text,
            )])));
        }
        let kind = result.type_name();
        let Some(map) = result.try_cast::<rhai::Map>() else {
            return Err(self.error(
                format!("`program({n})` gave `{kind}`; it must give the source as a string, or a map of file name to source"),
            ));
        };
        let mut files = BTreeMap::new();
        for (name, text) in map {
            let text = to_text(text, "program").map_err(|why| self.error(why))?;
            if !is_source_name(&name) {
                return Err(self.error(format!(
                    "`{name}` is no name for a source file; write one like `main.vera` or `text/tools.vera`"
                )));
            }
            files.insert(name.to_string(), text);
        }
        let clash = files.keys().find(|name| {
            let folder = format!("{name}/");
            files.keys().any(|other| other.starts_with(&folder))
        });
        if let Some(name) = clash {
            let message =
                format!("`{name}` is a file and a folder in the map that `program({n})` gave");
            return Err(self.error(message));
        }
        if !files.contains_key(Sources::MAIN) {
            return Err(self.error(format!(
                "the map that `program({n})` gave has no `{}`",
                Sources::MAIN
            )));
        }
        Ok(Sources::of(files))
    }

    /// The map of path to text that `files(n)` gives.
    pub fn files(&self, n: Scale) -> Result<BTreeMap<String, String>, ScriptError> {
        let result = self.call("files", n)?;
        let kind = result.type_name();
        let map = result.try_cast::<rhai::Map>().ok_or_else(|| {
            self.error(format!(
                "`files` gave `{kind}`; it must give a map of path to text"
            ))
        })?;
        let mut files = BTreeMap::new();
        for (path, text) in map {
            if !is_file_name(&path) {
                return Err(self.error(format!(
                    "`{path}` is no path of a file in the program's folder; give one such as `out.txt` or `out/list.txt`"
                )));
            }
            let text = to_text(text, "files").map_err(|why| self.error(why))?;
            files.insert(path.to_string(), text);
        }
        Ok(files)
    }

    fn call(&self, name: &str, n: Scale) -> Result<Dynamic, ScriptError> {
        let n_as_i64 = n.as_i64();
        let limit = self.limit;
        on_large_stack(limit, || {
            ENGINE.call_fn(&mut Scope::new(), &self.ast, name, (n_as_i64,))
        })
        .map_err(|error| {
            let innermost = innermost_function(&error);
            let file = innermost
                .and_then(|name| self.common.get(name))
                .unwrap_or(&self.file);
            let file = file.clone();
            let (why, position) = failure(*error, limit);
            ScriptError {
                file,
                line: position.line(),
                message: format!("`{name}({n})`: {why}"),
            }
        })
    }

    fn error(&self, why: impl ToString) -> ScriptError {
        ScriptError {
            file: self.file.clone(),
            line: None,
            message: why.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
