//! A module that ends after a given number of steps, in frames of the size that
//! they have without that.
//!
//! Fuel and epochs, wasmtime's own ways to end a program, keep values across
//! calls and make frames up to three times as large. What is added here is done
//! with before anything else is, so that the stack holds as many frames as in
//! Vera's runtime, and a program without end is ended all the same.
//!
//! A call and a round of a loop are a step each, and an operation on many bytes
//! or elements is as many as it takes the time of.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{BlockType, ConstExpr, ExportKind, Function, ValType};
use wasmparser::Operator;

use crate::anatomy::{Anatomy, Body, Unfit};
use crate::graft::{Graft, Indices, Rewritten, Surgeon};
use crate::names::STEPS;

/// The module with its steps counted.
pub(crate) fn graft(anatomy: &Anatomy<'_>) -> Result<Vec<u8>, Unfit> {
    let mut graft = Graft::onto(anatomy);
    let mut stepper = Stepper {
        // Until the host sets it, a start function has all the steps it wants:
        // it has ended before where they were not counted.
        steps: graft.global(ValType::I64, ConstExpr::i64_const(i64::MAX)),
        length: graft.global(ValType::I32, ConstExpr::i32_const(0)),
    };
    graft.export(STEPS, ExportKind::Global, stepper.steps);
    graft.apply(&mut stepper)
}

struct Stepper {
    /// The counter.
    steps: u32,
    /// Where the length of an operation is put while it is charged.
    length: u32,
}

impl Stepper {
    fn step(&self, code: &mut Function) {
        code.instructions()
            .global_get(self.steps)
            .i64_const(1)
            .i64_sub()
            .global_set(self.steps)
            .global_get(self.steps)
            .i64_const(0)
            .i64_le_s()
            .if_(BlockType::Empty)
            .unreachable()
            .end();
    }

    /// Charges an operation whose length is on the stack, at so many to a step.
    /// It is over soon by itself: whether there are steps left is seen at the
    /// next call or round.
    fn charge(&self, code: &mut Function, each: i64) {
        code.instructions()
            .global_set(self.length)
            .global_get(self.steps)
            .global_get(self.length)
            .i64_extend_i32_u()
            .i64_const(each)
            .i64_div_u()
            .i64_sub()
            .global_set(self.steps)
            .global_get(self.length);
    }
}

/// How many bytes or elements of an operation take the time of a step; `None`
/// where it takes the same time whatever it is given. The length is always the
/// last operand. A step is never less than wasmtime charges a unit of fuel for.
fn length_of_a_step(operator: &Operator<'_>) -> Option<i64> {
    match operator {
        Operator::MemoryFill { .. } | Operator::MemoryCopy { .. } | Operator::MemoryInit { .. } => {
            Some(64)
        }
        Operator::TableFill { .. }
        | Operator::TableCopy { .. }
        | Operator::TableInit { .. }
        | Operator::TableGrow { .. }
        | Operator::ArrayNew { .. }
        | Operator::ArrayNewDefault { .. }
        | Operator::ArrayNewData { .. }
        | Operator::ArrayNewElem { .. }
        | Operator::ArrayInitData { .. }
        | Operator::ArrayInitElem { .. }
        | Operator::ArrayFill { .. }
        | Operator::ArrayCopy { .. } => Some(1),
        _ => None,
    }
}

impl Surgeon for Stepper {
    fn operate(&mut self, indices: &mut Indices, body: &Body<'_>) -> Rewritten<Function> {
        let mut code = indices.begin(body, [])?;
        self.step(&mut code);
        for operator in &body.code {
            if let Some(each) = length_of_a_step(operator) {
                self.charge(&mut code, each);
            }
            code.instruction(&indices.instruction(operator.clone())?);
            if matches!(operator, Operator::Loop { .. }) {
                self.step(&mut code);
            }
        }
        Ok(code)
    }
}
