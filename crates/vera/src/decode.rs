//! From what Vera's parser and checker said to a tree whose slots name their
//! bindings.

mod expr;

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use super::scope::{Aliases, Scope};
use super::tree::{
    Alias, Binder, Block, Constructor, Contract, Data, Decl, Effect, Effects, Expr, Function,
    Import, Item, Kind, Name, Operation, Operations, Program, Type,
};

/// How deep an expression is read; what lies below stays text.
const DEEPEST: usize = 400;

/// The tree of a source file, from the worker's table of its nodes. What is not
/// known here stays as it stands in `source`, and is told in [`Program::unread`].
/// The error says what the table lacks.
pub fn decode(table: &Value, source: &str) -> Result<Program, String> {
    let nodes = table["nodes"]
        .as_array()
        .ok_or("the tree has no list of nodes")?;
    let root = table["root"].as_u64().ok_or("the tree has no root")?;
    let mut decoder = Decoder {
        nodes,
        lines: source.split('\n').collect(),
        program: Program::default(),
        scope: Scope::new(Rc::default()),
        depth: 0,
    };
    decoder.read_program(root as usize)?;
    Ok(decoder.program)
}

/// The kinds of nodes that a table has, in Vera's own names: `IfExpr`; with what may be
/// absent from a node and is there, `FnDecl.where_fns`; and operators, `BinaryExpr +`.
pub fn kinds(table: &Value) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    let nodes = table["nodes"].as_array().into_iter().flatten();
    for (node, fields) in nodes.filter_map(|it| Some((kind(it), it.as_object()?))) {
        kinds.insert(node.to_owned());
        for (field, value) in fields {
            let is_there = match value {
                Value::Null | Value::Bool(false) => false,
                Value::Array(parts) => !parts.is_empty(),
                _ => true,
            };
            if field == "op" {
                kinds.insert(format!("{node} {}", value.as_str().unwrap_or_default()));
            } else if is_there {
                kinds.insert(format!("{node}.{field}"));
            }
        }
    }
    kinds
}

struct Decoder<'a> {
    nodes: &'a [Value],
    lines: Vec<&'a str>,
    program: Program,
    scope: Scope,
    depth: usize,
}

/// A node of the table.
type Node<'a> = &'a Value;

impl<'a> Decoder<'a> {
    fn read_program(&mut self, root: usize) -> Result<(), String> {
        let root = self
            .nodes
            .get(root)
            .ok_or("the root of the tree is not in it")?;
        if let Some(module) = self.node(root, "module") {
            self.program.module = Some(words(&module["path"]).join("."));
        }
        for import in self.list(root, "imports") {
            let names = import["names"].is_array().then(|| words(&import["names"]));
            let path = words(&import["path"]).join(".");
            self.program.imports.push(Import { path, names });
        }
        let tops = self.list(root, "declarations");
        // Aliases come first: what a reference is looked up under depends on them.
        let mut aliases = Program::default();
        for top in &tops {
            if let Some(decl) = self.node(top, "decl")
                && kind(decl) == "TypeAliasDecl"
            {
                let decl = self.decl(decl);
                aliases.items.push(Item {
                    visibility: None,
                    decl,
                });
            }
        }
        self.program.unread.clear();
        self.scope = Scope::new(Rc::new(Aliases::of(&aliases)));
        for top in tops {
            let decl = match self.node(top, "decl") {
                Some(decl) => self.decl(decl),
                None => Decl::Unread(self.unread(top)),
            };
            let is_text = matches!(decl, Decl::Unread(_));
            let visibility = text(&top["visibility"]).filter(|_| !is_text);
            self.program.items.push(Item { visibility, decl });
        }
        Ok(())
    }

    fn decl(&mut self, node: Node<'a>) -> Decl {
        match kind(node) {
            "FnDecl" => Decl::Function(self.function(node)),
            "DataDecl" => Decl::Data(Data {
                name: name(node),
                params: words(&node["type_params"]),
                invariant: self.node(node, "invariant").map(|it| self.expr(it)),
                constructors: self
                    .list(node, "constructors")
                    .into_iter()
                    .map(|it| Constructor {
                        name: name(it),
                        fields: self.types(it, "fields"),
                    })
                    .collect(),
            }),
            "TypeAliasDecl" => Decl::Alias(Alias {
                name: name(node),
                params: words(&node["type_params"]),
                ty: self.ty(self.part(node, "type_expr")),
            }),
            "EffectDecl" => Decl::Effect(self.operations(node)),
            "AbilityDecl" => Decl::Ability(self.operations(node)),
            _ => Decl::Unread(self.unread(node)),
        }
    }

    fn operations(&mut self, node: Node<'a>) -> Operations {
        Operations {
            name: name(node),
            params: words(&node["type_params"]),
            operations: self
                .list(node, "operations")
                .into_iter()
                .map(|it| Operation {
                    name: name(it),
                    params: self.types(it, "param_types"),
                    returns: self.ty(self.part(it, "return_type")),
                })
                .collect(),
        }
    }

    fn function(&mut self, node: Node<'a>) -> Function {
        // A function sees no slot of another, also not of the one it helps.
        let outer = self.scope.left();
        let params = self.binders(node, "params");
        for param in &params {
            self.scope.bind(param);
        }
        let contracts = self.list(node, "contracts");
        let contracts = contracts.into_iter().filter_map(|it| self.contract(it));
        let contracts = contracts.collect();
        let constraints = self.list(node, "forall_constraints");
        let constraint = |it: Node<'a>| Some((text(&it["ability_name"])?, text(&it["type_var"])?));
        let function = Function {
            name: name(node),
            forall: words(&node["forall_vars"]),
            constraints: constraints.into_iter().filter_map(constraint).collect(),
            params,
            returns: self.ty(self.part(node, "return_type")),
            contracts,
            effects: self.effects(node),
            body: self.block(self.part(node, "body")),
            helpers: self
                .list(node, "where_fns")
                .into_iter()
                .map(|it| self.function(it))
                .collect(),
        };
        self.scope = outer;
        function
    }

    fn contract(&mut self, node: Node<'a>) -> Option<Contract> {
        Some(match kind(node) {
            "Requires" => Contract::Requires(self.expr(self.part(node, "expr"))),
            "Ensures" => Contract::Ensures(self.expr(self.part(node, "expr"))),
            "Decreases" => Contract::Decreases(self.exprs(node, "exprs")),
            _ => {
                self.unread(node);
                return None;
            }
        })
    }

    // --- Types ---

    fn ty(&mut self, node: Node<'a>) -> Type {
        match kind(node) {
            "NamedType" => Type::Named(name(node), self.types(node, "type_args")),
            "FnType" => Type::Function {
                params: self.types(node, "params"),
                returns: Box::new(self.ty(self.part(node, "return_type"))),
                effects: self.effects(node),
            },
            "RefinementType" => {
                let base = self.ty(self.part(node, "base_type"));
                let binder = self.binder(base);
                // Its binder is all that a predicate sees.
                let outer = self.scope.left();
                self.scope.bind(&binder);
                let predicate = self.expr(self.part(node, "predicate"));
                self.scope = outer;
                Type::Refined(Box::new(binder), Box::new(predicate))
            }
            _ => Type::Unread(self.unread(node)),
        }
    }

    fn types(&mut self, node: Node<'a>, field: &str) -> Vec<Type> {
        let types = self.list(node, field);
        types.into_iter().map(|it| self.ty(it)).collect()
    }

    fn binder(&mut self, ty: Type) -> Binder {
        let name: Name = self.program.fresh();
        Binder { name, ty }
    }

    fn binders(&mut self, node: Node<'a>, field: &str) -> Vec<Binder> {
        let types = self.types(node, field);
        types.into_iter().map(|ty| self.binder(ty)).collect()
    }

    fn effects(&mut self, node: Node<'a>) -> Effects {
        match self.node(node, "effect") {
            Some(row) if kind(row) == "EffectSet" => {
                let effects = self.list(row, "effects");
                Effects::Set(effects.into_iter().map(|it| self.effect(it)).collect())
            }
            _ => Effects::Pure,
        }
    }

    fn effect(&mut self, node: Node<'a>) -> Effect {
        let module = text(&node["module"]).filter(|_| kind(node) == "QualifiedEffectRef");
        let name = name(node);
        Effect {
            name: module.map_or(name.clone(), |it| format!("{it}.{name}")),
            args: self.types(node, "type_args"),
        }
    }

    // --- The table ---

    /// The node that a field holds.
    fn node(&self, node: Node<'a>, field: &str) -> Option<Node<'a>> {
        self.at(&node[field])
    }

    fn at(&self, value: &Value) -> Option<Node<'a>> {
        self.nodes.get(value["node"].as_u64()? as usize)
    }

    /// The node that a field must hold: nothing, of no kind that is known, where it
    /// does not.
    fn part(&self, node: Node<'a>, field: &str) -> Node<'a> {
        self.node(node, field).unwrap_or(&Value::Null)
    }

    fn list(&self, node: Node<'a>, field: &str) -> Vec<Node<'a>> {
        let list = node[field].as_array();
        list.into_iter()
            .flatten()
            .filter_map(|it| self.at(it))
            .collect()
    }

    fn exprs(&mut self, node: Node<'a>, field: &str) -> Vec<Expr> {
        let list = self.list(node, field);
        list.into_iter().map(|it| self.expr(it)).collect()
    }

    /// The text of what is not known here; it is told.
    fn unread(&mut self, node: Node<'a>) -> String {
        let what = if node.is_null() {
            "nothing where something must stand"
        } else {
            kind(node)
        };
        let text = self.text_of(node);
        let line = node["at"][0].as_u64().unwrap_or(0);
        self.program.unread.push(format!(
            "{what} in line {line} is not known here, and stays as it is written"
        ));
        text
    }

    /// A node as it was written.
    fn text_of(&self, node: Node<'a>) -> String {
        let at: Vec<usize> = (0..4)
            .map(|it| node["at"][it].as_u64().unwrap_or(1) as usize)
            .collect();
        let cut = |line: &str, from: usize, to: usize| -> String {
            line.chars()
                .skip(from - 1)
                .take(to.saturating_sub(from))
                .collect()
        };
        let line = |it: usize| self.lines.get(it - 1).copied().unwrap_or_default();
        let [first, from, last, to] = [at[0].max(1), at[1].max(1), at[2].max(1), at[3].max(1)];
        if first == last {
            return cut(line(first), from, to);
        }
        let mut text = cut(line(first), from, usize::MAX);
        for it in first + 1..last {
            text = format!("{text}\n{}", line(it));
        }
        format!("{text}\n{}", cut(line(last), 1, to))
    }

    fn block(&mut self, node: Node<'a>) -> Block {
        let depth = self.scope.depth();
        let mut statements = Vec::new();
        if kind(node) == "Block" {
            for statement in self.list(node, "statements") {
                statements.push(self.statement(statement));
            }
        }
        let value = match kind(node) {
            "Block" => self.expr(self.part(node, "expr")),
            _ => Expr::new(Kind::Unread(self.unread(node)), None),
        };
        self.scope.forget(depth);
        Block {
            statements,
            value: Box::new(value),
        }
    }
}

fn kind(node: Node<'_>) -> &str {
    node["kind"].as_str().unwrap_or_default()
}

fn name(node: Node<'_>) -> String {
    text(&node["name"]).unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn words(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(text)
        .collect()
}
