//! Which types stand in which roles.

use std::fmt;

use super::Counting;
use crate::tree::Type;

/// What a value is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// An element of an array.
    Element,
    /// A key of a map, or a member of a set.
    Key,
    /// What a map has under a key.
    Value,
    /// What a constructor holds, a tuple among them.
    Payload,
    /// What a function without a name takes from around it.
    Capture,
    /// What a function is given.
    Parameter,
    /// What a function gives.
    Result,
    /// What a cell of state holds.
    State,
    /// What an exception carries.
    Exception,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 9] = [
        Role::Element,
        Role::Key,
        Role::Value,
        Role::Payload,
        Role::Capture,
        Role::Parameter,
        Role::Result,
        Role::State,
        Role::Exception,
    ];
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Element => "element",
            Role::Key => "key",
            Role::Value => "value",
            Role::Payload => "payload",
            Role::Capture => "capture",
            Role::Parameter => "parameter",
            Role::Result => "result",
            Role::State => "state",
            Role::Exception => "exception",
        })
    }
}

/// A function, as a type.
const FUNCTION: &str = "fn";
/// A data type that the program declares.
const DATA: &str = "data";
/// A type that a function or data type is generic over.
const VARIABLE: &str = "variable";
/// A type with a predicate.
const REFINED: &str = "refined";

/// What types that a program declares, or is generic over, are called together.
pub fn declared_types() -> [&'static str; 4] {
    [DATA, FUNCTION, REFINED, VARIABLE]
}

impl Counting {
    /// A type stands in a role; what it holds stands in theirs.
    pub(super) fn ty(&mut self, ty: &Type, role: Role) {
        if let Some(name) = self.constructor(ty) {
            self.census.types.insert((name, role));
        }
        self.parts(ty);
    }

    /// What a type holds, in the roles that it has there.
    pub(super) fn parts(&mut self, ty: &Type) {
        match &self.aliases.resolved(ty) {
            Type::Named(name, args) => {
                for (place, arg) in args.iter().enumerate() {
                    self.ty(
                        arg,
                        match (name.as_str(), place) {
                            ("Array", _) => Role::Element,
                            ("Set", _) | ("Map", 0) => Role::Key,
                            ("Map", _) => Role::Value,
                            _ => Role::Payload,
                        },
                    );
                }
            }
            Type::Function {
                params,
                returns,
                effects,
            } => {
                for param in params {
                    self.ty(param, Role::Parameter);
                }
                self.ty(returns, Role::Result);
                self.effects(effects);
            }
            Type::Refined(binder, _) => self.parts(&binder.ty),
            Type::Unread(_) => {}
        }
    }

    /// What a type is made with.
    fn constructor(&self, ty: &Type) -> Option<String> {
        Some(match &self.aliases.resolved(ty) {
            Type::Named(name, _) if self.variables.contains(name) => VARIABLE.to_owned(),
            Type::Named(name, _) if self.data.contains(name) => DATA.to_owned(),
            Type::Named(name, _) => name.clone(),
            Type::Function { .. } => FUNCTION.to_owned(),
            Type::Refined(..) => REFINED.to_owned(),
            Type::Unread(_) => return None,
        })
    }
}
