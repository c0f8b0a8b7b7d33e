//! Constructors and fields that a data type can do without.

use crate::scope::Scope;
use crate::tree::{Block, Callee, Data, Decl, Expr, Kind, Pattern, Program, Statement};
use crate::walk::{Visit, walk};

/// How many constructors and fields there are.
pub fn count(program: &Program) -> usize {
    types(program)
        .flat_map(|data| &data.constructors)
        .map(|it| 1 + it.fields.len())
        .sum()
}

fn types(program: &Program) -> impl Iterator<Item = &Data> {
    program.items.iter().filter_map(|item| match &item.decl {
        Decl::Data(data) => Some(data),
        _ => None,
    })
}

/// Without one of them; `None` where nothing would be left.
pub fn without(program: &Program, place: usize) -> Option<Program> {
    let mut program = program.clone();
    let mut seen = 0;
    let mut change = None;
    'found: for item in &mut program.items {
        let Decl::Data(data) = &mut item.decl else {
            continue;
        };
        let constructors = data.constructors.len();
        for at in 0..constructors {
            let constructor = &mut data.constructors[at];
            let fields = constructor.fields.len();
            if place == seen {
                change = Some((constructor.name.clone(), None));
                data.constructors.remove(at);
                break 'found;
            }
            if place <= seen + fields {
                let field = place - seen - 1;
                constructor.fields.remove(field);
                change = Some((constructor.name.clone(), Some(field)));
                break 'found;
            }
            seen += 1 + fields;
        }
    }
    let (constructor, field) = change?;
    let mut uses = Uses {
        constructor,
        field,
        failed: types(&program).any(|it| it.constructors.is_empty()),
    };
    walk(&mut program, &mut uses);
    (!uses.failed).then_some(program)
}

/// Takes a constructor out of patterns, or a field out of what is made and matched.
/// What makes a constructor that is gone is mended by whoever asked.
struct Uses {
    constructor: String,
    field: Option<usize>,
    failed: bool,
}

impl Uses {
    fn is_matched(&self, pattern: &Pattern) -> bool {
        match pattern {
            Pattern::Constructor(name, parts) => {
                *name == self.constructor || parts.iter().any(|it| self.is_matched(it))
            }
            Pattern::Nullary(name) => *name == self.constructor,
            _ => false,
        }
    }

    fn pattern(&self, pattern: &mut Pattern, field: usize) {
        if let Pattern::Constructor(name, parts) = pattern {
            parts.iter_mut().for_each(|it| self.pattern(it, field));
            if *name == self.constructor && field < parts.len() {
                parts.remove(field);
                if parts.is_empty() {
                    *pattern = Pattern::Nullary(name.clone());
                }
            }
        }
    }
}

impl Visit for Uses {
    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        match (&mut expr.kind, self.field) {
            (Kind::Match(_, arms), None) => {
                arms.retain(|arm| !self.is_matched(&arm.pattern));
                self.failed |= arms.is_empty();
            }
            (Kind::Match(_, arms), Some(field)) => {
                for arm in arms {
                    self.pattern(&mut arm.pattern, field);
                }
            }
            (
                Kind::Call {
                    callee: Callee::Constructor(name),
                    args,
                    piped,
                },
                Some(field),
            ) if *name == self.constructor && field < args.len() => {
                args.remove(field);
                *piped &= field > 0;
                if args.is_empty() {
                    expr.kind = Kind::Nullary(name.clone());
                }
            }
            _ => {}
        }
    }

    fn block(&mut self, block: &mut Block, _: &Scope) {
        for statement in &mut block.statements {
            if let Statement::Destructure(name, binders, _) = statement
                && *name == self.constructor
            {
                match self.field {
                    Some(field) if field < binders.len() && binders.len() > 1 => {
                        binders.remove(field);
                    }
                    _ => self.failed = true,
                }
            }
        }
    }
}
