//! One line of Rhai.

use std::time::Duration;

use rhai::{AST, Dynamic, Scope};

use super::engine::{DEFAULT_LIMIT, ENGINE, failure, on_large_stack, sentence};
use super::error::ScriptError;
use super::values::{to_text, to_value};
use crate::case::{Problem, Scale, Value};

/// An expression over `n` on one line of `scenario.toml`.
#[derive(Debug)]
pub struct Expression {
    ast: AST,
    key: &'static str,
    file: String,
    limit: Duration,
}

impl Expression {
    /// Parses `text`, the value of `key`, such as `expect.value`; the error is a
    /// sentence without a place, since only the caller knows the line.
    pub fn parse(text: &str, key: &'static str) -> Result<Expression, Problem> {
        let mut scope = Scope::new();
        scope.push("n", 1_i64);
        let ast = ENGINE
            .compile_expression_with_scope(&scope, text)
            .map_err(|error| Problem::new(sentence(&error)))?;
        Ok(Expression {
            ast,
            key,
            file: String::new(),
            limit: DEFAULT_LIMIT,
        })
    }

    /// The same expression, with the file that messages are to name.
    pub fn in_file(mut self, file: &str) -> Expression {
        self.file = file.to_owned();
        self
    }

    /// The same expression, which may take so long.
    #[must_use]
    pub fn within(self, limit: Duration) -> Expression {
        Expression { limit, ..self }
    }

    /// The value at scale `n`.
    pub fn value(&self, n: Scale) -> Result<Value, ScriptError> {
        self.eval(n)
            .and_then(|result| to_value(result, self.key).map_err(|why| self.error(why)))
    }

    /// The text at scale `n`.
    pub fn text(&self, n: Scale) -> Result<String, ScriptError> {
        self.eval(n)
            .and_then(|result| to_text(result, self.key).map_err(|why| self.error(why)))
    }

    fn eval(&self, n: Scale) -> Result<Dynamic, ScriptError> {
        let mut scope = Scope::new();
        scope.push("n", n.as_i64());
        let limit = self.limit;
        on_large_stack(limit, || ENGINE.eval_ast_with_scope(&mut scope, &self.ast)).map_err(
            |error| {
                let why = failure(*error, limit).0;
                self.error(format!("`{}` at n = {n}: {why}", self.key))
            },
        )
    }

    fn error(&self, why: impl ToString) -> ScriptError {
        ScriptError {
            file: self.file.clone(),
            line: None,
            message: why.to_string(),
        }
    }
}
