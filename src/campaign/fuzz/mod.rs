//! Programs that nobody wrote, run where faults show, with results that are known.

mod examining;
mod forms;
pub mod heap;
pub mod known;
mod reducing;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use super::bench::Bench;
use super::{Finished, Setting};
use crate::case::{Lane, Scale};
use crate::record::fuzz::{FuzzCause, FuzzCount, FuzzInfo, FuzzReport, FuzzSummary};
use crate::record::reduce::ProgramSize;
use crate::record::{Conclusion, Event, Format};
use crate::runner::{Examiner, Scripts};
use crate::scenario::{FailureKind, pin_line};
use crate::vera::print::print;
use crate::vera::twins::Rewrite;
use crate::vera::{Decl, Program, generate, lines, nodes};
use examining::{Failed, look};
use forms::{forms_of, recurs};
use known::KnownCause;
use reducing::Reducing;

/// How many programs of failures that look alike are made small, where the failure says
/// nothing of its cause.
const ALIKE: usize = 8;

/// What making one program small may take.
const REDUCING: Duration = Duration::from_secs(60);

/// Programs from a seed.
pub struct Fuzz<'a> {
    /// What every use works with; its seed is that of the programs.
    pub setting: Setting<'a>,
    /// The Vera that they are run on.
    pub bench: &'a Bench,
    /// The number of the first.
    pub first: u64,
    /// How many at most.
    pub most: Option<u64>,
    /// For how long.
    pub time: Duration,
    /// The feature that each has.
    pub focus: Option<&'a str>,
    /// In which lanes, at which n, each is run; the first failure ends it.
    pub looks: &'a [(Lane, Scale)],
    /// The causes that are known.
    pub known: &'a [KnownCause],
}

/// The program of a seed and a number, as it is run.
pub fn program(seed: u64, number: u64, focus: Option<&str>) -> Program {
    let seed = generate::numbered(seed, number);
    let program = generate::program(seed, focus);
    match seed % 2 {
        0 => program,
        _ => bound(&program),
    }
}

/// The same program, with each argument bound by a `let`: where code generation refuses
/// what is nested, what lies behind is reached.
fn bound(program: &Program) -> Program {
    let places = Rewrite::BindArguments.places(program).len();
    Rewrite::BindArguments.at(program, 0..places)
}

/// What came of one program.
struct Outcome {
    number: u64,
    program: Program,
    checks: bool,
    runs: usize,
    judged: usize,
    failed: Option<(Lane, Scale, Failed)>,
}

/// What is known by now.
#[derive(Default)]
struct Found {
    causes: Vec<FuzzCause>,
    counts: BTreeMap<String, usize>,
    /// How many programs were made small for each way to fail.
    alike: BTreeMap<String, usize>,
    summary: FuzzSummary,
}

impl Fuzz<'_> {
    /// Generates, runs, and makes small what fails, until the time is over.
    pub fn run(&self) -> Finished<FuzzReport> {
        let started = Instant::now();
        let deadline = started + self.time;
        let setting = &self.setting;
        let info = FuzzInfo {
            format: Format::CURRENT,
            started: jiff::Timestamp::now(),
            vera_stress: env!("CARGO_PKG_VERSION").to_owned(),
            vera: self.bench.toolchain.spec.clone(),
            seed: setting.seed,
            first: self.first,
            focus: self.focus.map(ToOwned::to_owned),
            looks: self.looks.to_vec(),
            seconds: self.time.as_secs_f64(),
            known: self.known.len(),
        };
        setting.send(Event::FuzzStarted(info.clone()));
        let scripts = Scripts::default();
        let examiner = self.bench.examiner(&scripts, setting, self.time);
        let mut found = Found::default();
        let mut next = self.first;
        let end = self
            .most
            .map_or(u64::MAX, |it| self.first.saturating_add(it));
        while next < end && Instant::now() < deadline && !setting.interrupt.is_set() {
            let some = (setting.jobs() as u64 * 4).min(end - next);
            let numbers: Vec<u64> = (next..next + some).collect();
            next += some;
            let one = |number: u64| self.one(&examiner, number, deadline);
            for outcome in setting.each(&numbers, |_| false, one) {
                self.take(&examiner, outcome, &mut found, deadline);
            }
            setting.send(Event::Doing(progress(&found, started)));
        }
        let mut summary = found.summary;
        summary.interrupted = setting.interrupt.is_set();
        summary.seconds = started.elapsed().as_secs_f64();
        let is_known = |name: &str| self.known.iter().any(|it| it.name == name);
        summary.causes = (found.counts.into_iter())
            .map(|(name, programs)| FuzzCount {
                known: is_known(&name),
                name,
                programs,
            })
            .collect();
        setting.send(Event::FuzzFinished(summary.clone()));
        Finished {
            conclusion: Conclusion {
                interrupted: summary.interrupted,
                failed: found.causes.iter().any(|it| it.known.is_none()),
                nothing: summary.programs == 0,
                ..Conclusion::default()
            },
            report: FuzzReport {
                info,
                causes: found.causes,
                summary,
            },
        }
    }

    /// Runs one program until it fails.
    fn one(&self, examiner: &Examiner<'_>, number: u64, deadline: Instant) -> Outcome {
        let program = program(self.setting.seed, number, self.focus);
        let mut outcome = Outcome {
            number,
            program,
            checks: true,
            runs: 0,
            judged: 0,
            failed: None,
        };
        let Ok(text) = print(&outcome.program) else {
            outcome.checks = false;
            return outcome;
        };
        let name = format!("{number}");
        // What is as deep as it is told fills a small table, and leaks nothing.
        let is_deep = recurs(&outcome.program);
        let looks = self
            .looks
            .iter()
            .filter(|(lane, _)| !(is_deep && lane.tight));
        for &(lane, n) in looks {
            let known = examining::known(&outcome.program, n);
            let Some(looked) = look(
                examiner,
                (&name, &text),
                (lane, n),
                known.as_ref(),
                // What has begun by then is ended.
                deadline + REDUCING,
            ) else {
                break;
            };
            outcome.checks = looked.checks;
            outcome.runs += usize::from(looked.ran);
            outcome.judged += usize::from(looked.ran && known.is_some());
            if looked.failed.is_some() || !looked.checks {
                outcome.failed = looked.failed.map(|it| (lane, n, it));
                break;
            }
        }
        outcome
    }

    /// Counts what came of a program, and finds the cause of its failure.
    fn take(
        &self,
        examiner: &Examiner<'_>,
        outcome: Outcome,
        found: &mut Found,
        deadline: Instant,
    ) {
        let summary = &mut found.summary;
        summary.programs += 1;
        summary.checked += usize::from(outcome.checks);
        summary.runs += outcome.runs;
        summary.judged += outcome.judged;
        let Some((lane, n, failed)) = outcome.failed else {
            return;
        };
        let names_cause = names_cause(failed.signature.verdict);
        // In words, which leave out what came and what should have.
        let way = failed.signature.to_string();
        let made = found.alike.entry(way.clone()).or_default();
        *made += 1;
        if names_cause {
            let alike = |it: &&KnownCause| {
                it.holds.is_empty() && it.is_alike(failed.signature.verdict, &failed.message)
            };
            let is_way = |it: &&FuzzCause| it.signature == failed.signature;
            let known = self.known.iter().find(alike).map(|it| it.name.clone());
            let before = found.causes.iter().find(is_way).map(|it| it.name.clone());
            if let Some(name) = known.or(before) {
                *found.counts.entry(name).or_default() += 1;
                return;
            }
        } else if *made > ALIKE {
            found.summary.alike += 1;
            return;
        }
        let mut reducing = Reducing {
            setting: self.setting,
            bench: self.bench,
            examiner,
            lane,
            n,
            signature: failed.signature.clone(),
            deadline: (Instant::now() + REDUCING).min(deadline + REDUCING),
            tries: AtomicUsize::new(0),
        };
        let from = size_of(&outcome.program);
        let what = format!("making program {} small", outcome.number);
        let smallest = (self.setting).under_way(what, || reducing.smallest(outcome.program));
        let Some((reduced, n)) = smallest else {
            // It does not fail again: a budget ended it, or the machine.
            found.summary.alike += 1;
            return;
        };
        let best = reduced.best;
        let forms = match names_cause {
            true => Vec::new(),
            false => forms_of(&best.program),
        };
        // Of one that names its cause, none before has this signature.
        let same =
            |it: &&FuzzCause| !names_cause && it.signature.to_string() == way && it.forms == forms;
        if let Some(before) = found.causes.iter().find(same) {
            *found.counts.entry(before.name.clone()).or_default() += 1;
            return;
        }
        let expected = examining::known(&best.program, n);
        let message = look(
            examiner,
            ("reduced", &best.text),
            (lane, n),
            expected.as_ref(),
            Instant::now() + REDUCING,
        )
        .and_then(|it| it.failed)
        .map_or(failed.message, |it| it.message);
        let pin = expected.map(|it| it.pin);
        let pinned = pin.as_ref().map(|it| pin_line(n, it));
        let expected = pin.and_then(|it| it.end).map(|it| it.to_string());
        let mut cause = FuzzCause {
            name: format!(
                "{}-{}",
                failed.signature.verdict.name(),
                found.causes.len() + 1
            ),
            signature: failed.signature,
            forms,
            seed: outcome.number,
            lane,
            n,
            message,
            expected,
            pinned,
            size: ProgramSize {
                lines: lines(&best.text),
                nodes: best.nodes,
            },
            shows: self.shows(&best.program, n, lane),
            program: best.text,
            from,
            tries: reduced.tries,
            known: None,
            again: self.again(outcome.number),
        };
        cause.known = self
            .known
            .iter()
            .find(|it| it.is(&cause))
            .map(|it| it.name.clone());
        let counted = cause.known.clone().unwrap_or(cause.name.clone());
        *found.counts.entry(counted).or_default() += 1;
        self.setting.send(Event::FuzzFound(cause.clone()));
        found.causes.push(cause);
    }

    /// The command that runs a smallest program.
    fn shows(&self, program: &Program, n: Scale, lane: Lane) -> String {
        let again = self.setting.again(&self.bench.toolchain.spec);
        let takes_n = program.items.iter().any(|item| match &item.decl {
            Decl::Function(it) => it.name == "main" && !it.params.is_empty(),
            _ => false,
        });
        again.smallest(takes_n.then_some(n), lane)
    }

    /// The command that shows the program of a number.
    fn again(&self, number: u64) -> String {
        let again = self.setting.again(&self.bench.toolchain.spec);
        again.fuzz(number, self.focus)
    }
}

/// Whether a failure of this kind says what is at fault. What a module is invalid for, and
/// which access is bad, has many causes.
fn names_cause(verdict: FailureKind) -> bool {
    matches!(verdict, FailureKind::Rejected | FailureKind::Crashed)
}

fn size_of(program: &Program) -> ProgramSize {
    ProgramSize {
        lines: print(program).map_or(0, |it| lines(&it)),
        nodes: nodes(program),
    }
}

fn progress(found: &Found, started: Instant) -> String {
    let summary = &found.summary;
    let seconds = started.elapsed().as_secs_f64();
    format!(
        "{} programs, {} percent pass check, {} causes, {:.1} programs a second",
        summary.programs,
        100 * summary.checked / summary.programs.max(1),
        found.counts.len(),
        summary.programs as f64 / seconds.max(0.1)
    )
}
