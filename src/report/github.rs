//! Annotations and a summary in the formats that GitHub Actions reads.
//!
//! The formats are those of "Workflow commands for GitHub Actions": a workflow
//! command is a line on standard output, and the summary of a step is Markdown in
//! the file that `GITHUB_STEP_SUMMARY` names. `GITHUB_WORKSPACE` is what the files
//! of an annotation are relative to. Both variables only say where to write; where
//! they are absent, there is no summary, and annotations name no file.

mod annotations;
mod command;
mod comparison;
mod markdown;
mod place;
mod summary;
mod summary_file;

use std::io::Write;

use crate::record::climb::ClimbRecord;
use crate::record::compare::{CompareSummary, Comparison};
use crate::record::{CaseRecord, RunInfo, Summary};
use command::{Annotation, Level};
use markdown::{Document, cell};
use place::Places;
use summary_file::SummaryFile;

/// Whether the summary can be written, before anything is run for it. The error
/// is a sentence.
pub fn ready() -> Result<(), String> {
    match SummaryFile::from_environment() {
        Some(file) => file.ready(),
        None => Ok(()),
    }
}

/// Tells GitHub of the cases of a run. The error is a sentence.
pub fn cases(info: &RunInfo, records: &[CaseRecord], summary: &Summary) -> Result<(), String> {
    let places = Places::from_environment(&info.catalogues);
    tell(
        annotations::of_cases(info, records, summary, &places),
        |page| summary::of_cases(page, info, records, summary),
    )
}

/// Tells GitHub of climbs. The error is a sentence.
pub fn climbs(info: &RunInfo, records: &[ClimbRecord], summary: &Summary) -> Result<(), String> {
    let places = Places::from_environment(&info.catalogues);
    tell(
        annotations::of_climbs(info, records, summary, &places),
        |page| summary::of_climbs(page, info, records, summary),
    )
}

/// Tells GitHub of a comparison. The error is a sentence.
pub fn comparison(comparison: &Comparison, summary: &CompareSummary) -> Result<(), String> {
    tell(comparison::annotations(comparison, summary), |page| {
        comparison::summary(page, comparison, summary);
    })
}

/// Tells GitHub why a command ends without results. The error is a sentence.
pub fn ended(why: &str) -> Result<(), String> {
    let lines: Vec<&str> = why.lines().map(str::trim_start).collect();
    let text = lines.join("\n");
    let error = Annotation::new(Level::Error, "nothing was run", text.as_str());
    tell(vec![error], |page| {
        page.paragraph("### vera-stress: nothing was run");
        page.paragraph(&cell(&text));
    })
}

/// Prints annotations, and appends a page to the summary where there is one.
fn tell(mut annotations: Vec<Annotation>, write: impl FnOnce(&mut Document)) -> Result<(), String> {
    let file = SummaryFile::from_environment();
    let room = file.as_ref().map(SummaryFile::room).transpose();
    let page = room.as_ref().ok().copied().flatten().and_then(|room| {
        let mut page = Document::within(room)?;
        write(&mut page);
        Some(page.finish())
    });
    if page.is_none() && matches!(room, Ok(Some(_))) {
        annotations.push(Annotation::new(
            Level::Warning,
            "the job summary is full",
            "GitHub takes 1 MiB of summary from a step, and earlier commands of this one have written it; run this command in a step of its own",
        ));
    }
    print(&annotations);
    room?;
    match (file, page) {
        (Some(file), Some(page)) => file.append(&page),
        (None, _) | (_, None) => Ok(()),
    }
}

/// Prints each annotation as a line; whoever closed standard output wants none.
fn print(annotations: &[Annotation]) {
    let mut out = std::io::stdout().lock();
    for annotation in annotations {
        let _ = writeln!(out, "{annotation}");
    }
}
