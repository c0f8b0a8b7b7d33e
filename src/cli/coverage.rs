//! `vera-stress coverage`: what of Vera the scenarios reach, and what they do not.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::detail::DetailArgs;
use super::end::Stopped;
use super::exit::Exit;
use super::filter::Filter;
use super::outputs::{self, Wanted};
use super::{Context, interrupt};
use crate::campaign::coverage::Coverage;
use crate::plan::seed_of_today;
use crate::record::coverage::CoveragePart;
use crate::record::history::RunKind;
use crate::report::terminal::note;

const EXIT_CODES: &str = "\
Exit codes:
  0    measured
  2    bad usage, or a scenario file that cannot be used
  3    a version could not be set up
  4    no such scenario
  130  interrupted; what was known by then was shown";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXIT_CODES)]
pub struct CoverageArgs {
    #[command(flatten)]
    filter: Filter,
    /// Measure this part alone
    #[arg(long, value_name = "PART")]
    part: Option<Part>,
    /// How many scenarios are looked at side by side [default: one a core]
    #[arg(long, value_name = "N", value_parser = super::at_least_one)]
    jobs: Option<NonZeroUsize>,
    /// Write all of it, a line of JSON for each version
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Overwrite a file that vera-stress did not write
    #[arg(long, requires = "json")]
    force: bool,
    #[command(flatten)]
    detail: DetailArgs,
}

/// A part of a Vera.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Part {
    /// What programs are written in: builtins, operations, syntax, types
    Language,
    /// What makes modules of them and runs those: Vera's own code
    Compiler,
    /// What of Vera's runtime stands in the modules: its allocator, collector, maps
    Module,
}

pub fn run(args: &CoverageArgs, context: &Context) -> Result<Exit, Stopped> {
    let chosen = args.filter.choose(context, RunKind::Run)?;
    let scenarios = chosen.scenarios()?;
    let specs = context.versions(&note)?;
    let wanted = Wanted {
        json: args.json.as_deref(),
        force: args.force,
        detail: args.detail.detail(),
        ..Wanted::default()
    };
    let sinks = outputs::views(wanted, true)?;
    let interrupt = interrupt();
    let jobs = args.jobs.map(NonZeroUsize::get);
    let parts = match args.part {
        Some(Part::Language) => &[CoveragePart::Language][..],
        Some(Part::Compiler) => &[CoveragePart::Compiler][..],
        Some(Part::Module) => &[CoveragePart::Module][..],
        None => &CoveragePart::ALL[..],
    };
    let coverage = Coverage {
        setting: context.setting(
            &chosen.catalogue,
            seed_of_today(),
            jobs,
            (&interrupt, &sinks),
        ),
        specs: &specs,
        parts,
    };
    let finished = coverage.run(&scenarios);
    Ok(outputs::close(&sinks, finished.conclusion))
}
