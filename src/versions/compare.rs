//! The same cases on several versions, from what was asked for to the table.

mod session;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::bench::Bench;
use crate::case::{Case, Lane};
use crate::engine::Modules;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::judge::Verdict;
use crate::judge::drift::Share;
use crate::record::against::asks_for_chance;
use crate::record::compare::{
    Cell, Column, CompareEvent, CompareInfo, CompareSummary, Comparison, Row,
};
use crate::record::history::{History, Kind, Recorder};
use crate::record::{CaseRecord, RunInfo};
use crate::report::compare::Terminal;
use crate::report::outputs::Outputs;
use crate::report::terminal::note;
use crate::runner::side_by_side;
use crate::scale::climb::Limits;
use crate::scenario::Scenario;
use crate::scenario::catalogue::Catalogue;
use crate::toolchain::Spec;
use crate::toolchain::cache::Cache;
use session::Session;

/// What a comparison works with.
pub struct Compare<'a> {
    /// The scenarios, without their known limits.
    pub catalogue: &'a Catalogue,
    /// The same with them: they say the causes of failures.
    pub causes: &'a Catalogue,
    /// The directories of scenarios beside the built-in ones.
    pub catalogues: &'a [PathBuf],
    /// Where toolchains and compiled programs are kept.
    pub cache: &'a Cache,
    /// The versions, the base first.
    pub specs: &'a [Spec],
    /// What chance repeats with.
    pub seed: u64,
    /// How many cases run side by side; `None` for one a core.
    pub jobs: Option<usize>,
    /// What the whole comparison may take.
    pub budget: Duration,
    /// What each climb may take, where ceilings are compared.
    pub climb: Option<(Lane, Limits)>,
    /// How far a count may go up or down before it is a change.
    pub allowed: Share,
    /// A recorded run that the versions are compared with.
    pub base: Option<RecordedBase>,
    /// Where the cases of each version are recorded.
    pub history: History,
    /// Whether a regression fails the command.
    pub fails_on_regression: bool,
    /// The files that are written beside the terminal.
    pub outputs: Outputs,
}

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
        // Other random numbers are other work.
        let other = asks_for_chance(record) && record.seed.is_some_and(|it| it != seed);
        (!other).then(|| Cell::of_case(record, None))
    }
}

impl Compare<'_> {
    /// Examines `cases`, and climbs with `scenarios` where ceilings are compared,
    /// on each version.
    pub fn run(&self, cases: Vec<Case>, scenarios: &[&Scenario], interrupt: &Interrupt) -> Exit {
        let benches = Bench::set_up_all(self.specs, self.cache, Modules::Kept, &note);
        let jobs = side_by_side(self.jobs);
        let columns: Vec<Column> = self
            .specs
            .iter()
            .zip(&benches)
            .map(|(spec, bench)| column(spec, bench))
            .collect();
        let usable: Vec<usize> = (0..benches.len())
            .filter(|&at| benches[at].is_ok())
            .collect();
        if usable.len() + usize::from(self.base.is_some()) < 2 {
            let unusable = columns.iter().filter_map(|it| it.unusable.as_deref());
            let none =
                "there are not two versions that could be set up, so there is nothing to compare";
            let why: Vec<&str> = unusable.chain([none]).collect();
            for why in &why {
                note(why);
            }
            self.outputs.ended(&why.join("\n"));
            return Exit::Toolchain;
        }
        let climbs = if self.climb.is_some() { scenarios } else { &[] };
        let info = CompareInfo {
            started: jiff::Timestamp::now(),
            vera_stress: env!("CARGO_PKG_VERSION").to_owned(),
            seed: self.seed,
            jobs,
            machine: RunInfo::this_machine(),
            cases: cases.len() + climbs.len(),
            allowed: self.allowed.clone(),
            columns: self
                .base
                .iter()
                .map(RecordedBase::column)
                .chain(columns)
                .collect(),
        };
        let session = Session {
            compare: self,
            benches: &benches,
            usable: &usable,
            terminal: Terminal::new((cases.len() + climbs.len()) * usable.len()),
            interrupt,
            jobs,
            deadline: Instant::now() + self.budget,
            broken: AtomicBool::new(false),
            recorders: self.recorders(&benches, jobs, cases.len() + climbs.len()),
        };
        session.terminal.head(&info);
        self.outputs.write(&CompareEvent::CompareStarted(&info));
        let mut rows = session.cases(cases);
        rows.extend(session.climbs(climbs));
        if let Some(base) = &self.base {
            for row in &mut rows {
                let cell = base.cell(row, self.seed);
                row.cells.insert(0, cell);
            }
        }
        for row in &rows {
            self.outputs.write(&CompareEvent::RowFinished(row));
        }
        let comparison = Comparison { info, rows };
        let summary = summary(&comparison, interrupt);
        session.close(&comparison);
        session.terminal.finish(&comparison, &summary);
        self.outputs.write(&CompareEvent::CompareFinished(&summary));
        self.outputs.comparison(&comparison, &summary);
        let exit = self.exit(
            &comparison,
            &summary,
            session.broken.load(Ordering::Relaxed),
        );
        self.outputs.report(exit)
    }

    /// What records the cases of each version as a run of its own.
    fn recorders(
        &self,
        benches: &[Result<Bench, String>],
        jobs: usize,
        cases: usize,
    ) -> Vec<Option<Recorder>> {
        let recorder = |bench: &Result<Bench, String>| {
            let info = RunInfo {
                profile: "compare".to_owned(),
                seed: self.seed,
                jobs,
                cases,
                ignores_known: true,
                ..RunInfo::new(&bench.as_ref().ok()?.toolchain, self.catalogues)
            };
            Some(Recorder::begin(&self.history, Kind::Compare, &info))
        };
        benches.iter().map(recorder).collect()
    }

    fn exit(&self, comparison: &Comparison, summary: &CompareSummary, broken: bool) -> Exit {
        let unusable = comparison.info.columns.iter().any(|it| it.vera.is_none());
        let vouches = self.fails_on_regression;
        if summary.interrupted {
            Exit::Interrupted
        } else if vouches && !summary.regressions.is_empty() {
            Exit::Failed
        } else if vouches && unusable {
            Exit::Toolchain
        } else if broken || !self.catalogue.errors.is_empty() {
            Exit::Usage
        } else if summary.not_run > 0 {
            Exit::Failed
        } else if let Some(why) = self.vain(comparison) {
            note(&why);
            Exit::NoCase
        } else {
            Exit::Success
        }
    }

    /// Why nothing was compared that should have been; `None` where something was.
    fn vain(&self, comparison: &Comparison) -> Option<String> {
        let rows = || comparison.rows.iter();
        let knows = |row: &Row| row.cells[0].as_ref().is_some_and(Cell::ran);
        match &self.base {
            Some(base) if !rows().any(knows) => Some(format!(
                "nothing could be compared with {}: it has none of these cases in the same lane, at the same n and with the same seed\n     next: name another run (`vera-stress history`), or give the --lane, --scale and --seed of that run",
                base.name
            )),
            _ if !rows().any(Row::is_compared) => Some(
                "nothing could be compared: there are no two versions that say anything of a case\n     next: name other versions with --vera, or another lane with --lane".to_owned(),
            ),
            _ => None,
        }
    }
}

fn column(spec: &Spec, bench: &Result<Bench, String>) -> Column {
    let toolchain = bench.as_ref().ok().map(|it| &it.toolchain);
    Column {
        name: match (spec, toolchain) {
            (Spec::Latest, Some(it)) => format!("latest ({})", it.version),
            _ => spec.to_string(),
        },
        vera: toolchain.map(|it| it.version.to_string()),
        fingerprint: toolchain.map(|it| it.fingerprint.to_string()),
        unusable: bench.as_ref().err().cloned(),
    }
}

fn summary(comparison: &Comparison, interrupt: &Interrupt) -> CompareSummary {
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
        interrupted: interrupt.is_set(),
        seconds: took.as_secs_f64(),
    }
}
