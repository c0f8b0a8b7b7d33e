//! Planting faults: a compiled module becomes the same module with one known
//! defect in how it keeps its roots, or in its collector or allocator.
//!
//! This is what measures the checks of the other modules: each [`Kind`] is a
//! class of bug that code generators and collectors have had (issue 4 names
//! them), and a check that notices none of its faults does not see that class.
//! The idea is mutation testing's: DeMillo, Lipton and Sayward, "Hints on Test
//! Data Selection", 1978.
//!
//! The code to change is found by its instructions, as `vera/codegen/assembly.py`
//! (`_emit_alloc`, `_emit_gc_collect`) and `vera/wasm/helpers.py`
//! (`gc_shadow_push`) of releases 0.1.5 to 0.2.5 emit them. Where a release has
//! them otherwise, that is an error which names what was not found: no fault is
//! left out in silence.

mod patch;
mod pattern;
mod roots;
mod runtime;

use std::fmt;
use std::str::FromStr;

use crate::anatomy::{Anatomy, Body, Unfit};
use crate::vera_runtime::VeraRuntime;
use patch::Edit;

/// A class of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A push onto the shadow stack stores 0: the code generator roots another
    /// value than the one that lives on. At: the push, in the order of the code.
    PushStoresZero,
    /// A push is not there at all: the code generator takes a value for none of
    /// the heap, or forgets one. The slots of the frame move down, and what is
    /// popped by count takes one too many. At: the push, in the order of the
    /// code.
    PushDropped,
    /// The shadow stack's pointer is restored before an argument of a tail call
    /// is evaluated that allocates: the roots of the frame end before its last
    /// allocation. It is restored a second time where it should be, so that
    /// nothing else gives the fault away. At: the tail call, in the order of the
    /// code, of those with a call before them in their block that may allocate.
    RestoredEarly,
    /// The pointer is not restored before a tail call: each round of the loop
    /// leaves its roots behind, which keep dead objects alive until the shadow
    /// stack is full. At: the tail call, in the order of the code.
    NotRestored,
    /// The collector's scan of an object ends early: its length is off by one,
    /// or a field behind the length is not counted. At: 0 for the last word, 1
    /// for the last two, and so on.
    ScanStopsShort,
    /// The mark of one block is not cleared when a collection begins: the object
    /// counts as scanned already, and what only it points to is freed. At: the
    /// block, counted from the heap's start.
    MarkKept,
    /// The sweep frees one object that is marked: marking and sweeping disagree
    /// on who is alive. At: the object, among the marked ones of each
    /// collection in the order of addresses.
    MarkedFreed,
    /// The allocator gives out a free block that is 8 bytes too small: the header
    /// is counted as payload, or a size is rounded down. At: 0 in the first
    /// search of the free list, 1 in the search after a collection.
    BlockTooSmall,
    /// The allocator grows memory by one page, however much is missing: Vera had
    /// it, as #487. At: 0.
    GrowsOnePage,
    /// A block that was first in the free list stays there when it is given out:
    /// it is given out again while it is in use. At: 0 in the first search, 1 in
    /// the search after a collection.
    HeadStaysFree,
    /// The same with a block that was not the first.
    BlockStaysFree,
    /// Taking a block out of the free list forgets all blocks behind it: nothing
    /// is wrong but that the heap grows. At: for a first block, 0 in the first
    /// search and 1 in the search after a collection; for another block, 2 and 3.
    RestDropped,
    /// The collector's worklist holds only so many entries, and drops what comes
    /// beyond them in silence: Vera had it, as #348. At: how many it holds.
    WorklistDrops,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 13] = [
        Kind::PushStoresZero,
        Kind::PushDropped,
        Kind::RestoredEarly,
        Kind::NotRestored,
        Kind::ScanStopsShort,
        Kind::MarkKept,
        Kind::MarkedFreed,
        Kind::BlockTooSmall,
        Kind::GrowsOnePage,
        Kind::HeadStaysFree,
        Kind::BlockStaysFree,
        Kind::RestDropped,
        Kind::WorklistDrops,
    ];

    /// The written form, the same in files, options and output.
    pub fn name(self) -> &'static str {
        match self {
            Kind::PushStoresZero => "push-stores-zero",
            Kind::PushDropped => "push-dropped",
            Kind::RestoredEarly => "restored-early",
            Kind::NotRestored => "not-restored",
            Kind::ScanStopsShort => "scan-stops-short",
            Kind::MarkKept => "mark-kept",
            Kind::MarkedFreed => "marked-freed",
            Kind::BlockTooSmall => "block-too-small",
            Kind::GrowsOnePage => "grows-one-page",
            Kind::HeadStaysFree => "head-stays-free",
            Kind::BlockStaysFree => "block-stays-free",
            Kind::RestDropped => "rest-dropped",
            Kind::WorklistDrops => "worklist-drops",
        }
    }

    /// The places that [`sites`] lists where a module has no end of them: they
    /// are numbers that count at run time. [`plant`] takes any other as well.
    fn samples(self) -> Option<&'static [u32]> {
        match self {
            Kind::ScanStopsShort => Some(&[0, 1]),
            Kind::MarkKept | Kind::MarkedFreed => {
                Some(&[0, 1, 2, 3, 5, 8, 13, 34, 89, 233, 610, 1597])
            }
            Kind::WorklistDrops => Some(&[1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096]),
            Kind::PushStoresZero
            | Kind::PushDropped
            | Kind::RestoredEarly
            | Kind::NotRestored
            | Kind::BlockTooSmall
            | Kind::GrowsOnePage
            | Kind::HeadStaysFree
            | Kind::BlockStaysFree
            | Kind::RestDropped => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unnamed {
    /// There is no such kind.
    #[error("no fault is called `{0}`; there are: {all}", all = Kind::ALL.map(Kind::name).join(", "))]
    Kind(String),
    /// It does not say where.
    #[error("`{0}` does not say where: write the kind, `@` and a number, such as `mark-kept@3`")]
    Place(String),
}

impl FromStr for Kind {
    type Err = Unnamed;

    fn from_str(text: &str) -> Result<Kind, Unnamed> {
        let mut all = Kind::ALL.into_iter();
        all.find(|kind| kind.name() == text)
            .ok_or_else(|| Unnamed::Kind(text.to_owned()))
    }
}

/// One fault in one place, written `kind@place`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fault {
    /// Its class.
    pub kind: Kind,
    /// Its place, from 0; what is counted is said at the kind.
    pub at: u32,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}@{}", self.kind, self.at))
    }
}

impl FromStr for Fault {
    type Err = Unnamed;

    fn from_str(text: &str) -> Result<Fault, Unnamed> {
        let (kind, at) = text
            .split_once('@')
            .ok_or_else(|| Unnamed::Place(text.to_owned()))?;
        Ok(Fault {
            kind: kind.parse()?,
            at: at.parse().map_err(|_| Unnamed::Place(text.to_owned()))?,
        })
    }
}

/// Why a fault cannot be planted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unplanted {
    /// The module is none that is known here.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The code that the fault is put into looks otherwise in this release.
    #[error(
        "cannot plant `{kind}`: in `${function}`, {missing} is not as releases 0.1.5 to 0.2.5 have it; teach `instrument::faults` the code of this release"
    )]
    Unknown {
        /// The fault.
        kind: Kind,
        /// Where it would be.
        function: String,
        /// What was looked for.
        missing: String,
    },
    /// The program has no such place.
    #[error("cannot plant `{fault}`: places for it in the module, counted from 0: {places}")]
    NoSuchPlace {
        /// The fault.
        fault: Fault,
        /// How many places there are.
        places: usize,
    },
}

/// The faults of a kind that can be planted in a module: all of them where they
/// are places in the code, and some where they are numbers that count at run
/// time. A program that allocates nothing has none.
pub fn sites(module: &[u8], kind: Kind) -> Result<Vec<Fault>, Unplanted> {
    let anatomy = Anatomy::of(module)?;
    let samples = kind.samples();
    let edits = edits(&anatomy, Fault { kind, at: 0 })?;
    let places: Vec<u32> = match samples {
        Some(samples) if !edits.is_empty() => samples.to_vec(),
        _ => (0..).take(edits.len()).collect(),
    };
    Ok(places.into_iter().map(|at| Fault { kind, at }).collect())
}

/// The module with one fault in it.
pub fn plant(module: &[u8], fault: Fault) -> Result<Vec<u8>, Unplanted> {
    let anatomy = Anatomy::of(module)?;
    let mut edits = edits(&anatomy, fault)?;
    let places = edits.len();
    // A number that counts at run time is in the only edit that there is.
    let which = match fault.kind.samples() {
        Some(_) => 0,
        None => fault.at as usize,
    };
    if which >= places {
        return Err(Unplanted::NoSuchPlace { fault, places });
    }
    Ok(patch::apply(&anatomy, edits.swap_remove(which))?)
}

/// A module with what is changed in it.
struct Subject<'a> {
    anatomy: &'a Anatomy<'a>,
    bodies: Vec<Body<'a>>,
    runtime: VeraRuntime,
    kind: Kind,
}

impl Subject<'_> {
    fn unknown(&self, function: u32, missing: impl Into<String>) -> Unplanted {
        let name = self.anatomy.function_name(function);
        Unplanted::Unknown {
            kind: self.kind,
            function: name.map_or_else(|| function.to_string(), str::to_owned),
            missing: missing.into(),
        }
    }
}

/// One edit for each place that the fault's kind has in the code.
fn edits(anatomy: &Anatomy<'_>, fault: Fault) -> Result<Vec<Edit>, Unplanted> {
    if !anatomy.has_allocator() {
        return Ok(Vec::new());
    }
    let subject = Subject {
        anatomy,
        bodies: anatomy.bodies().collect::<Result<_, _>>()?,
        runtime: VeraRuntime::of(anatomy)?,
        kind: fault.kind,
    };
    match fault.kind {
        Kind::PushStoresZero => roots::pushes(&subject, roots::STORES_ZERO),
        Kind::PushDropped => roots::pushes(&subject, ""),
        Kind::RestoredEarly => roots::restored_early(&subject),
        Kind::NotRestored => roots::not_restored(&subject),
        Kind::ScanStopsShort
        | Kind::MarkKept
        | Kind::MarkedFreed
        | Kind::BlockTooSmall
        | Kind::GrowsOnePage
        | Kind::HeadStaysFree
        | Kind::BlockStaysFree
        | Kind::RestDropped
        | Kind::WorklistDrops => runtime::edits(&subject, fault.at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A runtime whose allocator and collector do nothing.
    const RUNTIME: &str = r#"
        (memory (export "vera.memory") 1)
        (global $gc_sp (mut i32) (i32.const 8))
        (global $gc_stack_limit i32 (i32.const 64))
        (global $gc_free_head (mut i32) (i32.const 0))
        (global $heap_ptr (mut i32) (i32.const 64))
        (func $gc_collect)
        (func $alloc (export "vera.alloc") (param i32) (result i32) i32.const 64)"#;

    /// A loop that roots an object, makes another one and goes round.
    const PROGRAM: &str = "
        (func $:round (param i32) (local i32 i32)
          global.get $gc_sp local.set 1
          global.get $gc_sp local.get 0 i32.store
          global.get $gc_sp i32.const 4 i32.add global.set $gc_sp
          local.get 0
          if
            call $:make
            local.set 2
            local.get 2
            local.get 1 global.set $gc_sp
            return_call $:round
          end)
        (func $:make (result i32) i32.const 8 call $alloc)";

    fn module(text: &str) -> Vec<u8> {
        wat::parse_str(format!("(module {RUNTIME} {text})")).unwrap()
    }

    fn fault(text: &str) -> Fault {
        text.parse().unwrap()
    }

    /// The lines of the program's loop with a fault in it.
    fn planted(text: &str) -> Vec<String> {
        let planted = plant(&module(PROGRAM), fault(text)).unwrap();
        let text = wasmprinter::print_bytes(&planted).unwrap();
        let lines = text.lines().map(|line| line.trim().to_owned());
        let from = lines.skip_while(|line| !line.starts_with("(func $:round"));
        from.skip(3)
            .take_while(|line| !line.starts_with("(func"))
            .collect()
    }

    /// The instructions that a fault takes out of the loop, and those it adds.
    fn difference(text: &str) -> (Vec<String>, Vec<String>) {
        let whole = wasmprinter::print_bytes(module(PROGRAM)).unwrap();
        let whole = whole.lines().map(|line| line.trim().to_owned());
        let mut gone: Vec<String> = whole
            .skip_while(|line| !line.starts_with("(func $:round"))
            .skip(3)
            .take_while(|line| !line.starts_with("(func"))
            .collect();
        let mut added = Vec::new();
        for line in planted(text) {
            match gone.iter().position(|it| *it == line) {
                Some(at) => drop(gone.remove(at)),
                None => added.push(line),
            }
        }
        (gone, added)
    }

    fn lines(all: &[&str]) -> Vec<String> {
        all.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn every_name_is_read_back_and_no_other() {
        for kind in Kind::ALL {
            let fault = Fault { kind, at: 7 };
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
        for text in ["", "mark-kept", "mark-kept@", "mark-kept@-1", "mark@1"] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_fault_of_the_roots_is_the_only_change() {
        assert_eq!(
            difference("push-stores-zero@0"),
            (lines(&["local.get 0"]), lines(&["i32.const 0"]))
        );
        let (gone, added) = difference("push-dropped@0");
        assert_eq!((gone.len(), added.len()), (7, 0));
        let (gone, added) = difference("not-restored@0");
        assert_eq!(
            (gone, added),
            (lines(&["local.get 1", "global.set $gc_sp"]), vec![])
        );
        let (gone, added) = difference("restored-early@0");
        assert_eq!(
            (gone, added),
            (vec![], lines(&["local.get 1", "global.set $gc_sp"]))
        );
        let code = planted("restored-early@0");
        let call = code.iter().position(|it| it == "call $:make").unwrap();
        assert_eq!(code[call - 2..call], ["local.get 1", "global.set $gc_sp"]);
    }

    #[test]
    fn names_hold_in_a_planted_module() {
        let whole = module(PROGRAM);
        let planted = plant(&whole, fault("push-dropped@0")).unwrap();
        let (whole, planted) = (Anatomy::of(&whole).unwrap(), Anatomy::of(&planted).unwrap());
        for function in 0..4 {
            let name = whole.function_name(function);
            assert!(name.is_some());
            assert_eq!(name, planted.function_name(function));
        }
        assert_eq!(planted.global("gc_sp"), Some(0));
    }

    #[test]
    fn code_that_is_not_known_is_an_error_that_names_it() {
        // Its allocator and its collector have none of Vera's code.
        for kind in Kind::ALL.into_iter().skip(4) {
            for why in [
                sites(&module(PROGRAM), kind).unwrap_err(),
                plant(&module(PROGRAM), Fault { kind, at: 0 }).unwrap_err(),
            ] {
                assert!(matches!(&why, Unplanted::Unknown { function, .. }
                    if function == "alloc" || function == "gc_collect"));
            }
        }
        // A push in another form would be left out in silence.
        let pushes = "global.get $gc_sp i32.const 7 i32.add global.set $gc_sp";
        let why = sites(
            &module(&format!("(func $:odd {pushes})")),
            Kind::PushDropped,
        );
        let why = why.unwrap_err().to_string();
        assert!(
            why.contains("`$:odd`, a push onto the shadow stack"),
            "{why}"
        );
        let text = RUNTIME.replace("$gc_sp ", "$elsewhere ");
        let moved = wat::parse_str(format!("(module {text})")).unwrap();
        assert_eq!(
            sites(&moved, Kind::NotRestored),
            Err(Unfit::UnknownRuntime("gc_sp".to_owned()).into())
        );
    }

    #[test]
    fn a_place_beyond_the_last_is_refused() {
        let why = plant(&module(PROGRAM), fault("not-restored@1")).unwrap_err();
        assert_eq!(
            why.to_string(),
            "cannot plant `not-restored@1`: places for it in the module, counted from 0: 1"
        );
    }
}
