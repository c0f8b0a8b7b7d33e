//! What every use works with, and what every use returns.

use crate::case::{Case, Problem};
use crate::interrupt::Interrupt;
use crate::judge::Verdict;
use crate::record::again::Again;
use crate::record::{Conclusion, Event, RunInfo, Sinks, Unloaded};
use crate::runner::{Examined, in_parallel, side_by_side};
use crate::scenario::Scenario;
use crate::scenario::catalogue::Catalogue;
use crate::toolchain::Toolchain;
use crate::toolchain::cache::Cache;
use crate::toolchain::compile::Stop;

/// What every use works with.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The scenarios.
    pub catalogue: &'a Catalogue,
    /// Where toolchains and compiled programs are kept.
    pub cache: &'a Cache,
    /// What chance repeats with.
    pub seed: u64,
    /// How many things are done side by side; `None` for one a core.
    pub jobs: Option<usize>,
    /// Whether known limits are taken for failures.
    pub ignores_known: bool,
    /// What to do about a toolchain that cannot be used, in the words of whoever reads
    /// it.
    pub advise: fn(&Stop) -> Problem,
    /// What ends it early.
    pub interrupt: &'a Interrupt,
    /// Where what happens goes.
    pub sinks: &'a Sinks,
}

/// What a use returns.
#[derive(Clone, Debug)]
pub struct Finished<R> {
    /// What it found.
    pub report: R,
    /// What decides how the command ends.
    pub conclusion: Conclusion,
}

impl<'a> Setting<'a> {
    /// How many things are done side by side.
    pub fn jobs(&self) -> usize {
        side_by_side(self.jobs)
    }

    /// The scenario that a case belongs to.
    pub fn scenario(&self, case: &Case) -> &'a Scenario {
        self.catalogue
            .get(&case.scenario)
            .expect("the cases of a use belong to its catalogue")
    }

    /// The scenarios that could not be loaded.
    pub fn unloaded(&self) -> Vec<Unloaded> {
        self.catalogue.errors.iter().map(Unloaded::from).collect()
    }

    /// Whether a scenario could not be loaded.
    pub fn is_broken(&self) -> bool {
        !self.catalogue.errors.is_empty()
    }

    /// The facts of a run on this toolchain, for so many cases.
    pub fn run_info(&self, profile: &str, toolchain: &Toolchain, cases: usize) -> RunInfo {
        RunInfo {
            profile: profile.to_owned(),
            seed: self.seed,
            jobs: self.jobs(),
            cases,
            ignores_known: self.ignores_known,
            unloaded: self.unloaded(),
            without_built_in: self.catalogue.without_built_in,
            ..RunInfo::new(toolchain, &self.catalogue.directories)
        }
    }

    /// What a command that shows something again says beside it.
    pub fn again<'b>(&'b self, vera: &'b str) -> Again<'b> {
        Again {
            vera,
            catalogues: &self.catalogue.directories,
            without_built_in: self.catalogue.without_built_in,
            seed: self.seed,
            ignores_known: self.ignores_known,
            scenarios: &self.catalogue.scenarios,
        }
    }

    /// The command that runs a case again, where this is what came of it.
    pub fn command(&self, vera: &str, case: &Case, examined: Option<&Examined>) -> String {
        let came = examined.map(|it| (it.judgement.verdict, it.outcome.chance));
        self.again(vera).command(case, case.scale, came)
    }

    /// The command that makes the program of a case small, where that can be done.
    pub fn reduce(&self, vera: &str, case: &Case, verdict: Verdict) -> Option<String> {
        self.again(vera).reduce(case, case.scale, verdict)
    }

    /// Tells the sinks what happened.
    pub fn send(&self, event: Event) {
        self.sinks.send(event);
    }

    /// Does `work` on each of `items`, those that want the machine alone last and one
    /// by one; gives the results in the order of the items.
    pub fn each<T: Copy + Send + Sync, R: Send>(
        &self,
        items: &[T],
        is_alone: impl Fn(T) -> bool,
        work: impl Fn(T) -> R + Sync,
    ) -> Vec<R> {
        let (alone, together): (Vec<usize>, Vec<usize>) =
            (0..items.len()).partition(|&at| is_alone(items[at]));
        let one = |at: usize| work(items[at]);
        let mut done = in_parallel(self.jobs(), &together, one);
        done.extend(in_parallel(1, &alone, one));
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, result)| result).collect()
    }

    /// Does a piece of work that is shown while it is under way.
    pub fn under_way<T>(&self, what: String, work: impl FnOnce() -> T) -> T {
        self.send(Event::Begun(what.clone()));
        let done = work();
        self.send(Event::Ended(what));
        done
    }
}
