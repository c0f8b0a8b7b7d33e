//! `vera-stress serve`: cases one by one, for programs that ask for them.

use std::io::{stdin, stdout};
use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;

use super::run::{FAILURES, parse_seed};
use super::{Context, usage};
use crate::case::{Lane, parse_duration};
use crate::config::Profile;
use crate::exit::Exit;
use crate::plan::{ScaleChoice, seed_of_today};
use crate::report::terminal::note;
use crate::scenario::catalogue::Catalogue;
use crate::serve::Server;
use crate::toolchain::Toolchain;

#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The lanes to run in, as `run --lane` has them [default: the profile's]
    #[arg(long, value_name = "LANE", value_delimiter = ',')]
    lane: Vec<Lane>,
    /// The scale: a number, or a multiple of each scenario's own (x2, x0.1)
    #[arg(long, value_name = "N|xK")]
    scale: Option<ScaleChoice>,
    /// A set of defaults: quick, default, nightly, or one of vera-stress.toml
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// How many cases run side by side [default: one a core]
    #[arg(long, value_name = "N", value_parser = super::at_least_one)]
    jobs: Option<NonZeroUsize>,
    /// What all cases may take, from the first one on [default: 5m]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    budget: Option<Duration>,
    /// What chance repeats with [default: the date]
    #[arg(long, value_name = "N", value_parser = parse_seed)]
    seed: Option<u64>,
    /// Do not record the run
    #[arg(long)]
    no_history: bool,
}

pub fn run(args: &ServeArgs, context: &Context) -> Exit {
    let name = args
        .profile
        .clone()
        .or(context.config.profile.clone())
        .unwrap_or("default".to_owned());
    let profile = match context.config.profile(&name) {
        Ok(profile) => args.over(profile),
        Err(why) => return usage(why),
    };
    let spec = match context.spec() {
        Ok(spec) => spec,
        Err(why) => return usage(why),
    };
    // What could not be loaded is in the reply to `collect`.
    let catalogue = Catalogue::load(&context.catalogues);
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
            toolchain.map_err(|why| why.to_string())?,
            super::interrupt(),
        ))
    })
}

impl ServeArgs {
    /// The profile with what the command line says on top.
    fn over(&self, profile: Profile) -> Profile {
        Profile {
            lanes: if self.lane.is_empty() {
                profile.lanes
            } else {
                self.lane.clone()
            },
            scale: self.scale.unwrap_or(profile.scale),
            budget: self.budget.unwrap_or(profile.budget),
            jobs: self.jobs.map(NonZeroUsize::get).or(profile.jobs),
            seed: self.seed.or(profile.seed),
            ..profile
        }
    }
}
