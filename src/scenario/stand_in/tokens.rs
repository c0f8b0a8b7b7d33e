//! The words of a Vera file, as far as it takes to find `main` and the imports: a
//! program that Vera itself refuses must be read, too.

use std::iter::Peekable;
use std::str::Chars;

/// The words, numbers and signs of a source, without comments and the texts of strings.
pub fn tokens(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '-' if rest.peek() == Some(&'-') => skip_line(&mut rest),
            '/' if rest.peek() == Some(&'*') => skip_comment(&mut rest),
            '"' => {
                skip_text(&mut rest);
                found.push("\"\"".to_owned());
            }
            it if it.is_whitespace() => {}
            it if is_of_word(it) => {
                let mut word = String::from(it);
                while let Some(&more) = rest.peek().filter(|it| is_of_word(**it)) {
                    word.push(more);
                    rest.next();
                }
                found.push(word);
            }
            '-' if rest.peek() == Some(&'>') => {
                rest.next();
                found.push("->".to_owned());
            }
            sign => found.push(sign.to_string()),
        }
    }
    found
}

fn is_of_word(it: char) -> bool {
    it.is_alphanumeric() || it == '_'
}

fn skip_line(rest: &mut Peekable<Chars<'_>>) {
    for it in rest.by_ref() {
        if it == '\n' {
            break;
        }
    }
}

/// Skips a comment that may hold others.
fn skip_comment(rest: &mut Peekable<Chars<'_>>) {
    let mut depth = 0;
    let mut last = '/';
    for it in rest.by_ref() {
        match (last, it) {
            ('/', '*') => {
                depth += 1;
                last = ' ';
            }
            ('*', '/') => {
                depth -= 1;
                last = ' ';
            }
            _ => last = it,
        }
        if depth == 0 {
            break;
        }
    }
}

fn skip_text(rest: &mut Peekable<Chars<'_>>) {
    while let Some(it) = rest.next() {
        match it {
            '\\' => {
                rest.next();
            }
            '"' => break,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_no_words() {
        let source = "a -- fn main(\n/* b /* c */ d */ e \"fn \\\" f\" -> g-1";
        assert_eq!(tokens(source), ["a", "e", "\"\"", "->", "g", "-", "1"]);
        assert_eq!(tokens("\"open"), ["\"\""]);
        assert_eq!(tokens("/* open"), [] as [&str; 0]);
    }
}
