//! How a command ends that has no results to show: a sentence, and with `--github`
//! an annotation as well.

use clap::Parser;

use super::advice::Advise;
use super::exit::Exit;
use super::{Command, CommandLine, mistyped};
use crate::case::Problem;
use crate::record::Unloaded;
use crate::report::github;
use crate::report::terminal::{note, out};
use crate::scenario::catalogue::Catalogue;
use crate::scenario::load::ScenarioError;
use crate::toolchain::ToolchainError;
use crate::toolchain::compile::Stop;

/// Why a command ends without results.
#[derive(Clone, Debug)]
pub struct Stopped {
    exit: Exit,
    problems: Vec<Problem>,
    /// What could not be loaded, each with its place.
    unloaded: Vec<Unloaded>,
}

impl Stopped {
    /// For these reasons.
    pub fn for_all(exit: Exit, problems: Vec<Problem>) -> Stopped {
        Stopped {
            exit,
            problems,
            unloaded: Vec::new(),
        }
    }

    /// For one.
    pub fn new(exit: Exit, problem: impl Into<Problem>) -> Stopped {
        Stopped::for_all(exit, vec![problem.into()])
    }

    /// What was typed makes no sense, or names what cannot be used.
    pub fn usage(problem: impl Into<Problem>) -> Stopped {
        Stopped::new(Exit::Usage, problem)
    }

    /// No case matched; what could not be loaded may have been meant.
    pub fn no_case(catalogue: &Catalogue, problem: impl Into<Problem>) -> Stopped {
        let exit = match catalogue.errors.is_empty() {
            true => Exit::NoCase,
            false => Exit::Usage,
        };
        Stopped {
            unloaded: catalogue.errors.iter().map(Unloaded::from).collect(),
            ..Stopped::new(exit, problem)
        }
    }

    /// Nothing is left of what was asked for, since these could not be loaded, which
    /// has been said.
    pub fn not_loaded(errors: &[ScenarioError]) -> Stopped {
        Stopped {
            unloaded: errors.iter().map(Unloaded::from).collect(),
            ..Stopped::for_all(Exit::Usage, Vec::new())
        }
    }

    /// Says why, and gives the exit code.
    pub fn tell(&self, to_github: bool) -> Exit {
        let texts: Vec<String> = self.problems.iter().map(Problem::to_string).collect();
        for text in &texts {
            note(text);
        }
        if to_github {
            let said = match texts.is_empty() {
                true => "what was asked for could not be loaded".to_owned(),
                false => texts.join("\n"),
            };
            tell(&said, &self.unloaded);
        }
        self.exit
    }
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Stopped {
        Stopped::usage(problem)
    }
}

impl From<ToolchainError> for Stopped {
    fn from(why: ToolchainError) -> Stopped {
        Stopped::new(Exit::Toolchain, why.advised())
    }
}

impl From<Stop> for Stopped {
    fn from(stop: Stop) -> Stopped {
        let exit = match &stop {
            Stop::Interrupted => Exit::Interrupted,
            Stop::Toolchain(_) | Stop::UnknownRuntime(_) => Exit::Toolchain,
            Stop::Surroundings(_) | Stop::Files { .. } => Exit::Usage,
        };
        Stopped::new(exit, stop.advised())
    }
}

impl CommandLine {
    /// What was typed. What cannot be read ends the process.
    pub fn read() -> CommandLine {
        CommandLine::try_parse().unwrap_or_else(|error| {
            // No flag is known yet of what cannot be read.
            let github = std::env::args_os().any(|it| it == "--github");
            let words = std::env::args_os().map(|it| it.to_string_lossy().into_owned());
            if error.use_stderr()
                && let Some(problem) = mistyped::on(words)
            {
                Stopped::usage(problem).tell(github);
                std::process::exit(error.exit_code());
            }
            if error.use_stderr() && github {
                tell(&error.to_string(), &[]);
            }
            if !error.use_stderr() {
                out::keep(error.print());
                std::process::exit(with_output(Exit::Success).code().into());
            }
            error.exit()
        })
    }

    /// Whether GitHub is to be told.
    pub(super) fn is_for_github(&self) -> bool {
        let of_command = match &self.command {
            None => false,
            Some(Command::Run(args)) => args.github,
            Some(Command::Climb(args)) => args.github,
            Some(Command::Compare(args)) => args.github,
            Some(Command::Merge(args)) => args.github,
            Some(Command::Report(args)) => args.github,
            Some(
                Command::Known(_)
                | Command::Guards(_)
                | Command::Coverage(_)
                | Command::Bisect(_)
                | Command::Reduce(_)
                | Command::Fuzz(_)
                | Command::List(_)
                | Command::Show(_)
                | Command::New(_)
                | Command::Doctor
                | Command::History(_)
                | Command::Cache(_)
                | Command::Serve(_)
                | Command::Completions(_)
                | Command::Man(_),
            ) => false,
        };
        of_command || self.run.github
    }
}

/// How a command ends whose output may not have been written.
pub fn with_output(exit: Exit) -> Exit {
    let Some(problem) = out::trouble() else {
        return exit;
    };
    note(&problem.to_string());
    match exit {
        Exit::Success => Exit::Usage,
        exit => exit,
    }
}

fn tell(why: &str, unloaded: &[Unloaded]) {
    // A summary that cannot be written may be the very reason.
    if let Err(more) = github::ended(why, unloaded)
        && !why.starts_with(more.what())
    {
        note(more.what());
    }
}
