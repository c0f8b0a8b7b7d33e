//! A bisection of one case: versions are set up and looked at one after the
//! other, until the first bad one is found.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::answer::Told;
use super::bench::Bench;
use super::bisect::{Answer, Says, Search, Step};
use super::candidates::Versions;
use super::sought::{Sought, Target, is_fault_of_scenario, returned, told};
use crate::case::{Case, Ending, Engine, Lane, Scale};
use crate::engine::Modules;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::plan::ScaleChoice;
use crate::record::again::Again;
use crate::record::bisect::{AnswerKind, BisectEvent, BisectInfo, BisectRecord, Came, ProbeRecord};
use crate::record::history::{History, Kind, Recorder};
use crate::record::{CaseRecord, RunInfo, Summary, shown};
use crate::report::bisect::Terminal;
use crate::report::outputs::Outputs;
use crate::report::terminal::note;
use crate::runner::{Examiner, NotRun, Result as CaseResult, Scripts};
use crate::scenario::{FailureKind, Scenario};
use crate::toolchain::cache::Cache;

/// What a look at one version may take; the budgets of the scenario end each case
/// long before.
const LOOK: Duration = Duration::from_secs(24 * 60 * 60);

/// So often a tenth of n is tried where the bad end does not return.
const SMALLER: usize = 2;

/// What a bisection works with.
pub struct Bisection<'a> {
    /// The scenario, without its known limits.
    pub scenario: &'a Scenario,
    /// The directories of scenarios beside the built-in ones.
    pub catalogues: &'a [PathBuf],
    /// Where toolchains and compiled programs are kept.
    pub cache: &'a Cache,
    /// The lane.
    pub lane: Lane,
    /// The scale.
    pub scale: ScaleChoice,
    /// What is searched; the bad end's failure where nothing was said.
    pub sought: Option<Sought>,
    /// What chance repeats with.
    pub seed: u64,
    /// The files that are written beside the terminal.
    pub outputs: Outputs,
    /// Where what came of the case on each version is recorded.
    pub history: History,
}

impl Bisection<'_> {
    /// Searches among `versions`.
    pub fn run(&self, versions: &dyn Versions, interrupt: &Interrupt) -> Exit {
        let (good, bad) = versions.ends();
        let info = BisectInfo {
            started: jiff::Timestamp::now(),
            vera_stress: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: self.scenario.name.clone(),
            lane: self.lane,
            n: self.scale.of(self.scenario, self.lane),
            sought: self.sought.map(|it| it.to_string()),
            unit: versions.noun().to_owned(),
            good: versions.name(good),
            bad: versions.name(bad),
            versions: versions.count(),
            repo: versions.repo(),
            catalogues: shown(self.catalogues),
            seed: self.seed,
            machine: RunInfo::this_machine(),
        };
        let terminal = Terminal::new(&info);
        self.outputs.write(&BisectEvent::BisectStarted(&info));
        let started = Instant::now();
        let mut hunt = Hunt {
            bisection: self,
            versions,
            interrupt,
            case: Case {
                scenario: self.scenario.name.clone(),
                lane: self.lane,
                scale: info.n,
            },
            target: None,
            ends_alike: false,
            pending: None,
            fault: Exit::Failed,
            probes: Vec::new(),
        };
        let mut search = Search::new(versions, (good, bad));
        let (kind, failed) = hunt.run(&mut search, &terminal);
        let seconds = started.elapsed().as_secs_f64();
        let record = hunt.record(&search, kind, failed, seconds);
        let look = |name: &String| hunt.probes.iter().find(|it| it.version == *name);
        let [good, bad] = match kind {
            // Neither is on the other side of anything.
            AnswerKind::GoodIsBad => [Some(&info.good), Some(&info.bad)],
            _ => [record.last_good.as_ref(), record.first_bad.as_ref()],
        };
        terminal.finish(&record, good.and_then(look), bad.and_then(look));
        self.outputs.write(&BisectEvent::BisectFinished(&record));
        self.outputs.report(hunt.exit(kind))
    }
}

/// A bisection under way.
struct Hunt<'a> {
    bisection: &'a Bisection<'a>,
    versions: &'a dyn Versions,
    interrupt: &'a Interrupt,
    /// The case, in the lane and at the scale that the bad end was examined in.
    case: Case,
    /// What is searched, as soon as the bad end was looked at.
    target: Option<Target>,
    ends_alike: bool,
    /// A version that was looked at, and cannot be told without the good end.
    pending: Option<Pending>,
    /// What kept the bad end from telling.
    fault: Exit,
    probes: Vec<ProbeRecord>,
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
struct Look {
    says: Says,
    why: String,
    notes: Vec<String>,
    result: Option<CaseResult>,
    /// What the case ran on.
    run: Option<RunInfo>,
}

type Searching<'a> = Search<'a, dyn Versions + 'a>;

impl<'a> Hunt<'a> {
    /// Looks at versions until there is an answer; gives what kind it is, with
    /// what git said if it failed.
    fn run(&mut self, search: &mut Searching<'a>, terminal: &Terminal) -> (AnswerKind, String) {
        let kind = loop {
            if self.interrupt.is_set() {
                break AnswerKind::Interrupted;
            }
            if self.ends_alike {
                break AnswerKind::EndsAlike;
            }
            let version = match search.next() {
                Ok(Step::Look(version)) => version,
                Ok(Step::Done(answer)) => break kind_of(&answer),
                Err(why) => return (AnswerKind::Failed, why),
            };
            let started = Instant::now();
            terminal.looking(&self.versions.name(version));
            let look = self.look(version);
            terminal.looked();
            // What an interruption ended says nothing of the version.
            if self.interrupt.is_set() {
                break AnswerKind::Interrupted;
            }
            let seconds = started.elapsed().as_secs_f64();
            match look {
                Ok(look) => self.told(search, terminal, version, look, seconds),
                Err(untold) => {
                    search.needs_good_end();
                    self.pending = Some(Pending {
                        version,
                        untold,
                        seconds,
                    });
                }
            }
            self.tell_pending(search, terminal);
        };
        (kind, String::new())
    }

    /// Takes what a version says.
    fn told(
        &mut self,
        search: &mut Searching<'a>,
        terminal: &Terminal,
        version: usize,
        look: Look,
        seconds: f64,
    ) {
        search.told(version, look.says);
        let run = look.run.clone();
        let record = self.probe(version, look, seconds);
        if let (Some(run), Some(case)) = (run, &record.case) {
            let recorder = Recorder::begin(&self.bisection.history, Kind::Bisect, &run);
            recorder.case(case);
            recorder.finish(&Summary {
                seconds,
                ..Summary::of([case.verdict])
            });
        }
        terminal.probe(&record);
        self.bisection.outputs.write(&BisectEvent::Probe(&record));
        self.probes.push(record);
    }

    /// Takes what the version says that had to wait for the good end, once that was
    /// looked at.
    fn tell_pending(&mut self, search: &mut Searching<'a>, terminal: &Terminal) {
        let scenario = self.bisection.scenario;
        let said = |it: &Pending| self.target.as_ref()?.says(scenario, &it.untold.result);
        let Some((says, why)) = self.pending.as_ref().and_then(said) else {
            return;
        };
        let Some(pending) = self.pending.take() else {
            return;
        };
        let look = Look {
            says,
            why,
            notes: Vec::new(),
            result: Some(pending.untold.result),
            run: Some(pending.untold.run),
        };
        self.told(search, terminal, pending.version, look, pending.seconds);
    }

    /// Looks at a version. The error is what came of the case, where that cannot be
    /// told before the good end was looked at.
    fn look(&mut self, version: usize) -> Result<Look, Box<Untold>> {
        let skipped = |why: String| Look {
            says: Says::Skip,
            why,
            notes: Vec::new(),
            result: None,
            run: None,
        };
        let Bisection { cache, seed, .. } = *self.bisection;
        let is_bad_end = version == self.versions.ends().1;
        let opened = match self.versions.open(version) {
            Ok(opened) => opened,
            Err(why) => {
                self.fault = Exit::Toolchain;
                return Ok(skipped(why));
            }
        };
        let bench = match Bench::set_up(&opened.spec, cache, Modules::Kept, &note) {
            Ok(bench) => bench,
            Err(why) => {
                self.fault = Exit::Toolchain;
                // Nobody can look into what is gone by then.
                let worktree = opened.worktree.as_ref();
                return Ok(skipped(worktree.map_or(why.clone(), |it| it.unnamed(&why))));
            }
        };
        let scripts = Scripts::default();
        let examiner = bench.examiner(&scripts, seed, LOOK, self.interrupt);
        let run = RunInfo {
            profile: "bisect".to_owned(),
            // A worktree is gone when the run is read.
            toolchain: self.versions.name(version),
            seed,
            cases: 1,
            ignores_known: true,
            ..RunInfo::new(&bench.toolchain, self.bisection.catalogues)
        };
        if is_bad_end {
            return Ok(Look {
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
            Some((says, why)) => Ok(Look {
                says,
                why,
                notes: Vec::new(),
                result: Some(result),
                run: Some(run),
            }),
        }
    }

    /// Examines the bad end, and with it finds the lane and the n to search in.
    fn look_at_bad_end(&mut self, examiner: &Examiner<'_>) -> Look {
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
            self.fault = Exit::Usage;
        }
        if let Err(NotRun::Toolchain(_)) = result {
            self.fault = Exit::Toolchain;
        }
        Look {
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

    fn probe(&self, version: usize, look: Look, seconds: f64) -> ProbeRecord {
        let Bisection {
            scenario,
            catalogues,
            seed,
            ..
        } = *self.bisection;
        let by_hand = self.versions.by_hand(version);
        let again = Again {
            vera: &by_hand.vera,
            catalogues,
            seed,
            ignores_known: true,
        };
        let examined = look.result.as_ref().and_then(|it| it.as_ref().ok());
        let came = examined.map(|it| (it.judgement.verdict, it.outcome.chance));
        let command = again.command(&self.case, self.case.scale, came);
        let case = look
            .result
            .as_ref()
            .map(|result| CaseRecord::new(scenario, &self.case, result, seed, command.clone()));
        ProbeRecord {
            version: self.versions.name(version),
            commit: self.versions.full_name(version).map(str::to_owned),
            subject: self.versions.subject(version).map(str::to_owned),
            came: match look.says {
                Says::Bad => Came::Bad,
                Says::Good => Came::Good,
                Says::Skip => Came::Skip,
            },
            why: look.why,
            notes: look.notes,
            case,
            again: by_hand.first.into_iter().chain([command]).collect(),
            seconds,
        }
    }

    fn record(
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
        let skipped = self.probes.iter().filter(|it| it.came == Came::Skip);
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
        let told = Told {
            probes: &self.probes,
            ends: (name(good), name(bad)),
            noun: self.versions.noun(),
            case: &self.case,
            searched: self.bisection.sought,
            failed: &failed,
        };
        record.text = told.text(&record);
        record
    }

    fn exit(&self, kind: AnswerKind) -> Exit {
        match kind {
            AnswerKind::Found => Exit::Success,
            AnswerKind::OneOf | AnswerKind::NoGood => Exit::Failed,
            AnswerKind::BadIsGood | AnswerKind::GoodIsBad | AnswerKind::EndsAlike => Exit::Usage,
            AnswerKind::BadCannotTell => self.fault,
            AnswerKind::Interrupted => Exit::Interrupted,
            AnswerKind::Failed => Exit::Toolchain,
        }
    }
}

fn kind_of(answer: &Answer) -> AnswerKind {
    match answer {
        Answer::Found { .. } => AnswerKind::Found,
        Answer::OneOf { .. } => AnswerKind::OneOf,
        Answer::NoGood { .. } => AnswerKind::NoGood,
        Answer::BadIsGood => AnswerKind::BadIsGood,
        Answer::BadCannotTell => AnswerKind::BadCannotTell,
        Answer::GoodIsBad => AnswerKind::GoodIsBad,
    }
}
