//! Bindings and statements that do nothing.

use std::collections::HashMap;
use std::ops::Range;

use crate::names::references;
use crate::purity::{Around, Purity};
use crate::scope::Scope;
use crate::tree::{Block, Expr, Function, Handle, Name, Program, Statement};
use crate::walk::{Visit, walk};

/// How many there are.
pub fn count(program: &Program) -> usize {
    walked(&mut program.clone(), 0..0)
}

/// Without these.
pub fn without(program: &Program, range: Range<usize>) -> Option<Program> {
    let mut program = program.clone();
    walked(&mut program, range);
    Some(program)
}

fn walked(program: &mut Program, range: Range<usize>) -> usize {
    let mut unused = Unused {
        uses: references(program),
        purity: Purity::of(program),
        around: Around::default(),
        range,
        seen: 0,
    };
    walk(program, &mut unused);
    unused.seen
}

struct Unused {
    uses: HashMap<Name, usize>,
    purity: Purity,
    around: Around,
    range: Range<usize>,
    seen: usize,
}

impl Unused {
    fn does_nothing(&self, value: &Expr) -> bool {
        self.around.is_pure() || self.purity.is_pure(value)
    }

    fn is_unused(&self, name: Name) -> bool {
        !self.uses.contains_key(&name)
    }
}

impl Visit for Unused {
    fn function(&mut self, function: &mut Function) {
        self.around.function(function);
    }

    fn handled(&mut self, _: &Handle, begins: bool) {
        self.around.inner(begins);
    }

    fn clause(&mut self, begins: bool) {
        self.around.inner(begins);
    }

    fn closure(&mut self, begins: bool) {
        self.around.inner(begins);
    }

    fn after_block(&mut self, block: &mut Block, _: &Scope) {
        let statements = std::mem::take(&mut block.statements);
        for statement in statements {
            let goes = match &statement {
                Statement::Let(binder, value) => {
                    self.is_unused(binder.name) && self.does_nothing(value)
                }
                Statement::Destructure(_, binders, value) => {
                    binders.iter().all(|it| self.is_unused(it.name)) && self.does_nothing(value)
                }
                Statement::Expr(value) => self.does_nothing(value),
            };
            self.seen += usize::from(goes);
            if !goes || !self.range.contains(&(self.seen - 1)) {
                block.statements.push(statement);
            }
        }
    }
}
