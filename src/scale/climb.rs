//! The climb: n doubles until the case fails or a budget is spent, then the
//! ceiling is searched between the last n that passed and the first that did not.

use std::time::{Duration, Instant};

use crate::case::{Budget, Bytes, Case, Ending, Engine, Fuel, Lane, Point, Scale};
use crate::judge::growth::{Excess, Measured, excesses, measure};
use crate::judge::{Judgement, Verdict};
use crate::runner::{Examined, Examiner, NotRun};
use crate::scenario::{FailureKind, KnownLimit, Scenario};

/// What one climb may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wall-clock time of the way up, and once more as much for the search of
    /// the ceiling where something failed.
    pub wall: Duration,
    /// Memory of each process, and of each program on the native engine.
    pub memory: Bytes,
    /// Instructions of each run on the native engine.
    pub work: Fuel,
    /// The largest n to try.
    pub largest: Scale,
}

/// A program that did more than this is not run once more to look at its stack
/// and its heap: a smaller n has shown how they grow.
const PROBED: Fuel = Fuel(200_000_000);

/// At so many points, of at most so much work, the stack is searched for.
const STACKS: usize = 4;
const SEARCHED: Fuel = Fuel(20_000_000);

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
    /// The largest n that passed.
    pub passes: Option<Scale>,
    /// What ended it.
    pub end: End,
    /// How the costs grow.
    pub measured: Vec<Measured>,
    /// Which of them grow faster than declared.
    pub excesses: Vec<Excess>,
    /// A known limit that no longer fails, and at which n.
    pub fixed: Option<(Scale, String)>,
    /// How often a program was run and judged.
    pub probes: usize,
}

/// What ended a climb.
#[derive(Clone, Debug)]
pub enum End {
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
pub fn climb(examiner: &Examiner<'_>, scenario: &Scenario, lane: Lane, limits: Limits) -> Climb {
    let climb = climb_in(examiner, scenario, lane, limits);
    match &climb.end {
        End::Failed { examined, .. }
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

fn climb_in(examiner: &Examiner<'_>, scenario: &Scenario, lane: Lane, limits: Limits) -> Climb {
    let started = Instant::now();
    let mut way = Way {
        examiner,
        scenario,
        lane,
        limits,
        deadline: started + limits.wall,
        probes: 0,
        fixed: None,
    };
    let mut points = Vec::new();
    let mut passes: Option<Scale> = None;
    let mut n = Scale::ONE;
    let mut end = loop {
        let before = Instant::now();
        match way.step(n) {
            Step::Passes(examined) => {
                match way.point(n, &examined) {
                    Ok(point) => points.push(point),
                    Err(why) => break End::NotRun(why),
                }
                passes = Some(n);
            }
            Step::Ends(end) => break end,
        }
        if n >= limits.largest {
            break End::Largest;
        }
        let took = before.elapsed();
        n = Scale::new(n.get().saturating_mul(2))
            .unwrap_or(limits.largest)
            .min(limits.largest);
        // Twice the n takes twice the time at least.
        if Instant::now() + 2 * took > way.deadline {
            let wall = humantime::format_duration(limits.wall);
            break End::Budget {
                at: n,
                what: format!("would take longer than is left of its {wall}"),
                exact: false,
            };
        }
    };
    let foretold = measure(&points, &scenario.growth)
        .iter()
        .filter_map(|it| Some(it.overflow?.at))
        .fold(f64::MAX, f64::min);
    if let End::Failed { .. } = end {
        way.deadline = Instant::now() + limits.wall;
        (passes, end) = way.ceiling(passes, end, foretold);
    }
    if let Err(why) = way.search_stacks(&mut points) {
        end = End::NotRun(why);
    }
    let measured = measure(&points, &scenario.growth);
    let excesses = excesses(&points, &measured);
    Climb {
        instead: None,
        lane,
        points,
        passes,
        end,
        measured,
        excesses,
        fixed: way.fixed,
        probes: way.probes,
    }
}

/// A climb under way.
struct Way<'a> {
    examiner: &'a Examiner<'a>,
    scenario: &'a Scenario,
    lane: Lane,
    limits: Limits,
    deadline: Instant,
    probes: usize,
    fixed: Option<(Scale, String)>,
}

/// What one n came to.
enum Step {
    Passes(Box<Examined>),
    Ends(End),
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
            wall: self.limits.wall,
            memory: self.limits.memory,
            work: self.limits.work,
            ..self.scenario.budget_in(self.lane)
        }
    }

    fn out_of_time(&self, at: Scale) -> End {
        let wall = humantime::format_duration(self.limits.wall);
        End::Budget {
            at,
            what: format!("spent its {wall}"),
            exact: false,
        }
    }

    fn step(&mut self, n: Scale) -> Step {
        self.probes += 1;
        let examined = self.examiner.examine_within(
            self.scenario,
            &self.case(n),
            self.budget(),
            self.deadline,
        );
        let examined = match examined {
            Ok(examined) => examined,
            Err(NotRun::Budget(_)) => return Step::Ends(self.out_of_time(n)),
            Err(NotRun::Scenario(why)) => return Step::Ends(End::Oracle { at: n, why }),
            Err(other) => return Step::Ends(End::NotRun(other)),
        };
        let spent = |what: String, exact| Step::Ends(End::Budget { at: n, what, exact });
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
            Ending::OverWork { limit } => {
                return spent(format!("spent its {limit} instructions"), true);
            }
            _ => {}
        }
        match examined.judgement.verdict {
            Verdict::Pass => Step::Passes(Box::new(examined)),
            Verdict::Fixed => {
                let message = examined.judgement.message.clone();
                self.fixed.get_or_insert((n, message));
                Step::Passes(Box::new(examined))
            }
            Verdict::Known | Verdict::Failed(_) | Verdict::Unsupported => Step::Ends(End::Failed {
                at: n,
                examined: Box::new(examined),
                exact: false,
            }),
            Verdict::NotRun => {
                Step::Ends(End::NotRun(NotRun::Scenario(examined.judgement.message)))
            }
        }
    }

    /// What an n cost that passed, with a look at its stack and its heap.
    fn point(&self, n: Scale, examined: &Examined) -> Result<Point, NotRun> {
        let work = examined.outcome.measures.as_ref().map(|it| it.fuel);
        let probed = match work.filter(|work| *work <= PROBED) {
            Some(work) => {
                let spent = (self.budget(), work);
                self.examiner.probe(self.scenario, &self.case(n), spent)?
            }
            None => None,
        };
        Ok(Point::of(n, &examined.outcome, probed))
    }

    /// Where the stack was seen to grow, searches for what the last few of the
    /// cheap points need of it. Looking makes frames larger: that they grow can
    /// be seen, and not where they end.
    fn search_stacks(&self, points: &mut [Point]) -> Result<(), NotRun> {
        let seen = |point: &Point| {
            let work = point.measures.as_ref()?.fuel;
            Some((work, point.probed?.stack)).filter(|_| work <= SEARCHED)
        };
        let cheap: Vec<usize> = (0..points.len())
            .filter(|&place| seen(&points[place]).is_some())
            .collect();
        let last = &cheap[cheap.len().saturating_sub(STACKS)..];
        let stacks = last.iter().filter_map(|&place| seen(&points[place]));
        let stacks: Vec<(Fuel, Bytes)> = stacks.collect();
        if stacks.len() < STACKS || stacks.windows(2).any(|pair| pair[1].1 <= pair[0].1) {
            return Ok(());
        }
        for (&place, (work, most)) in last.iter().zip(stacks) {
            let point = &mut points[place];
            let case = self.case(point.n);
            let spent = (self.budget(), work);
            let needed =
                self.examiner
                    .stack_needed(self.scenario, &case, spent, Bytes(most.0 + SPARE))?;
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
        failed: End,
        foretold: f64,
    ) -> (Option<Scale>, End) {
        let (mut passes, mut failed) = (passes, failed);
        // The casts saturate, and what does not lie between is not tried.
        let end = foretold as u64;
        let mut near = vec![end.saturating_add(2), end.saturating_sub(1)];
        loop {
            let End::Failed { at, examined, .. } = failed else {
                return (passes, failed);
            };
            let below = passes.map_or(0, Scale::get);
            let between = |n: &u64| (below + 1..at.get()).contains(n);
            let middle = below + (at.get() - below) / 2;
            let next = near.pop().filter(between).unwrap_or(middle);
            let next = Scale::new(next).filter(|it| between(&it.get()));
            let done = |exact| End::Failed {
                at,
                examined: examined.clone(),
                exact,
            };
            let Some(next) = next else {
                return (passes, done(true));
            };
            failed = match self.step(next) {
                Step::Passes(_) => {
                    passes = Some(next);
                    done(false)
                }
                Step::Ends(lower @ End::Failed { .. }) => lower,
                // Out of time: what is known is known.
                Step::Ends(End::Budget { .. } | End::Oracle { .. } | End::Largest) => {
                    return (passes, done(false));
                }
                Step::Ends(other @ End::NotRun(_)) => return (passes, other),
            };
        }
    }
}

/// What a climb means.
impl Climb {
    /// The judgement on it, with the limits that are known of the scenario,
    /// whatever their n.
    pub fn judgement(&self, limits: &[&KnownLimit]) -> Judgement {
        let mut known: Option<String> = None;
        match &self.end {
            End::Failed { at, examined, .. } => match examined.judgement.verdict {
                Verdict::Known => known = Some(examined.judgement.message.clone()),
                _ => match almost_known(*at, examined, limits) {
                    Some(message) => known = Some(message),
                    None => return examined.judgement.clone(),
                },
            },
            End::NotRun(reason) => return not_run(reason.message()),
            End::Oracle { at, why } if self.passes.is_none() => {
                return not_run(format!("n={at} cannot be judged: {why}"));
            }
            End::Budget { at, what, .. } if self.passes.is_none() => {
                return not_run(format!("n={at} {what}; allow it more"));
            }
            End::Budget { .. } | End::Largest | End::Oracle { .. } => {}
        }
        let mut first = None;
        for excess in &self.excesses {
            let because = explanation(excess, limits);
            let judgement = excess.judgement(because);
            if because.is_none() {
                return judgement;
            }
            first.get_or_insert(judgement);
        }
        // What fails at one n can pass at a larger one; it is gone when the whole
        // way up is clear.
        if let (Some((n, message)), None) = (&self.fixed, &known) {
            return fixed(format!("n={n} {message}"));
        }
        let reached = self.passes.map_or(0, Scale::get);
        // Where nothing was counted, nothing is known to be gone.
        let counted = self.points.iter().any(|it| it.measures.is_some());
        let gone = |limit: &&&KnownLimit| {
            let seen = |it: &Excess| limit.covers_growth(it.cost);
            let mut named = self
                .measured
                .iter()
                .filter(|it| limit.covers_growth(it.cost));
            limit.verdict == FailureKind::Growth
                && counted
                && reached >= limit.from_n.get()
                && !self.excesses.iter().any(seen)
                && named.all(Measured::is_surely_as_declared)
        };
        if let Some(limit) = limits.iter().find(gone) {
            return fixed(format!(
                "nothing that it names grows faster than declared up to n={reached}, and growth is declared as a known limit from n={} ({}); take that [[known]] entry out or narrow it",
                limit.from_n, limit.because
            ));
        }
        match (known, first) {
            (Some(message), _) => Judgement {
                verdict: Verdict::Known,
                message,
            },
            (None, Some(judgement)) => judgement,
            (None, None) => Judgement {
                verdict: Verdict::Pass,
                message: String::new(),
            },
        }
    }
}

fn not_run(message: String) -> Judgement {
    Judgement {
        verdict: Verdict::NotRun,
        message,
    }
}

fn fixed(message: String) -> Judgement {
    Judgement {
        verdict: Verdict::Fixed,
        message,
    }
}

/// Where a stack ends depends on the size of frames, which a machine or a build
/// may change a little: a limit that is known from a slightly larger n is the
/// same limit.
const SLIGHTLY: f64 = 0.02;

/// The message for a failure slightly below a known limit of the same kind.
fn almost_known(at: Scale, examined: &Examined, limits: &[&KnownLimit]) -> Option<String> {
    let Judgement { verdict, message } = &examined.judgement;
    let near = |limit: &&&KnownLimit| {
        *verdict == Verdict::Failed(limit.verdict)
            && at.get() as f64 >= (1.0 - SLIGHTLY) * limit.from_n.get() as f64
    };
    let limit = limits.iter().find(near)?;
    Some(format!(
        "{message} (known from n={}: {})",
        limit.from_n, limit.because
    ))
}

/// Why a cost grows faster than declared, where a known limit says it: that it
/// grows, or that the case fails where the resource runs out.
fn explanation<'a>(excess: &Excess, limits: &[&'a KnownLimit]) -> Option<&'a str> {
    let ends_there = |limit: &&&KnownLimit| {
        let near = |at: f64| (limit.from_n.get() as f64 / at - 1.0).abs() < NEAR;
        limit.verdict == FailureKind::Trap && excess.runs_out.is_some_and(near)
    };
    let grows = limits.iter().find(|limit| limit.covers_growth(excess.cost));
    let limit = grows.or_else(|| limits.iter().find(ends_there))?;
    Some(&limit.because)
}

/// How near the foretold end of a resource is to a known limit that it explains.
const NEAR: f64 = 0.25;

#[cfg(test)]
mod tests {
    use std::slice::from_ref;
    use std::sync::Arc;

    use semver::VersionReq;
    use wildmatch::WildMatch;

    use super::*;
    use crate::case::{Chance, Measures, Outcome, Usage, Value};
    use crate::judge::Judgement;
    use crate::judge::fit::Fit;
    use crate::scenario::{Cost, Expectation, Shape};

    fn at(n: u64) -> Scale {
        Scale::new(n).unwrap()
    }

    /// A climb on which nothing was wrong up to n = 1,000.
    fn climb() -> Climb {
        let point = |n| Point {
            n: at(n),
            measures: Some(Measures::default()),
            probed: None,
            compile: None,
            run: Usage::default(),
        };
        Climb {
            instead: None,
            lane: Lane::NATIVE,
            points: [1, 10, 100, 1_000].map(point).into(),
            passes: Some(at(1_000)),
            end: End::Largest,
            measured: Vec::new(),
            excesses: Vec::new(),
            fixed: None,
            probes: 4,
        }
    }

    /// Its end at n = 1,001, judged like that.
    fn failed(verdict: Verdict, message: &str) -> End {
        let outcome = Outcome {
            ending: Ending::Returned {
                value: Value::Unit,
                exit_code: None,
            },
            arguments: vec![],
            stdout: vec![],
            live_stdout: vec![],
            stderr: vec![],
            peak_heap: None,
            measures: None,
            chance: Chance::default(),
            run: Usage::default(),
            compile: None,
        };
        let expected = Expectation {
            value: Value::Int(1),
            stdout: String::new(),
            stderr: String::new(),
        };
        End::Failed {
            at: at(1_001),
            examined: Box::new(Examined {
                outcome: Arc::new(outcome),
                expected: Arc::new(expected),
                input: "".into(),
                grown: None,
                judgement: Judgement {
                    verdict,
                    message: message.to_owned(),
                },
            }),
            exact: true,
        }
    }

    fn budget() -> End {
        End::Budget {
            at: at(2_000),
            what: "spent its time".to_owned(),
            exact: false,
        }
    }

    fn excess(cost: Cost, runs_out: Option<f64>) -> Excess {
        Excess {
            cost,
            message: format!("{cost} grows"),
            runs_out,
        }
    }

    fn limit(verdict: FailureKind, from_n: u64, costs: &[Cost]) -> KnownLimit {
        KnownLimit {
            vera: VersionReq::STAR,
            lanes: vec![WildMatch::new("*")],
            from_n: at(from_n),
            verdict,
            costs: costs.to_vec(),
            because: "the cause".to_owned(),
        }
    }

    #[track_caller]
    fn judged(climb: &Climb, limits: &[KnownLimit], verdict: Verdict, words: &str) {
        let limits: Vec<&KnownLimit> = limits.iter().collect();
        let judgement = climb.judgement(&limits);
        assert_eq!(judgement.verdict, verdict, "{judgement:?}");
        assert!(judgement.message.contains(words), "{judgement:?}");
        assert_eq!(judgement.message.is_empty(), verdict == Verdict::Pass);
    }

    const GROWTH: Verdict = Verdict::Failed(FailureKind::Growth);
    const TRAP: Verdict = Verdict::Failed(FailureKind::Trap);

    #[test]
    fn a_climb_that_meets_nothing_passes() {
        for end in [End::Largest, budget()] {
            judged(&Climb { end, ..climb() }, &[], Verdict::Pass, "");
        }
        let end = End::Oracle {
            at: at(2_000),
            why: "too large".to_owned(),
        };
        judged(&Climb { end, ..climb() }, &[], Verdict::Pass, "");
    }

    #[test]
    fn a_climb_that_did_not_begin_is_none() {
        let nothing = |end| Climb {
            end,
            passes: None,
            points: Vec::new(),
            ..climb()
        };
        let oracle = End::Oracle {
            at: Scale::ONE,
            why: "too small".to_owned(),
        };
        let words = "n=1 cannot be judged: too small";
        judged(&nothing(oracle), &[], Verdict::NotRun, words);
        let words = "n=2000 spent its time; allow it more";
        judged(&nothing(budget()), &[], Verdict::NotRun, words);
        // Whatever came before: an interrupted climb is none either.
        let end = End::NotRun(NotRun::Interrupted);
        let interrupted = Climb { end, ..climb() };
        judged(&interrupted, &[], Verdict::NotRun, "interrupted");
        let grown = Climb {
            excesses: vec![excess(Cost::Work, None)],
            ..interrupted
        };
        judged(&grown, &[], Verdict::NotRun, "interrupted");
    }

    #[test]
    fn how_the_case_failed_counts_before_how_its_costs_grow() {
        let climb = Climb {
            end: failed(TRAP, "trap here"),
            excesses: vec![excess(Cost::Work, None)],
            fixed: Some((at(8), "passes".to_owned())),
            ..climb()
        };
        judged(&climb, &[], TRAP, "trap here");
        let unsupported = Climb {
            end: failed(Verdict::Unsupported, "no files"),
            ..climb
        };
        judged(&unsupported, &[], Verdict::Unsupported, "no files");
    }

    #[test]
    fn a_limit_slightly_above_is_the_same() {
        let climb = Climb {
            end: failed(TRAP, "trap here"),
            ..climb()
        };
        let from = |n| [limit(FailureKind::Trap, n, &[])];
        let words = "trap here (known from n=1020: the cause)";
        judged(&climb, &from(1_020), Verdict::Known, words);
        judged(&climb, &from(1_030), TRAP, "trap here");
        let wrong = [limit(FailureKind::Wrong, 1_020, &[])];
        judged(&climb, &wrong, TRAP, "trap here");
    }

    #[test]
    fn a_known_failure_hides_no_growth_that_is_not() {
        let known = Climb {
            end: failed(Verdict::Known, "trap (known: it)"),
            ..climb()
        };
        judged(&known, &[], Verdict::Known, "trap (known: it)");
        let grows = Climb {
            excesses: vec![excess(Cost::Work, None)],
            ..known
        };
        judged(&grows, &[], GROWTH, "work grows");
        let limits = [limit(FailureKind::Growth, 1, &[Cost::Work])];
        judged(&grows, &limits, Verdict::Known, "trap (known: it)");
        let limits = [limit(FailureKind::Growth, 1, &[Cost::Heap])];
        judged(&grows, &limits, GROWTH, "work grows");
    }

    #[test]
    fn each_growth_needs_a_limit_that_names_it() {
        let both = Climb {
            excesses: vec![excess(Cost::Heap, None), excess(Cost::Work, None)],
            ..climb()
        };
        judged(&both, &[], GROWTH, "heap grows");
        let heap = limit(FailureKind::Growth, 1, &[Cost::Heap]);
        let work = limit(FailureKind::Growth, 1, &[Cost::Work]);
        let any = limit(FailureKind::Growth, 1, &[]);
        let wrong = limit(FailureKind::Wrong, 1, &[]);
        judged(&both, from_ref(&heap), GROWTH, "work grows");
        judged(&both, from_ref(&work), GROWTH, "heap grows");
        judged(&both, &[wrong], GROWTH, "heap grows");
        let words = "heap grows (known: the cause)";
        judged(&both, &[work, heap], Verdict::Known, words);
        judged(&both, &[any], Verdict::Known, words);
    }

    #[test]
    fn a_known_trap_explains_what_runs_out_where_it_is() {
        let runs_out = |n| Climb {
            excesses: vec![excess(Cost::Roots, Some(n))],
            ..climb()
        };
        let trap = |from_n| [limit(FailureKind::Trap, from_n, &[])];
        let words = "roots grows (known: the cause)";
        judged(&runs_out(4_092.0), &trap(4_093), Verdict::Known, words);
        judged(&runs_out(4_900.0), &trap(4_093), Verdict::Known, words);
        judged(&runs_out(9_000.0), &trap(4_093), GROWTH, "roots grows");
        judged(&runs_out(2_000.0), &trap(4_093), GROWTH, "roots grows");
        let wrong = [limit(FailureKind::Wrong, 4_093, &[])];
        judged(&runs_out(4_092.0), &wrong, GROWTH, "roots grows");
        let grows = Climb {
            excesses: vec![excess(Cost::Work, None)],
            ..climb()
        };
        judged(&grows, &trap(1_001), GROWTH, "work grows");
    }

    #[test]
    fn a_limit_that_holds_no_more_is_fixed() {
        let growth = |from_n| [limit(FailureKind::Growth, from_n, &[])];
        let words = "up to n=1000, and growth is declared as a known limit from n=1000 (the cause)";
        judged(&climb(), &growth(1_000), Verdict::Fixed, words);
        judged(&climb(), &growth(1_001), Verdict::Pass, "");
        let uncounted = Climb {
            lane: Lane::REFERENCE,
            points: Vec::new(),
            ..climb()
        };
        judged(&uncounted, &growth(1_000), Verdict::Pass, "");
        // What may grow or not is not gone.
        let fit = Fit {
            exponent: 1.5,
            low: 1.0,
            high: 2.0,
            points: 7,
            from: 16.0,
            to: 1_000.0,
            shapes: Vec::new(),
        };
        let doubted = Climb {
            measured: vec![Measured {
                cost: Cost::Work,
                fit: Some(fit),
                declared: Some(Shape::power(1.0)),
                overflow: None,
                level: false,
                unnamed: "",
            }],
            ..climb()
        };
        judged(&doubted, &growth(1_000), Verdict::Pass, "");
        let heap = [limit(FailureKind::Growth, 1_000, &[Cost::Heap])];
        judged(&doubted, &heap, Verdict::Fixed, words);
        // One of two is gone.
        let limits = [Cost::Heap, Cost::Work].map(|it| limit(FailureKind::Growth, 10, &[it]));
        let half = Climb {
            excesses: vec![excess(Cost::Heap, None)],
            ..climb()
        };
        judged(
            &half,
            &limits,
            Verdict::Fixed,
            "nothing that it names grows",
        );
        // A case that passed where its limit says that it fails.
        let passed = Climb {
            fixed: Some((at(64), "passes, and is declared".to_owned())),
            ..climb()
        };
        judged(&passed, &[], Verdict::Fixed, "n=64 passes, and is declared");
        let later = Climb {
            end: failed(Verdict::Known, "trap (known: it)"),
            ..passed
        };
        // Unless it fails in that way higher up.
        judged(&later, &[], Verdict::Known, "trap (known: it)");
        let grows = Climb {
            excesses: vec![excess(Cost::Work, None)],
            ..later
        };
        judged(&grows, &[], GROWTH, "work grows");
    }
}
