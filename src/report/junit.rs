//! JUnit XML, for CI systems.

use std::io;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::FirstTrouble;
use super::output::OutputFile;
use super::terminal::run::{drift_text, failure_text};
use crate::case::Problem;
use crate::judge::Verdict;
use crate::plan::test_names;
use crate::record::{
    CaseRecord, Gathering, Occurrence, Report as Gathered, RunInfo, Sink, Unloaded,
};

/// What every report is called, before the version.
const NAME: &str = "vera-stress on Vera ";

/// A JUnit file, which is written when the run is over.
pub struct Junit {
    file: OutputFile,
    gathering: Gathering,
    trouble: FirstTrouble,
}

impl Junit {
    /// In a file.
    pub fn new(file: OutputFile) -> Junit {
        Junit {
            file,
            gathering: Gathering::default(),
            trouble: FirstTrouble::default(),
        }
    }
}

impl Sink for Junit {
    fn take(&self, it: &Occurrence<'_>) {
        if let Some(Gathered::Run(run)) = self.gathering.take(it.event) {
            let text = text(&run.info, &run.records);
            let written = text.and_then(|it| self.file.replace(it.as_bytes()));
            self.trouble.keep(self.file.told(written));
        }
    }

    fn close(&self) -> Result<(), Problem> {
        self.trouble.told()
    }
}

/// Whether a file that begins so has the results of a run.
pub fn is_ours(start: &[u8]) -> bool {
    String::from_utf8_lossy(start).contains(&format!("<testsuites name=\"{NAME}"))
}

/// The results of a run: an axis is a suite, a case is a test case.
fn text(run: &RunInfo, records: &[CaseRecord]) -> io::Result<String> {
    let mut report = Report::new(format!("{NAME}{}", run.vera));
    let mut axes: Vec<&str> = records.iter().map(|record| record.axis.as_str()).collect();
    axes.sort_unstable();
    axes.dedup();
    let names = names(records);
    for axis in axes {
        let mut suite = TestSuite::new(axis);
        suite.add_property(("vera", run.vera.as_str()));
        suite.add_property(("fingerprint", run.fingerprint.as_str()));
        suite.add_property(("seed", run.seed.to_string().as_str()));
        let of_axis = |(record, _): &(&CaseRecord, &String)| record.axis == axis;
        for (record, name) in records.iter().zip(&names).filter(of_axis) {
            suite.add_test_case(test_case(record, name));
        }
        report.add_test_suite(suite);
    }
    if !run.unloaded.is_empty() {
        let mut suite = TestSuite::new("not loaded");
        suite.add_test_cases(run.unloaded.iter().map(not_loaded));
        report.add_test_suite(suite);
    }
    report.to_string().map_err(io::Error::other)
}

fn names(records: &[CaseRecord]) -> Vec<String> {
    test_names(
        records
            .iter()
            .map(|it| (it.scenario.as_str(), it.lane, it.n)),
    )
}

fn test_case(record: &CaseRecord, name: &str) -> TestCase {
    let status = match record.verdict {
        Verdict::Pass | Verdict::Known if !record.drifts.is_empty() => drifted(record),
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Known | Verdict::Unsupported | Verdict::Refused => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(record.message.as_str());
            skipped
        }
        Verdict::Failed(_) | Verdict::Fixed => failed(record, NonSuccessKind::Failure),
        Verdict::Undecided | Verdict::NotRun => failed(record, NonSuccessKind::Error),
    };
    let mut case = TestCase::new(name, status);
    case.add_property(("lane", record.lane.to_string().as_str()));
    case.add_property(("n", record.n.to_string().as_str()));
    if let Some(signature) = record.signature() {
        case.add_property(("cause", signature.to_string().as_str()));
    }
    if let Some(other) = &record.same_cause_as {
        case.add_property(("same-cause-as", other.to_string().as_str()));
    }
    case.set_classname(format!("vera-stress.{}", record.axis));
    case.set_time(record.run.map_or(Duration::ZERO, |usage| usage.wall));
    case
}

/// A scenario that could not be loaded: no case of it could be run.
fn not_loaded(unloaded: &Unloaded) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status
        .set_type("not-loaded")
        .set_message(format!("{}: {}", unloaded.place(), unloaded.what))
        .set_description(unloaded.to_string());
    let mut case = TestCase::new(unloaded.file.as_str(), status);
    case.set_classname("vera-stress.not-loaded");
    case
}

/// A case that is as expected, but for a count that went up too far.
fn drifted(record: &CaseRecord) -> TestCaseStatus {
    let messages: Vec<String> = record
        .drifts
        .iter()
        .map(crate::judge::drift::Drift::message)
        .collect();
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status
        .set_type("drift")
        .set_message(format!("{}: {}", record.heading(), messages.join("; ")))
        .set_description(drift_text(record));
    status
}

fn failed(record: &CaseRecord, kind: NonSuccessKind) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status
        .set_type(record.verdict.name())
        .set_message(format!("{}: {}", record.heading(), record.message))
        .set_description(format!("{}{}", failure_text(record), drift_text(record)));
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Scale;
    use crate::judge::drift::{Count, Drift};
    use crate::report::terminal::run::tests::record;

    #[test]
    fn what_an_engine_cannot_run_is_skipped_with_its_reason() {
        let record = record(Verdict::Unsupported, "there is no file system", None);
        let case = test_case(&record, "life[native]");
        match case.status {
            TestCaseStatus::Skipped { message, .. } => {
                assert_eq!(message.unwrap().as_str(), "there is no file system");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_count_that_drifted_is_a_failure() {
        let mut record = record(Verdict::Pass, "", None);
        let status = |it: &CaseRecord| test_case(it, "life[native]").status;
        assert!(matches!(status(&record), TestCaseStatus::Success { .. }));
        record.drifts.push(Drift {
            what: Count::Instructions,
            before: 100,
            now: 150,
            ratio: Some(1.5),
            allowed: "10%".to_owned(),
            run: 3,
            vera: "0.2.4".to_owned(),
            again: "vera-stress run life --against 3".to_owned(),
        });
        match status(&record) {
            TestCaseStatus::NonSuccess { ty, message, .. } => {
                assert_eq!(ty.unwrap().as_str(), "drift");
                assert_eq!(
                    message.unwrap().as_str(),
                    "life [native] n=7: instructions 150, was 100 in run 3 (Vera 0.2.4): 50.0% up, 10% is allowed"
                );
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_seed_is_in_the_name_only_where_it_tells_two_cases_apart() {
        let in_lane = |lane: &str| {
            let mut record = record(Verdict::Pass, "", None);
            record.lane = lane.parse().unwrap();
            record
        };
        let names = |lanes: &[&str]| {
            let records: Vec<CaseRecord> = lanes.iter().map(|lane| in_lane(lane)).collect();
            super::names(&records)
        };
        assert_eq!(
            names(&["native", "native+random=5", "native+every=16"]),
            [
                "life[native]",
                "life[native+random]",
                "life[native+every=16]"
            ]
        );
        assert_eq!(
            names(&["native+random=5", "native+random=6"]),
            ["life[native+random=5]", "life[native+random=6]"]
        );
        let mut records = vec![in_lane("native"), in_lane("native"), in_lane("reference")];
        records[0].n = Scale::new(8).unwrap();
        assert_eq!(
            super::names(&records),
            ["life[native] n=8", "life[native] n=7", "life[reference]"]
        );
    }
}
