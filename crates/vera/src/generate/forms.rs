//! The forms that an expression of a type can have.

use super::expr::{called, needs_home};
use super::kinds::{named, of};
use super::{Generator, Row, typed};
use crate::tree::{Binder, Block, Clause, Effect, Expr, Handle, Kind, Type};

/// What an expression can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Operator,
    Constructor,
    Literals,
    Call,
    Builtin,
    Loop,
    If,
    Match,
    Block,
    State,
    Exception,
    Throw,
    Get,
    Index,
    Interpolation,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 15] = [
        Form::Operator,
        Form::Constructor,
        Form::Literals,
        Form::Call,
        Form::Builtin,
        Form::Loop,
        Form::If,
        Form::Match,
        Form::Block,
        Form::State,
        Form::Exception,
        Form::Throw,
        Form::Get,
        Form::Index,
        Form::Interpolation,
    ];

    /// How often it is tried beside the others.
    fn weight(self) -> usize {
        match self {
            Form::Builtin => 6,
            Form::Call | Form::Operator | Form::Constructor => 4,
            Form::If | Form::Match | Form::Loop | Form::Get => 2,
            _ => 1,
        }
    }
}

impl Generator<'_> {
    /// An expression of a type in one of the forms that it can have.
    pub fn form(&mut self, ty: &Type, nodes: usize) -> Option<Expr> {
        let all: Vec<Form> = (Form::ALL.iter())
            .flat_map(|it| std::iter::repeat_n(*it, it.weight()))
            .collect();
        for _ in 0..4 {
            let form = *self.dice.one(&all)?;
            if let Some(made) = self.in_form(form, ty, nodes) {
                return Some(made);
            }
        }
        None
    }

    /// An expression of a type in this form, where it can have it.
    pub fn in_form(&mut self, form: Form, ty: &Type, nodes: usize) -> Option<Expr> {
        match form {
            Form::Operator => self.operator(ty, nodes),
            Form::Constructor => {
                let any = !self.constructors(ty).is_empty();
                any.then(|| self.constructed(ty, nodes.max(3), 2))
            }
            Form::Literals => self.items(ty, nodes),
            Form::Call => self.call(ty, nodes),
            Form::Builtin => self.builtin(ty, nodes),
            Form::Loop => self.folded(ty, nodes),
            Form::If => {
                let condition = Box::new(self.operand(&named("Bool"), nodes / 3));
                let then = self.block(ty, nodes / 3);
                let otherwise = self.block(ty, nodes / 3);
                Some(typed(Kind::If(condition, then, otherwise), ty))
            }
            Form::Match => self
                .knobs
                .has("matches")
                .then(|| self.matching(ty, nodes))?,
            Form::Block => Some(typed(Kind::Block(self.block(ty, nodes)), ty)),
            Form::State => self.knobs.has("states").then(|| self.state(ty, nodes)),
            Form::Exception => (self.knobs.has("exceptions")).then(|| self.exception(ty, nodes)),
            Form::Throw => self.throw(ty, nodes),
            Form::Get => self.held(ty),
            Form::Index => self.index(ty, nodes),
            Form::Interpolation => {
                let can = *ty == named("String") && self.knobs.has("text");
                can.then(|| self.interpolation(nodes))?
            }
        }
    }

    fn operator(&mut self, ty: &Type, nodes: usize) -> Option<Expr> {
        let Type::Named(name, _) = ty else {
            return None;
        };
        let half = nodes / 2;
        let binary = |op: &str, one: Expr, other: Expr, ty: &Type| {
            typed(
                Kind::Binary(op.to_owned(), Box::new(one), Box::new(other)),
                ty,
            )
        };
        Some(match name.as_str() {
            "Int" | "Nat" => {
                let ops: &[&str] = if name == "Int" {
                    &["+", "-", "*", "/", "%"]
                } else {
                    &["+", "*", "/", "%"]
                };
                let op = *self.dice.one(ops)?;
                let one = self.operand(ty, half);
                let other = match op {
                    // What grows with each round would be no Int after a few.
                    "*" | "/" | "%" if self.dice.percent(95) => {
                        let by = *self.dice.one(&[2, 3, 7, 10, 97])?;
                        typed(Kind::Int(by.to_string()), ty)
                    }
                    _ => self.operand(ty, half),
                };
                let whole = binary(op, one, other, ty);
                match op {
                    "*" => {
                        let by = typed(Kind::Int("1000003".to_owned()), ty);
                        binary("%", whole, by, ty)
                    }
                    _ => whole,
                }
            }
            "Float64" => {
                let op = *self.dice.one(&["+", "-"])?;
                binary(op, self.operand(ty, half), self.operand(ty, half), ty)
            }
            "Bool" => match self.dice.below(6) {
                0 => {
                    let operand = self.operand(ty, nodes);
                    typed(Kind::Unary("!".to_owned(), Box::new(operand)), ty)
                }
                1 | 2 => {
                    let op = *self.dice.one(&["&&", "||"])?;
                    binary(op, self.operand(ty, half), self.operand(ty, half), ty)
                }
                3 => {
                    let of = self.type_that(Generator::has_order);
                    let op = *self.dice.one(&["<", "<=", ">", ">="])?;
                    binary(op, self.operand(&of, half), self.operand(&of, half), ty)
                }
                _ => {
                    let of = self.type_that(Generator::has_equality);
                    let op = *self.dice.one(&["==", "!="])?;
                    binary(op, self.operand(&of, half), self.operand(&of, half), ty)
                }
            },
            _ => return None,
        })
    }

    /// An array of some elements.
    fn items(&mut self, ty: &Type, nodes: usize) -> Option<Expr> {
        let Type::Named(name, args) = ty else {
            return None;
        };
        let [element] = args.as_slice() else {
            return None;
        };
        if name != "Array" {
            return None;
        }
        let count = 1 + self.dice.below(3);
        let items = (0..count).map(|_| self.operand(element, nodes / count));
        Some(typed(Kind::Array(items.collect()), ty))
    }

    /// A fold as long as `main` is told, where it can be.
    fn folded(&mut self, ty: &Type, nodes: usize) -> Option<Expr> {
        if !self.knobs.has("folds") || !self.is_stored(ty) {
            return None;
        }
        let array = self.long_array(nodes / 4);
        let first = self.operand(ty, nodes / 4);
        let function = Type::Function {
            params: vec![ty.clone(), named("Int")],
            returns: Box::new(ty.clone()),
            effects: crate::tree::Effects::Pure,
        };
        // What goes round in a loop does not know how long it is.
        let n = self.n.take();
        let step = self.lambda(&function, nodes / 2);
        self.n = n;
        Some(typed(called("array_fold", vec![array, first, step]), ty))
    }

    /// What stands in a handler, through which no type is expected.
    fn handled(&mut self, row: Row, ty: &Type, nodes: usize) -> Block {
        self.within(row, |it| {
            let mut body = it.block(ty, nodes);
            if needs_home(&body.value) {
                let value = std::mem::replace(&mut *body.value, typed(Kind::Unit, ty));
                *body.value = it.at_home(value);
            }
            body
        })
    }

    fn state(&mut self, ty: &Type, nodes: usize) -> Expr {
        let of = self.type_that(Generator::is_state);
        let first = self.expr(&of, nodes / 4);
        let state = self.binder(&of);
        let given = self.binder(&of);
        let asked = self.binder(&named("Unit"));
        let row = Row {
            state: Some(of.clone()),
            ..self.row.clone()
        };
        let body = self.handled(row, ty, nodes / 2);
        let resume = |value: Expr| typed(called("resume", vec![value]), &named("Unit"));
        let clause = |operation: &str, param: Binder, value: Expr| Clause {
            operation: operation.to_owned(),
            params: vec![param],
            body: block_of(resume(value)),
            update: None,
        };
        let held = typed(Kind::Slot(crate::tree::Slot::Bound(state.name)), &of);
        let handle = Handle {
            effect: Effect {
                name: "State".to_owned(),
                args: vec![of.clone()],
            },
            state: Some((state, first)),
            clauses: vec![
                clause("get", asked, held),
                clause("put", given, typed(Kind::Unit, &named("Unit"))),
            ],
            body,
        };
        typed(Kind::Handle(Box::new(handle)), ty)
    }

    fn exception(&mut self, ty: &Type, nodes: usize) -> Expr {
        let of = self.type_that(Generator::is_thrown);
        let thrown = self.binder(&of);
        let row = Row {
            throws: Some(of.clone()),
            ..self.row.clone()
        };
        let body = self.handled(row, ty, nodes / 2);
        let depth = self.scope.depth();
        self.scope.bind(&thrown);
        let caught = self.operand(ty, nodes / 3);
        self.scope.forget(depth);
        let handle = Handle {
            effect: Effect {
                name: "Exn".to_owned(),
                args: vec![of],
            },
            state: None,
            clauses: vec![Clause {
                operation: "throw".to_owned(),
                params: vec![thrown],
                body: block_of(caught),
                update: None,
            }],
            body,
        };
        typed(Kind::Handle(Box::new(handle)), ty)
    }

    fn throw(&mut self, ty: &Type, nodes: usize) -> Option<Expr> {
        let of = self.row.throws.clone()?;
        let condition = Box::new(self.operand(&named("Bool"), nodes / 3));
        let thrown = self.operand(&of, nodes / 3);
        let thrown = typed(called("throw", vec![thrown]), &named("Never"));
        let otherwise = self.block(ty, nodes / 3);
        let then = Block {
            statements: Vec::new(),
            value: Box::new(thrown),
        };
        Some(typed(Kind::If(condition, then, otherwise), ty))
    }

    /// An element of an array, mostly one that it has.
    fn index(&mut self, ty: &Type, nodes: usize) -> Option<Expr> {
        if !self.knobs.has("arrays") || !self.is_stored(ty) {
            return None;
        }
        let of = of("Array", &[ty]);
        let mut array = self.items(&of, nodes)?;
        let Kind::Array(items) = &array.kind else {
            return None;
        };
        let beyond = usize::from(self.dice.percent(3));
        let at = self.dice.below(items.len() + beyond);
        if needs_home(&array) || self.dice.percent(60) {
            array = self.at_home(array);
        }
        let at = typed(Kind::Int(at.to_string()), &named("Int"));
        Some(typed(Kind::Index(Box::new(array), Box::new(at)), ty))
    }
}

/// An expression in braces.
fn block_of(value: Expr) -> Expr {
    let ty = value.ty.clone();
    let block = Block {
        statements: Vec::new(),
        value: Box::new(value),
    };
    Expr::new(Kind::Block(block), ty)
}
