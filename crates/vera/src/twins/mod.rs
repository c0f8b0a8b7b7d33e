//! Rewrites that keep the meaning: a program and its twin must do the same.

mod bind;
mod branch;
mod call;
mod operations;
mod outline;
mod unbind;

use std::fmt;
use std::ops::Range;

use super::tree::{Decl, Function, Item, Line, Program};

/// A rewrite that keeps the meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rewrite {
    /// Each argument that is no leaf is bound by a `let`, in the order in which they
    /// are evaluated.
    BindArguments,
    /// What is bound by a `let` and used once stands where it is used.
    UnbindLets,
    /// A `match` in place of an `if`.
    MatchForIf,
    /// The body of a function in place of a call.
    InlineCalls,
    /// A function in place of the body of a closure.
    OutlineClosures,
    /// A function in place of an operation of an effect.
    OutlineOperations,
}

impl Rewrite {
    /// All of them.
    pub const ALL: [Rewrite; 6] = [
        Rewrite::BindArguments,
        Rewrite::UnbindLets,
        Rewrite::MatchForIf,
        Rewrite::InlineCalls,
        Rewrite::OutlineClosures,
        Rewrite::OutlineOperations,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Rewrite::BindArguments => "bind-arguments",
            Rewrite::UnbindLets => "unbind-lets",
            Rewrite::MatchForIf => "match-for-if",
            Rewrite::InlineCalls => "inline-calls",
            Rewrite::OutlineClosures => "outline-closures",
            Rewrite::OutlineOperations => "outline-operations",
        }
    }

    /// What becomes of a place, after its name.
    pub fn change(self) -> &'static str {
        match self {
            Rewrite::BindArguments => "has its arguments bound by `let`",
            Rewrite::UnbindLets => "stands where its `let` is used",
            Rewrite::MatchForIf => "is a `match`",
            Rewrite::InlineCalls => "is the function's body",
            Rewrite::OutlineClosures | Rewrite::OutlineOperations => "is a function of its own",
        }
    }

    /// The places of a program at which it can be made, in the order of the text.
    pub fn places(self, program: &Program) -> Vec<Place> {
        self.made(program, 0..0).1
    }

    /// The twin in which it is made at these places.
    pub fn at(self, program: &Program, places: Range<usize>) -> Program {
        self.made(program, places).0
    }

    fn made(self, program: &Program, range: Range<usize>) -> (Program, Vec<Place>) {
        let mut twin = program.clone();
        let mut sites = Sites {
            range,
            places: Vec::new(),
            function: String::new(),
            contracts: 0,
        };
        match self {
            Rewrite::BindArguments => bind::rewrite(&mut twin, &mut sites),
            Rewrite::UnbindLets => unbind::rewrite(&mut twin, &mut sites),
            Rewrite::MatchForIf => branch::rewrite(&mut twin, &mut sites),
            Rewrite::InlineCalls => call::rewrite(&mut twin, &mut sites),
            Rewrite::OutlineClosures => outline::rewrite(&mut twin, &mut sites),
            Rewrite::OutlineOperations => operations::rewrite(&mut twin, &mut sites),
        }
        (twin, sites.places)
    }
}

impl fmt::Display for Rewrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a rewrite can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// In which function.
    pub function: String,
    /// What stands there, in one line.
    pub what: String,
    /// In which line of the source.
    pub line: Option<u32>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` in function {}", self.what, self.function)?;
        match self.line {
            Some(line) => write!(f, " (line {line})"),
            None => Ok(()),
        }
    }
}

/// The places as they are come by, and at which of them the rewrite is made.
struct Sites {
    range: Range<usize>,
    places: Vec<Place>,
    function: String,
    contracts: usize,
}

/// How much of what stands at a place is shown.
const SHOWN: usize = 60;

impl Sites {
    /// A function begins.
    fn function(&mut self, function: &Function) {
        self.function.clone_from(&function.name);
    }

    /// A contract begins, or ends.
    fn contract(&mut self, begins: bool) {
        self.contracts = match begins {
            true => self.contracts + 1,
            false => self.contracts - 1,
        };
    }

    /// Whether this is in a contract, which stays as it is.
    fn in_contract(&self) -> bool {
        self.contracts > 0
    }

    /// Takes down a place; whether the rewrite is to be made there.
    fn here(&mut self, line: Line, what: &str) -> bool {
        let what = match what.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}...", &what[..end]),
            None => what.to_owned(),
        };
        self.places.push(Place {
            function: self.function.clone(),
            what,
            line: line.0,
        });
        self.range.contains(&(self.places.len() - 1))
    }
}

/// Adds functions that a rewrite made.
fn declare(program: &mut Program, made: Vec<Function>) {
    program.items.extend(made.into_iter().map(|function| Item {
        visibility: Some("private".to_owned()),
        decl: Decl::Function(function),
    }));
}
