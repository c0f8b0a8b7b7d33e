//! A module that tells which branches of Vera's runtime in it were taken.
//!
//! Each function of the runtime that the name section tells (the allocator, the
//! collector, maps, equality, hashes, texts of data, measures) gets a mark at its
//! start and on both sides of each `if` and `br_if`. A mark is a global that becomes 1.
//! What the runtime tests before each push of a root is left out: it is the same test
//! everywhere, and its other side is the end of the program.

mod events;
mod functions;

use std::collections::BTreeMap;

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{BlockType, ConstExpr, ExportKind, Function, ValType};
use wasmparser::Operator;

use crate::anatomy::{Anatomy, Body, Unfit};
use crate::graft::{Graft, Indices, Rewritten, Surgeon};
use crate::names::BRANCH;
use crate::vera_runtime::{ShadowStack, VeraRuntime};
pub use functions::Told;
use functions::{Helper, helpers};

/// A branch of the runtime.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Branch {
    /// What it is called: the function, and what happens there, or which branch it is.
    pub name: String,
    /// The last instructions of its condition, as far as they are simple.
    pub text: String,
    /// Whether it leads to nothing but a trap.
    pub traps: bool,
}

/// A place where a branch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fork {
    /// An `if`, with its `else`, where it has one, and its `end`.
    If { other: Option<usize>, end: usize },
    /// A `br_if`.
    BrIf,
}

/// The forks of a function, by the place of their instruction.
fn forks(code: &[Operator<'_>], stack: Option<&ShadowStack>) -> BTreeMap<usize, Fork> {
    let mut forks = BTreeMap::new();
    // The blocks that are open, an `if` with its place and that of its `else`.
    let mut open: Vec<Option<(usize, Option<usize>)>> = Vec::new();
    for (at, operator) in code.iter().enumerate() {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::TryTable { .. } => {
                open.push(None);
            }
            Operator::If { .. } => open.push(Some((at, None))),
            Operator::Else => {
                if let Some(Some((_, other))) = open.last_mut() {
                    *other = Some(at);
                }
            }
            Operator::End => {
                if let Some(Some((start, other))) = open.pop()
                    && !stack.is_some_and(|it| it.test_ends_at(code, at))
                {
                    forks.insert(start, Fork::If { other, end: at });
                }
            }
            Operator::BrIf { .. } => {
                forks.insert(at, Fork::BrIf);
            }
            _ => {}
        }
    }
    forks
}

/// Whether what stands behind `at` is the end of the program, up to the end of the block.
fn traps(code: &[Operator<'_>], at: usize) -> bool {
    let rest = code.get(at + 1..).unwrap_or_default();
    let straight = rest.iter().take_while(|it| {
        matches!(
            it,
            Operator::I32Const { .. } | Operator::Call { .. } | Operator::Unreachable
        )
    });
    matches!(straight.last(), Some(Operator::Unreachable))
}

/// The marks of a module, each with its branch, and for each helper where they are set.
struct Plan {
    branches: Vec<Branch>,
    marks: BTreeMap<u32, Marks>,
}

/// The marks of one function.
#[derive(Default)]
struct Marks {
    entered: u32,
    forks: BTreeMap<usize, (Fork, u32, u32)>,
}

fn plan(anatomy: &Anatomy<'_>) -> Result<Plan, Unfit> {
    let stack = match anatomy.has_allocator() {
        true => Some(VeraRuntime::of(anatomy)?.shadow_stack()?),
        false => None,
    };
    let helpers = helpers(anatomy);
    let mut plan = Plan {
        branches: Vec::new(),
        marks: BTreeMap::new(),
    };
    for body in anatomy.bodies() {
        let body = body?;
        if let Some(helper) = helpers.get(&body.function) {
            plan.add(anatomy, &body, helper, stack.as_ref());
        }
    }
    Ok(plan)
}

impl Plan {
    fn add(
        &mut self,
        anatomy: &Anatomy<'_>,
        body: &Body<'_>,
        helper: &Helper,
        stack: Option<&ShadowStack>,
    ) {
        let mut marks = Marks {
            entered: self.mark(helper.entered(), String::new(), false),
            ..Marks::default()
        };
        let events = events::of(anatomy, &helper.name, &body.code);
        for (number, (at, fork)) in (1..).zip(forks(&body.code, stack)) {
            let text = events::condition(anatomy, &body.code, at);
            let names = events.get(&at);
            let taken_traps = matches!(fork, Fork::If { .. }) && traps(&body.code, at);
            let taken = helper.side(number, names.map(|it| it.0), &fork, true);
            let other = helper.side(number, names.map(|it| it.1), &fork, false);
            let taken = self.mark(taken, text.clone(), taken_traps);
            let other_traps = match fork {
                Fork::If { other, .. } => other.is_some_and(|at| traps(&body.code, at)),
                Fork::BrIf => traps(&body.code, at),
            };
            let other = self.mark(other, text, other_traps);
            marks.forks.insert(at, (fork, taken, other));
        }
        self.marks.insert(body.function, marks);
    }

    fn mark(&mut self, name: String, text: String, traps: bool) -> u32 {
        self.branches.push(Branch { name, text, traps });
        u32::try_from(self.branches.len() - 1).expect("a module has few branches")
    }
}

/// The branches of the runtime in a module, in the order of their marks: the k-th is the
/// global that [`mark`] names.
///
/// # Errors
///
/// Where it is no valid module, or the runtime in it is not as it is known.
pub fn branches(module: &[u8]) -> Result<Vec<Branch>, Unfit> {
    Ok(plan(&Anatomy::of(module)?)?.branches)
}

/// What the mark of a branch is exported as.
pub fn mark(branch: usize) -> String {
    format!("{BRANCH}{branch}")
}

/// The module with its marks.
pub(crate) fn graft(anatomy: &Anatomy<'_>) -> Result<Vec<u8>, Unfit> {
    let plan = plan(anatomy)?;
    let mut graft = Graft::onto(anatomy);
    let zero = || ConstExpr::i32_const(0);
    let mut marker = Marker {
        condition: graft.global(ValType::I32, zero()),
        globals: Vec::new(),
        marks: plan.marks,
    };
    for at in 0..plan.branches.len() {
        let global = graft.global(ValType::I32, zero());
        graft.export(mark(at), ExportKind::Global, global);
        marker.globals.push(global);
    }
    graft.apply(&mut marker)
}

struct Marker {
    /// Where a condition is kept while it is looked at.
    condition: u32,
    globals: Vec<u32>,
    marks: BTreeMap<u32, Marks>,
}

impl Marker {
    fn set(&self, code: &mut Function, mark: u32) {
        let global = self.globals[mark as usize];
        code.instructions().i32_const(1).global_set(global);
    }

    /// Marks a side of the `br_if` whose condition is on the stack.
    fn before_br_if(&self, code: &mut Function, taken: u32, other: u32) {
        code.instructions()
            .global_set(self.condition)
            .global_get(self.condition)
            .if_(BlockType::Empty);
        self.set(code, taken);
        code.instructions().else_();
        self.set(code, other);
        code.instructions().end().global_get(self.condition);
    }
}

impl Surgeon for Marker {
    fn operate(&mut self, indices: &mut Indices, body: &Body<'_>) -> Rewritten<Function> {
        let mut code = indices.begin(body, [])?;
        let none = Marks::default();
        let marks = self.marks.get(&body.function);
        if let Some(marks) = marks {
            self.set(&mut code, marks.entered);
        }
        let forks = &marks.unwrap_or(&none).forks;
        let mut elses: BTreeMap<usize, u32> = BTreeMap::new();
        let mut ends: BTreeMap<usize, u32> = BTreeMap::new();
        for (fork, _, mark) in forks.values() {
            match fork {
                Fork::If {
                    other: Some(at), ..
                } => elses.insert(*at, *mark),
                Fork::If { other: None, end } => ends.insert(*end, *mark),
                Fork::BrIf => None,
            };
        }
        for (at, operator) in body.code.iter().enumerate() {
            if let Some((Fork::BrIf, taken, other)) = forks.get(&at) {
                self.before_br_if(&mut code, *taken, *other);
            }
            if let Some(mark) = ends.get(&at) {
                code.instructions().else_();
                self.set(&mut code, *mark);
            }
            code.instruction(&indices.instruction(operator.clone())?);
            if let Some((Fork::If { .. }, taken, _)) = forks.get(&at) {
                self.set(&mut code, *taken);
            }
            if let Some(mark) = elses.get(&at) {
                self.set(&mut code, *mark);
            }
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests;
