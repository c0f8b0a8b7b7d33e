//! How a module is rewritten, and what that costs.

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
    /// It counts nothing but [`crate::names::STEPS`], and traps when they are used up. Frames
    /// keep the size that they have without this: nothing is held across what
    /// is added.
    Stepped,
    /// As [`Variant::Stepped`], and it tells how deep it calls and when it
    /// collects.
    Probed,
    /// It counts nothing, and marks the branches of the runtime that are taken.
    Marked,
    /// As [`Variant::Scheduled`], with the checks of the sanitizer on top.
    Sanitized,
}

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
            Variant::Marked => "marked",
            Variant::Sanitized => "sanitized",
        }
    }

    /// What the code that this variant adds costs.
    pub fn overhead(self) -> Overhead {
        Overhead {
            allocation: match self {
                Variant::Counted | Variant::Traced | Variant::Uncollected => 9,
                Variant::Scheduled | Variant::Sanitized => 16,
                Variant::Stepped | Variant::Probed | Variant::Marked => 0,
            },
            collection: 4,
            raise: 16,
            ask: 6,
            pass: 4,
        }
    }
}
