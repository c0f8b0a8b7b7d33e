//! Functions whose body means the same where they are called.

use std::collections::HashSet;

use super::super::inline;
use crate::names::references;
use crate::purity::Purity;
use crate::scope::Scope;
use crate::tree::{Callee, Decl, Effects, Expr, Function, Kind, Program};
use crate::walk::{Visit, walk};

/// How many functions there are.
pub fn count(program: &Program) -> usize {
    program.items.len()
}

/// Without a function: its body stands where it is called. `None` where that may mean
/// something else.
pub fn inlined(program: &Program, at: usize) -> Option<Program> {
    let Decl::Function(function) = &program.items[at].decl else {
        return None;
    };
    if !is_lexical(&function.effects) || !drops_nothing(program, function) {
        return None;
    }
    let mut smaller = inline::without_function(program, at)?;
    inline::flatten(&mut smaller);
    Some(smaller)
}

/// Whether what it does means the same wherever it stands: the clauses of a handler
/// would have a part in all else.
fn is_lexical(effects: &Effects) -> bool {
    match effects {
        Effects::Pure => true,
        Effects::Set(all) => {
            let mut all = all.iter();
            all.all(|it| ["IO", "Diverge", "Random"].contains(&it.name.as_str()))
        }
    }
}

/// Whether nothing is given that does something and is not used.
fn drops_nothing(program: &Program, function: &Function) -> bool {
    let uses = references(program);
    let unused = function.params.iter().enumerate();
    let unused = unused.filter(|(_, it)| !uses.contains_key(&it.name));
    let mut given = Given {
        name: &function.name,
        unused: unused.map(|(place, _)| place).collect(),
        purity: Purity::of(program),
        pure: true,
    };
    walk(&mut program.clone(), &mut given);
    given.pure
}

struct Given<'a> {
    name: &'a str,
    unused: HashSet<usize>,
    purity: Purity,
    pure: bool,
}

impl Visit for Given<'_> {
    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        if let Kind::Call {
            callee: Callee::Function(name),
            args,
            ..
        } = &expr.kind
            && name == self.name
        {
            let dropped = args.iter().enumerate();
            let mut dropped = dropped.filter(|(place, _)| self.unused.contains(place));
            self.pure &= dropped.all(|(_, it)| self.purity.is_pure(it));
        }
    }
}
