//! What is decided before it runs: an `if` on a literal, a `match` on what is made there,
//! a handler of what nothing does.

use std::ops::Range;

use crate::purity::Purity;
use crate::scope::Scope;
use crate::tree::{Arm, Block, Callee, Expr, Handle, Kind, Pattern, Program, Statement};
use crate::walk::{Visit, walk};

/// How many there are.
pub fn count(program: &Program) -> usize {
    walked(&mut program.clone(), 0..0)
}

/// With what is taken in the place of these.
pub fn taken(program: &Program, range: Range<usize>) -> Option<Program> {
    let mut program = program.clone();
    walked(&mut program, range);
    Some(program)
}

fn walked(program: &mut Program, range: Range<usize>) -> usize {
    let mut branches = Branches {
        purity: Purity::of(program),
        range,
        seen: 0,
    };
    walk(program, &mut branches);
    branches.seen
}

struct Branches {
    purity: Purity,
    range: Range<usize>,
    seen: usize,
}

impl Visit for Branches {
    fn after(&mut self, expr: &mut Expr, _: &Scope) {
        let taken = match &expr.kind {
            Kind::If(condition, then, otherwise) => match condition.kind {
                Kind::Bool(true) => Some(then.clone()),
                Kind::Bool(false) => Some(otherwise.clone()),
                _ => None,
            },
            Kind::Match(scrutinee, arms) => of_match(scrutinee, arms),
            Kind::Handle(handle) => self.of_handler(handle),
            _ => None,
        };
        let Some(block) = taken else {
            return;
        };
        self.seen += 1;
        if self.range.contains(&(self.seen - 1)) {
            expr.kind = Kind::Block(block);
        }
    }
}

impl Branches {
    fn of_handler(&self, handle: &Handle) -> Option<Block> {
        let body = Expr::new(Kind::Block(handle.body.clone()), None);
        let mut inits = handle.state.iter();
        let idle = self.purity.is_pure(&body) && inits.all(|(_, it)| self.purity.is_pure(it));
        idle.then(|| handle.body.clone())
    }
}

/// What a `match` on something that is made there comes to; `None` where that takes more
/// than a look.
fn of_match(scrutinee: &Expr, arms: &[Arm]) -> Option<Block> {
    let (name, fields): (&str, &[Expr]) = match &scrutinee.kind {
        Kind::Nullary(name) => (name, &[]),
        Kind::Call {
            callee: Callee::Constructor(name),
            args,
            ..
        } => (name, args),
        _ => return None,
    };
    for arm in arms {
        let statements = match &arm.pattern {
            Pattern::Wildcard => fields.iter().cloned().map(Statement::Expr).collect(),
            Pattern::Nullary(it) if it == name => Vec::new(),
            Pattern::Constructor(it, parts) if it == name && parts.len() == fields.len() => {
                let each = parts.iter().zip(fields).map(|it| match it {
                    (Pattern::Binding(binder), field) => {
                        Some(Statement::Let(binder.clone(), field.clone()))
                    }
                    (Pattern::Wildcard, field) => Some(Statement::Expr(field.clone())),
                    _ => None,
                });
                each.collect::<Option<Vec<Statement>>>()?
            }
            Pattern::Nullary(it) | Pattern::Constructor(it, _) if it != name => continue,
            _ => return None,
        };
        return Some(Block {
            statements,
            value: Box::new(arm.body.clone()),
        });
    }
    None
}
