//! What is bound and used once, where it is used: only where nothing is evaluated
//! between the two.

use std::collections::HashMap;

use super::Sites;
use crate::leaf::is_leaf;
use crate::names::references;
use crate::print::Printer;
use crate::scope::Scope;
use crate::tree::{
    Block, Callee, Expr, Function, Kind, Name, Part, Program, Slot, Statement, Type,
};
use crate::walk::{Visit, walk};

pub fn rewrite(program: &mut Program, sites: &mut Sites) {
    let mut unbind = Unbind {
        uses: references(program),
        sites,
    };
    walk(program, &mut unbind);
}

struct Unbind<'a> {
    uses: HashMap<Name, usize>,
    sites: &'a mut Sites,
}

impl Visit for Unbind<'_> {
    fn function(&mut self, function: &mut Function) {
        self.sites.function(function);
    }

    fn after_block(&mut self, block: &mut Block, scope: &Scope) {
        let mut scope = scope.clone();
        let mut at = 0;
        while at < block.statements.len() {
            let (before, after) = block.statements.split_at_mut(at + 1);
            let next = match after.first_mut() {
                Some(
                    Statement::Let(_, value)
                    | Statement::Destructure(_, _, value)
                    | Statement::Expr(value),
                ) => value,
                None => &mut *block.value,
            };
            if let Statement::Let(binder, value) = &before[at]
                && self.uses.get(&binder.name) == Some(&1)
                && first(next, binder.name).is_some()
                && value.ty.as_ref() == Some(&binder.ty)
                && !takes_type_from_let(value)
                && (self.sites).here(value.line, &Printer::within(scope.clone()).expr(value))
            {
                let value = value.clone();
                if let Some(place) = first(next, binder.name) {
                    *place = value;
                }
                block.statements.remove(at);
                continue;
            }
            match &block.statements[at] {
                Statement::Let(binder, _) => scope.bind(binder),
                Statement::Destructure(_, binders, _) => {
                    binders.iter().for_each(|it| scope.bind(it));
                }
                Statement::Expr(_) => {}
            }
            at += 1;
        }
    }
}

/// Whether it may be the `let` alone that tells the types of a value: what a
/// constructor is given need not say them all.
fn takes_type_from_let(value: &Expr) -> bool {
    let is_made = matches!(
        &value.kind,
        Kind::Nullary(_)
            | Kind::Call {
                callee: Callee::Constructor(_),
                ..
            }
    );
    is_made && matches!(&value.ty, Some(Type::Named(_, args)) if !args.is_empty())
}

/// The reference to a binding, where it is the first thing that is evaluated and no
/// leaf.
fn first(expr: &mut Expr, name: Name) -> Option<&mut Expr> {
    if expr.kind == Kind::Slot(Slot::Bound(name)) {
        return Some(expr);
    }
    match &mut expr.kind {
        Kind::Call { args, .. } => first_of(args.iter_mut(), name),
        Kind::Array(elements) => first_of(elements.iter_mut(), name),
        Kind::Binary(op, left, right) => {
            // What stands on the right of these may not be evaluated.
            let lazy = ["&&", "||", "==>"].contains(&op.as_str());
            let right = (!lazy).then_some(&mut **right);
            first_of(std::iter::once(&mut **left).chain(right), name)
        }
        Kind::Index(of, at) => first_of([&mut **of, &mut **at].into_iter(), name),
        Kind::Unary(_, it) | Kind::Assert(it) => first(it, name),
        Kind::If(condition, ..) => first(condition, name),
        Kind::Match(scrutinee, _) => first(scrutinee, name),
        // The text of a literal could not stand in a literal.
        Kind::Text(parts) if parts.iter().all(|it| matches!(it, Part::Text(_))) => None,
        _ => None,
    }
}

fn first_of<'e>(exprs: impl Iterator<Item = &'e mut Expr>, name: Name) -> Option<&'e mut Expr> {
    for expr in exprs {
        let is_it = expr.kind == Kind::Slot(Slot::Bound(name));
        let passes = is_leaf(expr) || matches!(expr.kind, Kind::Lambda(_));
        if is_it || !passes {
            return first(expr, name);
        }
    }
    None
}
