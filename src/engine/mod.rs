//! What runs a compiled module: one file an engine, and the choice between them.

mod allowance;
pub mod folder;
pub mod native;
pub mod reference;
mod since;
mod tracing;
mod trees;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use wasmparser::{Parser, Payload};

use crate::case::{
    Arguments, Budget, Bytes, Case, Chance, Doing, Ending, Engine, Instructions, Lane, Outcome,
    Probed, Sources, Usage,
};
use crate::interrupt::Interrupt;
use crate::scenario::{Program, Surroundings};
use crate::scratch::Scratch;
use crate::toolchain::Toolchain;
use crate::toolchain::cache::Cache;
use crate::toolchain::compile::{Compiled, Compiler, MODULE, Stop};
use crate::toolchain::worker::Workers;
use crate::vera;
pub use allowance::Allowance;
use folder::{Around, Folders, asks_for_files};
use native::Native;
use reference::Reference;
use trees::Trees;

/// A program, and what it is given.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its files.
    pub sources: &'a Sources,
    /// What `main` is called with.
    pub arguments: &'a Arguments,
    /// What it reads from standard input.
    pub input: &'a str,
    /// What stands around it.
    pub surroundings: &'a Surroundings,
}

/// How a program was run before that is to be looked at.
#[derive(Clone, Copy, Debug)]
pub struct PriorRun {
    /// Its budget.
    pub budget: Budget,
    /// What chance repeated with.
    pub seed: u64,
    /// The instructions that it took.
    pub instructions: Instructions,
}

/// Both engines of one toolchain, and the compiler that they share.
pub struct Engines {
    workers: Workers,
    compiler: Compiler,
    reference: Reference,
    native: Native,
    folders: Folders,
    trees: Trees,
    /// The files of the run, gone when it is over.
    _scratch: Scratch,
}

/// What becomes of compiled programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modules {
    /// They are kept in the cache, and taken from there.
    Kept,
    /// Each is compiled by this run, which forgets it at its end: what compiling
    /// costs is measured.
    Anew,
}

impl Engines {
    /// The engines of a toolchain, with their own files in a temporary
    /// directory.
    pub fn set_up(toolchain: &Toolchain, cache: &Cache, modules: Modules) -> Result<Engines, Stop> {
        let scratch = Scratch::new().map_err(Stop::files("making a temporary directory"))?;
        // Paths go to the worker as JSON.
        for path in [scratch.path(), cache.root()] {
            if path.to_str().is_none() {
                let why = io::Error::other(
                    "its name is not UTF-8; name another directory for temporary files (TMPDIR) or for the cache",
                );
                return Err(Stop::files(format!("using {}", path.display()))(why));
            }
        }
        let workers = Workers::new(toolchain.clone(), cache, scratch.path())
            .map_err(Stop::files("writing to the temporary directory"))?;
        let own = Cache::at(Some(scratch.path().join("cache")));
        let kept = match modules {
            Modules::Kept => cache,
            Modules::Anew => &own,
        };
        Ok(Engines {
            workers,
            compiler: Compiler::new(kept, scratch.path()),
            reference: Reference::new(scratch.path()),
            native: Native::new(),
            folders: Folders::new(scratch.path()),
            trees: Trees::default(),
            _scratch: scratch,
        })
    }

    /// The same, where the outcomes of lane `native` have the life of their heap
    /// if `traced` says so.
    #[must_use]
    pub fn with_heap_lives(self, traced: bool) -> Engines {
        if !traced {
            return self;
        }
        Engines {
            native: Native::tracing(),
            ..self
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

    /// The tree of a program, where Vera's parser makes one of it.
    pub fn tree(
        &self,
        sources: &Sources,
        budget: Budget,
        interrupt: &Interrupt,
    ) -> Result<Option<Arc<vera::Program>>, Stop> {
        self.trees.of(&self.workers, sources, budget, interrupt)
    }

    /// Whether Vera is needed for a case: to run it, or to compile it first.
    pub fn need_vera(&self, program: &Program, case: &Case) -> bool {
        if since::missing(case.lane, &self.toolchain().version).is_some() {
            return false;
        }
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
        allowance: impl Into<Allowance>,
        interrupt: &Interrupt,
    ) -> Result<Outcome, Stop> {
        if let Some(message) = since::missing(case.lane, &self.toolchain().version) {
            return Ok(Outcome::new(Ending::Unsupported { message }));
        }
        let allowance = allowance.into();
        let budget = allowance.at(Doing::Compiling, Instant::now());
        let compiled = match self.compile(subject.sources, case.lane, budget, interrupt)? {
            Ok(compiled) => compiled,
            Err((ending, usage)) => return Ok(never_ran(ending, Some(usage))),
        };
        let arguments = match compiled.about.arguments(case.scale, subject.arguments) {
            Ok(arguments) => arguments,
            Err(why) => {
                return Ok(never_ran(Ending::rejected(why.to_string()), compiled.usage));
            }
        };
        let imports = imports(&compiled)?;
        let around = self.around(subject, &imports)?;
        let budget = allowance.at(Doing::Running, Instant::now());
        match case.lane.engine {
            Engine::Reference => {
                let request = reference::ReferenceRequest {
                    arguments,
                    around,
                    budget,
                };
                let outcome = (self.reference).run(&self.workers, &compiled, request, interrupt)?;
                // Vera's runtime does not say what it was asked: what is imported may be.
                Ok(Outcome {
                    chance: Chance::of(imports.iter().map(String::as_str)),
                    ..outcome
                })
            }
            Engine::Native => {
                let request =
                    native::NativeRequest::of(arguments, &around, case.lane, seed, budget);
                self.native.run(&compiled, &request, interrupt)
            }
        }
    }

    /// Looks at the stack and the heap of a program that returned on the native
    /// engine, by running it there once more.
    pub fn probe(
        &self,
        subject: Subject<'_>,
        case: &Case,
        prior: PriorRun,
        interrupt: &Interrupt,
    ) -> Result<Option<Probed>, Stop> {
        let Some((compiled, request)) = self.prepared(subject, case, prior, interrupt)? else {
            return Ok(None);
        };
        self.native
            .probe(&compiled, &request, prior.instructions, interrupt)
    }

    /// Whether a program returns on the native engine with sixteen times the room that
    /// Vera gives it.
    pub fn returns_with_room(
        &self,
        subject: Subject<'_>,
        case: &Case,
        seed: u64,
        budget: Budget,
        interrupt: &Interrupt,
    ) -> Result<bool, Stop> {
        let prior = PriorRun {
            budget,
            seed,
            instructions: budget.instructions,
        };
        match self.prepared(subject, case, prior, interrupt)? {
            Some((compiled, request)) => {
                (self.native).returns_with_room(&compiled, &request, interrupt)
            }
            None => Ok(false),
        }
    }

    /// The WebAssembly stack that such a program needs, where `most` is enough.
    pub fn stack_needed(
        &self,
        subject: Subject<'_>,
        case: &Case,
        prior: PriorRun,
        most: Bytes,
        interrupt: &Interrupt,
    ) -> Result<Option<Bytes>, Stop> {
        let Some((compiled, request)) = self.prepared(subject, case, prior, interrupt)? else {
            return Ok(None);
        };
        self.native
            .stack_needed(&compiled, &request, prior.instructions, most, interrupt)
            .map(Some)
    }

    /// A program that was run before, for the native engine.
    fn prepared(
        &self,
        subject: Subject<'_>,
        case: &Case,
        prior: PriorRun,
        interrupt: &Interrupt,
    ) -> Result<Option<(Compiled, native::NativeRequest)>, Stop> {
        let PriorRun { budget, seed, .. } = prior;
        let Ok(compiled) = self.compile(subject.sources, case.lane, budget, interrupt)? else {
            return Ok(None);
        };
        let Ok(arguments) = compiled.about.arguments(case.scale, subject.arguments) else {
            return Ok(None);
        };
        let around = self.around(subject, &imports(&compiled)?)?;
        let request = native::NativeRequest::of(arguments, &around, case.lane, seed, budget);
        Ok(Some((compiled, request)))
    }

    /// What a program is given. Files are read for one that may ask for them.
    fn around<'a>(&self, subject: Subject<'a>, imports: &[String]) -> Result<Around<'a>, Stop> {
        let Surroundings { files, env } = subject.surroundings;
        let asks_for_files = imports.iter().any(|it| asks_for_files(it));
        let wanted = files.as_ref().filter(|_| asks_for_files);
        Ok(Around {
            input: subject.input,
            asks_for_files,
            files: self.folders.take(wanted).map_err(Stop::Surroundings)?,
            env,
        })
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

    /// What compiling a program takes, measured anew.
    pub fn compile_cost(
        &self,
        sources: &Sources,
        lane: Lane,
        budget: Budget,
        interrupt: &Interrupt,
    ) -> Result<Option<Usage>, Stop> {
        self.compiler
            .cost(&self.workers, sources, lane, budget, interrupt)
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

/// Whether the module in a folder of the compiler's imports a host function that asks
/// for files.
pub fn may_ask_for_files(compiled: &Path) -> io::Result<bool> {
    Ok(imported(compiled)?.iter().any(|it| asks_for_files(it)))
}

fn imports(compiled: &Compiled) -> Result<Vec<String>, Stop> {
    imported(&compiled.folder).map_err(Stop::files("reading a module"))
}

/// What a module imports from its host.
fn imported(compiled: &Path) -> io::Result<Vec<String>> {
    let wasm = fs::read(compiled.join(MODULE))?;
    let section = Parser::new(0)
        .parse_all(&wasm)
        .find_map(|payload| match payload {
            Ok(Payload::ImportSection(section)) => Some(section),
            _ => None,
        });
    let all = section.into_iter().flat_map(|it| it.into_imports());
    Ok(all.flatten().map(|it| it.name.to_owned()).collect())
}

/// The outcome of a case that was not brought to run.
fn never_ran(ending: Ending, compile: Option<Usage>) -> Outcome {
    Outcome {
        compile,
        ..Outcome::new(ending)
    }
}
