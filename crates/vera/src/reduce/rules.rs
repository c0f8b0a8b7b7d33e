//! What Vera asks of every program, and not each release checks. A reduced program is to
//! show a fault of the release that it fails on, and to be one that others take.

use std::collections::HashSet;

use crate::names::{Called, calls, leads_to};
use crate::scope::Scope;
use crate::tree::{Contract, Decl, Effects, Expr, Function, Handle, Program};
use crate::walk::{Visit, walk, walk_block, walk_expr};

/// The rules that the program to be reduced keeps itself. Of one that breaks a rule,
/// that may be what is sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    measured: bool,
    resumed: bool,
}

impl Rules {
    /// Those that a program keeps.
    pub fn of(program: &Program) -> Rules {
        Rules {
            measured: is_measured(program),
            resumed: is_resumed(program),
        }
    }

    /// Whether another one keeps them as well.
    pub fn hold(self, program: &Program) -> bool {
        (!self.measured || is_measured(program)) && (!self.resumed || is_resumed(program))
    }
}

/// Whether each function that may come to call itself says why it ends.
fn is_measured(program: &Program) -> bool {
    let calls = calls(program);
    let says_why = |it: &Function| {
        let measured = |it: &Contract| matches!(it, Contract::Decreases(_));
        it.contracts.iter().any(measured) || may_not_end(&it.effects)
    };
    let calls_itself = |it: &Function| {
        let called = &calls[&it.name];
        leads_to(&calls, called, &it.name)
    };
    let helper_calls_itself = |it: &Function| {
        let mut called = Called(HashSet::new());
        let scope = Scope::new(std::rc::Rc::default());
        walk_block(&mut it.body.clone(), &scope, &mut called);
        called.0.contains(&it.name)
    };
    program.items.iter().all(|item| match &item.decl {
        Decl::Function(function) => {
            let mut helpers = function.helpers.iter();
            (says_why(function) || !calls_itself(function))
                && helpers.all(|it| says_why(it) || !helper_calls_itself(it))
        }
        _ => true,
    })
}

fn may_not_end(effects: &Effects) -> bool {
    match effects {
        Effects::Pure => false,
        Effects::Set(all) => all.iter().any(|it| it.name == "Diverge"),
    }
}

/// Whether each clause of a handler goes on with what it handles, but for those of
/// exceptions, which do not.
fn is_resumed(program: &Program) -> bool {
    let mut resumed = Resumed(true);
    walk(&mut program.clone(), &mut resumed);
    resumed.0
}

struct Resumed(bool);

impl Visit for Resumed {
    fn handled(&mut self, handle: &Handle, begins: bool) {
        if begins && handle.effect.name != "Exn" {
            self.0 &= handle.clauses.iter().all(|it| resumes(&it.body));
        }
    }
}

fn resumes(body: &Expr) -> bool {
    let mut called = Called(HashSet::new());
    let scope = Scope::new(std::rc::Rc::default());
    walk_expr(&mut body.clone(), &scope, &mut called);
    called.0.contains("resume")
}
