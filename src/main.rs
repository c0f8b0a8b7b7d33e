//! The command: parse the command line, run the command, exit.

use std::process::ExitCode;

use vera_stress::cli::CommandLine;

fn main() -> ExitCode {
    CommandLine::read().run().into()
}
