//! What a program is made of, as far as it may be what it fails of.

use std::collections::BTreeSet;

use crate::vera::{Callee, Contract, Decl, Expr, Kind, Program, Scope, Visit, walk};

/// The forms of a program that may be what it fails of: calls of the language's own
/// functions, and what is no call.
pub fn forms_of(program: &Program) -> Vec<String> {
    struct Forms<'a> {
        own: BTreeSet<&'a str>,
        seen: BTreeSet<String>,
    }
    impl Visit for Forms<'_> {
        fn expr(&mut self, expr: &mut Expr, _: &Scope) {
            let form = match &expr.kind {
                Kind::Call {
                    callee: Callee::Function(name),
                    ..
                } if !self.own.contains(name.as_str()) => name.clone(),
                Kind::Call {
                    callee: Callee::Qualified(effect, name),
                    ..
                } => format!("{effect}.{name}"),
                Kind::If(..) => "if".to_owned(),
                Kind::Match(..) => "match".to_owned(),
                Kind::Handle(handle) => format!("handle {}", handle.effect.name),
                Kind::Index(..) => "index".to_owned(),
                _ => return,
            };
            self.seen.insert(form);
        }
    }
    let own = program.items.iter().filter_map(|it| it.decl.name());
    let mut forms = Forms {
        own: own.collect(),
        seen: BTreeSet::new(),
    };
    walk(&mut program.clone(), &mut forms);
    forms.seen.into_iter().collect()
}

/// Whether a program has a function that calls itself.
pub fn recurs(program: &Program) -> bool {
    program.items.iter().any(|item| match &item.decl {
        Decl::Function(function) => {
            (function.contracts.iter()).any(|it| matches!(it, Contract::Decreases(_)))
        }
        _ => false,
    })
}
