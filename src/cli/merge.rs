//! `vera-stress merge`: the recorded parts of a run become one.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Context;
use super::advice::Advise;
use crate::case::Engine;
use crate::exit::Exit;
use crate::record::merge::{MergedRun, Part, merge};
use crate::record::read::{ReadError, read};
use crate::record::{CaseRecord, Event};
use crate::report::outputs::{Outputs, Wanted};
use crate::report::terminal::{Terminal, note};

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
}

pub fn run(args: &MergeArgs, context: &Context) -> Exit {
    let mut parts = Vec::new();
    let mut unread = Vec::new();
    for path in &args.files {
        match read(path) {
            Ok(run) => parts.push(Part {
                file: path.display().to_string(),
                run,
            }),
            Err(why @ (ReadError::Empty(_) | ReadError::CutOff(_))) if args.incomplete => {
                note(&why.advised().to_string())
            }
            Err(why) => unread.push(why),
        }
    }
    if !unread.is_empty() {
        return context.unread(&unread);
    }
    let merged = match merge(parts, args.incomplete) {
        Ok(merged) => merged,
        Err(why) => return context.usage(why.advised()),
    };
    for lost in &merged.lost {
        note(lost);
    }
    match args.report(&merged) {
        Ok(outputs) => outputs.report(merged.summary.exit()),
        Err(why) => context.usage(why),
    }
}

impl MergeArgs {
    /// Writes the files, then what a run prints.
    fn report(&self, merged: &MergedRun) -> Result<Outputs, String> {
        let records: Vec<CaseRecord> = merged.cases.iter().map(|it| it.record.clone()).collect();
        for path in self.json.iter().chain(&self.junit).chain(&self.html) {
            self.spares_the_parts(path)?;
        }
        let outputs = Outputs::open(Wanted {
            json: self.json.as_deref(),
            junit: self.junit.as_deref(),
            html: self.html.as_deref(),
            github: self.github,
        })?;
        write_events(&outputs, merged);
        let terminal = Terminal::new(records.len());
        let native = records.iter().any(|it| it.lane.engine == Engine::Native);
        terminal.head(&merged.info, &merged.info.describe(), native);
        for record in &records {
            terminal.finished(&record.case(), record);
        }
        terminal.finish(&records, &merged.summary);
        outputs.cases(&merged.info, &records, &merged.summary);
        Ok(outputs)
    }

    /// Nothing recorded is overwritten by what is made of it.
    fn spares_the_parts(&self, output: &Path) -> Result<(), String> {
        let Ok(output) = output.canonicalize() else {
            return Ok(());
        };
        let same = |part: &&PathBuf| part.canonicalize().is_ok_and(|it| it == output);
        match self.files.iter().find(same) {
            None => Ok(()),
            Some(part) => Err(format!(
                "{} is one of the parts, and writing to it would destroy it\n     next: name another file",
                part.display()
            )),
        }
    }
}

/// The events of the whole run: each case's as its part wrote them, in the order
/// of a plan.
fn write_events(outputs: &Outputs, merged: &MergedRun) {
    outputs.write(&Event::RunStarted(&merged.info));
    for line in merged.cases.iter().flat_map(|case| &case.lines) {
        outputs.line(line);
    }
    outputs.write(&Event::RunFinished(&merged.summary));
}
