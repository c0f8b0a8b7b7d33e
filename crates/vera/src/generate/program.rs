//! A whole program.

use super::expr::called;
use super::kinds::{named, of};
use super::{Dice, Generator, Knobs, Row, Signature, finished, table, typed};
use crate::tree::{
    Arm, Block, Callee, Constructor, Contract, Data, Decl, Effect, Effects, Expr, Function, Item,
    Kind, Pattern, Program, Slot, Statement, Type,
};

/// The program that a seed gives. `main` takes how far its loops go, and returns a text
/// of all that it came to.
pub fn program(seed: u64, focus: Option<&str>) -> Program {
    let mut dice = Dice::of(seed);
    let knobs = Knobs::thrown(&mut dice, focus);
    let builtins = table::all();
    let mut generator = Generator::new(dice, knobs, &builtins);
    generator.whole()
}

impl Generator<'_> {
    fn whole(&mut self) -> Program {
        self.types();
        let mut items: Vec<Item> = (self.data.iter())
            .map(|it| private(Decl::Data(it.clone())))
            .collect();
        if self.knobs.has("generics") {
            items.extend(self.generic());
        }
        for at in 0..self.knobs.functions {
            let function = match self.knobs.has("recursion") && self.dice.percent(50) {
                true => self.recursive(at),
                false => self.plain(at),
            };
            items.push(private(Decl::Function(function)));
        }
        if self.knobs.has("recursion") {
            items.extend(self.walks());
        }
        items.push(self.main());
        finished(self, items)
    }

    /// The few types of the program.
    fn types(&mut self) {
        let mut simple = vec![named("Int"), named("Bool"), named("Nat")];
        let some = |knobs: &Knobs, feature: &str, ty: &str, to: &mut Vec<Type>| {
            if knobs.has(feature) {
                to.push(named(ty));
            }
        };
        some(&self.knobs, "text", "String", &mut simple);
        some(&self.knobs, "bytes", "Byte", &mut simple);
        some(&self.knobs, "floats", "Float64", &mut simple);
        self.pool = simple.clone();
        if self.knobs.has("data") {
            for at in 0..=self.dice.below(2) {
                let data = self.data_type(at);
                self.pool.push(named(&data.name));
                self.data.push(data);
            }
        }
        if self.knobs.has("abilities") && self.knobs.has("uncommon-types") {
            self.pool.push(named("Ordering"));
        }
        for _ in 0..2 + self.dice.below(3) {
            let one = self.any_type();
            let other = self.any_type();
            let key = self.type_that(Generator::is_key);
            let value = self.type_that(Generator::is_map_value);
            let made = match self.dice.below(6) {
                0 if self.knobs.has("options") => of("Option", &[&one]),
                1 if self.knobs.has("options") => of("Result", &[&one, &named("Int")]),
                2 if self.knobs.has("tuples") => of("Tuple", &[&one, &other]),
                3 if self.knobs.has("maps") => of("Map", &[&key, &value]),
                4 if self.knobs.has("sets") => of("Set", &[&key]),
                _ if self.knobs.has("arrays") => of("Array", &[&one]),
                _ => continue,
            };
            if !self.pool.contains(&made) && depth(&made) <= 3 {
                self.pool.push(made);
            }
        }
    }

    /// A data type: an enumeration, a record, or one that holds itself.
    fn data_type(&mut self, at: usize) -> Data {
        let name = format!("D{at}");
        let own = named(&name);
        let count = 2 + self.dice.below(3);
        let constructors = (0..count).map(|which| {
            let fields = if which == 0 { 0 } else { self.dice.below(4) };
            let mut fields: Vec<Type> = (0..fields).map(|_| self.any_type()).collect();
            if which == 1 && self.knobs.has("recursion") {
                fields.push(own.clone());
            }
            Constructor {
                name: format!("C{at}{}", char::from(b'a' + which as u8)),
                fields,
            }
        });
        Data {
            constructors: constructors.collect(),
            name,
            params: Vec::new(),
            invariant: None,
        }
    }

    /// A function of any type, and its instances.
    fn generic(&mut self) -> Vec<Item> {
        let variable = named("A");
        let (one, other) = (self.binder(&variable), self.binder(&variable));
        let slot = |it: &crate::tree::Binder| typed(Kind::Slot(Slot::Bound(it.name)), &it.ty);
        let first = Function {
            forall: vec!["A".to_owned()],
            ..function(
                "keep",
                vec![one.clone(), other.clone()],
                &variable,
                Block {
                    statements: Vec::new(),
                    value: Box::new(slot(&one)),
                },
            )
        };
        for ty in self.pool.clone() {
            if self.is_stored(&ty) {
                self.functions.push(Signature {
                    name: "keep".to_owned(),
                    params: vec![ty.clone(), ty.clone()],
                    returns: ty,
                    state: None,
                    throws: None,
                });
            }
        }
        vec![private(Decl::Function(first))]
    }

    /// A function that calls those before it.
    fn plain(&mut self, at: usize) -> Function {
        let returns = self.type_that(Generator::is_stored);
        let count = self.dice.below(4);
        let types: Vec<Type> = (0..count)
            .map(|_| self.type_that(Generator::is_stored))
            .collect();
        let state = (self.knobs.has("states") && self.dice.percent(30))
            .then(|| self.type_that(Generator::is_state));
        let throws = (self.knobs.has("exceptions") && self.dice.percent(30))
            .then(|| self.type_that(Generator::is_thrown));
        let row = Row {
            state: state.clone(),
            throws: throws.clone(),
            output: false,
        };
        let params = types.iter().map(|it| self.bound(it)).collect();
        let nodes = self.knobs.nodes;
        let body = self.within(row, |it| it.block(&returns, nodes));
        self.scope.forget(0);
        let name = format!("f{at}");
        self.functions.push(Signature {
            name: name.clone(),
            params: types,
            returns: returns.clone(),
            state: state.clone(),
            throws: throws.clone(),
        });
        let effect = |name: &str, ty: Option<Type>| {
            ty.map(|ty| Effect {
                name: name.to_owned(),
                args: vec![ty],
            })
        };
        let effects: Vec<Effect> = [effect("State", state), effect("Exn", throws)]
            .into_iter()
            .flatten()
            .collect();
        Function {
            effects: match effects.is_empty() {
                true => Effects::Pure,
                false => Effects::Set(effects),
            },
            ..function(&name, params, &returns, body)
        }
    }

    /// A function that calls itself as often as it is told: last, or within what it
    /// comes to.
    fn recursive(&mut self, at: usize) -> Function {
        let name = format!("r{at}");
        let ty = self.type_that(Generator::is_stored);
        let nat = named("Nat");
        let left = self.bound(&nat);
        let held = self.bound(&ty);
        let slot = |it: &crate::tree::Binder| typed(Kind::Slot(Slot::Bound(it.name)), &it.ty);
        let number = |it: &str, ty: &Type| typed(Kind::Int(it.to_owned()), ty);
        let binary = |op: &str, one: Expr, other: Expr, ty: &Type| {
            typed(
                Kind::Binary(op.to_owned(), Box::new(one), Box::new(other)),
                ty,
            )
        };
        let less = binary("-", slot(&left), number("1", &nat), &nat);
        let nodes = self.knobs.nodes;
        let again = |held: Expr| typed(called(&name, vec![less.clone(), held]), &ty);
        let is_last = self.dice.percent(60);
        let step = if is_last {
            let depth = self.scope.depth();
            let step = self.operand(&ty, nodes);
            self.scope.forget(depth);
            again(step)
        } else {
            // It is bound, and something is made of it and of what was there before.
            let depth = self.scope.depth();
            let before = self.any_type();
            let beside = self.expr(&before, nodes / 2);
            let beside = Statement::Let(self.bound(&before), beside);
            let inner = Statement::Let(self.bound(&ty), again(slot(&held)));
            let value = self.operand(&ty, nodes);
            self.scope.forget(depth);
            let block = Block {
                statements: vec![beside, inner],
                value: Box::new(value),
            };
            typed(Kind::Block(block), &ty)
        };
        self.scope.forget(0);
        let ends = binary("==", slot(&left), number("0", &nat), &named("Bool"));
        let block = |value: Expr| Block {
            statements: Vec::new(),
            value: Box::new(value),
        };
        let body = Kind::If(Box::new(ends), block(slot(&held)), block(step));
        let body = block(typed(body, &ty));
        self.functions.push(Signature {
            name: name.clone(),
            params: vec![named("Count"), ty.clone()],
            returns: ty.clone(),
            state: None,
            throws: None,
        });
        let mut made = function(&name, vec![left.clone(), held], &ty, body);
        made.contracts.push(Contract::Decreases(vec![slot(&left)]));
        made
    }

    /// For each type that holds itself, one that makes a long one and one that walks it.
    fn walks(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        for data in self.data.clone() {
            let own = named(&data.name);
            let Some(link) = data.constructors.iter().find(|it| it.fields.contains(&own)) else {
                continue;
            };
            let slot = |it: &crate::tree::Binder| typed(Kind::Slot(Slot::Bound(it.name)), &it.ty);
            let block = |value: Expr| Block {
                statements: Vec::new(),
                value: Box::new(value),
            };
            let (int, nat) = (named("Int"), named("Nat"));
            let number = |it: &str, ty: &Type| typed(Kind::Int(it.to_owned()), ty);
            let binary = |op: &str, one: Expr, other: Expr, ty: &Type| {
                typed(
                    Kind::Binary(op.to_owned(), Box::new(one), Box::new(other)),
                    ty,
                )
            };
            // grow(left, held): links, each of which holds the one before.
            let left = self.bound(&nat);
            let held = self.bound(&own);
            let mut fields = Vec::new();
            let mut is_linked = false;
            for field in &link.fields {
                if *field == own && !is_linked {
                    is_linked = true;
                    fields.push(slot(&held));
                } else if *field == own {
                    fields.push(self.constructed(&own, 1, 0));
                } else {
                    fields.push(self.operand(field, 3));
                }
            }
            self.scope.forget(0);
            let linked = typed(
                Kind::Call {
                    callee: Callee::Constructor(link.name.clone()),
                    args: fields,
                    piped: false,
                },
                &own,
            );
            let grow = format!("grow{}", data.name);
            let less = binary("-", slot(&left), number("1", &nat), &nat);
            let again = typed(called(&grow, vec![less, linked]), &own);
            let ends = binary("==", slot(&left), number("0", &nat), &named("Bool"));
            let body = Kind::If(Box::new(ends), block(slot(&held)), block(again));
            let body = block(typed(body, &own));
            let mut made = function(&grow, vec![left.clone(), held.clone()], &own, body);
            made.contracts.push(Contract::Decreases(vec![slot(&left)]));
            items.push(private(Decl::Function(made)));
            self.functions.push(Signature {
                name: grow,
                params: vec![named("Count"), own.clone()],
                returns: own.clone(),
                state: None,
                throws: None,
            });
            // size(whole): how many links, and what they hold.
            let whole = self.bound(&own);
            let size = format!("size{}", data.name);
            let mut arms = Vec::new();
            for constructor in &data.constructors {
                let depth = self.scope.depth();
                let binders: Vec<_> = constructor.fields.iter().map(|it| self.bound(it)).collect();
                let mut total = self.operand(&int, 4);
                let parts = binders.iter().filter(|it| it.ty == own);
                for part in parts {
                    let below = typed(called(&size, vec![slot(part)]), &int);
                    let sum = binary("+", total, below, &int);
                    total = binary("%", sum, number("1000003", &int), &int);
                }
                self.scope.forget(depth);
                let pattern = match binders.is_empty() {
                    true => Pattern::Nullary(constructor.name.clone()),
                    false => {
                        let parts = binders.into_iter().map(Pattern::Binding).collect();
                        Pattern::Constructor(constructor.name.clone(), parts)
                    }
                };
                arms.push(Arm {
                    pattern,
                    body: total,
                });
            }
            self.scope.forget(0);
            let body = block(typed(Kind::Match(Box::new(slot(&whole)), arms), &int));
            let mut made = function(&size, vec![whole.clone()], &int, body);
            made.contracts.push(Contract::Decreases(vec![slot(&whole)]));
            items.push(private(Decl::Function(made)));
            self.functions.push(Signature {
                name: size,
                params: vec![own],
                returns: int,
                state: None,
                throws: None,
            });
        }
        items
    }

    fn main(&mut self) -> Item {
        let n = self.bound(&named("Nat"));
        self.n = Some(n.name);
        let output = self.knobs.has("output");
        let row = Row {
            output,
            ..Row::default()
        };
        let (string, nodes) = (named("String"), self.knobs.nodes);
        let body = self.within(row, |it| {
            let mut statements = Vec::new();
            let mut kept: Vec<(Type, crate::tree::Name)> = Vec::new();
            for _ in 0..2 + it.dice.below(3) {
                let ty = it.type_that(Generator::is_stored);
                let value = it.expr(&ty, nodes);
                let binder = it.bound(&ty);
                if it.is_shown(&ty) {
                    kept.push((ty.clone(), binder.name));
                }
                statements.push(Statement::Let(binder, value));
                if it.dice.percent(it.knobs.garbage) {
                    statements.push(it.garbage());
                }
            }
            // All that came of it, in one text.
            let mut value = it.expr(&string, 3);
            for (ty, name) in kept.into_iter().rev() {
                let slot = typed(Kind::Slot(Slot::Bound(name)), &ty);
                let shown = typed(called("show", vec![slot]), &string);
                let comma = typed(
                    Kind::Text(vec![crate::tree::Part::Text(";".to_owned())]),
                    &string,
                );
                value = typed(called("string_concat", vec![comma, value]), &string);
                value = typed(called("string_concat", vec![shown, value]), &string);
            }
            Block {
                statements,
                value: Box::new(value),
            }
        });
        let effects = match output {
            true => Effects::Set(vec![Effect {
                name: "IO".to_owned(),
                args: Vec::new(),
            }]),
            false => Effects::Pure,
        };
        Item {
            visibility: Some("public".to_owned()),
            decl: Decl::Function(Function {
                effects,
                ..function("main", vec![n], &string, body)
            }),
        }
    }

    /// What is made and held by nobody, as long as `main` is told.
    fn garbage(&mut self) -> Statement {
        let int = named("Int");
        let ty = of("Array", &[&of("Option", &[&int])]);
        let array = self.long_array(1);
        let item = self.binder(&int);
        let lambda = crate::tree::Lambda {
            params: vec![item.clone()],
            returns: of("Option", &[&int]),
            effects: Effects::Pure,
            body: Block {
                statements: Vec::new(),
                value: Box::new(typed(
                    Kind::Call {
                        callee: Callee::Constructor("Some".to_owned()),
                        args: vec![typed(Kind::Slot(Slot::Bound(item.name)), &int)],
                        piped: false,
                    },
                    &of("Option", &[&int]),
                )),
            },
        };
        let lambda = Expr::new(Kind::Lambda(Box::new(lambda)), None);
        let made = typed(called("array_map", vec![array, lambda]), &ty);
        Statement::Let(self.bound(&ty), made)
    }
}

fn depth(ty: &Type) -> usize {
    match ty {
        Type::Named(_, args) => 1 + args.iter().map(depth).max().unwrap_or(0),
        _ => 1,
    }
}

fn private(decl: Decl) -> Item {
    Item {
        visibility: Some("private".to_owned()),
        decl,
    }
}

fn function(name: &str, params: Vec<crate::tree::Binder>, returns: &Type, body: Block) -> Function {
    let holds = || Expr::new(Kind::Bool(true), Some(named("Bool")));
    Function {
        name: name.to_owned(),
        forall: Vec::new(),
        constraints: Vec::new(),
        params,
        returns: returns.clone(),
        contracts: vec![Contract::Requires(holds()), Contract::Ensures(holds())],
        effects: Effects::Pure,
        body,
        helpers: Vec::new(),
    }
}
