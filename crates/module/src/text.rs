//! A module's text form, and where in it an instruction stands.

/// The text form of a module.
#[derive(Clone, Debug)]
pub struct Text {
    /// The text, in WebAssembly's own format.
    pub text: String,
    /// For each line that has one, from the first on: the offset in the module of
    /// what it shows, and its number from 1.
    lines: Vec<(usize, u32)>,
}

impl Text {
    /// The text form of a module; `None` where it is no valid one.
    pub fn of(module: &[u8]) -> Option<Text> {
        let mut text = String::new();
        let lines = wasmprinter::Config::new()
            .offsets_and_lines(module, &mut text)
            .ok()?;
        let numbered = (1..).zip(lines);
        let lines = numbered.filter_map(|(number, (offset, _))| Some((offset?, number)));
        let lines = lines.collect();
        Some(Text { text, lines })
    }

    /// The line that shows what is at an offset of the module.
    pub fn line(&self, offset: usize) -> Option<u32> {
        let at = self.lines.binary_search_by_key(&offset, |(at, _)| *at);
        at.ok().map(|place| self.lines[place].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_leads_to_its_line() {
        let module = wat::parse_str("(module (func (drop (i32.const 7))))").unwrap();
        let text = Text::of(&module).unwrap();
        let offset = module.windows(2).position(|it| it == [0x41, 7]).unwrap();
        let line = text.line(offset).unwrap();
        let shown = text.text.lines().nth(line as usize - 1).unwrap();
        assert_eq!(shown.trim(), "i32.const 7");
        assert_eq!(text.line(offset + 1), None);
        assert!(Text::of(b"no module").is_none());
    }
}
