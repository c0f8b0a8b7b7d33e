//! The parts of a compiled module that matter here, found by name.

use std::collections::{HashMap, HashSet};

use wasmparser::{
    BinaryReaderError, CompositeInnerType, FuncType, FunctionBody, KnownCustom, MemoryType, Name,
    Operator, Parser, Payload, TypeRef, ValType, Validator, WasmFeatures,
};

use vera_stress_case::Problem;

use crate::vera_runtime::exports_allocator;

/// Why a module cannot be rewritten.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is no valid WebAssembly.
    #[error("no valid module: {0}")]
    Invalid(String),
    /// Its runtime has other parts than those that are known here: nothing would
    /// be counted, and no collection forced.
    #[error("{}; {WAY_OUT}", unknown_runtime(.0))]
    UnknownRuntime(String),
    /// Its runtime lays its memory out otherwise than is known here, so that its
    /// tables cannot be made smaller.
    #[error("{}", unknown_layout(.0))]
    UnknownLayout(String),
}

fn unknown_layout(why: &str) -> String {
    format!("the tables of this Vera's runtime cannot be made smaller: {why}")
}

fn unknown_runtime(part: &str) -> String {
    format!(
        "the native engine does not know the runtime of this Vera: the module has an allocator, and its `{part}` is not where releases 0.1.5 to 0.2.5 have it"
    )
}

const WAY_OUT: &str = "lane `reference` can run it";

impl From<Unfit> for Problem {
    fn from(why: Unfit) -> Problem {
        match why {
            Unfit::Invalid(_) | Unfit::UnknownLayout(_) => Problem::new(why.to_string()),
            Unfit::UnknownRuntime(part) => Problem::new(unknown_runtime(&part)).next(WAY_OUT),
        }
    }
}

impl From<BinaryReaderError> for Unfit {
    fn from(error: BinaryReaderError) -> Unfit {
        Unfit::Invalid(format!(
            "{} (at byte {:#x})",
            error.message(),
            error.offset()
        ))
    }
}

/// A function that a module wants from its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostImport {
    /// The module it is looked up in.
    pub module: String,
    /// Its name there.
    pub name: String,
}

/// A function that a module defines.
#[derive(Clone, Debug)]
pub(crate) struct Body<'a> {
    /// Its index among all functions.
    pub function: u32,
    /// Its instructions.
    pub code: Vec<Operator<'a>>,
    /// Its own locals, as they are grouped.
    pub locals: Vec<(u32, ValType)>,
    /// How many locals it has, parameters included: the index of the next.
    pub next_local: u32,
}

impl<'a> Body<'a> {
    /// Reads the body of a function.
    pub(crate) fn of(
        anatomy: &Anatomy<'_>,
        function: u32,
        body: &FunctionBody<'a>,
    ) -> Result<Body<'a>, BinaryReaderError> {
        let locals = body.get_locals_reader()?.into_iter();
        let locals: Vec<(u32, ValType)> = locals.collect::<Result<_, _>>()?;
        let own: u32 = locals.iter().map(|(count, _)| count).sum();
        Ok(Body {
            function,
            code: body
                .get_operators_reader()?
                .into_iter()
                .collect::<Result<_, _>>()?,
            locals,
            next_local: anatomy.parameters(function) + own,
        })
    }
}

/// What a module consists of, by index and by name: one read of it, which all
/// share who look at it or rewrite it.
#[derive(Clone, Debug, Default)]
pub struct Anatomy<'a> {
    /// The module.
    pub(crate) wasm: &'a [u8],
    bodies: Vec<FunctionBody<'a>>,
    /// The functions it imports, in order: they have the first indices.
    pub imports: Vec<HostImport>,
    /// How many types there are.
    pub(crate) types: u32,
    /// How many functions there are, imported ones included.
    pub(crate) functions: u32,
    /// How many globals there are.
    pub(crate) globals: u32,
    /// How many of them are imported: they have the first indices.
    pub(crate) imported_globals: u32,
    /// What those that the module defines begin with, where that is an i32 as it
    /// stands.
    first_values: Vec<Option<i32>>,
    memories: Vec<MemoryType>,
    imports_a_memory: bool,
    function_types: Vec<Option<FuncType>>,
    exports: HashSet<String>,
    function_names: HashMap<String, u32>,
    global_names: HashMap<String, u32>,
}

/// What Vera's own modules may use.
fn features() -> WasmFeatures {
    // Pages of other sizes are in what `tight` makes of them.
    (WasmFeatures::WASM3 - WasmFeatures::MEMORY64) | WasmFeatures::CUSTOM_PAGE_SIZES
}

impl<'a> Anatomy<'a> {
    /// Validates a module and finds its parts.
    pub fn of(module: &'a [u8]) -> Result<Anatomy<'a>, Unfit> {
        Validator::new_with_features(features()).validate_all(module)?;
        let mut anatomy = Anatomy {
            wasm: module,
            ..Anatomy::default()
        };
        let mut types: Vec<Option<FuncType>> = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        for sub in group?.into_types() {
                            types.push(match sub.composite_type.inner {
                                CompositeInnerType::Func(ty) => Some(ty),
                                _ => None,
                            });
                        }
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        match import.ty {
                            TypeRef::Func(ty) => {
                                anatomy.imports.push(HostImport {
                                    module: import.module.to_owned(),
                                    name: import.name.to_owned(),
                                });
                                anatomy.function_types.push(types[ty as usize].clone());
                            }
                            // Vera imports functions only; whatever else is
                            // wanted stays unknown to the linker, which says so.
                            TypeRef::Global(_) => {
                                anatomy.globals += 1;
                                anatomy.imported_globals += 1;
                            }
                            TypeRef::Memory(_) => anatomy.imports_a_memory = true,
                            _ => {}
                        }
                    }
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        anatomy.function_types.push(types[ty? as usize].clone());
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        anatomy.exports.insert(export?.name.to_owned());
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        anatomy.memories.push(memory?);
                    }
                }
                Payload::CodeSectionEntry(body) => anatomy.bodies.push(body),
                Payload::GlobalSection(section) => {
                    anatomy.globals += section.count();
                    for global in section {
                        let mut first = global?.init_expr.get_operators_reader();
                        anatomy.first_values.push(match first.read()? {
                            Operator::I32Const { value } => Some(value),
                            _ => None,
                        });
                    }
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        // A name section that cannot be read names nothing.
                        let _ = anatomy.read_names(names);
                    }
                }
                _ => {}
            }
        }
        anatomy.types = u32::try_from(types.len()).expect("a validated module has few types");
        anatomy.functions = u32::try_from(anatomy.function_types.len())
            .expect("a validated module has few functions");
        Ok(anatomy)
    }

    fn read_names(
        &mut self,
        names: wasmparser::NameSectionReader<'_>,
    ) -> Result<(), BinaryReaderError> {
        for subsection in names {
            let (map, into) = match subsection? {
                Name::Function(map) => (map, &mut self.function_names),
                Name::Global(map) => (map, &mut self.global_names),
                _ => continue,
            };
            for naming in map {
                let naming = naming?;
                into.entry(naming.name.to_owned()).or_insert(naming.index);
            }
        }
        Ok(())
    }

    /// Whether the module has Vera's allocator, by what it exports.
    pub(crate) fn has_allocator(&self) -> bool {
        exports_allocator(|name| self.exports.contains(name))
    }

    /// The module's memory, where it has one and no other, which is its own.
    pub(crate) fn only_memory(&self) -> Option<MemoryType> {
        match self.memories[..] {
            [memory] if !self.imports_a_memory => Some(memory),
            _ => None,
        }
    }

    /// The functions that the module defines.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = Result<Body<'a>, Unfit>> {
        let all = (self.imported()..).zip(&self.bodies);
        all.map(|(function, body)| Ok(Body::of(self, function, body)?))
    }

    /// How many functions are imported.
    pub fn imported(&self) -> u32 {
        u32::try_from(self.imports.len()).expect("a validated module has few imports")
    }

    /// The function that the name section calls so.
    pub(crate) fn function_named(&self, name: &str) -> Option<u32> {
        self.function_names.get(name).copied()
    }

    /// The function that the name section calls so, if it has this type and is
    /// defined in the module itself.
    pub(crate) fn defined_function(&self, name: &str, signature: &FuncType) -> Option<u32> {
        let index = self.function_named(name)?;
        let ty = self.function_types.get(index as usize)?.as_ref()?;
        (index >= self.imported() && ty == signature).then_some(index)
    }

    /// The type of a function, imported or defined; `None` where it is none.
    pub(crate) fn function_type(&self, function: u32) -> Option<&FuncType> {
        self.function_types.get(function as usize)?.as_ref()
    }

    /// The names of functions, each with its index.
    pub(crate) fn function_names(&self) -> impl Iterator<Item = (&str, u32)> {
        self.function_names
            .iter()
            .map(|(name, index)| (name.as_str(), *index))
    }

    /// What the name section calls a function.
    pub fn function_name(&self, function: u32) -> Option<&str> {
        let mut all = self.function_names.iter();
        all.find(|(_, index)| **index == function)
            .map(|(name, _)| name.as_str())
    }

    /// How many parameters a function has.
    pub(crate) fn parameters(&self, function: u32) -> u32 {
        let ty = self.function_types.get(function as usize);
        let ty = ty.and_then(Option::as_ref);
        u32::try_from(ty.map_or(0, |ty| ty.params().len()))
            .expect("a validated function has few parameters")
    }

    /// What a function gives back.
    pub(crate) fn results(&self, function: u32) -> &[ValType] {
        let ty = self.function_types.get(function as usize);
        ty.and_then(Option::as_ref).map_or(&[], FuncType::results)
    }

    /// What a global that the module defines begins with, where that is an i32 as it
    /// stands.
    pub(crate) fn first_value(&self, global: u32) -> Option<i32> {
        let own = global.checked_sub(self.imported_globals)?;
        self.first_values.get(own as usize).copied().flatten()
    }

    /// What the name section calls a global.
    pub(crate) fn global_name(&self, global: u32) -> Option<&str> {
        let mut all = self.global_names.iter();
        all.find(|(_, index)| **index == global)
            .map(|(name, _)| name.as_str())
    }

    /// The global that the name section calls so.
    pub(crate) fn global(&self, name: &str) -> Option<u32> {
        self.global_names
            .get(name)
            .copied()
            .filter(|index| *index < self.globals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_advice_by_itself() {
        let why = Unfit::UnknownRuntime("gc_sp".to_owned());
        let text = why.to_string();
        let problem = Problem::from(why);
        assert_eq!(problem.advice(), Some(WAY_OUT));
        assert_eq!(text, format!("{}; {WAY_OUT}", problem.what()));
        let invalid = Problem::from(Unfit::Invalid("no type".to_owned()));
        assert_eq!(invalid, Problem::new("no valid module: no type"));
    }

    #[test]
    fn a_module_is_read_once_for_all_its_parts() {
        let wasm = wat::parse_str(
            r#"(module (import "host" "print" (func (param i32)))
                 (memory 1) (global $top i32 (i32.const 1))
                 (func $main (param i64) (local i32 i32 f64) unreachable))"#,
        )
        .unwrap();
        let anatomy = Anatomy::of(&wasm).unwrap();
        assert_eq!(anatomy.imports[0].name, "print");
        assert_eq!(anatomy.global("top"), Some(0));
        assert_eq!(anatomy.function_named("main"), Some(1));
        assert!(anatomy.only_memory().is_some());
        let body = anatomy.bodies().next().unwrap().unwrap();
        assert_eq!((body.function, body.code.len()), (1, 2));
        assert_eq!(body.locals, [(2, ValType::I32), (1, ValType::F64)]);
        assert_eq!(body.next_local, 4);
    }
}
