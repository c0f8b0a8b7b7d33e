//! What `known --check` and `guards --check` take alike.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Context;
use super::end::Stopped;
use super::exit::Exit;
use super::outputs::{self, Wanted};
use super::profile::parse_seed;
use crate::campaign::Setting;
use crate::case::parse_duration;
use crate::interrupt::Interrupt;
use crate::plan::seed_of_today;
use crate::record::Sinks;
use crate::report::terminal::Detail;
use crate::scenario::catalogue::Catalogue;

/// What a whole check may take.
const BUDGET: Duration = Duration::from_secs(2 * 60 * 60);

#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// How many are looked at side by side [default: one a core]
    #[arg(long, value_name = "N", value_parser = super::at_least_one, requires = "check")]
    jobs: Option<NonZeroUsize>,
    /// What the whole check may take [default: 2h]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, requires = "check")]
    budget: Option<Duration>,
    /// What chance repeats with [default: the date]
    #[arg(long, value_name = "N", value_parser = parse_seed, requires = "check")]
    seed: Option<u64>,
    /// Write every look, a line of JSON each
    #[arg(long, value_name = "FILE", requires = "check")]
    json: Option<PathBuf>,
    /// Overwrite a file that vera-stress did not write
    #[arg(long, requires = "json")]
    force: bool,
}

impl CheckArgs {
    /// The views of a check, with so much on the terminal.
    pub fn views(&self, detail: Detail) -> Result<Sinks, Stopped> {
        let wanted = Wanted {
            json: self.json.as_deref(),
            force: self.force,
            detail,
            ..Wanted::default()
        };
        outputs::views(wanted, true)
    }

    /// What a check works with: it judges as if no limit were known.
    pub fn setting<'a>(
        &self,
        context: &'a Context,
        catalogue: &'a Catalogue,
        (interrupt, sinks): (&'a Interrupt, &'a Sinks),
    ) -> Setting<'a> {
        let seed = self.seed.unwrap_or_else(seed_of_today);
        let jobs = self.jobs.map(NonZeroUsize::get);
        Setting {
            ignores_known: true,
            ..context.setting(catalogue, seed, jobs, (interrupt, sinks))
        }
    }

    /// What the whole of it may take.
    pub fn budget(&self) -> Duration {
        self.budget.unwrap_or(BUDGET)
    }
}

/// How a list of them ends.
pub fn listed(catalogue: &Catalogue) -> Exit {
    match catalogue.errors.is_empty() {
        true => Exit::Success,
        false => Exit::Usage,
    }
}
