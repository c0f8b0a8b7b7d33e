//! Every expression of a program, with what is bound where it stands.

use std::rc::Rc;

use super::scope::{Aliases, Scope};
use super::tree::{
    Block, Contract, Decl, Effects, Expr, Function, Handle, Kind, Part, Program, Statement, Type,
};

/// What looks at a program, or changes it, as it is walked through. Each is called
/// before what lies in it is walked, and may change it.
pub trait Visit {
    /// A function with a name.
    fn function(&mut self, _: &mut Function) {}
    /// An expression.
    fn expr(&mut self, _: &mut Expr, _: &Scope) {}
    /// An expression whose parts have been walked.
    fn after(&mut self, _: &mut Expr, _: &Scope) {}
    /// A block.
    fn block(&mut self, _: &mut Block, _: &Scope) {}
    /// A block whose parts have been walked; what it binds is no more in scope.
    fn after_block(&mut self, _: &mut Block, _: &Scope) {}
    /// A type that is written.
    fn ty(&mut self, _: &mut Type) {}
    /// A clause of a contract begins, or ends.
    fn contract(&mut self, _begins: bool) {}
    /// What stands in the reach of a handler begins, or ends.
    fn handled(&mut self, _: &Handle, _begins: bool) {}
    /// The body of a handler's clause begins, or ends.
    fn clause(&mut self, _begins: bool) {}
    /// The body of a closure begins, or ends.
    fn closure(&mut self, _begins: bool) {}
}

/// Walks through a program, in the order of its text.
pub fn walk(program: &mut Program, visit: &mut dyn Visit) {
    let scope = Scope::new(Rc::new(Aliases::of(program)));
    let mut walker = Walker { scope, visit };
    for item in &mut program.items {
        match &mut item.decl {
            Decl::Function(function) => walker.function(function),
            Decl::Data(data) => {
                if let Some(invariant) = &mut data.invariant {
                    walker.contract(invariant);
                }
                for constructor in &mut data.constructors {
                    walker.types(&mut constructor.fields);
                }
            }
            Decl::Alias(alias) => walker.ty(&mut alias.ty),
            Decl::Effect(it) | Decl::Ability(it) => {
                for operation in &mut it.operations {
                    walker.types(&mut operation.params);
                    walker.ty(&mut operation.returns);
                }
            }
            Decl::Unread(_) => {}
        }
    }
}

/// Walks through an expression where this is bound.
pub fn walk_expr(expr: &mut Expr, scope: &Scope, visit: &mut dyn Visit) {
    let scope = scope.clone();
    Walker { scope, visit }.expr(expr);
}

/// Walks through a block where this is bound.
pub fn walk_block(block: &mut Block, scope: &Scope, visit: &mut dyn Visit) {
    let scope = scope.clone();
    Walker { scope, visit }.block(block);
}

struct Walker<'v> {
    scope: Scope,
    visit: &'v mut dyn Visit,
}

impl Walker<'_> {
    fn function(&mut self, function: &mut Function) {
        self.visit.function(function);
        let outer = self.scope.left();
        for param in &mut function.params {
            self.ty(&mut param.ty);
        }
        self.ty(&mut function.returns);
        self.effects(&mut function.effects);
        for param in &function.params {
            self.scope.bind(param);
        }
        for contract in &mut function.contracts {
            match contract {
                Contract::Requires(it) | Contract::Ensures(it) => self.contract(it),
                Contract::Decreases(them) => {
                    for it in them {
                        self.contract(it);
                    }
                }
            }
        }
        self.block(&mut function.body);
        for helper in &mut function.helpers {
            self.function(helper);
        }
        self.scope = outer;
    }

    fn contract(&mut self, expr: &mut Expr) {
        self.visit.contract(true);
        self.expr(expr);
        self.visit.contract(false);
    }

    fn types(&mut self, types: &mut [Type]) {
        for ty in types {
            self.ty(ty);
        }
    }

    fn ty(&mut self, ty: &mut Type) {
        self.visit.ty(ty);
        match ty {
            Type::Named(_, args) => self.types(args),
            Type::Function {
                params,
                returns,
                effects,
            } => {
                self.types(params);
                self.ty(returns);
                self.effects(effects);
            }
            Type::Refined(binder, predicate) => {
                let outer = self.scope.left();
                self.ty(&mut binder.ty);
                self.scope.bind(binder);
                self.contract(predicate);
                self.scope = outer;
            }
            Type::Unread(_) => {}
        }
    }

    fn effects(&mut self, effects: &mut Effects) {
        if let Effects::Set(effects) = effects {
            for effect in effects {
                self.types(&mut effect.args);
            }
        }
    }

    fn block(&mut self, block: &mut Block) {
        self.visit.block(block, &self.scope);
        let depth = self.scope.depth();
        for statement in &mut block.statements {
            match statement {
                Statement::Let(binder, value) => {
                    self.ty(&mut binder.ty);
                    self.expr(value);
                    self.scope.bind(binder);
                }
                Statement::Destructure(_, binders, value) => {
                    self.expr(value);
                    for binder in binders {
                        self.ty(&mut binder.ty);
                        self.scope.bind(binder);
                    }
                }
                Statement::Expr(value) => self.expr(value),
            }
        }
        self.expr(&mut block.value);
        self.scope.forget(depth);
        self.visit.after_block(block, &self.scope);
    }

    fn exprs(&mut self, exprs: &mut [Expr]) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn expr(&mut self, expr: &mut Expr) {
        self.visit.expr(expr, &self.scope);
        let depth = self.scope.depth();
        match &mut expr.kind {
            Kind::Int(_)
            | Kind::Float(_)
            | Kind::Bool(_)
            | Kind::Unit
            | Kind::Hole
            | Kind::Slot(_)
            | Kind::Nullary(_)
            | Kind::Unread(_) => {}
            Kind::Result(ty) => self.visit.ty(ty),
            Kind::Old(effect) | Kind::New(effect) => self.types(&mut effect.args),
            Kind::Text(parts) => {
                for part in parts {
                    if let Part::Expr(it) = part {
                        self.expr(it);
                    }
                }
            }
            Kind::Binary(_, left, right) => {
                self.expr(left);
                self.expr(right);
            }
            Kind::Unary(_, it) | Kind::Assert(it) | Kind::Assume(it) => self.expr(it),
            Kind::Index(of, at) => {
                self.expr(of);
                self.expr(at);
            }
            Kind::Call { args, .. } => self.exprs(args),
            Kind::Array(elements) => self.exprs(elements),
            Kind::Lambda(lambda) => {
                for param in &mut lambda.params {
                    self.ty(&mut param.ty);
                }
                self.ty(&mut lambda.returns);
                self.effects(&mut lambda.effects);
                for param in &lambda.params {
                    self.scope.bind(param);
                }
                self.visit.closure(true);
                self.block(&mut lambda.body);
                self.visit.closure(false);
            }
            Kind::If(condition, then, otherwise) => {
                self.expr(condition);
                self.block(then);
                self.block(otherwise);
            }
            Kind::Match(scrutinee, arms) => {
                self.expr(scrutinee);
                for arm in arms {
                    for binder in arm.pattern.binders_mut() {
                        self.ty(&mut binder.ty);
                        self.scope.bind(binder);
                    }
                    self.expr(&mut arm.body);
                    self.scope.forget(depth);
                }
            }
            Kind::Block(block) => self.block(block),
            Kind::Handle(handle) => self.handle(handle),
            Kind::Quantified {
                over,
                domain,
                predicate,
                ..
            } => {
                self.ty(over);
                self.expr(domain);
                self.expr(predicate);
            }
        }
        self.scope.forget(depth);
        self.visit.after(expr, &self.scope);
    }

    fn handle(&mut self, handle: &mut Handle) {
        self.types(&mut handle.effect.args);
        if let Some((binder, init)) = &mut handle.state {
            self.ty(&mut binder.ty);
            self.expr(init);
        }
        for clause in &mut handle.clauses {
            let depth = self.scope.depth();
            for param in &mut clause.params {
                self.ty(&mut param.ty);
                self.scope.bind(param);
            }
            if let Some((binder, _)) = &handle.state {
                self.scope.bind(binder);
            }
            self.visit.clause(true);
            self.expr(&mut clause.body);
            self.visit.clause(false);
            if let Some((ty, value)) = &mut clause.update {
                self.ty(ty);
                self.expr(value);
            }
            self.scope.forget(depth);
        }
        self.visit.handled(handle, true);
        self.block(&mut handle.body);
        self.visit.handled(handle, false);
    }
}
