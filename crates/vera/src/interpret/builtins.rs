//! The functions that the language has, but for those on text.

use std::cmp::Ordering;
use std::rc::Rc;

use super::value::Value;
use super::{Evaluated, Machine, Signal, discard, texts};

/// How long an array may be.
const LONGEST: i64 = 100_000;

impl Machine<'_> {
    /// Calls a function of the language.
    pub(super) fn builtin(&mut self, name: &str, values: &[Value]) -> Evaluated {
        let is_negative = |at: &usize| matches!(values.get(*at), Some(Value::Int(it)) if *it < 0);
        if naturals(name).iter().any(is_negative) {
            return Err(Signal::Trap("nat_guard"));
        }
        if let Some(done) = self.of_arrays(name, values) {
            return done;
        }
        if let Some(done) = self.of_data(name, values) {
            return done;
        }
        if let Some(done) = of_collections(name, values) {
            return done;
        }
        if let Some(done) = of_numbers(name, values) {
            return done;
        }
        if let Some(done) = texts::called(name, values) {
            return done;
        }
        discard(format!("{name} is not known here"))
    }

    fn is_true(&mut self, function: &Value, args: Vec<Value>) -> Result<bool, Signal> {
        match self.apply(function, args)? {
            Value::Bool(it) => Ok(it),
            _ => discard("a predicate returns no Bool"),
        }
    }

    fn of_arrays(&mut self, name: &str, values: &[Value]) -> Option<Evaluated> {
        Some(match (name, values) {
            ("array_length", [Value::Array(items)]) => Ok(Value::Int(items.len() as i64)),
            ("array_append", [Value::Array(items), item]) => Ok(Value::array(
                [&**items, std::slice::from_ref(item)].concat(),
            )),
            ("array_concat", [Value::Array(one), Value::Array(other)]) => {
                Ok(Value::array([&**one, &**other].concat()))
            }
            ("array_reverse", [Value::Array(items)]) => {
                Ok(Value::array(items.iter().rev().cloned().collect()))
            }
            ("array_range", [Value::Int(from), Value::Int(to)]) => {
                if to.saturating_sub(*from) > LONGEST {
                    return Some(discard("an array is too long"));
                }
                Ok(Value::array((*from..*to).map(Value::Int).collect()))
            }
            ("array_slice", [Value::Array(items), Value::Int(from), Value::Int(to)]) => {
                let length = items.len() as i64;
                let (from, to) = ((*from).clamp(0, length), (*to).clamp(0, length));
                let part = items.get(from as usize..to as usize);
                Ok(Value::array(part.unwrap_or_default().to_vec()))
            }
            ("array_flatten", [Value::Array(items)]) => {
                let mut all = Vec::new();
                for item in items.iter() {
                    let Value::Array(inner) = item else {
                        return Some(discard("what is flattened holds no arrays"));
                    };
                    all.extend(inner.iter().cloned());
                }
                Ok(Value::array(all))
            }
            ("array_map", [Value::Array(items), function]) => {
                let mapped = items
                    .iter()
                    .map(|it| self.apply(function, vec![it.clone()]));
                mapped
                    .collect::<Result<Vec<Value>, Signal>>()
                    .map(Value::array)
            }
            ("array_mapi", [Value::Array(items), function]) => {
                let items = items.iter().enumerate();
                let mapped = items
                    .map(|(at, it)| self.apply(function, vec![it.clone(), Value::Int(at as i64)]));
                mapped
                    .collect::<Result<Vec<Value>, Signal>>()
                    .map(Value::array)
            }
            ("array_filter", [Value::Array(items), function]) => {
                let mut kept = Vec::new();
                for item in items.iter() {
                    match self.is_true(function, vec![item.clone()]) {
                        Ok(true) => kept.push(item.clone()),
                        Ok(false) => {}
                        Err(why) => return Some(Err(why)),
                    }
                }
                Ok(Value::array(kept))
            }
            ("array_fold", [Value::Array(items), first, function]) => {
                items.iter().try_fold(first.clone(), |held, item| {
                    self.apply(function, vec![held, item.clone()])
                })
            }
            ("array_all" | "array_any" | "array_find", [Value::Array(items), function]) => {
                let sought = name != "array_all";
                let mut found = None;
                for item in items.iter() {
                    match self.is_true(function, vec![item.clone()]) {
                        Ok(it) if it == sought => {
                            found = Some(item.clone());
                            break;
                        }
                        Ok(_) => {}
                        Err(why) => return Some(Err(why)),
                    }
                }
                Ok(match name {
                    "array_find" => Value::option(found),
                    _ => Value::Bool(found.is_some() == sought),
                })
            }
            ("array_sort_by", [Value::Array(items), function]) => {
                self.sorted(items.to_vec(), function).map(Value::array)
            }
            ("apply_fn", [function, arguments @ ..]) => self.apply(function, arguments.to_vec()),
            _ => return None,
        })
    }

    /// Sorts without moving what is equal, by insertion.
    fn sorted(&mut self, items: Vec<Value>, function: &Value) -> Result<Vec<Value>, Signal> {
        let mut sorted: Vec<Value> = Vec::new();
        for item in items {
            let mut at = sorted.len();
            while at > 0 {
                let args = vec![sorted[at - 1].clone(), item.clone()];
                match self.apply(function, args)? {
                    Value::Data(name, _) if &*name == "Greater" => at -= 1,
                    _ => break,
                }
            }
            sorted.insert(at, item);
        }
        Ok(sorted)
    }

    fn of_data(&mut self, name: &str, values: &[Value]) -> Option<Evaluated> {
        Some(match (name, values) {
            ("option_unwrap_or" | "result_unwrap_or", [Value::Data(own, fields), other]) => {
                Ok(match &**own {
                    "Some" | "Ok" => fields[0].clone(),
                    _ => other.clone(),
                })
            }
            ("option_map" | "result_map", [whole @ Value::Data(own, fields), function]) => {
                match &**own {
                    "Some" | "Ok" => self
                        .apply(function, vec![fields[0].clone()])
                        .map(|it| Value::data(own, vec![it])),
                    _ => Ok(whole.clone()),
                }
            }
            ("option_and_then", [whole @ Value::Data(own, fields), function]) => match &**own {
                "Some" => self.apply(function, vec![fields[0].clone()]),
                _ => Ok(whole.clone()),
            },
            ("eq", [one, other]) => match one.same(other) {
                Some(same) => Ok(Value::Bool(same)),
                None => discard("what is compared has no equality here"),
            },
            ("compare", [one, other]) => match ordered(one, other) {
                Some(ordering) => Ok(Value::data(
                    match ordering {
                        Ordering::Less => "Less",
                        Ordering::Equal => "Equal",
                        Ordering::Greater => "Greater",
                    },
                    Vec::new(),
                )),
                None => discard("what is compared has no order here"),
            },
            ("show", [value]) => match value.shown() {
                Some(text) => Ok(Value::text(text)),
                None => discard("how a value is shown is not known here"),
            },
            ("async" | "await", [value]) => Ok(value.clone()),
            _ => return None,
        })
    }

    pub(super) fn quantified(
        &mut self,
        word: &str,
        domain: &Value,
        predicate: &Value,
    ) -> Evaluated {
        let items: Vec<Value> = match domain {
            Value::Int(count) if (0..=LONGEST).contains(count) => {
                (0..*count).map(Value::Int).collect()
            }
            Value::Array(items) => items.to_vec(),
            _ => return discard("a domain is not known here"),
        };
        let sought = word == "exists";
        for item in items {
            if self.is_true(predicate, vec![item])? == sought {
                return Ok(Value::Bool(sought));
            }
        }
        Ok(Value::Bool(!sought))
    }
}

/// The parameters of a function of the language that are a Nat, by their place.
fn naturals(name: &str) -> &'static [usize] {
    match name {
        "nat_to_int" | "nat_to_string" | "string_from_char_code" => &[0],
        "string_repeat" | "string_pad_start" | "string_pad_end" => &[1],
        "string_slice" => &[1, 2],
        _ => &[],
    }
}

fn ordered(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Int(one), Value::Int(other)) => Some(one.cmp(other)),
        (Value::Byte(one), Value::Byte(other)) => Some(one.cmp(other)),
        (Value::Text(one), Value::Text(other)) => Some(one.cmp(other)),
        (Value::Float(one), Value::Float(other)) => one.partial_cmp(other),
        _ => None,
    }
}

/// Whether a key is one float of several that are equal, or of those that nothing is
/// equal to: which of them are one key is not specified.
fn is_odd(key: &Value) -> bool {
    matches!(key, Value::Float(it) if it.is_nan() || *it == 0.0)
}

/// Where a key is.
fn place<'a>(mut keys: impl Iterator<Item = &'a Value>, key: &Value) -> Option<usize> {
    keys.position(|it| it.same(key) == Some(true))
}

fn of_collections(name: &str, values: &[Value]) -> Option<Evaluated> {
    let map = |it: Vec<(Value, Value)>| Ok(Value::Map(Rc::new(it)));
    let set = |it: Vec<Value>| Ok(Value::Set(Rc::new(it)));
    if values.get(1).is_some_and(is_odd) && (name.starts_with("map_") || name.starts_with("set_")) {
        return Some(discard("which floats are one key is not specified"));
    }
    Some(match (name, values) {
        ("map_new", []) => map(Vec::new()),
        ("set_new", []) => set(Vec::new()),
        ("map_insert", [Value::Map(entries), key, value]) => {
            let mut entries = entries.to_vec();
            match place(entries.iter().map(|it| &it.0), key) {
                Some(at) => entries[at].1 = value.clone(),
                None => entries.push((key.clone(), value.clone())),
            }
            map(entries)
        }
        ("map_remove", [Value::Map(entries), key]) => {
            let mut entries = entries.to_vec();
            if let Some(at) = place(entries.iter().map(|it| &it.0), key) {
                entries.remove(at);
            }
            map(entries)
        }
        ("map_get" | "map_contains", [Value::Map(entries), key]) => {
            let at = place(entries.iter().map(|it| &it.0), key);
            Ok(match name {
                "map_get" => Value::option(at.map(|at| entries[at].1.clone())),
                _ => Value::Bool(at.is_some()),
            })
        }
        ("map_size", [Value::Map(entries)]) => Ok(Value::Int(entries.len() as i64)),
        // The order of what a map or a set holds is not specified.
        ("map_keys", [Value::Map(entries)]) if entries.len() < 2 => Ok(Value::array(
            entries.iter().map(|it| it.0.clone()).collect(),
        )),
        ("map_values", [Value::Map(entries)]) if entries.len() < 2 => Ok(Value::array(
            entries.iter().map(|it| it.1.clone()).collect(),
        )),
        ("set_to_array", [Value::Set(items)]) if items.len() < 2 => {
            Ok(Value::array(items.to_vec()))
        }
        ("map_keys" | "map_values" | "set_to_array", _) => discard("an order is not specified"),
        ("set_add", [Value::Set(items), item]) => {
            let mut items = items.to_vec();
            if place(items.iter(), item).is_none() {
                items.push(item.clone());
            }
            set(items)
        }
        ("set_remove", [Value::Set(items), item]) => {
            let mut items = items.to_vec();
            if let Some(at) = place(items.iter(), item) {
                items.remove(at);
            }
            set(items)
        }
        ("set_contains", [Value::Set(items), item]) => {
            Ok(Value::Bool(place(items.iter(), item).is_some()))
        }
        ("set_size", [Value::Set(items)]) => Ok(Value::Int(items.len() as i64)),
        _ => return None,
    })
}

fn of_numbers(name: &str, values: &[Value]) -> Option<Evaluated> {
    let int = |it: i64| Ok(Value::Int(it));
    let truncated = |it: f64| {
        // The limits themselves are floats.
        if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&it) {
            Ok(Value::Int(it as i64))
        } else {
            Err(Signal::Trap("float_conversion"))
        }
    };
    Some(match (name, values) {
        ("abs", [Value::Int(it)]) => match it.checked_abs() {
            Some(it) => int(it),
            None => discard("the absolute value of the smallest Int"),
        },
        ("min", [Value::Int(one), Value::Int(other)]) => int(*one.min(other)),
        ("max", [Value::Int(one), Value::Int(other)]) => int(*one.max(other)),
        ("sign", [Value::Int(it)]) => int(it.signum()),
        ("clamp", [Value::Int(it), Value::Int(low), Value::Int(high)]) if low <= high => {
            int((*it).clamp(*low, *high))
        }
        ("nat_to_int", [Value::Int(it)]) => int(*it),
        ("byte_to_int", [Value::Byte(it)]) => int(i64::from(*it)),
        ("int_to_nat", [Value::Int(it)]) => {
            Ok(Value::option((*it >= 0).then_some(Value::Int(*it))))
        }
        ("int_to_byte", [Value::Int(it)]) => {
            Ok(Value::option(u8::try_from(*it).ok().map(Value::Byte)))
        }
        ("int_to_float", [Value::Int(it)]) => Ok(Value::Float(*it as f64)),
        ("float_to_int", [Value::Float(it)]) => truncated(it.trunc()),
        ("floor", [Value::Float(it)]) => truncated(it.floor()),
        ("ceil", [Value::Float(it)]) => truncated(it.ceil()),
        ("round", [Value::Float(it)]) => truncated(it.round_ties_even()),
        ("sqrt", [Value::Float(it)]) => Ok(Value::Float(it.sqrt())),
        ("float_is_nan", [Value::Float(it)]) => Ok(Value::Bool(it.is_nan())),
        ("float_is_infinite", [Value::Float(it)]) => Ok(Value::Bool(it.is_infinite())),
        ("nan", []) => Ok(Value::Float(f64::NAN)),
        ("infinity", []) => Ok(Value::Float(f64::INFINITY)),
        _ => return None,
    })
}
