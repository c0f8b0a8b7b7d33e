//! The command line: one file a command; arguments and wiring, no logic.

pub(crate) mod advice;
mod bisect;
mod cache;
mod check;
mod climb;
mod compare;
mod completions;
mod coverage;
mod detail;
mod doctor;
mod end;
pub mod exit;
mod filter;
mod from;
mod fuzz;
mod guards;
mod history;
mod known;
mod list;
mod man;
mod merge;
mod mistyped;
mod new;
mod outputs;
mod profile;
mod program;
mod reduce;
mod report;
mod run;
mod serve;
mod show;
mod suggest;
mod twins;

use std::fmt::Display;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::campaign::Setting;
use crate::case::Problem;
use crate::config::{Config, Recording};
use crate::interrupt::Interrupt;
use crate::record::Sinks;
use crate::record::history::{self as recording, History};
use crate::report::terminal::{note, out};
use crate::scenario::catalogue::Catalogue;
use crate::scenario::new::unwritten;
use crate::scenario::{Scenario, own};
use crate::toolchain::cache::Cache;
use crate::toolchain::here::active_environment;
use crate::toolchain::releases::{self, Range};
use crate::toolchain::{Choice, Chosen, Spec, Teller, Toolchain};
use advice::Advise;
use end::Stopped;
use exit::Exit;

const EXIT_CODES: &str = "\
Exit codes:
  0    all as expected
  1    a case failed, was not run, its known limit is fixed, or a count drifted
  2    bad usage, or a scenario file that cannot be used
  3    the toolchain could not be set up, or its runtime is not known
  4    no case matched, or --against found nothing to compare
  130  interrupted; what had finished was reported";

/// Finds the scale at which Vera programs break, before their users do.
///
/// Without a command, runs the whole catalogue: each program is compiled and
/// run by a real Vera at its scale, and what it returns and prints is compared
/// with an independent computation.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::RunArgs,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run cases and judge them (the default)
    Run(run::RunArgs),
    /// Raise n until each program fails or a budget is spent; measure how its cost
    /// grows on the way
    Climb(climb::ClimbArgs),
    /// Compare versions of Vera: what got worse, what got better, and since when; one
    /// --vera alone, or none, with the release before it
    Compare(compare::CompareArgs),
    /// List the known limits, or check which of them are stale
    Known(known::KnownArgs),
    /// List what the scenarios guard against, or check that they would notice it
    Guards(guards::GuardsArgs),
    /// Say what of Vera the scenarios reach, and by name what none of them does
    Coverage(coverage::CoverageArgs),
    /// Find the first release, or commit, of Vera in which a case fails
    Bisect(bisect::BisectArgs),
    /// Make a failing program small, while it fails in the same way
    Reduce(reduce::ReduceArgs),
    /// Generate programs whose results are known, run them where faults show, and make
    /// small what fails
    Fuzz(fuzz::FuzzArgs),
    /// Join the recorded parts of a run (`run --partition`) and report it as one
    Merge(merge::MergeArgs),
    /// Make a page for a browser of what --json recorded
    Report(report::ReportArgs),
    /// List the scenarios
    List(list::ListArgs),
    /// Show one scenario: why, guards, program, and what it must produce
    Show(show::ShowArgs),
    /// Make the folder of a new scenario, which passes and says what to write where
    New(new::NewArgs),
    /// Show what is found on this machine, what is missing, and how to get it
    Doctor,
    /// Show what was recorded: the runs, or a scenario over time
    History(history::HistoryArgs),
    /// Look after the cache of compiled modules and installed releases
    Cache(cache::CacheArgs),
    /// Run cases one by one for a program that asks for them in lines of JSON
    Serve(serve::ServeArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page, or write one for each command
    Man(man::ManArgs),
}

/// Options that every command takes.
#[derive(Args, Clone, Debug, Default)]
struct Global {
    /// Which Vera: a release (0.2.5), `latest`, the directory of a checkout or
    /// of the package, or a Python interpreter that can import vera; `compare`
    /// and `known` take several, and ranges (0.1.5..0.2.5) [default: the checkout
    /// of Vera that the working directory lies in, else the Vera of the active
    /// virtual environment, else 0.2.5]
    #[arg(long, value_name = "SPEC", global = true)]
    vera: Vec<String>,
    /// A directory of scenario folders, beside the built-in ones and those of
    /// tests/stress, here or above
    #[arg(long, value_name = "DIR", global = true)]
    catalogue: Vec<PathBuf>,
    /// Leave the built-in scenarios out: only those of --catalogue, of
    /// vera-stress.toml and of tests/stress, here or above
    #[arg(long, global = true)]
    no_builtin: bool,
    /// Where releases are installed and compiled modules are kept
    /// [default: vera-stress in the user's cache directory]
    #[arg(long, value_name = "DIR", global = true)]
    cache_dir: Option<PathBuf>,
    /// Where runs are recorded [default: .vera-stress/history.db]
    #[arg(long, value_name = "FILE", global = true)]
    history: Option<PathBuf>,
    /// When to use colours; NO_COLOR is honoured too
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    color: Color,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// What a command works with: the options over the configuration file.
struct Context {
    config: Config,
    cache: Cache,
    /// What stood after `--vera`, each time.
    several: Vec<String>,
    /// The working directory.
    here: PathBuf,
    /// The directories of scenarios that were named.
    catalogues: Vec<PathBuf>,
    /// That of the project, which was found.
    found: Option<PathBuf>,
    /// Whether the built-in scenarios are left out.
    without_built_in: bool,
    /// The file of the history; `None` where the configuration says that there
    /// is none.
    history: Option<PathBuf>,
}

impl CommandLine {
    /// Runs the command.
    pub fn run(self) -> Exit {
        match self.global.color {
            Color::Auto => {}
            Color::Always | Color::Never => {
                let on = matches!(self.global.color, Color::Always);
                console::set_colors_enabled(on);
                console::set_colors_enabled_stderr(on);
            }
        }
        let github = self.is_for_github();
        let exit = self.do_it().unwrap_or_else(|stopped| stopped.tell(github));
        end::with_output(exit)
    }

    fn do_it(self) -> Result<Exit, Stopped> {
        if let Some(command) = &self.command
            && self.run != run::RunArgs::default()
        {
            let why = format!(
                "options of `run` stand before the command `{}`",
                command.name()
            );
            let next = "write them after the command, or leave the command out";
            return Err(Stopped::usage(Problem::new(why).next(next)));
        }
        let context = Context::new(&self.global)?;
        match self.command {
            None => {
                mistyped::refuse(self.run.first_name(), &context)?;
                run::run(&self.run, &context)
            }
            Some(Command::Run(args)) => run::run(&args, &context),
            Some(Command::Climb(args)) => climb::run(&args, &context),
            Some(Command::Compare(args)) => compare::run(&args, &context),
            Some(Command::Known(args)) => known::run(&args, &context),
            Some(Command::Guards(args)) => guards::run(&args, &context),
            Some(Command::Coverage(args)) => coverage::run(&args, &context),
            Some(Command::Bisect(args)) => bisect::run(&args, &context),
            Some(Command::Reduce(args)) => reduce::run(&args, &context),
            Some(Command::Fuzz(args)) => fuzz::run(&args, &context),
            Some(Command::Merge(args)) => merge::run(&args),
            Some(Command::Report(args)) => report::run(&args),
            Some(Command::List(args)) => list::run(&args, &context),
            Some(Command::Show(args)) => show::run(&args, &context),
            Some(Command::New(args)) => new::run(&args, &context),
            Some(Command::Doctor) => Ok(doctor::run(&context)),
            Some(Command::History(args)) => history::run(&args, &context),
            Some(Command::Cache(args)) => cache::run(&args, &context),
            Some(Command::Serve(args)) => serve::run(&args, &context),
            Some(Command::Completions(args)) => Ok(completions::run(&args)),
            Some(Command::Man(args)) => man::run(&args),
        }
    }
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Command::Run(_) => "run",
            Command::Climb(_) => "climb",
            Command::Compare(_) => "compare",
            Command::Known(_) => "known",
            Command::Guards(_) => "guards",
            Command::Coverage(_) => "coverage",
            Command::Bisect(_) => "bisect",
            Command::Reduce(_) => "reduce",
            Command::Fuzz(_) => "fuzz",
            Command::Merge(_) => "merge",
            Command::Report(_) => "report",
            Command::List(_) => "list",
            Command::Show(_) => "show",
            Command::New(_) => "new",
            Command::Doctor => "doctor",
            Command::History(_) => "history",
            Command::Cache(_) => "cache",
            Command::Serve(_) => "serve",
            Command::Completions(_) => "completions",
            Command::Man(_) => "man",
        }
    }
}

impl Context {
    fn new(global: &Global) -> Result<Context, Problem> {
        one_each(&global.vera)?;
        let here = std::env::current_dir().map_err(|why| {
            Problem::new(format!("the working directory cannot be read: {why}")).because(why)
        })?;
        let config = Config::find(&here)?;
        // The command that shows a failure again names every catalogue, also one
        // that the configuration names anyway.
        let mut catalogues: Vec<PathBuf> = Vec::new();
        for catalogue in config.catalogues.iter().chain(&global.catalogue) {
            if !is_among(catalogue, &catalogues) {
                catalogues.push(catalogue.clone());
            }
        }
        let found = own::above(&here).filter(|it| !is_among(it, &catalogues));
        if global.no_builtin && catalogues.is_empty() && found.is_none() {
            let why =
                "--no-builtin leaves no scenario: there is no catalogue beside the built-in one";
            let next = format!("name one with --catalogue DIR, or make {}", own::FOLDER);
            return Err(Problem::new(why).next(next));
        }
        Ok(Context {
            found,
            without_built_in: global.no_builtin,
            cache: Cache::at(global.cache_dir.clone().or(config.cache_dir.clone())),
            several: global.vera.clone(),
            catalogues,
            history: match (&global.history, &config.history) {
                (Some(path), _) | (None, Some(Recording::File(path))) => Some(path.clone()),
                (None, Some(Recording::Off)) => None,
                (None, None) => Some(PathBuf::from(recording::FILE)),
            },
            config,
            here,
        })
    }

    /// What is named as the Vera, and where; nothing where it is that of where one
    /// stands.
    fn named(&self) -> Option<(&[String], Chosen)> {
        match (self.several.as_slice(), &self.config.vera) {
            ([], None) => None,
            ([], Some(configured)) => Some((std::slice::from_ref(configured), Chosen::Configured)),
            (several, _) => Some((several, Chosen::Named)),
        }
    }

    /// The one Vera of a command that takes one.
    fn choice(&self) -> Result<Choice, Problem> {
        self.choice_with(|| active_environment(|name| std::env::var_os(name)))
    }

    /// The same where this says what stands for the active environment.
    fn choice_with(&self, environment: impl FnOnce() -> Option<Spec>) -> Result<Choice, Problem> {
        if self.several.len() > 1 {
            let why = format!(
                "--vera is given {} times, and this command takes one",
                self.several.len()
            );
            let next = "name one, or write `vera-stress compare` with all of them";
            return Err(Problem::new(why).next(next));
        }
        let Some(([name, ..], why)) = self.named() else {
            // An environment is asked only where no checkout is nearer.
            let here = Choice::here(&self.here, None);
            return Ok(match here.why {
                Chosen::Checkout => here,
                _ => Choice::here(&self.here, environment().as_ref()),
            });
        };
        if Range::parse(name).is_some() {
            let what = format!("`{name}` is a range of releases, and this command takes one");
            let next = format!("name one, or write `vera-stress compare --vera {name}`");
            return Err(Problem::new(what).next(next));
        }
        Ok(Choice::of(name.parse()?, why))
    }

    /// The Vera that was chosen, ready to be used.
    fn toolchain(&self, choice: &Choice) -> Result<Toolchain, Stopped> {
        Ok(Toolchain::of(choice, &self.cache, &note)?)
    }

    /// The versions of a command that compares several; one alone is compared with
    /// the release before it.
    fn versions_to_compare(&self, progress: Teller<'_>) -> Result<Vec<Choice>, Stopped> {
        let mut specs = self.versions(progress)?;
        if let [only] = specs.as_slice() {
            let before = releases::before(&only.spec, &self.cache, progress)?;
            let before = before.ok_or_else(|| {
                Problem::new(format!(
                    "there is no release before {only} to compare it with"
                ))
                .next("name another version with --vera")
            })?;
            specs.insert(0, Choice::of(Spec::Release(before), Chosen::Before));
        }
        Ok(specs)
    }

    /// The versions of a command that takes several, the oldest of a range first.
    fn versions(&self, progress: Teller<'_>) -> Result<Vec<Choice>, Stopped> {
        let Some((named, why)) = self.named() else {
            return Ok(vec![self.choice()?]);
        };
        let mut specs = Vec::new();
        for text in named {
            match Range::parse(text) {
                Some(range) => {
                    let range = range?;
                    let releases = releases::between(&range, &self.cache, progress)?;
                    specs.extend(releases.into_iter().map(Spec::Release));
                }
                None => specs.push(text.parse()?),
            }
        }
        Ok(specs.into_iter().map(|it| Choice::of(it, why)).collect())
    }

    /// The history to compare with.
    fn recorded(&self) -> Result<&Path, Problem> {
        self.history.as_deref().ok_or_else(|| {
            Problem::new("there is no run to compare with: vera-stress.toml says `history = false`")
                .next("name the file: --history FILE")
        })
    }

    /// Where a command records what it does; nowhere if it was told so.
    fn history(&self, off: bool) -> History {
        match &self.history {
            Some(path) if !off => History::at(path, |it| note(&it.advised().to_string())),
            _ => History::off(),
        }
    }

    /// Says which of these scenarios nobody has finished writing.
    fn note_unwritten<'a>(&self, scenarios: impl IntoIterator<Item = &'a Scenario>) {
        for scenario in scenarios {
            if let Some(said) = unwritten(scenario) {
                note(&said.to_string());
            }
        }
    }

    /// What a use works with.
    fn setting<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        seed: u64,
        jobs: Option<usize>,
        (interrupt, sinks): (&'a Interrupt, &'a Sinks),
    ) -> Setting<'a> {
        Setting {
            catalogue,
            cache: &self.cache,
            seed,
            jobs,
            ignores_known: false,
            advise: Advise::advised,
            interrupt,
            sinks,
        }
    }

    /// The directories of scenarios beside the built-in ones.
    fn directories(&self) -> Vec<PathBuf> {
        self.catalogues.iter().chain(&self.found).cloned().collect()
    }

    /// The scenarios, with those of these directories. What could not be loaded is
    /// said by nobody yet.
    fn load(&self, directories: &[PathBuf]) -> Catalogue {
        advice::advised(match self.without_built_in {
            true => Catalogue::without_built_in(directories),
            false => Catalogue::load(directories),
        })
    }
}

/// Refuses several versions in one value, which would be taken for the name of a
/// file.
fn one_each(specs: &[String]) -> Result<(), Problem> {
    let is_list = |it: &&String| it.contains(',') && !Path::new(it).exists();
    let Some(list) = specs.iter().find(is_list) else {
        return Ok(());
    };
    let each = list.split(',').map(|it| format!("--vera {}", it.trim()));
    let each: Vec<String> = each.collect();
    Err(
        Problem::new(format!("`{list}` names several versions in one value")).next(format!(
            "give --vera for each, to a command that takes several: vera-stress compare {}",
            each.join(" ")
        )),
    )
}

/// Whether a directory is one of these, by whichever path.
fn is_among(directory: &Path, directories: &[PathBuf]) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    directories.iter().any(|it| real(it) == real(directory))
}

/// What Ctrl-C sets.
fn interrupt() -> Interrupt {
    let interrupt = Interrupt::new();
    listen(&interrupt);
    interrupt
}

/// Has Ctrl-C set this one.
fn listen(interrupt: &Interrupt) {
    let on_signal = interrupt.clone();
    // A second handler cannot be set; then the first one still ends the run.
    let _ = ctrlc::set_handler(move || on_signal.set());
}

/// A number of things, from 1 up.
fn at_least_one(text: &str) -> Result<NonZeroUsize, Problem> {
    text.parse()
        .map_err(|_| Problem::new(format!("`{text}` is no number from 1 up")))
}

/// Prints to standard output.
fn print(text: impl Display) {
    out::line(text);
}
