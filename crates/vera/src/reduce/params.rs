//! Parameters that a function can do without.

use crate::scope::Scope;
use crate::tree::{Callee, Expr, Function, Kind, Program};
use crate::walk::{Visit, walk};

/// How many parameters all functions have.
pub fn count(program: &Program) -> usize {
    let mut removed = Removed {
        place: usize::MAX,
        seen: 0,
        from: None,
    };
    walk(&mut program.clone(), &mut removed);
    removed.seen
}

/// Without one of them, and without what calls give for it.
pub fn without(program: &Program, place: usize) -> Option<Program> {
    let mut program = program.clone();
    let mut removed = Removed {
        place,
        seen: 0,
        from: None,
    };
    walk(&mut program, &mut removed);
    let (function, place) = removed.from?;
    walk(&mut program, &mut Calls { function, place });
    Some(program)
}

struct Removed {
    place: usize,
    seen: usize,
    from: Option<(String, usize)>,
}

impl Visit for Removed {
    fn function(&mut self, function: &mut Function) {
        let first = self.seen;
        self.seen += function.params.len();
        if (first..self.seen).contains(&self.place) {
            let place = self.place - first;
            function.params.remove(place);
            self.from = Some((function.name.clone(), place));
        }
    }
}

struct Calls {
    function: String,
    place: usize,
}

impl Visit for Calls {
    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        if let Kind::Call {
            callee: Callee::Function(name),
            args,
            piped,
        } = &mut expr.kind
            && *name == self.function
            && self.place < args.len()
        {
            args.remove(self.place);
            *piped &= self.place > 0;
        }
    }
}
