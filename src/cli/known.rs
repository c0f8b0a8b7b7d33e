//! `vera-stress known`: the known limits, and whether they hold.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use console::style;

use super::climb::limits;
use super::detail::DetailArgs;
use super::end::Stopped;
use super::exit::Exit;
use super::filter::Filter;
use super::outputs::{self, Wanted};
use super::profile::parse_seed;
use super::{Context, interrupt, print};
use crate::campaign::Setting;
use crate::campaign::known::{KnownCheck, NoVersion};
use crate::case::{Problem, parse_duration};
use crate::plan::seed_of_today;
use crate::record::count;
use crate::record::history::RunKind;
use crate::report::terminal::note;
use crate::scenario::Scenario;

/// What the whole check may take.
const BUDGET: Duration = Duration::from_secs(60 * 60);

const EXIT_CODES: &str = "\
Exit codes:
  0    listed; with --check: and no limit is stale
  1    a limit is stale
  2    bad usage, or a scenario file that cannot be used
  3    a version could not be set up
  4    no scenario that matches has a known limit
  130  interrupted; what was known by then was shown";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXIT_CODES)]
pub struct KnownArgs {
    #[command(flatten)]
    filter: Filter,
    /// Look at each limit on each Vera: whether it fails as it says on those that
    /// it is written for, and on others (exit code 1 where one is stale)
    #[arg(long)]
    check: bool,
    /// How many are looked at side by side [default: one a core]
    #[arg(long, value_name = "N", value_parser = super::at_least_one, requires = "check")]
    jobs: Option<NonZeroUsize>,
    /// What the whole check may take [default: 1h]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, requires = "check")]
    budget: Option<Duration>,
    /// What chance repeats with [default: the date]
    #[arg(long, value_name = "N", value_parser = parse_seed, requires = "check")]
    seed: Option<u64>,
    #[command(flatten)]
    detail: DetailArgs,
    /// Write every look at a limit, a line of JSON each
    #[arg(long, value_name = "FILE", requires = "check")]
    json: Option<PathBuf>,
    /// Overwrite a file that vera-stress did not write
    #[arg(long, requires = "json")]
    force: bool,
}

pub fn run(args: &KnownArgs, context: &Context) -> Result<Exit, Stopped> {
    let chosen = args.filter.choose(context, RunKind::Run)?;
    let catalogue = &chosen.catalogue;
    let mut scenarios = chosen.scenarios()?;
    scenarios.retain(|it| !it.known.is_empty());
    if scenarios.is_empty() {
        let why = Problem::new("no scenario that matches has a known limit");
        return Err(Stopped::no_case(catalogue, why));
    }
    if args.detail.is_given() && !args.check {
        let why = "-v and -q say how much of a check is shown";
        return Err(Problem::new(why)
            .next("add --check, or leave them out")
            .into());
    }
    if !args.check {
        list(&scenarios);
        return Ok(match catalogue.errors.is_empty() {
            true => Exit::Success,
            false => Exit::Usage,
        });
    }
    let wanted = Wanted {
        json: args.json.as_deref(),
        force: args.force,
        detail: args.detail.detail(),
        ..Wanted::default()
    };
    let sinks = outputs::views(wanted, true)?;
    let specs = context.versions(&note)?;
    let seed = args.seed.unwrap_or_else(seed_of_today);
    let jobs = args.jobs.map(NonZeroUsize::get);
    let interrupt = interrupt();
    let check = KnownCheck {
        setting: Setting {
            ignores_known: true,
            ..context.setting(catalogue, seed, jobs, (&interrupt, &sinks))
        },
        specs: &specs,
        budget: args.budget.unwrap_or(BUDGET),
        climb: limits(),
    };
    Ok(match check.run(&scenarios) {
        Ok(finished) => outputs::close(&sinks, finished.conclusion),
        // Why not has been said, of each version.
        Err(NoVersion) => Exit::Toolchain,
    })
}

fn list(scenarios: &[&Scenario]) {
    for scenario in scenarios {
        print(style(&scenario.name).bold());
        for limit in &scenario.known {
            print(format!("  {}: {}", limit.describe(), limit.because));
        }
    }
    let limits = scenarios.iter().map(|it| it.known.len()).sum();
    print(format!(
        "{} of {}",
        count(limits, "known limit"),
        count(scenarios.len(), "scenario")
    ));
}
