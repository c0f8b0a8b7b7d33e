//! A failing program made small, while it fails in the same way.

mod of_run;
mod sought;
pub(super) mod specified;
mod trials;

use std::path::Path;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use super::bench::Bench;
use super::{Finished, Setting};
use crate::case::{Case, Ending, Lane, Problem, Sources};
use crate::engine::{Modules, may_ask_for_files};
use crate::judge::Signature;
use crate::record::again::{Again, Showing};
use crate::record::reduce::{ProgramSize, ReduceInfo, ReduceRecord, ReduceReport};
use crate::record::{Conclusion, Event, Format};
use crate::runner::{Examined, Scripts};
use crate::scenario::{FailureKind, Files, Scenario};
use crate::toolchain::{Choice, tree};
use crate::vera::lines;
use crate::vera::reduce::{Candidate, Edits, Trial, reduce};
use crate::vera::twins::Rewrite;
pub use of_run::Reduce;
pub(super) use sought::is_same;
use sought::{Other, Sought, differ, returns};
use trials::{Ran, Trials};

/// A reduction of one failing case.
pub struct Reduction<'a> {
    /// What every use works with.
    pub setting: Setting<'a>,
    /// The Vera that it fails on.
    pub bench: &'a Bench,
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The case.
    pub case: Case,
    /// The lanes: the first in which it fails is that of the case.
    pub lanes: &'a [Lane],
    /// What it may take.
    pub time: Duration,
    /// Another Vera, to compare with where all that this one does is wrong.
    pub another: Option<&'a Choice>,
    /// Where the smallest program goes, for the command that shows it.
    pub output: Option<&'a Path>,
}

impl Reduction<'_> {
    /// Reduces the program; the error says why it cannot be.
    pub fn run(&self) -> Result<Finished<ReduceReport>, Problem> {
        let started = Instant::now();
        let setting = &self.setting;
        setting.send(Event::Ahead(1));
        let scripts = Scripts::default();
        let examiner = self.bench.examiner(&scripts, setting, self.time);
        let sources = self.sources()?;
        let other = OnceLock::new();
        let mut trials = Trials {
            other: &other,
            setting: *setting,
            examiner: &examiner,
            bench: self.bench,
            scenario: self.scenario,
            case: self.case.clone(),
            sources,
            sought: Sought::default(),
            deadline: started + self.time,
            n: Mutex::new(self.case.scale),
            told: Mutex::default(),
        };
        let what = format!("reading {}", self.case.scenario);
        let read = setting.under_way(what, || self.read(&trials.sources));
        let (program, unread) = read?;
        let another = || self.another(&other);
        let (examined, signature, message) = self.failing(&mut trials, &program)?;
        trials.sought = Sought::of(&trials, &program, another, &examined, signature.clone())?;
        let size = size_of(&program);
        let info = ReduceInfo {
            format: Format::CURRENT,
            started: jiff::Timestamp::now(),
            vera_stress: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: self.case.scenario.clone(),
            vera: self.bench.toolchain.spec.clone(),
            lane: trials.case.lane,
            n: self.case.scale,
            message,
            signature,
            kept: trials.sought.sentences(&trials.case, &beside(&other)),
            unread,
            size: ProgramSize {
                lines: lines(trials.main()),
                nodes: size.nodes,
            },
        };
        setting.send(Event::ReduceStarted(info.clone()));
        // It is printed anew, which alone may end some failures.
        if !trials.keeps(std::slice::from_ref(&program))[0] {
            return Err(Problem::new(format!(
                "{} fails, and fails otherwise when its program is only printed anew",
                self.case
            ))
            .next("it depends on how the text is laid out; reduce it by hand"));
        }
        let (best, tries) = setting.under_way("reducing".to_owned(), || {
            trials.better(&program);
            self.reduced(&trials, program)
        });
        let n = trials.n();
        let record = ReduceRecord {
            size: size_of(&best),
            n,
            main: trials.sources.main.clone(),
            files: trials.with(&best.text).files,
            tries,
            seconds: started.elapsed().as_secs_f64(),
            interrupted: setting.interrupt.is_set(),
            out_of_time: !setting.interrupt.is_set() && trials.is_over(),
            again: self.output.map(|it| self.again(it, &trials)),
            file: self.output.map(|it| it.display().to_string()),
        };
        setting.send(Event::ReduceFinished(record.clone()));
        Ok(Finished {
            conclusion: Conclusion {
                interrupted: record.interrupted,
                ..Conclusion::default()
            },
            report: ReduceReport { info, record },
        })
    }

    /// The case in the first lane in which it fails.
    fn failing(
        &self,
        trials: &mut Trials<'_>,
        program: &Candidate,
    ) -> Result<(Box<Examined>, Signature, String), Problem> {
        let mut seen = Vec::new();
        let mut first: Option<Box<Examined>> = None;
        for &lane in self.lanes {
            match trials.ran(&trials.sources, lane, self.case.scale) {
                Ran::Examined(examined) => match examined.signature(&self.scenario.growth) {
                    Some(signature) => {
                        let never_ran = examined.outcome.ending.never_ran();
                        // What does not compile fails in each of them.
                        let plain = never_ran && self.lanes.contains(&Lane::REFERENCE);
                        trials.case.lane = if plain { Lane::REFERENCE } else { lane };
                        let message = examined.judgement.message.clone();
                        return Ok((examined, signature, message));
                    }
                    None => {
                        seen.push(format!("{} in lane {lane}", examined.judgement.verdict));
                        // Alone nothing is wrong with what no other lane returns.
                        if let Some(message) = first.as_ref().and_then(|it| parted(it, &examined)) {
                            trials.case.lane = lane;
                            return Ok((examined, wrong(&message), message));
                        }
                        first.get_or_insert(examined);
                    }
                },
                Ran::Not(why) => {
                    return Err(Problem::new(format!(
                        "it could not be run: {}",
                        why.message()
                    )));
                }
            }
        }
        let plain = Lane::REFERENCE;
        trials.case.lane = self.lanes[0];
        if self.lanes.contains(&plain)
            && let Ran::Examined(examined) = trials.ran(&trials.sources, plain, self.case.scale)
        {
            trials.case.lane = plain;
            first = Some(examined);
        }
        if let Some(examined) = first {
            for rewrite in Rewrite::ALL {
                let twin = trials.beside(program, Other::Twin(rewrite), self.case.scale);
                if let Some(message) = twin.and_then(|it| parted(&it, &examined)) {
                    return Ok((examined, wrong(&message), message));
                }
            }
            if let Some(message) = self.told_by_others(trials, program, &examined) {
                return Ok((examined, wrong(&message), message));
            }
        }
        let why = format!(
            "{} does not fail at n={}: {}",
            self.case.scenario,
            self.case.scale,
            seen.join(", ")
        );
        Err(Problem::new(why).next("name where it fails: the lane, the n, the version"))
    }

    /// What another Vera, or the specification, says against what a program returned.
    fn told_by_others(
        &self,
        trials: &Trials<'_>,
        program: &Candidate,
        examined: &Examined,
    ) -> Option<String> {
        let n = self.case.scale;
        if self.another(trials.other)
            && let Some(there) = trials.beside(program, Other::Vera, n)
            && let Some(message) = parted(&there, examined)
        {
            return Some(message);
        }
        let other = Other::Specification;
        let differs = returns(&examined.outcome) && trials.differs(program, other, n, examined);
        differs.then(|| "it is something else by the specification".to_owned())
    }

    /// Sets up another Vera; whether there is one.
    fn another(&self, other: &OnceLock<Bench>) -> bool {
        if other.get().is_some() {
            return true;
        }
        let Some(choice) = self.another else {
            return false;
        };
        match Bench::set_up(choice, &self.setting, Modules::Anew) {
            Ok(bench) => other.set(bench).is_ok(),
            Err(why) => {
                self.setting.sinks.note(why.to_string());
                false
            }
        }
    }

    /// The files of the case.
    fn sources(&self) -> Result<Sources, Problem> {
        let sources = self.scenario.program.sources(self.case.scale);
        let sources = sources.map_err(|why| Problem::new(why.to_string()))?;
        match sources.main_text() {
            Some(_) => Ok(sources),
            None => Err(Problem::new(format!("it has no {}", sources.main))),
        }
    }

    /// The program as a tree, and what of it could not be read.
    fn read(&self, sources: &Sources) -> Result<(Candidate, Vec<String>), Problem> {
        let setting = &self.setting;
        let budget = self.scenario.budget;
        let workers = self.bench.engines.workers();
        let read = tree::read(workers, sources, budget, setting.interrupt);
        let read = read.map_err(|why| (setting.advise)(&why))?;
        let read = read.map_err(|ending| {
            Problem::new(format!("it could not be read: {}", ended(&ending)))
                .next("reduce it by hand; `vera check` shows what Vera says")
        })?;
        let Some(program) = read.program else {
            let said = read.refused.first().map_or("", |(_, text)| text.as_str());
            let said = said.lines().next().unwrap_or_default();
            return Err(Problem::new(format!("the parser refuses it: {said}"))
                .next("what has no syntax tree is reduced by hand"));
        };
        let unread = program.unread.clone();
        let candidate = Candidate::of(program);
        let candidate = candidate.ok_or_else(|| Problem::new("it could not be printed"))?;
        Ok((candidate, unread))
    }

    /// The smallest program, at the smallest n, and how many were tried.
    fn reduced(&self, trials: &Trials<'_>, program: Candidate) -> (Candidate, usize) {
        let mut best = program;
        let mut tries = 1;
        if trials.sought.same {
            // What it is called with comes to stand in it.
            tries += trials.smaller_n(&best);
            let n = trials.n().get();
            let reduced = reduce(best, Edits::Same { n }, trials);
            return (reduced.best, tries + reduced.tries);
        }
        loop {
            let reduced = reduce(best, Edits::Any, trials);
            best = reduced.best;
            tries += reduced.tries;
            let at_first = trials.n();
            tries += trials.smaller_n(&best);
            if trials.n() == at_first || trials.is_over() {
                return (best, tries);
            }
        }
    }

    /// The folder whose files a program by its path has, where it may ask for them: by
    /// itself the smallest one would look where it lies.
    fn files(&self, trials: &Trials<'_>) -> Option<&Path> {
        let stand_in = self.scenario.stand_in.as_ref()?;
        let Some(Files::Folder(files)) = &self.scenario.surroundings.files else {
            return None;
        };
        let compiled = trials.examiner.compiled(self.scenario, &trials.case)?;
        let asks = may_ask_for_files(&compiled.folder).unwrap_or(false);
        (asks && !stand_in.names_files).then_some(files)
    }

    /// The command that shows the smallest program.
    fn again(&self, output: &Path, trials: &Trials<'_>) -> String {
        let own = trials.case.lane;
        let differs = trials.sought.differs;
        let lanes = match differs {
            Some(Other::Lane(other)) => vec![own, other],
            Some(Other::Twin(_) | Other::Vera | Other::Specification) | None => vec![own],
        };
        let showing = Showing {
            says_what_must_come: trials.sought.same,
            by_reduce: matches!(differs, Some(Other::Vera | Other::Specification)),
            lanes: &lanes,
            n: trials.n(),
            with_twins: matches!(differs, Some(Other::Twin(_))),
            files: self.files(trials),
        };
        let again = Again {
            catalogues: &[],
            without_built_in: false,
            ignores_known: false,
            ..self.setting.again(&self.bench.toolchain.spec)
        };
        again.program(output, self.scenario, &showing)
    }
}

/// What to say where two runs returned and differ.
fn parted(one: &Examined, other: &Examined) -> Option<String> {
    let returned = returns(&one.outcome) && returns(&other.outcome);
    let shown = |it: &Examined| match &it.outcome.ending {
        Ending::Returned { value, .. } => format!("{value}"),
        _ => String::new(),
    };
    (returned && differ(one, other))
        .then(|| format!("{} here, and {} there", shown(other), shown(one)))
}

fn wrong(message: &str) -> Signature {
    Signature::of(FailureKind::Wrong, None, message, None)
}

/// How reading a program ended, in a few words.
fn ended(ending: &Ending) -> &str {
    match ending {
        Ending::Crashed { message, .. } => message,
        _ => "it takes more than its budget",
    }
}

/// What another Vera is called.
fn beside(other: &OnceLock<Bench>) -> String {
    let bench = other.get();
    bench.map_or(String::new(), |it| it.toolchain.spec.clone())
}

fn size_of(candidate: &Candidate) -> ProgramSize {
    ProgramSize {
        lines: lines(&candidate.text),
        nodes: candidate.nodes,
    }
}
