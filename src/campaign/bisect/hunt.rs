//! A bisection under way: which version is looked at, and what it says.

use std::time::{Duration, Instant};

use super::Bisection;
use super::answer::AnswerContext;
use super::candidates::Versions;
use super::search::{Says, Search, SearchAnswer, SearchStep};
use super::sought::{Sought, Target, is_fault_of_scenario, returned, told};
use crate::campaign::Setting;
use crate::campaign::bench::Bench;
use crate::case::{Case, Ending, Engine, Lane, Problem, Scale};
use crate::engine::Modules;
use crate::record::bisect::{AnswerKind, BisectRecord, ProbeRecord, ProbeVerdict};
use crate::record::{CaseRecord, Conclusion, Event, RunInfo, Summary, VersionEvent};
use crate::runner::{Examiner, NotRun, Result as CaseResult, Scripts};
use crate::scenario::FailureKind;

/// What a look at one version may take; the budgets of the scenario end each case
/// long before.
const LOOK: Duration = Duration::from_secs(24 * 60 * 60);

/// So often a tenth of n is tried where the bad end does not return.
const SMALLER: usize = 2;

/// A bisection under way.
pub(super) struct Hunt<'a> {
    bisection: &'a Bisection<'a>,
    versions: &'a dyn Versions,
    /// The case, in the lane and at the scale that the bad end was examined in.
    case: Case,
    /// What is searched, as soon as the bad end was looked at.
    target: Option<Target>,
    ends_alike: bool,
    /// A version that was looked at, and cannot be told without the good end.
    pending: Option<Pending>,
    /// What kept the bad end from telling.
    pub(super) fault: Conclusion,
    /// Whether that says what to do about it.
    is_advised: bool,
    pub(super) probes: Vec<ProbeRecord>,
}

struct Pending {
    version: usize,
    untold: Box<Untold>,
    seconds: f64,
}

/// What came of the case on a version, before it is told what that says.
struct Untold {
    result: CaseResult,
    run: RunInfo,
}

/// What a look came to.
struct ProbeResult {
    says: Says,
    why: String,
    notes: Vec<String>,
    result: Option<CaseResult>,
    /// What the case ran on.
    run: Option<RunInfo>,
}

type Searching<'a> = Search<'a, dyn Versions + 'a>;

impl<'a> Hunt<'a> {
    /// A hunt that begins at this n.
    pub(super) fn new(
        bisection: &'a Bisection<'a>,
        versions: &'a dyn Versions,
        scale: Scale,
    ) -> Hunt<'a> {
        Hunt {
            bisection,
            versions,
            case: Case {
                scenario: bisection.scenario.name.clone(),
                lane: bisection.lane,
                scale,
            },
            target: None,
            ends_alike: false,
            pending: None,
            fault: Conclusion {
                failed: true,
                ..Conclusion::default()
            },
            is_advised: false,
            probes: Vec::new(),
        }
    }

    fn setting(&self) -> &'a Setting<'a> {
        &self.bisection.setting
    }

    fn is_interrupted(&self) -> bool {
        self.setting().interrupt.is_set()
    }

    /// Looks at versions until there is an answer; gives what kind it is, with
    /// what git said if it failed.
    pub(super) fn run(&mut self, search: &mut Searching<'a>) -> (AnswerKind, String) {
        let kind = loop {
            if self.is_interrupted() {
                break AnswerKind::Interrupted;
            }
            if self.ends_alike {
                break AnswerKind::EndsAlike;
            }
            let version = match search.next() {
                Ok(SearchStep::Look(version)) => version,
                Ok(SearchStep::Done(answer)) => break kind_of(&answer),
                Err(why) => return (AnswerKind::Failed, why.to_string()),
            };
            let started = Instant::now();
            let doing = format!("looking at {}", self.versions.name(version));
            self.setting().send(Event::Doing(doing));
            let look = self.look(version);
            self.setting().send(Event::Ended(String::new()));
            // What an interruption ended says nothing of the version.
            if self.is_interrupted() {
                break AnswerKind::Interrupted;
            }
            let seconds = started.elapsed().as_secs_f64();
            match look {
                Ok(look) => self.told(search, version, look, seconds),
                Err(untold) => {
                    search.needs_good_end();
                    self.pending = Some(Pending {
                        version,
                        untold,
                        seconds,
                    });
                }
            }
            self.tell_pending(search);
        };
        (kind, String::new())
    }

    /// Takes what kept a version from being set up, or from running anything.
    fn unset(&mut self, why: &Problem) {
        self.fault = Conclusion {
            toolchain: true,
            ..Conclusion::default()
        };
        self.is_advised = why.advice().is_some();
    }

    /// Takes what a version says.
    fn told(
        &mut self,
        search: &mut Searching<'a>,
        version: usize,
        look: ProbeResult,
        seconds: f64,
    ) {
        search.told(version, look.says);
        let run = look.run.clone();
        let record = self.probe(version, look, seconds);
        if let (Some(run), Some(case)) = (run, &record.case) {
            let summary = Summary {
                seconds,
                ..Summary::of([case.verdict])
            };
            for what in [
                VersionEvent::Started(run.into()),
                VersionEvent::Case(case.clone().into()),
                VersionEvent::Finished(summary),
            ] {
                let column = version;
                self.setting().send(Event::Version { column, what });
            }
        }
        self.setting().send(Event::Probe(record.clone()));
        self.probes.push(record);
    }

    /// Takes what the version says that had to wait for the good end, once that was
    /// looked at.
    fn tell_pending(&mut self, search: &mut Searching<'a>) {
        let scenario = self.bisection.scenario;
        let said = |it: &Pending| self.target.as_ref()?.says(scenario, &it.untold.result);
        let Some((says, why)) = self.pending.as_ref().and_then(said) else {
            return;
        };
        let Some(pending) = self.pending.take() else {
            return;
        };
        let look = ProbeResult {
            says,
            why,
            notes: Vec::new(),
            result: Some(pending.untold.result),
            run: Some(pending.untold.run),
        };
        self.told(search, pending.version, look, pending.seconds);
    }

    /// Looks at a version. The error is what came of the case, where that cannot be
    /// told before the good end was looked at.
    fn look(&mut self, version: usize) -> Result<ProbeResult, Box<Untold>> {
        let skipped = |why: String| ProbeResult {
            says: Says::Skip,
            why,
            notes: Vec::new(),
            result: None,
            run: None,
        };
        let setting = self.setting();
        let is_bad_end = version == self.versions.ends().1;
        let opened = match self.versions.open(version) {
            Ok(opened) => opened,
            Err(why) => {
                self.unset(&why);
                return Ok(skipped(why.to_string()));
            }
        };
        let bench = match Bench::set_up(&opened.spec.clone().into(), setting, Modules::Kept) {
            Ok(bench) => bench,
            Err(why) => {
                self.unset(&why);
                let why = why.to_string();
                // Nobody can look into what is gone by then.
                let worktree = opened.worktree.as_ref();
                return Ok(skipped(worktree.map_or(why.clone(), |it| it.unnamed(&why))));
            }
        };
        let scripts = Scripts::default();
        let examiner = bench.examiner(&scripts, setting, LOOK);
        let run = RunInfo {
            // A worktree is gone when the run is read.
            toolchain: self.versions.name(version),
            jobs: 1,
            ..setting.run_info("bisect", &bench.toolchain, 1)
        };
        if is_bad_end {
            return Ok(ProbeResult {
                run: Some(run),
                ..self.look_at_bad_end(&examiner)
            });
        }
        let result = self.examine(&examiner);
        let scenario = self.bisection.scenario;
        let target = self.target.as_mut().expect("the bad end comes first");
        let said = if version == self.versions.ends().0 {
            self.ends_alike = target.with_good_end(&result);
            Some(target.good_end_says(scenario, &result))
        } else {
            target.says(scenario, &result)
        };
        match said {
            None => Err(Box::new(Untold { result, run })),
            Some((says, why)) => Ok(ProbeResult {
                says,
                why,
                notes: Vec::new(),
                result: Some(result),
                run: Some(run),
            }),
        }
    }

    /// Examines the bad end, and with it finds the lane and the n to search in.
    fn look_at_bad_end(&mut self, examiner: &Examiner<'_>) -> ProbeResult {
        let Bisection {
            scenario,
            scale,
            sought,
            ..
        } = *self.bisection;
        let mut notes = Vec::new();
        let mut result = self.examine(examiner);
        if let Ok(examined) = &result
            && matches!(examined.outcome.ending, Ending::Unsupported { .. })
            && self.case.lane.engine == Engine::Native
            // The other engine does not count.
            && !sought.is_some_and(Sought::needs_return)
        {
            notes.push(format!(
                "in lane {}, because {}",
                Lane::REFERENCE,
                examined.judgement.message
            ));
            self.case.lane = Lane::REFERENCE;
            self.case.scale = scale.of(scenario, Lane::REFERENCE);
            result = self.examine(examiner);
        }
        if sought.is_some_and(Sought::needs_return) {
            for _ in 0..SMALLER {
                let ended = match &result {
                    Ok(examined) if !returned(examined) => told(examined),
                    _ => break,
                };
                let Some(smaller) = Scale::new(self.case.scale.get() / 10) else {
                    break;
                };
                notes.push(format!(
                    "at n={smaller}, because it does not return at n={}: {ended}",
                    self.case.scale
                ));
                self.case.scale = smaller;
                result = self.examine(examiner);
            }
        }
        let (says, why) = match Target::of(sought, scenario, &result) {
            Ok(target) => {
                self.target = Some(target);
                let said = target.says(scenario, &result);
                said.expect("the bad end has its own count")
            }
            Err(instead) => instead,
        };
        if is_fault_of_scenario(&result) {
            self.fault = Conclusion {
                scenario: true,
                ..Conclusion::default()
            };
        }
        if let Err(NotRun::Toolchain(why)) = &result {
            self.unset(&why.problem());
        }
        ProbeResult {
            says,
            why,
            notes,
            result: Some(result),
            run: None,
        }
    }

    fn examine(&self, examiner: &Examiner<'_>) -> CaseResult {
        let Bisection {
            scenario, sought, ..
        } = *self.bisection;
        let compares = sought == Some(Sought::Failure(FailureKind::EnginesDiffer));
        let deadline = Instant::now() + LOOK;
        examiner.examine_until(scenario, &self.case, compares, deadline)
    }

    fn probe(&self, version: usize, look: ProbeResult, seconds: f64) -> ProbeRecord {
        let (setting, scenario) = (self.setting(), self.bisection.scenario);
        let by_hand = self.versions.by_hand(version);
        let examined = look.result.as_ref().and_then(|it| it.as_ref().ok());
        let command = setting.command(&by_hand.vera, &self.case, examined);
        let record = |result: &CaseResult| {
            CaseRecord::new(scenario, &self.case, result, setting.seed, command.clone())
        };
        let case = look.result.as_ref().map(record);
        ProbeRecord {
            version: self.versions.name(version),
            commit: self.versions.full_name(version).map(str::to_owned),
            subject: self.versions.subject(version).map(str::to_owned),
            came: match look.says {
                Says::Bad => ProbeVerdict::Bad,
                Says::Good => ProbeVerdict::Good,
                Says::Skip => ProbeVerdict::Skip,
            },
            why: look.why,
            notes: look.notes,
            case,
            again: by_hand.first.into_iter().chain([command]).collect(),
            seconds,
        }
    }

    pub(super) fn record(
        &self,
        search: &Searching<'a>,
        answer: AnswerKind,
        failed: String,
        seconds: f64,
    ) -> BisectRecord {
        let name = |version: usize| self.versions.name(version);
        let first_bad = search.first_bad();
        let last_good = search.last_good();
        let mut suspects = match (answer, first_bad) {
            (AnswerKind::OneOf | AnswerKind::NoGood | AnswerKind::Interrupted, Some(_)) => {
                search.suspects().unwrap_or_default()
            }
            _ => Vec::new(),
        };
        // The oldest first, as people read them; git lists the newest first.
        suspects.sort_unstable();
        if self.versions.repo().is_some() {
            suspects.reverse();
        }
        let suspects = suspects.into_iter().map(name).collect();
        let skipped = self
            .probes
            .iter()
            .filter(|it| it.came == ProbeVerdict::Skip);
        let mut record = BisectRecord {
            scenario: self.case.scenario.clone(),
            lane: self.case.lane,
            n: self.case.scale,
            sought: self
                .target
                .map(|it| it.sought())
                .or(self.bisection.sought)
                .map(|it| it.to_string()),
            answer,
            first_bad: first_bad.map(name),
            last_good: last_good.map(name),
            suspects,
            skipped: skipped.map(|it| it.version.clone()).collect(),
            probes: self.probes.len(),
            versions: self.versions.count(),
            text: String::new(),
            seconds,
        };
        let (good, bad) = self.versions.ends();
        let told = AnswerContext {
            probes: &self.probes,
            ends: (name(good), name(bad)),
            noun: self.versions.noun(),
            case: &self.case,
            searched: self.bisection.sought,
            is_advised: self.is_advised,
            failed: &failed,
            advice: self.bisection.advice,
        };
        record.text = told.text(&record).to_string();
        record
    }
}

fn kind_of(answer: &SearchAnswer) -> AnswerKind {
    match answer {
        SearchAnswer::Found { .. } => AnswerKind::Found,
        SearchAnswer::OneOf { .. } => AnswerKind::OneOf,
        SearchAnswer::NoGood { .. } => AnswerKind::NoGood,
        SearchAnswer::BadIsGood => AnswerKind::BadIsGood,
        SearchAnswer::BadCannotTell => AnswerKind::BadCannotTell,
        SearchAnswer::GoodIsBad => AnswerKind::GoodIsBad,
    }
}
