//! The allocator and the collector of a module, driven by random events without a
//! program, against a model that knows what is reached and what it holds.

mod event;
mod model;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::campaign::bench::Bench;
use crate::campaign::{Finished, Setting};
use crate::case::{Case, Lane, Problem};
use crate::engine::native::driven::Drivable;
use crate::record::fuzz::{HeapFinding, HeapRecord};
use crate::record::{self, Conclusion};
use crate::runner::Scripts;
use crate::scenario::generated;
use crate::toolchain::compile::MODULE;
use crate::vera::generate::{Dice, numbered};
use event::{Event, Shape};
use model::{Modelled, Wrong};

/// How large a heap may become: what comes later is more of the same.
const LARGEST: u32 = 48 << 20;

/// After how many events it is told how many there were.
const TOLD: u64 = 1 << 16;

/// What making a sequence short may take.
const REDUCING: Duration = Duration::from_secs(20);

/// Drives a heap from a seed until something is wrong, or `is_over`.
pub fn drive(
    module: &Drivable,
    seed: u64,
    is_over: &dyn Fn(u64) -> bool,
) -> Result<HeapRecord, Problem> {
    let started = Instant::now();
    let mut report = HeapRecord::default();
    while !is_over(report.events) {
        let mut dice = Dice::of(numbered(seed, report.sequences));
        let shape = Shape::thrown(&mut dice);
        let mut events = Vec::new();
        let outcome = sequence(module, &mut || {
            let goes_on = events.len() < shape.length && !is_over(report.events);
            let event = goes_on.then(|| shape.event(&mut dice));
            report.events += event.map_or(0, Event::weight);
            events.extend(event);
            event
        })?;
        if let Some(wrong) = outcome {
            report.seconds = started.elapsed().as_secs_f64();
            let from = events.len();
            let short = shortest(module, events, &wrong)?;
            // The shortest one may say it in other numbers.
            let wrong = again(module, &short)?.unwrap_or(wrong);
            report.found = Some(HeapFinding {
                kind: wrong.kind.to_owned(),
                message: wrong.message,
                sequence: report.sequences,
                from,
                events: short.iter().map(ToString::to_string).collect(),
            });
            return Ok(report);
        }
        report.sequences += 1;
    }
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

/// Applies events to an empty heap; gives what is wrong.
fn sequence(
    module: &Drivable,
    next: &mut dyn FnMut() -> Option<Event>,
) -> Result<Option<Wrong>, Problem> {
    let mut driven = module.start()?;
    let Some(mut heap) = Modelled::of(&mut driven) else {
        return Err(Problem::new(
            "the module's heap has no globals that are known",
        ));
    };
    while let Some(event) = next() {
        if let Err(wrong) = heap.apply(event) {
            return Ok(Some(wrong));
        }
        if heap.bytes() > LARGEST {
            break;
        }
    }
    Ok(heap.check().err())
}

fn again(module: &Drivable, events: &[Event]) -> Result<Option<Wrong>, Problem> {
    let mut events = events.iter().copied();
    sequence(module, &mut || events.next())
}

/// Delta debugging: takes away runs of events, long ones first, while the same is wrong.
fn shortest(
    module: &Drivable,
    mut events: Vec<Event>,
    sought: &Wrong,
) -> Result<Vec<Event>, Problem> {
    let started = Instant::now();
    let mut length = events.len() / 2;
    while length > 0 {
        let mut from = 0;
        while from < events.len() {
            if started.elapsed() > REDUCING {
                return Ok(events);
            }
            let mut fewer = events.clone();
            fewer.drain(from..(from + length).min(events.len()));
            let same = again(module, &fewer)?.is_some_and(|it| it.kind == sought.kind);
            if same {
                events = fewer;
            } else {
                from += length;
            }
        }
        length /= 2;
    }
    Ok(events)
}

/// A program of which nothing is run: it is there for its runtime.
pub const PROGRAM: &str = "public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(pure)
{
  array_length(array_map(array_range(0, nat_to_int(@Nat.0)), fn(@Int -> @Option<Int>) effects(pure) { Some(@Int.0) }))
}
";

/// The heap of a Vera, driven for a time.
pub struct HeapFuzz<'a> {
    /// What every use works with; its seed is that of the events.
    pub setting: Setting<'a>,
    /// The Vera.
    pub bench: &'a Bench,
    /// For how long.
    pub time: Duration,
}

impl HeapFuzz<'_> {
    /// Drives it until the time is over, or something is wrong.
    pub fn run(&self) -> Result<Finished<HeapRecord>, Problem> {
        let setting = &self.setting;
        let started = Instant::now();
        let module = self.module()?;
        let told = Cell::new(0);
        let is_over = |done: u64| {
            if done / TOLD > told.replace(done / TOLD) {
                setting.send(record::Event::Doing(format!("{done} events on the heap")));
            }
            setting.interrupt.is_set() || started.elapsed() >= self.time
        };
        let mut record = drive(&module, setting.seed, &is_over)?;
        record.vera = self.bench.toolchain.spec.clone();
        record.seed = setting.seed;
        record.again = setting.again(&record.vera).heap();
        setting.send(record::Event::HeapDriven(record.clone()));
        Ok(Finished {
            conclusion: Conclusion {
                interrupted: setting.interrupt.is_set(),
                failed: record.found.is_some(),
                ..Conclusion::default()
            },
            report: record,
        })
    }

    fn module(&self) -> Result<Drivable, Problem> {
        let scripts = Scripts::default();
        let examiner = self.bench.examiner(&scripts, &self.setting, self.time);
        let scenario = generated("heap", PROGRAM, BTreeMap::new());
        let case = Case {
            scenario: scenario.name.clone(),
            lane: Lane::NATIVE,
            scale: scenario.n,
        };
        let refused = || Problem::new("Vera does not compile a program of one line");
        let compiled = examiner.compiled(&scenario, &case).ok_or_else(refused)?;
        let wasm = std::fs::read(compiled.folder.join(MODULE))
            .map_err(|why| Problem::new(format!("the compiled module cannot be read: {why}")))?;
        Drivable::of(&wasm)
    }
}
