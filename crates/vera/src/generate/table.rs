//! What the language's functions take and give.

use crate::tree::Type;
use crate::types::parse;

/// A function of the language whose result is specified.
#[derive(Debug)]
pub struct Builtin {
    /// What it is called.
    pub name: &'static str,
    /// What it takes.
    pub params: Vec<Type>,
    /// What it gives.
    pub returns: Type,
    /// Which feature it belongs to.
    pub feature: &'static str,
}

/// A number so small that what it counts stays small, where a type is asked for.
pub const SMALL: &str = "Small";

/// Feature, name, parameters, result. Names of one letter are any type; `K` is one that
/// can be a key, `E` one that has equality, `O` one that has an order, `S` one that can
/// be shown.
const ALL: &[(&str, &str, &[&str], &str)] = &[
    ("core", "abs", &["Int"], "Nat"),
    ("core", "min", &["Int", "Int"], "Int"),
    ("core", "max", &["Int", "Int"], "Int"),
    ("core", "sign", &["Int"], "Int"),
    ("core", "nat_to_int", &["Nat"], "Int"),
    ("core", "int_to_nat", &["Int"], "Option<Nat>"),
    ("arrays", "array_append", &["Array<T>", "T"], "Array<T>"),
    (
        "arrays",
        "array_concat",
        &["Array<T>", "Array<T>"],
        "Array<T>",
    ),
    ("arrays", "array_reverse", &["Array<T>"], "Array<T>"),
    (
        "arrays",
        "array_slice",
        &["Array<T>", "Small", "Small"],
        "Array<T>",
    ),
    ("arrays", "array_range", &["Small", "Small"], "Array<Int>"),
    ("arrays", "array_length", &["Array<T>"], "Int"),
    ("arrays", "array_flatten", &["Array<Array<T>>"], "Array<T>"),
    (
        "folds",
        "array_map",
        &["Array<A>", "fn(A -> B) effects(pure)"],
        "Array<B>",
    ),
    (
        "folds",
        "array_mapi",
        &["Array<A>", "fn(A, Nat -> B) effects(pure)"],
        "Array<B>",
    ),
    (
        "folds",
        "array_filter",
        &["Array<T>", "fn(T -> Bool) effects(pure)"],
        "Array<T>",
    ),
    (
        "folds",
        "array_fold",
        &["Array<T>", "U", "fn(U, T -> U) effects(pure)"],
        "U",
    ),
    (
        "folds",
        "array_all",
        &["Array<T>", "fn(T -> Bool) effects(pure)"],
        "Bool",
    ),
    (
        "folds",
        "array_any",
        &["Array<T>", "fn(T -> Bool) effects(pure)"],
        "Bool",
    ),
    (
        "folds",
        "array_find",
        &["Array<T>", "fn(T -> Bool) effects(pure)"],
        "Option<T>",
    ),
    (
        "folds",
        "array_sort_by",
        &["Array<Int>", "fn(Int, Int -> Ordering) effects(pure)"],
        "Array<Int>",
    ),
    ("options", "option_unwrap_or", &["Option<T>", "T"], "T"),
    (
        "options",
        "option_map",
        &["Option<A>", "fn(A -> B) effects(pure)"],
        "Option<B>",
    ),
    (
        "options",
        "option_and_then",
        &["Option<A>", "fn(A -> Option<B>) effects(pure)"],
        "Option<B>",
    ),
    ("options", "result_unwrap_or", &["Result<T, E>", "T"], "T"),
    (
        "options",
        "result_map",
        &["Result<A, E>", "fn(A -> B) effects(pure)"],
        "Result<B, E>",
    ),
    ("abilities", "compare", &["O", "O"], "Ordering"),
    ("abilities", "eq", &["E", "E"], "Bool"),
    ("abilities", "show", &["S"], "String"),
    ("text", "string_length", &["String"], "Nat"),
    ("text", "string_concat", &["String", "String"], "String"),
    ("text", "string_contains", &["String", "String"], "Bool"),
    ("text", "string_starts_with", &["String", "String"], "Bool"),
    ("text", "string_ends_with", &["String", "String"], "Bool"),
    (
        "text",
        "string_index_of",
        &["String", "String"],
        "Option<Nat>",
    ),
    ("text", "string_upper", &["String"], "String"),
    ("text", "string_lower", &["String"], "String"),
    (
        "text",
        "string_replace",
        &["String", "String", "String"],
        "String",
    ),
    (
        "text",
        "string_split",
        &["String", "String"],
        "Array<String>",
    ),
    (
        "text",
        "string_join",
        &["Array<String>", "String"],
        "String",
    ),
    ("text", "string_strip", &["String"], "String"),
    ("text", "string_trim_start", &["String"], "String"),
    ("text", "string_trim_end", &["String"], "String"),
    ("text", "string_chars", &["String"], "Array<String>"),
    ("text", "string_words", &["String"], "Array<String>"),
    ("text", "char_to_upper", &["String"], "String"),
    ("text", "is_digit", &["String"], "Bool"),
    ("text", "is_alpha", &["String"], "Bool"),
    ("text", "to_string", &["Int"], "String"),
    ("text", "bool_to_string", &["Bool"], "String"),
    ("text", "nat_to_string", &["Nat"], "String"),
    ("bytes", "byte_to_int", &["Byte"], "Int"),
    ("bytes", "int_to_byte", &["Int"], "Option<Byte>"),
    ("bytes", "string_to_bytes", &["String"], "Array<Byte>"),
    ("floats", "int_to_float", &["Small"], "Float64"),
    ("floats", "floor", &["Float64"], "Int"),
    ("floats", "ceil", &["Float64"], "Int"),
    ("floats", "round", &["Float64"], "Int"),
    ("floats", "float_to_int", &["Float64"], "Int"),
    ("floats", "float_is_nan", &["Float64"], "Bool"),
    ("maps", "map_insert", &["Map<K, V>", "K", "V"], "Map<K, V>"),
    ("maps", "map_get", &["Map<K, V>", "K"], "Option<V>"),
    ("maps", "map_contains", &["Map<K, V>", "K"], "Bool"),
    ("maps", "map_remove", &["Map<K, V>", "K"], "Map<K, V>"),
    ("maps", "map_size", &["Map<K, V>"], "Int"),
    ("sets", "set_add", &["Set<K>", "K"], "Set<K>"),
    ("sets", "set_contains", &["Set<K>", "K"], "Bool"),
    ("sets", "set_remove", &["Set<K>", "K"], "Set<K>"),
    ("sets", "set_size", &["Set<K>"], "Int"),
];

/// All of them.
pub fn all() -> Vec<Builtin> {
    let ty = |text: &str| parse(text).expect("the table is in Vera's syntax");
    let one =
        |(feature, name, params, returns): &(&'static str, &'static str, &[&str], &str)| Builtin {
            name,
            params: params.iter().map(|it| ty(it)).collect(),
            returns: ty(returns),
            feature,
        };
    ALL.iter().map(one).collect()
}
