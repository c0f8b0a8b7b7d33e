//! Which expressions do nothing but come to their value.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::scope::{Aliases, Scope};
use crate::tree::{Callee, Decl, Effects, Expr, Function, Kind, Program, Slot, Type};
use crate::walk::{Visit, walk_expr};

/// Operations of Vera's own effects that are called by their bare names, and what
/// calls a closure that nobody sees.
const OPERATIONS: [&str; 7] = [
    "get", "put", "throw", "resume", "apply_fn", "async", "await",
];

/// What is known of a program's functions and operations.
pub struct Purity {
    /// Whether each function that it declares may do nothing else.
    functions: HashMap<String, bool>,
    operations: HashSet<String>,
    aliases: Rc<Aliases>,
}

impl Purity {
    /// Of this program.
    pub fn of(program: &Program) -> Purity {
        let mut functions = HashMap::new();
        let mut operations: HashSet<String> = OPERATIONS.map(str::to_owned).into();
        for item in &program.items {
            match &item.decl {
                Decl::Function(function) => note(function, &mut functions),
                Decl::Effect(it) | Decl::Ability(it) => {
                    operations.extend(it.operations.iter().map(|it| it.name.clone()));
                }
                Decl::Data(_) | Decl::Alias(_) | Decl::Unread(_) => {}
            }
        }
        Purity {
            functions,
            operations,
            aliases: Rc::new(Aliases::of(program)),
        }
    }

    /// Whether an expression does nothing but come to its value, wherever it stands:
    /// where it may not come to one, that counts for nothing.
    pub fn is_pure(&self, expr: &Expr) -> bool {
        let mut found = Found {
            purity: self,
            pure: true,
        };
        let scope = Scope::new(self.aliases.clone());
        walk_expr(&mut expr.clone(), &scope, &mut found);
        found.pure
    }

    fn is_pure_call(&self, callee: &Callee, args: &[Expr]) -> bool {
        match callee {
            Callee::Constructor(_) => true,
            Callee::Qualified(..) | Callee::Module(..) => false,
            Callee::Function(name) => {
                // What is passed as a function may do whatever that one does.
                let hidden = |arg: &Expr| {
                    let ty = arg.ty.as_ref().map(|it| self.aliases.resolved(it));
                    !matches!(arg.kind, Kind::Lambda(_))
                        && matches!(ty, Some(Type::Function { .. }) | None)
                        && !is_literal(arg)
                };
                let known = self.functions.get(name).copied();
                !args.iter().any(hidden) && known.unwrap_or_else(|| !self.operations.contains(name))
            }
        }
    }
}

/// Whether a function with these effects does nothing but return: that it may not end
/// is no effect on what does.
pub fn are_none(effects: &Effects) -> bool {
    match effects {
        Effects::Pure => true,
        Effects::Set(all) => all.iter().all(|it| it.name == "Diverge"),
    }
}

fn note(function: &Function, functions: &mut HashMap<String, bool>) {
    let pure = are_none(&function.effects);
    // Helpers of one name may be several.
    let both = functions.entry(function.name.clone()).or_insert(true);
    *both &= pure;
    for helper in &function.helpers {
        note(helper, functions);
    }
}

fn is_literal(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        Kind::Int(_) | Kind::Float(_) | Kind::Bool(_) | Kind::Unit | Kind::Text(_)
    )
}

struct Found<'a> {
    purity: &'a Purity,
    pure: bool,
}

impl Visit for Found<'_> {
    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        self.pure &= match &expr.kind {
            Kind::Call { callee, args, .. } => self.purity.is_pure_call(callee, args),
            Kind::Lambda(lambda) => are_none(&lambda.effects),
            Kind::Handle(_)
            | Kind::Hole
            | Kind::Old(_)
            | Kind::New(_)
            | Kind::Slot(Slot::Free(..))
            | Kind::Assume(_)
            | Kind::Unread(_) => false,
            Kind::Assert(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Text(_)
            | Kind::Bool(_)
            | Kind::Unit
            | Kind::Slot(Slot::Bound(_))
            | Kind::Result(_)
            | Kind::Binary(..)
            | Kind::Unary(..)
            | Kind::Index(..)
            | Kind::Nullary(_)
            | Kind::If(..)
            | Kind::Match(..)
            | Kind::Block(_)
            | Kind::Array(_)
            | Kind::Quantified { .. } => true,
        };
    }
}

/// Whether what stands at a place of a walk is pure because all around it is: no effect
/// is declared there, and no handler is open.
#[derive(Default)]
pub struct Around {
    function: bool,
    open: usize,
}

impl Around {
    /// A function begins.
    pub fn function(&mut self, function: &Function) {
        self.function = are_none(&function.effects);
    }

    /// The reach of a handler, a clause or a closure begins, or ends: what is open in it
    /// is not looked at.
    pub fn inner(&mut self, begins: bool) {
        self.open = match begins {
            true => self.open + 1,
            false => self.open - 1,
        };
    }

    /// Whether all that stands here is pure.
    pub fn is_pure(&self) -> bool {
        self.function && self.open == 0
    }
}
