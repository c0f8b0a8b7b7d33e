//! The same cases on several versions, from what was asked for to the table.

mod compiling;
mod session;

use std::time::{Duration, Instant};

use super::bench::Bench;
use super::{Finished, Setting};
use crate::case::{Case, Lane, Problem};
use crate::engine::Modules;
use crate::judge::Verdict;
use crate::judge::drift::Share;
use crate::record::against::asks_for_chance;
use crate::record::compare::{
    Cell, Column, CompareInfo, CompareReport, CompareSummary, Comparison, Row,
};
use crate::record::{CaseRecord, Conclusion, Event, Format, RunInfo};
use crate::scale::climb::ClimbLimits;
use crate::scenario::Scenario;
use crate::scenario::catalogue::Catalogue;
use crate::toolchain::{Choice, Spec};
use session::Session;

/// What a comparison works with.
pub struct Compare<'a> {
    /// What every use works with; its scenarios without their known limits, which
    /// it ignores.
    pub setting: Setting<'a>,
    /// The same scenarios with them: they say the causes of failures.
    pub causes: &'a Catalogue,
    /// The versions, the base first.
    pub specs: &'a [Choice],
    /// What the whole comparison may take.
    pub budget: Duration,
    /// What each climb may take, where ceilings are compared.
    pub climb: Option<(Lane, ClimbLimits)>,
    /// How far a count may go up or down before it is a change.
    pub allowed: Share,
    /// A recorded run that the versions are compared with.
    pub base: Option<RecordedBase>,
    /// Whether a regression is a failure.
    pub fails_on_regression: bool,
}

/// There are not two versions to compare: why not, a sentence each.
#[derive(Clone, Debug)]
pub struct TooFewVersions(pub Vec<Problem>);

/// A run that was recorded, as the first column.
pub struct RecordedBase {
    /// What to call it: `run 12`.
    pub name: String,
    /// Its Vera.
    pub vera: String,
    /// What came of its cases.
    pub cases: Vec<CaseRecord>,
}

impl RecordedBase {
    fn column(&self) -> Column {
        Column {
            name: self.name.clone(),
            chosen: None,
            vera: Some(self.vera.clone()),
            fingerprint: None,
            unusable: None,
        }
    }

    /// What came of the case of a row.
    fn cell(&self, row: &Row, seed: u64) -> Option<Cell> {
        let same = |it: &&CaseRecord| {
            it.scenario == row.scenario && it.lane == row.lane && Some(it.n) == row.n
        };
        let record = self.cases.iter().find(same)?;
        // Other random numbers are other instructions.
        let other = asks_for_chance(record) && record.seed.is_some_and(|it| it != seed);
        (!other).then(|| Cell::of_case(record, None))
    }
}

impl Compare<'_> {
    /// Examines `cases`, and climbs with `scenarios` where ceilings are compared,
    /// on each version.
    pub fn run(
        &self,
        cases: Vec<Case>,
        scenarios: &[&Scenario],
    ) -> Result<Finished<CompareReport>, TooFewVersions> {
        let setting = &self.setting;
        let benches = Bench::set_up_all(self.specs, setting, Modules::Kept);
        let usable: Vec<usize> = (0..benches.len())
            .filter(|&at| benches[at].is_ok())
            .collect();
        if usable.len() + usize::from(self.base.is_some()) < 2 {
            return Err(too_few(&benches));
        }
        let climbs = if self.climb.is_some() { scenarios } else { &[] };
        let asked = cases.len() + climbs.len();
        let info = self.info(&benches, asked);
        setting.send(Event::Ahead(asked * usable.len()));
        setting.send(Event::CompareStarted(info.clone()));
        let session = Session {
            compare: self,
            benches: &benches,
            usable: &usable,
            deadline: Instant::now() + self.budget,
            broken: setting.is_broken().into(),
        };
        session.open(asked);
        let mut rows = session.cases(cases);
        rows.extend(session.climbs(climbs));
        if let Some(base) = &self.base {
            for row in &mut rows {
                let cell = base.cell(row, setting.seed);
                row.cells.insert(0, cell);
            }
        }
        for row in &rows {
            setting.send(Event::RowFinished(row.clone()));
        }
        let comparison = Comparison { info, rows };
        let summary = self.summary(&comparison);
        session.close(&comparison);
        setting.send(Event::CompareFinished(summary.clone()));
        Ok(Finished {
            conclusion: self.conclusion(&comparison, &summary, session.broken.into_inner()),
            report: CompareReport {
                comparison,
                summary,
            },
        })
    }

    fn info(&self, benches: &[Result<Bench, Problem>], cases: usize) -> CompareInfo {
        let columns = self.specs.iter().zip(benches);
        let columns = columns.map(|(choice, bench)| column(choice, bench));
        CompareInfo {
            format: Format::CURRENT,
            started: jiff::Timestamp::now(),
            vera_stress: env!("CARGO_PKG_VERSION").to_owned(),
            seed: self.setting.seed,
            jobs: self.setting.jobs(),
            machine: RunInfo::this_machine(),
            cases,
            allowed: self.allowed.clone(),
            unloaded: self.setting.unloaded(),
            columns: (self.base.iter().map(RecordedBase::column))
                .chain(columns)
                .collect(),
        }
    }

    fn summary(&self, comparison: &Comparison) -> CompareSummary {
        let cells = comparison.rows.iter().flat_map(|row| &row.cells);
        let not_run = cells
            .flatten()
            .filter(|it| it.verdict == Verdict::NotRun)
            .count();
        let took = jiff::Timestamp::now().duration_since(comparison.info.started);
        CompareSummary {
            changes: comparison.changes(),
            regressions: comparison.regressions(),
            not_run,
            interrupted: self.setting.interrupt.is_set(),
            seconds: took.as_secs_f64(),
        }
    }

    fn conclusion(
        &self,
        comparison: &Comparison,
        summary: &CompareSummary,
        broken: bool,
    ) -> Conclusion {
        let unusable = comparison.info.columns.iter().any(|it| it.vera.is_none());
        let vouches = self.fails_on_regression;
        let compares_base = self.base.is_none() || comparison.knows_first();
        Conclusion {
            interrupted: summary.interrupted,
            failed: vouches && !summary.regressions.is_empty(),
            toolchain: vouches && unusable,
            scenario: broken,
            incomplete: summary.not_run > 0,
            nothing: !compares_base || !comparison.rows.iter().any(Row::is_compared),
        }
    }
}

fn too_few(benches: &[Result<Bench, Problem>]) -> TooFewVersions {
    let none = "there are not two versions that could be set up, so there is nothing to compare";
    let unusable = benches.iter().filter_map(|it| it.as_ref().err().cloned());
    TooFewVersions(unusable.chain([Problem::new(none)]).collect())
}

fn column(choice: &Choice, bench: &Result<Bench, Problem>) -> Column {
    let toolchain = bench.as_ref().ok().map(|it| &it.toolchain);
    Column {
        name: match (&choice.spec, toolchain) {
            (Spec::Latest, Some(it)) => format!("latest ({})", it.version),
            (spec, _) => spec.to_string(),
        },
        chosen: Some(choice.why),
        vera: toolchain.map(|it| it.version.to_string()),
        fingerprint: toolchain.map(|it| it.fingerprint.to_string()),
        unusable: bench.as_ref().err().map(Problem::to_string),
    }
}
