//! What was not run: a line for each reason.

use std::collections::BTreeMap;

use super::detail::{Detail, Showing};
use super::named::named;
use super::run::label;
use crate::case::Lane;
use crate::judge::Verdict;
use crate::record::count;

/// Up to so many scenarios are named with their lanes.
const NAMED: usize = 3;

/// Something that was not run.
#[derive(Clone, Debug)]
pub struct NotRunCase<'a> {
    /// Its scenario.
    pub scenario: &'a str,
    /// Its lane.
    pub lane: Lane,
    /// What it is called in a list.
    pub heading: String,
    /// Why it was not run.
    pub reason: String,
}

/// What was not run, under the reasons that are shared: in a line each, or where
/// everything is shown in a line a case. One of the cases is called `what`.
pub fn not_run(cases: &[NotRunCase<'_>], what: &str, showing: Showing) -> String {
    let mut reasons: BTreeMap<&str, Vec<&NotRunCase<'_>>> = BTreeMap::new();
    for case in cases {
        reasons.entry(&case.reason).or_default().push(case);
    }
    let mut text = String::new();
    let label = label(Verdict::NotRun);
    for (reason, cases) in reasons {
        if showing.detail == Detail::Everything {
            text.push_str(&format!("{label}: {reason}\n"));
            for case in cases {
                text.push_str(&format!("     {}\n", case.heading));
            }
            continue;
        }
        let each = || cases.iter().map(|it| (it.scenario, it.lane));
        let names = named(each(), NAMED);
        let whole = named(each(), usize::MAX);
        text.push_str(&match names == whole {
            true => format!("{label} {names}: {reason}\n"),
            false => format!("{label} {} ({names}): {reason}\n", count(cases.len(), what)),
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(cases: &[(&'static str, &str)], detail: Detail) -> String {
        let case = |(scenario, reason): (&'static str, &str)| NotRunCase {
            scenario,
            lane: Lane::NATIVE,
            heading: format!("{scenario} [native] n=7"),
            reason: reason.to_owned(),
        };
        let cases: Vec<NotRunCase<'_>> = cases.iter().copied().map(case).collect();
        let showing = Showing {
            detail,
            ..Showing::default()
        };
        let text = not_run(&cases, "case", showing);
        console::strip_ansi_codes(&text).into_owned()
    }

    #[test]
    fn each_reason_is_one_line_however_many_cases_share_it() {
        let cases = [
            ("a", "it was late"),
            ("b", "it was late"),
            ("c", "it was late"),
            ("d", "it was late"),
            ("e", "no oracle"),
        ];
        let late = "NOT RUN 4 cases (a, b, c and 1 more scenario): it was late\n";
        let oracle = "NOT RUN e [native]: no oracle\n";
        for detail in [Detail::Brief, Detail::Numbers] {
            assert_eq!(told(&cases, detail), format!("{late}{oracle}"));
        }
        let all = "NOT RUN: it was late\n     d [native] n=7\n";
        assert_eq!(told(&cases[3..4], Detail::Everything), all);
        assert_eq!(told(&[], Detail::Numbers), "");
    }
}
