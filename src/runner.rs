//! Cases over cores, within budgets, until done or interrupted.

mod pairs;
mod pool;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::case::{Budget, Bytes, Case, Ending, Fuel, Lane, Outcome, Point, Probed, Scale};
use crate::engine::{Engines, Spent, Subject};
use crate::interrupt::Interrupt;
use crate::judge::growth::rough_excess;
use crate::judge::{Judgement, Known, Verdict, failure, judge};
use crate::scenario::script::ScriptError;
use crate::scenario::{Expectation, FailureKind, KnownLimit, Program, Scenario};
use crate::toolchain::compile::{Compiled, Stop};
use pairs::Pairs;
pub use pool::{examine_all, in_parallel, side_by_side};

/// Below this n, three points are too close together to say how a cost grows.
const SMALLEST_GROWN: u64 = 16;

/// A case that was run and judged.
#[derive(Clone, Debug)]
pub struct Examined {
    /// What happened.
    pub outcome: Arc<Outcome>,
    /// What should have.
    pub expected: Arc<Expectation>,
    /// What the program was given to read.
    pub input: Arc<str>,
    /// What it cost at n/4, n/2 and n, where its growth was looked at.
    pub grown: Option<Arc<[Point; 3]>>,
    /// The verdict on the difference.
    pub judgement: Judgement,
}

impl Examined {
    /// How it failed, also where that is known.
    pub fn fails_as(&self) -> Option<FailureKind> {
        match self.judgement.verdict {
            Verdict::Failed(kind) => Some(kind),
            // What is as expected and known to fail grows.
            Verdict::Known => match failure(&self.outcome, &self.expected) {
                Some((kind, _)) => Some(kind),
                None => Some(FailureKind::Growth),
            },
            Verdict::Pass | Verdict::Fixed | Verdict::Unsupported | Verdict::NotRun => None,
        }
    }

    /// The same without what the program printed, which can be much.
    fn without_texts(self) -> Examined {
        let Outcome {
            ending,
            arguments,
            stdout: _,
            live_stdout: _,
            stderr: _,
            peak_heap,
            measures,
            heap_life,
            chance,
            run,
            compile,
        } = &*self.outcome;
        let outcome = Outcome {
            ending: ending.clone(),
            arguments: arguments.clone(),
            stdout: Vec::new(),
            live_stdout: Vec::new(),
            stderr: Vec::new(),
            peak_heap: *peak_heap,
            measures: measures.clone(),
            heap_life: heap_life.clone(),
            chance: *chance,
            run: *run,
            compile: *compile,
        };
        Examined {
            outcome: Arc::new(outcome),
            ..self
        }
    }
}

/// Why a case was not run.
#[derive(Clone, Debug)]
pub enum NotRun {
    /// The suite's budget was spent.
    Budget(Duration),
    /// Another case failed, and the run was to end at the first failure.
    FailFast,
    /// The run was interrupted.
    Interrupted,
    /// The scenario's own oracle or generator failed.
    Scenario(String),
    /// The toolchain, or a file of the run's own, failed.
    Toolchain(Arc<Stop>),
}

impl NotRun {
    /// The reason in one sentence.
    pub fn message(&self) -> String {
        match self {
            NotRun::Budget(budget) => format!(
                "the suite's budget of {} was spent; raise it with --budget, or run fewer cases",
                humantime::format_duration(*budget)
            ),
            NotRun::FailFast => "another case failed first (--fail-fast)".to_owned(),
            NotRun::Interrupted => "the run was interrupted".to_owned(),
            NotRun::Scenario(why) => format!("the scenario cannot be judged: {why}"),
            NotRun::Toolchain(why) => why.to_string(),
        }
    }
}

impl From<Stop> for NotRun {
    fn from(stop: Stop) -> NotRun {
        match stop {
            Stop::Interrupted => NotRun::Interrupted,
            other => NotRun::Toolchain(Arc::new(other)),
        }
    }
}

/// What became of a case.
pub type Result = std::result::Result<Examined, NotRun>;

/// What the scripts of a scenario say at one n.
#[derive(Clone, Debug)]
pub struct Said {
    /// What a case must produce.
    pub expected: Arc<Expectation>,
    /// What it is given to read.
    pub input: Arc<str>,
}

/// What the scripts say for the cases of a run. Each is asked once for each n,
/// however many lanes want to know, and may be asked ahead.
#[derive(Debug, Default)]
pub struct Scripts(HashMap<(String, Scale), OnceLock<Answer>>);

type Answer = std::result::Result<Said, ScriptError>;

impl Scripts {
    /// For these cases.
    pub fn of<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Scripts {
        let key = |case: &Case| ((case.scenario.clone(), case.scale), OnceLock::new());
        Scripts(cases.into_iter().map(key).collect())
    }

    /// What is said of `scenario` at scale `n`. An n that is none of the run's
    /// cases is computed and not kept.
    pub fn at(&self, scenario: &Scenario, n: Scale) -> Answer {
        let ask = || {
            Ok(Said {
                expected: scenario.oracle.at(n)?.into(),
                input: scenario.input.at(n)?.into(),
            })
        };
        match self.0.get(&(scenario.name.clone(), n)) {
            Some(answer) => answer.get_or_init(ask).clone(),
            None => ask(),
        }
    }
}

/// Runs single cases: the one path from a case to a verdict.
pub struct Examiner<'a> {
    /// What they must produce and are given, as far as it was asked ahead.
    pub scripts: &'a Scripts,
    /// What compiles and runs them.
    pub engines: &'a Engines,
    /// What chance repeats with.
    pub seed: u64,
    /// What ends them early.
    pub interrupt: &'a Interrupt,
    /// What the whole suite may take, for messages.
    pub budget: Duration,
}

/// What a case did, before it is judged.
#[derive(Clone)]
struct Ran {
    outcome: Arc<Outcome>,
    said: Said,
    grown: Option<Arc<[Point; 3]>>,
}

impl Examiner<'_> {
    /// Compiles, runs and judges `case` of `scenario`, and is done by `deadline`.
    /// Where it `compares`, the other engine runs a case that fails as well.
    pub fn examine_until(
        &self,
        scenario: &Scenario,
        case: &Case,
        compares: bool,
        deadline: Instant,
    ) -> Result {
        let known = self.known(scenario, case);
        self.examine_knowing(scenario, case, &known, compares, deadline)
    }

    /// The same where these are all the known limits.
    pub fn examine_knowing(
        &self,
        scenario: &Scenario,
        case: &Case,
        known: &[&KnownLimit],
        compares: bool,
        deadline: Instant,
    ) -> Result {
        let ran = self.run_until(scenario, case, deadline)?;
        let partner = || {
            let lane = case.lane.partner().filter(|_| compares)?;
            let partner = Case {
                lane,
                ..case.clone()
            };
            let ran = self.run_until(scenario, &partner, deadline).ok()?;
            Some(ran.outcome)
        };
        Ok(self.judge(scenario, case, (ran, known), partner))
    }

    /// Compiles, runs and judges `case` within a budget of the caller's, and is
    /// done by `deadline`. Its growth is not looked at.
    pub fn examine_within(
        &self,
        scenario: &Scenario,
        case: &Case,
        budget: Budget,
        deadline: Instant,
    ) -> Result {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(NotRun::Budget(self.budget));
        }
        let budget = Budget {
            wall: budget.wall.min(left),
            ..budget
        };
        let ran = self.run_within(scenario, case, budget)?;
        let mut known = self.known(scenario, case);
        // What is known of the scenario's own budgets says nothing of this one.
        known.retain(|limit| !limit.verdict.is_of_budget());
        Ok(self.judge(scenario, case, (ran, &known), || None))
    }

    /// Looks at the stack and the heap of a case that returned on the native
    /// engine within `budget` after `work`.
    pub fn probe(
        &self,
        scenario: &Scenario,
        case: &Case,
        (budget, work): (Budget, Fuel),
    ) -> std::result::Result<Option<Probed>, NotRun> {
        let spent = self.spent(budget, work);
        self.looking(scenario, case, |subject| {
            self.engines.probe(subject, case, spent, self.interrupt)
        })
    }

    /// The WebAssembly stack that such a case needs, where `most` is enough.
    pub fn stack_needed(
        &self,
        scenario: &Scenario,
        case: &Case,
        (budget, work): (Budget, Fuel),
        most: Bytes,
    ) -> std::result::Result<Option<Bytes>, NotRun> {
        let spent = self.spent(budget, work);
        self.looking(scenario, case, |subject| {
            self.engines
                .stack_needed(subject, case, (spent, most), self.interrupt)
        })
    }

    fn spent(&self, budget: Budget, work: Fuel) -> Spent {
        Spent {
            budget,
            seed: self.seed,
            work,
        }
    }

    /// Does something with the program of `case` and what it is given.
    fn looking<T>(
        &self,
        scenario: &Scenario,
        case: &Case,
        look: impl FnOnce(Subject<'_>) -> std::result::Result<T, Stop>,
    ) -> std::result::Result<T, NotRun> {
        let scripted = |why: ScriptError| NotRun::Scenario(why.to_string());
        let sources = scenario.program.sources(case.scale).map_err(scripted)?;
        let input = scenario.input.at(case.scale).map_err(scripted)?;
        let subject = Subject {
            sources: &sources,
            takes_scale: scenario.program.takes_scale(),
            input: &input,
        };
        Ok(look(subject)?)
    }

    /// The compiled program of `case`, where it compiles.
    pub fn compiled(&self, scenario: &Scenario, case: &Case) -> Option<Compiled> {
        let sources = scenario.program.sources(case.scale).ok()?;
        let budget = scenario.budget_in(case.lane);
        self.engines
            .module(&sources, case.lane, budget, self.interrupt)
            .ok()?
    }

    fn run_until(
        &self,
        scenario: &Scenario,
        case: &Case,
        deadline: Instant,
    ) -> std::result::Result<Ran, NotRun> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(NotRun::Budget(self.budget));
        }
        let own = scenario.budget_in(case.lane);
        let clipped = Budget {
            wall: own.wall.min(left),
            ..own
        };
        let mut ran = self.run_within(scenario, case, clipped)?;
        ran.grown = self.grown(scenario, case, &ran.outcome, clipped)?;
        // Ended by the deadline and not by its own budget: nothing is known of it.
        let ended = matches!(ran.outcome.ending, Ending::OverTime { .. });
        if ended && clipped.wall < own.wall {
            return Err(NotRun::Budget(self.budget));
        }
        Ok(ran)
    }

    fn run_within(
        &self,
        scenario: &Scenario,
        case: &Case,
        budget: Budget,
    ) -> std::result::Result<Ran, NotRun> {
        if self.interrupt.is_set() {
            return Err(NotRun::Interrupted);
        }
        let scripted = |why: ScriptError| NotRun::Scenario(why.to_string());
        let said = self.scripts.at(scenario, case.scale).map_err(scripted)?;
        let sources = scenario.program.sources(case.scale).map_err(scripted)?;
        let subject = Subject {
            sources: &sources,
            takes_scale: scenario.program.takes_scale(),
            input: &said.input,
        };
        let outcome = self
            .engines
            .run(subject, case, self.seed, budget, self.interrupt)?;
        Ok(Ran {
            outcome: Arc::new(outcome),
            said,
            grown: None,
        })
    }

    /// What a case of lane `native` that returned costs at n/4, n/2 and n: enough
    /// to see that a cost grows as the square of what it should. A program that
    /// is itself made from n would have to be compiled anew for each.
    fn grown(
        &self,
        scenario: &Scenario,
        case: &Case,
        outcome: &Outcome,
        budget: Budget,
    ) -> std::result::Result<Option<Arc<[Point; 3]>>, NotRun> {
        let n = case.scale.get();
        let Program::Fixed(sources) = &scenario.program else {
            return Ok(None);
        };
        let returned = matches!(outcome.ending, Ending::Returned { .. });
        if case.lane != Lane::NATIVE || n < SMALLEST_GROWN || !returned {
            return Ok(None);
        }
        let point = |n: u64| {
            let scale = Scale::new(n).expect("a quarter of 16 is a scale");
            // A script may have nothing for an n that nobody asked for.
            let Ok(input) = scenario.input.at(scale) else {
                return Ok(None);
            };
            let subject = Subject {
                sources,
                takes_scale: true,
                input: &input,
            };
            let case = Case {
                scale,
                ..case.clone()
            };
            let smaller = self
                .engines
                .run(subject, &case, self.seed, budget, self.interrupt)?;
            let returned = matches!(smaller.ending, Ending::Returned { .. });
            Ok::<_, NotRun>(returned.then(|| Point::of(scale, &smaller, None)))
        };
        let [Some(quarter), Some(half)] = [point(n / 4)?, point(n / 2)?] else {
            return Ok(None);
        };
        let whole = Point::of(case.scale, outcome, None);
        Ok(Some(Arc::new([quarter, half, whole])))
    }

    fn known<'s>(&self, scenario: &'s Scenario, case: &Case) -> Vec<&'s KnownLimit> {
        scenario.known_limits(case, &self.engines.toolchain().version)
    }

    fn judge(
        &self,
        scenario: &Scenario,
        case: &Case,
        (ran, known): (Ran, &[&KnownLimit]),
        partner: impl FnOnce() -> Option<Arc<Outcome>>,
    ) -> Examined {
        let Ran {
            outcome,
            said,
            grown,
        } = ran;
        let Said { expected, input } = said;
        let points = grown.as_deref();
        let known = Known {
            limits: known,
            faster: points.and_then(|points| rough_excess(points, &scenario.growth)),
        };
        let judgement = judge(case.lane.engine, &outcome, &expected, known, partner);
        Examined {
            outcome,
            expected,
            input,
            grown,
            judgement,
        }
    }
}

/// How a run of many cases goes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many cases run side by side.
    pub jobs: usize,
    /// Whether the first failure ends the run.
    pub fail_fast: bool,
}

/// Hears of each case as it starts and ends, from whichever thread ran it.
pub trait Observer: Sync {
    /// A case starts.
    fn started(&self, case: &Case);
    /// A case has ended.
    fn finished(&self, case: &Case, result: &Result);
}

/// Runs every case, `jobs` side by side; results come back in the order of
/// `cases`. Each case is in the result, also those that were not run.
pub fn run_all(
    examiner: &Examiner<'_>,
    cases: &[(&Scenario, Case)],
    limits: Limits,
    deadline: Instant,
    observer: &dyn Observer,
) -> Vec<Result> {
    let failed = AtomicBool::new(false);
    let pairs = Pairs::of(&cases.iter().map(|(_, case)| case).collect::<Vec<_>>());
    let run = |index: usize| {
        let (scenario, case) = &cases[index];
        examiner.run_until(scenario, case, deadline)
    };
    let one = |index: usize| {
        let (scenario, case) = &cases[index];
        observer.started(case);
        let too_late = limits.fail_fast && failed.load(Ordering::Relaxed);
        let result = if too_late && !pairs.has_run(index) {
            Err(NotRun::FailFast)
        } else {
            pairs.turn(index, run, |ran, partner| {
                let other = || Some(partner()?.ok()?.outcome);
                let known = examiner.known(scenario, case);
                Ok(examiner.judge(scenario, case, (ran?, &known), other))
            })
        };
        if !matches!(&result, Ok(examined) if !examined.judgement.verdict.fails_run()) {
            failed.store(true, Ordering::Relaxed);
        }
        observer.finished(case, &result);
        // Nobody reads again what a case printed that is as expected.
        result.map(|examined| match examined.judgement.verdict.fails_run() {
            true => examined,
            false => examined.without_texts(),
        })
    };
    let order = longest_first(cases);
    let is_alone = |&index: &usize| cases[index].0.alone;
    let results = examine_all(limits.jobs, &order, is_alone, one);
    let mut results: Vec<(usize, Result)> = order.into_iter().zip(results).collect();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The order in which cases start: the longest first, so that no core waits for
/// a late one. A scenario's budget is its author's word on how long it takes.
pub fn longest_first(cases: &[(&Scenario, Case)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by_key(|&index| {
        let (scenario, case) = &cases[index];
        std::cmp::Reverse(scenario.budget_in(case.lane).wall)
    });
    order
}

/// The verdict of a result.
pub fn verdict(result: &Result) -> Verdict {
    match result {
        Ok(examined) => examined.judgement.verdict,
        Err(_) => Verdict::NotRun,
    }
}
