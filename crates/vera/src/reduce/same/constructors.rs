//! Constructors of which nothing is made.

use std::collections::HashSet;
use std::ops::Range;

use super::super::data;
use crate::scope::Scope;
use crate::tree::{Callee, Decl, Expr, Kind, Program};
use crate::walk::{Visit, walk};

/// How many there are.
pub fn count(program: &Program) -> usize {
    places(program).len()
}

/// Without these, and without the arms that take them.
pub fn without(program: &Program, range: Range<usize>) -> Option<Program> {
    let mut smaller = program.clone();
    let places = places(program);
    // From the last one on: those before keep their places.
    for place in places.get(range)?.iter().rev() {
        smaller = data::without(&smaller, *place).unwrap_or(smaller);
    }
    Some(smaller)
}

/// Where they stand among the constructors and fields of a program.
fn places(program: &Program) -> Vec<usize> {
    let mut made = Made(HashSet::new());
    walk(&mut program.clone(), &mut made);
    let mut place = 0;
    let mut found = Vec::new();
    for item in &program.items {
        let Decl::Data(data) = &item.decl else {
            continue;
        };
        for constructor in &data.constructors {
            if !made.0.contains(&constructor.name) {
                found.push(place);
            }
            place += 1 + constructor.fields.len();
        }
    }
    found
}

struct Made(HashSet<String>);

impl Visit for Made {
    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        if let Kind::Nullary(name)
        | Kind::Call {
            callee: Callee::Constructor(name),
            ..
        } = &expr.kind
        {
            self.0.insert(name.clone());
        }
    }
}
