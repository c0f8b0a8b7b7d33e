//! `vera-stress completions SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::CommandLine;
use super::exit::Exit;

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
    let script = String::from_utf8_lossy(&script);
    // clap_complete 4.6 calls the commands of a command with a hyphen in its name by
    // one name where bash finds out which it is, and by another where it says what
    // each takes, so that bash offers nothing after `vera-stress run`.
    let script = script.replace("vera__subcmd__stress", "vera__stress");
    super::print(script.trim_end());
    Exit::Success
}
