//! A cause of failures: the case that tells it best in full, the others in a line
//! for each scenario.

use std::collections::BTreeSet;

use super::detail::{Detail, Showing};
use super::run::{failure_end, failure_start, label};
use crate::judge::Verdict;
use crate::record::{CaseRecord, RunReport, count};

/// Up to so many scenarios that have a cause are named.
const NAMED: usize = 5;

/// What is not as expected, by its causes.
#[derive(Debug, Default)]
pub struct CausesText {
    /// A block for each.
    pub blocks: Vec<String>,
    /// Whether some of the cases are not named in them.
    pub folded: bool,
}

/// Every failure of a run under its cause, and then the limits that no longer fail,
/// those of one scenario together.
pub fn causes_text(report: &RunReport, showing: Showing) -> CausesText {
    let causes = report.causes().into_iter().map(|(_, records)| records);
    let mut all = CausesText::default();
    for records in causes.chain(fixed(report)) {
        let (first, others) = records.split_first().expect("a cause has cases");
        let (others, folded) = others_text(first, others, showing);
        let text = format!("{}{others}{}", failure_start(first), failure_end(first));
        let word = first.verdict.label_word();
        all.blocks
            .push(text.replacen(word, &label(first.verdict), 1));
        all.folded |= folded;
    }
    all
}

/// The cases whose known limit no longer fails, by scenario and by what is said.
fn fixed(report: &RunReport) -> Vec<Vec<&CaseRecord>> {
    let mut groups: Vec<Vec<&CaseRecord>> = Vec::new();
    for record in report
        .records
        .iter()
        .filter(|it| it.verdict == Verdict::Fixed)
    {
        let same = |it: &&mut Vec<&CaseRecord>| {
            (&it[0].scenario, &it[0].message) == (&record.scenario, &record.message)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(record),
            None => groups.push(vec![record]),
        }
    }
    groups
}

/// The other cases of a cause, and whether some of them are only counted.
fn others_text(first: &CaseRecord, others: &[&CaseRecord], showing: Showing) -> (String, bool) {
    if others.is_empty() {
        return (String::new(), false);
    }
    let mut groups: Vec<Vec<&CaseRecord>> = Vec::new();
    for record in others {
        let same = |it: &&mut Vec<&CaseRecord>| {
            (&it[0].scenario, it[0].verdict) == (&record.scenario, record.verdict)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(record),
            None => groups.push(vec![record]),
        }
    }
    // A line that counts one is no shorter than its name.
    let whole = showing.detail == Detail::Everything || groups.len() <= NAMED + 1;
    let named = if whole { groups.len() } else { NAMED };
    let (named, folded) = groups.split_at(named);
    let what = match first.verdict {
        Verdict::Fixed => "alike",
        _ => "of this cause",
    };
    let mut text = format!("     {} {what}:\n", count(others.len(), "more case"));
    for group in named {
        text.push_str(&format!("       {}\n", line(first, group)));
    }
    if !folded.is_empty() {
        let scenarios: BTreeSet<&str> = folded.iter().map(|it| it[0].scenario.as_str()).collect();
        text.push_str(&format!(
            "       and {} of {} (`{}` names them)\n",
            count(folded.iter().map(Vec::len).sum(), "case"),
            count(scenarios.len(), "scenario"),
            showing.everything
        ));
    }
    (text, !folded.is_empty())
}

/// Cases of one scenario that failed alike: the lanes, the n, the smallest that
/// fails, and how where that is not as the first case did.
fn line(first: &CaseRecord, cases: &[&CaseRecord]) -> String {
    let mut lanes: Vec<String> = Vec::new();
    for case in cases {
        let lane = case.lane.family().to_string();
        if !lanes.contains(&lane) {
            lanes.push(lane);
        }
    }
    let at = || cases.iter().map(|it| it.n);
    let n = match (at().min(), at().max()) {
        (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
        _ => cases[0].n.to_string(),
    };
    let smallest = cases.iter().filter_map(|it| it.smallest.as_ref());
    let from = smallest
        .map(|it| it.fails)
        .min()
        .map_or(String::new(), |n| format!(", from n={n}"));
    let verdict = match cases[0].verdict {
        same if same == first.verdict => String::new(),
        other => format!(": {other}"),
    };
    format!(
        "{} [{}] n={n}{from}{verdict}",
        cases[0].scenario,
        lanes.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Scale;
    use crate::record::SmallestRecord;
    use crate::report::terminal::run::tests::record;
    use crate::scenario::FailureKind;

    fn failed(
        kind: FailureKind,
        scenario: &str,
        lane: &str,
        n: u64,
        from: Option<u64>,
    ) -> CaseRecord {
        let mut record = record(Verdict::Failed(kind), "it is so", None);
        record.scenario = scenario.to_owned();
        record.lane = lane.parse().unwrap();
        record.n = Scale::new(n).unwrap();
        record.smallest = from.map(|n| SmallestRecord {
            fails: Scale::new(n).unwrap(),
            passes: None,
            exact: true,
            probes: 1,
            text: String::new(),
            message: None,
            otherwise: None,
        });
        record
    }

    fn told(records: &[CaseRecord], detail: Detail) -> (String, bool) {
        let showing = Showing {
            detail,
            everything: "-v",
            width: None,
        };
        let records: Vec<&CaseRecord> = records.iter().collect();
        others_text(records[0], &records[1..], showing)
    }

    #[test]
    fn the_other_cases_of_a_cause_are_a_line_for_each_scenario() {
        let wrong = |lane, n, from| failed(FailureKind::Wrong, "list", lane, n, from);
        let records = [
            failed(
                FailureKind::Corrupt,
                "list",
                "native+sanitize=7",
                500,
                Some(3),
            ),
            wrong("reference", 9000, Some(250)),
            wrong("native", 9000, Some(240)),
            wrong("native+random=7", 600, None),
            failed(FailureKind::Corrupt, "tree", "native+sanitize=7", 100, None),
        ];
        let all = "     4 more cases of this cause:
       list [reference, native, native+random] n=600 to 9000, from n=240: wrong
       tree [native+sanitize] n=100
";
        assert_eq!(told(&records, Detail::Numbers), (all.to_owned(), false));
        assert_eq!(told(&records[..1], Detail::Numbers), (String::new(), false));
    }

    #[test]
    fn a_long_list_of_cases_is_folded_unless_everything_is_shown() {
        let one = |number| failed(FailureKind::Wrong, &format!("s{number}"), "native", 9, None);
        let records: Vec<CaseRecord> = (0..9).map(one).collect();
        let (text, folded) = told(&records, Detail::Brief);
        assert!(folded);
        assert_eq!(text.lines().count(), 1 + NAMED + 1, "{text}");
        assert!(
            text.ends_with(
                "       s5 [native] n=9\n       and 3 cases of 3 scenarios (`-v` names them)\n"
            ),
            "{text}"
        );
        let (text, folded) = told(&records, Detail::Everything);
        assert!(!folded);
        assert_eq!(text.lines().count(), 1 + 8, "{text}");
        let (text, folded) = told(&records[..=1 + NAMED], Detail::Numbers);
        assert!(!folded && !text.contains("and "), "one more: {text}");
    }
}
