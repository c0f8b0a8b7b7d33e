//! The sections of a module, with what a graft adds to each.

use std::convert::Infallible;

use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, EntityType, ExportSection, FunctionSection, GlobalSection,
    ImportSection, MemorySection, Module, NameSection, SectionId, TypeSection,
};
use wasmparser::FunctionBody;

use super::{Graft, Indices, OURS, Rewritten, Surgeon};
use crate::anatomy::Body;

/// The sections that a graft adds to and a module may lack, in their order.
const OWN: [SectionId; 4] = [
    SectionId::Type,
    SectionId::Import,
    SectionId::Global,
    SectionId::Export,
];

/// The place of a section in a module, as far as it matters here.
fn rank(section: SectionId) -> u32 {
    match section {
        SectionId::Type => 0,
        SectionId::Import => 1,
        SectionId::Function => 2,
        SectionId::Table => 3,
        SectionId::Memory => 4,
        SectionId::Tag => 5,
        SectionId::Global => 6,
        SectionId::Export => 7,
        _ => 8,
    }
}

/// Writes a module anew.
pub(super) struct Writer<'g, 'a, S> {
    graft: &'g Graft<'a>,
    surgeon: &'g mut S,
    indices: Indices,
    /// Of [`OWN`], which were written.
    written: [bool; OWN.len()],
    /// The function, in the indices of the module as it came, whose body is next.
    next_body: u32,
    /// The same of globals.
    next_global: u32,
}

impl<'g, 'a, S: Surgeon> Writer<'g, 'a, S> {
    pub(super) fn new(graft: &'g Graft<'a>, surgeon: &'g mut S) -> Writer<'g, 'a, S> {
        Writer {
            indices: graft.indices(),
            written: [false; OWN.len()],
            next_body: graft.anatomy.imported(),
            next_global: graft.anatomy.imported_globals,
            graft,
            surgeon,
        }
    }

    fn wrote(&mut self, section: SectionId) {
        let place = OWN.iter().position(|own| *own == section);
        self.written[place.expect("one of the list")] = true;
    }

    fn types(&mut self, types: &mut TypeSection) {
        for new in &self.graft.types {
            let (parameters, results) = (new.parameters.iter(), new.results.iter());
            types.ty().function(parameters.copied(), results.copied());
        }
        self.wrote(SectionId::Type);
    }

    fn imports(&mut self, imports: &mut ImportSection) {
        for (name, ty) in &self.graft.imports {
            imports.import(OURS, name, EntityType::Function(*ty));
        }
        self.wrote(SectionId::Import);
    }

    fn globals(&mut self, globals: &mut GlobalSection) {
        for (ty, first) in &self.graft.globals {
            globals.global(*ty, first);
        }
        self.wrote(SectionId::Global);
    }

    fn exports(&mut self, exports: &mut ExportSection) {
        for (name, kind, index) in &self.graft.exports {
            exports.export(name, *kind, *index);
        }
        self.wrote(SectionId::Export);
    }

    /// Writes a section that the module does not have.
    fn section(&mut self, module: &mut Module, section: SectionId) {
        match section {
            SectionId::Type if !self.graft.types.is_empty() => {
                let mut types = TypeSection::new();
                self.types(&mut types);
                module.section(&types);
            }
            SectionId::Import if !self.graft.imports.is_empty() => {
                let mut imports = ImportSection::new();
                self.imports(&mut imports);
                module.section(&imports);
            }
            SectionId::Global if !self.graft.globals.is_empty() => {
                let mut globals = GlobalSection::new();
                self.globals(&mut globals);
                module.section(&globals);
            }
            SectionId::Export if !self.graft.exports.is_empty() => {
                let mut exports = ExportSection::new();
                self.exports(&mut exports);
                module.section(&exports);
            }
            _ => {}
        }
    }
}

impl<S: Surgeon> Reencode for Writer<'_, '_, S> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Rewritten<u32> {
        self.indices.function_index(function)
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Rewritten {
        let next = before.map_or(u32::MAX, rank);
        for (place, section) in OWN.into_iter().enumerate() {
            if !self.written[place] && rank(section) < next {
                self.section(module, section);
            }
        }
        Ok(())
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_type_section(self, types, section)?;
        self.types(types);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_import_section(self, imports, section)?;
        self.imports(imports);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_function_section(self, functions, section)?;
        for new in &self.graft.functions {
            functions.function(new.ty);
        }
        Ok(())
    }

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: wasmparser::MemorySectionReader<'_>,
    ) -> Rewritten {
        match self.graft.resized {
            Some(memory) => {
                memories.memory(memory);
            }
            None => utils::parse_memory_section(self, memories, section)?,
        }
        for memory in &self.graft.memories {
            memories.memory(*memory);
        }
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_global_section(self, globals, section)?;
        self.globals(globals);
        Ok(())
    }

    fn parse_global(
        &mut self,
        globals: &mut GlobalSection,
        global: wasmparser::Global<'_>,
    ) -> Rewritten {
        let index = self.next_global;
        self.next_global += 1;
        match self.graft.first_values.get(&index) {
            Some(first) => {
                globals.global(self.global_type(global.ty)?, &ConstExpr::i32_const(*first));
            }
            None => utils::parse_global(self, globals, global)?,
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_export_section(self, exports, section)?;
        self.exports(exports);
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        bodies: wasmparser::CodeSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_code_section(self, code, bodies)?;
        for function in self.surgeon.added() {
            code.function(&function);
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Rewritten {
        let body = Body::of(self.graft.anatomy, self.next_body, &body)?;
        self.next_body += 1;
        code.function(&self.surgeon.operate(&mut self.indices, &body)?);
        Ok(())
    }

    fn parse_custom_name_subsection(
        &mut self,
        names: &mut NameSection,
        section: wasmparser::Name<'_>,
    ) -> Rewritten {
        let wasmparser::Name::Function(map) = section else {
            return utils::parse_custom_name_subsection(self, names, section);
        };
        let mut functions = utils::name_map(map, |index| self.function_index(index))?;
        for (index, new) in (self.graft.first_function()..).zip(&self.graft.functions) {
            if let Some(name) = new.name {
                functions.append(index, name);
            }
        }
        names.functions(&functions);
        Ok(())
    }
}
