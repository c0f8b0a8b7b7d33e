//! Grafting: a module with something of ours added to it.
//!
//! A [`Graft`] is a list of what is added: types, imports, functions, globals, a
//! memory, exports. It gives each its index at once, so that code which uses it
//! can be written before the module is. [`Graft::apply`] writes the module anew,
//! in one pass: what was there keeps its order, what is added stands behind it,
//! and every index that moves is moved, in code as in names. What becomes of the
//! functions' code is up to a [`Surgeon`].

mod section;

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{ConstExpr, ExportKind, Function, GlobalType, MemoryType, Module, ValType};

use crate::anatomy::{Anatomy, Body, Unfit};
use crate::names::OURS;

/// What comes of writing a part of a module anew.
pub(crate) type Rewritten<T = ()> = Result<T, reencode::Error<Infallible>>;

/// Indices of the module as it came, in what is made of it: imports of ours stand
/// before the functions that the module defines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Indices {
    imported: u32,
    added: u32,
}

impl Indices {
    /// Where a function is now.
    pub(crate) fn moved(self, function: u32) -> u32 {
        function
            + if function >= self.imported {
                self.added
            } else {
                0
            }
    }

    /// The beginning of a function that has the locals of `body`, and more.
    pub(crate) fn begin(
        &mut self,
        body: &Body<'_>,
        more: impl IntoIterator<Item = (u32, ValType)>,
    ) -> Rewritten<Function> {
        let mut locals = Vec::new();
        for (count, ty) in &body.locals {
            locals.push((*count, self.val_type(*ty)?));
        }
        locals.extend(more);
        Ok(Function::new(locals))
    }
}

impl Reencode for Indices {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Rewritten<u32> {
        Ok(self.moved(function))
    }
}

/// Who writes the functions of a module anew.
pub(crate) trait Surgeon {
    /// The function with this body; what it refers to has the indices of the
    /// module as it came.
    fn operate(&mut self, indices: &mut Indices, body: &Body<'_>) -> Rewritten<Function>;

    /// The functions that were added, in the order in which they were.
    fn added(&mut self) -> Vec<Function> {
        Vec::new()
    }
}

/// Leaves every function as it is.
pub(crate) struct AsItIs;

impl Surgeon for AsItIs {
    fn operate(&mut self, indices: &mut Indices, body: &Body<'_>) -> Rewritten<Function> {
        let mut code = indices.begin(body, [])?;
        for operator in &body.code {
            code.instruction(&indices.instruction(operator.clone())?);
        }
        Ok(code)
    }
}

struct NewType {
    parameters: Vec<ValType>,
    results: Vec<ValType>,
}

struct NewFunction {
    ty: u32,
    name: Option<&'static str>,
}

/// What is added to a module.
pub(crate) struct Graft<'a> {
    anatomy: &'a Anatomy<'a>,
    types: Vec<NewType>,
    imports: Vec<(&'static str, u32)>,
    functions: Vec<NewFunction>,
    memories: Vec<MemoryType>,
    resized: Option<MemoryType>,
    first_values: BTreeMap<u32, i32>,
    globals: Vec<(GlobalType, ConstExpr)>,
    exports: Vec<(String, ExportKind, u32)>,
}

/// How many there are, which is the index of the next.
fn next<T>(before: u32, added: &[T]) -> u32 {
    before + u32::try_from(added.len()).expect("a handful is added")
}

impl<'a> Graft<'a> {
    /// Nothing yet, for this module.
    pub(crate) fn onto(anatomy: &'a Anatomy<'a>) -> Graft<'a> {
        Graft {
            anatomy,
            types: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            memories: Vec::new(),
            resized: None,
            first_values: BTreeMap::new(),
            globals: Vec::new(),
            exports: Vec::new(),
        }
    }

    /// Adds a type of functions.
    pub(crate) fn ty(&mut self, parameters: &[ValType], results: &[ValType]) -> u32 {
        self.types.push(NewType {
            parameters: parameters.to_vec(),
            results: results.to_vec(),
        });
        next(self.anatomy.types, &self.types) - 1
    }

    /// Adds a function of the host's, which is in [`OURS`].
    pub(crate) fn import(&mut self, name: &'static str, ty: u32) -> u32 {
        debug_assert!(self.functions.is_empty(), "imports come before functions");
        self.imports.push((name, ty));
        next(self.anatomy.imported(), &self.imports) - 1
    }

    /// Adds a function, of which [`Surgeon::added`] gives the code. All imports
    /// must have been added before.
    pub(crate) fn function(&mut self, ty: u32, name: Option<&'static str>) -> u32 {
        self.functions.push(NewFunction { ty, name });
        self.first_function() + next(0, &self.functions) - 1
    }

    /// The index of the first function that is added.
    fn first_function(&self) -> u32 {
        next(self.anatomy.functions, &self.imports)
    }

    /// Adds a memory, behind the one that there is and those that were added.
    pub(crate) fn memory(&mut self, ty: MemoryType) -> u32 {
        self.memories.push(ty);
        next(1, &self.memories) - 1
    }

    /// Gives the module's own memory another size.
    pub(crate) fn resize_memory(&mut self, ty: MemoryType) {
        self.resized = Some(ty);
    }

    /// Has a global of the module's own, an i32, begin with another value.
    pub(crate) fn begin_with(&mut self, global: u32, value: i32) {
        self.first_values.insert(global, value);
    }

    /// Adds a global that changes.
    pub(crate) fn global(&mut self, val_type: ValType, first: ConstExpr) -> u32 {
        let ty = GlobalType {
            val_type,
            mutable: true,
            shared: false,
        };
        self.globals.push((ty, first));
        next(self.anatomy.globals, &self.globals) - 1
    }

    /// Adds a counter, an i64, and exports it.
    pub(crate) fn counter(&mut self) -> u32 {
        self.global(ValType::I64, ConstExpr::i64_const(0))
    }

    /// Exports something, by its index in what is made of the module.
    pub(crate) fn export(&mut self, name: impl Into<String>, kind: ExportKind, index: u32) {
        self.exports.push((name.into(), kind, index));
    }

    /// What becomes of the module's own indices, once all imports were added.
    pub(crate) fn indices(&self) -> Indices {
        Indices {
            imported: self.anatomy.imported(),
            added: next(0, &self.imports),
        }
    }

    /// The module with all that was added, and its functions as `surgeon` makes
    /// them.
    pub(crate) fn apply(self, surgeon: &mut impl Surgeon) -> Result<Vec<u8>, Unfit> {
        let mut writer = section::Writer::new(&self, surgeon);
        let mut rewritten = Module::new();
        writer
            .parse_core_module(
                &mut rewritten,
                wasmparser::Parser::new(0),
                self.anatomy.wasm,
            )
            .map_err(|why| Unfit::Invalid(why.to_string()))?;
        Ok(rewritten.finish())
    }
}

#[cfg(test)]
mod tests;
