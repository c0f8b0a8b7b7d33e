//! `vera-stress cache clean`.

use clap::{Args, Subcommand};

use super::advice::Advise;
use super::end::Stopped;
use super::exit::Exit;
use super::{Context, print};

#[derive(Args, Debug)]
pub struct CacheArgs {
    #[command(subcommand)]
    command: CacheCommand,
}

#[derive(Debug, Subcommand)]
enum CacheCommand {
    /// Remove compiled modules and Python's bytecode
    Clean {
        /// Remove the installed releases too
        #[arg(long)]
        toolchains: bool,
    },
}

pub fn run(args: &CacheArgs, context: &Context) -> Result<Exit, Stopped> {
    let CacheCommand::Clean { toolchains } = args.command;
    match context.cache.clean(toolchains) {
        Ok(freed) => {
            print(format!(
                "{freed} freed in {}",
                context.cache.root().display()
            ));
            Ok(Exit::Success)
        }
        Err(why) => Err(context.cache.error(why).advised().into()),
    }
}
