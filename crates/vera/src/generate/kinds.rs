//! Types: which there are in a program, and what can be done with each.

use std::collections::HashMap;

use super::Generator;
use crate::scope::substituted;
use crate::tree::{Constructor, Type};

/// A type without arguments.
pub fn named(name: &str) -> Type {
    Type::Named(name.to_owned(), Vec::new())
}

/// A type with arguments.
pub fn of(name: &str, args: &[&Type]) -> Type {
    let args = args.iter().map(|it| (*it).clone()).collect();
    Type::Named(name.to_owned(), args)
}

/// Whether a name is a variable of the table.
fn is_variable(name: &str) -> bool {
    name.len() == 1
}

/// What a variable stands for, where a type of the table is this type; whether it can be.
pub fn unified(pattern: &Type, ty: &Type, with: &mut HashMap<String, Type>) -> bool {
    match (pattern, ty) {
        (Type::Named(name, args), ty) if args.is_empty() && is_variable(name) => {
            match with.get(name) {
                Some(own) => own == ty,
                None => {
                    with.insert(name.clone(), ty.clone());
                    true
                }
            }
        }
        (Type::Named(name, args), Type::Named(own, others)) => {
            name == own
                && args.len() == others.len()
                && args
                    .iter()
                    .zip(others)
                    .all(|(it, ty)| unified(it, ty, with))
        }
        _ => false,
    }
}

/// The variables of a type of the table.
pub fn variables(ty: &Type, to: &mut Vec<String>) {
    match ty {
        Type::Named(name, args) if args.is_empty() && is_variable(name) => {
            if !to.contains(name) {
                to.push(name.clone());
            }
        }
        Type::Named(_, args) => args.iter().for_each(|it| variables(it, to)),
        Type::Function {
            params, returns, ..
        } => {
            params.iter().for_each(|it| variables(it, to));
            variables(returns, to);
        }
        Type::Refined(..) | Type::Unread(_) => {}
    }
}

/// A type of the table with its variables put in.
pub fn filled(ty: &Type, with: &HashMap<String, Type>) -> Type {
    let with: HashMap<&str, &Type> = with.iter().map(|(name, ty)| (name.as_str(), ty)).collect();
    substituted(ty, &with)
}

impl Generator<'_> {
    /// A type out of the program's few.
    pub fn any_type(&mut self) -> Type {
        let pool = self.pool.clone();
        self.dice.one(&pool).cloned().unwrap_or(named("Int"))
    }

    /// One of them that can be done this with; `Int` where there is none.
    pub fn type_that(&mut self, can: fn(&Self, &Type) -> bool) -> Type {
        let those: Vec<Type> = self
            .pool
            .iter()
            .filter(|it| can(self, it))
            .cloned()
            .collect();
        self.dice.one(&those).cloned().unwrap_or(named("Int"))
    }

    /// What a variable of the table may stand for.
    pub fn for_variable(&mut self, name: &str) -> Type {
        match name {
            "K" => self.type_that(Generator::is_key),
            "E" => self.type_that(Generator::has_equality),
            "O" => self.type_that(Generator::has_order),
            "S" => self.type_that(Generator::is_shown),
            "V" => self.type_that(Generator::is_map_value),
            _ => self.type_that(Generator::is_stored),
        }
    }

    /// Whether a type fits a variable that is asked of more than others.
    pub fn fits_variable(&self, name: &str, ty: &Type) -> bool {
        match name {
            "K" => self.is_key(ty),
            "E" => self.has_equality(ty),
            "O" => self.has_order(ty),
            "S" => self.is_shown(ty),
            "V" => self.is_map_value(ty),
            _ => self.is_stored(ty),
        }
    }

    /// The constructors of a data type, with its own types put in.
    pub fn constructors(&self, ty: &Type) -> Vec<Constructor> {
        let Type::Named(name, args) = ty else {
            return Vec::new();
        };
        let constructor = |name: &str, fields: &[&Type]| Constructor {
            name: name.to_owned(),
            fields: fields.iter().map(|it| (*it).clone()).collect(),
        };
        match (name.as_str(), args.as_slice()) {
            ("Option", [some]) => vec![constructor("None", &[]), constructor("Some", &[some])],
            ("Result", [good, bad]) => {
                vec![constructor("Ok", &[good]), constructor("Err", &[bad])]
            }
            ("Ordering", []) => ["Less", "Equal", "Greater"]
                .into_iter()
                .map(|it| constructor(it, &[]))
                .collect(),
            ("Tuple", parts) => vec![Constructor {
                name: "Tuple".to_owned(),
                fields: parts.to_vec(),
            }],
            (name, args) => {
                let Some(data) = self.data.iter().find(|it| it.name == name) else {
                    return Vec::new();
                };
                let with: HashMap<&str, &Type> =
                    data.params.iter().map(String::as_str).zip(args).collect();
                let one = |it: &Constructor| Constructor {
                    name: it.name.clone(),
                    fields: it.fields.iter().map(|it| substituted(it, &with)).collect(),
                };
                data.constructors.iter().map(one).collect()
            }
        }
    }

    /// Whether all that a type holds can be done this with.
    fn all_within(&self, ty: &Type, can: &dyn Fn(&Type) -> bool, seen: &mut Vec<Type>) -> bool {
        if seen.contains(ty) {
            return true;
        }
        seen.push(ty.clone());
        can(ty)
            && match ty {
                Type::Named(name, args) if name == "Array" => {
                    args.iter().all(|it| self.all_within(it, can, seen))
                }
                ty => (self.constructors(ty).iter())
                    .flat_map(|it| &it.fields)
                    .all(|it| self.all_within(it, can, seen)),
            }
    }

    /// Whether `==` is defined on it.
    pub fn has_equality(&self, ty: &Type) -> bool {
        let can = |ty: &Type| match ty {
            Type::Named(name, _) => {
                !matches!(name.as_str(), "Array" | "Map" | "Set" | "Tuple" | "Float64")
            }
            _ => false,
        };
        self.all_within(ty, &can, &mut Vec::new())
    }

    /// Whether `<` is defined on it.
    pub fn has_order(&self, ty: &Type) -> bool {
        matches!(ty, Type::Named(name, _) if matches!(name.as_str(), "Int" | "Nat" | "Byte" | "String"))
    }

    /// Whether `show` is.
    pub fn is_shown(&self, ty: &Type) -> bool {
        let can = |ty: &Type| match ty {
            Type::Named(name, _) => !matches!(name.as_str(), "Map" | "Set" | "Byte"),
            _ => false,
        };
        self.all_within(ty, &can, &mut Vec::new())
    }

    /// Whether it can be a key.
    pub fn is_key(&self, ty: &Type) -> bool {
        matches!(ty, Type::Named(name, _) if matches!(name.as_str(), "Int" | "Nat" | "String" | "Bool"))
    }

    /// Whether a map can hold it.
    pub fn is_map_value(&self, ty: &Type) -> bool {
        matches!(ty, Type::Named(name, _) if !matches!(name.as_str(), "Array" | "Tuple" | "Map" | "Set" | "Unit"))
    }

    /// Whether a state can be of it.
    pub fn is_state(&self, ty: &Type) -> bool {
        matches!(ty, Type::Named(name, _) if !matches!(name.as_str(), "Array" | "String" | "Unit"))
    }

    /// Whether it can be thrown.
    pub fn is_thrown(&self, ty: &Type) -> bool {
        matches!(ty, Type::Named(name, _) if !matches!(name.as_str(), "Array" | "Unit"))
    }

    /// Whether it can be held by anything.
    pub fn is_stored(&self, ty: &Type) -> bool {
        matches!(ty, Type::Named(name, _) if name != "Unit")
    }
}
