//! A `match` in place of an `if`.

use super::Sites;
use crate::print::Printer;
use crate::scope::Scope;
use crate::tree::{Arm, Block, Expr, Function, Kind, Pattern, Program};
use crate::walk::{Visit, walk};

pub fn rewrite(program: &mut Program, sites: &mut Sites) {
    let mut branch = Branch { sites };
    walk(program, &mut branch);
}

struct Branch<'a> {
    sites: &'a mut Sites,
}

impl Visit for Branch<'_> {
    fn function(&mut self, function: &mut Function) {
        self.sites.function(function);
    }

    fn contract(&mut self, begins: bool) {
        self.sites.contract(begins);
    }

    fn after(&mut self, expr: &mut Expr, scope: &Scope) {
        let Kind::If(condition, ..) = &expr.kind else {
            return;
        };
        let condition = Printer::within(scope.clone()).expr(condition);
        if self.sites.in_contract() || !self.sites.here(expr.line, &format!("if {condition}")) {
            return;
        }
        if let Kind::If(condition, then, otherwise) = std::mem::replace(&mut expr.kind, Kind::Unit)
        {
            let arm = |it: bool, body: Block| Arm {
                pattern: Pattern::Bool(it),
                body: of_block(body),
            };
            expr.kind = Kind::Match(condition, vec![arm(true, then), arm(false, otherwise)]);
        }
    }
}

/// A block without statements is what it holds.
fn of_block(block: Block) -> Expr {
    match block.statements.is_empty() {
        true => *block.value,
        false => {
            let ty = block.value.ty.clone();
            Expr::new(Kind::Block(block), ty)
        }
    }
}
