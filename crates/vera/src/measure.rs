//! How large a program is.

use std::rc::Rc;

use super::scope::Scope;
use super::tree::{Block, Decl, Expr, Function, Kind, Pattern, Program, Statement, Type};
use super::walk::{Visit, walk, walk_block, walk_expr};

/// How many nodes its syntax tree has: expressions, types, patterns, statements and
/// declarations.
pub fn nodes(program: &Program) -> usize {
    let mut counted = Counted(0);
    walk(&mut program.clone(), &mut counted);
    let items = program.items.iter().map(|item| match &item.decl {
        Decl::Data(data) => 1 + data.constructors.len(),
        Decl::Effect(it) | Decl::Ability(it) => 1 + it.operations.len(),
        Decl::Function(_) => 0,
        Decl::Alias(_) | Decl::Unread(_) => 1,
    });
    counted.0 + items.sum::<usize>() + program.imports.len()
}

/// How many nodes an expression has.
pub(crate) fn size(expr: &Expr) -> usize {
    let mut counted = Counted(0);
    walk_expr(&mut expr.clone(), &Scope::new(Rc::default()), &mut counted);
    counted.0
}

/// How many nodes a block has.
pub(crate) fn size_of_block(block: &Block) -> usize {
    let mut counted = Counted(0);
    walk_block(&mut block.clone(), &Scope::new(Rc::default()), &mut counted);
    counted.0
}

/// How many lines a text has that say something: no comments, nothing empty.
pub fn lines(text: &str) -> usize {
    let says = |line: &&str| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with("--")
    };
    text.lines().filter(says).count()
}

struct Counted(usize);

fn of_pattern(pattern: &Pattern) -> usize {
    match pattern {
        Pattern::Constructor(_, parts) => 1 + parts.iter().map(of_pattern).sum::<usize>(),
        _ => 1,
    }
}

impl Visit for Counted {
    fn function(&mut self, function: &mut Function) {
        self.0 += 1 + function.contracts.len();
    }

    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        self.0 += 1;
        match &expr.kind {
            Kind::Match(_, arms) => {
                self.0 += arms
                    .iter()
                    .map(|it| 1 + of_pattern(&it.pattern))
                    .sum::<usize>();
            }
            Kind::Handle(handle) => self.0 += handle.clauses.len(),
            _ => {}
        }
    }

    fn block(&mut self, block: &mut Block, _: &Scope) {
        let is_statement = |it: &&Statement| !matches!(it, Statement::Expr(_));
        self.0 += block.statements.iter().filter(is_statement).count();
    }

    fn ty(&mut self, _: &mut Type) {
        self.0 += 1;
    }
}
