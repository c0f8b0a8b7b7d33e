//! Edits that keep the meaning of a program that returns: what is right for it is right
//! for what becomes of it.
//!
//! So it is while what it must return is known, and nothing else that a smaller program
//! should. What a contract asks has held, since it returned, and what may not end has.

mod bindings;
mod branches;
mod calls;
mod constructors;
mod folding;
mod given;
mod params;
mod unused;

use std::ops::Range;

use super::{clauses, declarations, inline};
use crate::leaf::is_leaf;
use crate::measure::nodes;
use crate::tree::{Expr, Program};
use crate::twins::Rewrite;
pub use calls::{count as count_calls, inlined};
pub use given::given;
pub use params::{count as count_params, without as without_param};

/// Counts the places of an edit.
pub type Count = fn(&Program) -> usize;

/// Makes an edit at some of its places.
pub type Edited = fn(&Program, Range<usize>) -> Option<Program>;

/// The edits that can be made at many places at once.
pub const AT_ONCE: [(Count, Edited); 8] = [
    (clauses::count_contracts, clauses::loosened_contracts),
    (folding::count, folding::folded),
    (branches::count, branches::taken),
    (unused::count, unused::without),
    (constructors::count, constructors::without),
    (bindings::count, bindings::placed),
    (count_unbound, unbound),
    (count_imports, without_imports),
];

/// How often the edits of a simplification are gone through at most.
const ROUNDS: usize = 8;

/// With all edits made at all places, until nothing becomes smaller.
pub fn simplified(program: &Program) -> Program {
    let mut best = program.clone();
    for _ in 0..ROUNDS {
        let before = nodes(&best);
        for (count, edited) in AT_ONCE {
            let places = count(&best);
            if let Some(smaller) = edited(&best, 0..places).filter(|_| places > 0) {
                best = smaller;
            }
        }
        inline::flatten(&mut best);
        best = declarations::reachable_only(&best);
        if nodes(&best) >= before {
            break;
        }
    }
    best
}

fn count_unbound(program: &Program) -> usize {
    Rewrite::UnbindLets.places(program).len()
}

/// What a `let` binds for one use stands there, where nothing is evaluated between.
fn unbound(program: &Program, range: Range<usize>) -> Option<Program> {
    Some(Rewrite::UnbindLets.at(program, range))
}

fn count_imports(program: &Program) -> usize {
    program.imports.len()
}

/// Without the imports of these places of which nothing is used.
fn without_imports(program: &Program, range: Range<usize>) -> Option<Program> {
    let used = declarations::used(program);
    let mut program = program.clone();
    let mut place = 0..;
    program.imports.retain(|import| {
        let here = place.next().is_some_and(|it| range.contains(&it));
        let names = import.names.as_deref();
        !here || names.is_none_or(|names| names.iter().any(|it| used.contains(it)))
    });
    Some(program)
}

/// Whether an expression can stand wherever its value is used, as often as that is.
fn is_small(expr: &Expr) -> bool {
    is_leaf(expr)
}

#[cfg(test)]
mod tests;
