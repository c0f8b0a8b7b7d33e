//! Expressions over several lines, where one does not hold them.

use super::{Printer, WIDTH};
use crate::tree::{Block, Expr, Kind};

impl Printer {
    /// A block with each statement in a line of its own.
    pub(super) fn open_block(&mut self, block: &Block, depth: usize) -> String {
        let bound = self.scope.depth();
        let indent = "  ".repeat(depth + 1);
        let mut text = "{\n".to_owned();
        for statement in &block.statements {
            let (head, value) = self.statement_head(statement);
            let value = self.in_line(value, depth + 1, head.len() + 1);
            text += &format!("{indent}{head}{value};\n");
            self.bind_statement(statement);
        }
        let value = self.in_line(&block.value, depth + 1, 0);
        text += &format!("{indent}{value}\n{}}}", "  ".repeat(depth));
        self.scope.forget(bound);
        text
    }

    /// An expression at the end of a line that is indented so deep and holds so much
    /// already: open where it does not fit.
    fn in_line(&mut self, expr: &Expr, depth: usize, before: usize) -> String {
        let text = self.expr(expr);
        let fits = 2 * depth + before + text.chars().count() <= WIDTH;
        if fits && !holds_statements(expr) {
            return text;
        }
        let indent = "  ".repeat(depth + 1);
        match &expr.kind {
            Kind::If(condition, then, otherwise) => {
                let condition = self.expr(condition);
                let then = self.open_block(then, depth);
                format!(
                    "if {condition} then {then} else {}",
                    self.open_block(otherwise, depth)
                )
            }
            Kind::Match(scrutinee, arms) => {
                let mut text = format!("match {} {{", self.expr(scrutinee));
                for (place, arm) in arms.iter().enumerate() {
                    let bound = self.scope.depth();
                    let pattern = self.pattern(&arm.pattern);
                    for binder in arm.pattern.binders() {
                        self.scope.bind(binder);
                    }
                    let body = self.in_line(&arm.body, depth + 1, pattern.len() + 5);
                    self.scope.forget(bound);
                    let comma = if place == 0 { "" } else { "," };
                    text += &format!("{comma}\n{indent}{pattern} -> {body}");
                }
                format!("{text}\n{}}}", "  ".repeat(depth))
            }
            Kind::Block(block) => self.open_block(block, depth),
            Kind::Handle(handle) => {
                let head = self.handle_head(handle);
                let clauses = self.clauses(handle).join(&format!(",\n{indent}"));
                let body = self.open_block(&handle.body, depth);
                let end = "  ".repeat(depth);
                format!("{head} {{\n{indent}{clauses}\n{end}}} in {body}")
            }
            Kind::Lambda(lambda) => {
                let head = self.lambda_head(lambda);
                let bound = self.scope.depth();
                for param in &lambda.params {
                    self.scope.bind(param);
                }
                let body = self.open_block(&lambda.body, depth);
                self.scope.forget(bound);
                format!("{head} {body}")
            }
            // What comes last may be long: `array_fold(numbers, 0, fn(...) { ... })`.
            Kind::Call {
                callee,
                args,
                piped: false,
            } if args.last().is_some_and(is_open_last) => {
                let (last, first) = args.split_last().expect("it has a last");
                let first: String = first
                    .iter()
                    .map(|it| format!("{}, ", self.expr(it)))
                    .collect();
                format!("{callee}({first}{})", self.in_line(last, depth, WIDTH))
            }
            _ => text,
        }
    }
}

fn is_open_last(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Lambda(_))
}

/// Whether a block with statements is in it, not counting what is in parentheses.
fn holds_statements(expr: &Expr) -> bool {
    let is_long = |block: &Block| !block.statements.is_empty() || holds_statements(&block.value);
    match &expr.kind {
        Kind::Block(block) => is_long(block),
        Kind::If(_, then, otherwise) => is_long(then) || is_long(otherwise),
        Kind::Match(_, arms) => arms.iter().any(|arm| holds_statements(&arm.body)),
        Kind::Handle(handle) => is_long(&handle.body),
        Kind::Lambda(lambda) => is_long(&lambda.body),
        Kind::Call { args, piped, .. } => {
            !piped
                && args
                    .last()
                    .is_some_and(|it| is_open_last(it) && holds_statements(it))
        }
        _ => false,
    }
}
