//! Faults of the program's own code: what it pushes onto the shadow stack, and
//! where it restores the pointer before a tail call.

use std::collections::HashSet;

use wasm_encoder::Instruction;
use wasmparser::{Operator, ValType};

use super::patch::{Edit, Patch};
use super::{PlantingError, Subject};
use crate::anatomy::Body;
use crate::vera_runtime::passages::{PUSH, RESTORE};
use crate::vera_runtime::{Locals, Pattern, RuntimeFunction, RuntimeGlobal};

/// What a push becomes that stores nothing.
pub(super) const STORES_ZERO: &str = "global.get @gc_sp i32.const 0 i32.store
                                      global.get @gc_sp i32.const 4 i32.add global.set @gc_sp";

impl Subject<'_> {
    /// The functions that are none of the allocator and the collector.
    pub(super) fn program(&self) -> impl Iterator<Item = &Body<'_>> {
        let runtime = [
            RuntimeFunction::Alloc,
            RuntimeFunction::Collect,
            RuntimeFunction::RegisterWrapper,
        ]
        .map(|function| self.runtime.function(function));
        let bodies = self.bodies.iter();
        bodies.filter(move |body| !runtime.contains(&Some(body.function)))
    }

    fn pattern<'a>(&self, text: &'a str) -> Pattern<'a> {
        Pattern::parse(text, |name| {
            (name == RuntimeGlobal::ShadowPointer.name()).then_some(self.runtime.shadow_pointer)
        })
        .expect("the patterns here speak of no other global")
    }

    /// Whether there is a write of the pointer at `at`.
    fn moves_pointer(&self, body: &Body<'_>, at: usize) -> bool {
        matches!(
            body.code[at],
            Operator::GlobalSet { global_index } if global_index == self.runtime.shadow_pointer
        )
    }

    /// The functions through which an allocation may be reached. A host function
    /// may allocate what it gives back.
    fn allocating(&self) -> HashSet<u32> {
        let imports = 0..self.anatomy.imported();
        let mut all: HashSet<u32> = imports
            .filter(|import| self.anatomy.results(*import).contains(&ValType::I32))
            .collect();
        all.insert(self.runtime.alloc);
        loop {
            let before = all.len();
            for body in &self.bodies {
                if body.code.iter().any(|operator| allocates(operator, &all)) {
                    all.insert(body.function);
                }
            }
            if all.len() == before {
                return all;
            }
        }
    }
}

/// Whether an instruction may allocate. A closure may do anything.
fn allocates(operator: &Operator<'_>, allocating: &HashSet<u32>) -> bool {
    match operator {
        Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
            allocating.contains(function_index)
        }
        Operator::CallIndirect { .. } | Operator::ReturnCallIndirect { .. } => true,
        _ => false,
    }
}

pub(super) fn edit(body: &Body<'_>, patch: Patch) -> Edit {
    Edit {
        function: body.function,
        patches: vec![patch],
        new_locals: 0,
    }
}

/// Each push, with `instead` in its place.
pub(super) fn pushes(subject: &Subject<'_>, instead: &str) -> Result<Vec<Edit>, PlantingError> {
    let push = subject.pattern(PUSH);
    let instead = subject.pattern(instead);
    let mut edits = Vec::new();
    for body in subject.program() {
        for at in 0..body.code.len() {
            if let Some(mut locals) = push.matches(&body.code[at..]) {
                let with = instead.write(&mut locals, &mut body.next_local.clone());
                let at = at..at + push.len();
                edits.push(edit(body, Patch { at, with }));
            }
            // Every other write takes roots away; one that adds some in another
            // way would be left out.
            if subject.moves_pointer(body, at) && !is_known(&push, &body.code, at) {
                return Err(subject.unknown(body.function, "a push onto the shadow stack"));
            }
        }
    }
    Ok(edits)
}

/// Whether the write of the pointer at `at` is a push, a pop, or a return to a
/// value that was read before.
fn is_known(push: &Pattern<'_>, code: &[Operator<'_>], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return false;
    };
    match code[before] {
        Operator::LocalGet { .. } | Operator::I32Sub => true,
        _ => (at + 1)
            .checked_sub(push.len())
            .is_some_and(|start| push.matches(&code[start..]).is_some()),
    }
}

/// The tail calls of a function before which the pointer is restored: where the
/// restoring begins, and the local that has the value.
fn tail_calls<'a>(subject: &'a Subject<'_>, body: &'a Body<'_>) -> Vec<(usize, u32)> {
    let text = format!("{RESTORE} return_call");
    let restore = subject.pattern(&text);
    let frame = |locals: Locals| locals["frame"];
    let all = 0..body.code.len();
    all.filter_map(|at| Some((at, frame(restore.matches(&body.code[at..])?))))
        .collect()
}

/// Each tail call without the restoring before it.
pub(super) fn not_restored(subject: &Subject<'_>) -> Result<Vec<Edit>, PlantingError> {
    let length = subject.pattern(RESTORE).len();
    let mut edits = Vec::new();
    for body in subject.program() {
        for (at, _) in tail_calls(subject, body) {
            let patch = Patch {
                at: at..at + length,
                with: Vec::new(),
            };
            edits.push(edit(body, patch));
        }
    }
    Ok(edits)
}

/// Each tail call with the pointer restored before the last call in its block
/// that may allocate.
pub(super) fn restored_early(subject: &Subject<'_>) -> Result<Vec<Edit>, PlantingError> {
    let allocating = subject.allocating();
    let mut edits = Vec::new();
    for body in subject.program() {
        for (at, frame) in tail_calls(subject, body) {
            let Some(call) = last_allocation(&body.code[..at], &allocating) else {
                continue;
            };
            let patch = Patch {
                at: call..call,
                with: vec![
                    Instruction::LocalGet(frame),
                    Instruction::GlobalSet(subject.runtime.shadow_pointer),
                ],
            };
            edits.push(edit(body, patch));
        }
    }
    Ok(edits)
}

/// The last call that may allocate in the block that is open where `code` ends.
fn last_allocation(code: &[Operator<'_>], allocating: &HashSet<u32>) -> Option<usize> {
    let mut closed = 0_u32;
    for (at, operator) in code.iter().enumerate().rev() {
        match operator {
            Operator::End => closed += 1,
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                closed = closed.checked_sub(1)?;
            }
            Operator::Else if closed == 0 => return None,
            call if allocates(call, allocating) => return Some(at),
            _ => {}
        }
    }
    None
}
