//! Holds lines to their schema.
//!
//! It knows the words of JSON Schema that ours has, and stops at any other: there
//! is nothing in the schema that is not looked at. A whole implementation would
//! change the features of what the tested binary is built from.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Map, Value};

/// The keys of an object that the schema speaks of.
type Keys = BTreeSet<String>;

/// A schema.
pub struct Validator(Value);

impl Validator {
    pub fn new(schema: &str) -> Validator {
        Validator(serde_json::from_str(schema).unwrap())
    }

    /// What of a line is not as the schema says. Stricter than a validator is, a
    /// key of which the schema says nothing is wrong too.
    pub fn check(&self, line: &Value) -> Result<(), String> {
        self.whole(&self.0, line, "")
    }

    /// A value that no other part of the schema speaks of.
    fn whole(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let known = self.part(schema, value, at)?;
        let mut keys = value.as_object().into_iter().flat_map(Map::keys);
        match keys.find(|key| !known.contains(*key)) {
            Some(odd) => Err(format!("{at}/{odd}: the schema has no such key")),
            None => Ok(()),
        }
    }

    fn part(&self, schema: &Value, value: &Value, at: &str) -> Result<Keys, String> {
        let mut keys = Keys::new();
        let schema = match schema {
            Value::Object(schema) => schema,
            Value::Bool(true) => return Ok(keys_of(value)),
            _ => return Err(format!("{at}: there must be nothing")),
        };
        // What it says itself comes before what it refers to: that tells events apart.
        let refers = |(word, _): &(&String, &Value)| *word == "$ref";
        let own = schema.iter().filter(|it| !refers(it));
        for (word, said) in own.chain(schema.iter().filter(refers)) {
            let fits = match word.as_str() {
                "$schema" | "$defs" | "title" | "description" | "default" | "format" => true,
                "$ref" => {
                    keys.extend(self.part(self.named(said), value, at)?);
                    true
                }
                "const" => value == said,
                "enum" => list(said).contains(value),
                "type" => match said {
                    Value::Array(types) => types.iter().any(|it| is(value, it)),
                    one => is(value, one),
                },
                "minimum" => !value.is_number() || value.as_f64() >= said.as_f64(),
                "maximum" => !value.is_number() || value.as_f64() <= said.as_f64(),
                "pattern" => {
                    let pattern = Regex::new(said.as_str().unwrap()).unwrap();
                    value.as_str().is_none_or(|text| pattern.is_match(text))
                }
                "minItems" => value.as_array().is_none_or(|it| it.len() >= number(said)),
                "maxItems" => value.as_array().is_none_or(|it| it.len() <= number(said)),
                "required" => {
                    let has = |key: &&Value| value.get(key.as_str().unwrap()).is_none();
                    let missing = list(said).iter().find(has);
                    match missing.filter(|_| value.is_object()) {
                        Some(key) => return Err(format!("{at}: {key} is missing")),
                        None => true,
                    }
                }
                "properties" => {
                    for (key, schema) in said.as_object().unwrap() {
                        if let Some(inner) = value.get(key) {
                            self.whole(schema, inner, &format!("{at}/{key}"))?;
                            keys.insert(key.clone());
                        }
                    }
                    true
                }
                "additionalProperties" => {
                    let named = schema.get("properties").and_then(Value::as_object);
                    for (key, inner) in value.as_object().into_iter().flatten() {
                        if named.is_none_or(|named| !named.contains_key(key)) {
                            self.whole(said, inner, &format!("{at}/{key}"))?;
                            keys.insert(key.clone());
                        }
                    }
                    true
                }
                "items" | "prefixItems" => {
                    let first = schema.get("prefixItems").map_or(0, |it| list(it).len());
                    for (place, inner) in value.as_array().into_iter().flatten().enumerate() {
                        let schema = match word.as_str() {
                            "items" => (place >= first).then_some(said),
                            _ => list(said).get(place),
                        };
                        if let Some(schema) = schema {
                            self.whole(schema, inner, &format!("{at}/{place}"))?;
                        }
                    }
                    true
                }
                "oneOf" | "anyOf" => {
                    let of = list(said).iter().map(|it| self.part(it, value, at));
                    let (fit, not): (Vec<_>, Vec<_>) = of.partition(Result::is_ok);
                    if fit.is_empty() {
                        // What is of the same event was meant, then what went farthest.
                        let errors = not.into_iter().filter_map(Result::err);
                        let deepest = errors
                            .max_by_key(|it| (!it.starts_with("/event:"), it.matches('/').count()));
                        return Err(deepest.unwrap());
                    }
                    let once = fit.len() == 1;
                    keys.extend(fit.into_iter().flatten().flatten());
                    once || word == "anyOf"
                }
                other => panic!("`{other}` in the schema is not looked at"),
            };
            if !fits {
                return Err(format!("{at}: {value} is not {word} {said}"));
            }
        }
        Ok(keys)
    }

    /// What `#/$defs/Name` names.
    fn named(&self, reference: &Value) -> &Value {
        let place = reference.as_str().unwrap().strip_prefix('#').unwrap();
        let named = self.0.pointer(place);
        named.unwrap_or_else(|| panic!("there is no {reference}"))
    }
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type {other}"),
    }
}

fn keys_of(value: &Value) -> Keys {
    let keys = value.as_object().into_iter().flat_map(Map::keys);
    keys.cloned().collect()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}
