//! `vera-stress fuzz`: what was typed becomes a fuzzing.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::detail::DetailArgs;
use super::end::Stopped;
use super::exit::Exit;
use super::outputs::{self, Wanted};
use super::profile::parse_seed;
use super::{Context, interrupt, suggest};
use crate::campaign::Setting;
use crate::campaign::bench::Bench;
use crate::campaign::fuzz::heap::HeapFuzz;
use crate::campaign::fuzz::known::{self, KnownCause};
use crate::campaign::fuzz::{Fuzz, program};
use crate::case::{Lane, Problem, Scale, parse_duration};
use crate::engine::Modules;
use crate::plan::seed_of_today;
use crate::record::Conclusion;
use crate::report::terminal::out;
use crate::scenario::catalogue::Catalogue;
use crate::vera::generate::FEATURES;
use crate::vera::print::print;

/// Where the causes go.
const FOLDER: &str = ".vera-stress/fuzz";

const EXIT_CODES: &str = "\
Exit codes:
  0    no cause was found that is not known
  1    a cause was found that is not known, or a known one shows no more
  2    bad usage
  3    the toolchain could not be set up
  130  interrupted; what was found by then was written";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXIT_CODES)]
pub struct FuzzArgs {
    /// For how long
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = parse_duration)]
    time: Duration,
    /// What the programs are made from; a seed and a number give a program
    /// [default: the date]
    #[arg(long, value_name = "N", value_parser = parse_seed)]
    seed: Option<u64>,
    /// The number of the first program
    #[arg(long, value_name = "N", default_value_t = 0)]
    first: u64,
    /// How many programs at most
    #[arg(long, value_name = "N")]
    programs: Option<NonZeroU64>,
    /// Print the program of this number, and run nothing
    #[arg(long, value_name = "N")]
    show: Option<u64>,
    /// A feature that every program has
    #[arg(long, value_name = "FEATURE", value_parser = PossibleValuesParser::new(FEATURES))]
    focus: Option<String>,
    /// Drive the allocator and the collector by random events, without any program
    #[arg(long, conflicts_with_all = ["first", "programs", "show", "focus", "lane", "known", "ignore_known", "output", "jobs"])]
    heap: bool,
    /// The lanes, each at the n that suit it [default: native at 10 and 80,
    /// native+sanitize at 30, native+tight at 8 and 400]
    #[arg(long, value_name = "LANE", value_delimiter = ',', value_parser = suggest::lanes(), hide_possible_values = true)]
    lane: Vec<Lane>,
    /// Where the causes go, a folder each [default: .vera-stress/fuzz]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// A list of further known causes
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// Say of each known cause whether its program still fails of it, and run nothing else
    #[arg(long, conflicts_with_all = ["heap", "show", "first", "programs", "ignore_known"])]
    check_known: bool,
    /// Take known causes for new ones
    #[arg(long)]
    ignore_known: bool,
    /// How many programs are run side by side; the result is the same
    /// [default: one a core]
    #[arg(long, value_name = "N", value_parser = super::at_least_one)]
    jobs: Option<NonZeroUsize>,
    /// Write each cause and the end as lines of JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Overwrite a file that vera-stress did not write
    #[arg(long, requires = "json")]
    force: bool,
    #[command(flatten)]
    detail: DetailArgs,
}

pub fn run(args: &FuzzArgs, context: &Context) -> Result<Exit, Stopped> {
    let seed = args.seed.unwrap_or_else(seed_of_today);
    if let Some(number) = args.show {
        let program = program(seed, number, args.focus.as_deref());
        let text = print(&program).map_err(|_| Problem::new("the program cannot be printed"))?;
        out::line(text.trim_end());
        return Ok(Exit::Success);
    }
    let choice = context.choice()?;
    let known = args.known_causes()?;
    let folder = args.output.clone().unwrap_or_else(|| FOLDER.into());
    let wanted = Wanted {
        json: args.json.as_deref(),
        causes: Some(&folder),
        force: args.force,
        detail: args.detail.detail(),
        ..Wanted::default()
    };
    let sinks = outputs::views(wanted, true)?;
    let interrupt = interrupt();
    let jobs = args.jobs.map(NonZeroUsize::get);
    let catalogue = Catalogue::default();
    let setting = context.setting(&catalogue, seed, jobs, (&interrupt, &sinks));
    let bench = Bench::set_up(&choice, &setting, Modules::Anew)
        .map_err(|why| Stopped::new(Exit::Toolchain, why))?;
    if args.check_known {
        let conclusion = check(&setting, &bench, &known);
        return Ok(outputs::close(&sinks, conclusion));
    }
    if args.heap {
        let fuzz = HeapFuzz {
            setting,
            bench: &bench,
            time: args.time,
        };
        let finished = fuzz.run().map_err(|why| {
            let _ = sinks.close();
            Stopped::new(Exit::Toolchain, why)
        })?;
        return Ok(outputs::close(&sinks, finished.conclusion));
    }
    let fuzz = Fuzz {
        setting,
        bench: &bench,
        first: args.first,
        most: args.programs.map(NonZeroU64::get),
        time: args.time,
        focus: args.focus.as_deref(),
        looks: &args.looks(seed),
        known: &known,
    };
    let finished = fuzz.run();
    Ok(outputs::close(&sinks, finished.conclusion))
}

/// Says which known causes no longer show.
fn check(setting: &Setting<'_>, bench: &Bench, known: &[KnownCause]) -> Conclusion {
    let checked = known::check(setting, bench, known);
    for (name, shows) in &checked {
        out::line(match shows {
            Ok(true) => format!("still  {name}"),
            Ok(false) => format!(
                "GONE   {name}: its program does not fail of it on {}",
                bench.toolchain.spec
            ),
            Err(why) => format!("?      {name}: {why}"),
        });
    }
    Conclusion {
        failed: checked.iter().any(|(_, shows)| !matches!(shows, Ok(true))),
        interrupted: setting.interrupt.is_set(),
        ..Conclusion::default()
    }
}

impl FuzzArgs {
    fn known_causes(&self) -> Result<Vec<KnownCause>, Stopped> {
        let mut all = match self.ignore_known {
            true => Vec::new(),
            false => known::built_in(),
        };
        if let Some(path) = &self.known {
            let text = std::fs::read_to_string(path).map_err(|why| {
                Problem::new(format!("{} cannot be read: {why}", path.display()))
                    .next("name a file that lists known causes")
            })?;
            all.extend(known::read(&text, &path.display().to_string())?);
        }
        Ok(all)
    }

    /// In which lanes, at which n, each program is run.
    fn looks(&self, seed: u64) -> Vec<(Lane, Scale)> {
        let at = |n: u64| Scale::new(n).expect("it is above 0");
        let usual = [
            (Lane::NATIVE, at(10)),
            (Lane::NATIVE_SANITIZE, at(30)),
            (Lane::NATIVE, at(80)),
            (Lane::NATIVE_TIGHT, at(8)),
            (Lane::NATIVE_TIGHT, at(400)),
        ];
        if self.lane.is_empty() {
            return usual
                .into_iter()
                .map(|(lane, n)| (lane.seeded(seed), n))
                .collect();
        }
        let of_lane = |lane: &Lane| {
            let own: Vec<(Lane, Scale)> = usual.into_iter().filter(|it| it.0 == *lane).collect();
            match own.is_empty() {
                true => vec![(*lane, at(10)), (*lane, at(80))],
                false => own,
            }
        };
        let all = self.lane.iter().flat_map(of_lane);
        all.map(|(lane, n)| (lane.seeded(seed), n)).collect()
    }
}
