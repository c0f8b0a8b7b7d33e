//! Passages of the code that Vera's compiler emits, by which its parts are found:
//! `vera/codegen/assembly.py` (`_emit_alloc`, `_emit_gc_collect`) and
//! `vera/wasm/helpers.py` (`gc_shadow_push`) of releases 0.1.5 to 0.2.5.
//!
//! Each is written as [`super::Pattern`] reads it.

use super::RuntimeFunction;

/// A passage of the allocator or the collector.
#[derive(Clone, Copy)]
pub(crate) struct Passage {
    /// The function that it is in.
    pub function: RuntimeFunction,
    /// What it does, for the message where it is not found.
    pub what: &'static str,
    /// The instructions.
    pub find: &'static str,
    /// What stands behind them.
    pub then: &'static str,
    /// How often it is there.
    pub times: Times,
}

/// How often a passage is in the code, and what that means.
#[derive(Clone, Copy)]
pub(crate) enum Times {
    /// So often, and each stands for itself.
    Each(usize),
    /// At least so often: copies of the same code, which change together.
    Together(usize),
}

/// The free list is searched before a collection and after it.
const SEARCHES: Times = Times::Each(2);

/// A push of the program's onto the shadow stack, behind the test whether there is
/// room.
pub(crate) const PUSH: &str = "global.get @gc_sp local.get $value i32.store
                               global.get @gc_sp i32.const 4 i32.add global.set @gc_sp";

/// The shadow stack's pointer goes back to where a function of the program found
/// it.
pub(crate) const RESTORE: &str = "local.get $frame global.set @gc_sp";

/// The test whether an object is scanned to its end. From 0.2.4 on an object is
/// scanned again after the worklist was full, by the same emitter.
pub(crate) const SCAN_END: Passage = Passage {
    function: RuntimeFunction::Collect,
    what: "the scan of an object",
    find: "local.get $word local.get $size i32.ge_u",
    then: "br_if
           local.get $object local.get $word i32.add i32.const 4 i32.add
           global.get @heap_ptr i32.gt_u br_if",
    times: Times::Together(1),
};

/// The mark of each block is cleared when a collection begins.
pub(crate) const CLEARING: Passage = Passage {
    function: RuntimeFunction::Collect,
    what: "the clearing of marks",
    find: "local.get $block local.get $block i32.load i32.const -2 i32.and i32.store",
    then: "",
    times: Times::Each(1),
};

/// The sweep frees what has no mark.
pub(crate) const SWEEP: Passage = Passage {
    function: RuntimeFunction::Collect,
    what: "the sweep's look at a mark",
    find: "local.get $header i32.const 1 i32.and i32.eqz",
    then: "if local.get $block i32.const 4 i32.add local.get $list i32.store",
    times: Times::Each(1),
};

/// A push onto the worklist, which begins at `$gc_stack_limit`: one for the roots,
/// one for what an object points to.
pub(crate) const WORKLIST_PUSH: Passage = Passage {
    function: RuntimeFunction::Collect,
    what: "a push onto the worklist",
    find: "local.get $top local.get $value i32.store
           local.get $top i32.const 4 i32.add local.set $top",
    then: "",
    times: Times::Together(2),
};

/// The search of the free list takes the first block that is large enough.
pub(crate) const FIT: Passage = Passage {
    function: RuntimeFunction::Alloc,
    what: "the comparison of a free block's size",
    find: "local.get $block local.get $size i32.ge_u",
    then: "if",
    times: SEARCHES,
};

/// The memory grows by as many pages as are missing.
pub(crate) const GROWTH: Passage = Passage {
    function: RuntimeFunction::Alloc,
    what: "the number of pages to grow by",
    find: "i32.const 65535 i32.add i32.const 16 i32.shr_u memory.grow",
    then: "",
    times: Times::Each(1),
};

/// How many bytes the memory has.
pub(crate) const MEMORY_BYTES: &str = "memory.size i32.const 16 i32.shl";

/// The first free block is taken out of the free list.
pub(crate) const UNLINK_HEAD: Passage = Passage {
    function: RuntimeFunction::Alloc,
    what: "the unlinking of the first free block",
    find: "local.get $block i32.load global.set @gc_free_head",
    then: "",
    times: SEARCHES,
};

/// Another one is.
pub(crate) const UNLINK_OTHER: Passage = Passage {
    function: RuntimeFunction::Alloc,
    what: "the unlinking of a free block",
    find: "local.get $before local.get $block i32.load i32.store",
    then: "end",
    times: SEARCHES,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vera_runtime::{Pattern, RuntimeGlobal};

    #[test]
    fn passages_speak_of_globals_that_are_known() {
        let known = |name: &str| RuntimeGlobal::named(name).map(|_| 0);
        let all = [
            SCAN_END,
            CLEARING,
            SWEEP,
            WORKLIST_PUSH,
            FIT,
            GROWTH,
            UNLINK_HEAD,
            UNLINK_OTHER,
        ];
        let texts = all.iter().flat_map(|it| [it.find, it.then]);
        for text in texts.chain([PUSH, RESTORE, MEMORY_BYTES]) {
            assert!(Pattern::parse(text, known).is_ok(), "{text}");
        }
    }
}
