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

use super::FirstTrouble;
use super::terminal::out;
use crate::case::Problem;
use crate::record::{Gathering, Occurrence, Report, Sink, Unloaded};
use command::{Annotation, Level};
use markdown::{Document, cell};
use place::Places;
use summary_file::SummaryFile;

/// What GitHub is told, once a use is over.
#[derive(Default)]
pub struct GitHub {
    gathering: Gathering,
    trouble: FirstTrouble,
}

impl GitHub {
    /// Where the summary can be written, before anything is run for it.
    pub fn ready() -> Result<GitHub, Problem> {
        if let Some(file) = SummaryFile::from_environment() {
            file.ready()?;
        }
        Ok(GitHub::default())
    }
}

impl Sink for GitHub {
    fn take(&self, it: &Occurrence<'_>) {
        if let Some(report) = self.gathering.take(it.event) {
            self.trouble.keep(of(&report));
        }
    }

    fn close(&self) -> Result<(), Problem> {
        self.trouble.told()
    }
}

/// Tells GitHub what a use came to.
fn of(report: &Report) -> Result<(), Problem> {
    match report {
        Report::Run(run) => {
            let places = Places::from_environment(&run.info.catalogues);
            tell(annotations::of_cases(run, &places), |page| {
                summary::of_cases(page, run);
            })
        }
        Report::Climbs(climbs) => {
            let places = Places::from_environment(&climbs.info.catalogues);
            tell(annotations::of_climbs(climbs, &places), |page| {
                summary::of_climbs(page, climbs);
            })
        }
        Report::Compare(report) => {
            let places = Places::from_environment(&[]);
            tell(comparison::annotations(report, &places), |page| {
                comparison::summary(page, report);
            })
        }
        Report::Bisect(_)
        | Report::Known(_)
        | Report::Guards(_)
        | Report::Coverage(_)
        | Report::Reduce(_)
        | Report::Fuzz(_)
        | Report::Heap(_) => Ok(()),
    }
}

/// Tells GitHub why a command ends without results, and what could not be loaded.
pub fn ended(why: &str, unloaded: &[Unloaded]) -> Result<(), Problem> {
    let lines: Vec<&str> = why.lines().map(str::trim_start).collect();
    let text = lines.join("\n");
    let error = Annotation::new(Level::Error, "nothing was run", text.as_str());
    let places = Places::from_environment(&[]);
    let mut errors = vec![error];
    errors.extend(annotations::not_loaded(unloaded, &places));
    tell(command::shown(errors), |page| {
        page.paragraph("### vera-stress: nothing was run");
        page.paragraph(&cell(&text));
        summary::not_loaded(page, unloaded);
    })
}

/// Prints annotations, and appends a page to the summary where there is one.
fn tell(
    mut annotations: Vec<Annotation>,
    write: impl FnOnce(&mut Document),
) -> Result<(), Problem> {
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

/// Prints each annotation as a line.
fn print(annotations: &[Annotation]) {
    annotations.iter().for_each(out::line);
}
