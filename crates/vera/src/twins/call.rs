//! The body of a function in place of a call.

use std::collections::{HashMap, HashSet};

use super::Sites;
use super::operations::performs_state;
use crate::leaf::is_leaf;
use crate::names::{Called, renamed};
use crate::scope::{Aliases, Scope};
use crate::tree::{Block, Callee, Contract, Decl, Expr, Function, Kind, Program, Statement, Type};
use crate::walk::{Visit, walk, walk_block};

pub fn rewrite(program: &mut Program, sites: &mut Sites) {
    let aliases = Aliases::of(program);
    let functions = program.items.iter().filter_map(|item| match &item.decl {
        Decl::Function(function) if is_plain(function, &aliases) => {
            Some((function.name.clone(), function.clone()))
        }
        _ => None,
    });
    let mut inline = Inline {
        functions: functions.collect(),
        next: program.next_name,
        sites,
    };
    walk(program, &mut inline);
    program.next_name = inline.next;
}

/// Whether its body means the same wherever it stands: nothing is checked on the way
/// in or out, what it is given can be bound, and no handler around it would have a part
/// in it.
fn is_plain(function: &Function, aliases: &Aliases) -> bool {
    let says_nothing = |contract: &Contract| match contract {
        Contract::Requires(it) | Contract::Ensures(it) => it.kind == Kind::Bool(true),
        Contract::Decreases(_) => false,
    };
    let is_plain = |ty: &Type| match aliases.resolved(ty) {
        Type::Named(name, _) => name != "Unit",
        Type::Function { .. } | Type::Refined(..) | Type::Unread(_) => false,
    };
    let mut called = Called(HashSet::new());
    let scope = Scope::new(std::rc::Rc::default());
    walk_block(&mut function.body.clone(), &scope, &mut called);
    function.name != "main"
        && function.forall.is_empty()
        && function.helpers.is_empty()
        && !performs_state(&function.effects)
        && function.contracts.iter().all(says_nothing)
        && function.params.iter().all(|it| is_plain(&it.ty))
        && !matches!(aliases.resolved(&function.returns), Type::Refined(..))
        && !called.0.contains(&function.name)
        && !called.0.contains("resume")
}

struct Inline<'a> {
    functions: HashMap<String, Function>,
    next: u32,
    sites: &'a mut Sites,
}

impl Inline<'_> {
    /// Puts the body in the place of a call that is all there is.
    fn call(&mut self, expr: &mut Expr) {
        let line = expr.line;
        let Kind::Call {
            callee: Callee::Function(name),
            args,
            ..
        } = &mut expr.kind
        else {
            return;
        };
        let Some(function) = self.functions.get(name) else {
            return;
        };
        if args.len() != function.params.len() || args.iter().any(|it| !is_given(it)) {
            return;
        }
        if *name == self.sites.function || !self.sites.here(line, &format!("{name}(...)")) {
            return;
        }
        let params = function.params.iter().cloned();
        let lets = params.zip(std::mem::take(args));
        let lets = lets.map(|(param, arg)| Statement::Let(param, arg));
        let block = Block {
            statements: lets
                .chain(function.body.statements.iter().cloned())
                .collect(),
            value: function.body.value.clone(),
        };
        *expr = Expr {
            kind: Kind::Block(block),
            ty: Some(function.returns.clone()),
            line,
        };
        renamed(expr, &mut self.next);
    }
}

/// Whether an argument can be bound at the type of a parameter: a leaf of any kind, or
/// what has a type of its own.
fn is_given(expr: &Expr) -> bool {
    is_leaf(expr) || (expr.ty.is_some() && !matches!(expr.kind, Kind::Lambda(_)))
}

impl Visit for Inline<'_> {
    fn function(&mut self, function: &mut Function) {
        self.sites.function(function);
    }

    fn contract(&mut self, begins: bool) {
        self.sites.contract(begins);
    }

    fn after_block(&mut self, block: &mut Block, _: &Scope) {
        if self.sites.in_contract() {
            return;
        }
        for statement in &mut block.statements {
            if let Statement::Let(_, value) = statement {
                self.call(value);
            }
        }
        self.call(&mut block.value);
    }
}
