//! Expressions.

use std::rc::Rc;

use super::scope::Env;
use super::value::{Closure, Value};
use super::{Evaluated, Machine, Signal, discard};
use crate::tree::{
    Arm, Binder, Block, Callee, Contract, Expr, Function, Kind, Name, Part, Pattern, Slot,
    Statement, Type,
};

/// What stands for the result in a contract.
const RESULT: Name = Name(u32::MAX);

impl Machine<'_> {
    /// Calls a function, within its contract.
    pub(super) fn call(&mut self, function: &Function, arguments: Vec<Value>) -> Evaluated {
        if self.depth >= self.limits.depth {
            return discard("its calls are nested too deep");
        }
        let mut env = Env::default();
        for (binder, value) in function.params.iter().zip(arguments) {
            env = self.bind(&env, binder, value)?;
        }
        let holds = |it: &Contract| match it {
            Contract::Requires(it) => Some(it.clone()),
            Contract::Ensures(_) | Contract::Decreases(_) => None,
        };
        for required in function.contracts.iter().filter_map(holds) {
            self.contract(&required, &env)?;
        }
        self.depth += 1;
        let value = self.block(&function.body, &env);
        self.depth -= 1;
        let value = self.fit(&function.returns, value?)?;
        for contract in &function.contracts {
            if let Contract::Ensures(ensured) = contract {
                let env = env.with(RESULT, value.clone());
                self.contract(ensured, &env)?;
            }
        }
        Ok(value)
    }

    fn contract(&mut self, predicate: &Expr, env: &Env) -> Result<(), Signal> {
        match self.expr(predicate, env)? {
            Value::Bool(true) => Ok(()),
            _ => Err(Signal::Trap("contract_violation")),
        }
    }

    /// Calls a function value.
    pub(super) fn apply(&mut self, function: &Value, arguments: Vec<Value>) -> Evaluated {
        let Value::Function(closure) = function else {
            return discard("what is applied is no function");
        };
        let closure = Rc::clone(closure);
        let mut env = closure.env.clone();
        for (binder, value) in closure.lambda.params.iter().zip(arguments) {
            env = self.bind(&env, binder, value)?;
        }
        if self.depth >= self.limits.depth {
            return discard("its calls are nested too deep");
        }
        self.depth += 1;
        let value = self.block(&closure.lambda.body, &env);
        self.depth -= 1;
        self.fit(&closure.lambda.returns, value?)
    }

    pub(super) fn bind(&mut self, env: &Env, binder: &Binder, value: Value) -> Result<Env, Signal> {
        let value = self.fit(&binder.ty, value)?;
        Ok(env.with(binder.name, value))
    }

    /// A value where one of this type is wanted: a Nat is not negative, and what is
    /// refined holds.
    pub(super) fn fit(&mut self, ty: &Type, value: Value) -> Evaluated {
        match (self.aliases.resolved(ty), value) {
            (Type::Named(name, args), Value::Int(number)) if args.is_empty() => match &*name {
                "Nat" if number < 0 => Err(Signal::Trap("nat_guard")),
                "Byte" => match u8::try_from(number) {
                    Ok(byte) => Ok(Value::Byte(byte)),
                    Err(_) => discard("a literal is no Byte"),
                },
                _ => Ok(Value::Int(number)),
            },
            (Type::Refined(binder, predicate), value) => {
                // A type may be refined by what asks for a value of it.
                if self.depth >= self.limits.depth {
                    return discard("its types are nested too deep");
                }
                self.depth += 1;
                let fitted = self.fit(&binder.ty, value);
                let holds = fitted.and_then(|value| {
                    let env = Env::default().with(binder.name, value.clone());
                    Ok((value, self.expr(&predicate, &env)?))
                });
                self.depth -= 1;
                let (value, holds) = holds?;
                match holds {
                    Value::Bool(true) => Ok(value),
                    _ => Err(Signal::Trap("contract_violation")),
                }
            }
            (_, value) => Ok(value),
        }
    }

    pub(super) fn block(&mut self, block: &Block, env: &Env) -> Evaluated {
        let mut env = env.clone();
        for statement in &block.statements {
            match statement {
                Statement::Let(binder, value) => {
                    let value = self.expr(value, &env)?;
                    env = self.bind(&env, binder, value)?;
                }
                Statement::Destructure(_, binders, value) => {
                    let Value::Data(_, fields) = self.expr(value, &env)? else {
                        return discard("what is taken apart is no data");
                    };
                    for (binder, value) in binders.iter().zip(fields.iter()) {
                        env = self.bind(&env, binder, value.clone())?;
                    }
                }
                Statement::Expr(value) => {
                    self.expr(value, &env)?;
                }
            }
        }
        self.expr(&block.value, &env)
    }

    fn all(&mut self, exprs: &[Expr], env: &Env) -> Result<Vec<Value>, Signal> {
        exprs.iter().map(|it| self.expr(it, env)).collect()
    }

    pub(super) fn expr(&mut self, expr: &Expr, env: &Env) -> Evaluated {
        self.steps += 1;
        if self.steps > self.limits.steps {
            return discard("it takes too many steps");
        }
        match &expr.kind {
            Kind::Int(digits) => match digits.replace('_', "").parse::<i64>() {
                Ok(number) if self.is(expr, "Byte") => match u8::try_from(number) {
                    Ok(byte) => Ok(Value::Byte(byte)),
                    Err(_) => discard("a literal is no Byte"),
                },
                Ok(number) => Ok(Value::Int(number)),
                Err(_) => discard("a literal is larger than an Int"),
            },
            Kind::Float(digits) => match digits.parse() {
                Ok(number) => Ok(Value::Float(number)),
                Err(_) => discard("a literal is no Float64"),
            },
            Kind::Text(parts) => self.text(parts, env),
            Kind::Bool(it) => Ok(Value::Bool(*it)),
            Kind::Unit => Ok(Value::Unit),
            Kind::Slot(Slot::Bound(name)) => match env.get(*name) {
                Some(value) => Ok(value.clone()),
                None => discard("a slot has no value"),
            },
            Kind::Result(_) => match env.get(RESULT) {
                Some(value) => Ok(value.clone()),
                None => discard("there is no result"),
            },
            Kind::Binary(op, one, other) => self.binary(op, one, other, expr, env),
            Kind::Unary(op, one) => match (op.as_str(), self.expr(one, env)?) {
                ("!", Value::Bool(it)) => Ok(Value::Bool(!it)),
                ("-", Value::Float(it)) => Ok(Value::Float(-it)),
                ("-", Value::Int(it)) => match it.checked_neg() {
                    Some(it) => Ok(Value::Int(it)),
                    None => Err(Signal::Trap("overflow")),
                },
                _ => discard("an operator has another operand"),
            },
            Kind::Index(array, index) => {
                let array = self.expr(array, env)?;
                let index = self.expr(index, env)?;
                let (Value::Array(items), Value::Int(index)) = (array, index) else {
                    return discard("what is indexed is no array");
                };
                let item = usize::try_from(index).ok().and_then(|at| items.get(at));
                item.cloned().ok_or(Signal::Trap("index_out_of_bounds"))
            }
            Kind::Call { callee, args, .. } => self.called(callee, args, expr, env),
            Kind::Nullary(name) => Ok(Value::data(name, Vec::new())),
            Kind::Lambda(lambda) => Ok(Value::Function(Rc::new(Closure {
                lambda: (**lambda).clone(),
                env: env.clone(),
            }))),
            Kind::If(condition, then, otherwise) => match self.expr(condition, env)? {
                Value::Bool(true) => self.block(then, env),
                Value::Bool(false) => self.block(otherwise, env),
                _ => discard("a condition is no Bool"),
            },
            Kind::Match(scrutinee, arms) => {
                let value = self.expr(scrutinee, env)?;
                self.matched(&value, arms, env)
            }
            Kind::Block(block) => self.block(block, env),
            Kind::Handle(handle) => self.handle(handle, env),
            Kind::Array(items) => Ok(Value::array(self.all(items, env)?)),
            Kind::Assert(predicate) => match self.expr(predicate, env)? {
                Value::Bool(true) => Ok(Value::Unit),
                _ => Err(Signal::Trap("assertion_failed")),
            },
            Kind::Assume(_) => Ok(Value::Unit),
            Kind::Quantified {
                word,
                domain,
                predicate,
                ..
            } => {
                let domain = self.expr(domain, env)?;
                let predicate = self.expr(predicate, env)?;
                self.quantified(word, &domain, &predicate)
            }
            Kind::Hole | Kind::Old(_) | Kind::New(_) | Kind::Unread(_) | Kind::Slot(_) => {
                discard("an expression is not known here")
            }
        }
    }

    /// Whether the checker took an expression for this type.
    pub(super) fn is(&self, expr: &Expr, name: &str) -> bool {
        let ty = expr.ty.as_ref().map(|it| self.aliases.resolved(it));
        matches!(ty, Some(Type::Named(it, args)) if it == name && args.is_empty())
    }

    fn text(&mut self, parts: &[Part], env: &Env) -> Evaluated {
        let mut text = Vec::new();
        for part in parts {
            match part {
                Part::Text(raw) => match unescaped(raw) {
                    Some(part) => text.extend(part.bytes()),
                    None => return discard("a text has an escape that is not known here"),
                },
                Part::Expr(expr) => {
                    let value = self.expr(expr, env)?;
                    match value.shown() {
                        Some(part) => text.extend(part),
                        None => return discard("how a value is spelled is not known here"),
                    }
                }
            }
        }
        Ok(Value::text(text))
    }

    fn binary(&mut self, op: &str, one: &Expr, other: &Expr, whole: &Expr, env: &Env) -> Evaluated {
        let left = self.expr(one, env)?;
        if let (Value::Bool(it), "&&" | "||") = (&left, op) {
            return if *it == (op == "||") {
                Ok(left)
            } else {
                self.expr(other, env)
            };
        }
        let right = self.expr(other, env)?;
        if matches!(op, "==" | "!=") {
            return match left.same(&right) {
                Some(same) => Ok(Value::Bool(same == (op == "=="))),
                None => discard("what is compared has no equality here"),
            };
        }
        let compared = |ordering: Option<std::cmp::Ordering>| {
            let holds = |it: std::cmp::Ordering| match op {
                "<" => it.is_lt(),
                "<=" => it.is_le(),
                ">" => it.is_gt(),
                _ => it.is_ge(),
            };
            Ok(Value::Bool(ordering.is_some_and(holds)))
        };
        let orders = matches!(op, "<" | "<=" | ">" | ">=");
        match (left, right) {
            (Value::Int(left), Value::Int(right)) if orders => compared(Some(left.cmp(&right))),
            (Value::Byte(left), Value::Byte(right)) if orders => compared(Some(left.cmp(&right))),
            (Value::Text(left), Value::Text(right)) if orders => compared(Some(left.cmp(&right))),
            (Value::Float(left), Value::Float(right)) if orders => {
                compared(left.partial_cmp(&right))
            }
            (Value::Float(left), Value::Float(right)) => match op {
                "+" => Ok(Value::Float(left + right)),
                "-" => Ok(Value::Float(left - right)),
                "*" => Ok(Value::Float(left * right)),
                "/" => Ok(Value::Float(left / right)),
                _ => discard("an operator on Float64 is not known here"),
            },
            (Value::Int(left), Value::Int(right)) => {
                let is_nat = self.is(whole, "Nat");
                arithmetic(op, left, right, is_nat)
            }
            _ => discard("an operator has other operands"),
        }
    }

    fn called(&mut self, callee: &Callee, args: &[Expr], whole: &Expr, env: &Env) -> Evaluated {
        match callee {
            Callee::Constructor(name) => {
                let mut values = self.all(args, env)?;
                if let Some(fields) = self.fields.get(name.as_str()) {
                    let fields = fields.to_vec();
                    for (value, ty) in values.iter_mut().zip(&fields) {
                        *value = self.fit(ty, value.clone())?;
                    }
                }
                Ok(Value::data(name, values))
            }
            Callee::Function(name) => {
                if let Some(function) = self.functions.get(name.as_str()).copied() {
                    let values = self.all(args, env)?;
                    return self.call(function, values);
                }
                match self.operation(None, name, args, whole, env) {
                    Some(done) => done,
                    None => {
                        let values = self.all(args, env)?;
                        self.builtin(name, &values)
                    }
                }
            }
            Callee::Qualified(effect, name) => {
                match self.operation(Some(effect.as_str()), name, args, whole, env) {
                    Some(done) => done,
                    None => discard(format!("{effect}.{name} is not known here")),
                }
            }
            Callee::Module(_, name) => match self.functions.get(name.as_str()).copied() {
                Some(function) => {
                    let values = self.all(args, env)?;
                    self.call(function, values)
                }
                None => discard("another module is called"),
            },
        }
    }

    pub(super) fn matched(&mut self, value: &Value, arms: &[Arm], env: &Env) -> Evaluated {
        for arm in arms {
            let mut bound = env.clone();
            if self.matches(&arm.pattern, value, &mut bound)? {
                return self.expr(&arm.body, &bound);
            }
        }
        discard("no arm matches")
    }

    fn matches(&mut self, pattern: &Pattern, value: &Value, env: &mut Env) -> Result<bool, Signal> {
        Ok(match (pattern, value) {
            (Pattern::Wildcard, _) => true,
            (Pattern::Binding(binder), value) => {
                *env = self.bind(env, binder, value.clone())?;
                true
            }
            (Pattern::Nullary(name), Value::Data(own, fields)) => {
                **name == **own && fields.is_empty()
            }
            (Pattern::Constructor(name, parts), Value::Data(own, fields)) => {
                if **name != **own || parts.len() != fields.len() {
                    return Ok(false);
                }
                for (part, field) in parts.iter().zip(fields.iter()) {
                    if !self.matches(part, field, env)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Pattern::Int(digits), Value::Int(number)) => digits.parse() == Ok(*number),
            (Pattern::Int(digits), Value::Byte(number)) => digits.parse() == Ok(*number),
            (Pattern::Text(raw), Value::Text(text)) => match unescaped(raw) {
                Some(it) => it.as_bytes() == &**text,
                None => return discard("a text has an escape that is not known here"),
            },
            (Pattern::Bool(it), Value::Bool(value)) => it == value,
            _ => return discard("a pattern is not known here"),
        })
    }
}

fn arithmetic(op: &str, left: i64, right: i64, is_nat: bool) -> Evaluated {
    if is_nat && op == "-" && left < right {
        return Err(Signal::Trap("nat_underflow"));
    }
    if matches!(op, "/" | "%") && right == 0 {
        return Err(Signal::Trap("divide_by_zero"));
    }
    let value = match op {
        "+" => left.checked_add(right),
        "-" => left.checked_sub(right),
        "*" => left.checked_mul(right),
        "/" => left.checked_div(right),
        "%" => left.checked_rem(right),
        _ => return discard("an operator is not known here"),
    };
    match value {
        Some(value) => Ok(Value::Int(value)),
        // Half of them are no Int, and all of them are a Nat.
        None if is_nat => discard("a Nat is larger than an Int"),
        // The remainder of the smallest Int by -1 is a number.
        None if op == "%" => discard("the remainder by -1"),
        None => Err(Signal::Trap("overflow")),
    }
}

/// A text as it stands between its quotes.
fn unescaped(raw: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = raw.chars();
    while let Some(it) = rest.next() {
        if it != '\\' {
            text.push(it);
            continue;
        }
        text.push(match rest.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '0' => '\0',
            '"' => '"',
            '\\' => '\\',
            'u' => {
                let code: String = rest.by_ref().skip(1).take_while(|it| *it != '}').collect();
                char::from_u32(u32::from_str_radix(&code, 16).ok()?)?
            }
            _ => return None,
        });
    }
    Some(text)
}
