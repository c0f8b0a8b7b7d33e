//! Faults of how far the program's code counts: bounds of loops, indices, and the
//! sizes that it asks the allocator for.

use wasm_encoder::Instruction;
use wasmparser::Operator;

use super::Subject;
use super::patch::{Edit, Patch};
use super::roots::edit;

/// The largest index that is left as it is.
const KEPT: i32 = 0xff;

/// Each comparison of a loop that decides whether it goes on, with what is equal on
/// the other side.
pub(super) fn loop_bounds(subject: &Subject<'_>) -> Vec<Edit> {
    let mut edits = Vec::new();
    for body in subject.program() {
        // Of each block that is open, whether it is a loop.
        let mut open = Vec::new();
        for (at, operator) in body.code.iter().enumerate() {
            match operator {
                Operator::Loop { .. } => open.push(true),
                Operator::Block { .. }
                | Operator::If { .. }
                | Operator::TryTable { .. }
                | Operator::Try { .. } => open.push(false),
                Operator::End => {
                    open.pop();
                }
                _ => {}
            }
            if open.contains(&true)
                && decides(&body.code[at + 1..])
                && let Some(turned) = turned(operator)
            {
                let patch = Patch {
                    at: at..at + 1,
                    with: vec![turned],
                };
                edits.push(edit(body, patch));
            }
        }
    }
    edits
}

/// Whether what stands before is what a branch asks.
fn decides(behind: &[Operator<'_>]) -> bool {
    matches!(
        behind,
        [Operator::BrIf { .. }, ..] | [Operator::I32Eqz, Operator::BrIf { .. }, ..]
    )
}

/// The comparison that takes the other side where both are equal.
fn turned(operator: &Operator<'_>) -> Option<Instruction<'static>> {
    use Instruction as I;
    use Operator as O;
    Some(match operator {
        O::I32LtS => I::I32LeS,
        O::I32LtU => I::I32LeU,
        O::I32LeS => I::I32LtS,
        O::I32LeU => I::I32LtU,
        O::I32GtS => I::I32GeS,
        O::I32GtU => I::I32GeU,
        O::I32GeS => I::I32GtS,
        O::I32GeU => I::I32GtU,
        O::I64LtS => I::I64LeS,
        O::I64LtU => I::I64LeU,
        O::I64LeS => I::I64LtS,
        O::I64LeU => I::I64LtU,
        O::I64GtS => I::I64GeS,
        O::I64GtU => I::I64GeU,
        O::I64GeS => I::I64GtS,
        O::I64GeU => I::I64GtU,
        _ => return None,
    })
}

/// Something that stands before the operator at `at`, and changes what it takes last.
fn before(at: usize, number: i32, operation: Instruction<'static>) -> Patch {
    Patch {
        at: at..at,
        with: vec![Instruction::I32Const(number), operation],
    }
}

/// Each index that is scaled, cut to a byte; and each number of a closure's code, the
/// next one instead.
pub(super) fn indices(subject: &Subject<'_>) -> Vec<Edit> {
    let mut edits = Vec::new();
    for body in subject.program() {
        for (at, operator) in body.code.iter().enumerate() {
            let scales = |scale: i32, by: &Operator<'_>| match by {
                Operator::I32Mul => (2..=64).contains(&scale),
                Operator::I32Shl => (1..=6).contains(&scale),
                _ => false,
            };
            let patch = match (operator, body.code.get(at + 1)) {
                (Operator::I32Const { value }, Some(next)) if scales(*value, next) => {
                    before(at, KEPT, Instruction::I32And)
                }
                (Operator::CallIndirect { .. } | Operator::ReturnCallIndirect { .. }, _) => {
                    before(at, 1, Instruction::I32Add)
                }
                _ => continue,
            };
            edits.push(edit(body, patch));
        }
    }
    edits
}

/// Each call of the allocator, which asks for 8 bytes less.
pub(super) fn short_allocations(subject: &Subject<'_>) -> Vec<Edit> {
    let alloc = subject.runtime.alloc;
    let mut edits = Vec::new();
    for body in subject.program() {
        for (at, operator) in body.code.iter().enumerate() {
            if matches!(operator, Operator::Call { function_index } if *function_index == alloc) {
                edits.push(edit(body, before(at, 8, Instruction::I32Sub)));
            }
        }
    }
    edits
}
