//! Rewriting a compiled module, so that it counts what it allocates and lets the
//! host decide when its collector runs.
//!
//! The program itself stays as Vera compiled it: code is added at the start of
//! `$alloc` and `$gc_collect`, which the name section tells, and where a push
//! onto the shadow stack compares with the stack's limit. What is added costs a
//! known number of fuel units each time ([`Overhead`]), so the program's own
//! work comes out exactly.

pub use crate::anatomy::{Anatomy, HostImport, Unfit};
pub use crate::names::{
    AFTER_COLLECTION, ALLOCATED, ALLOCATIONS, ASK, BEFORE_COLLECTION, COLLECTIONS, COUNTDOWN,
    DEEPER, OURS, PREFIX, RAISE, RAISES, SHADOW_BASE, SHADOW_TOP, STEPS, shown,
};
pub use crate::variant::{Overhead, Variant};
use crate::{branches, counting, probes, steps};
pub use crate::{faults, roomy, schedule, text, tight};

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
        Variant::Marked => branches::graft(&anatomy),
        Variant::Counted
        | Variant::Traced
        | Variant::Scheduled
        | Variant::Uncollected
        | Variant::Sanitized => counting::graft(&anatomy, variant),
    }
}
