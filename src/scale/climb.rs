//! The climb: n doubles until the case fails or a budget is spent, then the
//! ceiling is searched between the last n that passed and the first that did not.

mod explosion;
mod meaning;

use std::time::{Duration, Instant};

use crate::case::{
    Budget, Bytes, Case, Ending, Engine, HeapLife, Instructions, Lane, Point, Scale,
};
use crate::clock::thread_time;
use crate::judge::Verdict;
use crate::judge::growth::{Excess, Measured, excesses, measure};
use crate::runner::{Examined, Examiner, NotRun};
use crate::scenario::Scenario;
pub use explosion::Explosion;
use explosion::Spent;

/// What one climb may take.
#[derive(Clone, Copy, Debug)]
pub struct ClimbLimits {
    /// Processor time of the way up, and once more as much for the search of
    /// the ceiling where something failed.
    pub time: Duration,
    /// Memory of each process, and of each program on the native engine.
    pub memory: Bytes,
    /// Instructions of each run on the native engine.
    pub instructions: Instructions,
    /// The largest n to try.
    pub largest: Scale,
}

/// A program that did more than this is not run once more to look at its stack
/// and its heap: a smaller n has shown how they grow.
const PROBED: Instructions = Instructions(200_000_000);

/// At so many points, of at most so many instructions, the stack is searched for.
const STACKS: usize = 4;
const SEARCHED: Instructions = Instructions(20_000_000);

/// The part of its time that the way up leaves for an n between, where the next
/// one turns out to be too large.
const KEPT: u32 = 4;
/// Less of its time than this part is not worth another n.
const WORTH_TRYING: u32 = 32;

/// What entering a program takes of the stack, above its first frame.
const SPARE: u64 = 8 * 1024;

/// What a climb found.
#[derive(Clone, Debug)]
pub struct Climb {
    /// Why it did not go in the lane that was asked for.
    pub instead: Option<String>,
    /// The lane it went in: the reference engine where the native one cannot run
    /// the program.
    pub lane: Lane,
    /// What each n cost that passed on the way up, in the order of n.
    pub points: Vec<Point>,
    /// The heap over the program's life at the last of them, where it was traced.
    pub heap_life: Option<HeapLife>,
    /// The largest n that passed.
    pub passes: Option<Scale>,
    /// What ended it.
    pub end: ClimbEnd,
    /// How the costs grow.
    pub measured: Vec<Measured>,
    /// Which of them grow faster than declared.
    pub excesses: Vec<Excess>,
    /// What the budget was spent by before it could be judged.
    pub explosion: Option<Explosion>,
    /// A known limit that no longer fails, and at which n.
    pub fixed: Option<(Scale, String)>,
    /// How often a program was run and judged.
    pub probes: usize,
}

/// What ended a climb.
#[derive(Clone, Debug)]
pub enum ClimbEnd {
    /// The case fails from this n on, or the known limit holds.
    Failed {
        /// The smallest n above the ceiling that was seen to fail.
        at: Scale,
        /// What was examined there.
        examined: Box<Examined>,
        /// Whether nothing lies between this n and the ceiling.
        exact: bool,
    },
    /// A budget was spent.
    Budget {
        /// The n that it was spent at, or that was not begun for it.
        at: Scale,
        /// Which one, in words.
        what: String,
        /// Whether the same climb would end here on any machine.
        exact: bool,
    },
    /// The largest n that was asked for was reached.
    Largest,
    /// What must come out is not known at this n.
    Oracle {
        /// The n.
        at: Scale,
        /// Why not.
        why: String,
    },
    /// It could not go on.
    NotRun(NotRun),
}

/// Climbs with `scenario` in `lane`; on the reference engine where the native
/// one has not what the program asks for.
pub fn climb(
    examiner: &Examiner<'_>,
    scenario: &Scenario,
    lane: Lane,
    limits: ClimbLimits,
) -> Climb {
    let climb = climb_in(examiner, scenario, lane, limits);
    match &climb.end {
        ClimbEnd::Failed { examined, .. }
            if matches!(examined.outcome.ending, Ending::Unsupported { .. })
                && climb.passes.is_none()
                && lane.engine == Engine::Native =>
        {
            let why = examined.judgement.message.clone();
            Climb {
                instead: Some(why),
                ..climb_in(examiner, scenario, Lane::REFERENCE, limits)
            }
        }
        _ => climb,
    }
}

fn climb_in(
    examiner: &Examiner<'_>,
    scenario: &Scenario,
    lane: Lane,
    limits: ClimbLimits,
) -> Climb {
    let mut way = Way {
        examiner,
        scenario,
        lane,
        limits,
        left: limits.time.saturating_sub(limits.time / KEPT),
        probes: 0,
        spent: None,
        fixed: None,
    };
    let mut seen = Seen::default();
    let mut n = Scale::ONE;
    let mut end = loop {
        let before = way.left;
        if let Some(end) = way.see(n, &mut seen) {
            break end;
        }
        if n >= limits.largest {
            break ClimbEnd::Largest;
        }
        let took = before.saturating_sub(way.left);
        n = Scale::new(n.get().saturating_mul(2))
            .unwrap_or(limits.largest)
            .min(limits.largest);
        // Twice the n takes twice the time at least.
        if 2 * took > way.left {
            let time = humantime::format_duration(limits.time);
            break ClimbEnd::Budget {
                at: n,
                what: format!("would take longer than is left of its {time}"),
                exact: false,
            };
        }
    };
    let explosion = match &end {
        ClimbEnd::Budget { .. } => Explosion::of(&seen.points, way.spent, &scenario.growth),
        _ => None,
    };
    way.left += limits.time / KEPT;
    end = way.between(end, &mut seen);
    let Seen {
        mut points,
        heap_life,
        mut passes,
    } = seen;
    let foretold = measure(&points, &scenario.growth)
        .iter()
        .filter_map(|it| Some(it.overflow?.at))
        .fold(f64::MAX, f64::min);
    if let ClimbEnd::Failed { .. } = end {
        way.left = limits.time;
        (passes, end) = way.ceiling(passes, end, foretold);
    }
    if let Err(why) = way.search_stacks(&mut points) {
        end = ClimbEnd::NotRun(why);
    }
    let measured = measure(&points, &scenario.growth);
    let excesses = excesses(&points, &measured);
    Climb {
        instead: None,
        lane,
        points,
        heap_life,
        passes,
        end,
        measured,
        excesses,
        explosion,
        fixed: way.fixed,
        probes: way.probes,
    }
}

/// A climb under way.
struct Way<'a> {
    examiner: &'a Examiner<'a>,
    scenario: &'a Scenario,
    lane: Lane,
    limits: ClimbLimits,
    /// The processor time that is left.
    left: Duration,
    probes: usize,
    /// What the first budget was spent by.
    spent: Option<Spent>,
    fixed: Option<(Scale, String)>,
}

/// What was seen on the way up.
#[derive(Default)]
struct Seen {
    points: Vec<Point>,
    heap_life: Option<HeapLife>,
    passes: Option<Scale>,
}

/// What one n came to.
enum ClimbStep {
    Passes(Box<Examined>),
    Ends(ClimbEnd),
}

impl Way<'_> {
    fn case(&self, n: Scale) -> Case {
        Case {
            scenario: self.scenario.name.clone(),
            lane: self.lane,
            scale: n,
        }
    }

    fn budget(&self) -> Budget {
        Budget {
            memory: self.limits.memory,
            instructions: self.limits.instructions,
            ..self.scenario.budget_in(self.lane)
        }
        .lasting(self.left)
    }

    fn out_of_time(&self, at: Scale) -> ClimbEnd {
        let time = humantime::format_duration(self.limits.time);
        ClimbEnd::Budget {
            at,
            what: format!("spent its {time}"),
            exact: false,
        }
    }

    fn step(&mut self, n: Scale) -> ClimbStep {
        self.probes += 1;
        if self.left.is_zero() {
            return ClimbStep::Ends(self.out_of_time(n));
        }
        let before = thread_time();
        let budget = self.budget();
        let late = Instant::now() + 2 * budget.wall;
        let examined = self
            .examiner
            .examine_within(self.scenario, &self.case(n), budget, late);
        let own = thread_time().saturating_sub(before);
        let examined = examined.inspect(|it| {
            let compile = it.outcome.compile.map_or(Duration::ZERO, |it| it.cpu);
            let run = it.outcome.run.cpu;
            // A program on the native engine runs on this thread, or on another that
            // this one waits for.
            let run = match self.lane.engine {
                Engine::Native => own.max(run),
                Engine::Reference => own + run,
            };
            self.left = self.left.saturating_sub(compile + run);
        });
        let examined = match examined {
            Ok(examined) => examined,
            Err(NotRun::Budget(_)) => return ClimbStep::Ends(self.out_of_time(n)),
            Err(NotRun::Scenario(why)) => return ClimbStep::Ends(ClimbEnd::Oracle { at: n, why }),
            Err(other) => return ClimbStep::Ends(ClimbEnd::NotRun(other)),
        };
        if self.spent.is_none() {
            self.spent = Spent::of(n, self.lane.engine, &examined.outcome, budget);
        }
        let spent = |what: String, exact| ClimbStep::Ends(ClimbEnd::Budget { at: n, what, exact });
        match &examined.outcome.ending {
            Ending::OverTime { doing, .. } => {
                return spent(format!("spent its time while {doing}"), false);
            }
            // A process is larger on one machine than on another.
            Ending::OverMemory { limit, doing, .. } => {
                let exact = self.lane.engine == Engine::Native;
                return spent(format!("spent its {limit} of memory while {doing}"), exact);
            }
            Ending::OverOutput { limit, .. } => {
                return spent(format!("spent its {limit} of output"), true);
            }
            Ending::OverInstructions { limit } => {
                return spent(format!("spent its {limit} instructions"), true);
            }
            _ => {}
        }
        match examined.judgement.verdict {
            Verdict::Pass => ClimbStep::Passes(Box::new(examined)),
            Verdict::Fixed => {
                let message = examined.judgement.message.clone();
                self.fixed.get_or_insert((n, message));
                ClimbStep::Passes(Box::new(examined))
            }
            Verdict::Known | Verdict::Failed(_) | Verdict::Unsupported | Verdict::Refused => {
                ClimbStep::Ends(ClimbEnd::Failed {
                    at: n,
                    examined: Box::new(examined),
                    exact: false,
                })
            }
            Verdict::Undecided | Verdict::NotRun => ClimbStep::Ends(ClimbEnd::NotRun(
                NotRun::Scenario(examined.judgement.message),
            )),
        }
    }

    /// Steps to an n and keeps what it cost, unless that ends the climb.
    fn see(&mut self, n: Scale, seen: &mut Seen) -> Option<ClimbEnd> {
        let examined = match self.step(n) {
            ClimbStep::Passes(examined) => examined,
            ClimbStep::Ends(end) => return Some(end),
        };
        match self.point(n, &examined) {
            Ok(point) => seen.points.push(point),
            Err(why) => return Some(ClimbEnd::NotRun(why)),
        }
        seen.heap_life.clone_from(&examined.outcome.heap_life);
        seen.passes = Some(n);
        None
    }

    /// Where its time ended the way up, tries what is left of it on an n between:
    /// what the one above costs may be nothing like what the one below did. Each
    /// may take half of the rest, so that there is some for the next.
    fn between(&mut self, mut end: ClimbEnd, seen: &mut Seen) -> ClimbEnd {
        while let ClimbEnd::Budget {
            at, exact: false, ..
        } = end
            && let Some(passes) = seen.passes
            && at.get() - passes.get() > 1
            && self.left > self.limits.time / WORTH_TRYING
        {
            let middle = passes.get() + (at.get() - passes.get()) / 2;
            let middle = Scale::new(middle).expect("it lies above one that passed");
            let kept = self.left / 2;
            self.left -= kept;
            if let Some(ended) = self.see(middle, seen) {
                end = ended;
            }
            self.left += kept;
        }
        end
    }

    /// What an n cost that passed, with a look at its stack and its heap.
    fn point(&mut self, n: Scale, examined: &Examined) -> Result<Point, NotRun> {
        let before = thread_time();
        let instructions = examined.outcome.measures.as_ref().map(|it| it.instructions);
        let probed = match instructions.filter(|instructions| *instructions <= PROBED) {
            Some(instructions) => {
                let (case, budget) = (self.case(n), self.budget());
                self.examiner
                    .probe(self.scenario, &case, budget, instructions)?
            }
            None => None,
        };
        let own = thread_time().saturating_sub(before);
        self.left = self.left.saturating_sub(own);
        Ok(Point::of(n, &examined.outcome, probed))
    }

    /// Where the stack was seen to grow, searches for what the last few of the
    /// cheap points need of it. Looking makes frames larger: that they grow can
    /// be seen, and not where they end.
    fn search_stacks(&self, points: &mut [Point]) -> Result<(), NotRun> {
        let seen = |point: &Point| {
            let instructions = point.measures.as_ref()?.instructions;
            Some((instructions, point.probed?.stack)).filter(|_| instructions <= SEARCHED)
        };
        let cheap: Vec<usize> = (0..points.len())
            .filter(|&place| seen(&points[place]).is_some())
            .collect();
        let last = &cheap[cheap.len().saturating_sub(STACKS)..];
        let stacks = last.iter().filter_map(|&place| seen(&points[place]));
        let stacks: Vec<(Instructions, Bytes)> = stacks.collect();
        if stacks.len() < STACKS || stacks.windows(2).any(|pair| pair[1].1 <= pair[0].1) {
            return Ok(());
        }
        for (&place, (instructions, most)) in last.iter().zip(stacks) {
            let point = &mut points[place];
            let case = self.case(point.n);
            let most = Bytes(most.0 + SPARE);
            let needed = (self.examiner).stack_needed(
                self.scenario,
                &case,
                self.budget(),
                instructions,
                most,
            )?;
            if let Some(probed) = &mut point.probed {
                probed.exact_stack = needed;
            }
        }
        Ok(())
    }

    /// Halves what lies between the last n that passed and the first that failed,
    /// after a look at where a resource was foretold to end.
    fn ceiling(
        &mut self,
        passes: Option<Scale>,
        failed: ClimbEnd,
        foretold: f64,
    ) -> (Option<Scale>, ClimbEnd) {
        let (mut passes, mut failed) = (passes, failed);
        // The casts saturate, and what does not lie between is not tried.
        let end = foretold as u64;
        let mut near = vec![end.saturating_add(2), end.saturating_sub(1)];
        loop {
            let ClimbEnd::Failed { at, examined, .. } = failed else {
                return (passes, failed);
            };
            let below = passes.map_or(0, Scale::get);
            let between = |n: &u64| (below + 1..at.get()).contains(n);
            let middle = below + (at.get() - below) / 2;
            let next = near.pop().filter(between).unwrap_or(middle);
            let next = Scale::new(next).filter(|it| between(&it.get()));
            let done = |exact| ClimbEnd::Failed {
                at,
                examined: examined.clone(),
                exact,
            };
            let Some(next) = next else {
                return (passes, done(true));
            };
            failed = match self.step(next) {
                ClimbStep::Passes(_) => {
                    passes = Some(next);
                    done(false)
                }
                ClimbStep::Ends(lower @ ClimbEnd::Failed { .. }) => lower,
                // Out of time: what is known is known.
                ClimbStep::Ends(
                    ClimbEnd::Budget { .. } | ClimbEnd::Oracle { .. } | ClimbEnd::Largest,
                ) => {
                    return (passes, done(false));
                }
                ClimbStep::Ends(other @ ClimbEnd::NotRun(_)) => return (passes, other),
            };
        }
    }
}
