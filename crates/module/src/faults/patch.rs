//! Where code is replaced, and the rewriting that does it.

use std::ops::Range;

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{Function, Instruction, ValType};

use crate::anatomy::{Anatomy, Body, Unfit};
use crate::graft::{Graft, Indices, Rewritten, Surgeon};

/// Other instructions in the place of some; an insertion where the range is
/// empty.
#[derive(Debug)]
pub(super) struct Patch {
    /// The operators, by their number in the body.
    pub(super) at: Range<usize>,
    /// What stands there instead.
    pub(super) with: Vec<Instruction<'static>>,
}

/// One function's changes.
#[derive(Debug)]
pub(super) struct Edit {
    /// The function, by its index among all functions.
    pub(super) function: u32,
    /// The replacements, in the order of the code.
    pub(super) patches: Vec<Patch>,
    /// How many locals are added, each an i32.
    pub(super) new_locals: u32,
}

/// The module with one function changed and everything else as it was.
pub(super) fn apply(anatomy: &Anatomy<'_>, mut edit: Edit) -> Result<Vec<u8>, Unfit> {
    Graft::onto(anatomy).apply(&mut edit)
}

impl Surgeon for Edit {
    fn operate(&mut self, indices: &mut Indices, body: &Body<'_>) -> Rewritten<Function> {
        let here = body.function == self.function;
        let new_locals = if here { self.new_locals } else { 0 };
        let mut code =
            indices.begin(body, (new_locals > 0).then_some((new_locals, ValType::I32)))?;
        let patches: &[Patch] = if here { &self.patches } else { &[] };
        let mut patches = patches.iter().peekable();
        let mut replaced_until = 0;
        for (at, operator) in body.code.iter().enumerate() {
            if let Some(patch) = patches.next_if(|patch| patch.at.start == at) {
                for instruction in &patch.with {
                    code.instruction(instruction);
                }
                replaced_until = patch.at.end;
            }
            if at >= replaced_until {
                code.instruction(&indices.instruction(operator.clone())?);
            }
        }
        Ok(code)
    }
}
