//! A function in place of the body of a closure.

use std::collections::{HashMap, HashSet};

use super::Sites;
use super::operations::performs_state;
use crate::names::{Called, calls, leads_to, references_in};
use crate::print::Printer;
use crate::scope::Scope;
use crate::tree::{
    Binder, Block, Callee, Contract, Expr, Function, Kind, Lambda, Line, Name, Program, Slot, Type,
};
use crate::walk::{Visit, walk, walk_block};

pub fn rewrite(program: &mut Program, sites: &mut Sites) {
    let mut outline = Outline {
        calls: calls(program),
        generic: false,
        helpers: HashSet::new(),
        next: program.next_name,
        sites,
        made: Vec::new(),
    };
    walk(program, &mut outline);
    program.next_name = outline.next;
    super::declare(program, outline.made);
}

struct Outline<'a> {
    calls: HashMap<String, HashSet<String>>,
    /// Whether the function has type variables, or sees helpers that no other sees.
    generic: bool,
    helpers: HashSet<String>,
    next: u32,
    sites: &'a mut Sites,
    made: Vec<Function>,
}

impl Outline<'_> {
    /// Whether what is called leads back here: a function would need a measure then.
    fn leads_back(&self, called: &HashSet<String>) -> bool {
        leads_to(&self.calls, called, &self.sites.function)
    }

    fn outlined(&mut self, lambda: &mut Lambda, line: Line, scope: &Scope) {
        let mut called = Called(HashSet::new());
        walk_block(&mut lambda.body.clone(), &scope.empty(), &mut called);
        let value = is_simple(&lambda.body);
        if self.generic || self.sites.in_contract() || value || self.leads_back(&called.0) {
            return;
        }
        // A handler around it has a part in what it does.
        if performs_state(&lambda.effects) || called.0.contains("resume") {
            return;
        }
        if !lambda.params.iter().all(|it| is_bound(&it.ty)) {
            return;
        }
        let body = Expr::new(Kind::Block(lambda.body.clone()), None);
        let mut used: Vec<Name> = references_in(&body, scope).into_keys().collect();
        used.sort();
        let captured: Option<Vec<Binder>> = used
            .into_iter()
            .filter_map(|name| scope.ty(name).map(|ty| (name, ty.clone())))
            .map(|(name, ty)| is_bound(&ty).then_some(Binder { name, ty }))
            .collect();
        let Some(captured) = captured else {
            return;
        };
        let shown = {
            let mut inner = scope.clone();
            lambda.params.iter().for_each(|it| inner.bind(it));
            Printer::within(inner).expr(&body)
        };
        if !self.sites.here(line, &shown) {
            return;
        }
        let name = format!("outlined_{}", self.made.len());
        let params: Vec<Binder> = captured.iter().chain(&lambda.params).cloned().collect();
        let args = params.iter().map(|it| {
            let ty = Some(it.ty.clone());
            Expr::new(Kind::Slot(Slot::Bound(it.name)), ty)
        });
        let call = Expr::new(
            Kind::Call {
                callee: Callee::Function(name.clone()),
                args: args.collect(),
                piped: false,
            },
            Some(lambda.returns.clone()),
        );
        let holds = || Expr::new(Kind::Bool(true), None);
        let body = Block {
            statements: Vec::new(),
            value: Box::new(call),
        };
        self.made.push(Function {
            name,
            forall: Vec::new(),
            constraints: Vec::new(),
            params,
            returns: lambda.returns.clone(),
            contracts: vec![Contract::Requires(holds()), Contract::Ensures(holds())],
            effects: lambda.effects.clone(),
            body: std::mem::replace(&mut lambda.body, body),
            helpers: Vec::new(),
        });
    }
}

/// A body that is one leaf, or one call of leaves, is a function already.
fn is_simple(block: &Block) -> bool {
    block.statements.is_empty() && crate::measure::size(&block.value) <= 2
}

fn is_bound(ty: &Type) -> bool {
    match ty {
        Type::Named(name, _) => name != "Unit",
        Type::Function { .. } | Type::Refined(..) | Type::Unread(_) => false,
    }
}

impl Visit for Outline<'_> {
    fn function(&mut self, function: &mut Function) {
        self.sites.function(function);
        let helpers = function.helpers.iter().map(|it| it.name.clone());
        self.helpers.extend(helpers);
        self.generic = !function.forall.is_empty()
            || !function.helpers.is_empty()
            || self.helpers.contains(&function.name);
    }

    fn contract(&mut self, begins: bool) {
        self.sites.contract(begins);
    }

    fn after(&mut self, expr: &mut Expr, scope: &Scope) {
        if let Kind::Lambda(lambda) = &mut expr.kind {
            self.outlined(lambda, expr.line, scope);
        }
    }
}
