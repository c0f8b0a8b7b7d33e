//! Runs a program, from what the language's specification says and from nothing that
//! Vera does: what it comes to is what must come.
//!
//! What is not specified, or not known here, is no result: such a program is
//! discarded, with the reason. So is one that takes too many steps.

mod builtins;
mod expr;
mod handle;
mod scope;
mod texts;
mod value;

use std::collections::HashMap;
use std::rc::Rc;

use crate::scope::Aliases;
use crate::tree::{Block, Decl, Expr, Function, Program};
pub use value::Value;

/// How a program ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It returns this, as the command line shows it; `None` where it shows an
    /// address.
    Returns(Option<Shown>),
    /// It traps with this kind.
    Traps(&'static str),
    /// It ends itself with this code.
    Exits(i64),
    /// What comes is not known here.
    Discarded(String),
}

/// A value as a command shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    Unit,
    /// A number, and a Bool as 0 or 1.
    Int(i64),
    /// A text.
    Text(String),
}

/// What a program did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How it ended.
    pub end: End,
    /// What it printed.
    pub stdout: String,
    /// How many steps it took.
    pub steps: u64,
}

/// What may be taken.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Expressions evaluated.
    pub steps: u64,
    /// Calls within calls.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            steps: 2_000_000,
            depth: 2_000,
        }
    }
}

/// What a thread needs that runs programs of [`Limits::default`] depth.
pub(crate) const STACK: usize = 512 << 20;

/// Runs `main` with these arguments, which are numbers. The first of the programs has
/// it, and the others are what it imports.
pub fn run(programs: &[&Program], arguments: &[i64], limits: Limits) -> Run {
    let mut machine = Machine::of(programs, limits);
    let ended = machine.main(arguments);
    let end = match ended {
        Ok(value) => match shown(&value) {
            Ok(shown) => End::Returns(shown),
            Err(why) => End::Discarded(why.to_owned()),
        },
        Err(Signal::Trap(kind)) => End::Traps(kind),
        Err(Signal::Throw(..)) => End::Traps("uncaught_exception"),
        Err(Signal::Exit(code)) => End::Exits(code),
        Err(Signal::Discard(why)) => End::Discarded(why),
    };
    let (end, stdout) = match String::from_utf8(std::mem::take(&mut machine.stdout)) {
        Ok(stdout) => (end, stdout),
        Err(_) => (
            End::Discarded("it prints what is no text".to_owned()),
            String::new(),
        ),
    };
    Run {
        end,
        stdout,
        steps: machine.steps,
    }
}

/// The same on a thread of its own, with the stack that it may take.
pub fn run_apart(programs: &[&Program], arguments: &[i64], limits: Limits) -> Option<Run> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let ran = thread.spawn_scoped(scope, || run(programs, arguments, limits));
        ran.ok()?.join().ok()
    })
}

/// What an expression comes to that refers to nothing bound around it, and does nothing
/// else; `None` where that is not known.
pub fn value_of(program: &Program, expr: &Expr, limits: Limits) -> Option<Shown> {
    let mut program = program.clone();
    let main = program.items.iter_mut().find_map(|it| match &mut it.decl {
        Decl::Function(it) if it.name == "main" => Some(it),
        _ => None,
    })?;
    main.params.clear();
    main.contracts.clear();
    main.helpers.clear();
    main.returns = expr.ty.clone()?;
    main.body = Block {
        statements: Vec::new(),
        value: Box::new(expr.clone()),
    };
    let ran = run_apart(&[&program], &[], limits)?;
    match ran.end {
        End::Returns(shown) if ran.stdout.is_empty() => shown,
        _ => None,
    }
}

fn shown(value: &Value) -> Result<Option<Shown>, &'static str> {
    Ok(Some(match value {
        Value::Unit => Shown::Unit,
        Value::Bool(it) => Shown::Int(i64::from(*it)),
        Value::Int(it) => Shown::Int(*it),
        Value::Byte(it) => Shown::Int(i64::from(*it)),
        Value::Text(it) => match String::from_utf8(it.to_vec()) {
            Ok(text) => Shown::Text(text),
            Err(_) => return Err("it returns what is no text"),
        },
        Value::Float(_) => return Err("it returns a float"),
        Value::Array(_) | Value::Data(..) | Value::Function(_) | Value::Map(_) | Value::Set(_) => {
            return Ok(None);
        }
    }))
}

/// What ends an evaluation early.
#[derive(Debug)]
enum Signal {
    Trap(&'static str),
    /// What is thrown, and the type that it is thrown as.
    Throw(String, Value),
    Exit(i64),
    Discard(String),
}

type Evaluated = Result<Value, Signal>;

fn discard<T>(why: impl Into<String>) -> Result<T, Signal> {
    Err(Signal::Discard(why.into()))
}

/// A program that runs.
struct Machine<'a> {
    aliases: Rc<Aliases>,
    functions: HashMap<&'a str, &'a Function>,
    /// Of each constructor, the types of its fields where nothing in them is generic.
    fields: HashMap<&'a str, &'a [crate::tree::Type]>,
    /// What the handlers of `State` hold that are in force: the type and the value.
    cells: Vec<(String, Value)>,
    stdout: Vec<u8>,
    limits: Limits,
    steps: u64,
    depth: usize,
}

impl<'a> Machine<'a> {
    fn of(programs: &[&'a Program], limits: Limits) -> Machine<'a> {
        let mut functions = HashMap::new();
        let mut fields: HashMap<&str, &[crate::tree::Type]> = HashMap::new();
        // What is declared first is declared last: it hides what it imports.
        let items = programs.iter().rev().flat_map(|it| &it.items);
        for item in items {
            match &item.decl {
                Decl::Function(function) => add(&mut functions, function),
                Decl::Data(data) => {
                    for constructor in data.constructors.iter().filter(|_| data.params.is_empty()) {
                        fields.insert(&constructor.name, &constructor.fields);
                    }
                }
                Decl::Alias(_) | Decl::Effect(_) | Decl::Ability(_) | Decl::Unread(_) => {}
            }
        }
        Machine {
            aliases: Rc::new(Aliases::of_all(programs.iter().copied())),
            functions,
            fields,
            cells: Vec::new(),
            stdout: Vec::new(),
            limits,
            steps: 0,
            depth: 0,
        }
    }

    fn main(&mut self, arguments: &[i64]) -> Evaluated {
        let Some(main) = self.functions.get("main").copied() else {
            return discard("it has no `main`");
        };
        if main.params.len() != arguments.len() {
            return discard("its `main` takes other arguments");
        }
        let arguments = arguments.iter().map(|it| Value::Int(*it)).collect();
        self.call(main, arguments)
    }
}

/// With those below it. Two of one name in different `where` blocks are told apart
/// by nobody here.
fn add<'a>(functions: &mut HashMap<&'a str, &'a Function>, function: &'a Function) {
    functions.insert(&function.name, function);
    for helper in &function.helpers {
        add(functions, helper);
    }
}
