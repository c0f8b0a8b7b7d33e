//! How a command ends that has no results to show: a sentence, and with `--github`
//! an annotation as well.

use clap::Parser;

use super::advice::Advise;
use super::exit::Exit;
use super::{Command, CommandLine, Context};
use crate::case::Problem;
use crate::report::github;
use crate::report::terminal::note;
use crate::scenario::catalogue::Catalogue;
use crate::toolchain::ToolchainError;
use crate::toolchain::compile::Stop;

/// Why a command ends without results.
#[derive(Clone, Debug)]
pub struct Stopped {
    exit: Exit,
    problems: Vec<Problem>,
    /// What GitHub is told where that is more.
    github: Option<String>,
}

impl Stopped {
    /// For these reasons.
    pub fn for_all(exit: Exit, problems: Vec<Problem>) -> Stopped {
        Stopped {
            exit,
            problems,
            github: None,
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

    /// No case matched, unless what was meant could not be loaded.
    pub fn no_case(catalogue: &Catalogue, problem: impl Into<Problem>) -> Stopped {
        if catalogue.errors.is_empty() {
            return Stopped::new(Exit::NoCase, problem);
        }
        let errors: Vec<String> = catalogue.errors.iter().map(ToString::to_string).collect();
        let why = "nothing is left to run; what is said above keeps it from loading";
        Stopped {
            github: Some(errors.join("\n")),
            ..Stopped::usage(Problem::new(why))
        }
    }

    /// Says why, and gives the exit code.
    pub fn tell(&self, to_github: bool) -> Exit {
        let texts: Vec<String> = self.problems.iter().map(Problem::to_string).collect();
        for text in &texts {
            note(text);
        }
        if to_github {
            tell(self.github.as_ref().unwrap_or(&texts.join("\n")));
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
            Stop::Files { .. } => Exit::Usage,
        };
        Stopped::new(exit, stop.advised())
    }
}

impl CommandLine {
    /// What was typed. What cannot be read ends the process.
    pub fn read() -> CommandLine {
        CommandLine::try_parse().unwrap_or_else(|error| {
            // No flag is known yet of what cannot be read.
            if error.use_stderr() && std::env::args_os().any(|it| it == "--github") {
                tell(&error.to_string());
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
                | Command::Bisect(_)
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

impl Context {
    /// Says which scenarios could not be loaded.
    pub(super) fn note_errors(catalogue: &Catalogue) {
        for error in &catalogue.errors {
            note(&error.to_string());
        }
    }
}

fn tell(why: &str) {
    // A summary that cannot be written may be the very reason.
    if let Err(more) = github::ended(why)
        && !why.starts_with(more.what())
    {
        note(more.what());
    }
}
