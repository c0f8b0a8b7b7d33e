//! Where the functions of a module touch memory and call others: an instruction
//! keeps its place among these whatever is added around it.

use wasmparser::{Operator, Parser, Payload};

use crate::instrument::{Anatomy, OURS, PREFIX};
use crate::sanitizer::access;

/// Where the functions of a module touch memory and call others.
#[derive(Default)]
pub struct Functions {
    /// How many are imported.
    pub imports: u32,
    bodies: Vec<Body>,
}

/// Offsets in the module.
#[derive(Default)]
pub struct Body {
    /// Of its first instruction.
    pub first: usize,
    /// Of those that touch memory.
    pub touches: Vec<usize>,
    /// Of those that call.
    pub calls: Vec<usize>,
}

impl Functions {
    /// The functions of a module; none where it is no valid one. Calls of what
    /// rewriting added are left out.
    pub fn of(module: &[u8]) -> Functions {
        let Ok(anatomy) = Anatomy::of(module) else {
            return Functions::default();
        };
        let is_ours = |function: u32| match anatomy.imports.get(function as usize) {
            Some(import) => import.module == OURS,
            None => anatomy
                .function_name(function)
                .is_some_and(|name| name.starts_with(PREFIX)),
        };
        let bodies = Parser::new(0).parse_all(module).filter_map(|payload| {
            let Ok(Payload::CodeSectionEntry(body)) = payload else {
                return None;
            };
            let operators = body.get_operators_reader().ok()?;
            let mut found = Body::default();
            for operator in operators.into_iter_with_offsets() {
                let (operator, offset) = operator.ok()?;
                if found.first == 0 {
                    found.first = offset;
                }
                if access::touches(&operator) {
                    found.touches.push(offset);
                }
                match operator {
                    Operator::Call { function_index } | Operator::ReturnCall { function_index }
                        if is_ours(function_index) => {}
                    Operator::Call { .. }
                    | Operator::ReturnCall { .. }
                    | Operator::CallIndirect { .. }
                    | Operator::ReturnCallIndirect { .. }
                    | Operator::CallRef { .. }
                    | Operator::ReturnCallRef { .. } => found.calls.push(offset),
                    _ => {}
                }
            }
            Some(found)
        });
        Functions {
            imports: anatomy.imported(),
            bodies: bodies.collect(),
        }
    }

    /// The body of a function, where the module defines it.
    pub fn body(&self, function: u32) -> Option<&Body> {
        self.bodies
            .get(function.checked_sub(self.imports)? as usize)
    }
}
