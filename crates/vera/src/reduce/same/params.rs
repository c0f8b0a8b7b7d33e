//! Parameters that nothing reads, and those that are the same in every call.

use std::collections::HashMap;

use super::is_small;
use crate::names::references;
use crate::purity::Purity;
use crate::scope::{Aliases, Scope};
use crate::tree::{Callee, Decl, Expr, Function, Kind, Name, Program, Slot};
use crate::walk::{Visit, walk};

/// How many parameters the functions beside `main` have.
pub fn count(program: &Program) -> usize {
    functions(program).map(|it| it.params.len()).sum()
}

/// Without one of them, and without what calls give for it; what reads it reads what all
/// calls give. `None` where it is needed.
pub fn without(program: &Program, place: usize) -> Option<Program> {
    let (function, at) = parameter(program, place)?;
    let name = function.params[at].name;
    let mut calls = Calls {
        function: function.name.clone(),
        at,
        name,
        purity: Purity::of(program),
        inside: false,
        passed_on: 0,
        given: Vec::new(),
        fails: false,
    };
    walk(&mut program.clone(), &mut calls);
    if calls.fails {
        return None;
    }
    // What only passes it on to itself does not read it.
    let uses = references(program).get(&name).copied().unwrap_or(0);
    let value = match uses > calls.passed_on {
        true => Some(same(&calls.given, program, function, at)?),
        false => None,
    };
    let mut smaller = program.clone();
    for item in &mut smaller.items {
        if let Decl::Function(it) = &mut item.decl
            && it.name == function.name
        {
            it.params.remove(at);
        }
    }
    let mut removed = Removed {
        function: function.name.clone(),
        at,
        values: value.into_iter().map(|it| (name, it)).collect(),
    };
    walk(&mut smaller, &mut removed);
    Some(smaller)
}

fn functions(program: &Program) -> impl Iterator<Item = &Function> {
    program.items.iter().filter_map(|item| match &item.decl {
        Decl::Function(it) if it.name != "main" && it.helpers.is_empty() => Some(it),
        _ => None,
    })
}

fn parameter(program: &Program, place: usize) -> Option<(&Function, usize)> {
    let mut left = place;
    for function in functions(program) {
        match left.checked_sub(function.params.len()) {
            Some(rest) => left = rest,
            None => return Some((function, left)),
        }
    }
    None
}

/// The literal that all calls give, where it is the same and has the parameter's type.
fn same(given: &[Expr], program: &Program, function: &Function, at: usize) -> Option<Expr> {
    let (first, rest) = given.split_first()?;
    let literal = is_small(first) && !matches!(first.kind, Kind::Slot(_) | Kind::Call { .. });
    let aliases = Aliases::of(program);
    let ty = first.ty.as_ref().map(|it| aliases.resolved(it));
    let fits = ty == Some(aliases.resolved(&function.params[at].ty));
    (literal && fits && rest.iter().all(|it| it.kind == first.kind)).then(|| first.clone())
}

/// Looks at what calls give for a parameter.
struct Calls {
    function: String,
    at: usize,
    name: Name,
    purity: Purity,
    inside: bool,
    passed_on: usize,
    given: Vec<Expr>,
    fails: bool,
}

impl Visit for Calls {
    fn function(&mut self, function: &mut Function) {
        self.inside = function.name == self.function;
    }

    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        let Kind::Call {
            callee: Callee::Function(name),
            args,
            piped,
        } = &expr.kind
        else {
            return;
        };
        if *name != self.function {
            return;
        }
        let Some(arg) = args.get(self.at).filter(|_| !piped) else {
            self.fails = true;
            return;
        };
        if self.inside && arg.kind == Kind::Slot(Slot::Bound(self.name)) {
            self.passed_on += 1;
        } else {
            self.fails |= !self.purity.is_pure(arg);
            self.given.push(arg.clone());
        }
    }
}

struct Removed {
    function: String,
    at: usize,
    values: HashMap<Name, Expr>,
}

impl Visit for Removed {
    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        if let Kind::Slot(Slot::Bound(name)) = &expr.kind
            && let Some(value) = self.values.get(name)
        {
            *expr = value.clone();
            return;
        }
        if let Kind::Call {
            callee: Callee::Function(name),
            args,
            ..
        } = &mut expr.kind
            && *name == self.function
        {
            args.remove(self.at);
        }
    }
}
