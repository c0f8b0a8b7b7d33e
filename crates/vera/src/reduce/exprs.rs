//! Expressions become smaller ones of the same type.

use crate::leaf::{Known, is_leaf};
use crate::measure::size;
use crate::scope::{Aliases, Scope};
use crate::tree::{Block, Expr, Kind, Program, Slot, Type};
use crate::walk::{Visit, walk, walk_expr};

/// How many bindings and how many parts of itself an expression is tried to become.
const BINDINGS: usize = 2;
const PARTS: usize = 6;

/// An expression, and what it becomes.
pub struct Edit {
    /// How many nodes it has.
    pub size: usize,
    place: usize,
    becomes: Expr,
}

impl Edit {
    /// The program with the edit made.
    pub fn applied(&self, program: &Program) -> Option<Program> {
        let mut program = program.clone();
        let mut replaced = Replaced {
            edit: self,
            seen: 0,
        };
        walk(&mut program, &mut replaced);
        Some(program)
    }
}

/// All edits of expressions with at most so many nodes: of the largest first; of each,
/// the smallest values, then bindings, then its own parts of the same type.
pub fn edits(program: &Program, most: usize) -> Vec<Edit> {
    let mut sites = Sites {
        known: Known::of(program),
        most,
        seen: 0,
        found: Vec::new(),
    };
    walk(&mut program.clone(), &mut sites);
    sites
        .found
        .sort_by_key(|edit| (std::cmp::Reverse(edit.size), edit.place));
    sites.found
}

struct Sites {
    known: Known,
    most: usize,
    seen: usize,
    found: Vec<Edit>,
}

impl Visit for Sites {
    fn expr(&mut self, expr: &mut Expr, scope: &Scope) {
        let place = self.seen;
        self.seen += 1;
        let size = size(expr);
        if is_leaf(expr) || size > self.most {
            return;
        }
        let Some(ty) = expr.ty.clone() else {
            return;
        };
        let bindings = scope.of_type(&ty).into_iter().take(BINDINGS);
        let bindings = bindings.map(|it| Expr::new(Kind::Slot(Slot::Bound(it)), Some(ty.clone())));
        let mut becomes = self.known.leaves(&ty);
        becomes.extend(bindings);
        becomes.extend(branches(expr));
        becomes.extend(parts(expr, &ty, scope));
        let becomes = becomes.into_iter().filter(|it| it.kind != expr.kind);
        self.found.extend(becomes.map(|becomes| Edit {
            size,
            place,
            becomes,
        }));
    }
}

/// What an expression comes to by one way or another, whatever its type is called.
fn branches(expr: &Expr) -> Vec<Expr> {
    let block = |block: &Block| match block.statements.is_empty() {
        true => (*block.value).clone(),
        false => Expr::new(Kind::Block(block.clone()), expr.ty.clone()),
    };
    match &expr.kind {
        Kind::If(_, then, otherwise) => vec![block(then), block(otherwise)],
        Kind::Match(_, arms) => arms.iter().map(|arm| arm.body.clone()).collect(),
        Kind::Handle(handle) => vec![block(&handle.body)],
        _ => Vec::new(),
    }
}

/// The parts of an expression that have its type, the largest first.
fn parts(expr: &Expr, ty: &Type, scope: &Scope) -> Vec<Expr> {
    struct Parts<'a> {
        aliases: &'a Aliases,
        ty: Type,
        own: bool,
        found: Vec<(usize, Expr)>,
    }
    impl Visit for Parts<'_> {
        fn expr(&mut self, expr: &mut Expr, _: &Scope) {
            if std::mem::take(&mut self.own) || is_leaf(expr) {
                return;
            }
            let ty = expr.ty.as_ref().map(|it| self.aliases.resolved(it));
            if ty.as_ref() == Some(&self.ty) {
                self.found.push((size(expr), expr.clone()));
            }
        }
    }
    let aliases = scope.aliases().clone();
    let mut parts = Parts {
        ty: aliases.resolved(ty),
        aliases: &aliases,
        own: true,
        found: Vec::new(),
    };
    walk_expr(&mut expr.clone(), scope, &mut parts);
    let mut found = parts.found;
    found.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    found.into_iter().take(PARTS).map(|(_, it)| it).collect()
}

struct Replaced<'a> {
    edit: &'a Edit,
    seen: usize,
}

impl Visit for Replaced<'_> {
    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        if self.seen == self.edit.place {
            *expr = self.edit.becomes.clone();
        }
        self.seen += 1;
    }
}
