//! The command: parse the command line, run the command, exit.

use std::process::ExitCode;

use clap::Parser;
use vera_stress::cli::CommandLine;

fn main() -> ExitCode {
    CommandLine::parse().run().into()
}
