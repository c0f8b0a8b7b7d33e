//! What runs a compiled module: one file an engine, and the choice between them.

pub mod native;
pub mod reference;

use std::path::Path;

use crate::case::{Budget, Case, Chance, Ending, Engine, Lane, Outcome, Sources, Usage};
use crate::interrupt::Interrupt;
use crate::scenario::Program;
use crate::toolchain::Toolchain;
use crate::toolchain::compile::{Compiled, Compiler, Stop};
use crate::toolchain::worker::Workers;
use native::Native;
use reference::Reference;

/// A program, and what it is given.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its files.
    pub sources: &'a Sources,
    /// Whether n is the argument of `main`.
    pub takes_scale: bool,
    /// What it reads from standard input.
    pub input: &'a str,
}

/// Both engines of one toolchain, and the compiler that they share.
pub struct Engines {
    workers: Workers,
    compiler: Compiler,
    reference: Reference,
    native: Native,
}

impl Engines {
    /// The engines of the toolchain that `workers` import, with their own files
    /// in `scratch`.
    pub fn new(workers: Workers, compiler: Compiler, scratch: &Path) -> Engines {
        Engines {
            workers,
            compiler,
            reference: Reference::new(scratch),
            native: Native::new(),
        }
    }

    /// The toolchain that compiles for both.
    pub fn toolchain(&self) -> &Toolchain {
        self.workers.toolchain()
    }

    /// The workers, which compile, and run what the reference engine is to run.
    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Whether Vera is needed for a case: to run it, or to compile it first.
    pub fn need_vera(&self, program: &Program, case: &Case) -> bool {
        match (case.lane.engine, program) {
            (Engine::Reference, _) => true,
            (Engine::Native, Program::Fixed(sources)) => {
                !self.compiler.has(self.toolchain(), sources, case.lane)
            }
            // Generating a program to find out can take as long as running it.
            (Engine::Native, Program::Generated(_)) => false,
        }
    }

    /// Compiles a program for the lane of `case`, and runs it there. What the
    /// program takes from chance, and the lane where it names no seed of its
    /// own, repeats with `seed`.
    pub fn run(
        &self,
        subject: Subject<'_>,
        case: &Case,
        seed: u64,
        budget: Budget,
        interrupt: &Interrupt,
    ) -> Result<Outcome, Stop> {
        let compiled = match self.compile(subject.sources, case.lane, budget, interrupt)? {
            Ok(compiled) => compiled,
            Err((ending, usage)) => return Ok(never_ran(ending, Some(usage))),
        };
        let arguments = match compiled.about.arguments(case.scale, subject.takes_scale) {
            Ok(arguments) => arguments,
            Err(message) => return Ok(never_ran(Ending::Rejected { message }, compiled.usage)),
        };
        match case.lane.engine {
            Engine::Reference => {
                let request = reference::Request {
                    arguments,
                    input: subject.input,
                    budget,
                };
                self.reference
                    .run(&self.workers, &compiled, request, interrupt)
            }
            Engine::Native => {
                let request = native::Request {
                    arguments,
                    input: subject.input.as_bytes().to_vec(),
                    mode: case.lane.seeded(seed).mode,
                    seed,
                    budget,
                };
                self.native.run(&compiled, &request, interrupt)
            }
        }
    }

    /// The compiled form of a program for a lane, where it compiles.
    pub fn module(
        &self,
        sources: &Sources,
        lane: Lane,
        budget: Budget,
        interrupt: &Interrupt,
    ) -> Result<Option<Compiled>, Stop> {
        self.compile(sources, lane, budget, interrupt)
            .map(Result::ok)
    }

    fn compile(
        &self,
        sources: &Sources,
        lane: Lane,
        budget: Budget,
        interrupt: &Interrupt,
    ) -> Result<Result<Compiled, (Ending, Usage)>, Stop> {
        self.compiler
            .compile(&self.workers, sources, lane, budget, interrupt)
    }
}

/// The outcome of a case that was not brought to run.
fn never_ran(ending: Ending, compile: Option<Usage>) -> Outcome {
    Outcome {
        ending,
        arguments: Vec::new(),
        stdout: Vec::new(),
        live_stdout: Vec::new(),
        stderr: Vec::new(),
        peak_heap: None,
        measures: None,
        chance: Chance::default(),
        run: Usage::default(),
        compile,
    }
}
