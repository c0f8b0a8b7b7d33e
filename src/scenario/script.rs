//! Oracles and generators, written in Rhai.
//!
//! Scripts run without file or network access and under limits, so that a
//! scenario from elsewhere can be slow at worst. The limits are fixed numbers:
//! a script gives the same result, or the same error, on every machine.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use rhai::{AST, Dynamic, Engine, EvalAltResult, ParseError, Position, Scope};

use crate::case::{Scale, Sources, Value};

/// How many operations one script may use: about ten seconds of work.
pub const MAX_OPERATIONS: u64 = 200_000_000;
/// The longest text that a script may make, in bytes.
const MAX_STRING: usize = 128 * 1024 * 1024;
/// The largest array or map that a script may make.
const MAX_ELEMENTS: usize = 16_000_000;
/// How long one script may run. The operations above end first on any machine of
/// this decade; this is for those that each take long, such as searching a text.
const MAX_TIME: Duration = Duration::from_secs(60);
/// The stack of the thread that a script runs on: enough for as many calls within
/// expressions as the limits allow. Only what is used is taken.
const STACK: usize = 256 << 20;

thread_local! {
    /// When the script that runs on this thread has to end.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Runs a script on a thread of its own, so that its recursion ends at Rhai's
/// limits and not at the stack of whoever asked.
fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let script = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || {
                DEADLINE.set(Some(Instant::now() + MAX_TIME));
                work()
            })
            .expect("a thread can be started: the run itself needs several");
        match script.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// One engine for all scripts: it holds no state of theirs.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut engine = Engine::new();
    engine
        .set_max_operations(MAX_OPERATIONS)
        .set_max_string_size(MAX_STRING)
        .set_max_array_size(MAX_ELEMENTS)
        .set_max_map_size(MAX_ELEMENTS)
        // Fixed, because the defaults of debug and release builds differ.
        .set_max_call_levels(256)
        .set_max_expr_depths(128, 128)
        .set_strict_variables(true)
        .disable_symbol("eval")
        .on_progress(|operations| {
            let late = || DEADLINE.get().is_some_and(|end| Instant::now() > end);
            (operations % 64 == 0 && late()).then_some(Dynamic::UNIT)
        })
        .on_print(|_| {})
        .on_debug(|_, _, _| {});
    engine
});

/// A script that does not parse, fails, or gives something of the wrong kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct ScriptError {
    /// The file that holds the script.
    pub file: String,
    /// The line in that file, where it is known.
    pub line: Option<usize>,
    /// What went wrong.
    pub message: String,
}

/// An expression over `n` on one line of `scenario.toml`.
#[derive(Debug)]
pub struct Expression {
    ast: AST,
    key: &'static str,
    file: String,
}

impl Expression {
    /// Parses `text`, the value of `key`, such as `expect.value`; the error is a
    /// sentence without a place, since only the caller knows the line.
    pub fn parse(text: &str, key: &'static str) -> Result<Expression, String> {
        let mut scope = Scope::new();
        scope.push("n", 1_i64);
        let ast = ENGINE
            .compile_expression_with_scope(&scope, text)
            .map_err(|error| sentence(&error))?;
        Ok(Expression {
            ast,
            key,
            file: String::new(),
        })
    }

    /// The same expression, with the file that messages are to name.
    pub(super) fn in_file(mut self, file: &str) -> Expression {
        self.file = file.to_owned();
        self
    }

    /// The value at scale `n`.
    pub fn value(&self, n: Scale) -> Result<Value, ScriptError> {
        self.eval(n)
            .and_then(|result| to_value(result, self.key).map_err(|message| self.error(message)))
    }

    /// The text at scale `n`.
    pub fn text(&self, n: Scale) -> Result<String, ScriptError> {
        self.eval(n)
            .and_then(|result| to_text(result, self.key).map_err(|message| self.error(message)))
    }

    fn eval(&self, n: Scale) -> Result<Dynamic, ScriptError> {
        let mut scope = Scope::new();
        scope.push("n", n.as_i64());
        on_large_stack(|| ENGINE.eval_ast_with_scope(&mut scope, &self.ast)).map_err(|error| {
            let why = failure(*error).0;
            self.error(format!("`{}` at n = {n}: {why}", self.key))
        })
    }

    fn error(&self, message: String) -> ScriptError {
        ScriptError {
            file: self.file.clone(),
            line: None,
            message,
        }
    }
}

/// A file of Rhai functions, and those of common files that it may call.
#[derive(Debug)]
pub struct Script {
    ast: AST,
    file: String,
    /// The functions of common files, with the file that each stands in.
    common: BTreeMap<String, String>,
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
        })
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
        to_value(result, name).map_err(|message| self.error(message, None))
    }

    /// The text that `name(n)` gives.
    pub fn text(&self, name: &'static str, n: Scale) -> Result<String, ScriptError> {
        let result = self.call(name, n)?;
        to_text(result, name).map_err(|message| self.error(message, None))
    }

    /// The sources that `program(n)` gives: one text for `main.vera`, or a map
    /// of file name to text.
    pub fn program(&self, n: Scale) -> Result<Sources, ScriptError> {
        let result = self.call("program", n)?;
        if result.is_string() {
            let text = to_text(result, "program").map_err(|message| self.error(message, None))?;
            return Ok(Sources(BTreeMap::from([(Sources::MAIN.to_owned(), text)])));
        }
        let kind = result.type_name();
        let Some(map) = result.try_cast::<rhai::Map>() else {
            return Err(self.error(
                format!("`program({n})` gave `{kind}`; it must give the source as a string, or a map of file name to source"),
                None,
            ));
        };
        let mut files = BTreeMap::new();
        for (name, text) in map {
            let text = to_text(text, "program").map_err(|message| self.error(message, None))?;
            super::load::check_source_name(&name).map_err(|message| self.error(message, None))?;
            files.insert(name.to_string(), text);
        }
        let clash = files.keys().find(|name| {
            let folder = format!("{name}/");
            files.keys().any(|other| other.starts_with(&folder))
        });
        if let Some(name) = clash {
            let message =
                format!("`{name}` is a file and a folder in the map that `program({n})` gave");
            return Err(self.error(message, None));
        }
        if !files.contains_key(Sources::MAIN) {
            return Err(self.error(
                format!(
                    "the map that `program({n})` gave has no `{}`",
                    Sources::MAIN
                ),
                None,
            ));
        }
        Ok(Sources(files))
    }

    fn call(&self, name: &str, n: Scale) -> Result<Dynamic, ScriptError> {
        let n_as_i64 = n.as_i64();
        on_large_stack(|| ENGINE.call_fn(&mut Scope::new(), &self.ast, name, (n_as_i64,))).map_err(
            |error| {
                let innermost = innermost_function(&error);
                let file = innermost
                    .and_then(|name| self.common.get(name))
                    .unwrap_or(&self.file);
                let file = file.clone();
                let (why, position) = failure(*error);
                ScriptError {
                    file,
                    line: position.line(),
                    message: format!("`{name}({n})`: {why}"),
                }
            },
        )
    }

    fn error(&self, message: String, line: Option<usize>) -> ScriptError {
        ScriptError {
            file: self.file.clone(),
            line,
            message,
        }
    }
}

fn to_value(result: Dynamic, name: &str) -> Result<Value, String> {
    let kind = result.type_name();
    if result.is_unit() {
        return Ok(Value::Unit);
    }
    if let Ok(n) = result.as_int() {
        return Ok(Value::Int(n));
    }
    if let Ok(x) = result.as_float() {
        return Ok(Value::Float(x));
    }
    if let Ok(truth) = result.as_bool() {
        return Ok(Value::Int(i64::from(truth)));
    }
    result.into_string().map(Value::Text).map_err(|_| {
        format!("`{name}` gave `{kind}`; it must give an integer, a float, a bool, a string or ()")
    })
}

fn to_text(result: Dynamic, name: &str) -> Result<String, String> {
    result
        .into_string()
        .map_err(|kind| format!("`{name}` gave `{kind}`; it must give a string"))
}

/// A parse error without its position, which is shown apart.
fn sentence(error: &ParseError) -> String {
    format!(
        "this is not a Rhai expression or script: {}",
        error.err_type()
    )
}

/// The script's function in which an error arose, where it was in one that
/// another called.
fn innermost_function(error: &EvalAltResult) -> Option<&str> {
    match error {
        EvalAltResult::ErrorInFunctionCall(name, _, inner, _) => {
            Some(innermost_function(inner).unwrap_or(name))
        }
        _ => None,
    }
}

/// What made a script fail, and where: the innermost cause.
fn failure(error: EvalAltResult) -> (String, Position) {
    let position = error.position();
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => failure(*inner),
        EvalAltResult::ErrorTooManyOperations(_) => (
            format!(
                "more than {MAX_OPERATIONS} operations; find a cheaper computation of the same result"
            ),
            position,
        ),
        EvalAltResult::ErrorTerminated(..) => (
            format!(
                "more than {} seconds; find a cheaper computation of the same result",
                MAX_TIME.as_secs()
            ),
            position,
        ),
        mut other => {
            other.set_position(Position::NONE);
            (other.to_string(), position)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(n: u64) -> Scale {
        Scale::new(n).unwrap()
    }

    #[test]
    fn an_expression_gives_each_kind_of_value() {
        let value = |text| {
            Expression::parse(text, "expect.value")
                .unwrap()
                .value(at(10))
                .unwrap()
        };
        assert_eq!(value("n * (n + 1) / 2"), Value::Int(55));
        assert_eq!(value("n.to_float() / 4.0"), Value::Float(2.5));
        assert_eq!(value("\"n=\" + n"), Value::Text("n=10".to_owned()));
        assert_eq!(value("n > 3"), Value::Int(1));
        assert_eq!(value("()"), Value::Unit);
    }

    #[test]
    fn an_unknown_variable_is_found_when_the_expression_is_parsed() {
        let error = Expression::parse("m + 1", "expect.value").unwrap_err();
        assert!(error.contains('m'), "{error}");
    }

    #[test]
    fn overflow_is_an_error_and_not_a_wrong_number() {
        let expression = Expression::parse("n * n * n", "expect.value").unwrap();
        let error = expression.value(at(3_000_000)).unwrap_err();
        assert!(error.message.contains("overflow"), "{error}");
    }

    #[test]
    fn a_script_that_never_ends_is_stopped_and_named() {
        let script = Script::parse(
            "fn value(n) {\n  let i = 0;\n  loop { i = 1; }\n}",
            "e.rhai",
        );
        let error = script.unwrap().value("value", at(1)).unwrap_err();
        assert!(
            error.message.contains("more than 200000000 operations"),
            "{error}"
        );
        assert!(
            error.to_string().starts_with("e.rhai: `value(1)`"),
            "{error}"
        );
    }

    #[test]
    fn an_error_while_a_script_runs_has_its_line() {
        let script = Script::parse("fn value(n) {\n  let a = [];\n  a[n]\n}", "e.rhai").unwrap();
        let error = script.value("value", at(1)).unwrap_err();
        assert_eq!(error.line, Some(3), "{error}");
    }

    #[test]
    fn a_recursion_without_end_is_an_error_and_no_crash() {
        let deep = format!("{}f(x + 1){}", "1 + (".repeat(30), ")".repeat(30));
        let text = format!("fn f(x) {{ {deep} }}\nfn value(n) {{ f(n) }}");
        let error = Script::parse(&text, "e.rhai")
            .unwrap()
            .value("value", at(1));
        assert!(error.unwrap_err().message.contains("Stack overflow"));
    }

    #[test]
    fn a_script_cannot_reach_files_or_evaluate_text() {
        for text in [
            "fn value(n) { eval(\"1\") }",
            "import \"x\" as x; fn value(n) { 1 }",
        ] {
            assert!(Script::parse(text, "e.rhai").is_err(), "{text}");
        }
        let script = Script::parse("fn value(n) { open_file(\"x\") }", "e.rhai").unwrap();
        assert!(script.value("value", at(1)).is_err());
    }

    #[test]
    fn a_generator_gives_one_text_or_several() {
        let one = Script::parse("fn program(n) { \"-- \" + n }", "p.rhai").unwrap();
        assert_eq!(one.program(at(2)).unwrap().0["main.vera"], "-- 2");
        let two = Script::parse(
            "fn program(n) { #{ \"main.vera\": \"m\", \"a/b.vera\": \"b\" } }",
            "p.rhai",
        );
        assert_eq!(two.unwrap().program(at(2)).unwrap().0.len(), 2);
        for bad in [
            "1",
            "#{ \"other.vera\": \"\" }",
            "#{ \"main.vera\": \"\", \"../x.vera\": \"\" }",
        ] {
            let script = Script::parse(&format!("fn program(n) {{ {bad} }}"), "p.rhai").unwrap();
            assert!(script.program(at(2)).is_err(), "{bad}");
        }
    }
}
