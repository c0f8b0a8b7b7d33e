//! The classes of faults, and how a fault is written.

use std::fmt;
use std::str::FromStr;

use vera_stress_case::Problem;

/// A class of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
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
    /// A loop ends one round too early or too late: the comparison that decides it
    /// counts what is equal on the other side. At: the comparison, in the order of
    /// the code.
    LoopBound,
    /// An index that is scaled to an address keeps 8 bits, as one that is loaded or
    /// stored as a byte; the number of a closure's code is the next one. At: the
    /// index, in the order of the code.
    TableIndex,
    /// A block is asked for 8 bytes too small. At: the call of the allocator, in the
    /// order of the code.
    AllocationShort,
}

impl FaultKind {
    /// All of them.
    pub const ALL: [FaultKind; 16] = [
        FaultKind::PushStoresZero,
        FaultKind::PushDropped,
        FaultKind::RestoredEarly,
        FaultKind::NotRestored,
        FaultKind::ScanStopsShort,
        FaultKind::MarkKept,
        FaultKind::MarkedFreed,
        FaultKind::BlockTooSmall,
        FaultKind::GrowsOnePage,
        FaultKind::HeadStaysFree,
        FaultKind::BlockStaysFree,
        FaultKind::RestDropped,
        FaultKind::WorklistDrops,
        FaultKind::LoopBound,
        FaultKind::TableIndex,
        FaultKind::AllocationShort,
    ];

    /// The written form, the same in files, options and output.
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::PushStoresZero => "push-stores-zero",
            FaultKind::PushDropped => "push-dropped",
            FaultKind::RestoredEarly => "restored-early",
            FaultKind::NotRestored => "not-restored",
            FaultKind::ScanStopsShort => "scan-stops-short",
            FaultKind::MarkKept => "mark-kept",
            FaultKind::MarkedFreed => "marked-freed",
            FaultKind::BlockTooSmall => "block-too-small",
            FaultKind::GrowsOnePage => "grows-one-page",
            FaultKind::HeadStaysFree => "head-stays-free",
            FaultKind::BlockStaysFree => "block-stays-free",
            FaultKind::RestDropped => "rest-dropped",
            FaultKind::WorklistDrops => "worklist-drops",
            FaultKind::LoopBound => "loop-bound",
            FaultKind::TableIndex => "table-index",
            FaultKind::AllocationShort => "allocation-short",
        }
    }

    /// Whether it is one of the collector or the allocator, and not of the program's
    /// code.
    pub fn is_of_runtime(self) -> bool {
        match self {
            FaultKind::PushStoresZero
            | FaultKind::PushDropped
            | FaultKind::RestoredEarly
            | FaultKind::NotRestored
            | FaultKind::LoopBound
            | FaultKind::TableIndex
            | FaultKind::AllocationShort => false,
            FaultKind::ScanStopsShort
            | FaultKind::MarkKept
            | FaultKind::MarkedFreed
            | FaultKind::BlockTooSmall
            | FaultKind::GrowsOnePage
            | FaultKind::HeadStaysFree
            | FaultKind::BlockStaysFree
            | FaultKind::RestDropped
            | FaultKind::WorklistDrops => true,
        }
    }

    /// The places that [`super::sites`] lists where a module has no end of them: they
    /// are numbers that count at run time. [`super::plant`] takes any other as well.
    pub(super) fn samples(self) -> Option<&'static [u32]> {
        match self {
            FaultKind::ScanStopsShort => Some(&[0, 1]),
            FaultKind::MarkKept | FaultKind::MarkedFreed => {
                Some(&[0, 1, 2, 3, 5, 8, 13, 34, 89, 233, 610, 1597])
            }
            FaultKind::WorklistDrops => Some(&[1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096]),
            FaultKind::PushStoresZero
            | FaultKind::PushDropped
            | FaultKind::RestoredEarly
            | FaultKind::NotRestored
            | FaultKind::BlockTooSmall
            | FaultKind::GrowsOnePage
            | FaultKind::HeadStaysFree
            | FaultKind::BlockStaysFree
            | FaultKind::RestDropped
            | FaultKind::LoopBound
            | FaultKind::TableIndex
            | FaultKind::AllocationShort => None,
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultNameError {
    /// There is no such kind.
    #[error("no fault is called `{0}`; {all}", all = all_kinds())]
    Kind(String),
    /// It does not say where.
    #[error("`{0}` does not say where: {FORM}")]
    Place(String),
}

fn all_kinds() -> String {
    let all = FaultKind::ALL.map(FaultKind::name).join(", ");
    format!("there are: {all}")
}

const FORM: &str = "write the kind, `@` and a number, such as `mark-kept@3`";

impl From<FaultNameError> for Problem {
    fn from(why: FaultNameError) -> Problem {
        match why {
            FaultNameError::Kind(name) => {
                Problem::new(format!("no fault is called `{name}`")).next(all_kinds())
            }
            FaultNameError::Place(name) => {
                Problem::new(format!("`{name}` does not say where")).next(FORM)
            }
        }
    }
}

impl FromStr for FaultKind {
    type Err = FaultNameError;

    fn from_str(text: &str) -> Result<FaultKind, FaultNameError> {
        let mut all = FaultKind::ALL.into_iter();
        all.find(|kind| kind.name() == text)
            .ok_or_else(|| FaultNameError::Kind(text.to_owned()))
    }
}

/// One fault in one place, written `kind@place`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fault {
    /// Its class.
    pub kind: FaultKind,
    /// Its place, from 0; what is counted is said at the kind.
    pub at: u32,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}@{}", self.kind, self.at))
    }
}

impl FromStr for Fault {
    type Err = FaultNameError;

    fn from_str(text: &str) -> Result<Fault, FaultNameError> {
        let (kind, at) = text
            .split_once('@')
            .ok_or_else(|| FaultNameError::Place(text.to_owned()))?;
        Ok(Fault {
            kind: kind.parse()?,
            at: at
                .parse()
                .map_err(|_| FaultNameError::Place(text.to_owned()))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_and_no_other() {
        for kind in FaultKind::ALL {
            let fault = Fault { kind, at: 7 };
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
        for text in ["", "mark-kept", "mark-kept@", "mark-kept@-1", "mark@1"] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_wrong_name_says_what_to_write() {
        let problem = |text: &str| Problem::from(text.parse::<Fault>().unwrap_err());
        let place = problem("mark-kept");
        assert_eq!(place.what(), "`mark-kept` does not say where");
        assert_eq!(place.advice(), Some(FORM));
        let kind = problem("mark@1");
        assert_eq!(kind.what(), "no fault is called `mark`");
        assert!(kind.advice().unwrap().contains("mark-kept, marked-freed"));
    }
}
