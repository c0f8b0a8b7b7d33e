//! Expressions, statements and patterns of the worker's table.

use serde_json::Value;

use super::{DEEPEST, Decoder, Node, kind, name, text, words};
use crate::tree::{
    Arm, Callee, Clause, Expr, Handle, Kind, Lambda, Line, Part, Pattern, Slot, Statement, Type,
};
use crate::types::parse;

impl<'a> Decoder<'a> {
    pub(super) fn expr(&mut self, node: Node<'a>) -> Expr {
        let ty = node["type"].as_str().and_then(parse);
        let line = node["at"][0].as_u64().and_then(|it| it.try_into().ok());
        let line = Line(line);
        if self.depth > DEEPEST {
            let kind = Kind::Unread(self.unread(node));
            return Expr { kind, ty, line };
        }
        self.depth += 1;
        let kind = self.kind(node);
        self.depth -= 1;
        Expr { kind, ty, line }
    }

    fn boxed(&mut self, node: Node<'a>, field: &str) -> Box<Expr> {
        Box::new(self.expr(self.part(node, field)))
    }

    fn kind(&mut self, node: Node<'a>) -> Kind {
        let value = || text(&node["value"]).unwrap_or_default();
        match kind(node) {
            "IntLit" => Kind::Int(value()),
            "FloatLit" => Kind::Float(value()),
            "StringLit" => Kind::Text(vec![Part::Text(value())]),
            "InterpolatedString" => Kind::Text(self.parts(node)),
            "BoolLit" => Kind::Bool(node["value"] == true),
            "UnitLit" => Kind::Unit,
            "HoleExpr" => Kind::Hole,
            "SlotRef" => Kind::Slot(self.slot(node)),
            "ResultRef" => Kind::Result(self.slot_type(node)),
            "BinaryExpr" => self.binary(node),
            "UnaryExpr" => {
                let op = text(&node["op"]).unwrap_or_default();
                Kind::Unary(op, self.boxed(node, "operand"))
            }
            "IndexExpr" => Kind::Index(self.boxed(node, "collection"), self.boxed(node, "index")),
            "FnCall" => self.call(node, Callee::Function(name(node))),
            "ConstructorCall" => self.call(node, Callee::Constructor(name(node))),
            "QualifiedCall" => {
                let qualifier = text(&node["qualifier"]).unwrap_or_default();
                self.call(node, Callee::Qualified(qualifier, name(node)))
            }
            "ModuleCall" => {
                let path = words(&node["path"]).join(".");
                self.call(node, Callee::Module(path, name(node)))
            }
            "NullaryConstructor" => Kind::Nullary(name(node)),
            "AnonFn" => self.lambda(node),
            "IfExpr" => Kind::If(
                self.boxed(node, "condition"),
                self.block(self.part(node, "then_branch")),
                self.block(self.part(node, "else_branch")),
            ),
            "MatchExpr" => self.matching(node),
            "Block" => Kind::Block(self.block(node)),
            "HandleExpr" => self.handle(node),
            "ArrayLit" => Kind::Array(self.exprs(node, "elements")),
            "OldExpr" => Kind::Old(self.effect(self.part(node, "effect_ref"))),
            "NewExpr" => Kind::New(self.effect(self.part(node, "effect_ref"))),
            "AssertExpr" => Kind::Assert(self.boxed(node, "expr")),
            "AssumeExpr" => Kind::Assume(self.boxed(node, "expr")),
            "ForallExpr" => self.quantified(node, "forall"),
            "ExistsExpr" => self.quantified(node, "exists"),
            _ => Kind::Unread(self.unread(node)),
        }
    }

    fn parts(&mut self, node: Node<'a>) -> Vec<Part> {
        let parts = node["parts"].as_array();
        let part = |it: &'a Value| match it.as_str() {
            Some(text) => Part::Text(text.to_owned()),
            None => Part::Expr(self.expr(self.at(it).unwrap_or(&Value::Null))),
        };
        parts.into_iter().flatten().map(part).collect()
    }

    fn slot_type(&mut self, node: Node<'a>) -> Type {
        let name = text(&node["type_name"]).unwrap_or_default();
        Type::Named(name, self.types(node, "type_args"))
    }

    fn slot(&mut self, node: Node<'a>) -> Slot {
        let ty = self.slot_type(node);
        let index = node["index"].as_str().and_then(|it| it.parse().ok());
        self.scope.resolve(&ty, index.unwrap_or(u64::MAX))
    }

    fn binary(&mut self, node: Node<'a>) -> Kind {
        let op = text(&node["op"]).unwrap_or_default();
        let left = self.expr(self.part(node, "left"));
        let right = self.expr(self.part(node, "right"));
        // Up to 0.2.0 a pipe was an operator; from then on it is the call that it means.
        match (op.as_str(), right.kind) {
            ("|>", Kind::Call { callee, args, .. }) => Kind::Call {
                callee,
                args: std::iter::once(left).chain(args).collect(),
                piped: true,
            },
            (_, right_kind) => {
                let kind = right_kind;
                let right = Expr { kind, ..right };
                Kind::Binary(op, Box::new(left), Box::new(right))
            }
        }
    }

    fn call(&mut self, node: Node<'a>, callee: Callee) -> Kind {
        let args = self.exprs(node, "args");
        let piped = node["piped"] == true && !args.is_empty();
        Kind::Call {
            callee,
            args,
            piped,
        }
    }

    fn lambda(&mut self, node: Node<'a>) -> Kind {
        let depth = self.scope.depth();
        let params = self.binders(node, "params");
        let returns = self.ty(self.part(node, "return_type"));
        for param in &params {
            self.scope.bind(param);
        }
        let body = self.block(self.part(node, "body"));
        self.scope.forget(depth);
        Kind::Lambda(Box::new(Lambda {
            params,
            returns,
            effects: self.effects(node),
            body,
        }))
    }

    fn matching(&mut self, node: Node<'a>) -> Kind {
        let scrutinee = self.boxed(node, "scrutinee");
        let mut arms = Vec::new();
        for arm in self.list(node, "arms") {
            let pattern = self.pattern(self.part(arm, "pattern"));
            let depth = self.scope.depth();
            for binder in pattern.binders() {
                self.scope.bind(binder);
            }
            let body = self.expr(self.part(arm, "body"));
            self.scope.forget(depth);
            arms.push(Arm { pattern, body });
        }
        Kind::Match(scrutinee, arms)
    }

    fn handle(&mut self, node: Node<'a>) -> Kind {
        let effect = self.effect(self.part(node, "effect"));
        let state = self.node(node, "state").map(|it| {
            let ty = self.ty(self.part(it, "type_expr"));
            let init = self.expr(self.part(it, "init_expr"));
            (self.binder(ty), init)
        });
        let mut clauses = Vec::new();
        for clause in self.list(node, "clauses") {
            let params = self.binders(clause, "params");
            let depth = self.scope.depth();
            for param in &params {
                self.scope.bind(param);
            }
            // What the operation is given is bound before the state.
            if let Some((binder, _)) = &state {
                self.scope.bind(binder);
            }
            let body = self.expr(self.part(clause, "body"));
            let update = clause["state_update"].as_array().and_then(|pair| {
                let [ty, value] = pair.as_slice() else {
                    return None;
                };
                Some((self.ty(self.at(ty)?), self.expr(self.at(value)?)))
            });
            self.scope.forget(depth);
            clauses.push(Clause {
                operation: text(&clause["op_name"]).unwrap_or_default(),
                params,
                body,
                update,
            });
        }
        Kind::Handle(Box::new(Handle {
            effect,
            state,
            clauses,
            body: self.block(self.part(node, "body")),
        }))
    }

    fn quantified(&mut self, node: Node<'a>, word: &'static str) -> Kind {
        Kind::Quantified {
            word,
            over: self.ty(self.part(node, "binding_type")),
            domain: self.boxed(node, "domain"),
            predicate: self.boxed(node, "predicate"),
        }
    }

    pub(super) fn statement(&mut self, node: Node<'a>) -> Statement {
        match kind(node) {
            "LetStmt" => {
                let ty = self.ty(self.part(node, "type_expr"));
                let value = self.expr(self.part(node, "value"));
                let binder = self.binder(ty);
                self.scope.bind(&binder);
                Statement::Let(binder, value)
            }
            "LetDestruct" => {
                let value = self.expr(self.part(node, "value"));
                let binders = self.binders(node, "type_bindings");
                for binder in &binders {
                    self.scope.bind(binder);
                }
                let constructor = text(&node["constructor"]).unwrap_or_default();
                Statement::Destructure(constructor, binders, value)
            }
            "ExprStmt" => Statement::Expr(self.expr(self.part(node, "expr"))),
            _ => {
                let text = self.unread(node);
                let text = text.trim_end_matches(';').to_owned();
                Statement::Expr(Expr::new(Kind::Unread(text), None))
            }
        }
    }

    fn pattern(&mut self, node: Node<'a>) -> Pattern {
        let value = || text(&node["value"]).unwrap_or_default();
        match kind(node) {
            "ConstructorPattern" => {
                let parts = self.list(node, "sub_patterns");
                let parts = parts.into_iter().map(|it| self.pattern(it)).collect();
                Pattern::Constructor(name(node), parts)
            }
            "NullaryPattern" => Pattern::Nullary(name(node)),
            "BindingPattern" => {
                let ty = self.ty(self.part(node, "type_expr"));
                Pattern::Binding(self.binder(ty))
            }
            "WildcardPattern" => Pattern::Wildcard,
            "IntPattern" => Pattern::Int(value()),
            "StringPattern" => Pattern::Text(value()),
            "BoolPattern" => Pattern::Bool(node["value"] == true),
            _ => Pattern::Unread(self.unread(node)),
        }
    }
}
