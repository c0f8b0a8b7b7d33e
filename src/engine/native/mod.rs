//! The native engine: a compiled module in this process, on wasmtime, with host
//! functions of our own.
//!
//! A run is exact: what it counts depends on the program, the module and n
//! alone. Nothing that a program does reaches beyond its own memory: there are
//! no files, no environment, no network, and its clock is its own.

mod artifact;
pub mod decimal;
mod failure;
mod finding;
mod guest;
mod host;
mod link;
mod machine;
mod run;
mod sanitizer;
mod state;
mod trap;

use std::fs;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

use crate::case::{Budget, Bytes, Ending, GcMode, Outcome, Usage};
use crate::interrupt::Interrupt;
use crate::toolchain::about::About;
use crate::toolchain::compile::{Compiled, MODULE, Stop};
use machine::{DEEP_THREAD, Machine};
use run::{Attempt, Task};
use state::Limits;

/// How many steps a program has to show that Vera's stack is not enough for it,
/// before it has shown that it ends: a few seconds.
const STEPS: u64 = 1_000_000_000;

/// The native engine. Making one costs nothing; what it needs is set up with
/// the first run.
#[derive(Default)]
pub struct Native {
    machine: OnceLock<Machine>,
}

/// What is to be run, beside the program.
#[derive(Clone, Debug)]
pub struct Request {
    /// The arguments of `main`, as `vera run` would be given them.
    pub arguments: Vec<String>,
    /// What the program reads from standard input.
    pub input: Vec<u8>,
    /// When collections are forced.
    pub mode: GcMode,
    /// Where the program's random numbers come from.
    pub seed: u64,
    /// What it may use.
    pub budget: Budget,
}

/// A compiled program.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// The module.
    pub wasm: &'a [u8],
    /// A folder in which its machine code is kept.
    pub folder: &'a Path,
    /// What the compiler said of it.
    pub about: &'a About,
}

impl Native {
    /// An engine.
    pub fn new() -> Native {
        Native::default()
    }

    /// Runs what a compiler left.
    pub fn run(
        &self,
        compiled: &Compiled,
        request: &Request,
        interrupt: &Interrupt,
    ) -> Result<Outcome, Stop> {
        let path = compiled.folder.join(MODULE);
        let wasm = fs::read(&path).map_err(Stop::files(format!("reading {}", path.display())))?;
        let program = Program {
            wasm: &wasm,
            folder: &compiled.folder,
            about: &compiled.about,
        };
        let outcome = self.execute(&program, request, interrupt)?;
        Ok(Outcome {
            compile: compiled.usage,
            ..outcome
        })
    }

    /// Runs a program.
    pub fn execute(
        &self,
        program: &Program<'_>,
        request: &Request,
        interrupt: &Interrupt,
    ) -> Result<Outcome, Stop> {
        let started = Instant::now();
        let attempt = self.attempts(&Task {
            wasm: program.wasm,
            folder: program.folder,
            about: program.about,
            request,
            limits: Limits {
                memory: request.budget.memory,
                deadline: started + request.budget.wall,
                interrupt: interrupt.clone(),
            },
        })?;
        // What an interrupted program did is no result.
        if interrupt.is_set() {
            return Err(Stop::Interrupted);
        }
        let measured = attempt.measures.as_ref();
        let peak_memory = measured.map_or(Bytes(0), |it| it.peak_memory);
        let (stdout, stderr) = attempt
            .host
            .map(|host| (host.stdout, host.stderr))
            .unwrap_or_default();
        Ok(Outcome {
            ending: attempt.ending,
            arguments: request.arguments.clone(),
            live_stdout: stdout.clone(),
            stdout,
            stderr,
            peak_heap: attempt.peak_heap,
            measures: attempt.measures,
            chance: attempt.chance,
            run: Usage {
                wall: started.elapsed(),
                cpu: attempt.cpu,
                peak_memory,
            },
            compile: None,
        })
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
        let deep = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .stack_size(DEEP_THREAD)
                .spawn_scoped(scope, || task.counted(&machine.deep))?;
            Ok(thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
        })
        .map_err(Stop::files("starting a thread with a large stack"))??;
        let ended = matches!(deep.ending, Ending::Returned { .. } | Ending::Trapped(_));
        if deep.exhausted || !ended || !plain.out_of_steps {
            return Ok(deep);
        }
        // Now it is known to end, and after how much work at most: a step costs
        // a unit of fuel or two.
        let work = deep.measures.as_ref().map_or(0, |it| it.fuel.0);
        let plain = task.stepped(&machine.plain, work.saturating_mul(2).saturating_add(16))?;
        Ok(if plain.exhausted { plain } else { deep })
    }
}
