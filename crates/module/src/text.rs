//! A module's text form, and where in it an instruction stands.

use std::ops::RangeInclusive;

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

    /// The functions that have a name, in their order: each with its lines, of
    /// which the first is 1.
    pub fn functions(&self) -> Vec<(&str, RangeInclusive<usize>)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let mut functions = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            let Some(rest) = line.strip_prefix("  (func $") else {
                continue;
            };
            let quoted = rest.strip_prefix('"').and_then(|it| it.split_once('"'));
            let plain = || rest.split([' ', ')']).next().unwrap_or(rest);
            let name = quoted.map_or_else(plain, |(name, _)| name);
            // One without a body stands on one line.
            let is_inside = |line: &&str| line.starts_with("    ") || line.starts_with("  )");
            let body = lines[at + 1..].iter().take_while(|it| is_inside(it));
            let length = body
                .clone()
                .position(|it| it.starts_with("  )"))
                .map_or(0, |last| last + 1);
            functions.push((name, at + 1..=at + 1 + length));
        }
        functions
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

    #[test]
    fn a_function_has_its_lines() {
        let module = wat::parse_str(
            "(module (import \"vera\" \"print\" (func $print))
               (func $none) (func (drop (i32.const 1))) (func $main (block (call $print)))
               (func $\"two words\" (call $print)) (memory 1))",
        );
        let text = Text::of(&module.unwrap()).unwrap();
        let lines: Vec<&str> = text.text.lines().collect();
        let functions = text.functions();
        let named: Vec<&str> = functions.iter().map(|(name, _)| *name).collect();
        assert_eq!(named, ["none", "main", "two words"]);
        for (name, range) in functions {
            let (first, last) = (lines[range.start() - 1], lines[range.end() - 1]);
            assert!(first.starts_with("  (func $") && first.contains(name));
            assert!(last == "  )" || (name == "none" && first == last), "{last}");
        }
    }
}
