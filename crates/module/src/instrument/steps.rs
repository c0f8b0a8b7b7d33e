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

use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection,
    GlobalType, Module, SectionId, ValType,
};
use wasmparser::Operator;

use super::STEPS;
use crate::anatomy::Anatomy;

type Rewritten = Result<(), reencode::Error<Infallible>>;

pub(super) struct Stepper {
    /// The counter: behind all other globals.
    steps: u32,
    /// Behind it, where the length of an operation is put while it is charged.
    length: u32,
    has_globals: bool,
    has_exports: bool,
}

impl Stepper {
    pub(super) fn new(anatomy: &Anatomy) -> Stepper {
        Stepper {
            steps: anatomy.globals,
            length: anatomy.globals + 1,
            has_globals: false,
            has_exports: false,
        }
    }

    fn globals(globals: &mut GlobalSection) {
        let of = |val_type| GlobalType {
            val_type,
            mutable: true,
            shared: false,
        };
        // Until the host sets it, a start function has all the steps it wants:
        // it has ended before where they were not counted.
        globals.global(of(ValType::I64), &ConstExpr::i64_const(i64::MAX));
        globals.global(of(ValType::I32), &ConstExpr::i32_const(0));
    }

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

impl Reencode for Stepper {
    type Error = Infallible;

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Rewritten {
        // A program without globals or exports has no section for ours.
        let globals_come_later = matches!(
            before,
            Some(
                SectionId::Type
                    | SectionId::Import
                    | SectionId::Function
                    | SectionId::Table
                    | SectionId::Memory
                    | SectionId::Tag
                    | SectionId::Global
            )
        );
        if !self.has_globals && !globals_come_later {
            let mut globals = GlobalSection::new();
            Stepper::globals(&mut globals);
            module.section(&globals);
            self.has_globals = true;
        }
        let exports_come_later = globals_come_later || before == Some(SectionId::Export);
        if !self.has_exports && !exports_come_later {
            let mut exports = ExportSection::new();
            exports.export(STEPS, ExportKind::Global, self.steps);
            module.section(&exports);
            self.has_exports = true;
        }
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_global_section(self, globals, section)?;
        Stepper::globals(globals);
        self.has_globals = true;
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_export_section(self, exports, section)?;
        exports.export(STEPS, ExportKind::Global, self.steps);
        self.has_exports = true;
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        section: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Rewritten {
        let mut code = self.new_function_with_parsed_locals(&body)?;
        self.step(&mut code);
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let operator = reader.read()?;
            let is_loop = matches!(operator, Operator::Loop { .. });
            if let Some(each) = length_of_a_step(&operator) {
                self.charge(&mut code, each);
            }
            code.instruction(&self.instruction(operator)?);
            if is_loop {
                self.step(&mut code);
            }
        }
        section.function(&code);
        Ok(())
    }
}
