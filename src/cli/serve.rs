//! `vera-stress serve`: cases one by one, for programs that ask for them.

use std::io::stdin;

use clap::Args;

use super::advice::Advise;
use super::end::Stopped;
use super::exit::Exit;
use super::profile::ProfileArgs;
use super::run::FAILURES;
use super::{Context, listen};
use crate::campaign::serve::Server;
use crate::interrupt::Interrupt;
use crate::plan::seed_of_today;
use crate::record::{Recording, Sinks};
use crate::report::terminal::out::Out;
use crate::report::terminal::run::of_case;
use crate::report::terminal::{Notes, note};
use crate::toolchain::Toolchain;

#[derive(Args, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    profile: ProfileArgs,
    /// What stands for the active virtual environment where no Vera is named: a
    /// Python interpreter, or whatever else --vera takes
    #[arg(long, value_name = "SPEC")]
    environment: Option<String>,
    /// Do not record the run
    #[arg(long)]
    no_history: bool,
}

pub fn run(args: &ServeArgs, context: &Context) -> Result<Exit, Stopped> {
    let (name, profile) = args.profile.chosen(context)?;
    let vera = match &args.environment {
        Some(spec) => {
            let spec = spec.parse()?;
            context.choice_with(|| Some(spec))?
        }
        None => context.choice()?,
    };
    // What could not be loaded is in the reply to `collect`. Whoever asks says where
    // the scenarios of a project are: pytest has a root of its own.
    let catalogue = context.load(&context.catalogues);
    let recording = Recording::new(context.history(args.no_history));
    let sinks = Sinks::new(Some(Box::new(recording)), vec![Box::new(Notes)]);
    let interrupt = Interrupt::new();
    let seed = profile.seed.unwrap_or_else(seed_of_today);
    let server = Server {
        setting: context.setting(&catalogue, seed, profile.jobs, (&interrupt, &sinks)),
        vera: &vera,
        profile: (&name, &profile),
        failures: FAILURES.as_ref(),
        text: of_case,
    };
    let conclusion = server.serve(stdin(), Out, || {
        let toolchain = Toolchain::of(&vera, &context.cache, &note).map_err(|why| why.advised())?;
        // Until now, an interrupt ends the process as it ends every command.
        listen(&interrupt);
        Ok(toolchain)
    });
    Ok(conclusion.into())
}
