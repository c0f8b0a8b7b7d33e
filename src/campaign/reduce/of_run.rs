//! The program of a failing case of a run made small, when all cases have been judged.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use super::Reduction;
use crate::campaign::Setting;
use crate::campaign::bench::Bench;
use crate::case::{Case, Lane, Problem, Scale};
use crate::engine::{Engines, Modules};
use crate::judge::Verdict;
use crate::record::failure::REDUCED;
use crate::record::reduce::{ReduceReport, ReducedRecord};
use crate::record::{CaseRecord, Sinks};
use crate::scenario::FailureKind;
use crate::toolchain::{Choice, Toolchain};

/// How the programs of a run's failures are made small.
pub struct Reduce<'a> {
    /// What each may take.
    pub time: Duration,
    /// Another Vera, to compare with where all that this one does is wrong.
    pub another: Option<&'a Choice>,
    /// The Vera of the run, set up for the first of them: hundreds of programs are
    /// compiled, and none of them is kept in the cache.
    bench: OnceLock<Option<Bench>>,
}

impl<'a> Reduce<'a> {
    /// Each within so much time.
    pub fn within(time: Duration, another: Option<&'a Choice>) -> Reduce<'a> {
        Reduce {
            time,
            another,
            bench: OnceLock::new(),
        }
    }
}

impl Reduce<'_> {
    /// Adds to a failure's record the smallest program that fails so, which goes into
    /// its folder; whether it did.
    pub fn complete(
        &self,
        setting: &Setting<'_>,
        toolchain: &Toolchain,
        record: &mut CaseRecord,
    ) -> bool {
        let (Some(folder), Some(_)) = (record.folder.clone(), &record.reduce) else {
            return false;
        };
        if setting.interrupt.is_set() {
            return false;
        }
        let what = format!("reducing {}", record.heading());
        let reduced = setting.under_way(what, || {
            self.reduced(setting, toolchain, record, Path::new(&folder))
        });
        match reduced {
            Ok(reduced) => {
                record.reduced = Some(reduced);
                true
            }
            Err(why) => {
                let heading = record.heading();
                setting
                    .sinks
                    .note(format!("{heading} was not reduced: {why}"));
                false
            }
        }
    }

    fn reduced(
        &self,
        setting: &Setting<'_>,
        toolchain: &Toolchain,
        record: &CaseRecord,
        folder: &Path,
    ) -> Result<ReducedRecord, Problem> {
        let set_up = || {
            let engines = Engines::set_up(toolchain, setting.cache, Modules::Anew).ok()?;
            Some(Bench {
                toolchain: toolchain.clone(),
                engines,
            })
        };
        let bench = self.bench.get_or_init(set_up).as_ref();
        let bench = bench.ok_or_else(|| Problem::new("Vera could not be set up once more"))?;
        let n = record.smallest.as_ref().map_or(record.n, |it| it.fails);
        let lanes = lanes_of(record);
        let case = Case {
            scale: n,
            ..record.case()
        };
        let folder = folder.join(REDUCED);
        let scenario = setting.scenario(&case);
        let main = main_of(scenario, n);
        let file = folder.join(&main);
        let silent = Sinks::none();
        let reduction = Reduction {
            setting: Setting {
                sinks: &silent,
                ..*setting
            },
            bench,
            scenario,
            case,
            lanes: &lanes,
            time: self.time,
            another: self
                .another
                .filter(|it| it.spec.to_string() != toolchain.spec),
            output: Some(&file),
        };
        let ReduceReport { info, record } = reduction.run()?.report;
        for (name, text) in &record.files {
            let path = folder.join(name);
            let written = path.parent().map_or(Ok(()), std::fs::create_dir_all);
            let written = written.and_then(|()| std::fs::write(&path, text));
            written.map_err(|why| {
                Problem::new(format!("{} cannot be written: {why}", path.display()))
            })?;
        }
        Ok(ReducedRecord {
            from: info.size,
            size: record.size,
            n: record.n,
            tries: record.tries,
            seconds: record.seconds,
            program: record.files.get(&record.main).cloned().unwrap_or_default(),
            file: file.display().to_string(),
            again: record.again,
        })
    }
}

/// The lanes that a failure takes: its own, and before it the one that it is held
/// against.
fn lanes_of(record: &CaseRecord) -> Vec<Lane> {
    let differ = record.verdict == Verdict::Failed(FailureKind::LanesDiffer);
    let first = Some(Lane::REFERENCE).filter(|it| differ && *it != record.lane);
    first.into_iter().chain([record.lane]).collect()
}

/// The file that holds `main`.
fn main_of(scenario: &crate::scenario::Scenario, n: Scale) -> String {
    let sources = scenario.program.sources(n);
    sources.map_or_else(|_| crate::case::Sources::MAIN.to_owned(), |it| it.main)
}
