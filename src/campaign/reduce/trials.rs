//! Smaller programs, tried on the real Vera.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::sought::{Other, Sought, differ, is_same, returns};
use super::specified::specified;
use crate::campaign::Setting;
use crate::campaign::bench::Bench;
use crate::case::{Budget, Case, Lane, Scale, Sources};
use crate::record::Event;
use crate::record::reduce::{ProgramSize, ReduceStep};
use crate::runner::{Examined, Examiner, NotRun};
use crate::scenario::{FailureKind, Scenario};
use crate::toolchain::tree;
use crate::vera::print::print;
use crate::vera::reduce::{Candidate, Trial};
use crate::vera::{Program, lines};

/// What a smaller program may take. What is sought needs no more on the way, and a
/// program whose loop lost its end would take all there is.
const TIME: Duration = Duration::from_secs(4);
/// What one may take that is to fail by taking its time.
const TOO_LONG: Duration = Duration::from_secs(2);

/// What tries smaller programs.
pub struct Trials<'a> {
    pub setting: Setting<'a>,
    pub examiner: &'a Examiner<'a>,
    pub bench: &'a Bench,
    /// Another Vera, where nothing on this one returns anything else.
    pub other: &'a OnceLock<Bench>,
    pub scenario: &'a Scenario,
    pub case: Case,
    /// The files of the program that fails.
    pub sources: Sources,
    pub sought: Sought,
    pub deadline: Instant,
    /// What programs are called with by now.
    pub n: Mutex<Scale>,
    /// How many were tried by now.
    pub told: Mutex<usize>,
}

/// What came of one run.
pub enum Ran {
    Examined(Box<Examined>),
    Not(NotRun),
}

impl Trials<'_> {
    /// What programs are called with by now.
    pub fn n(&self) -> Scale {
        *self.n.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The text of the program.
    pub fn main(&self) -> &str {
        self.sources.main_text().unwrap_or_default()
    }

    /// The files, with another text of the program.
    pub fn with(&self, text: &str) -> Sources {
        let mut sources = self.sources.clone();
        sources.files.insert(sources.main.clone(), text.to_owned());
        sources
    }

    /// What a program is compared with where it returns what is wrong.
    pub fn beside(&self, program: &Candidate, other: Other, n: Scale) -> Option<Box<Examined>> {
        let lane = self.case.lane;
        let sources = self.with(&program.text);
        let ran = match other {
            Other::Lane(lane) => self.ran(&sources, lane, n),
            Other::Twin(rewrite) => {
                let places = rewrite.places(&program.program).len();
                let twin = rewrite.at(&program.program, 0..places);
                self.ran(&self.with(&print(&twin).ok()?), lane, n)
            }
            Other::Vera => {
                let scripts = self.examiner.scripts;
                let bench = self.other.get()?;
                let examiner = bench.examiner(scripts, &self.setting, self.examiner.budget);
                self.ran_by(&examiner, &sources, lane, n)
            }
            Other::Specification => return None,
        };
        match ran {
            Ran::Examined(it) if returns(&it.outcome) => Some(it),
            Ran::Examined(_) | Ran::Not(_) => None,
        }
    }

    /// Whether a program that returned came to something else than what it is compared
    /// with, which returned as well.
    pub fn differs(&self, program: &Candidate, other: Other, n: Scale, own: &Examined) -> bool {
        match other {
            Other::Specification => specified(&self.scenario.call, &program.program, n)
                .is_some_and(|it| it.contradicts(own)),
            Other::Lane(_) | Other::Twin(_) | Other::Vera => {
                let beside = self.beside(program, other, n);
                beside.is_some_and(|it| differ(&it, own))
            }
        }
    }

    /// Whether these files return with more room, as shipped but for that.
    pub fn returns_with_room(&self, sources: &Sources, n: Scale) -> bool {
        let case = Case {
            lane: Lane::NATIVE,
            scale: n,
            ..self.case.clone()
        };
        let budget = self.budget(case.lane);
        let returned = (self.examiner).returns_with_room(self.scenario, sources, &case, budget);
        returned.unwrap_or(false)
    }

    /// Runs these files in place of the scenario's own.
    pub fn ran(&self, sources: &Sources, lane: Lane, n: Scale) -> Ran {
        self.ran_by(self.examiner, sources, lane, n)
    }

    fn ran_by(&self, examiner: &Examiner<'_>, sources: &Sources, lane: Lane, n: Scale) -> Ran {
        let case = Case {
            lane,
            scale: n,
            ..self.case.clone()
        };
        let budget = self.budget(lane);
        let ran = examiner.examine_instead(self.scenario, sources, &case, budget);
        match ran {
            Ok(examined) => Ran::Examined(Box::new(examined)),
            Err(why) => Ran::Not(why),
        }
    }

    fn budget(&self, lane: Lane) -> Budget {
        let budget = self.scenario.budget_in(lane);
        let signature = self.sought.signature.as_ref();
        let time = match signature.map(|it| it.verdict) {
            None if self.sought.differs.is_none() => budget.time,
            Some(FailureKind::OverTime) => TOO_LONG,
            _ => TIME,
        };
        budget.lasting(time.min(budget.time))
    }

    /// Whether a program, called with `n`, does what is sought.
    fn does_it(&self, program: &Candidate, n: Scale) -> bool {
        let sources = self.with(&program.text);
        let ran = |lane, n| match self.ran(&sources, lane, n) {
            Ran::Examined(examined) => Some(examined),
            Ran::Not(_) => None,
        };
        let Some(own) = ran(self.case.lane, n) else {
            return false;
        };
        if let Some(sought) = &self.sought.signature {
            let shown = own.signature(&self.scenario.growth);
            if !shown.is_some_and(|it| is_same(&it, sought)) {
                return false;
            }
        }
        let differs = |other: Other| returns(&own.outcome) && self.differs(program, other, n, &own);
        if !self.sought.differs.is_none_or(differs) {
            return false;
        }
        if self.sought.with_room && !self.returns_with_room(&sources, n) {
            return false;
        }
        let mut kept = self.sought.returns.iter();
        kept.all(|(lane, at)| {
            let at = at.unwrap_or(n);
            ran(*lane, at).is_some_and(|it| returns(&it.outcome))
        })
    }

    /// Looks for a smaller n at which a program does what is sought; gives how many
    /// were tried.
    pub fn smaller_n(&self, best: &Candidate) -> usize {
        let largest = self.n();
        let small = (0..63).flat_map(|power| [2_u64 << power, 3_u64 << power]);
        let ascending: Vec<Scale> = std::iter::once(1)
            .chain(small)
            .filter_map(Scale::new)
            .take_while(|it| *it < largest)
            .collect();
        let mut tries = 0;
        for batch in ascending.chunks(self.setting.jobs()) {
            if self.is_over() {
                break;
            }
            tries += batch.len();
            let does_it = |&n: &Scale| self.does_it(best, n);
            let done = (self.setting).each(&indices(batch), |_| false, |at| does_it(&batch[at]));
            if let Some(at) = done.iter().position(|it| *it) {
                *self.n.lock().unwrap_or_else(PoisonError::into_inner) = batch[at];
                self.better(best);
                break;
            }
        }
        self.tell(tries);
        tries
    }

    fn tell(&self, tries: usize) -> usize {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        *told += tries;
        *told
    }
}

impl Trial for Trials<'_> {
    fn keeps(&self, candidates: &[Candidate]) -> Vec<bool> {
        let n = self.n();
        let tries = self.tell(candidates.len());
        self.setting
            .send(Event::Doing(format!("{tries} programs tried")));
        let one = |at: usize| self.does_it(&candidates[at], n);
        self.setting.each(&indices(candidates), |_| false, one)
    }

    fn side_by_side(&self) -> usize {
        self.setting.jobs()
    }

    fn is_over(&self) -> bool {
        self.setting.interrupt.is_set() || Instant::now() >= self.deadline
    }

    fn better(&self, best: &Candidate) {
        self.setting.send(Event::Reduced(ReduceStep {
            size: ProgramSize {
                lines: lines(&best.text),
                nodes: best.nodes,
            },
            n: self.n(),
            tries: self.tell(0),
            main: self.sources.main.clone(),
            files: self.with(&best.text).files,
        }));
    }

    fn typed(&self, best: &Candidate) -> Option<Program> {
        let sources = self.with(&best.text);
        let workers = self.bench.engines.workers();
        let budget = self.scenario.budget;
        let read = tree::read(workers, &sources, budget, self.setting.interrupt);
        read.ok()?.ok()?.program
    }
}

fn indices<T>(items: &[T]) -> Vec<usize> {
    (0..items.len()).collect()
}
