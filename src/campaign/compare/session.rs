//! A comparison under way: cases and climbs on many versions, in turns.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Compare;
use crate::campaign::Setting;
use crate::campaign::bench::Bench;
use crate::case::{Case, Engine, Lane, Problem, Scale, Usage};
use crate::judge::Verdict;
use crate::record::again::climb_options;
use crate::record::climb::ClimbRecord;
use crate::record::compare::{Cell, Comparison, Row};
use crate::record::{CaseRecord, Event, Summary, VersionEvent};
use crate::runner::{NotRun, Scripts, in_parallel};
use crate::scale::climb::{ClimbLimits, climb};
use crate::scenario::{FailureKind, Scenario};

/// Where a case does not come to its end on some version, its cost is compared at
/// a tenth of its n, and where that does not either, at a tenth of that.
const SMALLER: usize = 2;

/// Below this n, a cost says nothing of scale.
const SMALLEST: u64 = 16;

/// A time that differs by more than this factor between versions is measured so
/// many times in all, the versions in turns, and the least counts,
pub const WORTH_REPEATING: f64 = 1.5;
pub const ROUNDS: usize = 3;
/// where it is not longer than this: a long run has no noise to speak of. A busy
/// machine makes many times as much of a short one.
pub const SHORT: Duration = Duration::from_secs(5);

/// A case and what came of it in each column.
pub struct Trial<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The case.
    pub case: Case,
    /// What became of it.
    records: Vec<Option<CaseRecord>>,
    /// What compiling takes, in one trial of each program; empty in the others.
    pub compiling: Vec<Option<Usage>>,
}

/// A comparison under way.
pub struct Session<'a> {
    /// What is compared.
    pub compare: &'a Compare<'a>,
    /// The versions, with why not where one could not be set up.
    pub benches: &'a [Result<Bench, Problem>],
    /// The places of those that were.
    pub usable: &'a [usize],
    /// When it must have ended.
    pub deadline: Instant,
    /// Whether a scenario, its oracle or its generator could not be used.
    pub broken: AtomicBool,
}

impl<'a> Session<'a> {
    pub(super) fn setting(&self) -> &'a Setting<'a> {
        &self.compare.setting
    }

    fn tell(&self, column: usize, what: VersionEvent) {
        self.setting().send(Event::Version { column, what });
    }

    /// Begins a run on each version, of so many cases.
    pub fn open(&self, cases: usize) {
        for &column in self.usable {
            let toolchain = &self.bench(column).toolchain;
            let info = self.setting().run_info("compare", toolchain, cases);
            self.tell(column, VersionEvent::Started(info.into()));
        }
    }

    /// The rows of cases, and of the smaller n at which their costs are compared.
    pub fn cases(&self, cases: Vec<Case>) -> Vec<Row> {
        let mut all = self.examine(cases);
        let mut last: Vec<usize> = (0..all.len()).collect();
        for _ in 0..SMALLER {
            // A program is run at the n that somebody gave it, or on its ladder.
            let is_free = |it: &Case| {
                let scenario = self.setting().catalogue.get(&it.scenario);
                scenario.is_some_and(|it| it.stand_in.is_none())
            };
            let smaller = last.iter().filter_map(|&at| smaller(&all[at]));
            let smaller: Vec<Case> = smaller.filter(is_free).collect();
            if smaller.is_empty() || self.setting().interrupt.is_set() {
                break;
            }
            let doing = "comparing costs at a smaller n, where cases fail";
            self.setting().send(Event::Doing(doing.to_owned()));
            let more = smaller.len() * self.usable.len();
            self.setting().send(Event::Ahead(more));
            let more = self.examine(smaller);
            last = (all.len()..all.len() + more.len()).collect();
            all.extend(more);
        }
        self.repeat(&mut all);
        self.compiling(&mut all);
        all.sort_by(|one, other| one.case.cmp(&other.case));
        all.into_iter().map(|it| self.row(it)).collect()
    }

    /// Examines each case on each version. The versions take turns: what makes a
    /// machine slow for a while makes it so for all of them.
    fn examine(&self, cases: Vec<Case>) -> Vec<Trial<'a>> {
        let scripts = Scripts::of(&cases);
        let mut all: Vec<Trial<'_>> = cases
            .into_iter()
            .map(|case| Trial {
                scenario: self.setting().scenario(&case),
                records: vec![None; self.benches.len()],
                compiling: Vec::new(),
                case,
            })
            .collect();
        let tasks: Vec<(usize, usize)> = (0..all.len())
            .flat_map(|row| self.usable.iter().map(move |&column| (row, column)))
            .collect();
        let one = |(row, column): (usize, usize)| {
            let Trial { scenario, case, .. } = &all[row];
            let record = self.record(&scripts, scenario, case, column);
            self.tell(column, VersionEvent::Case(record.clone().into()));
            record
        };
        let is_alone = |(row, _): (usize, usize)| all[row].scenario.alone;
        let done = self.setting().each(&tasks, is_alone, one);
        for ((row, column), record) in tasks.into_iter().zip(done) {
            all[row].records[column] = Some(record);
        }
        all
    }

    pub(super) fn bench(&self, column: usize) -> &'a Bench {
        self.benches[column]
            .as_ref()
            .expect("only versions that were set up are used")
    }

    fn record(
        &self,
        scripts: &Scripts,
        scenario: &Scenario,
        case: &Case,
        column: usize,
    ) -> CaseRecord {
        let bench = self.bench(column);
        let setting = self.setting();
        let what = format!("{} [{}] {}", case.scenario, case.lane, bench.toolchain.spec);
        setting.under_way(what, || {
            let examiner = bench.examiner(scripts, setting, self.compare.budget);
            let result = examiner.examine_until(scenario, case, false, self.deadline);
            if let Err(NotRun::Scenario(_)) = &result {
                self.broken.store(true, Ordering::Relaxed);
            }
            let vera = &bench.toolchain.spec;
            let again = setting.command(vera, case, result.as_ref().ok());
            CaseRecord::new(scenario, case, &result, setting.seed, again)
        })
    }

    /// Ends the run of each version.
    pub fn close(&self, comparison: &Comparison) {
        let first = usize::from(self.compare.base.is_some());
        let took = jiff::Timestamp::now().duration_since(comparison.info.started);
        for &column in self.usable {
            let cells = comparison.rows.iter().map(|it| &it.cells[first + column]);
            let verdicts = cells.flatten().map(|it| it.verdict);
            let summary = Summary {
                interrupted: self.setting().interrupt.is_set(),
                seconds: took.as_secs_f64(),
                ..Summary::of(verdicts)
            };
            self.tell(column, VersionEvent::Finished(summary));
        }
    }

    /// Measures times again that differ between versions.
    fn repeat(&self, all: &mut [Trial<'a>]) {
        let worth: Vec<usize> = (0..all.len())
            .filter(|&row| worth_repeating(&all[row]))
            .collect();
        if worth.is_empty() {
            return;
        }
        let doing = "measuring times again that differ";
        self.setting().send(Event::Doing(doing.to_owned()));
        let short = |record: &Option<CaseRecord>| cpu(record).is_some_and(|it| it < SHORT);
        for _ in 1..ROUNDS {
            let cases = worth.iter().map(|&row| &all[row].case);
            let scripts = Scripts::of(cases);
            let tasks: Vec<(usize, usize)> = worth
                .iter()
                .flat_map(|&row| self.usable.iter().map(move |&column| (row, column)))
                .filter(|&(row, column)| short(&all[row].records[column]))
                .collect();
            self.setting().send(Event::Ahead(tasks.len()));
            // One after another: beside other work a time is another one.
            let again = in_parallel(1, &tasks, |(row, column)| {
                let Trial { scenario, case, .. } = &all[row];
                self.record(&scripts, scenario, case, column)
            });
            for ((row, column), record) in again {
                let first = &mut all[row].records[column];
                let better = match (cpu(first), cpu(&Some(record.clone()))) {
                    (Some(first), Some(again)) => again < first,
                    // What passed once and fails the next time has failed.
                    (Some(_), None) => record.verdict != Verdict::NotRun,
                    (None, _) => false,
                };
                if better {
                    self.tell(column, VersionEvent::Case(record.clone().into()));
                    *first = Some(record);
                }
            }
        }
    }

    fn row(&self, examined: Trial<'_>) -> Row {
        let Trial { case, records, .. } = &examined;
        let cell = |(column, record): (usize, &Option<CaseRecord>)| {
            let record = record.as_ref()?;
            let because = self.because(case, column, record.verdict);
            let compiling = examined.compiling.get(column).copied().flatten();
            Some(Cell::of_case(record, because).compiled_at(compiling))
        };
        Row {
            scenario: case.scenario.clone(),
            axis: examined.scenario.axis.clone(),
            lane: case.lane,
            n: Some(case.scale),
            cells: records.iter().enumerate().map(cell).collect(),
        }
    }

    /// The cause of a failure, where a known limit of its scenario says it.
    fn because(&self, case: &Case, column: usize, verdict: Verdict) -> Option<String> {
        let scenario = self.compare.causes.get(&case.scenario)?;
        let known = scenario.known_limits(case, &self.bench(column).toolchain.version);
        let limit = known
            .into_iter()
            .find(|it| Verdict::Failed(it.verdict) == verdict)?;
        Some(limit.because.clone())
    }

    /// A row for the climb of each scenario.
    pub fn climbs(&self, scenarios: &[&'a Scenario]) -> Vec<Row> {
        let Some((lane, limits)) = self.compare.climb else {
            return Vec::new();
        };
        let tasks: Vec<(usize, usize)> = (0..scenarios.len())
            .flat_map(|row| self.usable.iter().map(move |&column| (row, column)))
            .collect();
        let one = |(row, column): (usize, usize)| self.climb(scenarios[row], column, lane, limits);
        let is_alone = |(row, _): (usize, usize)| scenarios[row].alone;
        let done = self.setting().each(&tasks, is_alone, one);
        let mut cells: Vec<Vec<Option<Cell>>> =
            vec![vec![None; self.benches.len()]; scenarios.len()];
        for ((row, column), record) in tasks.into_iter().zip(done) {
            cells[row][column] = Some(Cell::of_climb(&record));
        }
        let row = |(scenario, cells): (&&Scenario, Vec<Option<Cell>>)| Row {
            scenario: scenario.name.clone(),
            axis: scenario.axis.clone(),
            lane,
            n: None,
            cells,
        };
        scenarios.iter().zip(cells).map(row).collect()
    }

    fn climb(
        &self,
        scenario: &Scenario,
        column: usize,
        lane: Lane,
        limits: ClimbLimits,
    ) -> ClimbRecord {
        let bench = self.bench(column);
        let setting = self.setting();
        let what = format!("{} climbs on {}", scenario.name, bench.toolchain.spec);
        let record = setting.under_way(what, || {
            let started = Instant::now();
            let scripts = Scripts::default();
            let examiner = bench.examiner(&scripts, setting, limits.time);
            let left = self.deadline.saturating_duration_since(started);
            let clipped = ClimbLimits {
                time: limits.time.min(left),
                ..limits
            };
            let found = climb(&examiner, scenario, lane, clipped);
            let judgement = found.judgement(&[]);
            // What this climb may take is not what the command `climb` allows.
            let options = climb_options(&limits, setting.seed);
            let again = setting.again(&bench.toolchain.spec);
            let again = again.climb(&scenario.name, found.lane, &options);
            let seconds = started.elapsed().as_secs_f64();
            ClimbRecord::new(scenario, found, judgement, again, seconds)
        });
        self.tell(column, VersionEvent::Climb(record.clone().into()));
        record
    }
}

/// The same case at a tenth of its n, where it does not come to its end as it
/// should on all versions, and might on more of them.
fn smaller(examined: &Trial<'_>) -> Option<Case> {
    let n = examined.case.scale.get() / 10;
    let fails = |record: &CaseRecord| match record.verdict {
        Verdict::Failed(kind) => kind != FailureKind::Growth && !kind.is_of_compiler(),
        _ => false,
    };
    let any = examined.records.iter().flatten().any(fails);
    let scale = Scale::new(n).filter(|_| any && n >= SMALLEST)?;
    Some(Case {
        scale,
        ..examined.case.clone()
    })
}

/// Whether the time of a case differs between versions.
fn worth_repeating(examined: &Trial<'_>) -> bool {
    let times = || examined.records.iter().filter_map(cpu);
    let (Some(least), Some(most)) = (times().min(), times().max()) else {
        return false;
    };
    most.as_secs_f64() > least.as_secs_f64() * WORTH_REPEATING
}

/// The processor time of a case on the engine that counts nothing, where it came
/// to its end.
fn cpu(record: &Option<CaseRecord>) -> Option<Duration> {
    let record = record.as_ref()?;
    let counts = record.lane.engine == Engine::Reference && Cell::of_case(record, None).costs_count;
    record.run.filter(|_| counts).map(|it| it.cpu)
}
