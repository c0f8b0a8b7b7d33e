//! `vera-stress bisect`: what was typed becomes a bisection.

use std::path::PathBuf;

use clap::Args;

use super::advice::{self, Advise};
use super::end::Stopped;
use super::exit::Exit;
use super::filter::One;
use super::outputs::{self, Wanted};
use super::profile::parse_seed;
use super::program::ProgramArgs;
use super::{Context, interrupt};
use crate::campaign::Setting;
use crate::campaign::bisect::Bisection;
use crate::campaign::bisect::candidates::{NoVersions, Releases, Versions};
use crate::campaign::bisect::commits::Commits;
use crate::campaign::bisect::sought::Sought;
use crate::case::{Engine, Lane, Problem};
use crate::plan::{ScaleChoice, seed_of_today};
use crate::report::terminal::{Detail, note};
use crate::scenario::{FailureKind, Program, Scenario};

const EXIT_CODES: &str = "\
Exit codes:
  0    the first bad version was found
  1    several are left, of which the others cannot tell; nothing was seen to be
       good; or the bad end cannot tell
  2    bad usage; or the ends are not what they are said to be: the bad one is
       good, the good one is bad, or both have the same count
  3    the bad end could not be set up, or git failed
  4    no such scenario
  130  interrupted; how far it came was said";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXIT_CODES)]
pub struct BisectArgs {
    /// The scenario, or a case of it as it is shown, or its folder
    #[arg(value_name = "NAME|PATH")]
    name: String,
    #[command(flatten)]
    program: ProgramArgs,
    /// Rewrite the program so that it must do the same, and fail where it does not
    #[arg(long)]
    twins: bool,
    /// A version in which it does not fail: a release (0.1.5), or with --repo a
    /// commit that the bad one comes from
    #[arg(long, value_name = "VERSION")]
    good: String,
    /// A later version in which it fails: a release, `latest`, or with --repo a
    /// commit
    #[arg(long, value_name = "VERSION")]
    bad: String,
    /// Search among the commits of this git checkout of Vera, which stays as it is
    #[arg(long, value_name = "DIR")]
    repo: Option<PathBuf>,
    /// What to search: a verdict (trap, wrong, growth, ...), or a change of the
    /// exact count of instructions or heap [default: as the bad version fails]
    #[arg(long = "for", value_name = "WHAT")]
    sought: Option<Sought>,
    /// The lane; where the native engine has not what the program asks for, lane
    /// reference is taken [default: that of the name, else native]
    #[arg(long, value_name = "LANE")]
    lane: Option<Lane>,
    /// The scale: a number, or a multiple of the scenario's own (x2, x0.1)
    /// [default: that of the name, else x1]
    #[arg(long, value_name = "N|xK")]
    scale: Option<ScaleChoice>,
    /// What chance repeats with [default: the date]
    #[arg(long, value_name = "N", value_parser = parse_seed)]
    seed: Option<u64>,
    /// Do not record what came of the case
    #[arg(long)]
    no_history: bool,
    /// Show only the answer
    #[arg(short, long)]
    quiet: bool,
    /// Write every version that was looked at, and the answer, as lines of JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Overwrite a file that vera-stress did not write
    #[arg(long, requires = "json")]
    force: bool,
}

pub fn run(args: &BisectArgs, context: &Context) -> Result<Exit, Stopped> {
    if !context.several.is_empty() {
        let why = "bisect takes no --vera: it looks at the versions from --good to --bad";
        return Err(Problem::new(why).next("leave --vera out").into());
    }
    let mut one = One::of(context, &args.name, &args.program)?;
    one.catalogue.forget_known_limits();
    if args.twins {
        one.catalogue.hold_against_twins();
    }
    let scenario = one.scenario();
    let lane = args.lane.or(one.name.one_lane()).unwrap_or(Lane::NATIVE);
    args.can_be_told(scenario, lane)?;
    let versions = args.versions(context)?;
    let wanted = Wanted {
        json: args.json.as_deref(),
        force: args.force,
        detail: match args.quiet {
            true => Detail::Brief,
            false => Detail::Numbers,
        },
        ..Wanted::default()
    };
    let sinks = outputs::open(wanted, context.history(args.no_history))?;
    let seed = args.seed.unwrap_or_else(seed_of_today);
    let interrupt = interrupt();
    let bisection = Bisection {
        setting: Setting {
            ignores_known: true,
            ..context.setting(&one.catalogue, seed, None, (&interrupt, &sinks))
        },
        scenario,
        lane: lane.seeded(seed),
        scale: args.scale.unwrap_or(one.name.scale()),
        sought: args.sought,
        advice: advice::bisect::after,
    };
    let finished = bisection.run(versions.as_ref());
    Ok(outputs::close(&sinks, finished.conclusion))
}

impl From<NoVersions> for Stopped {
    fn from(why: NoVersions) -> Stopped {
        match why {
            NoVersions::Ends(_) => Stopped::usage(why.advised()),
            NoVersions::Toolchain(_) | NoVersions::Git(_) => {
                Stopped::new(Exit::Toolchain, why.advised())
            }
        }
    }
}

impl BisectArgs {
    fn versions(&self, context: &Context) -> Result<Box<dyn Versions>, NoVersions> {
        Ok(match &self.repo {
            Some(repo) => Box::new(Commits::between(repo, &self.good, &self.bad)?),
            None => {
                let cache = &context.cache;
                Box::new(Releases::between(&self.good, &self.bad, cache, &note)?)
            }
        })
    }

    /// Whether what is searched can be seen in the lane at all.
    fn can_be_told(&self, scenario: &Scenario, lane: Lane) -> Result<(), Problem> {
        let refused = |what: String, next: String| Err(Problem::new(what).next(next));
        let Some(sought) = self.sought else {
            return Ok(());
        };
        if sought.is_count() && lane.engine != Engine::Native {
            return refused(
                format!("{sought} is not counted in lane {lane}"),
                "choose a native lane, or leave --lane out".to_owned(),
            );
        }
        let differ = Sought::Failure(FailureKind::EnginesDiffer);
        if sought == differ && lane.partner().is_none() {
            return refused(
                format!(
                    "lane {lane} has no counterpart on the other engine, so none can differ from it"
                ),
                format!("choose lane {} or {}", Lane::NATIVE, Lane::NATIVE_EAGER),
            );
        }
        if sought != Sought::Failure(FailureKind::Growth) {
            return Ok(());
        }
        if lane != Lane::NATIVE {
            return refused(
                format!(
                    "growth is not looked at in lane {}, only in lane {}",
                    lane,
                    Lane::NATIVE
                ),
                "leave --lane out".to_owned(),
            );
        }
        match scenario.program {
            Program::Fixed(_) => Ok(()),
            Program::Generated(_) => refused(
                format!(
                    "the program of {} grows with n itself, so the growth of its cost is not looked at",
                    scenario.name
                ),
                "search a change of its counts with --for instructions or --for heap".to_owned(),
            ),
        }
    }
}
