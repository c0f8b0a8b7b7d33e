//! One run of a program, from its imports to what was counted.

use std::path::Path;
use std::time::Duration;

use wasmtime::{
    AsContextMut, Engine, Instance, Module, Store, Trap as Cause, UpdateDeadline, Val, ValType,
};

use super::artifact;
use super::failure::Failure;
use super::guest::{Guest, read_u32};
use super::host::probes::used_bytes;
use super::machine::STACK;
use super::sanitizer::{Found, Sanitizer, Seen, Watch, result_access};
use super::state::{Host, Limits};
use super::{Request, finding, link, trap};
use crate::case::{
    Bytes, Chance, Collections, Doing, Ending, Fuel, GcMode, HeapLife, LifeEnd, Measures, Probed,
    Trap, Value,
};
use crate::instrument::schedule::Schedule;
use crate::instrument::{
    ALLOCATED, ALLOCATIONS, COLLECTIONS, COUNTDOWN, HEAP_GLOBALS, OURS, PREFIX, RAISES,
    SHADOW_BASE, SHADOW_TOP, STEPS, Unfit, Variant,
};
use crate::interrupt::Interrupt;
use crate::toolchain::about::About;
use crate::toolchain::compile::{Compiled, Stop};

/// How a program ended, with what the host has of it.
pub struct Attempt {
    /// How it ended.
    pub ending: Ending,
    /// Whether the WebAssembly stack was exhausted.
    pub exhausted: bool,
    /// Whether the steps that it was given were used up.
    pub out_of_steps: bool,
    /// `None` where the program never started.
    pub host: Option<Host>,
    /// What was counted, where it was.
    pub measures: Option<Measures>,
    /// What it asked chance for.
    pub chance: Chance,
    /// What it told, where it was probed.
    pub probed: Option<Probed>,
    /// Its heap over its life, where it was traced and tells.
    pub heap_life: Option<HeapLife>,
    /// What the sanitizer found, and what was remembered of it.
    pub found: Option<(Found, Seen)>,
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
            host: None,
            measures: None,
            chance: Chance::default(),
            probed: None,
            heap_life: None,
            found: None,
            peak_heap: None,
            cpu: Duration::ZERO,
        }
    }
}

/// A program with everything that a run of it needs.
pub struct Task<'a> {
    /// The module.
    pub wasm: &'a [u8],
    /// Where its machine code is kept.
    pub folder: &'a Path,
    /// What the compiler said of it.
    pub about: &'a About,
    /// What is to be run.
    pub request: &'a Request,
    /// Whether its collections are traced, where it collects as shipped.
    pub traced: bool,
    /// What ends it early.
    pub limits: Limits,
}

impl<'a> Task<'a> {
    /// A run of what a compiler left.
    pub fn of(
        wasm: &'a [u8],
        compiled: &'a Compiled,
        request: &'a Request,
        interrupt: &Interrupt,
    ) -> Task<'a> {
        Task {
            wasm,
            folder: &compiled.folder,
            about: &compiled.about,
            request,
            traced: false,
            limits: Limits::of(request, interrupt),
        }
    }
}

impl Task<'_> {
    /// Runs the program once, on an engine that counts.
    pub fn counted(&self, engine: &Engine) -> Result<Attempt, Stop> {
        let variant = variant(self.request.mode, self.traced);
        let mut first = self.attempt(engine, variant, None, None)?;
        if let Some((found, _)) = first.found.take() {
            // What happened before, only another run can tell, which knows what
            // to remember. A run repeats, so it comes to the same.
            let again = Task {
                limits: self.limits.anew(self.request.budget.wall),
                ..*self
            };
            let second = again.attempt(engine, variant, None, Some(Watch::of(&found)))?;
            let seen = second.found.filter(|(other, _)| *other == found);
            let seen = seen.map(|(_, seen)| seen).unwrap_or_default();
            let finding = finding::tell(self.wasm, self.about, &found, &seen);
            first.ending = Ending::Corrupt {
                finding: Box::new(finding),
            };
        }
        Ok(first)
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

    fn attempt(
        &self,
        engine: &Engine,
        variant: Variant,
        steps: Option<u64>,
        watch: Option<Watch>,
    ) -> Result<Attempt, Stop> {
        let module = match artifact::load(engine, variant, self.wasm, self.folder) {
            Ok(module) => module,
            Err(why @ Unfit::Invalid(_)) => {
                return Ok(Attempt::before(Ending::Rejected {
                    message: why.to_string(),
                }));
            }
            Err(why @ Unfit::UnknownRuntime(_)) => {
                return Err(Stop::UnknownRuntime(why.to_string()));
            }
        };
        let mut schedule = match steps {
            None => Schedule::of(self.request.mode),
            Some(_) => None,
        };
        let first_ask = schedule.as_mut().map(|schedule| schedule.first().get());
        let host = Host::new(self.request, schedule, self.limits.clone());
        let mut store = Store::new(engine, host);
        store.limiter(|host| &mut host.limits);
        if steps.is_none() {
            let given = given(variant, self.request.budget.work);
            store.set_fuel(given).expect("this engine counts fuel");
            store.data_mut().given = given;
            store.data_mut().trace = (variant == Variant::Traced).then(Collections::default);
            store.set_epoch_deadline(1);
            store.epoch_deadline_callback(|store| {
                store.data().limits.check()?;
                Ok(UpdateDeadline::Continue(1))
            });
        }
        let run = Run {
            store,
            task: self,
            variant,
            steps,
            watch,
            instance: None,
        };
        Ok(run.start_to_end(&module, first_ask))
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
/// itself is judged by the program's own work. What the sanitizer's checks and
/// collections use is not told from it, so where they are there is no limit but
/// that of time.
fn given(variant: Variant, work: Fuel) -> u64 {
    let all = match variant {
        Variant::Sanitized => u64::MAX,
        _ => work.0.saturating_mul(2),
    };
    all.min(i64::MAX as u64)
}

/// A program that runs, or has just ended.
struct Run<'a> {
    store: Store<Host>,
    task: &'a Task<'a>,
    variant: Variant,
    steps: Option<u64>,
    watch: Option<Watch>,
    instance: Option<Instance>,
}

/// How a call ended: an ending of ours, or an error of wasmtime's.
enum End {
    Ours(Ending),
    Error(wasmtime::Error),
    Instantiation(wasmtime::Error),
}

impl Run<'_> {
    fn start_to_end(mut self, module: &Module, first_ask: Option<u64>) -> Attempt {
        let before = cpu_time();
        let end = self.go(module, first_ask);
        let cpu = cpu_time().saturating_sub(before);
        self.finish(module, end, cpu)
    }

    fn go(&mut self, module: &Module, first_ask: Option<u64>) -> End {
        let linker = match link::link(&mut self.store, module) {
            Ok(linker) => linker,
            Err(why) => return End::Error(why),
        };
        let instance = match linker.instantiate(&mut self.store, module) {
            Ok(instance) => instance,
            Err(why) => return End::Instantiation(why),
        };
        self.instance = Some(instance);
        let guest = Guest::of(&mut self.store, instance);
        let heap_start = guest
            .heap_pointer()
            .and_then(|global| read_u32(global, &mut self.store));
        let host = self.store.data_mut();
        host.heap_start = heap_start.unwrap_or(0);
        host.guest = Some(guest);
        let (mode, watch) = (self.task.request.mode, self.watch.take());
        let sanitizer = Sanitizer::of(&mut self.store, instance, mode, watch);
        self.store.data_mut().sanitizer = sanitizer;
        for (name, value) in [(COUNTDOWN, first_ask), (STEPS, self.steps)] {
            if let Some(value) = value
                && let Some(global) = instance.get_global(&mut self.store, name)
            {
                let value = i64::try_from(value).unwrap_or(i64::MAX);
                if name == STEPS {
                    self.store.data_mut().steps = Some(global);
                }
                global
                    .set(&mut self.store, Val::I64(value))
                    .expect("these globals are ours, and mutable i64s");
            }
        }
        let Some(main) = instance.get_func(&mut self.store, "main") else {
            return rejected("it exports no function `main`");
        };
        let ty = main.ty(&self.store);
        let mut parameters = Vec::new();
        for (given, wanted) in self.task.request.arguments.iter().zip(ty.params()) {
            match (wanted, given.parse()) {
                (ValType::I64, Ok(number)) => parameters.push(Val::I64(number)),
                _ => return rejected("the parameter of `main` is neither Nat nor Int"),
            }
        }
        if parameters.len() != ty.params().len()
            || parameters.len() != self.task.request.arguments.len()
        {
            let wants = ty.params().len();
            return rejected(&format!(
                "`main` takes {wants} WebAssembly parameters, and {} were given",
                self.task.request.arguments.len()
            ));
        }
        let mut results = vec![Val::I32(0); ty.results().len()];
        match main.call(&mut self.store, &parameters, &mut results) {
            Ok(()) => match self.value(&results) {
                Ok(value) => End::Ours(Ending::Returned {
                    value,
                    exit_code: None,
                }),
                Err(ending) => End::Ours(ending),
            },
            Err(why) => End::Error(why),
        }
    }

    /// What `main` returned, as `vera run` shows it.
    fn value(&mut self, results: &[Val]) -> Result<Value, Ending> {
        match results {
            [] => Ok(Value::Unit),
            [Val::I64(number)] => Ok(Value::Int(*number)),
            [Val::I32(number)] => Ok(Value::Int((*number).into())),
            [Val::F64(bits)] => Ok(Value::Float(f64::from_bits(*bits))),
            [Val::I32(at), Val::I32(length)] if self.task.about.returns_text => {
                match self.text(*at, *length) {
                    Ok(text) => Ok(text.map_or(Value::Int((*at).into()), Value::Text)),
                    Err(_) => Err(Ending::Corrupt {
                        finding: Box::default(),
                    }),
                }
            }
            // An array is shown by its address.
            [Val::I32(at), Val::I32(_)] => Ok(Value::Int((*at).into())),
            other => Err(Ending::Rejected {
                message: format!(
                    "`main` returns {} values of types that Vera has not",
                    other.len()
                ),
            }),
        }
    }

    /// The text that `main` returned, where it lies in memory.
    fn text(&mut self, at: i32, length: i32) -> Result<Option<String>, Failure> {
        let memory = self.store.data().guest.as_ref().and_then(Guest::memory);
        let range = usize::try_from(at).ok().and_then(|start| {
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            Some(start..end)
        });
        let (Some(memory), Some(range)) = (memory, range) else {
            return Ok(None);
        };
        if memory.data(&self.store).get(range.clone()).is_none() {
            return Ok(None);
        }
        result_access(&mut self.store.as_context_mut(), range.clone())?;
        let bytes = &memory.data(&self.store)[range];
        Ok(Some(String::from_utf8_lossy(bytes).into_owned()))
    }

    /// What the sanitizer found.
    fn found(&mut self) -> Option<(Found, Seen)> {
        let sanitizer = self.store.data_mut().sanitizer.as_mut()?;
        Some((sanitizer.found.take()?, std::mem::take(&mut sanitizer.seen)))
    }

    fn finish(mut self, module: &Module, end: End, cpu: Duration) -> Attempt {
        let measures = self.measures(module);
        let heap = self
            .store
            .data()
            .guest
            .as_ref()
            .and_then(Guest::heap_pointer);
        let heap = heap.and_then(|global| read_u32(global, &mut self.store));
        let exhausted = match &end {
            End::Error(why) => why.downcast_ref::<Cause>() == Some(&Cause::StackOverflow),
            End::Ours(_) | End::Instantiation(_) => false,
        };
        let mut ending = self.ending(module, end);
        let limit = self.task.request.budget.work;
        let worked = measures.as_ref().map_or(Fuel(0), |it| it.fuel);
        if worked > limit && self.variant != Variant::Sanitized {
            ending = Ending::OverWork { limit };
        }
        let heap_life = self.heap_life(&ending, measures.as_ref());
        Attempt {
            ending,
            exhausted,
            out_of_steps: self.out_of_steps(),
            measures,
            chance: self.chance(module),
            probed: self.probed(),
            heap_life,
            found: self.found(),
            peak_heap: heap.map(|at| Bytes(at.into())),
            cpu,
            host: Some(self.store.into_data()),
        }
    }

    /// How a program ended, in the words of an outcome.
    fn ending(&self, module: &Module, end: End) -> Ending {
        let (why, instantiating) = match end {
            End::Ours(ending) => return ending,
            End::Error(why) => (why, false),
            End::Instantiation(why) => (why, true),
        };
        let budget = self.task.request.budget;
        let doing = Doing::Running;
        match why.downcast_ref::<Failure>() {
            Some(Failure::Exit(code)) => {
                return Ending::Returned {
                    value: Value::Unit,
                    exit_code: Some(*code),
                };
            }
            Some(Failure::Unsupported(message)) => {
                return Ending::Unsupported {
                    message: message.clone(),
                };
            }
            // What it was is told later.
            Some(Failure::Corrupt) => {
                return Ending::Corrupt {
                    finding: Box::default(),
                };
            }
            Some(Failure::OverOutput) => {
                return Ending::OverOutput {
                    limit: budget.output,
                    doing,
                };
            }
            // An interrupted run has no outcome.
            Some(Failure::OverTime | Failure::Interrupted) => {
                return Ending::OverTime {
                    limit: budget.wall,
                    doing,
                };
            }
            Some(Failure::OverMemory(seen)) => {
                return Ending::OverMemory {
                    limit: budget.memory,
                    seen: *seen,
                    doing,
                };
            }
            Some(Failure::OutOfBounds { .. } | Failure::Refused(_)) | None => {}
        }
        if why.downcast_ref::<Cause>() == Some(&Cause::OutOfFuel) {
            return Ending::OverWork { limit: budget.work };
        }
        if instantiating {
            return if why.is::<Cause>() {
                Ending::Trapped(Trap {
                    kind: "instantiation".to_owned(),
                    message: why.root_cause().to_string(),
                    frames: Vec::new(),
                })
            } else {
                Ending::Rejected {
                    message: format!("no valid module: {}", why.root_cause()),
                }
            };
        }
        let rewritten = artifact::rewritten(self.task.wasm, self.variant).unwrap_or_default();
        let site = trap::Site {
            about: self.task.about,
            names_its_checks: module
                .imports()
                .any(|import| (import.module(), import.name()) == ("vera", "trap")),
            code_at: &|offset| rewritten.get(offset).copied(),
        };
        Ending::Trapped(trap::describe(&why, self.store.data(), &site))
    }

    /// What was counted.
    fn measures(&mut self, module: &Module) -> Option<Measures> {
        let variant = self.variant;
        if self.steps.is_some() {
            return None;
        }
        let instance = self.instance?;
        let counter = |run: &mut Self, name: &str| -> u64 {
            instance
                .get_global(&mut run.store, name)
                .and_then(|global| global.get(&mut run.store).i64())
                .map_or(0, i64::cast_unsigned)
        };
        let allocations = counter(self, ALLOCATIONS);
        let collections = counter(self, COLLECTIONS);
        let asked = self.store.data().asked;
        let overhead = {
            let each = variant.overhead();
            each.allocation * allocations
                + each.collection * collections
                + each.raise * counter(self, RAISES)
                + each.ask * asked.times
                + each.pass * asked.passed
        };
        let left = self.store.get_fuel().expect("this engine counts fuel");
        let used = self.store.data().given.saturating_sub(left);
        let has_heap = instance.get_global(&mut self.store, ALLOCATIONS).is_some();
        let memory = self.store.data().guest.as_ref().and_then(Guest::memory);
        Some(Measures {
            fuel: Fuel(used.saturating_sub(overhead)),
            peak_memory: memory.map_or(Bytes(0), |it| Bytes(it.data_size(&self.store) as u64)),
            collections,
            forced: asked.times - asked.passed,
            allocations,
            allocated: Bytes(counter(self, ALLOCATED)),
            heap: self.heap_extent(),
            shadow_room: self.shadow_room(instance),
            shadow_stack: if has_heap {
                self.shadow_stack(instance)
            } else {
                Some(Bytes(0))
            },
            host_calls: self
                .host_calls(module)
                .map(|(name, times)| (name.to_owned(), times))
                .collect(),
        })
    }

    /// The host functions that were called, and how often.
    fn host_calls<'m>(&self, module: &'m Module) -> impl Iterator<Item = (&'m str, u64)> {
        module
            .imports()
            .zip(&self.store.data().calls)
            .filter(|(import, calls)| **calls > 0 && import.module() != OURS)
            .map(|(import, calls)| (import.name(), *calls))
    }

    fn chance(&self, module: &Module) -> Chance {
        let called = |of: &dyn Fn(&str) -> bool| self.host_calls(module).any(|(name, _)| of(name));
        Chance {
            random: called(&|name| name.starts_with("random_")),
            time: called(&|name| name == "time"),
        }
    }

    fn out_of_steps(&mut self) -> bool {
        let left = self
            .instance
            .and_then(|instance| instance.get_global(&mut self.store, STEPS))
            .and_then(|global| global.get(&mut self.store).i64());
        left.is_some_and(|left| left <= 0)
    }

    fn heap_extent(&mut self) -> Bytes {
        let start = self.store.data().heap_start;
        let guest = self.store.data().guest.as_ref();
        let end = guest
            .and_then(Guest::heap_pointer)
            .and_then(|global| read_u32(global, &mut self.store));
        Bytes(end.unwrap_or(0).saturating_sub(start).into())
    }

    fn shadow_room(&mut self, instance: Instance) -> Option<Bytes> {
        let guest = self.store.data().guest.as_ref();
        let limit = guest.and_then(Guest::shadow_limit);
        let limit = limit.and_then(|global| read_u32(global, &mut self.store))?;
        let base = instance.get_global(&mut self.store, SHADOW_BASE)?;
        let base = read_u32(base, &mut self.store)?;
        Some(Bytes(limit.saturating_sub(base).into()))
    }

    /// What a probed program has told, and what its tables say at the end.
    fn probed(&mut self) -> Option<Probed> {
        if self.variant != Variant::Probed {
            return None;
        }
        let instance = self.instance?;
        let mut address = |name: &str| {
            let global = instance.get_global(&mut self.store, &format!("{PREFIX}{name}"))?;
            read_u32(global, &mut self.store)
        };
        let base = address("gc_wrap_base");
        let [pointer, end] = ["gc_wrap_ptr", "gc_wrap_end"].map(|name| {
            let at = address(name)?;
            Some(u64::from(at.saturating_sub(base?)))
        });
        let at_end = self.in_use();
        let probes = self.store.data().probes;
        Some(Probed {
            stack: Bytes(probes.stack),
            exact_stack: None,
            stack_room: Bytes(STACK as u64),
            live: probes.live.map(Bytes),
            used: at_end.map(|it| Bytes(it.max(probes.used.unwrap_or(0)))),
            wrap_table: Bytes(probes.wrapped.max(pointer.unwrap_or(0))),
            wrap_room: end.map(Bytes),
        })
    }

    /// How much of the heap is in use at the end, where the module tells.
    fn in_use(&mut self) -> Option<u64> {
        let instance = self.instance?;
        let [start, end, first] = HEAP_GLOBALS.map(|name| {
            let global = instance.get_global(&mut self.store, &format!("{PREFIX}{name}"))?;
            read_u32(global, &mut self.store)
        });
        let memory = self.store.data().guest.as_ref()?.memory()?;
        Some(used_bytes(memory.data(&self.store), [start?, end?, first?]))
    }

    /// The heap of a traced program over its life, where that is exact: not of
    /// one that a clock ended.
    fn heap_life(&mut self, ending: &Ending, measures: Option<&Measures>) -> Option<HeapLife> {
        match ending {
            // A budget of the native engine that is no clock's ends a program at
            // the same place each time.
            Ending::Returned { .. }
            | Ending::Trapped(_)
            | Ending::OverMemory { .. }
            | Ending::OverOutput { .. }
            | Ending::OverWork { .. }
            | Ending::Corrupt { .. }
            | Ending::Unsupported { .. }
            | Ending::Crashed { .. } => {}
            Ending::OverTime { .. } | Ending::Rejected { .. } => return None,
        }
        let collections = self.store.data_mut().trace.take()?;
        let end = LifeEnd {
            at: measures?.fuel,
            used: Bytes(self.in_use()?),
        };
        Some(collections.until(end))
    }

    fn shadow_stack(&mut self, instance: Instance) -> Option<Bytes> {
        let limit = self
            .store
            .data()
            .guest
            .as_ref()
            .and_then(Guest::shadow_limit);
        let limit = limit.and_then(|global| read_u32(global, &mut self.store));
        let mut address = |name: &str| {
            let global = instance.get_global(&mut self.store, name)?;
            read_u32(global, &mut self.store)
        };
        let (base, top) = (address(SHADOW_BASE)?, address(SHADOW_TOP)?);
        // The push that found no room raised the top as well.
        let top = top.min(limit.unwrap_or(u32::MAX));
        Some(Bytes(top.saturating_sub(base).into()))
    }
}

fn rejected(why: &str) -> End {
    End::Ours(Ending::Rejected {
        message: why.to_owned(),
    })
}

/// The processor time of this thread.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
