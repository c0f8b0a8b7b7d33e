//! `vera-stress merge`: the recorded parts of a run become one.

use std::path::PathBuf;

use clap::Args;

use super::advice::Advise;
use super::detail::DetailArgs;
use super::end::Stopped;
use super::exit::Exit;
use super::outputs::{self, Wanted};
use crate::case::Problem;
use crate::record::merge::{MergedRun, Part, merge};
use crate::record::read::{ReadError, read};
use crate::record::{Event, Occurrence, Sinks};
use crate::report::terminal::note;

const EXIT_CODES: &str = "\
Exit codes:
  0    all as expected
  1    a case failed, was not run, its known limit is fixed, or a count drifted;
       with --incomplete, what was missing or did not finish
  2    bad usage; files that cannot be read, or are not the parts of one run; parts
       that are missing or did not finish, without --incomplete; or a scenario file
       that a part could not use
  3    a part could not set up the toolchain, or did not know its runtime
  4    --against found nothing to compare in any part
  130  a part was interrupted";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXIT_CODES)]
pub struct MergeArgs {
    /// What `run --partition K/N --json FILE` wrote, a file for each part, in
    /// any order; a whole run alone shows its reports again
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Go on where parts are missing or did not finish: what they should have run
    /// is reported as not run, and the run has failed
    #[arg(long)]
    incomplete: bool,
    #[command(flatten)]
    detail: DetailArgs,
    /// Write every event of the whole run as a line of JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the results as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write everything as one page for a browser
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write annotations and a summary in the formats that GitHub Actions reads
    #[arg(long)]
    pub github: bool,
    /// Overwrite files that vera-stress did not write
    #[arg(long)]
    force: bool,
}

pub fn run(args: &MergeArgs) -> Result<Exit, Stopped> {
    let mut parts = Vec::new();
    let mut unread = Vec::new();
    for path in &args.files {
        match read(path) {
            Ok(run) => parts.push(Part {
                file: path.display().to_string(),
                run,
            }),
            Err(why @ (ReadError::Empty(_) | ReadError::CutOff(_))) if args.incomplete => {
                note(&why.advised().to_string());
            }
            Err(why) => unread.push(why.advised()),
        }
    }
    if !unread.is_empty() {
        return Err(Stopped::for_all(Exit::Usage, unread));
    }
    let merged = merge(parts, args.incomplete).map_err(|why| why.advised())?;
    for lost in &merged.lost {
        note(lost);
    }
    for path in args.json.iter().chain(&args.junit).chain(&args.html) {
        outputs::spares(path, args.files.iter().map(PathBuf::as_path)).map_err(|part| {
            Problem::new(format!(
                "{} is one of the parts, and writing to it would destroy it",
                part.display()
            ))
            .next("name another file")
        })?;
    }
    let wanted = Wanted {
        json: args.json.as_deref(),
        junit: args.junit.as_deref(),
        html: args.html.as_deref(),
        reduced: None,
        causes: None,
        github: args.github,
        force: args.force,
        detail: args.detail.detail(),
    };
    // Its parts are in the history, each where it ran.
    let sinks = outputs::views(wanted, true)?;
    let conclusion = merged.summary.conclusion();
    replay(&merged, &sinks);
    Ok(outputs::close(&sinks, conclusion))
}

/// What happened in the whole run: each case's events as its part wrote them, in
/// the order of a plan.
fn replay(merged: &MergedRun, sinks: &Sinks) {
    sinks.send(Event::RunStarted(merged.info.clone()));
    for case in &merged.cases {
        let mut event = Event::CaseFinished(case.record.clone());
        for line in &case.lines {
            sinks.pass(&Occurrence::recorded(&event, line));
            event = Event::CaseShrunk(case.record.clone());
        }
    }
    sinks.send(Event::RunFinished(merged.summary.clone()));
}
