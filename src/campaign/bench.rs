//! One Vera that cases are examined on, beside others.

use std::time::Duration;

use super::Setting;
use crate::case::Problem;
use crate::engine::{Engines, Modules};
use crate::runner::{Examiner, Scripts, in_parallel};
use crate::toolchain::compile::Stop;
use crate::toolchain::{Choice, Toolchain};

/// A toolchain that is set up and works, and its engines.
pub struct Bench {
    /// The toolchain.
    pub toolchain: Toolchain,
    /// Its engines. Where it was seen to work before, no worker is started until the
    /// first case that needs one.
    pub engines: Engines,
}

impl Bench {
    /// Finds or installs the Vera that was chosen, and sees that it works. The error
    /// is in the words of whoever reads it.
    pub fn set_up(
        choice: &Choice,
        setting: &Setting<'_>,
        modules: Modules,
    ) -> Result<Bench, Problem> {
        Bench::try_to_set_up(choice, setting, modules).map_err(|why| (setting.advise)(&why))
    }

    fn try_to_set_up(
        choice: &Choice,
        setting: &Setting<'_>,
        modules: Modules,
    ) -> Result<Bench, Stop> {
        let progress = |text: &str| setting.sinks.note(text);
        let toolchain = Toolchain::of(choice, setting.cache, &progress)?;
        let engines = Engines::set_up(&toolchain, setting.cache, modules)?;
        engines.workers().see_that_it_works(setting.interrupt)?;
        Ok(Bench { toolchain, engines })
    }

    /// The same for many, side by side, in the order of `specs`.
    pub fn set_up_all(
        specs: &[Choice],
        setting: &Setting<'_>,
        modules: Modules,
    ) -> Vec<Result<Bench, Problem>> {
        // Installing waits for the package index more than it computes.
        let side_by_side = 4;
        let mut all = in_parallel(side_by_side, &indices(specs.len()), |place: usize| {
            Bench::set_up(&specs[place], setting, modules)
        });
        all.sort_by_key(|(place, _)| *place);
        all.into_iter().map(|(_, bench)| bench).collect()
    }

    /// What examines single cases on it, within `budget`.
    pub fn examiner<'a>(
        &'a self,
        scripts: &'a Scripts,
        setting: &Setting<'a>,
        budget: Duration,
    ) -> Examiner<'a> {
        Examiner {
            scripts,
            engines: &self.engines,
            seed: setting.seed,
            interrupt: setting.interrupt,
            budget,
        }
    }
}

fn indices(length: usize) -> Vec<usize> {
    (0..length).collect()
}
