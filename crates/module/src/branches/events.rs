//! What is known of the branches of Vera's allocator, collector and wrap table, by the
//! code of their conditions, as `vera/codegen/assembly.py` of 0.2.0 to 0.2.5 emits it.
//! A branch that is not found here is told by its number.

use std::collections::BTreeMap;

use wasmparser::Operator;

use crate::anatomy::Anatomy;
use crate::vera_runtime::{Pattern, shown_as};

/// A condition that stands in a function, and for each place where it does so, what it
/// means that the branch is taken, and that it is not.
struct Known {
    function: &'static str,
    condition: &'static str,
    events: &'static [(&'static str, &'static str)],
}

const FULL: &str = "global.get @heap_ptr local.get $total i32.add
                    memory.size i32.const 16 i32.shl i32.gt_u if";

const KNOWN: &[Known] = &[
    Known {
        function: "alloc",
        condition: "local.get $node i32.eqz br_if",
        events: &[
            ("first fit missed", "a free block looked at"),
            (
                "first fit after a collection missed",
                "a free block looked at after a collection",
            ),
        ],
    },
    Known {
        function: "alloc",
        condition: "local.get $found local.get $wanted i32.ge_u if",
        events: &[
            ("first fit hit", "a free block too small"),
            (
                "first fit after a collection hit",
                "a free block too small after a collection",
            ),
        ],
    },
    Known {
        function: "alloc",
        condition: "local.get $before i32.eqz if",
        events: &[
            (
                "the first free block taken",
                "a free block taken from between",
            ),
            (
                "the first free block taken after a collection",
                "a free block taken from between after a collection",
            ),
        ],
    },
    Known {
        function: "alloc",
        condition: FULL,
        events: &[
            ("memory full, collected", "room behind the heap"),
            (
                "memory grown after a collection",
                "room behind the heap after a collection that grew the memory",
            ),
        ],
    },
    Known {
        function: "alloc",
        condition: "memory.grow i32.const -1 i32.eq if",
        events: &[("memory cannot grow", "memory grew")],
    },
    Known {
        function: "gc_collect",
        condition: "global.get @gc_bm_base local.get $bytes i32.add
                    memory.size i32.const 16 i32.shl i32.gt_u if",
        events: &[("growth inside a collection", "room for the bitmap")],
    },
    Known {
        function: "gc_collect",
        condition: "memory.grow i32.const -1 i32.eq if",
        events: &[(
            "memory cannot grow for the bitmap",
            "memory grew for the bitmap",
        )],
    },
    Known {
        function: "gc_collect",
        condition: "local.get $at global.get @heap_ptr i32.ge_u br_if",
        events: &[
            ("all marks cleared", "a mark cleared"),
            ("swept to the end", "a block swept"),
        ],
    },
    Known {
        function: "gc_collect",
        condition: "local.get $at global.get @gc_sp i32.ge_u br_if",
        events: &[("all roots seen", "a root seen")],
    },
    Known {
        function: "gc_collect",
        condition: "local.get $value global.get @gc_heap_start i32.const 4 i32.add i32.ge_u if",
        events: &[
            ("a root not below the heap", "a root below the heap"),
            ("a word not below the heap", "a word below the heap"),
            (
                "a word not below the heap, in a rescan",
                "a word below the heap, in a rescan",
            ),
        ],
    },
    Known {
        function: "gc_collect",
        condition: "local.get $value global.get @heap_ptr i32.lt_u if",
        events: &[
            ("a root not above the heap", "a root above the heap"),
            ("a word not above the heap", "a word above the heap"),
            (
                "a word not above the heap, in a rescan",
                "a word above the heap, in a rescan",
            ),
        ],
    },
    Known {
        function: "gc_collect",
        condition: "local.get $value call i32.and if",
        events: &[
            (
                "a root is the base of a block",
                "a root is no base of a block",
            ),
            (
                "a word is the base of a block",
                "a word is no base of a block",
            ),
            (
                "a word is the base of a block, in a rescan",
                "a word is no base of a block, in a rescan",
            ),
        ],
    },
    Known {
        function: "gc_collect",
        condition: "local.get $next local.get $first i32.le_u br_if",
        events: &[("worklist empty", "an object from the worklist")],
    },
    Known {
        function: "gc_collect",
        condition: "local.get $header i32.const 1 i32.and if",
        events: &[
            ("an object that is marked already", "an object marked"),
            (
                "a marked object rescanned",
                "an unmarked object passed by a rescan",
            ),
        ],
    },
    Known {
        function: "gc_collect",
        condition: "local.get $next local.get $end i32.ge_u br_if
                    local.get $next local.get $value i32.store",
        events: &[
            ("worklist full, a push dropped", "an object to the worklist"),
            (
                "worklist full again, in a rescan",
                "an object to the worklist, in a rescan",
            ),
        ],
    },
    Known {
        function: "gc_collect",
        condition: "global.get @gc_rs_lo global.get @gc_rs_hi i32.gt_u br_if",
        events: &[("nothing to rescan", "rescanned")],
    },
    Known {
        function: "gc_collect",
        condition: "global.get @gc_rs_lo global.get @gc_rs_hi i32.le_u if",
        events: &[("a rescan stopped", "a rescan went on")],
    },
    Known {
        function: "gc_collect",
        condition: "local.get $at global.get @gc_rs_stop i32.eq if",
        events: &[(
            "a rescan resumed inside an object",
            "an object rescanned whole",
        )],
    },
    Known {
        function: "gc_collect",
        condition: "local.get $at global.get @gc_rs_below i32.gt_u if",
        events: &[("a rescan jumped to where it stopped", "a rescan walked on")],
    },
    Known {
        function: "gc_collect",
        condition: "local.get $at global.get @gc_wrap_ptr i32.ge_u br_if",
        events: &[("wrap table compacted", "an entry of the wrap table seen")],
    },
    Known {
        function: "gc_collect",
        condition: "i32.const 4 i32.sub i32.load i32.const 1 i32.and if",
        events: &[("a handle kept", "a handle given back")],
    },
    Known {
        function: "gc_collect",
        condition: "local.get $header i32.const 1 i32.and i32.eqz if",
        events: &[("a block freed", "a block kept")],
    },
    Known {
        function: "register_wrapper",
        condition: "global.get @gc_wrap_ptr global.get @gc_wrap_end i32.ge_u if",
        events: &[
            ("wrap table full, collected", "room in the wrap table"),
            (
                "wrap table full of live handles",
                "room in the wrap table after a collection",
            ),
        ],
    },
];

/// What it means that a function of a map's tree is entered.
const ENTERED: &[(&str, &str)] = &[
    (
        "hamt$node_sub_to_entry",
        "map node collapsed into its parent",
    ),
    ("hamt$node_entry_to_sub", "map entry moved into a new node"),
    ("hamt$node_remove_entry", "map entry removed from a node"),
    ("hamt$coll_add", "a key more with one hash"),
    ("hamt$coll_remove", "a key less with one hash"),
];

/// What it means that a function is entered, where that is known.
pub(super) fn entered(function: &str) -> Option<&'static str> {
    let mut all = ENTERED.iter();
    all.find(|(name, _)| *name == function).map(|(_, it)| *it)
}

/// What the branches of a function mean, by the place of their instruction.
pub(super) fn of(
    anatomy: &Anatomy<'_>,
    function: &str,
    code: &[Operator<'_>],
) -> BTreeMap<usize, (&'static str, &'static str)> {
    let mut events = BTreeMap::new();
    for known in KNOWN.iter().filter(|it| it.function == function) {
        // Without a global that it speaks of, a release has no such branch.
        let Ok(pattern) = Pattern::parse(known.condition, |name| anatomy.global(name)) else {
            continue;
        };
        let found = (0..code.len()).filter_map(|at| {
            pattern.matches(&code[at..])?;
            let mut matched = code[at..at + pattern.len()].iter();
            let fork = matched.rposition(is_fork)?;
            Some(at + fork)
        });
        events.extend(found.zip(known.events.iter().copied()));
    }
    events
}

fn is_fork(operator: &Operator<'_>) -> bool {
    matches!(operator, Operator::If { .. } | Operator::BrIf { .. })
}

/// Whether what stands behind an instruction has nothing to do with it.
fn ends_a_statement(operator: &Operator<'_>) -> bool {
    is_fork(operator)
        || matches!(
            operator,
            Operator::End
                | Operator::LocalSet { .. }
                | Operator::GlobalSet { .. }
                | Operator::I32Store { .. }
        )
}

/// So many instructions of a condition are shown.
const SHOWN: usize = 6;

/// The last instructions before `at`, as far as they are simple ones.
pub(super) fn condition(anatomy: &Anatomy<'_>, code: &[Operator<'_>], at: usize) -> String {
    let shown = |operator: &Operator<'_>| {
        shown_as(operator, |global| {
            anatomy.global_name(global).map(str::to_owned)
        })
    };
    let own = code[..at]
        .iter()
        .rev()
        .take_while(|it| !ends_a_statement(it));
    let before = own.take(SHOWN).map_while(shown);
    let mut before: Vec<String> = before.collect();
    before.reverse();
    before.join(" ")
}
