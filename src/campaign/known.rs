//! Known limits held to what they say: each is looked at on the versions that it
//! is written for, and on those that it is not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bench::Bench;
use super::{Finished, Setting};
use crate::case::{Case, Engine, Lane, Problem, Scale, VeraVersion};
use crate::engine::Modules;
use crate::judge::Verdict;
use crate::judge::growth::{Excess, Grown, Measured, rough_excess_of};
use crate::record::known::{KnownInfo, KnownReport, KnownSummary, LimitCheck, LimitState};
use crate::record::{Conclusion, Event, Format};
use crate::runner::{Examiner, Scripts};
use crate::scale::climb::{Climb, ClimbEnd, ClimbLimits, climb};
use crate::scenario::{Cost, FailureKind, Growth, KnownLimit, Scenario};
use crate::toolchain::Choice;

/// The lanes to look at a limit in: the first of each engine that it speaks of.
const LANES: [Lane; 10] = [
    Lane::NATIVE,
    Lane::NATIVE_RANDOM,
    Lane::NATIVE_SANITIZE,
    Lane::NATIVE_CHECKS,
    Lane::NATIVE_PER_STACK,
    Lane::NATIVE_NEVER,
    Lane::NATIVE_EAGER,
    Lane::NATIVE_TIGHT,
    Lane::REFERENCE,
    Lane::REFERENCE_EAGER,
];

/// What a check works with.
pub struct KnownCheck<'a> {
    /// What every use works with; its commands ignore known limits.
    pub setting: Setting<'a>,
    /// The versions.
    pub specs: &'a [Choice],
    /// What the whole check may take.
    pub budget: Duration,
    /// What each climb may take, by which growth is looked at.
    pub climb: ClimbLimits,
}

/// No version could be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoVersion;

/// What is done at once: a case for one limit, or a climb for all limits of growth
/// that a scenario has.
#[derive(Clone, Copy)]
enum Task<'a> {
    Case(&'a Scenario, &'a KnownLimit, Lane, usize),
    Climb(&'a Scenario, usize),
}

impl KnownCheck<'_> {
    /// Looks at all known limits of `scenarios` on each version.
    pub fn run(&self, scenarios: &[&Scenario]) -> Result<Finished<KnownReport>, NoVersion> {
        let started = Instant::now();
        let setting = &self.setting;
        let benches = Bench::set_up_all(self.specs, setting, Modules::Kept);
        let usable: Vec<(usize, &Bench)> = benches
            .iter()
            .enumerate()
            .filter_map(|(at, bench)| Some((at, bench.as_ref().ok()?)))
            .collect();
        for why in benches.iter().filter_map(|it| it.as_ref().err()) {
            setting.sinks.note(why);
        }
        if usable.is_empty() {
            return Err(NoVersion);
        }
        let of = |scenario, &(at, bench): &(usize, &Bench)| {
            tasks(scenario, at, &bench.toolchain.version)
        };
        let tasks: Vec<Task<'_>> = scenarios
            .iter()
            .flat_map(|scenario| usable.iter().flat_map(|it| of(scenario, it)))
            .collect();
        let info = KnownInfo {
            format: Format::CURRENT,
            started: jiff::Timestamp::now(),
            vera_stress: env!("CARGO_PKG_VERSION").to_owned(),
            limits: scenarios.iter().map(|it| it.known.len()).sum(),
            versions: self.specs.iter().map(ToString::to_string).collect(),
            chosen: self.specs.iter().map(|it| it.why).collect(),
            seed: setting.seed,
            unloaded: setting.unloaded(),
        };
        setting.send(Event::Ahead(tasks.len()));
        setting.send(Event::KnownStarted(info.clone()));
        let check = Checking {
            check: self,
            benches: &benches,
            deadline: started + self.budget,
        };
        let one = |task: Task<'_>| {
            let looks = setting.under_way(task.describe(), || check.look(task));
            for look in &looks {
                setting.send(Event::LimitLookedAt(look.clone()));
            }
            looks
        };
        let looks = setting.each(&tasks, |task| task.scenario().alone, one);
        let looks: Vec<LimitCheck> = looks.into_iter().flatten().collect();
        let summary = KnownSummary {
            not_set_up: benches.len() - usable.len(),
            interrupted: setting.interrupt.is_set(),
            seconds: started.elapsed().as_secs_f64(),
            ..summary(scenarios, &looks)
        };
        setting.send(Event::KnownFinished(summary.clone()));
        Ok(Finished {
            conclusion: Conclusion {
                interrupted: summary.interrupted,
                failed: summary.stale > 0,
                toolchain: summary.not_set_up > 0,
                scenario: setting.is_broken(),
                ..Conclusion::default()
            },
            report: KnownReport {
                info,
                looks,
                summary,
            },
        })
    }
}

/// How many limits hold, and how many do not.
fn summary(scenarios: &[&Scenario], looks: &[LimitCheck]) -> KnownSummary {
    let mut summary = KnownSummary::default();
    for scenario in scenarios {
        for limit in &scenario.known {
            let name = limit.describe();
            let same = |it: &&LimitCheck| it.scenario == scenario.name && it.limit == name;
            let of = || looks.iter().filter(same);
            let covered = || of().filter(|it| it.covered);
            summary.limits += 1;
            summary.beyond += usize::from(of().any(LimitCheck::is_beyond));
            if covered().next().is_none() {
                summary.elsewhere += 1;
            } else if covered().any(LimitCheck::is_stale) {
                summary.stale += 1;
            } else if covered().any(|it| it.found == LimitState::Fails) {
                summary.hold += 1;
            } else {
                summary.unknown += 1;
            }
        }
    }
    summary
}

/// What is to be done to look at the limits of a scenario on one version.
fn tasks<'a>(scenario: &'a Scenario, column: usize, version: &VeraVersion) -> Vec<Task<'a>> {
    let grows = |it: &&KnownLimit| it.verdict == FailureKind::Growth;
    let mut tasks = Vec::new();
    for limit in scenario.known.iter().filter(|it| !grows(it)) {
        for engine in [Engine::Native, Engine::Reference] {
            let lane = LANES
                .into_iter()
                .find(|lane| lane.engine == engine && limit.is_of_lane(*lane))
                .filter(|lane| is_worth(scenario, limit, *lane, version));
            tasks.extend(lane.map(|lane| Task::Case(scenario, limit, lane, column)));
        }
    }
    let worth = |it: &KnownLimit| is_worth(scenario, it, Lane::NATIVE, version);
    if scenario.known.iter().filter(grows).any(worth) {
        tasks.push(Task::Climb(scenario, column));
    }
    tasks
}

/// Whether looking at a limit says anything: the version is one that it is written
/// for, or no other limit of the scenario says the same of that version.
fn is_worth(scenario: &Scenario, limit: &KnownLimit, lane: Lane, version: &VeraVersion) -> bool {
    let case = Case {
        scenario: scenario.name.clone(),
        lane,
        scale: limit.from_n,
    };
    let others = || scenario.known_limits(&case, version).into_iter();
    let says_it = |other: &KnownLimit| {
        let says = |cost: &Cost| other.bound_of(*cost).is_some();
        other.verdict == limit.verdict && limit.bound.keys().all(says)
    };
    version.matches(&limit.vera) || !others().any(says_it)
}

impl<'a> Task<'a> {
    fn scenario(self) -> &'a Scenario {
        match self {
            Task::Case(scenario, ..) | Task::Climb(scenario, _) => scenario,
        }
    }

    fn describe(self) -> String {
        match self {
            Task::Case(scenario, limit, lane, _) => {
                format!("{} [{lane}] n={}", scenario.name, limit.from_n)
            }
            Task::Climb(scenario, _) => format!("{} climbs", scenario.name),
        }
    }
}

/// A check under way.
struct Checking<'a> {
    check: &'a KnownCheck<'a>,
    benches: &'a [Result<Bench, Problem>],
    deadline: Instant,
}

impl Checking<'_> {
    fn look(&self, task: Task<'_>) -> Vec<LimitCheck> {
        match task {
            Task::Case(scenario, limit, lane, column) => {
                vec![self.case(scenario, limit, lane, column)]
            }
            Task::Climb(scenario, column) => self.climb(scenario, column),
        }
    }

    fn bench(&self, column: usize) -> &Bench {
        self.benches[column]
            .as_ref()
            .expect("only versions that were set up are used")
    }

    /// Examines the case in which a limit begins, with the limit as the only one.
    fn case(
        &self,
        scenario: &Scenario,
        limit: &KnownLimit,
        lane: Lane,
        column: usize,
    ) -> LimitCheck {
        let bench = self.bench(column);
        let setting = &self.check.setting;
        let case = Case {
            scenario: scenario.name.clone(),
            lane: lane.seeded(setting.seed),
            scale: limit.from_n,
        };
        if limit.verdict == FailureKind::TwinDiffers {
            let again = setting.command(&bench.toolchain.spec, &case, None);
            let why = "it takes the program's twins to see it, and they are not made here";
            let (lane, found) = (case.lane, (LimitState::Unknown, why.to_owned(), again));
            return LimitCheck {
                n: Some(limit.from_n),
                lane,
                ..look(scenario, limit, bench, found)
            };
        }
        let scripts = Scripts::default();
        let examiner = bench.examiner(&scripts, setting, self.check.budget);
        let compares = limit.verdict == FailureKind::EnginesDiffer;
        // Of two engines one may be right: only the limit itself says which.
        let known: &[&KnownLimit] = if compares { &[limit] } else { &[] };
        let result = examiner.examine_knowing(scenario, &case, known, compares, self.deadline);
        let (found, message) = match &result {
            Ok(it) => {
                let others = scenario.known_limits(&case, &bench.toolchain.version);
                let found = found(it.judgement.verdict, limit, &others);
                // What one seed passes, another may fail.
                match found {
                    LimitState::Passes if case.lane != case.lane.family() => {
                        let why = "it passes with this seed, and may fail with others";
                        (LimitState::Unknown, why.to_owned())
                    }
                    LimitState::Passes if it.judgement.message.is_empty() => {
                        (found, "it passes".to_owned())
                    }
                    _ => (found, it.judgement.message.clone()),
                }
            }
            Err(why) => (LimitState::Unknown, why.message()),
        };
        let vera = &bench.toolchain.spec;
        let again = setting.command(vera, &case, result.as_ref().ok());
        LimitCheck {
            n: Some(case.scale),
            lane: case.lane,
            ..look(scenario, limit, bench, (found, message, again))
        }
    }

    /// Climbs once, and holds each limit of growth against what is found.
    fn climb(&self, scenario: &Scenario, column: usize) -> Vec<LimitCheck> {
        let bench = self.bench(column);
        let check = self.check;
        let scripts = Scripts::default();
        let time = scenario.climb.time.unwrap_or(check.climb.time);
        let limits = ClimbLimits {
            time: time.min(self.deadline.saturating_duration_since(Instant::now())),
            instructions: scenario
                .climb
                .instructions
                .unwrap_or(check.climb.instructions),
            ..check.climb
        };
        let examiner = bench.examiner(&scripts, &check.setting, limits.time);
        let found = climb(&examiner, scenario, Lane::NATIVE, limits);
        let again = check.setting.again(&bench.toolchain.spec);
        let again = again.climb(&scenario.name, found.lane, &[]);
        let run = self.run_of(scenario, &examiner);
        let grows = |it: &&KnownLimit| it.verdict == FailureKind::Growth;
        let one = |limit| {
            let (is_found, message, gone) = growth(&found, run.as_deref(), &scenario.growth, limit);
            LimitCheck {
                lane: found.lane,
                gone: gone.iter().map(Cost::to_string).collect(),
                ..look(scenario, limit, bench, (is_found, message, again.clone()))
            }
        };
        let version = &bench.toolchain.version;
        let limits = scenario.known.iter().filter(grows);
        let worth = limits.filter(|it| is_worth(scenario, it, Lane::NATIVE, version));
        worth.map(one).collect()
    }

    /// What a run in lane `native` looks at: three points.
    fn run_of(&self, scenario: &Scenario, examiner: &Examiner<'_>) -> Option<Arc<Grown>> {
        let case = Case {
            scenario: scenario.name.clone(),
            lane: Lane::NATIVE,
            scale: scenario.scale_in(Lane::NATIVE),
        };
        let examined = examiner.examine_knowing(scenario, &case, &[], false, self.deadline);
        examined.ok()?.grown
    }
}

/// What a verdict says of a limit, where these are all that the scenario knows of
/// the case.
fn found(verdict: Verdict, limit: &KnownLimit, others: &[&KnownLimit]) -> LimitState {
    let declared = |kind| others.iter().any(|it| it.verdict == kind);
    match verdict {
        Verdict::Known => LimitState::Fails,
        Verdict::Failed(kind) if kind == limit.verdict => LimitState::Fails,
        // It came to its end, with the right result.
        Verdict::Failed(FailureKind::Growth) => LimitState::Passes,
        // Where the limits of a case are several, any of them may be met.
        Verdict::Failed(kind)
            if declared(kind) && others.iter().any(|it| std::ptr::eq(*it, limit)) =>
        {
            LimitState::Fails
        }
        // A clock ended it before the budget that the limit says is spent: on a
        // faster machine that might have been.
        Verdict::Failed(FailureKind::OverTime) if limit.verdict.is_of_budget() => {
            LimitState::Unknown
        }
        Verdict::Failed(_) => LimitState::FailsOtherwise,
        Verdict::Pass | Verdict::Fixed => LimitState::Passes,
        Verdict::Unsupported | Verdict::Refused | Verdict::Undecided | Verdict::NotRun => {
            LimitState::Unknown
        }
    }
}

/// What a climb, and the same case as a run looks at it, say of a limit of growth;
/// and which of its costs grow as declared.
fn growth(
    climb: &Climb,
    run: Option<&Grown>,
    declared: &Growth,
    limit: &KnownLimit,
) -> (LimitState, String, Vec<Cost>) {
    let mut gone = Vec::new();
    let mut unknown = Vec::new();
    let mut fails: Option<Excess> = None;
    let reached = climb.passes.map_or(0, Scale::get);
    let mut worse: Option<String> = None;
    for cost in limit.bound.keys().copied() {
        let climbed = climb.excesses.iter().find(|it| it.cost == cost).cloned();
        let excess = climbed.or_else(|| rough_excess_of(cost, run?, declared));
        let measured = climb.measured.iter().find(|it| it.cost == cost);
        if let Some(excess) = excess {
            let judgement = excess.judgement(&[limit]);
            if judgement.verdict != Verdict::Known {
                worse.get_or_insert(judgement.message);
            }
            fails.get_or_insert(excess);
        } else if reached >= limit.from_n.get()
            && measured.is_some_and(Measured::is_surely_as_declared)
        {
            gone.push(cost);
        } else {
            unknown.push(cost);
        }
    }
    if let Some(message) = worse {
        return (LimitState::FailsOtherwise, message, Vec::new());
    }
    let says = match (fails, &gone[..], &climb.end) {
        (Some(excess), [], _) => return (LimitState::Fails, excess.message, Vec::new()),
        (None, _, ClimbEnd::NotRun(why)) => why.message(),
        (None, [], ClimbEnd::Budget { at, what, .. }) if reached < limit.from_n.get() => {
            format!("the climb ended before n={}: n={at} {what}", limit.from_n)
        }
        (None, [], _) => {
            let (what, grow) = (joined(&unknown), Cost::grow(&unknown));
            format!("up to n={reached} there are too few points to say how {what} {grow}")
        }
        (_, gone, _) => {
            let (grow, so) = match Cost::grow(gone) {
                grows @ "grows" => (grows, ", and so it does in a run"),
                grow => (grow, ", and so they do in a run"),
            };
            let run = if run.is_some() { so } else { "" };
            let message = format!(
                "up to n={reached}, {} {grow} as declared{run}",
                joined(gone)
            );
            return (LimitState::Passes, message, gone.to_vec());
        }
    };
    (LimitState::Unknown, says, Vec::new())
}

fn joined(costs: &[Cost]) -> String {
    let names: Vec<&str> = costs.iter().map(|it| it.name()).collect();
    names.join(" and ")
}

fn look(
    scenario: &Scenario,
    limit: &KnownLimit,
    bench: &Bench,
    (found, message, again): (LimitState, String, String),
) -> LimitCheck {
    let version: &VeraVersion = &bench.toolchain.version;
    LimitCheck {
        scenario: scenario.name.clone(),
        limit: limit.describe(),
        file: format!("{}/scenario.toml", scenario.folder),
        vera: bench.toolchain.spec.clone(),
        lane: Lane::NATIVE,
        n: None,
        gone: Vec::new(),
        covered: version.matches(&limit.vera),
        found,
        message,
        again,
    }
}
