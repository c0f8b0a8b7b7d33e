//! Expressions of a type.

use std::collections::HashMap;

use super::kinds::{filled, named, of, unified, variables};
use super::table::SMALL;
use super::{Generator, Row, Signature, typed};
use crate::tree::{Block, Callee, Expr, Kind, Lambda, Part, Slot, Statement, Type};

/// How deep expressions lie in one another at most.
const DEEPEST: usize = 9;

/// Numbers at which an index, a size or a tag could be cut, and plain ones.
const NUMBERS: &[i64] = &[
    0, 1, 2, 3, 5, 7, 10, 17, 31, 64, 127, 128, 255, 256, 1_000, 4_095, 4_096, 65_535, 65_536,
];

/// Texts: empty, short, with spaces, beyond ASCII, and long enough to be a block of
/// another size.
const TEXTS: &[&str] = &[
    "",
    "a",
    "b",
    "ab",
    "x y",
    " z ",
    "0",
    "42",
    "é",
    "abcabcabc",
    "a,b,,c",
    "0123456789abcdef0123456789abcdef",
];

impl Generator<'_> {
    /// An expression of a type, of about so many nodes.
    pub fn expr(&mut self, ty: &Type, nodes: usize) -> Expr {
        if nodes <= 1 || self.depth >= DEEPEST {
            return self.leaf(ty);
        }
        self.depth += 1;
        let made = self.form(ty, nodes - 1);
        self.depth -= 1;
        made.unwrap_or_else(|| self.leaf(ty))
    }

    /// An expression where nothing says what type it is.
    pub fn operand(&mut self, ty: &Type, nodes: usize) -> Expr {
        let expr = self.expr(ty, nodes);
        let hoisted = self.dice.percent(self.knobs.hoisted) && !is_atom(&expr);
        if hoisted || needs_home(&expr) {
            return self.at_home(expr);
        }
        expr
    }

    /// What is in scope of a type.
    fn slot(&mut self, ty: &Type) -> Option<Expr> {
        let names = self.scope.of_type(ty);
        let name = *self.dice.one(&names)?;
        Some(typed(Kind::Slot(Slot::Bound(name)), ty))
    }

    /// A smallest expression of a type: what is bound, or a literal.
    pub fn leaf(&mut self, ty: &Type) -> Expr {
        if self.dice.percent(65)
            && let Some(slot) = self.slot(ty)
        {
            return slot;
        }
        self.literal(ty, 2)
    }

    fn literal(&mut self, ty: &Type, left: usize) -> Expr {
        let Type::Named(name, args) = ty else {
            return self.lambda(ty, 1);
        };
        match (name.as_str(), args.as_slice()) {
            ("Int", []) => self.int(),
            ("Nat", []) => {
                let number = self.natural();
                typed(Kind::Int(number.to_string()), ty)
            }
            ("Byte", []) => {
                let number = 32 + self.dice.below(90);
                let literal = typed(Kind::Int(number.to_string()), ty);
                self.at_home(literal)
            }
            ("Bool", []) => typed(Kind::Bool(self.dice.percent(50)), ty),
            ("Float64", []) => {
                let quarters = self.dice.below(64);
                typed(Kind::Float(format!("{:?}", quarters as f64 / 4.0)), ty)
            }
            ("String", []) => {
                let text = *self.dice.one(TEXTS).unwrap_or(&"");
                typed(Kind::Text(vec![Part::Text(text.to_owned())]), ty)
            }
            ("Unit", []) => typed(Kind::Unit, ty),
            ("Array", [element]) => {
                let count = if left == 0 { 0 } else { self.dice.below(4) };
                let items = (0..count)
                    .map(|_| self.element(element, left - 1))
                    .collect();
                typed(Kind::Array(items), ty)
            }
            ("Map", [key, value]) => {
                let empty = typed(called("map_new", Vec::new()), ty);
                let left = left.saturating_sub(1);
                let (key, value) = (self.element(key, left), self.element(value, left));
                typed(called("map_insert", vec![empty, key, value]), ty)
            }
            ("Set", [key]) => {
                let empty = typed(called("set_new", Vec::new()), ty);
                let key = self.element(key, left.saturating_sub(1));
                typed(called("set_add", vec![empty, key]), ty)
            }
            _ => self.constructed(ty, 1, left),
        }
    }

    /// A literal where nothing says what type it is.
    fn element(&mut self, ty: &Type, left: usize) -> Expr {
        let literal = self.literal(ty, left);
        if needs_home(&literal) {
            return self.at_home(literal);
        }
        literal
    }

    fn natural(&mut self) -> i64 {
        if self.dice.percent(self.knobs.addresses) {
            // Where blocks lie in a small heap.
            return 16_384 + 8 * self.dice.below(16_384) as i64 + self.dice.below(5) as i64;
        }
        *self.dice.one(NUMBERS).unwrap_or(&0)
    }

    fn int(&mut self) -> Expr {
        let ty = named("Int");
        let number = typed(Kind::Int(self.natural().to_string()), &ty);
        match self.dice.percent(15) {
            true => typed(Kind::Unary("-".to_owned(), Box::new(number)), &ty),
            false => number,
        }
    }

    /// A number so small that what it counts stays small.
    fn small(&mut self, ty: &Type, nodes: usize) -> Expr {
        if nodes <= 3 || self.dice.percent(50) {
            return typed(Kind::Int(self.dice.below(7).to_string()), ty);
        }
        let whole = self.operand(ty, nodes - 2);
        let by = typed(Kind::Int((2 + self.dice.below(6)).to_string()), ty);
        typed(
            Kind::Binary("%".to_owned(), Box::new(whole), Box::new(by)),
            ty,
        )
    }

    /// How often a loop goes round: what `main` is called with, where it can be.
    fn count(&mut self, nodes: usize) -> Expr {
        let ty = named("Nat");
        match self.n {
            Some(n) if self.dice.percent(60) => typed(Kind::Slot(Slot::Bound(n)), &ty),
            _ => self.small(&ty, nodes),
        }
    }

    /// A value of a data type, by one of its constructors.
    pub fn constructed(&mut self, ty: &Type, nodes: usize, left: usize) -> Expr {
        let all = self.constructors(ty);
        let small: Vec<_> = all.iter().filter(|it| !it.fields.contains(ty)).collect();
        let constructor = if nodes > 2 {
            let at = self.dice.below(all.len().max(1));
            all.get(at)
        } else if left == 0 {
            small.iter().min_by_key(|it| it.fields.len()).copied()
        } else {
            let at = self.dice.below(small.len().max(1));
            small.get(at).copied()
        };
        let Some(constructor) = constructor.cloned() else {
            return typed(Kind::Unit, ty);
        };
        if constructor.fields.is_empty() {
            return typed(Kind::Nullary(constructor.name), ty);
        }
        let each = nodes / constructor.fields.len();
        let fields = constructor.fields.iter().map(|field| match nodes > 2 {
            true => self.operand(field, each),
            false => self.element(field, left.saturating_sub(1)),
        });
        let args = fields.collect();
        typed(
            Kind::Call {
                callee: Callee::Constructor(constructor.name),
                args,
                piped: false,
            },
            ty,
        )
    }

    /// A function value of a type.
    pub fn lambda(&mut self, ty: &Type, nodes: usize) -> Expr {
        let Type::Function {
            params,
            returns,
            effects,
        } = ty
        else {
            return typed(Kind::Unit, ty);
        };
        let depth = self.scope.depth();
        let row = std::mem::take(&mut self.row);
        let params = params.iter().map(|it| self.bound(it)).collect();
        let body = self.block(returns, nodes);
        self.row = row;
        self.scope.forget(depth);
        let lambda = Lambda {
            params,
            returns: (**returns).clone(),
            effects: effects.clone(),
            body,
        };
        typed(Kind::Lambda(Box::new(lambda)), ty)
    }

    /// A block of a type: what it binds is used in it.
    pub fn block(&mut self, ty: &Type, nodes: usize) -> Block {
        let depth = self.scope.depth();
        let mut statements = Vec::new();
        let mut left = nodes;
        while left > 4 && self.dice.percent(30) && statements.len() < 3 {
            let part = left / 2;
            left -= part;
            statements.push(self.statement(part));
        }
        let value = Box::new(self.expr(ty, left));
        self.scope.forget(depth);
        Block { statements, value }
    }

    fn statement(&mut self, nodes: usize) -> Statement {
        if let Some(state) = self.row.state.clone()
            && self.dice.percent(50)
        {
            let value = self.operand(&state, nodes);
            return Statement::Expr(typed(called("put", vec![value]), &named("Unit")));
        }
        if self.row.output && self.dice.percent(30) {
            let text = self.operand(&named("String"), nodes);
            return Statement::Expr(typed(
                Kind::Call {
                    callee: Callee::Qualified("IO".to_owned(), "print".to_owned()),
                    args: vec![text],
                    piped: false,
                },
                &named("Unit"),
            ));
        }
        let ty = self.any_type();
        if let Type::Named(name, parts) = &ty
            && name == "Tuple"
            && self.dice.percent(50)
        {
            let value = self.expr(&ty, nodes);
            let binders = parts.iter().map(|it| self.bound(it)).collect();
            return Statement::Destructure("Tuple".to_owned(), binders, value);
        }
        let value = self.expr(&ty, nodes);
        Statement::Let(self.bound(&ty), value)
    }

    /// Values for parameters, each of an equal part of the nodes.
    fn arguments(&mut self, params: &[Type], nodes: usize) -> Vec<Expr> {
        let each = nodes / params.len().max(1);
        let one = |ty: &Type| match ty {
            Type::Named(name, _) if name == SMALL => self.small(&named("Int"), each),
            Type::Named(name, _) if name == "Count" => self.count(each),
            Type::Function { .. } => self.lambda(ty, each),
            ty => self.operand(ty, each),
        };
        params.iter().map(one).collect()
    }

    fn piped(&mut self, args: &[Expr]) -> bool {
        self.knobs.has("pipes") && !args.is_empty() && self.dice.percent(25)
    }

    /// A call of one of the program's own functions that returns this.
    pub fn call(&mut self, ty: &Type, nodes: usize) -> Option<Expr> {
        let can = |it: &&Signature| {
            it.returns == *ty
                && it.state.is_none_or_same(self.row.state.as_ref())
                && it.throws.is_none_or_same(self.row.throws.as_ref())
        };
        let those: Vec<Signature> = self.functions.iter().filter(can).cloned().collect();
        let function = self.dice.one(&those)?.clone();
        let args = self.arguments(&function.params, nodes);
        let piped = self.piped(&args);
        let callee = Callee::Function(function.name);
        Some(typed(
            Kind::Call {
                callee,
                args,
                piped,
            },
            ty,
        ))
    }

    /// A call of one of the language's functions that gives this.
    pub fn builtin(&mut self, ty: &Type, nodes: usize) -> Option<Expr> {
        let mut fitting = Vec::new();
        for builtin in self.builtins {
            let mut with = HashMap::new();
            if self.knobs.has(builtin.feature)
                && unified(&builtin.returns, ty, &mut with)
                && with.iter().all(|(name, ty)| self.fits_variable(name, ty))
            {
                fitting.push((builtin, with));
            }
        }
        let (builtin, mut with) = self.dice.one(&fitting)?.clone();
        let mut open = Vec::new();
        builtin
            .params
            .iter()
            .for_each(|it| variables(it, &mut open));
        for name in open {
            let ty = self.for_variable(&name);
            with.entry(name).or_insert(ty);
        }
        let params: Vec<Type> = builtin.params.iter().map(|it| filled(it, &with)).collect();
        let args = self.arguments(&params, nodes);
        let piped = self.piped(&args);
        let callee = Callee::Function(builtin.name.to_owned());
        Some(typed(
            Kind::Call {
                callee,
                args,
                piped,
            },
            ty,
        ))
    }

    /// A text with a value in it, of whose spelling nothing has quotes.
    pub fn interpolation(&mut self, nodes: usize) -> Option<Expr> {
        let kinds = [named("Int"), named("Nat"), named("Bool"), named("String")];
        let ty = self.dice.one(&kinds)?.clone();
        let held = self.expr(&ty, nodes);
        let held = if has_text(&held) {
            self.slot(&ty)?
        } else {
            held
        };
        let text = *self.dice.one(&["", "a", "<", "é"])?;
        let before = Part::Text(text.to_owned());
        let parts = vec![before, Part::Expr(held), Part::Text(";".to_owned())];
        Some(typed(Kind::Text(parts), &named("String")))
    }

    /// What is in the state.
    pub fn held(&mut self, ty: &Type) -> Option<Expr> {
        let fits = self.row.state.as_ref() == Some(ty);
        let unit = typed(Kind::Unit, &named("Unit"));
        fits.then(|| typed(called("get", vec![unit]), ty))
    }

    /// With something else in force.
    pub(super) fn within<T>(&mut self, row: Row, make: impl FnOnce(&mut Self) -> T) -> T {
        let outside = std::mem::replace(&mut self.row, row);
        let made = make(self);
        self.row = outside;
        made
    }

    /// An array as long as `main` is told, where it can be.
    pub fn long_array(&mut self, nodes: usize) -> Expr {
        let count = self.count(nodes);
        let int = named("Int");
        let to = typed(called("nat_to_int", vec![count]), &int);
        let from = typed(Kind::Int("0".to_owned()), &int);
        typed(called("array_range", vec![from, to]), &of("Array", &[&int]))
    }
}

trait Demanded {
    fn is_none_or_same(&self, own: Option<&Type>) -> bool;
}

impl Demanded for Option<Type> {
    fn is_none_or_same(&self, own: Option<&Type>) -> bool {
        self.is_none() || self.as_ref() == own
    }
}

/// A call of a function.
pub fn called(name: &str, args: Vec<Expr>) -> Kind {
    Kind::Call {
        callee: Callee::Function(name.to_owned()),
        args,
        piped: false,
    }
}

fn is_atom(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        Kind::Int(_) | Kind::Bool(_) | Kind::Float(_) | Kind::Slot(_) | Kind::Unit
    )
}

/// Whether nothing in an expression says all of its type: the place where it stands
/// must.
pub fn needs_home(expr: &Expr) -> bool {
    let is_generic = matches!(&expr.ty, Some(Type::Named(_, args)) if !args.is_empty());
    match &expr.kind {
        Kind::Nullary(_) => is_generic,
        Kind::Array(items) => items.first().is_none_or(needs_home),
        Kind::Call { callee, args, .. } => match callee {
            Callee::Constructor(name) => {
                (is_generic && name != "Some" && name != "Tuple") || args.iter().any(needs_home)
            }
            Callee::Function(name) => {
                matches!(
                    name.as_str(),
                    "map_new" | "set_new" | "map_insert" | "set_add"
                )
            }
            _ => false,
        },
        Kind::If(_, then, otherwise) => needs_home(&then.value) || needs_home(&otherwise.value),
        Kind::Match(_, arms) => arms.iter().any(|it| needs_home(&it.body)),
        Kind::Block(block) => needs_home(&block.value),
        _ => false,
    }
}

/// Whether there is a text in an expression: inside of a text it would end that.
fn has_text(expr: &Expr) -> bool {
    use crate::walk::{Visit, walk_expr};
    struct Found(bool);
    impl Visit for Found {
        fn expr(&mut self, expr: &mut Expr, _: &crate::scope::Scope) {
            self.0 |= matches!(expr.kind, Kind::Text(_));
        }
    }
    let mut found = Found(false);
    let scope = crate::scope::Scope::new(std::rc::Rc::default());
    walk_expr(&mut expr.clone(), &scope, &mut found);
    found.0
}
