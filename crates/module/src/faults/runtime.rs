//! Faults of the collector and the allocator: rules that say which instructions
//! become which.

use super::patch::{Edit, Patch};
use super::pattern::Pattern;
use super::{Kind, Subject, Unplanted};
use crate::anatomy::Body;

/// Instructions of the runtime that become others.
struct Rule {
    /// Where they are.
    place: Place,
    /// What they do, for the message where they are not found.
    what: &'static str,
    /// The instructions.
    find: &'static str,
    /// What must stand behind them, and stays.
    then: &'static str,
    /// What they become.
    write: String,
    /// How often they are in the code.
    times: Times,
}

#[derive(Clone, Copy)]
enum Place {
    Alloc,
    Collect,
}

/// How often the instructions of a rule are in the code, and what that means.
#[derive(Clone, Copy)]
enum Times {
    /// So often, and each is a fault of its own.
    Each(usize),
    /// At least so often: copies of the same code, which together are one fault.
    Together(usize),
}

/// The rules of a kind; `at` is the number in those that count at run time.
fn rules(kind: Kind, at: u32) -> Vec<Rule> {
    let at = i32::try_from(at).unwrap_or(i32::MAX);
    let next = at.saturating_add(1);
    match kind {
        Kind::ScanStopsShort => vec![Rule {
            place: Place::Collect,
            what: "the scan of an object",
            find: "local.get $word local.get $size i32.ge_u",
            then: "br_if
                   local.get $object local.get $word i32.add i32.const 4 i32.add
                   global.get @heap_ptr i32.gt_u br_if",
            write: format!(
                "local.get $word i32.const {} i32.add local.get $size i32.ge_u",
                next.saturating_mul(4)
            ),
            // From 0.2.4 on an object is scanned again after the worklist was
            // full, by the same emitter.
            times: Times::Together(1),
        }],
        Kind::MarkKept => vec![Rule {
            place: Place::Collect,
            what: "the clearing of marks",
            find: CLEAR,
            then: "",
            write: format!(
                "local.get $blocks i32.const 1 i32.add local.tee $blocks
                 i32.const {next} i32.ne if {CLEAR} end"
            ),
            times: Times::Each(1),
        }],
        Kind::MarkedFreed => vec![Rule {
            place: Place::Collect,
            what: "the sweep's look at a mark",
            find: "local.get $header i32.const 1 i32.and i32.eqz",
            then: "if local.get $block i32.const 4 i32.add local.get $list i32.store",
            write: format!(
                "local.get $header i32.const 1 i32.and
                 local.get $marked i32.add local.set $marked
                 local.get $header i32.const 1 i32.and i32.eqz
                 local.get $header i32.const 1 i32.and
                 local.get $marked i32.const {next} i32.eq i32.and
                 i32.or"
            ),
            times: Times::Each(1),
        }],
        Kind::WorklistDrops => vec![Rule {
            place: Place::Collect,
            what: "a push onto the worklist",
            find: WORKLIST_PUSH,
            then: "",
            write: format!(
                "local.get $top global.get @gc_stack_limit i32.sub
                 i32.const {} i32.lt_u if {WORKLIST_PUSH} end",
                at.saturating_mul(4)
            ),
            // One for the roots, one for what an object points to.
            times: Times::Together(2),
        }],
        Kind::BlockTooSmall => vec![Rule {
            place: Place::Alloc,
            what: "the comparison of a free block's size",
            find: "local.get $block local.get $size i32.ge_u",
            then: "if",
            write: "local.get $block i32.const 8 i32.add local.get $size i32.ge_u".to_owned(),
            times: SEARCHES,
        }],
        Kind::GrowsOnePage => vec![Rule {
            place: Place::Alloc,
            what: "the number of pages to grow by",
            find: "i32.const 65535 i32.add i32.const 16 i32.shr_u memory.grow",
            then: "",
            write: "drop i32.const 1 memory.grow".to_owned(),
            times: Times::Each(1),
        }],
        Kind::HeadStaysFree => vec![unlink_head("")],
        Kind::BlockStaysFree => vec![unlink_other("")],
        Kind::RestDropped => vec![
            unlink_head("i32.const 0 global.set @gc_free_head"),
            unlink_other("local.get $before i32.const 0 i32.store"),
        ],
        Kind::PushStoresZero | Kind::PushDropped | Kind::RestoredEarly | Kind::NotRestored => {
            unreachable!("a fault of the program's code")
        }
    }
}

/// The free list is searched before a collection and after it.
const SEARCHES: Times = Times::Each(2);

const CLEAR: &str = "local.get $block local.get $block i32.load i32.const -2 i32.and i32.store";

/// The worklist begins at `$gc_stack_limit`.
const WORKLIST_PUSH: &str = "local.get $top local.get $value i32.store
                             local.get $top i32.const 4 i32.add local.set $top";

fn unlink_head(write: &str) -> Rule {
    Rule {
        place: Place::Alloc,
        what: "the unlinking of the first free block",
        find: "local.get $block i32.load global.set @gc_free_head",
        then: "",
        write: write.to_owned(),
        times: SEARCHES,
    }
}

fn unlink_other(write: &str) -> Rule {
    Rule {
        place: Place::Alloc,
        what: "the unlinking of a free block",
        find: "local.get $before local.get $block i32.load i32.store",
        then: "end",
        write: write.to_owned(),
        times: SEARCHES,
    }
}

/// One edit for each place of a fault of the runtime.
pub(super) fn edits(subject: &Subject<'_>, at: u32) -> Result<Vec<Edit>, Unplanted> {
    let mut all = Vec::new();
    for rule in rules(subject.kind, at) {
        let function = match rule.place {
            Place::Alloc => subject.runtime.alloc,
            Place::Collect => subject.runtime.collect,
        };
        let mut bodies = subject.bodies.iter();
        let body = bodies
            .find(|body| body.function == function)
            .expect("the runtime's functions are defined in the module");
        let mut new_locals = 0;
        let patches = patches(subject, body, &rule, &mut new_locals)?;
        let edit = |patches| Edit {
            function,
            patches,
            new_locals,
        };
        let found = patches.len();
        let expected = match rule.times {
            Times::Each(times) => found == times,
            Times::Together(times) => found >= times,
        };
        if !expected {
            return Err(subject.unknown(function, format!("{} (found {found} times)", rule.what)));
        }
        match rule.times {
            Times::Each(_) => all.extend(patches.into_iter().map(|patch| edit(vec![patch]))),
            Times::Together(_) => all.push(edit(patches)),
        }
    }
    Ok(all)
}

/// The places where a rule applies.
fn patches(
    subject: &Subject<'_>,
    body: &Body<'_>,
    rule: &Rule,
    new_locals: &mut u32,
) -> Result<Vec<Patch>, Unplanted> {
    let parse = |text| {
        let global = |name: &str| subject.anatomy.global(name);
        Pattern::parse(text, global)
            .map_err(|name| subject.unknown(body.function, format!("the global `${name}`")))
    };
    let whole = format!("{} {}", rule.find, rule.then);
    let (whole, find, write) = (parse(&whole)?, parse(rule.find)?, parse(&rule.write)?);
    let mut fresh = body.next_local;
    let mut patches = Vec::new();
    for at in 0..body.code.len() {
        if let Some(mut locals) = whole.matches(&body.code[at..]) {
            patches.push(Patch {
                at: at..at + find.len(),
                with: write.write(&mut locals, &mut fresh),
            });
        }
    }
    *new_locals = fresh - body.next_local;
    Ok(patches)
}
