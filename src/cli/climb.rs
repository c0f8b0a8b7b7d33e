//! `vera-stress climb`: what was typed becomes climbs.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::detail::DetailArgs;
use super::end::Stopped;
use super::exit::Exit;
use super::filter::Filter;
use super::outputs::{self, Wanted};
use super::profile::parse_seed;
use super::program::ProgramArgs;
use super::{Context, interrupt, suggest};
use crate::campaign::Setting;
use crate::campaign::climb::Climbs;
use crate::case::{
    Bytes, Instructions, Lane, Problem, Scale, parse_duration, parse_instructions, parse_size,
};
use crate::plan::{Name, seed_of_today};
use crate::record::history::RunKind;
use crate::scale::climb::ClimbLimits;
use crate::scenario::ClimbBudget;

/// What a climb may take where neither the command line nor the scenario says.
const BUDGET: Duration = Duration::from_secs(8);
const MEMORY: Bytes = Bytes::mebi(3 * 1024);
const INSTRUCTIONS: Instructions = Instructions(2_000_000_000);

#[derive(Args, Clone, Debug)]
pub struct ClimbArgs {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    program: ProgramArgs,
    /// The lane to climb in; where the native engine has not what a program asks
    /// for, lane reference is taken [default: that of the names, else native]
    #[arg(long, value_name = "LANE", value_parser = suggest::lanes(), hide_possible_values = true)]
    lane: Option<Lane>,
    /// What each climb may take, and as much again for the search of its ceiling
    /// [default: the scenario's, else 8s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    budget: Option<Duration>,
    /// What each program may take of memory [default: 3GiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    memory: Option<Bytes>,
    /// How many instructions each run may execute in native lanes
    /// [default: the scenario's, else 2_000_000_000]
    #[arg(long, alias = "work", value_name = "N", value_parser = parse_instructions)]
    instructions: Option<Instructions>,
    /// The largest n to try
    #[arg(long, value_name = "N", value_parser = parse_scale)]
    to: Option<Scale>,
    /// How many climbs go side by side [default: one a core]
    #[arg(long, value_name = "N", value_parser = super::at_least_one)]
    jobs: Option<NonZeroUsize>,
    /// What chance repeats with [default: the date]
    #[arg(long, value_name = "N", value_parser = parse_seed)]
    seed: Option<u64>,
    /// Judge as if no scenario had written a known limit
    #[arg(long)]
    ignore_known: bool,
    /// Do not record the climbs
    #[arg(long)]
    no_history: bool,
    #[command(flatten)]
    detail: DetailArgs,
    /// Write every point, fit and verdict, a line of JSON for each climb
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

pub fn run(args: &ClimbArgs, context: &Context) -> Result<Exit, Stopped> {
    let choice = context.choice()?;
    let mut chosen = args
        .filter
        .choose_given(context, RunKind::Climb, &args.program)?;
    if args.ignore_known {
        chosen.catalogue.forget_known_limits();
    }
    let lane = args.lane(&chosen.selection.names)?;
    let scenarios = chosen.climbable()?;
    context.note_unwritten(scenarios.iter().copied());
    let wanted = Wanted {
        json: args.json.as_deref(),
        html: args.html.as_deref(),
        github: args.github,
        force: args.force,
        detail: args.detail.detail(),
        ..Wanted::default()
    };
    let sinks = outputs::open(wanted, context.history(args.no_history))?;
    let seed = args.seed.unwrap_or_else(seed_of_today);
    let jobs = args.jobs.map(NonZeroUsize::get);
    let toolchain = context.toolchain(&choice)?;
    let interrupt = interrupt();
    let default = limits();
    let climbs = Climbs {
        setting: Setting {
            ignores_known: args.ignore_known,
            ..context.setting(&chosen.catalogue, seed, jobs, (&interrupt, &sinks))
        },
        toolchain: &toolchain,
        lane: lane.seeded(seed),
        limits: ClimbLimits {
            time: args.budget.unwrap_or(default.time),
            memory: args.memory.unwrap_or(default.memory),
            instructions: args.instructions.unwrap_or(default.instructions),
            largest: args.to.unwrap_or(default.largest),
        },
        options: args.options(),
        budget: ClimbBudget {
            time: args.budget,
            instructions: args.instructions,
        },
    };
    let finished = climbs.run(&scenarios)?;
    Ok(outputs::close(&sinks, finished.conclusion))
}

/// What a climb may take where nobody says it.
pub fn limits() -> ClimbLimits {
    ClimbLimits {
        time: BUDGET,
        memory: MEMORY,
        instructions: INSTRUCTIONS,
        largest: Scale::LARGEST,
    }
}

impl ClimbArgs {
    /// The lane: that of the command line, or the one that the names have, which is
    /// what was copied from somewhere.
    fn lane(&self, names: &[Name]) -> Result<Lane, Problem> {
        let mut named: Vec<Lane> = names.iter().filter_map(Name::one_lane).collect();
        named.sort();
        named.dedup();
        match (self.lane, named.as_slice()) {
            (Some(lane), []) => Ok(lane),
            (None, []) => Ok(Lane::NATIVE),
            (None, [only]) => Ok(*only),
            (Some(lane), [only]) if lane == *only => Ok(lane),
            _ => Err(
                Problem::new("the names and --lane mean several lanes, and climbs go in one")
                    .next("name one lane, and climb in the others with commands of their own"),
            ),
        }
    }

    /// The options that decide how far a climb goes, as they were given.
    fn options(&self) -> Vec<String> {
        let wall = self
            .budget
            .map(|it| humantime::format_duration(it).to_string());
        [
            wall.map(|it| format!("--budget {}", it.replace(' ', ""))),
            self.memory.map(|it| format!("--memory {}B", it.0)),
            self.instructions
                .map(|it| format!("--instructions {}", it.0)),
            self.to.map(|it| format!("--to {it}")),
            self.seed.map(|it| format!("--seed {it}")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn parse_scale(text: &str) -> Result<Scale, Problem> {
    let number = text.replace('_', "").parse().ok();
    number.and_then(Scale::new).ok_or_else(|| {
        Problem::new(format!(
            "`{text}` is no n; write a number from 1 up, such as 5000"
        ))
    })
}
