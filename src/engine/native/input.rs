//! What a program reads from standard input.

/// The input of a program, as text.
#[derive(Clone, Debug, Default)]
pub struct Input {
    text: String,
    read: usize,
}

impl Input {
    /// All that there is to read. Bytes that are no UTF-8 are read as U+FFFD,
    /// as Vera's host does.
    pub fn new(bytes: &[u8]) -> Input {
        Input {
            text: String::from_utf8_lossy(bytes).into_owned(),
            read: 0,
        }
    }

    /// The next line without its end; empty where nothing is left.
    pub fn line(&mut self) -> String {
        let rest = &self.text[self.read..];
        let (line, taken) = match rest.find('\n') {
            Some(end) => (&rest[..end], end + 1),
            None => (rest, rest.len()),
        };
        self.read += taken;
        line.to_owned()
    }

    /// The next character.
    pub fn character(&mut self) -> Option<char> {
        let next = self.text[self.read..].chars().next()?;
        self.read += next.len_utf8();
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_read_by_line_and_by_character() {
        let mut input = Input::new("ab\nüc\n\nlast".as_bytes());
        assert_eq!(input.line(), "ab");
        assert_eq!(input.character(), Some('ü'));
        assert_eq!(input.line(), "c");
        assert_eq!(input.line(), "");
        assert_eq!(input.line(), "last");
        assert_eq!((input.line().as_str(), input.character()), ("", None));
        assert_eq!(Input::new(b"\xff").line(), "\u{fffd}");
    }
}
