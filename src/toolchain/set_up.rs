//! From what was asked for to a Vera that can be started.

use super::cache::Cache;
use super::error::ToolchainError;
use super::here::Choice;
use super::installation::Toolchain;
use super::spec::Spec;
use super::teller::Teller;
use super::{directory, install};

impl Toolchain {
    /// Finds or installs the Vera that was chosen, and keeps why.
    pub fn of(
        choice: &Choice,
        cache: &Cache,
        tell: Teller<'_>,
    ) -> Result<Toolchain, ToolchainError> {
        Ok(Toolchain {
            chosen: choice.why,
            ..Toolchain::set_up(&choice.spec, cache, tell)?
        })
    }

    /// Finds or installs the Vera that `spec` names.
    pub fn set_up(
        spec: &Spec,
        cache: &Cache,
        tell: Teller<'_>,
    ) -> Result<Toolchain, ToolchainError> {
        match spec {
            Spec::Release(release) => install::release(release, cache, tell),
            Spec::Latest => {
                let release = install::latest(cache, tell)?;
                install::release(&release, cache, tell)
            }
            Spec::Directory(path) => directory::in_place(path, cache, tell),
            Spec::Interpreter(path) => directory::interpreter(path),
        }
    }
}
