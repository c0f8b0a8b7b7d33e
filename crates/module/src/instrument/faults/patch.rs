//! Where code is replaced, and the rewriting that does it.

use std::convert::Infallible;
use std::ops::Range;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, Function, Instruction, Module, ValType};
use wasmparser::{FunctionBody, Operator, Parser, Payload};

use crate::anatomy::{Anatomy, Unfit};
use crate::instrument::rewrite::operators;

/// A function of a module.
pub(super) struct Body<'a> {
    /// Its index among all functions.
    pub(super) function: u32,
    /// Its instructions.
    pub(super) code: Vec<Operator<'a>>,
    /// How many locals it has, parameters included: the index of the next.
    pub(super) locals: u32,
}

/// The functions that a module defines.
pub(super) fn bodies<'a>(module: &'a [u8], anatomy: &Anatomy) -> Result<Vec<Body<'a>>, Unfit> {
    let mut all = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CodeSectionEntry(body) = payload? else {
            continue;
        };
        let index = u32::try_from(all.len()).expect("a validated module has few functions");
        let function = anatomy.imported() + index;
        let mut locals = anatomy.parameters(function);
        for group in body.get_locals_reader()? {
            locals += group?.0;
        }
        all.push(Body {
            function,
            code: operators(&body)?,
            locals,
        });
    }
    Ok(all)
}

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
pub(super) fn apply(module: &[u8], anatomy: &Anatomy, edit: Edit) -> Result<Vec<u8>, Unfit> {
    let mut editor = Editor {
        edit,
        next_body: anatomy.imported(),
    };
    let mut changed = Module::new();
    editor
        .parse_core_module(&mut changed, Parser::new(0), module)
        .map_err(|why| Unfit::Invalid(why.to_string()))?;
    Ok(changed.finish())
}

struct Editor {
    edit: Edit,
    next_body: u32,
}

type Rewritten<T = ()> = Result<T, reencode::Error<Infallible>>;

impl Editor {
    fn with_new_locals(&mut self, body: &FunctionBody<'_>) -> Rewritten<Function> {
        let mut locals = Vec::new();
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            locals.push((count, self.val_type(ty)?));
        }
        if self.edit.new_locals > 0 {
            locals.push((self.edit.new_locals, ValType::I32));
        }
        Ok(Function::new(locals))
    }
}

impl Reencode for Editor {
    type Error = Infallible;

    fn parse_function_body(
        &mut self,
        section: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Rewritten {
        let here = self.next_body == self.edit.function;
        self.next_body += 1;
        if !here {
            return reencode::utils::parse_function_body(self, section, body);
        }
        let mut code = self.with_new_locals(&body)?;
        let mut patches = std::mem::take(&mut self.edit.patches)
            .into_iter()
            .peekable();
        let mut replaced_until = 0;
        for (at, operator) in body.get_operators_reader()?.into_iter().enumerate() {
            if let Some(patch) = patches.next_if(|patch| patch.at.start == at) {
                for instruction in &patch.with {
                    code.instruction(instruction);
                }
                replaced_until = patch.at.end;
            }
            if at >= replaced_until {
                code.instruction(&self.instruction(operator?)?);
            }
        }
        section.function(&code);
        Ok(())
    }
}
