//! What GitHub is told of a comparison: regressions as errors, and a table of all
//! changes.

use super::annotations;
use super::command::{Annotation, Level, shown};
use super::markdown::{Document, cell, code, escape};
use super::place::Places;
use super::summary::not_loaded;
use crate::record::compare::{Change, ChangeKind, CompareReport, Comparison};
use crate::report::terminal::compare::{group_text, last_line, named, spans, together};

/// An error for each scenario that is worse on a later version.
pub fn annotations(report: &CompareReport, places: &Places<'_>) -> Vec<Annotation> {
    let CompareReport {
        comparison,
        summary,
    } = report;
    let mut groups: Vec<(&str, Vec<Change>)> = Vec::new();
    for change in &summary.regressions {
        let scenario = comparison.rows[change.row].scenario.as_str();
        match groups.iter_mut().find(|(name, _)| *name == scenario) {
            Some((_, changes)) => changes.push(change.clone()),
            None => groups.push((scenario, vec![change.clone()])),
        }
    }
    let errors = groups.into_iter().map(|(scenario, changes)| {
        let mut worse: Vec<usize> = changes.iter().map(|it| it.to).collect();
        worse.sort_unstable();
        worse.dedup();
        let runs = worse.chunk_by(|one, other| one + 1 == *other);
        let runs = runs.map(|it| named(comparison, it[0], it[it.len() - 1]));
        let since = &comparison.info.columns[changes[0].from].name;
        let title = format!(
            "{scenario} is worse on {} since {since}",
            runs.collect::<Vec<_>>().join(", ")
        );
        let spans = spans(comparison, &changes).into_iter();
        let texts = spans.map(|(versions, text)| format!("{versions}: {text}"));
        let message = texts.collect::<Vec<_>>().join("\n");
        Annotation::new(Level::Error, title, message)
    });
    let broken = annotations::not_loaded(&comparison.info.unloaded, places);
    shown(errors.chain(broken).collect())
}

/// The summary: what is worse, then all that changed.
pub fn summary(page: &mut Document, report: &CompareReport) {
    let CompareReport {
        comparison,
        summary,
    } = report;
    let columns = &comparison.info.columns;
    let names: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
    page.paragraph(&format!(
        "### vera-stress compare: {}",
        escape(&names.join(", "))
    ));
    let line = last_line(comparison, summary);
    page.paragraph(&escape(&console::strip_ansi_codes(&line)));
    for column in columns {
        if let Some(why) = &column.unusable {
            page.paragraph(&format!(
                "**not compared:** {}: {}",
                escape(&column.name),
                cell(why)
            ));
        }
    }
    not_loaded(page, &comparison.info.unloaded);
    let row = |group: &Vec<&Change>| {
        let change = group[0];
        let rows = || group.iter().map(|it| &comparison.rows[it.row]);
        let lanes = rows().map(|it| code(&it.lane.to_string()));
        let scales = rows().map(|it| it.n.map_or("climb".to_owned(), |n| n.to_string()));
        vec![
            kind(change.kind).to_owned(),
            cell(&versions(comparison, change)),
            code(&comparison.rows[change.row].scenario),
            lanes.collect::<Vec<_>>().join("<br>"),
            scales.collect::<Vec<_>>().join("<br>"),
            cell(what(&group_text(comparison, group))),
        ]
    };
    // What is the same change in several lanes is one row; the same cost never is.
    let rows = |changes: &[&Change]| {
        let pair = |it: &Change| (it.kind as u8, it.from, it.to);
        let by_versions = changes.chunk_by(|one, other| {
            pair(one) == pair(other) && one.is_of_verdict() && other.is_of_verdict()
        });
        let groups = by_versions.flat_map(|changes| together(comparison, changes));
        groups.map(|it| row(&it)).collect::<Vec<_>>()
    };
    let head = &["change", "Vera", "scenario", "lane", "n", "what"];
    let (worse, other): (Vec<&Change>, Vec<&Change>) = summary
        .changes
        .iter()
        .partition(|it| matches!(it.kind, ChangeKind::Regression | ChangeKind::Result));
    page.table(None, head, &rows(&worse));
    page.table(
        Some(&format!("{} other changes", other.len())),
        head,
        &rows(&other),
    );
}

/// What follows the title of a row.
fn what(text: &str) -> &str {
    text.split_once(": ").map_or(text, |(_, rest)| rest)
}

fn versions(comparison: &Comparison, change: &Change) -> String {
    let name = |column: usize| comparison.info.columns[column].name.as_str();
    format!("{} since {}", name(change.to), name(change.from))
}

fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Regression => "regression",
        ChangeKind::Result => "another result",
        ChangeKind::Fix => "fix",
        ChangeKind::Otherwise => "fails in another way",
        ChangeKind::Improvement => "improvement",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::compare::tests::{comparison, failed, passed, reported};
    use crate::scenario::FailureKind;

    #[test]
    fn what_is_worse_is_an_error_and_what_changed_is_in_the_table() {
        let compared = comparison(vec![
            (
                "worse",
                "native",
                vec![Some(passed(10, 10)), Some(failed(FailureKind::Trap))],
            ),
            (
                "better",
                "native",
                vec![Some(failed(FailureKind::Trap)), Some(passed(10, 10))],
            ),
            (
                "same",
                "native",
                vec![Some(passed(10, 10)), Some(passed(10, 10))],
            ),
        ]);
        let compared = reported(compared);
        let errors = annotations(&compared, &Places::from_environment(&[]));
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].title.starts_with("worse is worse on "));
        assert!(errors[0].message.contains("pass -> trap"), "{errors:?}");
        assert!(
            errors[0]
                .message
                .starts_with("0.1: worse [native] n=1000: "),
            "{errors:?}"
        );
        let mut page = Document::within(100_000).unwrap();
        summary(&mut page, &compared);
        let page = page.finish();
        assert!(page.contains("| regression |") && page.contains("| fix |"));
        assert!(page.contains("pass -&#62; trap"), "{page}");
        assert!(!page.contains("<code>same</code>"), "{page}");
    }

    #[test]
    fn neighbouring_versions_are_told_once() {
        let cells = || {
            let broke = vec![Some(failed(FailureKind::Trap)); 3];
            let mut cells = vec![Some(passed(10, 10))];
            cells.extend(broke);
            cells
        };
        let compared = comparison(vec![
            ("it", "native", cells()),
            ("it", "reference", cells()),
        ]);
        let compared = reported(compared);
        assert_eq!(compared.summary.regressions.len(), 6);
        let errors = annotations(&compared, &Places::from_environment(&[]));
        assert_eq!(errors[0].title, "it is worse on 0.1 to 0.3 since 0.0");
        assert_eq!(
            errors[0].message,
            "0.1 to 0.3: it [native] n=1000 (and [reference] n=1000): pass -> trap\nit is trap"
        );
        let mut page = Document::within(100_000).unwrap();
        summary(&mut page, &compared);
        let page = page.finish();
        let row = "| <code>it</code> | <code>native</code><br><code>reference</code> | 1000<br>1000 | pass";
        assert_eq!(page.matches("<code>it</code>").count(), 1, "{page}");
        assert!(page.contains(row), "{page}");
    }
}
