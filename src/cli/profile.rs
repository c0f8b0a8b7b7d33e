//! What `run` and `serve` say on top of a profile.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;

use super::{Context, suggest};
use crate::case::{Lane, Problem, parse_duration};
use crate::config::Profile;
use crate::plan::ScaleChoice;

#[derive(Args, Clone, Debug, Default, PartialEq)]
pub struct ProfileArgs {
    /// The lanes to run in: reference, reference+eager, native, native+eager,
    /// native+every=K, native+random, native+random=SEED, native+checks,
    /// native+sanitize, native+sanitize=SEED, native+per-stack, native+never,
    /// native+tight, and native+tight+ with any of these modes
    /// [default: the profile's]
    #[arg(long, value_name = "LANE", value_delimiter = ',', value_parser = suggest::lanes(), hide_possible_values = true)]
    lane: Vec<Lane>,
    /// The scale: a number, or a multiple of each scenario's own (x2, x0.1)
    #[arg(long, value_name = "N|xK")]
    scale: Option<ScaleChoice>,
    /// A set of defaults: quick, default, nightly, or one of vera-stress.toml
    #[arg(long, value_name = "NAME", value_parser = suggest::profiles(), hide_possible_values = true)]
    profile: Option<String>,
    /// How many cases run side by side [default: one a core]
    #[arg(long, value_name = "N", value_parser = super::at_least_one)]
    jobs: Option<NonZeroUsize>,
    /// What the whole run may take [default: 30m]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    budget: Option<Duration>,
    /// What chance repeats with: the collections of native+random and
    /// native+sanitize, and the random numbers of programs in native lanes
    /// [default: the date]
    #[arg(long, value_name = "N", value_parser = parse_seed)]
    seed: Option<u64>,
}

impl ProfileArgs {
    /// The profile, by name and with what the command line says on top.
    pub fn chosen(&self, context: &Context) -> Result<(String, Profile), Problem> {
        let name = self
            .profile
            .clone()
            .or(context.config.profile.clone())
            .unwrap_or("default".to_owned());
        let profile = context.config.profile(&name);
        let profile = profile?;
        let over = Profile {
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
        };
        Ok((name, over))
    }

    /// The scale that is named.
    pub fn scale(&self) -> Option<ScaleChoice> {
        self.scale
    }

    /// Whether lanes or a scale are named.
    pub fn names_cases(&self) -> bool {
        !self.lane.is_empty() || self.scale.is_some()
    }
}

pub fn parse_seed(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| {
        Problem::new(format!(
            "`{text}` is no seed; write a number from 0 to 2^64 - 1, such as 20261121"
        ))
    })
}
