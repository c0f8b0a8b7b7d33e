//! The message of a contract that does not hold; the module traps right after.

use wasmtime::{Caller, Result};

use super::super::guest::memory::text;
use super::super::import::{Import, called};
use super::super::state::Host;

/// Binds an import of this family.
pub fn bind(import: &mut Import<'_>) -> bool {
    let slot = import.slot;
    match import.name {
        "contract_fail" => import.to(
            move |mut guest: Caller<'_, Host>, at: i32, length: i32| -> Result<()> {
                let message = text(&mut guest, at, length)?;
                called(&mut guest, slot).violation = Some(message);
                Ok(())
            },
        ),
        _ => false,
    }
}
