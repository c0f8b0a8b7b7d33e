//! Calls and bindings with what they stand for in their place.

use std::collections::{HashMap, HashSet};

use crate::leaf::is_leaf;
use crate::names::{Called, references, renamed};
use crate::scope::Scope;
use crate::tree::{
    Binder, Block, Callee, Decl, Expr, Function, Kind, Name, Program, Slot, Statement,
};
use crate::walk::{Visit, walk, walk_expr};

/// How many edits there are: plain blocks, functions, bindings that are used once.
pub fn count(program: &Program) -> usize {
    1 + program.items.len() + once(program).len()
}

/// With one of them made.
pub fn inlined(program: &Program, place: usize) -> Option<Program> {
    let mut smaller = match place.checked_sub(1) {
        None => program.clone(),
        Some(at) if at < program.items.len() => without_function(program, at)?,
        Some(at) => {
            let name = *once(program).get(at - program.items.len())?;
            let mut program = program.clone();
            substitute(&mut program, name);
            program
        }
    };
    flatten(&mut smaller);
    Some(smaller)
}

/// What is bound by a `let` and used once.
fn once(program: &Program) -> Vec<Name> {
    struct Lets(Vec<Name>);
    impl Visit for Lets {
        fn block(&mut self, block: &mut Block, _: &Scope) {
            for statement in &block.statements {
                if let Statement::Let(binder, _) = statement {
                    self.0.push(binder.name);
                }
            }
        }
    }
    let mut lets = Lets(Vec::new());
    walk(&mut program.clone(), &mut lets);
    let used = references(program);
    lets.0.retain(|it| used.get(it) == Some(&1));
    lets.0
}

/// Puts the value of a `let` where it is used.
pub(crate) fn substitute(program: &mut Program, name: Name) {
    struct Taken {
        name: Name,
        value: Option<Expr>,
    }
    impl Visit for Taken {
        fn block(&mut self, block: &mut Block, _: &Scope) {
            let is_it = |it: &Statement| matches!(it, Statement::Let(binder, _) if binder.name == self.name);
            if let Some(at) = block.statements.iter().position(is_it)
                && let Statement::Let(_, value) = block.statements.remove(at)
            {
                self.value = Some(value);
            }
        }
        fn expr(&mut self, expr: &mut Expr, _: &Scope) {
            if expr.kind == Kind::Slot(Slot::Bound(self.name))
                && let Some(value) = self.value.take()
            {
                *expr = value;
            }
        }
    }
    walk(program, &mut Taken { name, value: None });
}

/// Without a function: its body stands where it is called. `None` where it calls
/// itself, or nobody calls it.
pub(super) fn without_function(program: &Program, at: usize) -> Option<Program> {
    let Decl::Function(function) = &program.items[at].decl else {
        return None;
    };
    if function.name == "main" || !function.helpers.is_empty() {
        return None;
    }
    let mut body = Expr::new(
        Kind::Block(function.body.clone()),
        Some(function.returns.clone()),
    );
    let mut called = Called(HashSet::new());
    walk_expr(&mut body, &Scope::new(std::rc::Rc::default()), &mut called);
    if called.0.contains(&function.name) {
        return None;
    }
    let function = function.clone();
    let mut program = program.clone();
    program.items.remove(at);
    let mut calls = Calls {
        next: program.next_name,
        uses: references_of(&function),
        function: &function,
        seen: 0,
    };
    walk(&mut program, &mut calls);
    let (seen, next) = (calls.seen, calls.next);
    program.next_name = next;
    (seen > 0).then_some(program)
}

fn references_of(function: &Function) -> HashMap<Name, usize> {
    let body = Expr::new(Kind::Block(function.body.clone()), None);
    crate::names::references_in(&body, &Scope::new(std::rc::Rc::default()))
}

/// Puts the body of a function where it is called.
pub(crate) struct Calls<'a> {
    pub(crate) next: u32,
    pub(crate) uses: HashMap<Name, usize>,
    pub(crate) function: &'a Function,
    pub(crate) seen: usize,
}

impl Visit for Calls<'_> {
    fn after(&mut self, expr: &mut Expr, _: &Scope) {
        let Kind::Call {
            callee: Callee::Function(name),
            args,
            ..
        } = &mut expr.kind
        else {
            return;
        };
        if *name != self.function.name || args.len() != self.function.params.len() {
            return;
        }
        self.seen += 1;
        let args = std::mem::take(args);
        *expr = body_of(self.function, args, &self.uses, &mut self.next);
    }
}

/// The body of a function, given these arguments: a block that binds what is no
/// leaf, and has the leaves in their places.
fn body_of(
    function: &Function,
    args: Vec<Expr>,
    uses: &HashMap<Name, usize>,
    next: &mut u32,
) -> Expr {
    let mut statements = Vec::new();
    let mut leaves: Vec<(Name, Expr)> = Vec::new();
    for (param, arg) in function.params.iter().zip(args) {
        let uses = uses.get(&param.name).copied().unwrap_or(0);
        if is_leaf(&arg) || uses == 0 {
            leaves.push((param.name, arg));
        } else {
            let Binder { name, ty } = param.clone();
            statements.push(Statement::Let(Binder { name, ty }, arg));
        }
    }
    statements.extend(function.body.statements.iter().cloned());
    let block = Block {
        statements,
        value: function.body.value.clone(),
    };
    let mut body = Expr::new(Kind::Block(block), Some(function.returns.clone()));
    let args: HashMap<Name, Expr> = leaves.into_iter().collect();
    // What a leaf refers to keeps its name: it is bound outside.
    renamed(&mut body, next);
    let scope = Scope::new(std::rc::Rc::default());
    walk_expr(&mut body, &scope, &mut Placed(args));
    body
}

struct Placed(HashMap<Name, Expr>);

impl Visit for Placed {
    fn after(&mut self, expr: &mut Expr, _: &Scope) {
        if let Kind::Slot(Slot::Bound(name)) = &expr.kind
            && let Some(arg) = self.0.get(name)
        {
            *expr = arg.clone();
        }
    }
}

/// Takes away blocks that only hold something.
pub(super) fn flatten(program: &mut Program) {
    struct Flattened;
    impl Flattened {
        fn unwrap(expr: &mut Expr) {
            while let Kind::Block(block) = &mut expr.kind
                && block.statements.is_empty()
            {
                let value = std::mem::replace(&mut *block.value, Expr::new(Kind::Unit, None));
                *expr = value;
            }
        }
    }
    impl Visit for Flattened {
        fn after(&mut self, expr: &mut Expr, _: &Scope) {
            Self::unwrap(expr);
        }
        fn after_block(&mut self, block: &mut Block, _: &Scope) {
            let mut statements = Vec::new();
            for mut statement in std::mem::take(&mut block.statements) {
                let value = statement.value_mut();
                if let Kind::Block(inner) = &mut value.kind {
                    statements.append(&mut inner.statements);
                }
                Self::unwrap(value);
                statements.push(statement);
            }
            if let Kind::Block(inner) = &mut block.value.kind {
                statements.append(&mut inner.statements);
            }
            Self::unwrap(&mut block.value);
            block.statements = statements;
        }
    }
    walk(program, &mut Flattened);
}
