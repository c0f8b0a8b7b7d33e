//! From a tree to source text: names become `@T.k` again.

mod expr;
mod layout;

use std::rc::Rc;

use super::scope::{Aliases, Scope};
use super::tree::{
    Contract, Data, Decl, Effect, Effects, Function, Name, Operations, Pattern, Program, Type,
};

/// How wide a line may be.
const WIDTH: usize = 96;

/// The source text of a program; the error is a reference whose binding is not in
/// scope where it stands.
pub fn print(program: &Program) -> Result<String, Name> {
    let mut printer = Printer::new(&Aliases::of(program));
    let text = printer.program(program);
    match printer.lost {
        None => Ok(text),
        Some(name) => Err(name),
    }
}

/// Writes parts of a program, in a scope.
pub struct Printer {
    scope: Scope,
    /// The first reference whose binding was not in scope.
    lost: Option<Name>,
}

impl Printer {
    /// Where nothing is bound.
    pub fn new(aliases: &Aliases) -> Printer {
        Printer::within(Scope::new(Rc::new(aliases.clone())))
    }

    /// Where this is bound.
    pub fn within(scope: Scope) -> Printer {
        Printer { scope, lost: None }
    }

    fn program(&mut self, program: &Program) -> String {
        let mut parts = Vec::new();
        if let Some(module) = &program.module {
            parts.push(format!("module {module};\n"));
        }
        for import in &program.imports {
            let names = import.names.as_ref();
            let names = names.map_or(String::new(), |it| format!("({})", it.join(", ")));
            parts.push(format!("import {}{names};\n", import.path));
        }
        for item in &program.items {
            if !parts.is_empty() {
                parts.push("\n".to_owned());
            }
            let visibility = item.visibility.as_deref();
            let visibility = visibility.map_or(String::new(), |it| format!("{it} "));
            parts.push(visibility + &self.decl(&item.decl));
        }
        parts.concat()
    }

    fn decl(&mut self, decl: &Decl) -> String {
        match decl {
            Decl::Function(function) => self.function(function, 0),
            Decl::Data(data) => self.data(data),
            Decl::Alias(alias) => {
                let params = angled(&alias.params);
                format!("type {}{params} = {};\n", alias.name, self.ty(&alias.ty))
            }
            Decl::Effect(it) => self.operations("effect", it),
            Decl::Ability(it) => self.operations("ability", it),
            Decl::Unread(text) => format!("{text}\n"),
        }
    }

    fn data(&mut self, data: &Data) -> String {
        let constructor = |it: &super::tree::Constructor| match it.fields.as_slice() {
            [] => it.name.clone(),
            fields => format!("{}({})", it.name, self.types(fields)),
        };
        let constructors: Vec<String> = data.constructors.iter().map(constructor).collect();
        let constructors = constructors.join(", ");
        let invariant = data.invariant.as_ref().map(|it| self.expr(it));
        let invariant = invariant.map_or(String::new(), |it| format!(" invariant({it})"));
        let params = angled(&data.params);
        format!(
            "data {}{params}{invariant} {{ {constructors} }}\n",
            data.name
        )
    }

    fn operations(&mut self, word: &str, it: &Operations) -> String {
        let mut text = format!("{word} {}{} {{\n", it.name, angled(&it.params));
        for operation in &it.operations {
            let arrow = self.arrow(&operation.params, &operation.returns);
            text += &format!("  op {}({arrow});\n", operation.name);
        }
        text + "}\n"
    }

    fn function(&mut self, function: &Function, depth: usize) -> String {
        let outer = self.scope.left();
        let indent = "  ".repeat(depth);
        let mut text = String::new();
        if !function.forall.is_empty() {
            let constraints = function.constraints.iter();
            let constraints: Vec<String> = constraints.map(|(a, v)| format!("{a}<{v}>")).collect();
            let bound = match constraints.is_empty() {
                true => String::new(),
                false => format!(" where {}", constraints.join(", ")),
            };
            text += &format!("forall<{}{bound}> ", function.forall.join(", "));
        }
        let signature = self.signature(&function.params, &function.returns);
        text += &format!("fn {}{signature}\n{indent} ", function.name);
        for param in &function.params {
            self.scope.bind(param);
        }
        for contract in &function.contracts {
            text += &match contract {
                Contract::Requires(it) => format!(" requires({})", self.expr(it)),
                Contract::Ensures(it) => format!(" ensures({})", self.expr(it)),
                Contract::Decreases(them) => format!(" decreases({})", self.exprs(them)),
            };
        }
        text += &format!(" effects({})\n{indent}", self.effects(&function.effects));
        text += &self.open_block(&function.body, depth);
        text.push('\n');
        if !function.helpers.is_empty() {
            text += &format!("{indent}where {{\n");
            for helper in &function.helpers {
                text += &format!("{indent}  {}", self.function(helper, depth + 1));
            }
            text += &format!("{indent}}}\n");
        }
        self.scope = outer;
        text
    }

    /// `(@A, @B -> @C)`
    fn signature(&mut self, params: &[super::tree::Binder], returns: &Type) -> String {
        let params: Vec<String> = params
            .iter()
            .map(|it| format!("@{}", self.ty(&it.ty)))
            .collect();
        let space = if params.is_empty() { "" } else { " " };
        format!("({}{space}-> @{})", params.join(", "), self.ty(returns))
    }

    /// `A, B -> C`
    fn arrow(&mut self, params: &[Type], returns: &Type) -> String {
        let space = if params.is_empty() { "" } else { " " };
        format!("{}{space}-> {}", self.types(params), self.ty(returns))
    }

    fn types(&mut self, types: &[Type]) -> String {
        let types: Vec<String> = types.iter().map(|it| self.ty(it)).collect();
        types.join(", ")
    }

    /// A type, without the `@` that stands before it where something is bound.
    pub fn ty(&mut self, ty: &Type) -> String {
        match ty {
            Type::Named(name, args) if args.is_empty() => name.clone(),
            Type::Named(name, args) => format!("{name}<{}>", self.types(args)),
            Type::Function {
                params,
                returns,
                effects,
            } => {
                let arrow = self.arrow(params, returns);
                format!("fn({arrow}) effects({})", self.effects(effects))
            }
            Type::Refined(binder, predicate) => {
                let outer = self.scope.left();
                let base = self.ty(&binder.ty);
                self.scope.bind(binder);
                let predicate = self.expr(predicate);
                self.scope = outer;
                format!("{{ @{base} | {predicate} }}")
            }
            Type::Unread(text) => text.clone(),
        }
    }

    /// The type of a reference, before its `.k`.
    fn slot_type(&mut self, ty: &Type) -> String {
        match ty {
            Type::Refined(binder, _) => self.slot_type(&binder.ty),
            Type::Function { .. } => "Fn".to_owned(),
            Type::Named(..) | Type::Unread(_) => self.ty(ty),
        }
    }

    /// Effects, as they stand in `effects(...)`.
    pub fn effects(&mut self, effects: &Effects) -> String {
        match effects {
            Effects::Pure => "pure".to_owned(),
            Effects::Set(effects) => {
                let effects: Vec<String> = effects.iter().map(|it| self.effect(it)).collect();
                format!("<{}>", effects.join(", "))
            }
        }
    }

    fn effect(&mut self, effect: &Effect) -> String {
        match effect.args.as_slice() {
            [] => effect.name.clone(),
            args => format!("{}<{}>", effect.name, self.types(args)),
        }
    }

    fn pattern(&mut self, pattern: &Pattern) -> String {
        match pattern {
            Pattern::Constructor(name, parts) => {
                let parts: Vec<String> = parts.iter().map(|it| self.pattern(it)).collect();
                format!("{name}({})", parts.join(", "))
            }
            Pattern::Nullary(name) => name.clone(),
            Pattern::Binding(binder) => format!("@{}", self.ty(&binder.ty)),
            Pattern::Wildcard => "_".to_owned(),
            Pattern::Int(digits) => digits.clone(),
            Pattern::Text(text) => format!("\"{text}\""),
            Pattern::Bool(it) => it.to_string(),
            Pattern::Unread(text) => text.clone(),
        }
    }
}

fn angled(params: &[String]) -> String {
    match params {
        [] => String::new(),
        params => format!("<{}>", params.join(", ")),
    }
}
