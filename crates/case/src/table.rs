//! The tables of Vera's runtime that have a fixed size.

/// A table of Vera's runtime that has a fixed size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Of the values that a collection must not free.
    ShadowStack,
    /// Of the objects that a collection has found and not looked at yet.
    Worklist,
    /// Of the handles that the host has given out.
    WrapTable,
}

impl Table {
    /// In a tight lane, a table has this many times less room than as shipped.
    pub const TIMES: u32 = 16;

    /// What it is called in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Table::ShadowStack => "the shadow stack",
            Table::Worklist => "the collector's worklist",
            Table::WrapTable => "the table of host handles",
        }
    }

    /// What it holds.
    pub fn holds(self) -> &'static str {
        match self {
            Table::ShadowStack => "roots",
            Table::Worklist => "objects",
            Table::WrapTable => "handles",
        }
    }

    /// How long an entry is, in bytes.
    pub fn entry(self) -> u32 {
        match self {
            Table::ShadowStack | Table::Worklist => 4,
            Table::WrapTable => 16,
        }
    }
}
