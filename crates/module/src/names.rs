//! What this crate calls what it adds to a module.

use crate::vera_runtime::RuntimeGlobal;

/// The module that every import and export of ours belongs to.
pub const OURS: &str = "vera-stress";

/// The import that a [`crate::instrument::Variant::Scheduled`] module asks: `() -> i64`. A positive
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
/// The function that raises [`SHADOW_TOP`], and traps where there is no room.
pub const RAISE: &str = "vera-stress.raise-shadow-top";
/// Exported: where the shadow stack begins, an i32.
pub const SHADOW_BASE: &str = "vera-stress.shadow-base";
/// Exported: allocations left until the host is asked, an i64.
pub const COUNTDOWN: &str = "vera-stress.countdown";

/// Exported: steps that are left to a [`crate::instrument::Variant::Stepped`] module, an i64. The
/// host sets it before `main`; from 0 down it is the end.
pub const STEPS: &str = "vera-stress.steps";

/// What the exported marks of a [`crate::instrument::Variant::Marked`] module begin with,
/// before the number of the branch: an i32 that is 1 once the branch was taken.
pub const BRANCH: &str = "vera-stress.branch.";

/// The import that a [`crate::instrument::Variant::Probed`] module calls where it is deeper than
/// ever before.
pub const DEEPER: &str = "deeper";
/// The import that it, and a [`crate::instrument::Variant::Traced`] one, calls before it collects,
pub const BEFORE_COLLECTION: &str = "before-collection";
/// and the one behind it.
pub const AFTER_COLLECTION: &str = "after-collection";

/// What a global of Vera's runtime is exported as by a variant that shows it: a
/// [`crate::instrument::Variant::Probed`] module those of the heap and of the wrap table, as far as
/// it has them, a [`crate::instrument::Variant::Traced`] one those of the heap, and a
/// [`crate::instrument::Variant::Sanitized`] one all that its books are held to.
pub fn shown(global: RuntimeGlobal) -> String {
    format!("{PREFIX}{}", global.name())
}
