//! What a person sees of a run: a block a failure, the rest in numbers or a line a
//! case, a line at the end.

use std::time::Duration;

use console::{Style, style};

use super::cause::{CausesText, causes_text};
use super::detail::{Detail, Showing};
use super::not_run::{NotRunCase, not_run};
use super::numbers::{listing, table};
use super::reduce::program_size;
use super::unloaded;
use crate::case::{Engine, Instructions};
use crate::judge::Verdict;
use crate::record::against::{AgainstInfo, AgainstSummary};
use crate::record::reduce::ReducedRecord;
use crate::record::{CaseRecord, RunInfo, RunReport, Summary, count};

/// The lines above everything: what runs on what. The seed is said where it has a
/// part in the run.
pub fn head(run: &RunInfo) -> String {
    let native = |it: &crate::record::Planned| it.lane.engine == Engine::Native;
    let seed = match run.planned.iter().any(native) {
        true => format!(", seed {}", run.seed),
        false => String::new(),
    };
    let partition = run
        .partition
        .as_ref()
        .map(|partition| format!(", partition {partition}"))
        .unwrap_or_default();
    let against = match &run.against {
        Some(against) => format!("\n{}", against_line(against, run.cases)),
        None => String::new(),
    };
    let beside = match run.catalogues.as_slice() {
        [] => String::new(),
        all => format!(", with the scenarios of {}", all.join(", ")),
    };
    format!(
        "vera-stress {}: {} on {}, {}, profile {}{partition}{seed}{beside}{against}",
        run.vera_stress,
        count(run.cases, "case"),
        run.describe(),
        count(run.jobs, "job"),
        run.profile
    )
}

/// Up to so many cases have a line each, which is no more than their numbers take.
pub const FEW: usize = 10;

/// What is said where no case fails since none could be run.
const NOTHING: &str = "nothing was judged: no case could be run; -v lists why";

/// Whether a case that has just ended is shown: everything is, or it is one of few
/// and as expected. What is not as expected is told at the end, and what was not
/// run by its reason.
pub fn is_shown(record: &CaseRecord, run: &RunInfo, showing: Showing) -> bool {
    let listed = showing.lists(run.cases, FEW) && record.verdict != Verdict::NotRun;
    listed && (showing.detail == Detail::Everything || !record.verdict.fails_run())
}

/// The end: every case that is not as expected, then the numbers.
pub fn text(report: &RunReport, showing: Showing) -> String {
    let RunReport {
        info,
        records,
        summary,
    } = report;
    let CausesText {
        blocks: mut wrong,
        folded,
    } = causes_text(report, showing);
    let drifted = records.iter().filter(|it| !it.drifts.is_empty());
    wrong.extend(drifted.map(drift_block));
    let missing: Vec<NotRunCase<'_>> = records
        .iter()
        .filter(|it| it.verdict == Verdict::NotRun)
        .map(|it| NotRunCase {
            scenario: &it.scenario,
            lane: it.lane,
            heading: it.heading(),
            reason: it.message.clone(),
        })
        .collect();
    let missing = not_run(&missing, "case", showing);
    let mut numbers = Vec::new();
    if showing.detail == Detail::Numbers && !showing.lists(info.cases, FEW) {
        let came = records.iter().map(|it| (it.axis.as_str(), it.verdict));
        numbers.push(table(came, showing.width));
        numbers.extend(listing(summary, folded, None, showing));
    }
    let mut last = summary_line(summary, "case");
    if let Some(against) = &summary.against {
        last = format!("{}\n{last}", compared_line(against));
    }
    if summary.cases > 0 && summary.unsupported == summary.cases {
        last = format!("{NOTHING}\n{last}");
    }
    let unloaded = unloaded::blocks(&info.unloaded);
    sections(in_order(wrong, numbers, missing, unloaded), &last, showing)
}

/// The order of what is told. Where something was not run, what failed comes last:
/// whoever ends a run at a failure wants to see that one.
pub fn in_order(
    wrong: Vec<String>,
    numbers: Vec<String>,
    missing: String,
    unloaded: Vec<String>,
) -> Vec<String> {
    match missing.is_empty() {
        true => [wrong, numbers, unloaded].concat(),
        false => [numbers, vec![missing], unloaded, wrong].concat(),
    }
}

/// Blocks with an empty line between two of them, and the last line; another empty
/// line sets them off from what was shown before.
pub fn sections(blocks: Vec<String>, last: &str, showing: Showing) -> String {
    let text = [blocks, vec![last.to_owned()]].concat().join("\n");
    match showing.detail {
        Detail::Brief => text,
        Detail::Numbers | Detail::Everything => format!("\n{text}"),
    }
}

/// What a person is shown of one case, without colours: a line where it is as
/// expected, else all of it.
pub fn of_case(record: &CaseRecord) -> String {
    match record.verdict {
        Verdict::Pass | Verdict::Known | Verdict::Unsupported | Verdict::Refused => {
            case_text(record)
        }
        Verdict::Failed(_) | Verdict::Fixed | Verdict::Undecided | Verdict::NotRun => {
            failure_text(record)
        }
    }
}

/// The same in colours.
pub fn told(record: &CaseRecord) -> String {
    match record.verdict {
        Verdict::Pass | Verdict::Known | Verdict::Unsupported | Verdict::Refused => {
            case_line(record) + "\n"
        }
        Verdict::Failed(_) | Verdict::Fixed | Verdict::Undecided | Verdict::NotRun => {
            failure_block(record)
        }
    }
}

/// The word in front of a line, in its colour.
pub fn label(verdict: Verdict) -> String {
    let look = match verdict {
        Verdict::Pass => Style::new().green(),
        Verdict::Known | Verdict::Unsupported | Verdict::Refused => Style::new().yellow(),
        Verdict::Failed(_) | Verdict::Fixed | Verdict::Undecided | Verdict::NotRun => {
            Style::new().red().bold()
        }
    };
    look.apply_to(verdict.label_word()).to_string()
}

/// A case in one line.
pub fn case_line(record: &CaseRecord) -> String {
    let title = record.heading();
    let label =
        console::pad_str(&label(record.verdict), 5, console::Alignment::Left, None).into_owned();
    match record.verdict {
        Verdict::Pass => format!("{label} {title} {}", style(cost(record)).dim()),
        Verdict::Known
        | Verdict::Failed(_)
        | Verdict::Fixed
        | Verdict::Unsupported
        | Verdict::Refused
        | Verdict::Undecided
        | Verdict::NotRun => format!("{label} {title}: {}", record.message),
    }
}

/// What a case cost: the time of its processes, and the memory of the larger. On
/// an engine that counts, the memory is the program's own, with what was counted.
fn cost(record: &CaseRecord) -> String {
    let usages = || record.run.iter().chain(&record.compile);
    let wall: Duration = usages().map(|usage| usage.wall).sum();
    let wall = wall.as_secs_f64();
    if let Some(measures) = &record.measures {
        let collections = match measures.collections {
            1 => "1 collection".to_owned(),
            many => format!("{} collections", Instructions(many)),
        };
        return format!(
            "({wall:.3}s, {}, {} instructions, {collections})",
            measures.peak_memory, measures.instructions
        );
    }
    let memory = usages()
        .map(|usage| usage.peak_memory)
        .max()
        .unwrap_or_default();
    format!("({wall:.2}s, {memory})")
}

/// A case in one line, without colours.
fn case_text(record: &CaseRecord) -> String {
    console::strip_ansi_codes(&case_line(record)).into_owned() + "\n"
}

fn failure_block(record: &CaseRecord) -> String {
    failure_text(record).replacen(record.verdict.label_word(), &label(record.verdict), 1)
}

/// A failure in full, without colours: understood from its first line.
pub fn failure_text(record: &CaseRecord) -> String {
    format!("{}{}", failure_start(record), failure_end(record))
}

/// What a failure is.
pub fn failure_start(record: &CaseRecord) -> String {
    let mut text = format!(
        "{} {}: {}\n",
        record.verdict.label_word(),
        record.heading(),
        record.message
    );
    let guards = match record.guards_line().as_str() {
        "" => String::new(),
        line => format!("guards {line}"),
    };
    match (&record.smallest, record.verdict) {
        (Some(smallest), _) => {
            let line = format!("     smallest failing n: {}   {guards}", smallest.text);
            text.push_str(line.trim_end());
            text.push('\n');
            if let Some(message) = &smallest.message {
                text.push_str(&format!("     there: {message}\n"));
            }
            if let Some(other) = &smallest.otherwise {
                text.push_str(&format!("     also {}\n", other.sentence()));
            }
        }
        (None, Verdict::Failed(_)) if !guards.is_empty() => {
            text.push_str(&format!("     {guards}\n"));
        }
        (None, _) => {}
    }
    if let Some(other) = &record.same_cause_as {
        text.push_str(&format!("     same cause as {other}\n"));
    }
    text
}

/// How to look at a failure: the command, and the folder.
pub fn failure_end(record: &CaseRecord) -> String {
    let mut text = format!("     again: {}\n", record.again);
    match (&record.reduced, &record.reduce) {
        (Some(reduced), _) => text.push_str(&reduced_text(reduced)),
        (None, Some(reduce)) => text.push_str(&format!("     reduce: {reduce}\n")),
        (None, None) => {}
    }
    if let Some(folder) = &record.folder {
        text.push_str(&format!("     folder: {folder}\n"));
    }
    text
}

/// What became of the program of a failure that was made small.
fn reduced_text(reduced: &ReducedRecord) -> String {
    let mut text = format!(
        "     reduced: {} to {}, {}\n",
        program_size(reduced.from),
        program_size(reduced.size),
        reduced.file
    );
    if let Some(again) = &reduced.again {
        text.push_str(&format!("       again: {again}\n"));
    }
    text
}

/// What counts are held against, and of how many cases that can be done.
fn against_line(against: &AgainstInfo, cases: usize) -> String {
    format!(
        "against run {} (Vera {}, {}): it has counts for {} of {}; more than {} up fails",
        against.run,
        against.vera,
        minute(&against.started),
        against.comparable,
        count(cases, "case"),
        against.allowed
    )
}

/// What came of holding them against an earlier run.
fn compared_line(against: &AgainstSummary) -> String {
    let known = |number: Option<usize>, what| match number {
        Some(number) => count(number, what),
        None => format!("unknown {what}s"),
    };
    format!(
        "{} compared: {} drifted; {} went down",
        known(against.compared, "case"),
        against.drifted,
        known(against.down, "count")
    )
}

/// Each count that went up too far in a line, and the command that compares
/// again.
pub fn drift_text(record: &CaseRecord) -> String {
    let mut text = String::new();
    for drift in &record.drifts {
        let title = record.heading();
        text.push_str(&format!("DRIFT {title}: {}\n", drift.message()));
    }
    if let Some(drift) = record.drifts.first() {
        text.push_str(&format!("     again: {}\n", drift.again));
    }
    text
}

fn drift_block(record: &CaseRecord) -> String {
    let label = Style::new().red().bold().apply_to("DRIFT").to_string();
    drift_text(record).replace("DRIFT", &label)
}

/// The date and the time to the minute of a timestamp.
pub fn minute(timestamp: &str) -> String {
    let minute = timestamp.get(..16).unwrap_or(timestamp);
    minute.replace('T', " ")
}

/// How many of what came to which verdict.
pub fn summary_line(summary: &Summary, what: &str) -> String {
    let red = Style::new().red().bold();
    let mut parts = vec![
        Style::new()
            .green()
            .apply_to(format!("{} passed", summary.passed))
            .to_string(),
    ];
    parts.push(match summary.failed {
        0 => "0 failed".to_owned(),
        failed => red.apply_to(format!("{failed} failed")).to_string(),
    });
    let drifted = summary.against.as_ref().map_or(0, |it| it.drifted);
    if drifted > 0 {
        parts.push(red.apply_to(format!("{drifted} drifted")).to_string());
    }
    if summary.known > 0 {
        let known = count(summary.known, "known limit");
        parts.push(Style::new().yellow().apply_to(known).to_string());
    }
    if summary.unsupported > 0 {
        let unsupported = format!("{} unsupported", summary.unsupported);
        parts.push(Style::new().yellow().apply_to(unsupported).to_string());
    }
    if summary.refused > 0 {
        let refused = format!("{} refused", summary.refused);
        parts.push(Style::new().yellow().apply_to(refused).to_string());
    }
    if summary.fixed > 0 {
        parts.push(red.apply_to(format!("{} fixed", summary.fixed)).to_string());
    }
    if summary.undecided > 0 {
        let undecided = format!("{} undecided", summary.undecided);
        parts.push(red.apply_to(undecided).to_string());
    }
    if summary.not_run > 0 {
        parts.push(
            red.apply_to(format!("{} not run", summary.not_run))
                .to_string(),
        );
    }
    let interrupted = if summary.interrupted {
        ", interrupted"
    } else {
        ""
    };
    let incomplete = if summary.incomplete {
        ", incomplete"
    } else {
        ""
    };
    format!(
        "{}: {} in {:.1}s{interrupted}{incomplete}",
        count(summary.cases, what),
        parts.join(", "),
        summary.seconds
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::case::{Bytes, Case, Chance, Ending, Lane, Measures, Outcome, Scale, Usage, Value};
    use crate::judge::Judgement;
    use crate::runner::Examined;
    use crate::scenario::Expectation;
    use crate::scenario::catalogue::Catalogue;

    /// The record of a case in lane `native` that took a quarter of a second.
    pub fn record(verdict: Verdict, message: &str, measures: Option<Measures>) -> CaseRecord {
        let catalogue = Catalogue::load(&[] as &[&str]);
        let case = Case {
            scenario: "life".to_owned(),
            lane: Lane::NATIVE,
            scale: Scale::new(7).unwrap(),
        };
        let outcome = Outcome {
            ending: Ending::Returned {
                value: Value::Unit,
                exit_code: None,
            },
            arguments: Vec::new(),
            stdout: Vec::new(),
            live_stdout: Vec::new(),
            stderr: Vec::new(),
            files: BTreeMap::new(),
            peak_heap: None,
            measures,
            host: None,
            heap_life: None,
            chance: Chance::default(),
            filled: None,
            run: Usage {
                wall: Duration::from_millis(250),
                cpu: Duration::ZERO,
                peak_memory: Bytes::mebi(1),
            },
            compile: Some(Usage {
                wall: Duration::from_millis(500),
                cpu: Duration::ZERO,
                peak_memory: Bytes::mebi(80),
            }),
        };
        let examined = Examined {
            outcome: Arc::new(outcome),
            expected: Arc::new(Expectation::of_value(Value::Unit)),
            input: "".into(),
            grown: None,
            twin: None,
            judgement: Judgement {
                verdict,
                message: message.to_owned(),
            },
        };
        let scenario = catalogue.get("life").unwrap();
        CaseRecord::new(scenario, &case, &Ok(examined), 0, String::new())
    }

    fn plain(text: &str) -> String {
        console::strip_ansi_codes(text).into_owned()
    }

    #[test]
    fn a_pass_says_what_it_cost() {
        let counted = |collections| Measures {
            instructions: Instructions(1_234_567),
            peak_memory: Bytes(1_363_149),
            collections,
            ..Measures::default()
        };
        for (measures, cost) in [
            (None, "(0.75s, 80.0 MiB)"),
            (
                Some(counted(1)),
                "(0.750s, 1.3 MiB, 1,234,567 instructions, 1 collection)",
            ),
            (
                Some(counted(3_000)),
                "(0.750s, 1.3 MiB, 1,234,567 instructions, 3,000 collections)",
            ),
        ] {
            assert_eq!(
                plain(&case_line(&record(Verdict::Pass, "", measures))),
                format!("pass  life [native] n=7 {cost}")
            );
        }
    }

    #[test]
    fn what_an_engine_cannot_run_is_said_and_counted() {
        let unsupported = record(Verdict::Unsupported, "there is no file system", None);
        assert_eq!(
            plain(&case_line(&unsupported)),
            "unsupported life [native] n=7: there is no file system"
        );
        let summary = Summary {
            seconds: 1.0,
            ..Summary::of([Verdict::Pass, Verdict::Unsupported])
        };
        assert_eq!(
            plain(&summary_line(&summary, "case")),
            "2 cases: 1 passed, 0 failed, 1 unsupported in 1.0s"
        );
    }
}
