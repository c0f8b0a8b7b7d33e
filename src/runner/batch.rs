//! Many cases: over cores, in the order that wastes least time, each judged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::examined::Result;
use super::examiner::{Examiner, Execution};
use super::not_run::NotRun;
use super::peers::Peers;
use super::pool::examine_all;
use crate::case::{Budget, Case, Ending, Outcome};
use crate::judge::{Peer, comparable};
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
    let peers = Peers::of(cases);
    let run = |index: usize, before: Option<&Executed>| {
        let (scenario, case) = &cases[index];
        let lower = before.and_then(|it| it.as_ref().ok());
        match lower.and_then(|it| beyond_reach(it, scenario.budget_in(case.lane))) {
            Some(message) => examiner.pass_over(scenario, case, message),
            None => examiner.run_until(scenario, case, deadline),
        }
    };
    let one = |index: usize| {
        let (scenario, case) = &cases[index];
        observer.started(case);
        let too_late = limits.fail_fast && failed.load(Ordering::Relaxed);
        let result = if too_late && !peers.has_run(index) {
            Err(NotRun::FailFast)
        } else {
            peers.turn(index, &run, |ran, ask| {
                let own = ran.as_ref().ok().map(|it| Arc::clone(&it.outcome));
                let can_tell = |place: usize, it: &Executed| {
                    let (lane, other) = (case.lane, cases[place].1.lane);
                    let both = own.as_ref().zip(it.as_ref().ok());
                    both.is_some_and(|(own, it)| comparable((lane, own), (other, &it.outcome)))
                };
                let peer = || {
                    let (place, ran) = ask(&can_tell)?;
                    Some(Peer {
                        lane: cases[place].1.lane,
                        outcome: ran.ok()?.outcome,
                    })
                };
                let known = examiner.known(scenario, case);
                examiner.judge(scenario, case, (ran?, &known), peer)
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

/// What came of running a case.
type Executed = std::result::Result<Execution, NotRun>;

/// The share of a budget that one rung of a ladder may take, if the next is to be
/// climbed: that takes ten times as much where the cost is linear, and a hundred times
/// where it is quadratic.
const SHARE: u32 = 50;

/// Why a higher n is not run where a program did this at a lower one.
fn beyond_reach(lower: &Execution, budget: Budget) -> Option<String> {
    let Outcome {
        ending,
        run,
        measures,
        ..
    } = &*lower.outcome;
    match ending {
        Ending::Returned { .. } => {
            // Where instructions are counted, no clock decides.
            let spent = match measures {
                Some(measures) => {
                    measures.instructions.0 > budget.instructions.0 / u64::from(SHARE) / 10
                }
                None => run.cpu > budget.time / SHARE,
            };
            spent.then(|| {
                "not run: at the n before, it took so long that this one may spend its budget; a scale that is named is run".to_owned()
            })
        }
        Ending::Unsupported { message } => Some(message.clone()),
        _ => Some("not run: at the n before, the program did not return".to_owned()),
    }
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
