//! The native engine: a compiled module in this process, on wasmtime, with host
//! functions of our own.
//!
//! A run is exact: what it counts depends on the program, the module and n
//! alone. Nothing that a program does reaches beyond its own memory and the folder
//! that it runs in: there is no network, its environment is what it is given, and its
//! clock is its own.

mod artifact;
pub mod decimal;
pub mod driven;
mod failure;
mod finding;
mod functions;
mod guest;
mod handles;
mod host;
mod import;
mod input;
mod limits;
mod link;
mod machine;
mod request;
mod run;
mod sanitizer;
mod state;
mod trap;

use std::fs;
use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::time::Instant;

use crate::branches::{Branch, branches};
use crate::case::{Bytes, Ending, Instructions, Outcome, Probed, Usage};
use crate::interrupt::Interrupt;
use crate::toolchain::compile::{Compiled, MODULE, Stop};
use machine::{DEEP_THREAD, Machine, STACK};
pub use request::{CompiledProgram, NativeRequest};
use run::{Attempt, Task};
pub use trap::frame;

/// How many steps a program has to show that Vera's stack is not enough for it,
/// before it has shown that it ends: a few seconds.
const STEPS: u64 = 1_000_000_000;

/// To how many bytes the stack that a program needs is searched.
const STACK_STEP: u64 = 64;

/// The steps of a program that ends after `instructions`: each costs a unit of fuel or
/// two.
fn steps_of(instructions: Instructions) -> u64 {
    instructions.0.saturating_mul(2).saturating_add(16)
}

fn module(compiled: &Compiled) -> Result<Vec<u8>, Stop> {
    let path = compiled.folder.join(MODULE);
    fs::read(&path).map_err(Stop::files(format!("reading {}", path.display())))
}

/// The native engine. Making one costs nothing; what it needs is set up with
/// the first run.
#[derive(Default)]
pub struct Native {
    machine: OnceLock<Machine>,
    traces: bool,
}

impl Native {
    /// An engine.
    pub fn new() -> Native {
        Native::default()
    }

    /// An engine that also traces the collections of programs that collect as
    /// shipped: their outcomes have the life of their heap. All else that it
    /// counts stays the same.
    pub fn tracing() -> Native {
        Native {
            traces: true,
            ..Native::default()
        }
    }

    /// Runs what a compiler left.
    pub fn run(
        &self,
        compiled: &Compiled,
        request: &NativeRequest,
        interrupt: &Interrupt,
    ) -> Result<Outcome, Stop> {
        let wasm = module(compiled)?;
        let program = CompiledProgram::of(compiled, &wasm);
        let outcome = self.execute(&program, request, interrupt)?;
        Ok(Outcome {
            compile: compiled.usage,
            ..outcome
        })
    }

    /// Runs a program.
    pub fn execute(
        &self,
        program: &CompiledProgram<'_>,
        request: &NativeRequest,
        interrupt: &Interrupt,
    ) -> Result<Outcome, Stop> {
        let started = Instant::now();
        let attempt = self.attempts(&Task {
            traced: self.traces,
            ..Task::of(*program, request, interrupt)
        })?;
        // What an interrupted program did is no result.
        if interrupt.is_set() {
            return Err(Stop::Interrupted);
        }
        let measured = attempt.measures.as_ref();
        let peak_memory = measured.map_or(Bytes(0), |it| it.peak_memory);
        Ok(Outcome {
            arguments: request.arguments.clone(),
            live_stdout: attempt.stdout.clone(),
            stdout: attempt.stdout,
            stderr: attempt.stderr,
            files: attempt.files,
            peak_heap: attempt.peak_heap,
            measures: attempt.measures,
            heap_life: attempt.heap_life,
            chance: attempt.chance,
            filled: attempt.filled,
            run: Usage {
                wall: started.elapsed(),
                cpu: attempt.cpu,
                peak_memory,
            },
            ..Outcome::new(attempt.ending)
        })
    }

    /// Looks at the stack and the heap of a program while it runs once more. It
    /// is known to end after `instructions`. `None` where it does not return this time:
    /// what it used until then is no measure of what it needs.
    pub fn probe(
        &self,
        compiled: &Compiled,
        request: &NativeRequest,
        instructions: Instructions,
        interrupt: &Interrupt,
    ) -> Result<Option<Probed>, Stop> {
        let wasm = module(compiled)?;
        let task = Task::of(CompiledProgram::of(compiled, &wasm), request, interrupt);
        let machine = self.machine.get_or_init(Machine::new);
        let attempt = task.probed(&machine.plain, steps_of(instructions))?;
        if interrupt.is_set() {
            return Err(Stop::Interrupted);
        }
        let returned = matches!(attempt.ending, Ending::Returned { .. });
        Ok(attempt.probed.filter(|_| returned))
    }

    /// The branches of Vera's runtime in a program, and whether a run takes each of
    /// them, however it ends.
    pub fn branches(
        &self,
        compiled: &Compiled,
        request: &NativeRequest,
        interrupt: &Interrupt,
    ) -> Result<Vec<(Branch, bool)>, Stop> {
        let wasm = module(compiled)?;
        let task = Task::of(CompiledProgram::of(compiled, &wasm), request, interrupt);
        let Ok(branches) = branches(&wasm) else {
            return Ok(Vec::new());
        };
        let machine = self.machine.get_or_init(Machine::new);
        let taken = task.marked(&machine.counting)?.taken;
        if interrupt.is_set() {
            return Err(Stop::Interrupted);
        }
        let numbered = branches.into_iter().enumerate();
        let told = numbered.map(|(number, branch)| (branch, taken.contains(&number)));
        Ok(told.collect())
    }

    /// The WebAssembly stack that a program needs in frames of the size that
    /// they have in Vera's runtime, to [`STACK_STEP`]: the smallest stack that it
    /// returns on. It is known to end after `instructions`, and that `most` is enough.
    pub fn stack_needed(
        &self,
        compiled: &Compiled,
        request: &NativeRequest,
        instructions: Instructions,
        most: Bytes,
        interrupt: &Interrupt,
    ) -> Result<Bytes, Stop> {
        let wasm = module(compiled)?;
        let task = Task::of(CompiledProgram::of(compiled, &wasm), request, interrupt);
        let (mut too_small, mut enough) = (0, most.0.min(STACK as u64));
        while enough - too_small > STACK_STEP {
            let size = too_small.midpoint(enough);
            let engine = machine::with_stack(usize::try_from(size).unwrap_or(STACK).max(1));
            let attempt = task.stepped(&engine, steps_of(instructions))?;
            if interrupt.is_set() {
                return Err(Stop::Interrupted);
            }
            if attempt.exhausted {
                too_small = size;
            } else {
                enough = size;
            }
        }
        Ok(Bytes(enough))
    }

    /// Whether a program returns where it has sixteen times the room that Vera gives it:
    /// in each table of its runtime, and at least that on the stack.
    pub fn returns_with_room(
        &self,
        compiled: &Compiled,
        request: &NativeRequest,
        interrupt: &Interrupt,
    ) -> Result<bool, Stop> {
        let wasm = module(compiled)?;
        let task = Task {
            roomy: true,
            ..Task::of(CompiledProgram::of(compiled, &wasm), request, interrupt)
        };
        let attempt = deep(&task, self.machine.get_or_init(Machine::new))?;
        if interrupt.is_set() {
            return Err(Stop::Interrupted);
        }
        Ok(matches!(attempt.ending, Ending::Returned { .. }))
    }

    /// Runs the program, more than once where its stack is exhausted.
    ///
    /// Counting makes frames larger, so a program can fill the stack here and
    /// not in Vera's runtime. Then it is run in frames of Vera's size, which
    /// says whether the stack is enough, and where it is, once more counted on
    /// a larger one.
    fn attempts(&self, task: &Task<'_>) -> Result<Attempt, Stop> {
        let machine = self.machine.get_or_init(Machine::new);
        let first = task.counted(&machine.counting)?;
        if !first.exhausted {
            return Ok(first);
        }
        let plain = task.stepped(&machine.plain, STEPS)?;
        if plain.exhausted {
            return Ok(plain);
        }
        let deep = deep(task, machine)?;
        let ended = matches!(deep.ending, Ending::Returned { .. } | Ending::Trapped(_));
        if deep.exhausted || !ended || !plain.out_of_steps {
            return Ok(deep);
        }
        // Now it is known to end, and after how many instructions at most: a step costs
        // a unit of fuel or two.
        let instructions = deep.measures.as_ref().map_or(0, |it| it.instructions.0);
        let plain = task.stepped(&machine.plain, steps_of(Instructions(instructions)))?;
        Ok(if plain.exhausted { plain } else { deep })
    }
}

/// Runs a program on a stack as large as it takes.
fn deep(task: &Task<'_>, machine: &Machine) -> Result<Attempt, Stop> {
    let left = task.limits.left();
    let deep = || {
        let limits = task.limits.on_this_thread(left);
        Task { limits, ..*task }.counted(&machine.deep)
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(DEEP_THREAD)
            .spawn_scoped(scope, deep)?;
        Ok(thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
    .map_err(Stop::files("starting a thread with a large stack"))?
}
