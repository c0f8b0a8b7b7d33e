//! `vera-stress known`: the known limits, and whether they hold.

use clap::Args;
use console::style;

use super::check::{CheckArgs, listed};
use super::climb::limits;
use super::detail::DetailArgs;
use super::end::Stopped;
use super::exit::Exit;
use super::filter::Filter;
use super::outputs;
use super::{Context, interrupt, print};
use crate::campaign::known::{KnownCheck, NoVersion};
use crate::case::Problem;
use crate::record::count;
use crate::record::history::RunKind;
use crate::report::terminal::note;
use crate::scenario::Scenario;

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
    #[command(flatten)]
    options: CheckArgs,
    #[command(flatten)]
    detail: DetailArgs,
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
        return Ok(listed(catalogue));
    }
    let sinks = args.options.views(args.detail.detail())?;
    let specs = context.versions(&note)?;
    let interrupt = interrupt();
    let check = KnownCheck {
        setting: (args.options).setting(context, catalogue, (&interrupt, &sinks)),
        specs: &specs,
        budget: args.options.budget(),
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
