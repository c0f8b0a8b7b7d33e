//! What stands in lists: statements, arms, elements, pieces of a text.

use std::ops::Range;

use crate::scope::Scope;
use crate::tree::{Block, Expr, Kind, Part, Program};
use crate::walk::{Visit, walk};

/// How many units there are.
pub fn count(program: &Program) -> usize {
    let mut without = Without::default();
    walk(&mut program.clone(), &mut without);
    without.seen
}

/// Without these units.
pub fn without(program: &Program, range: Range<usize>) -> Option<Program> {
    let mut program = program.clone();
    let mut without = Without { range, seen: 0 };
    walk(&mut program, &mut without);
    Some(program)
}

/// Counts each unit when all that lies in it is counted, so that what one is called
/// does not depend on what is taken away.
#[derive(Default)]
struct Without {
    range: Range<usize>,
    seen: usize,
}

impl Without {
    fn from<T>(&mut self, list: &mut Vec<T>, least: usize) {
        let mut left = list.len();
        list.retain(|_| {
            self.seen += 1;
            let goes = self.range.contains(&(self.seen - 1)) && left > least;
            left -= usize::from(goes);
            !goes
        });
    }
}

impl Visit for Without {
    fn after_block(&mut self, block: &mut Block, _: &Scope) {
        self.from(&mut block.statements, 0);
    }

    fn after(&mut self, expr: &mut Expr, _: &Scope) {
        match &mut expr.kind {
            Kind::Match(_, arms) => self.from(arms, 1),
            Kind::Array(elements) => self.from(elements, 0),
            Kind::Handle(handle) => self.from(&mut handle.clauses, 1),
            Kind::Text(parts) if parts.len() > 1 => {
                self.from(parts, 0);
                if parts.is_empty() {
                    parts.push(Part::Text(String::new()));
                }
            }
            _ => {}
        }
    }
}
