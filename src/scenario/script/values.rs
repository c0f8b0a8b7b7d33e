//! What a script gives, in the kinds that a case knows.

use rhai::Dynamic;

use crate::case::{Problem, Value};

/// As a value.
pub fn to_value(result: Dynamic, name: &str) -> Result<Value, Problem> {
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
        Problem::new(format!(
            "`{name}` gave `{kind}`; it must give an integer, a float, a bool, a string or ()"
        ))
    })
}

/// As a text.
pub fn to_text(result: Dynamic, name: &str) -> Result<String, Problem> {
    result
        .into_string()
        .map_err(|kind| Problem::new(format!("`{name}` gave `{kind}`; it must give a string")))
}
