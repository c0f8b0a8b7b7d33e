//! `vera-stress run`: what was typed becomes a suite.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::advice::Advise;
use super::detail::DetailArgs;
use super::end::Stopped;
use super::exit::Exit;
use super::filter::Filter;
use super::outputs::{self, Wanted};
use super::profile::ProfileArgs;
use super::program::ProgramArgs;
use super::twins::TwinArgs;
use super::{Context, interrupt};
use crate::campaign::Setting;
use crate::campaign::reduce::Reduce;
use crate::campaign::run::Run;
use crate::case::{Problem, parse_duration};
use crate::config::Profile;
use crate::judge::drift::Share;
use crate::plan::{Partition, Selection, seed_of_today};
use crate::record::again::quoted;
use crate::record::against::Against;
use crate::record::history::read::{Past, RunChoice};
use crate::record::history::{self as recording, RunKind};
use crate::report::terminal::note;
use crate::toolchain::{Choice, Chosen, DEFAULT_RELEASE, Spec};

/// Where failures leave their folders, below the working directory.
pub const FAILURES: &str = ".vera-stress/failures";

#[derive(Args, Clone, Debug, Default, PartialEq)]
pub struct RunArgs {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    program: ProgramArgs,
    #[command(flatten)]
    twins: TwinArgs,
    #[command(flatten)]
    profile: ProfileArgs,
    /// End at the first failure
    #[arg(long)]
    fail_fast: bool,
    /// Do not search for the smallest failing n
    #[arg(long)]
    no_shrink: bool,
    /// Make the program of each cause small when all cases have been judged; what each
    /// may take, and 5m where that is not said
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "5m", value_parser = parse_duration)]
    reduce: Option<Duration>,
    /// Judge as if no scenario had written a known limit
    #[arg(long)]
    ignore_known: bool,
    /// Run the k-th of n shares of the cases
    #[arg(long, value_name = "K/N")]
    partition: Option<Partition>,
    /// Hold the exact counts against those of an earlier run: `last`, or a number
    /// that `vera-stress history` shows; more than --drift up fails
    #[arg(long, value_name = "RUN|last")]
    against: Option<RunChoice>,
    /// How far a count may go up: a percentage, or a factor [default: 10%]
    #[arg(long, value_name = "SHARE", requires = "against")]
    drift: Option<Share>,
    /// Do not record the run
    #[arg(long)]
    no_history: bool,
    #[command(flatten)]
    detail: DetailArgs,
    /// Write every event as a line of JSON
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

pub fn run(args: &RunArgs, context: &Context) -> Result<Exit, Stopped> {
    let (name, profile) = args.profile.chosen(context)?;
    let profile = args.over(profile);
    let choice = context.choice()?;
    args.last_failed_as_it_was()?;
    let mut chosen = args
        .filter
        .choose_given(context, RunKind::Run, &args.program)?;
    chosen.take(args.profile.scale())?;
    if args.ignore_known {
        chosen.catalogue.forget_known_limits();
    }
    args.twins.apply(&mut chosen.catalogue);
    let seed = profile.seed.unwrap_or_else(seed_of_today);
    let whole = Selection {
        lanes: profile.lanes.clone(),
        seed,
        scale: profile.scale,
        ..chosen.selection.clone()
    };
    let share = Selection {
        partition: args.partition,
        ..whole.clone()
    };
    let (whole, cases) = (chosen.cases(&whole)?, chosen.cases(&share)?);
    context.note_unwritten(chosen.held_by(&share)?);
    if cases.is_empty() && !chosen.nothing {
        note("this partition holds no case: there are more shares than cases");
    }
    let against = args.against(context)?;
    let sinks = outputs::open(args.wanted(), context.history(args.no_history))?;
    let toolchain = context.toolchain(&choice)?;
    let interrupt = interrupt();
    let another = Choice::of(Spec::Release(DEFAULT_RELEASE.to_owned()), Chosen::Named);
    let run = Run {
        setting: Setting {
            ignores_known: args.ignore_known,
            ..context.setting(&chosen.catalogue, seed, profile.jobs, (&interrupt, &sinks))
        },
        toolchain: &toolchain,
        profile: (&name, &profile),
        whole: &whole,
        partition: args.partition,
        failures: FAILURES.as_ref(),
        against,
        reduce: args.reduce.map(|time| Reduce::within(time, Some(&another))),
        heap_lives: args.json.is_some() || args.html.is_some(),
    };
    let finished = run.run(cases)?;
    if finished.conclusion.nothing {
        let why = "no count could be compared: the earlier run has none of these scenarios in the same native lane, at the same n and with the same seed";
        let next = "name another run (`vera-stress history`), or give both runs the same --lane, --scale and --seed";
        note(&Problem::new(why).next(next).to_string());
    }
    Ok(outputs::close(&sinks, finished.conclusion))
}

impl RunArgs {
    /// The first word that stands for a scenario.
    pub fn first_name(&self) -> Option<&str> {
        self.filter.first()
    }

    /// The profile with what the command line says on top.
    fn over(&self, profile: Profile) -> Profile {
        Profile {
            shrink: profile.shrink.filter(|_| !self.no_shrink),
            fail_fast: self.fail_fast || profile.fail_fast,
            ..profile
        }
    }

    /// The earlier run to hold this one against, where one is named.
    fn against(&self, context: &Context) -> Result<Option<Against>, Problem> {
        let Some(choice) = &self.against else {
            return Ok(None);
        };
        let path = context.recorded()?;
        let base = Past::of(path)
            .and_then(|past| past.base(*choice))
            .map_err(|why| why.advised())?;
        let share = self.drift.clone().unwrap_or_default();
        let mut options = format!(
            "--against {} --drift {}",
            base.run,
            quoted(&share.to_string())
        );
        if path != Path::new(recording::FILE) {
            let file = path.display().to_string();
            options.push_str(&format!(" --history {}", quoted(&file)));
        }
        Ok(Some(Against::new(base, share, options)))
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            json: self.json.as_deref(),
            junit: self.junit.as_deref(),
            html: self.html.as_deref(),
            reduced: None,
            causes: None,
            github: self.github,
            force: self.force,
            detail: self.detail.detail(),
        }
    }

    /// What failed is run as it failed, not in other lanes or at another scale.
    fn last_failed_as_it_was(&self) -> Result<(), Problem> {
        match self.filter.last_failed && self.profile.names_cases() {
            true => Err(Problem::new(
                "--last-failed runs the cases as they failed, each in its lane and at its n",
            )
            .next("leave --lane and --scale out")),
            false => Ok(()),
        }
    }
}
