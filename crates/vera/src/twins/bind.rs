//! Arguments bound by `let`, in the order in which they are evaluated.

use super::Sites;
use crate::leaf::is_leaf;
use crate::print::Printer;
use crate::scope::Scope;
use crate::tree::{
    Binder, Block, Expr, Function, Kind, Name, Part, Program, Slot, Statement, Type,
};
use crate::walk::{Visit, walk};

pub fn rewrite(program: &mut Program, sites: &mut Sites) {
    let mut bind = Bind {
        next: program.next_name,
        sites,
    };
    walk(program, &mut bind);
    program.next_name = bind.next;
}

struct Bind<'a> {
    next: u32,
    sites: &'a mut Sites,
}

impl Visit for Bind<'_> {
    fn function(&mut self, function: &mut Function) {
        self.sites.function(function);
    }

    fn contract(&mut self, begins: bool) {
        self.sites.contract(begins);
    }

    /// What a block evaluates one after the other becomes simple.
    fn after_block(&mut self, block: &mut Block, scope: &Scope) {
        if self.sites.in_contract() {
            return;
        }
        let mut scope = scope.clone();
        let mut statements = Vec::new();
        for mut statement in std::mem::take(&mut block.statements) {
            let value = statement.value_mut();
            statements.extend(self.simple(value, &scope));
            match &statement {
                Statement::Let(binder, _) => scope.bind(binder),
                Statement::Destructure(_, binders, _) => {
                    binders.iter().for_each(|it| scope.bind(it));
                }
                Statement::Expr(_) => {}
            }
            statements.push(statement);
        }
        statements.extend(self.simple(&mut block.value, &scope));
        block.statements = statements;
    }
}

impl Bind<'_> {
    /// Makes the parts of an expression leaves; what binds them comes before it.
    fn simple(&mut self, expr: &mut Expr, scope: &Scope) -> Vec<Statement> {
        let mut next = self.next;
        let mut simple = expr.clone();
        let mut lets = Vec::new();
        let made = parts_bound(&mut simple, &mut lets, &mut next).is_some();
        if made
            && !lets.is_empty()
            && (self.sites).here(expr.line, &Printer::within(scope.clone()).expr(expr))
        {
            *expr = simple;
            self.next = next;
            return lets;
        }
        Vec::new()
    }
}

/// Binds all parts of an expression that are evaluated before it and are no leaves;
/// `None` where one of them cannot be bound.
fn parts_bound(expr: &mut Expr, lets: &mut Vec<Statement>, next: &mut u32) -> Option<()> {
    match &mut expr.kind {
        Kind::Call { args, .. } => {
            for arg in args {
                bound(arg, lets, next)?;
            }
        }
        Kind::Array(elements) => {
            for element in elements {
                bound(element, lets, next)?;
            }
        }
        Kind::Text(parts) => {
            for part in parts {
                if let Part::Expr(it) = part {
                    bound(it, lets, next)?;
                }
            }
        }
        // What stands on the right of these may not be evaluated.
        Kind::Binary(op, left, _) if ["&&", "||", "==>"].contains(&op.as_str()) => {
            bound(left, lets, next)?;
        }
        Kind::Binary(_, left, right) | Kind::Index(left, right) => {
            bound(left, lets, next)?;
            bound(right, lets, next)?;
        }
        Kind::Unary(_, it) | Kind::Assert(it) => bound(it, lets, next)?,
        Kind::If(condition, ..) => bound(condition, lets, next)?,
        Kind::Match(scrutinee, _) => bound(scrutinee, lets, next)?,
        _ => {}
    }
    Some(())
}

fn bound(expr: &mut Expr, lets: &mut Vec<Statement>, next: &mut u32) -> Option<()> {
    if is_leaf(expr) || is_signed(expr) || matches!(expr.kind, Kind::Lambda(_)) {
        return Some(());
    }
    parts_bound(expr, lets, next)?;
    let ty = expr.ty.clone()?;
    if !can_be_bound(&ty) {
        return None;
    }
    let name = Name(*next);
    *next += 1;
    let slot = Expr::new(Kind::Slot(Slot::Bound(name)), Some(ty.clone()));
    let value = std::mem::replace(expr, slot);
    lets.push(Statement::Let(Binder { name, ty }, value));
    Some(())
}

/// A number with a sign is as good as a literal.
fn is_signed(expr: &Expr) -> bool {
    matches!(&expr.kind, Kind::Unary(_, it) if matches!(it.kind, Kind::Int(_) | Kind::Float(_)))
}

/// Unit has no value that could be kept; a function has no name by which a `let` of
/// it is referred to in every release.
fn can_be_bound(ty: &Type) -> bool {
    match ty {
        Type::Named(name, args) => {
            !["Unit", "Never", "Future"].contains(&name.as_str()) && args.iter().all(can_be_bound)
        }
        Type::Function { .. } | Type::Refined(..) | Type::Unread(_) => false,
    }
}
