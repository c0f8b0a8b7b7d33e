//! `vera-stress guards`: what the scenarios guard against, and whether they would
//! notice it.

use std::path::PathBuf;

use clap::Args;
use console::style;

use super::check::{CheckArgs, listed};
use super::end::Stopped;
use super::exit::Exit;
use super::filter::Filter;
use super::outputs;
use super::{Context, interrupt, print};
use crate::campaign::guards::GuardsCheck;
use crate::case::Problem;
use crate::record::count;
use crate::record::history::RunKind;
use crate::report::terminal::Detail;
use crate::scenario::Scenario;

const EXIT_CODES: &str = "\
Exit codes:
  0    listed; with --check: and each guard is proven, or says why it is not
  1    a guard says what is not so, or could not be told
  2    bad usage, or a scenario file that cannot be used
  3    a version could not be set up
  4    no such scenario
  130  interrupted; what was known by then was shown";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXIT_CODES)]
pub struct GuardsArgs {
    #[command(flatten)]
    filter: Filter,
    /// Run each scenario on the version that has the bug, where it must fail, and on
    /// the one in which it was mended, where it must pass (exit code 1 where one does
    /// not)
    #[arg(long)]
    check: bool,
    /// The clone of Vera's repository that has the tags, which stays as it is
    #[arg(long, value_name = "DIR", requires = "check")]
    repo: Option<PathBuf>,
    #[command(flatten)]
    options: CheckArgs,
}

pub fn run(args: &GuardsArgs, context: &Context) -> Result<Exit, Stopped> {
    if !context.several.is_empty() {
        let why = "guards takes no --vera: each guard names the versions that prove it";
        return Err(Problem::new(why).next("leave --vera out").into());
    }
    if let Some(repo) = args.repo.as_ref().filter(|it| !it.is_dir()) {
        let why = Problem::new(format!("{} is no directory", repo.display()));
        let next = "name a clone of Vera's repository with --repo DIR";
        return Err(Stopped::usage(why.next(next)));
    }
    let chosen = args.filter.choose(context, RunKind::Run)?;
    let catalogue = &chosen.catalogue;
    let scenarios = chosen.scenarios()?;
    if !args.check {
        list(&scenarios);
        return Ok(listed(catalogue));
    }
    let sinks = args.options.views(Detail::default())?;
    let interrupt = interrupt();
    let check = GuardsCheck {
        setting: (args.options).setting(context, catalogue, (&interrupt, &sinks)),
        repo: args.repo.as_deref(),
        without_repo: "name a clone of it with --repo DIR",
        budget: args.options.budget(),
    };
    let finished = check.run(&scenarios);
    Ok(outputs::close(&sinks, finished.conclusion))
}

fn list(scenarios: &[&Scenario]) {
    for scenario in scenarios {
        print(style(&scenario.name).bold());
        for guard in &scenario.guards {
            print(format!("  {guard}: {}", guard.proof_line()));
        }
    }
    let guards = || scenarios.iter().flat_map(|it| &it.guards);
    print(format!(
        "{} of {}: {} on a version that has the bug",
        count(guards().count(), "guard"),
        count(scenarios.len(), "scenario"),
        guards().filter(|it| it.proven_on().is_some()).count()
    ));
}
