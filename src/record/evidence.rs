//! What a failure is about, to be read beside its record: the program, and the
//! parts of its module that the failure tells of.

use std::collections::BTreeSet;
use std::fs;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::{Ending, Frame, Scale, Sources};
use crate::engine::native::frame;
use crate::instrument::text::Text;
use crate::toolchain::compile::{Compiled, MODULE};

/// So many lines of one file or one function are recorded.
const MOST_LINES: usize = 200;

/// So many files, and so many functions.
const MOST_PARTS: usize = 12;

/// A module that is larger has a text of tens of megabytes, which nobody reads:
/// its functions are left out.
const LARGEST_MODULE: usize = 4 << 20;

/// What a failure is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The n that it is of: the smallest that was seen to fail so.
    pub n: Scale,
    /// The files of the program, `main.vera` first, at most 12.
    pub program: Vec<Excerpt>,
    /// Functions of the module's text form, at most 12: those that the failure
    /// tells of, in its order, then those of the program.
    pub module: Vec<Excerpt>,
    /// How many functions of the program are left out.
    pub left_out: usize,
}

/// Lines of a file, or of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Excerpt {
    /// The name of the file or the function.
    pub name: String,
    /// The number of the first line here, in the file or in the module's text.
    pub line: usize,
    /// At most 200 lines.
    pub text: String,
    /// How many lines are left out before and after them.
    pub left_out: usize,
}

impl Evidence {
    /// What there is to read of a program that ended so at this n.
    pub fn of(
        n: Scale,
        sources: Option<&Sources>,
        compiled: Option<&Compiled>,
        ending: &Ending,
    ) -> Evidence {
        let mut program: Vec<Excerpt> = sources
            .into_iter()
            .flat_map(|it| &it.files)
            .map(|(name, text)| excerpt(name, &text.lines().collect::<Vec<_>>(), 1, None))
            .collect();
        let main = sources.map(|it| it.main.as_str());
        program.sort_by_key(|it| Some(it.name.as_str()) != main);
        program.truncate(MOST_PARTS);
        let (module, left_out) = compiled
            .and_then(|it| functions(it, ending))
            .unwrap_or_default();
        Evidence {
            n,
            program,
            module,
            left_out,
        }
    }
}

/// The functions of a module that the ending tells of, then the program's own; and
/// how many of those are left out.
fn functions(compiled: &Compiled, ending: &Ending) -> Option<(Vec<Excerpt>, usize)> {
    let module = fs::read(compiled.folder.join(MODULE)).ok()?;
    if module.len() > LARGEST_MODULE {
        return Some((Vec::new(), compiled.about.functions.len()));
    }
    let text = Text::of(&module)?;
    let lines: Vec<&str> = text.text.lines().collect();
    let all = text.functions();
    let frames: Vec<Frame> = all
        .iter()
        .map(|(name, _)| frame(name, &compiled.about))
        .collect();
    // A place in `all`, and the line that is meant.
    let mut wanted: Vec<(usize, Option<usize>)> = Vec::new();
    for (told, line) in told(ending) {
        let found = match line {
            Some(line) => all.iter().position(|(_, range)| range.contains(&line)),
            None => frames.iter().position(|it| it.function == told.function),
        };
        wanted.extend(found.map(|place| (place, line)));
    }
    let own = frames.iter().enumerate();
    let own = own.filter(|(_, it)| it.source().is_some());
    wanted.extend(own.map(|(place, _)| (place, None)));
    let mut seen = BTreeSet::new();
    wanted.retain(|(place, _)| seen.insert(*place));
    let left_out = wanted.len().saturating_sub(MOST_PARTS);
    let excerpts = wanted.into_iter().take(MOST_PARTS).map(|(place, line)| {
        let (_, range) = &all[place];
        let lines = &lines[range.start() - 1..*range.end()];
        excerpt(&frames[place].function, lines, *range.start(), line)
    });
    Some((excerpts.collect(), left_out))
}

/// The functions that an ending tells of, each with its line in the module's text
/// where that is known.
fn told(ending: &Ending) -> Vec<(&Frame, Option<usize>)> {
    match ending {
        Ending::Trapped(trap) => trap.frames.iter().map(|it| (it, None)).collect(),
        Ending::Corrupt { finding } => {
            let stories = finding.blocks.iter().flat_map(|block| {
                let freed = block.freed.iter().flat_map(|it| &it.calls);
                block.allocated_by.iter().chain(freed)
            });
            let calls = finding.calls.iter().chain(stories);
            let line = |line: Option<u32>| line.map(|it| it as usize);
            calls.map(|it| (&it.frame, line(it.text_line))).collect()
        }
        Ending::Returned { .. }
        | Ending::Rejected { .. }
        | Ending::InvalidModule { .. }
        | Ending::OverTime { .. }
        | Ending::OverMemory { .. }
        | Ending::OverOutput { .. }
        | Ending::OverInstructions { .. }
        | Ending::Unsupported { .. }
        | Ending::Crashed { .. } => Vec::new(),
    }
}

/// As many lines as are recorded, around the one that is meant. `first` is the
/// number of the first of all.
fn excerpt(name: &str, lines: &[&str], first: usize, meant: Option<usize>) -> Excerpt {
    let latest = lines.len().saturating_sub(MOST_LINES);
    let before = meant.map_or(0, |line| line.saturating_sub(first + MOST_LINES / 2));
    let start = before.min(latest);
    let end = lines.len().min(start + MOST_LINES);
    Excerpt {
        name: name.to_owned(),
        line: first + start,
        text: lines[start..end].join("\n"),
        left_out: lines.len() - (end - start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_holds_the_line_that_is_meant() {
        let all: Vec<String> = (11..=1010).map(|line| format!("line {line}")).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        for meant in [11, 12, 110, 111, 500, 1009, 1010] {
            let it = excerpt("f", &all, 11, Some(meant));
            let lines: Vec<&str> = it.text.lines().collect();
            assert_eq!((lines.len(), it.left_out), (200, 800));
            assert_eq!(lines[meant - it.line], format!("line {meant}"));
        }
        let whole = excerpt("f", &all[..200], 11, Some(100));
        assert_eq!((whole.line, whole.left_out), (11, 0));
        assert_eq!(excerpt("f", &[], 1, None).text, "");
    }
}
