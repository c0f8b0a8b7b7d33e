//! Bindings whose value can stand where they are used: a leaf wherever that is, and what
//! does nothing but come to its value where it is used once.

use std::collections::HashMap;
use std::ops::Range;

use super::is_small;
use crate::names::references;
use crate::purity::Purity;
use crate::scope::{Aliases, Scope};
use crate::tree::{Binder, Block, Expr, Kind, Name, Program, Slot, Statement};
use crate::walk::{Visit, walk};

/// How many there are.
pub fn count(program: &Program) -> usize {
    names(program).len()
}

/// With the values of these in their places.
pub fn placed(program: &Program, range: Range<usize>) -> Option<Program> {
    let mut smaller = program.clone();
    for name in names(program).into_iter().take(range.end).skip(range.start) {
        let mut placed = Placed { name, value: None };
        walk(&mut smaller, &mut placed);
    }
    Some(smaller)
}

fn names(program: &Program) -> Vec<Name> {
    let mut lets = Lets {
        uses: references(program),
        purity: Purity::of(program),
        aliases: Aliases::of(program),
        found: Vec::new(),
    };
    walk(&mut program.clone(), &mut lets);
    lets.found
}

struct Lets {
    uses: HashMap<Name, usize>,
    purity: Purity,
    aliases: Aliases,
    found: Vec<Name>,
}

impl Lets {
    /// Whether the value has the type of the binding by itself: it would be another one
    /// where it is used, otherwise.
    fn has_its_type(&self, binder: &Binder, value: &Expr) -> bool {
        let ty = value.ty.as_ref().map(|it| self.aliases.resolved(it));
        ty == Some(self.aliases.resolved(&binder.ty))
    }
}

impl Visit for Lets {
    fn block(&mut self, block: &mut Block, _: &Scope) {
        for statement in &block.statements {
            if let Statement::Let(binder, value) = statement
                && let Some(uses) = self.uses.get(&binder.name)
                && (is_small(value) || *uses == 1)
                && self.has_its_type(binder, value)
                && self.purity.is_pure(value)
            {
                self.found.push(binder.name);
            }
        }
    }
}

struct Placed {
    name: Name,
    value: Option<Expr>,
}

impl Visit for Placed {
    fn block(&mut self, block: &mut Block, _: &Scope) {
        let is_it =
            |it: &Statement| matches!(it, Statement::Let(binder, _) if binder.name == self.name);
        if let Some(at) = block.statements.iter().position(is_it)
            && let Statement::Let(_, value) = block.statements.remove(at)
        {
            self.value = Some(value);
        }
    }

    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        if expr.kind == Kind::Slot(Slot::Bound(self.name))
            && let Some(value) = &self.value
        {
            *expr = value.clone();
        }
    }
}
