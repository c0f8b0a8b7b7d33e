//! The rewriting itself.

use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, Module, NameSection,
    SectionId, TypeSection, ValType,
};
use wasmparser::Operator;

use super::{
    AFTER_COLLECTION, ALLOCATED, ALLOCATIONS, ASK, BEFORE_COLLECTION, COLLECTIONS, COUNTDOWN, OURS,
    RAISES, SHADOW_BASE, SHADOW_TOP, Variant, shown,
};
use crate::anatomy::{Anatomy, Unfit};
use crate::vera_runtime::{RuntimeGlobal, ShadowStack, VeraRuntime};

/// The function that raises [`SHADOW_TOP`].
const RAISE: &str = "vera-stress.raise-shadow-top";

/// Rewrites a module. One that has no allocator is given back as it is: there is
/// nothing to count.
pub fn instrument(module: &[u8], variant: Variant) -> Result<Vec<u8>, Unfit> {
    let anatomy = Anatomy::of(module)?;
    let mut rewritten = Module::new();
    let parser = wasmparser::Parser::new(0);
    let failed = |why: reencode::Error<Infallible>| Unfit::Invalid(why.to_string());
    if matches!(variant, Variant::Stepped | Variant::Probed) {
        let mut stepper = super::steps::Stepper::new(&anatomy);
        stepper
            .parse_core_module(&mut rewritten, parser, module)
            .map_err(failed)?;
        let stepped = rewritten.finish();
        return match variant {
            Variant::Probed => probe(&stepped),
            _ => Ok(stepped),
        };
    }
    if !anatomy.has_allocator() {
        return Ok(module.to_vec());
    }
    let runtime = VeraRuntime::of(&anatomy)?;
    let stack = runtime.shadow_stack()?;
    let watched = every_push_is_tested(module, &stack)?;
    let mut rewriter = Rewriter {
        anatomy: &anatomy,
        runtime,
        stack,
        variant,
        watched,
        next_body: anatomy.imported(),
        imported_ours: false,
    };
    rewriter
        .parse_core_module(&mut rewritten, parser, module)
        .map_err(failed)?;
    Ok(rewritten.finish())
}

/// Adds the probes to a module that is stepped.
fn probe(module: &[u8]) -> Result<Vec<u8>, Unfit> {
    let anatomy = Anatomy::of(module)?;
    let mut rewritten = Module::new();
    super::probes::Prober::new(&anatomy)
        .parse_core_module(&mut rewritten, wasmparser::Parser::new(0), module)
        .map_err(|why: reencode::Error<Infallible>| Unfit::Invalid(why.to_string()))?;
    Ok(rewritten.finish())
}

/// The instructions of a function.
pub(super) fn operators<'a>(
    body: &wasmparser::FunctionBody<'a>,
) -> Result<Vec<Operator<'a>>, Unfit> {
    let mut reader = body.get_operators_reader()?;
    let mut code = Vec::new();
    while !reader.eof() {
        code.push(reader.read()?);
    }
    Ok(code)
}

fn every_push_is_tested(module: &[u8], stack: &ShadowStack) -> Result<bool, Unfit> {
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        let wasmparser::Payload::CodeSectionEntry(body) = payload? else {
            continue;
        };
        if !stack.every_push_is_tested(&operators(&body)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

struct Rewriter<'a> {
    anatomy: &'a Anatomy,
    runtime: VeraRuntime,
    stack: ShadowStack,
    variant: Variant,
    watched: bool,
    /// The function, in the indices of the original, whose body comes next.
    next_body: u32,
    imported_ours: bool,
}

type Rewritten<T = ()> = std::result::Result<T, reencode::Error<Infallible>>;

impl Rewriter<'_> {
    fn asks(&self) -> bool {
        matches!(self.variant, Variant::Scheduled | Variant::Sanitized)
    }

    fn tells(&self) -> bool {
        self.variant == Variant::Traced
    }

    /// The imports of ours, with their types.
    fn imports(&self) -> Vec<(&'static str, u32)> {
        match self.variant {
            Variant::Scheduled | Variant::Sanitized => vec![(ASK, self.type_of_ask())],
            Variant::Traced => [BEFORE_COLLECTION, AFTER_COLLECTION]
                .map(|name| (name, self.type_of_raise()))
                .into(),
            Variant::Counted | Variant::Uncollected | Variant::Stepped | Variant::Probed => {
                Vec::new()
            }
        }
    }

    /// How many there are.
    fn ours(&self) -> u32 {
        u32::from(self.asks()) + 2 * u32::from(self.tells())
    }

    /// The index of the function that asks the host: behind all other imports.
    fn ask(&self) -> u32 {
        self.anatomy.imported()
    }

    /// The index of the function that tells it that a collection begins; behind
    /// it is the one for its end.
    fn begins(&self) -> u32 {
        self.anatomy.imported()
    }

    fn raise(&self) -> u32 {
        self.anatomy.functions + self.ours()
    }

    fn moved(&self, function: u32) -> u32 {
        let imported = self.anatomy.imported();
        function + if function >= imported { self.ours() } else { 0 }
    }

    fn type_of_raise(&self) -> u32 {
        self.anatomy.types
    }

    fn type_of_ask(&self) -> u32 {
        self.anatomy.types + 1
    }

    fn allocations(&self) -> u32 {
        self.anatomy.globals
    }

    fn allocated(&self) -> u32 {
        self.anatomy.globals + 1
    }

    fn collections(&self) -> u32 {
        self.anatomy.globals + 2
    }

    fn shadow_top(&self) -> u32 {
        self.anatomy.globals + 3
    }

    fn raises(&self) -> u32 {
        self.anatomy.globals + 4
    }

    fn countdown(&self) -> u32 {
        self.anatomy.globals + 5
    }

    fn import_ours(&mut self, imports: &mut ImportSection) {
        for (name, ty) in self.imports() {
            imports.import(OURS, name, EntityType::Function(ty));
        }
        self.imported_ours = true;
    }

    /// What `$alloc` does before its own work: 9 units, and 7 more where it may
    /// have to ask.
    fn before_allocation(&self, code: &mut Function) {
        add_one(code, self.allocations());
        code.instructions()
            .global_get(self.allocated())
            .local_get(0)
            .i64_extend_i32_u()
            .i64_add()
            .global_set(self.allocated());
        if !self.asks() {
            return;
        }
        code.instructions()
            .global_get(self.countdown())
            .i64_const(1)
            .i64_sub()
            .global_set(self.countdown())
            .global_get(self.countdown())
            .i64_eqz()
            .if_(BlockType::Empty)
            // 6 units for asking ...
            .call(self.ask())
            .global_set(self.countdown())
            .global_get(self.countdown())
            .i64_const(0)
            .i64_lt_s()
            .if_(BlockType::Empty)
            // ... and 4 for an answer that says not now.
            .i64_const(0)
            .global_get(self.countdown())
            .i64_sub()
            .global_set(self.countdown())
            .else_()
            .call(self.moved(self.runtime.collect))
            .end()
            .end();
    }

    /// A function that notes a new highest use of the shadow stack, and traps
    /// as the test it stands in for where that is beyond the limit. 16 units,
    /// with one for the call and one that wasmtime charges for entering.
    fn raise_body(&self) -> Function {
        let mut code = Function::new([]);
        add_one(&mut code, self.raises());
        code.instructions()
            .global_get(self.stack.pointer)
            .i32_const(4)
            .i32_add()
            .global_set(self.shadow_top())
            .global_get(self.stack.pointer)
            .i32_const(4)
            .i32_add()
            .global_get(self.stack.limit)
            .i32_gt_u()
            .if_(BlockType::Empty)
            .unreachable()
            .end()
            .end();
        code
    }
}

/// Adds one to a counter: 4 units.
fn add_one(code: &mut Function, counter: u32) {
    code.instructions()
        .global_get(counter)
        .i64_const(1)
        .i64_add()
        .global_set(counter);
}

impl Reencode for Rewriter<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Rewritten<u32> {
        Ok(self.moved(function))
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([], []);
        types.ty().function([], [ValType::I64]);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_import_section(self, imports, section)?;
        if self.ours() > 0 {
            self.import_ours(imports);
        }
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Rewritten {
        // A program without imports has no section for ours.
        let comes_later = !matches!(before, Some(SectionId::Type | SectionId::Import));
        if self.ours() > 0 && !self.imported_ours && comes_later {
            let mut imports = ImportSection::new();
            self.import_ours(&mut imports);
            module.section(&imports);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.type_of_raise());
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_global_section(self, globals, section)?;
        let of = |val_type| GlobalType {
            val_type,
            mutable: true,
            shared: false,
        };
        let counter = of(ValType::I64);
        for _ in [ALLOCATIONS, ALLOCATED, COLLECTIONS] {
            globals.global(counter, &ConstExpr::i64_const(0));
        }
        // Below the stack, so that the first push raises it to where it belongs.
        globals.global(of(ValType::I32), &ConstExpr::i32_const(0));
        for _ in [RAISES, COUNTDOWN] {
            globals.global(counter, &ConstExpr::i64_const(0));
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_export_section(self, exports, section)?;
        let mut global = |name: &str, index| {
            exports.export(name, ExportKind::Global, index);
        };
        global(ALLOCATIONS, self.allocations());
        global(ALLOCATED, self.allocated());
        global(COLLECTIONS, self.collections());
        global(RAISES, self.raises());
        global(COUNTDOWN, self.countdown());
        global(SHADOW_BASE, self.stack.base);
        if self.watched {
            global(SHADOW_TOP, self.shadow_top());
        }
        for shown_global in RuntimeGlobal::HEAP {
            if self.tells()
                && let Some(index) = self.runtime.global(shown_global)
            {
                global(&shown(shown_global), index);
            }
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        section: &mut CodeSection,
        bodies: wasmparser::CodeSectionReader<'_>,
    ) -> Rewritten {
        utils::parse_code_section(self, section, bodies)?;
        section.function(&self.raise_body());
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        section: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Rewritten {
        let function = self.next_body;
        self.next_body += 1;
        let mut code = self.new_function_with_parsed_locals(&body)?;
        if function == self.runtime.alloc {
            self.before_allocation(&mut code);
        }
        if function == self.runtime.collect {
            if self.variant == Variant::Uncollected {
                code.instructions().end();
                section.function(&code);
                return Ok(());
            }
            add_one(&mut code, self.collections());
            if self.tells() {
                code.instructions().call(self.begins());
            }
        }
        let mut operators = Vec::new();
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            operators.push(reader.read()?);
        }
        for (at, operator) in operators.iter().enumerate() {
            // The limit that a push is tested against, and the trap where it is
            // reached, become the top so far, and the function that raises it.
            let tested = |end: usize| self.watched && self.stack.test_ends_at(&operators, end);
            let instruction = if tested(at + 4) {
                Instruction::GlobalGet(self.shadow_top())
            } else if tested(at + 1) {
                Instruction::Call(self.raise())
            } else {
                self.instruction(operator.clone())?
            };
            code.instruction(&instruction);
            let collects = matches!(
                operator,
                Operator::Call { function_index } if *function_index == self.runtime.collect
            );
            if self.tells() && collects {
                code.instructions().call(self.begins() + 1);
            }
        }
        section.function(&code);
        Ok(())
    }

    fn parse_custom_name_subsection(
        &mut self,
        names: &mut NameSection,
        section: wasmparser::Name<'_>,
    ) -> Rewritten {
        if let wasmparser::Name::Function(map) = section {
            let mut functions = utils::name_map(map, |index| self.function_index(index))?;
            functions.append(self.raise(), RAISE);
            names.functions(&functions);
            return Ok(());
        }
        utils::parse_custom_name_subsection(self, names, section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNTIME: &str = r#"
        (memory (export "vera.memory") 1)
        (global $gc_sp (mut i32) (i32.const 8))
        (global $gc_stack_base i32 (i32.const 8))
        (global $gc_stack_limit i32 (i32.const 16))
        (func $gc_collect)
        (func $alloc (export "vera.alloc") (param i32) (result i32) i32.const 64)"#;

    fn rewritten(text: &str, variant: Variant) -> Result<Vec<u8>, Unfit> {
        let module = wat::parse_str(format!("(module {text})")).unwrap();
        instrument(&module, variant)
    }

    #[test]
    fn a_runtime_that_is_not_known_is_refused_by_the_part_that_is_missing() {
        for part in ["gc_collect", "gc_sp", "gc_stack_base", "gc_stack_limit"] {
            let moved = RUNTIME.replace(&format!("${part} "), "$elsewhere ");
            let moved = moved.replace(&format!("${part})"), "$elsewhere)");
            for variant in [
                Variant::Counted,
                Variant::Traced,
                Variant::Scheduled,
                Variant::Uncollected,
            ] {
                assert_eq!(
                    rewritten(&moved, variant),
                    Err(Unfit::UnknownRuntime(part.to_owned()))
                );
            }
        }
        assert!(rewritten(RUNTIME, Variant::Counted).is_ok());
    }

    #[test]
    fn without_an_allocator_there_is_nothing_to_rewrite() {
        let text = "(func $alloc (export \"alloc\") (param i64))";
        let module = wat::parse_str(format!("(module {text})")).unwrap();
        assert_eq!(rewritten(text, Variant::Scheduled), Ok(module));
    }

    #[test]
    fn an_invalid_module_is_refused_before_it_is_rewritten() {
        let module = wat::parse_str("(module (func (result i32)))").unwrap();
        for variant in [Variant::Counted, Variant::Stepped] {
            let why = instrument(&module, variant).unwrap_err();
            assert!(matches!(why, Unfit::Invalid(_)), "{why}");
        }
    }

    #[test]
    fn a_push_that_is_not_recognised_leaves_the_high_water_mark_out() {
        let push = "global.get $gc_sp i32.const 4 i32.add global.set $gc_sp";
        let test = "global.get $gc_sp i32.const 4 i32.add global.get $gc_stack_limit i32.gt_u \
                    if unreachable end global.get $gc_sp i32.const 7 i32.store";
        let exported = |body: &str| {
            let text = format!("{RUNTIME} (func (export \"main\") {body})");
            let module = rewritten(&text, Variant::Counted).unwrap();
            let text = wasmprinter::print_bytes(module).unwrap();
            text.contains("(export \"vera-stress.shadow-top\"")
        };
        assert!(exported(&format!("{test} {push}")));
        assert!(exported("global.get $gc_sp global.set $gc_sp").eq(&false));
        assert!(!exported(push));
        assert!(!exported(&format!("{test} nop {push}")));
    }
}
