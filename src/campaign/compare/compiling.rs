//! What compiling takes on each version: once for a program, whatever its lanes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::session::{ROUNDS, SHORT, Session, Trial, WORTH_REPEATING};
use crate::case::{Lane, Scale, Usage};
use crate::record::Event;
use crate::runner::{Scripts, in_parallel};
use crate::scenario::Program;

impl Session<'_> {
    /// Adds what compiling takes to one trial of each program.
    pub fn compiling(&self, all: &mut [Trial<'_>]) {
        let programs = programs(all);
        let tasks: Vec<(usize, usize)> = programs
            .iter()
            .flat_map(|&row| self.usable.iter().map(move |&column| (row, column)))
            .collect();
        let doing = "looking at what compiling takes";
        self.setting().send(Event::Doing(doing.to_owned()));
        self.setting().send(Event::Ahead(tasks.len()));
        let known = self.costs(all, &tasks, self.setting().jobs(), false);
        for &row in &programs {
            all[row].compiling = vec![None; self.benches.len()];
        }
        for ((row, column), cost) in known {
            all[row].compiling[column] = cost;
        }
        // What the cache knows was measured beside other work, and at another time.
        let differ = |row: &usize| {
            let times = || all[*row].compiling.iter().flatten().map(|it| it.cpu);
            let (least, most) = (times().min(), times().max());
            least.zip(most).is_some_and(|(least, most)| {
                most.as_secs_f64() > WORTH_REPEATING * least.as_secs_f64()
            })
        };
        let worth: Vec<usize> = programs.iter().copied().filter(differ).collect();
        for _ in 1..ROUNDS {
            let short = |&(row, column): &(usize, usize)| {
                let cost = all[row].compiling[column];
                worth.contains(&row) && cost.is_some_and(|it| it.cpu < SHORT)
            };
            let tasks: Vec<(usize, usize)> = tasks.iter().copied().filter(short).collect();
            self.setting().send(Event::Ahead(tasks.len()));
            for ((row, column), again) in self.costs(all, &tasks, 1, true) {
                let cost = &mut all[row].compiling[column];
                *cost = cost
                    .zip(again)
                    .map(|(one, other)| least(one, other))
                    .or(*cost);
            }
        }
    }

    /// What compiling takes on these versions, as the cache knows it or `anew`.
    fn costs(
        &self,
        all: &[Trial<'_>],
        tasks: &[(usize, usize)],
        jobs: usize,
        anew: bool,
    ) -> Vec<((usize, usize), Option<Usage>)> {
        let scripts = Scripts::default();
        in_parallel(jobs, tasks, |(row, column)| {
            let Trial { scenario, case, .. } = &all[row];
            let bench = self.bench(column);
            let what = format!("compiling {} on {}", case.scenario, bench.toolchain.spec);
            let is_late = Instant::now() >= self.deadline || self.setting().interrupt.is_set();
            self.setting().under_way(what, || {
                let examiner = bench.examiner(&scripts, self.setting(), Duration::ZERO);
                let cost = || examiner.compile_cost(scenario, case, anew);
                (!is_late).then(cost).flatten()
            })
        })
    }
}

/// Of each program, the place of the trial that says what compiling it takes: the
/// first, in a lane that takes it as it is shipped if there is one.
fn programs(all: &[Trial<'_>]) -> Vec<usize> {
    let mut places: BTreeMap<(&str, Option<Scale>), usize> = BTreeMap::new();
    for (place, Trial { scenario, case, .. }) in all.iter().enumerate() {
        let n = match &scenario.program {
            Program::Fixed(_) => None,
            Program::Generated(_) => Some(case.scale),
        };
        let eager = |place: usize| all[place].case.lane == Lane::REFERENCE_EAGER;
        let held = places.entry((&scenario.name, n)).or_insert(place);
        if eager(*held) && !eager(place) {
            *held = place;
        }
    }
    places.into_values().collect()
}

fn least(one: Usage, other: Usage) -> Usage {
    Usage {
        wall: one.wall.min(other.wall),
        cpu: one.cpu.min(other.cpu),
        peak_memory: one.peak_memory.min(other.peak_memory),
    }
}
