//! The tokens of Rust, as far as the layers need them: without comments, with
//! what stands in brackets as one.

/// A token, or what stands in brackets.
#[derive(Clone, Debug)]
pub enum Token {
    /// A word; a lifetime is one, too.
    Word(String),
    /// A sign, by itself.
    Sign(char),
    /// A string, as it stands there.
    Text(String),
    /// The opening bracket, and what stands behind it.
    Group(char, Vec<Token>),
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Token::Word(text) | Token::Text(text) => f.write_str(text),
            Token::Sign(sign) => write!(f, "{sign}"),
            Token::Group(open, inner) => {
                write!(f, "{open}")?;
                inner.iter().try_for_each(|it| it.fmt(f))?;
                f.write_str(")")
            }
        }
    }
}

/// Reads the tokens of a file.
pub fn read(text: &str) -> Vec<Token> {
    let mut open = vec![('\0', Vec::new())];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            '(' | '[' | '{' => {
                open.push((first, Vec::new()));
                1
            }
            ')' | ']' | '}' => {
                let (bracket, inner) = open.pop().expect("brackets are balanced");
                push(&mut open, Token::Group(bracket, inner));
                1
            }
            _ if first.is_whitespace() => first.len_utf8(),
            _ => {
                let (token, length) = token(rest, first);
                push(&mut open, token);
                length
            }
        };
        rest = &rest[length..];
    }
    assert_eq!(open.len(), 1, "brackets are balanced");
    open.pop().expect("it is there").1
}

fn push(open: &mut [(char, Vec<Token>)], token: Token) {
    open.last_mut()
        .expect("brackets are balanced")
        .1
        .push(token);
}

/// The length of a comment, in which others may stand.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        let rest = &text[at..];
        match rest.as_bytes() {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => {
                at += rest
                    .chars()
                    .next()
                    .expect("a comment has an end")
                    .len_utf8();
            }
        }
        if depth == 0 {
            return at;
        }
    }
}

/// The token that stands first, which is no bracket, and its length.
fn token(text: &str, first: char) -> (Token, usize) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let letters = text.find(|c| !is_word(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at(letters);
    if first == '\'' {
        let mut inner = text[1..].chars();
        let (one, two) = (inner.next(), inner.next());
        return match (one, two) {
            (Some('\\'), _) => {
                let end = 3 + text[3..].find('\'').expect("a character has an end");
                (Token::Text(text[..=end].to_owned()), end + 1)
            }
            (Some(c), Some('\'')) => (Token::Text(c.to_string()), 2 + c.len_utf8()),
            _ => (Token::Sign('\''), 1),
        };
    }
    if ["r", "br", "cr"].contains(&word) && rest.starts_with(['"', '#']) {
        let signs = rest.find('"').unwrap_or(0);
        if rest[..signs].bytes().all(|it| it == b'#') && rest[signs..].starts_with('"') {
            let close = format!("\"{}", &rest[..signs]);
            let inner = &rest[signs + 1..];
            let end = inner.find(&close).expect("a string has an end");
            let length = word.len() + signs + 1 + end + close.len();
            return (Token::Text(inner[..end].to_owned()), length);
        }
    }
    if ["", "b", "c"].contains(&word) && rest.starts_with('"') {
        let mut escaped = false;
        let end = rest[1..].find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = end.expect("a string has an end");
        return (Token::Text(rest[1..=end].to_owned()), word.len() + end + 2);
    }
    if word.is_empty() {
        (Token::Sign(first), first.len_utf8())
    } else {
        (Token::Word(word.to_owned()), word.len())
    }
}

#[test]
fn what_looks_like_another_thing_is_told_apart() {
    let shown = |text: &str| format!("{:?}", read(text));
    assert_eq!(shown("a /* x /* y */ { */ // {\n"), shown("a"));
    assert_eq!(
        shown("f::<'a>('{', '\\'', '\"', b'}')")
            .matches("Group")
            .count(),
        1
    );
    for text in [r##"r#"a " }"#"##, r#""a \" } \\""#, r#"b"}""#] {
        let tokens = read(text);
        assert!(matches!(tokens[..], [Token::Text(_)]), "{tokens:?}");
    }
}
