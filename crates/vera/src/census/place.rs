//! Which form of expression stands in which context.

use std::fmt;

use super::Counting;
use crate::tree::{Callee, Expr, Kind, Part};

/// Where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Context {
    /// The value of a `let`.
    Let,
    /// What a `let` takes apart.
    Destructured,
    /// A statement.
    Statement,
    /// What a function gives.
    Result,
    /// What a function without a name gives.
    Closure,
    /// The value of a block.
    Block,
    /// Beside `==` or `!=`.
    Equated,
    /// Beside `<` and its like.
    Ordered,
    /// Beside `+` and its like.
    Computed,
    /// Beside `&&`, `||` or `==>`.
    Joined,
    /// Behind `!` or `-`.
    Negated,
    /// An argument of a function that the program declares.
    Argument,
    /// An argument of a builtin, or of an operation by its name alone.
    ArgumentOfBuiltin,
    /// An argument of an operation with its effect, `IO.print`.
    ArgumentOfOperation,
    /// What is piped into a call.
    Piped,
    /// What a constructor is given.
    Field,
    /// An element of an array literal.
    Element,
    /// What is indexed.
    Indexed,
    /// With what.
    Index,
    /// The condition of an `if`.
    Condition,
    /// A branch of one.
    Branch,
    /// What is matched.
    Scrutinee,
    /// An arm of a match.
    Arm,
    /// A part of a text.
    Interpolated,
    /// What a handled block gives.
    Handled,
    /// What a clause of a handler does.
    Clause,
    /// The state that a handler begins with.
    FirstState,
    /// The state that a clause leaves.
    NextState,
    /// What is asserted.
    Assertion,
    /// A clause of a contract, or an invariant.
    Contract,
    /// What a quantifier goes over.
    Domain,
}

/// What an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// A number, a truth, a text without parts, or `()`.
    Literal,
    /// A text with parts.
    Interpolation,
    /// A reference.
    Slot,
    /// An operator between two.
    Operator,
    /// An operator before one.
    Unary,
    /// A call of a function that is declared.
    Call,
    /// A call of a builtin.
    Builtin,
    /// A call of a builtin that is given a function without a name.
    Fold,
    /// An operation of an effect, with the effect's name.
    Operation,
    /// A constructor, with what it holds.
    Constructor,
    /// One that holds nothing.
    Nullary,
    /// An array literal.
    Array,
    /// An element of an array.
    Index,
    /// A function without a name.
    Closure,
    /// An `if`.
    If,
    /// A match.
    Match,
    /// A block in braces.
    Block,
    /// A handler with its block.
    Handle,
    /// A quantifier.
    Quantifier,
}

impl Context {
    /// All of them.
    pub const ALL: [Context; 31] = [
        Context::Let,
        Context::Destructured,
        Context::Statement,
        Context::Result,
        Context::Closure,
        Context::Block,
        Context::Equated,
        Context::Ordered,
        Context::Computed,
        Context::Joined,
        Context::Negated,
        Context::Argument,
        Context::ArgumentOfBuiltin,
        Context::ArgumentOfOperation,
        Context::Piped,
        Context::Field,
        Context::Element,
        Context::Indexed,
        Context::Index,
        Context::Condition,
        Context::Branch,
        Context::Scrutinee,
        Context::Arm,
        Context::Interpolated,
        Context::Handled,
        Context::Clause,
        Context::FirstState,
        Context::NextState,
        Context::Assertion,
        Context::Contract,
        Context::Domain,
    ];

    pub(super) fn of_operator(op: &str) -> Context {
        match op {
            "==" | "!=" => Context::Equated,
            "<" | ">" | "<=" | ">=" => Context::Ordered,
            "&&" | "||" | "==>" => Context::Joined,
            _ => Context::Computed,
        }
    }

    /// Whether the type of the place is one that this form has: a truth is no array, and
    /// a contract has no effects.
    pub fn takes(self, form: Form) -> bool {
        use Form::{
            Array, Closure, Constructor, Handle, Interpolation, Literal, Nullary, Operation,
            Operator, Quantifier, Unary,
        };
        let is_truth = matches!(
            self,
            Context::Joined | Context::Negated | Context::Condition | Context::Assertion
        );
        let is_number = matches!(self, Context::Computed | Context::Index | Context::Domain);
        let aggregate = matches!(
            form,
            Interpolation | Constructor | Nullary | Array | Closure
        );
        match self {
            _ if (is_truth || is_number) && aggregate => false,
            _ if is_number && form == Quantifier => false,
            Context::Contract => !aggregate && !matches!(form, Operation | Handle),
            Context::Indexed => !matches!(
                form,
                Literal
                    | Interpolation
                    | Operator
                    | Unary
                    | Constructor
                    | Nullary
                    | Closure
                    | Quantifier
            ),
            Context::Destructured => !matches!(
                form,
                Literal | Interpolation | Operator | Unary | Nullary | Array | Closure | Quantifier
            ),
            Context::Equated | Context::Ordered | Context::Interpolated => form != Closure,
            Context::ArgumentOfOperation => {
                !matches!(form, Constructor | Nullary | Closure | Quantifier)
            }
            _ => true,
        }
    }
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 19] = [
        Form::Literal,
        Form::Interpolation,
        Form::Slot,
        Form::Operator,
        Form::Unary,
        Form::Call,
        Form::Builtin,
        Form::Fold,
        Form::Operation,
        Form::Constructor,
        Form::Nullary,
        Form::Array,
        Form::Index,
        Form::Closure,
        Form::If,
        Form::Match,
        Form::Block,
        Form::Handle,
        Form::Quantifier,
    ];
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Context::Let => "let",
            Context::Destructured => "destructuring",
            Context::Statement => "statement",
            Context::Result => "function",
            Context::Closure => "closure",
            Context::Block => "block",
            Context::Equated => "==",
            Context::Ordered => "<",
            Context::Computed => "+",
            Context::Joined => "&&",
            Context::Negated => "!",
            Context::Argument => "argument",
            Context::ArgumentOfBuiltin => "builtin",
            Context::ArgumentOfOperation => "operation",
            Context::Piped => "|>",
            Context::Field => "constructor",
            Context::Element => "array",
            Context::Indexed => "indexed",
            Context::Index => "index",
            Context::Condition => "if",
            Context::Branch => "branch",
            Context::Scrutinee => "match",
            Context::Arm => "arm",
            Context::Interpolated => "interpolation",
            Context::Handled => "handle",
            Context::Clause => "clause",
            Context::FirstState => "state",
            Context::NextState => "with",
            Context::Assertion => "assert",
            Context::Contract => "contract",
            Context::Domain => "quantifier",
        })
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Form::Literal => "literal",
            Form::Interpolation => "interpolation",
            Form::Slot => "slot",
            Form::Operator => "operator",
            Form::Unary => "unary",
            Form::Call => "call",
            Form::Builtin => "builtin",
            Form::Fold => "fold",
            Form::Operation => "operation",
            Form::Constructor => "constructor",
            Form::Nullary => "nullary",
            Form::Array => "array",
            Form::Index => "index",
            Form::Closure => "closure",
            Form::If => "if",
            Form::Match => "match",
            Form::Block => "block",
            Form::Handle => "handle",
            Form::Quantifier => "quantifier",
        })
    }
}

impl Counting {
    pub(super) fn form(&self, expr: &Expr) -> Option<Form> {
        Some(match &expr.kind {
            Kind::Int(_) | Kind::Float(_) | Kind::Bool(_) | Kind::Unit => Form::Literal,
            Kind::Text(parts) if parts.iter().all(|it| matches!(it, Part::Text(_))) => {
                Form::Literal
            }
            Kind::Text(_) => Form::Interpolation,
            Kind::Slot(_) | Kind::Result(_) => Form::Slot,
            Kind::Binary(..) => Form::Operator,
            Kind::Unary(..) => Form::Unary,
            Kind::Index(..) => Form::Index,
            Kind::Call { callee, args, .. } => match callee {
                Callee::Constructor(_) => Form::Constructor,
                Callee::Qualified(..) => Form::Operation,
                Callee::Module(..) => Form::Call,
                Callee::Function(name) if self.census.declares.contains(name) => Form::Call,
                Callee::Function(_) if args.iter().any(|it| matches!(it.kind, Kind::Lambda(_))) => {
                    Form::Fold
                }
                Callee::Function(_) => Form::Builtin,
            },
            Kind::Nullary(_) => Form::Nullary,
            Kind::Lambda(_) => Form::Closure,
            Kind::If(..) => Form::If,
            Kind::Match(..) => Form::Match,
            Kind::Block(_) => Form::Block,
            Kind::Handle(_) => Form::Handle,
            Kind::Array(_) => Form::Array,
            Kind::Quantified { .. } => Form::Quantifier,
            Kind::Hole
            | Kind::Old(_)
            | Kind::New(_)
            | Kind::Assert(_)
            | Kind::Assume(_)
            | Kind::Unread(_) => return None,
        })
    }
}
