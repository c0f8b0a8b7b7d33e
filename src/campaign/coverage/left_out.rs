//! What no scenario is to reach, and why.

/// The type is of no size, or of two words where the host keeps one.
const REFUSED: &str = "Vera refuses the type in this role";

const UNORDERED: &str = "Vera has order of numbers and texts alone";
const UNSHOWN: &str = "Vera takes texts, numbers and truths alone as parts of a text";
const REFUSED_STATE: &str = "Vera refuses texts and arrays as a state";

/// What is left out: the kind of thing, its name with `*` for any text, and why.
const LEFT_OUT: &[(&str, &str, &str)] = &[
    ("operations", "Http.*", "asks the network"),
    ("operations", "Inference.*", "asks a model over the network"),
    ("operations", "DB.*", "needs a database"),
    ("effects", "Http", "asks the network"),
    ("effects", "HttpServer", "serves the network"),
    ("effects", "Inference", "asks a model over the network"),
    ("effects", "DB", "needs a database"),
    ("nodes", "HoleExpr", "a program with a hole is refused"),
    (
        "files",
        "codegen/wasi.py",
        "for another target than modules for Vera's own host",
    ),
    (
        "files",
        "runtime/wasi_host.py",
        "for another target than modules for Vera's own host",
    ),
    ("files", "runtime/http.py", "asks the network"),
    ("files", "runtime/async_http.py", "asks the network"),
    ("files", "runtime/server.py", "serves the network"),
    (
        "files",
        "runtime/inference.py",
        "asks a model over the network",
    ),
    ("files", "runtime/db.py", "needs a database"),
    ("types", "Never *", "has no values"),
    (
        "nodes",
        "QualifiedEffectRef*",
        "no effect has a qualified name",
    ),
    ("types", "Array as key", REFUSED),
    ("types", "Array as value", REFUSED),
    ("types", "Unit as element", REFUSED),
    ("types", "Unit as key", REFUSED),
    ("types", "Unit as value", REFUSED),
    ("types", "Unit as capture", REFUSED),
    ("types", "Unit as state", REFUSED),
    ("types", "Unit as exception", REFUSED),
    ("types", "String as state", REFUSED),
    ("types", "Array as state", REFUSED),
    ("types", "Request *", "serves the network"),
    ("types", "Response *", "serves the network"),
    ("contexts", "array in ==", "arrays have no equality"),
    ("contexts", "constructor in <", UNORDERED),
    ("contexts", "nullary in <", UNORDERED),
    ("contexts", "array in <", UNORDERED),
    ("contexts", "constructor in interpolation", UNSHOWN),
    ("contexts", "nullary in interpolation", UNSHOWN),
    ("contexts", "array in interpolation", UNSHOWN),
    (
        "contexts",
        "interpolation in interpolation",
        "no text in quotes stands in a part of a text",
    ),
    ("contexts", "interpolation in state", REFUSED_STATE),
    ("contexts", "interpolation in with", REFUSED_STATE),
    ("contexts", "array in state", REFUSED_STATE),
    ("contexts", "array in with", REFUSED_STATE),
    (
        "contexts",
        "operation in assert",
        "Vera refuses effects in a predicate",
    ),
];

/// Why no scenario is to reach this; `None` where one should.
pub fn left_out(kind: &str, name: &str) -> Option<&'static str> {
    let is_meant = |pattern: &str| match pattern.split_once('*') {
        Some((before, after)) => {
            name.len() >= pattern.len() - 1 && name.starts_with(before) && name.ends_with(after)
        }
        None => pattern == name,
    };
    let of = match kind {
        // Functions and sites are named by their file first.
        "functions" | "roots" | "allocations" | "loops" | "host calls" => {
            let file = name.split(':').next().unwrap_or(name);
            return left_out("files", file);
        }
        other => other,
    };
    LEFT_OUT
        .iter()
        .find(|(kind, pattern, _)| *kind == of && is_meant(pattern))
        .map(|(.., why)| *why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_says_why_and_nothing_else_is() {
        assert_eq!(left_out("operations", "Http.get"), Some("asks the network"));
        assert_eq!(left_out("operations", "State.get"), None);
        assert_eq!(left_out("builtins", "Http.get"), None);
        let site = left_out("roots", "runtime/db.py:12 Db.query");
        assert_eq!(site, Some("needs a database"));
        assert_eq!(left_out("types", "Never as key"), Some("has no values"));
        assert_eq!(left_out("types", "Nat as key"), None);
        assert_eq!(left_out("contexts", "fold in <"), None);
        assert_eq!(left_out("contexts", "array in <"), Some(UNORDERED));
    }
}
