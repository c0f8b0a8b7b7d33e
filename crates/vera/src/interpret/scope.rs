//! What is bound where a program runs.

use std::rc::Rc;

use super::value::Value;
use crate::tree::{Handle, Name};

/// What is bound, the latest first; what is made of it holds on to it.
#[derive(Clone, Debug, Default)]
pub struct Env(Option<Rc<Bound>>);

#[derive(Debug)]
struct Bound {
    what: What,
    next: Env,
}

#[derive(Debug)]
enum What {
    Value(Name, Value),
    /// A handler of `State` whose body this is: its clauses have a part in the
    /// operations that stand here, and in no function that is called.
    Handler(Rc<Installed>),
}

/// A handler of `State` that is in force.
#[derive(Debug)]
pub struct Installed {
    /// What was written.
    pub handle: Handle,
    /// Which cell it has.
    pub cell: usize,
    /// What was bound where it stands.
    pub env: Env,
}

impl Env {
    /// With one more binding.
    pub fn with(&self, name: Name, value: Value) -> Env {
        self.and(What::Value(name, value))
    }

    /// In the body of a handler.
    pub fn within(&self, handler: Rc<Installed>) -> Env {
        self.and(What::Handler(handler))
    }

    fn and(&self, what: What) -> Env {
        let next = self.clone();
        Env(Some(Rc::new(Bound { what, next })))
    }

    fn all(&self) -> impl Iterator<Item = &What> {
        std::iter::successors(self.0.as_deref(), |it| it.next.0.as_deref()).map(|it| &it.what)
    }

    /// What a name is bound to.
    pub fn get(&self, sought: Name) -> Option<&Value> {
        self.all().find_map(|it| match it {
            What::Value(name, value) if *name == sought => Some(value),
            _ => None,
        })
    }

    /// The handlers in whose bodies this stands, the innermost first.
    pub fn handlers(&self) -> impl Iterator<Item = &Rc<Installed>> {
        self.all().filter_map(|it| match it {
            What::Handler(handler) => Some(handler),
            What::Value(..) => None,
        })
    }
}
