//! Which names are used where, and copies under names of their own.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::scope::Scope;
use super::tree::{
    Binder, Block, Callee, Decl, Expr, Function, Handle, Kind, Lambda, Name, Pattern, Program,
    Slot, Statement,
};
use super::walk::{Visit, walk, walk_block, walk_expr};

/// How often each binding is referred to.
pub fn references(program: &Program) -> HashMap<Name, usize> {
    let mut found = References::default();
    walk(&mut program.clone(), &mut found);
    found.0
}

/// How often each binding is referred to in an expression.
pub fn references_in(expr: &Expr, scope: &Scope) -> HashMap<Name, usize> {
    let mut found = References::default();
    walk_expr(&mut expr.clone(), &scope.empty(), &mut found);
    found.0
}

#[derive(Default)]
struct References(HashMap<Name, usize>);

impl Visit for References {
    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        if let Kind::Slot(Slot::Bound(name)) = &expr.kind {
            *self.0.entry(*name).or_default() += 1;
        }
    }
}

/// The functions that an expression or a program calls by name, and the
/// constructors it makes.
#[derive(Default)]
pub struct Called(pub HashSet<String>);

impl Visit for Called {
    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        match &expr.kind {
            Kind::Call {
                callee: Callee::Function(name) | Callee::Constructor(name),
                ..
            }
            | Kind::Nullary(name) => {
                self.0.insert(name.clone());
            }
            _ => {}
        }
    }
}

/// Gives everything that an expression binds a name of its own, so that a copy of it
/// can stand beside or in the original.
pub fn renamed(expr: &mut Expr, next: &mut u32) {
    let mut map = HashMap::new();
    // A binding stands before what refers to it.
    Renamed {
        map: &mut map,
        next,
    }
    .expr_and_below(expr);
}

struct Renamed<'a> {
    map: &'a mut HashMap<Name, Name>,
    next: &'a mut u32,
}

impl Renamed<'_> {
    fn expr_and_below(&mut self, expr: &mut Expr) {
        let scope = Scope::new(std::rc::Rc::default());
        walk_expr(expr, &scope, self);
    }

    fn binder(&mut self, binder: &mut Binder) {
        let name = Name(*self.next);
        *self.next += 1;
        self.map.insert(binder.name, name);
        binder.name = name;
    }

    fn pattern(&mut self, pattern: &mut Pattern) {
        for binder in pattern.binders_mut() {
            self.binder(binder);
        }
    }
}

impl Visit for Renamed<'_> {
    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        match &mut expr.kind {
            Kind::Slot(Slot::Bound(name)) => *name = *self.map.get(name).unwrap_or(name),
            Kind::Lambda(lambda) => {
                let Lambda { params, .. } = &mut **lambda;
                params.iter_mut().for_each(|it| self.binder(it));
            }
            Kind::Match(_, arms) => arms.iter_mut().for_each(|it| self.pattern(&mut it.pattern)),
            Kind::Handle(handle) => {
                let Handle { state, clauses, .. } = &mut **handle;
                if let Some((binder, _)) = state {
                    self.binder(binder);
                }
                for clause in clauses {
                    clause.params.iter_mut().for_each(|it| self.binder(it));
                }
            }
            _ => {}
        }
    }

    fn block(&mut self, block: &mut Block, _: &Scope) {
        for statement in &mut block.statements {
            match statement {
                Statement::Let(binder, _) => self.binder(binder),
                Statement::Destructure(_, binders, _) => {
                    binders.iter_mut().for_each(|it| self.binder(it));
                }
                Statement::Expr(_) => {}
            }
        }
    }
}

/// Which functions each function calls.
pub fn calls(program: &Program) -> HashMap<String, HashSet<String>> {
    let functions = program.items.iter().filter_map(|item| match &item.decl {
        Decl::Function(function) => Some(function),
        _ => None,
    });
    let of = |function: &Function| {
        let mut called = Called(HashSet::new());
        let scope = Scope::new(Rc::default());
        walk_block(&mut function.body.clone(), &scope, &mut called);
        for helper in &function.helpers {
            walk_block(&mut helper.body.clone(), &scope, &mut called);
        }
        (function.name.clone(), called.0)
    };
    functions.map(of).collect()
}

/// Whether functions that are called lead to another, by these calls.
pub fn leads_to(
    calls: &HashMap<String, HashSet<String>>,
    called: &HashSet<String>,
    other: &str,
) -> bool {
    let mut open: Vec<&String> = called.iter().collect();
    let mut seen: HashSet<&String> = open.iter().copied().collect();
    while let Some(name) = open.pop() {
        if name == other {
            return true;
        }
        for next in calls.get(name).into_iter().flatten() {
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    false
}
