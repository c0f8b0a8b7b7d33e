//! Numbers and texts that could be smaller.

use crate::scope::Scope;
use crate::tree::{Expr, Kind, Part, Program};
use crate::walk::{Visit, walk};

/// How many things are tried with each.
const WAYS: usize = 4;

/// How many edits of literals there are.
pub fn count(program: &Program) -> usize {
    let mut literals = Literals {
        place: usize::MAX,
        seen: 0,
        changed: false,
    };
    walk(&mut program.clone(), &mut literals);
    literals.seen
}

/// With one literal smaller.
pub fn smaller(program: &Program, place: usize) -> Option<Program> {
    let mut program = program.clone();
    let mut literals = Literals {
        place,
        seen: 0,
        changed: false,
    };
    walk(&mut program, &mut literals);
    literals.changed.then_some(program)
}

struct Literals {
    place: usize,
    seen: usize,
    changed: bool,
}

impl Visit for Literals {
    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        let is_literal = matches!(&expr.kind, Kind::Int(_) | Kind::Float(_))
            || matches!(&expr.kind, Kind::Text(parts) if matches!(parts.as_slice(), [Part::Text(_)]));
        if !is_literal {
            return;
        }
        let first = self.seen;
        self.seen += WAYS;
        if !(first..self.seen).contains(&self.place) {
            return;
        }
        let way = self.place - first;
        let smaller = match &expr.kind {
            Kind::Int(digits) => number(digits, way).map(Kind::Int),
            Kind::Float(digits) => {
                let whole = digits.split('.').next().unwrap_or_default();
                number(whole, way).map(|it| Kind::Float(format!("{it}.0")))
            }
            Kind::Text(parts) => match parts.as_slice() {
                [Part::Text(text)] => shorter(text, way).map(|it| Kind::Text(vec![Part::Text(it)])),
                _ => None,
            },
            _ => None,
        };
        if let Some(smaller) = smaller {
            self.changed = smaller != expr.kind;
            expr.kind = smaller;
        }
    }
}

fn number(digits: &str, way: usize) -> Option<String> {
    let value: u128 = digits.parse().ok()?;
    let smaller = [0, 1, value / 2, value.saturating_sub(1)][way];
    (smaller < value).then(|| smaller.to_string())
}

fn shorter(text: &str, way: usize) -> Option<String> {
    if way == 0 {
        return Some(String::new());
    }
    if text.contains('\\') {
        // An escape could be cut in two.
        return None;
    }
    let length = text.chars().count();
    let kept = [0, 1, length / 2, length.saturating_sub(1)][way];
    (kept < length).then(|| text.chars().take(kept).collect())
}
