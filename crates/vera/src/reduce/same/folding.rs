//! Expressions whose value the language's specification tells, as literals.

use std::ops::Range;

use crate::interpret::{Limits, Shown, value_of};
use crate::leaf::is_leaf;
use crate::measure::size;
use crate::names::references_in;
use crate::purity::Purity;
use crate::scope::Scope;
use crate::tree::{Expr, Kind, Part, Program, Type};
use crate::walk::{Visit, walk};

/// What one of them may take.
const LITTLE: Limits = Limits {
    steps: 100_000,
    depth: 2_000,
};

/// How many there are.
pub fn count(program: &Program) -> usize {
    walked(&mut program.clone(), 0..0)
}

/// With these as literals.
pub fn folded(program: &Program, range: Range<usize>) -> Option<Program> {
    let mut program = program.clone();
    walked(&mut program, range);
    Some(program)
}

fn walked(program: &mut Program, range: Range<usize>) -> usize {
    let mut folding = Folding {
        purity: Purity::of(program),
        program: program.clone(),
        contracts: 0,
        range,
        seen: 0,
    };
    walk(program, &mut folding);
    folding.seen
}

/// Each expression is looked at when all that lies in it has been, so that which one is
/// which does not depend on what was made of others.
struct Folding {
    purity: Purity,
    program: Program,
    contracts: usize,
    range: Range<usize>,
    seen: usize,
}

impl Folding {
    fn value(&self, expr: &Expr, scope: &Scope) -> Option<Expr> {
        let refers = |expr: &Expr| references_in(expr, scope).keys().any(|it| scope.has(*it));
        if is_leaf(expr) || self.contracts > 0 || refers(expr) || !self.purity.is_pure(expr) {
            return None;
        }
        let Some(Type::Named(ty, _)) = expr.ty.as_ref().map(|it| scope.aliases().resolved(it))
        else {
            return None;
        };
        if !["Int", "Nat", "Bool", "String"].contains(&ty.as_str()) {
            return None;
        }
        let kind = match value_of(&self.program, expr, LITTLE)? {
            Shown::Int(it) if ty == "Bool" => Kind::Bool(it == 1),
            Shown::Int(it) if it < 0 => {
                let digits = Kind::Int(it.unsigned_abs().to_string());
                Kind::Unary("-".to_owned(), Box::new(Expr::new(digits, None)))
            }
            Shown::Int(it) => Kind::Int(it.to_string()),
            Shown::Text(it) if is_plain(&it) => Kind::Text(vec![Part::Text(it)]),
            Shown::Text(_) | Shown::Unit => return None,
        };
        let value = Expr {
            kind,
            ..expr.clone()
        };
        (size(&value) < size(expr)).then_some(value)
    }
}

/// Whether a text means itself between quotes.
fn is_plain(text: &str) -> bool {
    let plain = |it: char| (' '..='~').contains(&it) && it != '\\' && it != '"';
    text.chars().all(plain)
}

impl Visit for Folding {
    fn contract(&mut self, begins: bool) {
        self.contracts = match begins {
            true => self.contracts + 1,
            false => self.contracts - 1,
        };
    }

    fn after(&mut self, expr: &mut Expr, scope: &Scope) {
        if let Some(value) = self.value(expr, scope) {
            self.seen += 1;
            if self.range.contains(&(self.seen - 1)) {
                *expr = value;
            }
        }
    }
}
