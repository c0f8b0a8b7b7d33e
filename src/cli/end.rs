//! How a command ends that has no results to show: a sentence, and with `--github`
//! an annotation as well.

use std::fmt::Display;

use clap::Parser;

use super::advice::Advise;
use super::{Command, CommandLine, Context};
use crate::exit::Exit;
use crate::record::read::ReadError;
use crate::report::github;
use crate::report::terminal::note;
use crate::scenario::catalogue::Catalogue;
use crate::toolchain::ToolchainError;

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
        match &self.command {
            None => self.run.github,
            Some(Command::Run(args)) => args.github,
            Some(Command::Climb(args)) => args.github,
            Some(Command::Compare(args)) => args.github,
            Some(Command::Merge(args)) => args.github,
            Some(
                Command::Known(_)
                | Command::Bisect(_)
                | Command::Report(_)
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
        }
    }
}

impl Context {
    /// Ends with a sentence about bad usage.
    pub(super) fn usage(&self, why: impl Display) -> Exit {
        end(self.github, Exit::Usage, why)
    }

    /// Ends because files cannot be read, each for its own reason.
    pub(super) fn unread(&self, reasons: &[ReadError]) -> Exit {
        let reasons: Vec<String> = reasons.iter().map(|it| it.advised().to_string()).collect();
        for why in &reasons {
            note(why);
        }
        if self.github {
            tell(&reasons.join("\n"));
        }
        Exit::Usage
    }

    /// Ends because a toolchain could not be found or set up.
    pub(super) fn unset(&self, why: ToolchainError) -> Exit {
        end(self.github, Exit::Toolchain, why.advised())
    }

    /// Ends because no case matched, unless what was meant could not be loaded.
    pub(super) fn no_case(&self, catalogue: &Catalogue, why: impl Display) -> Exit {
        if catalogue.errors.is_empty() {
            return end(self.github, Exit::NoCase, why);
        }
        note("nothing is left to run; what is said above keeps it from loading");
        if self.github {
            let errors: Vec<String> = catalogue.errors.iter().map(ToString::to_string).collect();
            tell(&errors.join("\n"));
        }
        Exit::Usage
    }
}

/// Ends with a sentence.
pub(super) fn end(github: bool, exit: Exit, why: impl Display) -> Exit {
    let why = why.to_string();
    note(&why);
    if github {
        tell(&why);
    }
    exit
}

fn tell(why: &str) {
    // A summary that cannot be written may be the very reason.
    if let Err(more) = github::ended(why)
        && !why.starts_with(&more)
    {
        note(&more);
    }
}
