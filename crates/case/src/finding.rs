//! What the sanitizer found, and the story of it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Frame;

/// What the sanitizer found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The kind of what is wrong, in a few words; empty in recordings of earlier
    /// versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What is wrong, in a sentence.
    pub what: String,
    /// The instruction that made a bad access, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// Where it was found, innermost first.
    pub calls: Vec<Call>,
    /// The blocks that it is about, the one that is wrong first.
    pub blocks: Vec<BlockStory>,
    /// The roots on the shadow stack when it was found, the lowest first, at
    /// most the topmost 64.
    pub roots: Vec<u32>,
    /// How many roots there were.
    pub roots_in_all: u32,
    /// What happened to the heap before, the latest last.
    pub log: Vec<String>,
}

/// A function that was running, and where it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    /// The function.
    pub frame: Frame,
    /// The line of the module's text form that it was at.
    pub text_line: Option<u32>,
}

/// A block of the heap: where it came from, and where it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockStory {
    /// The address of its payload.
    pub address: u32,
    /// What was asked for, in bytes.
    pub size: u32,
    /// What its header says it holds.
    pub capacity: u32,
    /// The number of its allocation, from 1.
    pub allocation: u64,
    /// Who allocated it, innermost first.
    pub allocated_by: Vec<Call>,
    /// How it was freed; `None` while it lives.
    pub freed: Option<Freed>,
}

/// How a block was freed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Freed {
    /// The number of the collection, from 1.
    pub collection: u64,
    /// The number of the allocation that brought the collection about.
    pub allocation: u64,
    /// Whether the lane's schedule wanted it; else the program's own allocator
    /// did.
    pub scheduled: bool,
    /// Who wanted the allocation, innermost first.
    pub calls: Vec<Call>,
    /// The roots on the shadow stack then, as in [`Finding::roots`].
    pub roots: Vec<u32>,
    /// How many roots there were.
    pub roots_in_all: u32,
}

impl Finding {
    /// The finding in one line: what, where, and the story of the block.
    pub fn message(&self) -> String {
        let mut text = format!("corrupt: {}{}", self.what, place(", in ", &self.calls));
        if let Some(block) = self.blocks.first() {
            text += &place("; allocated by ", &block.allocated_by);
            if let Some(freed) = &block.freed {
                text += &format!("; freed by collection {}", freed.collection);
                text += &place(" at an allocation in ", &freed.calls);
            }
        }
        text
    }

    /// The whole story, and what happened before.
    pub fn log_text(&self) -> String {
        let mut text = format!("{self}\nbefore, the latest last:\n");
        for line in &self.log {
            text += &format!("  {line}\n");
        }
        text
    }
}

/// The innermost function that has a source line, else the innermost.
fn place(before: &str, calls: &[Call]) -> String {
    let known = calls.iter().find(|call| call.frame.source().is_some());
    let call = known.or(calls.first());
    call.map_or_else(String::new, |call| format!("{before}{}", call.frame))
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Frame { function, .. } = &self.frame;
        let source = match (self.frame.source(), self.frame.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (Some(file), None) => file.to_owned(),
            (None, _) => self.frame.file.clone().unwrap_or_else(|| "?".to_owned()),
        };
        match self.text_line {
            Some(line) => write!(f, "{function} ({source}, module.wat:{line})"),
            None => write!(f, "{function} ({source})"),
        }
    }
}

/// The roots as a report shows them.
fn roots(roots: &[u32], in_all: u32) -> String {
    let mut text = format!("{in_all} on the shadow stack");
    if !roots.is_empty() {
        let shown: Vec<String> = roots.iter().map(|root| format!("{root:#x}")).collect();
        let left_out = match in_all as usize > roots.len() {
            true => "... ",
            false => "",
        };
        text += &format!(", the lowest first: {left_out}{}", shown.join(" "));
    }
    text
}

/// The whole story, for people.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, calls: &[Call]| -> fmt::Result {
            calls.iter().try_for_each(|call| writeln!(f, "    {call}"))
        };
        writeln!(f, "{}", self.what)?;
        list(f, &self.calls)?;
        writeln!(f, "  roots: {}", roots(&self.roots, self.roots_in_all))?;
        for block in &self.blocks {
            let BlockStory {
                address,
                size,
                capacity,
                allocation,
                ..
            } = block;
            writeln!(f)?;
            write!(f, "the block of {size} bytes at {address:#x}")?;
            if capacity != size {
                write!(f, ", with room for {capacity}")?;
            }
            writeln!(f, ": allocation {allocation}")?;
            list(f, &block.allocated_by)?;
            let Some(freed) = &block.freed else {
                continue;
            };
            let whose = match freed.scheduled {
                true => "which the lane's schedule wanted",
                false => "which the program's allocator wanted",
            };
            let (collection, trigger) = (freed.collection, freed.allocation);
            writeln!(
                f,
                "  freed by collection {collection}, {whose}, before allocation {trigger}"
            )?;
            list(f, &freed.calls)?;
            writeln!(f, "  roots: {}", roots(&freed.roots, freed.roots_in_all))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(function: &str, line: Option<u32>) -> Call {
        Call {
            frame: Frame {
                function: function.to_owned(),
                file: Some(line.map_or("<builtin>", |_| "main.vera").to_owned()),
                line,
            },
            text_line: Some(7),
        }
    }

    fn finding() -> Finding {
        Finding {
            kind: "load of a freed block".to_owned(),
            instruction: Some("i64.load".to_owned()),
            what: "load of 8 bytes at byte 8 of the freed block of 24 bytes at 0x1c".to_owned(),
            calls: vec![call("array_map", None), call("sum", Some(12))],
            blocks: vec![BlockStory {
                address: 0x1c,
                size: 24,
                capacity: 28,
                allocation: 3,
                allocated_by: vec![call("build", Some(4))],
                freed: Some(Freed {
                    collection: 2,
                    allocation: 5,
                    scheduled: true,
                    calls: vec![call("sum", Some(12))],
                    roots: vec![0x1c],
                    roots_in_all: 65,
                }),
            }],
            roots: Vec::new(),
            roots_in_all: 0,
            log: Vec::new(),
        }
    }

    #[test]
    fn one_line_tells_what_where_and_why() {
        assert_eq!(
            finding().message(),
            "corrupt: load of 8 bytes at byte 8 of the freed block of 24 bytes at 0x1c, \
             in sum (main.vera:12); allocated by build (main.vera:4); \
             freed by collection 2 at an allocation in sum (main.vera:12)"
        );
    }

    #[test]
    fn the_whole_story_is_told_in_order() {
        let expected = "\
load of 8 bytes at byte 8 of the freed block of 24 bytes at 0x1c
    array_map (<builtin>, module.wat:7)
    sum (main.vera:12, module.wat:7)
  roots: 0 on the shadow stack

the block of 24 bytes at 0x1c, with room for 28: allocation 3
    build (main.vera:4, module.wat:7)
  freed by collection 2, which the lane's schedule wanted, before allocation 5
    sum (main.vera:12, module.wat:7)
  roots: 65 on the shadow stack, the lowest first: ... 0x1c
";
        assert_eq!(finding().to_string(), expected);
    }
}
