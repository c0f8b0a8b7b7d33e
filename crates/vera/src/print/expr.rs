//! Expressions in one line.

use super::Printer;
use crate::tree::{Arm, Block, Callee, Expr, Handle, Kind, Lambda, Part, Slot, Statement};

/// How tightly operators bind; a pipe is the loosest, what needs no parentheses
/// anywhere the tightest.
const PIPE: u8 = 1;
const PREFIX: u8 = 9;
const PRIMARY: u8 = 11;

/// How tightly a binary operator binds, and what its left and right side must.
fn binding(op: &str) -> (u8, u8, u8) {
    match op {
        "==>" => (2, 3, 2),
        "||" => (3, 3, 4),
        "&&" => (4, 4, 5),
        "==" | "!=" => (5, 6, 6),
        "<" | ">" | "<=" | ">=" => (6, 7, 7),
        "+" | "-" => (7, 7, 8),
        "*" | "/" | "%" => (8, 8, 9),
        _ => (PIPE, PIPE, 2),
    }
}

fn tightness(expr: &Expr) -> u8 {
    match &expr.kind {
        Kind::Binary(op, ..) => binding(op).0,
        Kind::Call { piped: true, .. } => PIPE,
        Kind::Unary(..) => PREFIX,
        Kind::Unread(_) => 0,
        _ => PRIMARY,
    }
}

impl Printer {
    /// An expression in one line.
    pub fn expr(&mut self, expr: &Expr) -> String {
        match &expr.kind {
            Kind::Int(digits) | Kind::Float(digits) => digits.clone(),
            Kind::Text(parts) => {
                let parts = parts.iter().map(|part| match part {
                    Part::Text(text) => text.clone(),
                    Part::Expr(it) => format!("\\({})", self.expr(it)),
                });
                format!("\"{}\"", parts.collect::<String>())
            }
            Kind::Bool(it) => it.to_string(),
            Kind::Unit => "()".to_owned(),
            Kind::Hole => "?".to_owned(),
            Kind::Slot(slot) => self.slot(slot),
            Kind::Result(ty) => format!("@{}.result", self.slot_type(ty)),
            Kind::Binary(op, left, right) => {
                let (_, on_left, on_right) = binding(op);
                let left = self.at_least(left, on_left);
                let right = self.at_least(right, on_right);
                format!("{left} {op} {right}")
            }
            Kind::Unary(op, operand) => {
                // Two signs would begin a comment.
                let is_signed = matches!(&operand.kind, Kind::Unary(it, _) if it == op);
                let least = if is_signed { PRIMARY } else { PREFIX };
                format!("{op}{}", self.at_least(operand, least))
            }
            Kind::Index(of, at) => {
                let is_open = matches!(
                    of.kind,
                    Kind::If(..) | Kind::Match(..) | Kind::Handle(_) | Kind::Lambda(_)
                ) || matches!(of.kind, Kind::Block(_));
                let of = match is_open {
                    true => format!("({})", self.expr(of)),
                    false => self.at_least(of, PRIMARY),
                };
                format!("{of}[{}]", self.expr(at))
            }
            Kind::Call {
                callee,
                args,
                piped,
            } => self.call(callee, args, *piped),
            Kind::Nullary(name) => name.clone(),
            Kind::Lambda(lambda) => {
                let head = self.lambda_head(lambda);
                let depth = self.scope.depth();
                for param in &lambda.params {
                    self.scope.bind(param);
                }
                let body = self.block(&lambda.body);
                self.scope.forget(depth);
                format!("{head} {body}")
            }
            Kind::If(condition, then, otherwise) => {
                let condition = self.expr(condition);
                let (then, otherwise) = (self.block(then), self.block(otherwise));
                format!("if {condition} then {then} else {otherwise}")
            }
            Kind::Match(scrutinee, arms) => {
                let scrutinee = self.expr(scrutinee);
                let arms: Vec<String> = arms.iter().map(|it| self.arm(it)).collect();
                format!("match {scrutinee} {{ {} }}", arms.join(", "))
            }
            Kind::Block(block) => self.block(block),
            Kind::Handle(handle) => {
                let head = self.handle_head(handle);
                let clauses = self.clauses(handle).join(", ");
                format!("{head} {{ {clauses} }} in {}", self.block(&handle.body))
            }
            Kind::Array(elements) => format!("[{}]", self.exprs(elements)),
            Kind::Old(effect) => format!("old({})", self.effect(effect)),
            Kind::New(effect) => format!("new({})", self.effect(effect)),
            Kind::Assert(it) => format!("assert({})", self.expr(it)),
            Kind::Assume(it) => format!("assume({})", self.expr(it)),
            Kind::Quantified {
                word,
                over,
                domain,
                predicate,
            } => {
                let over = self.ty(over);
                let (domain, predicate) = (self.expr(domain), self.expr(predicate));
                format!("{word}(@{over}, {domain}, {predicate})")
            }
            Kind::Unread(text) => text.clone(),
        }
    }

    pub(super) fn exprs(&mut self, exprs: &[Expr]) -> String {
        let exprs: Vec<String> = exprs.iter().map(|it| self.expr(it)).collect();
        exprs.join(", ")
    }

    /// An expression that binds at least so tightly, in parentheses if need be.
    fn at_least(&mut self, expr: &Expr, least: u8) -> String {
        let text = self.expr(expr);
        match tightness(expr) < least {
            true => format!("({text})"),
            false => text,
        }
    }

    fn slot(&mut self, slot: &Slot) -> String {
        match slot {
            Slot::Free(ty, index) => format!("@{}.{index}", self.slot_type(ty)),
            Slot::Bound(name) => match self.scope.index(*name) {
                Some((ty, index)) => {
                    let ty = ty.clone();
                    format!("@{}.{index}", self.slot_type(&ty))
                }
                None => {
                    self.lost.get_or_insert(*name);
                    "@?".to_owned()
                }
            },
        }
    }

    fn call(&mut self, callee: &Callee, args: &[Expr], piped: bool) -> String {
        let callee = callee.to_string();
        match args {
            [first, rest @ ..] if piped => {
                let first = self.at_least(first, PIPE);
                format!("{first} |> {callee}({})", self.exprs(rest))
            }
            args => format!("{callee}({})", self.exprs(args)),
        }
    }

    pub(super) fn lambda_head(&mut self, lambda: &Lambda) -> String {
        let signature = self.signature(&lambda.params, &lambda.returns);
        format!("fn{signature} effects({})", self.effects(&lambda.effects))
    }

    fn arm(&mut self, arm: &Arm) -> String {
        let pattern = self.pattern(&arm.pattern);
        let depth = self.scope.depth();
        for binder in arm.pattern.binders() {
            self.scope.bind(binder);
        }
        let body = self.expr(&arm.body);
        self.scope.forget(depth);
        format!("{pattern} -> {body}")
    }

    pub(super) fn handle_head(&mut self, handle: &Handle) -> String {
        let effect = self.effect(&handle.effect);
        let state = match &handle.state {
            Some((binder, init)) => format!("(@{} = {})", self.ty(&binder.ty), self.expr(init)),
            None => String::new(),
        };
        format!("handle[{effect}]{state}")
    }

    pub(super) fn clauses(&mut self, handle: &Handle) -> Vec<String> {
        let mut clauses = Vec::new();
        for clause in &handle.clauses {
            let params = clause.params.iter();
            let params: Vec<String> = params.map(|it| format!("@{}", self.ty(&it.ty))).collect();
            let depth = self.scope.depth();
            for param in &clause.params {
                self.scope.bind(param);
            }
            if let Some((binder, _)) = &handle.state {
                self.scope.bind(binder);
            }
            let body = self.expr(&clause.body);
            let update = match &clause.update {
                Some((ty, value)) => format!(" with @{} = {}", self.ty(ty), self.expr(value)),
                None => String::new(),
            };
            self.scope.forget(depth);
            let params = params.join(", ");
            clauses.push(format!("{}({params}) -> {body}{update}", clause.operation));
        }
        clauses
    }

    pub(super) fn block(&mut self, block: &Block) -> String {
        let depth = self.scope.depth();
        let mut parts = Vec::new();
        for statement in &block.statements {
            let (head, value) = self.statement_head(statement);
            parts.push(format!("{head}{};", self.expr(value)));
            self.bind_statement(statement);
        }
        parts.push(self.expr(&block.value));
        self.scope.forget(depth);
        format!("{{ {} }}", parts.join(" "))
    }

    /// What stands before the value of a statement.
    pub(super) fn statement_head<'s>(&mut self, statement: &'s Statement) -> (String, &'s Expr) {
        match statement {
            Statement::Let(binder, value) => (format!("let @{} = ", self.ty(&binder.ty)), value),
            Statement::Destructure(name, binders, value) => {
                let types = binders.iter();
                let types: Vec<String> = types.map(|it| format!("@{}", self.ty(&it.ty))).collect();
                (format!("let {name}<{}> = ", types.join(", ")), value)
            }
            Statement::Expr(value) => (String::new(), value),
        }
    }

    pub(super) fn bind_statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Let(binder, _) => self.scope.bind(binder),
            Statement::Destructure(_, binders, _) => {
                binders.iter().for_each(|it| self.scope.bind(it));
            }
            Statement::Expr(_) => {}
        }
    }
}

impl std::fmt::Display for Callee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Callee::Function(name) | Callee::Constructor(name) => f.write_str(name),
            Callee::Qualified(of, name) => write!(f, "{of}.{name}"),
            Callee::Module(path, name) => write!(f, "{path}::{name}"),
        }
    }
}
