//! Many cases: over cores, in the order that wastes least time, each judged.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::examined::Result;
use super::examiner::Examiner;
use super::not_run::NotRun;
use super::pairs::Pairs;
use super::pool::examine_all;
use crate::case::Case;
use crate::scenario::Scenario;

/// How a run of many cases goes on.
#[derive(Clone, Copy, Debug)]
pub struct BatchLimits {
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
    limits: BatchLimits,
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
                examiner.judge(scenario, case, (ran?, &known), other)
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
        std::cmp::Reverse(scenario.budget_in(case.lane).time)
    });
    order
}
