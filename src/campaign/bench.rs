//! One Vera that cases are examined on, beside others.

use std::time::Duration;

use super::Setting;
use crate::case::Problem;
use crate::engine::{Engines, Modules};
use crate::runner::{Examiner, Scripts, in_parallel};
use crate::toolchain::{Spec, Toolchain};

/// A toolchain that is set up, and its engines.
pub struct Bench {
    /// The toolchain.
    pub toolchain: Toolchain,
    /// Its engines. No worker is started before the first case that needs one.
    pub engines: Engines,
}

impl Bench {
    /// Finds or installs the Vera that `spec` names.
    pub fn set_up(spec: &Spec, setting: &Setting<'_>, modules: Modules) -> Result<Bench, Problem> {
        let progress = |text: &str| setting.sinks.note(text);
        let cache = setting.cache;
        let toolchain = Toolchain::set_up(spec, cache, &progress).map_err(|why| why.problem())?;
        let engines = Engines::set_up(&toolchain, cache, modules).map_err(|why| why.problem())?;
        Ok(Bench { toolchain, engines })
    }

    /// The same for many, side by side, in the order of `specs`.
    pub fn set_up_all(
        specs: &[Spec],
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
