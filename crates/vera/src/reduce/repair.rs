//! Mends what an edit left behind: references to what is gone.

use std::collections::{HashMap, HashSet};

use crate::leaf::Known;
use crate::scope::Scope;
use crate::tree::{Binder, Block, Callee, Decl, Expr, Kind, Name, Program, Slot, Statement, Type};
use crate::walk::{Visit, walk};

/// The program, with another expression of the same type wherever a binding, a
/// function or a constructor is gone that `before` had: another binding in scope, or
/// the smallest expression. `None` where no such expression is known.
pub fn repair(mut program: Program, before: &Program) -> Option<Program> {
    let mut types = Types(HashMap::new());
    walk(&mut before.clone(), &mut types);
    let (had, has) = (declared(before), declared(&program));
    let gone: HashSet<&String> = had.difference(&has).collect();
    let mut mended = Mended {
        types: types.0,
        gone: gone.into_iter().cloned().collect(),
        known: Known::of(&program),
        failed: false,
    };
    walk(&mut program, &mut mended);
    (!mended.failed).then_some(program)
}

/// The names of functions and constructors.
fn declared(program: &Program) -> HashSet<String> {
    let mut names = HashSet::new();
    let mut functions = Vec::new();
    for item in &program.items {
        match &item.decl {
            Decl::Function(function) => functions.push(function),
            Decl::Data(data) => names.extend(data.constructors.iter().map(|it| it.name.clone())),
            Decl::Effect(it) | Decl::Ability(it) => {
                names.extend(it.operations.iter().map(|it| it.name.clone()));
            }
            Decl::Alias(_) | Decl::Unread(_) => {}
        }
    }
    while let Some(function) = functions.pop() {
        names.insert(function.name.clone());
        functions.extend(&function.helpers);
    }
    names
}

/// The types of all bindings.
struct Types(HashMap<Name, Type>);

impl Types {
    fn bind(&mut self, binder: &Binder) {
        self.0.insert(binder.name, binder.ty.clone());
    }
}

impl Visit for Types {
    fn function(&mut self, function: &mut crate::tree::Function) {
        function.params.iter().for_each(|it| self.bind(it));
    }

    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        match &expr.kind {
            Kind::Lambda(lambda) => lambda.params.iter().for_each(|it| self.bind(it)),
            Kind::Match(_, arms) => {
                let binders = arms.iter().flat_map(|arm| arm.pattern.binders());
                binders.for_each(|it| self.bind(it));
            }
            Kind::Handle(handle) => {
                handle.state.iter().for_each(|(it, _)| self.bind(it));
                let params = handle.clauses.iter().flat_map(|it| &it.params);
                params.for_each(|it| self.bind(it));
            }
            _ => {}
        }
    }

    fn block(&mut self, block: &mut Block, _: &Scope) {
        for statement in &block.statements {
            match statement {
                Statement::Let(binder, _) => self.bind(binder),
                Statement::Destructure(_, binders, _) => {
                    binders.iter().for_each(|it| self.bind(it));
                }
                Statement::Expr(_) => {}
            }
        }
    }
}

struct Mended {
    types: HashMap<Name, Type>,
    gone: HashSet<String>,
    known: Known,
    failed: bool,
}

impl Mended {
    fn is_gone(&self, expr: &Expr, scope: &Scope) -> bool {
        match &expr.kind {
            Kind::Slot(Slot::Bound(name)) => !scope.has(*name),
            Kind::Call {
                callee: Callee::Function(name) | Callee::Constructor(name),
                ..
            }
            | Kind::Nullary(name) => self.gone.contains(name),
            _ => false,
        }
    }
}

impl Visit for Mended {
    fn expr(&mut self, expr: &mut Expr, scope: &Scope) {
        if !self.is_gone(expr, scope) {
            return;
        }
        let bound = match &expr.kind {
            Kind::Slot(Slot::Bound(name)) => self.types.get(name),
            _ => None,
        };
        let Some(ty) = expr.ty.clone().or_else(|| bound.cloned()) else {
            self.failed = true;
            return;
        };
        if let Some(other) = scope.of_type(&ty).first() {
            expr.kind = Kind::Slot(Slot::Bound(*other));
            return;
        }
        match self.known.leaves(&ty).into_iter().next() {
            Some(leaf) => *expr = leaf,
            None => self.failed = true,
        }
    }
}
