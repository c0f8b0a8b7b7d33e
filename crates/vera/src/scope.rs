//! What is bound where, and which `@T.k` a binding is.

use std::collections::HashMap;
use std::rc::Rc;

use super::print::Printer;
use super::tree::{Alias, Binder, Decl, Name, Program, Slot, Type};

/// The type aliases of a program: a reference is looked up under a type whose
/// arguments stand for what their names mean, and whose own name is as it is
/// written.
#[derive(Clone, Debug, Default)]
pub struct Aliases(HashMap<String, Alias>);

/// How far an alias of an alias is followed.
const DEEPEST: usize = 64;

impl Aliases {
    /// Those that a program declares.
    pub fn of(program: &Program) -> Aliases {
        Aliases::of_all([program])
    }

    /// Those that programs declare which import one another.
    pub fn of_all<'a>(programs: impl IntoIterator<Item = &'a Program>) -> Aliases {
        let items = programs.into_iter().flat_map(|it| &it.items);
        let aliases = items.filter_map(|item| match &item.decl {
            Decl::Alias(alias) => Some((alias.name.clone(), alias.clone())),
            _ => None,
        });
        Aliases(aliases.collect())
    }

    /// What a binding or a reference of this type is looked up under.
    pub fn key(&self, ty: &Type) -> String {
        match ty {
            Type::Named(name, args) if args.is_empty() => name.clone(),
            Type::Named(name, args) => {
                let args: Vec<String> = args.iter().map(|it| self.resolved_text(it)).collect();
                format!("{name}<{}>", args.join(", "))
            }
            Type::Function { .. } => "Fn".to_owned(),
            Type::Refined(binder, _) => self.key(&binder.ty),
            Type::Unread(text) => text.clone(),
        }
    }

    fn resolved_text(&self, ty: &Type) -> String {
        Printer::new(self).ty(&self.resolved(ty))
    }

    /// A type without any alias in it.
    pub fn resolved(&self, ty: &Type) -> Type {
        self.resolved_within(ty, DEEPEST)
    }

    fn resolved_within(&self, ty: &Type, left: usize) -> Type {
        let each = |types: &[Type]| -> Vec<Type> {
            types
                .iter()
                .map(|it| self.resolved_within(it, left))
                .collect()
        };
        match ty {
            Type::Named(name, args) => match self.0.get(name).filter(|_| left > 0) {
                Some(alias) if alias.params.len() == args.len() => {
                    let with: HashMap<&str, &Type> =
                        alias.params.iter().map(String::as_str).zip(args).collect();
                    self.resolved_within(&substituted(&alias.ty, &with), left - 1)
                }
                _ => Type::Named(name.clone(), each(args)),
            },
            Type::Function {
                params,
                returns,
                effects,
            } => Type::Function {
                params: each(params),
                returns: Box::new(self.resolved_within(returns, left)),
                effects: effects.clone(),
            },
            Type::Refined(..) | Type::Unread(_) => ty.clone(),
        }
    }
}

/// A type with others in place of its variables.
pub fn substituted(ty: &Type, with: &HashMap<&str, &Type>) -> Type {
    let each =
        |types: &[Type]| -> Vec<Type> { types.iter().map(|it| substituted(it, with)).collect() };
    match ty {
        Type::Named(name, args) if args.is_empty() => {
            with.get(name.as_str()).map_or(ty, |it| *it).clone()
        }
        Type::Named(name, args) => Type::Named(name.clone(), each(args)),
        Type::Function {
            params,
            returns,
            effects,
        } => Type::Function {
            params: each(params),
            returns: Box::new(substituted(returns, with)),
            effects: effects.clone(),
        },
        Type::Refined(binder, predicate) => {
            let ty = substituted(&binder.ty, with);
            let name = binder.name;
            Type::Refined(Box::new(Binder { name, ty }), predicate.clone())
        }
        Type::Unread(_) => ty.clone(),
    }
}

/// What is bound at a place of a program, the latest last.
#[derive(Clone, Debug)]
pub struct Scope {
    aliases: Rc<Aliases>,
    bound: Vec<(Binder, String)>,
}

impl Scope {
    /// Nothing bound.
    pub fn new(aliases: Rc<Aliases>) -> Scope {
        Scope {
            aliases,
            bound: Vec::new(),
        }
    }

    /// The aliases that types are looked up with.
    pub fn aliases(&self) -> &Rc<Aliases> {
        &self.aliases
    }

    /// The same aliases, with nothing bound.
    pub fn empty(&self) -> Scope {
        Scope::new(self.aliases.clone())
    }

    /// Nothing is bound any more; gives what was.
    pub fn left(&mut self) -> Scope {
        let empty = self.empty();
        std::mem::replace(self, empty)
    }

    /// How much is bound, for [`Scope::forget`].
    pub fn depth(&self) -> usize {
        self.bound.len()
    }

    /// Forgets what was bound beyond a depth.
    pub fn forget(&mut self, depth: usize) {
        self.bound.truncate(depth);
    }

    /// Binds.
    pub fn bind(&mut self, binder: &Binder) {
        let key = self.aliases.key(&binder.ty);
        self.bound.push((binder.clone(), key));
    }

    /// The binding that `@T.k` means.
    pub fn resolve(&self, ty: &Type, index: u64) -> Slot {
        let key = self.aliases.key(ty);
        let mut those = self.bound.iter().rev().filter(|(_, it)| *it == key);
        let found = usize::try_from(index).ok().and_then(|it| those.nth(it));
        match found {
            Some((binder, _)) => Slot::Bound(binder.name),
            None => Slot::Free(ty.clone(), index),
        }
    }

    /// The type and the k of `@T.k` for a binding; `None` where it is not in scope.
    pub fn index(&self, name: Name) -> Option<(&Type, usize)> {
        let at = self
            .bound
            .iter()
            .rposition(|(binder, _)| binder.name == name)?;
        let (binder, key) = &self.bound[at];
        let later = self.bound[at + 1..].iter();
        Some((&binder.ty, later.filter(|(_, it)| it == key).count()))
    }

    /// The type that a binding in scope has.
    pub fn ty(&self, name: Name) -> Option<&Type> {
        self.index(name).map(|(ty, _)| ty)
    }

    /// Whether a binding is in scope.
    pub fn has(&self, name: Name) -> bool {
        self.bound.iter().any(|(binder, _)| binder.name == name)
    }

    /// What is bound to a value of a type, whatever its spelling, the latest first.
    pub fn of_type(&self, ty: &Type) -> Vec<Name> {
        let wanted = self.aliases.resolved(ty);
        let those = self.bound.iter().rev();
        those
            .filter(|(binder, _)| self.aliases.resolved(&binder.ty) == wanted)
            .map(|(binder, _)| binder.name)
            .collect()
    }

    /// The binders, the latest last.
    pub fn binders(&self) -> impl Iterator<Item = &Binder> {
        self.bound.iter().map(|(binder, _)| binder)
    }
}
