//! Contracts, effects and refinements that nothing needs.

use std::ops::Range;

use crate::scope::Scope;
use crate::tree::{Contract, Decl, Effects, Expr, Function, Kind, Lambda, Program, Type};
use crate::walk::{Visit, walk};

/// How many there are that could be looser.
pub fn count(program: &Program) -> usize {
    walked(&mut program.clone(), 0..0, true)
}

/// With these looser: a contract that says nothing, no effects, no refinement.
pub fn loosened(program: &Program, range: Range<usize>) -> Option<Program> {
    let mut program = program.clone();
    walked(&mut program, range, true);
    Some(program)
}

/// How many there are beside effects.
pub fn count_contracts(program: &Program) -> usize {
    walked(&mut program.clone(), 0..0, false)
}

/// With these looser; the effects stay, which say what a function may do.
pub fn loosened_contracts(program: &Program, range: Range<usize>) -> Option<Program> {
    let mut program = program.clone();
    walked(&mut program, range, false);
    Some(program)
}

fn walked(program: &mut Program, range: Range<usize>, with_effects: bool) -> usize {
    let mut loosened = Loosened {
        seen: 0,
        range: range.clone(),
        with_effects,
    };
    walk(program, &mut loosened);
    let mut seen = loosened.seen;
    for item in &mut program.items {
        if let Decl::Alias(alias) = &mut item.decl
            && let Type::Refined(binder, _) = &alias.ty
        {
            if range.contains(&seen) {
                alias.ty = binder.ty.clone();
            }
            seen += 1;
        }
    }
    seen
}

struct Loosened {
    seen: usize,
    range: Range<usize>,
    with_effects: bool,
}

impl Loosened {
    /// Whether the next one is to be loosened.
    fn next(&mut self) -> bool {
        self.seen += 1;
        self.range.contains(&(self.seen - 1))
    }

    fn effects(&mut self, effects: &mut Effects) {
        if let Effects::Set(set) = effects
            && self.with_effects
        {
            let kept = std::mem::take(set);
            *set = kept.into_iter().filter(|_| !self.next()).collect();
            if set.is_empty() {
                *effects = Effects::Pure;
            }
        }
    }
}

fn says_nothing(expr: &Expr) -> bool {
    expr.kind == Kind::Bool(true)
}

impl Visit for Loosened {
    fn function(&mut self, function: &mut Function) {
        function.contracts.retain_mut(|contract| match contract {
            Contract::Requires(it) | Contract::Ensures(it) => {
                if !says_nothing(it) && self.next() {
                    it.kind = Kind::Bool(true);
                }
                true
            }
            Contract::Decreases(_) => !self.next(),
        });
        self.effects(&mut function.effects);
    }

    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        if let Kind::Lambda(lambda) = &mut expr.kind {
            let Lambda { effects, .. } = &mut **lambda;
            self.effects(effects);
        }
    }
}
