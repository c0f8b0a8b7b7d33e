//! The functions that the language has on text: bytes, of which those of ASCII are
//! letters.

use super::value::Value;
use super::{Evaluated, Signal, discard};

/// How long a text may be.
const LONGEST: usize = 1 << 20;

/// What the language takes for white space.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// Where `sought` begins first.
fn index_of(text: &[u8], sought: &[u8]) -> Option<usize> {
    if sought.is_empty() {
        return Some(0);
    }
    text.windows(sought.len()).position(|it| it == sought)
}

/// The parts between what separates them; the whole where nothing does.
fn split(text: &[u8], by: &[u8]) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = index_of(rest, by).filter(|_| !by.is_empty()) {
        parts.push(Value::text(&rest[..at]));
        rest = &rest[at + by.len()..];
    }
    parts.push(Value::text(rest));
    parts
}

fn padding(length: usize, wanted: i64, fill: &[u8]) -> Option<Vec<u8>> {
    let wanted = usize::try_from(wanted).ok().filter(|it| *it <= LONGEST)?;
    let missing = wanted.saturating_sub(length);
    Some(fill.iter().copied().cycle().take(missing).collect())
}

/// Calls a function on text; `None` where it is none that is known.
pub fn called(name: &str, values: &[Value]) -> Option<Evaluated> {
    let text = |bytes: &[u8]| Ok(Value::text(bytes));
    let int = |it: usize| Ok(Value::Int(it as i64));
    let first = |it: &[u8], is: fn(&u8) -> bool| Ok(Value::Bool(it.first().is_some_and(is)));
    let spelled = |it: &Value| match it.shown() {
        Some(text) => Ok(Value::text(text)),
        None => discard("how a value is spelled is not known here"),
    };
    Some(match (name, values) {
        ("to_string" | "int_to_string" | "nat_to_string", [it @ Value::Int(_)])
        | ("bool_to_string", [it @ Value::Bool(_)])
        | ("byte_to_string", [it @ Value::Byte(_)])
        | ("float_to_string", [it @ Value::Float(_)]) => spelled(it),
        ("string_length", [Value::Text(it)]) => int(it.len()),
        ("string_concat", [Value::Text(one), Value::Text(other)]) => {
            if one.len() + other.len() > LONGEST {
                return Some(discard("a text is too long"));
            }
            text(&[&**one, &**other].concat())
        }
        ("string_char_code", [Value::Text(it), Value::Int(at)]) => {
            match usize::try_from(*at).ok().and_then(|at| it.get(at)) {
                Some(byte) => Ok(Value::Int(i64::from(*byte))),
                None => Err(Signal::Trap("string_index_out_of_bounds")),
            }
        }
        ("string_from_char_code", [Value::Int(code)]) if (0..128).contains(code) => {
            text(&[*code as u8])
        }
        ("string_contains", [Value::Text(it), Value::Text(sought)]) => {
            Ok(Value::Bool(index_of(it, sought).is_some()))
        }
        ("string_starts_with", [Value::Text(it), Value::Text(sought)]) => {
            Ok(Value::Bool(it.starts_with(sought)))
        }
        ("string_ends_with", [Value::Text(it), Value::Text(sought)]) => {
            Ok(Value::Bool(it.ends_with(sought)))
        }
        ("string_index_of", [Value::Text(it), Value::Text(sought)]) => Ok(Value::option(
            index_of(it, sought).map(|at| Value::Int(at as i64)),
        )),
        ("string_upper", [Value::Text(it)]) => text(&it.to_ascii_uppercase()),
        ("string_lower", [Value::Text(it)]) => text(&it.to_ascii_lowercase()),
        ("string_split", [Value::Text(it), Value::Text(by)]) => Ok(Value::array(split(it, by))),
        ("string_replace", [Value::Text(it), Value::Text(sought), Value::Text(by)]) => {
            if sought.is_empty() {
                return Some(text(it));
            }
            let parts = split(it, sought);
            joined(&parts, by)
        }
        ("string_join", [Value::Array(parts), Value::Text(by)]) => joined(parts, by),
        ("string_repeat", [Value::Text(it), Value::Int(times)]) => match usize::try_from(*times) {
            Ok(times) if times.saturating_mul(it.len()) <= LONGEST => text(&it.repeat(times)),
            _ => discard("a text is too long"),
        },
        ("string_reverse", [Value::Text(it)]) if it.is_ascii() => {
            text(&it.iter().rev().copied().collect::<Vec<u8>>())
        }
        ("string_pad_start", [Value::Text(it), Value::Int(to), Value::Text(fill)]) => {
            match padding(it.len(), *to, fill) {
                Some(padding) => text(&[&padding, &**it].concat()),
                None => discard("a text is too long"),
            }
        }
        ("string_pad_end", [Value::Text(it), Value::Int(to), Value::Text(fill)]) => {
            match padding(it.len(), *to, fill) {
                Some(padding) => text(&[&**it, &padding].concat()),
                None => discard("a text is too long"),
            }
        }
        ("string_trim_start", [Value::Text(it)]) => {
            let from = it.iter().position(|it| !is_space(*it)).unwrap_or(it.len());
            text(&it[from..])
        }
        ("string_trim_end", [Value::Text(it)]) => {
            let to = it
                .iter()
                .rposition(|it| !is_space(*it))
                .map_or(0, |at| at + 1);
            text(&it[..to])
        }
        ("string_strip", [Value::Text(it)]) => {
            let is_kept = |it: &u8| !matches!(it, b' ' | b'\t' | b'\n' | b'\r');
            let from = it.iter().position(is_kept).unwrap_or(it.len());
            let to = it.iter().rposition(is_kept).map_or(from, |at| at + 1);
            text(&it[from..to])
        }
        ("string_slice", [Value::Text(it), Value::Int(from), Value::Int(to)]) => {
            let length = it.len() as i64;
            let (from, to) = ((*from).clamp(0, length), (*to).clamp(0, length));
            text(it.get(from as usize..to as usize).unwrap_or_default())
        }
        ("string_chars", [Value::Text(it)]) => Ok(Value::array(
            it.iter().map(|it| Value::text([*it])).collect(),
        )),
        ("string_words", [Value::Text(it)]) => {
            let words = it.split(|it| is_space(*it)).filter(|it| !it.is_empty());
            Ok(Value::array(words.map(Value::text).collect()))
        }
        ("string_lines", [Value::Text(it)]) if !it.contains(&b'\r') => {
            let whole = it.strip_suffix(b"\n").unwrap_or(it);
            let lines = whole.split(|it| *it == b'\n').map(Value::text);
            Ok(Value::array(if it.is_empty() {
                Vec::new()
            } else {
                lines.collect()
            }))
        }
        ("string_to_bytes", [Value::Text(it)]) => {
            Ok(Value::array(it.iter().map(|it| Value::Byte(*it)).collect()))
        }
        ("char_to_upper", [Value::Text(it)]) => {
            let mut it = it.to_vec();
            it.iter_mut()
                .take(1)
                .for_each(|it| it.make_ascii_uppercase());
            text(&it)
        }
        ("char_to_lower", [Value::Text(it)]) => {
            let mut it = it.to_vec();
            it.iter_mut()
                .take(1)
                .for_each(|it| it.make_ascii_lowercase());
            text(&it)
        }
        ("is_digit", [Value::Text(it)]) => first(it, u8::is_ascii_digit),
        ("is_alpha", [Value::Text(it)]) => first(it, u8::is_ascii_alphabetic),
        ("is_alphanumeric", [Value::Text(it)]) => first(it, u8::is_ascii_alphanumeric),
        ("is_upper", [Value::Text(it)]) => first(it, u8::is_ascii_uppercase),
        ("is_lower", [Value::Text(it)]) => first(it, u8::is_ascii_lowercase),
        ("is_whitespace", [Value::Text(it)]) => first(it, |it| is_space(*it)),
        ("parse_nat" | "parse_int", [Value::Text(it)]) => parsed(it, name == "parse_int"),
        ("parse_bool", [Value::Text(it)]) => match &**it {
            b"true" => Ok(Value::result(Ok(Value::Bool(true)))),
            b"false" => Ok(Value::result(Ok(Value::Bool(false)))),
            _ => discard("what parse_bool says is not known here"),
        },
        _ => return None,
    })
}

fn joined(parts: &[Value], by: &[u8]) -> Evaluated {
    let mut whole = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let Value::Text(part) = part else {
            return discard("what is joined is no text");
        };
        if at > 0 {
            whole.extend(by);
        }
        whole.extend(&**part);
        if whole.len() > LONGEST {
            return discard("a text is too long");
        }
    }
    Ok(Value::text(whole))
}

/// Digits, after an optional sign where there may be one; what is said of others is
/// left out.
fn parsed(text: &[u8], signed: bool) -> Evaluated {
    let digits = match text {
        [b'-', digits @ ..] if signed => digits,
        digits => digits,
    };
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return discard("what a parser says is not known here");
    }
    let number = digits
        .iter()
        .fold(0, |held, it| held * 10 + i64::from(it - b'0'));
    let number = if digits.len() < text.len() {
        -number
    } else {
        number
    };
    Ok(Value::result(Ok(Value::Int(number))))
}
