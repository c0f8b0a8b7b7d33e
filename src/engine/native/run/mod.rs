//! One run of a program, from its imports to what was counted.

mod ending;
mod measuring;
mod starting;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use wasmtime::{AsContextMut, Engine, Instance, Module, Store, UpdateDeadline};

use super::artifact::{self, Rewriting, Tables};
use super::finding;
use super::limits::GuestLimits;
use super::request::{CompiledProgram, NativeRequest};
use super::sanitizer::books::{Recollection, Watch};
use super::sanitizer::defect::Defect;
use super::sanitizer::hooks::{ended, settle};
use super::state::Host;
use crate::case::{
    Bytes, Chance, Collections, Ending, GcMode, HeapLife, Instructions, Left, LifeEnd, Measures,
    Probed, Table,
};
use crate::clock::thread_time;
use crate::engine::folder::asks_for_files;
use crate::instrument::schedule::Schedule;
use crate::instrument::{Unfit, Variant};
use crate::interrupt::Interrupt;
use crate::toolchain::compile::Stop;
use ending::{Context, RunEnd};
use measuring::{Meter, repeats};
use starting::Setup;

/// What is done where the system may have no room.
const IN_FOLDER: &str = "giving a program its files";

/// How a program ended, with what the host has of it.
pub struct Attempt {
    /// How it ended.
    pub ending: Ending,
    /// Whether the WebAssembly stack was exhausted.
    pub exhausted: bool,
    /// Whether the steps that it was given were used up.
    pub out_of_steps: bool,
    /// What it printed,
    pub stdout: Vec<u8>,
    /// and what it wrote to standard error.
    pub stderr: Vec<u8>,
    /// The files that it wrote.
    pub files: BTreeMap<String, Left>,
    /// What was counted, where it was.
    pub measures: Option<Measures>,
    /// What it asked chance for.
    pub chance: Chance,
    /// The table of the runtime's that it ended in because it was full.
    pub filled: Option<Table>,
    /// What it told, where it was probed.
    pub probed: Option<Probed>,
    /// The branches of the runtime that it took, where they have marks.
    pub taken: BTreeSet<usize>,
    /// Its heap over its life, where it was traced and tells.
    pub heap_life: Option<HeapLife>,
    /// What the sanitizer found, and what was remembered of it.
    found: Option<(Defect, Recollection)>,
    /// The highest address that the allocator reached.
    pub peak_heap: Option<Bytes>,
    /// The processor time of the program itself.
    pub cpu: Duration,
}

impl Attempt {
    /// The end of a program that never started.
    fn before(ending: Ending) -> Attempt {
        Attempt {
            ending,
            exhausted: false,
            out_of_steps: false,
            stdout: Vec::new(),
            stderr: Vec::new(),
            files: BTreeMap::new(),
            measures: None,
            chance: Chance::default(),
            filled: None,
            probed: None,
            taken: BTreeSet::new(),
            heap_life: None,
            found: None,
            peak_heap: None,
            cpu: Duration::ZERO,
        }
    }
}

/// A program with everything that a run of it needs.
pub struct Task<'a> {
    /// The program.
    pub program: CompiledProgram<'a>,
    /// What is to be run.
    pub request: &'a NativeRequest,
    /// Whether its collections are traced, where it collects as shipped.
    pub traced: bool,
    /// Whether it has sixteen times the room that Vera gives it.
    pub roomy: bool,
    /// What ends it early.
    pub limits: GuestLimits,
}

impl<'a> Task<'a> {
    /// A program that is run as it is shipped.
    pub fn of(
        program: CompiledProgram<'a>,
        request: &'a NativeRequest,
        interrupt: &Interrupt,
    ) -> Task<'a> {
        Task {
            program,
            request,
            traced: false,
            roomy: false,
            limits: GuestLimits::of(request, interrupt),
        }
    }
}

impl Task<'_> {
    /// Runs the program once, on an engine that counts.
    pub fn counted(&self, engine: &Engine) -> Result<Attempt, Stop> {
        let variant = variant(self.request.mode, self.traced);
        let mut attempt = self.attempt(engine, variant, None, None)?;
        let Some((mut found, _)) = attempt.found.take() else {
            return Ok(attempt);
        };
        // What happened before, only another run can tell, which knows what to
        // remember. A run repeats, so it comes to the same where it has time; but
        // what is wrong with an allocation it finds where that happens, and not
        // when the log is read. Then one more knows what to remember of that.
        let mut seen = Recollection::default();
        for _ in 0..2 {
            let mut again = self.attempt(engine, variant, None, Some(Watch::of(&found)))?;
            let Some((same, told)) = again.found.take() else {
                break;
            };
            attempt = again;
            if same == found {
                seen = told;
                break;
            }
            found = same;
        }
        let finding = finding::tell(&self.program, self.rewriting(variant), &found, &seen);
        Ok(Attempt {
            ending: Ending::Corrupt {
                finding: Box::new(finding),
            },
            found: Some((found, seen)),
            ..attempt
        })
    }

    /// Runs the program for at most `steps` steps, in frames of the size that they
    /// have in Vera's runtime.
    pub fn stepped(&self, engine: &Engine, steps: u64) -> Result<Attempt, Stop> {
        self.attempt(engine, Variant::Stepped, Some(steps), None)
    }

    /// The same, with a look at its stack and its heap.
    pub fn probed(&self, engine: &Engine, steps: u64) -> Result<Attempt, Stop> {
        self.attempt(engine, Variant::Probed, Some(steps), None)
    }

    /// Runs the program once, on an engine that counts, with marks on the branches of
    /// the runtime in it.
    pub fn marked(&self, engine: &Engine) -> Result<Attempt, Stop> {
        self.attempt(engine, Variant::Marked, None, None)
    }

    fn rewriting(&self, variant: Variant) -> Rewriting {
        Rewriting {
            variant,
            tables: match self.request.tight {
                _ if self.roomy => Tables::Roomy,
                true => Tables::Tight,
                false => Tables::Shipped,
            },
        }
    }

    fn attempt(
        &self,
        engine: &Engine,
        variant: Variant,
        steps: Option<u64>,
        watch: Option<Watch>,
    ) -> Result<Attempt, Stop> {
        let CompiledProgram { wasm, folder, .. } = self.program;
        let module = match artifact::load(engine, self.rewriting(variant), wasm, folder) {
            Ok(module) => module,
            Err(Unfit::Invalid(why)) => {
                return Ok(Attempt::before(Ending::invalid_module(why)));
            }
            Err(why @ Unfit::UnknownLayout(_)) => {
                let message = why.to_string();
                return Ok(Attempt::before(Ending::Unsupported { message }));
            }
            Err(why @ Unfit::UnknownRuntime(_)) => {
                return Err(Stop::UnknownRuntime(why.to_string()));
            }
        };
        let mut schedule = match steps {
            None => Schedule::of(self.request.mode),
            Some(_) => None,
        };
        let setup = Setup {
            request: self.request,
            first_ask: schedule.as_mut().map(|schedule| schedule.first().get()),
            steps,
            watch,
        };
        // What it takes to copy files is not the program's time.
        let left = self.limits.left();
        let wants_files = module.imports().any(|import| asks_for_files(import.name()));
        let folder = wants_files.then(|| self.request.files.fresh());
        let folder = folder.transpose().map_err(Stop::files(IN_FOLDER))?;
        let limits = self.limits.on_this_thread(left);
        let host = Host::new(self.request, folder, schedule, limits);
        let mut store = Store::new(engine, host);
        store.limiter(|host| &mut host.limits);
        if steps.is_none() {
            let given = given(variant, self.request.budget.instructions);
            store.set_fuel(given).expect("this engine counts fuel");
            store.data_mut().given = given;
            store.data_mut().trace = (variant == Variant::Traced).then(Collections::default);
            store.set_epoch_deadline(1);
            store.epoch_deadline_callback(|store| {
                store.data().limits.check()?;
                Ok(UpdateDeadline::Continue(1))
            });
        }
        self.run(store, &module, variant, setup)
    }

    /// Runs the program from its start to its end.
    fn run(
        &self,
        mut store: Store<Host>,
        module: &Module,
        variant: Variant,
        setup: Setup<'_>,
    ) -> Result<Attempt, Stop> {
        let before = thread_time();
        let instance = starting::instantiate(&mut store, module);
        let (instance, end) = match instance {
            Ok(instance) => (Some(instance), self.main(&mut store, instance, setup)),
            Err(end) => (None, end),
        };
        // What is wrong is noted, and told instead of this end.
        let _ = match end.is_the_program_s() {
            true => ended(&mut store.as_context_mut()),
            // Where it was ended in the middle of something, nothing need be whole.
            false => settle(&mut store.as_context_mut()),
        };
        let cpu = thread_time().saturating_sub(before);
        let mut meter = Meter {
            store: &mut store,
            instance,
            module,
            variant,
        };
        let measures = meter.measures();
        let used = meter.in_use();
        let (peak_heap, out_of_steps) = (meter.peak_heap(), meter.is_out_of_steps());
        let (chance, probed) = (meter.chance(), meter.probed());
        let taken = meter.taken();
        let exhausted = end.is_exhausted_stack();
        let budget = self.request.budget;
        let context = Context {
            program: self.program,
            rewriting: self.rewriting(variant),
            module,
            budget,
        };
        let filled = context.filled(&end, store.data());
        let mut ending = context.ending(end, store.data());
        if let (Ending::Trapped(trap), Some((_, message))) = (&mut ending, &filled) {
            trap.message.clone_from(message);
        }
        let limit = budget.instructions;
        let worked = measures
            .as_ref()
            .map_or(Instructions(0), |it| it.instructions);
        if worked > limit && variant != Variant::Sanitized {
            ending = Ending::OverInstructions { limit };
        }
        let host = store.into_data();
        // It was not let write more than that.
        let left = host.folder.as_ref().map(|it| it.left(budget.output));
        let left = left.transpose().map_err(Stop::files(IN_FOLDER))?;
        let files = left.flatten().unwrap_or_default();
        let life = |traced: Collections| {
            let end = LifeEnd {
                at: measures.as_ref()?.instructions,
                used: used?,
            };
            Some(traced.until(end)).filter(|_| repeats(&ending))
        };
        Ok(Attempt {
            heap_life: host.trace.and_then(life),
            ending,
            exhausted,
            out_of_steps,
            stdout: host.stdout,
            stderr: host.stderr,
            files,
            measures,
            chance,
            filled: filled.map(|(table, _)| table),
            probed,
            taken,
            found: host.sanitizer.and_then(|it| it.books.close()),
            peak_heap,
            cpu,
        })
    }

    /// Calls `main` of an instance.
    fn main(&self, store: &mut Store<Host>, instance: Instance, setup: Setup<'_>) -> RunEnd {
        starting::prepare(store, instance, setup);
        match starting::call_main(
            store,
            instance,
            &self.program.about.parameters,
            &self.request.arguments,
        ) {
            Ok(results) => match ending::value(store, &results, self.program.about.returns_text) {
                Ok(value) => RunEnd::Ours(Ending::Returned {
                    value,
                    exit_code: None,
                }),
                Err(ending) => RunEnd::Ours(ending),
            },
            Err(end) => end,
        }
    }
}

/// How the module is rewritten for a mode.
fn variant(mode: GcMode, traced: bool) -> Variant {
    match mode {
        GcMode::Shipped if traced => Variant::Traced,
        GcMode::Shipped => Variant::Counted,
        GcMode::Eager | GcMode::Every(_) | GcMode::Random(_) | GcMode::PerStack => {
            Variant::Scheduled
        }
        GcMode::Checks | GcMode::Sanitize(_) => Variant::Sanitized,
        GcMode::Never => Variant::Uncollected,
    }
}

/// The fuel that a run is given: twice the budget, because what counting adds
/// uses some too, and never as much as the allocator that it counts. The budget
/// itself is judged by the program's own instructions. What the sanitizer's checks and
/// collections use is not told from it, nor what marks do, so where they are there is
/// no limit but that of time.
fn given(variant: Variant, instructions: Instructions) -> u64 {
    let all = match variant {
        Variant::Sanitized | Variant::Marked => u64::MAX,
        _ => instructions.0.saturating_mul(2),
    };
    all.min(i64::MAX as u64)
}
