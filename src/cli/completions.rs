//! `vera-stress completions SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::CommandLine;
use crate::exit::Exit;

#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub fn run(args: &CompletionsArgs) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut CommandLine::command(),
        "vera-stress",
        &mut script,
    );
    super::print(String::from_utf8_lossy(&script).trim_end());
    Exit::Success
}
