//! A sentence without what differs from program to program, and from n to n.

/// A sentence without names and numbers: each number is `#`, what stands in quotes
/// is `_`, and places in files are left out.
pub fn skeleton(text: &str) -> String {
    let words = text
        .split_whitespace()
        .filter(|word| !word.contains(".vera:"));
    let text = words.collect::<Vec<_>>().join(" ");
    let mut bare = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let begins_word = !bare.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let (piece, length) = quoted(rest, begins_word)
            .map(|length| ("_", length))
            .or_else(|| Some(("#", number(rest).filter(|_| begins_word)?)))
            .unwrap_or((&rest[..first.len_utf8()], first.len_utf8()));
        bare.push_str(piece);
        rest = &rest[length..];
    }
    bare
}

/// How long the quotation is that a text begins with. What begins with an
/// apostrophe inside a word is none.
fn quoted(text: &str, begins_word: bool) -> Option<usize> {
    let mark = text
        .chars()
        .next()
        .filter(|c| matches!(c, '`' | '"') || *c == '\'' && begins_word)?;
    let inner = &text[1..];
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == mark => return Some(at + 2),
            _ => {}
        }
    }
    None
}

/// How long the number is that a text begins with, its sign and unit included.
fn number(text: &str) -> Option<usize> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | '_');
    let end = digits.find(|c| !inside(c)).unwrap_or(digits.len());
    let digits = digits[..end].trim_end_matches(['.', ',']);
    let sign = usize::from(text.starts_with('-'));
    Some(sign + digits.len())
}

#[cfg(test)]
mod tests {
    use super::skeleton;

    #[test]
    fn numbers_names_and_places_are_left_out() {
        for (text, bare) in [
            ("expected 497010, got -21123", "expected #, got #"),
            (
                "stdout line 2: expected \"line \\\" 2\", got nothing more (21 bytes expected, 14 came)",
                "stdout line #: expected _, got nothing more (# bytes expected, # came)",
            ),
            (
                "load of 8 bytes at byte 8 of the freed block at 0x1c",
                "load of # bytes at byte # of the freed block at #",
            ),
            (
                "main.vera:4:3: cannot infer the type of `f` [E602]",
                "cannot infer the type of _ [E602]",
            ),
            ("i32.const at 5s, n^1.55", "i32.const at #, n^#"),
            (
                "Vera's host and the module's heap",
                "Vera's host and the module's heap",
            ),
            ("the name 'x' is free", "the name _ is free"),
            ("", ""),
        ] {
            assert_eq!(skeleton(text), bare);
        }
    }
}
