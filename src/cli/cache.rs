//! `vera-stress cache clean`.

use clap::{Args, Subcommand};

use super::advice::Advise;
use super::{Context, print, usage};
use crate::exit::Exit;

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

pub fn run(args: &CacheArgs, context: &Context) -> Exit {
    let CacheCommand::Clean { toolchains } = args.command;
    match context.cache.clean(toolchains) {
        Ok(freed) => {
            print(format!(
                "{freed} freed in {}",
                context.cache.root().display()
            ));
            Exit::Success
        }
        Err(why) => usage(context.cache.error(why).advised()),
    }
}
