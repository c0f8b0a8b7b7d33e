//! What `main` is called with, in its place.

use crate::scope::Scope;
use crate::tree::{Decl, Expr, Kind, Name, Program, Slot, Type};
use crate::walk::{Visit, walk};

/// With this number wherever `main` reads its one parameter; `None` where it has no such
/// parameter, or may be called by others.
pub fn given(program: &Program, n: u64) -> Option<Program> {
    let mut program = program.clone();
    let main = program.items.iter().find_map(|item| match &item.decl {
        Decl::Function(it) if it.name == "main" => Some(it),
        _ => None,
    });
    let [param] = main?.params.as_slice() else {
        return None;
    };
    let takes_number = matches!(&param.ty, Type::Named(name, _) if name == "Int" || name == "Nat");
    if !takes_number {
        return None;
    }
    let value = Expr::new(Kind::Int(n.to_string()), Some(param.ty.clone()));
    let name = param.name;
    walk(&mut program, &mut Read { name, value });
    Some(program)
}

struct Read {
    name: Name,
    value: Expr,
}

impl Visit for Read {
    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        if expr.kind == Kind::Slot(Slot::Bound(self.name)) {
            *expr = self.value.clone();
        }
    }
}
