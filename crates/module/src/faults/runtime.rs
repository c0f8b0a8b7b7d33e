//! Faults of the collector and the allocator: rules that say which passages of
//! the runtime become what.

use super::patch::{Edit, Patch};
use super::{FaultKind, PlantingError, Subject};
use crate::anatomy::Body;
use crate::vera_runtime::passages::{
    CLEARING, FIT, GROWTH, Passage, SCAN_END, SWEEP, Times, UNLINK_HEAD, UNLINK_OTHER,
    WORKLIST_PUSH,
};
use crate::vera_runtime::{Pattern, RuntimeGlobal};

/// A passage of the runtime, and what becomes of it; what stands behind it stays.
struct Rule {
    passage: Passage,
    write: String,
}

/// The rules of a kind; `at` is the number in those that count at run time.
fn rules(kind: FaultKind, at: u32) -> Vec<Rule> {
    let at = i32::try_from(at).unwrap_or(i32::MAX);
    let next = at.saturating_add(1);
    let rule = |passage, write: &str| Rule {
        passage,
        write: write.to_owned(),
    };
    let (clear, push) = (CLEARING.find, WORKLIST_PUSH.find);
    let end = next.saturating_mul(4);
    let room = at.saturating_mul(4);
    match kind {
        FaultKind::ScanStopsShort => vec![rule(
            SCAN_END,
            &format!("local.get $word i32.const {end} i32.add local.get $size i32.ge_u"),
        )],
        FaultKind::MarkKept => vec![rule(
            CLEARING,
            &format!(
                "local.get $blocks i32.const 1 i32.add local.tee $blocks
                 i32.const {next} i32.ne if {clear} end"
            ),
        )],
        FaultKind::MarkedFreed => vec![rule(
            SWEEP,
            &format!(
                "local.get $header i32.const 1 i32.and
                 local.get $marked i32.add local.set $marked
                 local.get $header i32.const 1 i32.and i32.eqz
                 local.get $header i32.const 1 i32.and
                 local.get $marked i32.const {next} i32.eq i32.and
                 i32.or"
            ),
        )],
        FaultKind::WorklistDrops => vec![rule(
            WORKLIST_PUSH,
            &format!(
                "local.get $top global.get @gc_stack_limit i32.sub
                 i32.const {room} i32.lt_u if {push} end"
            ),
        )],
        FaultKind::BlockTooSmall => vec![rule(
            FIT,
            "local.get $block i32.const 8 i32.add local.get $size i32.ge_u",
        )],
        FaultKind::GrowsOnePage => vec![rule(GROWTH, "drop i32.const 1 memory.grow")],
        FaultKind::HeadStaysFree => vec![rule(UNLINK_HEAD, "")],
        FaultKind::BlockStaysFree => vec![rule(UNLINK_OTHER, "")],
        FaultKind::RestDropped => vec![
            rule(UNLINK_HEAD, "i32.const 0 global.set @gc_free_head"),
            rule(UNLINK_OTHER, "local.get $before i32.const 0 i32.store"),
        ],
        FaultKind::PushStoresZero
        | FaultKind::PushDropped
        | FaultKind::RestoredEarly
        | FaultKind::NotRestored
        | FaultKind::LoopBound
        | FaultKind::TableIndex
        | FaultKind::AllocationShort => unreachable!("a fault of the program's code"),
    }
}

/// One edit for each place of a fault of the runtime.
pub(super) fn edits(subject: &Subject<'_>, at: u32) -> Result<Vec<Edit>, PlantingError> {
    let mut all = Vec::new();
    for rule in rules(subject.kind, at) {
        let function = subject.runtime.function(rule.passage.function);
        let function = function.expect("a module with an allocator has both");
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
        let expected = match rule.passage.times {
            Times::Each(times) => found == times,
            Times::Together(times) => found >= times,
        };
        if !expected {
            return Err(subject.unknown(
                function,
                format!("{} (found {found} times)", rule.passage.what),
            ));
        }
        match rule.passage.times {
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
) -> Result<Vec<Patch>, PlantingError> {
    let parse = |text| {
        let global = |name: &str| {
            let global = RuntimeGlobal::named(name)?;
            subject.runtime.global(global)
        };
        Pattern::parse(text, global)
            .map_err(|name| subject.unknown(body.function, format!("the global `${name}`")))
    };
    let whole = format!("{} {}", rule.passage.find, rule.passage.then);
    let (whole, find, write) = (
        parse(&whole)?,
        parse(rule.passage.find)?,
        parse(&rule.write)?,
    );
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
