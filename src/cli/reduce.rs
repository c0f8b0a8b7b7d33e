//! `vera-stress reduce`: what was typed becomes a reduction.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::detail::DetailArgs;
use super::end::Stopped;
use super::exit::Exit;
use super::filter::One;
use super::outputs::{self, Wanted};
use super::profile::parse_seed;
use super::program::ProgramArgs;
use super::{Context, interrupt, suggest};
use crate::campaign::bench::Bench;
use crate::campaign::reduce::Reduction;
use crate::case::{Case, Lane, Problem, parse_duration};
use crate::engine::Modules;
use crate::plan::{ScaleChoice, seed_of_today};
use crate::toolchain::{Choice, Chosen, DEFAULT_RELEASE, Spec};

/// What a reduction may take.
const TIME: Duration = Duration::from_secs(5 * 60);

const EXIT_CODES: &str = "\
Exit codes:
  0    reduced
  2    bad usage, it does not fail, or nothing tells a smaller program to fail alike
  3    the toolchain could not be set up
  4    no such scenario
  130  interrupted; the smallest program by then was written";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXIT_CODES)]
pub struct ReduceArgs {
    /// The scenario, by name or by its folder, the case as it is shown
    /// (`life [native] n=100`), or a program by its path
    #[arg(value_name = "NAME|PATH", value_parser = suggest::names(), hide_possible_values = true)]
    name: String,
    /// The lane in which it fails, or several: the first in which it does, or in which
    /// it differs from those before [default: that of the name, else the usual ones]
    #[arg(long, value_name = "LANE", value_delimiter = ',', value_parser = suggest::lanes(), hide_possible_values = true)]
    lane: Vec<Lane>,
    /// The scale at which it fails: a number, or a multiple of the scenario's own
    /// [default: that of the name, else x1]
    #[arg(long, value_name = "N|xK")]
    scale: Option<ScaleChoice>,
    /// The Vera to compare with where a value is wrong and nothing on this one returns
    /// another [default: 0.2.5]
    #[arg(long, value_name = "SPEC")]
    beside: Option<Spec>,
    /// Where the smallest program goes, from the first one on
    /// [default: .vera-stress/reduced/NAME.vera]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What it may take [default: 5m]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    budget: Option<Duration>,
    /// How many programs are tried side by side; the result is the same
    /// [default: one a core]
    #[arg(long, value_name = "N", value_parser = super::at_least_one)]
    jobs: Option<NonZeroUsize>,
    /// What chance repeats with [default: the date]
    #[arg(long, value_name = "N", value_parser = parse_seed)]
    seed: Option<u64>,
    #[command(flatten)]
    program: ProgramArgs,
    #[command(flatten)]
    detail: DetailArgs,
    /// Write what is kept, each step and the end as lines of JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Overwrite files that vera-stress did not write
    #[arg(long)]
    force: bool,
}

pub fn run(args: &ReduceArgs, context: &Context) -> Result<Exit, Stopped> {
    let choice = context.choice()?;
    let mut one = One::of(context, &args.name, &args.program)?;
    one.catalogue.forget_known_limits();
    let scenario = one.scenario();
    let seed = args.seed.unwrap_or_else(seed_of_today);
    let own = one.name.one_lane();
    let lanes = match (args.lane.as_slice(), own) {
        (lanes @ [_, ..], _) => lanes.to_vec(),
        ([], Some(lane)) => vec![lane],
        ([], None) => vec![
            Lane::NATIVE_SANITIZE,
            Lane::REFERENCE,
            Lane::REFERENCE_EAGER,
            Lane::NATIVE,
            Lane::NATIVE_RANDOM,
        ],
    };
    let lanes: Vec<Lane> = lanes.into_iter().map(|it| it.seeded(seed)).collect();
    let scale = args.scale.unwrap_or(one.name.scale());
    let output = match &args.output {
        Some(output) => output.clone(),
        None => kept(&scenario.name)?,
    };
    let wanted = Wanted {
        json: args.json.as_deref(),
        reduced: Some(&output),
        force: args.force,
        detail: args.detail.detail(),
        ..Wanted::default()
    };
    let sinks = outputs::views(wanted, true)?;
    let interrupt = interrupt();
    let jobs = args.jobs.map(NonZeroUsize::get);
    let setting = context.setting(&one.catalogue, seed, jobs, (&interrupt, &sinks));
    let bench = Bench::set_up(&choice, &setting, Modules::Anew)
        .map_err(|why| Stopped::new(Exit::Toolchain, why))?;
    let another = args.beside.clone();
    let another = another.unwrap_or(Spec::Release(DEFAULT_RELEASE.to_owned()));
    let another = Choice::of(another, Chosen::Named);
    let reduction = Reduction {
        setting,
        bench: &bench,
        scenario,
        case: Case {
            scenario: scenario.name.clone(),
            lane: lanes[0],
            scale: scale.of(scenario, lanes[0]),
        },
        lanes: &lanes,
        another: Some(&another).filter(|it| it.spec != choice.spec),
        time: args.budget.unwrap_or(TIME),
        output: Some(&output),
    };
    let finished = reduction.run().map_err(|why| {
        let _ = sinks.close();
        Stopped::usage(why)
    })?;
    Ok(outputs::close(&sinks, finished.conclusion))
}

/// Where the smallest program of a scenario is kept.
fn kept(name: &str) -> Result<PathBuf, Problem> {
    let folder = PathBuf::from(".vera-stress").join("reduced");
    std::fs::create_dir_all(&folder).map_err(|why| {
        Problem::new(format!("{} cannot be made: {why}", folder.display()))
            .next("name a file with --output FILE")
    })?;
    let stem = std::path::Path::new(name).file_stem().unwrap_or_default();
    Ok(folder.join(format!("{}.vera", stem.to_string_lossy())))
}
