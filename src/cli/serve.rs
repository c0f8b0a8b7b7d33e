//! `vera-stress serve`: cases one by one, for programs that ask for them.

use std::io::{stdin, stdout};

use clap::Args;

use super::advice::{Advise, catalogue};
use super::profile::ProfileArgs;
use super::run::FAILURES;
use super::{Context, usage};
use crate::exit::Exit;
use crate::plan::seed_of_today;
use crate::report::terminal::note;
use crate::serve::Server;
use crate::toolchain::Toolchain;

#[derive(Args, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    profile: ProfileArgs,
    /// Do not record the run
    #[arg(long)]
    no_history: bool,
}

pub fn run(args: &ServeArgs, context: &Context) -> Exit {
    let (name, profile) = match args.profile.chosen(context) {
        Ok(chosen) => chosen,
        Err(why) => return usage(why),
    };
    let spec = match context.spec() {
        Ok(spec) => spec,
        Err(why) => return usage(why),
    };
    // What could not be loaded is in the reply to `collect`.
    let catalogue = catalogue(&context.catalogues);
    let server = Server {
        catalogue: &catalogue,
        catalogues: &context.catalogues,
        cache: &context.cache,
        profile: (&name, &profile),
        seed: profile.seed.unwrap_or_else(seed_of_today),
        failures: FAILURES.as_ref(),
        history: context.history(args.no_history),
    };
    server.serve(stdin(), stdout(), || {
        let toolchain = Toolchain::set_up(&spec, &context.cache, &note);
        // Until now, an interrupt ends the process as it ends every command.
        Ok((
            toolchain.map_err(|why| why.advised().to_string())?,
            super::interrupt(),
        ))
    })
}
