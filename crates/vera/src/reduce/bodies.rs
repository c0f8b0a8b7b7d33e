//! Bodies of functions as small as can be.

use crate::leaf::{Known, is_leaf};
use crate::measure::size_of_block;
use crate::tree::{Block, Decl, Expr, Function, Kind, Program, Slot};

/// For each function, the largest first, the program in which it returns the
/// smallest value, or what it was given.
pub fn to_leaves(program: &Program) -> Vec<(String, Program)> {
    let known = Known::of(program);
    let mut found: Vec<(usize, String, Program)> = Vec::new();
    for place in 0..program.items.len() {
        let Decl::Function(function) = &program.items[place].decl else {
            continue;
        };
        for helper in 0..=function.helpers.len() {
            let of = part(function, helper);
            if of.body.statements.is_empty() && is_leaf(&of.body.value) {
                continue;
            }
            for value in values(of, &known) {
                let mut smaller = program.clone();
                let Decl::Function(function) = &mut smaller.items[place].decl else {
                    continue;
                };
                part_mut(function, helper).body = Block {
                    statements: Vec::new(),
                    value: Box::new(value),
                };
                found.push((size_of_block(&of.body), of.name.clone(), smaller));
            }
        }
    }
    found.sort_by_key(|(size, ..)| std::cmp::Reverse(*size));
    found
        .into_iter()
        .map(|(_, name, program)| (name, program))
        .collect()
}

/// A function, or one of its helpers.
fn part(function: &Function, helper: usize) -> &Function {
    match helper.checked_sub(1) {
        Some(helper) => &function.helpers[helper],
        None => function,
    }
}

fn part_mut(function: &mut Function, helper: usize) -> &mut Function {
    match helper.checked_sub(1) {
        Some(helper) => &mut function.helpers[helper],
        None => function,
    }
}

fn values(function: &Function, known: &Known) -> Vec<Expr> {
    let returns = known.aliases.resolved(&function.returns);
    let mut values: Vec<Expr> = known
        .leaves(&function.returns)
        .into_iter()
        .take(1)
        .collect();
    let params = function.params.iter().rev();
    let given = params
        .filter(|it| known.aliases.resolved(&it.ty) == returns)
        .take(1)
        .map(|it| {
            let ty = Some(it.ty.clone());
            Expr::new(Kind::Slot(Slot::Bound(it.name)), ty)
        });
    values.extend(given);
    values
}
