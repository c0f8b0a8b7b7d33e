//! Where the parts of Vera's runtime are in a module.

use wasmparser::Operator;

use super::names::{COLLECTOR_PREFIX, RuntimeFunction, RuntimeGlobal};
use super::shadow_stack::ShadowStack;
use crate::anatomy::{Anatomy, Unfit};

/// The parts of Vera's runtime in a module, by index.
pub(crate) struct VeraRuntime {
    /// `$alloc`.
    pub alloc: u32,
    /// `$gc_collect`.
    pub collect: u32,
    /// `$gc_sp`.
    pub shadow_pointer: u32,
    functions: [Option<u32>; RuntimeFunction::ALL.len()],
    globals: [Option<u32>; RuntimeGlobal::ALL.len()],
}

fn unknown(part: &str) -> Unfit {
    Unfit::UnknownRuntime(part.to_owned())
}

impl VeraRuntime {
    /// Finds the runtime in a module that has an allocator.
    pub(crate) fn of(anatomy: &Anatomy<'_>) -> Result<VeraRuntime, Unfit> {
        let functions = RuntimeFunction::ALL.map(|function| function.find(anatomy));
        let globals = RuntimeGlobal::ALL.map(|global| anatomy.global(global.name()));
        let required = |function: RuntimeFunction| {
            functions[function as usize].ok_or_else(|| unknown(function.name()))
        };
        let pointer = RuntimeGlobal::ShadowPointer;
        Ok(VeraRuntime {
            alloc: required(RuntimeFunction::Alloc)?,
            collect: required(RuntimeFunction::Collect)?,
            shadow_pointer: globals[pointer as usize].ok_or_else(|| unknown(pointer.name()))?,
            functions,
            globals,
        })
    }

    /// The index of a function, where the module has it.
    pub(crate) fn function(&self, function: RuntimeFunction) -> Option<u32> {
        self.functions[function as usize]
    }

    /// The index of a global, where the module has it.
    pub(crate) fn global(&self, global: RuntimeGlobal) -> Option<u32> {
        self.globals[global as usize]
    }

    /// The index of a global that the module must have.
    pub(crate) fn require(&self, global: RuntimeGlobal) -> Result<u32, Unfit> {
        self.global(global).ok_or_else(|| unknown(global.name()))
    }

    /// Whether an instruction calls the collector.
    pub(crate) fn collects(&self, operator: &Operator<'_>) -> bool {
        matches!(operator, Operator::Call { function_index } if *function_index == self.collect)
    }

    /// The shadow stack, of which the module must have all.
    pub(crate) fn shadow_stack(&self) -> Result<ShadowStack, Unfit> {
        Ok(ShadowStack {
            pointer: self.shadow_pointer,
            base: self.require(RuntimeGlobal::ShadowBase)?,
            limit: self.require(RuntimeGlobal::ShadowLimit)?,
        })
    }

    /// Refuses a module whose collector has functions that are not known here:
    /// what they do to the heap would be taken for what the program does.
    pub(crate) fn know_all_of(anatomy: &Anatomy<'_>) -> Result<(), Unfit> {
        let stranger = |name: &str| {
            name.starts_with(COLLECTOR_PREFIX) && RuntimeFunction::named(name).is_none()
        };
        let mut names = anatomy.function_names();
        match names.find(|(name, _)| stranger(name)) {
            Some((name, _)) => Err(unknown(name)),
            None => Ok(()),
        }
    }
}

impl RuntimeFunction {
    /// Its index in a module, by its name, and by its type where that is known.
    pub(crate) fn find(self, anatomy: &Anatomy<'_>) -> Option<u32> {
        match self.signature() {
            Some(signature) => anatomy.defined_function(self.name(), &signature),
            None => anatomy.function_named(self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Vec<u8> {
        wat::parse_str(format!("(module {text})")).unwrap()
    }

    fn found(text: &str) -> Result<VeraRuntime, Unfit> {
        VeraRuntime::of(&Anatomy::of(&module(text)).unwrap())
    }

    const CORE: &str = "(global $gc_sp (mut i32) (i32.const 8))
        (func $gc_collect)
        (func $alloc (param i32) (result i32) i32.const 64)";

    #[test]
    fn parts_are_found_by_name_and_type() {
        let limit = "(global $gc_stack_limit i32 (i32.const 16))";
        let runtime = found(&format!("{CORE} {limit}")).unwrap();
        assert_eq!((runtime.collect, runtime.alloc), (0, 1));
        assert_eq!(runtime.function(RuntimeFunction::Alloc), Some(1));
        assert_eq!(runtime.function(RuntimeFunction::IsBase), None);
        assert_eq!(runtime.require(RuntimeGlobal::ShadowLimit), Ok(1));
        let missing = runtime.shadow_stack().err().unwrap();
        assert_eq!(missing, unknown("gc_stack_base"));
        let other = CORE.replace("(result i32) i32.const 64", "");
        let missing = found(&other).err().unwrap();
        assert_eq!(missing, unknown("alloc"));
    }

    #[test]
    fn a_collector_with_more_than_is_known_is_refused() {
        let looked_at = |more: &str| {
            let module = module(&format!("{CORE} {more}"));
            VeraRuntime::know_all_of(&Anatomy::of(&module).unwrap())
        };
        assert_eq!(looked_at("(func $gc_is_base)"), Ok(()));
        let refused = looked_at("(func $gc_compact)");
        assert_eq!(refused, Err(unknown("gc_compact")));
    }
}
