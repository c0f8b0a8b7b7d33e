//! Rewriting a compiled module, so that it counts what it allocates and lets the
//! host decide when its collector runs.
//!
//! The program itself stays as Vera compiled it: code is added at the start of
//! `$alloc` and `$gc_collect`, which the name section tells, and where a push
//! onto the shadow stack compares with the stack's limit. What is added costs a
//! known number of fuel units each time ([`Overhead`]), so the program's own
//! work comes out exactly.

pub use crate::anatomy::{Anatomy, HostImport, Unfit};
use crate::vera_runtime::RuntimeGlobal;
use crate::{counting, probes, steps};
pub use crate::{faults, schedule, text};

/// Rewrites a module. One that has no allocator is given back as it is, unless it
/// is to be ended by its steps: there is nothing to count.
///
/// # Errors
///
/// Where it is no valid module, or the runtime in it is not as it is known.
pub fn instrument(module: &[u8], variant: Variant) -> Result<Vec<u8>, Unfit> {
    let anatomy = Anatomy::of(module)?;
    match variant {
        Variant::Stepped => steps::graft(&anatomy),
        Variant::Probed => probes::graft(&Anatomy::of(&steps::graft(&anatomy)?)?),
        Variant::Counted
        | Variant::Traced
        | Variant::Scheduled
        | Variant::Uncollected
        | Variant::Sanitized => counting::graft(&anatomy, variant),
    }
}

/// How a module is rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// It counts; the collector runs when the module says.
    Counted,
    /// As [`Variant::Counted`], and it tells when it collects.
    Traced,
    /// It counts, and asks the host before an allocation whether to collect.
    Scheduled,
    /// It counts, and its collector does nothing.
    Uncollected,
    /// It counts nothing but [`STEPS`], and traps when they are used up. Frames
    /// keep the size that they have without this: nothing is held across what
    /// is added.
    Stepped,
    /// As [`Variant::Stepped`], and it tells how deep it calls and when it
    /// collects.
    Probed,
    /// As [`Variant::Scheduled`], with the checks of the sanitizer on top.
    Sanitized,
}

/// The module that every import and export of ours belongs to.
pub const OURS: &str = "vera-stress";

/// The import that a [`Variant::Scheduled`] module asks: `() -> i64`. A positive
/// answer k says to collect now and to ask again at the k-th allocation from
/// here, a negative one the same without collecting now.
pub const ASK: &str = "ask";

/// The prefix of every name that this module adds; such a function is none of
/// the program's.
pub const PREFIX: &str = "vera-stress.";

/// Exported counter: calls of `$alloc`, an i64.
pub const ALLOCATIONS: &str = "vera-stress.allocations";
/// Exported counter: the sum of what they asked for, an i64.
pub const ALLOCATED: &str = "vera-stress.allocated";
/// Exported counter: calls of `$gc_collect`, an i64.
pub const COLLECTIONS: &str = "vera-stress.collections";
/// Exported: the highest address that the shadow stack reached, an i32. Missing
/// where the module moves the pointer in a way that is not watched.
pub const SHADOW_TOP: &str = "vera-stress.shadow-top";
/// Exported counter: how often [`SHADOW_TOP`] was raised, an i64.
pub const RAISES: &str = "vera-stress.raises";
/// Exported: where the shadow stack begins, an i32.
pub const SHADOW_BASE: &str = "vera-stress.shadow-base";
/// Exported: allocations left until the host is asked, an i64.
pub const COUNTDOWN: &str = "vera-stress.countdown";

/// Exported: steps that are left to a [`Variant::Stepped`] module, an i64. The
/// host sets it before `main`; from 0 down it is the end.
pub const STEPS: &str = "vera-stress.steps";

/// The import that a [`Variant::Probed`] module calls where it is deeper than
/// ever before.
pub const DEEPER: &str = "deeper";
/// The import that it, and a [`Variant::Traced`] one, calls before it collects,
pub const BEFORE_COLLECTION: &str = "before-collection";
/// and the one behind it.
pub const AFTER_COLLECTION: &str = "after-collection";

/// What a global of Vera's runtime is exported as by a variant that shows it: a
/// [`Variant::Probed`] module those of the heap and of the wrap table, as far as
/// it has them, a [`Variant::Traced`] one those of the heap, and a
/// [`Variant::Sanitized`] one all that its books are held to.
pub fn shown(global: RuntimeGlobal) -> String {
    format!("{PREFIX}{}", global.name())
}

/// The names of [`RuntimeGlobal::HEAP`].
pub const HEAP_GLOBALS: [&str; 3] = [
    RuntimeGlobal::HeapStart.name(),
    RuntimeGlobal::HeapEnd.name(),
    RuntimeGlobal::FreeHead.name(),
];

/// What the added code costs, in units of fuel.
///
/// The calls with which a [`Variant::Traced`] module tells when it collects are
/// not in it: the host gives back the unit that each of them costs.
///
/// Each number is the count of the instructions in `counting.rs` that cost a
/// unit; the tests hold them to what wasmtime charges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overhead {
    /// For each call of `$alloc`.
    pub allocation: u64,
    /// For each call of `$gc_collect`.
    pub collection: u64,
    /// For each time that the shadow stack's top is raised.
    pub raise: u64,
    /// For each time that the host is asked.
    pub ask: u64,
    /// For each answer that says not to collect.
    pub pass: u64,
}

impl Variant {
    /// The name of the variant in the files that are kept of it.
    pub fn name(self) -> &'static str {
        match self {
            Variant::Counted => "counted",
            Variant::Traced => "traced",
            Variant::Scheduled => "scheduled",
            Variant::Uncollected => "uncollected",
            Variant::Stepped => "stepped",
            Variant::Probed => "probed",
            Variant::Sanitized => "sanitized",
        }
    }

    /// What the code that this variant adds costs.
    pub fn overhead(self) -> Overhead {
        Overhead {
            allocation: match self {
                Variant::Counted | Variant::Traced | Variant::Uncollected => 9,
                Variant::Scheduled | Variant::Sanitized => 16,
                Variant::Stepped | Variant::Probed => 0,
            },
            collection: 4,
            raise: 16,
            ask: 6,
            pass: 4,
        }
    }
}
