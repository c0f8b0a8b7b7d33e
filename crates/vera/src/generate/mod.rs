//! Programs that nobody wrote: well typed, and with a result that is known.
//!
//! A seed and a number give a program, on every machine and for ever. What each is
//! made of is thrown first (`knobs`), so that one feature does not hide what another
//! brings about. What comes of a program is not known here: `interpret` says it.

mod dice;
mod expr;
mod forms;
mod kinds;
mod knobs;
mod matches;
mod program;
mod table;

use std::rc::Rc;

use crate::scope::{Aliases, Scope};
use crate::tree::{Binder, Block, Data, Expr, Kind, Name, Program, Slot, Statement, Type};
pub use dice::{Dice, numbered};
use kinds::named;
pub use knobs::{FEATURES, Knobs};
pub use program::program;
use table::Builtin;

/// A function that programs may call.
#[derive(Clone, Debug)]
struct Signature {
    name: String,
    params: Vec<Type>,
    returns: Type,
    /// The state that must be handled where it is called.
    state: Option<Type>,
    /// What must be caught where it is called.
    throws: Option<Type>,
}

/// What may be done beside returning, where an expression stands.
#[derive(Clone, Debug, Default)]
struct Row {
    state: Option<Type>,
    throws: Option<Type>,
    output: bool,
}

/// Makes one program.
pub struct Generator<'a> {
    dice: Dice,
    knobs: Knobs,
    builtins: &'a [Builtin],
    /// The few types of the program.
    pool: Vec<Type>,
    data: Vec<Data>,
    functions: Vec<Signature>,
    scope: Scope,
    row: Row,
    /// What `main` is called with, where that is in scope.
    n: Option<Name>,
    next_name: u32,
    /// How deep expressions lie in one another: what the checker does is exponential
    /// in some forms.
    depth: usize,
}

impl<'a> Generator<'a> {
    fn new(dice: Dice, knobs: Knobs, builtins: &'a [Builtin]) -> Generator<'a> {
        Generator {
            dice,
            knobs,
            builtins,
            pool: vec![named("Int")],
            data: Vec::new(),
            functions: Vec::new(),
            scope: Scope::new(Rc::new(Aliases::default())),
            row: Row::default(),
            n: None,
            next_name: 0,
            depth: 0,
        }
    }

    fn binder(&mut self, ty: &Type) -> Binder {
        let name = Name(self.next_name);
        self.next_name += 1;
        Binder {
            name,
            ty: ty.clone(),
        }
    }

    /// Binds in what follows.
    fn bound(&mut self, ty: &Type) -> Binder {
        let binder = self.binder(ty);
        self.scope.bind(&binder);
        binder
    }

    /// A block that binds a value and is it: what has no type of its own gets one.
    fn at_home(&mut self, expr: Expr) -> Expr {
        let Some(ty) = expr.ty.clone() else {
            return expr;
        };
        let binder = self.binder(&ty);
        let value = typed(Kind::Slot(Slot::Bound(binder.name)), &ty);
        let block = Block {
            statements: vec![Statement::Let(binder, expr)],
            value: Box::new(value),
        };
        typed(Kind::Block(block), &ty)
    }
}

/// An expression of a type.
fn typed(kind: Kind, ty: &Type) -> Expr {
    Expr::new(kind, Some(ty.clone()))
}

/// A program with its names counted.
fn finished(generator: &Generator<'_>, items: Vec<crate::tree::Item>) -> Program {
    Program {
        items,
        next_name: generator.next_name,
        ..Program::default()
    }
}

#[cfg(test)]
mod tests;
