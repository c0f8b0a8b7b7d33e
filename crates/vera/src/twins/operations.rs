//! A function in place of an operation of `State`: which cell it means is then told by
//! what the function declares, and not by where it stands.
//!
//! The clauses of a handler are lexical to the body that it handles: an operation in a
//! called function, or in a clause, does what it does without any. So one that stands
//! in a handled body stays there, unless the clauses change nothing.

use std::collections::HashSet;

use super::Sites;
use crate::scope::Scope;
use crate::tree::{
    Binder, Block, Callee, Clause, Contract, Decl, Effect, Effects, Expr, Function, Handle, Kind,
    Name, Program, Slot, Type,
};
use crate::walk::{Visit, walk};

pub fn rewrite(program: &mut Program, sites: &mut Sites) {
    let mut outline = Outline {
        functions: functions(program),
        open: Vec::new(),
        clauses: 0,
        closures: 0,
        generic: false,
        next: program.next_name,
        sites,
        made: Vec::new(),
    };
    walk(program, &mut outline);
    program.next_name = outline.next;
    super::declare(program, outline.made);
}

/// What the functions of a program are called: those names say no operation.
fn functions(program: &Program) -> HashSet<String> {
    let functions = program.items.iter().filter_map(|item| match &item.decl {
        Decl::Function(function) => Some(function),
        _ => None,
    });
    let all = functions.flat_map(|it| std::iter::once(it).chain(&it.helpers));
    all.map(|it| it.name.clone()).collect()
}

/// Whether a state is one that functions are called with, and whose operations mean
/// the same there.
pub fn performs_state(effects: &Effects) -> bool {
    states(effects).next().is_some()
}

fn states(effects: &Effects) -> impl Iterator<Item = &Effect> {
    let all = match effects {
        Effects::Pure => &[][..],
        Effects::Set(effects) => effects,
    };
    all.iter().filter(|it| it.name == "State")
}

struct Outline<'a> {
    functions: HashSet<String>,
    /// The states in reach, the innermost last; whether their operations mean the same
    /// in a function.
    open: Vec<(Effect, bool)>,
    /// How many clauses are open.
    clauses: usize,
    /// How many closures are.
    closures: usize,
    /// Whether types may be variables.
    generic: bool,
    next: u32,
    sites: &'a mut Sites,
    made: Vec<Function>,
}

impl Outline<'_> {
    fn outlined(&mut self, expr: &mut Expr) {
        let Kind::Call {
            callee: Callee::Function(operation),
            args,
            ..
        } = &mut expr.kind
        else {
            return;
        };
        let is_operation = ["get", "put"].contains(&operation.as_str());
        // Where several states are in reach, it is not told here which is meant.
        let [(effect, is_same)] = self.open.as_slice() else {
            return;
        };
        let [ty] = effect.args.as_slice() else {
            return;
        };
        let stays = !is_operation
            || !(*is_same || self.clauses > 0)
            || self.closures > 0
            || self.generic
            || self.functions.contains(operation)
            || self.sites.in_contract()
            || args.len() != 1;
        let (effect, ty) = (effect.clone(), ty.clone());
        if stays || !(self.sites).here(expr.line, &format!("{operation}(...)")) {
            return;
        }
        let unit = || Type::Named("Unit".to_owned(), Vec::new());
        let (params, given, gives) = if operation == "put" {
            let name = Name(self.next);
            self.next += 1;
            let given = Kind::Slot(Slot::Bound(name));
            let given = Expr::new(given, Some(ty.clone()));
            (vec![Binder { name, ty }], given, unit())
        } else {
            args.clear();
            (Vec::new(), Expr::new(Kind::Unit, Some(unit())), ty)
        };
        let name = format!("outlined_{}", self.made.len());
        let call = Kind::Call {
            callee: Callee::Function(std::mem::replace(operation, name.clone())),
            args: vec![given],
            piped: false,
        };
        let holds = || Expr::new(Kind::Bool(true), None);
        self.made.push(Function {
            name,
            forall: Vec::new(),
            constraints: Vec::new(),
            params,
            returns: gives.clone(),
            contracts: vec![Contract::Requires(holds()), Contract::Ensures(holds())],
            effects: Effects::Set(vec![effect]),
            body: Block {
                statements: Vec::new(),
                value: Box::new(Expr::new(call, Some(gives))),
            },
            helpers: Vec::new(),
        });
    }
}

/// Whether the clauses of a handler change nothing: `get` resumes with the state, `put`
/// with nothing.
fn changes_nothing(handle: &Handle) -> bool {
    let state = handle.state.as_ref().map(|(binder, _)| binder.name);
    let resumed = |clause: &Clause| {
        let Kind::Call {
            callee: Callee::Function(name),
            args,
            ..
        } = &value_of(&clause.body)?.kind
        else {
            return None;
        };
        let [arg] = args.as_slice() else { return None };
        (name == "resume").then(|| arg.kind.clone())
    };
    handle.clauses.iter().all(|clause| {
        let resumed = resumed(clause);
        let as_is = match clause.operation.as_str() {
            "get" => resumed == state.map(|it| Kind::Slot(Slot::Bound(it))),
            "put" => resumed == Some(Kind::Unit),
            _ => false,
        };
        as_is
            && clause
                .update
                .as_ref()
                .is_none_or(|(_, it)| is_given(clause, it))
    })
}

/// Whether an expression is what the operation was given, which the state becomes anyhow.
fn is_given(clause: &Clause, expr: &Expr) -> bool {
    let given = clause.params.first().map(|it| it.name);
    clause.operation == "put" && given.is_some_and(|it| expr.kind == Kind::Slot(Slot::Bound(it)))
}

/// What an expression is where it is nothing but a block of that.
fn value_of(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        Kind::Block(block) if block.statements.is_empty() => value_of(&block.value),
        Kind::Block(_) => None,
        _ => Some(expr),
    }
}

impl Visit for Outline<'_> {
    fn function(&mut self, function: &mut Function) {
        self.sites.function(function);
        self.generic = !function.forall.is_empty();
        let states = states(&function.effects);
        self.open = states.map(|it| (it.clone(), true)).collect();
    }

    fn contract(&mut self, begins: bool) {
        self.sites.contract(begins);
    }

    fn closure(&mut self, begins: bool) {
        self.closures = counted(self.closures, begins);
    }

    fn clause(&mut self, begins: bool) {
        self.clauses = counted(self.clauses, begins);
    }

    fn handled(&mut self, handle: &Handle, begins: bool) {
        if handle.effect.name != "State" {
            return;
        }
        match begins {
            true => {
                let state = (handle.effect.clone(), changes_nothing(handle));
                self.open.push(state);
            }
            false => drop(self.open.pop()),
        }
    }

    fn after(&mut self, expr: &mut Expr, _: &Scope) {
        self.outlined(expr);
    }
}

fn counted(open: usize, begins: bool) -> usize {
    match begins {
        true => open + 1,
        false => open - 1,
    }
}
