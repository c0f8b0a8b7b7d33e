//! A module that tells its host how deep it calls, and when it collects, in
//! frames of the size that they have without that.
//!
//! A counter goes up before each call and down behind it. A function that is
//! entered deeper than any before it tells the host, which looks at the stack
//! that is in use. Nothing is held across a call but on the way: a throw leaves
//! the counter too high, which costs the host a few looks more, and hides none.

use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function,
    GlobalSection, GlobalType, ImportSection, Module, SectionId, TypeSection, ValType,
};
use wasmparser::Operator;

use super::{AFTER_COLLECTION, BEFORE_COLLECTION, DEEPER, OURS, shown};
use crate::anatomy::Anatomy;
use crate::vera_runtime::{RuntimeFunction, RuntimeGlobal};

type Rewritten<T = ()> = Result<T, reencode::Error<Infallible>>;

/// What the host is told, in the order of the imports.
const IMPORTS: [&str; 3] = [DEEPER, BEFORE_COLLECTION, AFTER_COLLECTION];

pub(super) struct Prober<'a> {
    anatomy: &'a Anatomy,
    collect: Option<u32>,
    imported_ours: bool,
}

impl<'a> Prober<'a> {
    pub(super) fn new(anatomy: &'a Anatomy) -> Prober<'a> {
        Prober {
            anatomy,
            collect: RuntimeFunction::Collect.find(anatomy),
            imported_ours: false,
        }
    }

    /// The index of one of [`IMPORTS`]: behind all other imports.
    fn import(&self, place: u32) -> u32 {
        self.anatomy.imported() + place
    }

    /// How deep the program is.
    fn depth(&self) -> u32 {
        self.anatomy.globals
    }

    /// How deep it has been.
    fn deepest(&self) -> u32 {
        self.anatomy.globals + 1
    }

    fn import_ours(&mut self, imports: &mut ImportSection) {
        for name in IMPORTS {
            imports.import(OURS, name, EntityType::Function(self.anatomy.types));
        }
        self.imported_ours = true;
    }

    fn entered(&self, code: &mut Function) {
        code.instructions()
            .global_get(self.depth())
            .global_get(self.deepest())
            .i64_gt_s()
            .if_(BlockType::Empty)
            .global_get(self.depth())
            .global_set(self.deepest())
            .call(self.import(0))
            .end();
    }

    fn deeper(&self, code: &mut Function, by: i64) {
        code.instructions()
            .global_get(self.depth())
            .i64_const(by)
            .i64_add()
            .global_set(self.depth());
    }

    /// Whether an operator calls a function of the module, and comes back.
    fn calls(&self, operator: &Operator<'_>) -> bool {
        match operator {
            Operator::Call { function_index } => *function_index >= self.anatomy.imported(),
            Operator::CallIndirect { .. } | Operator::CallRef { .. } => true,
            _ => false,
        }
    }
}

impl Reencode for Prober<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Rewritten<u32> {
        let imported = self.anatomy.imported();
        let ours = u32::try_from(IMPORTS.len()).expect("there are three");
        Ok(function + if function >= imported { ours } else { 0 })
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_import_section(self, imports, section)?;
        self.import_ours(imports);
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Rewritten {
        // A program without imports has no section for ours. Globals it has: those
        // that count its steps.
        if !self.imported_ours && !matches!(before, Some(SectionId::Type | SectionId::Import)) {
            let mut imports = ImportSection::new();
            self.import_ours(&mut imports);
            module.section(&imports);
        }
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_global_section(self, globals, section)?;
        let counter = GlobalType {
            val_type: ValType::I64,
            mutable: true,
            shared: false,
        };
        // The first function that is entered is deeper than none.
        for first in [0, -1] {
            globals.global(counter, &ConstExpr::i64_const(first));
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_export_section(self, exports, section)?;
        for global in [RuntimeGlobal::HEAP, RuntimeGlobal::WRAP_TABLE].concat() {
            if let Some(index) = self.anatomy.global(global.name()) {
                exports.export(&shown(global), ExportKind::Global, index);
            }
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        section: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Rewritten {
        let mut code = self.new_function_with_parsed_locals(&body)?;
        self.entered(&mut code);
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let operator = reader.read()?;
            let calls = self.calls(&operator);
            let collects = matches!(
                operator,
                Operator::Call { function_index } if Some(function_index) == self.collect
            );
            if calls {
                self.deeper(&mut code, 1);
            }
            if collects {
                code.instructions().call(self.import(1));
            }
            code.instruction(&self.instruction(operator)?);
            if collects {
                code.instructions().call(self.import(2));
            }
            if calls {
                self.deeper(&mut code, -1);
            }
        }
        section.function(&code);
        Ok(())
    }
}
