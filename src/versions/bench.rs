//! One Vera that cases are examined on, beside others.

use std::time::Duration;

use crate::engine::{Engines, Modules};
use crate::interrupt::Interrupt;
use crate::runner::{Examiner, Scripts, in_parallel};
use crate::toolchain::cache::Cache;
use crate::toolchain::{Spec, Teller, Toolchain};

/// A toolchain that is set up, and its engines.
pub struct Bench {
    /// The toolchain.
    pub toolchain: Toolchain,
    /// Its engines. No worker is started before the first case that needs one.
    pub engines: Engines,
}

impl Bench {
    /// Finds or installs the Vera that `spec` names. The error is a sentence
    /// about why it cannot be used.
    pub fn set_up(
        spec: &Spec,
        cache: &Cache,
        modules: Modules,
        progress: Teller<'_>,
    ) -> Result<Bench, String> {
        let toolchain = Toolchain::set_up(spec, cache, progress).map_err(|why| why.to_string())?;
        let engines = Engines::set_up(&toolchain, cache, modules).map_err(|why| why.to_string())?;
        Ok(Bench { toolchain, engines })
    }

    /// The same for many, side by side, in the order of `specs`.
    pub fn set_up_all(
        specs: &[Spec],
        cache: &Cache,
        modules: Modules,
        progress: Teller<'_>,
    ) -> Vec<Result<Bench, String>> {
        // Installing waits for the package index more than it computes.
        let side_by_side = 4;
        let mut all = in_parallel(side_by_side, &indices(specs.len()), |place: usize| {
            Bench::set_up(&specs[place], cache, modules, progress)
        });
        all.sort_by_key(|(place, _)| *place);
        all.into_iter().map(|(_, bench)| bench).collect()
    }

    /// What examines single cases on it.
    pub fn examiner<'a>(
        &'a self,
        scripts: &'a Scripts,
        seed: u64,
        budget: Duration,
        interrupt: &'a Interrupt,
    ) -> Examiner<'a> {
        Examiner {
            scripts,
            engines: &self.engines,
            seed,
            interrupt,
            budget,
        }
    }
}

fn indices(length: usize) -> Vec<usize> {
    (0..length).collect()
}
