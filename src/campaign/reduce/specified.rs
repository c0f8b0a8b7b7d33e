//! What a program must come to by the language's specification.

use crate::case::{Ending, Scale, Value};
use crate::runner::Examined;
use crate::scenario::Call;
use crate::vera::interpret::{End, Limits, Run, Shown, run_apart};
use crate::vera::{Decl, Program};

/// What a program must return, where it shows a value, and print.
pub struct Specified {
    value: Option<Shown>,
    stdout: String,
}

/// What the specification says of a program that is called with n, where it says that it
/// returns.
pub fn specified(call: &Call, program: &Program, n: Scale) -> Option<Specified> {
    let ran = run(call, program, n)?;
    match ran.end {
        End::Returns(value) => Some(Specified {
            value,
            stdout: ran.stdout,
        }),
        End::Traps(_) | End::Exits(_) | End::Discarded(_) => None,
    }
}

/// Runs a program that is called with n as the specification has it; `None` where that
/// cannot be, as of one that imports others.
pub fn run(call: &Call, program: &Program, n: Scale) -> Option<Run> {
    let main = program.items.iter().find_map(|item| match &item.decl {
        Decl::Function(it) if it.name == "main" => Some(it),
        _ => None,
    })?;
    let arguments = match (call, main.params.len()) {
        (_, 0) => Vec::new(),
        (Call::Scale, 1) => vec![i64::try_from(n.get()).ok()?],
        _ => return None,
    };
    if !program.imports.is_empty() {
        return None;
    }
    run_apart(&[program], &arguments, Limits::default())
}

impl Specified {
    /// Whether something else came of a program that returned.
    pub fn contradicts(&self, examined: &Examined) -> bool {
        let Ending::Returned { value, .. } = &examined.outcome.ending else {
            return false;
        };
        let other = match (&self.value, value) {
            (Some(Shown::Int(said)), Value::Int(it)) => said != it,
            (Some(Shown::Text(said)), Value::Text(it)) => said != it,
            _ => false,
        };
        other || examined.outcome.stdout != self.stdout.as_bytes()
    }
}
