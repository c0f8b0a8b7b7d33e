//! How a program ended, in the words of an outcome.

use wasmtime::{AsContextMut, Module, Store, Trap as Cause, Val};

use super::super::artifact::{Rewriting, Tables};
use super::super::failure::HostFailure;
use super::super::request::CompiledProgram;
use super::super::sanitizer::hooks::result_access;
use super::super::state::Host;
use super::super::trap;
use crate::case::{Budget, Clock, Doing, Ending, Table, Trap, Value};
use crate::instrument::tight::entries;

/// How a call ended: an ending of ours, or an error of wasmtime's.
pub enum RunEnd {
    /// An ending of ours.
    Ours(Ending),
    /// A call failed.
    Error(wasmtime::Error),
    /// The module could not be instantiated.
    Instantiation(wasmtime::Error),
}

impl RunEnd {
    /// The program is none that can be run.
    pub fn rejected(why: &str) -> RunEnd {
        RunEnd::Ours(Ending::rejected(why))
    }

    /// Whether the program came to its end: it returned, or said that it exits.
    pub fn is_the_program_s(&self) -> bool {
        match self {
            RunEnd::Ours(ending) => matches!(ending, Ending::Returned { .. }),
            RunEnd::Error(why) => {
                let why = why.downcast_ref::<HostFailure>();
                matches!(why, Some(HostFailure::Exit(_)))
            }
            RunEnd::Instantiation(_) => false,
        }
    }

    /// Whether the WebAssembly stack was exhausted.
    pub fn is_exhausted_stack(&self) -> bool {
        match self {
            RunEnd::Error(why) => why.downcast_ref::<Cause>() == Some(&Cause::StackOverflow),
            RunEnd::Ours(_) | RunEnd::Instantiation(_) => false,
        }
    }
}

/// What `main` returned, as `vera run` shows it.
pub fn value(
    store: &mut Store<Host>,
    results: &[Val],
    returns_text: bool,
) -> Result<Value, Ending> {
    match results {
        [] => Ok(Value::Unit),
        [Val::I64(number)] => Ok(Value::Int(*number)),
        [Val::I32(number)] => Ok(Value::Int((*number).into())),
        [Val::F64(bits)] => Ok(Value::Float(f64::from_bits(*bits))),
        [Val::I32(at), Val::I32(length)] if returns_text => match text(store, *at, *length) {
            Ok(text) => Ok(text.map_or(Value::Int((*at).into()), Value::Text)),
            Err(_) => Err(Ending::Corrupt {
                finding: Box::default(),
            }),
        },
        // An array is shown by its address.
        [Val::I32(at), Val::I32(_)] => Ok(Value::Int((*at).into())),
        other => Err(Ending::rejected(format!(
            "`main` returns {} values of types that Vera has not",
            other.len()
        ))),
    }
}

/// The text that `main` returned, where it lies in memory.
fn text(store: &mut Store<Host>, at: i32, length: i32) -> Result<Option<String>, HostFailure> {
    let memory = store.data().guest.as_ref().and_then(|it| it.memory);
    let range = usize::try_from(at).ok().and_then(|start| {
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        Some(start..end)
    });
    let (Some(memory), Some(range)) = (memory, range) else {
        return Ok(None);
    };
    if memory.data(&*store).get(range.clone()).is_none() {
        return Ok(None);
    }
    result_access(&mut store.as_context_mut(), range.clone())?;
    let bytes = &memory.data(&*store)[range];
    Ok(Some(String::from_utf8_lossy(bytes).into_owned()))
}

/// What an end is told from.
pub struct Context<'a> {
    /// The program.
    pub program: CompiledProgram<'a>,
    /// How it was rewritten.
    pub rewriting: Rewriting,
    /// That as wasmtime has it.
    pub module: &'a Module,
    /// What it was allowed to use.
    pub budget: Budget,
}

impl Context<'_> {
    /// The table of the runtime's that a program ended in because it was full, where
    /// it is smaller than as shipped; and what is said of it.
    pub fn filled(&self, end: &RunEnd, host: &Host) -> Option<(Table, String)> {
        // What the module's own checks say comes first.
        if self.rewriting.tables != Tables::Tight || host.signal.is_some() {
            return None;
        }
        let RunEnd::Error(why) = end else {
            return None;
        };
        let table = trap::filled(why)?;
        let (shipped, here) = entries(self.program.wasm, table).ok()?;
        let (name, holds) = (table.name(), table.holds());
        let message = format!("{name} of {here} {holds} is full; as shipped it has {shipped}");
        Some((table, message))
    }

    /// How a program ended, in the words of an outcome.
    pub fn ending(&self, end: RunEnd, host: &Host) -> Ending {
        let (why, instantiating) = match end {
            RunEnd::Ours(ending) => return ending,
            RunEnd::Error(why) => (why, false),
            RunEnd::Instantiation(why) => (why, true),
        };
        let budget = self.budget;
        let doing = Doing::Running;
        match why.downcast_ref::<HostFailure>() {
            Some(HostFailure::Exit(code)) => {
                return Ending::Returned {
                    value: Value::Unit,
                    exit_code: Some(*code),
                };
            }
            Some(HostFailure::Unsupported(message)) => {
                return Ending::Unsupported {
                    message: message.clone(),
                };
            }
            // What it was is told later.
            Some(HostFailure::Corrupt) => {
                return Ending::Corrupt {
                    finding: Box::default(),
                };
            }
            Some(HostFailure::OverOutput) => {
                return Ending::OverOutput {
                    limit: budget.output,
                    doing,
                };
            }
            Some(HostFailure::OverTime(clock)) => return budget.over_time(*clock, doing),
            // An interrupted run has no outcome.
            Some(HostFailure::Interrupted) => return budget.over_time(Clock::Wall, doing),
            Some(HostFailure::OverMemory(seen)) => {
                return Ending::OverMemory {
                    limit: budget.memory,
                    seen: *seen,
                    doing,
                };
            }
            Some(HostFailure::OutOfBounds { .. } | HostFailure::Refused(_)) | None => {}
        }
        if why.downcast_ref::<Cause>() == Some(&Cause::OutOfFuel) {
            return Ending::OverInstructions {
                limit: budget.instructions,
            };
        }
        if instantiating {
            return if why.is::<Cause>() {
                Ending::Trapped(Trap {
                    kind: "instantiation".to_owned(),
                    message: why.root_cause().to_string(),
                    frames: Vec::new(),
                })
            } else {
                Ending::invalid_module(why.root_cause().to_string())
            };
        }
        let rewritten = self.rewriting.of(self.program.wasm).unwrap_or_default();
        let site = trap::Site {
            about: self.program.about,
            names_its_checks: self
                .module
                .imports()
                .any(|import| (import.module(), import.name()) == ("vera", "trap")),
            code_at: &|offset| rewritten.get(offset).copied(),
        };
        Ending::Trapped(trap::describe(&why, host, &site))
    }
}
