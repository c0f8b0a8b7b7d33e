//! What a program uses of the language: what it calls, which types it has in which
//! roles, and which form of expression stands in which context.

mod place;
mod roles;

use std::collections::{BTreeMap, BTreeSet};

use super::scope::Aliases;
use super::tree::{
    Arm, Binder, Block, Callee, Contract, Decl, Effect, Effects, Expr, Function, Handle, Kind,
    Lambda, Name, Part, Pattern, Program, Slot, Statement, Type,
};
pub use place::{Context, Form};
pub use roles::{Role, declared_types};

/// What a program uses.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// The functions that it declares or imports by name.
    pub declares: BTreeSet<String>,
    /// The functions, builtins and operations that it calls by their name alone.
    pub calls: BTreeSet<String>,
    /// The operations that it calls with the name of their effect, `IO.print`.
    pub qualified: BTreeSet<String>,
    /// The effects that it names.
    pub effects: BTreeSet<String>,
    /// Which types it has in which roles.
    pub types: BTreeSet<(String, Role)>,
    /// Which form of expression stands in which context.
    pub places: BTreeSet<(Context, Form)>,
}

/// Counts what `program` uses.
pub fn census(program: &Program) -> Census {
    let mut counting = Counting {
        aliases: Aliases::of(program),
        data: BTreeSet::new(),
        variables: BTreeSet::new(),
        bound: BTreeMap::new(),
        depth: 0,
        census: Census::default(),
    };
    let imported = program.imports.iter().filter_map(|it| it.names.as_ref());
    counting.census.declares.extend(imported.flatten().cloned());
    for item in &program.items {
        match &item.decl {
            Decl::Function(function) => counting.declare(function),
            Decl::Data(data) => {
                counting.data.insert(data.name.clone());
            }
            _ => {}
        }
    }
    for item in &program.items {
        counting.item(&item.decl);
    }
    counting.census
}

struct Counting {
    aliases: Aliases,
    data: BTreeSet<String>,
    /// The type variables in scope.
    variables: BTreeSet<String>,
    /// What is bound, with its type and in how many functions without a name.
    bound: BTreeMap<Name, (Type, usize)>,
    depth: usize,
    census: Census,
}

impl Counting {
    fn declare(&mut self, function: &Function) {
        self.census.declares.insert(function.name.clone());
        for helper in &function.helpers {
            self.declare(helper);
        }
    }

    fn item(&mut self, decl: &Decl) {
        match decl {
            Decl::Function(function) => self.function(function),
            Decl::Data(data) => {
                self.variables = data.params.iter().cloned().collect();
                if let Some(invariant) = &data.invariant {
                    self.expr(invariant, Context::Contract);
                }
                for field in data.constructors.iter().flat_map(|it| &it.fields) {
                    self.ty(field, Role::Payload);
                }
                self.variables.clear();
            }
            Decl::Alias(alias) => self.parts(&alias.ty),
            Decl::Effect(_) | Decl::Ability(_) | Decl::Unread(_) => {}
        }
    }

    fn function(&mut self, function: &Function) {
        let outer = std::mem::replace(
            &mut self.variables,
            function.forall.iter().cloned().collect(),
        );
        self.binders(&function.params, Role::Parameter);
        self.ty(&function.returns, Role::Result);
        self.effects(&function.effects);
        for contract in &function.contracts {
            match contract {
                Contract::Requires(it) | Contract::Ensures(it) => self.expr(it, Context::Contract),
                Contract::Decreases(them) => {
                    for it in them {
                        self.expr(it, Context::Contract);
                    }
                }
            }
        }
        self.block(&function.body, Context::Result);
        for helper in &function.helpers {
            self.function(helper);
        }
        self.variables = outer;
    }

    fn effects(&mut self, effects: &Effects) {
        if let Effects::Set(effects) = effects {
            for effect in effects {
                self.effect(effect);
            }
        }
    }

    fn effect(&mut self, effect: &Effect) {
        self.census.effects.insert(effect.name.clone());
        let role = match effect.name.as_str() {
            "State" => Role::State,
            "Exn" => Role::Exception,
            _ => return,
        };
        for ty in &effect.args {
            self.ty(ty, role);
        }
    }

    fn binders(&mut self, binders: &[Binder], role: Role) {
        for binder in binders {
            self.ty(&binder.ty, role);
        }
        self.bind(binders);
    }

    fn bind(&mut self, binders: &[Binder]) {
        for binder in binders {
            self.parts(&binder.ty);
            let bound = (binder.ty.clone(), self.depth);
            self.bound.insert(binder.name, bound);
        }
    }

    /// The block whose value stands in `context`.
    fn block(&mut self, block: &Block, context: Context) {
        for statement in &block.statements {
            match statement {
                Statement::Let(binder, value) => {
                    self.expr(value, Context::Let);
                    self.bind(std::slice::from_ref(binder));
                }
                Statement::Destructure(_, binders, value) => {
                    self.expr(value, Context::Destructured);
                    self.bind(binders);
                }
                Statement::Expr(value) => self.expr(value, Context::Statement),
            }
        }
        self.expr(&block.value, context);
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>, context: Context) {
        for expr in exprs {
            self.expr(expr, context);
        }
    }

    fn expr(&mut self, expr: &Expr, context: Context) {
        if let Some(form) = self.form(expr) {
            self.census.places.insert((context, form));
        }
        if let Some(ty) = &expr.ty {
            self.parts(&ty.clone());
        }
        match &expr.kind {
            Kind::Text(parts) => {
                for part in parts {
                    if let Part::Expr(it) = part {
                        self.expr(it, Context::Interpolated);
                    }
                }
            }
            Kind::Slot(Slot::Bound(name)) => self.reference(*name),
            Kind::Binary(op, left, right) => {
                self.exprs([&**left, &**right], Context::of_operator(op));
            }
            Kind::Unary(_, operand) => self.expr(operand, Context::Negated),
            Kind::Index(collection, index) => {
                self.expr(collection, Context::Indexed);
                self.expr(index, Context::Index);
            }
            Kind::Call {
                callee,
                args,
                piped,
            } => self.call(callee, args, *piped),
            Kind::Lambda(lambda) => self.lambda(lambda),
            Kind::If(condition, yes, no) => {
                self.expr(condition, Context::Condition);
                self.block(yes, Context::Branch);
                self.block(no, Context::Branch);
            }
            Kind::Match(scrutinee, arms) => self.matching(scrutinee, arms),
            Kind::Block(block) => self.block(block, Context::Block),
            Kind::Handle(handle) => self.handle(handle),
            Kind::Array(elements) => self.exprs(elements, Context::Element),
            Kind::Assert(it) | Kind::Assume(it) => self.expr(it, Context::Assertion),
            Kind::Quantified {
                domain, predicate, ..
            } => {
                self.expr(domain, Context::Domain);
                if let Kind::Lambda(lambda) = &predicate.kind {
                    self.lambda(lambda);
                }
            }
            Kind::Old(effect) | Kind::New(effect) => self.effect(effect),
            _ => {}
        }
    }

    fn reference(&mut self, name: Name) {
        if let Some((ty, depth)) = self.bound.get(&name)
            && *depth < self.depth
        {
            self.ty(&ty.clone(), Role::Capture);
        }
    }

    fn call(&mut self, callee: &Callee, args: &[Expr], piped: bool) {
        let context = match callee {
            Callee::Constructor(_) => Context::Field,
            Callee::Module(..) => Context::Argument,
            Callee::Qualified(effect, name) => {
                self.census.qualified.insert(format!("{effect}.{name}"));
                Context::ArgumentOfOperation
            }
            Callee::Function(name) => {
                self.census.calls.insert(name.clone());
                match self.census.declares.contains(name) {
                    true => Context::Argument,
                    false => Context::ArgumentOfBuiltin,
                }
            }
        };
        let (first, rest) = args.split_at(usize::from(piped && !args.is_empty()));
        self.exprs(first, Context::Piped);
        self.exprs(rest, context);
    }

    fn lambda(&mut self, lambda: &Lambda) {
        self.depth += 1;
        self.binders(&lambda.params, Role::Parameter);
        self.ty(&lambda.returns, Role::Result);
        self.effects(&lambda.effects);
        self.block(&lambda.body, Context::Closure);
        self.depth -= 1;
    }

    fn matching(&mut self, scrutinee: &Expr, arms: &[Arm]) {
        self.expr(scrutinee, Context::Scrutinee);
        for arm in arms {
            self.pattern(&arm.pattern);
            self.expr(&arm.body, Context::Arm);
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        let binders: Vec<Binder> = pattern.binders().into_iter().cloned().collect();
        self.bind(&binders);
    }

    fn handle(&mut self, handle: &Handle) {
        self.effect(&handle.effect);
        if let Some((binder, init)) = &handle.state {
            self.expr(init, Context::FirstState);
            self.bind(std::slice::from_ref(binder));
        }
        for clause in &handle.clauses {
            self.bind(&clause.params);
            self.expr(&clause.body, Context::Clause);
            if let Some((_, value)) = &clause.update {
                self.expr(value, Context::NextState);
            }
        }
        self.block(&handle.body, Context::Handled);
    }
}

#[cfg(test)]
mod tests;
