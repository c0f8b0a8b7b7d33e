//! A fault injector: takes one root out of a compiled module.
//!
//! A push onto the shadow stack is `global.get $gc_sp; local.get X; i32.store`.
//! With 0 in the place of X, the collector no longer finds what X points to;
//! everything else stays as it was.

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, Instruction};
use wasmparser::{KnownCustom, Name, Operator, Parser, Payload, TypeRef};

/// How many roots each function pushes, by the function's name.
pub fn roots(wasm: &[u8]) -> BTreeMap<String, usize> {
    let names = Names::of(wasm);
    let mut found = BTreeMap::new();
    for (function, body) in bodies(wasm, names.imported) {
        let pushes = pushes(&body, names.shadow_pointer).len();
        if let Some(name) = names.functions.get(&function).filter(|_| pushes > 0) {
            found.insert(name.clone(), pushes);
        }
    }
    found
}

/// The module without the `which`-th root (from 0) of a function.
#[track_caller]
pub fn without_root(wasm: &[u8], function: &str, which: usize) -> Vec<u8> {
    let names = Names::of(wasm);
    let (index, body) = bodies(wasm, names.imported)
        .into_iter()
        .find(|(index, _)| names.functions.get(index).is_some_and(|it| it == function))
        .unwrap_or_else(|| panic!("there is no function {function}: {:?}", roots(wasm)));
    let at = pushes(&body, names.shadow_pointer)[which];
    let mut injector = Injector {
        next: names.imported,
        function: index,
        operator: at,
    };
    let mut broken = wasm_encoder::Module::new();
    injector
        .parse_core_module(&mut broken, Parser::new(0), wasm)
        .unwrap();
    broken.finish()
}

#[derive(Default)]
struct Names {
    functions: BTreeMap<u32, String>,
    shadow_pointer: u32,
    imported: u32,
}

impl Names {
    fn of(wasm: &[u8]) -> Names {
        let mut names = Names::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::ImportSection(section) => {
                    let functions = section
                        .into_imports()
                        .filter(|import| matches!(import.as_ref().unwrap().ty, TypeRef::Func(_)));
                    names.imported = u32::try_from(functions.count()).unwrap();
                }
                Payload::CustomSection(section) => {
                    let KnownCustom::Name(subsections) = section.as_known() else {
                        continue;
                    };
                    for subsection in subsections {
                        names.read(subsection.unwrap());
                    }
                }
                _ => {}
            }
        }
        names
    }

    fn read(&mut self, subsection: Name<'_>) {
        match subsection {
            Name::Function(map) => {
                for naming in map {
                    let naming = naming.unwrap();
                    self.functions.insert(naming.index, naming.name.to_owned());
                }
            }
            Name::Global(map) => {
                let mut all = map.into_iter().map(Result::unwrap);
                let pointer = all.find(|naming| naming.name == "gc_sp");
                self.shadow_pointer = pointer.expect("it has a shadow stack").index;
            }
            _ => {}
        }
    }
}

fn bodies(wasm: &[u8], imported: u32) -> Vec<(u32, Vec<Operator<'_>>)> {
    let mut all = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CodeSectionEntry(body) = payload.unwrap() {
            let operators = body.get_operators_reader().unwrap();
            let operators = operators.into_iter().map(Result::unwrap).collect();
            all.push((imported + u32::try_from(all.len()).unwrap(), operators));
        }
    }
    all
}

/// Where the values that are pushed are read.
fn pushes(body: &[Operator<'_>], shadow_pointer: u32) -> Vec<usize> {
    let is_push = |code: &[Operator<'_>]| {
        matches!(
            code,
            [
                Operator::GlobalGet { global_index },
                Operator::LocalGet { .. },
                Operator::I32Store { .. },
            ] if *global_index == shadow_pointer
        )
    };
    let windows = body.windows(3).enumerate();
    windows
        .filter(|(_, code)| is_push(code))
        .map(|(at, _)| at + 1)
        .collect()
}

struct Injector {
    next: u32,
    function: u32,
    operator: usize,
}

impl Reencode for Injector {
    type Error = Infallible;

    fn parse_function_body(
        &mut self,
        section: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), reencode::Error<Infallible>> {
        let here = self.next == self.function;
        self.next += 1;
        let mut code = self.new_function_with_parsed_locals(&body)?;
        for (at, operator) in body.get_operators_reader()?.into_iter().enumerate() {
            let instruction = if here && at == self.operator {
                Instruction::I32Const(0)
            } else {
                self.instruction(operator?)?
            };
            code.instruction(&instruction);
        }
        section.function(&code);
        Ok(())
    }
}
