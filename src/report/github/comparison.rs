//! What GitHub is told of a comparison: regressions as errors, and a table of all
//! changes.

use super::command::{Annotation, Level, shown};
use super::markdown::{Document, cell, code, escape};
use crate::record::compare::{Change, CompareSummary, Comparison, Kind};
use crate::report::compare::{change_text, last_line};

/// An error for each scenario that is worse on a later version.
pub fn annotations(comparison: &Comparison, summary: &CompareSummary) -> Vec<Annotation> {
    let mut groups: Vec<(&str, Vec<&Change>)> = Vec::new();
    for change in &summary.regressions {
        let scenario = comparison.rows[change.row].scenario.as_str();
        match groups.iter_mut().find(|(name, _)| *name == scenario) {
            Some((_, changes)) => changes.push(change),
            None => groups.push((scenario, vec![change])),
        }
    }
    let errors = groups.into_iter().map(|(scenario, changes)| {
        let first = changes[0];
        let texts = changes.iter().map(|it| change_text(comparison, it));
        let message = texts.collect::<Vec<_>>().join("\n");
        let title = format!("{scenario} is worse on {}", versions(comparison, first));
        Annotation::new(Level::Error, title, message)
    });
    shown(errors.collect())
}

/// The summary: what is worse, then all that changed.
pub fn summary(page: &mut Document, comparison: &Comparison, summary: &CompareSummary) {
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
    let row = |change: &Change| {
        let row = &comparison.rows[change.row];
        vec![
            kind(change.kind).to_owned(),
            cell(&versions(comparison, change)),
            code(&row.scenario),
            code(&row.lane.to_string()),
            row.n.map_or("climb".to_owned(), |n| n.to_string()),
            cell(what(&change_text(comparison, change))),
        ]
    };
    let head = &["change", "Vera", "scenario", "lane", "n", "what"];
    let (worse, other): (Vec<&Change>, Vec<&Change>) = summary
        .changes
        .iter()
        .partition(|it| it.kind == Kind::Regression);
    let rows = |changes: &[&Change]| changes.iter().map(|it| row(it)).collect::<Vec<_>>();
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

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Regression => "regression",
        Kind::Fix => "fix",
        Kind::Otherwise => "fails in another way",
        Kind::Improvement => "improvement",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::compare::tests::{comparison, failed, passed};
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
        let found = CompareSummary {
            changes: compared.changes(),
            regressions: compared.regressions(),
            not_run: 0,
            interrupted: false,
            seconds: 1.0,
        };
        let errors = annotations(&compared, &found);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].title.starts_with("worse is worse on "));
        assert!(errors[0].message.contains("pass -> trap"), "{errors:?}");
        let mut page = Document::within(100_000).unwrap();
        summary(&mut page, &compared, &found);
        let page = page.finish();
        assert!(page.contains("| regression |") && page.contains("| fix |"));
        assert!(page.contains("pass -&#62; trap"), "{page}");
        assert!(!page.contains("<code>same</code>"), "{page}");
    }
}
