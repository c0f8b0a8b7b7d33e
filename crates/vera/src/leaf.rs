//! The smallest expressions of a type.

use std::collections::HashMap;
use std::rc::Rc;

use super::scope::{Aliases, substituted};
use super::tree::{
    Binder, Block, Callee, Constructor, Data, Decl, Expr, Kind, Lambda, Part, Program, Type,
};

/// How deep a leaf of a data type may be.
const DEEPEST: usize = 3;

/// What a program declares, for whoever makes an expression of a type.
pub struct Known {
    /// Its aliases.
    pub aliases: Rc<Aliases>,
    /// Its data types.
    pub data: HashMap<String, Data>,
    next_name: u32,
}

impl Known {
    /// Of this program.
    pub fn of(program: &Program) -> Known {
        let data = program.items.iter().filter_map(|item| match &item.decl {
            Decl::Data(data) => Some((data.name.clone(), data.clone())),
            _ => None,
        });
        Known {
            aliases: Rc::new(Aliases::of(program)),
            data: data.collect(),
            next_name: program.next_name,
        }
    }

    /// The smallest expressions of a type, the smallest first; none where no value
    /// of it is known.
    pub fn leaves(&self, ty: &Type) -> Vec<Expr> {
        let mut leaves = self.leaves_within(ty, DEEPEST);
        for leaf in &mut leaves {
            leaf.ty = Some(ty.clone());
        }
        leaves
    }

    fn leaves_within(&self, ty: &Type, left: usize) -> Vec<Expr> {
        let resolved = self.aliases.resolved(ty);
        let expr = |kind: Kind| Expr::new(kind, Some(ty.clone()));
        let call = |name: &str, args: Vec<Expr>| {
            expr(Kind::Call {
                callee: Callee::Function(name.to_owned()),
                args,
                piped: false,
            })
        };
        let one = |kind: Kind| vec![expr(kind)];
        let int = |digits: &str| Expr::new(Kind::Int(digits.to_owned()), None);
        match &resolved {
            Type::Named(name, args) => match (name.as_str(), args.as_slice()) {
                ("Int" | "Nat" | "Byte", []) => one(Kind::Int("0".to_owned())),
                ("Float64", []) => one(Kind::Float("0.0".to_owned())),
                ("Bool", []) => vec![expr(Kind::Bool(false)), expr(Kind::Bool(true))],
                ("String", []) => one(Kind::Text(vec![Part::Text(String::new())])),
                ("Unit", []) => one(Kind::Unit),
                ("Decimal", []) => vec![call("decimal_from_int", vec![int("0")])],
                ("Json", []) => one(Kind::Nullary("JNull".to_owned())),
                ("Ordering", []) => one(Kind::Nullary("Equal".to_owned())),
                ("Map", [_, _]) => vec![call("map_new", Vec::new())],
                ("Set", [_]) => vec![call("set_new", Vec::new())],
                ("Option", [_]) => one(Kind::Nullary("None".to_owned())),
                ("Array", [element]) => {
                    let element = self.first_within(element, left);
                    let filled = element.map(|it| expr(Kind::Array(vec![it])));
                    let empty = expr(Kind::Array(Vec::new()));
                    std::iter::once(empty).chain(filled).collect()
                }
                ("Result", [good, bad]) => {
                    let of = |name: &str, ty: &Type| {
                        let field = self.first_within(ty, left)?;
                        Some(expr(constructed(name, vec![field])))
                    };
                    [of("Ok", good), of("Err", bad)]
                        .into_iter()
                        .flatten()
                        .collect()
                }
                ("Tuple", parts) => {
                    let parts: Option<Vec<Expr>> =
                        parts.iter().map(|it| self.first_within(it, left)).collect();
                    let tuple = parts.map(|it| expr(constructed("Tuple", it)));
                    tuple.into_iter().collect()
                }
                (name, args) => match self.data.get(name) {
                    Some(data) => self.of_data(data, args, left).map(expr).collect(),
                    None => Vec::new(),
                },
            },
            Type::Function {
                params,
                returns,
                effects,
            } => {
                let mut next = self.next_name + 1000 * left as u32;
                let mut binder = |ty: &Type| {
                    next += 1;
                    Binder {
                        name: super::tree::Name(next),
                        ty: ty.clone(),
                    }
                };
                let Some(value) = self.first_within(returns, left) else {
                    return Vec::new();
                };
                one(Kind::Lambda(Box::new(Lambda {
                    params: params.iter().map(&mut binder).collect(),
                    returns: (**returns).clone(),
                    effects: effects.clone(),
                    body: Block {
                        statements: Vec::new(),
                        value: Box::new(value),
                    },
                })))
            }
            Type::Refined(binder, _) => self.leaves_within(&binder.ty, left),
            Type::Unread(_) => Vec::new(),
        }
    }

    fn first_within(&self, ty: &Type, left: usize) -> Option<Expr> {
        let left = left.checked_sub(1)?;
        self.leaves_within(ty, left).into_iter().next()
    }

    /// Values of a data type: of constructors without fields first.
    fn of_data<'s>(
        &'s self,
        data: &'s Data,
        args: &'s [Type],
        left: usize,
    ) -> impl Iterator<Item = Kind> + 's {
        let mut constructors: Vec<&Constructor> = data.constructors.iter().collect();
        constructors.sort_by_key(|it| it.fields.len());
        constructors.into_iter().filter_map(move |it| {
            if it.fields.is_empty() {
                return Some(Kind::Nullary(it.name.clone()));
            }
            let with: HashMap<&str, &Type> =
                data.params.iter().map(String::as_str).zip(args).collect();
            let fields: Option<Vec<Expr>> = it
                .fields
                .iter()
                .map(|field| self.first_within(&substituted(field, &with), left))
                .collect();
            Some(constructed(&it.name, fields?))
        })
    }
}

fn constructed(name: &str, args: Vec<Expr>) -> Kind {
    Kind::Call {
        callee: Callee::Constructor(name.to_owned()),
        args,
        piped: false,
    }
}

/// Whether an expression is as small as one of its type can be.
pub fn is_leaf(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Int(_)
        | Kind::Float(_)
        | Kind::Bool(_)
        | Kind::Unit
        | Kind::Hole
        | Kind::Slot(_)
        | Kind::Result(_)
        | Kind::Nullary(_)
        | Kind::Old(_)
        | Kind::New(_)
        | Kind::Unread(_) => true,
        Kind::Text(parts) => !parts.iter().any(|it| matches!(it, Part::Expr(_))),
        Kind::Array(elements) => elements.is_empty(),
        Kind::Call { args, .. } => args.is_empty(),
        _ => false,
    }
}
