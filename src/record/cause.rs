//! The causes of the failures of a run: what failed in the same way is told once.

use std::cmp::Reverse;
use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CaseRecord;
use crate::case::Case;
use crate::judge::{Signature, Verdict};
use crate::scenario::FailureKind;

/// What failures share, and which they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// The signature of the case that tells it best.
    pub signature: Signature,
    /// The scenario, where the signature says nothing of what is at fault: that a
    /// value is wrong in two scenarios makes no cause of both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Its cases, the one that tells it best first.
    pub cases: Vec<Case>,
}

/// Groups failures by their cause. Those of one signature have one cause, and so
/// have the failures of a scenario of which the sanitizer says what they come of.
///
/// What names the place stands first: findings of the sanitizer, then what the
/// compiler or the runtime says, then results, then the program's own checks, which
/// a wrong value sets off somewhere after it was made, then costs; among these, what
/// fails most cases.
pub fn causes<'a>(records: impl IntoIterator<Item = &'a CaseRecord>) -> Vec<Cause> {
    let failed: Vec<(&CaseRecord, Signature)> = records
        .into_iter()
        .filter_map(|it| Some((it, it.signature()?)))
        .collect();
    let mut findings: HashMap<&str, Vec<&Signature>> = HashMap::new();
    for (record, signature) in &failed {
        if signature.verdict == FailureKind::Corrupt {
            findings
                .entry(&record.scenario)
                .or_default()
                .push(signature);
        }
    }
    let mut places: HashMap<(&Signature, Option<&str>), usize> = HashMap::new();
    let mut causes: Vec<Cause> = Vec::new();
    let mut explained: Vec<(usize, Case)> = Vec::new();
    for (record, signature) in &failed {
        let found = findings.get(record.scenario.as_str());
        let finding = found
            .into_iter()
            .flatten()
            .find(|it| it.explains(signature));
        let told = finding.copied().unwrap_or(signature);
        let scenario = (!told.names_fault()).then_some(record.scenario.as_str());
        let place = *places.entry((told, scenario)).or_insert_with(|| {
            causes.push(Cause {
                signature: told.clone(),
                scenario: scenario.map(str::to_owned),
                cases: Vec::new(),
            });
            causes.len() - 1
        });
        if told == signature {
            causes[place].cases.push(record.case());
        } else {
            explained.push((place, record.case()));
        }
    }
    for (place, case) in explained {
        causes[place].cases.push(case);
    }
    causes.sort_by_key(|it| (rank(&it.signature), Reverse(it.cases.len())));
    causes
}

/// For each case whose failure another case tells better, that other case.
pub fn told_by(causes: &[Cause]) -> HashMap<Case, Case> {
    let of = |cause: &Cause| {
        let (first, others) = cause.cases.split_first()?;
        let others = others.iter().map(|case| (case.clone(), first.clone()));
        Some(others.collect::<Vec<_>>())
    };
    causes.iter().filter_map(of).flatten().collect()
}

/// How little a failure says of what is at fault.
fn rank(signature: &Signature) -> usize {
    match signature.verdict {
        FailureKind::Corrupt => 0,
        FailureKind::Rejected | FailureKind::InvalidModule | FailureKind::Crashed => 1,
        FailureKind::Trap if signature.names_fault() => 2,
        FailureKind::Wrong
        | FailureKind::EnginesDiffer
        | FailureKind::LanesDiffer
        | FailureKind::TwinDiffers => 3,
        FailureKind::Trap => 4,
        FailureKind::Growth => 5,
        FailureKind::OverTime
        | FailureKind::OverMemory
        | FailureKind::OverOutput
        | FailureKind::OverInstructions => 6,
    }
}

impl CaseRecord {
    /// What makes its failure that failure. Recordings of earlier versions do not
    /// say it, and have what it is made of.
    pub fn signature(&self) -> Option<Signature> {
        let Verdict::Failed(kind) = self.verdict else {
            return None;
        };
        let made = || Signature::of(kind, self.ending.as_ref(), &self.message, None);
        Some(self.signature.clone().unwrap_or_else(made))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What is recorded of a case that ended like this.
    fn case(scenario: &str, lane: &str, verdict: &str, message: &str, ending: Value) -> CaseRecord {
        let record = json!({
            "scenario": scenario, "axis": "churn", "lane": lane, "n": 10, "seed": null,
            "verdict": verdict, "message": message, "smallest": null, "guards": [],
            "again": "", "folder": null, "ending": ending,
            "budget": { "wall": 1.0, "memory": 1, "output": 1, "instructions": 1 },
            "run": null, "compile": null, "peak_heap": null, "output": null, "measures": null,
        });
        let mut record: CaseRecord = serde_json::from_value(record).unwrap();
        record.signature = record.signature();
        record
    }

    fn wrong(scenario: &str, lane: &str) -> CaseRecord {
        let ending = json!({ "how": "returned", "value": { "int": 1 }, "exit_code": null });
        case(scenario, lane, "wrong", "expected 2, got 1", ending)
    }

    fn trapped(scenario: &str, lane: &str, kind: &str) -> CaseRecord {
        let frames = json!([{ "function": scenario, "file": "main.vera", "line": 3 }]);
        let ending = json!({ "how": "trapped", "kind": kind, "message": "", "frames": frames });
        case(scenario, lane, "trap", kind, ending)
    }

    fn corrupt(scenario: &str, kind: &str) -> CaseRecord {
        let finding = json!({
            "kind": kind, "what": "", "calls": [], "blocks": [], "roots": [],
            "roots_in_all": 0, "log": [],
        });
        let ending = json!({ "how": "corrupt", "finding": finding });
        case(scenario, "native+sanitize=1", "corrupt", "corrupt", ending)
    }

    fn told(records: &[CaseRecord]) -> Vec<(String, Vec<String>)> {
        let words = |cause: Cause| {
            let signature = &cause.signature;
            let kind = signature.kind.clone().unwrap_or_default();
            let cases = cause.cases.iter();
            (
                format!("{} {kind}", signature.verdict.name())
                    .trim()
                    .to_owned(),
                cases
                    .map(|it| format!("{} {}", it.scenario, it.lane.family()))
                    .collect(),
            )
        };
        causes(records).into_iter().map(words).collect()
    }

    #[test]
    fn what_the_sanitizer_found_explains_the_other_lanes_of_its_scenario() {
        let records = [
            wrong("list", "reference"),
            trapped("list", "native", "unreachable"),
            corrupt("list", "load in a freed block"),
            trapped("list", "native+never", "stack_exhausted"),
            corrupt("tree", "load in a freed block"),
            trapped("tree", "reference", "out_of_bounds"),
        ];
        let told_by = told_by(&causes(&records));
        assert_eq!(told_by[&records[5].case()], records[2].case());
        assert!(!told_by.contains_key(&records[2].case()));
        assert_eq!(told_by.len(), 4);
        assert_eq!(
            told(&records),
            [
                (
                    "corrupt load in a freed block".to_owned(),
                    [
                        "list native+sanitize",
                        "tree native+sanitize",
                        "list reference",
                        "list native",
                        "tree reference",
                    ]
                    .map(str::to_owned)
                    .to_vec(),
                ),
                (
                    "trap stack_exhausted".to_owned(),
                    vec!["list native+never".to_owned()]
                ),
            ]
        );
    }

    #[test]
    fn two_faults_are_not_one_because_both_make_a_value_wrong() {
        let records = [
            wrong("list", "reference"),
            wrong("tree", "reference"),
            wrong("list", "native"),
            trapped("list", "native+never", "index_out_of_bounds"),
            trapped("tree", "native+never", "index_out_of_bounds"),
            trapped("list", "native+eager", "unreachable"),
            trapped("tree", "native+eager", "unreachable"),
        ];
        let one = |what: &str, cases: &[&str]| {
            let cases = cases.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
            (what.to_owned(), cases)
        };
        assert_eq!(
            told(&records),
            [
                one(
                    "trap unreachable",
                    &["list native+eager", "tree native+eager"]
                ),
                one("wrong", &["list reference", "list native"]),
                one("wrong", &["tree reference"]),
                one("trap index_out_of_bounds", &["list native+never"]),
                one("trap index_out_of_bounds", &["tree native+never"]),
            ]
        );
    }

    #[test]
    fn a_recording_that_has_no_signatures_is_grouped_all_the_same() {
        let mut records = [wrong("list", "reference"), wrong("list", "native")];
        let with = causes(&records);
        records.iter_mut().for_each(|it| it.signature = None);
        assert_eq!(causes(&records), with);
        assert_eq!(with.len(), 1);
        assert_eq!(with[0].scenario.as_deref(), Some("list"));
        let passed = case("list", "native", "pass", "", Value::Null);
        assert!(causes(&[passed]).is_empty());
    }
}
