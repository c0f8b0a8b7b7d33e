//! Effects: what `State`, `Exn` and `IO` do, and their handlers.

use std::rc::Rc;

use super::scope::{Env, Installed};
use super::value::Value;
use super::{Evaluated, Machine, Signal, discard};
use crate::tree::{Clause, Expr, Handle, Type};

impl Machine<'_> {
    pub(super) fn handle(&mut self, handle: &Handle, env: &Env) -> Evaluated {
        let [ty] = handle.effect.args.as_slice() else {
            return discard("a handler of an effect that is not known here");
        };
        let key = self.aliases.key(&self.aliases.resolved(ty));
        match handle.effect.name.as_str() {
            "State" => self.handle_state(handle, key, env),
            "Exn" => self.handle_exn(handle, &key, env),
            _ => discard("a handler of an effect that is not known here"),
        }
    }

    fn handle_state(&mut self, handle: &Handle, key: String, env: &Env) -> Evaluated {
        let Some((binder, first)) = &handle.state else {
            return discard("a handler of State without a state");
        };
        let first = self.expr(first, env)?;
        let first = self.fit(&binder.ty, first)?;
        let cell = self.cells.len();
        self.cells.push((key, first));
        let inside = env.within(Rc::new(Installed {
            handle: handle.clone(),
            cell,
            env: env.clone(),
        }));
        let value = self.block(&handle.body, &inside);
        self.cells.truncate(cell);
        value
    }

    fn handle_exn(&mut self, handle: &Handle, key: &str, env: &Env) -> Evaluated {
        let cells = self.cells.len();
        let depth = self.depth;
        match self.block(&handle.body, env) {
            Err(Signal::Throw(thrown, value)) if thrown == key => {
                self.cells.truncate(cells);
                self.depth = depth;
                let Some(clause) = handle.clauses.iter().find(|it| it.operation == "throw") else {
                    return discard("a handler of Exn without a clause");
                };
                let mut bound = env.clone();
                if let Some(binder) = clause.params.first() {
                    bound = self.bind(&bound, binder, value)?;
                }
                self.expr(&clause.body, &bound)
            }
            other => other,
        }
    }

    /// An operation of an effect; `None` where it is none that is known.
    pub(super) fn operation(
        &mut self,
        effect: Option<&str>,
        name: &str,
        args: &[Expr],
        whole: &Expr,
        env: &Env,
    ) -> Option<Evaluated> {
        let one = |machine: &mut Self| match args {
            [arg] => machine.expr(arg, env),
            _ => discard("an operation has other arguments"),
        };
        Some(match (effect, name) {
            (None | Some("State"), "get") => self.get(whole, env),
            (None | Some("State"), "put") => one(self).and_then(|it| self.put(it, args, env)),
            (None | Some("Exn"), "throw") => one(self).and_then(|value| {
                let Some(ty) = args.first().and_then(|it| it.ty.as_ref()) else {
                    return discard("what is thrown has no type here");
                };
                let key = self.aliases.key(&self.aliases.resolved(ty));
                Err(Signal::Throw(key, value))
            }),
            // A clause ends with it, so that what is resumed with is what it comes to.
            (None, "resume") => one(self),
            (Some("IO"), "print") => one(self).and_then(|text| match text {
                Value::Text(text) => {
                    self.stdout.extend(&*text);
                    Ok(Value::Unit)
                }
                _ => discard("what is printed is no text"),
            }),
            (Some("IO"), "exit") => one(self).and_then(|code| match code {
                Value::Int(code) => Err(Signal::Exit(code)),
                _ => discard("an exit code is no number"),
            }),
            _ => return None,
        })
    }

    /// The cell that an operation on this type means: that of the innermost handler of
    /// it.
    fn cell(&self, ty: Option<&Type>) -> Result<usize, Signal> {
        let Some(ty) = ty else {
            return discard("which state is meant is not known here");
        };
        let key = self.aliases.key(&self.aliases.resolved(ty));
        let has = |it: &str| self.cells.iter().any(|(own, _)| own == it);
        if matches!(key.as_str(), "Int" | "Nat") && has("Int") && has("Nat") {
            return discard("whether a number is of an Int or a Nat is not known here");
        }
        let found = self.cells.iter().rposition(|(own, _)| *own == key);
        match (found, self.cells.as_slice()) {
            (Some(at), _) => Ok(at),
            // The type of an operand may be one that goes with that of the state.
            (None, [_]) => Ok(0),
            (None, _) => discard("which state is meant is not known here"),
        }
    }

    fn clause(&self, cell: usize, name: &str, env: &Env) -> Option<(Rc<Installed>, Clause)> {
        let installed = env.handlers().find(|it| it.cell == cell)?;
        let clauses = &installed.handle.clauses;
        let clause = clauses.iter().find(|it| it.operation == name)?;
        Some((Rc::clone(installed), clause.clone()))
    }

    fn get(&mut self, whole: &Expr, env: &Env) -> Evaluated {
        let cell = self.cell(whole.ty.as_ref())?;
        let held = self.cells[cell].1.clone();
        match self.clause(cell, "get", env) {
            Some((installed, clause)) => self.within(&installed, &clause, None, held),
            None => Ok(held),
        }
    }

    fn put(&mut self, value: Value, args: &[Expr], env: &Env) -> Evaluated {
        let cell = self.cell(args[0].ty.as_ref())?;
        let before = self.cells[cell].1.clone();
        self.cells[cell].1 = value.clone();
        match self.clause(cell, "put", env) {
            Some((installed, clause)) => self.within(&installed, &clause, Some(value), before),
            None => Ok(Value::Unit),
        }
    }

    /// Runs a clause where its handler stands; the parameters are bound first, and the
    /// state, as it was before, last.
    fn within(
        &mut self,
        installed: &Installed,
        clause: &Clause,
        given: Option<Value>,
        held: Value,
    ) -> Evaluated {
        let mut env = installed.env.clone();
        if let (Some(binder), Some(given)) = (clause.params.first(), given) {
            env = self.bind(&env, binder, given)?;
        }
        if let Some((binder, _)) = &installed.handle.state {
            env = self.bind(&env, binder, held)?;
        }
        // What a clause performs is of the handlers around its own.
        let own = self.cells.split_off(installed.cell);
        let resumed = self.expr(&clause.body, &env);
        let updated = resumed.and_then(|resumed| {
            let update = clause.update.as_ref().map(|(_, it)| self.expr(it, &env));
            Ok((resumed, update.transpose()?))
        });
        self.cells.extend(own);
        let (resumed, update) = updated?;
        if let Some(value) = update {
            let binder = installed
                .handle
                .state
                .as_ref()
                .map(|(binder, _)| &binder.ty);
            let value = match binder {
                Some(ty) => self.fit(ty, value)?,
                None => value,
            };
            self.cells[installed.cell].1 = value;
        }
        Ok(resumed)
    }
}
