//! `vera-stress compare`: what was typed becomes a comparison.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::advice::Advise;
use super::detail::DetailArgs;
use super::end::Stopped;
use super::exit::Exit;
use super::filter::Filter;
use super::outputs::{self, Wanted};
use super::profile::parse_seed;
use super::program::ProgramArgs;
use super::{Context, interrupt, suggest};
use crate::campaign::Setting;
use crate::campaign::compare::{Compare, RecordedBase, TooFewVersions};
use crate::case::{Bytes, Instructions, Lane, Problem, Scale, parse_duration};
use crate::judge::drift::Share;
use crate::plan::{ScaleChoice, Selection, seed_of_today};
use crate::record::compare::Comparison;
use crate::record::history::RunKind;
use crate::record::history::read::{Past, RunChoice};
use crate::report::terminal::note;
use crate::scale::climb::ClimbLimits;

/// What the whole comparison may take.
const BUDGET: Duration = Duration::from_secs(60 * 60);
/// What one climb may take, of which there is one for each scenario and version.
const CLIMB: Duration = Duration::from_secs(4);
const CLIMB_MEMORY: Bytes = Bytes::mebi(1024);
const CLIMB_INSTRUCTIONS: Instructions = Instructions(500_000_000);

const EXIT_CODES: &str = "\
Exit codes:
  0    compared; with --fail-on regression: and nothing is worse than on the first
  1    something is worse (with --fail-on regression), or a case was not run
  2    bad usage, or a scenario file that cannot be used
  3    fewer than two versions could be set up; with --fail-on regression: not all
  4    no case matched, or nothing could be compared
  130  interrupted; what was known by then was shown";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXIT_CODES)]
pub struct CompareArgs {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    program: ProgramArgs,
    /// Rewrite each program so that it must do the same, and fail where it does not
    #[arg(long)]
    twins: bool,
    /// The lanes to compare in
    #[arg(
        long,
        value_name = "LANE",
        value_delimiter = ',',
        default_value = "native,native+sanitize,reference,reference+eager",
        value_parser = suggest::lanes(),
        hide_possible_values = true
    )]
    lane: Vec<Lane>,
    /// The scale: a number, or a multiple of each scenario's own (x2, x0.1)
    #[arg(long, value_name = "N|xK")]
    scale: Option<ScaleChoice>,
    /// Compare ceilings as well: climb with each scenario on each version
    #[arg(long)]
    climb: bool,
    /// What each climb may take [default: 4s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, requires = "climb")]
    climb_budget: Option<Duration>,
    /// What makes the command fail (exit code 1): anything that is worse on a later
    /// version than on the first, or cannot be compared
    #[arg(long, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    /// Compare with an earlier run, as the first version: `last`, or a number that
    /// `vera-stress history` shows
    #[arg(long, value_name = "RUN|last")]
    against: Option<RunChoice>,
    /// How far a count may go up, or down, before it is a change: a percentage, or a
    /// factor
    #[arg(long, value_name = "SHARE", default_value_t = Share::default())]
    drift: Share,
    /// Do not record what came of the cases
    #[arg(long)]
    no_history: bool,
    /// How many cases run side by side [default: one a core]
    #[arg(long, value_name = "N", value_parser = super::at_least_one)]
    jobs: Option<NonZeroUsize>,
    /// What the whole comparison may take [default: 1h]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    budget: Option<Duration>,
    /// What chance repeats with [default: the date]
    #[arg(long, value_name = "N", value_parser = parse_seed)]
    seed: Option<u64>,
    #[command(flatten)]
    detail: DetailArgs,
    /// Write every row and change, a line of JSON each
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOn {
    // A comment of clap's would make a list of one in --help.
    Regression,
}

pub fn run(args: &CompareArgs, context: &Context) -> Result<Exit, Stopped> {
    let mut chosen = args
        .filter
        .choose_given(context, RunKind::Compare, &args.program)?;
    chosen.take(args.scale)?;
    let causes = context.load(&chosen.catalogue.directories);
    chosen.catalogue.forget_known_limits();
    if args.twins {
        chosen.catalogue.hold_against_twins();
    }
    let seed = args.seed.unwrap_or_else(seed_of_today);
    let selection = Selection {
        lanes: args.lane.clone(),
        scale: args.scale.unwrap_or(ScaleChoice::Times(1.0)),
        seed,
        ..chosen.selection.clone()
    };
    let cases = chosen.cases(&selection)?;
    let wanted = Wanted {
        json: args.json.as_deref(),
        html: args.html.as_deref(),
        github: args.github,
        force: args.force,
        detail: args.detail.detail(),
        ..Wanted::default()
    };
    let sinks = outputs::open(wanted, context.history(args.no_history))?;
    let base = args.base(context)?;
    let specs = match base {
        Some(_) => context.versions(&note)?,
        None => context.versions_to_compare(&note)?,
    };
    let scenarios = chosen.held_by(&selection)?;
    let limits = ClimbLimits {
        time: args.climb_budget.unwrap_or(CLIMB),
        memory: CLIMB_MEMORY,
        instructions: CLIMB_INSTRUCTIONS,
        largest: Scale::LARGEST,
    };
    let interrupt = interrupt();
    let jobs = args.jobs.map(NonZeroUsize::get);
    let compare = Compare {
        setting: Setting {
            ignores_known: true,
            ..context.setting(&chosen.catalogue, seed, jobs, (&interrupt, &sinks))
        },
        causes: &causes,
        specs: &specs,
        budget: args.budget.unwrap_or(BUDGET),
        climb: args.climb.then_some((Lane::NATIVE, limits)),
        allowed: args.drift.clone(),
        base,
        fails_on_regression: matches!(args.fail_on, Some(FailOn::Regression)),
    };
    let finished = (compare.run(cases, &scenarios))
        .map_err(|TooFewVersions(why)| Stopped::for_all(Exit::Toolchain, why))?;
    let exit = outputs::close(&sinks, finished.conclusion);
    if exit == Exit::NoCase {
        let why = nothing(&finished.report.comparison, compare.base.as_ref());
        note(&why.to_string());
    }
    Ok(exit)
}

/// Why nothing was compared.
fn nothing(comparison: &Comparison, base: Option<&RecordedBase>) -> Problem {
    match base {
        Some(base) if !comparison.knows_first() => Problem::new(format!(
            "nothing could be compared with {}: it has none of these cases in the same lane, at the same n and with the same seed",
            base.name
        ))
        .next("name another run (`vera-stress history`), or give the --lane, --scale and --seed of that run"),
        _ => Problem::new(
            "nothing could be compared: there are no two versions that say anything of a case",
        )
        .next("name other versions with --vera, or another lane with --lane"),
    }
}

impl CompareArgs {
    /// The recorded run to compare with, where one is named.
    fn base(&self, context: &Context) -> Result<Option<RecordedBase>, Problem> {
        let Some(choice) = self.against else {
            return Ok(None);
        };
        let past = Past::of(context.recorded()?).map_err(|why| why.advised())?;
        let base = past.base(choice).map_err(|why| why.advised())?;
        Ok(Some(RecordedBase {
            name: format!("run {} ({})", base.run, base.vera),
            vera: base.vera,
            cases: past.cases(base.run).map_err(|why| why.advised())?,
        }))
    }
}
