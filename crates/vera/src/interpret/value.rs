//! Values of a program as it runs.

use std::rc::Rc;

use super::scope::Env;
use crate::tree::Lambda;

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// `()`
    Unit,
    /// A Bool.
    Bool(bool),
    /// An Int or a Nat.
    Int(i64),
    /// A Byte.
    Byte(u8),
    /// A Float64.
    Float(f64),
    /// A String: bytes, as Vera's own functions see it.
    Text(Rc<[u8]>),
    /// An array.
    Array(Rc<[Value]>),
    /// What a constructor made, of a tuple as well.
    Data(Rc<str>, Rc<[Value]>),
    /// A function.
    Function(Rc<Closure>),
    /// A map: its entries in the order in which the keys came.
    Map(Rc<Vec<(Value, Value)>>),
    /// A set: its elements in the order in which they came.
    Set(Rc<Vec<Value>>),
}

/// A function value, with what it captured.
#[derive(Debug)]
pub struct Closure {
    /// What it does.
    pub lambda: Lambda,
    /// What was bound where it was made.
    pub env: Env,
}

impl Value {
    /// A text.
    pub fn text(bytes: impl AsRef<[u8]>) -> Value {
        Value::Text(Rc::from(bytes.as_ref()))
    }

    /// An array.
    pub fn array(items: Vec<Value>) -> Value {
        Value::Array(Rc::from(items))
    }

    /// What a constructor makes.
    pub fn data(name: &str, fields: Vec<Value>) -> Value {
        Value::Data(Rc::from(name), Rc::from(fields))
    }

    /// `Some` of it, or `None`.
    pub fn option(value: Option<Value>) -> Value {
        match value {
            Some(value) => Value::data("Some", vec![value]),
            None => Value::data("None", Vec::new()),
        }
    }

    /// `Ok` or `Err`, whose reason is a text.
    pub fn result(value: Result<Value, &str>) -> Value {
        match value {
            Ok(value) => Value::data("Ok", vec![value]),
            Err(why) => Value::data("Err", vec![Value::text(why)]),
        }
    }

    /// Whether two are the same by structure; `None` where they hold what cannot be
    /// compared.
    pub fn same(&self, other: &Value) -> Option<bool> {
        let all = |one: &[Value], other: &[Value]| -> Option<bool> {
            if one.len() != other.len() {
                return Some(false);
            }
            for (one, other) in one.iter().zip(other) {
                if !one.same(other)? {
                    return Some(false);
                }
            }
            Some(true)
        };
        Some(match (self, other) {
            (Value::Unit, Value::Unit) => true,
            (Value::Bool(one), Value::Bool(other)) => one == other,
            (Value::Int(one), Value::Int(other)) => one == other,
            (Value::Byte(one), Value::Byte(other)) => one == other,
            (Value::Float(one), Value::Float(other)) => one == other,
            (Value::Text(one), Value::Text(other)) => one == other,
            (Value::Array(one), Value::Array(other)) => all(one, other)?,
            (Value::Data(one, fields), Value::Data(other, others)) => {
                one == other && all(fields, others)?
            }
            _ => return None,
        })
    }
}

impl Value {
    /// As `show` has it; `None` where that is not known here.
    pub fn shown(&self) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        self.show_into(&mut text)?;
        Some(text)
    }

    fn show_into(&self, to: &mut Vec<u8>) -> Option<()> {
        let list = |to: &mut Vec<u8>, items: &[Value]| -> Option<()> {
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    to.extend(b", ");
                }
                item.show_into(to)?;
            }
            Some(())
        };
        match self {
            Value::Unit => to.extend(b"()"),
            Value::Bool(it) => to.extend(it.to_string().bytes()),
            Value::Int(it) => to.extend(it.to_string().bytes()),
            Value::Byte(it) if it.is_ascii() => to.push(*it),
            Value::Float(it) => to.extend(float(*it)?.bytes()),
            Value::Text(it) => to.extend(&**it),
            Value::Array(items) => {
                to.push(b'[');
                list(to, items)?;
                to.push(b']');
            }
            Value::Data(name, fields) if &**name == "Tuple" => {
                to.push(b'(');
                list(to, fields)?;
                to.push(b')');
            }
            Value::Data(name, fields) => {
                to.extend(name.bytes());
                if !fields.is_empty() {
                    to.push(b'(');
                    list(to, fields)?;
                    to.push(b')');
                }
            }
            Value::Byte(_) | Value::Function(_) | Value::Map(_) | Value::Set(_) => return None,
        }
        Some(())
    }
}

/// A float as Vera spells it, where six digits behind the point say all of it: what
/// comes of the others depends on how they are rounded, which is not specified.
pub fn float(it: f64) -> Option<String> {
    if it.is_nan() {
        return Some("nan".to_owned());
    }
    if it.is_infinite() {
        return Some(if it > 0.0 { "inf" } else { "-inf" }.to_owned());
    }
    let scaled = it * 64.0;
    let exact = scaled.fract() == 0.0 && scaled.abs() < 2_f64.powi(50);
    // The sign of a zero is not specified.
    if !exact || (it == 0.0 && it.is_sign_negative()) {
        return None;
    }
    let digits = format!("{it:.6}");
    let trimmed = digits.trim_end_matches('0');
    Some(match trimmed.strip_suffix('.') {
        Some(whole) => format!("{whole}.0"),
        None => trimmed.to_owned(),
    })
}
